package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"
)

// exportXLSX reads an export in its workbook form: the sheet that has the
// columns of an export at its top.
func exportXLSX(p page) (s source, err error) {
	s = source{from: p.path, facts: newFacts()}
	book, err := excelize.OpenReader(bytes.NewReader(p.body), excelize.Options{UnzipSizeLimit: 8 * maxBody})
	if err != nil {
		return s, fmt.Errorf("%s: %w", p.path, err)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			return s, fmt.Errorf("%s: %w", p.path, err)
		}
		top := slices.IndexFunc(rows, func(row []string) bool { return slices.Contains(row, "wave_id") && slices.Contains(row, "statistic") })
		if top < 0 {
			continue
		}
		for _, row := range rows[top+1:] {
			f, err := exported(func(name string) string {
				if i := slices.Index(rows[top], name); i >= 0 && i < len(row) {
					return row[i]
				}
				return ""
			}, p.path)
			if err != nil {
				return s, fmt.Errorf("%s: %w", p.path, err)
			}
			s.take(f)
		}
		return s, nil
	}
	return s, fmt.Errorf("%s: no sheet with the columns of an export", p.path)
}
