package handlers

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"

	"github.com/PuerkitoBio/goquery"
	"github.com/labstack/echo/v4"
)

// What follows from a form decides how it is asked (docs/architecture.md).
const (
	takenBack = "taken back" // done at once; the notice that says so has the form that takes it back
	askedSure = "asked sure" // cannot be taken back: a box has to be ticked that says what follows
	shownThen = "shown then" // cannot be taken back: a page before it shows what would happen
	harmless  = "harmless"   // nothing follows that anybody would want back
)

// consequence is what follows from one route, and why where that is not plain.
type consequence struct{ kind, why string }

// consequences is the table of everything that forms of the console do. A new
// route is one line here.
func consequences() map[string]consequence {
	return map[string]consequence{
		"/console/sign-in":  {harmless, "a session"},
		"/console/sign-out": {harmless, "the end of one"},
		"/console/language": {harmless, "chosen again with a tap"},
		"/console/password": {harmless, "only with the present password, typed on the same page"},

		"/console/teams/:unit/events":                        {takenBack, ""},
		"/console/teams/:unit/events/remove":                 {takenBack, ""},
		"/console/actions":                                   {takenBack, ""},
		"/console/actions/shared":                            {takenBack, ""},
		"/console/actions/:action":                           {takenBack, ""},
		"/console/actions/:action/undo":                      {takenBack, "by itself: one step more each time"},
		"/console/actions/:action/comments":                  {takenBack, ""},
		"/console/actions/:action/comments/remove":           {harmless, "only ever the way back from a comment of one's own"},
		"/console/actions/:action/remove":                    {askedSure, ""},
		"/console/teams/:unit/notes/:wave":                   {harmless, "a draft, which nobody is shown before it is published"},
		"/console/teams/:unit/notes/:wave/publish":           {takenBack, ""},
		"/console/teams/:unit/notes/:wave/withdraw":          {takenBack, ""},
		"/console/incidents/preview":                         {harmless, "it shows what an offer would do"},
		"/console/incidents":                                 {shownThen, "letters go out at once"},
		"/console/incidents/:offer/end":                      {askedSure, ""},
		"/console/leaders":                                   {takenBack, ""},
		"/console/leaders/audits/:audit/entries/:entry":      {takenBack, ""},
		"/console/leaders/audits/:audit/entries/:entry/undo": {takenBack, "by itself: one step more each time"},
		"/console/leaders/audits/:audit/discard":             {harmless, "only ever the way back from a beginning with no answer"},
		"/console/leaders/audits/:audit/finish":              {askedSure, ""},
		"/console/organisation/:unit/change":                 {takenBack, "moves, additions and removals are shown first as well"},
		"/console/people/new":                                {takenBack, ""},
		"/console/people/:person":                            {takenBack, ""},
		"/console/people/:person/leave":                      {takenBack, ""},
		"/console/people/import":                             {harmless, "it shows what a list would change"},
		"/console/people/import/take":                        {shownThen, ""},
		"/console/programmes/new":                            {shownThen, "the page before shows the year that it would give; a new programme can be stopped in its notice"},
		"/console/programmes/:programme/change":              {shownThen, "the page before shows what would change"},
		"/console/programmes/:programme/pause":               {takenBack, ""},
		"/console/programmes/:programme/resume":              {takenBack, ""},
		"/console/programmes/:programme/stop":                {takenBack, ""},
		"/console/waves/plan":                                {harmless, "nobody is told of a wave before it is announced, and it can be ended on the page that follows"},
		"/console/waves/:wave/announce":                      {askedSure, ""},
		"/console/waves/:wave/void":                          {askedSure, ""},
		"/console/users":                                     {takenBack, ""},
		"/console/users/:user":                               {takenBack, ""},
		"/console/users/:user/password":                      {askedSure, ""},
		"/console/users/:user/sign-out":                      {askedSure, ""},
		"/console/users/:user/remove":                        {askedSure, ""},
		"/console/packs":                                     {takenBack, ""},
		"/console/packs/:pack/:version/remove":               {askedSure, ""},
		"/console/system/mail":                               {harmless, "one letter to oneself"},
		"/console/contacts":                                  {harmless, "it shows what a list would change"},
		"/console/contacts/replace":                          {takenBack, ""},
		"/console/branding/name":                             {takenBack, ""},
		"/console/branding/colour":                           {takenBack, ""},
		"/console/branding/logo":                             {takenBack, ""},
		"/console/branding/logo/remove":                      {takenBack, ""},
		"/console/branding/languages":                        {takenBack, ""},
		"/console/branding/undo":                             {takenBack, "by itself: a second time does it again"},
		"/console/integrations/tokens":                       {takenBack, ""},
		"/console/integrations/tokens/revoke":                {askedSure, ""},
		"/console/integrations/webhooks":                     {takenBack, ""},
		"/console/integrations/webhooks/test":                {harmless, "one message about nothing"},
		"/console/integrations/webhooks/remove":              {askedSure, ""},
		"/console/export/make":                               {harmless, "it begins a file for whoever asks, and nothing leaves before it is taken"},
		"/console/export/cancel":                             {harmless, "asked for again with a tap"},
		"/console/demo/advance":                              {harmless, "a demonstration with nobody in it"},
	}
}

