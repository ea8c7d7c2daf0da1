package analytics

import (
	"math"
	"slices"
	"strings"

	"attune/survey"
)

// check holds a release against answers by counting everything again from
// the published cells alone: which groups share the same cells, how many they
// are, and what their figures have to be. It uses neither planner nor audit.
func check(t tester, r *Release, w survey.ClosedWave, p *survey.Pack, given map[survey.UnitID][]survey.Answers) {
	t.Helper()
	columns := make(map[columnID]bool)
	for _, c := range r.Cells() {
		columns[columnID{c.Measure, c.Statistic}] = true
	}
	if len(columns) != 1+3*4+6*4 {
		t.Fatalf("%d columns; pulse has 3 scales with means, sd, alpha and omega, 6 items with means and 3 bands, and the wave its response", len(columns))
	}
	for id := range columns {
		if ofProducts(id.statistic) {
			checkCases(t, r, id)
			continue
		}
		checkColumn(t, r, w, id, countAgain(w, p, id, given))
	}
}

// checkCases checks from the cells alone that complete cases are a set of
// their own: their number differs from no number that is shown of the
// organisation by 1 to k−1.
func checkCases(t tester, r *Release, id columnID) {
	t.Helper()
	cell, ok := r.Cell(string(r.Tree().Root().ID), id.measure, id.statistic)
	if !ok || cell.Status != StatusShown {
		return
	}
	for _, c := range r.Cells() {
		switch {
		case c.Measure == id.measure && c.Statistic == id.statistic && c.Unit != cell.Unit:
			t.Fatalf("%v has a cell of %s", id, c.Unit)
		case c.Unit == cell.Unit && c.Status == StatusShown && c.N != cell.N && c.N-cell.N < r.K() && cell.N-c.N < r.K():
			t.Fatalf("%v has %d cases, %s %s has %d", id, cell.N, c.Measure, c.Statistic, c.N)
		}
	}
}

// again is what a group's ballots give for a column.
type again struct {
	n            int
	sum, squares float64 // of scores
	band         int     // answers in the band
	atoms        int     // in a shown cell
}

// countAgain scores every ballot anew.
func countAgain(w survey.ClosedWave, p *survey.Pack, id columnID, given map[survey.UnitID][]survey.Answers) []again {
	item, band, _ := strings.Cut(id.measure, ":")
	groups := make([]again, len(w.Groups))
	for i, g := range w.Groups {
		for _, u := range g.Units {
			for _, a := range given[u] {
				x, ok := 1.0, true
				if id.measure != MeasureResponse {
					x, ok = scoreAgain(p, item, a)
				}
				if !ok {
					continue
				}
				groups[i].n++
				groups[i].sum += x
				groups[i].squares += x * x
				if (band == BandLow && x <= 2) || (band == BandMiddle && x == 3) || (band == BandHigh && x >= 4) {
					groups[i].band++
				}
			}
		}
	}
	return groups
}

func scoreAgain(p *survey.Pack, measure string, a survey.Answers) (float64, bool) {
	if s, ok := p.Scale(measure); ok {
		return s.Score(p, a)
	}
	value, ok := a[measure]
	return float64(value), ok
}

// atom is the set of groups that are in the same shown cells of a column.
type atom struct {
	again
	cells []int // in shown
}

