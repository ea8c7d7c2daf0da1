package handlers

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"encoding/base64"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

// keptHouse is a year house whose pages are made by two consoles on one store:
// one keeps pages and one makes each anew.
type keptHouse struct {
	*yearHouse
	library     *survey.Library // of its own: packs are added to it
	keeps       *console
	kept, fresh http.Handler
	cookies     map[string]*http.Cookie // by e-mail
}

func newKeptHouse(t *testing.T) *keptHouse {
	t.Helper()
	h := &keptHouse{yearHouse: newYearHouse(t), cookies: make(map[string]*http.Cookie)}
	var err error
	h.library, err = survey.NewLibrary()
	must(t, err)
	wire := func() *console {
		con, err := newConsole(Config{
			Store: h.store, Archive: h.archive, Waves: h.waves, Site: h.site, Library: h.library, Language: "en", Zone: time.UTC,
			Now: h.clock.now, Rand: crand.Reader, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Respond: http.NotFoundHandler(),
		})
		must(t, err)
		return con
	}
	h.keeps = wire()
	h.kept = h.keeps.routes(http.NotFoundHandler(), http.NotFoundHandler())
	always := wire()
	always.kept.room, always.states.room = 0, 0
	h.fresh = always.routes(http.NotFoundHandler(), http.NotFoundHandler())
	for _, email := range []string{
		hrMail, managerMail, h.lead("Children / Duty team"), h.lead(nightTeam), "admin.hr@riverside.example", "admin.lead@riverside.example", adminMail, auditorMail,
	} {
		h.signIn(email)
	}
	return h
}

// lead is the manager of a unit.
func (h *keptHouse) lead(path string) string {
	return "lead." + string(h.units[path]) + "@riverside.example"
}

// signIn opens a session that outlasts the year.
func (h *keptHouse) signIn(email string) {
	h.t.Helper()
	token := make([]byte, tokenBytes)
	_, _ = crand.Read(token)
	must(h.t, h.store.CreateSession(context.Background(), store.Session{TokenHash: survey.SHA256Hex(token), Email: email, Expires: h.clock.at.AddDate(1, 0, 0)}))
	h.cookies[email] = &http.Cookie{Name: sessionCookie, Value: base64.RawURLEncoding.EncodeToString(token)}
}

