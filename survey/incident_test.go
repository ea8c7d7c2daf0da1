package survey

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func dublin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func rounds(t *testing.T, day, results, now string) ([]IncidentRound, error) {
	t.Helper()
	zone := dublin(t)
	at, err := time.ParseInLocation("2006-01-02 15:04", now, zone)
	if err != nil {
		t.Fatal(err)
	}
	return IncidentRounds(day, results, at, zone)
}

func told(rounds []IncidentRound, zone *time.Location) []string {
	var lines []string
	for _, r := range rounds {
		lines = append(lines, fmt.Sprintf("%d %s %s %s", r.N, r.Opens.In(zone).Format("2006-01-02 15:04"), r.Closes.In(zone).Format("2006-01-02 15:04"), r.ResultsOn))
	}
	return lines
}

// The dates are counted by hand from the calendar: Tuesday 6 October 2026 is
// day 0, so day 3 is Friday the 9th, day 24 Friday 30 October, day 77 Tuesday
// 22 December. The clocks go back on 25 October; hours stay.
func TestPeopleAreAskedOnDayThreeInWeekFourAndInWeekTwelve(t *testing.T) {
	for name, c := range map[string]struct {
		day, results, now string
		want              []string
	}{
		"offered on the day": {"2026-10-06", "2026-10-13", "2026-10-06 15:00", []string{
			"1 2026-10-09 09:00 2026-10-11 17:00 2026-10-13",
			"2 2026-10-30 09:00 2026-11-06 17:00 2026-11-08",
			"3 2026-12-22 09:00 2026-12-28 17:00 2026-12-30",
		}},
		"in the middle of the first round, which opens at once, the second 21 days later": {"2026-10-06", "2026-10-13", "2026-10-10 14:23", []string{
			"1 2026-10-10 14:23 2026-10-11 17:00 2026-10-13",
			"2 2026-10-31 14:23 2026-11-06 17:00 2026-11-08",
			"3 2026-12-22 09:00 2026-12-28 17:00 2026-12-30",
		}},
		"at night, when the first round opens in the morning": {"2026-10-06", "2026-10-11", "2026-10-09 22:00", []string{
			"1 2026-10-10 09:00 2026-10-11 17:00 2026-10-11",
			"2 2026-10-31 09:00 2026-11-06 17:00 2026-11-06",
			"3 2026-12-22 09:00 2026-12-28 17:00 2026-12-28",
		}},
		"with less than four hours left of the first": {"2026-10-06", "2026-11-10", "2026-10-11 13:01", []string{
			"2 2026-10-30 09:00 2026-11-06 17:00 2026-11-10",
			"3 2026-12-22 09:00 2026-12-28 17:00 2027-01-01",
		}},
		"in week 12": {"2026-10-06", "2027-01-05", "2026-12-24 10:00", []string{
			"3 2026-12-24 10:00 2026-12-28 17:00 2027-01-05",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rounds(t, c.day, c.results, c.now)
			if err != nil {
				t.Fatal(err)
			}
			if lines := told(got, dublin(t)); fmt.Sprint(lines) != fmt.Sprint(c.want) {
				t.Errorf("%q, want %q", lines, c.want)
			}
		})
	}
}

func TestRoundsThatCannotBeAreRefusedWithTheirReason(t *testing.T) {
	for name, c := range map[string]struct{ day, results, now, key string }{
		"no date":                    {"6 October", "2026-10-13", "2026-10-06 15:00", "error.incident.day"},
		"a day to come":              {"2026-10-07", "2026-10-13", "2026-10-06 15:00", "error.incident.future"},
		"results on no date":         {"2026-10-06", "soon", "2026-10-06 15:00", "error.wave.results_on"},
		"results before the close":   {"2026-10-06", "2026-10-10", "2026-10-06 15:00", "error.incident.results_on"},
		"results months after":       {"2026-10-06", "2027-01-10", "2026-10-06 15:00", "error.incident.results_on"}, // 91 days after 11 October
		"everything is over":         {"2026-10-06", "2027-01-10", "2026-12-28 13:01", "error.incident.ended"},
		"a day of some years before": {"2020-10-06", "2027-01-10", "2026-12-28 13:01", "error.incident.ended"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := rounds(t, c.day, c.results, c.now); !IsKey(err, c.key) {
				t.Errorf("%v, %v; want %s", got, err, c.key)
			}
		})
	}
}

