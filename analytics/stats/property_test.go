package stats_test

import (
	"math"
	"slices"
	"testing"

	"attune/analytics/stats"

	"pgregory.net/rapid"
)

// answers are values as they occur: categories, and means of a few of them.
func answers(t *rapid.T, name string, least int) []float64 {
	return rapid.SliceOfN(rapid.Map(rapid.IntRange(6, 30), func(v int) float64 { return float64(v) / 6 }), least, 40).Draw(t, name)
}

func TestOrderOfPeopleNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := answers(t, "x", 3)
		y := answers(t, "y", len(x))[:len(x)]
		order := rapid.Permutation(slices.Collect(indices(len(x)))).Draw(t, "order")
		px, py := make([]float64, len(x)), make([]float64, len(x))
		var rows, permuted [][]float64
		for to, from := range order {
			px[to], py[to] = x[from], y[from]
		}
		for i := range x {
			rows = append(rows, []float64{x[i], y[i]})
			permuted = append(permuted, []float64{px[i], py[i]})
		}
		same := func(name string, a float64, okA bool, b float64, okB bool) {
			if a != b || okA != okB {
				t.Errorf("%s: %v and %v", name, a, b)
			}
		}
		a, okA := stats.Mean(x)
		b, okB := stats.Mean(px)
		same("mean", a, okA, b, okB)
		a, okA = stats.SD(x)
		b, okB = stats.SD(px)
		same("sd", a, okA, b, okB)
		a, okA = stats.Pearson(x, y)
		b, okB = stats.Pearson(px, py)
		same("pearson", a, okA, b, okB)
		a, okA = stats.Alpha(rows)
		b, okB = stats.Alpha(permuted)
		same("alpha", a, okA, b, okB)
	})
}

func indices(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestAConstantShiftsTheMeanOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := answers(t, "x", 3)
		y := answers(t, "y", len(x))[:len(x)]
		by := float64(rapid.IntRange(-40, 40).Draw(t, "by"))
		shifted := make([]float64, len(x))
		for i, v := range x {
			shifted[i] = v + by
		}
		near := func(name string, a, b float64) {
			if math.Abs(a-b) > 1e-9 {
				t.Errorf("%s: %v and %v", name, a, b)
			}
		}
		a, _ := stats.Mean(x)
		b, _ := stats.Mean(shifted)
		near("mean", a+by, b)
		a, _ = stats.SD(x)
		b, _ = stats.SD(shifted)
		near("sd", a, b)
		a, okA := stats.Pearson(x, y)
		b, okB := stats.Pearson(shifted, y)
		if okA && okB {
			near("pearson", a, b)
		}
		a, okA = stats.ICC([][]float64{x[:2], x[2:]})
		b, okB = stats.ICC([][]float64{shifted[:2], shifted[2:]})
		if okA && okB {
			near("icc", a, b)
		}
	})
}

func TestIntervalsShrinkWithMorePeople(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 400).Draw(t, "n")
		people := n + 1 + rapid.IntRange(0, 400).Draw(t, "more people")
		sd := rapid.Float64Range(.1, 3).Draw(t, "sd")
		if stats.HalfWidth(sd, n+1) >= stats.HalfWidth(sd, n) {
			t.Error("mean over the process")
		}
		if stats.FiniteHalfWidth(sd, n+1, people) >= stats.FiniteHalfWidth(sd, n, people) {
			t.Error("mean of the team now")
		}
		if stats.FiniteHalfWidth(sd, n, people) >= stats.HalfWidth(sd, n) {
			t.Error("a part of the team is known, and the interval is no narrower for it")
		}
		r := rapid.Float64Range(-.95, .95).Draw(t, "r")
		low, high, _ := stats.Fisher(r, float64(n))
		low2, high2, _ := stats.Fisher(r, float64(n)+1)
		if high2-low2 >= high-low {
			t.Error("correlation")
		}
		k := rapid.IntRange(0, n).Draw(t, "k")
		low, high, _ = stats.Wilson(k, n)
		low2, high2, _ = stats.Wilson(2*k, 2*n)
		if high2-low2 >= high-low {
			t.Error("share")
		}
	})
}

