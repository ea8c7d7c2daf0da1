package stats_test

import (
	"math"
	"testing"

	"attune/analytics/stats"
)

// Golden: ANALYTICS, "Two different questions, two intervals": N 8, n 6,
// scores 24 31 28 35 22 30.
func TestIntervalsOfAMeanMatchTheGoldenNumbers(t *testing.T) {
	scores := []float64{24, 31, 28, 35, 22, 30}
	mean, _ := stats.Mean(scores)
	sd, ok := stats.SD(scores)
	if !ok {
		t.Fatal("no standard deviation")
	}
	process, team := stats.HalfWidth(sd, 6), stats.FiniteHalfWidth(sd, 6, 8)
	for _, test := range []struct {
		name      string
		got, want float64
		digits    float64
	}{
		{"mean", mean, 28.3333, 1e-4},
		{"s", sd, 4.7610, 1e-4},
		{"SE", stats.SE(sd, 6), 1.9437, 1e-4},
		{"SE of the team", stats.FiniteSE(sd, 6, 8), .9718, 1e-4},
		{"low", mean - process, 23.337, 1e-3},
		{"high", mean + process, 33.330, 1e-3},
		{"team low", mean - team, 25.835, 1e-3},
		{"team high", mean + team, 30.831, 1e-3},
	} {
		if math.Abs(test.got-test.want) > test.digits {
			t.Errorf("%s: %.5f, want %.5f", test.name, test.got, test.want)
		}
	}
	if stats.FiniteHalfWidth(sd, 8, 8) != 0 || stats.FiniteSE(sd, 8, 8) != 0 {
		t.Error("everybody answered, but there is a sampling error")
	}
	if !math.IsInf(stats.HalfWidth(sd, 1), 1) {
		t.Error("one answer has an interval")
	}
}

// Golden: ANALYTICS, the same section.
func TestSharesAndCountsMatchTheGoldenNumbers(t *testing.T) {
	for _, test := range []struct {
		k, n      int
		low, high float64
	}{{3, 10, .1078, .6032}, {5, 15, .1518, .5829}, {1, 8, .0224, .4709}} {
		low, high, ok := stats.Wilson(test.k, test.n)
		if !ok || math.Abs(low-test.low) > 5e-5 || math.Abs(high-test.high) > 5e-5 {
			t.Errorf("%d of %d: %.4f–%.4f, want %.4f–%.4f", test.k, test.n, low, high, test.low, test.high)
		}
	}
	for _, test := range []struct{ k, n, people, low, high int }{{3, 9, 12, 3, 6}, {5, 15, 20, 5, 9}, {4, 10, 30, 5, 20}} {
		low, high, ok := stats.Count(test.k, test.n, test.people)
		if !ok || low != test.low || high != test.high {
			t.Errorf("%d of %d out of %d: %d–%d, want %d–%d", test.k, test.n, test.people, low, high, test.low, test.high)
		}
	}
}

// Golden: ANALYTICS, "Scoring": 3 items, α = .74, n = 30.
func TestFeldtMatchesTheGoldenNumbers(t *testing.T) {
	low, high, ok := stats.Feldt(.74, 30, 3)
	if !ok || math.Abs(low-.52) > .005 || math.Abs(high-.87) > .005 {
		t.Errorf("%.4f–%.4f, want .52–.87", low, high)
	}
}

// Written out: three people answer two items with 1 2, 2 2, 3 5. Variances of
// the items 1 and 3, of the sums (3, 4, 8) 7: α = 2·(1 − 4/7) = 6/7.
func TestAlphaWrittenOut(t *testing.T) {
	alpha, ok := stats.Alpha([][]float64{{1, 2}, {2, 2}, {3, 5}})
	if !ok || math.Abs(alpha-6.0/7) > 1e-12 {
		t.Errorf("%.12f, want 6/7", alpha)
	}
}

