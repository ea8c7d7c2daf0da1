package respond_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"attune/handlers/respond"
	"attune/survey"
)

// external finds addresses of other hosts in attributes.
var external = regexp.MustCompile(`(?:https?:)?//[a-z0-9]`)

// page reads an answer as a page and holds it against what no page of a
// respondent may have.
func page(t *testing.T, w *httptest.ResponseRecorder, status int, secrets ...string) *goquery.Document {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	body := w.Body.String()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	headers(t, w)
	if got := w.Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
	if doc.Find("style, [style], iframe, img, object, base").Length() > 0 {
		t.Error("a style of its own, or something that loads from elsewhere")
	}
	doc.Find("script").Each(func(_ int, s *goquery.Selection) {
		if kind, _ := s.Attr("type"); kind != "application/json" && s.Text() != "" {
			t.Errorf("a script in the page: %q", s.Text())
		}
	})
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Nodes[0].Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s has a handler %s", s.Nodes[0].Data, a.Key)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "action") && external.MatchString(a.Val) {
				t.Errorf("%s leads elsewhere: %s", s.Nodes[0].Data, a.Val)
			}
			for _, secret := range secrets {
				if (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.Contains(a.Val, secret) {
					t.Errorf("%s carries a code in %s", s.Nodes[0].Data, a.Key)
				}
			}
		}
	})
	if m := regexp.MustCompile(`\[[a-z_]+\.[a-z_.]+\]|\{[a-z_]+\}`).FindString(doc.Find("body").Clone().Find("script").Remove().End().Text()); m != "" {
		t.Errorf("a text that is missing or not filled in: %s", m)
	}
	if doc.Find("h1").Length() == 0 {
		t.Error("no heading")
	}
	if lang, _ := doc.Find("html").Attr("lang"); lang == "" {
		t.Error("no language")
	}
	return doc
}

