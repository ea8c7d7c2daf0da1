package analytics

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"attune/survey"

	"pgregory.net/rapid"
)

// comparedPacks are short.yaml and beside.yaml, which compares its answers
// with the scales of the first.
func comparedPacks(t testing.TB) []*survey.Pack {
	t.Helper()
	raw, err := os.ReadFile("testdata/beside.yaml")
	if err != nil {
		t.Fatal(err)
	}
	beside, faults, err := survey.ReadPack(raw)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v %v", faults, err)
	}
	return []*survey.Pack{shortPack(t), beside}
}

// table reads a file of testdata by its first column or, with rows of people,
// as it is.
func table(t testing.TB, name string) [][]string {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(bytes.NewReader(raw))
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// fromR are the numbers that testdata/associations.R printed under R 4.2.2
// with psych 2.2.9.
func fromR(t testing.TB) map[string]float64 {
	t.Helper()
	numbers := make(map[string]float64)
	for _, row := range table(t, "associations-reference.csv") {
		x, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		numbers[row[0]] = x
	}
	return numbers
}

// comparedWave is a wave without ballots of teams with these headcounts.
func comparedWave(t testing.TB, packs []*survey.Pack, headcounts []int) survey.ClosedWave {
	t.Helper()
	var teams []team
	for i, n := range headcounts {
		teams = append(teams, team{fmt.Sprintf("t%02d", i+1), n, n})
	}
	w := waveOf(t, teams, "org", false, 5)
	w.Packs = packs
	for _, p := range packs {
		w.Manifest.Packs = append(w.Manifest.Packs, p.Ref())
	}
	return w
}

// worked is the wave of testdata/associations.csv: 130 people in 9 teams.
func worked(t testing.TB) survey.ClosedWave {
	t.Helper()
	packs := comparedPacks(t)
	rows := table(t, "associations.csv")
	headcounts := make([]int, 9)
	for _, row := range rows[1:] {
		at, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		headcounts[at-1]++
	}
	w := comparedWave(t, packs, headcounts)
	sheet, err := survey.NewSheet(packs)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		answers := make(survey.Answers)
		for i, cell := range row[1:] {
			if value, err := strconv.Atoi(cell); err == nil {
				answers[rows[0][i+1]] = value
			}
		}
		ballot, err := sheet.Encode(answers)
		if err != nil {
			t.Fatal(err)
		}
		at, _ := strconv.Atoi(row[0])
		id := w.Groups[at-1].ID
		w.Ballots[id] = append(w.Ballots[id], ballot)
	}
	return w
}

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

// compare draws ballots of an organisation: support in each team lowers the
// strain, somebody skips an item here and there.
func compare(w survey.ClosedWave, random *rand.Rand, rate, skip float64) {
	for _, g := range w.Groups {
		mood := random.IntN(3)
		for range g.Headcount {
			if random.Float64() >= rate {
				continue
			}
			own := random.IntN(3)
			ballot := make([]byte, 11)
			for i := range ballot {
				options := 5
				if i == 4 || i == 9 {
					options = 3
				}
				if random.Float64() >= skip {
					ballot[i] = byte(1 + min(options-1, max(0, mood+own+random.IntN(3)-2))) //nolint:gosec // 1 to 5
				}
			}
			w.Ballots[g.ID] = append(w.Ballots[g.ID], ballot)
		}
	}
}

