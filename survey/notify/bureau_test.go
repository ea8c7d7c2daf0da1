package notify

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"
)

// bureau is one process on a data folder, with a clock of its own and six
// people in one team.
type bureau struct {
	t     testing.TB
	dir   string
	db    *store.Store
	waves *wave.Waves
	now   *hour
	clock Clock
	sent  *messages
	close func()
}

// messages is an outbox that keeps what it was asked for.
type messages struct {
	mu    sync.Mutex
	made  []message
	panic bool
}

type message struct {
	wave survey.WaveID
	kind Kind
	n    int
	at   time.Time
}

// box is a process's way into messages that several share.
type box struct {
	db  *store.Store
	now *hour
	all *messages
}

func (b box) Enqueue(ctx context.Context, id survey.WaveID, kind Kind, n int) (int, error) {
	b.all.mu.Lock()
	defer b.all.mu.Unlock()
	if b.all.panic {
		panic("no paper")
	}
	before, err := b.db.MailingsMade(ctx)
	if err != nil {
		return 0, err
	}
	m := store.Mailing{Wave: id, Kind: string(kind), N: n}
	if before[m] {
		return 0, nil
	}
	if _, err := b.db.AddMailing(ctx, m, nil); err != nil {
		return 0, err
	}
	b.all.made = append(b.all.made, message{id, kind, n, b.now.now()})
	return 1, nil
}

func (box) Remind(context.Context) (int, error) { return 0, nil }

func (box) Send(context.Context) (int, error) { return 0, nil }

// told lists the messages of a wave: "announced opened reminder1 results".
func (m *messages) told(id survey.WaveID) string {
	text := ""
	for _, one := range m.made {
		if one.wave != id {
			continue
		}
		if text != "" {
			text += " "
		}
		text += string(one.kind)
		if one.n > 0 {
			text += fmt.Sprint(one.n)
		}
	}
	return text
}

var dublin = func() *time.Location {
	z, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		panic(err)
	}
	return z
}()

// enterBureau starts a process. People are there when the folder is new.
func enterBureau(t testing.TB, dir string, now *hour, r wave.Releaser, sent *messages) *bureau {
	t.Helper()
	ctx := context.Background()
	b := &bureau{t: t, dir: dir, now: now, sent: sent}
	var err error
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	b.db, err = store.Open(ctx, store.Config{Dir: filepath.Join(dir, "data"), Now: now.now})
	check(err)
	_, err = b.db.EnsureOrganisation(ctx, "Org")
	check(err)
	library, err := survey.NewLibrary()
	check(err)
	b.waves, err = wave.New(wave.Config{
		Store: b.db, Library: library, Releaser: r, Keys: filepath.Join(dir, "keys"), Zone: dublin, Now: now.now, Rand: rand.Reader,
	})
	check(err)
	b.clock = Clock{
		Waves: b.waves, Store: b.db, Zone: dublin, Now: now.now, Outbox: box{b.db, now, sent},
		Every: time.Hour, Fault: func(err error) { t.Error(err) },
	}
	var once sync.Once
	b.close = func() {
		once.Do(func() {
			b.waves.Close()
			check(b.db.Close())
		})
	}
	t.Cleanup(b.close)
	return b
}

func newBureau(t testing.TB, at time.Time) *bureau {
	b := enterBureau(t, t.TempDir(), &hour{at: at}, &releaser{}, &messages{})
	b.staff(6)
	return b
}

// staff adds people who are not there yet.
func (b *bureau) staff(people int) {
	b.t.Helper()
	root, err := b.db.EnsureOrganisation(context.Background(), "")
	if err != nil {
		b.t.Fatal(err)
	}
	there, err := b.db.People(context.Background())
	if err != nil {
		b.t.Fatal(err)
	}
	var plan survey.ImportPlan
	for i := len(there); i < people; i++ {
		id := fmt.Sprint("p", i)
		plan.Add = append(plan.Add, survey.Person{ID: survey.PersonID(id), Name: id, Unit: root.ID, Active: true})
	}
	if err := b.db.ApplyImport(context.Background(), plan); err != nil {
		b.t.Fatal(err)
	}
}

// firstTuesdays opens at 08:00 on the first Tuesday of each month from
// December 2026, until 20:00 a week later.
func firstTuesdays(since time.Time) survey.Programme {
	return survey.Programme{
		ID: "pulse", Packs: []string{"pulse"}, Repeat: "FREQ=MONTHLY;BYDAY=1TU", Starts: "2026-12-01",
		OpensAt: 8 * 60, OpenDays: 7, ClosesAt: 20 * 60, LeadDays: 14, ResultsDays: 14,
		Reminders: []survey.Reminder{{Days: 2, At: survey.RemindAt}, {Days: 5, At: survey.RemindAt}},
		Owner:     "Ana Ruiz", Contact: "Extension 12", K: 5, Active: true, Since: since,
	}
}

func (b *bureau) add(p survey.Programme) {
	b.t.Helper()
	if err := p.Check(dublin); err != nil {
		b.t.Fatal(err)
	}
	if err := b.db.AddProgramme(context.Background(), p); err != nil {
		b.t.Fatal(err)
	}
}

// tick moves the clock and ticks once.
func (b *bureau) tick(at time.Time) {
	b.t.Helper()
	b.now.set(at)
	if err := b.clock.Tick(context.Background()); err != nil {
		b.t.Fatal(err)
	}
}

// decisions writes "2026-12-01 wave 2026-12 open" for each decided date.
func (b *bureau) decisions(programme string) []string {
	b.t.Helper()
	all, err := b.db.Occurrences(context.Background(), programme)
	if err != nil {
		b.t.Fatal(err)
	}
	lines := []string{}
	for _, d := range all {
		line := d.Date
		if d.Wave != "" {
			w, err := b.waves.Wave(context.Background(), d.Wave)
			if err != nil {
				b.t.Fatal(err)
			}
			line += fmt.Sprintf(" wave %s %s", d.Wave, w.State)
		}
		if d.Skipped != nil {
			line += " " + d.Skipped.Key
		}
		lines = append(lines, line)
	}
	return lines
}

func copyFolder(t testing.TB, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	return to
}
