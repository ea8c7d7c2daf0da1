package survey_test

import (
	"testing"
	"time"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
)

func TestALanguageStaysUntilWhatWasAnnouncedInItIsOver(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	known, both := []string{"en", "es", "fr"}, []string{"en", "fr"}
	wave := func(state survey.State, closes time.Time, results string) survey.Wave {
		return survey.Wave{State: state, Closes: closes, ResultsOn: results}
	}
	close10 := time.Date(2026, 6, 10, 17, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		waves []survey.Wave
		until time.Time // zero: gone at once
	}{
		{"no wave", nil, time.Time{}},
		{"a wave that nobody was told of", []survey.Wave{wave(survey.Planned, close10, "2026-06-20")}, time.Time{}},
		{"a void one", []survey.Wave{wave(survey.Void, close10, "2026-06-20")}, time.Time{}},
		{"one that is long over", []survey.Wave{wave(survey.Released, now.AddDate(0, 0, -20), "2026-05-20")}, time.Time{}},
		// The day of results ends at midnight in Dublin, an hour ahead of UTC in June.
		{"an open one, until the day of its results is over", []survey.Wave{wave(survey.Open, close10, "2026-06-20")}, time.Date(2026, 6, 20, 23, 0, 0, 0, time.UTC)},
		{"a released one whose results are still to be shared", []survey.Wave{wave(survey.Released, now.AddDate(0, 0, -2), "2026-06-02")}, time.Date(2026, 6, 2, 23, 0, 0, 0, time.UTC)},
		{"the last of several", []survey.Wave{wave(survey.Open, close10, "2026-06-11"), wave(survey.Announced, close10.AddDate(0, 1, 0), "2026-07-01")}, close10.AddDate(0, 1, 0)},
	} {
		b, err := survey.Branding{Accent: "#0b5a64"}.Speak(known, both, "fr", c.waves, zone, now)
		if err != nil {
			t.Fatal(err)
		}
		want := survey.Branding{Accent: "#0b5a64", Languages: both, Language: "fr"}
		if !c.until.IsZero() {
			want.Leaving = []survey.Leaving{{Language: "es", Until: c.until}}
		}
		if diff := cmp.Diff(want, b); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if c.until.IsZero() {
			continue
		}
		if got := b.Offered(c.until.Add(-time.Second)); !cmp.Equal(got, known) {
			t.Errorf("%s: a second before the end %v", c.name, got)
		}
		if got := b.Offered(c.until); !cmp.Equal(got, both) {
			t.Errorf("%s: at the end %v", c.name, got)
		}
		// Asked again while it goes, and after another wave was announced without
		// it: the date stays.
		later := append(c.waves, wave(survey.Announced, c.until.AddDate(0, 3, 0), ""))
		again, err := b.Speak(known, both, "en", later, zone, now.Add(time.Hour))
		if err != nil || !cmp.Equal(again.Leaving, b.Leaving) {
			t.Errorf("%s: asked again it is %v, %v", c.name, again.Leaving, err)
		}
		// Switched on again it stays for good.
		back, err := b.Speak(known, known, "en", later, zone, now)
		if err != nil || back.Leaving != nil || !cmp.Equal(back.Offered(c.until.AddDate(1, 0, 0)), known) {
			t.Errorf("%s: switched on again it is %v, %v", c.name, back, err)
		}
	}
}

func TestAtLeastOneLanguageStaysAndTheDefaultIsOneOfThem(t *testing.T) {
	known := []string{"en", "es", "fr"}
	for _, c := range []struct {
		chosen   []string
		standard string
		key      string
	}{
		{nil, "en", "error.branding.no_language"},
		{[]string{"tlh"}, "tlh", "error.branding.no_language"},
		{[]string{"fr"}, "en", "error.branding.default"},
		{[]string{"fr"}, "", "error.branding.default"},
	} {
		before := survey.Branding{Languages: []string{"en"}, Language: "en"}
		after, err := before.Speak(known, c.chosen, c.standard, nil, time.UTC, time.Time{})
		if !survey.IsKey(err, c.key) || !cmp.Equal(before, after) {
			t.Errorf("%v, %s: %v, %v", c.chosen, c.standard, after, err)
		}
	}
	if got := (survey.Branding{}).Offered(time.Time{}); got != nil {
		t.Errorf("without a choice %v are chosen", got)
	}
}

func TestAMarkChangesWithEverythingOfABranding(t *testing.T) {
	full := survey.Branding{
		Accent: "#0b5a64", Logo: survey.Logo{SHA256: "a"}, Languages: []string{"en"}, Language: "en", Leaving: []survey.Leaving{{Language: "fr"}},
	}
	seen := make(map[string]string)
	for name, change := range map[string]func(*survey.Branding){
		"nothing":   func(*survey.Branding) {},
		"colour":    func(b *survey.Branding) { b.Accent = "" },
		"logo":      func(b *survey.Branding) { b.Logo.SHA256 = "b" },
		"languages": func(b *survey.Branding) { b.Languages = []string{"en", "fr"} },
		"default":   func(b *survey.Branding) { b.Language = "" },
		"leaving":   func(b *survey.Branding) { b.Leaving = []survey.Leaving{{Language: "fr", Until: time.Unix(1, 0)}} },
	} {
		b := full
		change(&b)
		mark, err := b.Mark()
		if err != nil {
			t.Fatal(err)
		}
		if other, twice := seen[mark]; twice {
			t.Errorf("%s and %s have the same mark", name, other)
		}
		seen[mark] = name
	}
}
