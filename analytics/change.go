package analytics

import (
	"math"
	"slices"

	"attune/analytics/stats"
	"attune/survey"
)

// Waves on either side of an event that are compared.
const (
	changeWaves = 3 // at most, the nearest ones
	changeFrom  = 2 // at least
)

// Change compares a series before and after an event.
type Change struct {
	Verdict       Verdict // VerdictBetter, VerdictWorse or VerdictCannotSay
	Before, After float64 // n-weighted means of the displayed values, in the reporting unit
	WavesBefore   int     // published waves behind Before; 0, like all numbers, when there is nothing on a side
	WavesAfter    int
	Smallest      float64 // the smallest difference that would be better or worse here; 0 with fewer than changeFrom waves on a side
}

// ChangeOf compares the published waves before an event with those that open
// on its day or later: the changeWaves nearest on either side, of the same
// teams and the same questions. points, m and direction are those of TrendOf.
//
// The difference counts when it is larger than stats.ChangeReach, with the
// mean moving range of all waves on both sides, none of them over the event,
// and the floors of trends. Otherwise, with fewer than changeFrom waves on a
// side, and on a scale without a better end, the verdict is
// VerdictCannotSay: that a difference is small is no proof that nothing
// happened.
func ChangeOf(points []Point, m Measure, direction survey.Direction, day string) Change {
	category := m.Category
	if !(category > 0) {
		category = 1
	}
	c := Change{Verdict: VerdictCannotSay}
	at := slices.IndexFunc(points, func(p Point) bool { return p.OpensOn >= day })
	if at < 1 {
		return c
	}
	from, to := at, at+1
	if begins(points, at, nil) {
		return c // other teams or other questions
	}
	for from > 0 && (from == at || !begins(points, from, nil)) {
		from--
	}
	for to < len(points) && !begins(points, to, nil) {
		to++
	}
	before, after := lastPublished(points[from:at]), firstPublished(points[at:to])
	if len(before) == 0 || len(after) == 0 {
		return c
	}
	c.WavesBefore, c.WavesAfter = len(before), len(after)
	c.Before, c.After = weightedMean(before), weightedMean(after)
	if len(before) < changeFrom || len(after) < changeFrom {
		return c // as before and after a training: what was, and no verdict
	}
	c.Smallest = stats.ChangeReach(commonRange(points, from, at, to, category), len(before), len(after))
	difference := c.After - c.Before
	switch {
	case math.Abs(difference) <= c.Smallest+same*category, direction != survey.HigherBetter && direction != survey.HigherWorse:
	case (difference > 0) == (direction == survey.HigherBetter):
		c.Verdict = VerdictBetter
	default:
		c.Verdict = VerdictWorse
	}
	return c
}

// commonRange is the mean moving range of the waves on both sides, with the
// floor of trends.
func commonRange(points []Point, from, at, to int, category float64) float64 {
	var ranges []float64
	var answers []int
	for i := from; i < to; i++ {
		if !published(points[i]) {
			continue
		}
		answers = append(answers, points[i].Cell.N)
		if i > from && i != at && published(points[i-1]) {
			ranges = append(ranges, math.Abs(points[i].Cell.Value-points[i-1].Cell.Value))
		}
	}
	mean, _ := stats.Mean(ranges)
	return max(mean, category*middleFloor(answers))
}

func lastPublished(points []Point) []Cell {
	var cells []Cell
	for i := len(points) - 1; i >= 0 && len(cells) < changeWaves; i-- {
		if published(points[i]) {
			cells = append(cells, points[i].Cell)
		}
	}
	return cells
}

func firstPublished(points []Point) []Cell {
	var cells []Cell
	for i := 0; i < len(points) && len(cells) < changeWaves; i++ {
		if published(points[i]) {
			cells = append(cells, points[i].Cell)
		}
	}
	return cells
}

func weightedMean(cells []Cell) float64 {
	n, total := 0.0, 0.0
	for _, c := range cells {
		n += float64(c.N)
		total += float64(c.N) * c.Value
	}
	return total / n
}
