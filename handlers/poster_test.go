package handlers

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"attune/survey"
)

// inside gives the text of an uncompressed PDF: everything between brackets
// before the operator that shows it, in the standard fonts' Latin-1.
func inside(t *testing.T, p Poster, text func(string, map[string]any) string) string {
	t.Helper()
	pdf, err := drawPoster(p, text)
	must(t, err)
	pdf.SetCompression(false)
	var raw bytes.Buffer
	must(t, pdf.Output(&raw))
	var shown []string
	for _, part := range strings.Split(raw.String(), "(")[1:] {
		if s, _, ok := strings.Cut(part, ")Tj"); ok {
			shown = append(shown, s)
		}
	}
	if n := strings.Count(raw.String(), "/Type /Page\n"); n != 1 {
		t.Errorf("%d pages", n)
	}
	return strings.Join(shown, " ")
}

func TestThePosterHasTheWordsInTheirOrderAndWhatToDo(t *testing.T) {
	h := newStaffHouse(t)
	face, err := h.waves.Face(context.Background(), announcedWave)
	must(t, err)
	for lang, want := range map[string][]string{
		"en": {"Riverside Services asks", "May 2026", "4 May 2026, 09:00", "Ada Owner is responsible", "Support line, extension 12", "at least 5 people", "https://survey.riverside.example/log/2026-05"},
		"fr": {"Riverside Services demande", "mai 2026", "Ada Owner est responsable"},
		"es": {"Riverside Services pregunta", "mayo", "Ada Owner se encarga"},
	} {
		text := func(key string, args map[string]any) string { return h.site.Text(lang, key, args) }
		got := inside(t, NewPoster(h.site, lang, face, "https://survey.riverside.example"), text)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: the poster lacks %q: %s", lang, w, got)
			}
		}
		place := 0
		for i, word := range face.Fingerprint {
			at := strings.Index(got[place:], strconv.Itoa(i+1)+" "+word)
			if at < 0 {
				t.Fatalf("%s: word %d, %q, is missing or out of order: %s", lang, i+1, word, got)
			}
			place += at
		}
	}
	text := func(key string, args map[string]any) string { return h.site.Text("en", key, args) }
	if got := inside(t, NewPoster(h.site, "en", face, ""), text); strings.Contains(got, "http") {
		t.Errorf("a poster without an address names one: %s", got)
	}
}

func TestAPosterThatDoesNotFitIsRefused(t *testing.T) {
	h := newStaffHouse(t)
	face, err := h.waves.Face(context.Background(), announcedWave)
	must(t, err)
	face.Contact = strings.Repeat("one more line\n", 40)
	text := func(key string, args map[string]any) string { return h.site.Text("en", key, args) }
	if err := PrintPoster(&bytes.Buffer{}, NewPoster(h.site, "en", face, ""), text); !survey.IsKey(err, "error.staff.poster") {
		t.Errorf("got %v", err)
	}
}

func TestThePosterIsOnTheWavesPage(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(managerMail)
	doc, _ := b.page("/console/waves")
	waves := doc.Find("article.wave")
	if waves.Length() != 3 {
		t.Fatalf("%d waves", waves.Length())
	}
	face, err := h.waves.Face(context.Background(), announcedWave)
	must(t, err)
	if !strings.Contains(waves.Eq(0).Text(), strings.Join(face.Fingerprint, " ")) {
		t.Error("the announced wave does not show its words")
	}
	for i, want := range []int{1, 0, 0} { // announced, void, released
		if got := waves.Eq(i).Find(`a[href$="/poster.pdf"]`).Length(); got != want {
			t.Errorf("wave %d has %d posters", i, got)
		}
	}
	doc, body := b.page("/console/waves/2026-05/poster")
	for _, want := range append([]string{"Support line", "Ada Owner"}, face.Fingerprint...) {
		if !strings.Contains(doc.Text(), want) {
			t.Errorf("the page lacks %q: %s", want, body)
		}
	}
	if status, body := b.get("/console/waves/2026-05/poster.pdf"); status != http.StatusOK || !strings.HasPrefix(body, "%PDF-") {
		t.Errorf("the PDF: status %d, %.20q", status, body)
	}
	for _, path := range []string{"/console/waves/2031-01/poster", "/console/waves/2031-01/poster.pdf"} {
		if status, _ := b.get(path); status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, status)
		}
	}
	if status, _ := h.browser().get("/console/waves/2026-05/poster"); status != http.StatusSeeOther {
		t.Errorf("nobody: status %d", status)
	}
}

func TestALogoIsOnThePosterWhereThereIsRoom(t *testing.T) {
	h := newStaffHouse(t)
	face, err := h.waves.Face(context.Background(), announcedWave)
	must(t, err)
	logo, err := survey.ReadLogo(redLogo(t))
	must(t, err)
	text := func(key string, args map[string]any) string { return h.site.Text("en", key, args) }
	printed := func(p Poster) string {
		var pdf bytes.Buffer
		must(t, PrintPoster(&pdf, p, text))
		return pdf.String()
	}
	p := NewPoster(h.site, "en", face, "")
	if strings.Contains(printed(p), "/Subtype /Image") {
		t.Error("a picture without a logo")
	}
	p.Logo = logo.PNG
	if !strings.Contains(printed(p), "/Subtype /Image") {
		t.Error("the logo is not on the poster")
	}
	// With so many lines everything fits without a logo only.
	for lines := 1; ; lines++ {
		p.Contact = strings.Repeat("one more line\n", lines)
		if _, err := drawPoster(p, text); err == nil {
			continue
		}
		if strings.Contains(printed(p), "/Subtype /Image") {
			t.Error("a logo for which there is no room")
		}
		break
	}
}
