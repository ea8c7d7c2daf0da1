package wave

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// backedUp makes a backup as the command does and restores it into a folder of
// its own, with a key folder of its own.
func (h *house) backedUp() *house {
	h.t.Helper()
	var file bytes.Buffer
	must(h.t, h.Still(h.t.Context(), nil, func(ctx context.Context) error {
		snap, err := h.db.Snapshot(ctx, h.t.TempDir(), nil)
		if err != nil {
			return err
		}
		_, err = snap.Write(ctx, &file, "test", h.clock.now(), nil)
		return errors.Join(err, snap.Close())
	}))
	b, err := store.ReadBackup(bytes.NewReader(file.Bytes()), int64(file.Len()))
	must(h.t, err)
	dir := h.t.TempDir()
	must(h.t, b.Unpack(h.t.Context(), store.Config{Dir: filepath.Join(dir, "data"), Now: h.clock.now}, nil))
	again := process(h.t, dir, h.clock.now())
	again.units = h.units
	return again
}

// ended ends the waves that were going on, and checks everything published.
func (h *house) ended(void ...survey.WaveID) {
	h.t.Helper()
	got, err := h.EndRestored(h.t.Context())
	must(h.t, err)
	if !slices.Equal(got, void) {
		h.t.Errorf("void are %v; want %v", got, void)
	}
	if _, err := h.Verify(h.t.Context()); err != nil {
		h.t.Error(err)
	}
	again, err := h.EndRestored(h.t.Context())
	if must(h.t, err); len(again) > 0 {
		h.t.Errorf("the second time: %v", again)
	}
}

func TestAWaveOfABackupThatWasGoingOnIsVoidAndSaysWhy(t *testing.T) {
	for _, state := range []survey.State{survey.Announced, survey.Open, survey.Closed} {
		t.Run(string(state), func(t *testing.T) {
			h := newHouse(t, twoTeams())
			later := h.plan(request(60 * day))
			w := h.announced()
			if state != survey.Announced {
				h.clock.set(w.Opens)
				h.tick()
				h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
			}
			if state == survey.Closed {
				h.clock.set(w.Closes)
				must(t, h.CloseWave(t.Context(), w.ID))
			}
			again := h.backedUp()
			again.ended(w.ID)
			again.wantVoid(w.ID, VoidRestored)
			again.wantState(later.ID, survey.Planned)
			again.clock.set(w.Closes.Add(day))
			again.tick()
			again.wantVoid(w.ID, VoidRestored) // once, and for good
			if len(again.releaser.calls()) != 0 {
				t.Fatal("the releaser saw a wave of a backup")
			}
		})
	}
}

func TestWhatWasReleasedComesBackAndTheNextWaveCountsAgainstItsRoster(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
	h.clock.set(w.Closes)
	h.tick()
	before, err := h.db.ReleaseDocument(t.Context(), w.ID)
	must(t, err)
	again := h.backedUp()
	again.ended()
	after, err := again.db.ReleaseDocument(t.Context(), w.ID)
	must(t, err)
	if !bytes.Equal(before.JSON, after.JSON) || before.SHA256 != after.SHA256 {
		t.Error("the release is another")
	}
	for _, process := range []*house{h, again} {
		log, err := process.Log(t.Context())
		must(t, err)
		if len(log) != 2 {
			t.Fatalf("%d entries", len(log))
		}
	}
	roster, err := again.db.Roster(t.Context(), w.ID)
	if err != nil || len(roster) == 0 {
		t.Errorf("the roster that the next release counts against: %v %v", roster, err)
	}
}

// A backup of what a kill has left, between any two steps of an announcement
// and of a release, restores to a state that verifies and goes on.
func TestABackupAfterAKillBetweenAnyTwoStepsRestoresToOneStory(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.plan(request(day))
	announcing := h.crashes(func(ctx context.Context) {
		_, err := h.Announce(ctx, w.ID)
		must(t, err)
	})
	h.clock.set(w.Opens)
	h.tick()
	h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
	h.clock.set(w.Closes)
	releasing := h.crashes(func(ctx context.Context) { must(t, h.Tick(ctx)) })
	ends := make(map[survey.State]int)
	seen := make(map[string]bool)
	for i, dir := range append(announcing, releasing...) {
		// A backup cannot tell moments apart that differ in boxes and keys only.
		state := ""
		for _, name := range []string{"people.db", "people.db-journal", "releases.db", "releases.db-journal"} {
			raw, err := os.ReadFile(filepath.Join(dir, "data", name))
			must(t, err)
			state += survey.SHA256Hex(raw)
		}
		if seen[state] {
			continue
		}
		seen[state] = true
		at := start
		if i >= len(announcing) {
			at = w.Closes
		}
		left := process(t, dir, at)
		again := left.backedUp()
		_, err := again.EndRestored(t.Context())
		must(t, err)
		if _, err := again.Verify(t.Context()); err != nil {
			t.Errorf("moment %d: %v", i, err)
		}
		again.tick()
		end := again.wave(w.ID).State
		ends[end]++
		if n := again.entries(w.ID, survey.ReleaseEntry) + again.entries(w.ID, survey.VoidEntry); n > 1 || (n == 1) != end.Final() {
			t.Errorf("moment %d: %d ends of a wave that is %s", i, n, end)
		}
		if end == survey.Released {
			if _, err := again.Asked(t.Context(), w.ID); err != nil {
				t.Errorf("moment %d: nobody can be told of the results: %v", i, err)
			}
		}
	}
	t.Logf("%d moments of %d", len(seen), len(announcing)+len(releasing))
	if ends[survey.Planned] == 0 || ends[survey.Void] == 0 || ends[survey.Released] == 0 || len(ends) != 3 {
		t.Errorf("the moments restored to %v; want planned, void and released waves", ends)
	}
}

