package analytics

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// The sheet that holds the rows. Its name is the same in every language, so
// that formulas and macros can rely on it, as on the columns.
const figuresSheet = "figures"

// exportXLSX writes a workbook: a cover that says what is in it, of which
// waves, under which rules, and how to read it; one sheet with the rows of the
// other formats; a code book of measures, columns and codes; and what is not
// shown, with the reasons. Numbers are numbers; texts are texts, which a
// spreadsheet does not run, whatever they begin with. The same releases give
// the same bytes.
func exportXLSX(w io.Writer, releases []*Release, words Wording) (err error) {
	text := words.Text
	book := excelize.NewFile()
	defer func() {
		if e := book.Close(); e != nil && err == nil {
			err = fmt.Errorf("export: %w", e)
		}
	}()
	cover := text("export.cover.sheet", nil)
	if err := book.SetSheetName("Sheet1", cover); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := writeCover(book, cover, releases, text); err != nil {
		return fmt.Errorf("export: cover: %w", err)
	}
	if _, err := book.NewSheet(figuresSheet); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := writeFigures(book, releases, words); err != nil {
		return err
	}
	if err := writeCodeBook(book, releases, words); err != nil {
		return fmt.Errorf("export: code book: %w", err)
	}
	if err := writeHidden(book, releases, words); err != nil {
		return fmt.Errorf("export: what is not shown: %w", err)
	}
	packed, err := book.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := inOrder(w, packed.Bytes()); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// inOrder writes the parts of a workbook in the order of their names: the
// library writes its sheets in whatever order a map gives them.
func inOrder(w io.Writer, packed []byte) error {
	parts, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return err
	}
	slices.SortFunc(parts.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, part := range parts.File {
		if err := out.Copy(part); err != nil {
			return err
		}
	}
	return out.Close()
}

// writeCover says on the first sheet what the file is.
func writeCover(book *excelize.File, sheet string, releases []*Release, text Text) error {
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	wrap, err := book.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	fit, whole, landscape := true, 1, "landscape" // printed: as wide as the page
	if err := book.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := book.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &landscape, FitToWidth: &whole}); err != nil {
		return err
	}
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, 1, 24); err != nil {
		return err
	}
	if err := out.SetColWidth(2, 6, 18); err != nil {
		return err
	}
	at := 0
	line := func(style int, values ...any) error {
		at++
		for i, v := range values {
			values[i] = excelize.Cell{StyleID: style, Value: v}
		}
		return out.SetRow(fmt.Sprintf("A%d", at), values)
	}
	// A merged cell does not grow with its text: about 100 letters fit a line.
	paragraph := func(key string) error {
		said := text(key, nil)
		at++
		height := 15 * float64(1+utf8.RuneCountInString(said)/100)
		if err := out.SetRow(fmt.Sprintf("A%d", at), []any{excelize.Cell{StyleID: wrap, Value: said}}, excelize.RowOpts{Height: height}); err != nil {
			return err
		}
		return out.MergeCell(fmt.Sprintf("A%d", at), fmt.Sprintf("F%d", at))
	}
	title := text("export.cover.title", nil)
	if len(releases) > 0 {
		title = text("export.cover.title_of", map[string]any{"organisation": releases[0].Name(string(releases[0].Tree().Root().ID), text)})
	}
	if err := line(bold, title); err != nil {
		return err
	}
	if err := paragraph("export.cover.what"); err != nil {
		return err
	}
	at++
	heads := []any{}
	for _, key := range []string{"wave", "opens", "closes", "k", "rules", "sha256"} {
		heads = append(heads, text("export.cover."+key, nil))
	}
	if err := line(bold, heads...); err != nil {
		return err
	}
	for _, r := range releases {
		if err := line(0, string(r.Wave()), r.Opens(), r.Closes(), r.K(), r.MethodVersion(), r.SHA256()); err != nil {
			return err
		}
	}
	at++
	if err := line(bold, text("export.cover.read", nil)); err != nil {
		return err
	}
	for _, key := range []string{"rows", "value", "n", "status", "k_means", "chance", "sheets", "care"} {
		if err := paragraph("export.cover.read." + key); err != nil {
			return err
		}
	}
	return out.Flush()
}

// writeFigures writes the rows under the names of the columns, which stay in
// sight.
func writeFigures(book *excelize.File, releases []*Release, words Wording) error {
	out, err := book.NewStreamWriter(figuresSheet)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	heads := make([]any, 0, len(columns()))
	for i, name := range columns() {
		width := 12.0
		if name == "unit_name" || name == "measure" {
			width = 28
		}
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return fmt.Errorf("export: %w", err)
		}
		heads = append(heads, excelize.Cell{StyleID: bold, Value: name})
	}
	if err := out.SetRow("A1", heads); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	at := 1
	err = eachRow(releases, words, func(l row) error {
		at++
		return out.SetRow(fmt.Sprintf("A%d", at), l.cells())
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	last, err := excelize.CoordinatesToCellName(len(columns()), at)
	if err == nil {
		err = book.AutoFilter(figuresSheet, "A1:"+last, nil)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// cells are a row's values in the order of the columns; nil is an empty cell.
func (l row) cells() []any {
	optional := func(x *float64) any {
		if x == nil {
			return nil
		}
		return *x
	}
	var n any
	if l.N != nil {
		n = *l.N
	}
	all := []any{
		l.WaveID, l.OpensOn, l.ClosesOn, l.UnitID, l.UnitName, l.UnitLevel, l.ParentID, l.BlockID, l.PackID, l.PackVersion, l.Measure, l.Statistic,
		optional(l.Value), optional(l.IntervalLow), optional(l.IntervalHigh), n, l.Invited, string(l.Status), string(l.Reason), l.K, l.MethodVersion,
	}
	for i, value := range all {
		if said, ok := value.(string); ok {
			if said == "" {
				all[i] = nil
			} else {
				all[i] = strings.ToValidUTF8(said, "")
			}
		}
	}
	return all
}
