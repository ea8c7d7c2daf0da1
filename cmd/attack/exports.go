package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// columns of an export that the attack needs; a file without them is no
// export.
func columns() []string {
	return []string{"wave_id", "unit_id", "unit_name", "unit_level", "parent_id", "measure", "statistic", "value", "n", "invited", "status"}
}

// exportCSV reads an export in its CSV form.
func exportCSV(p page) (source, error) {
	s := source{from: p.path, facts: newFacts()}
	r := csv.NewReader(bytes.NewReader(p.body))
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return s, fmt.Errorf("%s: %w", p.path, err)
	}
	at := make(map[string]int)
	for i, name := range head {
		at[name] = i
	}
	for _, name := range columns() {
		if _, ok := at[name]; !ok {
			return s, fmt.Errorf("%s: no column %s", p.path, name)
		}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return s, fmt.Errorf("%s: %w", p.path, err)
		}
		f, err := exported(func(name string) string {
			i, ok := at[name]
			if !ok || i >= len(row) {
				return ""
			}
			return strings.Clone(strings.TrimPrefix(row[i], "'")) // before = + - @, so that spreadsheets do not run it
		}, p.path)
		if err != nil {
			return s, fmt.Errorf("%s: %w", p.path, err)
		}
		s.take(f)
	}
}

// exportSPSS reads the CSV beside the syntax.
func exportSPSS(p page) (source, error) {
	parts, err := zip.NewReader(bytes.NewReader(p.body), int64(len(p.body)))
	if err != nil {
		return source{from: p.path, facts: newFacts()}, fmt.Errorf("%s: %w", p.path, err)
	}
	for _, part := range parts.File {
		if !strings.HasSuffix(part.Name, ".csv") {
			continue
		}
		in, err := part.Open()
		if err != nil {
			return source{from: p.path, facts: newFacts()}, fmt.Errorf("%s: %w", p.path, err)
		}
		table, err := io.ReadAll(io.LimitReader(in, 8*maxBody))
		if err = errors.Join(err, in.Close()); err != nil {
			return source{from: p.path, facts: newFacts()}, fmt.Errorf("%s: %w", p.path, err)
		}
		return exportCSV(page{path: p.path, kind: "text/csv", body: table})
	}
	return source{from: p.path, facts: newFacts()}, fmt.Errorf("%s: no CSV in it", p.path)
}

// exportJSON reads an export in its JSON form: an array of objects with the
// names of the columns.
func exportJSON(p page) (source, error) {
	s := source{from: p.path, facts: newFacts()}
	d := json.NewDecoder(bytes.NewReader(p.body))
	d.UseNumber()
	var rows []map[string]any
	if err := d.Decode(&rows); err != nil {
		return s, fmt.Errorf("%s: %w", p.path, err)
	}
	for _, row := range rows {
		f, err := exported(func(name string) string {
			switch v := row[name].(type) {
			case string:
				return v
			case json.Number:
				return v.String()
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

// exported makes a figure of a row.
func exported(cell func(string) string, from string) (figure, error) {
	f := figure{
		wave: cell("wave_id"), measure: cell("measure"), statistic: cell("statistic"),
		unit: unitRef{
			id: cell("unit_id"), name: cell("unit_name"), level: cell("unit_level"),
			parent: cell("parent_id"), block: cell("block_id"),
		},
		n: unknown, invited: unknown, status: cell("status"), reason: cell("reason"), from: from,
	}
	if f.wave == "" || f.unit.id == "" || f.measure == "" {
		return f, errors.New("a row without wave, unit or measure")
	}
	var err error
	number := func(name string) (n number, ok bool) {
		text := cell(name)
		if text == "" {
			return n, false
		}
		if n, ok = parseDecimal(text); !ok {
			err = fmt.Errorf("%s is %q", name, text)
		}
		return n, ok
	}
	whole := func(name string) int {
		text := cell(name)
		if text == "" {
			return unknown
		}
		n, fault := strconv.Atoi(text)
		if fault != nil || n < 0 {
			err = fmt.Errorf("%s is %q", name, text)
		}
		return n
	}
	f.value, f.valued = number("value")
	f.low, f.ranged = number("interval_low")
	if high, ok := number("interval_high"); ok && f.ranged {
		f.high = high
	} else {
		f.ranged = false
	}
	f.n, f.invited = whole("n"), whole("invited")
	if k := whole("k"); k > 0 {
		f.k = k
	}
	switch f.reason {
	case "clamped_low":
		f.value.mark = orLess
	case "clamped_high":
		f.value.mark = orMore
	}
	return f, err
}

// take keeps a figure and what it tells of the rules.
func (s *source) take(f figure) {
	s.figures = append(s.figures, f)
	if s.facts.k == 0 || (f.k > 0 && f.k < s.facts.k) {
		s.facts.k = f.k
	}
}
