package analytics

import "math"

// Where the standard deviation behind an interval comes from, when the set
// has no published one of its own.
const (
	SDPooled   = "pooled"   // within the finest published sets of this release
	SDPlanning = "planning" // named by the pack
)

// Conditions of the pooled standard deviation (PRIVACY, section 6, "Values").
const (
	pooledSets   = 5  // finest published sets
	pooledDF     = 30 // degrees of freedom
	pooledHidden = 2  // of the sets without a published standard deviation of their own
)

// sdStep is the grid of a published standard deviation, in response
// categories.
const sdStep = 0.1

// squares is the sum of squared deviations from the mean, in response
// categories squared: Σx² − (Σx)²/n. The conversions keep a processor from
// fusing the operations, so that every machine gets the same bits.
func (s sums) squares(den int64) float64 {
	total := float64(s.sum)
	ss := float64(s.square) - float64(float64(total*total)/float64(s.n))
	return math.Max(0, ss/float64(den*den))
}

// sdOf is the standard deviation with n−1 degrees of freedom, in response
// categories, rounded to sdStep.
func (s sums) sdOf(den int64) float64 {
	return roundSD(math.Sqrt(s.squares(den) / float64(s.n-1)))
}

func roundSD(sd float64) float64 { return math.Round(sd/sdStep) / math.Round(1/sdStep) }

// pooledSD is the standard deviation within the finest sets of a plan of
// means, in response categories, rounded to sdStep:
//
//	√( Σ squares / Σ (n − 1) )
//
// own says which sets have a published one. It is not ok where so few sets
// stand behind it that one of them could be worked out.
func pooledSD(sets []set, of func(set) sums, den int64, own func(set) bool) (sd float64, ok bool) {
	count, df, hidden := 0, 0, 0
	squares := 0.0
	for _, s := range sets {
		if !s.finest() {
			continue
		}
		count++
		df += s.n - 1
		squares += of(s).squares(den)
		if !own(s) {
			hidden++
		}
	}
	if count < pooledSets || df < pooledDF || hidden < pooledHidden {
		return 0, false
	}
	sd = roundSD(math.Sqrt(squares / float64(df)))
	return sd, sd > 0
}

// everyScorePossible says whether, for a finest set of n people with a mean
// inside mean (in millionths of a response category) and a standard deviation
// that rounds to sd, somebody may have had the lowest, the highest and any
// other score of the scale. It goes through the sums and the scores of people
// who answered all items, which are whole numbers of 1/items, and compares the
// smallest and the largest sum of squares that the others leave:
//
//	smallest: the others alike, (v − m)²·n/(n − 1), and a margin of n/4 steps
//	          of a score squared, because they cannot always be
//	largest:  the others at both ends of the scale, but for one between
//
// At most scoresTried scores and sums are tried, spread over their ranges.
func everyScorePossible(sd float64, n int, mean span, b bounds, items int) bool {
	const scoresTried = 16
	unit := int64(items)
	sums := span{-floorDiv(-mean.low*int64(n)*unit, million), floorDiv(mean.high*int64(n)*unit, million)}
	low, width := b.bottom()*unit, b.span()*unit
	for v := int64(0); v <= width; v += max(1, width/scoresTried) {
		possible := false
		for sum := sums.low; sum <= sums.high && !possible; sum += max(1, (sums.high-sums.low)/scoresTried) {
			possible = scorePossible(v, sum-int64(n)*low, int64(n), width, unit, sd)
		}
		if !possible {
			return false
		}
	}
	return true
}

// scorePossible says whether one of n people may have the score v when all
// have this sum, both counted from the lowest score in steps of 1/unit.
func scorePossible(v, sum, n, width, unit int64, sd float64) bool {
	others := sum - v
	if others < 0 || others > (n-1)*width {
		return false
	}
	top := min(others/width, n-2)  // how many others are at the high end
	rest := others - top*width     // the score of the one between
	m := float64(sum) / float64(n) // all in steps
	square := func(x int64) float64 { return (float64(x) - m) * (float64(x) - m) }
	least := square(v)*float64(n)/float64(n-1) + float64(n)/4
	most := square(v) + float64(top)*square(width) + square(rest) + float64(n-2-top)*square(0)
	up, down := (sd+sdStep/2)*float64(unit), math.Max(0, sd-sdStep/2)*float64(unit)
	return least <= float64(n-1)*up*up && most >= float64(n-1)*down*down
}

// sdRange are the smallest and the largest standard deviation, on the grid,
// that leave every score possible; ok is false where none does. It depends on
// n and the published mean only.
func sdRange(n int, mean span, b bounds, items int) (low, high float64, ok bool) {
	most := int(math.Ceil(float64(b.span()) / sdStep))
	for i := range most + 1 {
		sd := roundSD(float64(i) * sdStep)
		if !everyScorePossible(sd, n, mean, b, items) {
			if ok {
				break
			}
			continue
		}
		if !ok {
			low, ok = sd, true
		}
		high = sd
	}
	return low, high, ok
}

// clampSD keeps a finest set's standard deviation where every score stays
// possible, and marks it at the ends like a mean.
func clampSD(sd, low, high float64) (float64, Reason) {
	switch {
	case sd <= low:
		return low, ReasonClampedLow
	case sd >= high:
		return high, ReasonClampedHigh
	default:
		return sd, ReasonNone
	}
}

// part is what a set shows towards the standard deviation of a larger one.
type part struct {
	n        int
	mean, sd float64 // in response categories, as they are shown
}

// jointSD is the standard deviation of a set made of parts, worked out from
// what is shown of them, so that it says nothing that they do not:
//
//	√( (Σ (nᵢ−1)·sdᵢ² + Σ nᵢ·(mᵢ − m)²) / (n − 1) ),  m = Σ nᵢ·mᵢ / n
func jointSD(parts []part) float64 {
	n, total, squares := 0.0, 0.0, 0.0
	for _, p := range parts {
		n += float64(p.n)
		total += float64(float64(p.n) * p.mean)
	}
	m := total / n
	for _, p := range parts {
		within := float64(float64(p.n-1) * float64(p.sd*p.sd))
		squares += within + float64(float64(p.n)*float64((p.mean-m)*(p.mean-m)))
	}
	return roundSD(math.Sqrt(squares / (n - 1)))
}

// sdRanges remembers sdRange: many sets are of one size and mean.
type sdRanges map[sdKey]sdEnds

type sdKey struct {
	n    int
	mean span
}

type sdEnds struct {
	low, high float64
	ok        bool
}

func (r sdRanges) of(n int, mean span, b bounds, items int) sdEnds {
	key := sdKey{n, mean}
	e, known := r[key]
	if !known {
		e.low, e.high, e.ok = sdRange(n, mean, b, items)
		r[key] = e
	}
	return e
}
