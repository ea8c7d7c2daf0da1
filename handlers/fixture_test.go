package handlers

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/analytics"
	"attune/static"
	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"

	"github.com/PuerkitoBio/goquery"
)

// The made-up organisation: two departments, one team that is too small to
// be shown and so hides a second one, and a team with a name that tries to
// break out of a page.
const (
	orgID      = survey.UnitID("org")
	childrenID = survey.UnitID("children")
	hospitalID = survey.UnitID("hospital")
	dutyID     = survey.UnitID("duty")
	intakeID   = survey.UnitID("intake")
	longID     = survey.UnitID("long")
	nightID    = survey.UnitID("night")
	dayID      = survey.UnitID("day")
	evilID     = survey.UnitID("evil")

	evilName = `</script><img src=x onerror=alert(1)>`
)

func orgUnits() []survey.Unit {
	return []survey.Unit{
		{ID: orgID, Name: "Riverside Services"},
		{ID: childrenID, Parent: orgID, Name: "Children"},
		{ID: dutyID, Parent: childrenID, Name: "Duty team"},
		{ID: intakeID, Parent: childrenID, Name: "Intake"},
		{ID: longID, Parent: childrenID, Name: "Long-term team"},
		{ID: hospitalID, Parent: orgID, Name: "Hospital"},
		{ID: nightID, Parent: hospitalID, Name: "Night crisis team"},
		{ID: dayID, Parent: hospitalID, Name: "Day clinic"},
		{ID: evilID, Parent: hospitalID, Name: evilName},
	}
}

// headcounts of the teams. Intake has fewer than k = 5 people in every wave.
func headcounts() map[survey.UnitID]int {
	return map[survey.UnitID]int{dutyID: 15, intakeID: 4, longID: 9, nightID: 8, dayID: 24, evilID: 12}
}

// synthetic serves release documents that the real Releaser made.
type synthetic struct{ stored []survey.StoredRelease }

func (s *synthetic) ReleaseIDs(context.Context) ([]survey.WaveID, error) {
	ids := make([]survey.WaveID, len(s.stored))
	for i, r := range s.stored {
		ids[i] = r.Wave
	}
	return ids, nil
}

func (s *synthetic) ReleaseDocument(_ context.Context, id survey.WaveID) (survey.StoredRelease, error) {
	for _, r := range s.stored {
		if r.Wave == id {
			return r, nil
		}
	}
	return survey.StoredRelease{}, fmt.Errorf("no release of %s", id)
}

// releasedOnce makes the documents of a number of monthly waves once for all
// tests: making them is the slow part.
var releasedOnce = sync.OnceValues(func() (*synthetic, error) { return release(8) })

func release(count int) (*synthetic, error) {
	library, err := survey.NewLibrary()
	if err != nil {
		return nil, err
	}
	pulse, err := library.Latest("pulse")
	if err != nil {
		return nil, err
	}
	var people []survey.Person
	for _, u := range orgUnits() {
		for i := range headcounts()[u.ID] {
			people = append(people, survey.Person{ID: survey.PersonID(fmt.Sprint(u.ID, i)), Unit: u.ID, Active: true})
		}
	}
	org, err := survey.Resolve(orgUnits(), people)
	if err != nil {
		return nil, err
	}
	var s synthetic
	chance := rand.New(rand.NewPCG(7, 11)) // a fixed seed: the same organisation every time
	for i := range count {
		closed, err := closedWave(org, pulse, time.Date(2026, time.April, 6, 8, 0, 0, 0, time.UTC).AddDate(0, i, 0), i, chance)
		if err != nil {
			return nil, err
		}
		doc, err := analytics.NewReleaser().Release(context.Background(), closed)
		if err != nil {
			return nil, err
		}
		if doc.Void != "" {
			return nil, fmt.Errorf("wave %s is void: %s", closed.Manifest.Wave, doc.Void)
		}
		s.stored = append(s.stored, survey.StoredRelease{Wave: closed.Manifest.Wave, SHA256: survey.SHA256Hex(doc.JSON), JSON: doc.JSON})
	}
	return &s, nil
}

func closedWave(org survey.Organisation, pulse *survey.Pack, opens time.Time, month int, chance *rand.Rand) (survey.ClosedWave, error) {
	groups, err := survey.FormGroups(org, orgID, 5, func(survey.UnitID) bool { return true })
	if err != nil {
		return survey.ClosedWave{}, err
	}
	sheet, err := survey.NewSheet([]*survey.Pack{pulse})
	if err != nil {
		return survey.ClosedWave{}, err
	}
	id := survey.WaveID(opens.Format("2006-01"))
	w := survey.ClosedWave{
		Manifest: survey.Manifest{
			V: 1, Wave: id, Programme: "pulse", Opens: opens, Closes: opens.AddDate(0, 0, 10),
			K: 5, KC: survey.KC(5), Packs: []survey.PackRef{pulse.Ref()}, People: len(org.Team),
		},
		ManifestSHA256: survey.SHA256Hex([]byte(id)),
		Units:          org.Tree.Units(), Headcount: org.Headcount, Groups: groups, Packs: []*survey.Pack{pulse},
		Ballots: make(map[string][][]byte), Zone: "UTC",
		Changed: func([]survey.UnitID) (int, bool) { return 0, month > 0 },
	}
	for _, g := range groups {
		for _, team := range g.Units {
			answering := max(0, int(math.Round(float64(org.Headcount[team])*(0.72+0.2*chance.Float64()))))
			if team == nightID && month%4 == 2 {
				answering = 4 // too few to be shown in this wave
			}
			for range answering {
				sheet, err := sheet.Encode(answers(pulse, team, month, chance))
				if err != nil {
					return survey.ClosedWave{}, err
				}
				w.Ballots[g.ID] = append(w.Ballots[g.ID], sheet)
			}
		}
	}
	return w, nil
}