// TestEveryFormSaysWhatFollowsFromIt: each route that changes something is in
// the table; what cannot be taken back is refused without its box, and every
// form that leads there has the box.
func TestEveryFormSaysWhatFollowsFromIt(t *testing.T) {
	h := newHouse(t, withDemo(nil), func(c *Config) { c.Demo.Mail = t.TempDir() })
	people := []*browser{h.as(adminMail), h.as(hrMail), h.as(managerMail)}
	own := h.things(dutyID, people[0])
	h.token("Warehouse", "")
	router, _ := h.Config.Handler.(*echo.Echo)
	table := consequences()
	patterns := make(map[string]string) // of an address without things
	for _, r := range router.Routes() {
		if r.Method != http.MethodPost || !strings.HasPrefix(r.Path, "/console") {
			continue
		}
		if _, ok := table[r.Path]; !ok {
			t.Errorf("POST %s is not in consequences(): add a line that says what follows from it", r.Path)
		}
		patterns[r.Path] = r.Path
		if table[r.Path].kind == harmless && table[r.Path].why == "" {
			t.Errorf("POST %s is harmless without a reason", r.Path)
		}
	}
	for path := range table {
		if patterns[path] == "" {
			t.Errorf("POST %s is in consequences() and is no route any more", path)
		}
	}
	boxes := make(map[string]bool)
	for _, b := range people {
		for _, path := range append(h.pagesOf(t, b, own), usersPath+"/"+userKey(managerMail), "/console/waves/2026-12/steps") {
			b.read(path).Find("main form[method=post]").Each(func(_ int, form *goquery.Selection) {
				c := router.NewContext(nil, httptest.NewRecorder())
				router.Router().Find(http.MethodPost, form.AttrOr("action", ""), c)
				if form.ParentsFiltered("[role=status]").Length() > 0 || table[c.Path()].kind != askedSure {
					return
				}
				boxes[c.Path()] = true
				if form.Find("input[type=checkbox][name=sure][required]").Length() != 1 {
					t.Errorf("%s: a form leads to POST %s without a box that says that it cannot be taken back", path, c.Path())
				}
			})
		}
	}
	if len(boxes) < 8 {
		t.Errorf("only %d routes that cannot be taken back were found on pages", len(boxes))
	}
	for path, c := range table {
		if c.kind != askedSure || strings.Contains(path, "/webhooks/") || strings.Contains(path, "/packs/") { // another house has them
			continue
		}
		all := things{"user": userKey(managerMail), "wave": "2026-12"}
		for name, value := range own {
			if all[name] == "" {
				all[name] = value
			}
		}
		form := url.Values{"reason": {"By mistake"}}
		tokens, err := h.store.Tokens(t.Context())
		must(t, err)
		form.Set("token", tokens[0].ID)
		if status, body := people[0].post(all.address(path), form); status != http.StatusUnprocessableEntity {
			t.Errorf("POST %s without the box: status %d: %.200s", path, status, spaced(body))
		}
	}
}

