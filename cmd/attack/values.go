package main

import (
	"fmt"
	"slices"
	"strings"
)

// bandNames are the bands of a question's counts, from the lowest answers up:
// two answers, one, two.
func bandNames() [3]string { return [3]string{"low", "middle", "high"} }

// column of means, with what was worked out of it.
type solved struct {
	family *family
	system *system
	scale  scale
}

// values looks for answers that nobody can have given, or somebody must have,
// in everything that one wave tells about one measure.
func (v *view) values(at column, cells []*cell, found func(finding)) solved {
	s := v.scaleOf(at.measure)
	f, _ := newFamily(cells)
	finest := func(i int) bool { return len(f.children(i)) == 0 }
	sound := true
	for i := range f.sets {
		c := f.sets[i].valued()
		if c == nil || f.sets[i].n <= 0 {
			continue
		}
		v.finer(at, c, s, found)
		if !finest(i) {
			continue
		}
		p := v.puzzle(f.sets[i].n, s)
		p.sum = v.rangeOf(c, p.n, s)
		if never := p.impossible(); len(never) > 0 {
			sound = false
			found(finding{
				Kind: kindAnswer, Wave: at.wave, Unit: c.name, Measure: at.measure, N: p.n,
				What: v.nobody(never, s),
				How:  fmt.Sprintf("%d people with a mean of %s have a sum of %v", p.n, shownAs(c.value), p.sum),
			})
		}
	}
	y := v.newSystem(&f, s, false)
	fault, ok := y.solve()
	if !ok && sound { // the parts' values are clamped, the whole's is not
		y = v.newSystem(&f, s, true)
		if _, agrees := y.solve(); !agrees {
			found(finding{
				Kind: kindContradiction, Wave: at.wave, Unit: fault, Measure: at.measure,
				What: "the figure and those of its parts cannot all be true", How: "sums of rounded means, with all that rounding allows",
			})
		} else {
			v.unclamped(at, y, fault, found)
		}
	}
	return solved{&f, y, s}
}

// unclamped is for a set whose value tells more about its parts than they show.
func (v *view) unclamped(at column, y *system, whole string, found func(finding)) {
	any := false
	for _, n := range y.nodes {
		if n.n <= 0 {
			continue
		}
		p := v.puzzle(n.n, y.scale)
		p.sum = n.sum
		never := p.impossible()
		if len(never) == 0 {
			continue
		}
		any = true
		found(finding{
			Kind: kindAnswer, Wave: at.wave, Unit: v.title(y, n), Measure: at.measure, N: n.n,
			What: v.nobody(never, y.scale),
			How:  fmt.Sprintf("the figure of %s is no sum of clamped parts; with the others taken away, these %d people have a sum of %v", whole, n.n, n.sum),
		})
	}
	if !any {
		found(finding{
			Kind: kindContradiction, Wave: at.wave, Unit: whole, Measure: at.measure,
			What: "the figure is no sum of its parts' clamped figures, and tells more about them than they show", How: "sums of rounded means",
		})
	}
}

// title names the people of a node.
func (v *view) title(y *system, n node) string {
	if n.set >= 0 {
		return y.family.sets[n.set].cell.name
	}
	return y.family.names(n.teams, v.places.titles)
}

func (v *view) puzzle(n int, s scale) puzzle {
	return puzzle{n: n, options: span{s.low / s.category, s.high / s.category}, whole: s.whole, sum: everything(), sd: everything()}
}

// nobody writes down answers that nobody can have given.
func (v *view) nobody(never []float64, s scale) string {
	var names []string
	for _, a := range never {
		names = append(names, fmt.Sprintf("%.4g", a*s.category))
	}
	if s.whole {
		return "nobody can have answered " + strings.Join(names, " or ")
	}
	return "nobody can have a score of " + strings.Join(names, ", ")
}

func shownAs(n number) string {
	return fmt.Sprintf("%.*f%s", n.decimals, n.value, map[mark]string{orLess: " or less", orMore: " or more"}[n.mark])
}

// finer finds a mean that is told more exactly than its number of answers
// allows, and an interval whose middle tells it.
func (v *view) finer(at column, c *cell, s scale, found func(finding)) {
	step := v.finest(c.n, s)
	if step == 0 || c.n == unknown {
		return
	}
	if !onGrid(c.value.value, s.low, step) && !onGrid(c.value.value, s.low, v.stepOf(c, c.n, s)) {
		found(finding{
			Kind: kindFiner, Wave: at.wave, Unit: c.name, Measure: at.measure, N: c.n,
			What: fmt.Sprintf("the mean of %d people is told as %s, in finer steps than the %.4g that are explained", c.n, shownAs(c.value), step),
			How:  "the figure itself",
		})
	}
	if !c.ranged || c.low.value <= s.low+tiny || c.high.value >= s.high-tiny { // cut off at an end: its middle tells nothing
		return
	}
	grid := v.intervalGrid
	middle := (c.low.value + c.high.value) / 2
	if away := middle - c.value.value; away >= grid/2-tiny || away <= -grid/2+tiny {
		found(finding{
			Kind: kindCentre, Wave: at.wave, Unit: c.name, Measure: at.measure, N: c.n,
			What: fmt.Sprintf("the interval %.4g to %.4g lies around %.4g, not around %s: the mean is known to %.2g, where steps of %.4g are shown", c.low.value, c.high.value, middle, shownAs(c.value), grid/2, step),
			How:  "the middle of the interval",
		})
	}
}

