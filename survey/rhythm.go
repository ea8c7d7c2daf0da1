package survey

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Rhythm is how often a programme comes, in the two ways that most plans need.
// Every recurrence rule is possible beside it; see Programme.Repeat.
type Rhythm struct {
	Every   int  // weeks or months, from 1
	Weeks   bool // counted in weeks, otherwise in months
	Which   int  // of the month's weekdays: 1 to 4, or LastOfMonth; 0 where weeks are counted
	Weekday time.Weekday
}

// LastOfMonth is the last of a month's weekdays.
const LastOfMonth = -1

// MaxEvery is the longest that a Rhythm waits, in weeks or months.
const MaxEvery = 99

// weekdayCodes are RFC 5545's, in the order of time.Weekday.
var weekdayCodes = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// Rule writes the rhythm as a recurrence rule.
func (r Rhythm) Rule() string {
	day := weekdayCodes[r.Weekday]
	if r.Weeks {
		return fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s", r.Every, day)
	}
	return fmt.Sprintf("FREQ=MONTHLY;INTERVAL=%d;BYDAY=%d%s", r.Every, r.Which, day)
}

var rhythm = regexp.MustCompile(`^FREQ=(WEEKLY|MONTHLY)(?:;INTERVAL=([1-9][0-9]?))?;BYDAY=(-1|\+?[1-4])?(SU|MO|TU|WE|TH|FR|SA)$`)

// ReadRhythm reads a rule that Rule could have written, also without an
// interval of one. ok is false for every other rule.
func ReadRhythm(rule string) (r Rhythm, ok bool) {
	m := rhythm.FindStringSubmatch(rule)
	if m == nil || (m[1] == "WEEKLY") != (m[3] == "") {
		return Rhythm{}, false
	}
	r = Rhythm{Every: 1, Weeks: m[1] == "WEEKLY"}
	if m[2] != "" {
		r.Every, _ = strconv.Atoi(m[2]) // digits
	}
	r.Which, _ = strconv.Atoi(m[3]) // a number, or empty and 0
	for day, code := range weekdayCodes {
		if code == m[4] {
			r.Weekday = time.Weekday(day)
		}
	}
	return r, true
}
