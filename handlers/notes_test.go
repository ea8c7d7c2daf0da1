package handlers

import (
	crand "crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/survey"
	"attune/survey/store"

	"github.com/PuerkitoBio/goquery"
)

// Accounts of the staff house.
const (
	rootMail = "head@riverside.example"
	deptMail = "lead.of.children@riverside.example"
	deskMail = "desk@riverside.example"
	wardMail = "lead.of.hospital@riverside.example"
)

// newShareHouse is a staff house with people who sign in.
func newShareHouse(t *testing.T) *staffHouse {
	t.Helper()
	h := newStaffHouse(t)
	hash, err := HashPassword(crand.Reader, password)
	must(t, err)
	for _, u := range []store.User{
		{Email: rootMail, Roles: []string{admin}},
		{Email: deskMail, Roles: []string{hr}},
		{Email: deptMail, Roles: []string{manager}, Unit: h.units["Children"]},
		{Email: wardMail, Roles: []string{manager}, Unit: h.units["Hospital"]},
	} {
		u.PasswordHash = hash
		must(t, h.store.AddUser(t.Context(), u))
	}
	return h
}

// read is what staff of a unit read, in a language.
func (h *staffHouse) read(unit survey.UnitID, lang string) (*goquery.Document, string) {
	h.t.Helper()
	whole, err := h.waves.ResultsLink(h.t.Context(), releasedWave, unit)
	must(h.t, err)
	link, err := url.Parse(whole)
	must(h.t, err)
	doc, body := h.browser().page(link.Path + "?lang=" + lang)
	return doc, body
}

func noteForm(actions ...string) url.Values {
	return url.Values{
		"said": {"Too many meetings.\r\n\r\nAnd <late> ones."}, "doing": {"One day without any."}, "until": {"2026-06-30"}, "owner": {"Ana Lead"}, "action": actions,
	}
}

func TestStaffOfAPartReadWhatTheirManagerPublishedAndNobodyElseDoes(t *testing.T) {
	h := newShareHouse(t)
	lead := h.as(deptMail)
	children, duty := h.units["Children"], h.units["Children / Duty team"]
	path := notePath(children, releasedWave)
	shared, kept := h.plan(children, "One afternoon without meetings", "2026-06-01"), h.plan(children, "Kept inside", "2026-06-02")
	if status, body := lead.post(path, noteForm(shared)); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, body)
	}
	if doc, _ := h.read(duty, "en"); doc.Find("#told").Length() != 0 {
		t.Error("staff read a draft")
	}
	preview, _ := lead.page(path + "/preview")
	if status, _ := lead.post(path+"/publish", nil); status != http.StatusSeeOther {
		t.Fatalf("publish: status %d", status)
	}
	doc, body := h.read(duty, "en")
	staff, seen := doc.Find("#told"), preview.Find("#told")
	if a, b := htmlOf(t, staff), htmlOf(t, seen); a != b || a == "" {
		t.Errorf("staff see another thing than the preview:\n%s\n%s", a, b)
	}
	for _, want := range []string{"Too many meetings.", "And <late> ones.", "One day without any.", "One afternoon without meetings", "1 June 2026", "Ana Lead answers for this, for Children.", "Until 30 June 2026."} {
		if !strings.Contains(staff.Text(), want) {
			t.Errorf("staff do not read %q", want)
		}
	}
	for _, never := range []string{"Kept inside", kept, shared, deptMail, "lead.of.children"} {
		if strings.Contains(body, never) {
			t.Errorf("staff read %q", never)
		}
	}
	for _, lang := range []string{"fr", "es"} {
		doc, _ := h.read(duty, lang)
		if got := doc.Find("#told h2").Text(); got != h.site.Text(lang, "note.title", nil) {
			t.Errorf("%s: %q", lang, got)
		}
	}
	if doc, _ := h.read(h.units["Hospital / Day clinic"], "en"); doc.Find("#told").Length() != 0 {
		t.Error("staff of another department read it")
	}
	if doc, _ := h.read(h.units["Children / Intake"], "en"); doc.Find("#told").Length() != 1 {
		t.Error("staff of a team that is too small to be shown do not read it")
	}
}

func htmlOf(t *testing.T, s *goquery.Selection) string {
	t.Helper()
	html, err := s.Html()
	must(t, err)
	return html
}

