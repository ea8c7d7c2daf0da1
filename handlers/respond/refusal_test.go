package respond_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"attune/survey"
)

func TestEveryRefusalKeepsWhatWasTyped(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	item := wave.Packs[0].Items[3].ID
	p := newPages(t, wave)
	for _, c := range []struct {
		name   string
		err    error
		status int
		anchor string // of the link in the summary; empty: no link
		say    string
	}{
		{"mistyped", survey.Fail(survey.Invalid, "paper.mistyped", nil), 422, "#code", "typing mistake"},
		{"wrong", survey.Fail(survey.NotFound, "paper.wrong", nil), 422, "#code", "no survey here knows it"},
		{"not open", survey.Fail(survey.Conflict, "paper.not_open", survey.Args{"opens": "1 December"}), 422, "#code", "1 December"},
		{"closed", survey.Fail(survey.Conflict, "paper.closed", survey.Args{"closes": "1 November"}), 422, "#code", "1 November"},
		{"busy", survey.Fail(survey.TooMany, "paper.busy", nil), 429, "", "Wait a minute"},
		{"full", survey.Fail(survey.Conflict, "paper.full", nil), 422, "#code", "handed out"},
		{"value", survey.Fail(survey.Invalid, "error.answer.value", survey.Args{"item": item, "value": 9}), 422, "#q-" + item, wave.Packs[0].Items[3].Text["en"]},
		{"item", survey.Fail(survey.Invalid, "error.answer.item", survey.Args{"item": "nothing"}), 422, "", "nothing"},
		{"length", survey.Fail(survey.Invalid, "error.answer.length", survey.Args{"bytes": 1, "expected": 15}), 422, "", "15"},
		{"fault", errors.New("a cause that is nobody's business"), 500, "", "one slip counts once"},
		{"no words", survey.Fail(survey.Unavailable, "a.key.without.text", nil), 500, "", "one slip counts once"},
	} {
		for _, lang := range []string{"en", "fr", "es"} {
			t.Run(c.name+" "+lang, func(t *testing.T) {
				p.waves.refuse = c.err
				code := "a7k0 0000"
				fields := url.Values{"code": {code}, item: {"2"}}
				doc := page(t, p.post("/p?lang="+lang, fields), c.status, code)
				if title := doc.Find("title").Text(); !strings.Contains(title, " – ") {
					t.Errorf("the title %q does not say that something is wrong", title)
				}
				if doc.Find("#problem[role=alert]").Length() != 1 {
					t.Fatal("no summary of what is wrong")
				}
				if href := doc.Find("#problem a").AttrOr("href", ""); href != c.anchor {
					t.Errorf("the summary leads to %q, want %q", href, c.anchor)
				}
				if c.anchor != "" && doc.Find(c.anchor).Length() != 1 {
					t.Errorf("nothing is called %s", c.anchor)
				}
				if lang == "en" && !strings.Contains(doc.Find("#problem").Text(), c.say) {
					t.Errorf("the summary says %q, want %q in it", doc.Find("#problem").Text(), c.say)
				}
				if got := doc.Find("input[name=code]").AttrOr("value", ""); got != code {
					t.Errorf("the code came back as %q", got)
				}
				if doc.Find(`input[checked]`).Length() != 1 || doc.Find(`input[name=`+item+`][value="2"][checked]`).Length() != 1 {
					t.Error("the answers did not come back")
				}
				if strings.Contains(doc.Text(), "nobody's business") || strings.Contains(doc.Text(), "a.key") {
					t.Error("the cause is shown")
				}
				w := p.post("/p?lang="+lang, fields, "Accept", "application/json")
				headers(t, w)
				var got struct {
					Error struct{ Message, Field string }
				}
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != c.status || got.Error.Message == "" {
					t.Errorf("as JSON: %d %s %v", w.Code, w.Body, err)
				}
			})
		}
	}
}

