package wave

import (
	"slices"
	"sort"
	"testing"
	"time"

	"attune/survey"
)

// twoTeams is the smallest organisation in which two groups stand.
func twoTeams() []team { return []team{{"North", 7}, {"South", 6}} }

func TestAWaveLivesFromItsPlanToOneReleaseWithEveryBallotThatWasReceived(t *testing.T) {
	h := newHouse(t, twoTeams())
	ctx := t.Context()
	w := h.plan(request(day))
	if w.ID != "2026-11" || w.State != survey.Planned || w.K != survey.MinK {
		t.Fatalf("planned %+v", w)
	}
	face, err := h.Announce(ctx, w.ID)
	must(t, err)
	if face.Manifest.People != 13 || face.Manifest.KC != 6 || len(face.Fingerprint) != 10 || face.Organisation != "Org" { // 7 + 6; ⌈1.5·4⌉
		t.Fatalf("face %+v", face)
	}

	wantKey(t, h.Open(ctx, w.ID), "error.wave.open_early")
	h.tick()
	h.wantState(w.ID, survey.Announced)
	if opens, ok, err := h.NextOpening(ctx); err != nil || !ok || !opens.Equal(w.Opens) {
		t.Fatalf("next opening %v %v %v", opens, ok, err)
	}
	h.clock.set(w.Opens)
	h.tick()
	h.wantState(w.ID, survey.Open)
	wantKey(t, h.CloseWave(ctx, w.ID), "error.wave.close_early")
	if open, err := h.OpenWaves(ctx); err != nil || len(open) != 1 || open[0].ManifestSHA256 != face.ManifestSHA256 {
		t.Fatalf("open waves %v %v", open, err)
	}

	codes := h.codes(w.ID)
	north, south := codes["North"], codes["South"]
	if len(north) != 7 || len(south) != 6 {
		t.Fatalf("%d and %d codes, want one a person", len(north), len(south))
	}
	var want []string
	for i, code := range north {
		want = append(want, h.castPaper(code, h.answers(i)))
	}
	h.castPaper(south[0], h.answers(100)) // replaced
	receipt, err := h.CastPaper(ctx, south[0], h.answers(101))
	must(t, err)
	if !receipt.Replaced || receipt.Headcount != 6 || !slices.Equal(receipt.Teams, []string{"South"}) || receipt.Wave != w.ID {
		t.Fatalf("receipt %+v", receipt)
	}
	want = append(want, string(h.units["South"])+":"+h.encoded(h.answers(101)))
	h.castPaper(south[1], h.answers(102)) // withdrawn for good
	must(t, h.WithdrawPaper(ctx, south[1]))
	must(t, h.WithdrawPaper(ctx, south[1])) // again is no error
	must(t, h.WithdrawPaper(ctx, south[2])) // nor before anything was cast
	h.castPaper(south[3], h.answers(103))   // withdrawn, then cast again
	must(t, h.WithdrawPaper(ctx, south[3]))
	receipt, err = h.CastPaper(ctx, south[3], h.answers(104))
	must(t, err)
	if receipt.Replaced {
		t.Fatal("a ballot that was withdrawn cannot be replaced")
	}
	want = append(want, string(h.units["South"])+":"+h.encoded(h.answers(104)))
	want = append(want, h.castPaper(south[4], survey.Answers{})) // everything skipped
	sort.Strings(want)

	h.clock.set(w.Closes.Add(-time.Second))
	h.tick()
	h.wantState(w.ID, survey.Open)
	h.clock.set(w.Closes)
	h.tick()
	h.wantState(w.ID, survey.Released)
	h.tick()
	calls := h.releaser.calls()
	if len(calls) != 1 {
		t.Fatalf("released %d times", len(calls))
	}
	if got := sheetsOf(calls[0]); !slices.Equal(got, want) {
		t.Fatalf("released\n%v\nwant\n%v", got, want)
	}
	root := h.units["Org"]
	if calls[0].Headcount[root] != 13 || calls[0].ManifestSHA256 != face.ManifestSHA256 || calls[0].Zone != "UTC" || len(calls[0].Groups) != 2 {
		t.Fatalf("closed wave %+v", calls[0])
	}
	if _, known := calls[0].Changed([]survey.UnitID{root}); known {
		t.Fatal("changes are known although there was no wave before")
	}

	h.wantGone(w.ID)
	if n := h.rows("people.db", "SELECT count(*) FROM roster_people WHERE wave = ?", string(w.ID)); n != 13 {
		t.Fatalf("the roster has %d people, want 13 for the next wave to count changes against", n)
	}
	if m, r := h.entries(w.ID, survey.ManifestEntry), h.entries(w.ID, survey.ReleaseEntry); m != 1 || r != 1 {
		t.Fatalf("%d manifests, %d releases", m, r)
	}
	if n, err := h.Verify(ctx); err != nil || n != 2 {
		t.Fatalf("verified %d: %v", n, err)
	}
	if open, err := h.OpenWaves(ctx); err != nil || len(open) != 0 {
		t.Fatalf("open waves %v %v", open, err)
	}
	if state, err := h.Release(ctx, w.ID); err != nil || state != survey.Released || len(h.releaser.calls()) != 1 {
		t.Fatalf("released again: %s %v", state, err)
	}
}