// Whoever answers or skips what: the number of complete cases differs from no
// number of the organisation by 1 to k−1, nothing is shown below 60 cases, a
// pack's comparisons are about the same people, and those who are left out are
// nobody or at least k of the people of each measure that is compared.
func TestCompleteCasesAreASetOfTheirOwn(t *testing.T) {
	packs := comparedPacks(t)
	shown, hidden, drawn := 0, 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		headcounts := rapid.SliceOfN(rapid.IntRange(6, 30), 4, 9).Draw(rt, "teams")
		w := comparedWave(t, packs, headcounts)
		skip := rapid.SampledFrom([]float64{0, .002, .01, .05, .2}).Draw(rt, "skip")
		rate := rapid.SampledFrom([]float64{.8, 1}).Draw(rt, "rate")
		compare(w, rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1)), rate, skip) //nolint:gosec // a test
		doc, err := NewReleaser().Release(context.Background(), w)
		if err != nil || doc.Void == VoidAudit {
			rt.Fatal(doc.Void, err)
		}
		if doc.Void != "" {
			return
		}
		r, err := decode(doc.JSON)
		if err != nil {
			rt.Fatal(err)
		}
		for id := range columnsOf(r) {
			if ofProducts(id.statistic) {
				checkCases(rt, r, id)
			}
		}
		whole := 0
		for _, ballots := range w.Ballots {
			for _, b := range ballots {
				if completeCase(b) {
					whole++
				}
			}
		}
		n := 0
		for _, a := range r.Associations() {
			if a.Cell.Status != StatusShown {
				hidden++
				continue
			}
			shown++
			if n == 0 {
				n = a.Cell.N
			}
			if a.Cell.N < 60 || a.Cell.N > whole || a.Cell.N != n {
				rt.Fatalf("%d cases, beside it %d, complete are %d", a.Cell.N, n, whole)
			}
			if a.Cell.N < whole {
				drawn++
			}
			for _, of := range []string{MeasureResponse, "strain", "brief", "held", "room", "policy", "endorsed"} {
				statistic := StatisticMean
				if of == MeasureResponse {
					statistic = StatisticCoverage
				}
				c, _ := r.Cell("org", of, statistic)
				// All complete cases scored on it, so what is left over is a number.
				if left := c.N - a.Cell.N; c.Status == StatusShown && left != 0 && left < r.K() {
					rt.Fatalf("%d people of %s are left over", left, of)
				}
			}
		}
	})
	if shown == 0 || hidden == 0 || drawn == 0 {
		t.Errorf("%d shown, %d hidden, %d with cases left out by lot: the test sees too little", shown, hidden, drawn)
	}
	t.Logf("%d shown, %d hidden, %d with cases left out by lot", shown, hidden, drawn)
}

// completeCase reads a ballot of short.yaml and beside.yaml anew: strain (two
// of three) and brief (one of two) on the same sheet, held (one of two), room
// (both), the policy, the three items of core, and the endorsement.
func completeCase(b []byte) bool {
	score := func(least int, at ...int) bool {
		for _, i := range at {
			if b[i] > 0 {
				least--
			}
		}
		return least <= 0
	}
	return score(2, 0, 1, 2) && score(1, 0, 1) && score(1, 5, 6) && score(2, 7, 8) && score(1, 4) && score(3, 5, 6, 8) && score(1, 9)
}

// Somebody who can write other people's ballots cannot make the existence of
// a coefficient tell about one of them: whatever is changed in one ballot, the
// numbers of cases before and after still leave nobody or at least k people,
// and a coefficient moves by the steps of its grid only.
func TestNeighbouringWavesDifferInStepsOnly(t *testing.T) {
	packs := comparedPacks(t)
	appeared := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := comparedWave(t, packs, []int{12, 13, 11, 12, 14})
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2)) //nolint:gosec // a test
		compare(w, random, 1, rapid.SampledFrom([]float64{0, 0, .01}).Draw(rt, "skip"))
		before, _ := release(t, w)
		g := w.Groups[random.IntN(len(w.Groups))].ID
		other := bytes.Clone(w.Ballots[g][0])
		at := random.IntN(len(other))
		other[at] = byte(max(0, random.IntN(6)-2)) //nolint:gosec // left out as often as not
		w.Ballots[g][0] = other
		after, _ := release(t, w)
		for i, a := range after.Associations() {
			b := before.Associations()[i]
			if (a.Cell.Status == StatusShown) != (b.Cell.Status == StatusShown) {
				appeared++
			}
			for _, c := range []Cell{a.Cell, b.Cell} {
				if c.Status != StatusShown && (c.Status != StatusSuppressed || c.Reason != ReasonProtected || c.N != 0) {
					rt.Fatalf("%+v", c)
				}
			}
			if a.Cell.Status == StatusShown && math.Abs(math.Round(10*a.Cell.Value)-10*a.Cell.Value) > 1e-9 {
				rt.Fatalf("%v", a.Cell.Value)
			}
		}
		for _, r := range []*Release{before, after} {
			for id := range columnsOf(r) {
				if ofProducts(id.statistic) {
					checkCases(rt, r, id)
				}
			}
		}
	})
	t.Logf("%d appeared or went", appeared)
	if appeared == 0 {
		t.Error("no change of one ballot made a coefficient appear or go: the test sees too little")
	}
}

