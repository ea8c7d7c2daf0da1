package stats_test

import (
	"math"
	"slices"
	"testing"

	"attune/analytics/stats"

	"pgregory.net/rapid"
)

// adjacent says that every value directly follows the one before.
func adjacent(n int) []bool { return slices.Repeat([]bool{true}, n) }

// Golden: ANALYTICS, "Trend: XmR" (no floor, baseline = all 18). By hand: the
// moving ranges are 1 but for 8 and 9 around the ten; their mean is 32/17, and
// both are more than 3.267 of it.
func TestLimitsMatchTheGoldenNumbers(t *testing.T) {
	values := []float64{1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1}
	x, ok := stats.XmROf(values, adjacent(18), 0)
	if !ok {
		t.Fatal("no limits")
	}
	for _, test := range []struct{ got, want float64 }{
		{x.Centre, 35.0 / 18},
		{x.High, 35.0/18 + 2.66},
		{x.Low, 35.0/18 - 2.66},
		{x.InnerHigh, 35.0/18 + 2.66*2/3},
		{x.InnerLow, 35.0/18 - 2.66*2/3},
		{x.Range, 1},
	} {
		if math.Abs(test.got-test.want) > 1e-12 {
			t.Errorf("%v, want %v", test.got, test.want)
		}
	}
	if math.Abs(x.High-4.6044) > 5e-5 || math.Abs(x.Low+0.7156) > 5e-5 {
		t.Errorf("limits %.4f and %.4f, want 4.6044 and −0.7156", x.High, x.Low)
	}
	if x.Ranges != 15 {
		t.Errorf("%d moving ranges are left, want 15 of 17", x.Ranges)
	}
}

func TestLimitsAreScreenedOnce(t *testing.T) {
	// Ranges 1×12, 5, 30: mean 47/14 = 3.36, screen 10.97 drops the 30 only. A
	// second screen (mean 17/13 = 1.31, 4.27) would drop the 5 as well.
	values := []float64{0}
	for _, by := range []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 5, 30} {
		values = append(values, values[len(values)-1]+by)
	}
	x, _ := stats.XmROf(values, adjacent(len(values)), 0)
	if math.Abs(x.Range-17.0/13) > 1e-12 {
		t.Errorf("mean moving range %v, want 17/13", x.Range)
	}
}

func TestLimitsTakeNoRangeOverAGapAndKeepTheFloor(t *testing.T) {
	// 1 2 (gap) 9 8: two ranges of 1; over the gap it would be 7.
	x, ok := stats.XmROf([]float64{1, 2, 9, 8}, []bool{false, true, false, true}, 0)
	if !ok || x.Range != 1 || x.Ranges != 2 {
		t.Errorf("%+v", x)
	}
	if x, _ := stats.XmROf([]float64{1, 2, 9, 8}, []bool{false, true, false, true}, 1.5); x.Range != 1.5 || x.High != 5+2.66*1.5 {
		t.Errorf("with a floor: %+v", x)
	}
	if x, ok := stats.XmROf([]float64{3, 3, 3}, adjacent(3), 0); !ok || x.High != 3 || x.Low != 3 {
		t.Errorf("constant: %+v", x)
	}
	if _, ok := stats.XmROf([]float64{1, 2, 3}, make([]bool, 3), 0); ok {
		t.Error("limits without two adjacent values")
	}
}

func TestLimitsMoveAndStretchWithTheValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := answers(t, "values", 2)
		by, times := rapid.Float64Range(-20, 20).Draw(t, "by"), rapid.Float64Range(.1, 20).Draw(t, "times")
		moved := make([]float64, len(values))
		for i, v := range values {
			moved[i] = v*times + by
		}
		x, ok := stats.XmROf(values, adjacent(len(values)), 0)
		y, okMoved := stats.XmROf(moved, adjacent(len(values)), 0)
		if ok != okMoved {
			t.Fatal("limits for one of the two only")
		}
		if x.Ranges != y.Ranges {
			t.Skip("a moving range lies on the screen, but for the last bits") // the screen is a comparison of rounded numbers
		}
		for _, pair := range [][2]float64{{x.Low, y.Low}, {x.High, y.High}, {x.InnerLow, y.InnerLow}, {x.InnerHigh, y.InnerHigh}, {x.Centre, y.Centre}} {
			if math.Abs(pair[0]*times+by-pair[1]) > 1e-9 {
				t.Errorf("%v moved and stretched is %v, want %v", pair[0], pair[1], pair[0]*times+by)
			}
		}
	})
}

func FuzzLimitsAreNumbers(f *testing.F) {
	f.Add([]byte{1, 2, 3}, byte(0), 0.0)
	f.Add([]byte{254, 255, 3}, byte(0), math.Inf(1))
	f.Fuzz(func(t *testing.T, raw []byte, gaps byte, floor float64) {
		values, follows := make([]float64, len(raw)), make([]bool, len(raw))
		for i, b := range raw {
			values[i], follows[i] = float64(b), gaps>>(i%8)&1 == 0
			switch b {
			case 254:
				values[i] = math.NaN()
			case 255:
				values[i] = math.MaxFloat64
			}
		}
		x, ok := stats.XmROf(values, follows, floor)
		for _, v := range []float64{x.Centre, x.Range, x.Low, x.High, x.InnerLow, x.InnerHigh} {
			if math.IsNaN(v) || math.IsInf(v, 0) || !ok && v != 0 {
				t.Errorf("%+v", x)
			}
		}
	})
}
