package survey

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// monthly is a programme that is in order: the first Tuesday of each month.
func monthly() Programme {
	return Programme{
		ID: "pulse", Packs: []string{"pulse"}, Repeat: "FREQ=MONTHLY;BYDAY=1TU", Starts: "2026-11-01",
		OpensAt: 8 * 60, OpenDays: 7, ClosesAt: 20 * 60, LeadDays: 14, ResultsDays: 14,
		Reminders: []Reminder{{Days: 2, At: RemindAt}, {Days: 5, At: RemindAt}},
		Owner:     "Ana Ruiz", Contact: "Extension 12", K: 5, Active: true,
	}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func dates(occurrences []Occurrence) string {
	var all []string
	for _, o := range occurrences {
		all = append(all, o.Date)
	}
	return strings.Join(all, " ")
}

func TestAnOccurrenceHasAllItsMomentsInLocalTime(t *testing.T) {
	dublin := zone(t, "Europe/Dublin")
	found, err := monthly().Next(dublin, time.Time{}, 6)
	if err != nil {
		t.Fatal(err)
	}
	// First Tuesdays, from a calendar.
	if got := dates(found); got != "2026-11-03 2026-12-01 2027-01-05 2027-02-02 2027-03-02 2027-04-06" {
		t.Fatal(got)
	}
	for i, want := range []string{ // the clocks go forward on 28 March 2027: one hour from UTC after it
		0: "2026-11-03T08:00Z 2026-11-10T20:00Z 2026-11-24 [2026-11-05T10:00Z 2026-11-08T10:00Z]",
		5: "2027-04-06T07:00Z 2027-04-13T19:00Z 2027-04-27 [2027-04-08T09:00Z 2027-04-11T09:00Z]",
	} {
		if want == "" {
			continue
		}
		o := found[i]
		const layout = "2006-01-02T15:04Z"
		var reminders []string
		for _, at := range o.Reminders {
			reminders = append(reminders, at.UTC().Format(layout))
		}
		if got := fmt.Sprint(o.Opens.UTC().Format(layout), " ", o.Closes.UTC().Format(layout), " ", o.ResultsOn, " ", reminders); got != want {
			t.Errorf("%s: %s\nwant %s", o.Date, got, want)
		}
	}
}

func TestAWaveThatIsOpenWhenTheClocksChangeClosesAtItsHour(t *testing.T) {
	p := monthly()
	p.Repeat, p.Starts = "FREQ=MONTHLY;BYMONTHDAY=25", "2027-03-01" // open from 25 March to 1 April
	found, err := p.Next(zone(t, "Europe/Dublin"), time.Time{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	// 7 days and 12 hours by the wall clock, one hour less in truth.
	if got := found[0].Closes.Sub(found[0].Opens); got != 179*time.Hour {
		t.Fatal(got)
	}
}

// Hours that are left out or come twice, from the tz database.
func TestAnHourThatIsLeftOutOrComesTwiceIsReadAsRFC5545Says(t *testing.T) {
	for _, c := range []struct {
		zone, date, hour, want string
	}{
		{"Europe/Dublin", "2027-03-28", "01:30", "2027-03-28T01:30Z"},    // left out: offset 0 from before, shows 02:30
		{"Europe/Dublin", "2027-03-28", "08:00", "2027-03-28T07:00Z"},    // the same morning
		{"Europe/Dublin", "2026-10-25", "01:30", "2026-10-25T00:30Z"},    // twice: the first, in summer time
		{"Europe/Dublin", "2026-10-25", "08:00", "2026-10-25T08:00Z"},    // the same morning
		{"America/Santiago", "2026-09-06", "00:30", "2026-09-06T04:30Z"}, // midnight is left out; -4 before
		{"America/Santiago", "2026-04-04", "23:30", "2026-04-05T02:30Z"}, // twice: the first, -3
		{"Pacific/Apia", "2011-12-30", "09:00", "2011-12-30T19:00Z"},     // the whole day is left out; -10 before
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45Z"},
	} {
		hour, err := ParseHourMinute(c.hour)
		if err != nil {
			t.Fatal(err)
		}
		day, err := time.Parse(time.DateOnly, c.date)
		if err != nil {
			t.Fatal(err)
		}
		if got := hour.on(day, zone(t, c.zone)).UTC().Format("2006-01-02T15:04Z"); got != c.want {
			t.Errorf("%s %s in %s: %s, want %s", c.date, c.hour, c.zone, got, c.want)
		}
	}
}

var zones = []string{
	"UTC", "Europe/Dublin", "America/Santiago", "America/New_York", "Pacific/Auckland",
	"Asia/Kathmandu", "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns",
}

func TestAWallClockShowsTheHourUnlessItIsLeftOut(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
		day := time.Date(2024, 1, rapid.IntRange(1, 4000).Draw(rt, "day"), 0, 0, 0, 0, time.UTC)
		if rapid.Bool().Draw(rt, "near a change") {
			for range 400 { // to the next day on which the offset is another one
				_, today := day.In(z).Zone()
				if _, tomorrow := day.AddDate(0, 0, 1).In(z).Zone(); today != tomorrow {
					break
				}
				day = day.AddDate(0, 0, 1)
			}
		}
		h := HourMinute(rapid.IntRange(0, 24*60-1).Draw(rt, "minute"))
		at := h.on(day, z)
		local := at.In(z)
		if shown := local.Format("2006-01-02 15:04"); shown != day.Format(time.DateOnly)+" "+h.String() {
			// Left out: nothing shows it, and it is shortly after the change.
			for m := -25 * 60; m < 25*60; m++ {
				if at.Add(time.Duration(m)*time.Minute).In(z).Format("2006-01-02 15:04") == day.Format(time.DateOnly)+" "+h.String() {
					rt.Fatalf("%s %s shows %s, although %d minutes later shows it", day.Format(time.DateOnly), h, shown, m)
				}
			}
			_, before := at.Add(-3 * time.Hour).In(z).Zone()
			_, now := local.Zone()
			if before >= now {
				rt.Fatalf("%s %s shows %s, and no hour was left out", day.Format(time.DateOnly), h, shown)
			}
		}
		if next := h.on(day.AddDate(0, 0, 1), z); !next.After(at) || next.Sub(at) > 26*time.Hour {
			rt.Fatalf("%s to %s", at, next)
		}
	})
}

func TestMonthEndsAreThoseOfTheCalendar(t *testing.T) {
	for _, c := range []struct{ repeat, starts, want string }{
		{"FREQ=MONTHLY;BYMONTHDAY=31", "2026-12-31", "2026-12-31 2027-01-31 2027-03-31 2027-05-31 2027-07-31"}, // short months have none
		{"FREQ=MONTHLY;BYMONTHDAY=-1", "2026-12-31", "2026-12-31 2027-01-31 2027-02-28 2027-03-31 2027-04-30"},
		{"FREQ=MONTHLY;BYMONTHDAY=-1", "2028-02-01", "2028-02-29 2028-03-31 2028-04-30 2028-05-31 2028-06-30"},
		{"FREQ=MONTHLY;BYDAY=-1FR", "2026-12-01", "2026-12-25 2027-01-29 2027-02-26 2027-03-26 2027-04-30"},
		{"FREQ=WEEKLY;INTERVAL=6;BYDAY=MO", "2026-11-02", "2026-11-02 2026-12-14 2027-01-25 2027-03-08 2027-04-19"},
		{"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15;UNTIL=20270615", "2026-12-15", "2026-12-15 2027-03-15 2027-06-15"},
		{"FREQ=MONTHLY;BYDAY=1TU;COUNT=2", "2026-11-01", "2026-11-03 2026-12-01"},
		{"FREQ=MONTHLY;BYDAY=1TU", "2026-11-04", "2026-12-01 2027-01-05 2027-02-02 2027-03-02 2027-04-06"}, // the first day is none by itself
	} {
		p := monthly()
		p.Repeat, p.Starts = c.repeat, c.starts
		found, err := p.Next(time.UTC, time.Time{}, 5)
		if err != nil {
			t.Fatal(err)
		}
		if got := dates(found); got != c.want {
			t.Errorf("%s from %s: %s\nwant %s", c.repeat, c.starts, got, c.want)
		}
	}
}

func TestThePartsOfATimeSpanMakeTheWhole(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(rt, "zone"))
		p := monthly()
		p.Repeat = rapid.SampledFrom([]string{
			"FREQ=MONTHLY;BYDAY=1TU", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=WEEKLY;INTERVAL=4", "FREQ=YEARLY;BYMONTH=2,9;BYDAY=2WE", "FREQ=DAILY;INTERVAL=30",
		}).Draw(rt, "repeat")
		p.OpensAt = HourMinute(rapid.IntRange(0, 24*60-1).Draw(rt, "opens"))
		var cuts []int
		for range 3 {
			cuts = append(cuts, rapid.IntRange(0, 5*365*24).Draw(rt, "hours"))
		}
		slices.Sort(cuts)
		at := func(i int) time.Time {
			return time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(cuts[i]) * time.Hour)
		}
		var parts [3][]Occurrence
		for i, span := range [][2]int{{0, 1}, {1, 2}, {0, 2}} {
			var err error
			if parts[i], err = p.Between(z, at(span[0]), at(span[1])); err != nil {
				rt.Fatal(err)
			}
		}
		if a, b := dates(append(parts[0], parts[1]...)), dates(parts[2]); a != b {
			rt.Fatalf("%s\n%s", a, b)
		}
		for i, o := range parts[2] {
			if o.Opens.Before(at(0)) || !o.Opens.Before(at(2)) || !o.Closes.After(o.Opens) || (i > 0 && !o.Opens.After(parts[2][i-1].Opens)) {
				rt.Fatalf("%+v", o)
			}
		}
		next, err := p.Next(z, at(0), len(parts[2]))
		if err != nil || dates(next) != dates(parts[2]) {
			rt.Fatalf("next %s: %v", dates(next), err)
		}
	})
}

