package survey

import (
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"
)

// ActionStatus is how far an action is.
type ActionStatus string

// The statuses. Nothing forces an order: work is taken up again, too.
const (
	ActionPlanned  ActionStatus = "planned"
	ActionUnderWay ActionStatus = "under_way"
	ActionDone     ActionStatus = "done"
	ActionDropped  ActionStatus = "dropped"
)

// ActionStatuses lists the statuses in the order in which they are offered.
func ActionStatuses() []ActionStatus {
	return []ActionStatus{ActionPlanned, ActionUnderWay, ActionDone, ActionDropped}
}

// Open says whether something is still to be done.
func (s ActionStatus) Open() bool { return s == ActionPlanned || s == ActionUnderWay }

// Bounds of an action's texts, in characters, and of what is kept about it.
const (
	MaxActionText     = 500
	MaxActionOwner    = 120
	MaxActionEvidence = 2000
	MaxActionComment  = 1000
	// MaxActions is how many actions one unit can have.
	MaxActions = 500
	// MaxActionSteps is how many changes, and how many comments, one action can
	// have.
	MaxActionSteps = 500
)

// LatestDue is the latest day on which anything can be due.
const LatestDue = "2099-12-31"

// ActionState is what an action says at one time.
type ActionState struct {
	Text     string // what is done, on one line
	Owner    string // the name of whoever sees to it
	Mail     string // the e-mail address of a user, who is reminded; empty: nobody is
	Due      string // until when, YYYY-MM-DD in the organisation's zone
	Status   ActionStatus
	Evidence string // what came of it: what shows that it is done, or why it was dropped
}

// ActionOrigin is the guide that an action was taken from. The zero origin is
// an action in somebody's own words.
type ActionOrigin struct {
	Guide      string // the guide's id
	Suggestion string // the place of the suggestion in it, as Guide.Suggestion reads it
}

// Action is something that a unit does about what was found. It is the work of
// managers and says nothing about any answer.
type Action struct {
	ID      string
	Unit    UnitID
	Origin  ActionOrigin
	Added   time.Time // in whole seconds
	AddedBy string    // the e-mail address of a user
	N       int       // counts the changes; the one that stands is the N-th
	ActionState
}

// ActionEdit is one change of an action as it was saved. The first is the one
// that it was added with.
type ActionEdit struct {
	ActionState
	By string // the e-mail address of a user
	At time.Time
}

// ActionComment is what somebody wrote beside an action.
type ActionComment struct {
	N    int // in the order in which they were written, from 1
	Text string
	By   string // the e-mail address of a user
	At   time.Time
}

// ActionRecord is an action with everything that is kept about it, oldest
// first.
type ActionRecord struct {
	Action
	Edits    []ActionEdit
	Comments []ActionComment
	Marked   []ActionStatus // the statuses whose day is marked in the trends
}

// CheckAction cleans what an action says and checks it. It fails with Invalid
// for what cannot be kept. Whoever ends an action says what came of it: done
// without evidence convinces nobody whom it was promised to.
func CheckAction(a ActionState) (ActionState, error) {
	a.Text, a.Owner = cleanOneLine(a.Text), cleanOneLine(a.Owner)
	a.Mail, a.Due, a.Evidence = strings.ToLower(strings.TrimSpace(a.Mail)), strings.TrimSpace(a.Due), cleanLines(a.Evidence)
	for _, field := range []struct {
		text, missing, long string
		limit               int
	}{
		{a.Text, "error.action.text", "error.action.text_long", MaxActionText},
		{a.Owner, "error.action.owner", "error.action.owner_long", MaxActionOwner},
		{a.Evidence, "", "error.action.evidence_long", MaxActionEvidence},
	} {
		if err := checkWords(field.text, field.missing, field.long, field.limit); err != nil {
			return ActionState{}, err
		}
	}
	known := false
	for _, status := range ActionStatuses() {
		known = known || status == a.Status
	}
	switch {
	case !known:
		return ActionState{}, Fail(Invalid, "error.action.status", nil)
	case !a.Status.Open() && a.Evidence == "":
		return ActionState{}, Fail(Invalid, "error.action.evidence", nil)
	case a.Mail != "" && !plainAddress(a.Mail):
		return ActionState{}, Fail(Invalid, "error.action.mail", Args{"address": excerpt(a.Mail)})
	}
	if _, err := time.Parse(time.DateOnly, a.Due); err != nil || a.Due < EarliestEvent || a.Due > LatestDue {
		return ActionState{}, Fail(Invalid, "error.action.due", Args{"from": EarliestEvent, "to": LatestDue})
	}
	return a, nil
}

