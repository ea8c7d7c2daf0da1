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

// started begins an audit and gives its path.
func (b *browser) started(pack string, unit survey.UnitID) string {
	b.house.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.house.URL+"/console/leaders", strings.NewReader(url.Values{"pack": {pack}, "unit": {string(unit)}}.Encode()))
	if err != nil {
		b.house.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	response, body := b.do(r)
	if response.StatusCode != http.StatusSeeOther {
		b.house.t.Fatalf("start %s for %s: status %d\n%s", pack, unit, response.StatusCode, body)
	}
	return response.Header.Get("Location")
}

// Administrators answer anywhere, managers in their own part, HR reads, and
// an auditor has no way in.
func TestLeadersAnswerInTheirOwnPartOnly(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	path := lead.started(policyAudit, childrenID)
	entry := path + "/entries/fair_pay"
	form := url.Values{"state": {"planned"}, "note": {"Band 6 from April"}}
	for _, c := range []struct {
		mail              string
		read, open, write int
	}{
		{managerMail, 200, 200, 303}, {adminMail, 200, 200, 303}, {hrMail, 200, 403, 403}, {nightMail, 404, 404, 404}, {auditorMail, 403, 403, 403},
	} {
		b := h.as(c.mail)
		if status, _ := b.get(path); status != c.read {
			t.Errorf("%s reads: status %d, want %d", c.mail, status, c.read)
		}
		if status, _ := b.get(path + "/blocks/pay"); status != c.open {
			t.Errorf("%s opens the form: status %d, want %d", c.mail, status, c.open)
		}
		if status, _ := b.post(entry, form); status != c.write {
			t.Errorf("%s writes: status %d, want %d", c.mail, status, c.write)
		}
		if status, _ := b.post(path+"/entries/fair_pay/undo", nil); status != c.write {
			t.Errorf("%s undoes: status %d, want %d", c.mail, status, c.write)
		}
	}
	if status, _ := lead.post("/console/leaders", url.Values{"pack": {policyAudit}, "unit": {string(hospitalID)}}); status != http.StatusForbidden {
		t.Errorf("a manager starts an audit of another part: status %d", status)
	}
	doc, _ := lead.page("/console/leaders")
	doc.Find("select option").Each(func(_ int, o *goquery.Selection) {
		if strings.Contains(o.Text(), "Hospital") {
			t.Errorf("a manager of Children may choose %s", o.Text())
		}
	})
}

