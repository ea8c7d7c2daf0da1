package stats

import "math"

// ChangeReach is by how much two means of values of one series must differ to
// be more than its common variation:
//
//	RangeToLimit · range · √(1/before + 1/after)
//
// range is the series' mean moving range, before and after the number of
// values on either side. With very many values before and one after it is the
// reach of the natural process limits, three standard deviations as they are
// estimated from moving ranges. It is +Inf without values on a side.
func ChangeReach(meanRange float64, before, after int) float64 {
	if before < 1 || after < 1 {
		return math.Inf(1)
	}
	return RangeToLimit * meanRange * math.Sqrt(1/float64(before)+1/float64(after))
}

// T is a T score, 50 + 10·(raw − mean)/sd, against a norm with that mean and
// standard deviation, which is above 0.
func T(raw, mean, sd float64) (t float64, ok bool) {
	t = 50 + 10*(raw-mean)/sd
	if !(sd > 0) || !finite(t, sd) {
		return 0, false
	}
	return t, true
}