// act is something that can be taken back, and how it is done.
type act struct {
	route string
	do    func(b *browser) (status int, body string)
}

// follows posts a form and reads the page that it ends on.
func follows(path string, pairs ...string) func(b *browser) (int, string) {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return func(b *browser) (int, string) { return b.postThen(path, form) }
}

// postThen posts a form and, as a browser does, goes where the answer leads.
func (b *browser) postThen(path string, form url.Values) (int, string) {
	b.house.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.house.URL+path, strings.NewReader(form.Encode()))
	must(b.house.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, body := b.do(r)
	return b.goesOn(answer, body)
}

func (b *browser) goesOn(answer *http.Response, body string) (int, string) {
	if answer.StatusCode != http.StatusSeeOther {
		return answer.StatusCode, body
	}
	to, _, _ := strings.Cut(answer.Header.Get("Location"), "#")
	return b.get(to)
}

// takesBack presses the button in the notice of a page.
func (b *browser) takesBack(t *testing.T, route, body string) (int, string) {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	must(t, err)
	button := doc.Find("[role=status] form[method=post]").First()
	if button.Length() == 0 {
		t.Errorf("POST %s: the page says %q and has no way back", route, spaced(doc.Find("[role=status], .fault").Text()))
		return 0, ""
	}
	form := url.Values{}
	button.Find("input[type=hidden]").Each(func(_ int, field *goquery.Selection) {
		form.Add(field.AttrOr("name", ""), field.AttrOr("value", ""))
	})
	if list := button.Find("textarea"); list.Length() > 0 {
		return b.send(button.AttrOr("action", ""), "", nil, map[string]string{"list": list.Text(), "undo": form.Get("undo")})
	}
	return b.postThen(button.AttrOr("action", ""), form)
}

