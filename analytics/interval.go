package analytics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// confidence is the two-sided level of every interval.
const confidence = 0.95

// outwardMilli is the grid to which interval ends are rounded outward, in
// thousandths of the reporting unit.
const outwardMilli = 100

// HalfWidth is half the width of the 95 % interval of a mean over the process
// that made it, without a finite population correction:
//
//	t(0.975; n−1) · sd / √n
//
// sd is the standard deviation in the unit of the mean; n is at least 2, with
// fewer the result is +Inf. Source: ANALYTICS, "Two different questions, two
// intervals".
func HalfWidth(sd float64, n int) float64 {
	if n < 2 {
		return math.Inf(1)
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(1 - (1-confidence)/2)
	return t * sd / math.Sqrt(float64(n))
}

// FiniteHalfWidth is half the width of the 95 % interval of a mean over the
// finite group of people that n answers came from:
//
//	t(0.975; n−1) · sd/√n · √(1 − n/people)
//
// It is 0 when everybody answered. people is at least n; n is at least 2,
// with fewer the result is +Inf unless everybody answered. Source: ANALYTICS,
// "This team now".
func FiniteHalfWidth(sd float64, n, people int) float64 {
	if n >= people {
		return 0
	}
	return HalfWidth(sd, n) * finite(n, people)
}

// finite is the finite population correction √(1 − n/people).
func finite(n, people int) float64 {
	return math.Sqrt(1 - float64(min(n, people))/float64(people))
}

// halfWidths remembers HalfWidth(1, n): many units are of one size, and t is
// slow to find.
type halfWidths map[int]float64

// finite is FiniteHalfWidth, up to the last bits.
func (h halfWidths) finite(sd float64, n, people int) float64 {
	unit, known := h[n]
	if !known {
		unit = HalfWidth(1, n)
		h[n] = unit
	}
	return sd * unit * finite(n, people)
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
