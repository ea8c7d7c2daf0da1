package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestTheSessionCookieStaysInTheConsole(t *testing.T) {
	for _, secure := range []bool{false, true} {
		h := newHouse(t, func(c *Config) { c.Secure = secure })
		r, _ := http.NewRequest(http.MethodPost, h.URL+"/console/sign-in", strings.NewReader(url.Values{"email": {managerMail}, "password": {password}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, _ := h.browser().do(r)
		var found bool
		for _, cookie := range response.Cookies() {
			if cookie.Name != "attune_console" || cookie.MaxAge < 0 {
				continue
			}
			found = true
			if cookie.Path != "/console" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Secure != secure || cookie.Domain != "" {
				t.Errorf("cookie %+v", cookie)
			}
			if cookie.MaxAge != 12*60*60 {
				t.Errorf("the cookie lasts %d s, want 12 h", cookie.MaxAge)
			}
			if len(cookie.Value) != 43 { // 32 bytes in base64 without padding
				t.Errorf("token of %d characters", len(cookie.Value))
			}
			if _, err := h.store.SessionUser(context.Background(), cookie.Value); err == nil {
				t.Error("the store knows the token itself, not its hash")
			}
		}
		if !found {
			t.Fatalf("no session cookie, status %d", response.StatusCode)
		}
	}
}

func TestASessionEndsWithSignOutAndAfterTwelveHours(t *testing.T) {
	h := newHouse(t)
	b := h.as(managerMail)
	if status, _ := b.get("/console"); status != http.StatusOK {
		t.Fatalf("signed in: status %d", status)
	}
	jar := b.Jar.Cookies(mustURL(t, h.URL+"/console"))
	b.post("/console/sign-out", nil)
	b.Jar.SetCookies(mustURL(t, h.URL+"/console"), jar) // a copy of the cookie is worth nothing
	if status, _ := b.get("/console"); status != http.StatusSeeOther {
		t.Errorf("after sign-out: status %d", status)
	}
	b = h.as(managerMail)
	h.clock.at = h.clock.at.Add(12*time.Hour + time.Second)
	if status, _ := b.get("/console"); status != http.StatusSeeOther {
		t.Errorf("after 12 hours: status %d", status)
	}
}

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAnUnknownAddressAndAWrongPasswordLookTheSame(t *testing.T) {
	h := newHouse(t)
	say := func(email string) string {
		status, body := h.browser().post("/console/sign-in", url.Values{"email": {email}, "password": {"wrong wrong wrong"}})
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", email, status)
		}
		if !strings.Contains(body, email) || strings.Contains(body, "wrong wrong wrong") {
			t.Errorf("%s: the form keeps the address that was typed and never the password", email)
		}
		return strings.ReplaceAll(body, email, "EMAIL")
	}
	if say(managerMail) != say("nobody@riverside.example") {
		t.Error("the two pages differ")
	}
}

func TestTooManyAttemptsAreToldHowLongToWait(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	wrong := url.Values{"email": {managerMail}, "password": {"wrong"}}
	for range freeAttempts {
		if status, _ := b.post("/console/sign-in", wrong); status != http.StatusUnprocessableEntity {
			t.Fatalf("status %d", status)
		}
	}
	right := url.Values{"email": {strings.ToUpper(managerMail)}, "password": {password}}
	status, body := b.post("/console/sign-in", right)
	if status != http.StatusTooManyRequests || !strings.Contains(body, "Wait 1 min") {
		t.Errorf("status %d, want 429 with the wait", status)
	}
	h.clock.at = h.clock.at.Add(time.Minute)
	if status, _ := b.post("/console/sign-in", right); status != http.StatusSeeOther {
		t.Errorf("after the wait: status %d", status)
	}
}

func TestAOneTimePasswordLeadsToANewOneBeforeAnythingElse(t *testing.T) {
	h := newHouse(t)
	b := h.as(freshMail)
	for _, path := range []string{"/console", "/console/teams/duty", "/console/waves"} {
		r, _ := http.NewRequest(http.MethodGet, h.URL+path, nil)
		if response, _ := b.do(r); response.Header.Get("Location") != "/console/password" {
			t.Errorf("%s leads to %q", path, response.Header.Get("Location"))
		}
	}
	b.page("/console/password")
	for _, c := range []struct {
		name                string
		current, next, more string
	}{
		{"too short", password, "elevenchars", "elevenchars"},
		{"typed differently", password, "twelve chars are", "twelve chars is"},
		{"the old one", password, password, password},
		{"the address", password, freshMail, freshMail},
		{"without the present one", "wrong", "twelve characters", "twelve characters"},
	} {
		form := url.Values{"current": {c.current}, "new": {c.next}, "again": {c.more}}
		status, body := b.post("/console/password", form)
		typed := strings.Count(body, c.next)
		if c.next == freshMail { // which stands there once, for the password manager
			typed--
		}
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, `class="fault"`) || typed > 0 {
			t.Errorf("%s: status %d", c.name, status)
		}
	}
	other := h.as(freshMail)
	form := url.Values{"current": {password}, "new": {"twelve characters"}, "again": {"twelve characters"}}
	if status, _ := b.post("/console/password", form); status != http.StatusSeeOther {
		t.Fatalf("a good password: status %d", status)
	}
	if status, _ := b.get("/console"); status != http.StatusOK {
		t.Errorf("after the change: status %d", status)
	}
	if status, _ := other.get("/console/password"); status != http.StatusSeeOther {
		t.Errorf("another browser of the account stayed signed in: status %d", status)
	}
}

func TestAPostFromAnotherSiteIsRefused(t *testing.T) {
	h := newHouse(t)
	b := h.as(managerMail)
	for _, header := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site"},
		{"Origin": "https://elsewhere.example"},
	} {
		r, _ := http.NewRequest(http.MethodPost, h.URL+"/console/sign-out", nil)
		for name, value := range header {
			r.Header.Set(name, value)
		}
		response, body := b.do(r)
		if response.StatusCode != http.StatusForbidden || !strings.Contains(body, "another site") {
			t.Errorf("%v: status %d", header, response.StatusCode)
		}
	}
	if status, _ := b.get("/console"); status != http.StatusOK {
		t.Error("the refused post signed out all the same")
	}
}

