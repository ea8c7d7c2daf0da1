package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// A server that is killed at any moment of a release finishes it at its next
// start: one release, the same to the byte, and nothing left of the ballots.
func TestKillDuringReleasing(t *testing.T) {
	t.Parallel()
	c := inTime(t, 6*time.Second, func(open time.Duration) (*closing, bool) { return newClosing(t, open) })

	began := time.Now()
	calm := c.house.copy()
	whole := c.finishServing(calm, begin(t, calm.command("serve", "--listen", "127.0.0.1:0"))).Sub(began)
	c.released(calm, "nothing")

	for _, m := range c.watched() {
		c.killAt(m)
	}
	// And by the clock alone, ever later, until a kill comes too late.
	for i, late := 0, time.Duration(0); i < 40; i++ {
		late = max(late, []time.Duration{0, 1, 2, 5, 10}[min(i, 4)]*time.Millisecond)
		if c.killAt(moment{late.String(), func(*house, *process) { time.Sleep(late) }}) == done {
			break
		}
		if i >= 4 {
			late += whole / 8
		}
	}
	t.Logf("released in %s; kills that came before the release was written: %d, between that and its end: %d, after: %d",
		whole.Round(time.Millisecond), c.kills[before], c.kills[between], c.kills[done])
	if c.kills[before] == 0 || c.kills[between] == 0 || c.kills[done] == 0 {
		t.Errorf("kills by stage: %v; want some in each", c.kills)
	}
}

// stage is how far a killed process came.
type stage int

const (
	before  stage = iota // the public log has no release
	between              // it has one, and there is something left to destroy or to note
	done
)

// closing is an installation whose wave has closed and waits for its release.
type closing struct {
	t        *testing.T
	house    *house
	wave     survey.Wave
	remains  [][]byte // what must be gone: the wave's keys, and a piece of every sealed box
	document []byte   // the release, once there was one
	kills    map[stage]int
}

// newClosing is false when the wave closed before everybody was answered.
func newClosing(t *testing.T, open time.Duration) (*closing, bool) {
	t.Helper()
	h := newHouse(t)
	h.importPeople(killTeams)
	c := &closing{t: t, house: h, wave: h.announce("now", after(open)), kills: make(map[stage]int)}
	p := h.serve()
	everybody := newCrowd(t, h.tickets(c.wave.ID)).answerAll(p)
	if code := p.interrupt(); code != exitDone {
		t.Errorf("the server ends with %d; want %d", code, exitDone)
	}
	if !time.Now().Before(c.wave.Closes) {
		return nil, false
	}
	if !everybody {
		t.Error("somebody was never answered although the wave was open")
	}
	c.remains = remainsOf(h, c.wave.ID)
	for _, piece := range c.remains {
		if len(filesWith(t, piece, h.dir, h.keys)) == 0 {
			t.Fatal("before the release the boxes and keys are not where this test looks for them")
		}
	}
	time.Sleep(time.Until(c.wave.Closes))
	return c, true
}

// remainsOf reads the keys, as their file has them, and a piece of every box
// of an open wave.
func remainsOf(h *house, id survey.WaveID) [][]byte {
	h.t.Helper()
	raw, err := os.ReadFile(h.keyFile(id))
	if err != nil {
		h.t.Fatal(err)
	}
	var keys map[string]string
	if err := json.Unmarshal(raw, &keys); err != nil || len(keys) < 2 { // of the boxes and of the slips, at least
		h.t.Fatalf("the key file holds %d keys: %v", len(keys), err)
	}
	var remains [][]byte
	for _, key := range keys {
		remains = append(remains, []byte(key))
	}
	h.look(func(in *installation) error {
		_, _, leaves, err := in.store.ManifestOf(h.t.Context(), id)
		if err != nil {
			return err
		}
		var groups []string
		for _, leaf := range leaves {
			groups = append(groups, leaf.Group)
		}
		looked := errors.New("only looking")
		err = in.store.UpdateBoxes(h.t.Context(), id, groups, func(boxes []store.SealedBox) ([]store.SealedBox, error) {
			for _, b := range boxes {
				remains = append(remains, bytes.Clone(b.Sealed[:32]))
			}
			return nil, looked
		})
		if errors.Is(err, looked) {
			return nil
		}
		return err
	})
	if len(remains) != len(keys)+len(killTeams) {
		h.t.Fatalf("%d pieces of keys and boxes; want %d", len(remains), len(keys)+len(killTeams))
	}
	return remains
}

func (h *house) keyFile(id survey.WaveID) string { return filepath.Join(h.keys, string(id)+".key") }

