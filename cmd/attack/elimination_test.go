package main

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// familyOf makes a family of sets of teams, with the number of answers that
// these give to each set.
func familyOf(answers []int, sets [][]int) family {
	var f family
	for i := range answers {
		f.teams = append(f.teams, fmt.Sprint(i))
	}
	for i, teams := range sets {
		n := 0
		for _, t := range teams {
			n += answers[t]
		}
		f.sets = append(f.sets, set{teams: teams, n: n, cell: &cell{name: fmt.Sprint("set ", i)}})
	}
	slices.SortStableFunc(f.sets, func(a, b set) int { return len(b.teams) - len(a.teams) })
	return f
}

// A department of 16 with one shown team of 12: four are left (docs/disclosure.md).
func TestWhatIsLeftOfADepartmentIsFound(t *testing.T) {
	f := familyOf([]int{12, 4}, [][]int{{0, 1}, {0}})
	for name, groups := range map[string][]group{"tree": f.residuals(), "elimination": f.eliminated()} {
		i := slices.IndexFunc(groups, func(g group) bool { return slices.Equal(g.teams, []int{1}) })
		if len(groups) != 2 || i < 0 || groups[i].n != 4 || groups[i].how != "set 0 − set 1" {
			t.Errorf("%s: %+v", name, groups)
		}
	}
}

// {a,b}, {b,c} and {a,c} are no tree: each team follows as half of two sets
// less the third.
func TestOverlappingSetsAreSolved(t *testing.T) {
	f := familyOf([]int{2, 7, 9}, [][]int{{0, 1}, {1, 2}, {0, 2}})
	if f.isTree() {
		t.Error("overlapping sets are called a tree")
	}
	groups := f.determined()
	i := slices.IndexFunc(groups, func(g group) bool { return slices.Equal(g.teams, []int{0}) })
	if i < 0 || groups[i].n != 2 {
		t.Errorf("%+v", groups)
	}
	if f := familyOf([]int{2, 7, 9, 3}, [][]int{{0, 1}, {1, 2}, {2, 3}}); slices.ContainsFunc(f.determined(), func(g group) bool { return len(g.teams) == 1 }) {
		t.Errorf("a chain of pairs tells no single team: %+v", f.determined())
	}
}

// Of a tree of sets, subtracting and eliminating find the same groups.
func TestOfATreeBothWaysFindTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		answers := rapid.SliceOfN(rapid.IntRange(1, 9), 2, 9).Draw(t, "answers")
		var sets [][]int
		var split func(from, to int)
		split = func(from, to int) {
			if rapid.IntRange(0, 3).Draw(t, "shown") > 0 || to-from == len(answers) {
				var teams []int
				for i := from; i < to; i++ {
					teams = append(teams, i)
				}
				sets = append(sets, teams)
			}
			if to-from > 1 {
				at := rapid.IntRange(from+1, to-1).Draw(t, "at")
				split(from, at)
				split(at, to)
			}
		}
		split(0, len(answers))
		f := familyOf(answers, sets)
		f.sets = slices.CompactFunc(f.sets, func(a, b set) bool { return slices.Equal(a.teams, b.teams) })
		if !f.isTree() {
			t.Fatal("not a tree")
		}
		write := func(groups []group) []string {
			var all []string
			for _, g := range groups {
				slices.Sort(g.teams)
				all = append(all, fmt.Sprint(g.teams, g.n))
			}
			slices.Sort(all)
			return all
		}
		// Elimination may give sums of atoms as well, where those follow alone.
		got, want := write(f.eliminated()), write(f.residuals())
		if !slices.Equal(got, want) {
			t.Fatalf("by elimination %v, by subtraction %v", got, want)
		}
	})
}

// Held against trial of every combination with small whole coefficients: a
// single atom that follows by one of them is found, and every group that is
// found is there.
func TestEliminationFindsEveryAtomThatFollows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		answers := rapid.SliceOfN(rapid.IntRange(1, 9), 2, 5).Draw(t, "answers")
		sets := rapid.SliceOfNDistinct(rapid.IntRange(1, 1<<len(answers)-1), 1, 4, rapid.ID[int]).Draw(t, "sets")
		var lists [][]int
		for _, s := range sets {
			var teams []int
			for i := range answers {
				if s>>i&1 == 1 {
					teams = append(teams, i)
				}
			}
			lists = append(lists, teams)
		}
		f := familyOf(answers, lists)
		groups := f.eliminated()
		for _, g := range groups {
			n := 0
			for _, team := range g.teams {
				n += answers[team]
			}
			if n != g.n {
				t.Fatalf("%v has %d answers, found %d", g.teams, n, g.n)
			}
		}
		combined := make([]int, len(answers))
		var try func(i int)
		try = func(i int) {
			if i == len(lists) {
				for _, atom := range f.atoms() {
					alone := true
					for team := range answers {
						if slices.Contains(atom, team) {
							alone = alone && combined[team] == 1
						} else {
							alone = alone && combined[team] == 0
						}
					}
					if alone && !slices.ContainsFunc(groups, func(g group) bool { return slices.Equal(g.teams, atom) }) {
						t.Fatalf("%v follows from %v and is not found: %+v", atom, lists, groups)
					}
				}
				return
			}
			for times := -2; times <= 2; times++ {
				for _, team := range lists[i] {
					combined[team] += times
				}
				try(i + 1)
				for _, team := range lists[i] {
					combined[team] -= times
				}
			}
		}
		try(0)
	})
}
