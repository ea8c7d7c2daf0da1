package main

import (
	"slices"
	"testing"
	"time"

	"attune/analytics"
	"attune/survey"
)

// The story that the demo is made to tell, read from what it released: the
// sliding team is found in survival mode and recovers after the action, and no
// quiet team is ever said to be in it; supervision goes with less burnout; what
// the action changed is seen before and after it, and so is the training.
func TestTheDemoTellsItsStory(t *testing.T) {
	t.Parallel()
	_, in := madeDemo(t, "")
	releases, err := in.archive.Releases(t.Context())
	if err != nil || len(releases) != demoWaves {
		t.Fatalf("%d releases, %v; want %d", len(releases), err, demoWaves)
	}
	s := demoStory{t, in, releases[len(releases)-1]}
	for _, team := range demoTeams() {
		modes := s.modes(demoUnit(t, in, team.path))
		survival := slices.Contains(modes, analytics.ModeSurvival)
		switch {
		case team.arc == quiet && survival:
			t.Errorf("the quiet team %s is said to be in survival mode: %v", team.path, modes)
		case team.arc == sliding && (!slices.Contains(modes[:demoActed], analytics.ModeSurvival) || modes[len(modes)-1] != analytics.ModeOther):
			t.Errorf("the sliding team is not found before the action, or has not recovered: %v", modes)
		}
	}
	for i, number := range []int{7, 11} { // demoModules: the waves with supports
		s.supportGoesWithLessBurnout(releases[number], i)
	}
	s.higher("training_confidence", 9, 10)
	s.higher("training_knowledge", 9, 10)
	s.higher("area_law", 0, 12)
	for _, e := range demoEvents() {
		unit := s.latest.Tree().Root().ID
		if e.unit != "" {
			unit = demoUnit(t, in, e.unit)
		}
		kept, err := in.store.Events(t.Context(), []survey.UnitID{unit})
		if err != nil || len(kept) != 1 || kept[0].Kind != e.kind {
			t.Fatalf("%q has the events %v, %v; want one of the kind %s", e.unit, kept, err, e.kind)
		}
	}
	s.theActionWorked()
}

// What an organisation can ask of its staff is asked in the story, but for what
// belongs to a day on which something happened, replaces the questions of pulse,
// or has no texts of its own.
func TestTheDemoAsksWhatThereIsToAsk(t *testing.T) {
	t.Parallel()
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	asked := make(map[string]bool)
	for wave := range demoWaves {
		for _, id := range demoModules(wave) {
			asked[id] = true
		}
	}
	for _, without := range []string{"pulse", "pulse-team", "incident", "care-30", "proqol5"} {
		if asked[without] {
			t.Errorf("%s is asked as a module", without)
		}
		asked[without] = true
	}
	for _, ref := range library.All() {
		if pack, err := library.Find(ref.Ref()); err != nil || pack.Audience == "staff" && !asked[ref.ID] {
			t.Errorf("%s is asked in no wave (%v)", ref.ID, err)
		}
	}
}

type demoStory struct {
	t      *testing.T
	in     *installation
	latest *analytics.Release
}

