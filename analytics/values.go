package analytics

import (
	"math/big"
)

// Display steps in response categories, and the numbers of answers from which
// they hold (PRIVACY, section 6, "Values").
const (
	stepCoarseMilli = 500 // below stepMiddleFrom
	stepMiddleMilli = 250
	stepFineMilli   = 100 // from stepFineFrom

	stepMiddleFrom = 10
	stepFineFrom   = 20

	// A block whose roster changed by 1 to k−1 people since the last release
	// has coarser steps, so that the difference of two waves tells nothing
	// about the few who came or went.
	changedMiddleFrom = 20
	changedFineFrom   = 40
)

// stepMilli is the display step of a mean in thousandths of a response
// category. changed says whether 1 to k−1 people of the roster changed since
// the programme's last release.
func stepMilli(n int, changed bool) int64 {
	middle, fine := stepMiddleFrom, stepFineFrom
	if changed {
		middle, fine = changedMiddleFrom, changedFineFrom
	}
	switch {
	case n >= fine:
		return stepFineMilli
	case n >= middle:
		return stepMiddleMilli
	default:
		return stepCoarseMilli
	}
}

// clamp keeps a sum of n answers within the range in which nobody's answer is
// forced: its mean as a fraction of the scale lies within [1/n, 1−1/n], that
// is, the sum within [n·low + range, n·high − range]. n is at least 2.
func clamp(sum *big.Rat, n int, b bounds) *big.Rat {
	low, high := allowedSums(n, b)
	switch {
	case sum.Cmp(low) < 0:
		return low
	case sum.Cmp(high) > 0:
		return high
	default:
		return sum
	}
}

// allowedSums are the ends of the range that clamp keeps.
func allowedSums(n int, b bounds) (low, high *big.Rat) {
	span := b.high - b.low
	return big.NewRat(int64(n)*b.low+span, 1), big.NewRat(int64(n)*b.high-span, 1)
}

// label rounds the mean of a clamped sum to the step grid, which begins at
// the low end of the scale. It returns the value in thousandths of the
// reporting unit, with the reason when the true mean may lie further out.
//
// A mean that lies exactly between two steps goes to the one nearer to the
// middle of the scale, so that reversing every answer mirrors the label. (The
// middle itself always lies on the grid: every step divides half a category.)
//
// A sum at the very end of the allowed range is marked as well as one beyond
// it: were only sums beyond it marked, the mark would tell that nobody gave
// the answer at the other end.
func label(sum *big.Rat, n int, b bounds, stepMilli int64) (milli int64, reason Reason) {
	step := stepMilli * b.category // thousandths of the reporting unit
	low, high := allowedSums(n, b)
	first := -floor(negative(steps(low, n, b, step))) // the first and last step inside the allowed range
	last := floor(steps(high, n, b, step))
	at := nearest(steps(sum, n, b, step), middle(b, step))
	switch {
	case sum.Cmp(low) <= 0 || at < first:
		at, reason = first, ReasonClampedLow
	case sum.Cmp(high) >= 0 || at > last:
		at, reason = last, ReasonClampedHigh
	}
	return b.low*1000 + at*step, reason
}

// steps is the distance of a sum's mean from the low end, in steps.
func steps(sum *big.Rat, n int, b bounds, step int64) *big.Rat {
	mean := new(big.Rat).Quo(sum, big.NewRat(int64(n), 1))
	above := mean.Sub(mean, big.NewRat(b.low, 1))
	return above.Mul(above, big.NewRat(1000, step))
}

// middle is the middle of the scale, in steps from the low end.
func middle(b bounds, step int64) *big.Rat { return big.NewRat((b.high-b.low)*1000, 2*step) }

// nearest rounds x to a whole number, halves towards the middle.
func nearest(x, middle *big.Rat) int64 {
	half := big.NewRat(1, 2)
	if x.Cmp(middle) < 0 { // halves go up
		return floor(new(big.Rat).Add(x, half))
	}
	return -floor(negative(new(big.Rat).Sub(x, half)))
}

func negative(x *big.Rat) *big.Rat { return new(big.Rat).Neg(x) }

// floor is the largest whole number that is not above x.
func floor(x *big.Rat) int64 {
	q := new(big.Int).Div(x.Num(), x.Denom()) // Euclidean: rounds down, as the denominator is positive
	return q.Int64()
}

// figure is what is published of a set's mean, in thousandths of the
// reporting unit.
type figure struct {
	value, low, high int64
	reason           Reason
}

// figuresOf works out the figures of a plan's sets from the exact sum of each
// group. The sums of the finest sets are clamped; every other set is the sum
// of its parts' clamped sums, so that no difference of published figures
// reaches behind a clamp. changed says whether a set's roster changed by 1 to
// k−1 people.
func figuresOf(sets []set, sumOf func(groups []int) *big.Rat, b bounds, changed func(set) bool) []figure {
	sums := clampedSums(sets, sumOf, b)
	figures := make([]figure, len(sets))
	type size struct{ n, invited int }
	reaches := make(map[size]float64) // many units are of one size, and t is slow to find
	for i, s := range sets {
		step := stepMilli(s.n, changed(s))
		value, reason := label(sums[i], s.n, b, step)
		reach, known := reaches[size{s.n, s.invited}]
		if !known {
			reach = 1000 * FiniteHalfWidth(b.sd*float64(b.category), s.n, s.invited)
			reaches[size{s.n, s.invited}] = reach
		}
		low, high := teamInterval(value, step*b.category, reach, b)
		figures[i] = figure{value: value, low: low, high: high, reason: reason}
	}
	return figures
}

// clampedSums gives each set's sum after clamping. A set stands before its
// parts, so that going backwards meets the parts first.
func clampedSums(sets []set, sumOf func(groups []int) *big.Rat, b bounds) []*big.Rat {
	sums := make([]*big.Rat, len(sets))
	for i := len(sets) - 1; i >= 0; i-- {
		if len(sets[i].parts) == 0 {
			sums[i] = clamp(sumOf(sets[i].groups), sets[i].n, b)
			continue
		}
		sums[i] = new(big.Rat)
		for _, part := range sets[i].parts {
			sums[i].Add(sums[i], sums[part])
		}
	}
	return sums
}

// coverageMilli is n of invited in thousandths, rounded to hundredths, halves
// up. Both numbers are published beside it.
func coverageMilli(n, invited int) int64 {
	return 10 * ((200*int64(n) + int64(invited)) / (2 * int64(invited)))
}
