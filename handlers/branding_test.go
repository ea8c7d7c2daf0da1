package handlers

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// sends uploads a file to a page and gives the status and what came.
func (b *browser) sends(path, name string, raw []byte) (int, string) {
	b.house.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	must(b.house.t, err)
	_, err = part.Write(raw)
	must(b.house.t, err)
	must(b.house.t, form.Close())
	r, err := http.NewRequest(http.MethodPost, b.house.URL+path, &body)
	must(b.house.t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	response, page := b.do(r)
	return response.StatusCode, page
}

// redLogo is a red picture, twice as wide as the box that logos fit into.
func redLogo(t *testing.T) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 2*survey.LogoWidth, survey.LogoHeight))
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			picture.SetNRGBA(x, y, color.NRGBA{R: 200, A: 255})
		}
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, picture))
	return b.Bytes()
}

// deedsOf lists the actions of a kind in the administrative log, newest first.
func (h *house) deedsOf(kind string) []string {
	h.t.Helper()
	entries, err := h.store.AdminLog(context.Background(), survey.AdminFilter{Kind: kind}, 0, 100)
	must(h.t, err)
	var all []string
	for _, e := range entries {
		if len(e.Details) > 0 || e.Subject != "" {
			h.t.Errorf("%s says more than that: %q, %v", e.Action, e.Subject, e.Details)
		}
		all = append(all, string(e.Action))
	}
	return all
}

func TestAColourIsShownOnEveryPageAndGoesBackWithOnePress(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	status, _ := b.post(brandingPath+"/colour", url.Values{"accent": {" #8A1C4A"}, "picked": {ownColour}, "was": {ownColour}})
	if status != http.StatusSeeOther || h.store.Branding().Accent != "#8a1c4a" {
		t.Fatalf("status %d, the colour is %q", status, h.store.Branding().Accent)
	}
	sheet := func(path string) string {
		doc, _ := b.page(path)
		return doc.Find(`link[href^="/brand/"]`).AttrOr("href", "")
	}
	address := sheet(brandingPath)
	status, css := h.browser().get(address) // without a session
	if status != http.StatusOK || !strings.Contains(css, "--accent:#8a1c4a;") {
		t.Fatalf("%s: status %d: %s", address, status, css)
	}
	for _, path := range []string{"/console", "/console/sign-in"} {
		if got := sheet(path); got != address {
			t.Errorf("%s links to %q, want %q", path, got, address)
		}
	}
	doc, _ := b.page(brandingPath + "?did=colour")
	mark := doc.Find(".done input[name=mark]").AttrOr("value", "")
	if status, _ := b.post(brandingPath+"/undo", url.Values{"mark": {mark}}); status != http.StatusSeeOther || h.store.Branding().Accent != "" {
		t.Errorf("undo: status %d, the colour is %q", status, h.store.Branding().Accent)
	}
	if got := sheet("/console"); got != "" {
		t.Errorf("the page still links to %s", got)
	}
	if status, _ := b.get(address); status != http.StatusNotFound {
		t.Errorf("without a colour its sheet answers %d", status)
	}
	if status, page := b.post(brandingPath+"/undo", url.Values{"mark": {mark}}); status != http.StatusConflict || parsed(t, page).Find(".fault").Length() != 1 {
		t.Errorf("the same press again: status %d", status)
	}
	if got := h.deedsOf("branding"); !slices.Equal(got, []string{"branding.undone", "branding.accent"}) {
		t.Errorf("noted: %v", got)
	}
}

