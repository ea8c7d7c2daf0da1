package analytics

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"attune/analytics/stats"
	"attune/survey"
)

var fiveOptions = bounds{low: 1, high: 5, category: 1, sd: 1, den: 12}

// labelOf is the label of one block with this sum of categories, at its plain
// step.
func labelOf(sum *big.Rat, n int, b bounds) (float64, Reason) {
	units := new(big.Rat).Mul(sum, big.NewRat(b.den, 1))
	if !units.IsInt() {
		panic("the test's sum is no multiple of 1/den")
	}
	milli, reason := label(clamp(units.Num().Int64(), n, b), n, b, stepMilli(n, false))
	return float64(milli) / 1000, reason
}

// Written-out arithmetic, options 1 to 5. A block of n may show means from
// 1 + 4/n to 5 − 4/n.
func TestLabelIsSteppedClampedAndMarked(t *testing.T) {
	tests := []struct {
		name   string
		sum    *big.Rat
		n      int
		want   float64
		reason Reason
	}{
		{"all fives of 5: at most 4.2, the last step inside is 4", big.NewRat(25, 1), 5, 4, ReasonClampedHigh},
		{"all fives of 8: at most 4.5, which is a step", big.NewRat(40, 1), 8, 4.5, ReasonClampedHigh},
		{"all ones of 8: at least 1.5", big.NewRat(8, 1), 8, 1.5, ReasonClampedLow},
		{"just at the end of the range is marked like beyond it", big.NewRat(36, 1), 8, 4.5, ReasonClampedHigh},
		{"35 of 8 is 4.375, nearest 4.5, inside", big.NewRat(35, 1), 8, 4.5, ReasonNone},
		{"30 of 7 is 4.286, nearest 4.5 lies beyond 4.429", big.NewRat(30, 1), 7, 4, ReasonClampedHigh},
		{"mirrored: 12 of 7 is 1.714, nearest 1.5 lies below 1.571", big.NewRat(12, 1), 7, 2, ReasonClampedLow},
		{"a half goes to the middle: 18 of 8 is 2.25", big.NewRat(18, 1), 8, 2.5, ReasonNone},
		{"from the other side too: 30 of 8 is 3.75", big.NewRat(30, 1), 8, 3.5, ReasonNone},
		{"thirds: 10⅔ of 5 is 2.133", big.NewRat(32, 3), 5, 2, ReasonNone},
		{"quarters from 10: 31 of 10 is 3.1", big.NewRat(31, 1), 10, 3, ReasonNone},
		{"a half of a quarter: 25 of 20 would be 1.25 on tenths, to 1.3", big.NewRat(25, 1), 20, 1.3, ReasonNone},
		{"all fives of 30: at most 4.867, the last tenth inside is 4.8", big.NewRat(150, 1), 30, 4.8, ReasonClampedHigh},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, reason := labelOf(test.sum, test.n, fiveOptions)
			if got != test.want || reason != test.reason {
				t.Errorf("%v %q, want %v %q", got, reason, test.want, test.reason)
			}
		})
	}
	// Ten items, 10 to 50: a category is 10 units. 180 of 5 is 36, half a
	// category is 5 units, nearest 35.
	got, _ := labelOf(big.NewRat(18, 1), 5, bounds{low: 10, high: 50, category: 10, sd: 0.8, den: 12})
	if got != 35 {
		t.Errorf("ten-item scale: %v, want 35", got)
	}
}

func TestStepsGrowWithFewAnswersAndFewChanges(t *testing.T) {
	tests := []struct {
		n       int
		changed bool
		want    int64 // PRIVACY, section 6: thousandths of a category
	}{
		{5, false, 500},
		{9, false, 500},
		{10, false, 250},
		{19, false, 250},
		{20, false, 100},
		{400, false, 100},
		{9, true, 500},
		{10, true, 500},
		{19, true, 500},
		{20, true, 250},
		{39, true, 250},
		{40, true, 100},
	}
	for _, test := range tests {
		if got := stepMilli(test.n, test.changed); got != test.want {
			t.Errorf("n %d, changed %v: %d, want %d", test.n, test.changed, got, test.want)
		}
	}
}

