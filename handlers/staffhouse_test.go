package handlers

import (
	"context"
	crand "crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/analytics"
	"attune/static"
	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"
)

// staffHouse is a server with a released wave, a void one and an announced
// one whose tickets can be collected, all made by the real pipeline on a real
// store.
type staffHouse struct {
	*house
	dir   string
	waves *wave.Waves
	units map[string]survey.UnitID // by path
	cast  int                      // ballots so far
}

// Waves of the staff house.
const (
	releasedWave  = survey.WaveID("2026-03")
	voidWave      = survey.WaveID("2026-04")
	announcedWave = survey.WaveID("2026-05")
)

// staffTeams has two teams in Children that are shown together, because
// Intake has fewer than k people. The numbers are people and answers.
func staffTeams() []struct {
	path            string
	people, answers int
} {
	return []struct {
		path            string
		people, answers int
	}{
		{"Children / Duty team", 14, 12},
		{"Children / Intake", 4, 3},
		{"Children / Long-term team", 9, 8},
		{"Hospital / Night crisis team", 8, 7},
		{"Hospital / Day clinic", 11, 10},
	}
}

func newStaffHouse(t *testing.T) *staffHouse {
	t.Helper()
	return newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) { h.history(ctx) })
}

// newStaffHouseWith is a staff house with another history.
func newStaffHouseWith(t *testing.T, history func(context.Context, *staffHouse)) *staffHouse {
	t.Helper()
	ctx := context.Background()
	h := &staffHouse{dir: t.TempDir(), units: make(map[string]survey.UnitID), house: &house{
		t: t, log: &strings.Builder{}, clock: &clock{time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)},
	}}
	var err error
	h.store, err = store.Open(ctx, store.Config{Dir: filepath.Join(h.dir, "data"), Now: h.clock.now})
	must(t, err)
	t.Cleanup(func() { _ = h.store.Close() })
	h.site, err = static.New()
	must(t, err)
	library, err := survey.NewLibrary()
	must(t, err)
	h.waves, err = wave.New(wave.Config{
		Store: h.store, Library: library, Releaser: analytics.NewReleaser(), Keys: filepath.Join(h.dir, "keys"), Zone: time.UTC,
		Now: h.clock.now, Rand: crand.Reader, Client: survey.ClientOf(h.site.Content), PublicURL: "https://survey.riverside.example",
	})
	must(t, err)
	t.Cleanup(h.waves.Close)
	h.archive = analytics.NewArchive(h.store)
	h.staffList(ctx)
	history(ctx, h)
	e, err := New(Config{
		Store: h.store, Archive: h.archive, Waves: h.waves, Site: h.site, Language: "en", Zone: time.UTC, Now: h.clock.now,
		Rand: crand.Reader, Log: slog.New(slog.NewTextHandler(h.log, nil)), PublicURL: "https://survey.riverside.example",
		Respond: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "respondent "+r.URL.Path) }),
	})
	must(t, err)
	h.Server = httptest.NewServer(e)
	t.Cleanup(h.Close)
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *staffHouse) staffList(ctx context.Context) {
	h.t.Helper()
	_, err := h.store.EnsureOrganisation(ctx, "Riverside Services")
	must(h.t, err)
	var rows []survey.PersonRow
	for _, team := range staffTeams() {
		for range team.people {
			n := len(rows)
			rows = append(rows, survey.PersonRow{Line: n + 2, Email: fmt.Sprintf("staff%d@riverside.example", n), Name: fmt.Sprintf("Person %d", n), Unit: team.path})
		}
	}
	units, err := h.store.Units(ctx)
	must(h.t, err)
	tree, err := survey.NewTree(units)
	must(h.t, err)
	n := 0
	plan, faults := survey.PlanImport(tree, nil, rows, func() string { n++; return fmt.Sprintf("id%04d", n) })
	if len(faults) > 0 {
		h.t.Fatal(faults[0].Error)
	}
	must(h.t, h.store.ApplyImport(ctx, plan))
	units, err = h.store.Units(ctx)
	must(h.t, err)
	tree, err = survey.NewTree(units)
	must(h.t, err)
	for _, u := range tree.Units() {
		h.units[tree.Path(u.ID)] = u.ID
	}
	hash, err := HashPassword(crand.Reader, password)
	must(h.t, err)
	for _, u := range []store.User{
		{Email: adminMail, Roles: []string{admin}},
		{Email: hrMail, Roles: []string{hr}},
		{Email: auditorMail, Roles: []string{auditor}},
		{Email: managerMail, Roles: []string{manager}, Unit: h.units["Children"]},
	} {
		u.PasswordHash = hash
		must(h.t, h.store.AddUser(ctx, u))
	}
}