func TestCountsHoldWhatWasCountedAndCoverInNineteenOfTwenty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := rapid.IntRange(1, 60).Draw(t, "people")
		n := rapid.IntRange(1, people).Draw(t, "n")
		total := rapid.IntRange(0, people).Draw(t, "of the kind")
		covered := 0.0
		for k := max(0, n-(people-total)); k <= min(n, total); k++ {
			low, high, ok := stats.Count(k, n, people)
			if !ok || low < k || high > people-n+k || low > high {
				t.Fatalf("%d of %d out of %d: %d–%d", k, n, people, low, high)
			}
			if n == people && (low != k || high != k) {
				t.Errorf("everybody answered: %d–%d", low, high)
			}
			if low <= total && total <= high {
				covered += choose(total, k) * choose(people-total, n-k) / choose(people, n)
			}
		}
		if covered < stats.Confidence-1e-9 {
			t.Errorf("%d of %d people of the kind, %d answer: covered with %.4f", total, people, n, covered)
		}
	})
}

func choose(n, k int) float64 {
	ways := 1.0
	for i := range k {
		ways = ways * float64(n-i) / float64(i+1)
	}
	return ways
}

func TestReversingTheItemsLeavesReliabilityAndMirrorsCorrelations(t *testing.T) {
	s := readSurvey(t)
	var reversed [][]float64
	for _, row := range s.rows {
		var back []float64
		for _, v := range row {
			back = append(back, 1+5-v)
		}
		reversed = append(reversed, back)
	}
	a, _ := stats.Alpha(s.rows)
	b, ok := stats.Alpha(reversed)
	if !ok || math.Abs(a-b) > 1e-12 {
		t.Errorf("alpha %g, reversed %g", a, b)
	}
	a, _ = stats.Omega(s.rows)
	b, ok = stats.Omega(reversed)
	if !ok || math.Abs(a-b) > 1e-9 {
		t.Errorf("omega %g, reversed %g", a, b)
	}
}

// FuzzNothingGivesNaN feeds all bytes as numbers, among them NaN, infinities
// and numbers whose squares are too large.
func FuzzNothingGivesNaN(f *testing.F) {
	f.Add([]byte{}, 0)
	f.Add([]byte{1}, 1)
	f.Add([]byte{3, 3, 3, 3, 3, 3}, 2)
	f.Add([]byte{1, 2, 3, 250, 251, 252, 253, 254, 255}, 3)
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64}
	f.Fuzz(func(t *testing.T, raw []byte, n int) {
		var x []float64
		for _, b := range raw {
			v := float64(b) / 10
			if i := int(b) - (256 - len(special)); i >= 0 {
				v = special[i]
			}
			x = append(x, v)
		}
		half := len(x) / 2
		check := func(name string, ok bool, values ...float64) {
			for _, v := range values {
				if ok && (math.IsNaN(v) || math.IsInf(v, 0)) || !ok && v != 0 {
					t.Errorf("%s of %v: ok %v, %v", name, x, ok, values)
				}
			}
		}
		v, ok := stats.Mean(x)
		check("Mean", ok, v)
		v, ok = stats.SD(x)
		check("SD", ok, v)
		v, ok = stats.Pearson(x[:half], x[half:2*half])
		check("Pearson", ok, v)
		for _, r := range append(x, .5) {
			low, high, ok := stats.Fisher(r, float64(n))
			check("Fisher", ok, low, high)
			p, ok := stats.FisherP(r, float64(n))
			check("FisherP", ok, p)
			low, high, ok = stats.Feldt(r, n%1000, len(x))
			check("Feldt", ok, low, high)
		}
		v, ok = stats.ICC([][]float64{x[:half], x[half:]})
		check("ICC", ok, v)
		check("DesignEffect", true, stats.DesignEffect(v, []int{half, len(x) - half}))
		for _, p := range stats.Holm(x) {
			check("Holm", true, p)
		}
		slopes, ok := stats.Slopes(x[:half], [][]float64{x[half : 2*half]}, 1)
		for _, s := range slopes {
			check("Slopes", ok, s.Beta, s.SE, s.Low, s.High, s.P)
		}
		var rows [][]float64
		for i := 0; i+3 <= len(x); i += 3 {
			rows = append(rows, x[i:i+3])
		}
		v, ok = stats.Alpha(rows)
		check("Alpha", ok, v)
		v, ok = stats.Omega(rows)
		check("Omega", ok, v)
		reliability, ok := stats.ReliabilityOf(rows)
		check("ReliabilityOf", ok, reliability.Value, reliability.Alpha, reliability.Low, reliability.High)
		low, high, ok := stats.Wilson(half, n)
		check("Wilson", ok, low, high)
		from, to, ok := stats.Count(half, len(x), n%1000)
		check("Count", ok, float64(from), float64(to))
	})
}
