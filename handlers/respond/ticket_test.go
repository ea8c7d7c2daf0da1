package respond_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"attune/handlers/respond"
	"attune/survey"
)

// postText sends what a phone's script sends.
func (p *pages) postText(target, body string, headers ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	r.Header.Set("Accept", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return p.do(r)
}

var ticketPaths = []string{"/draw/offer", "/draw", "/cast", "/cast/withdraw"}

func ticketBody(t testing.TB, path string) string {
	if path == "/draw/offer" {
		return `{"token":"` + northToken + `1","wave":"2026-11"}`
	}
	if path == "/draw" {
		return `{"token":"` + northToken + `1","wave":"2026-11","blinded":"` + base64Of(32) + `"}`
	}
	return ballotJSON(t, survey.TicketBallot{Wave: "2026-11", Group: "g-north", Input: make([]byte, 32), Output: make([]byte, 64)})
}

func TestEveryTicketRefusalHasItsStatusAndWords(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	openDesk(t, p)
	for _, c := range []struct {
		err    error
		status int
		key    string
	}{
		{survey.Fail(survey.Conflict, "ticket.drawn", nil), 409, "ticket.drawn"},
		{survey.Fail(survey.Conflict, "ticket.closed", survey.Args{"closes": "1 May"}), 409, "ticket.closed"},
		{survey.Fail(survey.Conflict, "ticket.paper", nil), 409, "ticket.paper"},
		{survey.Fail(survey.Conflict, "ticket.not_open", survey.Args{"opens": "1 May"}), 409, "ticket.not_open"},
		{survey.Fail(survey.NotFound, "ticket.link", nil), 404, "ticket.link"},
		{survey.Fail(survey.NotFound, "ticket.wave", nil), 404, "ticket.wave"},
		{survey.Fail(survey.Invalid, "ticket.invalid", nil), 422, "ticket.invalid"},
		{survey.Fail(survey.Invalid, "ticket.malformed", nil), 422, "ticket.malformed"},
		{survey.Fail(survey.TooMany, "paper.busy", nil), 429, "paper.busy"},
		{survey.Fail(survey.Unavailable, "ticket.fault", nil), 503, "ticket.fault"},
		{errors.New("disk of 192.0.2.7 on fire"), 500, "ticket.unsure"},
		{survey.Fail(survey.Unavailable, "a.key.without.text", nil), 500, "ticket.unsure"},
	} {
		p.waves.refuse = c.err
		for _, path := range ticketPaths {
			for _, lang := range []string{"en", "fr", "es"} {
				w := p.postText(path+"?lang="+lang, ticketBody(t, path))
				headers(t, w)
				var got struct {
					Error struct{ Message, Key, Field string }
				}
				if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != c.status || got.Error.Key != c.key || got.Error.Field != "" {
					t.Errorf("%s: %d %s, want %d %s", path, w.Code, w.Body, c.status, c.key)
				}
				if strings.ContainsAny(got.Error.Message, "{[") || got.Error.Message == "" || strings.Contains(w.Body.String(), "192.0.2.7") || strings.Contains(w.Body.String(), northToken) {
					t.Errorf("%s says %q", path, got.Error.Message)
				}
			}
		}
	}
}

func TestWhatIsNoTicketRequestIsRefusedClearly(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	for _, path := range ticketPaths {
		whole := ticketBody(t, path)
		for name, c := range map[string]struct {
			kind, body string
			status     int
			key        string
		}{
			"form":          {"application/x-www-form-urlencoded", whole, 415, "ticket.body.type"},
			"no type":       {"", whole, 415, "ticket.body.type"},
			"oversized":     {"text/plain", whole[:len(whole)-1] + `,"sheet":"` + strings.Repeat("A", 9<<10) + `"}`, 413, "ticket.body.large"},
			"empty":         {"text/plain", "", 400, "ticket.body.form"},
			"null":          {"text/plain", "null", 400, "ticket.body.form"},
			"list":          {"text/plain", "[" + whole + "]", 400, "ticket.body.form"},
			"two":           {"text/plain", whole + whole, 400, "ticket.body.form"},
			"unknown field": {"text/plain", whole[:len(whole)-1] + `,"name":"x"}`, 400, "ticket.body.form"},
			"cut":           {"text/plain", whole[:len(whole)-2], 400, "ticket.body.form"},
			"wrong type":    {"text/plain", `{"wave":7}`, 400, "ticket.body.form"},
			"no base64":     {"text/plain", `{"wave":"2026-11","blinded":"!","input":"!"}`, 400, "ticket.body.form"},
		} {
			w := p.postText(path, c.body, "Content-Type", c.kind)
			headers(t, w)
			if w.Code != c.status || !strings.Contains(w.Body.String(), `"key":"`+c.key+`"`) {
				t.Errorf("%s %s: %d %s, want %d %s", path, name, w.Code, w.Body, c.status, c.key)
			}
		}
	}
	if d.touched() != 0 {
		t.Error("something of it came through")
	}
}

func TestTheManifestIsServedAsItWasPublished(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	w := p.get("/manifest/2026-11")
	headers(t, w)
	if w.Code != http.StatusOK || w.Body.String() != string(d.raw["2026-11"]) || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s %q", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	page(t, p.get("/manifest/2027-01"), http.StatusNotFound)
	page(t, p.get("/manifest/"), http.StatusNotFound)
	page(t, p.get("/manifest/a/b"), http.StatusNotFound)
}

func TestBallotsOfThePublicPagesReachTheBallotHost(t *testing.T) {
	const public, ballots = "https://survey.example.org", "https://ballot.example.org"
	p := pagesWith(t, respond.Config{PublicURL: public, BallotOrigin: ballots}, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	w := p.get("/a")
	for _, directive := range []string{"connect-src 'self' " + ballots + ";", "form-action 'self' " + ballots + ";"} {
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), directive) {
			t.Errorf("the policy lacks %q", directive)
		}
	}
	if !strings.Contains(w.Body.String(), `"cast":"`+ballots+`/cast"`) {
		t.Error("the page does not send ballots there")
	}
	from := func(origin string) []string { return []string{"Origin", origin, "Sec-Fetch-Site", "same-site"} }
	for _, path := range []string{"/cast", "/cast/withdraw"} {
		w := p.postText(ballots+path, ticketBody(t, path), from(public)...)
		if w.Code != http.StatusUnprocessableEntity || w.Header().Get("Access-Control-Allow-Origin") != public || w.Header().Get("Vary") != "Origin" || w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
		for _, other := range []string{"https://elsewhere.example.org", "http://survey.example.org", "null"} {
			w := p.postText(ballots+path, ticketBody(t, path), from(other)...)
			if w.Code != http.StatusForbidden || w.Header().Get("Access-Control-Allow-Origin") == other {
				t.Errorf("%s from %s: %d", path, other, w.Code)
			}
		}
	}
	for _, path := range []string{"/draw/offer", "/draw", "/p"} {
		w := p.postText(ballots+path, ticketBody(t, path), from(public)...)
		if w.Code != http.StatusForbidden || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d, allows %q", path, w.Code, w.Header().Get("Access-Control-Allow-Origin"))
		}
	}
	if d.casts != 1 { // the one from the public page; a withdrawal is not counted
		t.Errorf("%d ballots came through", d.casts)
	}
	for _, bad := range []respond.Config{
		{BallotOrigin: ballots},
		{BallotOrigin: "ballot.example.org", PublicURL: public},
		{BallotOrigin: ballots + "/", PublicURL: public},
		{BallotOrigin: ballots, PublicURL: "https://a b"},
	} {
		bad.Waves, bad.Site, bad.Now = p.waves, p.site, p.now
		if _, err := respond.New(bad); err == nil {
			t.Errorf("%q with %q was taken", bad.BallotOrigin, bad.PublicURL)
		}
	}
}

