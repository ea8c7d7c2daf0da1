package survey

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// plant makes a tree from "id parent name" lines.
func plant(t testing.TB, lines ...string) Tree {
	t.Helper()
	tree, err := NewTree(units(lines...))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func units(lines ...string) []Unit {
	var out []Unit
	for _, line := range lines {
		part := strings.SplitN(line, " ", 3)
		out = append(out, Unit{ID: UnitID(part[0]), Parent: UnitID(strings.Trim(part[1], "-")), Name: part[2]})
	}
	return out
}

func harbourUnits() []string {
	return []string{"d south Duty team", "o - Harbour", "north c North", "c o Children", "south c South", "h o Health", "e north Early help"}
}

func TestATreeIsWalkedDepthFirstWithSiblingsByName(t *testing.T) {
	tree := plant(t, harbourUnits()...)
	var got []string
	for _, u := range tree.Units() {
		got = append(got, fmt.Sprintf("%d %s %s %q", tree.Depth(u.ID), u.ID, tree.Level(u.ID), tree.Path(u.ID)))
	}
	want := []string{
		`0 o organisation "Harbour"`,
		`1 c level-1 "Children"`,
		`2 north level-2 "Children / North"`,
		`3 e team "Children / North / Early help"`,
		`2 south level-2 "Children / South"`,
		`3 d team "Children / South / Duty team"`,
		`1 h team "Health"`, // a unit without sub-units is a team, also right under the organisation
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if tree.Len() != 7 || tree.Root().ID != "o" || tree.Position("h") != 6 || tree.Position("x") != -1 {
		t.Error("Len, Root or Position do not fit")
	}
}

func TestAFaultyTreeIsRefused(t *testing.T) {
	for name, lines := range map[string][]string{
		"two roots":                 {"a - A", "b - B"},
		"no root":                   {"a b A", "b a B"},
		"an id twice":               {"a - A", "b a B", "b a C"},
		"a missing parent":          {"a - A", "b x B"},
		"a ring beside the root":    {"a - A", "b c B", "c b C"},
		"a unit that is its parent": {"a - A", "b b B"},
	} {
		if _, err := NewTree(units(lines...)); err == nil {
			t.Errorf("%s was not refused", name)
		}
	}
}

func TestAnEmptyTreeAnswersEverythingWithNothing(t *testing.T) {
	tree := plant(t)
	if _, ok := tree.ByPath("A"); ok {
		t.Error("an empty tree has a unit A")
	}
	if _, ok := tree.ByPath(""); ok {
		t.Error("an empty tree has a root")
	}
	if tree.Len() != 0 || tree.Root() != (Unit{}) || tree.Path("x") != "" || tree.Within("x", "x") || tree.Teams("x") != nil || len(tree.Ancestors("x")) > 0 {
		t.Error("an empty tree has something in it")
	}
}

func TestTheDirectTeamStandsLastAndIsNotFoundByPath(t *testing.T) {
	all := append(units("o - Harbour", "z o Zeal"), Unit{ID: "o-d", Parent: "o", Name: "Harbour", Direct: true})
	tree, err := NewTree(all)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]UnitID{"z", "o-d"}, tree.Children("o")); diff != "" {
		t.Error(diff)
	}
	if u, ok := tree.ByPath("Harbour"); !ok || u.ID != "o" {
		t.Errorf("the path Harbour is %v", u)
	}
	if tree.Level("o-d") != LevelTeam || tree.Level("o") != LevelOrganisation {
		t.Error("the direct team is a team, the organisation is not")
	}
}

func TestPathsAreComparedAfterTrimming(t *testing.T) {
	tree := plant(t, harbourUnits()...)
	for path, want := range map[string]UnitID{
		"Children/South/Duty team":           "d",
		"  Children  / South /  Duty  team ": "d",
		"Children":                           "c",
		"":                                   "o",
		"Harbour":                            "o",
		"children":                           "",
		"Children / West":                    "",
		"Children / / South":                 "",
		"Harbour / Children":                 "",
	} {
		if u, ok := tree.ByPath(path); u.ID != want || ok != (want != "") {
			t.Errorf("ByPath(%q) = %q, %v; want %q", path, u.ID, ok, want)
		}
	}
}

// anyUnits draws units under one root; no name is the root's.
func anyUnits(most int) *rapid.Generator[[]Unit] {
	return rapid.Custom(func(t *rapid.T) []Unit {
		all := []Unit{{ID: "u0", Name: "Harbour"}}
		used := map[Unit]bool{}
		for i := 1; i <= rapid.IntRange(0, most).Draw(t, "units"); i++ {
			u := Unit{
				Parent: all[rapid.IntRange(0, len(all)-1).Draw(t, "parent")].ID,
				Name:   rapid.StringMatching(`[A-F]`).Draw(t, "name"),
			}
			if used[u] {
				continue
			}
			used[u] = true
			u.ID = UnitID(fmt.Sprint("u", i))
			all = append(all, u)
		}
		return all
	})
}

