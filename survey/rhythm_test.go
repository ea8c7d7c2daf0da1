package survey

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestARhythmIsReadAsItWasWrittenAndItsDatesKeepIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Rhythm{
			Every: rapid.IntRange(1, MaxEvery).Draw(t, "every"), Weeks: rapid.Bool().Draw(t, "weeks"),
			Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "weekday")),
		}
		if !want.Weeks {
			want.Which = rapid.SampledFrom([]int{1, 2, 3, 4, LastOfMonth}).Draw(t, "which")
		}
		if got, ok := ReadRhythm(want.Rule()); !ok || got != want {
			t.Fatalf("%s is read as %+v, want %+v", want.Rule(), got, want)
		}
		p := Programme{Repeat: want.Rule(), Starts: "2026-03-01"}
		next, err := p.Next(time.UTC, time.Time{}, 3)
		if err != nil || len(next) != 3 {
			t.Fatalf("%s: %v, %v", want.Rule(), next, err)
		}
		for i, o := range next {
			day := o.Opens
			if day.Weekday() != want.Weekday {
				t.Fatalf("%s gives %s, a %s", want.Rule(), o.Date, day.Weekday())
			}
			switch {
			case want.Weeks:
				if i > 0 && daysBetween(next[i-1].Date, o.Date) != 7*want.Every {
					t.Fatalf("%s: %s after %s", want.Rule(), o.Date, next[i-1].Date)
				}
			case want.Which == LastOfMonth && day.AddDate(0, 0, 7).Month() == day.Month(),
				want.Which > 0 && (day.Day()-1)/7+1 != want.Which:
				t.Fatalf("%s gives %s", want.Rule(), o.Date)
			}
		}
	})
}

func TestARuleThatIsNoRhythmIsLeftAlone(t *testing.T) {
	for _, rule := range []string{
		"", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,TU", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=5TU",
		"FREQ=MONTHLY;BYDAY=1TU;COUNT=4", "FREQ=MONTHLY;INTERVAL=0;BYDAY=1TU", "FREQ=YEARLY;BYDAY=1TU",
	} {
		if r, ok := ReadRhythm(rule); ok {
			t.Errorf("%q is read as %+v", rule, r)
		}
	}
	if r, ok := ReadRhythm("FREQ=MONTHLY;BYDAY=1TU"); !ok || r != (Rhythm{Every: 1, Which: 1, Weekday: time.Tuesday}) {
		t.Errorf("an interval of one that is left out: %+v, %v", r, ok)
	}
}
