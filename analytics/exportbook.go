package analytics

import (
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// textSheet writes a sheet of texts line by line.
type textSheet struct {
	out  *excelize.StreamWriter
	bold int
	wrap int
	at   int
}

// newTextSheet makes a sheet with columns of these widths.
func newTextSheet(book *excelize.File, sheet string, widths ...float64) (*textSheet, error) {
	t := &textSheet{}
	if _, err := book.NewSheet(sheet); err != nil {
		return nil, err
	}
	var err error
	if t.bold, err = book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, err
	}
	if t.wrap, err = book.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}); err != nil {
		return nil, err
	}
	if t.out, err = book.NewStreamWriter(sheet); err != nil {
		return nil, err
	}
	for i, width := range widths {
		if err := t.out.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *textSheet) line(style int, values ...any) error {
	t.at++
	for i, v := range values {
		if text, ok := v.(string); ok {
			if v = nil; text != "" {
				v = strings.ToValidUTF8(text, "")
			}
		}
		values[i] = excelize.Cell{StyleID: style, Value: v}
	}
	return t.out.SetRow("A"+strconv.Itoa(t.at), values)
}

// head begins a part after an empty line.
func (t *textSheet) head(title string, columns ...any) error {
	if t.at > 0 {
		t.at++
	}
	if err := t.line(t.bold, title); err != nil {
		return err
	}
	return t.line(t.bold, columns...)
}

// writeCodeBook explains measures, columns and codes.
func writeCodeBook(book *excelize.File, releases []*Release, words Wording) error {
	say := func(key string) string { return words.Text("export.book."+key, nil) }
	t, err := newTextSheet(book, say("sheet"), 24, 12, 30, 60, 60, 10, 10, 24)
	if err != nil {
		return err
	}
	err = t.head(say("measures"), say("pack"), say("version"), say("measure"), say("label"), say("question"), say("low"), say("high"), say("statistics"))
	if err != nil {
		return err
	}
	for _, e := range words.codeBook(releases) {
		var low, high any
		if e.Low < e.High {
			low, high = e.Low, e.High
		}
		about := e
		about.Pack, about.Low, about.High = "", 0, 0 // these have columns of their own
		err := t.line(t.wrap, e.Pack, e.PackVersion, e.Measure, e.Label, strings.Join(words.lines(about), "\n"), low, high, strings.Join(e.Statistics, ", "))
		if err != nil {
			return err
		}
	}
	if err := t.head(say("columns"), say("column"), nil, nil, say("meaning")); err != nil {
		return err
	}
	for _, name := range columns() {
		if err := t.line(t.wrap, name, nil, nil, words.column(name)); err != nil {
			return err
		}
	}
	if err := t.head(say("codes"), say("column"), nil, say("code"), say("meaning")); err != nil {
		return err
	}
	for _, name := range []string{"unit_level", "statistic", "status", "reason"} {
		all := words.codes(name)
		if name == "unit_level" {
			all = words.levels(releases)
		}
		for _, c := range all {
			if err := t.line(t.wrap, name, nil, c.Value, c.Label); err != nil {
				return err
			}
		}
	}
	return t.out.Flush()
}

// hiddenKey is what rows without a figure have in common.
type hiddenKey struct {
	unit, block string
	status      Status
	reason      Reason
}

// writeHidden lists, wave by wave, which units have no figure of their own for
// which measures, why, and where their answers are shown instead. It counts
// nothing: an empty cell of the figures says no more.
func writeHidden(book *excelize.File, releases []*Release, words Wording) error {
	say := func(key string) string { return words.Text("export.hidden."+key, nil) }
	t, err := newTextSheet(book, say("sheet"), 12, 36, 14, 14, 36, 60, 60)
	if err != nil {
		return err
	}
	if err := t.line(t.bold, say("title")); err != nil {
		return err
	}
	for _, key := range []string{"why", "next"} {
		if err := t.line(0, say(key)); err != nil {
			return err
		}
	}
	if err := t.head("", say("wave"), say("unit"), say("status"), say("reason"), say("shown_in"), say("meaning"), say("measures")); err != nil {
		return err
	}
	for _, r := range releases {
		for _, group := range hiddenIn(r) {
			said := words.Text("export.status."+string(group.key.status), nil)
			if group.key.reason != ReasonNone {
				said += ": " + words.Text("export.reason."+string(group.key.reason), nil)
			}
			err := t.line(t.wrap, string(r.Wave()), r.Name(group.key.unit, words.Text), string(group.key.status), string(group.key.reason),
				r.Name(group.key.block, words.Text), said, strings.Join(group.measures, ", "))
			if err != nil {
				return err
			}
		}
	}
	return t.out.Flush()
}

type hiddenGroup struct {
	key      hiddenKey
	measures []string
}

// hiddenIn gathers the cells of a release without a figure, in their order.
func hiddenIn(r *Release) []hiddenGroup {
	var groups []hiddenGroup
	at := make(map[hiddenKey]int)
	for i := range r.cells {
		c := &r.cells[i]
		if c.Status == StatusShown {
			continue
		}
		key := hiddenKey{c.Unit, c.Block, c.Status, c.Reason}
		n, ok := at[key]
		if !ok {
			n = len(groups)
			at[key], groups = n, append(groups, hiddenGroup{key: key})
		}
		groups[n].measures = append(groups[n].measures, c.Measure+" ("+c.Statistic+")")
	}
	return groups
}