// history leads the waves to where the tests find them.
func (h *staffHouse) history(ctx context.Context) {
	h.t.Helper()
	first := h.announce(ctx, h.clock.at.AddDate(0, 0, 1), true)
	h.clock.at = first.Opens
	must(h.t, h.waves.Tick(ctx))
	slips, err := h.waves.Slips(ctx, first.ID, "")
	must(h.t, err)
	left := make(map[string][]string)
	for _, s := range slips {
		left[s.Group] = append(left[s.Group], s.Code)
	}
	for _, team := range staffTeams() {
		for group, codes := range left {
			if !strings.Contains(fmt.Sprint(h.teamsOf(ctx, first.ID, group)), team.path) {
				continue
			}
			for i := range team.answers {
				a := survey.Answers{}
				for j, item := range first.Packs[0].Items {
					a[item.ID] = item.Options()[(h.cast+i+j)%5].Value
				}
				_, err := h.waves.CastPaper(ctx, codes[i], a)
				must(h.t, err)
			}
			left[group] = codes[team.answers:]
			h.cast += team.answers
			break
		}
	}
	h.clock.at = first.Closes
	must(h.t, h.waves.Tick(ctx))
	second := h.announce(ctx, time.Date(2026, 4, 2, 9, 0, 0, 0, time.UTC), true)
	must(h.t, h.waves.Void(ctx, second.ID, "wrong dates"))
	h.announce(ctx, time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), false)
}

func (h *staffHouse) teamsOf(ctx context.Context, id survey.WaveID, group string) []string {
	h.t.Helper()
	leaves, err := h.waves.Leaves(ctx, id)
	must(h.t, err)
	for _, leaf := range leaves {
		if leaf.Group == group {
			return leaf.Units
		}
	}
	return nil
}

func (h *staffHouse) announce(ctx context.Context, opens time.Time, paper bool) survey.OpenWave {
	h.t.Helper()
	planned, err := h.waves.Plan(ctx, wave.Request{
		Packs: []string{"pulse"}, Opens: opens, Closes: opens.AddDate(0, 0, 10), Owner: "Ada Owner",
		ResultsOn: opens.AddDate(0, 0, 20).Format(time.DateOnly), Contact: "Support line, extension 12\nevery day", AllPaper: paper,
	})
	must(h.t, err)
	face, err := h.waves.Announce(ctx, planned.ID)
	must(h.t, err)
	return face
}

// link is the path of a unit's results.
func (h *staffHouse) link(id survey.WaveID, path string) string {
	h.t.Helper()
	unit, ok := h.units[path]
	if !ok {
		h.t.Fatalf("no unit %s in %v", path, h.units)
	}
	whole, err := h.waves.ResultsLink(context.Background(), id, unit)
	must(h.t, err)
	link, ok := strings.CutPrefix(whole, "https://survey.riverside.example")
	if !ok {
		h.t.Fatalf("the link is %s", whole)
	}
	return link
}

// fetch gets a page in a language and without any cookie.
func (h *staffHouse) fetch(path, lang string) (*http.Response, string) {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, h.URL+path, nil)
	must(h.t, err)
	r.Header.Set("Accept-Language", lang)
	return h.browser().do(r)
}

// change alters a database behind the server's back.
func (h *staffHouse) change(file, statement string, args ...any) {
	h.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(h.dir, "data", file)+"?_busy_timeout=5000")
	must(h.t, err)
	defer func() { _ = db.Close() }()
	done, err := db.Exec(statement, args...)
	must(h.t, err)
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		h.t.Fatalf("%s: %d rows, %v", statement, n, err)
	}
}