// headers holds an answer against the headers that all have.
func headers(t *testing.T, w *httptest.ResponseRecorder, path ...string) {
	t.Helper()
	policy := "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'" // DESIGN, "Measured facts", row CSP
	cache := "no-store"
	if strings.Contains(w.Body.String(), `id="rounds"`) { // what /a is kept for opening offline
		cache = "no-cache"
	}
	if strings.Join(path, "") == "/a/worker.js" {
		cache, policy = "no-cache", "default-src 'none'; connect-src 'self'; require-trusted-types-for 'script'"
	}
	for name, want := range map[string]string{
		"Content-Security-Policy":    policy,
		"Referrer-Policy":            "no-referrer",
		"Cache-Control":              cache,
		"X-Content-Type-Options":     "nosniff",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Set-Cookie":                 "",
		"Location":                   "",
		"Etag":                       "",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestTheFormIsCompleteWithoutScript(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	p := newPages(t, wave)
	for _, lang := range []string{"en", "fr", "es"} {
		doc := page(t, p.get("/p?lang="+lang), http.StatusOK)
		if got, _ := doc.Find("html").Attr("lang"); got != lang {
			t.Errorf("asked for %s, got %s", lang, got)
		}
		form := doc.Find("form")
		if method, _ := form.Attr("method"); method != "post" || form.AttrOr("action", "") != "/p?lang="+lang {
			t.Errorf("form %s %s", method, form.AttrOr("action", ""))
		}
		items := wave.Packs[0].Items
		if form.Find("fieldset").Length() != len(items) {
			t.Errorf("%d questions, want %d", form.Find("fieldset").Length(), len(items))
		}
		form.Find("fieldset").Each(func(i int, s *goquery.Selection) {
			if !strings.Contains(s.Find("legend").Text(), items[i].Text[lang]) {
				t.Errorf("question %d is %q, want %q", i+1, s.Find("legend").Text(), items[i].Text[lang])
			}
			radios := s.Find("label input[type=radio]")
			if radios.Length() != len(items[i].Options()) || radios.AttrOr("name", "") != items[i].ID {
				t.Errorf("question %d has %d answers named %s", i+1, radios.Length(), radios.AttrOr("name", ""))
			}
			if s.Find("[checked], [required]").Length() > 0 {
				t.Errorf("question %d is answered or demanded", i+1)
			}
		})
		if form.Find("input[name=code][type=text][autocomplete=off]").Length() != 1 || form.Find("button[type=submit]").Length() != 1 {
			t.Error("no field for the code, or nothing to send with")
		}
		text := doc.Text()
		for _, want := range append(wave.Fingerprint, wave.Contact, wave.Owner, wave.Organisation) {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q", lang, want)
			}
		}
		if href := doc.Find(".bar a").AttrOr("href", ""); href != "/p/leave?lang="+lang {
			t.Errorf("Leave leads to %q", href)
		}
		for _, never := range []string{"100 %", "100%", "impossible", "imposible", "military"} {
			if strings.Contains(strings.ToLower(text), never) {
				t.Errorf("%s: the page promises %q", lang, never)
			}
		}
	}
}

func TestTheLanguageIsTheOneAskedForThenTheBrowsers(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	for _, c := range []struct{ query, browser, want string }{
		{"", "", "en"}, {"", "fr-CA,fr;q=0.9", "fr"}, {"?lang=es", "fr", "es"}, {"?lang=tlh", "fr", "fr"}, {"", "tlh", "en"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/p"+c.query, nil)
		r.Header.Set("Accept-Language", c.browser)
		if got := page(t, p.do(r), http.StatusOK).Find("html").AttrOr("lang", ""); got != c.want {
			t.Errorf("%q with browser %q gives %s, want %s", c.query, c.browser, got, c.want)
		}
	}
}

func TestACodeInAQueryIsNeverUsed(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	code := p.waves.code("A7K", "2026-11", 0)
	in := url.Values{"code": {code}}.Encode()
	for _, target := range []string{"/p?", "/p/withdraw?", "/p/leave?"} {
		doc := page(t, p.get(target+in), http.StatusOK, code)
		if strings.Contains(doc.Text(), code) || doc.Find(`[value="`+code+`"]`).Length() > 0 {
			t.Errorf("%s shows the code of the query", target)
		}
	}
	page(t, p.post("/p?"+in, url.Values{}), http.StatusUnprocessableEntity, code)
	if len(p.waves.ballots) != 0 {
		t.Error("a code from a query cast a ballot")
	}
}

// A scanner of mail fetches every link that it finds, also twice.
func TestReadingChangesNothing(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	for _, path := range append(respond.Routes(), "/manifest/2026-11", "/kiosk/2026-11") {
		want := http.StatusOK
		switch {
		case strings.HasPrefix(path, "/draw"), strings.HasPrefix(path, "/cast"):
			want = http.StatusMethodNotAllowed
		case strings.HasSuffix(path, "*"):
			continue
		}
		for range 2 {
			got := p.get(path + "?token=" + northToken + "1")
			if got.Code != want {
				t.Errorf("GET %s: %d, want %d", path, got.Code, want)
			}
			headers(t, got, path)
			head := p.do(httptest.NewRequest(http.MethodHead, path, nil))
			if head.Code != want || head.Body.Len() != 0 {
				t.Errorf("HEAD %s: %d with %d bytes", path, head.Code, head.Body.Len())
			}
		}
	}
	if len(p.waves.ballots) != 0 || d.touched() != 0 {
		t.Error("reading cast a ballot or drew a ticket")
	}
}

func TestABallotIsReceivedAfterItWasCast(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	p := newPages(t, wave)
	code := p.waves.code("A7K", "2026-11", 0)
	first, last := wave.Packs[0].Items[0].ID, wave.Packs[0].Items[14].ID
	fields := url.Values{"code": {strings.ToLower(code)}, first: {"4"}, last: {"1"}}
	for round, lang := range []string{"en", "fr", "es"} {
		doc := page(t, p.post("/p?lang="+lang, fields), http.StatusOK, code)
		if got := p.waves.ballots[code]; len(got) != 2 || got[first] != 4 || got[last] != 1 {
			t.Fatalf("cast %v", got)
		}
		text := doc.Find("main").Text()
		for _, want := range []string{"Children / North", wave.Owner, wave.Contact} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page does not say %q", lang, want)
			}
		}
		replaced := map[string]string{"en": "They replaced", "fr": "Elles remplacent", "es": "Sustituyen"}[lang]
		if strings.Contains(text, replaced) != (round > 0) {
			t.Errorf("round %d, %s: replaced or not is told wrongly", round, lang)
		}
		if seen := doc.Find("details.seen").Text(); !strings.Contains(seen, "Children / North (") || !strings.Contains(seen, "10") {
			t.Errorf("%s: what managers see is told as %q", lang, seen)
		}
		// The answers are not shown again, the key covers every scale.
		if doc.Find("input[type=radio], [checked]").Length() > 0 {
			t.Error("the answers are in the page")
		}
		if got := doc.Find("table").Length(); got != len(wave.Packs[0].Scales) {
			t.Errorf("%d tables, want one a scale", got)
		}
		if doc.Find(`form[action^="/p/withdraw"] input[type=hidden][name=code]`).Length() != 1 {
			t.Error("no way to take the answers back")
		}
		if doc.Find("nav.langs").Length() > 0 {
			t.Error("a link to another language, which would lose the page")
		}
	}
}