func TestNothingOpensInAPause(t *testing.T) {
	p := monthly()
	for _, r := range [][2]string{{"2026-12-01", "2026-12-01"}, {"2027-W05", "2027-W05"}, {"2027-03-03", "2027-04-05"}} {
		pause, err := NewPause(r[0], r[1])
		if err != nil {
			t.Fatal(err)
		}
		p.Pauses = append(p.Pauses, pause)
	}
	found, err := p.Next(time.UTC, time.Time{}, 6)
	if err != nil {
		t.Fatal(err)
	}
	var paused []string
	for _, o := range found {
		if o.Paused {
			paused = append(paused, o.Date)
		}
	}
	// 2027-W05 is 1 to 7 February; the last pause lies between two openings.
	if got := strings.Join(paused, " "); got != "2026-12-01 2027-02-02" {
		t.Fatal(got)
	}
}

func TestPausesAreDaysOrISOWeeks(t *testing.T) {
	for _, c := range []struct{ from, to, want, key string }{
		{"2026-07-01", "2026-07-31", "2026-07-01 2026-07-31", ""},
		{"2026-W01", "2026-W01", "2025-12-29 2026-01-04", ""}, // ISO 8601: the week of 4 January
		{"2026-W53", "2026-W53", "2026-12-28 2027-01-03", ""}, // 2026 begins on a Thursday: 53 weeks
		{"2026-W52", "2027-01-02", "2026-12-21 2027-01-02", ""},
		{"2025-W53", "2025-W53", "", "error.programme.pause"}, // 2025 has 52
		{"2026-W00", "2026-W02", "", "error.programme.pause"},
		{"2026-02-30", "2026-03-01", "", "error.programme.pause"},
		{"", "2026-03-01", "", "error.programme.pause"},
		{"2026-03-02", "2026-03-01", "", "error.programme.pause_order"},
	} {
		p, err := NewPause(c.from, c.to)
		if c.key != "" {
			if !IsKey(err, c.key) {
				t.Errorf("%s to %s: %v, want %s", c.from, c.to, err, c.key)
			}
			continue
		}
		if got := p.From + " " + p.To; err != nil || got != c.want {
			t.Errorf("%s to %s: %s, %v; want %s", c.from, c.to, got, err, c.want)
		}
	}
}