// TestWhatIsDoneAtOnceIsTakenBackInItsNotice does everything that can be taken
// back and presses the button in the notice; a test of its own holds the rest.
func TestWhatIsDoneAtOnceIsTakenBackInItsNotice(t *testing.T) {
	h := newHouse(t, withDemo(nil))
	h.withProgramme()
	b := h.as(adminMail)
	own := h.things(dutyID, b)
	all, err := h.store.People(t.Context())
	must(t, err)
	one := all[len(all)-1]
	person := peoplePath + "/" + string(one.ID)
	programmes, err := h.store.Programmes(t.Context())
	must(t, err)
	programme := programmesPath + "/" + programmes[0].ID
	action := actionPath(own["action"])
	entry := own.address("/console/leaders/audits/:audit/entries/:entry")
	done := make(map[string]bool)
	for _, a := range []act{
		{"/console/teams/:unit/events", follows(eventsPath(dutyID), "kind", "action", "day", "2026-06-01", "title", "Case talks")},
		{"/console/teams/:unit/events/remove", func(b *browser) (int, string) {
			b.writes(dutyID, "training", "A day")
			events, err := h.store.Events(t.Context(), []survey.UnitID{dutyID})
			must(t, err)
			return b.postThen(eventsPath(dutyID)+"/remove", url.Values{"event": {events[len(events)-1].ID}})
		}},
		{"/console/actions", func(b *browser) (int, string) { return b.postThen(actionsPath, filled(dutyID, "A quiet room")) }},
		{"/console/actions/:action/comments", follows(action+"/comments", "comment", "Well begun")},
		{"/console/actions/:action", func(b *browser) (int, string) {
			form := filled(dutyID, "Another text")
			form.Set("was", "1")
			form.Set("status", "under_way")
			return b.postThen(action, form)
		}},
		{"/console/actions/:action/undo", follows(action+"/undo", "was", "3")},
		{"/console/leaders", follows("/console/leaders", "pack", policyAudit, "unit", string(hospitalID))},
		{"/console/leaders/audits/:audit/entries/:entry", follows(entry, "state", "in_place", "note", "In the handbook")},
		{"/console/leaders/audits/:audit/entries/:entry/undo", follows(entry + "/undo")},
		{"/console/organisation/:unit/change", follows(organisationPath+"/"+string(dutyID)+"/change", "do", "rename", "name", "Duty desk")},
		{"/console/people/new", follows(peoplePath+"/new", "name", "Ana Ember", "email", "ana.ember@riverside.example", "unit", string(dutyID))},
		{"/console/people/:person", follows(person, "name", "Another Name", "email", one.Email, "unit", string(dutyID))},
		{"/console/people/:person/leave", follows(person + "/leave")},
		{"/console/programmes/:programme/pause", follows(programme+"/pause", "from", "2026-12-21", "to", "2027-01-03")},
		{"/console/programmes/:programme/resume", follows(programme + "/resume")}, // it has a pause
		{"/console/programmes/:programme/stop", follows(programme + "/stop")},
		{"/console/branding/name", follows(brandingPath+"/name", "name", "River House")},
		{"/console/branding/colour", follows(brandingPath+"/colour", "accent", "#8a1c4a")},
		{"/console/branding/languages", follows(brandingPath+"/languages", "offered", "en", "offered", "fr", "standard", "fr")},
		{"/console/branding/logo", func(b *browser) (int, string) {
			b.sends(brandingPath+"/logo", "logo.png", redLogo(t))
			return b.get(brandingPath + "?did=logo")
		}},
		{"/console/branding/logo/remove", follows(brandingPath + "/logo/remove")},
		{"/console/branding/undo", func(b *browser) (int, string) {
			mark, err := h.store.Branding().Mark()
			must(t, err)
			return b.postThen(brandingPath+"/undo", url.Values{"mark": {mark}})
		}},
		{"/console/users", follows(usersPath, "email", "new@riverside.example", "role", "auditor")},
		{"/console/users/:user", follows(usersPath+"/"+userKey(nightMail), "role", "auditor")},
	} {
		before := h.everything(t)
		status, body := a.do(b)
		if status != http.StatusOK {
			t.Errorf("POST %s: status %d: %.300s", a.route, status, spaced(body))
			continue
		}
		if status, body = b.takesBack(t, a.route, body); status != http.StatusOK {
			t.Errorf("POST %s is not taken back: status %d: %.300s", a.route, status, spaced(body))
		}
		if after := h.everything(t); before != after && !strings.HasSuffix(a.route, "/undo") && a.route != "/console/teams/:unit/events/remove" {
			t.Errorf("POST %s and back:\nbefore %s\nafter  %s", a.route, before, after)
		}
		done[a.route] = true
	}
	token, body := h.as(hrMail).postThen(integrationsPath+"/tokens", url.Values{"name": {"Warehouse"}, "days": {"30"}})
	if token != http.StatusOK {
		t.Fatalf("status %d", token)
	}
	if status, _ := h.as(hrMail).takesBack(t, "/console/integrations/tokens", body); status != http.StatusOK {
		t.Errorf("a token is not taken back: status %d", status)
	}
	elsewhere := []string{ // in the tests of what they need; those without a name are below
		"/console/integrations/tokens", "/console/integrations/webhooks", "/console/packs", "/console/contacts/replace", // contacts_test.go
		"/console/actions/shared", "/console/teams/:unit/notes/:wave/publish", "/console/teams/:unit/notes/:wave/withdraw",
	}
	for route, c := range consequences() {
		if c.kind == takenBack && !done[route] && !slices.Contains(elsewhere, route) {
			t.Errorf("POST %s is said to be taken back and was not tried", route)
		}
	}
}