// answers are one made-up sheet. The duty team's strain rises over the year.
func answers(pulse *survey.Pack, team survey.UnitID, month int, chance *rand.Rand) survey.Answers {
	strain := 2.3
	if team == dutyID {
		strain += 0.14 * float64(month)
	}
	person := chance.NormFloat64() * 0.6
	a := make(survey.Answers)
	for _, item := range pulse.Items {
		mean := strain + person
		if strings.HasPrefix(item.ID, "cs_") {
			mean = 6 - mean
		}
		a[item.ID] = max(1, min(5, int(math.Round(mean+chance.NormFloat64()*0.8))))
	}
	return a
}

// house is a running server with a real store in a temporary folder.
type house struct {
	*httptest.Server
	t       *testing.T
	store   *store.Store
	archive *analytics.Archive
	site    *static.Site
	log     *strings.Builder
	clock   *clock
}

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// Accounts of the tests. Their passwords are their roles, lengthened.
const (
	adminMail   = "admin@riverside.example"
	hrMail      = "hr@riverside.example"
	managerMail = "lead.children@riverside.example"
	nightMail   = "lead.night@riverside.example"
	auditorMail = "auditor@riverside.example"
	freshMail   = "fresh@riverside.example"
	password    = "correct horse battery"
)

func newHouse(t *testing.T, change ...func(*Config)) *house {
	t.Helper()
	released, err := releasedOnce()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	h := &house{t: t, log: &strings.Builder{}, clock: &clock{time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)}}
	ids := 0
	h.store, err = store.Open(ctx, store.Config{Dir: t.TempDir(), Now: h.clock.now, NewID: func() string {
		if ids++; ids > 1 {
			return fmt.Sprintf("id-%d", ids)
		}
		return string(orgID) // the organisation comes first
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.store.Close() })
	h.site, err = static.New()
	if err != nil {
		t.Fatal(err)
	}
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	waves, err := wave.New(wave.Config{
		Store: h.store, Library: library, Releaser: analytics.NewReleaser(),
		Keys: t.TempDir(), Zone: time.UTC, Now: h.clock.now, Rand: crand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(waves.Close)
	h.archive = analytics.NewArchive(released)
	respondents := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "respondent "+r.Method+" "+r.URL.Path)
	})
	cfg := Config{
		Library: library, Store: h.store, Archive: h.archive, Waves: waves, Site: h.site, Respond: respondents, Language: "en",
		Zone: time.UTC, Now: h.clock.now, Rand: crand.Reader, Log: slog.New(slog.NewTextHandler(h.log, nil)),
	}
	for _, f := range change {
		f(&cfg)
	}
	h.fill(ctx)
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	h.Server = httptest.NewServer(e)
	t.Cleanup(h.Close)
	return h
}

// fill stores the units, the accounts and one planned wave.
func (h *house) fill(ctx context.Context) {
	h.t.Helper()
	hash, err := HashPassword(crand.Reader, password)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.store.EnsureOrganisation(ctx, orgUnits()[0].Name); err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.ApplyImport(ctx, survey.ImportPlan{NewUnits: orgUnits()[1:8]}); err != nil {
		h.t.Fatal(err)
	}
	for _, u := range []store.User{
		{Email: adminMail, Roles: []string{admin}},
		{Email: hrMail, Roles: []string{hr}},
		{Email: managerMail, Roles: []string{manager}, Unit: childrenID},
		{Email: nightMail, Roles: []string{manager}, Unit: nightID},
		{Email: auditorMail, Roles: []string{auditor}},
		{Email: freshMail, Roles: []string{manager}, Unit: dutyID, MustChange: true},
	} {
		u.PasswordHash = hash
		if err := h.store.AddUser(ctx, u); err != nil {
			h.t.Fatal(err)
		}
	}
	opens := time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)
	err = h.store.CreateWave(ctx, survey.Wave{
		ID: "2026-12", Programme: "pulse", State: survey.Planned, Scope: orgID, AllPaper: true,
		Opens: opens, Closes: opens.AddDate(0, 0, 10), ResultsOn: "2027-01-08", Owner: "Ada Owner", Contact: "Support line, extension 12", K: 5,
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// browser keeps cookies and does not follow redirects.
type browser struct {
	*http.Client
	house *house
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{house: h, Client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// as is a browser in which somebody has signed in.
func (h *house) as(email string) *browser {
	h.t.Helper()
	b := h.browser()
	if status, _ := b.post("/console/sign-in", url.Values{"email": {email}, "password": {password}}); status != http.StatusSeeOther {
		h.t.Fatalf("sign in as %s: status %d", email, status)
	}
	return b
}

func (b *browser) get(path string) (int, string) {
	b.house.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.house.URL+path, nil)
	if err != nil {
		b.house.t.Fatal(err)
	}
	response, body := b.do(r)
	return response.StatusCode, body
}

func (b *browser) post(path string, form url.Values) (int, string) {
	b.house.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.house.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.house.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	response, body := b.do(r)
	return response.StatusCode, body
}

func (b *browser) do(r *http.Request) (*http.Response, string) {
	b.house.t.Helper()
	response, err := b.Do(r)
	if err != nil {
		b.house.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.house.t.Fatal(err)
	}
	return response, string(body)
}

// page reads a page that must be there and must be clean.
func (b *browser) page(path string) (*goquery.Document, string) {
	b.house.t.Helper()
	status, body := b.get(path)
	if status != http.StatusOK {
		b.house.t.Fatalf("GET %s: status %d\n%s", path, status, body)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		b.house.t.Fatal(err)
	}
	clean(b.house.t, path, doc, body)
	return doc, body
}
