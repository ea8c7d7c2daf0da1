package analytics

import (
	"math"
	"math/rand/v2"
	"testing"

	"attune/survey"
)

// histograms calls each with every way to give n people the options 1 to 5.
func histograms(n int, each func(h [5]int)) {
	for a := range n + 1 {
		for b := range n - a + 1 {
			for c := range n - a - b + 1 {
				for d := range n - a - b - c + 1 {
					each([5]int{a, b, c, d, n - a - b - c - d})
				}
			}
		}
	}
}

// seenOf is what a finest set with this histogram shows: its mean and counts.
type seenOf struct {
	value  int64
	reason Reason
	counts bandCounts
}

func shownOf(h [5]int, n int) seenOf {
	sum, s := int64(0), sums{n: n}
	for i, people := range h {
		sum += int64((i + 1) * people)
		s.bands[bandOf(int64(i))] += people
	}
	b := bounds{low: 1, high: 5, category: 1, den: 1}
	value, reason := label(clamp(sum, n, b), n, b, stepMilli(n, false))
	counts := clampedCounts([]set{{n: n}}, func(set) sums { return s })
	return seenOf{value, reason, counts[0]}
}

// Every histogram of n people, by what would be shown of it: the counts are
// shown exactly where each answer is given in one of the histograms that look
// the same. And where they are not shown, that alone, together with the mean,
// excludes no answer either. Both by going through all histograms.
func TestCountsAreShownExactlyWhereEveryAnswerStaysPossible(t *testing.T) {
	b := bounds{low: 1, high: 5, category: 1, den: 1}
	shown, dropped := 0, 0
	for _, n := range []int{10, 12, 17, 20, 24} {
		alike := make(map[seenOf][5]bool)
		hidden := make(map[seenOf][5]bool) // by mean only
		histograms(n, func(h [5]int) {
			s := shownOf(h, n)
			given := alike[s]
			for i, people := range h {
				given[i] = given[i] || people > 0
			}
			alike[s] = given
		})
		for s, given := range alike {
			want := given == [5]bool{true, true, true, true, true}
			mean := meanRange(s.value, stepMilli(n, false), s.reason, n, b)
			got := everyAnswerPossible(s.counts, n, mean, b)
			if got != want {
				t.Fatalf("n %d: %+v leaves every answer possible: %v, by trial %v", n, s, got, given)
			}
			if got && hidingIsSilent(n, mean, b) {
				shown++
				continue
			}
			dropped++
			look := seenOf{value: s.value, reason: s.reason}
			all := hidden[look]
			for i := range given {
				all[i] = all[i] || given[i]
			}
			hidden[look] = all
		}
		for mean, given := range hidden {
			if given != [5]bool{true, true, true, true, true} {
				t.Errorf("n %d, mean %d %s: that the counts are hidden leaves only the answers %v", n, mean.value, mean.reason, given)
			}
		}
	}
	t.Logf("%d looks shown, %d hidden", shown, dropped)
}

// Every set of n people with scores of two items (1 to 5 in halves), by what
// would be shown of it: whatever mean and standard deviation are shown, people
// with every score are among the sets that look the same, and where none is
// shown, among those too.
func TestNoStandardDeviationExcludesAScore(t *testing.T) {
	const scores = 9
	b := bounds{low: 1, high: 5, category: 1, den: 2}
	type look struct {
		value  int64
		reason Reason
		shown  bool
		sd     float64
		mark   Reason
	}
	for _, n := range []int{10, 12} {
		given := make(map[look][scores]bool)
		var each func(at, left int, s sums, has [scores]bool)
		each = func(at, left int, s sums, has [scores]bool) {
			if at < scores && left > 0 {
				each(at+1, left, s, has)
				score := int64(2 + at)
				s.n, s.sum, s.square = s.n+1, s.sum+score, s.square+uint64(score*score) //nolint:gosec // at most 100
				has[at] = true
				each(at, left-1, s, has)
				return
			}
			if left > 0 {
				return
			}
			var l look
			l.value, l.reason = label(clamp(s.sum, n, b), n, b, stepMilli(n, false))
			var low, high float64
			low, high, l.shown = sdRange(n, meanRange(l.value, stepMilli(n, false), l.reason, n, b), b, 2)
			if l.shown {
				l.sd, l.mark = clampSD(s.sdOf(b.den), low, high)
			}
			all := given[l]
			for i := range has {
				all[i] = all[i] || has[i]
			}
			given[l] = all
		}
		each(0, n, sums{}, [scores]bool{})
		shown := 0
		for l, all := range given {
			for i, possible := range all {
				if !possible {
					t.Errorf("n %d: %+v excludes the score %v", n, l, 1+float64(i)/2)
				}
			}
			if l.shown {
				shown++
			}
		}
		t.Logf("n %d: %d looks, %d with a standard deviation", n, len(given), shown)
	}
}

