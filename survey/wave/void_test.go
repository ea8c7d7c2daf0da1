package wave

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attune/survey"
)

// hideKeys loses the keys of a wave.
func (h *house) hideKeys(id survey.WaveID) {
	h.t.Helper()
	must(h.t, os.Remove(filepath.Join(h.dir, "keys", string(id)+".key")))
}

// wantVoid checks that a wave is void for a reason and that nothing is left.
func (h *house) wantVoid(id survey.WaveID, reason string) {
	h.t.Helper()
	h.wantState(id, survey.Void)
	h.wantGone(id)
	if n := h.rows("people.db", "SELECT count(*) FROM rosters WHERE wave = ?", string(id)); n != 0 {
		h.t.Errorf("the roster of wave %s is left", id)
	}
	if n := h.rows("releases.db", "SELECT count(*) FROM releases WHERE wave = ?", string(id)); n != 0 {
		h.t.Errorf("wave %s has a release", id)
	}
	log, err := h.Log(h.t.Context())
	must(h.t, err)
	found := 0
	for _, e := range log {
		if e.Wave != id || e.Kind != survey.VoidEntry {
			continue
		}
		found++
		var record survey.VoidRecord
		must(h.t, json.Unmarshal(e.Body, &record))
		if record.Reason != reason {
			h.t.Errorf("wave %s is void because of %q, want %q", id, record.Reason, reason)
		}
		if hour, minute, second := record.On.Clock(); hour+minute+second != 0 {
			h.t.Errorf("the record tells the moment %s, want the day only", record.On)
		}
	}
	if found != 1 {
		h.t.Errorf("%d void records of wave %s", found, id)
	}
	if _, err := h.Verify(h.t.Context()); err != nil {
		h.t.Error(err)
	}
}

func TestAWaveCanBeMadeVoidInEveryStateBeforeItsRelease(t *testing.T) {
	for _, state := range []survey.State{survey.Planned, survey.Announced, survey.Open, survey.Closed} {
		t.Run(string(state), func(t *testing.T) {
			h := newHouse(t, twoTeams())
			w := h.plan(request(day))
			if state != survey.Planned {
				_, err := h.Announce(t.Context(), w.ID)
				must(t, err)
			}
			if state == survey.Open || state == survey.Closed {
				h.clock.set(w.Opens)
				h.tick()
				h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
			}
			if state == survey.Closed {
				h.clock.set(w.Closes)
				must(t, h.CloseWave(t.Context(), w.ID))
			}
			h.wantState(w.ID, state)
			wantKey(t, h.Void(t.Context(), w.ID, ""), "error.wave.void_reason")
			wantKey(t, h.Void(t.Context(), w.ID, strings.Repeat("é", maxReason+1)), "error.wave.void_reason")
			h.wantState(w.ID, state)
			must(t, h.Void(t.Context(), w.ID, "wrong dates"))
			h.wantVoid(w.ID, "wrong dates")
			must(t, h.Void(t.Context(), w.ID, "again"))
			h.wantVoid(w.ID, "wrong dates")
			h.clock.set(w.Closes.Add(30 * day))
			h.tick()
			h.wantVoid(w.ID, "wrong dates")
			if len(h.releaser.calls()) != 0 {
				t.Fatal("the releaser saw a void wave")
			}
		})
	}
}

func TestAReleasedWaveCannotBeMadeVoid(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	h.clock.set(w.Closes)
	h.tick()
	wantKey(t, h.Void(t.Context(), w.ID, "why"), "error.wave.void_released")
	h.wantState(w.ID, survey.Released)
}

func TestAReleaseThatWasCommittedBeforeACrashCannotBeMadeVoid(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	h.clock.set(w.Closes)
	crashed := ""
	h.Waves.cfg.Rand = hooked(func() { // the first random bytes after the commit overwrite the keys
		if crashed == "" {
			crashed = copyFolder(t, h.dir)
		}
	})
	h.tick()
	again := process(t, crashed, w.Closes)
	again.wantState(w.ID, survey.Closed)
	wantKey(t, again.Void(t.Context(), w.ID, "why"), "error.wave.void_released")
	again.wantState(w.ID, survey.Released)
	again.wantGone(w.ID)
	if again.entries(w.ID, survey.VoidEntry) != 0 {
		t.Fatal("a void record beside a release")
	}
}

