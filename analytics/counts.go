package analytics

import (
	"slices"

	"attune/survey"
)

// fineMin is the fewest answers in every residual of the plan for counts and
// second moments (PRIVACY, section 6, "Values").
const fineMin = survey.CountsMin

// maxReplans bounds how often a plan is made coarser set by set, before only
// the root is tried.
const maxReplans = 32

// bandOf is the band of a score, counted from the item's lowest.
func bandOf(score int64) int {
	for band, size := range bandSizes() {
		if score < size {
			return band
		}
		score -= size
	}
	return bands - 1
}

// finePlan plans what is finer than a mean: with at least fineMin answers in
// every residual, among the nodes whose mean is shown, so that its sets and
// those of the means together still leave no small remainder. Where a finest
// set would make somebody's answer impossible it is hidden, not just left
// out, since its figure could be computed from what contains it.
func finePlan(f *field, count []int, mean plan, l limit, w weights, impossible func(set) bool) plan {
	l.k, l.kc = max(l.k, fineMin), max(l.kc, fineMin)
	may := slices.Clone(mean.shown)
	for range maxReplans {
		p := planFor(f, count, l, w, may)
		sound := true
		for _, s := range p.sets {
			if s.finest() && impossible(s) {
				sound = false
				coarsen(p, s, may)
			}
		}
		if sound {
			return p
		}
	}
	only := make([]bool, len(f.nodes))
	only[0] = mean.shown[0]
	if p := planFor(f, count, l, w, only); len(p.sets) > 0 && !impossible(p.sets[0]) {
		return p
	}
	return planFor(f, count, l, w, make([]bool, len(f.nodes)))
}

// coarsen forbids a set that must not be shown: its own node, or for a block
// the smallest unit beside it.
func coarsen(p plan, s set, may []bool) {
	if s.node != noNode {
		may[s.node] = false
		return
	}
	for _, over := range p.sets {
		if over.node != noNode && over.id == string(s.parent) {
			may[p.sets[leastPart(p.sets, over.parts)].node] = false
		}
	}
}

// bandCounts are the published counts of a set, from the lowest band up. The
// finest sets are clamped to [1, n−1]; every other is the sum of its parts.
type bandCounts [bands]int

func clampedCounts(sets []set, of func(set) sums) []bandCounts {
	counts := make([]bandCounts, len(sets))
	for i := len(sets) - 1; i >= 0; i-- {
		for band := range counts[i] {
			if sets[i].finest() {
				counts[i][band] = min(max(of(sets[i]).bands[band], 1), sets[i].n-1)
				continue
			}
			for _, part := range sets[i].parts {
				counts[i][band] += counts[part][band]
			}
		}
	}
	return counts
}

// countReason marks a finest set's count at an end of its range: "0–1 of 12".
func countReason(count, n int) Reason {
	switch {
	case count <= 1:
		return ReasonClampedLow
	case count >= n-1:
		return ReasonClampedHigh
	default:
		return ReasonNone
	}
}

// countRange are the true counts for which a finest set of n shows this one.
func countRange(count, n int) span {
	r := span{int64(count), int64(count)}
	switch countReason(count, n) {
	case ReasonClampedLow:
		r.low = 0
	case ReasonClampedHigh:
		r.high = int64(n)
	}
	return r
}

// everyAnswerPossible says whether, for a finest set of n people shown with
// these counts, and with a mean inside mean (in millionths of a response
// category), every one of the five answers may have been given. It goes
// through the histograms by their bands: with the number of people in each
// band fixed, the sum of scores takes every whole number between its ends,
// because the scores of a band have no gaps.
func everyAnswerPossible(counts bandCounts, n int, mean span, b bounds) bool {
	var ranges [bands]span
	for band, count := range counts {
		ranges[band] = countRange(count, n)
	}
	return eachAnswer(func(answer int64) bool { return answerPossible(answer, ranges, int64(n), mean, b.bottom()) })
}

func eachAnswer(possible func(answer int64) bool) bool {
	for answer := range int64(bandedOptions) {
		if !possible(answer) {
			return false
		}
	}
	return true
}

// hidingIsSilent says whether hiding the counts of a finest set, because of
// what they would exclude, itself excludes nothing: for every answer there is
// a histogram with it, with this n and mean, whose counts are hidden. Such are
// those with one empty band, because the counts of the two others, of two
// people or more each, then add up to n. Where hiding would tell, counts are
// never shown for this n and mean, whatever they are.
func hidingIsSilent(n int, mean span, b bounds) bool {
	some, none := span{2, int64(n) - 2}, span{0, 0}
	return eachAnswer(func(answer int64) bool {
		for empty := range bands {
			ranges := [bands]span{some, some, some}
			ranges[empty] = none
			if answerPossible(answer, ranges, int64(n), mean, b.bottom()) {
				return true
			}
		}
		return false
	})
}

func answerPossible(answer int64, ranges [bands]span, n int64, mean span, bottom int64) bool {
	sum := span{-floorDiv(-mean.low*n, million), floorDiv(mean.high*n, million)}
	own := bandOf(answer)
	ranges[own].low = max(ranges[own].low, 1)
	// The middle band's number follows from the others'. At least one of the
	// three is a point or nearly so, which keeps the loops short.
	outer, inner := 0, 2
	if ranges[0].high-ranges[0].low > ranges[2].high-ranges[2].low {
		outer, inner = 2, 0
	}
	for x := ranges[outer].low; x <= ranges[outer].high; x++ {
		from := max(ranges[inner].low, n-x-ranges[1].high)
		to := min(ranges[inner].high, n-x-ranges[1].low)
		for y := from; y <= to; y++ {
			in := [bands]int64{1: n - x - y}
			in[outer], in[inner] = x, y
			least, most := sums3(in, own, answer, bottom)
			if least <= sum.high && most >= sum.low {
				return true
			}
		}
	}
	return false
}

// sums3 are the smallest and the largest sum of scores of people in three
// bands, one of whom, in the band own, has this answer.
func sums3(in [bands]int64, own int, answer, bottom int64) (least, most int64) {
	first := bottom
	for band, size := range bandSizes() {
		last := first + size - 1
		least += in[band] * first
		most += in[band] * last
		if band == own {
			least += bottom + answer - first
			most -= last - (bottom + answer)
		}
		first = last + 1
	}
	return least, most
}
