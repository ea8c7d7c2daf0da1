package analytics

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"attune/survey"

	"pgregory.net/rapid"
)

// gap stands for a wave without a shown value.
const gap = -1

// line makes a series of one value a month, each of n answers.
func line(n int, values ...float64) []Point {
	points := make([]Point, len(values))
	for i, v := range values {
		points[i] = Point{
			Wave: survey.WaveID(fmt.Sprint("w", i+1)), OpensOn: fmt.Sprintf("20%02d-%02d-01", 20+i/12, 1+i%12), Present: true,
			Cell: Cell{Pack: "pulse", PackVersion: "1", Status: StatusShown, Value: v, N: n},
		}
		if v == gap {
			points[i].Cell = Cell{Pack: "pulse", PackVersion: "1", Status: StatusSuppressed, Reason: ReasonProtected}
		}
	}
	return points
}

var fiveToOne = Measure{Low: 1, High: 5, Category: 1}

func worse(points []Point, events ...survey.Event) Trend {
	return TrendOf(points, fiveToOne, survey.HigherWorse, events)
}

// quiet are twelve waves around 3: their moving ranges are .1 but for none, so
// the floor decides; the mean is exactly 3.
var quiet = []float64{3.1, 2.9, 3.1, 2.9, 3.1, 2.9, 3.1, 2.9, 3.1, 2.9, 3.1, 2.9}

func then(values []float64, more ...float64) []float64 { return append(slices.Clone(values), more...) }

// The floor is .20 from 20 answers on, limits at 3 ± 2.66·.2 = 2.468 and 3.532,
// inner ones at 2.645 and 3.355.
func TestRulesFireInTheirOrder(t *testing.T) {
	for _, test := range []struct {
		name    string
		values  []float64
		rule    Rule
		verdict Verdict
	}{
		{"nothing", quiet, RuleNone, VerdictSteady},
		{"above the limit", then(quiet, 3.6), RuleLimit, VerdictWorse},
		{"below the limit", then(quiet, 2.4), RuleLimit, VerdictBetter},
		{"on a display step just inside", then(quiet, 3.5), RuleNone, VerdictSteady},
		{"two of three between inner and outer", then(quiet, 3.4, 3.1, 3.4), RuleOuter, VerdictWatch},
		{"the third on the other side", then(quiet, 3.4, 2.9, 3.4), RuleNone, VerdictSteady},
		{"the third on the mean", then(quiet, 3.4, 3.0, 3.4), RuleNone, VerdictSteady},
		{"one of them beyond the outer limit", then(quiet, 3.6, 3.1, 3.4), RuleNone, VerdictSteady},
		{"one on the inner side", then(quiet, 3.3, 3.1, 3.4), RuleNone, VerdictSteady},
		{"seven on one side", then(quiet, 3.1, 3.2, 3.1, 3.2, 3.1, 3.2, 3.1), RuleSide, VerdictWatch},
		{"six on one side", then(quiet, 3.1, 3.2, 3.1, 3.2, 3.1, 3.2), RuleNone, VerdictSteady},
		{"a tie with the mean breaks the side", then(quiet, 3.1, 3.2, 3.1, 3.0, 3.1, 3.2, 3.1), RuleNone, VerdictSteady},
		{"seven rising", then(quiet, 2.7, 2.8, 2.9, 3.0, 3.1, 3.2, 3.3), RuleRun, VerdictWatch},
		{"six rising", then(quiet, 2.9, 2.8, 2.9, 3.0, 3.1, 3.2, 3.3), RuleNone, VerdictSteady},
		{"seven, two of them equal", then(quiet, 2.7, 2.8, 2.9, 2.9, 3.1, 3.2, 3.3), RuleNone, VerdictSteady},
		{"seven falling and outside", then(quiet, 3.0, 2.9, 2.8, 2.7, 2.6, 2.5, 2.4), RuleLimit, VerdictBetter},
		{"seven falling, two of three near the limit", then(quiet, 3.1, 3.0, 2.9, 2.8, 2.7, 2.6, 2.5), RuleRun, VerdictWatch},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := worse(line(20, test.values...))
			if got.Rule != test.rule || got.Verdict != test.verdict {
				t.Errorf("%q %s, want %q %s", got.Rule, got.Verdict, test.rule, test.verdict)
			}
		})
	}
}

