package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/analytics"
	"attune/handlers/respond"
	"attune/survey"
)

// Who may open what. 303 leads to the sign-in page.
func TestEveryRouteIsForItsRolesOnly(t *testing.T) {
	h := newHouse(t, withDemo(nil))
	people := []struct {
		name string
		*browser
	}{
		{"nobody", h.browser()},
		{admin, h.as(adminMail)},
		{hr, h.as(hrMail)},
		{manager, h.as(managerMail)},
		{"night", h.as(nightMail)},
		{auditor, h.as(auditorMail)},
	}
	const ok, in, no, gone = http.StatusOK, http.StatusSeeOther, http.StatusForbidden, http.StatusNotFound
	for _, c := range []struct {
		path string
		want [6]int // nobody, admin, hr, manager of Children, manager of the night team, auditor
	}{
		{"/", [6]int{ok, ok, ok, ok, ok, ok}},
		{"/console/sign-in", [6]int{ok, ok, ok, ok, ok, ok}},
		{"/console", [6]int{in, ok, ok, ok, ok, ok}},
		{"/console/password", [6]int{in, ok, ok, ok, ok, ok}},
		{"/console/teams/org", [6]int{in, no, ok, no, no, no}},
		{"/console/teams/children", [6]int{in, no, ok, ok, no, no}},
		{"/console/teams/duty", [6]int{in, no, ok, ok, no, no}},
		{"/console/teams/duty/answers", [6]int{in, no, ok, ok, no, no}},
		{"/console/teams/duty/events", [6]int{in, ok, ok, ok, no, no}},
		{"/console/units", [6]int{in, no, ok, ok, ok, no}},
		{"/console/administration", [6]int{in, ok, no, no, no, no}},
		{"/console/teams/intake", [6]int{in, no, ok, ok, no, no}},
		{"/console/teams/night", [6]int{in, no, ok, no, ok, no}},
		{"/console/teams/nowhere", [6]int{in, no, gone, no, no, no}},
		{"/console/waves", [6]int{in, ok, ok, ok, ok, no}},
		{"/console/associations", [6]int{in, no, ok, no, no, no}},
		{"/console/contacts", [6]int{in, ok, no, no, no, no}},
		{"/console/export", [6]int{in, no, ok, no, no, no}},
		{"/console/export/download?wave=all&format=csv", [6]int{in, no, ok, no, no, no}},
		{"/console/nothing", [6]int{gone, gone, gone, gone, gone, gone}},
	} {
		for i, who := range people {
			if status, _ := who.get(c.path); status != c.want[i] {
				t.Errorf("%s as %s: status %d, want %d", c.path, who.name, status, c.want[i])
			}
		}
	}
	for i, want := range []int{in, in, in, in, in, no} {
		if status, _ := people[i].post("/console/demo/advance", url.Values{"to": {"+24h"}}); status != want {
			t.Errorf("advance as %s: status %d, want %d", people[i].name, status, want)
		}
	}
}

func withDemo(moved *[]string) func(*Config) {
	return func(c *Config) {
		c.Demo = &Demo{
			Advance: func(_ context.Context, to string) error {
				if moved != nil {
					*moved = append(*moved, to)
				}
				return nil
			},
			SignIns: []SignIn{{Role: manager, Unit: "Children", Email: managerMail, Password: password}},
		}
	}
}

func TestARealInstallationHasNoClockToMove(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	if status, _ := b.post("/console/demo/advance", url.Values{"to": {"open"}}); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
	for _, path := range []string{"/console/waves", "/console/sign-in"} {
		if doc, _ := b.page(path); doc.Find(".demo").Length() > 0 {
			t.Errorf("%s shows a demonstration", path)
		}
	}
}

func TestPagesCarryTheSecurityHeaders(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	for _, path := range []string{
		"/", "/console", "/console/sign-in", "/console/nothing", "/nothing", "/console/teams/duty",
		"/console/export/download?wave=all&format=json",
	} {
		r, _ := http.NewRequest(http.MethodGet, h.URL+path, nil)
		response, _ := b.do(r)
		for name, want := range map[string]string{
			"Content-Security-Policy": contentPolicy, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		} {
			if got := response.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
	}
}

func TestNoMiddlewareTouchesTheRespondentsRoutes(t *testing.T) {
	h := newHouse(t)
	for _, path := range respond.Routes() {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodOptions} {
			r, _ := http.NewRequest(method, h.URL+path, strings.NewReader(strings.Repeat("x", maxForm+1)))
			r.Header.Set("Sec-Fetch-Site", "cross-site") // their own handler decides about this
			response, body := h.browser().do(r)
			if response.StatusCode != http.StatusOK || body != "respondent "+method+" "+path {
				t.Errorf("%s %s: status %d, %q", method, path, response.StatusCode, body)
			}
			for name := range response.Header {
				if name != "Content-Type" && name != "Content-Length" && name != "Date" {
					t.Errorf("%s %s: header %s was added", method, path, name)
				}
			}
		}
	}
}

func TestARequestThatIsTooLargeIsRefusedKindly(t *testing.T) {
	h := newHouse(t)
	status, body := h.browser().post("/console/sign-in", url.Values{"email": {strings.Repeat("x", maxForm)}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "too large") {
		t.Errorf("status %d", status)
	}
}

// broken is an archive that cannot be read.
type broken struct{ fault func() error }

func (b broken) ReleaseIDs(context.Context) ([]survey.WaveID, error) { return nil, b.fault() }
func (b broken) ReleaseDocument(context.Context, survey.WaveID) (survey.StoredRelease, error) {
	return survey.StoredRelease{}, b.fault()
}

func TestDetailsOfAFaultGoToTheLogAndNeverToThePage(t *testing.T) {
	for name, fault := range map[string]func() error{
		"an error": func() error { return errors.New("disk 7 is on fire") },
		"a panic":  func() error { panic("disk 7 is on fire") },
	} {
		h := newHouse(t, func(c *Config) { c.Archive = analytics.NewArchive(broken{fault}) })
		b := h.as(managerMail)
		status, body := b.get("/console")
		if status != http.StatusInternalServerError || strings.Contains(body, "disk 7") || !strings.Contains(body, "went wrong on our side") {
			t.Errorf("%s: status %d", name, status)
		}
		log := h.log.String()
		if !strings.Contains(log, "disk 7 is on fire") {
			t.Errorf("%s: the log lacks the detail: %q", name, log)
		}
		for _, secret := range []string{"127.0.0.1", managerMail, "attune_console", password} {
			if strings.Contains(log, secret) {
				t.Errorf("%s: the log has %q: %s", name, secret, log)
			}
		}
	}
}

func TestEveryCodeHasItsStatus(t *testing.T) {
	for code, want := range map[survey.Code]int{
		survey.Invalid: 422, survey.NotFound: 404, survey.Conflict: 409, survey.Forbidden: 403,
		survey.TooMany: 429, survey.Unavailable: 503, "": 500, "other": 500,
	} {
		if got := statusOf(code); got != want {
			t.Errorf("statusOf(%q) = %d, want %d", code, got, want)
		}
	}
}

func TestAConfigurationNamesEverythingThatIsMissing(t *testing.T) {
	_, err := New(Config{})
	if err == nil {
		t.Fatal("an empty Config was accepted")
	}
	for _, field := range []string{"Store", "Archive", "Waves", "Site", "Respond", "Zone", "Now", "Rand", "Log"} {
		if !strings.Contains(err.Error(), "Config."+field) {
			t.Errorf("the error does not name %s: %v", field, err)
		}
	}
}
