package survey_test

import (
	"strings"
	"testing"

	"attune/survey"
)

func TestAnEventSaysWhatItWasAndAnIncidentNothing(t *testing.T) {
	const today = "2026-11-22"
	for name, c := range map[string]struct {
		event survey.Event
		key   string // empty: it can be kept
	}{
		"action":                {survey.Event{Kind: survey.EventAction, Day: today, Title: "Weekly case talk"}, ""},
		"incident":              {survey.Event{Kind: survey.EventIncident, Day: "2026-11-01"}, ""},
		"longest title":         {survey.Event{Kind: survey.EventTraining, Day: today, Title: strings.Repeat("é", 80)}, ""},
		"unknown kind":          {survey.Event{Kind: "party", Day: today, Title: "x"}, "error.event.kind"},
		"no day":                {survey.Event{Kind: survey.EventAction, Title: "x"}, "error.event.day"},
		"no such day":           {survey.Event{Kind: survey.EventAction, Day: "2026-02-30", Title: "x"}, "error.event.day"},
		"tomorrow":              {survey.Event{Kind: survey.EventAction, Day: "2026-11-23", Title: "x"}, "error.event.day"},
		"long ago":              {survey.Event{Kind: survey.EventAction, Day: "1999-12-31", Title: "x"}, "error.event.day"},
		"no title":              {survey.Event{Kind: survey.EventTraining, Day: today, Title: "  "}, "error.event.title"},
		"title too long":        {survey.Event{Kind: survey.EventAction, Day: today, Title: strings.Repeat("é", 81)}, "error.event.long"},
		"title of two lines":    {survey.Event{Kind: survey.EventAction, Day: today, Title: "a\nb"}, "error.event.lines"},
		"incident with a story": {survey.Event{Kind: survey.EventIncident, Day: today, Title: "what happened"}, "error.event.incident"},
	} {
		err := c.event.Check(today)
		if (err == nil) != (c.key == "") || err != nil && !survey.IsKey(err, c.key) {
			t.Errorf("%s: %v, want %q", name, err, c.key)
		}
	}
}
