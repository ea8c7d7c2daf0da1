package main

import (
	"fmt"
	"sort"
)

// nearlyExact is the error, in response categories, up to which a guess of what
// a newcomer answered is called a finding: half a category names the answer.
const nearlyExact = 0.5

// newcomers compares the same people in two waves between which a few joined
// or left. Who knows that nobody else changed their mind could take one sum
// from the other; steps are what keeps that from being exact. Only a change of
// the number of people asked can be seen from outside: somebody who came for
// somebody who left cannot.
func (v *view) newcomers(found func(finding)) {
	type line struct{ measure, unit string }
	series := make(map[line][]*cell)
	for at, cells := range v.columns {
		for _, c := range cells {
			if at.statistic == mean && c.valued && c.n > 0 && c.invited > 0 {
				p := line{at.measure, c.unit}
				series[p] = append(series[p], c)
			}
		}
	}
	var lines []line
	for p := range series {
		lines = append(lines, p)
	}
	sort.Slice(lines, func(i, j int) bool {
		return lines[i].unit < lines[j].unit || (lines[i].unit == lines[j].unit && lines[i].measure < lines[j].measure)
	})
	for _, p := range lines {
		cells := series[p]
		sort.Slice(cells, func(i, j int) bool { return cells[i].wave < cells[j].wave })
		for i := 1; i < len(cells); i++ {
			v.newcomer(cells[i-1], cells[i], found)
		}
	}
}

func (v *view) newcomer(before, after *cell, found func(finding)) {
	changed := after.invited - before.invited
	few := max(changed, -changed)
	if few == 0 || few >= v.facts.k {
		return
	}
	s := v.scaleOf(after.measure)
	sum := v.rangeOf(after, after.n, s).minus(v.rangeOf(before, before.n, s))
	if changed < 0 {
		sum = span{-sum.high, -sum.low}
	}
	possible := span{s.low, s.high}.times(float64(few) / s.category)
	guess := sum.meet(possible)
	if guess.empty() || max(after.n-before.n, before.n-after.n) != few {
		return // others changed their minds, or did not answer
	}
	each, middle := guess.width()/2/float64(few), possible.width()/2/float64(few)
	what := fmt.Sprintf("%d people came or went since wave %s; if nobody else changed their answers, each one's is known to %.2f categories (guessing the middle: %.2f)", few, before.wave, each, middle)
	if each <= nearlyExact {
		found(finding{Kind: kindNewcomer, Wave: after.wave, Unit: after.name, Measure: after.measure, N: few, What: what, How: fmt.Sprintf("%d × %s − %d × %s", after.n, shownAs(after.value), before.n, shownAs(before.value))})
		return
	}
	v.risks = append(v.risks, fmt.Sprintf("wave %s, %s, %s: %s", after.wave, after.name, after.measure, what))
}
