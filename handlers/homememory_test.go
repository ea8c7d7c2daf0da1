package handlers

import (
	"testing"

	"attune/analytics"
	"attune/survey"
)

// What is kept is only given again to somebody with the same units, in the
// same language, of the same releases and with the same events.
func TestWhatIsKeptOfUnitsIsGivenAgainOnlyWhereNothingDiffers(t *testing.T) {
	h := newHouse(t)
	releases, err := h.archive.Releases(t.Context())
	must(t, err)
	event := survey.Event{Unit: dutyID, Kind: survey.EventKind("change"), Day: "2026-07-04"}
	anew := event
	anew.Anew = true
	all := viewer{}
	all.Roles = []string{hr}
	one := viewer{}
	one.Roles, one.Unit = []string{manager}, childrenID
	line := func(r []*analytics.Release, mine bool) (line []sight) {
		for _, r := range r {
			line = append(line, sight{release: r, mine: mine})
		}
		return line
	}
	s := h.speech("en")
	key := s.recallKey(all, line(releases, true), []survey.Event{event})
	if key != s.recallKey(all, line(releases, true), []survey.Event{event}) {
		t.Error("nothing differs, and the key does")
	}
	for name, other := range map[string]string{
		"language": h.speech("fr").recallKey(all, line(releases, true), []survey.Event{event}),
		"viewer":   s.recallKey(one, line(releases, true), []survey.Event{event}),
		"releases": s.recallKey(all, line(releases[1:], true), []survey.Event{event}),
		"part":     s.recallKey(all, line(releases, false), []survey.Event{event}),
		"event":    s.recallKey(all, line(releases, true), []survey.Event{anew}),
		"events":   s.recallKey(all, line(releases, true), nil),
	} {
		if other == key {
			t.Errorf("another %s has the same key", name)
		}
	}
}
