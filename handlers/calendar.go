package handlers

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// dates is all that the calendar may do with the store. Of a programme it
// shows the name and the dates.
type dates interface {
	Programmes(ctx context.Context) ([]survey.Programme, error)
	Occurrences(ctx context.Context, programme string) ([]survey.Decision, error)
	Units(ctx context.Context) ([]survey.Unit, error)
}

// calendarAhead is how far dates are shown that are not announced yet.
const calendarAhead = 366 * 24 * time.Hour

// calendarDate is one wave, or one that will be.
type calendarDate struct {
	name      string // what its UIDs are made of; it never changes
	programme string
	opens     time.Time
	closes    time.Time
	resultsOn string
}

// calendar is a feed of the dates of waves, for calendar programs: they send
// no cookie, so it is for everybody, and holds what hangs on the wall anyway.
func (con *console) calendar(c echo.Context) error {
	r := c.Request()
	all, err := con.calendarDates(r.Context())
	if err != nil {
		return err
	}
	units, err := con.dates.Units(r.Context())
	if err != nil {
		return err
	}
	house := ""
	for _, u := range units {
		if u.Parent == "" {
			house = string(u.ID)
		}
	}
	body := con.in(con.lang(r)).calendar(all, house, con.now().UTC().Truncate(24*time.Hour))
	h := c.Response().Header()
	h.Set("Content-Disposition", `inline; filename="waves.ics"`)
	h.Set("Cache-Control", "no-cache") // kept, and asked about with the ETag
	h.Set("Etag", `"`+survey.SHA256Hex([]byte(body))[:32]+`"`)
	if match := r.Header.Get("If-None-Match"); match != "" && strings.Contains(match, h.Get("Etag")) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", []byte(body))
}

// calendarDates lists what is announced, open or waits for its results, and
// what the programmes will do. A void wave is gone, and so is a wave that was
// planned by hand: nobody was promised its dates.
func (con *console) calendarDates(ctx context.Context) ([]calendarDate, error) {
	waves, err := con.waves.Waves(ctx)
	if err != nil {
		return nil, err
	}
	programmes, err := con.dates.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	var ahead []calendarDate
	made := make(map[survey.WaveID]string) // what a programme's wave is called
	for _, p := range programmes {
		decisions, err := con.dates.Occurrences(ctx, p.ID)
		if err != nil {
			return nil, err
		}
		decided := make(map[string]bool, len(decisions))
		for _, d := range decisions {
			decided[d.Date] = true
			made[d.Wave] = p.ID + "/" + d.Date
		}
		if !p.Active {
			continue
		}
		next, err := p.Between(con.zone, con.now(), con.now().Add(calendarAhead))
		if err != nil {
			return nil, err
		}
		for _, o := range next {
			if !o.Paused && !decided[o.Date] && !o.Opens.Before(p.Since) {
				ahead = append(ahead, calendarDate{p.ID + "/" + o.Date, p.ID, o.Opens, o.Closes, o.ResultsOn})
			}
		}
	}
	today := con.now().In(con.zone).Format(time.DateOnly)
	var all []calendarDate
	for _, w := range waves {
		if w.State == survey.Planned || w.State == survey.Void || w.ResultsOn < today {
			continue
		}
		name := made[w.ID]
		if name == "" {
			name = string(w.ID)
		}
		all = append(all, calendarDate{name, w.Programme, w.Opens, w.Closes, w.ResultsOn})
	}
	return append(all, ahead...), nil
}

// calendar writes dates as RFC 5545 wants them. house tells this installation
// from others; stamp stands for when it was made, a whole day so that an
// unchanged feed keeps its ETag.
func (s speech) calendar(all []calendarDate, house string, stamp time.Time) string {
	var b calendarText
	b.line("BEGIN", "VCALENDAR")
	b.line("VERSION", "2.0")
	b.line("PRODID", "-//Attune//Waves//EN")
	b.line("CALSCALE", "GREGORIAN")
	b.text("X-WR-CALNAME", s.say("calendar.name", nil))
	b.line("REFRESH-INTERVAL;VALUE=DURATION", "P1D") // RFC 7986
	if len(all) == 0 {
		b.emptyZone()
	}
	for _, d := range all {
		name := survey.Args{"programme": d.programme}
		b.event(uid(house, d.name, "open"), stamp,
			[2]string{"DTSTART", d.opens.UTC().Format(icalTime)}, [2]string{"DTEND", d.closes.UTC().Format(icalTime)},
			s.say("calendar.open", name), s.say("calendar.open_about", nil))
		if day, err := time.Parse(time.DateOnly, d.resultsOn); err == nil {
			b.event(uid(house, d.name, "results"), stamp,
				[2]string{"DTSTART;VALUE=DATE", day.Format(icalDate)}, [2]string{"DTEND;VALUE=DATE", day.AddDate(0, 0, 1).Format(icalDate)},
				s.say("calendar.results", name), "")
		}
	}
	b.line("END", "VCALENDAR")
	return b.String()
}

// uid names an event for good: it must be the same before the wave is planned,
// while it is open and after, and no other installation's.
func uid(house, name, kind string) string {
	return survey.SHA256Hex([]byte(house + "\n" + name + "\n" + kind))[:32] + "@attune"
}

// The forms of DATE-TIME in UTC and DATE, RFC 5545 sections 3.3.5 and 3.3.4.
const (
	icalTime = "20060102T150405Z"
	icalDate = "20060102"
)

// calendarText is a calendar that is being written.
type calendarText struct{ strings.Builder }

// event writes one event. Nobody is busy because of it.
func (b *calendarText) event(uid string, stamp time.Time, start, end [2]string, summary, about string) {
	b.line("BEGIN", "VEVENT")
	b.line("UID", uid)
	b.line("DTSTAMP", stamp.Format(icalTime))
	b.line(start[0], start[1])
	b.line(end[0], end[1])
	b.text("SUMMARY", summary)
	if about != "" {
		b.text("DESCRIPTION", about)
	}
	b.line("TRANSP", "TRANSPARENT")
	b.line("END", "VEVENT")
}

// emptyZone is the smallest component: a calendar must have one, also when
// there is no date in it.
func (b *calendarText) emptyZone() {
	for _, l := range [][2]string{
		{"BEGIN", "VTIMEZONE"},
		{"TZID", "UTC"},
		{"BEGIN", "STANDARD"},
		{"DTSTART", "19700101T000000"},
		{"TZOFFSETFROM", "+0000"},
		{"TZOFFSETTO", "+0000"},
		{"END", "STANDARD"},
		{"END", "VTIMEZONE"},
	} {
		b.line(l[0], l[1])
	}
}

// text writes a value of the type TEXT, RFC 5545 section 3.3.11.
func (b *calendarText) text(name, value string) {
	b.line(name, strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(value))
}

// icalLine is the most octets of a line without its end, RFC 5545 section
// 3.1; what is longer goes on in the next line after a blank.
const icalLine = 75

func (b *calendarText) line(name, value string) {
	rest, room := name+":"+value, icalLine
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) { // never within a character
			cut--
		}
		b.WriteString(rest[:cut] + "\r\n ")
		rest, room = rest[cut:], icalLine-1
	}
	b.WriteString(rest + "\r\n")
}