// The address is the same for everybody of a unit: so is the page, whoever is
// signed in and whatever they sent along.
func TestWhatStaffReadDependsOnNobodyWhoReadsIt(t *testing.T) {
	h := newShareHouse(t)
	lead := h.as(deptMail)
	path := notePath(h.units["Children"], releasedWave)
	lead.post(path, noteForm())
	lead.post(path+"/publish", nil)
	_, want := h.read(h.units["Children / Duty team"], "en")
	whole, err := h.waves.ResultsLink(t.Context(), releasedWave, h.units["Children / Duty team"])
	must(t, err)
	link, err := url.Parse(whole)
	must(t, err)
	for _, b := range []*browser{lead, h.as(deskMail)} {
		r, err := http.NewRequest(http.MethodGet, h.URL+link.Path+"?lang=en", nil)
		must(t, err)
		r.Header.Set("Cookie", "attune_console=planted; attune_language=fr")
		response, body := b.do(r)
		if body != want || response.Header.Get("Set-Cookie") != "" {
			t.Error("the page depends on who opens it, or sets a cookie")
		}
	}
}

func TestANoteIsChangedForStaffOnlyByPublishingItAgainAndCanBeWithdrawn(t *testing.T) {
	h := newShareHouse(t)
	lead := h.as(deptMail)
	duty := h.units["Children / Duty team"]
	path := notePath(h.units["Children"], releasedWave)
	lead.post(path, noteForm())
	lead.post(path+"/publish", nil)
	second := noteForm()
	second.Set("doing", "Two days without any.")
	lead.post(path, second)
	if doc, _ := h.read(duty, "en"); !strings.Contains(doc.Find("#told").Text(), "One day") {
		t.Error("saving a draft changed what staff read")
	}
	doc, _ := lead.page(path)
	if !strings.Contains(doc.Find("main").Text(), "has changed since") || !strings.Contains(doc.Find("#published").Text(), "One day") {
		t.Error("the manager is not told that staff read an older note")
	}
	lead.post(path+"/publish", nil)
	if doc, _ := h.read(duty, "en"); !strings.Contains(doc.Find("#told").Text(), "Two days") {
		t.Error("publishing again changed nothing")
	}
	if status, _ := lead.post(path+"/withdraw", nil); status != http.StatusSeeOther {
		t.Errorf("withdraw: status %d", status)
	}
	if doc, _ := h.read(duty, "en"); doc.Find("#told").Length() != 0 {
		t.Error("withdrawn and still read")
	}
	if doc, _ := lead.page(path); doc.Find("#doing").Text() != "Two days without any." {
		t.Error("the draft is lost")
	}
}

func TestWhatStaffReadAndWhatIsLostIsWrittenDown(t *testing.T) {
	h := newShareHouse(t)
	lead := h.as(deptMail)
	path := notePath(h.units["Children"], releasedWave)
	lead.post(path, noteForm())
	lead.post(path+"/publish", nil)
	lead.post(path+"/withdraw", nil)
	gone := h.plan(h.units["Children"], "Case talks", "2026-06-01")
	lead.post(actionPath(gone)+"/remove", nil) // without the box nothing happens
	lead.post(actionPath(gone)+"/remove", url.Values{"sure": {"1"}})
	entries, err := h.store.AdminLog(t.Context(), survey.AdminFilter{Kind: "plan"}, 0, 10)
	must(t, err)
	want := []survey.DeedName{survey.DidActionRemoved, survey.DidNoteWithdrawn, survey.DidNotePublished} // the newest first
	if len(entries) != len(want) {
		t.Fatalf("%d entries: %v", len(entries), entries)
	}
	for i, e := range entries {
		if e.Action != want[i] || e.Subject != "Children" || e.Who != deptMail {
			t.Errorf("%+v, want %s", e.Deed, want[i])
		}
	}
}

func TestANoteWithGapsIsKeptAndNotPublished(t *testing.T) {
	h := newShareHouse(t)
	lead := h.as(deptMail)
	path := notePath(h.units["Children"], releasedWave)
	doc, _ := lead.page(path)
	if got := doc.Find("#owner").AttrOr("value", ""); got == "" || doc.Find("#publish").Length() != 0 {
		t.Errorf("a new note is answered for by %q and can be published", got)
	}
	for field, want := range map[string]string{"said": "what staff told you", "doing": "what is done about it", "owner": "who answers for it"} {
		form := noteForm()
		form.Del(field)
		if status, _ := lead.post(path, form); status != http.StatusSeeOther {
			t.Errorf("without %s: status %d", field, status)
		}
		for _, to := range []string{"/publish", "/preview"} {
			status, body := lead.get(path + to)
			if to == "/publish" {
				status, body = lead.post(path+to, nil)
			}
			if status != http.StatusUnprocessableEntity || !strings.Contains(body, want) {
				t.Errorf("%s without %s: status %d", to, field, status)
			}
		}
	}
	form := noteForm()
	form.Set("said", strings.Repeat("x", survey.MaxNoteText+1))
	if status, body := lead.post(path, form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "One day without any.") {
		t.Errorf("too long: status %d", status)
	}
}