func TestAColourThatCannotBeReadIsRefusedWithTheNearestShadeAsOnePress(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	status, page := b.post(brandingPath+"/colour", url.Values{"accent": {"#ffd500"}, "picked": {ownColour}, "was": {ownColour}})
	doc := parsed(t, page)
	said := doc.Find("#colour-fault").Text()
	// 1.2097:1 on #f1ece3 and the shade #7f6a00: static/accent_test.go.
	for _, want := range []string{"#ffd500", "#f1ece3", "1.2:1", "4.5:1", "3:1", "#7f6a00"} {
		if !strings.Contains(said, want) {
			t.Errorf("the refusal does not say %s: %s", want, said)
		}
	}
	if status != http.StatusUnprocessableEntity || h.store.Branding().Accent != "" || len(h.deedsOf("branding")) != 0 {
		t.Errorf("status %d, the colour is %q", status, h.store.Branding().Accent)
	}
	if typed := doc.Find("#accent").AttrOr("value", ""); typed != "#ffd500" {
		t.Errorf("what was typed became %q", typed)
	}
	form := doc.Find("#colour-fault form")
	status, _ = b.post(form.AttrOr("action", ""), url.Values{"accent": {form.Find("input[name=accent]").AttrOr("value", "")}})
	if status != http.StatusSeeOther || h.store.Branding().Accent != "#7f6a00" {
		t.Errorf("one press: status %d, the colour is %q", status, h.store.Branding().Accent)
	}
	status, page = b.post(brandingPath+"/colour", url.Values{"accent": {`red;}<script>`}})
	if doc := parsed(t, page); status != http.StatusUnprocessableEntity || doc.Find("#colour-fault form").Length() != 0 || !strings.Contains(doc.Find("#colour-fault").Text(), "red;}<script>") {
		t.Errorf("what is no colour: status %d, %s", status, doc.Find("#colour-fault").Text())
	}
}

func TestAPreviewShowsBothSchemesAndKeepsNothing(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	doc, _ := b.page(brandingPath + "?was=%230b5a64&accent=&picked=%238a1c4a") // only the field for colours was changed
	sheet := doc.Find("link[data-sample]").AttrOr("href", "")
	if doc.Find("#samples[hidden]").Length() != 0 || doc.Find(".sample").Length() != 2 || doc.Find("#accent").AttrOr("value", "") != "#8a1c4a" {
		t.Errorf("no samples of #8a1c4a, but of %q", sheet)
	}
	status, css := b.get(sheet)
	if status != http.StatusOK || !strings.Contains(css, ".sample-light{color-scheme:light;--accent:#8a1c4a;") || !strings.Contains(css, ".sample-dark{") {
		t.Errorf("%s: status %d: %s", sheet, status, css)
	}
	if h.store.Branding().Accent != "" {
		t.Errorf("it keeps %s", h.store.Branding().Accent)
	}
	if status, _ := b.get(brandingPath + "/sample/teal"); status != http.StatusNotFound {
		t.Errorf("samples of what is no colour: status %d", status)
	}
}

func TestALogoStandsInPlaceOfTheNameUntilItIsRemoved(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	if status, page := b.sends(brandingPath+"/logo", "logo.svg", []byte(`<svg onload="alert(1)"/>`)); status != http.StatusUnprocessableEntity || !strings.Contains(parsed(t, page).Find("#logo .fault").Text(), "SVG") {
		t.Fatalf("an SVG: status %d", status)
	}
	if status, page := b.sends(brandingPath+"/logo", "logo.png", make([]byte, maxLogoForm)); status != http.StatusUnprocessableEntity || !strings.Contains(parsed(t, page).Find("#logo .fault").Text(), "1 MB") {
		t.Fatalf("too large a file: status %d", status)
	}
	if status, page := b.sends(brandingPath+"/logo", "logo.png", redLogo(t)); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, main(t, page))
	}
	logo := func(path string) *goquery.Selection {
		doc, _ := b.page(path)
		return doc.Find("header img.logo")
	}
	src := logo("/console").AttrOr("src", "")
	for _, path := range []string{"/console", brandingPath, "/console/sign-in"} {
		img := logo(path)
		if img.AttrOr("alt", "") != "Riverside Services" || img.AttrOr("src", "") != src || img.AttrOr("width", "") != "480" || img.AttrOr("height", "") != "80" {
			t.Errorf("%s: the logo is %v", path, img.Nodes)
		}
	}
	r, _ := http.NewRequest(http.MethodGet, h.URL+src, nil)
	response, body := h.browser().do(r)
	picture, err := png.Decode(strings.NewReader(body))
	if err != nil || picture.Bounds().Dx() != survey.LogoWidth {
		t.Fatalf("%s: %v", src, err)
	}
	head := response.Header
	if head.Get("Cache-Control") != "public, max-age=31536000, immutable" || head.Get("Content-Type") != "image/png" || head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Set-Cookie") != "" {
		t.Errorf("headers %v", head)
	}
	r.Header.Set("If-None-Match", head.Get("Etag"))
	if again, body := h.browser().do(r); again.StatusCode != http.StatusNotModified || body != "" {
		t.Errorf("asked again: status %d with %d bytes", again.StatusCode, len(body))
	}
	// At the address of another content it must be asked for again each time.
	r, _ = http.NewRequest(http.MethodGet, h.URL+"/brand/000000000000/logo.png", nil)
	if other, _ := h.browser().do(r); other.StatusCode != http.StatusOK || other.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("another address: status %d, kept %q", other.StatusCode, other.Header.Get("Cache-Control"))
	}
	if status, _ := b.post(brandingPath+"/logo/remove", nil); status != http.StatusSeeOther || logo("/console").Length() != 0 {
		t.Errorf("removed: status %d", status)
	}
	mark, err := h.store.Branding().Mark()
	must(t, err)
	if status, _ := b.post(brandingPath+"/undo", url.Values{"mark": {mark}}); status != http.StatusSeeOther || logo("/console").AttrOr("src", "") != src {
		t.Errorf("undone: status %d", status)
	}
	if got := h.deedsOf("branding"); !slices.Equal(got, []string{"branding.undone", "branding.logo", "branding.logo"}) {
		t.Errorf("noted: %v", got)
	}
}