func TestTheDirectionOfTheScaleDecidesWhatIsBetter(t *testing.T) {
	points := line(20, then(quiet, 3.6)...)
	for direction, want := range map[survey.Direction]Verdict{
		survey.HigherWorse: VerdictWorse, survey.HigherBetter: VerdictBetter, survey.Neutral: VerdictWatch,
	} {
		if got := TrendOf(points, fiveToOne, direction, nil); got.Verdict != want || got.Rule != RuleLimit {
			t.Errorf("%s: %s", direction, got.Verdict)
		}
	}
}

func TestFewWavesAreTooEarlyAndThenOnTrial(t *testing.T) {
	if got := worse(line(20, 3, 5, 1, 5, 1)); got.Verdict != VerdictTooEarly || got.Known || got.Smallest != 0 {
		t.Errorf("five waves: %+v", got)
	}
	if got := worse(line(20, quiet[:6]...)); got.Verdict != VerdictSteady || !got.Trial || got.Published != 6 {
		t.Errorf("six waves: %+v", got)
	}
	if got := worse(line(20, quiet...)); got.Trial {
		t.Errorf("twelve waves: %+v", got)
	}
	// Gaps are no waves: six published ones of eight.
	if got := worse(line(20, 3, gap, 3, 3, gap, 3, 3)); got.Verdict != VerdictTooEarly || got.Published != 5 {
		t.Errorf("five published: %+v", got)
	}
}

func TestTheBaselineIsLockedAfterTwelveWaves(t *testing.T) {
	before, after := worse(line(20, quiet...)), worse(line(20, then(quiet, 4, 4, 4, 4, 4, 4, 4)...))
	if before.Limits != after.Limits {
		t.Errorf("%+v, later %+v", before.Limits, after.Limits)
	}
	if after.Verdict != VerdictWorse {
		t.Errorf("a lasting change is no longer seen: %s", after.Verdict)
	}
	// On trial the limits follow: 11 waves and one more.
	if worse(line(20, quiet[:11]...)).Limits == worse(line(20, then(quiet[:10], 3.5)...)).Limits {
		t.Error("trial limits do not follow")
	}
}

func TestOnlyABreakOrARecordedEventBeginsAnew(t *testing.T) {
	values := then(quiet, 4, 4, 4, 4, 4, 4)
	points := line(20, values...)
	if got := worse(points); len(got.Stretches) != 1 || got.Verdict != VerdictWorse {
		t.Errorf("without an event: %+v", got)
	}
	on := points[12].OpensOn
	if got := worse(points, survey.Event{Day: on, Kind: survey.EventIncident}); len(got.Stretches) != 1 {
		t.Errorf("an event that only marks: %+v", got.Stretches)
	}
	for name, got := range map[string]Trend{
		"event on the day":     worse(points, survey.Event{Day: on, Anew: true}),
		"event between":        worse(points, survey.Event{Day: "2020-12-15", Anew: true}), // waves 12 and 13 open on December 1 and January 1
		"other teams":          worse(broken(points, func(p *Point) { p.Break = true })),
		"other questions":      worse(versioned(points)),
		"other questions, gap": worse(slices.Insert(versioned(points), 12, Point{OpensOn: "2020-12-20"})),
	} {
		if len(got.Stretches) < 2 || got.Verdict == VerdictWorse || got.Published != 6 || !got.Trial {
			t.Errorf("%s: %s of %d published, %d stretches", name, got.Verdict, got.Published, len(got.Stretches))
		}
	}
}

func broken(points []Point, at func(*Point)) []Point {
	points = slices.Clone(points)
	at(&points[12])
	return points
}

// versioned asks other questions from the thirteenth wave on.
func versioned(points []Point) []Point {
	points = slices.Clone(points)
	for i := range points {
		if i >= 12 {
			points[i].Cell.PackVersion = "2"
		}
	}
	return points
}