func TestWithoutABallotHostNobodyElseMayCast(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	for _, path := range ticketPaths {
		w := p.postText(path, ticketBody(t, path), "Origin", "https://survey.example.org", "Sec-Fetch-Site", "cross-site")
		if w.Code != http.StatusForbidden || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if d.touched() != 0 {
		t.Error("something of it came through")
	}
}

func TestTheLinkPageSaysWhatIsPromisedAndIsTheSameForEverybody(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	p := newPages(t, wave)
	d := openDesk(t, p, openWave(t, "2026-12", "pulse"))
	for lang, says := range map[string][]string{
		"en": {"needs JavaScript", "paper slips", "Compare this round’s words with the poster", "Someone with full control of this server", "Nobody reads single answers"},
		"fr": {"besoin de JavaScript", "billets en papier", "Comparez les mots", "contrôle complet de ce serveur", "Personne ne lit les réponses"},
		"es": {"necesita JavaScript", "papeletas", "Compare las palabras", "control total de este servidor", "Nadie lee las respuestas"},
	} {
		first := p.get("/a?lang=" + lang)
		text := page(t, first, http.StatusOK, northToken).Find("main").Text()
		for _, want := range append(append(append(says, d.waves[0].Fingerprint...), d.waves[1].Fingerprint...), wave.Owner, wave.Contact, "5") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q", lang, want)
			}
		}
		for _, never := range []string{"100 %", "100%", "impossible", "imposible", "military"} {
			if strings.Contains(strings.ToLower(first.Body.String()), never) {
				t.Errorf("%s: the page promises %q", lang, never)
			}
		}
		if again := p.get("/a?lang=" + lang + "&token=" + northToken + "1"); again.Body.String() != first.Body.String() {
			t.Error("the page depends on what was asked")
		}
	}
	doc := page(t, p.get("/a"), http.StatusOK)
	doc.Find("template").Remove() // shows nothing without script
	if doc.Find("form").Length() != 0 || doc.Find("main a[href='/p'], main a[href^='/p?']").Length() != 0 {
		t.Error("without script the page offers a form")
	}
	items := wave.Packs[0].Items
	if got := strings.Count(p.get("/a").Body.String(), "<fieldset"); got != len(items) {
		t.Errorf("%d questions, want those of the open round only: %d", got, len(items))
	}
}

