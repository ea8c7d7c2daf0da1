package survey

import (
	"regexp"
	"time"
)

// IncidentPack is the pack that is offered after a serious incident.
const IncidentPack = "incident"

// Rounds open and close in working hours, by the organisation's clocks.
const (
	incidentOpensAt  HourMinute = 9 * 60
	incidentClosesAt HourMinute = 17 * 60
	// incidentLeast is the shortest that a round may be open: what has less
	// left is left out.
	incidentLeast = 4 * time.Hour
)

// incidentWindows are the days on which a round opens and closes, counted from
// the day of the incident, which is day 0 (CONTENT: day 3–5, week 4–5, week
// 12). Weeks are counted from that day too: week 4 is day 21 to 27. The first
// two openings lie MinGapDays apart. Weekends are not left out, because teams
// on call work on them; every window holds working days.
func incidentWindows() [3][2]int { return [3][2]int{{3, 5}, {24, 31}, {77, 83}} }

// IncidentRound is one of the three times at which people are asked after an
// incident.
type IncidentRound struct {
	N         int // 1 to 3
	Opens     time.Time
	Closes    time.Time
	ResultsOn string // YYYY-MM-DD
}

// IncidentRounds works out when people are asked after an incident on a day
// (YYYY-MM-DD). results is the day by which the results of the first round are
// shared (YYYY-MM-DD); the later ones are shared as many days after their
// close. The day is used for nothing else.
//
// A round whose time has begun opens at once, or at the next opening hour, and
// the next one at least MinGapDays later; one that is as good as over is left
// out. It fails when the day or results is no date, the day is still to come,
// every round is over, or results lie before the first close or more than
// MaxResultsDays after it.
func IncidentRounds(day, results string, now time.Time, zone *time.Location) ([]IncidentRound, error) {
	date, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, Fail(Invalid, "error.incident.day", Args{"day": day})
	}
	if today := now.In(zone).Format(time.DateOnly); day > today {
		return nil, Fail(Invalid, "error.incident.future", Args{"day": day, "today": today})
	}
	shared, err := time.Parse(time.DateOnly, results)
	if err != nil {
		return nil, Fail(Invalid, "error.wave.results_on", Args{"results_on": results})
	}
	var rounds []IncidentRound
	var last time.Time
	for i, days := range incidentWindows() {
		r := IncidentRound{
			N:      i + 1,
			Opens:  later(incidentOpensAt.on(date.AddDate(0, 0, days[0]), zone), atWork(now, zone)),
			Closes: incidentClosesAt.on(date.AddDate(0, 0, days[1]), zone),
		}
		if len(rounds) > 0 {
			r.Opens = later(r.Opens, rounds[len(rounds)-1].Opens.In(zone).AddDate(0, 0, MinGapDays))
		}
		last = r.Closes
		if r.Closes.Sub(r.Opens) < incidentLeast {
			continue
		}
		rounds = append(rounds, r)
	}
	if len(rounds) == 0 {
		return nil, Fail(Conflict, "error.incident.ended", Args{"day": day, "closes": last.In(zone).Format(time.DateOnly)})
	}
	first := dateOf(rounds[0].Closes, zone)
	if wait := daysBetween(first, results); wait < 0 || wait > MaxResultsDays {
		return nil, Fail(Invalid, "error.incident.results_on", Args{"results_on": results, "closes": first, "longest": MaxResultsDays})
	}
	for i, r := range rounds {
		rounds[i].ResultsOn = shared.AddDate(0, 0, daysBetween(first, dateOf(r.Closes, zone))).Format(time.DateOnly)
	}
	return rounds, nil
}

// atWork is now, or the next opening hour where now is outside of working
// hours.
func atWork(now time.Time, zone *time.Location) time.Time {
	here := now.In(zone).Truncate(time.Minute)
	day := time.Date(here.Year(), here.Month(), here.Day(), 0, 0, 0, 0, time.UTC)
	switch clock := HourMinute(60*here.Hour() + here.Minute()); {
	case clock < incidentOpensAt:
		return incidentOpensAt.on(day, zone)
	case clock >= incidentClosesAt:
		return incidentOpensAt.on(day.AddDate(0, 0, 1), zone)
	}
	return here
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func dateOf(t time.Time, zone *time.Location) string { return t.In(zone).Format(time.DateOnly) }

// NearestUnit is the unit itself, or the nearest one above it, that has at
// least so many people. ok is false when not even the organisation has.
func NearestUnit(org Organisation, unit UnitID, people int) (nearest UnitID, ok bool) {
	for _, id := range append([]UnitID{unit}, org.Tree.Ancestors(unit)...) { // ancestors: the nearest first
		if org.Headcount[id] >= people {
			return id, true
		}
	}
	return "", false
}

// IncidentPrefix begins the names of the programmes that are offers after an
// incident; a number follows.
const IncidentPrefix = "incident-"

var incidentProgramme = regexp.MustCompile(`^` + IncidentPrefix + `[0-9]+$`)

// IsIncident says whether a programme is an offer after an incident. Each offer
// is a programme of its own: its three rounds are compared with each other and
// with nothing else.
func IsIncident(programme string) bool { return incidentProgramme.MatchString(programme) }

// CheckIncident holds a new offer against those before it. It fails when the
// people of a unit, or some of them, are in the middle of another one.
func CheckIncident(waves []Wave, tree Tree, asked UnitID, zone *time.Location) error {
	var running *Wave
	for i, w := range waves { // by opening date: the last one ends last
		if IsIncident(w.Programme) && !w.State.Final() && (tree.Within(asked, w.Scope) || tree.Within(w.Scope, asked)) {
			running = &waves[i]
		}
	}
	if running == nil {
		return nil
	}
	return Fail(Conflict, "error.incident.running", Args{"unit": tree.Path(running.Scope), "closes": dateOf(running.Closes, zone)})
}