func TestGapsAreNoZerosAndRunsRestartAfterThem(t *testing.T) {
	// Seven above the mean, with a gap among them.
	if got := worse(line(20, then(quiet, 3.1, 3.2, 3.1, gap, 3.2, 3.1, 3.2, 3.1)...)); got.Rule != RuleNone {
		t.Errorf("a run over a gap: %s", got.Rule)
	}
	if got := worse(line(20, then(quiet, 3.1, 3.2, gap)...)); got.Verdict != VerdictCannotSay || !got.Known {
		t.Errorf("the latest wave is hidden: %+v", got)
	}
	missing := line(20, quiet...)
	missing[11] = Point{Wave: "w12", OpensOn: "2020-12-01"}
	if got := worse(missing); got.Verdict != VerdictCannotSay {
		t.Errorf("the latest wave did not ask: %s", got.Verdict)
	}
	// Every other wave hidden: no moving range, so no limits.
	if got := worse(line(20, 3, gap, 3, gap, 3, gap, 3, gap, 3, gap, 3, gap, 3)); got.Verdict != VerdictCannotSay || got.Known {
		t.Errorf("no two adjacent waves: %+v", got)
	}
	for i, r := range worse(line(20, then(quiet, gap, 3.6)...)).Rules {
		if (r == RuleLimit) != (i == 13) {
			t.Errorf("wave %d: %q", i+1, r)
		}
	}
}

// Floors of ANALYTICS: .45 below 10 answers, .30 from 10, .20 from 20; in
// categories, so ten times that on a scale from 10 to 50.
func TestTheFloorFollowsTheNumberOfAnswers(t *testing.T) {
	for n, floor := range map[int]float64{5: .45, 9: .45, 10: .30, 19: .30, 20: .20, 200: .20} {
		if got := worse(line(n, quiet...)).Limits.Range; math.Abs(got-floor) > 1e-9 {
			t.Errorf("%d answers: %v", n, got)
		}
	}
	tens := make([]float64, len(quiet))
	for i, v := range quiet {
		tens[i] = 10 * v
	}
	got := TrendOf(line(9, tens...), Measure{Low: 10, High: 50, Category: 10}, survey.HigherWorse, nil)
	if math.Abs(got.Limits.Range-4.5) > 1e-9 {
		t.Errorf("raw points: %v", got.Limits.Range)
	}
	// One wave of few answers among many does not set the floor.
	points := line(20, quiet...)
	points[3].Cell.N = 8
	if got := worse(points).Limits.Range; math.Abs(got-.2) > 1e-9 {
		t.Errorf("one small wave: %v", got)
	}
}

func TestTheSmallestChangeIsThatOfTheRule(t *testing.T) {
	for _, test := range []struct {
		name   string
		n      int
		values []float64
		want   float64
	}{
		{"steady: to the limit", 20, quiet, 2.66 * .2},
		{"outside", 20, then(quiet, 3.6), 2.66 * .2},
		{"two of three", 20, then(quiet, 3.4, 3.1, 3.4), 2.66 * .2 * 2 / 3},
		{"six steps of a tenth", 20, then(quiet, 2.7, 2.8, 2.9, 3.0, 3.1, 3.2, 3.3), .6},
		{"one side", 20, then(quiet, 3.1, 3.2, 3.1, 3.2, 3.1, 3.2, 3.1), .1},
		{"few answers", 8, quiet, 2.66 * .45},
	} {
		if got := worse(line(test.n, test.values...)); math.Abs(got.Smallest-test.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", test.name, got.Smallest, test.want)
		}
	}
}

func TestALimitBeyondTheScaleIsSaid(t *testing.T) {
	// Eight answers: limits at ±1.197, displayed values from 1.5 to 4.5.
	for _, test := range []struct {
		centre       float64
		noRise, fall bool
	}{{3, false, false}, {3.5, true, false}, {2.5, false, true}, {1.5, false, true}} {
		got := worse(line(8, slices.Repeat([]float64{test.centre}, 8)...))
		if got.NoRise != test.noRise || got.NoFall != test.fall {
			t.Errorf("around %v: no rise %v, no fall %v", test.centre, got.NoRise, got.NoFall)
		}
	}
}

