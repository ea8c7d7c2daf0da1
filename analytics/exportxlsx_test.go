package analytics

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// keys stands for texts.
func keys(key string, args map[string]any) string {
	if unit, ok := args["unit"]; ok {
		return key + " " + unit.(string)
	}
	return key
}

// The workbook has the rows of the CSV: numbers as numbers, texts as texts
// that nothing runs, nothing where nothing is published.
func TestAWorkbookHasTheRowsOfTheCSVWithNumbersAsNumbers(t *testing.T) {
	releases := exported(t)
	var table, packed bytes.Buffer
	if err := Export(&table, FormatCSV, releases, Wording{Text: keys}); err != nil {
		t.Fatal(err)
	}
	if err := Export(&packed, FormatXLSX, releases, Wording{Text: keys}); err != nil {
		t.Fatal(err)
	}
	want, err := csv.NewReader(&table).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(packed.Bytes()), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }() // only read
	got, err := book.GetRows(figuresSheet)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) || len(want) < 20 {
		t.Fatalf("%d rows, the CSV has %d", len(got), len(want))
	}
	numeric := map[string]bool{"value": true, "interval_low": true, "interval_high": true, "n": true, "invited": true, "k": true}
	numbers := 0
	for i, line := range want {
		for j, cell := range line {
			said := ""
			if j < len(got[i]) {
				said = got[i][j]
			}
			if said != strings.TrimPrefix(cell, "'") { // the apostrophe is for formats that know no texts
				t.Errorf("row %d, %s: %q, the CSV has %q", i, want[0][j], said, cell)
			}
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			kind, err := book.GetCellType(figuresSheet, at)
			if err != nil {
				t.Fatal(err)
			}
			formula, err := book.GetCellFormula(figuresSheet, at)
			if err != nil || formula != "" {
				t.Errorf("%s holds the formula %q, %v", at, formula, err)
			}
			isNumber := kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber
			if i > 0 && cell != "" && isNumber != numeric[want[0][j]] {
				t.Errorf("row %d, %s: %q is stored as type %v", i, want[0][j], cell, kind)
			}
			if i > 0 && cell != "" && isNumber {
				numbers++
			}
		}
	}
	if numbers < 50 {
		t.Errorf("only %d numbers", numbers)
	}
}

// The cover says what the file is, of which waves, under which k.
func TestAWorkbookHasACover(t *testing.T) {
	releases := exported(t)
	var first, again bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &again} {
		if err := Export(out, FormatXLSX, releases, Wording{Text: keys}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Error("the same releases give another file")
	}
	book, err := excelize.OpenReader(&first)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }() // only read
	sheets := book.GetSheetList()
	if len(sheets) != 4 || sheets[1] != figuresSheet {
		t.Fatalf("sheets %v", sheets)
	}
	rows, err := book.GetRows(sheets[0])
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, row := range rows {
		all = append(all, strings.Join(row, "|"))
	}
	cover := strings.Join(all, "\n")
	for _, r := range releases {
		if want := strings.Join([]string{string(r.Wave()), r.Opens(), r.Closes(), "5", r.MethodVersion(), r.SHA256()}, "|"); !strings.Contains(cover, want) {
			t.Errorf("the cover lacks %q in\n%s", want, cover)
		}
	}
	for _, key := range []string{"what", "read", "read.rows", "read.value", "read.n", "read.status", "read.k_means", "read.chance", "read.care"} {
		if !strings.Contains(cover, "export.cover."+key) {
			t.Errorf("the cover lacks %s", key)
		}
	}
}

// Without a release there is still a file that says so by having no rows.
func TestAWorkbookOfNothingOpens(t *testing.T) {
	var out bytes.Buffer
	if err := Export(&out, FormatXLSX, nil, Wording{Text: keys}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }() // only read
	if rows, err := book.GetRows(figuresSheet); err != nil || len(rows) != 1 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestAWorkbookThatCannotBeWrittenIsAnError(t *testing.T) {
	if err := Export(full{}, FormatXLSX, exported(t), Wording{Text: keys}); err == nil {
		t.Error("a full disk was not noticed")
	}
}
