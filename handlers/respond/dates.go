package respond

import (
	"fmt"
	"time"

	"attune/survey"
)

// day writes a date in words: "Friday 21 November 2026".
func (s *server) day(lang string, t time.Time) string {
	return s.text(lang, "phone.day", map[string]any{
		"weekday": s.text(lang, fmt.Sprintf("phone.weekday.%d", int(t.Weekday())), nil),
		"day":     t.Day(),
		"month":   s.text(lang, fmt.Sprintf("phone.month.%d", int(t.Month())), nil),
		"year":    t.Year(),
	})
}

// moment writes a date and the time of day in a zone; a nil zone is UTC.
func (s *server) moment(lang string, t time.Time, zone *time.Location) string {
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	return s.text(lang, "phone.moment", map[string]any{"day": s.day(lang, t), "time": t.Format("15:04")})
}

// plainDate writes a date that is kept as YYYY-MM-DD; anything else is shown
// as it is.
func (s *server) plainDate(lang, date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return s.day(lang, t)
}

// closing is when a wave stops taking ballots.
func (s *server) closing(lang string, w survey.OpenWave) string {
	return s.moment(lang, w.Closes, w.Zone)
}
