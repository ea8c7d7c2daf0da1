package main

import "fmt"

// groups looks for fewer than k people of whom a number follows from what one
// column shows.
func (v *view) groups(at column, cells []*cell, found func(finding)) {
	k := v.facts.k
	f, unlike := newFamily(cells)
	for _, text := range unlike {
		found(finding{Kind: kindUnlike, Wave: at.wave, Measure: at.measure, What: text, How: "two figures about the same teams"})
	}
	for _, g := range f.determined() {
		switch {
		case g.n < 0:
			found(finding{Kind: kindContradiction, Wave: at.wave, Unit: f.names(g.teams, v.places.titles), Measure: at.measure, What: fmt.Sprintf("%d answers are left", g.n), How: g.how})
		case g.n < k && at.measure == response:
			found(finding{
				Kind: kindHidden, Wave: at.wave, Unit: f.names(g.teams, v.places.titles), Measure: at.measure, N: g.n,
				What: fmt.Sprintf("%d answered there, fewer than %d", g.n, k), How: g.how,
			})
		case g.n < k:
			found(finding{
				Kind: kindGroup, Wave: at.wave, Unit: f.names(g.teams, v.places.titles), Measure: at.measure, Statistic: at.statistic, N: g.n,
				What: fmt.Sprintf("%s of %d people, fewer than %d, follows from what is shown%s", at.statistic, g.n, k, v.about(at, &f, g)), How: g.how,
			})
		}
	}
	if at.measure == response {
		v.everybody(at, &f)
	}
}

// about says what is left of the mean of a small group after rounding.
func (v *view) about(at column, f *family, g group) string {
	if at.statistic != mean || !f.isTree() {
		return ""
	}
	y := v.newSystem(f, v.scaleOf(at.measure), true)
	if _, ok := y.solve(); !ok {
		return ""
	}
	if i, ok := y.at(g.teams); ok {
		return fmt.Sprintf("; their mean lies within %v", y.nodes[i].sum.times(y.scale.category/float64(g.n)))
	}
	return ""
}

// everybody notes where all of a block's people answered: then each of its
// teams' numbers is its headcount. A share of all is shown of teams as well;
// that somebody took part is not what they answered.
func (v *view) everybody(at column, f *family) {
	for i := range f.sets {
		c := f.sets[i].cell
		if len(f.children(i)) == 0 && len(f.sets[i].teams) > 1 && c.n == c.invited && c.n > 0 {
			v.risks = append(v.risks, fmt.Sprintf("wave %s: all %d people of %s answered, so the number of answers of each of its teams is its headcount", at.wave, c.n, c.name))
		}
	}
}

// fewestForMoments is the fewest people that a correlation or another figure
// made of products of answers may be about, as it is documented.
const fewestForMoments = 60

// moments looks at statistics that are no means, counts or deviations: those
// that are documented for the organisation only, and those that nobody has
// taught this attack.
func (v *view) moments(at column, cells []*cell, found func(finding)) {
	switch at.statistic {
	case mean, sd, count, coverage:
		return
	case "correlation", "slope", "alpha", "omega":
	default:
		v.blind = append(v.blind, fmt.Sprintf("the statistic “%s” of %s, which this attack does not know", at.statistic, at.measure))
		return
	}
	most := 0 // the teams of the organisation
	for _, c := range cells {
		most = max(most, len(c.teams))
	}
	for _, c := range cells {
		if c.shown() && (len(c.teams) < most || (c.n != unknown && c.n < fewestForMoments && at.statistic != "alpha")) {
			found(finding{
				Kind: kindMoment, Wave: at.wave, Unit: c.name, Measure: at.measure, Statistic: at.statistic, N: max(c.n, 0),
				What: fmt.Sprintf("a %s of a part of the organisation, or of fewer than %d people", at.statistic, fewestForMoments), How: c.from[0],
			})
		}
	}
}

// numbersOfHidden are figures that are called hidden and tell a number.
func (v *view) numbersOfHidden(found func(finding)) {
	for _, c := range v.hidden {
		what := fmt.Sprintf("the figure is called %q, and yet tells", c.status)
		if c.valued {
			what += " a value of " + shownAs(c.value)
		}
		if c.n != unknown {
			what += fmt.Sprintf(" n = %d", c.n)
		}
		if c.ranged {
			what += " an interval"
		}
		found(finding{Kind: kindHidden, Wave: c.wave, Unit: c.name, Measure: c.measure, Statistic: c.statistic, N: max(c.n, 0), What: what, How: c.from[0]})
	}
}