// counts looks at a question's counts in bands together with its means.
func (v *view) counts(wave, question string, means solved, found func(finding)) {
	var columns [3][]*cell
	for i, band := range bandNames() {
		columns[i] = v.columns[column{wave, question + ":" + band, count}]
	}
	f, _ := newFamily(columns[0])
	byUnit := make(map[string][3]*cell)
	for band, cells := range columns {
		for _, c := range cells {
			if c.shown() && c.valued {
				three := byUnit[c.unit]
				three[band] = c
				byUnit[c.unit] = three
			}
		}
	}
	for i := range f.sets {
		if len(f.children(i)) > 0 {
			continue // larger sets are sums of what is shown of their parts
		}
		c := f.sets[i].cell
		three := byUnit[c.unit]
		if three[0] == nil || three[1] == nil || three[2] == nil || c.n <= 0 {
			continue
		}
		p := v.puzzle(c.n, means.scale)
		p.sum, p.bands = v.sumOf(c, means), &[3]span{}
		told := make([]string, 3)
		for band, x := range three {
			p.bands[band] = span{x.value.value, x.value.value}
			switch x.value.mark {
			case orLess:
				p.bands[band].low = 0
			case orMore:
				p.bands[band].high = float64(c.n)
			}
			told[band] = shownAs(x.value)
		}
		if never := p.impossible(); len(never) > 0 {
			found(finding{
				Kind: kindAnswer, Wave: wave, Unit: c.name, Measure: question, N: c.n,
				What: v.nobody(never, means.scale),
				How:  fmt.Sprintf("%d people, %s in the bands, and a sum of %v: no histogram that fits has it", c.n, strings.Join(told, ", "), p.sum),
			})
		}
	}
}

// sumOf is what the means tell about the sum of the people of a cell: their
// own, or that of the sets that they are made of.
func (v *view) sumOf(c *cell, means solved) span {
	all := span{means.scale.low, means.scale.high}.times(float64(c.n) / means.scale.category)
	at := make(map[string]int)
	for i, t := range means.family.teams {
		at[t] = i
	}
	var teams []int
	for _, t := range c.teams {
		i, ok := at[t]
		if !ok {
			return all
		}
		teams = append(teams, i)
	}
	slices.Sort(teams)
	if i, ok := means.system.at(teams); ok && len(means.system.nodes[i].children) == 0 && means.system.nodes[i].n == c.n {
		return means.system.truly(i).meet(all)
	}
	var sum span
	n, covered := 0, 0
	for i := range means.system.nodes { // the finest sets inside, where they cover it
		x := &means.system.nodes[i]
		if len(x.children) == 0 && within(x.teams, teams) && x.n > 0 {
			sum, n, covered = sum.plus(means.system.truly(i)), n+x.n, covered+len(x.teams)
		}
	}
	if n == c.n && covered <= len(teams) {
		return sum.meet(all)
	}
	return all
}

// sdStep is what standard deviations are rounded to, in answer categories
// (docs/disclosure.md). One that does not lie on it is taken for as fine as it is written.
const sdStep = 0.1

// spread looks at a scale's standard deviations together with its means.
func (v *view) spread(at column, cells []*cell, means solved, found func(finding)) {
	f, _ := newFamily(cells)
	for i := range f.sets {
		c := f.sets[i].cell
		if len(f.children(i)) > 0 || !c.valued || c.n <= 1 {
			continue
		}
		half := c.value.rounding().width() / 2 / means.scale.category
		if onGrid(c.value.value/means.scale.category, 0, sdStep) {
			half = max(half, sdStep/2)
		}
		p := v.puzzle(c.n, means.scale)
		p.sum = v.sumOf(c, means)
		value := c.value.value / means.scale.category
		p.sd = span{max(0, value-half), value + half}
		switch c.value.mark {
		case orLess:
			p.sd.low = 0
		case orMore:
			p.sd.high = everything().high
		}
		if never := p.impossible(); len(never) > 0 {
			found(finding{
				Kind: kindAnswer, Wave: at.wave, Unit: c.name, Measure: at.measure, N: c.n,
				What: v.nobody(never, means.scale),
				How:  fmt.Sprintf("%d people, a standard deviation of %s, and a sum of %v", c.n, shownAs(c.value), p.sum),
			})
		}
	}
}
