package main

import (
	"encoding/csv"
	"io"
	"strings"

	"attune/handlers"
)

// writeLinkRows writes personal links as CSV. Names and units come from staff
// lists: one that a spreadsheet would run as a formula gets an apostrophe.
func writeLinkRows(w io.Writer, links []handlers.PrintedLink) error {
	rows := [][]string{{"unit", "name", "link"}}
	for _, l := range links {
		row := []string{l.Unit, l.Name, l.URL}
		for i, cell := range row {
			if strings.IndexAny(cell, "=+-@\t\r") == 0 {
				row[i] = "'" + cell
			}
		}
		rows = append(rows, row)
	}
	return csv.NewWriter(w).WriteAll(rows)
}
