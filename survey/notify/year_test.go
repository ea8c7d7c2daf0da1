package notify

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// diary notes what two processes were seen to do over a year.
type diary struct {
	ticks []time.Time
	seen  map[survey.WaveID]map[survey.State]time.Time // first seen in a state
}

func (d *diary) look(t *testing.T, b *bureau) {
	t.Helper()
	waves, err := b.waves.Waves(context.Background())
	must(t, err)
	for _, w := range waves {
		if d.seen[w.ID] == nil {
			d.seen[w.ID] = make(map[survey.State]time.Time)
		}
		if _, ok := d.seen[w.ID][w.State]; !ok {
			d.seen[w.ID][w.State] = b.now.now()
		}
	}
}

// Two processes on one folder, each down now and then, for a year with both
// changes of the clocks: every date is decided once, every moment comes once
// and in order, and nothing comes early.
func TestAYearWithShutdownsAndTwoProcesses(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { year(t, seed) })
	}
}

func year(t *testing.T, seed uint64) {
	chance := rand.New(rand.NewPCG(seed, 2027))
	dir, now, sent := t.TempDir(), &hour{at: autumn}, &messages{}
	two := []*bureau{enterBureau(t, dir, now, &releaser{}, sent), enterBureau(t, dir, now, &releaser{}, sent)}
	two[0].staff(6)
	p := firstTuesdays(autumn)
	p.Pauses = []survey.Pause{{From: "2027-08-01", To: "2027-08-31"}}
	two[0].add(p)
	end := autumn.AddDate(1, 0, 0)
	d := diary{seen: make(map[survey.WaveID]map[survey.State]time.Time)}
	for at := autumn; at.Before(end); {
		now.set(at)
		d.ticks = append(d.ticks, at)
		switch chance.IntN(4) {
		case 0: // both at once
			var wait sync.WaitGroup
			for _, b := range two {
				wait.Go(func() {
					if err := b.clock.Tick(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
			wait.Wait()
		default:
			two[chance.IntN(2)].tick(at)
		}
		d.look(t, two[0])
		at = at.Add(time.Duration(chance.IntN(30*60)+1) * time.Minute)
		if chance.IntN(30) == 0 { // down for up to 45 days
			at = at.AddDate(0, 0, 1+chance.IntN(45))
		}
	}
	for range 3 { // what is half done is finished
		two[1].tick(end)
	}
	d.look(t, two[0])
	d.check(t, two[0], p, end)
}

// between lists the ticks from one moment to another, both included.
func (d *diary) between(from, to time.Time) int {
	n := 0
	for _, at := range d.ticks {
		if !at.Before(from) && !at.After(to) {
			n++
		}
	}
	return n
}

func (d *diary) check(t *testing.T, b *bureau, p survey.Programme, end time.Time) {
	t.Helper()
	decisions, err := b.db.Occurrences(t.Context(), p.ID)
	must(t, err)
	byDate := make(map[string]survey.Decision)
	for _, decision := range decisions {
		byDate[decision.Date] = decision
	}
	occurrences, err := p.Between(dublin, autumn, end.AddDate(0, 0, 60))
	must(t, err)
	held, skipped := 0, 0
	for _, o := range occurrences {
		decision, decided := byDate[o.Date]
		delete(byDate, o.Date)
		switch {
		case !decided && o.Opens.Before(end.AddDate(0, 0, -14)):
			t.Errorf("%s was never decided", o.Date)
		case !decided:
		case o.Paused:
			if decision.Wave != "" || decision.Skipped == nil || decision.Skipped.Key != SkippedPause {
				t.Errorf("%s: %+v in a pause", o.Date, decision)
			}
		case decision.Skipped != nil:
			skipped++
			if n := d.between(o.Opens, o.Latest()); decision.Wave != "" || decision.Skipped.Key != SkippedMissed || n > 0 {
				t.Errorf("%s was skipped (%v) although a server ran %d times while it could open", o.Date, decision.Skipped, n)
			}
		default:
			held++
			d.checkWave(t, b, p, o, decision.Wave, end)
		}
	}
	if len(byDate) > 0 {
		t.Errorf("dates that the rule does not name: %v", byDate)
	}
	if held < 4 {
		t.Errorf("%d waves in a year", held)
	}
	log, err := b.waves.Log(t.Context())
	must(t, err)
	manifests := 0
	for _, e := range log {
		if e.Kind == survey.ManifestEntry {
			manifests++
		}
	}
	if manifests != held {
		t.Errorf("%d manifests for %d waves", manifests, held)
	}
	if _, err := b.waves.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("%d ticks, %d waves, %d missed", len(d.ticks), held, skipped)
}

// checkWave holds one wave's life and messages to its moments.
func (d *diary) checkWave(t *testing.T, b *bureau, p survey.Programme, o survey.Occurrence, id survey.WaveID, end time.Time) {
	t.Helper()
	w, err := b.waves.Wave(t.Context(), id)
	must(t, err)
	if !w.Opens.Equal(o.Opens) || !w.Closes.Equal(o.Closes) || w.ResultsOn != o.ResultsOn {
		t.Errorf("%s: %s to %s", id, w.Opens, w.Closes)
	}
	earliest := o.Opens.AddDate(0, 0, -survey.MaxLeadDays)
	for state, first := range d.seen[id] {
		from := map[survey.State]time.Time{survey.Announced: earliest, survey.Open: o.Opens, survey.Closed: o.Closes, survey.Released: o.Closes}[state]
		if first.Before(from) {
			t.Errorf("%s is %s at %s, before %s", id, state, first, from)
		}
	}
	if first, ok := d.seen[id][survey.Open]; ok && d.between(o.Opens, o.Opens.AddDate(0, 0, 2)) > 4 && first.After(o.Opens.AddDate(0, 0, 2)) {
		t.Errorf("%s opened at %s only", id, first)
	}
	wantState := survey.Released
	if d.between(o.Closes, o.Closes.AddDate(0, 0, survey.ReleaseWithinDays).Add(-time.Second)) == 0 {
		wantState = survey.Void // nobody was there to release it in time
	}
	if o.Closes.Before(end.AddDate(0, 0, -15)) && w.State != wantState {
		t.Errorf("%s is %s, want %s", id, w.State, wantState)
	}
	order := []string{"announced 0", "opened 0", "reminder 1", "reminder 2", "results 0"}
	last := -1
	for _, m := range b.sent.made {
		if m.wave != id {
			continue
		}
		name := fmt.Sprint(m.kind, " ", m.n)
		place := slices.Index(order, name)
		if place <= last {
			t.Errorf("%s: %s comes twice or after %s", id, name, order[max(last, 0)])
		}
		last = place
		from, to := earliest, o.Opens
		switch m.kind {
		case Opened:
			from, to = o.Opens, o.Closes
		case Reminder:
			from, to = o.Reminders[m.n-1], o.Closes
		case Results:
			from, to = o.Closes, o.Closes.AddDate(0, 0, survey.ReleaseWithinDays)
		}
		if m.at.Before(from) || !m.at.Before(to) {
			t.Errorf("%s: %s at %s, not from %s to %s", id, name, m.at, from, to)
		}
	}
	told := b.sent.told(id)
	if d.between(o.Opens, o.Closes.Add(-time.Second)) > 2 && !strings.Contains(told, "opened") {
		t.Errorf("%s: nobody was told that it is open: %q", id, told)
	}
}

// dying is a context that ends after a number of looks at it: the database
// looks before each transaction and statement.
type dying struct {
	context.Context
	left *atomic.Int64
	end  context.CancelFunc
}

func (d dying) Done() <-chan struct{} {
	if d.left.Add(-1) <= 0 {
		d.end()
	}
	return d.Context.Done()
}

func TestAKillAtAnyMomentOfATickGivesOneWaveAndOneMessage(t *testing.T) {
	for name, moments := range map[string][]string{
		"announcing":           {"2026-11-17 08:00"},
		"opening":              {"2026-11-17 08:00", "2026-12-01 08:00"},
		"releasing and onward": {"2026-11-17 08:00", "2026-12-01 08:00", "2026-12-08 20:00"},
	} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			first := enterBureau(t, base, &hour{at: autumn}, &releaser{}, &messages{})
			first.staff(6)
			first.add(firstTuesdays(autumn))
			for _, m := range moments[:len(moments)-1] {
				first.tick(at(m))
			}
			before := append([]message(nil), first.sent.made...)
			first.close()
			killed, moment := 0, at(moments[len(moments)-1])
			for looks := int64(1); ; looks += 5 + looks/6 {
				dir := copyFolder(t, base)
				sent := &messages{made: slices.Clone(before)}
				b := enterBureau(t, dir, &hour{at: moment}, &releaser{}, sent)
				ctx, cancel := context.WithCancel(t.Context())
				left := &atomic.Int64{}
				left.Store(looks)
				whole := b.clock.Tick(dying{ctx, left, cancel}) == nil
				cancel()
				b.close()

				again := enterBureau(t, dir, &hour{at: moment}, &releaser{}, sent)
				for range 3 {
					again.tick(moment)
				}
				again.wantWhole(name)
				again.close()
				if whole {
					break
				}
				killed++
			}
			if killed < 5 {
				t.Fatalf("killed at %d moments only", killed)
			}
		})
	}
}

// wantWhole checks what there must be after the last moment, once.
func (b *bureau) wantWhole(step string) {
	b.t.Helper()
	want := map[string][2]string{
		"announcing":           {"2026-12-01 wave 2026-12 announced", "announced"},
		"opening":              {"2026-12-01 wave 2026-12 open", "announced opened"},
		"releasing and onward": {"2026-12-01 wave 2026-12 released; 2027-01-05 wave 2027-01 announced", "announced opened results"},
	}[step]
	if got := strings.Join(b.decisions("pulse"), "; "); got != want[0] {
		b.t.Fatalf("%s: %s\nwant %s", step, got, want[0])
	}
	if got := b.sent.told("2026-12"); got != want[1] {
		b.t.Fatalf("%s: told %q, want %q", step, got, want[1])
	}
	waves, err := b.waves.Waves(context.Background())
	if err != nil || len(waves) != strings.Count(want[0], "wave") {
		b.t.Fatalf("%s: %d waves, %v", step, len(waves), err)
	}
}

func TestTwoProcessesThatDecideADateAtOnceMakeOneWave(t *testing.T) {
	for range 5 {
		dir, now, sent := filepath.Join(t.TempDir(), "house"), &hour{at: at("2026-11-17 08:00")}, &messages{}
		two := []*bureau{enterBureau(t, dir, now, &releaser{}, sent), enterBureau(t, dir, now, &releaser{}, sent)}
		two[0].staff(6)
		two[0].add(firstTuesdays(autumn))
		var wait sync.WaitGroup
		for range 2 {
			for _, b := range two {
				wait.Go(func() {
					if err := b.clock.Tick(context.Background()); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wait.Wait()
		two[0].tick(now.now())
		wantLines(t, two[0].decisions("pulse"), "2026-12-01 wave 2026-12 announced")
		made, err := two[1].db.MailingsMade(t.Context())
		must(t, err)
		if len(made) != 1 || !made[store.Mailing{Wave: "2026-12", Kind: store.MailAnnounced}] || len(sent.made) != 1 {
			t.Fatalf("%v, %v", made, sent.made)
		}
		for _, b := range two {
			b.close()
		}
	}
}
