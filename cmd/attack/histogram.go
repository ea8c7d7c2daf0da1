package main

import "math"

// puzzle is what is known of the answers of one group of people to one
// question: how many they are, and ranges for their sum, for how many chose an
// answer of each band, and for their standard deviation.
type puzzle struct {
	n       int
	options span     // the lowest and the highest answer
	whole   bool     // answers are whole numbers: a question, not a scale
	sum     span     // of all answers
	bands   *[3]span // how many gave the first two of five answers, the middle one, the last two
	sd      span     // with n − 1
}

// The largest group, and the widest range of answers, of which histograms are
// gone through: no more than C(64, 4) of them. Beyond that what is known of the
// sum and the spread is used, as for a scale.
const (
	maxPeople = 60
	maxWidth  = 4
)

// impossible lists the answers that nobody in the group can have given,
// whoever they are. It is sound: an answer that it lists is in no histogram
// that fits. For a scale it tries the lowest, the highest and the scores
// between in quarters of a category, with what any people may have had beside.
func (p puzzle) impossible() []float64 {
	if p.n <= 0 {
		return nil
	}
	var never []float64
	fine := p.bands != nil || !math.IsInf(p.sd.high, 1) || p.sd.low > 0
	if p.whole && fine && p.n <= maxPeople && p.options.width() <= maxWidth {
		seen := p.histograms()
		for i, possible := range seen {
			if !possible {
				never = append(never, p.options.low+float64(i))
			}
		}
		return never
	}
	if p.options.width() <= 0 {
		return nil
	}
	tries := 16
	if p.whole && p.options.width() <= 100 {
		tries = int(p.options.width())
	}
	for i := range tries + 1 {
		v := p.options.low + p.options.width()*float64(i)/float64(tries)
		if !p.possible(v) {
			never = append(never, v)
		}
	}
	return never
}

// histograms goes through every way in which n people can have answered a
// question, and notes which answers occur in one that fits.
func (p puzzle) histograms() []bool {
	answers := int(math.Round(p.options.width())) + 1
	seen := make([]bool, answers)
	counts := make([]int, answers)
	var place func(at, left int, sum, squares float64)
	place = func(at, left int, sum, squares float64) {
		v := p.options.low + float64(at)
		if at == answers-1 {
			counts[at] = left
			sum, squares = sum+float64(left)*v, squares+float64(left)*v*v
			if p.fits(counts, sum, squares) {
				for i, c := range counts {
					seen[i] = seen[i] || c > 0
				}
			}
			return
		}
		for c := 0; c <= left; c++ {
			counts[at] = c
			s := sum + float64(c)*v
			rest := float64(left - c)
			if s+rest*(v+1) > p.sum.high+tiny || s+rest*p.options.high < p.sum.low-tiny || !p.bandsMay(counts, at) {
				continue
			}
			place(at+1, left-c, s, squares+float64(c)*v*v)
		}
	}
	place(0, p.n, 0, 0)
	return seen
}

// bandsMay cuts off histograms whose first band is settled and does not fit.
func (p puzzle) bandsMay(counts []int, at int) bool {
	if p.bands == nil {
		return true
	}
	switch at {
	case 1:
		low := float64(counts[0] + counts[1])
		return low >= p.bands[0].low && low <= p.bands[0].high
	case 2:
		middle := float64(counts[2])
		return middle >= p.bands[1].low && middle <= p.bands[1].high
	}
	return true
}

// fits holds a whole histogram against everything that is known.
func (p puzzle) fits(counts []int, sum, squares float64) bool {
	if sum < p.sum.low-tiny || sum > p.sum.high+tiny {
		return false
	}
	if p.bands != nil && len(counts) == 5 {
		for band, c := range [3]int{counts[0] + counts[1], counts[2], counts[3] + counts[4]} {
			if float64(c) < p.bands[band].low || float64(c) > p.bands[band].high {
				return false
			}
		}
	}
	if p.n < 2 {
		return true
	}
	n := float64(p.n)
	got := math.Sqrt(math.Max(0, squares-sum*sum/n) / (n - 1))
	return got >= p.sd.low-1e-6 && got <= p.sd.high+1e-6
}

// possible says whether somebody may have answered v, as far as the sum and
// the standard deviation tell, when the others' answers are any numbers of the
// range.
func (p puzzle) possible(v float64) bool {
	n := float64(p.n)
	sums := p.sum.meet(span{v + (n-1)*p.options.low, v + (n-1)*p.options.high})
	if p.whole {
		sums = span{math.Ceil(sums.low - tiny), math.Floor(sums.high + tiny)}
	}
	if sums.empty() {
		return false
	}
	if p.n < 2 || (math.IsInf(p.sd.high, 1) && p.sd.low <= 0) {
		return true
	}
	const tries = 400
	for i := 0; i <= tries; i++ {
		s := sums.low + sums.width()*float64(i)/tries
		if p.spreadAllows(v, s) {
			return true
		}
	}
	return p.spreadAllows(v, math.Max(sums.low, math.Min(sums.high, n*v)))
}

// slack widens the range of a standard deviation, so that a sum between two
// that were tried cannot make a difference.
const slack = 0.005

// spreadAllows says whether a standard deviation in range goes with one answer
// v and this sum: the squares are fewest when the others are alike, and most
// when they are at both ends of the range, but for one between.
func (p puzzle) spreadAllows(v, sum float64) bool {
	n, m := float64(p.n), sum/float64(p.n)
	square := func(x float64) float64 { return (x - m) * (x - m) }
	least := square(v) * n / (n - 1)
	others, width := sum-v-(n-1)*p.options.low, p.options.width()
	top := math.Floor(others/width + tiny)
	most := square(v) + top*square(p.options.high)
	if rest := n - 1 - top; rest >= 1 {
		most += square(p.options.low+others-top*width) + (rest-1)*square(p.options.low)
	}
	up, down := p.sd.high+slack, math.Max(0, p.sd.low-slack)
	return least <= (n-1)*up*up+tiny && most >= (n-1)*down*down-tiny
}