func TestAnAnswerIsSavedOneAtATimeAndShownWithItsNumber(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	path := lead.started(policyAudit, childrenID)
	status, _ := lead.post(path+"/entries/regular_supervision", url.Values{
		"state": {"partly"}, "number": {"4"}, "note": {"Tuesdays <b>only</b>"}, "owner": {"Ana Lee"}, "due": {"2027-01-31"},
	})
	if status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	_, body := lead.page(path)
	for _, want := range []string{
		"1 of 51 answered, 0 in place.", "Weeks between two sessions: 4. The source gives 2 weeks; this does not meet it.",
		"Tuesdays &lt;b&gt;only&lt;/b&gt;", "Ana Lee sees to it until 31 January 2027.",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	doc, _ := lead.page(path + "/blocks/reflective_practice")
	if got := doc.Find("#regular_supervision input[name=state][checked]").AttrOr("value", ""); got != "partly" {
		t.Errorf("the form shows %q, want partly", got)
	}
	if got := doc.Find("#regular_supervision input[name=number]").AttrOr("value", ""); got != "4" {
		t.Errorf("the form shows the number %q, want 4", got)
	}
}

func TestARefusedAnswerComesBackAsItWasTyped(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	path := lead.started(policyAudit, childrenID)
	status, body := lead.post(path+"/entries/regular_supervision", url.Values{"state": {"partly"}, "number": {"often"}, "note": {"kept by hand"}})
	if status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", status)
	}
	for _, want := range []string{"“often” is no number", "kept by hand", `value="often"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the form lacks %q", want)
		}
	}
	if _, body := lead.page(path); !strings.Contains(body, "0 of 51 answered") {
		t.Error("a refused answer was saved")
	}
}

func TestAChangedAnswerCanBeTakenBack(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	path := lead.started(policyAudit, childrenID)
	for _, state := range []string{"none", "reviewed"} {
		lead.post(path+"/entries/fair_pay", url.Values{"state": {state}})
	}
	lead.post(path+"/entries/fair_pay/undo", nil)
	doc, _ := lead.page(path + "/blocks/pay")
	if got := doc.Find("input[name=state][checked]").AttrOr("value", ""); got != "none" {
		t.Errorf("after taking back: %q, want none", got)
	}
	if n := doc.Find("main details li").Length(); n != 3 {
		t.Errorf("%d versions are told, want all three", n)
	}
}

func TestANewAuditStandsBesideTheOneBefore(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	first := lead.started(policyAudit, childrenID)
	lead.post(first+"/entries/fair_pay", url.Values{"state": {"none"}})
	if status, body := lead.post("/console/leaders", url.Values{"pack": {policyAudit}, "unit": {string(childrenID)}}); status != http.StatusConflict || !strings.Contains(body, "One is open for Children already") {
		t.Errorf("a second open one: status %d", status)
	}
	lead.post(first+"/finish", url.Values{"sure": {"1"}})
	if status, _ := lead.post(first+"/entries/fair_pay", url.Values{"state": {"reviewed"}}); status != http.StatusConflict {
		t.Errorf("an answer after the end: status %d", status)
	}
	h.clock.at = h.clock.at.AddDate(0, 0, 1)
	lead = h.as(managerMail) // a day later the session is over
	second := lead.started(policyAudit, childrenID)
	lead.post(second+"/entries/fair_pay", url.Values{"state": {"planned"}})
	_, body := lead.page(second)
	for _, want := range []string{"before: None", "further on", "Beside it: the answers of 21 November 2026."} {
		if !strings.Contains(body, want) {
			t.Errorf("the second audit lacks %q", want)
		}
	}
	if _, body := lead.page(first); strings.Contains(body, "further on") || strings.Contains(body, "Answer this part") {
		t.Error("the finished one has changed, or can still be answered")
	}
}

func TestAQuestionIsAnsweredInWords(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	path := lead.started("trauma-informed", childrenID)
	doc, _ := lead.page(path + "/blocks/questions")
	if doc.Find("#modelling input[name=state]").Length() != 0 || doc.Find("#modelling textarea").Length() != 1 {
		t.Error("a question is asked with steps")
	}
	lead.post(path+"/entries/modelling", url.Values{"note": {"I say what I do not know."}})
	if _, body := lead.page(path); !strings.Contains(body, "I say what I do not know.") || !strings.Contains(body, "1 of 20 answered") {
		t.Error("the answer in words is not shown")
	}
}

func TestEveryGuideIsAPageAndTheTeamPageLeadsToSome(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	all, err := survey.NewGuides()
	if err != nil {
		t.Fatal(err)
	}
	doc, _ := lead.page("/console/guides")
	if got := doc.Find("main .links a").Length(); got != len(all.All()) {
		t.Errorf("%d guides are listed, want %d", got, len(all.All()))
	}
	for _, guide := range all.All() {
		_, body := lead.page("/console/guides/" + guide.ID)
		if strings.Contains(parsed(t, body).Find("main").Text(), "{") {
			t.Errorf("%s has an unfilled place", guide.ID)
		}
	}
	doc, _ = lead.page("/console/teams/" + string(dutyID))
	var paths []string
	doc.Find("#guided a").Each(func(_ int, a *goquery.Selection) { paths = append(paths, a.AttrOr("href", "")) })
	if joined := strings.Join(paths, " "); !strings.Contains(joined, "/console/guides/scale_burnout") {
		t.Errorf("the team page leads to %v", paths)
	}
	if status, _ := lead.get("/console/guides/gossip"); status != http.StatusNotFound {
		t.Errorf("a guide that does not exist: status %d", status)
	}
	if status, _ := h.as(auditorMail).get("/console/guides"); status != http.StatusForbidden {
		t.Errorf("an auditor at the guides: status %d", status)
	}
}

// Somebody who is both HR and a manager reads everything and answers for
// their own part only.
func TestReadingEverythingIsNotAnsweringEverywhere(t *testing.T) {
	h := newHouse(t)
	path := h.as(managerMail).started(policyAudit, childrenID)
	hash, err := HashPassword(crand.Reader, password)
	if err != nil {
		t.Fatal(err)
	}
	const both = "both@riverside.example"
	if err := h.store.AddUser(t.Context(), store.User{Email: both, PasswordHash: hash, Roles: []string{hr, manager}, Unit: nightID}); err != nil {
		t.Fatal(err)
	}
	b := h.as(both)
	if status, _ := b.get(path); status != http.StatusOK {
		t.Errorf("reads: status %d", status)
	}
	if status, _ := b.get(path + "/blocks/pay"); status != http.StatusForbidden {
		t.Errorf("opens the form: status %d", status)
	}
	for _, action := range []string{"/entries/fair_pay", "/entries/fair_pay/undo", "/finish"} {
		if status, _ := b.post(path+action, url.Values{"state": {"none"}}); status != http.StatusForbidden {
			t.Errorf("%s: status %d", action, status)
		}
	}
	b.started(policyAudit, nightID)
}
