package wave

import (
	"slices"
	"testing"
	"time"

	"attune/survey"
)

func keysOf(faults []survey.FieldFault) (keys []string) {
	for _, f := range faults {
		keys = append(keys, f.Field+" "+f.Error.Key)
	}
	slices.Sort(keys)
	return keys
}

// TestEverythingThatARequestIsRefusedForIsSaidAtOnce breaks a rule of each
// field, those of the plan as well as those of the announcement.
func TestEverythingThatARequestIsRefusedForIsSaidAtOnce(t *testing.T) {
	h := newHouse(t, []team{{"North", 7}, {"South / Day", 6}, {"South / Night", 6}})
	r := request(day)
	r.K = 6
	_, err := h.Announce(t.Context(), h.plan(r).ID)
	must(t, err)
	faults, err := h.CheckPlan(t.Context(), Request{
		Programme: DefaultProgramme, Packs: r.Packs, Opens: start.Add(9 * day), Closes: start.Add(8 * day), Owner: " ", ResultsOn: "soon",
		Unit: h.units["South / Day"], Paper: []survey.UnitID{"gone"}, K: 5,
	})
	must(t, err)
	want := []string{ // South / Day has 6 people, more than k; 8 days lie between 9 and 1
		"closes error.wave.closes_before_opens", "contact error.wave.contact", "k error.wave.k_fell", "opens error.wave.too_soon",
		"owner error.wave.owner", "paper error.unit.missing", "results_on error.wave.results_on",
	}
	if got := keysOf(faults); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	faults, err = h.CheckPlan(t.Context(), Request{Packs: []string{"nothing"}, K: 4, Unit: h.units["South / Day"]})
	must(t, err)
	want = []string{
		"closes error.wave.no_moment", "contact error.wave.contact", "k error.wave.k_floor", "opens error.wave.no_moment",
		"owner error.wave.owner", "packs error.library.pack", "results_on error.wave.results_on",
	}
	if got := keysOf(faults); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	ok := request(40 * day)
	ok.K = 6
	if faults, err = h.CheckPlan(t.Context(), ok); err != nil || len(faults) > 0 {
		t.Errorf("a request that breaks no rule: %v, %v", keysOf(faults), err)
	}
	h.wantNothingStored(1, 1)
}

// TestAForecastFindsWhatTheClockWouldRefuse holds the dates of a programme
// against a promised wave and against another programme, which nobody has been
// promised yet.
func TestAForecastFindsWhatTheClockWouldRefuse(t *testing.T) {
	h := newHouse(t, twoTeams())
	_, err := h.Announce(t.Context(), h.plan(request(day)).ID)
	must(t, err)
	first := start.Add(day)
	monthly := func(id string, starts time.Time) survey.Programme {
		return survey.Programme{
			ID: id, Packs: request(day).Packs, Repeat: "FREQ=WEEKLY;INTERVAL=4", Starts: starts.Format(time.DateOnly), OpensAt: 9 * 60, OpenDays: 5, ClosesAt: 17 * 60,
			LeadDays: 1, ResultsDays: 7, Owner: "Ana Ruiz", Contact: "Extension 12", K: 5, Active: true, Since: start,
		}
	}
	other := monthly("other", first.AddDate(0, 0, 56))
	must(t, h.cfg.Store.AddProgramme(t.Context(), other))
	f, err := h.Foresee(t.Context(), monthly("new", first.AddDate(0, 0, 14)))
	must(t, err)
	// Every 28 days from day 14: 14 days after the promised wave, then 42, then
	// 70, which is 14 days after the other programme's first, and so on.
	if len(f.Dates) != 13 || len(f.Dates[0].Refused) != 1 || f.Dates[0].Refused[0].Key != "error.wave.too_soon" || len(f.Dates[0].Clashes) != 0 {
		t.Fatalf("%d dates, the first: %+v", len(f.Dates), f.Dates[0])
	}
	for i, d := range f.Dates[1:] {
		if len(d.Refused) > 0 || len(d.Clashes) == 0 || d.Clashes[0].Programme != "other" || d.Clashes[0].Days != survey.MinGapDays {
			t.Errorf("date %d, %s: %v, %+v", i+2, d.Date.Occurrence.Date, d.Refused, d.Clashes)
		}
	}
	if f, err = h.Foresee(t.Context(), monthly("main", first.AddDate(0, 0, 28))); err != nil || len(f.Kept) != 1 || len(f.Dates[0].Refused) != 0 {
		t.Errorf("a programme of the promised wave: %+v, %v", f.Kept, err)
	}
}