func TestAPhoneWithScriptGetsTheReceiptAsJSON(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	code := p.waves.code("A7K", "2026-11", 0)
	for _, replaced := range []bool{false, true} {
		w := p.post("/p", url.Values{"code": {code}}, "Accept", "application/json")
		headers(t, w)
		var got struct {
			Received, Replaced bool
			Teams              []string
			Headcount          int
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if w.Code != http.StatusOK || !got.Received || got.Replaced != replaced || len(got.Teams) != 1 || got.Headcount != 9 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), code) {
			t.Error("the receipt carries the code")
		}
	}
}

func TestThePhoneGetsTheScoringKey(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	wave.Packs[0].Scales[0].Plain["en"] = `</script><b>"markup"&`
	p := newPages(t, wave)
	doc := page(t, p.get("/p"), http.StatusOK)
	var key struct {
		Scales []struct {
			ID, Title, Plain, Low, Middle, High, Method, Direction string
			Error                                                  float64
			MinAnswered                                            int `json:"min_answered"`
			Items                                                  []struct {
				ID       string
				Reverse  bool
				Min, Max int
			}
		}
		Text map[string]string
	}
	if err := json.Unmarshal([]byte(doc.Find("script#wave").Text()), &key); err != nil {
		t.Fatal(err)
	}
	if len(key.Scales) != len(wave.Packs[0].Scales) {
		t.Fatalf("%d scales, want %d", len(key.Scales), len(wave.Packs[0].Scales))
	}
	for i, want := range wave.Packs[0].Scales {
		got := key.Scales[i]
		if got.ID != want.ID || got.Plain != want.Plain["en"] || got.Low != want.Low["en"] || got.High != want.High["en"] ||
			got.MinAnswered != want.MinAnswered || got.Error != want.Error || len(got.Items) != len(want.Items) || got.Method != want.Method {
			t.Errorf("scale %s is %+v", want.ID, got)
		}
		for _, item := range got.Items {
			if item.Min != 1 || item.Max != 5 { // pulse: every response set runs from 1 to 5
				t.Errorf("item %s runs from %d to %d", item.ID, item.Min, item.Max)
			}
		}
	}
	for name, text := range key.Text {
		if text == "" || strings.HasPrefix(text, "[") {
			t.Errorf("text %s is %q", name, text)
		}
	}
}

func TestSeveralOpenWavesAskForTheCodeFirst(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"), openWave(t, "2026-11-2", "pulse"))
	code := p.waves.code("A7K", "2026-11-2", 0)
	doc := page(t, p.get("/p"), http.StatusOK)
	if doc.Find("fieldset").Length() != 0 || doc.Find("input[name=code]").Length() != 1 || doc.Find("input[name=step][value=code]").Length() != 1 {
		t.Error("the first page is not just the field for the code")
	}
	doc = page(t, p.post("/p", url.Values{"code": {"wrong"}, "step": {"code"}}), http.StatusUnprocessableEntity)
	if doc.Find("fieldset").Length() != 0 || doc.Find(`input[name=code][value=wrong]`).Length() != 1 {
		t.Error("a mistyped code does not come back to be mended")
	}
	doc = page(t, p.post("/p", url.Values{"code": {code}, "step": {"code"}}), http.StatusOK, code)
	if doc.Find("fieldset").Length() == 0 || doc.Find(`input[type=hidden][name=code]`).AttrOr("value", "") != code {
		t.Error("the form does not keep the code")
	}
	if !strings.Contains(doc.Text(), p.waves.open[1].Fingerprint[9]) {
		t.Error("the form is not that of the code's wave")
	}
	if len(p.waves.ballots) != 0 {
		t.Error("asking for the form cast a ballot")
	}
	page(t, p.post("/p", url.Values{"code": {code}}), http.StatusOK, code)
}

