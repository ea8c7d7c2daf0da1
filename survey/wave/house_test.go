package wave

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// start is an arbitrary morning that all tests count from.
var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// clock is the time of a test; it moves by hand and may be read by several
// goroutines.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// recorder is a Releaser that keeps what it was given. Its document lists the
// sheets, so that a stored release shows which ballots went into it.
type recorder struct {
	mu     sync.Mutex
	waves  []survey.ClosedWave
	before func(survey.ClosedWave) error // called first; an error ends the release
	void   string
	opaque bool // the document says nothing about the sheets
}

func (r *recorder) Release(_ context.Context, w survey.ClosedWave) (survey.ReleaseDocument, error) {
	r.mu.Lock()
	r.waves = append(r.waves, w)
	before, void, opaque := r.before, r.void, r.opaque
	r.mu.Unlock()
	if before != nil {
		if err := before(w); err != nil {
			return survey.ReleaseDocument{}, err
		}
	}
	if void != "" {
		return survey.ReleaseDocument{Void: void}, nil
	}
	document := map[string]any{"wave": w.Manifest.Wave}
	if !opaque {
		document["sheets"] = sheetsOf(w)
	}
	raw, err := survey.Canonical(document)
	return survey.ReleaseDocument{JSON: raw}, err
}

func (r *recorder) calls() []survey.ClosedWave {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]survey.ClosedWave(nil), r.waves...)
}

// sheetsOf lists "group:sheet in hex" of every ballot, sorted.
func sheetsOf(w survey.ClosedWave) []string {
	all := []string{}
	for group, sheets := range w.Ballots {
		for _, s := range sheets {
			all = append(all, group+":"+hex.EncodeToString(s))
		}
	}
	sort.Strings(all)
	return all
}

// house is one process on one data folder.
type house struct {
	*Waves
	t        testing.TB
	dir      string
	db       *store.Store
	clock    *clock
	releaser *recorder
	units    map[string]survey.UnitID // by path
}

type option func(*Config)

func flush(d time.Duration) option { return func(c *Config) { c.Flush = d } }

// process starts a process on a data folder that may exist already. Ids of
// units and people are given by the store.
func process(t testing.TB, dir string, at time.Time, options ...option) *house {
	t.Helper()
	h := &house{t: t, dir: dir, clock: &clock{at: at}, releaser: &recorder{}, units: make(map[string]survey.UnitID)}
	var err error
	h.db, err = store.Open(context.Background(), store.Config{Dir: filepath.Join(dir, "data"), Now: h.clock.now})
	must(t, err)
	library, err := survey.NewLibrary()
	must(t, err)
	cfg := Config{
		Store: h.db, Library: library, Releaser: h.releaser, Keys: filepath.Join(dir, "keys"),
		Zone: time.UTC, Now: h.clock.now, Rand: rand.Reader,
	}
	for _, o := range options {
		o(&cfg)
	}
	h.Waves, err = New(cfg)
	must(t, err)
	closed := false
	t.Cleanup(func() { h.stop(&closed) })
	return h
}

func (h *house) stop(closed *bool) {
	if *closed {
		return
	}
	*closed = true
	h.Waves.Close()
	if err := h.db.Close(); err != nil {
		h.t.Error(err)
	}
}

// team is a line of a staff list.
type team struct {
	path string
	n    int
}

// newHouse is a process on a new folder with these teams.
func newHouse(t testing.TB, teams []team, options ...option) *house {
	t.Helper()
	h := process(t, t.TempDir(), start, options...)
	_, err := h.db.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	h.staff(teams)
	return h
}

// staff imports a staff list in place of the one before. People are named by
// team and number; "name=" before a path gives them another name, "name#3="
// also the first number.
func (h *house) staff(teams []team) {
	h.t.Helper()
	var rows []survey.PersonRow
	for _, tm := range teams {
		name, path, renamed := strings.Cut(tm.path, "=")
		if !renamed {
			name, path = tm.path, tm.path
		}
		first := 0
		if plain, number, ok := strings.Cut(name, "#"); ok {
			var err error
			first, err = strconv.Atoi(number)
			must(h.t, err)
			name = plain
		}
		for i := first; i < first+tm.n; i++ {
			slug := strings.ToLower(strings.NewReplacer(" ", "", "/", "-").Replace(name))
			rows = append(rows, survey.PersonRow{Line: len(rows) + 2, Email: fmt.Sprintf("%s.%d@example.org", slug, i), Name: fmt.Sprintf("%s %d", name, i), Unit: path})
		}
	}
	ctx := context.Background()
	units, err := h.db.Units(ctx)
	must(h.t, err)
	tree, err := survey.NewTree(units)
	must(h.t, err)
	people, err := h.db.People(ctx)
	must(h.t, err)
	n := 0
	stamp := hex.EncodeToString(fmt.Appendf(nil, "%d", len(people)))
	plan, faults := survey.PlanImport(tree, people, rows, func() string { n++; return fmt.Sprintf("id%s%04d", stamp, n) })
	if len(faults) > 0 {
		h.t.Fatalf("staff list: %v", faults[0].Error)
	}
	must(h.t, h.db.ApplyImport(ctx, plan))
	units, err = h.db.Units(ctx)
	must(h.t, err)
	tree, err = survey.NewTree(units)
	must(h.t, err)
	for _, u := range tree.Units() {
		h.units[tree.Path(u.ID)] = u.ID
	}
}

// request is a plan that nothing is wrong with: a week from start+offset on.
func request(offset time.Duration) Request {
	opens := start.Add(offset)
	return Request{
		Packs: []string{"pulse"}, Opens: opens, Closes: opens.Add(7 * day), Owner: "Ana Ruiz",
		ResultsOn: opens.Add(14 * day).Format(time.DateOnly), Contact: "Extension 12, day and night", AllPaper: true,
	}
}