func (h *keptHouse) ask(to http.Handler, email, lang, path string) (int, string) {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", lang)
	r.AddCookie(h.cookies[email])
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// pages are the addresses of all pages that are kept.
func (h *keptHouse) pages() []string {
	all := []string{"/console", heatPath, heatPath + "?measure=sts"}
	for _, path := range []string{"", "Children / Duty team", "Children / Intake"} {
		unit := teamPath(h.units[path])
		if path == "" {
			unit = teamPath(h.root())
		}
		all = append(all, unit, unit+"?print=1", unit+"/answers", unit+"/share", unit+"/share?in=fr")
	}
	return all
}

// alike visits every page as everybody, with and without what is kept, and
// fails where a byte differs. It gives the pages by reader and address.
func (h *keptHouse) alike(after string) map[string]string {
	h.t.Helper()
	seen := make(map[string]string)
	for i, email := range slices.Sorted(maps.Keys(h.cookies)) {
		lang := []string{"en", "fr", "es"}[i%3]
		for _, path := range h.pages() {
			status, want := h.ask(h.fresh, email, lang, path)
			got, body := h.ask(h.kept, email, lang, path)
			if got != status || body != want {
				h.t.Errorf("after %s %s reads another %s than there is: status %d, want %d; they differ from byte %d", after, email, path, got, status, differ(body, want))
			}
			seen[email+" "+path] = body
		}
	}
	return seen
}

func differ(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// TestAKeptPageIsTheOneThatWouldBeMadeNow changes, one after the other,
// everything that a page could tell of, and holds the pages that are kept
// against pages that are made anew: of every role, in every language.
func TestAKeptPageIsTheOneThatWouldBeMadeNow(t *testing.T) {
	h := newKeptHouse(t)
	ctx := context.Background()
	duty, lead := h.units["Children / Duty team"], h.lead("Children / Duty team")
	var action, event string
	before := h.alike("nothing")
	for _, change := range []struct {
		what   string
		do     func() error
		unseen bool // no kept page tells of it
	}{
		{"an event of the team", func() (err error) {
			event, err = h.store.AddEvent(ctx, survey.Event{Unit: duty, Kind: survey.EventTraining, Day: "2026-04-10", Title: "A day off the floor", By: lead})
			return err
		}, false},
		{"an event of the department after which the usual range begins anew", func() error {
			_, err := h.store.AddEvent(ctx, survey.Event{Unit: h.units["Children"], Kind: survey.EventReorganisation, Day: "2026-05-10", Title: "New shifts", Anew: true, By: lead})
			return err
		}, false},
		{"an event that was removed", func() error {
			_, err := h.store.RemoveEvent(ctx, duty, event)
			return err
		}, false},
		{"an action", func() (err error) {
			action, err = h.store.AddAction(ctx, survey.Action{Unit: duty, Added: h.clock.at, AddedBy: lead, ActionState: survey.ActionState{
				Text: "Handover at noon", Owner: "Ada Owner", Due: h.clock.at.AddDate(0, 0, 16).Format(time.DateOnly), Status: survey.ActionPlanned,
			}})
			return err
		}, false},
		{"two days, so that the action is due soon", func() error { h.clock.at = h.clock.at.AddDate(0, 0, 2); return nil }, false},
		{"a fortnight, so that it is due today", func() error { h.clock.at = h.clock.at.AddDate(0, 0, 14); return nil }, false},
		{"another owner", func() error {
			return h.store.SaveAction(ctx, action, 1, survey.ActionEdit{By: lead, At: h.clock.at, ActionState: survey.ActionState{
				Text: "Handover at noon", Owner: "Bea Owner", Due: h.clock.at.Format(time.DateOnly), Status: survey.ActionPlanned,
			}}, nil)
		}, false},
		{"a comment", func() error {
			return h.store.CommentAction(ctx, action, survey.ActionComment{Text: "Begun", By: lead, At: h.clock.at})
		}, true},
		{"an action that was removed", func() error { return h.store.RemoveAction(ctx, action) }, false},
		{"a promise that was kept", func() error {
			return h.store.ShareResults(ctx, survey.Sharing{Wave: h.releases[yearWaves-1].Wave(), Unit: h.root(), Day: h.clock.at.Format(time.DateOnly), By: lead})
		}, false},
		{"answers of leaders", func() error {
			leaders, err := survey.NewLeaderLibrary()
			if err != nil {
				return err
			}
			pack, err := leaders.Latest(policyAudit)
			if err != nil {
				return err
			}
			return h.store.StartLeaderAudit(ctx, survey.LeaderAudit{ID: "audit", Pack: pack.ID, Version: pack.Version, Unit: duty, Started: h.clock.at, StartedBy: lead})
		}, false},
		{"a team that moved", func() error { return h.store.MoveUnit(ctx, h.units[nightTeam], h.units["Children"]) }, false},
		{"another name of the organisation", func() error {
			_, err := h.store.EnsureOrganisation(ctx, "Seaside Services")
			return err
		}, false},
		{"a colour", func() error {
			return h.store.Rebrand(ctx, func(b *survey.Branding) error { b.Accent = "#8a1c4a"; return nil })
		}, false},
		{"a language less", func() error {
			return h.store.Rebrand(ctx, func(b *survey.Branding) error { b.Languages, b.Language = []string{"en", "fr"}, "en"; return nil })
		}, false},
		{"a pack of its own", func() error {
			_, faults, err := h.library.Add([]byte(smallPack))
			if len(faults) > 0 {
				t.Fatal(faults)
			}
			return err
		}, true},
		{"another part of a manager", func() error { return h.store.ChangeUser(ctx, lead, []string{manager}, h.units["Children"]) }, false},
		{"another role", func() error { return h.store.ChangeUser(ctx, lead, []string{hr}, "") }, false},
		{"a role less", func() error { return h.store.ChangeUser(ctx, lead, []string{auditor}, "") }, false},
		{"a session that ended", func() error { return h.store.DeleteSessionsOf(ctx, managerMail) }, false},
		{"a new wave", func() error {
			face := h.announce(ctx, h.clock.at.AddDate(0, 0, 28), true)
			h.clock.at = face.Opens
			return nil
		}, false},
		{"its opening", func() error { return h.waves.Tick(ctx) }, false},
		{"a new release", func() error {
			faces, err := h.waves.OpenWaves(ctx)
			if err != nil {
				return err
			}
			h.answerYear(ctx, yearWaves, faces[0])
			h.clock.at = faces[0].Closes
			return h.waves.Tick(ctx)
		}, false},
		{"another name of the team, which the figures keep", func() error { return h.store.RenameUnit(ctx, duty, "Duty and Assessment") }, false},
	} {
		must(t, change.do())
		now := h.alike(change.what)
		if alike := maps.Equal(before, now); alike != change.unseen {
			t.Errorf("after %s no page tells of it: %t, expected %t", change.what, alike, change.unseen)
		}
		before = now
	}
	if releases, err := h.archive.Releases(ctx); err != nil || len(releases) != yearWaves+1 {
		t.Errorf("%d releases, %v", len(releases), err)
	}
}

// smallPack is a pack of the organisation's own.
const smallPack = `id: break-room
version: "1.0"
title: {en: Break room}
languages: [en]
provenance: {en: {drafted: "a test"}}
licence: own
credit: Harbour (made up)
citation: [none]
disclaimer: {en: No diagnosis.}
audience: staff
confidentiality: anonymous
recall_window: {en: Choose.}
minutes: 1
responses:
  agree: [{value: 1, label: {en: "No"}}, {value: 2, label: {en: "Yes"}}]
default_response: agree
items:
  - {id: own_quiet, text: {en: It is quiet.}, topic: sustains, rationale: A test.}
scales: []
`

// TestAKeptPageIsGivenToNobodyWithOtherRights writes over everything that is
// kept, so that it can be seen who is given what.
func TestAKeptPageIsGivenToNobodyWithOtherRights(t *testing.T) {
	h := newKeptHouse(t)
	ctx := context.Background()
	hash, err := HashPassword(crand.Reader, password)
	must(t, err)
	const other = "hr.too@riverside.example"
	must(t, h.store.AddUser(ctx, store.User{Email: other, Roles: []string{hr}, PasswordHash: hash}))
	h.signIn(other)
	const marker = "kept for HR"
	for _, path := range h.pages() {
		if status, _ := h.ask(h.kept, hrMail, "en", path); status != http.StatusOK {
			t.Fatalf("HR at %s: status %d", path, status)
		}
	}
	for _, m := range h.keeps.kept.young {
		m.give = func() ([]byte, error) { return []byte(marker), nil }
	}
	for _, path := range h.pages() {
		if _, body := h.ask(h.kept, other, "en", path); body != marker {
			t.Errorf("%s was made again for somebody with the same rights", path)
		}
		if _, body := h.ask(h.kept, hrMail, "fr", path); body == marker {
			t.Errorf("%s was given in another language", path)
		}
		for email := range h.cookies {
			if _, body := h.ask(h.kept, email, "en", path); body == marker && email != hrMail && email != other {
				t.Errorf("%s was given to %s", path, email)
			}
		}
	}
}

// The organisation's colour is read when a page is looked up and again when it
// is made: a page of two colours is not kept for the one that comes back.
func TestAPageThatAChangeOvertookIsMadeAgain(t *testing.T) {
	h := newKeptHouse(t)
	colour := func(accent string) error {
		return h.store.Rebrand(context.Background(), func(b *survey.Branding) error { b.Accent = accent; return nil })
	}
	ask := func(meanwhile func() error) string {
		w := httptest.NewRecorder()
		c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/console", nil), w)
		must(t, h.keeps.keptPage(c, viewer{}, "home", basis{}, func(s speech, v viewer) (any, error) {
			err := meanwhile() // before the page looks at the colour
			return homePage{frame: h.keeps.frame(s.lang, "console.overview.title", &v, consolePath), Auditor: true}, err
		}))
		return w.Body.String()
	}
	plain := ask(func() error { return nil })
	must(t, colour("#004d40"))
	ask(func() error { return colour("#8a1c4a") })
	wine := ask(func() error { return nil })
	must(t, colour("#004d40"))
	teal := ask(func() error { return nil })
	must(t, colour(""))
	if plain == wine || wine == teal || teal == plain || ask(func() error { return nil }) != plain {
		t.Error("two colours have one page")
	}
	h.keeps.kept.room = 0
	must(t, colour("#004d40"))
	if ask(func() error { return nil }) != teal {
		t.Error("a page of another colour was kept")
	}
}

// Everything that a page is made of is in its key: nothing of it may change
// without another key.
func TestEverythingThatAKeptPageIsMadeOfIsInItsKey(t *testing.T) {
	h := newYearHouse(t)
	v := viewer{User: store.User{Email: "a@b.example", PasswordHash: "x", Roles: []string{manager}, Unit: "u"}, Organisation: "Org"}
	of := func() basis {
		return basis{h.releases[:2], []any{
			[]survey.Event{{ID: "e", Unit: "u", Kind: survey.EventAction, Day: "2026-04-10", Title: "T"}},
			[]survey.Action{{ID: "a", Unit: "u", ActionState: survey.ActionState{Text: "T"}}},
			[]dueLine{{Path: "p", Text: "t", Unit: "u", When: "w"}},
			[]link{{"p", "n"}},
		}}
	}
	s := h.voice(t, "en")
	s.con.library, _ = survey.NewLibrary()
	s.con.brands, s.con.now = unbranded{}, h.clock.now
	keys := make(map[string]string) // what was changed, by key
	note := func(what string, s speech, page, address string, v viewer, of basis) {
		t.Helper()
		key, err := s.basisKey(page, address, v.rights(), of)
		must(t, err)
		if other, twice := keys[key]; twice {
			t.Errorf("%s has the same key as %s", what, other)
		}
		keys[key] = what
	}
	note("the page itself", s, "team", "/a", v, of())
	note("another template", s, "share", "/a", v, of())
	note("another address", s, "team", "/a?b", v, of())
	note("another language", speech{con: s.con, lang: "fr"}, "team", "/a", v, of())
	for name, change := range map[string]func(v *viewer){
		"roles": func(v *viewer) { v.Roles = []string{manager, hr} }, "unit": func(v *viewer) { v.Unit = "w" },
		"organisation": func(v *viewer) { v.Organisation = "Gro" }, "names": func(v *viewer) { v.names = true },
	} {
		other := v
		change(&other)
		note("another viewer's "+name, s, "team", "/a", other, of())
	}
	fewer := of()
	fewer.releases = h.releases[1:2]
	note("other releases", s, "team", "/a", v, fewer)
	// Every field of everything that was read, one after the other.
	for i := range of().read {
		element := reflect.TypeOf(of().read[i]).Elem()
		for _, field := range reflect.VisibleFields(element) {
			if !field.IsExported() || field.Anonymous || field.Type.Kind() == reflect.Struct && field.Type != reflect.TypeFor[time.Time]() {
				continue
			}
			other := of()
			at := reflect.ValueOf(other.read[i]).Index(0).FieldByIndex(field.Index)
			switch at.Kind() {
			case reflect.String:
				at.SetString(at.String() + "!")
			case reflect.Bool:
				at.SetBool(!at.Bool())
			case reflect.Int:
				at.SetInt(at.Int() + 1)
			default:
				at.Set(reflect.ValueOf(time.Unix(1, 0)))
			}
			note("another "+element.Name()+"."+field.Name, s, "team", "/a", v, other)
		}
	}
	branded := speech{con: &console{site: s.con.site, library: s.con.library, brands: h.store, now: h.clock.now}, lang: s.lang}
	for what, change := range map[string]func(*survey.Branding){
		"a colour": func(b *survey.Branding) { b.Accent = "#8a1c4a" },
		"a logo": func(b *survey.Branding) {
			b.Logo = survey.Logo{PNG: []byte("logo"), Width: 40, Height: 20, SHA256: survey.SHA256Hex([]byte("logo"))}
		},
		"other languages": func(b *survey.Branding) { b.Languages = []string{"en", "fr"} },
		"another default": func(b *survey.Branding) { b.Language = "fr" },
	} {
		must(t, h.store.Rebrand(context.Background(), func(b *survey.Branding) error {
			*b = survey.Branding{Language: "en"}
			change(b)
			return nil
		}))
		note(what, branded, "team", "/a", v, of())
	}
	_, _, err := s.con.library.Add([]byte(smallPack))
	must(t, err)
	note("another pack", s, "team", "/a", v, of())

	same := v
	same.Email, same.PasswordHash = "c@d.example", "y"
	one, err := s.basisKey("team", "/a", v.rights(), of())
	must(t, err)
	two, err := s.basisKey("team", "/a", same.rights(), of())
	must(t, err)
	if one != two || !strings.Contains(keys[one], "pack") {
		t.Error("two people with the same rights have two keys")
	}
	if bytes.Contains([]byte(one), []byte("b.example")) {
		t.Error("a key tells whose it is")
	}
}