// By hand: 10 people at mean 2, sd 0, and 10 at mean 4, sd 0: squares
// 20·1 = 20 over 19 is 1.053, sd 1.026, shown 1.
func TestALargerSetsDeviationFollowsFromItsParts(t *testing.T) {
	if got := jointSD([]part{{10, 2, 0}, {10, 4, 0}}); got != 1 {
		t.Errorf("%v", got)
	}
	// The same means, sd 0.9 each: (20 + 2·9·0.81)/19 = 1.820, sd 1.349.
	if got := jointSD([]part{{10, 2, 0.9}, {10, 4, 0.9}}); got != 1.3 {
		t.Errorf("%v", got)
	}
}

// Written-out arithmetic: scores 2, 3, 3, 4 in categories have mean 3 and
// squares 1 + 0 + 0 + 1 = 2; sd √(2/3) = 0.816, shown 0.8.
func TestStandardDeviationIsThatOfTheSample(t *testing.T) {
	s := sums{n: 4}
	for _, x := range []int64{2, 3, 3, 4} {
		s.sum += 6 * x
		s.square += uint64(36 * x * x) //nolint:gosec // small
	}
	if got := s.squares(6); math.Abs(got-2) > 1e-12 {
		t.Errorf("squares %v", got)
	}
	if got := s.sdOf(6); got != 0.8 {
		t.Errorf("sd %v", got)
	}
}

// PRIVACY, section 6: at least 5 sets, 30 degrees of freedom, at least 2 sets
// without a published standard deviation of their own.
func TestThePooledDeviationNeedsEnoughBehindIt(t *testing.T) {
	// Each set: half of its people at 2, half at 4: squares n, so that the
	// pooled variance is Σn/Σ(n−1).
	of := func(s set) sums {
		return sums{n: s.n, sum: int64(3 * s.n), square: uint64(10 * s.n)} //nolint:gosec // (4+16)/2 = 10
	}
	sets := func(sizes ...int) []set {
		all := []set{{id: "org", n: 99, parts: []int{1}}}
		for i, n := range sizes {
			all = append(all, set{id: string(rune('a' + i)), n: n})
		}
		return all
	}
	none := func(set) bool { return false }
	tests := []struct {
		name string
		sets []set
		own  func(set) bool
		ok   bool
	}{
		{"five sets of eight: 35 degrees", sets(8, 8, 8, 8, 8), none, true},
		{"five sets of six: 25 degrees", sets(6, 6, 6, 6, 6), none, false},
		{"six sets of six: 30 degrees", sets(6, 6, 6, 6, 6, 6), none, true},
		{"four sets", sets(20, 20, 20, 20), none, false},
		{"one set without its own", sets(12, 12, 12, 12, 12), func(s set) bool { return s.id != "a" }, false},
		{"two sets without", sets(12, 12, 12, 12, 12), func(s set) bool { return s.id > "b" }, true},
	}
	for _, test := range tests {
		sd, ok := pooledSD(test.sets, of, 1, test.own)
		// √(40/35) = 1.07, √(36/30) = 1.10, √(60/55) = 1.04
		if ok != test.ok || (ok && (sd < 1 || sd > 1.1)) {
			t.Errorf("%s: %v %v", test.name, sd, ok)
		}
	}
}

// The scores are those of package survey, which the phone shares; only the
// sums are taken in whole numbers.
func TestScoresAreThoseOfThePack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, pack := range []string{"pulse", "short"} {
		p := pulse(t)
		if pack == "short" {
			p = shortPack(t)
		}
		measures, err := measuresOf([]*survey.Pack{p})
		if err != nil {
			t.Fatal(err)
		}
		for range 3000 {
			answers := randomAnswers(random, p)
			sheet := encode(t, p, answers)
			for _, m := range measures[1:] {
				want, ok := scoreAgain(p, m.id, answers)
				units, valid := m.score(sheet)
				got := float64(units) / float64(m.bounds.den) * float64(m.bounds.category)
				if valid != ok || (ok && math.Abs(got-want) > 1e-9) {
					t.Fatalf("%s of %v: %v %v, want %v %v", m.id, answers, got, valid, want, ok)
				}
			}
		}
	}
}

// A scale of many items has no common denominator below maxDen; its scores
// are rounded to 1/2520 of a category.
func TestDenominatorsAreExactUpToTenItems(t *testing.T) {
	for _, test := range []struct {
		least, items int
		want         int64
	}{{1, 1, 1}, {2, 3, 6}, {1, 4, 12}, {8, 10, 360}, {1, 10, 2520}, {9, 12, 1980}, {20, 30, maxDen}} {
		if got := denominator(test.least, test.items); got != test.want {
			t.Errorf("%d to %d items: %d, want %d", test.least, test.items, got, test.want)
		}
	}
	m := measure{bounds: bounds{den: maxDen}, least: 1}
	sheet := make([]byte, 11)
	for i := range sheet {
		m.source = append(m.source, source{at: i, scores: []int64{1, 2}})
		sheet[i] = 1
	}
	sheet[0] = 2 // 12 of 11 items: 1.090909…
	if units, ok := m.score(sheet); !ok || math.Abs(float64(units)/maxDen-12.0/11) > 0.5/maxDen {
		t.Errorf("%d", units)
	}
}