func TestNotesAreWrittenInOnesOwnPartAboutPublishedWavesOnly(t *testing.T) {
	h := newShareHouse(t)
	children := h.units["Children"]
	for name, c := range map[string]struct {
		email       string
		path        string
		read, write int
	}{
		"another department": {wardMail, notePath(children, releasedWave), http.StatusForbidden, http.StatusForbidden},
		"HR, who reads":      {deskMail, notePath(children, releasedWave), http.StatusOK, http.StatusForbidden},
		"a void wave":        {deptMail, notePath(children, voidWave), http.StatusConflict, http.StatusConflict},
		"a wave to come":     {deptMail, notePath(children, announcedWave), http.StatusConflict, http.StatusConflict},
		"no wave":            {deptMail, notePath(children, "1999-01"), http.StatusNotFound, http.StatusNotFound},
		"an administrator":   {rootMail, notePath(children, releasedWave), http.StatusOK, http.StatusSeeOther},
	} {
		b := h.as(c.email)
		if status, _ := b.get(c.path); status != c.read {
			t.Errorf("%s reads: status %d, want %d", name, status, c.read)
		}
		if status, _ := b.post(c.path, noteForm()); status != c.write {
			t.Errorf("%s writes: status %d, want %d", name, status, c.write)
		}
	}
}

func TestAPromiseIsKeptByWritingDownThatResultsWereShared(t *testing.T) {
	h := newShareHouse(t)
	w, err := h.waves.Waves(t.Context())
	must(t, err)
	on := w[0].ResultsOn
	h.clock.at = w[0].Closes.AddDate(0, 2, 0)
	lead := h.as(deptMail)
	doc, _ := lead.page(actionsPath)
	card := doc.Find("#wave-" + string(releasedWave))
	if want := "Results were promised for " + h.voice("en").date(on) + "; not yet shared."; !strings.Contains(card.Text(), want) || !card.HasClass("late") {
		t.Errorf("late is not said: %s", card.Text())
	}
	children := string(h.units["Children"])
	form := url.Values{"wave": {string(releasedWave)}, "unit": {children}, "day": {h.clock.at.AddDate(0, 0, 1).Format("2006-01-02")}}
	if status, _ := lead.post(actionsPath+"/shared", form); status != http.StatusUnprocessableEntity {
		t.Errorf("shared tomorrow: status %d", status)
	}
	form.Set("day", on)
	if status, _ := lead.post(actionsPath+"/shared", form); status != http.StatusSeeOther {
		t.Errorf("status %d", status)
	}
	doc, _ = lead.page(actionsPath)
	if card = doc.Find("#wave-" + string(releasedWave)); card.HasClass("late") || !strings.Contains(card.Text(), "Results shared on") {
		t.Errorf("kept is not said: %s", card.Text())
	}
	doc, _ = h.as(rootMail).page(actionsPath)
	if card = doc.Find("#wave-" + string(releasedWave)); !card.HasClass("late") || !strings.Contains(card.Text(), "with Children") {
		t.Errorf("the whole is late, and one part has heard: %s", card.Text())
	}
	doc, _ = h.as(deskMail).page(unitActionsPath(h.units["Children / Duty team"]))
	if card = doc.Find("#wave-" + string(releasedWave)); card.HasClass("late") || card.Find("form").Length() != 0 {
		t.Errorf("a team of it has heard, and HR writes nothing: %s", card.Text())
	}
	doc, _ = lead.page(unitActionsPath(h.units["Children"]))
	if doc.Find("#wave-"+string(releasedWave)+" form input[name=from][value=unit]").Length() != 1 {
		t.Error("the button on a unit's plan does not come back to it")
	}
	form.Set("undo", "1")
	if status, _ := lead.post(actionsPath+"/shared", form); status != http.StatusSeeOther {
		t.Errorf("take back: status %d", status)
	}
	if all, err := h.store.Sharings(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("still shared: %v %v", all, err)
	}
	form = url.Values{"wave": {"1999-01"}, "unit": {children}, "day": {on}}
	if status, _ := lead.post(actionsPath+"/shared", form); status != http.StatusNotFound {
		t.Errorf("no such wave: status %d", status)
	}
}