// What does not vary, or only through a few people, has no coefficient: it
// would be about those few.
func TestAFewPeopleMakeNoCoefficient(t *testing.T) {
	packs := comparedPacks(t)
	for _, test := range []struct {
		endorsed int // of 80 people
		status   Status
	}{{0, StatusSuppressed}, {1, StatusSuppressed}, {9, StatusSuppressed}, {10, StatusShown}, {70, StatusShown}, {71, StatusSuppressed}, {80, StatusSuppressed}} {
		w := comparedWave(t, packs, []int{20, 20, 20, 20})
		compare(w, rand.New(rand.NewPCG(1, 3)), 1, 0) //nolint:gosec // a test
		left := test.endorsed
		for _, g := range w.Groups {
			for _, b := range w.Ballots[g.ID] {
				b[9] = 2
				if left > 0 {
					b[9] = 1
				}
				left--
			}
		}
		r, _ := release(t, w)
		c, _ := r.Cell("org", "strain~endorsement", StatisticCorrelation)
		other, _ := r.Cell("org", "strain~core", StatisticCorrelation)
		if c.Status != test.status || other.Status != StatusShown {
			t.Errorf("%d of 80 are endorsed: %s, beside it %s", test.endorsed, c.Status, other.Status)
		}
	}
}

// The organisation has associations when it was asked as a whole; a wave for
// one department has none of the organisation, and no other.
func TestAPartOfTheOrganisationHasNoAssociations(t *testing.T) {
	packs := comparedPacks(t)
	w := waveOf(t, []team{{"a/t1", 40, 40}, {"a/t2", 40, 40}, {"b/t1", 40, 0}}, "a", false, 5)
	w.Packs = packs
	compare(w, rand.New(rand.NewPCG(1, 4)), 1, 0) //nolint:gosec // a test
	r, _ := release(t, w)
	for _, a := range r.Associations() {
		if a.Cell.Status != StatusEmpty || a.Cell.Reason != ReasonNotAsked || a.Cell.Unit != "org" || a.StandsOut {
			t.Errorf("%+v", a)
		}
	}
	w = comparedWave(t, packs[1:], []int{40, 40})
	compare(w, rand.New(rand.NewPCG(1, 4)), 1, 0) //nolint:gosec // a test
	for id, ballots := range w.Ballots {
		for i := range ballots {
			w.Ballots[id][i] = ballots[i][4:]
		}
	}
	if r, _ := release(t, w); len(r.Associations()) != 0 {
		t.Error("comparisons with a pack that was not asked")
	}
}

// In trees of every shape, with merged groups and combined blocks, the audit
// works the intervals out again from the document and agrees; in no wave does
// it need to fall back to the organisation alone.
func TestTheAuditAgreesOnAssociationsInAnyOrganisation(t *testing.T) {
	packs := comparedPacks(t)
	shown, blocks := 0, 0
	for seed := range uint64(300) {
		w := newWorld(seed, packs[0])
		for range 60 { // enough people for associations in most
			w.hire(w.anyUnit())
		}
		closed, err := w.wave(0, w.roster())
		if err != nil {
			t.Fatal(err)
		}
		closed.Packs, closed.Ballots = packs, make(map[string][][]byte)
		compare(closed, w.random, .95, []float64{0, .01, .1}[seed%3])
		doc, err := NewReleaser().Release(context.Background(), closed)
		if err != nil || doc.Void != "" {
			t.Fatalf("organisation %d: %s %v", seed, doc.Void, err)
		}
		r, err := decode(doc.JSON)
		if err != nil {
			t.Fatal(err)
		}
		if a, _ := r.Audit(); a.Result != AuditPassed {
			t.Fatalf("organisation %d: %+v", seed, a)
		}
		for _, a := range r.Associations() {
			if a.Cell.Status == StatusShown {
				shown++
				blocks += len(r.doc.Blocks)
			}
		}
	}
	if shown < 300 || blocks == 0 {
		t.Errorf("%d coefficients beside %d blocks: the test sees too little", shown, blocks)
	}
	t.Logf("%d coefficients beside %d blocks", shown, blocks)
}

