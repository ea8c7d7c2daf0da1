package survey

import (
	"errors"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// The rule is worked out on days without hours, in UTC, where every day has 24
// hours; hours and the zone come after. A change of the clocks can therefore
// move no occurrence to another day.

var (
	errHours  = errors.New("hours")
	errDaily  = errors.New("FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY")
	errStart  = errors.New("DTSTART")
	errBoth   = errors.New("COUNT and UNTIL exclude each other")
	errCount  = errors.New("COUNT must be greater than 0")
	errEaster = errors.New("BYEASTER is not in RFC 5545")
)

// CleanRepeat writes an RRULE as it is kept: in capitals, without its name and
// without blanks.
func CleanRepeat(s string) string {
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	return strings.TrimSuffix(strings.TrimPrefix(s, "RRULE:"), ";")
}

// rule reads the recurrence; errors are in the words of RFC 5545.
func (p Programme) rule(starts time.Time) (*rrule.RRule, error) {
	option, err := rrule.StrToROption(p.Repeat)
	if err != nil {
		return nil, err
	}
	switch {
	case len(option.Byhour)+len(option.Byminute)+len(option.Bysecond) > 0:
		return nil, errHours
	case option.Freq > rrule.DAILY:
		return nil, errDaily
	case !option.Dtstart.IsZero():
		return nil, errStart
	case option.Count < 0 || strings.Contains(p.Repeat, "COUNT=0"):
		return nil, errCount
	case option.Count > 0 && !option.Until.IsZero():
		return nil, errBoth
	case len(option.Byeaster) > 0:
		return nil, errEaster
	}
	option.Dtstart = starts
	return rrule.NewRRule(*option)
}

// walk calls visit with every occurrence, in order, until it says false or
// there are no more.
func (p Programme) walk(zone *time.Location, visit func(Occurrence) bool) error {
	starts, err := time.Parse(time.DateOnly, p.Starts)
	if err != nil {
		return Fail(Invalid, "error.programme.starts", Args{"starts": p.Starts})
	}
	rule, err := p.rule(starts)
	switch {
	case errors.Is(err, errHours), errors.Is(err, errStart):
		return &Error{Code: Invalid, Key: "error.programme.repeat_hours", Args: Args{"repeat": p.Repeat}, Err: err}
	case err != nil:
		return Fail(Invalid, "error.programme.repeat", Args{"repeat": p.Repeat, "reason": err.Error()})
	}
	next := rule.Iterator()
	for {
		day, more := next()
		if !more || !visit(p.On(day, zone)) {
			return nil
		}
	}
}

// Between lists the occurrences that open at from or later and before to,
// paused ones too.
func (p Programme) Between(zone *time.Location, from, to time.Time) ([]Occurrence, error) {
	var found []Occurrence
	err := p.walk(zone, func(o Occurrence) bool {
		if !o.Opens.Before(to) {
			return false
		}
		if !o.Opens.Before(from) {
			found = append(found, o)
		}
		return true
	})
	return found, err
}

// Next lists the first n occurrences that open at from or later, paused ones
// too.
func (p Programme) Next(zone *time.Location, from time.Time, n int) ([]Occurrence, error) {
	var found []Occurrence
	err := p.walk(zone, func(o Occurrence) bool {
		if !o.Opens.Before(from) && len(found) < n {
			found = append(found, o)
		}
		return len(found) < n
	})
	return found, err
}
