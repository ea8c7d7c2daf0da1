package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"attune/static"
	"attune/survey/store"

	"github.com/PuerkitoBio/goquery"
)

// A way that leads to a refusal, or a page of a role that no way leads to,
// would both be found here: every way of a role opens.
func TestEveryWayIsOpenToWhoSeesIt(t *testing.T) {
	h := newHouse(t)
	for _, email := range []string{adminMail, hrMail, managerMail, auditorMail} {
		b := h.as(email)
		doc, _ := b.page("/console")
		paths := doc.Find("nav.ways a").Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") })
		if len(paths) < 3 {
			t.Errorf("%s has the ways %q only", email, paths)
		}
		for _, path := range paths {
			if status, _ := b.get(path); status != http.StatusOK {
				t.Errorf("%s is led to %s and gets %d", email, path, status)
			}
		}
		// The phone's bar and what is behind its “More” are the same ways.
		bar := doc.Find("nav.tabs a").Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") })
		slices.Sort(paths)
		slices.Sort(bar)
		if !slices.Equal(paths, bar) {
			t.Errorf("%s: beside the page %q, on a phone %q", email, paths, bar)
		}
		if n := doc.Find("nav.tabs > a").Length(); n < 2 || n > barRoom {
			t.Errorf("%s: %d ways in the bar, want 2 to %d", email, n, barRoom)
		}
	}
}

func TestTheWayThatAPageBelongsToIsMarked(t *testing.T) {
	everything := viewer{User: store.User{Roles: []string{admin, hr}}}
	for here, want := range map[string]string{
		"/console":                          "/console",
		"/console/units?measure=cs":         "/console/units",
		"/console/teams/x/answers":          "/console/units",
		"/console/waves/2026-11/poster":     "/console/waves",
		"/console/audit/2026-11":            "/console/audit",
		"/console/leaders/audits/a/blocks/": "/console/leaders",
		"/console/wavesandmore":             "",
		"/console/nothing":                  "",
		"":                                  "",
	} {
		got := ""
		if at := current(everything.ways(), here); at >= 0 {
			got = everything.ways()[at].path
		}
		if got != want {
			t.Errorf("%q belongs to %q, want %q", here, got, want)
		}
	}
	h := newHouse(t)
	b := h.as(managerMail)
	for path, want := range map[string]string{"/console/waves": "page", "/console/teams/duty": "true"} {
		doc, _ := b.page(path)
		marked := doc.Find("nav.ways [aria-current]")
		if marked.Length() != 1 || marked.AttrOr("aria-current", "") != want {
			t.Errorf("%s: %d ways are marked, the first as %q", path, marked.Length(), marked.AttrOr("aria-current", ""))
		}
	}
	if doc, _ := b.page("/console/leaders"); doc.Find("nav.tabs details.within").Length() != 1 {
		t.Error("on a phone, nothing marks a page that is behind “More”")
	}
}

func TestATabSaysItsPageItsUnitAndTheOrganisation(t *testing.T) {
	h := newHouse(t)
	b := h.as(managerMail)
	seen := make(map[string]string)
	for _, path := range []string{"/console", "/console/units", "/console/teams/duty", "/console/teams/long", "/console/teams/duty/answers", "/console/teams/duty/events", "/console/waves", "/console/guides", "/console/leaders"} {
		doc, _ := b.page(path)
		title := doc.Find("title").Text()
		if other, had := seen[title]; had {
			t.Errorf("%s and %s are both called %q", path, other, title)
		}
		seen[title] = path
		for _, want := range []string{"Riverside Services", "Attune"} {
			if !strings.Contains(title, want) {
				t.Errorf("%s is called %q, without %q", path, title, want)
			}
		}
		if strings.Contains(path, "/duty") && !strings.HasPrefix(title, "Duty team – ") {
			t.Errorf("%s is called %q, without its unit first", path, title)
		}
	}
}

func TestEveryPageHasAnIconThatIsServed(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/", "/console/sign-in"} {
		doc, _ := h.browser().page(path)
		if status, body := h.browser().get(doc.Find("link[rel=icon]").AttrOr("href", "none")); status != http.StatusOK || !strings.Contains(body, "prefers-color-scheme") {
			t.Errorf("%s: its icon gives status %d", path, status)
		}
	}
}

// The names of ways have to fit side by side on the narrowest phone: about 11
// letters of 15 px have room in a quarter of 320 px.
func TestNamesInTheBarAreShort(t *testing.T) {
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range ways() {
		for _, lang := range site.Languages() {
			if name := site.Text(lang, w.short, nil); w.short != "" && len([]rune(name)) > 16 {
				t.Errorf("%s: %q has %d letters", lang, name, len([]rune(name)))
			}
		}
	}
}