func (h *house) plan(r Request) survey.Wave {
	h.t.Helper()
	w, err := h.Plan(context.Background(), r)
	must(h.t, err)
	return w
}

// announced plans and announces a wave that opens a day after start.
func (h *house) announced() survey.Wave {
	h.t.Helper()
	w := h.plan(request(day))
	_, err := h.Announce(context.Background(), w.ID)
	must(h.t, err)
	return h.wave(w.ID)
}

// opened is an announced wave at the moment of its opening.
func (h *house) opened() survey.Wave {
	h.t.Helper()
	w := h.announced()
	h.clock.set(w.Opens)
	h.tick()
	return h.wave(w.ID)
}

func (h *house) tick() {
	h.t.Helper()
	must(h.t, h.Tick(context.Background()))
}

func (h *house) wave(id survey.WaveID) survey.Wave {
	h.t.Helper()
	w, err := h.Wave(context.Background(), id)
	must(h.t, err)
	return w
}

func (h *house) wantState(id survey.WaveID, want survey.State) {
	h.t.Helper()
	if got := h.wave(id).State; got != want {
		h.t.Fatalf("wave %s is %s, want %s", id, got, want)
	}
}

// codes are the paper codes of a wave, by the path of the group's first team.
func (h *house) codes(id survey.WaveID) map[string][]string {
	h.t.Helper()
	slips, err := h.Slips(context.Background(), id, "")
	must(h.t, err)
	codes := make(map[string][]string)
	for _, s := range slips {
		codes[s.Teams[0]] = append(codes[s.Teams[0]], s.Code)
	}
	return codes
}

// cast puts in a ballot and gives what has to come out of its box.
func (h *house) castPaper(code string, a survey.Answers) string {
	h.t.Helper()
	receipt, err := h.CastPaper(context.Background(), code, a)
	must(h.t, err)
	return string(h.units[receipt.Teams[0]]) + ":" + h.encoded(a)
}

func (h *house) sheet() survey.Sheet {
	h.t.Helper()
	pack, err := h.Waves.cfg.Library.Latest("pulse")
	must(h.t, err)
	sheet, err := survey.NewSheet([]*survey.Pack{pack})
	must(h.t, err)
	return sheet
}

func (h *house) encoded(a survey.Answers) string {
	h.t.Helper()
	raw, err := h.sheet().Encode(a)
	must(h.t, err)
	return hex.EncodeToString(raw)
}

// answers are the digits of n to base 5, one an item of pulse, so that every n
// below 5^15 has answers of its own.
func (h *house) answers(n int) survey.Answers {
	h.t.Helper()
	a := make(survey.Answers)
	for _, item := range h.sheet().Items() {
		a[item.ID] = item.Options()[n%5].Value
		n /= 5
	}
	return a
}

// entries counts the entries of a kind that the public log has for a wave.
func (h *house) entries(id survey.WaveID, kind survey.EntryKind) int {
	h.t.Helper()
	log, err := h.Log(context.Background())
	must(h.t, err)
	must(h.t, survey.VerifyChain(log))
	n := 0
	for _, e := range log {
		if e.Wave == id && e.Kind == kind {
			n++
		}
	}
	return n
}

// rows counts the rows that a query finds in a database file.
func (h *house) rows(file, query string, args ...any) int {
	h.t.Helper()
	n := 0
	must(h.t, h.raw(file).QueryRow(query, args...).Scan(&n))
	return n
}

// raw opens a database file behind the store's back.
func (h *house) raw(file string) *sql.DB {
	h.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(h.dir, "data", file)+"?_busy_timeout=5000")
	must(h.t, err)
	h.t.Cleanup(func() { _ = db.Close() })
	return db
}

func (h *house) exec(file, statement string, args ...any) {
	h.t.Helper()
	done, err := h.raw(file).Exec(statement, args...)
	must(h.t, err)
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		h.t.Fatalf("%s: changed %d rows: %v", statement, n, err)
	}
}

// wantGone checks that nothing is left of a wave but its end.
func (h *house) wantGone(id survey.WaveID) {
	h.t.Helper()
	if n := h.rows("ballots.db", "SELECT count(*) FROM boxes WHERE wave = ?", string(id)); n != 0 {
		h.t.Errorf("%d boxes of wave %s are left", n, id)
	}
	if n := h.rows("people.db", "SELECT count(*) FROM issuance WHERE wave = ?", string(id)); n != 0 {
		h.t.Errorf("%d rows of issuance of wave %s are left", n, id)
	}
	left, err := filepath.Glob(filepath.Join(h.dir, "keys", string(id)+".*"))
	must(h.t, err)
	if len(left) != 0 {
		h.t.Errorf("keys of wave %s are left: %v", id, left)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKey(t testing.TB, err error, key string) {
	t.Helper()
	if !survey.IsKey(err, key) {
		t.Fatalf("got %v, want %s", err, key)
	}
}

func wantArg(t testing.TB, err error, name, want string) {
	t.Helper()
	var e *survey.Error
	if !errors.As(err, &e) || fmt.Sprint(e.Args[name]) != want {
		t.Fatalf("got %v, want %s=%s", err, name, want)
	}
}

// copyFolder copies a data folder with its keys, as a kill at this moment
// would leave it.
func copyFolder(t testing.TB, from string) string {
	t.Helper()
	to := t.TempDir()
	must(t, os.CopyFS(to, os.DirFS(from)))
	for _, sub := range []string{"data", "keys"} {
		must(t, os.Chmod(filepath.Join(to, sub), 0o700))
	}
	return to
}