func TestATreeDoesNotDependOnTheOrderOfItsUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := anyUnits(15).Draw(t, "units")
		tree, err := NewTree(all)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := rapid.Permutation(all).Draw(t, "order")
		again, err := NewTree(shuffled)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tree.Units(), again.Units()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestEveryUnitIsFoundByItsPathAndStandsUnderItsAncestors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, err := NewTree(anyUnits(20).Draw(t, "units"))
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range tree.Units() {
			if found, ok := tree.ByPath(tree.Path(u.ID)); !ok || found != u {
				t.Fatalf("the path %q of %v leads to %v", tree.Path(u.ID), u, found)
			}
			up := tree.Ancestors(u.ID)
			if len(up) != tree.Depth(u.ID) {
				t.Fatalf("%v has depth %d and ancestors %v", u, tree.Depth(u.ID), up)
			}
			for _, other := range tree.Units() {
				above := other.ID == u.ID
				for _, a := range up {
					above = above || a == other.ID
				}
				if tree.Within(u.ID, other.ID) != above {
					t.Fatalf("Within(%s, %s) = %v, ancestors %v", u.ID, other.ID, !above, up)
				}
			}
			for _, child := range tree.Children(u.ID) {
				if c, _ := tree.Unit(child); c.Parent != u.ID {
					t.Fatalf("%v is a child of %v", c, u)
				}
			}
		}
	})
}

func TestTheTeamsUnderAUnitAreItsLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, err := NewTree(anyUnits(20).Draw(t, "units"))
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range tree.Units() {
			var want []UnitID
			for _, leaf := range tree.Units() {
				if tree.IsLeaf(leaf.ID) && tree.Within(leaf.ID, u.ID) {
					want = append(want, leaf.ID)
				}
			}
			if diff := cmp.Diff(want, tree.Teams(u.ID)); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

func TestWhatATreeGivesAwayCannotChangeIt(t *testing.T) {
	tree := plant(t, harbourUnits()...)
	tree.Units()[0].Name = "changed"
	tree.Children("o")[0] = "changed"
	if tree.Root().Name != "Harbour" || tree.Children("o")[0] != "c" {
		t.Error("the tree was changed from outside")
	}
}

// Resolve

func TestStaffOfAUnitWithSubUnitsFormItsDirectTeam(t *testing.T) {
	org, err := Resolve(units("o - Harbour", "c o Children", "n c North", "w o West"), []Person{
		{ID: "1", Unit: "o", Active: true},
		{ID: "2", Unit: "c", Active: true},
		{ID: "3", Unit: "c", Active: true},
		{ID: "4", Unit: "n", Active: true},
		{ID: "5", Unit: "n", Active: false},
		{ID: "6", Unit: "gone", Active: false}, // left, and the unit after them
	})
	if err != nil {
		t.Fatal(err)
	}
	wantTeam := map[PersonID]UnitID{"1": "o-d", "2": "c-d", "3": "c-d", "4": "n"}
	wantHeads := map[UnitID]int{"o": 4, "o-d": 1, "c": 3, "c-d": 2, "n": 1}
	if diff := cmp.Diff(wantTeam, org.Team) + cmp.Diff(wantHeads, org.Headcount); diff != "" {
		t.Error(diff)
	}
	var ids []UnitID
	for _, u := range org.Tree.Units() {
		ids = append(ids, u.ID)
	}
	if diff := cmp.Diff([]UnitID{"o", "c", "n", "c-d", "w", "o-d"}, ids); diff != "" {
		t.Error(diff)
	}
	if u, _ := org.Tree.Unit("c-d"); !u.Direct || u.Name != "Children" || u.Parent != "c" {
		t.Errorf("the direct team is %+v", u)
	}
}

func TestAnActivePersonOfAnUnknownUnitIsAnError(t *testing.T) {
	_, err := Resolve(units("o - Harbour"), []Person{{ID: "1", Unit: "gone", Active: true}})
	if !IsKey(err, "error.person.unit_missing") || !IsCode(err, NotFound) {
		t.Errorf("Resolve: %v", err)
	}
}

func TestAnOrganisationOfOneTeamIsThatTeam(t *testing.T) {
	org, err := Resolve(units("o - Harbour"), []Person{{ID: "1", Unit: "o", Active: true}})
	if err != nil || org.Team["1"] != "o" || org.Headcount["o"] != 1 || org.Tree.Len() != 1 {
		t.Errorf("%+v, %v", org, err)
	}
}

func TestEverybodyActiveStandsInALeafAndIsCountedAbove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		org, people := anyOrganisation(t)
		for _, p := range people {
			team, ok := org.Team[p.ID]
			if ok != p.Active || ok && !org.Tree.IsLeaf(team) || ok && !org.Tree.Within(team, p.Unit) {
				t.Fatalf("%+v stands in %q", p, team)
			}
		}
		for _, u := range org.Tree.Units() {
			n := 0
			for _, team := range org.Team {
				if org.Tree.Within(team, u.ID) {
					n++
				}
			}
			if org.Headcount[u.ID] != n {
				t.Fatalf("%v counts %d people, want %d", u, org.Headcount[u.ID], n)
			}
		}
	})
}

// anyOrganisation draws a tree with people anywhere in it, some inactive.
func anyOrganisation(t *rapid.T) (Organisation, []Person) {
	all := anyUnits(14).Draw(t, "units")
	var people []Person
	for _, u := range all {
		for range rapid.IntRange(0, 9).Draw(t, "people") {
			people = append(people, Person{ID: PersonID(fmt.Sprint("p", len(people))), Unit: u.ID, Active: true})
		}
	}
	for i := range people {
		people[i].Active = rapid.IntRange(0, 9).Draw(t, "active") > 0
	}
	shuffle := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 0))
	shuffle.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	org, err := Resolve(all, people)
	if err != nil {
		t.Fatal(err)
	}
	return org, people
}
