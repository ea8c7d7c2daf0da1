package main

import (
	"math"
	"strconv"
	"strings"
)

// What the walk's release has to show, worked out here from the answers alone,
// without any of the program's own code.

// figure is one published mean.
type figure struct {
	value   float64
	n       int
	invited int
}

// text writes a figure as the export does: the shortest decimal.
func (f figure) text() string { return strconv.FormatFloat(f.value, 'f', -1, 64) }

// expectWalk gives the figures to be shown, by "UNIT MEASURE". What it does
// not hold must not be shown.
//
// Shown are the organisation, its two departments, Duty, and the group of
// Family Support and Court Work. Night answers with 4, below k. Shown beside
// South, Ward would leave those 4 over; hiding South to combine Night with
// somebody in North would cost a department and a team more. So Ward is hidden
// with Night: 11 people, at least kc = 6. Nothing else lies in South, so that
// South itself is their figure and no block repeats it.
func expectWalk(sheets map[string][]sheet) map[string]figure {
	duty, shared := sheets["North / Duty"], sheets["North / Court Work + North / Family Support"]
	south := append(append([]sheet(nil), sheets["South / Ward"]...), sheets["South / Night"]...)
	want := make(map[string]figure)
	for name, items := range pulseMeasures() {
		d, s, w := blockOf(duty, items), blockOf(shared, items), blockOf(south, items)
		want["Duty "+name] = d.shown(12)
		want["block 13 "+name] = s.shown(13)
		want["North "+name] = d.plus(s).shown(25)
		want["South "+name] = w.shown(15)
		want["Test Harbour "+name] = d.plus(s).plus(w).shown(40)
	}
	return want
}

// pulseMeasures are the pulse pack's scales and signs with their items.
func pulseMeasures() map[string][]string {
	measures := map[string][]string{
		"burnout": {"burnout_recovery", "burnout_energy", "burnout_wasted"},
		"sts":     {"sts_mind", "sts_tense", "sts_put_off"},
		"cs":      {"cs_connection", "cs_good", "cs_why"},
	}
	for _, item := range walkItems {
		if strings.HasPrefix(item, "team_") {
			measures[item] = []string{item}
		}
	}
	return measures
}

// sums is the clamped sum of scores of a set of people.
type sums struct {
	total float64
	n     int
}

// blockOf adds the people's means (at least 2 of 3 answered, or the one item)
// and clamps the sum to where nobody's answer is forced: the mean as a
// fraction of 1 to 5 lies within 1/n and 1−1/n.
func blockOf(people []sheet, items []string) sums {
	least := min(2, len(items))
	var s sums
	for _, answers := range people {
		total, answered := 0.0, 0
		for _, item := range items {
			if v, ok := answers[item]; ok {
				total, answered = total+float64(v), answered+1
			}
		}
		if answered >= least {
			s.total, s.n = s.total+total/float64(answered), s.n+1
		}
	}
	n := float64(s.n)
	s.total = math.Max(n*(1+4/n), math.Min(n*(1+4*(1-1/n)), s.total))
	return s
}

func (s sums) plus(o sums) sums { return sums{s.total + o.total, s.n + o.n} }

// shown rounds to the display step: 0.5 below 10 people, 0.25 below 20, 0.1
// from there, inward where rounding would leave the clamp.
func (s sums) shown(invited int) figure {
	n := float64(s.n)
	step := 0.1
	if s.n < 20 {
		step = 0.25
	}
	if s.n < 10 {
		step = 0.5
	}
	low := math.Ceil((1+4/n)/step-1e-9) * step
	high := math.Floor((1+4*(1-1/n))/step+1e-9) * step
	v := s.total / n
	v += 1e-9 * (3 - v) // a mean half way between two steps goes to the one nearer the middle, 3
	v = math.Round(v/step) * step
	v = math.Max(low, math.Min(high, v))
	return figure{math.Round(v*100) / 100, s.n, invited}
}
