package stats_test

import (
	"math"
	"testing"

	"attune/analytics/stats"

	"pgregory.net/rapid"
)

// Written out, all variances 1: the mean of all six is 20/6 = 10/3 and
// Σ(y−10/3)² = 130 − 6·(10/3)² = 190/3, so τ² = (190/3 − 5)/(6 − 1) = 35/3 and
// w = (35/3)/(38/3) = 35/38 for each. For the 10 the others have mean 2:
// 2 + 35/38·8. For the 0 they have mean 4: 4 − 35/38·4.
func TestShrinkingWrittenOut(t *testing.T) {
	got, ok := stats.Shrink([]float64{0, 1, 2, 3, 4, 10}, []float64{1, 1, 1, 1, 1, 1})
	if !ok {
		t.Fatal("nothing")
	}
	for at, want := range map[int]stats.Shrunken{
		5: {Mean: 2 + 35./38*8, Prior: 2, Weight: 35. / 38}, 0: {Mean: 4 - 35./38*4, Prior: 4, Weight: 35. / 38},
	} {
		g := got[at]
		if math.Abs(g.Mean-want.Mean)+math.Abs(g.Prior-want.Prior)+math.Abs(g.Weight-want.Weight) > 1e-12 {
			t.Errorf("%+v, want %+v", g, want)
		}
	}
	// No more spread than their errors explain: τ² below 0 becomes 0, and each
	// is what the others say.
	got, _ = stats.Shrink([]float64{3, 3.1, 2.9, 3}, []float64{1, 1, 1, 1})
	if math.Abs(got[1].Mean-8.9/3) > 1e-12 || got[1].Weight != 0 {
		t.Errorf("%+v", got[1])
	}
}

func TestShrunkenValuesLieBetweenTheirOwnAndTheOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := answers(t, "values", 3)
		variances := make([]float64, len(values))
		for i := range variances {
			variances[i] = rapid.Float64Range(.01, 2).Draw(t, "variance")
		}
		got, ok := stats.Shrink(values, variances)
		if !ok {
			t.Fatal("nothing")
		}
		by := rapid.Float64Range(-9, 9).Draw(t, "by")
		moved := make([]float64, len(values))
		for i, v := range values {
			moved[i] = v + by
		}
		shifted, _ := stats.Shrink(moved, variances)
		for i, s := range got {
			if s.Mean < min(values[i], s.Prior)-1e-12 || s.Mean > max(values[i], s.Prior)+1e-12 || s.Weight < 0 || s.Weight > 1 {
				t.Errorf("%v becomes %+v", values[i], s)
			}
			if math.Abs(s.Mean+by-shifted[i].Mean) > 1e-7 {
				t.Errorf("moved by %v: %v and %v", by, s.Mean, shifted[i].Mean)
			}
		}
	})
}

// Golden: ANALYTICS, "Events, benchmarks": De La Rosa 2018, CS 37.7 (6.5), BO
// 22.8 (5.4). By hand: 50 + 10·(44.2 − 37.7)/6.5 = 60, 50 + 10·(20.1 − 22.8)/5.4 = 45.
func TestTScoresWrittenOut(t *testing.T) {
	for _, test := range []struct{ raw, mean, sd, want float64 }{{44.2, 37.7, 6.5, 60}, {20.1, 22.8, 5.4, 45}, {37.7, 37.7, 6.5, 50}} {
		if got, ok := stats.T(test.raw, test.mean, test.sd); !ok || math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%v: %v, want %v", test.raw, got, test.want)
		}
	}
	if _, ok := stats.T(30, 20, 0); ok {
		t.Error("a norm without spread")
	}
}

func TestAChangeNeedsMoreThanTheLimits(t *testing.T) {
	// 2.66·.45·√(1/3 + 1/3) = .97735; with ever more waves before, one wave
	// after needs 2.66·.45, as in a chart.
	if got := stats.ChangeReach(.45, 3, 3); math.Abs(got-2.66*.45*math.Sqrt(2.0/3)) > 1e-12 {
		t.Error(got)
	}
	if got := stats.ChangeReach(.45, 1e9, 1); math.Abs(got-2.66*.45) > 1e-6 {
		t.Error(got)
	}
	if !math.IsInf(stats.ChangeReach(.45, 0, 3), 1) {
		t.Error("nothing before, and a change")
	}
}