func TestLabelLiesOnTheGridInsideTheClampAndMirrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const of = 60 // holds halves, thirds, quarters, fifths
		b := rapid.SampledFrom([]bounds{
			{low: 1, high: 5, category: 1, den: of},
			{low: 0, high: 1, category: 1, den: of},
			{low: 0, high: 3, category: 1, den: of},
			{low: 10, high: 50, category: 10, den: of},
			{low: 7, high: 35, category: 7, den: of},
		}).Draw(t, "bounds")
		n := rapid.IntRange(5, 60).Draw(t, "n")
		step := stepMilli(n, rapid.Bool().Draw(t, "changed"))
		span := b.span() * int64(n) * of
		at := rapid.Int64Range(0, span).Draw(t, "sum")
		sum := b.bottom()*int64(n)*of + at
		milli, reason := label(clamp(sum, n, b), n, b, step)
		if (milli-b.low*1000)%(step*b.category) != 0 {
			t.Fatalf("%d is not on the grid of %d", milli, step*b.category)
		}
		scale := float64(b.high-b.low) * 1000
		share := (float64(milli) - float64(b.low)*1000) / scale
		if share < 1/float64(n)-1e-12 || share > 1-1/float64(n)+1e-12 {
			t.Fatalf("label %d of %d answers forces somebody's answer", milli, n)
		}
		mean := float64(sum) / of / float64(n) * float64(b.category)
		away := math.Abs(float64(milli) - 1000*mean)
		switch reason {
		case ReasonNone:
			if away > float64(step*b.category)/2+1e-9 {
				t.Fatalf("label %d of mean %v is more than half a step away", milli, mean)
			}
		case ReasonClampedHigh:
			if float64(milli) > 1000*mean+1e-9 {
				t.Fatalf("%d or more, but the mean is %v", milli, mean)
			}
		case ReasonClampedLow:
			if float64(milli) < 1000*mean-1e-9 {
				t.Fatalf("%d or less, but the mean is %v", milli, mean)
			}
		}
		mirror := b.bottom()*int64(n)*of + span - at
		other, otherReason := label(clamp(mirror, n, b), n, b, step)
		if milli-b.low*1000 != b.high*1000-other || (reason == ReasonNone) != (otherReason == ReasonNone) {
			t.Fatalf("%d %q mirrors to %d %q", milli, reason, other, otherReason)
		}
	})
}

// For every block size and every label of one item, the sums that give the
// label allow each option for each person: a single block excludes and forces
// nobody's answer. Checked by going through all sums.
func TestNoLabelExcludesOrForcesAnAnswer(t *testing.T) {
	for _, b := range []bounds{fiveOptions, {low: 0, high: 1, category: 1, den: 1}, {low: 1, high: 3, category: 1, den: 6}} {
		for n := 5; n <= 60; n++ {
			type shown struct {
				value  float64
				reason Reason
			}
			possible := make(map[shown]map[int64]bool)
			for sum := int64(n) * b.low; sum <= int64(n)*b.high; sum++ {
				value, reason := labelOf(big.NewRat(sum, 1), n, b)
				at := shown{value, reason}
				if possible[at] == nil {
					possible[at] = make(map[int64]bool)
				}
				for own := b.low; own <= b.high; own++ {
					others := sum - own
					if others >= int64(n-1)*b.low && others <= int64(n-1)*b.high {
						possible[at][own] = true
					}
				}
			}
			for at, options := range possible {
				if int64(len(options)) != b.high-b.low+1 {
					t.Errorf("%d to %d, n %d: %v leaves only the answers %v", b.low, b.high, n, at, options)
				}
			}
		}
	}
}

// One block of 5 with all fives counts 5·5 − 4 = 21 towards its parent, the
// other one 5·3 = 15: 36 of 10 is 3.6, shown in quarters as 3.5. The exact
// mean, 4, would tell that the clamped block gave fives only.
func TestParentsAreSumsOfClampedBlocks(t *testing.T) {
	sets := []set{
		{id: "org", n: 10, invited: 12, groups: []int{0, 1}, parts: []int{1, 2}},
		{id: "a", n: 5, invited: 6, groups: []int{0}},
		{id: "b", n: 5, invited: 6, groups: []int{1}},
	}
	exact := []int64{25, 15}
	sumOf := func(s set) int64 {
		sum := int64(0)
		for _, g := range s.groups {
			sum += exact[g] * fiveOptions.den
		}
		return sum
	}
	figures := labels(sets, sumOf, fiveOptions, func(set) bool { return false })
	if figures[0].value != 3500 || figures[1].value != 4000 || figures[2].value != 3000 {
		t.Errorf("%+v", figures)
	}
	if figures[1].reason != ReasonClampedHigh || figures[0].reason != ReasonNone {
		t.Errorf("reasons: %+v", figures)
	}
}

