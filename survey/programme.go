package survey

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// MaxLeadDays is how long before its opening a wave may be announced, in
	// days: the roster is frozen then, and newcomers wait for the next one.
	MaxLeadDays = 45
	// MaxOpenDays is the longest that a wave of a programme stays open: what
	// wave allows, less room for a closing hour later than the opening hour.
	MaxOpenDays = 60
	// MaxResultsDays is the longest that people wait for the results.
	MaxResultsDays = 90
	// MaxReminders is the most that a wave sends.
	MaxReminders = 5

	maxProgrammeOwner   = 120 // characters, as of every wave
	maxProgrammeContact = 500
)

// RemindAt is the hour of reminders that name none.
const RemindAt HourMinute = 10 * 60

// Programme is a repeating plan: which packs, how often, for whom. Its waves
// are announced, opened, closed and released by the clock.
//
// All hours are wall-clock hours in the organisation's time zone and stay what
// they are when the clocks change. An hour that is left out on the day of a
// change is read with the offset from before it; one that comes twice is the
// first.
type Programme struct {
	ID      string
	Packs   []string // in every wave
	Modules []string // one of them in each wave, in turn; PacksOf
	Repeat  string   // an RRULE of RFC 5545 without DTSTART and hours
	Starts  string   // YYYY-MM-DD: DTSTART; counts only where the rule names it

	OpensAt     HourMinute
	OpenDays    int // closes this many days after the day of its opening
	ClosesAt    HourMinute
	LeadDays    int // announced this many days before it opens, at the latest
	ResultsDays int // results are shared this many days after the close
	Reminders   []Reminder
	Pauses      []Pause

	Owner   string
	Contact string // empty: each wave carries the first contact for today
	K       int
	Scope   UnitID   // empty: the whole organisation
	Paper   []UnitID // units that answer on paper

	Active bool
	Since  time.Time // openings before this are none of the programme's
}

// Reminder is sent Days after the day of the opening, at At.
type Reminder struct {
	Days int        `json:"days"`
	At   HourMinute `json:"at"`
}

// Pause is a range of days, both included, on which no wave opens.
type Pause struct {
	From string `json:"from"` // YYYY-MM-DD
	To   string `json:"to"`
}

// HourMinute is an hour of the day in minutes since midnight, 0 to 1439.
type HourMinute int

var hourMinute = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)

// ParseHourMinute reads "08:00".
func ParseHourMinute(s string) (HourMinute, error) {
	m := hourMinute.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, Fail(Invalid, "error.programme.hour", Args{"hour": s})
	}
	hours, _ := strconv.Atoi(m[1]) // two digits each
	minutes, _ := strconv.Atoi(m[2])
	return HourMinute(60*hours + minutes), nil
}

// String writes "08:00".
func (h HourMinute) String() string { return fmt.Sprintf("%02d:%02d", int(h)/60, int(h)%60) }

// ParseReminder reads "2d" (at RemindAt) or "2d@14:30".
func ParseReminder(s string) (Reminder, error) {
	wrong := Fail(Invalid, "error.programme.reminder", Args{"reminder": s})
	days, hour, named := strings.Cut(strings.TrimSpace(s), "@")
	number, ok := strings.CutSuffix(days, "d")
	n, err := strconv.Atoi(number)
	if !ok || err != nil || n < 0 || n > MaxOpenDays {
		return Reminder{}, wrong
	}
	r := Reminder{Days: n, At: RemindAt}
	if named {
		if r.At, err = ParseHourMinute(hour); err != nil {
			return Reminder{}, wrong
		}
	}
	return r, nil
}

// String writes what ParseReminder reads.
func (r Reminder) String() string {
	if r.At == RemindAt {
		return fmt.Sprintf("%dd", r.Days)
	}
	return fmt.Sprintf("%dd@%s", r.Days, r.At)
}

var isoWeek = regexp.MustCompile(`^([0-9]{4})-W([0-9]{2})$`)

// WeekDays gives Monday and Sunday of an ISO 8601 week, written "2026-W31".
// ok is false when s is no such week.
func WeekDays(s string) (monday, sunday string, ok bool) {
	m := isoWeek.FindStringSubmatch(s)
	if m == nil {
		return "", "", false
	}
	year, _ := strconv.Atoi(m[1]) // digits each
	week, _ := strconv.Atoi(m[2])
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // always in week 1
	sinceMonday := (int(fourth.Weekday()) + 6) % 7
	first := fourth.AddDate(0, 0, 7*(week-1)-sinceMonday)
	if y, w := first.ISOWeek(); y != year || w != week {
		return "", "", false
	}
	return first.Format(time.DateOnly), first.AddDate(0, 0, 6).Format(time.DateOnly), true
}

// NewPause makes a pause of two days, YYYY-MM-DD or ISO weeks. It fails when
// they are none, or in the wrong order.
func NewPause(from, to string) (Pause, error) {
	p := Pause{From: from, To: to}
	if monday, _, ok := WeekDays(from); ok {
		p.From = monday
	}
	if _, sunday, ok := WeekDays(to); ok {
		p.To = sunday
	}
	for _, day := range []string{p.From, p.To} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return Pause{}, Fail(Invalid, "error.programme.pause", Args{"day": day})
		}
	}
	if p.To < p.From {
		return Pause{}, Fail(Invalid, "error.programme.pause_order", Args{"from": p.From, "to": p.To})
	}
	return p, nil
}

