package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// parseWhen reads a moment as the command line takes it: RFC 3339, a date or
// "2026-11-21 09:00" in the organisation's zone, "now", or "+90s", "+2h",
// "+14d" from now.
func parseWhen(s string, now time.Time, zone *time.Location) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "now" {
		return now, nil
	}
	if strings.HasPrefix(s, "+") {
		d, err := parseSpan(s[1:])
		if err != nil {
			return time.Time{}, usageError{fmt.Sprintf("%q is no span of time; write +90s, +30m, +2h or +14d", s)}
		}
		return now.Add(d), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError{fmt.Sprintf("%q is no date; write 2026-11-21, \"2026-11-21 09:00\", 2026-11-21T09:00:00Z, now or +14d", s)}
}

// parseSpan adds days to Go's durations.
func parseSpan(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%q days", days)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("duration %q", s)
	}
	return d, nil
}