// filesWith lists the files under some folders that contain a piece.
func filesWith(t *testing.T, piece []byte, folders ...string) []string {
	t.Helper()
	var found []string
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if bytes.Contains(raw, piece) {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// moment is when a server that releases a wave is killed.
type moment struct {
	name string
	come func(h *house, p *process) // returns when it has
}

// watched are the moments that the files show.
func (c *closing) watched() []moment {
	not := func(is func(*house) bool) func(*house) bool { return func(h *house) bool { return !is(h) } }
	releases := func(h *house) bool { return h.writing("releases.db") }
	ballots := func(h *house) bool { return h.writing("ballots.db") }
	gone := func(h *house) bool {
		_, err := os.Stat(h.keyFile(c.wave.ID))
		return errors.Is(err, fs.ErrNotExist)
	}
	// Each list of steps is gone through in its order.
	steps := []struct {
		name  string
		steps []func(*house) bool
	}{
		{"boxes being closed", []func(*house) bool{ballots}},
		{"boxes closed", []func(*house) bool{ballots, not(ballots)}},
		{"release being written", []func(*house) bool{releases}},
		{"release written", []func(*house) bool{releases, not(releases)}},
		{"boxes being destroyed", []func(*house) bool{releases, not(releases), ballots}},
		{"boxes destroyed", []func(*house) bool{releases, not(releases), ballots, not(ballots)}},
		{"ballots.db being rewritten", []func(*house) bool{releases, not(releases), ballots, not(ballots), ballots}},
		{"keys destroyed", []func(*house) bool{gone}},
	}
	var all []moment
	for _, s := range steps {
		all = append(all, moment{s.name, func(h *house, p *process) {
			for _, reached := range s.steps {
				// A step that went by unseen is over when the keys are gone.
				for deadline := time.Now().Add(30 * time.Second); !reached(h) && !gone(h); {
					if time.Now().After(deadline) {
						c.t.Fatalf("%s: never came; the server says:\n%s%s", s.name, p.stdout.String(), p.stderr.String())
					}
				}
			}
		}})
	}
	return all
}

// killAt starts a server on a copy of the closed wave, kills it at a moment
// and lets another process finish.
func (c *closing) killAt(m moment) stage {
	c.t.Helper()
	h := c.house.copy()
	p := begin(c.t, h.command("serve", "--listen", "127.0.0.1:0"))
	m.come(h, p)
	p.kill()
	if said := p.stderr.String(); said != "" {
		c.t.Errorf("killed at %s: the server had said %s", m.name, said)
	}
	came := c.stage(h)
	c.kills[came]++

	switch n := c.kills[before] + c.kills[between] + c.kills[done]; n % 3 {
	case 0: // by hand
		if out := h.attune("wave", "release", string(c.wave.ID)); !strings.Contains(out, "is released") {
			c.t.Errorf("killed at %s: releasing by hand says %s", m.name, out)
		}
	case 1: // by the next start, which is killed too, and the one after it
		again := begin(c.t, h.command("serve", "--listen", "127.0.0.1:0"))
		time.Sleep(time.Duration(n*13) * time.Millisecond)
		again.kill()
		fallthrough
	default:
		c.finishServing(h, begin(c.t, h.command("serve", "--listen", "127.0.0.1:0")))
	}
	c.released(h, m.name)
	return came
}

// stage looks at a copy, so that what the killed process left stays as it is.
func (c *closing) stage(h *house) stage {
	came := before
	h.copy().look(func(in *installation) error {
		log, err := in.waves.Log(c.t.Context())
		if err != nil {
			return err
		}
		if len(log) > 1 {
			came = between
		}
		w, err := in.waves.Wave(c.t.Context(), c.wave.ID)
		if w.State == survey.Released {
			came = done
		}
		return err
	})
	return came
}

// finishServing waits until a server has released the wave, and ends it. It
// gives the time at which the keys were gone.
func (c *closing) finishServing(h *house, p *process) time.Time {
	c.t.Helper()
	p.wait("release the wave", func() bool {
		_, err := os.Stat(h.keyFile(c.wave.ID))
		return errors.Is(err, fs.ErrNotExist)
	})
	gone := time.Now()
	p.wait("listen", func() bool { return p.stdout.String() != "" }) // after an earlier process had done it all
	p.wait("note that the wave is released", func() bool { return strings.Contains(h.attune("wave", "list"), " released ") })
	if code := p.interrupt(); code != exitDone || p.stderr.String() != "" {
		c.t.Errorf("the server ends with %d; want %d. It said: %s", code, exitDone, p.stderr.String())
	}
	return gone
}

// released holds an installation that finished after a kill against all that a
// release promises.
func (c *closing) released(h *house, killed string) {
	t := c.t
	t.Helper()
	h.attune("verify")
	h.look(func(in *installation) error {
		log, err := in.waves.Log(t.Context())
		if err != nil {
			return err
		}
		if len(log) != 2 || log[0].Kind != survey.ManifestEntry || log[1].Kind != survey.ReleaseEntry {
			t.Errorf("killed at %s: the public log has %s; want one manifest and one release", killed, kinds(log))
		}
		stored, err := in.store.ReleaseDocument(t.Context(), c.wave.ID)
		if err != nil {
			return err
		}
		if c.document == nil {
			c.document = stored.JSON
		}
		if !bytes.Equal(c.document, stored.JSON) {
			t.Errorf("killed at %s: the release is\n%s\nand was in another run\n%s", killed, stored.JSON, c.document)
		}
		state, err := in.store.BallotState(t.Context(), c.wave.ID)
		if err != nil {
			return err
		}
		w, err := in.waves.Wave(t.Context(), c.wave.ID)
		if w.State != survey.Released || state != store.BoxesDestroyed {
			t.Errorf("killed at %s: the wave is %s and its boxes are %s; want %s and %s", killed, w.State, state, survey.Released, store.BoxesDestroyed)
		}
		return err
	})
	entries, err := os.ReadDir(h.keys)
	if err != nil || len(entries) != 1 || entries[0].Name() != "lock" {
		t.Errorf("killed at %s: the key folder holds %v (%v); want the lock file only", killed, entries, err)
	}
	for _, piece := range c.remains {
		if files := filesWith(t, piece, h.root); len(files) > 0 {
			t.Errorf("killed at %s: %q of a key or a box still lies in %v", killed, piece, files)
		}
	}
}

func kinds(log []survey.Entry) string {
	var all []string
	for _, e := range log {
		all = append(all, fmt.Sprint(e.Kind))
	}
	return strings.Join(all, ", ")
}
