package handlers

import (
	"attune/analytics"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// besideTable sets units side by side in one wave: a column for each scale.
type besideTable struct {
	Title  string // what it found; empty on the overview, which opens with it
	Scales []string
	Sort   heads
	Rows   []besideRow
}

type besideRow struct {
	Name     string
	Path     string // empty when the viewer may not open the unit's page
	Level    int    // how far to indent
	Own      bool   // the unit that the page is about
	Answered figure
	Figures  []figure
	Marks    []figureMark // of Figures, where the page has them
	Status   string       // one sentence in place of the figures when none is shown
	Columns  int          // how many columns that sentence takes
}

// sorted puts the units in the order that the address asks for.
func (t *besideTable) sorted(s speech, c echo.Context, f frame) {
	t.Sort = inOrder(s, c, f, "units", t.Rows, byName("unit", "console.table.unit", func(r besideRow) string { return r.Name }))
}

// figureMark is what a figure stands for: how strained, in quarters of the
// scale, and a shape with a word where its trend is not steady.
type figureMark struct {
	Shade      int
	Kind, Word string
}

// Mark is that of the figure at a place; the zero mark where there is none.
func (r besideRow) Mark(at int) figureMark {
	if at < len(r.Marks) {
		return r.Marks[at]
	}
	return figureMark{}
}

// beside sets a unit beside the combined block that it is in, if any, and
// the units above it.
func (s speech) beside(v viewer, r *analytics.Release, unit survey.UnitID, scales []measure) besideTable {
	tree := r.Tree()
	asked := s.askedIn(r, unit, scales)
	t := besideTable{Title: s.besideTitle(r, unit, scales), Scales: s.titles(asked)}
	row := s.besideRow(r, string(unit), s.unitID(tree, unit), asked)
	row.Own = true
	t.Rows = append(t.Rows, row)
	if block, ok := blockOf(row.Answered); ok {
		t.Rows = append(t.Rows, s.besideRow(r, block.ID, s.members(r, block.ID, ""), asked))
	}
	for _, up := range tree.Ancestors(unit) {
		row := s.besideRow(r, string(up), s.unitID(tree, up), asked)
		if v.sees(tree, up) {
			row.Path = "/console/teams/" + string(up)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// askedIn keeps the scales that the wave asked.
func (s speech) askedIn(r *analytics.Release, unit survey.UnitID, scales []measure) []measure {
	var asked []measure
	for _, m := range scales {
		if cell, ok := r.Cell(string(unit), m.id, analytics.StatisticMean); ok && cell.Pack == m.pack {
			asked = append(asked, m)
		}
	}
	return asked
}

func (s speech) titles(measures []measure) []string {
	names := make([]string, len(measures))
	for i, m := range measures {
		names[i] = s.say("console.table.scale", survey.Args{"measure": m.title, "low": s.num(m.low), "high": s.num(m.high)})
	}
	return names
}

func (s speech) besideRow(r *analytics.Release, id, name string, scales []measure) besideRow {
	row := besideRow{Name: name, Columns: len(scales) + 1, Answered: s.figure(r, id, response(), analytics.StatisticCoverage)}
	shown := row.Answered.Shown
	for _, m := range scales {
		f := s.figure(r, id, m, analytics.StatisticMean)
		shown = shown || f.Shown
		row.Figures = append(row.Figures, f)
	}
	if !shown {
		row.Status = row.Answered.Status
	}
	return row
}