func TestNoOpenWaveIsSaidWithTheNextOpening(t *testing.T) {
	p := newPages(t)
	doc := page(t, p.get("/p"), http.StatusOK)
	if doc.Find("form, input").Length() > 0 {
		t.Error("a form although nothing is open")
	}
	p.waves.next = noon.AddDate(0, 0, 3)
	if text := page(t, p.get("/p"), http.StatusOK).Text(); !strings.Contains(text, "Monday 23 November 2026, 15:00") {
		t.Errorf("the opening is not told: %s", text)
	}
	p.waves.next = noon.AddDate(0, 0, -1)
	if text := page(t, p.get("/p"), http.StatusOK).Text(); strings.Contains(text, "19 November") {
		t.Error("an opening in the past is told as the next")
	}
	code := p.waves.code("A7K", "2026-10", 0)
	doc = page(t, p.post("/p", url.Values{"code": {code}, "any": {"1"}}), http.StatusUnprocessableEntity, code)
	if doc.Find("#problem").Length() != 1 {
		t.Error("posting when nothing is open is not explained")
	}
}

func TestLeaveShowsTheContactAndWorksWithoutWaves(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	p := newPages(t, wave)
	for _, lang := range []string{"en", "fr", "es"} {
		doc := page(t, p.get("/p/leave?lang="+lang), http.StatusOK)
		if doc.Find(".contact").Text() != wave.Contact || doc.Find("main h2").Length() != 3 {
			t.Errorf("%s: contact %q, %d tiers", lang, doc.Find(".contact").Text(), doc.Find("main h2").Length())
		}
		if doc.Find("form, fieldset, script").Length() > 0 {
			t.Error("the survey is still there")
		}
	}
	p.waves.fail = survey.Fail(survey.Unavailable, "planted", nil)
	page(t, p.get("/p/leave"), http.StatusOK)
}

