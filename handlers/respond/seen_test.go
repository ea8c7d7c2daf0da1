package respond_test

import (
	"fmt"
	"strings"
	"testing"

	"attune/handlers/respond"
	"attune/survey"
)

// What people are told follows the rules of their wave: other rules, other
// words.
func TestWhatManagersSeeIsToldByTheWavesOwnRules(t *testing.T) {
	for _, k := range []int{5, 7, 12} {
		wave := openWave(t, "2026-11", "pulse")
		wave.Manifest.K, wave.Manifest.KC = k, survey.KC(k)
		p := newPages(t, wave)
		for _, path := range []string{"/p", "/a", "/kiosk"} {
			if path == "/a" {
				openDesk(t, p)
			}
			doc := page(t, p.get(path+"?lang=en"), 200)
			seen := doc.Find("details.seen")
			text := seen.Text()
			for _, want := range []string{
				fmt.Sprintf("only from %d answers on", k), fmt.Sprintf("from %d answers on)", survey.KC(k)),
				fmt.Sprintf("only from %d answers on, with no smaller remainder", survey.CountsMin), "Never: single answers",
			} {
				if seen.Length() == 0 || !strings.Contains(text, want) {
					t.Errorf("%s with k = %d lacks %q in %q", path, k, want, text)
				}
			}
			if _, open := seen.Attr("open"); open || seen.Find("summary").Text() == "" {
				t.Errorf("%s: the fold-out is open, or has no name", path)
			}
		}
	}
}

// A group is one team or several, and may be too small for counts whatever
// answers come in.
func TestAGroupIsToldByItsLeaf(t *testing.T) {
	rules := survey.Manifest{K: 5, KC: survey.KC(5)}
	for name, c := range map[string]struct {
		group  []string
		people int
		want   respond.Seen
	}{
		"not known yet":  {nil, 0, respond.Seen{Unknown: "seen.group"}},
		"one team":       {[]string{"North / Duty"}, survey.CountsMin, respond.Seen{Teams: "North / Duty", People: 10, Unknown: "seen.group"}},
		"a small team":   {[]string{"North / Duty"}, survey.CountsMin - 1, respond.Seen{Teams: "North / Duty", People: 9, Small: true, Unknown: "seen.group"}},
		"several teams":  {[]string{"North / Duty", "North / Intake"}, 11, respond.Seen{Teams: "North / Duty; North / Intake", People: 11, Several: true, Unknown: "seen.group"}},
		"several, small": {[]string{"A", "B"}, 6, respond.Seen{Teams: "A; B", People: 6, Several: true, Small: true, Unknown: "seen.group"}},
	} {
		c.want.K, c.want.KC, c.want.Counts = 5, 6, 10 // KC: ⌈1.5·4⌉; counts: PRIVACY, section 6, "Values"
		if got := respond.SeenOf(rules, c.group, c.people); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
