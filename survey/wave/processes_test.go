package wave

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/survey"
)

func TestTwoProcessesThatCastAtOnceLoseNothing(t *testing.T) {
	a := newHouse(t, []team{{"North", 40}, {"South", 30}}, flush(5*time.Millisecond))
	w := a.opened()
	b := process(t, a.dir, w.Opens)
	codes := a.codes(w.ID)
	var (
		mu   sync.Mutex
		want []string
		wait sync.WaitGroup
	)
	for path, some := range codes {
		for i, code := range some {
			h, n := []*house{a, b}[i%2], i
			answers := a.answers(n)
			expected := string(a.units[path]) + ":" + a.encoded(answers)
			wait.Go(func() {
				var err error
				for range 20 { // a phone sends again what was not received
					if _, err = h.CastPaper(t.Context(), code, answers); !survey.IsKey(err, "paper.not_stored") {
						break
					}
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				want = append(want, expected)
				mu.Unlock()
			})
		}
	}
	wait.Wait()
	if len(want) != 70 { // 40 + 30
		t.Fatalf("%d ballots were received", len(want))
	}
	sort.Strings(want)

	a.clock.set(w.Closes)
	b.clock.set(w.Closes)
	faults := make([]error, 2)
	for i, h := range []*house{a, b} {
		wait.Go(func() { faults[i] = h.Tick(t.Context()) })
	}
	wait.Wait()
	must(t, errors.Join(faults...))
	a.tick()
	a.wantReleased(w.ID, want)
	if n := len(a.releaser.calls()) + len(b.releaser.calls()); n != 1 {
		t.Fatalf("released %d times", n)
	}
}

func TestTwoProcessesThatAnnounceAndTickAtOnceGiveOneManifest(t *testing.T) {
	a := newHouse(t, twoTeams())
	w := a.plan(request(day))
	b := process(t, a.dir, start)
	var (
		wait   sync.WaitGroup
		faults [4]error
	)
	for i, do := range []func() error{
		func() error { _, err := a.Announce(t.Context(), w.ID); return err },
		func() error { return b.Tick(t.Context()) },
		func() error { _, err := b.Announce(t.Context(), w.ID); return err },
		func() error { return a.Tick(t.Context()) },
	} {
		wait.Go(func() { faults[i] = do() })
	}
	wait.Wait()
	refused := 0
	for i, err := range faults {
		switch {
		case survey.IsKey(err, "error.wave.announced_before"):
			refused++
		case err != nil:
			t.Errorf("step %d: %v", i, err)
		}
	}
	if refused != 1 {
		t.Fatalf("%d of two announcements refused", refused)
	}
	if n := b.entries(w.ID, survey.ManifestEntry); n != 1 {
		t.Fatalf("%d manifests", n)
	}
	b.units = a.units
	b.wantWholeLife(w)
}

func TestAnAnnouncementWhileAnotherProcessReleasesWaitsForIt(t *testing.T) {
	a := newHouse(t, twoTeams())
	w := a.opened()
	a.clock.set(w.Closes)
	b := process(t, a.dir, w.Closes)
	next := b.plan(request(30 * day))
	announced := make(chan error, 1)
	a.releaser.before = func(survey.ClosedWave) error {
		go func() { _, err := b.Announce(t.Context(), next.ID); announced <- err }()
		must(t, b.Tick(t.Context())) // busy: returns at once
		return nil
	}
	a.tick()
	must(t, <-announced)
	a.wantReleased(w.ID, []string{})
	b.wantState(next.ID, survey.Announced)
}

func TestAProcessForgetsTheKeysOfAWaveThatAnotherEnded(t *testing.T) {
	a := newHouse(t, twoTeams())
	w := a.opened()
	b := process(t, a.dir, w.Opens)
	code := a.codes(w.ID)["North"][0]
	_, err := b.CastPaper(t.Context(), code, a.answers(1))
	must(t, err)
	must(t, a.Void(t.Context(), w.ID, "wrong dates"))
	_, err = b.CastPaper(t.Context(), code, a.answers(1))
	wantKey(t, err, "paper.void")
	b.tick()
	if len(b.Waves.ready) != 0 || len(b.Waves.faces) != 0 {
		t.Fatalf("%d codes' keys and %d faces are still in memory", len(b.Waves.ready), len(b.Waves.faces))
	}
}

func TestABallotThatWaitsWhileAnotherProcessVoidsTheWaveIsRefused(t *testing.T) {
	a := newHouse(t, twoTeams())
	w := a.opened()
	b := process(t, a.dir, w.Opens, flush(MaxFlush))
	code := a.codes(w.ID)["North"][0]
	result := make(chan error, 1)
	go func() { _, err := b.CastPaper(t.Context(), code, a.answers(1)); result <- err }()
	time.Sleep(50 * time.Millisecond) // it waits for its tick
	must(t, a.Void(t.Context(), w.ID, "wrong dates"))
	if err := <-result; !survey.IsKey(err, "paper.void") {
		t.Fatal(err)
	}
}

func TestTwoProcessesThatPlanAtOnceTakeDifferentNames(t *testing.T) {
	a := newHouse(t, twoTeams())
	b := process(t, a.dir, start)
	var (
		wait   sync.WaitGroup
		faults [10]error
	)
	for i := range faults {
		wait.Go(func() { _, faults[i] = []*house{a, b}[i%2].Plan(t.Context(), request(day)) })
	}
	wait.Wait()
	stored := 0
	for _, err := range faults {
		switch {
		case err == nil:
			stored++
		case !survey.IsCode(err, survey.Conflict):
			t.Error(err)
		}
	}
	all, err := a.Waves.Waves(t.Context())
	must(t, err)
	names := make([]string, len(all))
	for i, w := range all {
		names[i] = fmt.Sprint(w.ID, w.Tag)
	}
	if len(all) != stored || stored == 0 {
		t.Fatalf("%d planned, stored are %s", stored, strings.Join(names, " "))
	}
}
