package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/analytics"

	"github.com/PuerkitoBio/goquery"
)

// Every refusal is a page in the reader's language, with a way out that opens.
func TestEveryErrorIsAPageWithAWayOut(t *testing.T) {
	h := newHouse(t)
	faulty := newHouse(t, func(c *Config) {
		c.Archive = analytics.NewArchive(broken{func() error { return http.ErrBodyNotAllowed }})
	})
	for _, lang := range h.site.Languages() {
		in := func(h *house, email string) *browser {
			b := h.browser()
			if email != "" {
				b = h.as(email)
			}
			b.post("/console/language", url.Values{"language": {lang}})
			return b
		}
		for _, c := range []struct {
			name   string
			who    *browser
			method string
			path   string
			status int
			ways   string // one of the ways out
		}{
			{"404, signed in", in(h, managerMail), http.MethodGet, "/console/nothing", 404, "/console/units"},
			{"404, signed out", in(h, ""), http.MethodGet, "/console/nothing", 404, "/console/sign-in?to=%2Fconsole%2Fnothing"},
			{"404 outside of the console", in(h, ""), http.MethodGet, "/nothing?lang=" + lang, 404, "/"},
			{"403 by role", in(h, managerMail), http.MethodGet, "/console/export", 403, "/console"},
			{"403 by part", in(h, nightMail), http.MethodGet, "/console/teams/duty", 403, "/console/units"},
			{"403 of an auditor", in(h, auditorMail), http.MethodGet, "/console/units", 403, "/console"},
			{"500", in(faulty, managerMail), http.MethodGet, "/console", 500, "/console"},
		} {
			r, _ := http.NewRequest(c.method, c.who.house.URL+c.path, nil)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			response, body := c.who.do(r)
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
			must(t, err)
			if response.StatusCode != c.status || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s: status %d, %s", c.name, response.StatusCode, response.Header.Get("Content-Type"))
			}
			if got := doc.Find("html").AttrOr("lang", ""); got != lang {
				t.Errorf("%s: in %q, want %q", c.name, got, lang)
			}
			if doc.Find("h1").Length() != 1 || len(doc.Find(".fault").Text()) < 30 || strings.Contains(doc.Text(), "{") || strings.Contains(doc.Text(), "[") {
				t.Errorf("%s: %q says too little", c.name, doc.Find("main").Text())
			}
			ways := doc.Find("main .links a").Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") })
			if !strings.Contains(strings.Join(ways, " ")+" ", c.ways+" ") {
				t.Errorf("%s: the ways out are %q, want %s", c.name, ways, c.ways)
			}
			for _, way := range ways {
				if status, _ := c.who.get(way); c.status != 500 && status != http.StatusOK {
					t.Errorf("%s: %s gives %d", c.name, way, status)
				}
			}
		}
	}
}

func TestARefusalSaysWhoMayOpenThePage(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	for lang, want := range map[string]string{
		"en": "This page is for: administrator and manager.", "fr": "administration et responsable", "es": "administración y responsable",
	} {
		b.post("/console/language", url.Values{"language": {lang}})
		if _, body := b.get("/console/incidents"); !strings.Contains(body, want) {
			t.Errorf("%s: %q is not said", lang, want)
		}
	}
}
