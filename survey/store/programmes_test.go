package store

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
)

func programmeOf(scope survey.UnitID) survey.Programme {
	return survey.Programme{
		ID: "pulse", Packs: []string{"a"}, Modules: []string{"b", "c"}, Repeat: "FREQ=MONTHLY;BYDAY=1TU", Starts: "2026-12-01",
		OpensAt: 480, OpenDays: 7, ClosesAt: 1200, LeadDays: 14, ResultsDays: 10,
		Reminders: []survey.Reminder{{Days: 2, At: 600}}, Pauses: []survey.Pause{{From: "2027-08-01", To: "2027-08-31"}},
		Owner: "Ana", Contact: "Extension 12", K: 6, Scope: scope, Paper: []survey.UnitID{scope}, Active: true, Since: start,
	}
}

func TestAProgrammeIsReadAsItWasAdded(t *testing.T) {
	s := withStaff(t, "Ana: North")
	want := programmeOf(unitAt(t, s, "North"))
	given := want
	given.Since = want.Since.Add(300 * time.Millisecond) // kept in whole seconds
	must(t, s.AddProgramme(t.Context(), given))
	got, err := s.Programme(t.Context(), "pulse")
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	wantCode(t, s.AddProgramme(t.Context(), want), survey.Conflict, "error.programme.exists")
	for _, broken := range []func(*survey.Programme){
		func(p *survey.Programme) { p.Scope = "nowhere" },
		func(p *survey.Programme) { p.Paper = []survey.UnitID{"nowhere"} },
	} {
		p := want
		p.ID = "other"
		broken(&p)
		wantCode(t, s.AddProgramme(t.Context(), p), survey.NotFound, "error.store.unit_missing")
	}
	whole := survey.Programme{ID: "all", Packs: []string{}, Modules: []string{}, Reminders: []survey.Reminder{}, Pauses: []survey.Pause{}, Paper: []survey.UnitID{}, Since: start}
	must(t, s.AddProgramme(t.Context(), whole)) // the whole organisation, nothing in its lists
	all, err := s.Programmes(t.Context())
	must(t, err)
	if diff := cmp.Diff([]survey.Programme{whole, want}, all); diff != "" {
		t.Fatal(diff)
	}
	_, err = s.Programme(t.Context(), "nothing")
	wantCode(t, err, survey.NotFound, "error.programme.missing")
	checkForeignKeys(t, s)
}

func TestEverythingOfAProgrammeButItsNameChanges(t *testing.T) {
	s := withStaff(t, "Ana: North")
	want := programmeOf(unitAt(t, s, "North"))
	must(t, s.AddProgramme(t.Context(), want))
	must(t, s.ChangeProgramme(t.Context(), "pulse", func(p *survey.Programme) error {
		p.ID = "other"
		p.Pauses, p.Active, p.Since, p.K, p.Repeat = []survey.Pause{}, false, start.Add(time.Hour), 99, "FREQ=YEARLY"
		return nil
	}))
	want.Pauses, want.Active, want.Since, want.K, want.Repeat = []survey.Pause{}, false, start.Add(time.Hour), 99, "FREQ=YEARLY"
	wantCode(t, s.ChangeProgramme(t.Context(), "pulse", func(p *survey.Programme) error { p.Scope = "gone"; return nil }), survey.NotFound, "error.store.unit_missing")
	refused := errors.New("no")
	if err := s.ChangeProgramme(t.Context(), "pulse", func(p *survey.Programme) error { p.Active = true; return refused }); !errors.Is(err, refused) {
		t.Fatal(err)
	}
	got, err := s.Programme(t.Context(), "pulse")
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	wantCode(t, s.ChangeProgramme(t.Context(), "x", func(*survey.Programme) error { return nil }), survey.NotFound, "error.programme.missing")
}

