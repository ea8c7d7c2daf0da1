package analytics

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

// clamp keeps a sum of n answers, in 1/den of a response category, within the
// range in which nobody's answer is forced: its mean as a fraction of the
// scale lies within [1/n, 1−1/n], that is, the sum within
// [n·low + range, n·high − range]. n is at least 2.
func clamp(sum int64, n int, b bounds) int64 {
	low, high := allowedSums(n, b)
	return min(max(sum, low), high)
}

// allowedSums are the ends of the range that clamp keeps.
func allowedSums(n int, b bounds) (low, high int64) {
	low = (int64(n)*b.bottom() + b.span()) * b.den
	return low, low + (int64(n)-2)*b.span()*b.den
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
func label(sum int64, n int, b bounds, step int64) (milli int64, reason Reason) {
	low, high := allowedSums(n, b)
	first, last := labelRange(n, b, step)
	// The mean's distance from the low end in steps is above/unit.
	above, unit := (sum-int64(n)*b.bottom()*b.den)*1000, int64(n)*b.den*step
	var at int64
	if 2*above*step < b.span()*1000*unit { // below the middle: halves go up
		at = floorDiv(2*above+unit, 2*unit)
	} else {
		at = -floorDiv(unit-2*above, 2*unit)
	}
	switch {
	case sum <= low || at < first:
		at, reason = first, ReasonClampedLow
	case sum >= high || at > last:
		at, reason = last, ReasonClampedHigh
	}
	return (b.bottom()*1000 + at*step) * b.category, reason
}

// labelRange are the first and the last step inside the allowed range.
func labelRange(n int, b bounds, step int64) (first, last int64) {
	first = -floorDiv(-b.span()*1000, int64(n)*step)
	return first, floorDiv(int64(n-1)*b.span()*1000, int64(n)*step)
}

// floorDiv is ⌊a/b⌋ for b above 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// span is a closed range of numbers.
type span struct{ low, high int64 }

// million is how many units of a span of means a response category has.
const million = 1_000_000

// meanRange are the means, in millionths of a response category, for which a
// finest set of n people is shown with this value and step (both in
// thousandths of a category): half a step to either side, without the end
// from which halves are rounded away; and everything beyond a value that is
// marked.
func meanRange(value, step int64, reason Reason, n int, b bounds) span {
	r := span{1000*value - 500*step, 1000*value + 500*step}
	middle := 500 * (2*b.bottom() + b.span())
	if value > middle {
		r.low++
	}
	if value < middle {
		r.high--
	}
	edge := -floorDiv(-b.span()*million, int64(n))
	switch bottom, top := b.bottom()*million, (b.bottom()+b.span())*million; reason {
	case ReasonClampedLow:
		r = span{bottom, max(bottom+edge, r.low-1)}
	case ReasonClampedHigh:
		r = span{min(top-edge, r.high+1), top}
	}
	return r
}

// figure is what is published of a set, in thousandths of the unit.
type figure struct {
	value, low, high int64
	interval         bool // low and high are set
	reason           Reason
}

// clampedSums gives each set's sum after clamping: the sums of the finest
// sets are clamped; every other set is the sum of its parts' clamped sums, so
// that no difference of published figures reaches behind a clamp. A set
// stands before its parts, so that going backwards meets the parts first.
func clampedSums(sets []set, sumOf func(set) int64, b bounds) []int64 {
	sums := make([]int64, len(sets))
	for i := len(sets) - 1; i >= 0; i-- {
		if sets[i].finest() {
			sums[i] = clamp(sumOf(sets[i]), sets[i].n, b)
			continue
		}
		for _, part := range sets[i].parts {
			sums[i] += sums[part]
		}
	}
	return sums
}

// labels works out the values of a plan's sets, without their intervals.
// changed says whether a set's roster changed by 1 to k−1 people.
func labels(sets []set, sumOf func(set) int64, b bounds, changed func(set) bool) []figure {
	sums := clampedSums(sets, sumOf, b)
	figures := make([]figure, len(sets))
	for i, s := range sets {
		figures[i].value, figures[i].reason = label(sums[i], s.n, b, stepMilli(s.n, changed(s)))
	}
	return figures
}

// coverageMilli is n of invited in thousandths, rounded to hundredths, halves
// up. Both numbers are published beside it.
func coverageMilli(n, invited int) int64 {
	return 10 * ((200*int64(n) + int64(invited)) / (2 * int64(invited)))
}
