package analytics

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"attune/survey"
)

// Formats of Export.
const (
	FormatCSV  = "csv"
	FormatJSON = "json"
	FormatXLSX = "xlsx"
	FormatSPSS = "spss" // a zip with the CSV and the syntax that reads it
	FormatDDI  = "ddi"  // DDI-Codebook 2.5, which describes the CSV
)

// Formats lists the formats of Export in the order in which they are offered.
func Formats() []string { return []string{FormatCSV, FormatXLSX, FormatSPSS, FormatDDI, FormatJSON} }

// FileName is what a file of an export is called: of one wave, or of all.
func FileName(releases []*Release, format string) string {
	name := "attune-all"
	if len(releases) == 1 {
		name = "attune-" + string(releases[0].Wave())
	}
	switch format {
	case FormatSPSS:
		return name + "-spss.zip"
	case FormatDDI:
		return name + "-ddi.xml"
	}
	return name + "." + format
}

// MediaType is the type of a format's files; empty for an unknown format.
func MediaType(format string) string {
	switch format {
	case FormatCSV:
		return "text/csv; charset=utf-8"
	case FormatJSON:
		return "application/json"
	case FormatXLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case FormatSPSS:
		return "application/zip"
	case FormatDDI:
		return "application/xml"
	}
	return ""
}

// row is one line of an export. The fields stand in the order of the columns;
// nil is an empty cell.
type row struct {
	WaveID        string   `json:"wave_id"`
	OpensOn       string   `json:"opens_on"`
	ClosesOn      string   `json:"closes_on"`
	UnitID        string   `json:"unit_id"`
	UnitName      string   `json:"unit_name"`
	UnitLevel     string   `json:"unit_level"`
	ParentID      string   `json:"parent_id"`
	BlockID       string   `json:"block_id"`
	PackID        string   `json:"pack_id"`
	PackVersion   string   `json:"pack_version"`
	Measure       string   `json:"measure"`
	Statistic     string   `json:"statistic"`
	Value         *float64 `json:"value"`
	IntervalLow   *float64 `json:"interval_low"`
	IntervalHigh  *float64 `json:"interval_high"`
	N             *int     `json:"n"`
	Invited       int      `json:"invited"`
	Status        Status   `json:"status"`
	Reason        Reason   `json:"reason"`
	K             int      `json:"k"`
	MethodVersion string   `json:"method_version"`
}

// columns are the names of row's fields, in their order.
func columns() []string {
	return []string{
		"wave_id", "opens_on", "closes_on", "unit_id", "unit_name", "unit_level", "parent_id", "block_id",
		"pack_id", "pack_version", "measure", "statistic", "value", "interval_low", "interval_high", "n",
		"invited", "status", "reason", "k", "method_version",
	}
}

// Export writes releases in long form, one line a unit (or block) and
// measure, in the order of releases, then of the tree, then of the measure's
// id. Dates are YYYY-MM-DD in the organisation's zone; a figure that is not
// published is empty, never 0.
//
// CSV is UTF-8 without a mark at its start, with commas, a decimal point and
// lines that end in LF. A text cell that begins with = + - @ tab or carriage
// return gets an apostrophe in front, because spreadsheets would run it as a
// formula; numbers are never touched. JSON is an array of objects with the
// same names, null for an empty number, and texts as they are. XLSX has a
// cover ("export.cover.…"), the same columns with numbers as numbers, a code
// book, and a sheet about what is not shown. SPSS is a zip of the CSV and the
// syntax that reads it, DDI the CSV's description in XML. The same releases
// and words give the same bytes.
//
// words names direct teams ("unit.direct") and blocks ("block.name"), and
// explains columns, codes and measures ("export.…"). It fails on an unknown
// format and when w fails.
func Export(w io.Writer, format string, releases []*Release, words Wording) error {
	switch format {
	case FormatCSV:
		return exportCSV(w, releases, words)
	case FormatJSON:
		return exportJSON(w, releases, words)
	case FormatXLSX:
		return exportXLSX(w, releases, words)
	case FormatSPSS:
		return exportSPSS(w, releases, words)
	case FormatDDI:
		return exportDDI(w, releases, words)
	default:
		return survey.Fail(survey.Invalid, "error.export.format", survey.Args{"format": format})
	}
}

// stepRows is after how many lines Wording.Step is told.
const stepRows = 2000

// eachRow calls write with every line of an export.
func eachRow(releases []*Release, words Wording, write func(row) error) error {
	text, done, of := words.Text, 0, 0
	for _, r := range releases {
		of += len(r.cells)
	}
	for _, r := range releases {
		names := make(map[string]string) // a name is the same for all measures
		for i := range r.cells {
			c := &r.cells[i]
			name, ok := names[c.Unit]
			if !ok {
				name = r.Name(c.Unit, text)
				names[c.Unit] = name
			}
			if done++; words.Step != nil && (done%stepRows == 0 || done == of) {
				if err := words.Step(done, of); err != nil {
					return err
				}
			}
			if err := write(rowOf(r, c, name)); err != nil {
				return fmt.Errorf("export wave %s: %w", r.Wave(), err)
			}
		}
	}
	return nil
}

func rowOf(r *Release, c *Cell, name string) row {
	line := row{
		WaveID: string(r.Wave()), OpensOn: r.Opens(), ClosesOn: r.Closes(),
		UnitID: c.Unit, UnitName: name, UnitLevel: c.Level, ParentID: c.Parent, BlockID: c.Block,
		PackID: c.Pack, PackVersion: c.PackVersion, Measure: c.Measure, Statistic: c.Statistic,
		Invited: c.Invited, Status: c.Status, Reason: c.Reason, K: r.K(), MethodVersion: r.MethodVersion(),
	}
	if c.Status == StatusShown {
		line.Value, line.N = &c.Value, &c.N
		if c.Interval {
			line.IntervalLow, line.IntervalHigh = &c.Low, &c.High
		}
	}
	return line
}

func exportCSV(w io.Writer, releases []*Release, words Wording) error {
	out := csv.NewWriter(w) // ends lines in LF
	if err := out.Write(columns()); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	err := eachRow(releases, words, func(l row) error {
		return out.Write([]string{
			guard(l.WaveID), guard(l.OpensOn), guard(l.ClosesOn), guard(l.UnitID), guard(l.UnitName), guard(l.UnitLevel),
			guard(l.ParentID), guard(l.BlockID), guard(l.PackID), guard(l.PackVersion), guard(l.Measure), guard(l.Statistic),
			decimal(l.Value), decimal(l.IntervalLow), decimal(l.IntervalHigh), whole(l.N),
			strconv.Itoa(l.Invited), guard(string(l.Status)), guard(string(l.Reason)), strconv.Itoa(l.K), guard(l.MethodVersion),
		})
	})
	if err != nil {
		return err
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// guard keeps a text from being run as a formula by a spreadsheet.
func guard(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func decimal(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

func whole(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// exportJSON writes an array with one object a line.
func exportJSON(w io.Writer, releases []*Release, words Wording) error {
	before := "[\n"
	err := eachRow(releases, words, func(l row) error {
		line, err := json.Marshal(l)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, before+string(line))
		before = ",\n"
		return err
	})
	if err != nil {
		return err
	}
	if before == "[\n" {
		before = "["
	} else {
		before = "\n"
	}
	if _, err := io.WriteString(w, before+"]\n"); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}
