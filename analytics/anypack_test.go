package analytics

import (
	"math"
	"os"
	"slices"
	"testing"

	"attune/survey"
)

// oddPack is the pack of testdata/odd.yaml: two, three, four and seven answers,
// one that counts as left out, answers that count as another number than their
// value, sums, and a scale beside itself without one of its items.
func oddPack(t testing.TB) *survey.Pack {
	t.Helper()
	raw, err := os.ReadFile("testdata/odd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, faults, err := survey.ReadPack(raw)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v %v", faults, err)
	}
	return p
}

// Whatever a pack's answers and scales are like, a release of it passes the
// audit without falling back, and every shown mean keeps the rules of PRIVACY,
// section 6, as they are worked out here from the pack: the mean as a fraction
// of the scale within 1/n and 1−1/n, on the grid of its own step (half a
// response category below ten answers, a quarter below twenty, a tenth from
// there), n from the pack's smallest number on, and no level below the pack's.
func TestEveryPackIsReleasedByTheRules(t *testing.T) {
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	packs := append(library.All(), oddPack(t))
	waves := 40
	if anyOrganisations < 10_000 { // under the race detector
		waves = 4
	}
	for _, pack := range packs {
		if pack.Audience != survey.Staff {
			continue
		}
		if !pack.Asked() { // a key; what an item says does not matter here
			with := *pack
			with.Items = slices.Clone(pack.Items)
			for i := range with.Items {
				with.Items[i].Text = survey.Text{"en": with.Items[i].ID}
			}
			pack = &with
		}
		shown := 0
		for seed := range waves {
			w := newWorld(uint64(seed), pack) //nolint:gosec // not negative
			closed, err := w.wave(0, w.roster())
			if err != nil {
				t.Fatal(err)
			}
			doc, err := NewReleaser().Release(t.Context(), closed)
			if err != nil {
				t.Fatalf("%s, seed %d: %v", pack.ID, seed, err)
			}
			if doc.Void == VoidTooFew {
				continue
			}
			if doc.Void != "" {
				t.Fatalf("%s, seed %d: void, %s", pack.ID, seed, doc.Void)
			}
			r, err := read(doc.JSON)
			if err != nil {
				t.Fatal(err)
			}
			if r.doc.Audit.Result != AuditPassed {
				t.Errorf("%s, seed %d: audit %s", pack.ID, seed, r.doc.Audit.Result)
			}
			for _, c := range r.cells {
				if c.Statistic == StatisticMean && c.Status == StatusShown {
					shown++
					checkByPack(t, r, pack, c)
				}
			}
		}
		if shown < 5*waves/4 {
			t.Errorf("%s: %d means shown in %d waves are too few to tell", pack.ID, shown, waves)
		}
	}
}

// checkByPack holds a shown mean against the rules.
func checkByPack(t *testing.T, r *Release, pack *survey.Pack, c Cell) {
	t.Helper()
	low, high, category := 0.0, 0.0, 1.0
	if s, ok := pack.Scale(c.Measure); ok {
		low, high = s.Range(pack)
		if s.Method == survey.MethodSum {
			category = float64(len(s.Items))
		}
	} else {
		item, _ := pack.Item(c.Measure)
		low, high = float64(item.Min()), float64(item.Max())
	}
	n := float64(c.N)
	fraction := (c.Value - low) / (high - low)
	if fraction < 1/n-1e-9 || fraction > 1-1/n+1e-9 {
		t.Errorf("%s of %s: %g on %g to %g with n %d lies where somebody's answer is forced", c.Measure, c.Unit, c.Value, low, high, c.N)
	}
	step := 0.5
	if c.N >= 10 {
		step = 0.25
	}
	if c.N >= 20 {
		step = 0.1
	}
	if steps := (c.Value - low) / (step * category); math.Abs(steps-math.Round(steps)) > 1e-6 {
		t.Errorf("%s of %s: %g is not on the grid of %g from %g, n %d", c.Measure, c.Unit, c.Value, step*category, low, c.N)
	}
	if c.Low < low-1e-9 || c.High > high+1e-9 || c.Low > c.Value || c.High < c.Value {
		t.Errorf("%s of %s: interval %g to %g of %g, scale %g to %g", c.Measure, c.Unit, c.Low, c.High, c.Value, low, high)
	}
	for _, rule := range pack.Reporting {
		if rule.Measure != c.Measure {
			continue
		}
		if c.N < rule.MinN || rule.MinLevel == "organisation" && c.Unit != "org" {
			t.Errorf("%s of %s, n %d: its rule is %s from %d on", c.Measure, c.Unit, c.N, rule.MinLevel, rule.MinN)
		}
	}
}

// An answer that counts as left out is no answer: "I don't know" leaves n and
// the mean as they are.
func TestAnUnscoredAnswerIsNoAnswer(t *testing.T) {
	p := oddPack(t)
	measures, err := measuresOf([]*survey.Pack{p})
	if err != nil {
		t.Fatal(err)
	}
	sheet := make([]byte, len(p.Items))
	for _, c := range []struct {
		place byte // of the option, from 1: yes 1, no 0, don't know
		score int64
		ok    bool
	}{{1, 1, true}, {2, 0, true}, {3, 0, false}, {0, 0, false}} {
		for _, m := range measures {
			if m.id != "known" {
				continue
			}
			sheet[m.source[0].at] = c.place
			if got, ok := m.score(sheet); got != c.score || ok != c.ok {
				t.Errorf("option %d scores %d %t, want %d %t", c.place, got, ok, c.score, c.ok)
			}
		}
	}
}

// Bands need five scores without gaps, however many answers there are.
func TestOnlyItemsWithFiveScoresHaveBands(t *testing.T) {
	measures, err := measuresOf([]*survey.Pack{oddPack(t)})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"five_unsure": true} // five scores and "I don't know"
	for _, m := range measures {
		if m.banded != want[m.id] {
			t.Errorf("%s has bands: %t", m.id, m.banded)
		}
	}
}
