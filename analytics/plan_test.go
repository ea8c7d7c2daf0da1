package analytics

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"attune/survey"
)

// outcome writes a plan as lines: the units in tree order with what became of
// them, then the blocks with their n. Block ids are replaced by their teams.
func outcome(f *field, p plan) []string {
	names := make(map[string]string)
	var blocks []string
	n := make(map[string]int)
	for _, s := range p.sets {
		n[s.id] = s.n
		if s.block {
			teams := make([]string, len(s.teams))
			for i, u := range s.teams {
				teams[i] = string(u)
			}
			names[s.id] = "[" + strings.Join(teams, " ") + "]"
			blocks = append(blocks, fmt.Sprintf("%s %d under %s", names[s.id], s.n, s.parent))
		}
	}
	sort.Strings(blocks)
	var lines []string
	for _, u := range f.tree.Units() {
		at := p.places[f.tree.Position(u.ID)]
		switch {
		case at.status == "":
			lines = append(lines, fmt.Sprintf("%s empty %s", u.ID, f.empty[u.ID]))
		case at.status == StatusShown:
			lines = append(lines, fmt.Sprintf("%s %d", u.ID, n[string(u.ID)]))
		case at.status == StatusCombined && names[p.sets[at.set].id] != "":
			lines = append(lines, fmt.Sprintf("%s in %s", u.ID, names[p.sets[at.set].id]))
		case at.status == StatusCombined:
			lines = append(lines, fmt.Sprintf("%s in %s", u.ID, p.sets[at.set].id))
		default:
			lines = append(lines, fmt.Sprintf("%s %s", u.ID, at.reason))
		}
	}
	return append(lines, blocks...)
}

