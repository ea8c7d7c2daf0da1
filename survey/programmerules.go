package survey

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

var programmeID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// checkedYears is how far ahead a programme is worked out before it is taken.
const checkedYears = 10

// Check holds a programme to everything that can be known at set-up: what its
// first wave would be refused for is refused here, with its mend. Units are
// checked by whoever knows the organisation, packs by CheckPacks.
func (p Programme) Check(zone *time.Location) error {
	fail := func(key string, args Args) error { return Fail(Invalid, key, args) }
	switch {
	case !programmeID.MatchString(p.ID):
		return fail("error.programme.id", Args{"programme": p.ID})
	case len(p.Packs)+len(p.Modules) == 0:
		return fail("error.programme.no_pack", nil)
	case p.K < MinK:
		return fail("error.programme.k", Args{"k": p.K, "floor": MinK})
	case strings.TrimSpace(p.Owner) == "" || utf8.RuneCountInString(p.Owner) > maxProgrammeOwner:
		return fail("error.programme.owner", Args{"longest": maxProgrammeOwner})
	case utf8.RuneCountInString(p.Contact) > maxProgrammeContact:
		return fail("error.programme.contact", Args{"longest": maxProgrammeContact})
	case p.OpenDays < 0 || p.OpenDays > MaxOpenDays:
		return fail("error.programme.open_days", Args{"days": p.OpenDays, "longest": MaxOpenDays})
	case p.LeadDays < 0 || p.LeadDays > MaxLeadDays:
		return fail("error.programme.lead", Args{"days": p.LeadDays, "longest": MaxLeadDays})
	case p.ResultsDays < 0 || p.ResultsDays > MaxResultsDays:
		return fail("error.programme.results_days", Args{"days": p.ResultsDays, "longest": MaxResultsDays})
	case len(p.Reminders) > MaxReminders:
		return fail("error.programme.reminders", Args{"count": len(p.Reminders), "most": MaxReminders})
	}
	if pack := twice(append(slices.Clone(p.Packs), p.Modules...)); pack != "" {
		return fail("error.programme.pack_twice", Args{"pack": pack})
	}
	for _, h := range []HourMinute{p.OpensAt, p.ClosesAt} {
		if h < 0 || h >= 24*60 {
			return fail("error.programme.hour", Args{"hour": int(h)})
		}
	}
	return p.checkDates(zone)
}

func twice(list []string) string {
	for i, s := range list {
		if slices.Contains(list[:i], s) {
			return s
		}
	}
	return ""
}

// checkDates works out the occurrences of years ahead and holds them against
// each other.
func (p Programme) checkDates(zone *time.Location) error {
	fault, seen := error(nil), []Occurrence(nil)
	err := p.walk(zone, func(o Occurrence) bool {
		if len(seen) > 0 && o.Opens.After(seen[0].Opens.AddDate(checkedYears, 0, 0)) {
			return false
		}
		fault = p.checkMoments(o)
		if len(seen) > 0 && fault == nil {
			fault = p.checkNeighbours(seen, o, zone)
		}
		seen = append(seen, o)
		return fault == nil
	})
	switch {
	case err != nil:
		return err
	case fault != nil:
		return fault
	case len(seen) == 0:
		return Fail(Invalid, "error.programme.never", Args{"repeat": p.Repeat, "starts": p.Starts})
	}
	return nil
}

func (p Programme) checkMoments(o Occurrence) error {
	if !o.Closes.After(o.Opens) {
		return Fail(Invalid, "error.programme.closes_before_opens",
			Args{"date": o.Date, "opens": p.OpensAt.String(), "closes": p.ClosesAt.String(), "days": p.OpenDays})
	}
	for i, at := range o.Reminders {
		if !at.After(o.Opens) || !at.Before(o.Closes) || (i > 0 && !at.After(o.Reminders[i-1])) {
			return Fail(Invalid, "error.programme.reminder_outside", Args{"reminder": p.Reminders[i].String(), "date": o.Date})
		}
	}
	return nil
}

// checkNeighbours holds an occurrence against those before it: the last one
// must be over, and the last one with a pack of this one far enough away.
func (p Programme) checkNeighbours(before []Occurrence, o Occurrence, zone *time.Location) error {
	last := before[len(before)-1]
	pack, apart := "", 0
	switch {
	case len(p.Packs) > 0:
		pack, apart = p.Packs[0], 1
	default:
		pack, apart = p.Modules[len(before)%len(p.Modules)], len(p.Modules)
	}
	if apart <= len(before) {
		other := before[len(before)-apart]
		if days := daysBetween(other.Date, o.Date); days < MinGapDays {
			return Fail(Invalid, "error.programme.too_often",
				Args{"pack": pack, "first": other.Date, "second": o.Date, "between": days, "days": MinGapDays})
		}
	}
	if last.Closes.After(o.Opens) {
		return Fail(Invalid, "error.programme.closes_after_next",
			Args{"first": last.Date, "closes": last.Closes.In(zone).Format(time.DateOnly), "next": o.Date})
	}
	return nil
}

// daysBetween counts the days from one date to another. Both are dates that
// this package wrote.
func daysBetween(from, to string) int {
	a, _ := time.Parse(time.DateOnly, from)
	b, _ := time.Parse(time.DateOnly, to)
	return int(b.Sub(a) / (24 * time.Hour))
}

// CheckPacks holds the packs of every wave that the programme will make
// against the library: all there, for staff, and fit to be asked together.
func (p Programme) CheckPacks(library *Library) error {
	for n := range max(1, len(p.Modules)) {
		packs, err := library.Together(p.PacksOf(n))
		if err != nil {
			return err
		}
		for _, pack := range packs {
			if pack.Audience != Staff {
				return Fail(Invalid, "error.wave.leader_pack", Args{"pack": pack.ID})
			}
		}
		if _, err := NewSheet(packs); err != nil {
			return err
		}
	}
	return p.checkApart(library)
}

// checkApart holds the dates against packs that want more days between two
// openings than every pack does.
func (p Programme) checkApart(library *Library) error {
	every := make(map[string]int) // after how many waves a pack comes again
	for _, id := range p.Packs {
		every[id] = 1
	}
	for _, id := range p.Modules {
		every[id] = len(p.Modules)
	}
	fault, dates := error(nil), []string(nil)
	err := p.walk(time.UTC, func(o Occurrence) bool { // dates are the same in every zone
		n := len(dates)
		if dates = append(dates, o.Date); daysBetween(dates[0], o.Date) > 366*checkedYears {
			return false
		}
		for _, id := range p.PacksOf(n) {
			pack, err := library.Latest(id)
			if err != nil || n < every[id] {
				continue // CheckPacks has said what is not there
			}
			first := dates[n-every[id]]
			if days := daysBetween(first, o.Date); days < pack.Apart() {
				fault = Fail(Invalid, "error.programme.too_often", Args{"pack": id, "first": first, "second": o.Date, "between": days, "days": pack.Apart()})
			}
		}
		return fault == nil
	})
	return cmp.Or(err, fault)
}
