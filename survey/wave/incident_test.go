package wave

import (
	"errors"
	"testing"
	"time"

	"attune/survey"
)

// after is an offer for a unit, made on Monday 2 November 2026, day 0.
func (h *house) after(unit string) Incident {
	return Incident{Unit: h.units[unit], Day: "2026-11-02", Owner: "Ana Ruiz", ResultsOn: "2026-11-09", Contact: "Extension 12", By: "lead@example.org"}
}

func (h *house) incidentEvents(unit string) []survey.Event {
	h.t.Helper()
	events, err := h.db.Events(h.t.Context(), []survey.UnitID{h.units[unit]})
	must(h.t, err)
	return events
}

func TestAnOfferAnnouncesThreeRoundsAndMarksTheDayWithoutAWord(t *testing.T) {
	h := newHouse(t, []team{{"North", 12}, {"South", 6}})
	plan, err := h.Incidents().Make(t.Context(), h.after("North"))
	must(t, err)
	if plan.Asked != h.units["North"] || plan.NeedsFrom != 10 || plan.Together != h.units["North"] || plan.Headcount[plan.Asked] != 12 {
		t.Errorf("plan %+v", plan)
	}
	offers, err := h.Incidents().Offers(t.Context())
	must(t, err)
	if len(offers) != 1 || len(offers[0].Waves) != 3 || offers[0].Programme != "incident-1" || offers[0].Over() {
		t.Fatalf("offers %+v", offers)
	}
	// Day 3, 24 and 77 after 2 November, at nine; results two days after each close, as of the first.
	for i, want := range []string{"2026-11-05 2026-11-09", "2026-11-26 2026-12-05", "2027-01-18 2027-01-26"} {
		w := offers[0].Waves[i]
		if got := w.Opens.Format("2006-01-02") + " " + w.ResultsOn; got != want || w.State != survey.Announced || w.Scope != h.units["North"] {
			t.Errorf("round %d: %s, %s, asks %s; want %s", i+1, got, w.State, w.Scope, want)
		}
	}
	events := h.incidentEvents("North")
	if len(events) != 1 || events[0].Kind != survey.EventIncident || events[0].Day != "2026-11-02" || events[0].Title != "" {
		t.Errorf("events %+v", events)
	}
	_, err = h.Incidents().Make(t.Context(), h.after("North"))
	wantKey(t, err, "error.incident.running")
	if n := len(h.incidentEvents("North")); n != 1 {
		t.Errorf("%d events after a second offer", n)
	}
}

func TestASmallUnitIsAskedWithTheOneAboveAndSaysFromWhereOnNeedsAreShown(t *testing.T) {
	h := newHouse(t, []team{{"North / Duty", 4}, {"North / Ward", 3}, {"South", 6}})
	plan, err := h.Incidents().Plan(t.Context(), h.after("North / Duty"))
	must(t, err)
	root := plan.Tree.Root().ID
	if plan.Asked != h.units["North"] || plan.Together != root { // 4 < 5 ≤ 4 + 3 < 10 ≤ 13
		t.Errorf("%s is asked, %s together", plan.Asked, plan.Together)
	}
	r := h.after("North / Duty")
	r.With = root
	plan, err = h.Incidents().Plan(t.Context(), r)
	must(t, err)
	if plan.Asked != root || plan.Together != root {
		t.Errorf("%s is asked, %s together", plan.Asked, plan.Together)
	}
	r.With = h.units["South"]
	_, err = h.Incidents().Plan(t.Context(), r)
	wantKey(t, err, "error.incident.with")
	h.wantNothingStored(0, 0)
}