func TestFormsThatAreNoneAreRefusedClearly(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	const form = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name, kind, body string
		length           int64 // told in the header; 0: the true one
		status           int
	}{
		{"json", "application/json", "{}", 0, http.StatusUnsupportedMediaType},
		{"no type", "", "code=x", 0, http.StatusUnsupportedMediaType},
		{"told too large", form, "code=x", 1 << 30, http.StatusRequestEntityTooLarge},
		{"too large", form, "code=" + strings.Repeat("x", 17<<10), 0, http.StatusRequestEntityTooLarge},
		{"too large, length not told", form, "code=" + strings.Repeat("x", 17<<10), -1, http.StatusRequestEntityTooLarge},
		{"bad escape", form, "code=%zz", 0, http.StatusBadRequest},
		{"twice", form, "code=x&code=y", 0, http.StatusBadRequest},
		{"not UTF-8", form, "a=%ff", 0, http.StatusBadRequest},
		{"long value", form, "a=" + strings.Repeat("1", 17), 0, http.StatusBadRequest},
		{"unknown step", form, "step=other", 0, http.StatusBadRequest},
		{"too many fields", form, strings.TrimSuffix(strings.Repeat("a=1&", 600), "&"), 0, http.StatusBadRequest},
	} {
		for _, path := range []string{"/p", "/p/withdraw"} {
			t.Run(c.name+" "+path, func(t *testing.T) {
				r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(c.body))
				r.Header.Set("Content-Type", c.kind)
				if c.length != 0 {
					r.ContentLength = c.length
				}
				page(t, p.do(r), c.status)
				if len(p.waves.ballots) != 0 {
					t.Error("a ballot was cast")
				}
			})
		}
	}
}

func TestUnknownFieldsAreRefused(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	code := p.waves.code("A7K", "2026-11", 0)
	page(t, p.post("/p", url.Values{"code": {code}, "email": {"1"}}), http.StatusUnprocessableEntity, code)
	page(t, p.post("/p", url.Values{"code": {code}, "email": {"a@b"}}), http.StatusUnprocessableEntity, code)
	page(t, p.post("/p/withdraw", url.Values{"code": {code}, "email": {"1"}}), http.StatusBadRequest, code)
	if len(p.waves.ballots) != 0 {
		t.Error("a ballot with an unknown field was cast")
	}
}

func TestPostsFromOtherSitesAreRefused(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	code := p.waves.code("A7K", "2026-11", 0)
	for _, c := range []struct {
		headers []string
		status  int
	}{
		{[]string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{[]string{"Sec-Fetch-Site", "same-site", "Origin", "null"}, http.StatusForbidden},
		{[]string{"Origin", "https://elsewhere.example"}, http.StatusForbidden},
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", "null"}, http.StatusOK},
		{[]string{"Origin", "null"}, http.StatusOK}, // an older browser, which hides the origin as our pages ask
		{[]string{"Origin", "http://example.com"}, http.StatusOK},
	} {
		page(t, p.post("/p", url.Values{"code": {code}}, c.headers...), c.status, code)
	}
}

func TestOtherMethodsAndPathsGetAPage(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	for path, allow := range map[string]string{"/p": "GET, HEAD, POST", "/p/withdraw": "GET, HEAD, POST", "/p/leave": "GET, HEAD", "/log": "GET, HEAD"} {
		w := p.do(httptest.NewRequest(http.MethodPut, path, nil))
		page(t, w, http.StatusMethodNotAllowed)
		if got := w.Header().Get("Allow"); got != allow {
			t.Errorf("%s allows %q, want %q", path, got, allow)
		}
	}
	page(t, p.get("/p/nothing"), http.StatusNotFound)
}

func TestFaultsAndPanicsGiveAPlainPage(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	p.waves.fail = errors.New("disk of 192.0.2.7 on fire")
	for _, path := range []string{"/p", "/log", "/log.json"} {
		if w := p.get(path); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "192.0.2.7") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	p.waves.fail, p.waves.panics = nil, true
	doc := page(t, p.get("/p"), http.StatusInternalServerError)
	if strings.Contains(doc.Text(), "planted") {
		t.Error("the panic is shown")
	}
}