func TestALanguageOnceChosenStays(t *testing.T) {
	h := newHouse(t)
	b := h.as(managerMail)
	if status, _ := b.post("/console/language", url.Values{"language": {"fr"}, "back": {"/console/waves"}}); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	if _, body := b.page("/console"); !strings.Contains(body, `<html lang="fr">`) {
		t.Error("the page is not in French")
	}
	if status, _ := b.post("/console/language", url.Values{"language": {"xx"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown language: status %d", status)
	}
}

func TestNoFormSendsAnybodyToAnotherSite(t *testing.T) {
	h := newHouse(t)
	for to, want := range map[string]string{
		"/console/waves":                    "/console/waves",
		"/console/units?measure=burnout":    "/console/units?measure=burnout",
		"/console/units?measure=a&b=%2F":    "/console/units?measure=a&b=%2F",
		"/console/waves#latest":             "/console/waves",
		"/console?":                         "/console",
		"https://elsewhere.example/console": "/console", "//elsewhere.example/console": "/console", "///elsewhere.example/console": "/console",
		"/\\elsewhere.example": "/console", "/console\\elsewhere": "/console", "/console//elsewhere.example": "/console",
		"/console/../p": "/console", "/console/%2e%2e/p": "/console", "/console/..%2fp": "/console", "/consoleelsewhere": "/console",
		"/p": "/console", "": "/console", "javascript:alert(1)": "/console", "data:text/html,x": "/console",
		"user@elsewhere.example/console": "/console", "//user@elsewhere.example/console": "/console",
		"/console/waves\r\nLocation: https://elsewhere.example": "/console", "/console/\tx": "/console", " /console": "/console",
	} {
		if got := backTo(to); got != want {
			t.Errorf("backTo(%q) = %q, want %q", to, got, want)
		}
		// The same for signing in, which comes back to what was asked for.
		form := url.Values{"email": {hrMail}, "password": {password}, "to": {to}}
		r, _ := http.NewRequest(http.MethodPost, h.URL+"/console/sign-in", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, _ := h.browser().do(r)
		if got := response.Header.Get("Location"); response.StatusCode != http.StatusSeeOther || got != want {
			t.Errorf("signing in with to=%q leads to %q, want %q", to, got, want)
		}
	}
}

func FuzzNoFormSendsAnybodyToAnotherSite(f *testing.F) {
	for _, seed := range []string{"/console/waves?x=1", "//e.example", "/console/%2e%2e/p", "/console\\e", "https://e.example/console", "/console/;//e"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, to string) {
		got := backTo(to)
		here, _ := url.Parse("https://attune.example/console/sign-in")
		led, err := here.Parse(got)
		if err != nil || led.Host != "attune.example" || led.Scheme != "https" || led.Path != "/console" && !strings.HasPrefix(led.Path, "/console/") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Errorf("backTo(%q) = %q, which leads to %v (%v)", to, got, led, err)
		}
	})
}

func TestSigningInLeadsBackToThePageThatWasAskedFor(t *testing.T) {
	h := newHouse(t)
	b := h.browser()
	const asked = "/console/units?measure=burnout"
	r, _ := http.NewRequest(http.MethodGet, h.URL+asked, nil)
	response, _ := b.do(r)
	form := response.Header.Get("Location")
	doc, body := b.page(form)
	if to := doc.Find("form.card input[name=to]").AttrOr("value", ""); to != asked || !strings.Contains(body, "page that you asked for") {
		t.Errorf("%s has to=%q", form, to)
	}
	// A wrong password and a change of language lose nothing.
	if status, body := b.post("/console/sign-in", url.Values{"email": {hrMail}, "password": {"wrong wrong wrong"}, "to": {asked}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, `value="`+asked+`"`) {
		t.Errorf("after a wrong password: status %d", status)
	}
	if back := doc.Find("input[name=back]").AttrOr("value", ""); backTo(back) != form {
		t.Errorf("a change of language leads to %q, want %q", backTo(back), form)
	}
	// The form itself, and what was posted, are never asked for.
	if got := askedFor(signInPath + "?to=%2Fconsole%2Fsign-in"); got != consolePath {
		t.Errorf("signing in leads to %q", got)
	}
	r, _ = http.NewRequest(http.MethodPost, h.URL+"/console/leaders", nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if response, _ := b.do(r); response.Header.Get("Location") != signInPath {
		t.Errorf("a post leads to %q", response.Header.Get("Location"))
	}
}
