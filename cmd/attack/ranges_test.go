package main

import (
	"strings"
	"testing"
)

// Every heading of a scale says from where to where it runs, also where the
// latest wave did not ask it.
func TestHeadingsTellTheRangeOfAScaleAlsoWhenItIsNotShown(t *testing.T) {
	const table = `<table><thead><tr><th>Wave</th><th>Mean</th><th>Status</th></tr></thead><tbody></tbody></table>`
	for heading, want := range map[string]span{
		"Law: 2 on a scale from 1 to 3; 9 of 11 answered":                                                                     {1, 3},
		"Law: when last asked, in May 2026, 2 or less on a scale from 1 to 3; 9 of 11 answered":                               {1, 3},
		"Law, 0 to 6: not shown in the latest wave":                                                                           {0, 6},
		"Law, 10 to 50: not shown when it was last asked, in May 2026":                                                        {10, 50},
		"Law is not shown for this unit alone. Children as a whole: when last asked, in May 2026, 2.5 on a scale from 1 to 3": {1, 3},
	} {
		s, err := html(page{path: "/console/teams/u", body: []byte(`<h1>U</h1><section id="area_law"><h2>` + heading + `</h2>` + table + `</section>`)})
		if err != nil || s.facts.ranges["area_law"] != want {
			t.Errorf("%q: %v (%v), want %v", heading, s.facts.ranges["area_law"], err, want)
		}
		if id := s.facts.titles["Law"]; id != "area_law" && strings.HasPrefix(heading, "Law:") {
			t.Errorf("%q gives the titles %v", heading, s.facts.titles)
		}
	}
}

// six is a world with one sum from 0 to 6 of ten people.
func six(value float64) *view {
	s := source{from: "export", facts: newFacts()}
	s.facts.steps = []stepRule{{0, 0.5}, {10, 0.25}, {20, 0.1}}
	s.facts.ranges["sum"] = span{0, 6}
	s.figures = []figure{{
		wave: "w", unit: unitRef{id: "all", name: "all", level: "organisation"}, measure: "sum", statistic: mean,
		value: number{value: value, decimals: 2}, valued: true, n: 10, invited: 12, status: "shown", k: 5, from: "export",
	}}
	return newView("somebody", []source{s})
}

// A sum of six answers that count 0 or 1 has steps of a quarter of six, 1.5,
// for ten people. 2.25 lies between two of them: then the answers are taken for
// five categories, as those of an unknown question.
func TestAScaleThatBeginsAtZeroIsASumOfYesAndNoWhereItsStepsAre(t *testing.T) {
	if s := six(4.5).scaleOf("sum"); s != (scale{0, 6, 6, false}) {
		t.Errorf("the means lie on steps of 1.5: %+v", s)
	}
	if s := six(2.25).scaleOf("sum"); s != (scale{0, 6, 2, false}) { // (6−0)/(5−1), rounded
		t.Errorf("a mean lies between: %+v", s)
	}
}

// Deviations are rounded to a tenth of an answer category, which is 0.6 of a
// sum of six: 1.2 stands for 0.9 to 1.5. Of ten people with a mean of 3.75 at
// least, one may have 0 with 1.32 (worked out: 3.75² + 9·(3.75/9)² = 15.6,
// √(15.6/9) = 1.32), and not with less.
func TestADeviationStandsForATenthOfACategoryToEitherSide(t *testing.T) {
	found := func(value float64, decimals int) int {
		v := six(4.5)
		at := column{"w", "sum", mean}
		means := v.values(at, v.columns[at], func(finding) {})
		c := *v.columns[at][0]
		c.value = number{value: value, decimals: decimals, mark: orLess}
		n := 0
		v.spread(column{"w", "sum", sd}, []*cell{&c}, means, func(finding) { n++ })
		return n
	}
	if n := found(1.2, 1); n != 0 {
		t.Error("1.2 may be up to 1.5, which leaves 0 possible")
	}
	if n := found(0.6, 1); n == 0 {
		t.Error("0.6 is 0.9 at most, and nobody can have 0")
	}
	if n := found(1.25, 2); n == 0 {
		t.Error("1.25 is no tenth of a category, so it is as fine as it is written")
	}
}