func TestAServerThatWasDownCatchesUpWithAllDatesAtOnce(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announced()
	h.releaser.void = VoidTooFew
	h.clock.set(w.Closes.Add(day))
	h.tick()
	h.wantState(w.ID, survey.Void)
	h.wantGone(w.ID)
}

func TestStepsOutOfOrderAreRefused(t *testing.T) {
	h := newHouse(t, twoTeams())
	ctx := t.Context()
	w := h.plan(request(day))
	wantKey(t, h.Open(ctx, w.ID), "error.wave.state")
	wantKey(t, h.CloseWave(ctx, w.ID), "error.wave.state")
	_, err := h.Release(ctx, w.ID)
	wantKey(t, err, "error.wave.release_early")
	_, err = h.Face(ctx, w.ID)
	wantKey(t, err, "error.wave.not_announced")
	_, err = h.Slips(ctx, w.ID, "")
	wantKey(t, err, "error.tickets.state")
	_, err = h.Announce(ctx, w.ID)
	must(t, err)
	_, err = h.Release(ctx, w.ID)
	wantKey(t, err, "error.wave.release_early")
	for _, do := range []func() error{
		func() error { return h.Open(ctx, "2031-01") },
		func() error { return h.CloseWave(ctx, "2031-01") },
		func() error { _, err := h.Release(ctx, "2031-01"); return err },
		func() error { return h.Void(ctx, "2031-01", "why") },
		func() error { _, err := h.Announce(ctx, "2031-01"); return err },
	} {
		if err := do(); !survey.IsCode(err, survey.NotFound) {
			t.Errorf("got %v, want not found", err)
		}
	}
}

func TestSlipsAreTheSameEachTimeAndOnlyOfTheAskedUnit(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announced()
	first, err := h.Slips(t.Context(), w.ID, "")
	must(t, err)
	again, err := h.Slips(t.Context(), w.ID, "")
	must(t, err)
	if len(first) != 13 || !slices.EqualFunc(first, again, func(a, b Slip) bool { return a.Code == b.Code && a.Group == b.Group }) {
		t.Fatalf("%d slips, then %d", len(first), len(again))
	}
	south, err := h.Slips(t.Context(), w.ID, h.units["South"])
	must(t, err)
	if len(south) != 6 || south[0].Teams[0] != "South" {
		t.Fatalf("slips of South: %v", south)
	}
	_, err = h.Slips(t.Context(), w.ID, "nowhere")
	wantKey(t, err, "error.tickets.none")
}