// CheckActionComment cleans a comment and fails with Invalid for an empty or a
// too long one.
func CheckActionComment(text string) (string, error) {
	text = cleanLines(text)
	return text, checkWords(text, "error.action.comment", "error.action.comment_long", MaxActionComment)
}

// checkWords holds a text to its bounds. An empty missing says that it may be
// left out.
func checkWords(text, missing, long string, limit int) error {
	switch n := utf8.RuneCountInString(text); {
	case text == "" && missing != "":
		return Fail(Invalid, missing, nil)
	case n > limit:
		return Fail(Invalid, long, Args{"length": n, "limit": limit})
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' }):
		return Fail(Invalid, "error.action.signs", nil)
	}
	return nil
}

// cleanLines trims a text of several lines and writes line ends as one sign.
func cleanLines(text string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
}

// cleanOneLine makes every white space one blank.
func cleanOneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// plainAddress says whether a text is one e-mail address and nothing else.
func plainAddress(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text && len(text) <= maxEmailLength
}

// Late says whether the action should have been done before today, YYYY-MM-DD.
func (a ActionState) Late(today string) bool { return a.Status.Open() && a.Due < today }

// ActionBefore is what an action said before its last change. It fails with
// Conflict when it was never changed. Taking back is a change too, so doing it
// twice gives what was there.
func ActionBefore(edits []ActionEdit) (ActionState, error) {
	if len(edits) < 2 {
		return ActionState{}, Fail(Conflict, "error.action.nothing_to_undo", nil)
	}
	return edits[len(edits)-2].ActionState, nil
}

// Marks says whether a change to this status can be marked in the trends: that
// something began or was done may show in them, a plan does not.
func (s ActionStatus) Marks() bool { return s == ActionUnderWay || s == ActionDone }

// Mark is the event that marks an action in its unit's trends. The name is the
// action's own words, shortened to what an event can carry.
func (a Action) Mark(day, by string) Event {
	title := []rune(a.Text)
	if len(title) > MaxEventTitle {
		title = append(title[:MaxEventTitle-1], '…')
	}
	return Event{Unit: a.Unit, Kind: EventAction, Day: day, Title: string(title), By: by}
}

// ReminderMoment is when somebody is reminded of a day on which something is
// due.
type ReminderMoment string

// The moments.
const (
	RemindBefore ReminderMoment = "before" // seven days before
	RemindOn     ReminderMoment = "on"     // on the day
	RemindAfter  ReminderMoment = "after"  // seven days after; of a promise: the day after
)

const (
	// remindDays lie between the moments of an action.
	remindDays = 7
	// promiseLateDays is how long after its day a promise is still reminded of.
	promiseLateDays = 14
)

// ReminderOf is the one moment of an open action that has come on a day and is
// not over: seven days before the action is due, on the day, or seven days
// after. ok is false when there is none, and for days that are none. Whoever
// hears late hears the newest word only.
func ReminderOf(due, today string) (moment ReminderMoment, ok bool) {
	days, ok := daysApart(due, today)
	switch {
	case !ok || days < -remindDays || days >= 2*remindDays:
		return "", false
	case days < 0:
		return RemindBefore, true
	case days < remindDays:
		return RemindOn, true
	}
	return RemindAfter, true
}

// daysApart counts the days from one date to another; ok is false when one
// is no date.
func daysApart(from, to string) (days int, ok bool) {
	a, errA := time.Parse(time.DateOnly, from)
	b, errB := time.Parse(time.DateOnly, to)
	if errA != nil || errB != nil {
		return 0, false
	}
	return int(b.Sub(a) / (24 * time.Hour)), true
}
