package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"

	"github.com/PuerkitoBio/goquery"
)

// postbox is a server with somebody who got mail.
type postbox struct {
	*house
	waves  *wave.Waves
	person survey.PersonID
	path   string // of the page that stops mail
}

func newPostbox(t *testing.T) postbox {
	t.Helper()
	h := postbox{person: "reader"}
	h.house = newHouse(t, func(c *Config) { h.waves = c.Waves })
	units, err := h.store.Units(t.Context())
	must(t, err)
	plan := survey.ImportPlan{Add: []survey.Person{{ID: "reader", Email: "marker-reader@example.org", Name: "Marker Reader", Unit: units[0].ID, Active: true}}}
	must(t, h.store.ApplyImport(t.Context(), plan))
	links, err := h.waves.PersonLinks(t.Context())
	must(t, err)
	h.path = "/u/" + links["reader"].Stop
	return h
}

func (h postbox) stopped(t *testing.T) bool {
	t.Helper()
	stopped, err := h.store.MailStopped(t.Context(), h.person)
	must(t, err)
	return stopped
}

func TestOpeningTheLinkStopsNothing(t *testing.T) {
	h := newPostbox(t)
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet, http.MethodHead} { // a mail scanner, twice
		request, err := http.NewRequestWithContext(t.Context(), method, h.URL+h.path, nil)
		must(t, err)
		response, err := h.Client().Do(request)
		must(t, err)
		must(t, response.Body.Close())
		if response.StatusCode != http.StatusOK || len(response.Cookies()) != 0 {
			t.Errorf("%s: %s, cookies %v", method, response.Status, response.Cookies())
		}
	}
	if h.stopped(t) {
		t.Error("mail is stopped")
	}
}

func TestOneButtonStopsMailAndAnotherBringsItBack(t *testing.T) {
	h := newPostbox(t)
	b := h.browser()
	press := func(want bool, page string) string {
		t.Helper()
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
		must(t, err)
		button := doc.Find("main form button")
		if button.Length() != 1 {
			t.Fatalf("%d buttons", button.Length())
		}
		status, next := b.post(doc.Find("main form").AttrOr("action", ""), url.Values{button.AttrOr("name", ""): {button.AttrOr("value", "")}})
		if status != http.StatusOK || h.stopped(t) != want {
			t.Fatalf("status %d, stopped %v", status, h.stopped(t))
		}
		for _, hidden := range []string{"marker-reader", "Marker Reader", "[unsubscribe", "{"} {
			if hidden != "{" && strings.Contains(next, hidden) || strings.Contains(parsed(t, next).Find("main").Text(), hidden) {
				t.Errorf("the page shows %q", hidden)
			}
		}
		return next
	}
	_, page := b.get(h.path)
	page = press(true, page)
	if _, again := b.get(h.path); !strings.Contains(again, "No more messages") {
		t.Error("the page does not say that mail is stopped")
	}
	press(false, page)
}

func TestAMailProgramStopsMailWithOneClick(t *testing.T) {
	// RFC 8058, section 3.2: a POST with this body, without cookies, from the
	// mail provider's own machines.
	h := newPostbox(t)
	for range 2 {
		response, err := h.Client().Post(h.URL+h.path, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
		must(t, err)
		must(t, response.Body.Close())
		if response.StatusCode != http.StatusOK || !h.stopped(t) {
			t.Fatalf("%s, stopped %v", response.Status, h.stopped(t))
		}
	}
}

func TestATokenThatIsNoneStopsNobodysMail(t *testing.T) {
	h := newPostbox(t)
	links, err := h.waves.Links(t.Context())
	must(t, err)
	for _, wrong := range []string{"/u/x", h.path + "x", h.path[:len(h.path)-1], "/u/" + links[h.person], "/u/" + string(h.person)} {
		response, err := h.Client().Post(h.URL+wrong, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
		must(t, err)
		must(t, response.Body.Close())
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", wrong, response.Status)
		}
	}
	if h.stopped(t) {
		t.Error("mail is stopped")
	}
}

// The page that a reminder leads to is the same, and stops reminders alone.
func TestAReminderIsStoppedByItsOwnLinkAndComesInTheChosenLanguage(t *testing.T) {
	h := newPostbox(t)
	token, err := h.waves.ReminderStop(managerMail)
	must(t, err)
	path, b := "/u/"+token, h.browser()
	doc, body := b.page(path)
	if !strings.Contains(doc.Find("main").Text(), "reminders of actions") || strings.Contains(body, managerMail) {
		t.Errorf("the page is about something else, or names somebody: %s", body)
	}
	for _, c := range []struct {
		form    url.Values
		stopped bool
	}{{url.Values{"List-Unsubscribe": {"One-Click"}}, true}, {url.Values{"mail": {"again"}}, false}, {url.Values{"mail": {"stop"}}, true}} {
		if status, _ := b.post(path, c.form); status != http.StatusOK {
			t.Errorf("%v: status %d", c.form, status)
		}
		if got, err := h.store.RemindersStopped(t.Context(), managerMail); err != nil || got != c.stopped {
			t.Errorf("%v: stopped %v, %v", c.form, got, err)
		}
	}
	if h.stopped(t) {
		t.Error("mail to somebody who is asked is stopped too")
	}
	if status, _ := b.get("/u/" + strings.Repeat("A", 22)); status != http.StatusNotFound {
		t.Errorf("a token of nobody: status %d", status)
	}
	h.as(managerMail).post("/console/language", url.Values{"language": {"fr"}, "back": {"/console"}})
	must(t, h.store.StopReminders(t.Context(), managerMail, false))
	_, err = h.store.AddNotices(t.Context(), []store.Notice{{Kind: store.NoticeAction, About: "a", Day: "2026-12-01", Moment: survey.RemindOn, Email: managerMail}})
	must(t, err)
	if l, ok, err := h.store.ClaimLetter(t.Context(), survey.ByMail); err != nil || !ok || l.Language != "fr" {
		t.Errorf("a reminder in %q, %v, %v", l.Language, ok, err)
	}
}