func TestAReleaserMayFindThatNothingCanBePublished(t *testing.T) {
	h := newHouse(t, twoTeams())
	h.releaser.void = VoidTooFew
	w := h.opened()
	h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
	h.clock.set(w.Closes)
	h.tick()
	h.wantVoid(w.ID, VoidTooFew)
}

func TestAWaveWithoutKeysIsVoidAtItsClose(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
	h.hideKeys(w.ID)
	wantKey(t, h.Tick(t.Context()), "error.wave.no_keys")
	h.wantState(w.ID, survey.Open)
	h.clock.set(w.Closes)
	h.tick()
	h.wantVoid(w.ID, VoidNoKeys)
}

func TestARestoredBackupMakesARunningWaveVoid(t *testing.T) {
	for _, state := range []survey.State{survey.Announced, survey.Open, survey.Closed} {
		t.Run(string(state), func(t *testing.T) {
			h := newHouse(t, twoTeams())
			w := h.announced()
			if state != survey.Announced {
				h.clock.set(w.Opens)
				h.tick()
			}
			if state == survey.Closed {
				h.clock.set(w.Closes)
				must(t, h.CloseWave(t.Context(), w.ID))
			}
			restored := copyFolder(t, h.dir) // a backup has neither boxes nor keys
			must(t, os.Remove(filepath.Join(restored, "data", "ballots.db")))
			must(t, os.RemoveAll(filepath.Join(restored, "keys")))
			again := process(t, restored, h.clock.now())
			again.tick()
			again.wantVoid(w.ID, VoidNoKeys)
		})
	}
}

func TestEverythingIsDestroyedFourteenDaysAfterTheCloseWhateverHoldsTheReleaseUp(t *testing.T) {
	for name, breaks := range map[string]func(h *house, w survey.Wave){
		"a damaged box": func(h *house, w survey.Wave) {
			h.exec("ballots.db", "UPDATE boxes SET sealed = zeroblob(length(sealed)) WHERE wave = ? AND group_id = ?", string(w.ID), string(h.units["North"]))
		},
		"a box that is missing": func(h *house, w survey.Wave) {
			h.exec("ballots.db", "DELETE FROM boxes WHERE wave = ? AND group_id = ?", string(w.ID), string(h.units["North"]))
		},
		"a releaser that fails":   func(h *house, _ survey.Wave) { h.releaser.before = func(survey.ClosedWave) error { return errStuck } },
		"a releaser that panics":  func(h *house, _ survey.Wave) { h.releaser.before = func(survey.ClosedWave) error { panic("answer 4") } },
		"a roster that was cut":   func(h *house, _ survey.Wave) { h.exec("people.db", "DELETE FROM roster_people WHERE rowid = 1") },
		"a roster that is gone":   func(h *house, _ survey.Wave) { h.exec("people.db", "DELETE FROM rosters") },
		"another k":               func(h *house, _ survey.Wave) { h.exec("people.db", "UPDATE waves SET k = 1") },
		"another state of boxes":  func(h *house, _ survey.Wave) { h.exec("ballots.db", "UPDATE box_states SET state = 'sealed'") },
		"a key file that is torn": func(h *house, w survey.Wave) { must(h.t, os.WriteFile(h.keyFile(w.ID), []byte(`{"box":"AA`), 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, twoTeams())
			w := h.opened()
			h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
			breaks(h, w)
			h.clock.set(w.Closes)
			err := h.Tick(t.Context())
			if name == "another state of boxes" { // closing mends it
				must(t, err)
				return
			}
			if err == nil || strings.Contains(err.Error(), "answer 4") {
				t.Fatalf("got %v, want an error without a panic's text", err)
			}
			h.clock.set(w.Closes.AddDate(0, 0, survey.ReleaseWithinDays).Add(-1e9))
			if again := h.Tick(t.Context()); again == nil {
				t.Fatal("the fault is reported once only")
			}
			h.wantState(w.ID, survey.Closed)
			h.clock.set(w.Closes.AddDate(0, 0, survey.ReleaseWithinDays))
			h.tick()
			h.wantVoid(w.ID, VoidLate)
		})
	}
}

func TestAServerThatComesBackTooLateDestroysInsteadOfReleasing(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
	h.clock.set(w.Closes.AddDate(0, 0, survey.ReleaseWithinDays))
	h.tick()
	h.wantVoid(w.ID, VoidLate)
	if len(h.releaser.calls()) != 0 {
		t.Fatal("opened all the same")
	}
}