// series are displayed values with gaps, breaks and changing numbers.
func series(t *rapid.T) []Point {
	points := line(8, rapid.SliceOfN(rapid.Map(rapid.IntRange(-2, 16), func(v int) float64 {
		if v < 0 {
			return gap
		}
		return 1 + float64(v)/4
	}), 0, 30).Draw(t, "values")...)
	for i := range points {
		points[i].Cell.N = rapid.SampledFrom([]int{5, 9, 12, 25}).Draw(t, "n")
		points[i].Break = rapid.IntRange(0, 15).Draw(t, "break") == 0
	}
	return points
}

func TestReversingAScaleTurnsTheVerdictAndTwiceIsNothing(t *testing.T) {
	reversed := func(points []Point) []Point {
		points = slices.Clone(points)
		for i, p := range points {
			if published(p) {
				points[i].Cell.Value = 1 + 5 - p.Cell.Value
			}
		}
		return points
	}
	turned := map[Verdict]Verdict{VerdictBetter: VerdictWorse, VerdictWorse: VerdictBetter}
	rapid.Check(t, func(t *rapid.T) {
		points := series(t)
		a, b, c := worse(points), worse(reversed(points)), worse(reversed(reversed(points)))
		want := a.Verdict
		if other, ok := turned[want]; ok {
			want = other
		}
		if b.Verdict != want || b.Rule != a.Rule || b.NoFall != a.NoRise {
			t.Errorf("%s by %q, reversed %s by %q", a.Verdict, a.Rule, b.Verdict, b.Rule)
		}
		if c.Verdict != a.Verdict || c.Rule != a.Rule {
			t.Errorf("reversed twice: %s, was %s", c.Verdict, a.Verdict)
		}
	})
}

func TestPointsCoverEveryWaveAndSayNothingOfGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := series(t)
		got := worse(points)
		next := 0
		for _, s := range got.Stretches {
			if s.From != next || s.To <= s.From {
				t.Fatalf("stretches %+v", got.Stretches)
			}
			next = s.To
		}
		if next != len(points) || len(got.Rules) != len(points) {
			t.Errorf("%d waves, stretches up to %d, %d rules", len(points), next, len(got.Rules))
		}
		for i, r := range got.Rules {
			if r != RuleNone && !published(points[i]) {
				t.Errorf("wave %d is a gap and shows %q", i+1, r)
			}
		}
	})
}

func FuzzTrendsAreNumbers(f *testing.F) {
	f.Add([]byte{}, 1.0, 5.0, 1.0)
	f.Add([]byte{7}, 1.0, 5.0, 1.0)
	f.Add([]byte{7, 7, 7, 7, 7, 7, 7, 7}, 10.0, 50.0, 10.0)
	f.Add([]byte{250, 251, 252, 253, 254, 255, 250, 1, 2, 3}, math.NaN(), math.Inf(1), math.NaN())
	f.Fuzz(func(t *testing.T, raw []byte, low, high, category float64) {
		points := line(8, make([]float64, len(raw))...)
		for i, b := range raw {
			c := &points[i].Cell
			c.N, c.Value = int(b%32), float64(b%41)/8
			switch {
			case b >= 254:
				c.Value = math.NaN()
			case b >= 252:
				c.Value = math.MaxFloat64
			case b >= 250:
				c.Status = StatusSuppressed
			case b >= 248:
				points[i].Present = false
			}
		}
		got := TrendOf(points, Measure{Low: low, High: high, Category: category}, survey.HigherBetter, nil)
		numbers := []float64{got.Smallest, got.Limits.Centre, got.Limits.Low, got.Limits.High, got.Limits.InnerLow, got.Limits.InnerHigh}
		for _, v := range numbers {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("%+v", got)
			}
		}
		if got.Verdict == "" {
			t.Error("no verdict")
		}
		SignStates(points)
	})
}