func TestHelpIsForEverybodyBeforeTheAnswerAndForTheSiteAfterIt(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	p := newPages(t, wave)
	p.waves.contacts = []survey.Contact{
		{Tier: survey.TierToday, Name: "<Sam>", Reach: "101", Hours: "9–17", WhenICall: "Sam listens.", Order: 1},
		{Tier: survey.TierWeek, Site: "north", Name: "Nan", Reach: "105", Order: 2},
		{Tier: survey.TierToday, Site: "south", Name: "Sue", Reach: "106", Order: 3},
		{Tier: survey.TierAny, Language: "fr", Name: "Salle", Reach: "0.10", Order: 4},
		{Tier: survey.TierAny, Language: "en", Name: "Room", Reach: "0.10", Order: 5},
	}
	texts := func(doc *goquery.Document) []string {
		return doc.Find(".contact").Map(func(_ int, c *goquery.Selection) string { return c.Text() })
	}
	sam := "<Sam>\n101\nHours: 9–17\nWhen you call: Sam listens."
	if diff := cmp.Diff([]string{wave.Contact, sam, "Room\n0.10"}, texts(page(t, p.get("/p/leave"), http.StatusOK))); diff != "" {
		t.Error("help page:", diff)
	}
	code := p.waves.code("A7K", "2026-11", 0)
	doc := page(t, p.post("/p", url.Values{"code": {code}}), http.StatusOK, code)
	if diff := cmp.Diff([]string{sam, wave.Contact, "Nan\n105", "Room\n0.10"}, texts(doc)); diff != "" {
		t.Error("received:", diff)
	}
	body := p.post("/p?lang=fr", url.Values{"code": {code}}, "Accept", "application/json").Body.String()
	for _, want := range []string{`"title":"Aujourd’hui"`, `"Nan\n105"`, `"Salle\n0.10"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the script's answer lacks %s: %s", want, body)
		}
	}
	if strings.Contains(body, "Sue") || strings.Contains(body, "Room") {
		t.Errorf("the script's answer has another site's or another language's: %s", body)
	}
	// The wave's contact is one of those: it is named once, with its details.
	wave.Contact = p.waves.contacts[0].Line()
	p.waves.open = []survey.OpenWave{wave}
	if diff := cmp.Diff([]string{sam, "Room\n0.10"}, texts(page(t, p.get("/p/leave"), http.StatusOK))); diff != "" {
		t.Error("help page:", diff)
	}
}

func TestAContactOfTheListIsNamedInTheReadersLanguageAndOneOfTheWaveAsItIs(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	english := survey.Contact{Tier: survey.TierToday, Language: "en", Name: "Sam", Reach: "101", Order: 1}
	french := survey.Contact{Tier: survey.TierToday, Language: "fr", Name: "Camille", Reach: "111", Order: 2}
	wave.Help = survey.HelpFor([]survey.Contact{english, french})
	for own, want := range map[string]string{english.Line(): french.Line(), wave.Contact: wave.Contact} {
		wave.Contact = own
		doc := page(t, newPages(t, wave).get("/p?lang=fr"), http.StatusOK)
		if got := doc.Find("#intro .contact").Text(); got != want {
			t.Errorf("%q is shown for %q, want %q", got, own, want)
		}
	}
}

func TestWithdrawingTakesTheBallotOut(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	code := p.waves.code("A7K", "2026-11", 0)
	for _, lang := range []string{"en", "fr", "es"} {
		page(t, p.post("/p", url.Values{"code": {code}}), http.StatusOK, code)
		page(t, p.get("/p/withdraw?lang="+lang), http.StatusOK)
		page(t, p.post("/p/withdraw?lang="+lang, url.Values{"code": {code}}), http.StatusOK, code)
		if len(p.waves.ballots) != 0 {
			t.Fatal("the ballot is still in the box")
		}
	}
	if w := p.post("/p/withdraw", url.Values{"code": {code}}, "Accept", "application/json"); strings.TrimSpace(w.Body.String()) != `{"withdrawn":true}` {
		t.Errorf("JSON %s", w.Body)
	}
	doc := page(t, p.post("/p/withdraw", url.Values{"code": {"wrong"}}), http.StatusUnprocessableEntity)
	if doc.Find(`#problem a[href="#code"]`).Length() != 1 || doc.Find(`input[name=code][value=wrong][aria-invalid=true]`).Length() != 1 {
		t.Error("a mistyped code is not shown with its field")
	}
}

func TestThePublicLogIsListedWithFingerprints(t *testing.T) {
	p := newPages(t)
	page(t, p.get("/log"), http.StatusOK)
	prev := ""
	for i, kind := range []survey.EntryKind{survey.ManifestEntry, survey.ReleaseEntry, survey.VoidEntry} {
		body := []byte(`{"prev":"` + prev + `","wave":"2026-10"}`)
		prev = survey.SHA256Hex(body)
		p.waves.log = append(p.waves.log, survey.Entry{Seq: i + 1, Kind: kind, Wave: "2026-10", Body: body, SHA256: prev})
	}
	words, err := survey.Fingerprint(p.waves.log[0].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "fr", "es"} {
		doc := page(t, p.get("/log?lang="+lang), http.StatusOK)
		if doc.Find(".log li").Length() != 3 || doc.Find(".log .words").Length() != 1 {
			t.Errorf("%s: %d entries, %d fingerprints", lang, doc.Find(".log li").Length(), doc.Find(".log .words").Length())
		}
		if got := strings.TrimSpace(doc.Find(".log .words").Text()); got != strings.Join(words, " ") {
			t.Errorf("fingerprint %q, want %q", got, words)
		}
	}
	w := p.get("/log.json")
	headers(t, w)
	var got struct {
		Entries []struct{ Body, SHA256 string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for i, e := range got.Entries {
		if survey.SHA256Hex([]byte(e.Body)) != e.SHA256 || e.SHA256 != p.waves.log[i].SHA256 {
			t.Errorf("entry %d does not hash to what it says", i+1)
		}
	}
	if len(got.Entries) != 3 {
		t.Errorf("%d entries, want 3", len(got.Entries))
	}
}

func TestManyPhonesReadTheSamePageAtOnce(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			lang := []string{"en", "fr", "es"}[i%3]
			if body := p.get("/p?lang=" + lang).Body.String(); !strings.Contains(body, `<html lang="`+lang+`">`) {
				t.Errorf("asked for %s, got another page", lang)
			}
		})
	}
	all.Wait()
}