func TestALanguageThatIsSwitchedOffIsOfferedNowhere(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	if status, page := b.post(brandingPath+"/languages", url.Values{"standard": {"en"}}); status != http.StatusUnprocessableEntity || parsed(t, page).Find("#languages .fault").Length() != 1 {
		t.Fatalf("no language: status %d", status)
	}
	if status, _ := b.post(brandingPath+"/languages", url.Values{"offered": {"en", "fr"}, "standard": {"fr"}}); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	codes := func(path, accept string) (lang string, offered []string) {
		r, _ := http.NewRequest(http.MethodGet, h.URL+path, nil)
		r.Header.Set("Accept-Language", accept)
		_, body := h.browser().do(r)
		doc := parsed(t, body)
		doc.Find(".languages button, .langs [lang]").Each(func(_ int, s *goquery.Selection) { offered = append(offered, s.AttrOr("lang", "")) })
		return doc.Find("html").AttrOr("lang", ""), offered
	}
	for _, path := range []string{"/console/sign-in", "/r/nothing", "/log/nothing"} {
		for accept, want := range map[string]string{"es": "fr", "de": "fr", "en": "en", "fr-CA, en": "fr"} {
			if lang, offered := codes(path, accept); lang != want || !slices.Equal(offered, []string{"en", "fr"}) {
				t.Errorf("%s for %q is in %q and offers %v, want %q", path, accept, lang, offered, want)
			}
		}
	}
	if lang, _ := codes("/console/sign-in?lang=es", "en"); lang != "en" {
		t.Errorf("asked for Spanish in the address it is %q", lang)
	}
	if status, _ := b.post("/console/language", url.Values{"language": {"es"}, "back": {"/console"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("choosing Spanish: status %d", status)
	}
	for accept, want := range map[string]string{"es": "fr", "": "fr", "en": "en"} { // programs are answered in the same ones
		response, _ := h.ask(h.token("program "+accept, ""), "/api/v1", "Accept-Language", accept)
		if lang := response.Header.Get("Content-Language"); lang != want {
			t.Errorf("a program that asks for %q is answered in %q, want %q", accept, lang, want)
		}
	}
	if got := h.deedsOf("branding"); !slices.Equal(got, []string{"branding.languages"}) {
		t.Errorf("noted: %v", got)
	}
}

// TestALanguageStaysForWhoWasToldOfAWaveInIt: the wave closes on 17 December,
// its results are due on 8 January.
func TestALanguageStaysForWhoWasToldOfAWaveInIt(t *testing.T) {
	h := newHouse(t)
	must(t, h.store.CreateWave(context.Background(), survey.Wave{
		ID: "2026-11", State: survey.Released, Scope: orgID, Opens: h.clock.at.AddDate(0, 0, -30), Closes: h.clock.at.AddDate(0, 0, -20), ResultsOn: "2026-11-24", K: 5, Owner: "Ada", Contact: "12",
	}))
	b := h.as(adminMail)
	if status, _ := b.post(brandingPath+"/languages", url.Values{"offered": {"en"}, "standard": {"en"}}); status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	offered := func() string {
		doc, _ := b.page("/console/sign-in")
		var codes []string
		doc.Find(".languages button").Each(func(_ int, s *goquery.Selection) { codes = append(codes, s.AttrOr("value", "")) })
		return strings.Join(codes, " ")
	}
	if got := offered(); got != "en es fr" {
		t.Fatalf("switched off in the middle of a wave: %s", got)
	}
	doc, _ := b.page(brandingPath)
	if told := doc.Find("#languages .going"); told.Length() != 2 || !strings.Contains(told.Text(), "25 November 2026, 00:00") {
		t.Errorf("the page tells of %s", told.Text())
	}
	if doc.Find("#languages input[checked]").Length() != 1 {
		t.Error("what was switched off looks as if it were on")
	}
	h.clock.at = time.Date(2026, 11, 24, 23, 59, 59, 0, time.UTC)
	b = h.as(adminMail) // the session of four days ago has ended
	if got := offered(); got != "en es fr" {
		t.Errorf("a second before the end: %s", got)
	}
	h.clock.at = h.clock.at.Add(time.Second)
	if got := offered(); got != "en" {
		t.Errorf("after the end: %s", got)
	}
}

func TestThePageSaysWhatALanguageLacks(t *testing.T) {
	doc, _ := newHouse(t).as(adminMail).page(brandingPath)
	// No pack of the library has been reviewed in any language so far.
	if got := doc.Find("#languages .about").Length(); got != 3 {
		t.Errorf("%d languages with notes, want 3", got)
	}
	if text := doc.Find("#about-fr").Text(); !strings.Contains(text, "wait for a review") {
		t.Errorf("of French it says %q", text)
	}
}

func TestTheNameIsChangedAndTakenBack(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Named = "Old River" })
	b := h.as(adminMail)
	if status, page := b.post(brandingPath+"/name", url.Values{"name": {"  "}}); status != http.StatusUnprocessableEntity || parsed(t, page).Find("#name .fault").Length() != 1 {
		t.Fatalf("no name: status %d", status)
	}
	_, page := b.post(brandingPath+"/name", url.Values{"name": {"  River  House "}})
	doc := parsed(t, page)
	if got := doc.Find("header .of").Text(); got != "River House" || !strings.Contains(doc.Find("#name").Text(), "Old River") {
		t.Fatalf("the head says %q", got)
	}
	back := doc.Find(".done form")
	b.post(back.AttrOr("action", ""), url.Values{"name": {back.Find("input").AttrOr("value", "")}})
	if name, _ := h.store.OrganisationName(context.Background()); name != "Riverside Services" {
		t.Errorf("taken back it is %q", name)
	}
}