// Whenever an offer is made and in whichever zone: openings lie at least 21
// days apart on the wall clock, are in working hours, and every round lies in
// its window.
func TestRoundsKeepTheDistanceThatEveryWaveKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"Europe/Dublin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "UTC"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		now := time.Unix(rapid.Int64Range(1_767_225_600, 1_830_297_600).Draw(t, "now"), 0).In(zone) // 2026 and 2027
		day := now.AddDate(0, 0, -rapid.IntRange(0, 82).Draw(t, "days ago"))
		got, err := IncidentRounds(day.Format(time.DateOnly), now.AddDate(0, 0, 85).Format(time.DateOnly), now, zone)
		if err != nil {
			t.Fatal(err)
		}
		date, _ := time.Parse(time.DateOnly, day.Format(time.DateOnly))
		for i, r := range got {
			opens, _ := time.Parse("2006-01-02 15:04", r.Opens.In(zone).Format("2006-01-02 15:04"))
			if r.Opens.Before(now.Truncate(time.Minute)) || opens.Hour() < 9 || opens.Hour() >= 17 {
				t.Fatalf("round %d opens at %s, offered at %s", r.N, opens, now)
			}
			window := incidentWindows()[r.N-1]
			if from, to := daysBetween(date.Format(time.DateOnly), opens.Format(time.DateOnly)), daysBetween(date.Format(time.DateOnly), dateOf(r.Closes, zone)); from < window[0] || from > window[1] || to != window[1] {
				t.Fatalf("round %d is open on day %d to %d", r.N, from, to)
			}
			if i == 0 {
				continue
			}
			before, _ := time.Parse("2006-01-02 15:04", got[i-1].Opens.In(zone).Format("2006-01-02 15:04"))
			if opens.Sub(before) < MinGapDays*24*time.Hour {
				t.Fatalf("rounds open at %s and %s", before, opens)
			}
		}
	})
}

func TestAUnitThatIsTooSmallIsAskedWithTheNearestAboveThatIsNot(t *testing.T) {
	units := []Unit{{ID: "org", Name: "Org"}, {ID: "dept", Parent: "org", Name: "Dept"}, {ID: "small", Parent: "dept", Name: "Small"}, {ID: "large", Parent: "org", Name: "Large"}}
	tree, err := NewTree(units)
	if err != nil {
		t.Fatal(err)
	}
	org := Organisation{Tree: tree, Headcount: map[UnitID]int{"small": 4, "dept": 4, "large": 7, "org": 11}}
	for _, c := range []struct {
		unit   UnitID
		people int
		want   UnitID
	}{{"large", 5, "large"}, {"large", 7, "large"}, {"large", 8, "org"}, {"small", 4, "small"}, {"small", 5, "org"}, {"small", 12, ""}} {
		if got, ok := NearestUnit(org, c.unit, c.people); got != c.want || ok != (c.want != "") {
			t.Errorf("%s with at least %d people: %q", c.unit, c.people, got)
		}
	}
}

func TestOneOfferAtATimeForTheSamePeople(t *testing.T) {
	tree, err := NewTree([]Unit{{ID: "org", Name: "Org"}, {ID: "dept", Parent: "org", Name: "Dept"}, {ID: "team", Parent: "dept", Name: "Team"}, {ID: "other", Parent: "org", Name: "Other"}})
	if err != nil {
		t.Fatal(err)
	}
	running := func(programme string, state State) []Wave {
		return []Wave{{Programme: programme, State: state, Scope: "dept", Closes: time.Date(2026, 10, 11, 16, 0, 0, 0, time.UTC)}}
	}
	for name, c := range map[string]struct {
		waves []Wave
		asked UnitID
		taken bool
	}{
		"the same unit":         {running("incident-1", Announced), "dept", true},
		"a part of it":          {running("incident-1", Open), "team", true},
		"the unit above":        {running("incident-1", Closed), "org", true},
		"planned half way":      {running("incident-1", Planned), "dept", true},
		"other people":          {running("incident-1", Open), "other", false},
		"one that was ended":    {running("incident-1", Void), "dept", false},
		"one that is over":      {running("incident-1", Released), "dept", false},
		"the regular programme": {running("main", Open), "dept", false},
	} {
		err := CheckIncident(c.waves, tree, c.asked, time.UTC)
		if IsKey(err, "error.incident.running") != c.taken || (err != nil) != c.taken {
			t.Errorf("%s: %v", name, err)
		}
	}
}