// everything is what acts can change, in one text.
func (h *house) everything(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	units, err := h.store.Units(ctx)
	must(t, err)
	ids := make([]survey.UnitID, len(units))
	for i, u := range units {
		ids[i] = u.ID
	}
	people, err := h.store.People(ctx)
	must(t, err)
	people = slices.DeleteFunc(people, func(p survey.Person) bool { return !p.Active })
	users, err := h.store.Users(ctx)
	must(t, err)
	programmes, err := h.store.Programmes(ctx)
	must(t, err)
	actions, err := h.store.Actions(ctx, ids)
	must(t, err)
	var said []any
	for _, a := range actions {
		record, err := h.store.Action(ctx, a.ID)
		must(t, err)
		said = append(said, a.ActionState, record.Comments)
	}
	events, err := h.store.Events(ctx, ids)
	must(t, err)
	audits, err := h.store.LeaderAudits(ctx)
	must(t, err)
	var answers []any
	for _, a := range audits {
		edits, err := h.store.LeaderEdits(ctx, a.ID)
		must(t, err)
		for _, answer := range survey.LastAnswers(edits) {
			if answer.Said() {
				answers = append(answers, answer)
			}
		}
	}
	for i := range programmes {
		programmes[i].Since = time.Time{} // when it went on
	}
	text, err := json.Marshal([]any{units, people, users, programmes, said, len(events), len(audits), answers, h.store.Branding()})
	must(t, err)
	return string(text)
}

// TestWhatStaffAreToldIsTakenBackInItsNotice does the same with results that
// were shared and with a published note.
func TestWhatStaffAreToldIsTakenBackInItsNotice(t *testing.T) {
	h := newShareHouse(t)
	b := h.as(deptMail)
	unit := h.units["Children"]
	note := notePath(unit, releasedWave)
	if status, body := b.postThen(note, noteForm()); status != http.StatusOK {
		t.Fatalf("a draft: status %d: %.300s", status, spaced(body))
	}
	for _, a := range []act{
		{"/console/teams/:unit/notes/:wave/publish", follows(note + "/publish")},
		{"/console/actions/shared", follows(actionsPath+"/shared", "wave", string(releasedWave), "unit", string(unit), "day", h.clock.at.Format("2006-01-02"))},
	} {
		_, body := a.do(b)
		status, again := b.takesBack(t, a.route, body) // withdrawn, or not shared any more
		if status != http.StatusOK {
			t.Fatalf("POST %s is not taken back: status %d: %.300s", a.route, status, spaced(again))
		}
		if status, again = b.takesBack(t, a.route+" and back", again); status != http.StatusOK {
			t.Errorf("POST %s cannot be done again from its notice: status %d: %.300s", a.route, status, spaced(again))
		}
	}
}

// TestAnAddedQuestionnaireIsTakenBackInItsNotice, and only with the box on
// every other day.
func TestAnAddedQuestionnaireIsTakenBackInItsNotice(t *testing.T) {
	b := packHouse(t).as(adminMail)
	if status, _ := b.upload("own.yaml", []byte(breakRoom)); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	path := packsPath + "/break-room/1.0"
	if status, _ := b.post(path+"/remove", nil); status != http.StatusUnprocessableEntity {
		t.Errorf("without the box: status %d", status)
	}
	if b.read(path).Find("form[action$='/remove'] input[name=sure][required]").Length() != 1 {
		t.Error("the page does not ask")
	}
	_, body := b.get(path + "?done=added")
	if status, _ := b.takesBack(t, "/console/packs", body); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if status, _ := b.get(path); status != http.StatusNotFound {
		t.Error("it is still there")
	}
}
