package wave

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"testing"
	"time"

	"attune/survey"
)

// crashes runs do and copies the folder whenever it has changed between two
// steps of it, as a kill at that moment would leave it.
func (h *house) crashes(do func(ctx context.Context)) []string {
	h.t.Helper()
	var copies []string
	seen := make(map[[32]byte]bool)
	keep := func() {
		if sum := fingerprint(h.t, h.dir); !seen[sum] {
			seen[sum] = true
			copies = append(copies, copyFolder(h.t, h.dir))
		}
	}
	calm := h.Waves.cfg.Rand
	h.Waves.cfg.Rand = hooked(keep)
	before := h.releaser.before
	h.releaser.before = func(survey.ClosedWave) error { keep(); return nil }
	do(newStepping(context.Background(), keep))
	h.Waves.cfg.Rand, h.releaser.before = calm, before
	keep()
	return copies
}

// fingerprint is a hash over all files of a folder.
func fingerprint(t testing.TB, dir string) [32]byte {
	t.Helper()
	sum := sha256.New()
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		_, _ = sum.Write([]byte(path))
		_, _ = sum.Write(raw)
		return err
	}))
	return [32]byte(sum.Sum(nil))
}

func TestAKillBetweenAnyTwoStepsOfAnAnnouncementIsMendedByTheNextStart(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.plan(request(day))
	copies := h.crashes(func(ctx context.Context) {
		_, err := h.Announce(ctx, w.ID)
		must(t, err)
	})
	if len(copies) < 6 { // roster, keys, boxes, manifest, state, and before them
		t.Fatalf("%d moments only", len(copies))
	}
	before, after := 0, 0
	for _, dir := range copies {
		again := process(t, dir, start)
		again.units = h.units
		again.tick()
		if again.wave(w.ID).State == survey.Planned {
			before++
			if again.entries(w.ID, survey.ManifestEntry) != 0 {
				t.Fatal("a manifest of a planned wave")
			}
			_, err := again.Announce(t.Context(), w.ID)
			must(t, err)
		} else {
			after++
		}
		again.wantState(w.ID, survey.Announced)
		again.wantWholeLife(w)
	}
	if before == 0 || after == 0 {
		t.Fatalf("%d kills before the commit point and %d after: want both", before, after)
	}
}

func TestAnnouncingAgainAfterAKillIsNoError(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.plan(request(day))
	copies := h.crashes(func(ctx context.Context) {
		_, err := h.Announce(ctx, w.ID)
		must(t, err)
	})
	resumed := 0
	for _, dir := range copies[:len(copies)-1] {
		again := process(t, dir, start)
		resumed += again.entries(w.ID, survey.ManifestEntry)
		face, err := again.Announce(t.Context(), w.ID)
		must(t, err)
		if face.State != survey.Announced || again.entries(w.ID, survey.ManifestEntry) != 1 {
			t.Fatalf("%s, %d manifests", face.State, again.entries(w.ID, survey.ManifestEntry))
		}
	}
	if resumed == 0 {
		t.Fatal("no kill between the manifest and the state")
	}
}

// wantWholeLife leads an announced wave to its end and checks that everything
// that was received comes out.
func (h *house) wantWholeLife(w survey.Wave) {
	h.t.Helper()
	h.clock.set(w.Opens)
	h.tick()
	var want []string
	for _, codes := range h.codes(w.ID) {
		for _, code := range codes {
			want = append(want, h.castPaper(code, h.answers(len(want))))
		}
	}
	sort.Strings(want)
	h.clock.set(w.Closes)
	h.tick()
	h.wantReleased(w.ID, want)
}

