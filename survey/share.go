package survey

import (
	"time"
)

// A wave is announced with a promise: by results_on its owner shares the
// results with the staff who were asked, and answers them. What is kept here
// is whether that was done, for which part of the organisation, and what was
// said.

// Sharing says that the results of a wave were shared with a unit and
// everything under it.
type Sharing struct {
	Wave WaveID
	Unit UnitID
	Day  string // YYYY-MM-DD, in the organisation's zone
	By   string // the e-mail address of the user who wrote it down
}

// Check says what is wrong with the day of a sharing; nil when it can be kept.
// from is the day on which the wave closed, today the last that it can have.
func (s Sharing) Check(from, today string) error {
	if _, err := time.Parse(time.DateOnly, s.Day); err != nil || s.Day < from || s.Day > today {
		return Fail(Invalid, "error.share.day", Args{"from": from, "today": today})
	}
	return nil
}

// SharedWith finds the sharing of a wave that a unit has heard of: its own, or
// that of the nearest unit above it. ok is false when nothing was shared with
// all of the unit, also when it was with some teams in it.
func SharedWith(tree Tree, unit UnitID, wave WaveID, all []Sharing) (found Sharing, ok bool) {
	for _, at := range append([]UnitID{unit}, tree.Ancestors(unit)...) {
		for _, s := range all {
			if s.Wave == wave && s.Unit == at {
				return s, true
			}
		}
	}
	return Sharing{}, false
}

// PromiseState is where the promise of a wave stands for a part of the
// organisation.
type PromiseState string

// The states. Nothing is promised of a wave that is void, and nothing is due
// before it has closed.
const (
	PromiseNone   PromiseState = ""
	PromiseComing PromiseState = "coming"
	PromiseLate   PromiseState = "late"
	PromiseKept   PromiseState = "kept"
)

// Promised says where the promise of a wave stands on a day, YYYY-MM-DD.
// shared says whether its results were shared with the part in question.
func (w Wave) Promised(shared bool, today string) PromiseState {
	switch {
	case w.State != Closed && w.State != Released || w.ResultsOn == "":
		return PromiseNone
	case shared:
		return PromiseKept
	case today > w.ResultsOn:
		return PromiseLate
	}
	return PromiseComing
}

// PromiseReminder is the moment of a promise that has come on a day and is not
// over: in the seven days up to results_on, or in the fourteen after it. ok is
// false when there is none.
func PromiseReminder(resultsOn, today string) (moment ReminderMoment, ok bool) {
	days, ok := daysApart(resultsOn, today)
	switch {
	case !ok || days < -remindDays || days > promiseLateDays:
		return "", false
	case days <= 0:
		return RemindBefore, true
	}
	return RemindAfter, true
}

// PartOf is the part of a wave's scope that somebody with a unit of their own
// answers for: their unit where the wave asked it, and all of the scope where
// it lies in their unit. ok is false when the two do not touch.
func PartOf(tree Tree, scope, own UnitID) (part UnitID, ok bool) {
	switch {
	case own == "":
		return "", false
	case tree.Within(own, scope):
		return own, true
	case tree.Within(scope, own):
		return scope, true
	}
	return "", false
}

// Bounds of a note's texts, in characters, and of the actions it can share.
const (
	MaxNoteText    = 2000
	MaxNoteActions = 20
)

// Note is "you said, we did": what a manager tells a unit's staff about one
// wave. It is written by a person and made of no answer.
type Note struct {
	Unit    UnitID
	Wave    WaveID
	Said    string   // what the results say, in the manager's words
	Doing   string   // what is done about it
	Until   string   // until when, YYYY-MM-DD; empty: no day
	Owner   string   // the name of whoever answers for it
	Actions []string // ids of the actions that are shared, in the order of the plan
	Edited  time.Time
	By      string // the e-mail address of the user who wrote it last
	// Published is what staff read; nil before the note was published and after
	// it was withdrawn.
	Published *PublishedNote
}

// PublishedNote is a note as it was published. It does not change when the
// draft or an action does: what staff read is what somebody looked at.
type PublishedNote struct {
	Said    string         `json:"said"`
	Doing   string         `json:"doing"`
	Until   string         `json:"until"`
	Owner   string         `json:"owner"`
	Actions []SharedAction `json:"actions"`
	Day     string         `json:"day"` // on which it was published, YYYY-MM-DD
	By      string         `json:"-"`   // the e-mail address of a user; staff do not read it
}

// SharedAction is what staff read of an action.
type SharedAction struct {
	Text   string       `json:"text"`
	Owner  string       `json:"owner"`
	Due    string       `json:"due"`
	Status ActionStatus `json:"status"`
}

// CheckNote cleans a draft and checks it. It fails with Invalid for what
// cannot be kept. A draft may have gaps.
func CheckNote(n Note) (Note, error) {
	n.Said, n.Doing, n.Owner = cleanLines(n.Said), cleanLines(n.Doing), cleanOneLine(n.Owner)
	for _, field := range []struct {
		text, long string
		limit      int
	}{
		{n.Said, "error.note.long", MaxNoteText},
		{n.Doing, "error.note.long", MaxNoteText},
		{n.Owner, "error.action.owner_long", MaxActionOwner},
	} {
		if err := checkWords(field.text, "", field.long, field.limit); err != nil {
			return Note{}, err
		}
	}
	if _, err := time.Parse(time.DateOnly, n.Until); n.Until != "" && (err != nil || n.Until < EarliestEvent || n.Until > LatestDue) {
		return Note{}, Fail(Invalid, "error.action.due", Args{"from": EarliestEvent, "to": LatestDue})
	}
	if len(n.Actions) > MaxNoteActions {
		return Note{}, Fail(Invalid, "error.note.actions", Args{"limit": MaxNoteActions})
	}
	return n, nil
}

// Publish makes of a draft what staff will read, on a day. actions are the
// unit's: those that the note names are taken over as they stand. It fails with
// Invalid when the note says nothing of what was heard or of what is done, or
// when nobody answers for it.
func (n Note) Publish(actions []Action, day, by string) (PublishedNote, error) {
	p := PublishedNote{Said: n.Said, Doing: n.Doing, Until: n.Until, Owner: n.Owner, Day: day, By: by}
	for _, id := range n.Actions {
		for _, a := range actions {
			if a.ID == id && a.Unit == n.Unit && a.Status != ActionDropped {
				p.Actions = append(p.Actions, SharedAction{Text: a.Text, Owner: a.Owner, Due: a.Due, Status: a.Status})
			}
		}
	}
	switch {
	case n.Said == "":
		return PublishedNote{}, Fail(Invalid, "error.note.said", nil)
	case n.Doing == "" && len(p.Actions) == 0:
		return PublishedNote{}, Fail(Invalid, "error.note.doing", nil)
	case n.Owner == "":
		return PublishedNote{}, Fail(Invalid, "error.note.owner", nil)
	}
	return p, nil
}

// Differs says whether two published notes read differently; days and authors
// do not count.
func (p PublishedNote) Differs(other PublishedNote) bool {
	if p.Said != other.Said || p.Doing != other.Doing || p.Until != other.Until || p.Owner != other.Owner || len(p.Actions) != len(other.Actions) {
		return true
	}
	for i, a := range p.Actions {
		if a != other.Actions[i] {
			return true
		}
	}
	return false
}
