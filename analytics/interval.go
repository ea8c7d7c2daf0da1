package analytics

import (
	"math"

	"attune/analytics/stats"
)

// outwardMilli is the grid to which interval ends are rounded outward, in
// thousandths of the reporting unit.
const outwardMilli = 100

// halfWidths remembers stats.HalfWidth(1, n): many units are of one size, and t is
// slow to find.
type halfWidths map[int]float64

// finite is stats.FiniteHalfWidth, up to the last bits.
func (h halfWidths) finite(sd float64, n, people int) float64 {
	unit, known := h[n]
	if !known {
		unit = stats.HalfWidth(1, n)
		h[n] = unit
	}
	return sd * unit * stats.FiniteCorrection(n, people)
}

// teamInterval is the interval of a displayed value for the group it stands
// for, now: the finite half width around the displayed value, widened by half
// a step, rounded outward to a tenth and cut to the scale. All in thousandths
// of the reporting unit. The half width comes from a standard deviation that
// is published, by itself or with the measure, so that the interval is a
// function of published numbers only.
func teamInterval(value, step int64, halfWidth float64, b bounds) (low, high int64) {
	reach := float64(step)/2 + halfWidth
	low = outwardMilli * int64(math.Floor((float64(value)-reach)/outwardMilli))
	high = outwardMilli * int64(math.Ceil((float64(value)+reach)/outwardMilli))
	return max(low, b.low*1000), min(high, b.high*1000)
}

// thousandths is the finite half width in thousandths of the reporting unit;
// sd is in response categories.
func (h halfWidths) thousandths(sd float64, n, people int, b bounds) float64 {
	return 1000 * h.finite(sd*float64(b.category), n, people)
}