// Resume lifts the pauses that are not over by today (YYYY-MM-DD), and lets a
// stopped programme go on from its next date: what it missed while it was
// stopped was not missed. It says how many pauses were lifted and whether the
// programme was stopped.
func (p *Programme) Resume(today string, now time.Time) (lifted int, stopped bool) {
	kept := slices.DeleteFunc(slices.Clone(p.Pauses), func(r Pause) bool { return r.To >= today })
	lifted, stopped = len(p.Pauses)-len(kept), !p.Active
	p.Pauses = kept
	if stopped {
		p.Active, p.Since = true, now.UTC().Truncate(time.Second)
	}
	return lifted, stopped
}

// paused says whether nothing opens on a day.
func (p Programme) paused(day string) bool {
	return slices.ContainsFunc(p.Pauses, func(r Pause) bool { return r.From <= day && day <= r.To })
}

// PacksOf gives the packs of the programme's wave number n, from 0: the core,
// and the module whose turn it is. Waves are counted, not dates: a pause or an
// occurrence that was skipped takes no module's turn.
func (p Programme) PacksOf(n int) []string {
	packs := slices.Clone(p.Packs)
	if len(p.Modules) > 0 {
		packs = append(packs, p.Modules[n%len(p.Modules)])
	}
	return packs
}

// Units are the units that the programme names: the one it asks, unless that
// is the whole organisation, and those that answer on paper.
func (p Programme) Units() []UnitID {
	var units []UnitID
	if p.Scope != "" {
		units = append(units, p.Scope)
	}
	for _, unit := range p.Paper {
		if !slices.Contains(units, unit) {
			units = append(units, unit)
		}
	}
	return units
}

// Occurrence is one date of a programme with all its moments.
type Occurrence struct {
	Date      string // YYYY-MM-DD in the organisation's zone: the day it opens
	Opens     time.Time
	Closes    time.Time
	ResultsOn string // YYYY-MM-DD
	Reminders []time.Time
	Paused    bool

	lead time.Time
}

// On gives the moments of the occurrence that opens on a day, whether the rule
// names that day or not.
func (p Programme) On(day time.Time, zone *time.Location) Occurrence {
	o := Occurrence{
		Date:   day.Format(time.DateOnly),
		Opens:  p.OpensAt.on(day, zone),
		Closes: p.ClosesAt.on(day.AddDate(0, 0, p.OpenDays), zone),
		lead:   p.OpensAt.on(day.AddDate(0, 0, -p.LeadDays), zone),
	}
	o.ResultsOn = day.AddDate(0, 0, p.OpenDays+p.ResultsDays).Format(time.DateOnly)
	for _, r := range p.Reminders {
		o.Reminders = append(o.Reminders, r.At.on(day.AddDate(0, 0, r.Days), zone))
	}
	o.Paused = p.paused(o.Date)
	return o
}

// on is the moment at which a wall clock in zone shows h on a day. RFC 5545,
// section 3.3.5: of two such moments the first, and where there is none, the
// one that the offset from before the change gives.
func (h HourMinute) on(day time.Time, zone *time.Location) time.Time {
	wall := time.Date(day.Year(), day.Month(), day.Day(), int(h)/60, int(h)%60, 0, 0, time.UTC)
	_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
	_, after := wall.Add(24 * time.Hour).In(zone).Zone()
	early, late := wall.Add(-time.Duration(before)*time.Second), wall.Add(-time.Duration(after)*time.Second)
	if !shows(early, wall, zone) && shows(late, wall, zone) {
		return late
	}
	return early
}

// shows says whether a clock in zone shows, at t, what wall shows.
func shows(t, wall time.Time, zone *time.Location) bool {
	const face = "2006-01-02 15:04"
	return t.In(zone).Format(face) == wall.Format(face)
}

// Latest is the last moment at which the occurrence may still open: from then
// on less than half of its time is left, and it is skipped.
func (o Occurrence) Latest() time.Time { return o.Opens.Add(o.Closes.Sub(o.Opens) / 2) }

// Announcement says when the wave is announced. previous is the close of the
// programme's previous wave, zero when there is none.
//
// Normally that is right after the release of the previous wave, so that its
// results bring the way to collect the ticket for this one: from from on, as
// soon as that wave has ended. When there is none, or it closed more than
// MaxLeadDays before, it is LeadDays before the opening. A previous wave whose
// release does not succeed is not waited for after latest.
func (o Occurrence) Announcement(previous time.Time) (from, latest time.Time) {
	if previous.IsZero() {
		return o.lead, o.lead
	}
	latest = o.lead
	if previous.After(latest) {
		latest = previous
	}
	if previous.Before(o.Opens.AddDate(0, 0, -MaxLeadDays)) {
		return latest, latest
	}
	return previous, latest
}

// Decision is what became of one date of a programme: a wave, or a reason why
// there is none. Both together: a wave was planned and could not be announced.
type Decision struct {
	Date    string // YYYY-MM-DD
	Wave    WaveID
	Skipped *Error // its key names a text; nil when it was not skipped
}
