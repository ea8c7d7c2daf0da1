package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"attune/static"
	"attune/survey"
	"attune/survey/ticket"
)

// A preview shows the real form with every item, what the pack says before it,
// and after a printed code what the answers mean.
func TestAPreviewShowsTheFormAndWhatComesAfterIt(t *testing.T) {
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	pack, err := library.Latest("belonging")
	if err != nil {
		t.Fatal(err)
	}
	a := &app{env: environment{language: "en"}, site: site}
	handler, err := a.preview(pack, func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range pack.Languages {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/p?lang="+lang, nil))
		page := strings.NewReplacer("&#39;", "'", "&amp;", "&").Replace(w.Body.String())
		if w.Code != http.StatusOK || !strings.Contains(page, pack.Notice[lang]) {
			t.Errorf("%s: %d, without the notice", lang, w.Code)
		}
		for _, item := range pack.Items {
			if !strings.Contains(page, item.Text[lang]) {
				t.Errorf("%s: %s is not shown", lang, item.ID)
			}
		}
	}
	code := ticket.NewPaperCode(nil, "PRE", "preview", 0).String()
	sent := url.Values{"code": {code}, "belong_heard": {"3"}}.Encode()
	r := httptest.NewRequest(http.MethodPost, "/p?lang=en", strings.NewReader(sent))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), site.Text("en", "phone.received.title", nil)) {
		t.Errorf("sending gives %d\n%s", w.Code, w.Body.String())
	}
}

// A pack without scales promises no private result.
func TestOnlyPacksWithScalesPromiseAResult(t *testing.T) {
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	a := &app{env: environment{language: "en"}, site: site}
	for id, want := range map[string]bool{"pulse": true, "supports": true, "belonging": false, "incident": false} {
		pack, err := library.Latest(id)
		if err != nil {
			t.Fatal(err)
		}
		handler, err := a.preview(pack, func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) })
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/p?lang=en", nil))
		if got := strings.Contains(w.Body.String(), site.Text("en", "phone.result.title", nil)); got != want {
			t.Errorf("%s promises a result: %t", id, got)
		}
	}
}
