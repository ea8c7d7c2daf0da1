package handlers

import (
	"attune/analytics"
	"attune/survey"
)

// This file is the one place that decides how a cell of a release is told:
// its value, its interval, how many answered, and why it is not shown. Every
// page, table and chart takes the words from here, so that no two of them can
// differ; the exports give the same cells without words. TestEveryOutput…
// compares all of them, cell by cell.

// figure is one cell in words, ready for a page.
type figure struct {
	Wave     string // "November 2026"
	Short    string // under the chart
	Value    string // "2.5", "4 or more"; empty when not shown
	Interval string // "2 to 3"
	N        string
	Invited  string
	Answered string // "8 of 12"; empty when not shown
	Status   string // in words
	Why      string // the anchor under which the page explains it; empty where nothing needs it
	Break    string // why the line begins anew here, in words; empty where it goes on
	Letter   string // of the mark that the break has in charts and tables
	Shown    bool
	Partial  bool // fewer than 60 in 100 answered

	wave             survey.WaveID
	release          *analytics.Release
	block            string // what is shown in its place, when combined
	value, low, high float64
	n, invited       int
	ranged           bool   // low and high are set
	version          string // of the pack; a new one breaks the line
}

// Opened is when the figure's wave opened, for the order of tables.
func (f figure) Opened() string {
	if f.release == nil {
		return string(f.wave)
	}
	return f.release.Opens()
}

// partialBelow is the coverage under which a figure is called partial
// (ANALYTICS: "Two different questions, two intervals").
const partialBelow = 0.6

// figure reads a cell of a unit or block in a release.
func (s speech) figure(r *analytics.Release, unit string, m measure, statistic string) figure {
	cell, ok := r.Cell(unit, m.id, statistic)
	return s.figureOf(r, cell, ok)
}

// figureOf puts a cell of a release in words; present is false where the
// release has none.
func (s speech) figureOf(r *analytics.Release, cell analytics.Cell, present bool) figure {
	f := figure{wave: r.Wave(), release: r}
	f.Wave, f.Short = s.waveNames(r.Wave())
	if !present {
		f.Status, f.Why = s.say("console.status.absent", nil), s.because(whyAbsent, r, cell)
		return f
	}
	f.version, f.block = s.con.library.Line(cell.Pack, cell.PackVersion), cell.Block
	if cell.Invited > 0 {
		f.Invited = s.num(float64(cell.Invited))
	}
	f.Status, f.Why = s.status(r, cell), s.because(why(r, cell), r, cell)
	if cell.Status != analytics.StatusShown {
		return f
	}
	f.Shown, f.value, f.Value, f.N = true, cell.Value, s.value(cell), s.num(float64(cell.N))
	f.n, f.invited = cell.N, cell.Invited
	if cell.Interval {
		f.ranged, f.low, f.high = true, cell.Low, cell.High
		f.Interval = s.say("console.interval", survey.Args{"low": s.num(cell.Low), "high": s.num(cell.High)})
	}
	f.Answered = s.say("console.of", survey.Args{"n": f.N, "invited": f.Invited})
	f.Partial = float64(cell.N) < partialBelow*float64(cell.Invited)
	return f
}

// elsewhere is a wave in which the unit lay in a part of the organisation that
// is not the viewer's.
func (s speech) elsewhere(r *analytics.Release) figure {
	name, short := s.waveNames(r.Wave())
	return figure{
		wave: r.Wave(), release: r, Wave: name, Short: short,
		Status: s.say("console.status.elsewhere", nil), Why: s.because(whyElsewhere, r, analytics.Cell{}),
	}
}

// value writes a shown value; one on the edge of what may be told says so.
func (s speech) value(cell analytics.Cell) string {
	switch cell.Reason {
	case analytics.ReasonClampedHigh:
		return s.say("console.or_more", survey.Args{"value": s.num(cell.Value)})
	case analytics.ReasonClampedLow:
		return s.say("console.or_less", survey.Args{"value": s.num(cell.Value)})
	}
	return s.num(cell.Value)
}

// status says in words whether a cell is shown, and if not, why.
func (s speech) status(r *analytics.Release, cell analytics.Cell) string {
	switch cell.Status {
	case analytics.StatusShown:
		return s.say("console.status.shown", nil)
	case analytics.StatusCombined:
		return s.combined(r, cell)
	}
	if key := "console.reason." + string(cell.Reason); s.con.site.Has(key) {
		return s.say(key, survey.Args{"k": r.K()})
	}
	return s.say("console.status."+string(cell.Status), nil)
}

// combined says what is shown in place of a unit: a block of teams, or a unit
// above that has nobody else.
func (s speech) combined(r *analytics.Release, cell analytics.Cell) string {
	if _, ok := r.Block(cell.Block); !ok {
		return s.say("console.status.within", survey.Args{"unit": s.unitID(r.Tree(), survey.UnitID(cell.Block))})
	}
	return s.say("console.status.combined", survey.Args{"teams": s.members(r, cell.Block, cell.Unit)})
}

// members names the teams of a block other than one of them, each with its
// headcount, never with its number of answers.
func (s speech) members(r *analytics.Release, block, but string) string {
	b, ok := r.Block(block)
	if !ok {
		return s.unitID(r.Tree(), survey.UnitID(block))
	}
	var names []string
	for _, id := range b.Units {
		if unit, ok := r.Unit(id); ok && string(id) != but {
			names = append(names, s.say("console.team_headcount", survey.Args{"unit": s.unitID(r.Tree(), id), "headcount": unit.Invited}))
		}
	}
	return s.list(names)
}