func TestModulesTakeTurnsByWave(t *testing.T) {
	p := Programme{Packs: []string{"core"}, Modules: []string{"a", "b", "c"}}
	for n, want := range []string{"core a", "core b", "core c", "core a", "core b"} {
		if got := strings.Join(p.PacksOf(n), " "); got != want {
			t.Errorf("wave %d: %s, want %s", n, got, want)
		}
	}
	p.Modules = nil
	if got := p.PacksOf(7); len(got) != 1 || got[0] != "core" {
		t.Error(got)
	}
	got := append(p.PacksOf(0), "more")
	if len(p.Packs) != 1 || len(got) != 2 {
		t.Error("a wave's packs are the programme's own list")
	}
}

func TestAnAnnouncementFollowsThePreviousReleaseOrTheLeadDays(t *testing.T) {
	o := monthly().On(time.Date(2027, 1, 5, 0, 0, 0, 0, time.UTC), time.UTC) // opens 5 January, 08:00; lead 22 December
	lead := time.Date(2026, 12, 22, 8, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct{ previous, from, latest time.Time }{
		"the first wave":                             {time.Time{}, lead, lead},
		"the last closed 28 days before":             {o.Opens.AddDate(0, 0, -28), o.Opens.AddDate(0, 0, -28), lead},
		"the last closed 45 days before":             {o.Opens.AddDate(0, 0, -45), o.Opens.AddDate(0, 0, -45), lead},
		"the last closed longer before":              {o.Opens.AddDate(0, 0, -45).Add(-time.Second), lead, lead},
		"the last is still open when the lead comes": {o.Opens.AddDate(0, 0, -3), o.Opens.AddDate(0, 0, -3), o.Opens.AddDate(0, 0, -3)},
	} {
		if from, latest := o.Announcement(c.previous); !from.Equal(c.from) || !latest.Equal(c.latest) {
			t.Errorf("%s: %s, %s; want %s, %s", name, from, latest, c.from, c.latest)
		}
	}
}

func TestAProgrammeIsCheckedWhenItIsSetUp(t *testing.T) {
	for name, c := range map[string]struct {
		key    string
		change func(*Programme)
	}{
		"in order":                    {"", func(*Programme) {}},
		"an id with a path":           {"error.programme.id", func(p *Programme) { p.ID = "../x" }},
		"nothing to ask":              {"error.programme.no_pack", func(p *Programme) { p.Packs = nil }},
		"a pack twice":                {"error.programme.pack_twice", func(p *Programme) { p.Packs = []string{"a", "a"} }},
		"a pack that is a module too": {"error.programme.pack_twice", func(p *Programme) { p.Modules = []string{"pulse"} }},
		"k":                           {"error.programme.k", func(p *Programme) { p.K = 4 }},
		"no owner":                    {"error.programme.owner", func(p *Programme) { p.Owner = " " }},
		"an owner too long":           {"error.programme.owner", func(p *Programme) { p.Owner = strings.Repeat("é", 121) }},
		"contact too long":            {"error.programme.contact", func(p *Programme) { p.Contact = strings.Repeat("é", 501) }},
		"a rule in no words":          {"error.programme.repeat", func(p *Programme) { p.Repeat = "every month" }},
		"no rule":                     {"error.programme.repeat", func(p *Programme) { p.Repeat = "" }},
		"a rule without frequency":    {"error.programme.repeat", func(p *Programme) { p.Repeat = "BYDAY=1TU" }},
		"a weekday that is none":      {"error.programme.repeat", func(p *Programme) { p.Repeat = "FREQ=MONTHLY;BYDAY=1XX" }},
		"day 32":                      {"error.programme.repeat", func(p *Programme) { p.Repeat = "FREQ=MONTHLY;BYMONTHDAY=32" }},
		"hourly":                      {"error.programme.repeat", func(p *Programme) { p.Repeat = "FREQ=HOURLY;INTERVAL=1000" }},
		"count and until":             {"error.programme.repeat", func(p *Programme) { p.Repeat = "FREQ=MONTHLY;COUNT=2;UNTIL=20280101" }},
		"count 0":                     {"error.programme.repeat", func(p *Programme) { p.Repeat = "FREQ=MONTHLY;COUNT=0" }},
		"negative interval":           {"error.programme.repeat", func(p *Programme) { p.Repeat = "FREQ=MONTHLY;INTERVAL=-1" }},
		"Easter":                      {"error.programme.repeat", func(p *Programme) { p.Repeat = "FREQ=YEARLY;BYEASTER=0" }},
		"hours in the rule":           {"error.programme.repeat_hours", func(p *Programme) { p.Repeat = "FREQ=MONTHLY;BYDAY=1TU;BYHOUR=9" }},
		"a start in the rule":         {"error.programme.repeat_hours", func(p *Programme) { p.Repeat = "FREQ=MONTHLY;DTSTART=20261101T080000Z" }},
		"two lines":                   {"error.programme.repeat", func(p *Programme) { p.Repeat = "FREQ=MONTHLY\nFREQ=MONTHLY" }},
		"a day that never comes":      {"error.programme.never", func(p *Programme) { p.Repeat = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }},
		"an end before the start":     {"error.programme.never", func(p *Programme) { p.Repeat = "FREQ=MONTHLY;UNTIL=20200101" }},
		"no start":                    {"error.programme.starts", func(p *Programme) { p.Starts = "soon" }},
		"every two weeks":             {"error.programme.too_often", func(p *Programme) { p.Repeat = "FREQ=WEEKLY;INTERVAL=2" }},
		"daily":                       {"error.programme.too_often", func(p *Programme) { p.Repeat = "FREQ=DAILY"; p.OpenDays = 0; p.Reminders = nil }},
		"every 20 days":               {"error.programme.too_often", func(p *Programme) { p.Repeat = "FREQ=DAILY;INTERVAL=20" }},
		"every 21 days":               {"", func(p *Programme) { p.Repeat = "FREQ=DAILY;INTERVAL=21" }},
		"first and last Tuesday":      {"error.programme.too_often", func(p *Programme) { p.Repeat = "FREQ=MONTHLY;BYDAY=1TU,-1TU" }},
		"two modules a week apart": {"error.programme.too_often", func(p *Programme) {
			p.Packs, p.Modules, p.Repeat, p.OpenDays, p.Reminders = nil, []string{"a", "b"}, "FREQ=WEEKLY", 3, nil
		}},
		"three modules a week apart": {"", func(p *Programme) {
			p.Packs, p.Modules, p.Repeat, p.OpenDays, p.Reminders = nil, []string{"a", "b", "c"}, "FREQ=WEEKLY", 3, nil
		}},
		"closes as it opens":              {"error.programme.closes_before_opens", func(p *Programme) { p.OpenDays, p.ClosesAt, p.Reminders = 0, p.OpensAt, nil }},
		"closes after the next opens":     {"error.programme.closes_after_next", func(p *Programme) { p.OpenDays = 28 }}, // 12 hours after, in a month of four weeks
		"closes as the next opens":        {"", func(p *Programme) { p.OpenDays, p.ClosesAt = 28, p.OpensAt }},
		"open too long":                   {"error.programme.open_days", func(p *Programme) { p.OpenDays = MaxOpenDays + 1 }},
		"announced too early":             {"error.programme.lead", func(p *Programme) { p.LeadDays = MaxLeadDays + 1 }},
		"results too late":                {"error.programme.results_days", func(p *Programme) { p.ResultsDays = MaxResultsDays + 1 }},
		"results before the close":        {"error.programme.results_days", func(p *Programme) { p.ResultsDays = -1 }},
		"a reminder before the opening":   {"error.programme.reminder_outside", func(p *Programme) { p.Reminders = []Reminder{{0, 7 * 60}} }},
		"a reminder after the close":      {"error.programme.reminder_outside", func(p *Programme) { p.Reminders = []Reminder{{7, 20 * 60}} }},
		"reminders in the wrong order":    {"error.programme.reminder_outside", func(p *Programme) { p.Reminders = []Reminder{{5, 600}, {2, 600}} }},
		"six reminders":                   {"error.programme.reminders", func(p *Programme) { p.Reminders = make([]Reminder, 6) }},
		"an hour that is none":            {"error.programme.hour", func(p *Programme) { p.OpensAt = 24 * 60 }},
		"one hour, left out once a year":  {"error.programme.closes_before_opens", func(p *Programme) { *p = leftOut(*p) }},
		"every three weeks over a change": {"", func(p *Programme) { p.Repeat = "FREQ=WEEKLY;INTERVAL=3" }},
	} {
		t.Run(name, func(t *testing.T) {
			p := monthly()
			c.change(&p)
			err := p.Check(zone(t, "Europe/Dublin"))
			if c.key == "" && err != nil || c.key != "" && !IsKey(err, c.key) {
				t.Fatalf("got %v, want %q", err, c.key)
			}
		})
	}
}

// leftOut is open from 01:00 to 02:00 on the last Sunday of March, which the
// clocks of Dublin leave out.
func leftOut(p Programme) Programme {
	p.Repeat, p.OpensAt, p.ClosesAt, p.OpenDays, p.Reminders = "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", 60, 120, 0, nil
	return p
}

func TestARuleIsKeptInOneForm(t *testing.T) {
	if got := CleanRepeat(" rrule:freq=monthly; byday=1tu; "); got != "FREQ=MONTHLY;BYDAY=1TU" {
		t.Fatal(got)
	}
}

func TestRemindersAndHoursAreReadAsTheyAreWritten(t *testing.T) {
	for _, s := range []string{"2d", "0d@09:30", "60d", "5d@23:59"} {
		r, err := ParseReminder(s)
		if err != nil || r.String() != s {
			t.Errorf("%s: %s, %v", s, r, err)
		}
	}
	for _, s := range []string{"", "2", "-1d", "61d", "2d@", "2d@9:30", "2d@24:00", "2h", "d", "2d@10:00@11:00"} {
		if _, err := ParseReminder(s); !IsKey(err, "error.programme.reminder") {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"8:00", "24:00", "08:60", "0800", "", "08:00:00"} {
		if _, err := ParseHourMinute(s); !IsKey(err, "error.programme.hour") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestThePacksOfEveryWaveAreInTheLibrary(t *testing.T) {
	library, err := NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	p := monthly()
	if err := p.CheckPacks(library); err != nil {
		t.Fatal(err)
	}
	p.Modules = []string{"nothing"}
	if err := p.CheckPacks(library); !IsKey(err, "error.library.pack") {
		t.Fatal(err)
	}
	p.Packs, p.Modules = nil, []string{"pulse"}
	if err := p.CheckPacks(library); err != nil {
		t.Fatal(err)
	}
}

// care-30 wants 30 days between two openings: four weeks are 28, five are 35,
// and as one of two modules it comes every other time, after 56.
func TestAProgrammeKeepsTheDaysThatAPackWants(t *testing.T) {
	library, err := NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	p := monthly()
	p.Packs, p.Modules, p.Repeat = []string{"care-30"}, nil, "FREQ=WEEKLY;INTERVAL=4"
	if err := p.CheckPacks(library); !IsKey(err, "error.programme.too_often") {
		t.Errorf("every four weeks: %v", err)
	}
	p.Repeat = "FREQ=WEEKLY;INTERVAL=5"
	if err := p.CheckPacks(library); err != nil {
		t.Errorf("every five weeks: %v", err)
	}
	p.Packs, p.Modules, p.Repeat = nil, []string{"care-30", "effects"}, "FREQ=WEEKLY;INTERVAL=4"
	if err := p.CheckPacks(library); err != nil {
		t.Errorf("as one of two modules: %v", err)
	}
}

func FuzzARuleIsTakenOrRefusedAndNeverPanics(f *testing.F) {
	for _, seed := range []string{
		"FREQ=MONTHLY;BYDAY=1TU", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "FREQ=YEARLY;BYYEARDAY=-1;BYSETPOS=1",
		"FREQ=WEEKLY;INTERVAL=4;WKST=SU", "FREQ=MONTHLY;UNTIL=20271231T000000Z", "FREQ=;BYDAY=", "DTSTART:1\nFREQ=DAILY",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, repeat string) {
		p := monthly()
		p.Repeat = CleanRepeat(repeat)
		if p.Check(time.UTC) != nil {
			return
		}
		found, err := p.Next(time.UTC, time.Time{}, 3)
		if err != nil || len(found) == 0 {
			t.Fatalf("%q was taken and gives %v, %v", repeat, found, err)
		}
	})
}