func TestADateOfAProgrammeIsDecidedOnce(t *testing.T) {
	s := withStaff(t, "Ana: North")
	north := unitAt(t, s, "North")
	must(t, s.AddProgramme(t.Context(), programmeOf(north)))
	wave := func(id survey.WaveID, tag string) survey.Wave {
		w := planned(id, north, tag)
		w.Programme = "pulse"
		return w
	}
	why := survey.Fail(survey.Conflict, "programme.skipped.missed", survey.Args{"date": "2026-12-01", "days": 21})
	var wait sync.WaitGroup
	faults := make([]error, 8)
	for i := range faults {
		wait.Go(func() {
			id := survey.WaveID("2026-12-" + string(rune('2'+i)))
			faults[i] = s.CreateOccurrence(t.Context(), wave(id, "A"+string(rune('A'+i))+"A"), "2026-12-01")
		})
	}
	wait.Wait()
	made := 0
	for _, err := range faults {
		if err == nil {
			made++
			continue
		}
		wantCode(t, err, survey.Conflict, "error.programme.taken")
	}
	waves, err := s.Waves(t.Context())
	must(t, err)
	if made != 1 || len(waves) != 1 {
		t.Fatalf("%d made, %d waves", made, len(waves))
	}
	first := waves[0].ID

	must(t, s.SkipOccurrence(t.Context(), "pulse", "2026-12-01", "", why)) // decided: nothing happens
	must(t, s.SkipOccurrence(t.Context(), "pulse", "2027-01-05", "", why))
	must(t, s.SkipOccurrence(t.Context(), "pulse", "2027-01-05", "", survey.Fail(survey.Conflict, "other", nil)))
	wantCode(t, s.CreateOccurrence(t.Context(), wave("2027-01", "BBB"), "2027-01-05"), survey.Conflict, "error.programme.taken")

	must(t, s.CreateOccurrence(t.Context(), wave("2027-02", "CCC"), "2027-02-02"))
	must(t, s.SkipOccurrence(t.Context(), "pulse", "2027-02-02", "2027-02", why)) // planned, and not to be announced
	must(t, s.SetWaveState(t.Context(), first, survey.Planned, survey.Announced))
	must(t, s.SkipOccurrence(t.Context(), "pulse", "2026-12-01", first, why)) // announced: it has moved on

	got, err := s.Occurrences(t.Context(), "pulse")
	must(t, err)
	reason := survey.Fail(survey.Conflict, why.Key, survey.Args{"date": "2026-12-01", "days": 21.0}) // numbers as JSON has them
	want := []survey.Decision{
		{Date: "2026-12-01", Wave: first},
		{Date: "2027-01-05", Skipped: reason},
		{Date: "2027-02-02", Wave: "2027-02", Skipped: reason},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	checkForeignKeys(t, s)
}

func TestADateWhoseWaveCannotBeStoredStaysUndecided(t *testing.T) {
	s := withStaff(t, "Ana: North")
	north := unitAt(t, s, "North")
	must(t, s.AddProgramme(t.Context(), programmeOf(north)))
	must(t, s.CreateWave(t.Context(), planned("2026-11", north, "7KQ")))
	w := planned("2026-12", north, "7KQ") // the tag is taken
	w.Programme = "pulse"
	wantCode(t, s.CreateOccurrence(t.Context(), w, "2026-12-01"), survey.Conflict, "error.store.tag_taken")
	got, err := s.Occurrences(t.Context(), "pulse")
	must(t, err)
	if len(got) != 0 {
		t.Fatalf("%+v", got)
	}
}

// A unit that a programme or a planned wave names, also as one on paper, stays
// in use until it is named no more: by hand and by an import that empties it.
func TestAUnitThatIsAskedIsNotTakenOutOfUse(t *testing.T) {
	s := withStaff(t, "Ana: North", "Ben: South")
	north, err := s.AddUnit(t.Context(), unitAt(t, s, "North"), "Team")
	must(t, err)
	p := programmeOf(north)
	p.Scope, p.Active = "", false // on paper, of a programme that is stopped
	must(t, s.AddProgramme(t.Context(), p))
	wantCode(t, s.RetireUnit(t.Context(), north), survey.Conflict, "error.store.unit_asked")
	asked, err := s.UnitsAsked(t.Context())
	must(t, err)
	if diff := cmp.Diff(map[survey.UnitID][]string{north: {"pulse"}}, asked); diff != "" {
		t.Fatal(diff)
	}
	must(t, s.ApplyImport(t.Context(), survey.ImportPlan{EmptiedUnits: []survey.Unit{{ID: north}}}))
	if unitAt(t, s, "North / Team") != north {
		t.Fatal("an import has taken it out of use")
	}
	must(t, s.ChangeProgramme(t.Context(), "pulse", func(p *survey.Programme) error { p.Paper = nil; return nil }))
	must(t, s.RetireUnit(t.Context(), north))
}