func TestAnOfferThatCannotBeMadeChangesNothing(t *testing.T) {
	h := newHouse(t, []team{{"North", 12}})
	for key, change := range map[string]func(*Incident){
		"error.wave.owner":          func(r *Incident) { r.Owner = " " },
		"error.wave.contact":        func(r *Incident) { r.Contact = "" },
		"error.incident.results_on": func(r *Incident) { r.ResultsOn = "2026-11-06" }, // closes on the 7th
		"error.incident.future":     func(r *Incident) { r.Day = "2026-11-03" },
		"error.unit.missing":        func(r *Incident) { r.Unit = "nowhere" },
	} {
		r := h.after("North")
		change(&r)
		_, err := h.Incidents().Make(t.Context(), r)
		wantKey(t, err, key)
	}
	h.wantNothingStored(0, 0)
	if n := len(h.incidentEvents("North")); n != 0 {
		t.Errorf("%d events", n)
	}
}

// The roster of the third round cannot be written. Rounds one and two are
// announced by then.
func TestWhenTheThirdRoundFailsNothingIsLeftHalfDone(t *testing.T) {
	h := newHouse(t, []team{{"North", 12}})
	people := h.raw("people.db")
	_, err := people.Exec(`CREATE TRIGGER full BEFORE INSERT ON rosters WHEN NEW.wave = '2027-01' BEGIN SELECT RAISE(ABORT, 'full'); END`)
	must(t, err)
	_, err = h.Incidents().Make(t.Context(), h.after("North"))
	if err == nil {
		t.Fatal("the offer was made")
	}
	for _, id := range []survey.WaveID{"2026-11", "2026-11-2", "2027-01"} {
		h.wantVoid(id, halfDone)
	}
	offers, err := h.Incidents().Offers(t.Context())
	must(t, err)
	if !offers[0].Over() || len(h.incidentEvents("North")) != 0 {
		t.Errorf("left: %+v %v", offers, h.incidentEvents("North"))
	}
	_, err = people.Exec(`DROP TRIGGER full`)
	must(t, err)
	plan, err := h.Incidents().Make(t.Context(), h.after("North"))
	must(t, err)
	if len(plan.Waves) != 3 {
		t.Errorf("made %v", plan.Waves)
	}
}

func TestEndingAnOfferKeepsWhatIsReleased(t *testing.T) {
	h := newHouse(t, []team{{"North", 12}})
	plan, err := h.Incidents().Make(t.Context(), h.after("North"))
	must(t, err)
	first, err := h.Wave(t.Context(), plan.Waves[0])
	must(t, err)
	h.clock.set(first.Opens)
	h.tick()
	h.clock.set(first.Closes)
	h.tick()
	h.wantState(plan.Waves[0], survey.Released)
	must(t, h.Incidents().End(t.Context(), "incident-1", "over"))
	h.wantState(plan.Waves[0], survey.Released)
	for _, id := range plan.Waves[1:] {
		h.wantVoid(id, "over")
	}
	wantKey(t, h.Incidents().End(t.Context(), "incident-1", "over"), "error.incident.over")
	wantKey(t, h.Incidents().End(t.Context(), "incident-2", "over"), "error.incident.missing")
	h.clock.set(first.Closes.Add(30 * day))
	r := h.after("North") // a new one, counted from another day
	r.Day, r.ResultsOn = h.clock.now().Format(time.DateOnly), h.clock.now().Add(10*day).Format(time.DateOnly)
	again, err := h.Incidents().Make(t.Context(), r)
	must(t, err)
	if w, err := h.Wave(t.Context(), again.Waves[0]); errors.Join(err) != nil || w.Programme != "incident-2" {
		t.Errorf("%+v %v", w, err)
	}
}

func TestAnOfferPromisesNoLessThanTheWavesBefore(t *testing.T) {
	h := newHouse(t, []team{{"North", 6}, {"South", 6}})
	r := request(day)
	r.K = 7
	_, err := h.Announce(t.Context(), h.plan(r).ID)
	must(t, err)
	plan, err := h.Incidents().Plan(t.Context(), h.after("North"))
	must(t, err)
	if plan.K != 7 || plan.Asked != plan.Tree.Root().ID { // 6 < 7 ≤ 12
		t.Errorf("k %d, %s is asked", plan.K, plan.Asked)
	}
}
