package analytics

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// program finds a program of Debian that opens an export. Under CI=true it
// has to be there (.ci/run installs it); elsewhere the test is skipped.
func program(t *testing.T, name, pack string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: apt-get install %s", name, pack)
	}
	if err != nil {
		t.Skipf("%s is not here; apt-get install %s to run this test", name, pack)
	}
	return path
}

func run(t *testing.T, dir, path string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, path, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "HOME="+dir)
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%.2000s", filepath.Base(path), err, said)
	}
	return string(said)
}

// french are the words of an export as the program gives them, out of its
// files: with apostrophes, accents and quotation marks.
func french(t *testing.T) Wording {
	t.Helper()
	texts := make(map[string]string)
	files, err := filepath.Glob("../static/locales/fr/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(err, "no French texts")
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(raw, &texts)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	return Wording{Language: "fr", Library: library, Text: func(key string, args map[string]any) string {
		text := texts[key]
		for name, value := range args {
			text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(value))
		}
		return text
	}}
}

func exportTo(t *testing.T, format string, releases []*Release, words Wording) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Export(&out, format, releases, words); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func csvTable(t *testing.T, raw []byte) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
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

// LibreOffice opens the workbook, and every cell of the figures is the one of
// the release.
func TestLibreOfficeReadsTheFiguresOfTheRelease(t *testing.T) {
	soffice := program(t, "soffice", "libreoffice-calc-nogui")
	dir := t.TempDir()
	releases := exported(t)
	if err := os.WriteFile(filepath.Join(dir, "attune.xlsx"), exportTo(t, FormatXLSX, releases, french(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	// Of all sheets the second one; numbers as they are stored and not as they are shown.
	run(t, dir, soffice, "--headless", "--norestore", "-env:UserInstallation=file://"+dir+"/profile",
		"--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,2", "--outdir", dir, "attune.xlsx")
	found, err := filepath.Glob(filepath.Join(dir, "attune*.csv"))
	if err != nil || len(found) != 1 {
		t.Fatalf("LibreOffice wrote %v, %v", found, err)
	}
	raw, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	rows := csvTable(t, raw)
	at := 0
	for _, r := range releases {
		for _, c := range r.Cells() {
			if at >= len(rows) {
				t.Fatalf("%d rows, the releases have more", len(rows))
			}
			row := rows[at]
			at++
			want := map[string]string{"wave_id": string(r.Wave()), "unit_id": c.Unit, "measure": c.Measure, "statistic": c.Statistic, "status": string(c.Status), "value": "", "n": "", "interval_low": ""}
			if c.Status == StatusShown {
				want["value"], want["n"] = strconv.FormatFloat(c.Value, 'f', -1, 64), strconv.Itoa(c.N)
			}
			if c.Status == StatusShown && c.Interval {
				want["interval_low"] = strconv.FormatFloat(c.Low, 'f', -1, 64)
			}
			for name, value := range want {
				if row[name] != value {
					t.Errorf("row %d, %s: LibreOffice reads %q, the release says %q", at, name, row[name], value)
				}
			}
		}
	}
	if at != len(rows) || at < 20 {
		t.Errorf("%d rows, the releases have %d cells", len(rows), at)
	}
}

// PSPP runs the syntax as it stands, and what it then computes is what the
// rows of the CSV give.
func TestPSPPReadsTheSyntaxAndFindsTheSameFigures(t *testing.T) {
	pspp := program(t, "pspp", "pspp")
	dir := t.TempDir()
	releases := exported(t)
	packed := exportTo(t, FormatSPSS, releases, french(t))
	parts, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts.File {
		in, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(in); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, part.Name), content.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	plain := exportTo(t, FormatCSV, releases, french(t))
	if inside, err := os.ReadFile(filepath.Join(dir, "attune-all.csv")); err != nil || !bytes.Equal(inside, plain) {
		t.Errorf("the CSV of the zip is not the CSV: %v", err)
	}
	test := `INSERT FILE='attune-all.sps'.
SAVE TRANSLATE /OUTFILE='rows.csv' /TYPE=CSV /FIELDNAMES /MISSING=RECODE /REPLACE.
SAVE TRANSLATE /OUTFILE='codes.csv' /TYPE=CSV /FIELDNAMES /REPLACE.
SAVE TRANSLATE /OUTFILE='labels.csv' /TYPE=CSV /FIELDNAMES /CELLS=LABELS /REPLACE.
AGGREGATE OUTFILE=* /BREAK=measure statistic /mean_value=MEAN(value) /figures=N(value) /people=SUM(n).
FORMATS mean_value (F16.10).
SAVE TRANSLATE /OUTFILE='means.csv' /TYPE=CSV /FIELDNAMES /CELLS=VALUES /REPLACE.
`
	if err := os.WriteFile(filepath.Join(dir, "test.sps"), []byte(test), 0o600); err != nil {
		t.Fatal(err)
	}
	said := run(t, dir, pspp, "-O", "format=txt", "test.sps")
	if strings.Contains(said, "warning") || strings.Contains(said, "error") {
		t.Fatalf("PSPP complains:\n%.3000s", said)
	}
	read := func(name string) []map[string]string {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return csvTable(t, raw)
	}
	want := csvTable(t, plain)
	comparePSPP(t, want, read("rows.csv"))
	compareMeans(t, want, read("means.csv"))
	// What is missing says why: 13 rows of the fixture have no figure.
	codes := make(map[string]string)
	for i, row := range read("codes.csv") {
		if want[i]["value"] == "" {
			codes[want[i]["status"]] = row["value"]
		}
	}
	if diff := cmp.Diff(map[string]string{"combined": "-91", "suppressed": "-92", "empty": "-93"}, codes); diff != "" {
		t.Error(diff)
	}
	labelled := read("labels.csv")[0]
	if labelled["statistic"] != "Alpha de Cronbach" || labelled["status"] != "Affiché" || labelled["unit_level"] != "Toute l’organisation" {
		t.Errorf("the labels of the first row are %v", labelled)
	}
}

// comparePSPP holds every row that PSPP read against the CSV.
func comparePSPP(t *testing.T, want, got []map[string]string) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d rows, the CSV has %d", len(got), len(want))
	}
	for i := range want {
		for name, value := range want[i] {
			said := strings.TrimRight(got[i][name], " ")
			switch name {
			case "value", "interval_low", "interval_high", "n", "invited", "k":
				x, err := strconv.ParseFloat(said, 64)
				y, _ := strconv.ParseFloat(value, 64)
				if (value == "") != (said == "" || said == ".") || (value != "" && (err != nil || x != y)) {
					t.Errorf("row %d, %s: PSPP reads %q, the CSV says %q", i+1, name, said, value)
				}
			case "opens_on", "closes_on":
				// PSPP writes a date into a CSV as month/day/year, whatever its format.
				if day, err := time.Parse("01/02/2006", said); err != nil || day.Format(time.DateOnly) != value {
					t.Errorf("row %d, %s: PSPP reads %q, the CSV says %q", i+1, name, said, value)
				}
			default:
				if said != value {
					t.Errorf("row %d, %s: PSPP reads %q, the CSV says %q", i+1, name, said, value)
				}
			}
		}
	}
}

// compareMeans holds PSPP's means, counts and sums of n by measure and
// statistic against those of the rows, worked out here.
func compareMeans(t *testing.T, rows, got []map[string]string) {
	t.Helper()
	type group struct{ sum, figures, people float64 }
	groups := make(map[string]group)
	for _, row := range rows {
		key := row["measure"] + " " + row["statistic"]
		g := groups[key]
		if value, err := strconv.ParseFloat(row["value"], 64); err == nil {
			n, _ := strconv.ParseFloat(row["n"], 64)
			g.sum, g.figures, g.people = g.sum+value, g.figures+1, g.people+n
		}
		groups[key] = g
	}
	if len(got) != len(groups) || len(got) < 5 {
		t.Fatalf("PSPP finds %d measures, the CSV has %d", len(got), len(groups))
	}
	for _, row := range got {
		g := groups[strings.TrimSpace(row["measure"])+" "+strings.TrimSpace(row["statistic"])]
		mean, err := strconv.ParseFloat(row["mean_value"], 64)
		figures, _ := strconv.ParseFloat(row["figures"], 64)
		people, _ := strconv.ParseFloat(row["people"], 64)
		if figures != g.figures || people != g.people || (g.figures > 0 && (err != nil || math.Abs(mean-g.sum/g.figures) > 1e-9)) {
			t.Errorf("%s %s: PSPP finds the mean %s of %v figures about %v people; the CSV gives %v of %v about %v",
				row["measure"], row["statistic"], row["mean_value"], figures, people, g.sum/g.figures, g.figures, g.people)
		}
	}
}

// The workbook explains every measure and code that its figures have, and
// every unit without a figure, in the reader's words.
func TestTheWorkbookExplainsEverythingInIt(t *testing.T) {
	releases := exported(t)
	words := french(t)
	book, err := excelize.OpenReader(bytes.NewReader(exportTo(t, FormatXLSX, releases, words)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }() // only read
	content := func(sheet string) string {
		t.Helper()
		rows, err := book.GetRows(words.Text(sheet, nil))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, row := range rows {
			all = append(all, strings.Join(row, "|"))
		}
		return "\n" + strings.Join(all, "\n") + "\n"
	}
	explained, hidden := content("export.book.sheet"), content("export.hidden.sheet")
	for _, r := range releases {
		for _, c := range r.Cells() {
			for _, part := range []string{"|" + c.Measure + "|", "|" + c.Level + "|", "|" + c.Statistic + "|", "|" + string(c.Status) + "|"} {
				if !strings.Contains(explained, part) {
					t.Errorf("the code book lacks %s", part)
				}
			}
			place := "\n" + string(r.Wave()) + "|" + r.Name(c.Unit, words.Text) + "|" + string(c.Status) + "|"
			if strings.Contains(hidden, place) != (c.Status != StatusShown) && c.Level == "team" && c.Statistic == StatisticMean {
				t.Errorf("the sheet of what is not shown: %q", place)
			}
		}
	}
	for _, name := range columns() {
		if !strings.Contains(explained, "\n"+name+"|") {
			t.Errorf("the code book lacks the column %s", name)
		}
	}
	if strings.Contains(explained+hidden, "[export.") {
		t.Error("a text is missing")
	}
}