// wantReleased checks that a wave has exactly one release, that it is of
// exactly these ballots, and that nothing else is left.
func (h *house) wantReleased(id survey.WaveID, want []string) {
	h.t.Helper()
	h.wantState(id, survey.Released)
	if n := h.entries(id, survey.ReleaseEntry); n != 1 {
		h.t.Fatalf("%d releases of wave %s", n, id)
	}
	stored, err := h.db.ReleaseDocument(context.Background(), id)
	must(h.t, err)
	document, err := survey.Canonical(map[string]any{"wave": id, "sheets": want})
	must(h.t, err)
	if string(stored.JSON) != string(document) {
		h.t.Fatalf("released\n%s\nwant\n%s", stored.JSON, document)
	}
	h.wantGone(id)
	if _, err := h.Verify(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

func TestAKillBetweenAnyTwoStepsOfOpeningClosingAndReleasingLosesNothing(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announced()
	h.clock.set(w.Opens)
	copies := h.crashes(func(ctx context.Context) { must(t, h.Tick(ctx)) })
	if len(copies) < 3 { // before, boxes open, wave open
		t.Fatalf("%d moments of an opening only", len(copies))
	}
	for _, dir := range copies {
		again := process(t, dir, w.Opens)
		again.units = h.units
		again.tick()
		again.wantState(w.ID, survey.Open)
		again.wantWholeLife(w)
	}

	var want []string
	for i, code := range h.codes(w.ID)["North"] {
		want = append(want, h.castPaper(code, h.answers(i)))
	}
	sort.Strings(want)
	h.clock.set(w.Closes)
	copies = h.crashes(func(ctx context.Context) { must(t, h.Tick(ctx)) })
	if len(copies) < 7 { // before, boxes closed, closed, committed, destroyed, keys gone, released
		t.Fatalf("%d moments of a release only", len(copies))
	}
	calls := make(map[int]int)
	for _, dir := range copies {
		again := process(t, dir, w.Closes.Add(time.Hour))
		again.units = h.units
		committed := again.entries(w.ID, survey.ReleaseEntry)
		must(t, again.Tick(t.Context()))
		again.wantReleased(w.ID, want)
		if n := len(again.releaser.calls()); n != 1-committed {
			t.Fatalf("%d releases were committed before the kill, and it was planned %d times after", committed, n)
		}
		calls[committed]++
	}
	if calls[0] == 0 || calls[1] == 0 {
		t.Fatalf("kills before and after the commit: %v, want both", calls)
	}
}

func TestAKillBetweenAnyTwoStepsOfVoidingEndsVoidOrUntouched(t *testing.T) {
	for _, state := range []survey.State{survey.Planned, survey.Announced, survey.Open} {
		t.Run(string(state), func(t *testing.T) {
			h := newHouse(t, twoTeams())
			w := h.plan(request(day))
			if state != survey.Planned {
				_, err := h.Announce(t.Context(), w.ID)
				must(t, err)
			}
			if state == survey.Open {
				h.clock.set(w.Opens)
				h.tick()
				h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
			}
			copies := h.crashes(func(ctx context.Context) { must(t, h.Void(ctx, w.ID, "wrong dates")) })
			if len(copies) < 3 {
				t.Fatalf("%d moments only", len(copies))
			}
			for i, dir := range copies {
				again := process(t, dir, h.clock.now())
				begun := again.entries(w.ID, survey.VoidEntry) == 1
				again.tick() // at once, not when the wave would have closed
				if !begun {
					again.wantState(w.ID, state)
					must(t, again.Void(t.Context(), w.ID, "wrong dates"))
				}
				again.wantVoid(w.ID, "wrong dates")
				if i == 0 && begun {
					t.Fatal("the first moment is after the record")
				}
			}
		})
	}
}

func TestAReleaseThatWasCancelledOrFailedIsMadeLater(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	want := []string{h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))}
	h.clock.set(w.Closes)

	h.releaser.before = func(survey.ClosedWave) error { return errStuck }
	if err := h.Tick(t.Context()); err == nil {
		t.Fatal("want the releaser's error")
	}
	if _, err := h.Release(t.Context(), w.ID); err == nil {
		t.Fatal("want the releaser's error")
	}
	h.releaser.before = func(survey.ClosedWave) error { panic("stuck") }
	if err := h.Tick(t.Context()); err == nil {
		t.Fatal("want an error in place of the panic")
	}
	ctx, cancel := context.WithCancel(t.Context())
	h.releaser.before = func(survey.ClosedWave) error { cancel(); return nil }
	if err := h.Tick(ctx); err == nil {
		t.Fatal("want the cancellation")
	}
	h.wantState(w.ID, survey.Closed)
	if h.entries(w.ID, survey.ReleaseEntry) != 0 {
		t.Fatal("released all the same")
	}
	h.releaser.before = nil
	state, err := h.Release(t.Context(), w.ID)
	must(t, err)
	if state != survey.Released {
		t.Fatal(state)
	}
	h.wantReleased(w.ID, want)
}

func TestAReleaserThatSaysNothingPublishesNothing(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	h.clock.set(w.Closes)
	h.Waves.cfg.Releaser = silent{}
	if err := h.Tick(t.Context()); err == nil {
		t.Fatal("an empty document was committed")
	}
	h.wantState(w.ID, survey.Closed)
}

type silent struct{}

func (silent) Release(context.Context, survey.ClosedWave) (survey.ReleaseDocument, error) {
	return survey.ReleaseDocument{}, nil
}

func TestAWaveThatIsStuckDoesNotStopTheOthers(t *testing.T) {
	h := newHouse(t, twoTeams())
	north, south := request(day), request(day)
	north.Unit, south.Unit = h.units["North"], h.units["South"]
	var ids []survey.WaveID
	for _, r := range []Request{north, south} {
		w := h.plan(r)
		_, err := h.Announce(t.Context(), w.ID)
		must(t, err)
		ids = append(ids, w.ID)
	}
	h.clock.set(north.Opens)
	h.tick()
	h.releaser.before = func(w survey.ClosedWave) error {
		if w.Manifest.Wave == ids[0] {
			return errStuck
		}
		return nil
	}
	h.clock.set(north.Closes)
	if err := h.Tick(t.Context()); err == nil {
		t.Fatal("want the stuck wave's error")
	}
	h.wantState(ids[0], survey.Closed)
	h.wantState(ids[1], survey.Released)
	if !slices.EqualFunc(h.releaser.calls(), ids, func(w survey.ClosedWave, id survey.WaveID) bool { return w.Manifest.Wave == id }) {
		t.Fatal("want each tried once")
	}
}
