package stats

import "math"

// Constants of a chart of individual values and moving ranges. Source: Shewhart
// 1931 through Wheeler 1993, Understanding Variation: 3/d₂ and D₄ for ranges
// of two, d₂ = 1.128.
const (
	RangeToLimit  = 2.66  // from the mean moving range to the distance of the limits
	RangeScreen   = 3.267 // a moving range of so many means is no common one
	InnerOfLimits = 2.0 / 3
)

// XmR are the natural process limits of a series.
type XmR struct {
	Centre              float64 // mean of the values
	Range               float64 // mean moving range, after the screen and the floor
	Low, High           float64 // Centre ∓ RangeToLimit·Range
	InnerLow, InnerHigh float64 // at two thirds of the way
	Ranges              int     // moving ranges behind Range
}

// XmROf gives the limits of values in their order. follows says whether a
// value directly follows the one before it; only such pairs make a moving
// range. Moving ranges of RangeScreen times their mean or more are dropped,
// once, and the mean is taken of the others; a mean below floor becomes floor
// (0 for none). It needs one value and one moving range.
//
// Sources: as the constants; the screen as in NHSRplotthedots 0.1.
func XmROf(values []float64, follows []bool, floor float64) (XmR, bool) {
	centre, ok := Mean(values)
	if !ok || len(follows) != len(values) || !finite(floor) {
		return XmR{}, false
	}
	var ranges []float64
	for i := 1; i < len(values); i++ {
		if follows[i] {
			ranges = append(ranges, math.Abs(values[i]-values[i-1]))
		}
	}
	mean, ok := Mean(ranges)
	if !ok {
		return XmR{}, false
	}
	if mean > 0 {
		var kept []float64
		for _, r := range ranges {
			if r < RangeScreen*mean {
				kept = append(kept, r)
			}
		}
		ranges = kept
		mean, _ = Mean(ranges) // the smallest is never dropped
	}
	x := XmR{Centre: centre, Range: max(mean, floor), Ranges: len(ranges)}
	reach := RangeToLimit * x.Range
	x.Low, x.High = centre-reach, centre+reach
	x.InnerLow, x.InnerHigh = centre-InnerOfLimits*reach, centre+InnerOfLimits*reach
	if !finite(x.Low, x.High) {
		return XmR{}, false
	}
	return x, true
}