func TestABackupWaitsForWhoeverIsReleasing(t *testing.T) {
	h := newHouse(t, twoTeams())
	unlock, _, err := h.lock(true)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	waited := 0
	err = h.Still(ctx, func() { waited++; cancel() }, func(context.Context) error { t.Error("did not wait"); return nil })
	if !errors.Is(err, context.Canceled) || waited != 1 {
		t.Errorf("%v, told %d times", err, waited)
	}
	unlock()
	must(t, h.Still(t.Context(), nil, func(context.Context) error {
		if _, busy, err := h.lock(false); err != nil || !busy {
			t.Errorf("others may announce meanwhile: %v", err)
		}
		return nil
	}))
}

func TestKeysOfWavesThatAreNotGoingOnAreDestroyed(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	_, err := h.Links(t.Context()) // makes their key
	must(t, err)
	plant := func(id string) string {
		path := filepath.Join(h.dir, "keys", id+".key")
		must(t, os.WriteFile(path, []byte(`{"box":"planted"}`), 0o600))
		return path
	}
	there := func(want ...string) {
		t.Helper()
		ids, err := WavesWithKeys(filepath.Join(h.dir, "keys"))
		must(t, err)
		var got []string
		for _, id := range ids {
			got = append(got, string(id))
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("keys of %v; want %v", got, want)
		}
	}
	planned := h.plan(request(60 * day)) // its announcement was killed once, before anything was published
	plant(string(planned.ID))
	stranger := plant("2031-01")
	there(string(w.ID), string(planned.ID), "2031-01")
	h.Waves.swept = false
	h.tick()
	there(string(w.ID), "2031-01") // another installation's, perhaps
	busy, err := h.SweepKeys(t.Context(), true)
	if err != nil || busy {
		t.Fatal(busy, err)
	}
	there(string(w.ID))
	if _, err := os.Stat(stranger); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if kept, err := KeepsLinks(filepath.Join(h.dir, "keys")); err != nil || !kept {
		t.Error("the key of links is gone", err)
	}
	h.castPaper(h.codes(w.ID)["North"][0], h.answers(1)) // the wave goes on
	h.clock.set(w.Closes)
	h.tick()
	plant(string(w.ID)) // as an old copy of the key folder would bring it back
	next := process(t, h.dir, w.Closes)
	next.tick()
	there()
}

// Backups are made one after the other while people answer, in two processes,
// and a wave opens, closes and is released. Whatever moment each of them
// caught, it restores to one story, and publishes nothing that was not
// published.
func TestBackupsMadeWhileAWaveEndsAllRestoreToOneStory(t *testing.T) {
	h := newHouse(t, twoTeams(), flush(5*time.Millisecond))
	w := h.announced()
	codes := h.codes(w.ID)["North"]
	other := process(t, h.dir, h.clock.now(), flush(5*time.Millisecond))
	other.clock = h.clock
	other.Waves.cfg.Now = h.clock.now

	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	for i, in := range []*house{h, other, h} { // casting and ticking, without rest
		writing.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				_, err := in.CastPaper(ctx, codes[(n*3+i)%len(codes)], h.answers(1+n%5))
				if err != nil && ctx.Err() == nil && !survey.IsCode(err, survey.Conflict) && !survey.IsCode(err, survey.NotFound) && !survey.IsCode(err, survey.Unavailable) && !survey.IsCode(err, survey.Invalid) {
					t.Errorf("casting: %v", err)
					return
				}
				if err := in.Tick(ctx); err != nil && ctx.Err() == nil && !survey.IsKey(err, "error.store.busy") {
					t.Errorf("the clock: %v", err)
					return
				}
			}
		})
	}
	var backups []*house
	ends := make(map[survey.State]int)
	for _, at := range []time.Time{w.Opens.Add(-time.Second), w.Opens, w.Opens, w.Closes, w.Closes, w.Closes, w.Closes} {
		h.clock.set(at)
		backups = append(backups, h.backedUp())
	}
	stop()
	writing.Wait()
	h.tick()
	h.wantState(w.ID, survey.Released)
	published, err := h.db.ReleaseDocument(t.Context(), w.ID)
	must(t, err)
	backups = append(backups, h.backedUp())
	for i, again := range backups {
		_, err := again.EndRestored(t.Context())
		must(t, err)
		if _, err := again.Verify(t.Context()); err != nil {
			t.Errorf("backup %d: %v", i, err)
		}
		again.clock.set(w.Closes.Add(day))
		again.tick()
		end := again.wave(w.ID).State
		ends[end]++
		if n := again.entries(w.ID, survey.ReleaseEntry) + again.entries(w.ID, survey.VoidEntry); n != 1 || !end.Final() {
			t.Errorf("backup %d: %d ends of a wave that is %s", i, n, end)
		}
		if end == survey.Released {
			stored, err := again.db.ReleaseDocument(t.Context(), w.ID)
			must(t, err)
			if !bytes.Equal(stored.JSON, published.JSON) {
				t.Errorf("backup %d: another release than was published", i)
			}
		}
		if len(again.releaser.calls()) > 0 {
			t.Errorf("backup %d: released anew", i)
		}
	}
	if ends[survey.Void] < 3 || ends[survey.Released] < 1 {
		t.Errorf("%v", ends)
	}
}
