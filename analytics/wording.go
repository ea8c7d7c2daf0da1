package analytics

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"attune/survey"
)

// Wording are the words of an export in one language.
type Wording struct {
	Text     Text            // texts by their key
	Language string          // of the packs' titles and questions
	Library  *survey.Library // the packs; nil: measures go by their ids
	// Step is told how many lines of how many are written, now and then; an
	// error ends the export. nil: nobody wants to know.
	Step func(done, of int) error
}

// quiet are the words for a second time over the same lines.
func (w Wording) quiet() Wording {
	w.Step = nil
	return w
}

// codeEntry describes one measure of an export.
type codeEntry struct {
	Pack, PackVersion, PackTitle string
	Measure                      string
	Statistics                   []string // in which it occurs, in the order of the rows
	Label                        string   // what it is, in one line
	Question                     string   // what was asked; empty where its texts are not ours to pass on
	Answers                      []string // of an item: "1: never"
	Items                        []string // of a scale
	Low, High                    float64  // the range of means; both 0 where there are none
	Direction                    survey.Direction
}

// codeBook describes every measure of releases, by pack, version and id.
func (w Wording) codeBook(releases []*Release) []codeEntry {
	type place struct{ pack, version, measure string }
	entries := make(map[place]*codeEntry)
	for _, r := range releases {
		packs := w.packs(r)
		for i := range r.cells {
			c := &r.cells[i]
			at := place{c.Pack, c.PackVersion, c.Measure}
			e := entries[at]
			if e == nil {
				e = &codeEntry{Pack: c.Pack, PackVersion: c.PackVersion, Measure: c.Measure}
				w.describe(e, packs)
				if m, ok := r.Measure(c.Measure); ok && c.Measure != MeasureResponse {
					e.Low, e.High = m.Low, m.High
				}
				entries[at] = e
			}
			if !slices.Contains(e.Statistics, c.Statistic) {
				e.Statistics = append(e.Statistics, c.Statistic)
			}
		}
	}
	book := make([]codeEntry, 0, len(entries))
	for _, e := range entries {
		slices.Sort(e.Statistics)
		book = append(book, *e)
	}
	slices.SortFunc(book, func(a, b codeEntry) int {
		return cmp.Or(cmp.Compare(a.Pack, b.Pack), cmp.Compare(a.PackVersion, b.PackVersion), cmp.Compare(a.Measure, b.Measure))
	})
	return book
}

// packs are those of a release that this installation has.
func (w Wording) packs(r *Release) []*survey.Pack {
	var packs []*survey.Pack
	for _, ref := range r.Packs() {
		if w.Library == nil {
			break
		}
		if p, err := w.Library.Find(ref); err == nil { // without it, measures go by their ids
			packs = append(packs, p)
		}
	}
	return packs
}

// describe fills in what the packs of a release say of a measure.
func (w Wording) describe(e *codeEntry, packs []*survey.Pack) {
	outcome, predictor, compared := strings.Cut(e.Measure, "~")
	item, band, banded := strings.Cut(e.Measure, ":")
	switch {
	case e.Measure == MeasureResponse:
		e.Label = w.Text("export.measure.response", nil)
	case compared:
		e.Label = w.Text("export.measure.association", map[string]any{"outcome": w.label(outcome, packs), "predictor": w.label(predictor, packs)})
	case banded:
		w.measure(e, item, packs)
		e.Label = w.Text("export.measure.band", map[string]any{"item": w.label(item, packs), "band": w.Text("export.band."+band, nil)})
	default:
		w.measure(e, e.Measure, packs)
		e.Label = w.label(e.Measure, packs)
	}
	for _, p := range packs {
		if p.ID == e.Pack {
			e.PackTitle = p.Title.In(w.Language)
		}
	}
}

// measure takes a scale's or an item's content from the pack that has it.
func (w Wording) measure(e *codeEntry, id string, packs []*survey.Pack) {
	for _, p := range packs {
		if s, ok := p.Scale(id); ok {
			e.Question, e.Items, e.Direction = s.Plain.In(w.Language), s.Items, s.Direction
			return
		}
		i, ok := p.Item(id)
		if !ok {
			continue
		}
		// An organisation's licence to ask an instrument is none to pass its
		// texts on.
		if p.Texts != survey.TextsByOrganisation {
			e.Question = i.Text.In(w.Language)
			for _, o := range i.Options() {
				if score, counts := o.Counts(); counts {
					e.Answers = append(e.Answers, fmt.Sprintf("%d: %s", score, o.Label.In(w.Language)))
				}
			}
		}
		return
	}
}

// label is a scale's title, an item's text, the title of a reading of items, or
// the id where no pack has it.
func (w Wording) label(id string, packs []*survey.Pack) string {
	for _, p := range packs {
		if s, ok := p.Scale(id); ok {
			return s.Title.In(w.Language)
		}
		if i, ok := p.Item(id); ok && p.Texts != survey.TextsByOrganisation && i.Text.In(w.Language) != "" {
			return i.Text.In(w.Language)
		}
		if p.Associations == nil {
			continue
		}
		for _, reading := range p.Associations.Predictors {
			if reading.ID == id {
				return reading.Title.In(w.Language)
			}
		}
	}
	return id
}

// code is a code of a column with its words.
type code struct{ Value, Label string }

// codes are the codes of a column with a fixed set of them, in the order in
// which they are explained; nil for every other column.
func (w Wording) codes(column string) []code {
	var values []string
	switch column {
	case "statistic":
		values = []string{StatisticMean, StatisticSD, StatisticCount, StatisticCoverage, StatisticCorrelation, StatisticSlope, StatisticAlpha, StatisticOmega}
	case "status":
		values = []string{string(StatusShown), string(StatusCombined), string(StatusSuppressed), string(StatusEmpty)}
	case "reason":
		values = []string{
			string(ReasonProtected), string(ReasonLevel), string(ReasonNotAsked), string(ReasonNotInvited),
			string(ReasonTooFewItems), string(ReasonClampedLow), string(ReasonClampedHigh),
		}
	}
	var all []code
	for _, v := range values {
		all = append(all, code{v, w.Text("export."+column+"."+v, nil)})
	}
	return all
}

// levels are the levels of units that occur, from the organisation down.
func (w Wording) levels(releases []*Release) []code {
	had := make(map[string]bool)
	for _, r := range releases {
		for i := range r.cells {
			had[r.cells[i].Level] = true
		}
	}
	var all []code
	for n := range len(had) + 1 {
		level := "organisation"
		label := w.Text("export.level.organisation", nil)
		if n > 0 {
			level = fmt.Sprintf("level-%d", n)
			label = w.Text("export.level.between", map[string]any{"level": n})
		}
		if had[level] {
			all = append(all, code{level, label})
		}
	}
	for _, level := range []string{"team", "block"} {
		if had[level] {
			all = append(all, code{level, w.Text("export.level."+level, nil)})
		}
	}
	return all
}

// column says what a column holds.
func (w Wording) column(name string) string { return w.Text("export.column."+name, nil) }

// cut shortens a text to so many bytes, at the end of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
