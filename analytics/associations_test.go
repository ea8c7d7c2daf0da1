package analytics

import (
	"context"
	"math"
	"strconv"
	"strings"
	"testing"
)

// Before anything is rounded, coefficients, standard errors and alpha are
// those of R.
func TestAssociationsAreThoseOfR(t *testing.T) {
	r := fromR(t)
	tally, err := newTally(context.Background(), worked(t))
	if err != nil {
		t.Fatal(err)
	}
	near := func(name string, got float64) {
		t.Helper()
		if want, ok := r[name]; !ok || math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %.12g, R has %.12g", name, got, want)
		}
	}
	f := tally.families[0]
	near("n", float64(f.cases.n()))
	for _, a := range f.entries[:6] {
		c, ok := f.cases.sums.Pearson(f.at[a.outcome], f.at[a.predictor])
		if !ok {
			t.Fatal(a)
		}
		near(a.measure()+" correlation", c)
	}
	// People in teams of one have the design effect 1, as in lm.
	p := producer{builder: &builder{}, headcounts: []int{1, 1}, invited: f.cases.n(), least: variesLeast}
	fit, _ := p.fit(f, f.slopes[0])
	for i, predictor := range f.slopes[0].Predictors {
		near("strain~"+predictor+" slope", fit[i].Beta)
		near("strain~"+predictor+" se", fit[i].SE)
	}
	for _, scale := range []string{"strain", "room"} {
		for _, rel := range tally.reliabilities {
			if tally.measures[rel.measure].id != scale {
				continue
			}
			alpha, ok := rel.cases.sums.Alpha()
			if !ok {
				t.Fatal(scale)
			}
			near(scale+" n", float64(rel.cases.n()))
			near(scale+" alpha", alpha)
		}
	}
}

// The displayed coefficient is R's on the grid of tenths, and the release says
// for each pair what the pack fixed, in its order.
func TestAReleaseShowsCoefficientsInTenths(t *testing.T) {
	r, _ := release(t, worked(t))
	numbers := fromR(t)
	all := r.Associations()
	if len(all) != 9 {
		t.Fatalf("%d comparisons, the pack has 6 pairs and 3 slopes", len(all))
	}
	for i, a := range all {
		if a.Comparisons != 9 || a.Pack != "beside" || a.With != "short" || a.Cell.Unit != "org" || a.Cell.N != 114 {
			t.Errorf("%+v", a)
		}
		if (i < 6) != (a.Statistic == StatisticCorrelation) {
			t.Errorf("%d is a %s", i, a.Statistic)
		}
		want := numbers[a.Outcome+"~"+a.Predictor+" "+a.Statistic]
		if a.Cell.Status != StatusShown || math.Abs(a.Cell.Value-want) > .05 || math.Abs(math.Round(a.Cell.Value*10)-a.Cell.Value*10) > 1e-9 {
			t.Errorf("%s of %s and %s: %v, R has %.3f", a.Statistic, a.Outcome, a.Predictor, a.Cell.Value, want)
		}
	}
	if !all[1].StandsOut || all[2].StandsOut {
		t.Errorf("of r = −.38 and −.13 among 9 comparisons of 114 people, the first stands out: %v %v", all[1].StandsOut, all[2].StandsOut)
	}
	if a, ok := r.Audit(); !ok || a.Checks.Products < 9 {
		t.Errorf("%+v", a)
	}
	for _, u := range r.Units()[1:] {
		for id := range columnsOf(r) {
			if _, ok := r.Cell(string(u.ID), id.measure, id.statistic); ok && ofProducts(id.statistic) {
				t.Errorf("%v of %s", id, u.ID)
			}
		}
	}
}

// R: all true values within half a step of the displayed one, ends outward.
func TestIntervalsOfDisplayedCoefficientsAreThoseOfR(t *testing.T) {
	for name, want := range fromR(t) {
		part := strings.Fields(name)
		if len(part) != 5 {
			continue
		}
		number := func(i int) float64 { x, _ := strconv.ParseFloat(part[i], 64); return x }
		value := int64(math.Round(number(1) * 1000))
		low, high, ok := correlationInterval(value, int(number(2)), number(3))
		if part[0] == "feldt" {
			low, high, ok = alphaInterval(value, int(number(2)), int(number(3)))
		}
		got := map[string]int64{"low": low, "high": high}[part[4]]
		if !ok || float64(got) != math.Round(1000*want) {
			t.Errorf("%s: %d thousandths, R has %v", name, got, want)
		}
	}
	if _, _, ok := correlationInterval(300, 60, 20); ok { // 60/20 = 3: no z
		t.Error("an interval from three effective people")
	}
}

// By hand: five sets of 10 with means 1 2 3 4 5 and a standard deviation of 1
// have MSB = 10·10/4 = 25, icc = 24/(25+9) = .7059; teams of 10, all of whom
// are cases: 1 + 9·.7059. With four sets the planning value .12 holds.
func TestTheDesignEffectIsMadeOfWhatIsShown(t *testing.T) {
	var finest []part
	for m := range 5 {
		finest = append(finest, part{n: 10, mean: float64(m + 1)})
	}
	teams := []int{10, 10, 10, 10, 10, 0}
	for _, test := range []struct {
		name       string
		finest     []part
		n, invited int
		want       float64
	}{
		{"five sets", finest, 50, 50, 1 + 9*24/34.},
		{"half of the people are cases", finest, 25, 50, 1 + 4*24/34.},
		{"four sets", finest[:4], 50, 50, 1 + 9*.12},
		{"a case in every other team", finest, 2, 50, 1},
	} {
		if got := designEffect(test.finest, 1, teams, test.n, test.invited); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestCoefficientsRoundTowardsZeroAndStopShortOfOne(t *testing.T) {
	for _, test := range []struct {
		x      float64
		value  int64
		reason Reason
	}{
		{0, 0, ReasonNone},
		{.05, 0, ReasonNone},
		{.0501, 100, ReasonNone},
		{-.05, 0, ReasonNone},
		{-.31, -300, ReasonNone},
		{.84, 800, ReasonNone},
		{.86, 900, ReasonClampedHigh},
		{1, 900, ReasonClampedHigh},
		{-1, -900, ReasonClampedLow},
		{-.9, -900, ReasonClampedLow},
	} {
		if value, reason := coefficient(test.x, -coefficientMost); value != test.value || reason != test.reason {
			t.Errorf("%v: %d %q, want %d %q", test.x, value, reason, test.value, test.reason)
		}
	}
	if value, reason := coefficient(-.4, 0); value != 0 || reason != ReasonClampedLow {
		t.Errorf("alpha below 0: %d %q", value, reason)
	}
}
