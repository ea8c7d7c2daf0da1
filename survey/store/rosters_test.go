package store

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"attune/survey"
)

type roster = map[survey.PersonID]survey.UnitID

func TestTheFrozenTreeIsTheOneOfTheAnnouncement(t *testing.T) {
	s := withWaves(t, "w1")
	units := []survey.Unit{{ID: "r", Name: "Org"}, {ID: "a", Parent: "r", Name: "A"}, {ID: "a-d", Parent: "a", Name: "A", Direct: true}, {ID: "b", Parent: "r", Name: "B"}}
	must(t, s.FreezeRoster(t.Context(), "w1", units[:1], roster{"x": "r"}, nil)) // an attempt that was not finished
	must(t, s.FreezeRoster(t.Context(), "w1", units, roster{"p1": "a-d", "p2": "b", "p3": "b"}, []survey.WaveID{"w1"}))
	got, headcount, err := s.FrozenTree(t.Context(), "w1")
	must(t, err)
	if diff := cmp.Diff(units, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[survey.UnitID]int{"a-d": 1, "b": 2}, headcount); diff != "" {
		t.Error(diff)
	}
	wantCode(t, s.FreezeRoster(t.Context(), "w9", units, nil, nil), survey.NotFound, "error.store.wave_missing")
	checkForeignKeys(t, s)
}

func TestRostersThatNobodyNeedsAreDeleted(t *testing.T) {
	s := withWaves(t, "w1", "w2", "w3", "w4")
	must(t, s.FreezeRoster(t.Context(), "w1", nil, roster{"marker-of-wave-one": "a"}, nil))
	must(t, s.FreezeRoster(t.Context(), "w2", nil, roster{"p": "a"}, []survey.WaveID{"w1"}))
	must(t, s.FreezeRoster(t.Context(), "w3", nil, roster{"p": "a"}, []survey.WaveID{"w2"}))
	for id, there := range map[survey.WaveID]bool{"w1": false, "w2": true, "w3": true, "w4": false} {
		_, _, err := s.FrozenTree(t.Context(), id)
		if there {
			must(t, err)
			continue
		}
		wantCode(t, err, survey.NotFound, "error.store.roster_missing")
	}
	if file := fileWith(t, s.cfg.Dir, []byte("marker-of-wave-one")); file != "" {
		t.Errorf("the dropped roster is still readable in %s", file)
	}
	must(t, s.DropRoster(t.Context(), "w3"))
	must(t, s.DropRoster(t.Context(), "w3")) // gone already
	_, _, err := s.FrozenTree(t.Context(), "w3")
	wantCode(t, err, survey.NotFound, "error.store.roster_missing")
}

func TestChangesAreUnknownWithoutTheOlderRoster(t *testing.T) {
	s := withWaves(t, "w1", "w2")
	must(t, s.FreezeRoster(t.Context(), "w1", nil, roster{"p": "a"}, nil))
	must(t, s.FreezeRoster(t.Context(), "w2", nil, roster{"q": "a"}, nil)) // w1 is not kept
	for _, older := range []survey.WaveID{"w1", "", "w9"} {
		changed, err := s.RosterChanges(t.Context(), older, "w2")
		must(t, err)
		if people, known := changed([]survey.UnitID{"a"}); people != 0 || known {
			t.Errorf("older %q: %d, %v", older, people, known)
		}
	}
	_, err := s.RosterChanges(t.Context(), "w2", "w1")
	wantCode(t, err, survey.NotFound, "error.store.roster_missing")
}

func TestAMoveBetweenTheGivenTeamsIsNoChange(t *testing.T) {
	s := withWaves(t, "w1", "w2")
	must(t, s.FreezeRoster(t.Context(), "w1", nil, roster{"stays": "a", "moves": "a", "leaves": "a", "out": "b"}, nil))
	must(t, s.FreezeRoster(t.Context(), "w2", nil, roster{"stays": "a", "moves": "b", "joins": "a", "out": "c"}, []survey.WaveID{"w1"}))
	changed, err := s.RosterChanges(t.Context(), "w1", "w2")
	must(t, err)
	for _, c := range []struct {
		teams []survey.UnitID
		want  int
	}{
		{[]survey.UnitID{"a"}, 3},           // moves, leaves, joins
		{[]survey.UnitID{"b"}, 2},           // moves, out
		{[]survey.UnitID{"a", "b"}, 3},      // leaves, joins, out
		{[]survey.UnitID{"a", "b", "c"}, 2}, // leaves, joins
		{[]survey.UnitID{"c"}, 1},           // out
		{nil, 0}, {[]survey.UnitID{"z"}, 0}, {[]survey.UnitID{""}, 0},
	} {
		if got, known := changed(c.teams); got != c.want || !known {
			t.Errorf("%v: %d, %v, want %d", c.teams, got, known, c.want)
		}
	}
}

// The definition itself: people in exactly one of the two sets.
func TestChangesAreTheSymmetricDifference(t *testing.T) {
	s := withWaves(t, "w1", "w2")
	teams := []survey.UnitID{"a", "b", "c"}
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(label string) roster {
			r := roster{}
			for i := range 8 {
				if at := rapid.IntRange(0, len(teams)).Draw(rt, fmt.Sprint(label, i)); at < len(teams) {
					r[survey.PersonID(fmt.Sprint("p", i))] = teams[at]
				}
			}
			return r
		}
		older, newer := draw("older"), draw("newer")
		must(t, s.FreezeRoster(t.Context(), "w1", nil, older, nil))
		must(t, s.FreezeRoster(t.Context(), "w2", nil, newer, []survey.WaveID{"w1"}))
		changed, err := s.RosterChanges(t.Context(), "w1", "w2")
		must(t, err)
		asked := map[survey.UnitID]bool{}
		var list []survey.UnitID
		for _, team := range teams {
			if rapid.Bool().Draw(rt, "ask "+string(team)) {
				asked[team], list = true, append(list, team)
			}
		}
		want := 0
		for i := range 8 {
			p := survey.PersonID(fmt.Sprint("p", i))
			if asked[older[p]] != asked[newer[p]] {
				want++
			}
		}
		if got, known := changed(list); got != want || !known {
			rt.Fatalf("%v of %v → %v: %d, %v, want %d", list, older, newer, got, known, want)
		}
	})
}
