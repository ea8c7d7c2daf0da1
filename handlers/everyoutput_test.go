package handlers

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
	"github.com/xuri/excelize/v2"
)

// sheet is what an output tells, or has to tell: a text for each place.
type sheet map[string]string

func (s sheet) put(text string, place ...any) { s[spaced(fmt.Sprintln(place...))] = spaced(text) }

// spaced writes any white space, also the one that lets no line break, as one
// space.
func spaced(text string) string { return strings.Join(strings.Fields(text), " ") }

// outputs are all that tells figures. Each reads what it finds there, by the
// words that stand around it, and works out from the releases what has to
// stand there. A new page or format is a line more.
func outputs() []struct {
	name string
	read func(h *yearHouse, t *testing.T, lang string, told, want sheet)
} {
	return []struct {
		name string
		read func(h *yearHouse, t *testing.T, lang string, told, want sheet)
	}{
		{"pages of units, for everybody who may open one", (*yearHouse).readTeams},
		{"overviews", (*yearHouse).readOverviews},
		{"the print for a meeting and the text for the team", (*yearHouse).readMeetings},
		{"all units over time", (*yearHouse).readHeat},
		{"how the answers are spread", (*yearHouse).readAnswers},
		{"results for staff, of every unit and wave", (*yearHouse).readResults},
		{"CSV", func(h *yearHouse, t *testing.T, lang string, told, want sheet) {
			h.readFile(t, lang, "csv", told, want, csvRows)
		}},
		{"JSON", func(h *yearHouse, t *testing.T, lang string, told, want sheet) {
			h.readFile(t, lang, "json", told, want, jsonRows)
		}},
		{"XLSX", func(h *yearHouse, t *testing.T, lang string, told, want sheet) {
			h.readFile(t, lang, "xlsx", told, want, xlsxRows)
		}},
		{"the HTTP API, for every token that may be made", (*yearHouse).readAPI},
		{"SPSS", func(h *yearHouse, t *testing.T, lang string, told, want sheet) {
			h.readFile(t, lang, "spss", told, want, spssRows)
		}},
	}
}

// TestEveryOutputTellsTheReleaseCellByCell: whatever tells figures tells the
// cells of the releases, all that it should and no other.
func TestEveryOutputTellsTheReleaseCellByCell(t *testing.T) {
	h := newYearHouse(t)
	for _, lang := range []string{"en", "fr", "es"} {
		for _, output := range outputs() {
			t.Run(lang+" "+output.name, func(t *testing.T) {
				told, want := make(sheet), make(sheet)
				output.read(h, t, lang, told, want)
				if len(want) < 100 {
					t.Errorf("only %d figures are looked for", len(want))
				}
				for _, place := range slices.Sorted(maps.Keys(want)) {
					if got, there := told[place]; !there {
						t.Errorf("%s is missing; want %q", place, want[place])
					} else if got != want[place] {
						t.Errorf("%s tells %q; want %q", place, got, want[place])
					}
				}
				for _, place := range slices.Sorted(maps.Keys(told)) {
					if _, known := want[place]; !known {
						t.Errorf("%s tells %q and should not be there", place, told[place])
					}
				}
			})
		}
	}
}

// voice is the console's voice with packs, in one language.
func (h *yearHouse) voice(t *testing.T, lang string) speech {
	t.Helper()
	library, err := survey.NewLibrary()
	must(t, err)
	s := h.speech(lang)
	s.con.library, s.con.archive = library, h.archive
	return s
}

// inWords writes a shown cell as people read it: this test's own reading of
// what clamps and steps mean, to hold the pages' words against.
func inWords(s speech, c analytics.Cell) string {
	number := strings.Replace(strconv.FormatFloat(c.Value, 'f', -1, 64), ".", map[string]string{"en": ".", "fr": ",", "es": ","}[s.lang], 1)
	ends := map[analytics.Reason]map[string]string{
		analytics.ReasonClampedHigh: {"en": " or more", "fr": " ou plus", "es": " o más"},
		analytics.ReasonClampedLow:  {"en": " or less", "fr": " ou moins", "es": " o menos"},
	}
	return number + ends[c.Reason][s.lang]
}

// numbers in a text; a decimal sign belongs to them.
var numbers = regexp.MustCompile(`\d+(?:[.,]\d+)?`)

