package notify_test

import (
	"strings"
	"testing"

	"attune/survey"
	"attune/survey/notify"
)

// TestLettersComeInALanguageThatIsOfferedAndInTheOrganisationsColour: of seven
// people, en, fr and es in turn, those who would like Spanish get the default.
func TestLettersComeInALanguageThatIsOfferedAndInTheOrganisationsColour(t *testing.T) {
	o := newOffice(t)
	letters := make(bag)
	box := o.outbox(letters)
	must(t, o.db.Rebrand(t.Context(), func(b *survey.Branding) error {
		b.Accent, b.Languages, b.Language, b.Logo = "#8a1c4a", []string{"en", "fr"}, "fr", survey.Logo{PNG: []byte("picture"), SHA256: "0123456789ab"}
		return nil
	}))
	o.enqueue(box, notify.Announced, 0, 7)
	o.send(box, 7)
	for i, want := range []string{"en", "fr", "fr", "en", "fr", "fr", "en"} {
		l := open(t, letters["link"+string(rune('0'+i))+"@example.org"])
		if got := l.header.Get("Content-Language"); got != want {
			t.Errorf("letter %d is in %s, want %s", i, got, want)
		}
		if !strings.Contains(l.html, "background:#8a1c4a;") || strings.Contains(l.html, "<img") || strings.Contains(l.html, "/brand/") {
			t.Errorf("letter %d has no button in #8a1c4a, or a picture: %s", i, l.html)
		}
	}
}
