package main

import (
	"fmt"
	"math"
	"sort"
	"strings"
)

// cell is one figure of one wave, gathered from all outputs that show it.
type cell struct {
	wave, unit         string // unit: an id, or "name:…" where outputs give none
	name               string
	measure, statistic string
	teams              []string // the people: teams of the organisation, sorted
	value              number
	valued             bool
	low, high          number
	ranged             bool
	n, invited         int
	status, reason     string
	from               []string
	told, withheld     string // outputs that tell a number of it, and that say it is not shown
}

func (c *cell) shown() bool { return c.valued || c.n != unknown }

// column is one measure's statistic in one wave.
type column struct{ wave, measure, statistic string }

// view is everything that one role, or all together, could read.
type view struct {
	role    string
	outputs int
	figures int
	facts   facts
	places  places
	columns map[column][]*cell
	cells   int
	hidden  []*cell  // figures that say a unit is not shown and yet tell a number
	unlike  []string // figures that two outputs show differently
	blind   []string // what could not be read or placed
	risks   []string // what is true and no finding

	unchanged    map[place]bool // units whose figures are not coarser than explained
	intervalGrid float64        // to which the ends of intervals are rounded outward
}

// titled are titles whose measure was learned from figures that agree.
type titled map[string]string

// newView lays everything that some sources say over the organisation.
func newView(role string, sources []source) *view {
	v := &view{role: role, facts: newFacts(), columns: make(map[column][]*cell)}
	for _, s := range sources {
		v.outputs++
		v.facts.add(s.facts)
		v.figures += len(s.figures)
		if s.unread != "" {
			v.blind = append(v.blind, s.from+": "+s.unread)
		}
	}
	v.places = newPlaces(sources)
	index := make(map[string]*cell)
	fresh := make(map[string]bool) // titles that stand for no measure yet
	var later []figure
	for _, s := range sources {
		for _, f := range s.figures {
			if id, ok := v.facts.titles[f.measure]; ok {
				f.measure = id
			}
			if strings.ContainsAny(f.measure, " ’") { // a title of a sign
				fresh[f.measure] = true
				later = append(later, f)
				continue
			}
			v.take(index, f)
		}
	}
	learned := v.learn(index, later)
	for _, f := range later {
		if id, ok := learned[f.measure]; ok {
			f.measure = id
		}
		v.take(index, f)
	}
	for _, cells := range v.columns {
		sort.Slice(cells, func(i, j int) bool { return cells[i].unit < cells[j].unit })
		for _, c := range cells {
			if c.told != "" && c.withheld != "" {
				v.unlike = append(v.unlike, fmt.Sprintf("%s, wave %s, %s %s: shown in %s, called hidden in %s", c.name, c.wave, c.measure, c.statistic, c.told, c.withheld))
			}
		}
	}
	sort.Strings(v.unlike)
	v.learnSteps()
	v.learnGrid()
	v.learnUnchanged()
	return v
}

// learnGrid finds how many decimals the ends of intervals have.
func (v *view) learnGrid() {
	decimals := 1
	for _, cells := range v.columns {
		for _, c := range cells {
			if c.ranged {
				decimals = max(decimals, c.low.decimals, c.high.decimals)
			}
		}
	}
	v.intervalGrid = math.Pow10(-decimals)
}

// take puts a figure into the cell that it is about, and notes where two
// outputs disagree.
func (v *view) take(index map[string]*cell, f figure) {
	wave := v.wave(f.wave)
	unit, name, teams, ok := v.places.find(wave, f.unit)
	if !ok {
		if f.numbers() {
			v.blind = append(v.blind, fmt.Sprintf("%s: a figure of “%s”, whose place in the organisation is not known", f.from, f.unit.name))
		}
		return
	}
	key := strings.Join([]string{wave, unit, f.measure, f.statistic}, "\x00")
	c, known := index[key]
	if !known {
		c = &cell{wave: wave, unit: unit, name: name, measure: f.measure, statistic: f.statistic, teams: teams, n: unknown, invited: unknown}
		index[key] = c
		at := column{wave, f.measure, f.statistic}
		v.columns[at] = append(v.columns[at], c)
		v.cells++
	}
	if c.reason == "" {
		c.reason = f.reason
	}
	if hides(f.status) && f.numbers() {
		h := *c
		h.value, h.valued, h.low, h.high, h.ranged, h.n, h.invited, h.status = f.value, f.valued, f.low, f.high, f.ranged, f.n, f.invited, f.status
		h.from = []string{f.from}
		v.hidden = append(v.hidden, &h)
	}
	switch {
	case f.numbers() && !hides(f.status) && c.told == "":
		c.told = f.from
	case !f.numbers() && hides(f.status) && c.withheld == "":
		c.withheld = f.from
	}
	if c.status == "" || c.status == "shown" {
		c.status = f.status
	}
	v.compare(c, f)
	if len(c.from) < 6 {
		c.from = append(c.from, f.from)
	}
}

