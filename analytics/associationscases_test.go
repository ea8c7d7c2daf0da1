package analytics

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"attune/survey"

	"pgregory.net/rapid"
)

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
