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

// everyScorePossible says whether, for n people with a mean inside mean (in
// thousandths of a response category) and a standard deviation that rounds to
// sd, somebody may have had the lowest, the highest and any other score of
// the scale. It goes through means and scores on a grid and compares the
// smallest and the largest sum of squares that they leave to the others:
//
//	smallest: the others alike; (v − m)²·n/(n − 1), and a margin because
//	          scores of a few items are not continuous
//	largest:  the others at both ends of the scale
func everyScorePossible(sd float64, n int, mean span, b bounds, items int) bool {
	const grid = 8
	low, high := float64(b.bottom()), float64(b.bottom()+b.span())
	for i := range grid + 1 {
		v := low + (high-low)*float64(i)/grid
		possible := false
		for j := range grid + 1 {
			m := (float64(mean.low) + float64(mean.high-mean.low)*float64(j)/grid) / 1000
			possible = possible || scorePossible(v, m, sd, float64(n), low, high, items)
		}
		if !possible {
			return false
		}
	}
	return true
}

func scorePossible(v, m, sd, n, low, high float64, items int) bool {
	others := (n*m - v) / (n - 1)
	if others < low || others > high {
		return false
	}
	margin := n / float64(4*items*items)
	least := (v-m)*(v-m)*n/(n-1) + margin
	top := math.Floor((n - 1) * (others - low) / (high - low)) // how many others are at the high end
	top = math.Min(top, n-2)
	rest := low + (n-1)*(others-low) - top*(high-low) // the score of the one between
	most := (v-m)*(v-m) + top*(high-m)*(high-m) + (rest-m)*(rest-m) + math.Max(0, n-2-top)*(low-m)*(low-m)
	up, down := sd+sdStep/2, math.Max(0, sd-sdStep/2)
	return least <= (n-1)*up*up && most >= (n-1)*down*down
}
