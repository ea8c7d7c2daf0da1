package analytics

import (
	"math"
	"testing"

	"attune/survey"
)

// Six waves of 20 answers around 3 and others after an event in the month of
// the seventh (line: 2020-07-01). The floor .20 gives a reach of
// 2.66·.2·√(1/3+1/3) = .4344 for three waves on either side.
func TestBeforeAndAfterAnEvent(t *testing.T) {
	const day = "2020-06-20"
	calm := []float64{3.0, 3.1, 2.9, 3.0, 3.1, 2.9}
	for _, test := range []struct {
		name      string
		values    []float64
		direction survey.Direction
		want      Verdict
	}{
		{"half a category higher", then(calm, 3.5, 3.4, 3.6), survey.HigherWorse, VerdictWorse},
		{"the same on the other kind of scale", then(calm, 3.5, 3.4, 3.6), survey.HigherBetter, VerdictBetter},
		{"half a category lower", then(calm, 2.5, 2.4, 2.6), survey.HigherWorse, VerdictBetter},
		{"less than the reach", then(calm, 3.4, 3.4, 3.4), survey.HigherWorse, VerdictCannotSay},
		{"one wave after", then(calm, 5), survey.HigherWorse, VerdictCannotSay},
		{"one published wave after", then(calm, 5, gap, gap), survey.HigherWorse, VerdictCannotSay},
		{"no better end", then(calm, 5, 5, 5), survey.Neutral, VerdictCannotSay},
		{"only the nearest three count", then(calm, 3.4, 3.4, 3.4, 5, 5, 5, 5), survey.HigherWorse, VerdictCannotSay},
	} {
		if got := ChangeOf(line(20, test.values...), fiveToOne, test.direction, day); got.Verdict != test.want {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
	got := ChangeOf(line(20, then(calm, 3.5, 3.4, 3.6)...), fiveToOne, survey.HigherWorse, day)
	if math.Abs(got.Smallest-2.66*.2*math.Sqrt(2.0/3)) > 1e-9 || math.Abs(got.Before-3) > 1e-9 || math.Abs(got.After-3.5) > 1e-9 || got.WavesBefore != 3 || got.WavesAfter != 3 {
		t.Errorf("%+v", got)
	}
}

// A training is asked about once before it and once after it. That is too
// little for a verdict, and the two means are still what people want to see.
func TestOneWaveOnASideHasMeansAndNoVerdict(t *testing.T) {
	points := line(20, 2.5, 4.5)
	got := ChangeOf(points, fiveToOne, survey.HigherBetter, points[1].OpensOn)
	if want := (Change{Verdict: VerdictCannotSay, Before: 2.5, After: 4.5, WavesBefore: 1, WavesAfter: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// The step at the event is the change that is looked for, so it is no part of
// the common variation: four ranges of .6, without the one of 2.
func TestTheStepAtTheEventIsNoCommonVariation(t *testing.T) {
	points := line(20, 4, 4.6, 4, 2, 2.6, 2)
	got := ChangeOf(points, fiveToOne, survey.HigherWorse, points[3].OpensOn)
	if want := 2.66 * .6 * math.Sqrt(2.0/3); math.Abs(got.Smallest-want) > 1e-9 || got.Verdict != VerdictBetter {
		t.Errorf("%+v, want a reach of %v", got, want)
	}
}

func TestNothingIsComparedOverABreakOrWithoutWaves(t *testing.T) {
	values := []float64{3, 3, 3, 5, 5, 5}
	points := line(20, values...)
	points[3].Break = true
	if got := ChangeOf(points, fiveToOne, survey.HigherWorse, points[3].OpensOn); got.Verdict != VerdictCannotSay || got.WavesBefore != 0 {
		t.Errorf("other teams after the event: %+v", got)
	}
	// A break in the middle of a side ends that side.
	points = line(20, values...)
	points[2].Break = true
	if got := ChangeOf(points, fiveToOne, survey.HigherWorse, points[3].OpensOn); got.Verdict != VerdictCannotSay {
		t.Errorf("one wave of these teams before: %+v", got)
	}
	for _, day := range []string{"2019-01-01", "2030-01-01"} {
		if got := ChangeOf(line(20, values...), fiveToOne, survey.HigherWorse, day); got.Verdict != VerdictCannotSay {
			t.Errorf("%s: %+v", day, got)
		}
	}
	if got := ChangeOf(nil, fiveToOne, survey.HigherWorse, "2020-01-01"); got.Verdict != VerdictCannotSay {
		t.Errorf("no waves: %+v", got)
	}
	// The day of the opening is already after.
	if got := ChangeOf(line(20, values...), fiveToOne, survey.HigherWorse, line(20, values...)[3].OpensOn); got.Verdict != VerdictWorse || got.Before != 3 {
		t.Errorf("on the day: %+v", got)
	}
}

// seven is a released wave of seven teams of 20 under one organisation, all of
// whom answer, and of one team of 3 that merges with another.
func seven(t *testing.T) *Release {
	t.Helper()
	p := pulse(t)
	teams := []team{{"a", 20, 20}, {"b", 20, 20}, {"c", 20, 20}, {"d", 20, 20}, {"e", 20, 20}, {"f", 20, 20}, {"g", 20, 20}, {"h", 3, 3}}
	w := withPack(waveOf(t, teams, "org", true, 5), p)
	fill(t, w, p, teams, 5)
	r, _ := release(t, w)
	return r
}

func TestPoolDrawsShownUnitsAndBlocksTowardsTheOthers(t *testing.T) {
	r := seven(t)
	pooled := r.Pool("org", "burnout")
	if len(pooled) != 7 { // six teams, and the block of the merged two
		t.Fatalf("%d pooled: %+v", len(pooled), pooled)
	}
	blocks := 0
	for _, p := range pooled {
		c, ok := r.Cell(p.Unit, "burnout", StatisticMean)
		if !ok || c.Status != StatusShown || c.Value != p.Shown {
			t.Errorf("%s is not what is displayed: %+v", p.Unit, p)
		}
		if p.Mean < min(p.Shown, p.Prior)-1e-12 || p.Mean > max(p.Shown, p.Prior)+1e-12 {
			t.Errorf("%+v", p)
		}
		if _, isBlock := r.Block(p.Unit); isBlock {
			blocks++
		}
	}
	if blocks != 1 {
		t.Errorf("%d blocks", blocks)
	}
	if r.Pool("a", "burnout") != nil || r.Pool("org", "nothing") != nil {
		t.Error("pooled without siblings, or without the measure")
	}
}

func TestSiblingsAreFiveOrMore(t *testing.T) {
	p := pulse(t)
	for count, want := range map[int]int{5: 0, 6: 6} {
		var teams []team
		for i := range count {
			teams = append(teams, team{string(rune('a' + i)), 20, 20})
		}
		w := withPack(waveOf(t, teams, "org", true, 5), p)
		fill(t, w, p, teams, 5)
		r, _ := release(t, w)
		if got := len(r.Pool("org", "burnout")); got != want {
			t.Errorf("%d teams: %d pooled, want %d", count, got, want)
		}
	}
}

func TestBenchmarksAreTheOwnPastTheOrganisationAndNamedNorms(t *testing.T) {
	r := seven(t)
	trend := worse(line(20, quiet...))
	got := Benchmarks(r, nil, "b", "burnout", trend)
	organisation, _ := r.Cell("org", "burnout", StatisticMean)
	if len(got) != 2 || got[0].Kind != BenchmarkPast || math.Abs(got[0].Value-3) > 1e-9 || got[0].N != 12 ||
		got[1].Kind != BenchmarkOrganisation || got[1].Value != organisation.Value || got[1].N != organisation.N {
		t.Errorf("%+v", got)
	}
	if got := Benchmarks(r, nil, "org", "burnout", Trend{}); got != nil {
		t.Errorf("the organisation beside itself: %+v", got)
	}
	if got := Benchmarks(r, nil, "h", "burnout", trend); got != nil {
		t.Errorf("a team that is not shown: %+v", got)
	}
	// An organisation of 24 answers is too small to be held against.
	p := pulse(t)
	teams := []team{{"a", 12, 12}, {"b", 12, 12}}
	w := withPack(waveOf(t, teams, "org", true, 5), p)
	for _, u := range []string{"a", "b"} {
		for range 12 {
			a := make(survey.Answers)
			for _, item := range p.Items {
				a[item.ID] = 3
			}
			w.Ballots[u] = append(w.Ballots[u], encode(t, p, a))
		}
	}
	few, _ := release(t, w)
	if got := Benchmarks(few, nil, "a", "burnout", Trend{}); got != nil {
		t.Errorf("24 answers: %+v", got)
	}
}

// A pack's norms stand beside its own version only; T scores are for proqol5,
// and not for its secondary traumatic stress.
func TestNormsAndTScoresAreForTheirOwnPackOnly(t *testing.T) {
	cells := []Cell{
		{Unit: "a", Measure: "cs", Statistic: StatisticMean, Status: StatusShown, Value: 44.2, N: 20, Pack: "proqol5", PackVersion: "1"},
		{Unit: "a", Measure: "sts", Statistic: StatisticMean, Status: StatusShown, Value: 20, N: 20, Pack: "proqol5", PackVersion: "1"},
	}
	pack := &survey.Pack{ID: "proqol5", Version: "1", Norms: []survey.Norm{
		{Name: "De La Rosa 2018", Scale: "cs", N: 5612, Mean: 37.7, SD: 6.5}, {Name: "De La Rosa 2018", Scale: "sts", N: 5612, Mean: 16.7, SD: 5.7},
	}}
	tree, err := survey.NewTree([]survey.Unit{{ID: "org", Name: "org"}, {ID: "a", Parent: "org", Name: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	r := &Release{tree: tree, cells: cells, first: map[string]int{"a": 0}}
	got := Benchmarks(r, pack, "a", "cs", Trend{})
	if len(got) != 1 || got[0].Kind != BenchmarkNorm || got[0].Norm.Name != "De La Rosa 2018" || math.Abs(got[0].T-60) > 1e-9 { // 50 + 10·6.5/6.5
		t.Errorf("%+v", got)
	}
	if got := Benchmarks(r, pack, "a", "sts", Trend{}); len(got) != 1 || got[0].T != 0 {
		t.Errorf("a norm of mixed codings gives a T score: %+v", got)
	}
	other := *pack
	other.Version = "2"
	if got := Benchmarks(r, &other, "a", "cs", Trend{}); got != nil {
		t.Errorf("norms of another version: %+v", got)
	}
	long := *pack
	long.ID = "care-30"
	cells[0].Pack = "care-30"
	if got := Benchmarks(r, &long, "a", "cs", Trend{}); len(got) != 1 || got[0].T != 0 {
		t.Errorf("T scores of another pack: %+v", got)
	}
}
