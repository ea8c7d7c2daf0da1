package notify

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"
)

// releaser counts its releases; while it is stuck it gives an error.
type releaser struct {
	mu    sync.Mutex
	stuck bool
	calls int
}

var errStuck = errors.New("the releaser is stuck")

func (r *releaser) Release(context.Context, survey.ClosedWave) (survey.ReleaseDocument, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if r.stuck {
		return survey.ReleaseDocument{}, errStuck
	}
	return survey.ReleaseDocument{JSON: []byte("{}")}, nil
}

func (r *releaser) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}

func (r *releaser) set(stuck bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stuck = stuck
}

// hour is a time that moves by hand.
type hour struct {
	mu sync.Mutex
	at time.Time
}

func (h *hour) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.at
}

func (h *hour) set(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = at
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// announced is an announced wave of six people.
func announced(t *testing.T, now *hour, r wave.Releaser) (*wave.Waves, survey.Wave) {
	t.Helper()
	ctx := t.Context()
	db, err := store.Open(ctx, store.Config{Dir: filepath.Join(t.TempDir(), "data"), Now: now.now})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	root, err := db.EnsureOrganisation(ctx, "Org")
	must(t, err)
	var plan survey.ImportPlan
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		plan.Add = append(plan.Add, survey.Person{ID: survey.PersonID(name), Name: name, Unit: root.ID, Active: true})
	}
	must(t, db.ApplyImport(ctx, plan))
	library, err := survey.NewLibrary()
	must(t, err)
	waves, err := wave.New(wave.Config{
		Store: db, Library: library, Releaser: r, Keys: filepath.Join(t.TempDir(), "keys"),
		Zone: time.UTC, Now: now.now, Rand: rand.Reader,
	})
	must(t, err)
	t.Cleanup(waves.Close)
	w, err := waves.Plan(ctx, wave.Request{
		Packs: []string{"pulse"}, Opens: now.now().Add(time.Hour), Closes: now.now().Add(2 * time.Hour),
		Owner: "Ana Ruiz", Contact: "Extension 12", ResultsOn: now.now().AddDate(0, 0, 7).Format(time.DateOnly),
	})
	must(t, err)
	_, err = waves.Announce(ctx, w.ID)
	must(t, err)
	return waves, w
}

// await waits until the wave is in a state.
func await(t *testing.T, waves *wave.Waves, id survey.WaveID, want survey.State) {
	t.Helper()
	for range 1000 {
		w, err := waves.Wave(t.Context(), id)
		must(t, err)
		if w.State == want {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("wave %s is not %s after 5 seconds", id, want)
}

func TestTheClockLeadsAWaveThroughItsDatesAndTriesAgainAfterAFault(t *testing.T) {
	now := &hour{at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	r := &releaser{stuck: true}
	waves, w := announced(t, now, r)
	faults := make(chan error, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		Clock{Waves: waves, Every: 5 * time.Millisecond, Fault: func(err error) { faults <- err }}.Run(ctx)
		close(stopped)
	}()
	now.set(w.Opens)
	await(t, waves, w.ID, survey.Open)
	now.set(w.Closes)
	select { // told once, however many ticks fail of it
	case err := <-faults:
		if !errors.Is(err, errStuck) {
			t.Fatal(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the fault was not told")
	}
	await(t, waves, w.ID, survey.Closed)
	tried := r.count()
	for range 1000 {
		if r.count() >= tried+3 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if again := r.count(); again < tried+3 || len(faults) > 0 {
		t.Fatalf("tried %d times more and told of %d more faults; want at least 3 and none", again-tried, len(faults))
	}
	r.set(false)
	await(t, waves, w.ID, survey.Released)
	cancel()
	select {
	case <-stopped:
	case <-time.After(5 * time.Second):
		t.Fatal("the clock does not stop")
	}
}

func TestTheClockTicksAtOnceWhenTheServerStarts(t *testing.T) {
	now := &hour{at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	r := &releaser{}
	waves, w := announced(t, now, r)
	now.set(w.Closes) // the server was down all the time
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go Clock{Waves: waves, Every: time.Hour, Fault: func(err error) { t.Error(err) }}.Run(ctx)
	await(t, waves, w.ID, survey.Released)
}

func TestStoppingTheClockInTheMiddleOfATickIsNoFault(t *testing.T) {
	now := &hour{at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	waves, w := announced(t, now, &releaser{})
	now.set(w.Closes)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	Clock{Waves: waves, Every: time.Hour, Fault: func(err error) { t.Errorf("told of %v", err) }}.Run(ctx)
	must(t, waves.Tick(t.Context()))
	await(t, waves, w.ID, survey.Released)
}
