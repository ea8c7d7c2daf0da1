package analytics

import (
	"context"
	"math/rand/v2"
	"testing"

	"attune/survey"
)

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