func checkColumn(t tester, r *Release, w survey.ClosedWave, id columnID, groups []again) {
	t.Helper()
	var shown []Cell
	for _, c := range r.Cells() {
		if c.Measure == id.measure && c.Statistic == id.statistic && c.Status == StatusShown {
			shown = append(shown, c)
		}
	}
	least := r.K()
	if id.statistic == StatisticSD || id.statistic == StatisticCount {
		least = 10
	}
	atoms := make(map[string]*atom)
	for i, g := range w.Groups {
		key, cells := "", []int(nil)
		for j, c := range shown {
			if covers(r, c, g.Units[0]) {
				key, cells = key+c.Unit+"\n", append(cells, j)
			}
			for _, u := range g.Units {
				if covers(r, c, u) != covers(r, c, g.Units[0]) {
					t.Fatalf("%v: cell %s splits group %s", id, c.Unit, g.ID)
				}
			}
		}
		if atoms[key] == nil {
			atoms[key] = &atom{cells: cells}
		}
		a := atoms[key]
		a.n, a.sum, a.squares, a.band = a.n+groups[i].n, a.sum+groups[i].sum, a.squares+groups[i].squares, a.band+groups[i].band
	}
	for _, a := range atoms {
		if len(a.cells) > 0 && a.n > 0 && a.n < least {
			t.Fatalf("%v: %d answers are told apart", id, a.n)
		}
	}
	for j, c := range shown {
		var all again
		for _, a := range atoms {
			if !slices.Contains(a.cells, j) || a.n == 0 {
				continue
			}
			n := float64(a.n)
			all.atoms++
			all.n += a.n
			all.squares += a.squares
			all.band += max(1, min(a.n-1, a.band))
			if id.statistic == StatisticMean {
				all.sum += math.Max(n+4, math.Min(5*n-4, a.sum))
			} else {
				all.sum += a.sum
			}
		}
		if all.n != c.N {
			t.Fatalf("%v of %s: n %d, counted %d", id, c.Unit, c.N, all.n)
		}
		checkCellAgain(t, c, all)
	}
}

func covers(r *Release, c Cell, team survey.UnitID) bool {
	if b, ok := r.Block(c.Unit); ok {
		return slices.Contains(b.Units, team)
	}
	return r.Tree().Within(team, survey.UnitID(c.Unit))
}

// checkCellAgain holds a shown cell against what was counted.
func checkCellAgain(t tester, c Cell, all again) {
	t.Helper()
	switch c.Statistic {
	case StatisticCoverage:
		if math.Abs(c.Value-float64(c.N)/float64(c.Invited)) > 0.005001 || c.Interval {
			t.Fatalf("coverage %+v", c)
		}
	case StatisticMean:
		checkValue(t, c, all.sum/float64(all.n))
	case StatisticSD:
		n := float64(all.n)
		sd := math.Sqrt((all.squares - all.sum*all.sum/n) / (n - 1))
		away := c.Value - sd
		switch {
		case all.atoms > 1: // worked out from its parts' steps and clamps
		case c.Reason == ReasonNone && math.Abs(away) > 0.05+1e-9,
			c.Reason == ReasonClampedLow && away < -0.05-1e-9,
			c.Reason == ReasonClampedHigh && away > 0.05+1e-9:
			t.Fatalf("%+v for a standard deviation of %v", c, sd)
		}
	case StatisticCount:
		if c.Value != float64(all.band) {
			t.Fatalf("%+v for %d answers after clamping", c, all.band)
		}
	}
}

// checkValue holds a shown mean against the mean of clamped sums.
func checkValue(t tester, c Cell, mean float64) {
	t.Helper()
	step := 0.5
	if c.N >= 10 {
		step = 0.25
	}
	if c.N >= 20 {
		step = 0.1
	}
	low, high := 1+4/float64(c.N), 5-4/float64(c.N)
	steps := (c.Value - 1) / step
	switch {
	case math.Abs(steps-math.Round(steps)) > 1e-9:
		t.Fatalf("%+v is not on the grid of %v", c, step)
	case c.Value < low-1e-9 || c.Value > high+1e-9:
		t.Fatalf("%+v lies outside %v–%v", c, low, high)
	case c.Reason == ReasonNone && math.Abs(c.Value-mean) > step/2+1e-9:
		t.Fatalf("%+v for a mean of %v", c, mean)
	case c.Reason == ReasonClampedHigh && (c.Value > mean+1e-9 || mean-c.Value > step):
		t.Fatalf("%+v for a mean of %v", c, mean)
	case c.Reason == ReasonClampedLow && (c.Value < mean-1e-9 || c.Value-mean > step):
		t.Fatalf("%+v for a mean of %v", c, mean)
	case !c.Interval || c.Low > math.Max(1, c.Value-step/2)+1e-9 || c.High < math.Min(5, c.Value+step/2)-1e-9:
		t.Fatalf("%+v: the interval is narrower than the step", c)
	}
}