func TestCoverageIsRoundedToHundredths(t *testing.T) {
	tests := []struct {
		n, invited int
		want       int64
	}{{5, 5, 1000}, {5, 8, 630}, {5, 9, 560}, {6, 9, 670}, {0, 7, 0}, {1, 200, 10}}
	for _, test := range tests {
		if got := coverageMilli(test.n, test.invited); got != test.want {
			t.Errorf("%d of %d: %d, want %d", test.n, test.invited, got, test.want)
		}
	}
}

func TestIntervalIsWidenedByHalfAStepAndRoundedOutward(t *testing.T) {
	tests := []struct {
		name              string
		value, step       int64
		n, invited        int
		wantLow, wantHigh int64
	}{
		// All answered: 3.25 ± 0.125 is 3.125–3.375, outward to tenths.
		{"everybody answered", 3250, 250, 10, 10, 3100, 3400},
		{"everybody answered, ends on tenths", 3000, 500, 6, 6, 2700, 3300}, // 2.75–3.25
		{"ends exactly on tenths stay", 3000, 200, 6, 6, 2900, 3100},
		// t(5) 2.5706 · 1/√6 · √(1 − 6/8) = 0.5247, plus 0.25: 2.2253–3.7747.
		{"six of eight", 3000, 500, 6, 8, 2200, 3800},
		// t(4) 2.7764 · 1/√5 · √(1 − 5/10) = 0.8780, plus 0.25: 0.372 and 2.628, cut to 1.
		{"cut to the scale", 1500, 500, 5, 10, 1000, 2700},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			low, high := teamInterval(test.value, test.step, 1000*stats.FiniteHalfWidth(1, test.n, test.invited), fiveOptions)
			if low != test.wantLow || high != test.wantHigh {
				t.Errorf("%d–%d, want %d–%d", low, high, test.wantLow, test.wantHigh)
			}
		})
	}
}

func TestMeasuresAreScalesAndItemsOutsideThem(t *testing.T) {
	p := pulse(t)
	measures, err := measuresOf([]*survey.Pack{p})
	if err != nil {
		t.Fatal(err)
	}
	// CONTENT, "pulse": three scales and six items about the team, plus the
	// wave's own response.
	if len(measures) != 1+3+6 {
		t.Errorf("%d measures", len(measures))
	}
	for _, m := range measures {
		if m.id == MeasureResponse {
			continue
		}
		if _, isScale := p.Scale(m.id); !isScale {
			for _, s := range p.Scales {
				for _, item := range s.Items {
					if item == m.id {
						t.Errorf("item %s is published beside its scale %s", m.id, s.ID)
					}
				}
			}
		}
		if m.bounds.low != 1 || m.bounds.high != 5 || m.bounds.sd <= 0 {
			t.Errorf("%s: %+v", m.id, m.bounds)
		}
	}
	if _, err := measuresOf([]*survey.Pack{p, p}); !survey.IsKey(err, "error.release.measure_twice") {
		t.Errorf("one name for two measures: %v", err)
	}
}

func TestSensitiveItemsStayAtTheOrganisation(t *testing.T) {
	p := &survey.Pack{
		Items:     []survey.Item{{ID: "open"}, {ID: "touchy", Sensitive: true}},
		Reporting: []survey.Rule{{Measure: "open", MinLevel: minLevelDepartment, MinN: 10}},
	}
	if level, n := limits(p, "open", []string{"open"}); level != minLevelDepartment || n != 10 {
		t.Errorf("rule: %s %d", level, n)
	}
	if level, _ := limits(p, "scale", []string{"open", "touchy"}); level != minLevelOrganisation {
		t.Errorf("scale with a sensitive item: %s", level)
	}
}