// hides says whether an output says of a figure that it is not shown.
func hides(status string) bool {
	switch status {
	case "combined", "suppressed", "empty":
		return true
	}
	return strings.HasPrefix(status, "Not shown") || strings.HasPrefix(status, "not shown")
}

// compare fills in what was not known and notes what differs.
func (v *view) compare(c *cell, f figure) {
	differ := func(what string, a, b any) {
		v.unlike = append(v.unlike, fmt.Sprintf("%s, wave %s, %s %s: %s is %v in %s and %v in %s", c.name, c.wave, c.measure, c.statistic, what, a, c.from[0], b, f.from))
	}
	if f.valued {
		switch {
		case !c.valued:
			c.value, c.valued = f.value, true
		case c.value.value != f.value.value:
			differ("the value", c.value.value, f.value.value)
		case c.value.mark == exact: // a chart shows the mark in words or not at all
			c.value.mark = f.value.mark
		}
	}
	if f.ranged {
		switch {
		case !c.ranged:
			c.low, c.high, c.ranged = f.low, f.high, true
		case c.low.value != f.low.value || c.high.value != f.high.value:
			differ("the interval", []float64{c.low.value, c.high.value}, []float64{f.low.value, f.high.value})
		}
	}
	if f.n != unknown {
		if c.n != unknown && c.n != f.n {
			differ("n", c.n, f.n)
		}
		c.n = f.n
	}
	if f.invited != unknown {
		if c.invited != unknown && c.invited != f.invited {
			differ("the number of people asked", c.invited, f.invited)
		}
		c.invited = f.invited
	}
}

// wave is the id of a wave that a page may call by its name, long or short.
func (v *view) wave(name string) string {
	if id, ok := v.facts.waves[name]; ok {
		return id
	}
	for long, id := range v.facts.waves { // "Nov 2026" for "November 2026"
		if len(name) > 4 && len(long) > 4 && strings.HasPrefix(long, name[:3]) && strings.HasSuffix(long, name[strings.IndexByte(name, ' ')+1:]) {
			return id
		}
	}
	return name
}

// learn finds which measure a title stands for: the one whose means agree with
// nearly all that stand under the title. A page that shows one figure
// differently is found out by it, and not excused.
func (v *view) learn(index map[string]*cell, figures []figure) titled {
	type score struct{ same, seen int }
	votes := make(map[string]map[string]*score)
	for _, f := range figures {
		wave := v.wave(f.wave)
		unit, _, _, ok := v.places.find(wave, f.unit)
		if !ok || !f.valued {
			continue
		}
		for measure := range v.facts.options { // questions that are shown by themselves
			c, ok := index[strings.Join([]string{wave, unit, measure, mean}, "\x00")]
			if !ok || !c.valued {
				continue
			}
			if votes[f.measure] == nil {
				votes[f.measure] = make(map[string]*score)
			}
			s := votes[f.measure][measure]
			if s == nil {
				s = &score{}
				votes[f.measure][measure] = s
			}
			s.seen++
			if c.value.value == f.value.value {
				s.same++
			}
		}
	}
	learned := make(titled)
	for title, measures := range votes {
		best, second := "", ""
		for _, id := range keys(measures) {
			switch {
			case best == "" || measures[id].same > measures[best].same:
				best, second = id, best
			case second == "" || measures[id].same > measures[second].same:
				second = id
			}
		}
		s := measures[best]
		if 10*s.same < 9*s.seen || (second != "" && measures[second].same == s.same) {
			v.blind = append(v.blind, fmt.Sprintf("figures under “%s”, which fit no measure or several", title))
			continue
		}
		learned[title] = best
	}
	return learned
}