// All expectations follow by hand from the rule in optimum's comment; k = 5,
// kc = ⌈1.5·4⌉ = 6.
func TestPlanPublishesNoSmallRemainder(t *testing.T) {
	tests := []struct {
		name  string
		teams []team
		merge bool
		scope survey.UnitID
		level string
		want  []string
	}{
		{
			name:  "everybody is large enough",
			teams: []team{{"a", 9, 5}, {"b", 9, 7}},
			want:  []string{"org 12", "a 5", "b 7"},
		}, {
			name:  "a team of four takes the next smallest with it",
			teams: []team{{"a", 9, 4}, {"b", 9, 7}, {"c", 9, 6}},
			want:  []string{"org 17", "a in [a c]", "b 7", "c in [a c]", "[a c] 10 under org"},
		}, {
			name:  "of two equally small ones the first in the tree is shown",
			teams: []team{{"a", 9, 6}, {"b", 9, 6}, {"c", 9, 4}},
			want:  []string{"org 16", "a 6", "b in [b c]", "c in [b c]", "[b c] 10 under org"},
		}, {
			name:  "k−1, k and k+1: the k−1 needs the k to reach kc",
			teams: []team{{"a", 9, 4}, {"b", 9, 5}, {"c", 9, 6}},
			want:  []string{"org 15", "a in [a b]", "b in [a b]", "c 6", "[a b] 9 under org"},
		}, {
			name:  "two small ones reach kc together",
			teams: []team{{"a", 9, 3}, {"b", 9, 3}, {"c", 9, 5}},
			want:  []string{"org 11", "a in [a b]", "b in [a b]", "c 5", "[a b] 6 under org"},
		}, {
			name:  "five hidden answers are k but not kc",
			teams: []team{{"a", 9, 2}, {"b", 9, 3}, {"c", 9, 5}, {"d", 9, 8}},
			want:  []string{"org 18", "a in [a b c]", "b in [a b c]", "c in [a b c]", "d 8", "[a b c] 10 under org"},
		}, {
			name:  "nobody answered in the hidden team: nothing is left over, nothing to combine",
			teams: []team{{"a", 9, 0}, {"b", 9, 7}},
			want:  []string{"org 7", "a protected", "b 7"},
		}, {
			name:  "all hidden: the unit itself combines them, without a block that says the same",
			teams: []team{{"a", 4, 3}, {"b", 4, 3}},
			want:  []string{"org 6", "a in org", "b in org"},
		}, {
			name:  "all hidden and fewer than kc: nothing is published, though there are k",
			teams: []team{{"a", 4, 3}, {"b", 4, 2}},
			want:  []string{"org protected", "a protected", "b protected"},
		}, {
			name:  "kc also where only one of the hidden ones is not empty",
			teams: []team{{"a", 9, 5}, {"b", 9, 0}}, level: minLevelOrganisation,
			want: []string{"org protected", "a protected", "b protected"},
		}, {
			name:  "fewer than k in all",
			teams: []team{{"a", 9, 4}, {"b", 9, 0}, {"c", 0, 0}},
			want:  []string{"org protected", "a protected", "b protected", "c empty not_invited"},
		}, {
			name:  "one department only",
			teams: []team{{"a/x", 9, 9}, {"a/y", 9, 6}},
			want:  []string{"org 15", "a 15", "a/x 9", "a/y 6"},
		}, {
			name:  "everybody in one team",
			teams: []team{{"a/x", 9, 9}, {"a/y", 0, 0}, {"b", 0, 0}},
			want:  []string{"org 9", "a 9", "a/x 9", "a/y empty not_invited", "b empty not_invited"},
		}, {
			name:  "one large team is hidden rather than a department of two",
			teams: []team{{"a/x", 4, 2}, {"a/y", 4, 2}, {"b/x", 9, 6}, {"b/y", 9, 9}, {"c", 20, 20}},
			want: []string{
				"org 39", "a in [a/x a/y c]", "a/x in [a/x a/y c]", "a/y in [a/x a/y c]",
				"b 15", "b/x 6", "b/y 9", "c in [a/x a/y c]", "[a/x a/y c] 24 under org",
			},
		}, {
			name:  "everything under a hidden department goes with it",
			teams: []team{{"a/x", 4, 2}, {"a/y", 4, 2}, {"b/x", 9, 4}, {"b/y", 9, 4}, {"c/x", 20, 20}, {"c/y", 9, 9}},
			want: []string{
				"org 41", "a in [a/x a/y b/x b/y]", "a/x in [a/x a/y b/x b/y]", "a/y in [a/x a/y b/x b/y]",
				"b in [a/x a/y b/x b/y]", "b/x in [a/x a/y b/x b/y]", "b/y in [a/x a/y b/x b/y]",
				"c 29", "c/x 20", "c/y 9", "[a/x a/y b/x b/y] 12 under org",
			},
		}, {
			name:  "a department is hidden for its small team, and its large one still shown",
			teams: []team{{"a/x", 9, 9}, {"a/y", 4, 3}, {"b", 4, 4}},
			want:  []string{"org 16", "a protected", "a/x 9", "a/y in [a/y b]", "b in [a/y b]", "[a/y b] 7 under org"},
		}, {
			name:  "a merged group is one leaf that needs k only",
			teams: []team{{"a", 3, 3}, {"b", 4, 2}, {"c", 9, 9}}, merge: true,
			want: []string{"org 14", "a in [a b]", "b in [a b]", "c 9", "[a b] 5 under org"},
		}, {
			name:  "a merged group too small to show joins a larger block",
			teams: []team{{"a", 3, 2}, {"b", 4, 2}, {"c", 9, 9}, {"d", 9, 8}}, merge: true,
			want: []string{"org 21", "a in [a b d]", "b in [a b d]", "c 9", "d in [a b d]", "[a b d] 12 under org"},
		}, {
			name:  "a unit that lies wholly inside a merged group is no row of its own",
			teams: []team{{"a/x", 2, 2}, {"a/y", 2, 2}, {"a/z", 0, 0}, {"b", 6, 6}, {"c", 9, 9}}, merge: true,
			want: []string{
				"org 19", "a in [a/x a/y b]", "a/x in [a/x a/y b]", "a/y in [a/x a/y b]", "a/z empty not_invited",
				"b in [a/x a/y b]", "c 9", "[a/x a/y b] 10 under org",
			},
		}, {
			name:  "a wave that asks one department only",
			teams: []team{{"a/x", 9, 9}, {"a/y", 9, 6}, {"b", 9, 0}}, scope: "a",
			want: []string{"org empty not_asked", "a 15", "a/x 9", "a/y 6", "b empty not_asked"},
		}, {
			name:  "a wave that asks one team only",
			teams: []team{{"a/x", 9, 9}, {"a/y", 9, 6}, {"b", 9, 0}}, scope: "a/x",
			want: []string{"org empty not_asked", "a empty not_asked", "a/x 9", "a/y empty not_asked", "b empty not_asked"},
		}, {
			name:  "a measure of the organisation only",
			teams: []team{{"a/x", 9, 9}, {"b", 9, 8}}, level: minLevelOrganisation,
			want: []string{"org 17", "a level", "a/x level", "b level"},
		}, {
			name:  "a measure of departments: teams are parts of the remainder",
			teams: []team{{"a/x", 9, 9}, {"b/x", 9, 6}, {"c", 9, 4}}, level: minLevelDepartment,
			want: []string{"org 19", "a 9", "a/x level", "b in [b/x c]", "b/x in [b/x c]", "c in [b/x c]", "[b/x c] 10 under org"},
		}, {
			name:  "a measure of departments: a team beside them is not shown as a block of its own",
			teams: []team{{"a/x", 9, 9}, {"b/x", 9, 6}, {"c", 9, 8}}, level: minLevelDepartment,
			want: []string{"org 23", "a 9", "a/x level", "b in [b/x c]", "b/x in [b/x c]", "c in [b/x c]", "[b/x c] 14 under org"},
		}, {
			name:  "a measure of the organisation in a wave of one department",
			teams: []team{{"a/x", 9, 9}, {"b", 9, 0}}, scope: "a", level: minLevelOrganisation,
			want: []string{"org empty not_asked", "a level", "a/x level", "b empty not_asked"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			scope, level := test.scope, test.level
			if scope == "" {
				scope = "org"
			}
			if level == "" {
				level = minLevelTeam
			}
			w := waveOf(t, test.teams, scope, test.merge, 5)
			f, err := newField(w)
			if err != nil {
				t.Fatal(err)
			}
			got := outcome(f, planFor(f, counts(w, test.teams), limit{k: 5, kc: 6, minLevel: level}, weights{}, nil))
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(test.want, "\n  "))
			}
		})
	}
}