func TestResultsShowColourAndLogoWithoutASession(t *testing.T) {
	h := newStaffHouse(t)
	logo, err := survey.ReadLogo(redLogo(t))
	must(t, err)
	must(t, h.store.Rebrand(context.Background(), func(b *survey.Branding) error {
		b.Accent, b.Logo, b.Languages, b.Language = "#8a1c4a", logo, []string{"en"}, "en"
		return nil
	}))
	response, body := h.fetch(h.link(releasedWave, "Children / Duty team"), "fr")
	doc := parsed(t, body)
	if response.StatusCode != http.StatusOK || doc.Find("html").AttrOr("lang", "") != "en" {
		t.Fatalf("status %d", response.StatusCode)
	}
	img := doc.Find("header .org img.logo")
	if img.AttrOr("alt", "") != "Riverside Services" {
		t.Errorf("the head is %s", doc.Find("header").Text())
	}
	for _, path := range []string{img.AttrOr("src", ""), doc.Find(`link[href^="/brand/"]`).AttrOr("href", "")} {
		response, _ := h.fetch(path, "")
		if response.StatusCode != http.StatusOK || len(response.Cookies()) != 0 {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
	}
	clean(t, "results with a logo", doc, body)
}

// unbranded is an organisation that never chose anything.
type unbranded struct{ brands }

func (unbranded) Branding() survey.Branding { return survey.Branding{} }
