package main

import (
	"math"
	"sort"
	"strings"
)

// scale is what is known of the numbers that a measure can take.
type scale struct {
	low, high float64
	category  float64 // of the measure's unit, a response category
	whole     bool    // a question, with whole answers
}

// usual is the range of a measure of which nothing is known: five answers.
func usual() span { return span{1, 5} }

// scaleOf works out a measure's range: a question's from its answers in the
// form, a scale's from "on a scale from 1 to 5" beside it. A scale whose
// highest value is a multiple of the highest answer is a sum of so many
// answers, and one that begins at 0 is a sum of answers that count 0 or 1 where
// all its means lie on the steps of such a sum: no answer of it begins at 1.
func (v *view) scaleOf(measure string) scale {
	question, _, _ := strings.Cut(measure, ":")
	if o, ok := v.facts.options[question]; ok {
		return scale{o.low, o.high, 1, true}
	}
	answers := usual()
	first := true
	for _, o := range v.facts.options {
		if first || o.high > answers.high {
			answers, first = o, false
		}
	}
	ends, ok := v.facts.ranges[measure]
	switch {
	case !ok && v.yesNo(measure):
		return scale{0, 1, 1, true}
	case !ok:
		return scale{answers.low, answers.high, 1, false}
	}
	if ends.low == 0 && ends.high > 1 && v.allOn(measure, ends) {
		return scale{ends.low, ends.high, ends.width(), false}
	}
	category := math.Max(1, math.Round(ends.width()/answers.width()))
	return scale{ends.low, ends.high, category, false}
}

// yesNo says whether all means of a measure that no page explains lie from 0 to
// 1 and one below 1: it can be no scale that begins at 1, and is taken for a
// question answered with yes or no.
func (v *view) yesNo(measure string) bool {
	below := false
	for at, cells := range v.columns {
		if at.measure != measure || at.statistic != mean {
			continue
		}
		for _, c := range cells {
			if c.valued && (c.value.value < 0 || c.value.value > 1) {
				return false
			}
			below = below || c.valued && c.value.value < 1
		}
	}
	return below
}

// allOn says whether all means of a measure lie on the steps that they have when
// its whole range is one answer category.
func (v *view) allOn(measure string, ends span) bool {
	for at, cells := range v.columns {
		if at.measure != measure || at.statistic != mean {
			continue
		}
		for _, c := range cells {
			rule := v.rule(c.n)
			if c.valued && c.n > 0 && rule >= 0 && !onGrid(c.value.value, ends.low, v.facts.steps[rule].step*ends.width()) {
				return false
			}
		}
	}
	return true
}

// stepOf is the coarsest step that a mean may have been rounded to: the one
// that the pages explain for so many answers or, because a changed roster makes
// all figures of a unit coarser, the next one that all its values lie on. What
// follows from it follows from the finer one as well.
func (v *view) stepOf(c *cell, n int, s scale) float64 {
	at := v.rule(n)
	if at < 0 {
		return 0
	}
	if at > 0 && onGrid(c.value.value, s.low, v.facts.steps[at-1].step*s.category) && !v.unchanged[place{c.wave, c.unit, at}] {
		at--
	}
	return v.facts.steps[at].step * s.category
}

// place is a unit in one wave, with the number of a step rule.
type place struct {
	wave, unit string
	rule       int
}

// learnUnchanged finds the units whose figures are as fine as the pages
// explain: one value between two coarser steps shows it for all.
func (v *view) learnUnchanged() {
	v.unchanged = make(map[place]bool)
	for at, cells := range v.columns {
		s := v.scaleOf(at.measure)
		for _, c := range cells {
			if rule := v.rule(c.n); at.statistic == mean && c.valued && c.n > 0 && rule > 0 &&
				!onGrid(c.value.value, s.low, v.facts.steps[rule-1].step*s.category) {
				v.unchanged[place{c.wave, c.unit, rule}] = true
			}
		}
	}
}

// finest is the finest step that the pages explain for so many answers.
func (v *view) finest(n int, s scale) float64 {
	if at := v.rule(n); at >= 0 {
		return v.facts.steps[at].step * s.category
	}
	return 0
}

func (v *view) rule(n int) int {
	at := -1
	for i, rule := range v.facts.steps {
		if n >= rule.from {
			at = i
		}
	}
	return at
}

// learnSteps works the steps out from the figures themselves where no page
// explains them: for each number of answers the coarsest grid that holds all
// means with so many answers or fewer than the next.
func (v *view) learnSteps() {
	if len(v.facts.steps) > 0 {
		return
	}
	values := make(map[int][]float64)
	for at, cells := range v.columns {
		if at.statistic != mean {
			continue
		}
		s := v.scaleOf(at.measure)
		for _, c := range cells {
			if c.valued && c.n != unknown {
				values[c.n] = append(values[c.n], (c.value.value-s.low)/s.category)
			}
		}
	}
	sizes := make([]int, 0, len(values))
	for n := range values {
		sizes = append(sizes, n)
	}
	sort.Ints(sizes)
	step := math.Inf(1)
	for _, n := range sizes {
		if s := coarsest(values[n]); s < step {
			step = s
			v.facts.steps = append(v.facts.steps, stepRule{n, s})
		}
	}
	if len(v.facts.steps) > 0 {
		v.facts.steps[0].from = 0
	}
}

// coarsest is the largest usual step on whose grid all values lie.
func coarsest(values []float64) float64 {
	for _, step := range []float64{1, 0.5, 0.25, 0.2, 0.1, 0.05, 0.01} {
		fits := true
		for _, x := range values {
			fits = fits && onGrid(x, 0, step)
		}
		if fits {
			return step
		}
	}
	return 0.001
}