// Written out: loadings .9, .8, .7, .6 make correlations .72, .63, .54, .56,
// .48, .42, which one factor fits exactly: (Σλ)² = 9, Σ(1−λ²) = 1.7,
// ω = 9/10.7. The eight people carry these correlations by construction: an
// orthogonal design for the factor and each item's own part.
func TestOmegaWrittenOut(t *testing.T) {
	const people = 8
	contrast := func(person, which int) float64 { // rows of a Hadamard matrix
		sign := 1.0
		for b := person & which; b > 0; b &= b - 1 {
			sign = -sign
		}
		return sign
	}
	loadings := []float64{.9, .8, .7, .6}
	rows := make([][]float64, people)
	for p := range rows {
		for i, l := range loadings {
			rows[p] = append(rows[p], l*contrast(p, 1)+math.Sqrt(1-l*l)*contrast(p, i+2))
		}
	}
	omega, ok := stats.Omega(rows)
	if !ok || math.Abs(omega-9/10.7) > 1e-9 {
		t.Errorf("%.10f, want %.10f", omega, 9/10.7)
	}
}

// Written out: groups 1 3, 5 7 have means 2 and 6, MSB = 16, MSW = 2, n₀ = 2:
// (16−2)/(16+2) = 7/9. Groups 1 7, 3 5 have equal means: below 0, given as 0.
func TestIntraclassCorrelationWrittenOut(t *testing.T) {
	icc, ok := stats.ICC([][]float64{{1, 3}, {5, 7}, nil})
	if !ok || math.Abs(icc-7.0/9) > 1e-12 {
		t.Errorf("%.12f, want 7/9", icc)
	}
	if icc, ok := stats.ICC([][]float64{{1, 7}, {3, 5}}); !ok || icc != 0 {
		t.Errorf("no difference between groups: %g", icc)
	}
	if stats.DesignEffect(0, []int{5, 9}) != 1 || stats.DesignEffect(.5, []int{3, 3}) != 2 {
		t.Error("design effect of no correlation is 1, of .5 in groups of three 1 + 2·.5")
	}
}

func TestReliabilityIsOmegaOnlyWithEnoughPeopleAndItems(t *testing.T) {
	rows := readSurvey(t).rows
	three := func(n int) [][]float64 {
		var short [][]float64
		for _, row := range rows[:n] {
			short = append(short, row[:3])
		}
		return short
	}
	for _, test := range []struct {
		name string
		rows [][]float64
		want string
	}{
		{"six items, 150 people", rows, stats.CoefficientOmega},
		{"six items, 100 people", rows[:100], stats.CoefficientOmega},
		{"six items, 99 people", rows[:99], stats.CoefficientAlpha},
		{"three items, 150 people", three(150), stats.CoefficientAlpha},
		{"six items, 30 people", rows[:30], stats.CoefficientAlpha},
		{"six items, 29 people", rows[:29], ""},
	} {
		r, ok := stats.ReliabilityOf(test.rows)
		if r.Coefficient != test.want || ok != (test.want != "") {
			t.Errorf("%s: %q, want %q", test.name, r.Coefficient, test.want)
		}
	}
}

func TestHolmStopsRisingAndKeepsTheFamily(t *testing.T) {
	// By hand: sorted .01 .02 .03; 3·.01, 2·.02, max(.04, 1·.03).
	got := stats.Holm([]float64{.03, .01, .02})
	for i, want := range []float64{.04, .03, .04} {
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("%v", got)
		}
	}
	// A test that could not be made still makes the others stricter.
	if got := stats.Holm([]float64{.02, math.NaN()}); got[0] != .04 || got[1] != 1 {
		t.Errorf("%v", got)
	}
}

func TestDesignEffectWidensSlopes(t *testing.T) {
	s := readSurvey(t)
	x := [][]float64{s.column(3), s.column(4)}
	alone, _ := stats.Slopes(s.score, x, 1)
	teams, ok := stats.Slopes(s.score, x, 4)
	if !ok {
		t.Fatal("no slopes")
	}
	for i := range teams {
		if math.Abs(teams[i].SE-2*alone[i].SE) > 1e-12 || teams[i].Beta != alone[i].Beta || teams[i].P <= alone[i].P {
			t.Errorf("%+v, without the teams %+v", teams[i], alone[i])
		}
	}
	if _, ok := stats.Slopes(s.score, x, 150); ok {
		t.Error("slopes of two predictors from one effective person")
	}
	if _, ok := stats.Slopes(s.score, [][]float64{s.column(3), s.column(3)}, 1); ok {
		t.Error("slopes of a predictor adjusted for itself")
	}
}
