package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
)

func TestAWaveIsReadAsItWasPlanned(t *testing.T) {
	s := withStaff(t, "Ana: North")
	want := planned("2026-11", unitAt(t, s, "North"), "7KQ")
	want.Paper = []survey.UnitID{want.Scope}
	want.AllPaper = true
	given := want
	given.Opens = want.Opens.Add(300 * time.Millisecond).In(time.FixedZone("", 3600)) // kept in whole seconds, UTC
	must(t, s.CreateWave(t.Context(), given))
	got, err := s.Wave(t.Context(), "2026-11")
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	_, err = s.Wave(t.Context(), "2026-12")
	wantCode(t, err, survey.NotFound, "error.store.wave_missing")
}

func TestWavesAreListedByOpening(t *testing.T) {
	s := withStaff(t, "Ana: North")
	for i, id := range []survey.WaveID{"2026-12", "2026-11-2", "2026-11"} {
		w := planned(id, unitAt(t, s, "North"), []string{"C", "A", "B"}[i])
		w.Opens = start.AddDate(0, 0, []int{40, 20, 20}[i])
		must(t, s.CreateWave(t.Context(), w))
	}
	waves, err := s.Waves(t.Context())
	must(t, err)
	var got []survey.WaveID
	for _, w := range waves {
		got = append(got, w.ID)
	}
	if diff := cmp.Diff([]survey.WaveID{"2026-11", "2026-11-2", "2026-12"}, got); diff != "" {
		t.Fatal(diff)
	}
	tags, err := s.WaveTags(t.Context())
	must(t, err)
	if diff := cmp.Diff([]string{"A", "B", "C"}, tags); diff != "" {
		t.Fatal(diff)
	}
}

func TestAWavesIDTagAndUnitAreChecked(t *testing.T) {
	s := withStaff(t, "Ana: North")
	north := unitAt(t, s, "North")
	must(t, s.CreateWave(t.Context(), planned("2026-11", north, "7KQ")))
	wantCode(t, s.CreateWave(t.Context(), planned("2026-11", north, "AAA")), survey.Conflict, "error.store.wave_exists")
	wantCode(t, s.CreateWave(t.Context(), planned("2026-12", north, "7KQ")), survey.Conflict, "error.store.tag_taken")
	wantCode(t, s.CreateWave(t.Context(), planned("2026-12", "nowhere", "AAA")), survey.NotFound, "error.store.unit_missing")
	waves, err := s.Waves(t.Context())
	must(t, err)
	if len(waves) != 1 {
		t.Fatalf("%v", waves)
	}
}

func TestAStateIsLeftOnlyOnce(t *testing.T) {
	s := withWaves(t, "2026-11")
	must(t, s.SetWaveState(t.Context(), "2026-11", survey.Planned, survey.Announced))
	wantCode(t, s.SetWaveState(t.Context(), "2026-11", survey.Planned, survey.Announced), survey.Conflict, "error.store.wave_state")
	wantCode(t, s.SetWaveState(t.Context(), "2026-12", survey.Planned, survey.Announced), survey.NotFound, "error.store.wave_missing")
	w, err := s.Wave(t.Context(), "2026-11")
	must(t, err)
	if w.State != survey.Announced {
		t.Fatal(w.State)
	}
}

func TestLiveWavesAreTheAnnouncedAndTheOpenOnes(t *testing.T) {
	s := withStaff(t, "Ana: North")
	for i, state := range []survey.State{survey.Void, survey.Released, survey.Open, survey.Closed, survey.Announced, survey.Planned} {
		w := planned(survey.WaveID("2026-0"+string(rune('1'+i))), unitAt(t, s, "North"), "TAG"+string(rune('A'+i)))
		w.Opens = start.AddDate(0, 6-i, 0) // the later in this list, the earlier it opens
		must(t, s.CreateWave(t.Context(), w))
		if state != survey.Planned {
			must(t, s.SetWaveState(t.Context(), w.ID, survey.Planned, state))
		}
	}
	waves, err := s.LiveWaves(t.Context())
	must(t, err)
	if len(waves) != 2 || waves[0].State != survey.Announced || waves[1].State != survey.Open {
		t.Fatalf("%+v", waves)
	}
}
