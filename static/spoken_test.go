package static_test

import (
	"testing"

	"attune/static"

	"github.com/google/go-cmp/cmp"
)

func TestOnlyOfferedLanguagesArePicked(t *testing.T) {
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		chosen   []string
		fallback string
		want     static.Spoken
	}{
		{nil, "fr", static.Spoken{Languages: []string{"en", "es", "fr"}, Default: "fr"}},
		{[]string{"fr", "en"}, "fr", static.Spoken{Languages: []string{"en", "fr"}, Default: "fr"}},
		{[]string{"fr"}, "en", static.Spoken{Languages: []string{"fr"}, Default: "fr"}},
		{[]string{"tlh"}, "tlh", static.Spoken{Languages: []string{"en", "es", "fr"}, Default: "en"}}, // no texts in it
	} {
		if diff := cmp.Diff(c.want, site.Spoken(c.chosen, c.fallback)); diff != "" {
			t.Errorf("%v, %s: %s", c.chosen, c.fallback, diff)
		}
	}
	offer := site.Spoken([]string{"en", "fr"}, "fr")
	for _, c := range []struct {
		wishes []string
		want   string
	}{
		{nil, "fr"},
		{[]string{"", "es"}, "fr"},            // is there, and not offered
		{[]string{"es-MX,en;q=0.5"}, "en"},    // the browser's second wish
		{[]string{"es", "fr-CA", "en"}, "fr"}, // the strongest that is offered
		{[]string{"EN"}, "en"},
	} {
		if got := offer.Pick(c.wishes...); got != c.want {
			t.Errorf("%v: %s, want %s", c.wishes, got, c.want)
		}
	}
}
