package handlers

import (
	"testing"

	"attune/analytics"
)

// A heading is about the latest wave that asked, names it where that is not
// the latest of all, compares with the time before, and always says from where
// to where the scale runs.
func TestAHeadingSpeaksOfTheWaveThatAskedLast(t *testing.T) {
	s := newHouse(t).speech("en")
	m := measure{title: "Law", low: 1, high: 3}
	in := func(wave, value string, number float64) figure {
		f := figure{Wave: wave, version: "1.0"}
		if value != "" {
			f.Shown, f.Value, f.value, f.N, f.Invited = true, value, number, "9", "11"
		}
		return f
	}
	none := figure{Wave: "none"}
	changed := in("May 2026", "2", 2)
	changed.Break = "other teams"
	for want, figures := range map[string][]figure{
		"Law: 2 on a scale from 1 to 3; 9 of 11 answered; 0.25 higher than in the wave before":                      {in("May 2025", "1.75", 1.75), in("May 2026", "2", 2)},
		"Law: 2 on a scale from 1 to 3; 9 of 11 answered; 0.25 higher than in May 2025":                             {in("May 2025", "1.75", 1.75), none, in("May 2026", "2", 2)},
		"Law: when last asked, in May 2026, 2 on a scale from 1 to 3; 9 of 11 answered":                             {none, in("May 2026", "2", 2), none},
		"Law: when last asked, in May 2026, 2 on a scale from 1 to 3; 9 of 11 answered; 0.5 lower than in May 2025": {in("May 2025", "2.5", 2.5), none, in("May 2026", "2", 2), none},
		"Law: when last asked, in May 2026, 2 on a scale from 1 to 3; 9 of 11 answered; the same as in May 2025":    {in("May 2025", "2", 2), none, in("May 2026", "2", 2), none},
		"Law, 1 to 3: not shown when it was last asked, in May 2026":                                                {in("May 2025", "2", 2), in("May 2026", "", 0), none},
		"Law, 1 to 3: not shown in the latest wave":                                                                 {in("May 2025", "2", 2), in("May 2026", "", 0)},
		"Law: 2 on a scale from 1 to 3; 9 of 11 answered":                                                           {in("May 2025", "1.75", 1.75), none, changed},
	} {
		if got := s.heading(m, analytics.VerdictCannotSay, figures, make([]figure, len(figures)), chartLine{}); spaced(got) != want {
			t.Errorf("the heading is %q, want %q", got, want)
		}
	}
}

// Who answered is compared as a share, only with the wave before, and only
// where both are shown and of the same teams.
func TestTheHeadingOverWhoAnsweredComparesShares(t *testing.T) {
	s := newHouse(t).speech("en")
	of := func(wave string, n, invited int) figure {
		return figure{Wave: wave, Shown: true, n: n, invited: invited, N: s.num(float64(n)), Invited: s.num(float64(invited)), Answered: s.num(float64(n)) + " of " + s.num(float64(invited))}
	}
	anew := of("May 2026", 9, 11)
	anew.Break = "other teams"
	for want, figures := range map[string][]figure{
		"Who answered: 9 of 11 in May 2026":                                                    {of("May 2026", 9, 11)},
		"Who answered: 9 of 11 in May 2026, a larger share than in the wave before (8 of 11)":  {of("April 2026", 8, 11), of("May 2026", 9, 11)},
		"Who answered: 9 of 18 in May 2026, a smaller share than in the wave before (8 of 11)": {of("April 2026", 8, 11), of("May 2026", 9, 18)}, // .50 < .73, though more people
		"Who answered: 5 of 10 in May 2026, the same share as in the wave before (6 of 12)":    {of("April 2026", 6, 12), of("May 2026", 5, 10)},
		"Who answered: 5 of 10 in May 2026":                                                    {{Wave: "April 2026"}, of("May 2026", 5, 10)},
		"Who answered: 9 of 11 in May 2026 ":                                                   {of("April 2026", 8, 11), anew},
		"Who answered: not shown for this unit alone in May 2026":                              {of("April 2026", 8, 11), {Wave: "May 2026"}},
	} {
		if got := s.whoAnswered(figures); spaced(got) != spaced(want) {
			t.Errorf("the heading is %q, want %q", got, want)
		}
	}
}
