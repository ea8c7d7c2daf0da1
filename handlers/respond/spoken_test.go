package respond_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"attune/handlers/respond"
	"attune/static"
)

// TestPagesAreOfferedInTheLanguagesOfTheMoment: also those that are kept in
// memory. Nothing else of how an organisation looks is on them.
func TestPagesAreOfferedInTheLanguagesOfTheMoment(t *testing.T) {
	now := static.Spoken{Languages: []string{"en", "es", "fr"}, Default: "en"}
	p := pagesWith(t, respond.Config{Spoken: func() static.Spoken { return now }}, openWave(t, "2026-11", "pulse"))
	get := func(path, accept string) string {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Language", accept)
		w := p.do(r)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: status %d", path, w.Code)
		}
		return w.Body.String()
	}
	paths := []string{"/p", "/a", "/kiosk", "/log", "/a/past"}
	for _, path := range paths {
		get(path, "en") // which is kept
		if page := get(path, "es"); !strings.Contains(page, `<html lang="es">`) || !strings.Contains(page, `hreflang="fr"`) {
			t.Errorf("%s is not in Spanish, or does not offer French", path)
		}
	}
	now = static.Spoken{Languages: []string{"en", "fr"}, Default: "fr"}
	for _, path := range paths {
		for _, accept := range []string{"es", "en"} {
			page := get(path, accept)
			if want := map[string]string{"es": "fr", "en": "en"}[accept]; !strings.Contains(page, `<html lang="`+want+`">`) {
				t.Errorf("%s for %s is not in %s", path, accept, want)
			}
			if strings.Contains(page, `hreflang="es"`) || strings.Contains(page, "?lang=es") {
				t.Errorf("%s for %s offers Spanish", path, accept)
			}
			if strings.Contains(page, "/brand/") {
				t.Errorf("%s loads colour or logo", path)
			}
		}
	}
}
