package survey

import (
	"cmp"
	"errors"
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
func (p Programme) Check(zone *time.Location) error { return FirstFault(p.ruleFaults(zone)) }

// Faults is everything that Check and CheckPacks refuse, all at once. The
// fields are named after those of Programme: id, packs, k, owner, contact,
// opens_at, open_days, closes_at, lead_days, results_days, reminders, repeat,
// starts.
func (p Programme) Faults(zone *time.Location, library *Library) []FieldFault {
	faults := p.ruleFaults(zone)
	for _, f := range p.packFaults(library) {
		if !slices.ContainsFunc(faults, func(g FieldFault) bool { return g.Field == f.Field && g.Error.Key == f.Error.Key }) {
			faults = append(faults, f)
		}
	}
	return faults
}

func (p Programme) ruleFaults(zone *time.Location) []FieldFault {
	var faults []FieldFault
	hold := func(field string, wrong bool, key string, args Args) bool {
		if wrong {
			faults = append(faults, FieldFault{field, Fail(Invalid, key, args)})
		}
		return !wrong
	}
	days := func(field, key string, days, longest int) bool {
		return hold(field, days < 0 || days > longest, key, Args{"days": days, "longest": longest})
	}
	hold("id", !programmeID.MatchString(p.ID), "error.programme.id", Args{"programme": p.ID})
	hold("packs", len(p.Packs)+len(p.Modules) == 0, "error.programme.no_pack", nil)
	hold("k", p.K < MinK, "error.programme.k", Args{"k": p.K, "floor": MinK})
	hold("owner", strings.TrimSpace(p.Owner) == "" || utf8.RuneCountInString(p.Owner) > maxProgrammeOwner, "error.programme.owner", Args{"longest": maxProgrammeOwner})
	hold("contact", utf8.RuneCountInString(p.Contact) > maxProgrammeContact, "error.programme.contact", Args{"longest": maxProgrammeContact})
	timed := days("open_days", "error.programme.open_days", p.OpenDays, MaxOpenDays)
	days("lead_days", "error.programme.lead", p.LeadDays, MaxLeadDays)
	days("results_days", "error.programme.results_days", p.ResultsDays, MaxResultsDays)
	reminded := hold("reminders", len(p.Reminders) > MaxReminders, "error.programme.reminders", Args{"count": len(p.Reminders), "most": MaxReminders})
	if pack := twice(append(slices.Clone(p.Packs), p.Modules...)); pack != "" {
		hold("packs", true, "error.programme.pack_twice", Args{"pack": pack})
	}
	for _, h := range []struct {
		field string
		at    HourMinute
	}{{"opens_at", p.OpensAt}, {"closes_at", p.ClosesAt}} {
		timed = hold(h.field, h.at < 0 || h.at >= 24*60, "error.programme.hour", Args{"hour": int(h.at)}) && timed
	}
	if !timed {
		p.OpensAt, p.ClosesAt, p.OpenDays = 0, 1, 0 // the days can be looked at all the same
	}
	if !timed || !reminded {
		p.Reminders = nil
	}
	return append(faults, p.dateFaults(zone)...)
}

func twice(list []string) string {
	for i, s := range list {
		if slices.Contains(list[:i], s) {
			return s
		}
	}
	return ""
}

// dateFaults works out the occurrences of years ahead and holds them against
// each other. Of each fault it tells the first.
func (p Programme) dateFaults(zone *time.Location) []FieldFault {
	var faults []FieldFault
	tell := func(found ...FieldFault) {
		for _, f := range found {
			if !slices.ContainsFunc(faults, func(g FieldFault) bool { return g.Error.Key == f.Error.Key }) {
				faults = append(faults, f)
			}
		}
	}
	var seen []Occurrence
	err := p.walk(zone, func(o Occurrence) bool {
		if len(seen) > 0 && o.Opens.After(seen[0].Opens.AddDate(checkedYears, 0, 0)) {
			return false
		}
		tell(p.momentFaults(o)...)
		if len(seen) > 0 {
			tell(p.neighbourFaults(seen, o, zone)...)
		}
		seen = append(seen, o)
		return true
	})
	var known *Error
	switch {
	case errors.As(err, &known):
		return []FieldFault{{ruleField(known.Key), known}}
	case len(seen) == 0:
		tell(FieldFault{"starts", Fail(Invalid, "error.programme.never", Args{"repeat": p.Repeat, "starts": p.Starts})})
	}
	return faults
}

// ruleField is the field that a fault of walk belongs to.
func ruleField(key string) string {
	if key == "error.programme.starts" {
		return "starts"
	}
	return "repeat"
}

func (p Programme) momentFaults(o Occurrence) []FieldFault {
	var faults []FieldFault
	if !o.Closes.After(o.Opens) {
		faults = append(faults, FieldFault{"closes_at", Fail(Invalid, "error.programme.closes_before_opens",
			Args{"date": o.Date, "opens": p.OpensAt.String(), "closes": p.ClosesAt.String(), "days": p.OpenDays})})
		return faults // no reminder can lie between them
	}
	for i, at := range o.Reminders {
		if !at.After(o.Opens) || !at.Before(o.Closes) || (i > 0 && !at.After(o.Reminders[i-1])) {
			faults = append(faults, FieldFault{"reminders", Fail(Invalid, "error.programme.reminder_outside", Args{"reminder": p.Reminders[i].String(), "date": o.Date})})
		}
	}
	return faults
}

// neighbourFaults holds an occurrence against those before it: the last one
// must be over, and the last one with a pack of this one far enough away.
func (p Programme) neighbourFaults(before []Occurrence, o Occurrence, zone *time.Location) []FieldFault {
	var faults []FieldFault
	last := before[len(before)-1]
	pack, apart := "", 0
	switch {
	case len(p.Packs) > 0:
		pack, apart = p.Packs[0], 1
	case len(p.Modules) > 0:
		pack, apart = p.Modules[len(before)%len(p.Modules)], len(p.Modules)
	}
	if apart > 0 && apart <= len(before) {
		other := before[len(before)-apart]
		if days := daysBetween(other.Date, o.Date); days < MinGapDays {
			faults = append(faults, FieldFault{"repeat", Fail(Invalid, "error.programme.too_often",
				Args{"pack": pack, "first": other.Date, "second": o.Date, "between": days, "days": MinGapDays})})
		}
	}
	if last.Closes.After(o.Opens) {
		faults = append(faults, FieldFault{"open_days", Fail(Invalid, "error.programme.closes_after_next",
			Args{"first": last.Date, "closes": last.Closes.In(zone).Format(time.DateOnly), "next": o.Date})})
	}
	return faults
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
func (p Programme) CheckPacks(library *Library) error { return FirstFault(p.packFaults(library)) }

func (p Programme) packFaults(library *Library) []FieldFault {
	var faults []FieldFault
	tell := func(field string, err error) {
		var known *Error
		if !errors.As(err, &known) || slices.ContainsFunc(faults, func(f FieldFault) bool { return f.Error.Error() == known.Error() }) {
			return
		}
		faults = append(faults, FieldFault{field, known})
	}
	for n := range max(1, len(p.Modules)) {
		packs, err := library.Together(p.PacksOf(n))
		if err != nil {
			tell("packs", err)
			continue
		}
		for _, pack := range packs {
			if pack.Audience != Staff {
				tell("packs", Fail(Invalid, "error.wave.leader_pack", Args{"pack": pack.ID}))
			}
		}
		_, err = NewSheet(packs)
		tell("packs", err)
	}
	if err := p.checkApart(library); err != nil {
		var known *Error
		if errors.As(err, &known) {
			tell(ruleField(known.Key), known)
		}
	}
	return faults
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