func TestTheLinkPageSaysThatNothingIsOpen(t *testing.T) {
	p := newPages(t)
	if text := page(t, p.get("/a"), http.StatusOK).Find("main").Text(); !strings.Contains(text, "No round is open or announced now") {
		t.Errorf("the page says %q", text)
	}
}

func TestTheWorkerIsKeptToItsPage(t *testing.T) {
	p := newPages(t)
	w := p.get("/a/worker.js")
	headers(t, w, "/a/worker.js")
	if w.Header().Get("Service-Worker-Allowed") != "/a" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("headers %v", w.Header())
	}
	if strings.Contains(w.Body.String(), `"POST"`) {
		t.Error("the worker knows of posts")
	}
}

func TestTheKioskTakesCodesOfSlipsOnly(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	p := newPages(t, wave)
	for _, lang := range []string{"en", "fr", "es"} {
		doc := page(t, p.get("/kiosk?lang="+lang), http.StatusOK)
		if doc.Find("#withdraw, a[href^='/p/withdraw'], form[autocomplete=on]").Length() != 0 || doc.Find("input[name=code][autocomplete=off]").Length() != 1 {
			t.Errorf("%s: the kiosk keeps something, or takes no code", lang)
		}
	}
	p = newPages(t, wave, openWave(t, "2026-11-2", "pulse"))
	if got := page(t, p.get("/kiosk"), http.StatusOK).Find("main a[href^='/kiosk/']").Length(); got != 2 {
		t.Errorf("%d waves to choose from", got)
	}
	page(t, p.get("/kiosk/2026-11-2"), http.StatusOK)
	page(t, p.get("/kiosk/2027-01"), http.StatusNotFound)
	page(t, newPages(t).get("/kiosk"), http.StatusOK)
}

func TestACastBallotIsReceivedAfterItWasCommitted(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	sheet := make([]byte, d.waves[0].Manifest.Slot-33) // survey.Slot
	for round := range 2 {
		body := ballotJSON(t, d.ticketFor(t, "2026-11", "g-north", sheet))
		w := p.postText("/cast", body)
		headers(t, w)
		want := fmt.Sprintf(`{"received":true,"replaced":%t,`, round > 0)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), want) || len(d.boxes["2026-11"]) != 1 {
			t.Errorf("%d %s, want %s…", w.Code, w.Body, want)
		}
	}
	w := p.postText("/cast/withdraw", ballotJSON(t, d.ticketFor(t, "2026-11", "g-north", nil)))
	if strings.TrimSpace(w.Body.String()) != `{"withdrawn":true}` || len(d.boxes["2026-11"]) != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	other := d.ticketFor(t, "2026-11", "g-north", sheet)
	other.Group = "g-south"
	if w := p.postText("/cast", ballotJSON(t, other)); w.Code != http.StatusUnprocessableEntity || len(d.boxes["2026-11"]) != 0 {
		t.Errorf("a ticket of another group: %d", w.Code)
	}
}

// What a Go client reads of an offer is what was published, byte for byte.
func TestAnOfferCarriesExactBytes(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	w := p.postText("/draw/offer", ticketBody(t, "/draw/offer"))
	var offer survey.Offer
	var text struct {
		Leaf string `json:"leaf_text"`
	}
	if err := errors.Join(json.Unmarshal(w.Body.Bytes(), &offer), json.Unmarshal(w.Body.Bytes(), &text)); err != nil {
		t.Fatal(err)
	}
	leaf, err := survey.Canonical(d.leaves["2026-11"][0]) // has markup in its name
	if err != nil {
		t.Fatal(err)
	}
	if string(offer.Manifest) != string(d.raw["2026-11"]) || string(offer.Leaf) != string(leaf) || text.Leaf != string(leaf) {
		t.Errorf("offered %s", w.Body)
	}
}
