package analytics

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Limits of SPSS, in bytes of UTF-8.
const (
	spssLabel    = 120 // a value's label
	spssVariable = 250 // a variable's label
)

// The codes that stand for "no figure" once SPSS has read the file, where the
// CSV is empty. No figure is as low: coefficients lie between -1 and 1, all
// others at 0 or above.
const (
	spssCombined   = -91
	spssSuppressed = -92
	spssEmpty      = -93
	spssNone       = -94 // shown, and of a statistic without an interval
)

// exportSPSS writes a zip of two files: the CSV of FormatCSV, byte for byte,
// and a syntax that reads it, labels its variables and values, and declares
// what is missing and why. The syntax keeps to what PSPP understands too.
func exportSPSS(w io.Writer, releases []*Release, words Wording) error {
	var table bytes.Buffer
	if err := exportCSV(&table, releases, words); err != nil {
		return err
	}
	widths, err := spssWidths(releases, words)
	if err != nil {
		return err
	}
	name := FileName(releases, FormatCSV)
	packed := zip.NewWriter(w)
	for _, part := range []struct {
		name    string
		content []byte
	}{
		{name, table.Bytes()},
		{strings.TrimSuffix(name, ".csv") + ".sps", spssSyntax(name, releases, words, widths)},
	} {
		into, err := packed.Create(part.name) // without a time: the same release, the same bytes
		if err == nil {
			_, err = into.Write(part.content)
		}
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	if err := packed.Close(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// spssWidths are the most bytes that a text of each column has, 1 at least.
func spssWidths(releases []*Release, words Wording) ([]int, error) {
	widths := make([]int, len(columns()))
	err := eachRow(releases, words.quiet(), func(l row) error {
		for i, value := range l.cells() {
			if text, ok := value.(string); ok {
				widths[i] = max(widths[i], len(guard(text)))
			}
		}
		return nil
	})
	for i := range widths {
		widths[i] = max(1, widths[i])
	}
	return widths, err
}

// spssType is the format by which SPSS reads and shows a column.
func spssType(column string, width int) string {
	switch column {
	case "opens_on", "closes_on":
		return "SDATE10"
	case "value", "interval_low", "interval_high":
		return "F8.2"
	case "n", "invited", "k":
		return "F8.0"
	}
	return "A" + strconv.Itoa(width)
}

func spssSyntax(file string, releases []*Release, words Wording, widths []int) []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("* Encoding: UTF-8.")
	for _, key := range []string{"what", "how", "missing", "care"} {
		line("* %s.", strings.TrimRight(oneLine(words.Text("export.spss."+key, map[string]any{"file": file})), "."))
	}
	line("SET DECIMAL=DOT.")
	line("GET DATA\n  /TYPE=TXT\n  /FILE=%s\n  /ENCODING='UTF8'\n  /ARRANGEMENT=DELIMITED\n  /FIRSTCASE=2\n  /DELIMITERS=','\n  /QUALIFIER='\"'\n  /VARIABLES=", spssQuoted(file))
	names := columns()
	for i, name := range names {
		end := ""
		if i == len(names)-1 {
			end = "."
		}
		line("    %s %s%s", name, spssType(name, widths[i]), end)
	}
	line("VARIABLE LABELS")
	for i, name := range names {
		line("  %s%s %s", slash(i), name, spssQuoted(cut(oneLine(words.column(name)), spssVariable)))
	}
	line("  .")
	labels := func(variable string, all []code) {
		if len(all) == 0 {
			return
		}
		line("VALUE LABELS %s", variable)
		for _, c := range all {
			line("  %s %s", spssQuoted(c.Value), spssQuoted(cut(oneLine(c.Label), spssLabel)))
		}
		line("  .")
	}
	for _, name := range []string{"statistic", "status", "reason"} {
		labels(name, words.codes(name))
	}
	labels("unit_level", words.levels(releases))
	packs, measures := spssCodes(words.codeBook(releases))
	labels("pack_id", packs)
	labels("measure", measures)
	// What the CSV leaves empty gets the code of its reason.
	for _, reason := range []struct {
		status Status
		code   int
	}{{StatusCombined, spssCombined}, {StatusSuppressed, spssSuppressed}, {StatusEmpty, spssEmpty}} {
		line("DO IF (RTRIM(status) = '%s').", reason.status)
		line("RECODE value interval_low interval_high n (SYSMIS=%d).\nEND IF.", reason.code)
	}
	line("RECODE interval_low interval_high (SYSMIS=%d).", spssNone)
	line("MISSING VALUES value interval_low interval_high n (%d THRU %d).", spssNone, spssCombined)
	line("VALUE LABELS value interval_low interval_high n")
	for _, missing := range []struct {
		code int
		text string
	}{
		{spssCombined, words.Text("export.status.combined", nil)},
		{spssSuppressed, words.Text("export.status.suppressed", nil)},
		{spssEmpty, words.Text("export.status.empty", nil)},
		{spssNone, words.Text("export.spss.no_interval", nil)},
	} {
		line("  %d %s", missing.code, spssQuoted(cut(oneLine(missing.text), spssLabel)))
	}
	line("  .")
	line("VARIABLE LEVEL value interval_low interval_high n invited k (SCALE).")
	line("EXECUTE.")
	return b.Bytes()
}

// spssCodes are the packs and measures with their labels, each id once: of
// several versions the last.
func spssCodes(book []codeEntry) (packs, measures []code) {
	set := func(all *[]code, c code) {
		for i := range *all {
			if (*all)[i].Value == c.Value {
				(*all)[i] = c
				return
			}
		}
		*all = append(*all, c)
	}
	for _, e := range book {
		if e.Pack != "" && e.PackTitle != "" {
			set(&packs, code{e.Pack, e.PackTitle})
		}
		set(&measures, code{e.Measure, e.Label})
	}
	return packs, measures
}

// slash divides the variables of a command.
func slash(i int) string {
	if i == 0 {
		return ""
	}
	return "/"
}

// spssQuoted is a text as a command takes it.
func spssQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// oneLine takes line ends out of a text.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