// theActionWorked looks at the plan: the acting team's action is done with
// evidence and marked on the day it began, after which things are better; the
// hospital's is late, and so is what was promised to it.
func (s demoStory) theActionWorked() {
	s.t.Helper()
	duty, hospital := demoUnit(s.t, s.in, demoActing), demoUnit(s.t, s.in, demoPaper)
	marked, err := s.in.store.Events(s.t.Context(), []survey.UnitID{duty})
	if err != nil || len(marked) != 1 || marked[0].Kind != survey.EventAction {
		s.t.Fatalf("the acting team has the events %v, %v; want its action", marked, err)
	}
	s.better(duty, "burnout", survey.HigherWorse, marked[0].Day)
	s.better(duty, "sts", survey.HigherWorse, marked[0].Day)
	today := s.in.now().In(s.in.zone).Format(time.DateOnly)
	count := func(unit survey.UnitID, what func(survey.Action) bool) (n int) {
		actions, err := s.in.store.Actions(s.t.Context(), []survey.UnitID{unit})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, a := range actions {
			if what(a) {
				n++
			}
		}
		return n
	}
	if n := count(duty, func(a survey.Action) bool { return a.Status == survey.ActionDone && a.Evidence != "" }); n != 1 {
		s.t.Errorf("%d actions of the acting team are done, want 1", n)
	}
	if n := count(hospital, func(a survey.Action) bool { return a.Late(today) }); n != 1 {
		s.t.Errorf("%d actions of the hospital are late, want 1", n)
	}
	notes, err := s.in.store.PublishedNotes(s.t.Context(), s.latest.Wave(), []survey.UnitID{duty, hospital})
	if err != nil || len(notes) != 1 || len(notes[duty].Actions) != 2 {
		s.t.Errorf("notes %v, %v; want the acting team's with two actions", notes, err)
	}
	shared, err := s.in.store.Sharings(s.t.Context())
	if err != nil || len(shared) != demoWaves { // every wave but the last with everybody, the last with one team
		s.t.Errorf("%d sharings, %v; want %d", len(shared), err, demoWaves)
	}
}

func (s demoStory) series(unit survey.UnitID, measure string) []analytics.Point {
	s.t.Helper()
	points, err := s.in.archive.Series(s.t.Context(), unit, measure, analytics.StatisticMean)
	if err != nil {
		s.t.Fatal(err)
	}
	return points
}

// modes judges every wave by the six signs and by secondary traumatic stress
// as of that wave.
func (s demoStory) modes(unit survey.UnitID) []analytics.Mode {
	s.t.Helper()
	var signs [][]analytics.SignState
	for _, id := range []string{"reactive", "avoidant", "defensive", "dysregulated", "hypervigilant", "frozen"} {
		signs = append(signs, analytics.SignStates(s.series(unit, "team_"+id)))
	}
	stress := s.series(unit, "sts")
	scale := analytics.Measure{Low: 1, High: 5, Category: 1}
	var verdicts []analytics.Verdict
	for i := range stress {
		verdicts = append(verdicts, analytics.TrendOf(stress[:i+1], scale, survey.HigherWorse, nil).Verdict)
	}
	return analytics.SurvivalModes(signs, verdicts)
}

// supportGoesWithLessBurnout looks at two comparisons of the supports: the
// study's own and the slope of supervision.
func (s demoStory) supportGoesWithLessBurnout(r *analytics.Release, i int) {
	s.t.Helper()
	found := 0
	for _, a := range r.Associations() {
		if a.Outcome != "burnout" || a.Predictor != "core_components" && a.Predictor != "sup_supervision" {
			continue
		}
		found++
		// 60: the fewest complete answers that a comparison is made of (ANALYTICS, "Associations").
		if a.Cell.Status != analytics.StatusShown || a.Cell.N < 60 || a.Cell.Value >= 0 || a.Cell.Value < -0.7 {
			s.t.Errorf("supports, time %d: %s of burnout and %s is %s %v from %d", i, a.Statistic, a.Predictor, a.Cell.Status, a.Cell.Value, a.Cell.N)
		}
	}
	if found != 2 {
		s.t.Errorf("supports, time %d: %d comparisons of supervision and burnout, want 2", i, found)
	}
}

// higher compares two waves of the whole organisation.
func (s demoStory) higher(measure string, before, after int) {
	s.t.Helper()
	points := s.series(s.latest.Tree().Root().ID, measure)
	a, b := points[before].Cell, points[after].Cell
	if a.Status != analytics.StatusShown || b.Status != analytics.StatusShown || b.Value <= a.Value {
		s.t.Errorf("%s of the organisation is %s %v and %s %v, want higher", measure, a.Status, a.Value, b.Status, b.Value)
	}
}

func (s demoStory) better(unit survey.UnitID, measure string, direction survey.Direction, day string) {
	s.t.Helper()
	points := s.series(unit, measure)
	scale := analytics.Measure{Low: 1, High: 5, Category: 1}
	if c := analytics.ChangeOf(points, scale, direction, day); c.Verdict != analytics.VerdictBetter {
		s.t.Errorf("%s before and after %s is %+v, want better", measure, day, c)
	}
}
