package survey

import (
	"strings"
	"time"
	"unicode/utf8"
)

// EventKind says what kind of thing happened.
type EventKind string

// The kinds of events. Of an incident nothing but its day is ever kept.
const (
	EventAction         EventKind = "action"         // something was changed or begun
	EventTraining       EventKind = "training"       // a training took place
	EventReorganisation EventKind = "reorganisation" // teams, tasks or leadership changed
	EventIncident       EventKind = "incident"       // something serious happened
)

// EventKinds lists the kinds in the order in which they are offered.
func EventKinds() []EventKind {
	return []EventKind{EventAction, EventTraining, EventReorganisation, EventIncident}
}

// MaxEventTitle is the length of an event's name, in characters.
const MaxEventTitle = 80

// EarliestEvent is the earliest day that an event can have: what happened
// before is no part of any trend.
const EarliestEvent = "2000-01-01"

// Event is a day that changed something for a unit and everything under it. It
// marks the unit's trends; figures before and after it can be compared.
type Event struct {
	ID    string
	Unit  UnitID
	Kind  EventKind
	Day   string // YYYY-MM-DD, in the organisation's zone
	Title string // what it was, in a few words; always empty for an incident
	// Anew says that the usual range of the unit's trends begins anew from
	// this day, with a break that everybody sees.
	Anew bool
	By   string // the e-mail address of the user who wrote it down
}

// Check says what is wrong with an event; nil when it can be kept. today is
// the last day that it can have, YYYY-MM-DD.
func (e Event) Check(today string) error {
	known := false
	for _, kind := range EventKinds() {
		known = known || kind == e.Kind
	}
	if !known {
		return Fail(Invalid, "error.event.kind", nil)
	}
	if _, err := time.Parse(time.DateOnly, e.Day); err != nil || e.Day < EarliestEvent || e.Day > today {
		return Fail(Invalid, "error.event.day", Args{"from": EarliestEvent, "today": today})
	}
	title := strings.TrimSpace(e.Title)
	switch {
	case e.Kind == EventIncident && title != "":
		return Fail(Invalid, "error.event.incident", nil)
	case e.Kind != EventIncident && title == "":
		return Fail(Invalid, "error.event.title", nil)
	case utf8.RuneCountInString(title) > MaxEventTitle:
		return Fail(Invalid, "error.event.long", Args{"most": MaxEventTitle})
	case strings.ContainsFunc(title, func(r rune) bool { return r < ' ' }):
		return Fail(Invalid, "error.event.lines", nil)
	}
	return nil
}