// "I do not know" is an answer to "is there a policy" and no score of a scale:
// it reads as no where one answer is asked for, and as left out elsewhere.
func TestAnAnswerWithoutAScoreIsNoCase(t *testing.T) {
	raw, err := os.ReadFile("testdata/beside.yaml")
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.ReplaceAll(raw, []byte(`    - { value: 5, label: { en: "five" } }
`), []byte(`    - { value: 5, label: { en: "five" } }
    - { value: 6, unscored: true, label: { en: "I cannot say" } }
`))
	beside, faults, err := survey.ReadPack(bytes.Replace(raw, []byte("- { value: 3, label: { en: \"I do"), []byte("- { value: 3, unscored: true, label: { en: \"I do"), 1))
	if err != nil || len(faults) > 0 {
		t.Fatal(faults, err)
	}
	w := comparedWave(t, []*survey.Pack{shortPack(t), beside}, []int{30, 30, 30})
	compare(w, rand.New(rand.NewPCG(5, 5)), 1, 0) //nolint:gosec // a test
	count := func() (cases, held int) {
		tally, err := newTally(context.Background(), w)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range tally.reliabilities {
			if tally.measures[r.measure].id == "held" {
				held = r.cases.n()
			}
		}
		return tally.families[0].cases.n(), held
	}
	ballots := w.Ballots["t01"]
	for i := range 12 {
		ballots[i][4] = 3 // the policy: I do not know
	}
	if cases, held := count(); cases != 90 || held != 90 {
		t.Errorf("%d and %d cases, want 90: not to know of a policy is an answer", cases, held)
	}
	for i := range 12 {
		ballots[i][5] = 6 // heard: I cannot say; held needs one of its two items
	}
	if cases, held := count(); cases != 78 || held != 78 {
		t.Errorf("%d and %d cases, want 78 without the twelve", cases, held)
	}
}

// Every built-in pack for staff, alone and beside pulse, with any of its
// answers chosen or left out, gives a release that passes its audit.
func TestEveryBuiltInPackIsReleased(t *testing.T) {
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(8, 8)) //nolint:gosec // a test
	pulse := pulseOf(t)
	for _, p := range library.All() {
		if p.Audience != survey.Staff {
			continue
		}
		for _, packs := range [][]*survey.Pack{{p}, {pulse, p}} {
			sheet, err := survey.NewSheet(packs)
			if err != nil {
				continue // two forms of one pack: they are never asked together
			}
			w := comparedWave(t, packs, []int{20, 25, 30, 35})
			for _, g := range w.Groups {
				for range g.Headcount {
					ballot := make([]byte, sheet.Bytes())
					for i, item := range sheet.Items() {
						if random.IntN(60) > 0 {
							ballot[i] = byte(1 + random.IntN(len(item.Options()))) //nolint:gosec // at most 11
						}
					}
					w.Ballots[g.ID] = append(w.Ballots[g.ID], ballot)
				}
			}
			r, _ := release(t, w)
			if a, _ := r.Audit(); a.Result != AuditPassed {
				t.Errorf("%d packs with %s: %+v", len(packs), p.ID, a)
			}
			if p.Associations != nil && len(packs) == 2 && len(r.Associations()) != p.Associations.Comparisons() {
				t.Errorf("%s: %d comparisons", p.ID, len(r.Associations()))
			}
		}
	}
}