// atoms splits groups by the set of published cells that they are in, and
// sums their answers: the sets that no figure tells apart. It looks at the
// published sets only, not at how the planner got there.
func atoms(groups []survey.Group, n []int, sets []set) map[string]int {
	sums := make(map[string]int)
	for i, g := range groups {
		var in []string
		for _, s := range sets {
			for _, u := range s.teams {
				if u == g.Units[0] {
					in = append(in, s.id)
				}
			}
		}
		if len(in) == 0 {
			continue // in no published figure
		}
		sort.Strings(in)
		sums[strings.Join(in, " ")] += n[i]
	}
	return sums
}

func TestPlanLeavesResidualsOfNobodyOrAtLeastK(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(5, 8).Draw(t, "k")
		teams := organisations().Filter(func(o []team) bool { return peopleIn(o) >= k }).Draw(t, "teams")
		w := waveOf(t, teams, "org", rapid.Bool().Draw(t, "merge"), k)
		f, err := newField(w)
		if err != nil {
			t.Fatal(err)
		}
		n := counts(w, teams)
		l := limit{k: k, kc: survey.KC(k), minLevel: rapid.SampledFrom([]string{minLevelTeam, minLevelDepartment, minLevelOrganisation}).Draw(t, "level")}
		p := planFor(f, n, l, weights{}, nil)
		for cells, sum := range atoms(w.Groups, n, p.sets) {
			if sum > 0 && sum < k {
				t.Fatalf("%d answers are told apart by %s", sum, cells)
			}
		}
		total := 0
		for _, x := range n {
			total += x
		}
		if len(p.sets) == 0 && total >= l.kc || len(p.sets) > 0 && total < k {
			t.Fatalf("%d answers, %d published sets", total, len(p.sets))
		}
		seen := make(map[string]bool)
		for _, s := range p.sets {
			if s.n < k || s.n > s.invited || seen[s.id] {
				t.Fatalf("set %s: n %d of %d, seen %v", s.id, s.n, s.invited, seen[s.id])
			}
			seen[s.id] = true
			parts := 0
			for _, i := range s.parts {
				parts += p.sets[i].n
			}
			if len(s.parts) > 0 && parts != s.n {
				t.Fatalf("set %s has %d answers, its parts %d", s.id, s.n, parts)
			}
		}
		for i, u := range f.tree.Units() {
			at := p.places[i]
			if (at.status == StatusShown) != seen[string(u.ID)] || (at.status == StatusCombined && !seen[p.sets[at.set].id]) {
				t.Fatalf("unit %s: %+v", u.ID, at)
			}
			if _, empty := f.empty[u.ID]; empty == (at.status != "") {
				t.Fatalf("unit %s: empty %v, %+v", u.ID, empty, at)
			}
		}
	})
}

func TestGroupsThatDoNotFitTheTreeAreRefused(t *testing.T) {
	good := func() survey.ClosedWave {
		return waveOf(t, []team{{"a/x", 9, 9}, {"a/y", 9, 9}, {"b", 9, 9}}, "org", false, 5)
	}
	tests := map[string]func(w *survey.ClosedWave){
		"an unknown team":        func(w *survey.ClosedWave) { w.Groups[0].Units = []survey.UnitID{"elsewhere"} },
		"a unit that is no team": func(w *survey.ClosedWave) { w.Groups[0].Units = []survey.UnitID{"a"} },
		"a team in two groups":   func(w *survey.ClosedWave) { w.Groups[1].Units = w.Groups[0].Units },
		"another headcount":      func(w *survey.ClosedWave) { w.Groups[0].Headcount++ },
		"a group without teams":  func(w *survey.ClosedWave) { w.Groups[0] = survey.Group{} },
		"no groups":              func(w *survey.ClosedWave) { w.Groups = nil },
		"a group under a wrong unit": func(w *survey.ClosedWave) {
			w.Groups = []survey.Group{{ID: "m", Parent: "b", Units: []survey.UnitID{"a/x", "a/y"}, Headcount: 18}}
		},
		"a group over a part of a unit": func(w *survey.ClosedWave) {
			w.Groups = []survey.Group{w.Groups[0], {ID: "m", Parent: "org", Units: []survey.UnitID{"a/y", "b"}, Headcount: 18}}
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			w := good()
			spoil(&w)
			if _, err := newField(w); err == nil {
				t.Error("accepted")
			}
		})
	}
	if _, err := newField(good()); err != nil {
		t.Error(err)
	}
}