// noOther fails for a number in a part of a page that may stand nowhere in it.
// The dates and the names of waves are taken out before.
func (h *yearHouse) noOther(t *testing.T, s speech, where string, part *goquery.Selection, may sheet) {
	t.Helper()
	text := spaced(part.Text())
	for _, r := range h.releases {
		for _, known := range []string{s.date(r.Opens()), s.date(r.Closes()), s.wave(r.Wave()), s.waveShort(r.Wave())} {
			text = strings.ReplaceAll(text, spaced(known), "")
		}
	}
	for _, n := range numbers.FindAllString(text, -1) {
		if _, ok := may[n]; !ok {
			t.Errorf("%s has the number %s, which is no figure of it: %s", where, n, text)
		}
	}
}

// may collects the numbers of texts.
func (s sheet) may(texts ...string) sheet {
	for _, text := range texts {
		for _, n := range numbers.FindAllString(text, -1) {
			s[n] = ""
		}
	}
	return s
}

// readFile reads a download of all waves and the cells of all releases.
func (h *yearHouse) readFile(t *testing.T, lang, format string, told, want sheet, rows func(*testing.T, string) []map[string]string) {
	b := h.as(hrMail)
	b.post("/console/language", map[string][]string{"language": {lang}})
	status, body := b.get("/console/export/download?wave=all&format=" + format)
	if status != 200 {
		t.Fatalf("status %d", status)
	}
	for _, row := range rows(t, body) {
		tellRow(told, row)
	}
	for _, r := range h.releases {
		for _, c := range r.Cells() {
			wantRow(want, r, c)
		}
	}
}

// rowFields are what a row of an export tells about its place.
func rowFields() []string {
	return []string{"value", "interval_low", "interval_high", "n", "invited", "status", "reason", "block_id", "k", "method_version", "unit_level", "parent_id"}
}

func tellRow(told sheet, row map[string]string, where ...any) {
	for _, field := range rowFields() {
		told.put(row[field], append(where, row["wave_id"], row["unit_id"], row["measure"], row["statistic"], field)...)
	}
}

func wantRow(want sheet, r *analytics.Release, c analytics.Cell, where ...any) {
	values := map[string]string{
		"invited": strconv.Itoa(c.Invited), "status": string(c.Status), "reason": string(c.Reason), "block_id": c.Block,
		"k": strconv.Itoa(r.K()), "method_version": r.MethodVersion(), "unit_level": c.Level, "parent_id": c.Parent,
	}
	if c.Status == analytics.StatusShown {
		values["value"], values["n"] = strconv.FormatFloat(c.Value, 'f', -1, 64), strconv.Itoa(c.N)
		if c.Interval {
			values["interval_low"], values["interval_high"] = strconv.FormatFloat(c.Low, 'f', -1, 64), strconv.FormatFloat(c.High, 'f', -1, 64)
		}
	}
	for _, field := range rowFields() {
		want.put(values[field], append(where, r.Wave(), c.Unit, c.Measure, c.Statistic, field)...)
	}
}

func csvRows(t *testing.T, body string) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	must(t, err)
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// spssRows reads the CSV beside the syntax; that PSPP reads the same from it is
// tested where it is made.
func spssRows(t *testing.T, body string) []map[string]string {
	t.Helper()
	parts, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	must(t, err)
	for _, part := range parts.File {
		if strings.HasSuffix(part.Name, ".csv") {
			in, err := part.Open()
			must(t, err)
			table, err := io.ReadAll(in)
			must(t, err)
			return csvRows(t, string(table))
		}
	}
	t.Fatal("no CSV in the zip")
	return nil
}

func xlsxRows(t *testing.T, body string) []map[string]string {
	t.Helper()
	book, err := excelize.OpenReader(strings.NewReader(body), excelize.Options{RawCellValue: true})
	must(t, err)
	defer func() { must(t, book.Close()) }()
	lines, err := book.GetRows("figures")
	must(t, err)
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, value := range line {
			row[lines[0][i]] = value
		}
		rows = append(rows, row)
	}
	return rows
}

func jsonRows(t *testing.T, body string) []map[string]string {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var objects []map[string]any
	must(t, decoder.Decode(&objects))
	rows := make([]map[string]string, len(objects))
	for i, object := range objects {
		rows[i] = make(map[string]string)
		for name, value := range object {
			if value != nil {
				rows[i][name] = fmt.Sprint(value)
			}
		}
	}
	return rows
}
