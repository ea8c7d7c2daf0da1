package survey

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// organisation makes one from "path headcount" lines, "A / B 4"; ids are
// paths.
func organisation(t *testing.T, lines ...string) Organisation {
	t.Helper()
	all := []Unit{{ID: "o", Name: "Harbour"}}
	var people []Person
	for _, line := range lines {
		at := strings.LastIndex(line, " ")
		var heads int
		if _, err := fmt.Sscan(line[at+1:], &heads); err != nil {
			t.Fatal(err)
		}
		unit := UnitID("o")
		for _, name := range SplitPath(line[:at]) {
			u := Unit{ID: UnitID(strings.TrimPrefix(string(unit)+"/"+name, "o/")), Parent: unit, Name: name}
			if !slices.Contains(all, u) {
				all = append(all, u)
			}
			unit = u.ID
		}
		for range heads {
			people = append(people, Person{ID: PersonID(fmt.Sprint(len(people))), Unit: unit, Active: true})
		}
	}
	org, err := Resolve(all, people)
	if err != nil {
		t.Fatal(err)
	}
	return org
}

func electronic(UnitID) bool { return false }

func TestTeamsMergeUntilNobodyIsInAGroupBelowK(t *testing.T) {
	for name, c := range map[string]struct{ org, want []string }{
		"a team of four beside one of six":                {[]string{"A 4", "B 6"}, []string{"10 A+B under o"}},
		"the smallest sibling joins":                      {[]string{"A 9", "B 4", "C 6", "D 7"}, []string{"9 A under o", "10 B+C under o", "7 D under o"}},
		"of two as small the first in the tree joins":     {[]string{"A 6", "B 6", "C 2"}, []string{"8 A+C under o", "6 B under o"}},
		"two teams of three merge":                        {[]string{"A 3", "B 3", "C 8"}, []string{"6 A+B under o", "8 C under o"}},
		"three small ones merge although two would do":    {[]string{"A 3", "B 3", "C 1", "D 8"}, []string{"7 A+B+C under o", "8 D under o"}},
		"everybody stands alone":                          {[]string{"A 5", "B 6", "C 30"}, []string{"5 A under o", "6 B under o", "30 C under o"}},
		"a lone small team rises to its parent's level":   {[]string{"A / One 3", "B / One 7", "C / One 20"}, []string{"10 A/One+B/One under o", "20 C/One under C"}},
		"a small department rises whole":                  {[]string{"A / One 2", "A / Two 2", "B / One 6", "B / Two 5", "C 20"}, []string{"15 A/One+A/Two+B/One+B/Two under o", "20 C under o"}},
		"two small departments meet":                      {[]string{"A / One 2", "B / One 3", "C / One 6", "C / Two 7"}, []string{"5 A/One+B/One under o", "6 C/One under C", "7 C/Two under C"}},
		"inside a department first":                       {[]string{"A / One 2", "A / Two 3", "B 6"}, []string{"5 A/One+A/Two under A", "6 B under o"}},
		"staff directly in a department are a team of it": {[]string{"A 2", "A / One 6", "A / Two 9", "B 7"}, []string{"8 A/One+A-d under A", "9 A/Two under A", "7 B under o"}},
		"a team without people forms no group":            {[]string{"A 0", "B / One 0", "B / Two 5"}, []string{"5 B/Two under B"}},
		"one team":                                        {[]string{" 5"}, []string{"5 o under "}},
		"everybody in one group":                          {[]string{"A 2", "B / One 2", "C / One / X 1"}, []string{"5 A+B/One+C/One/X under o"}},
	} {
		t.Run(name, func(t *testing.T) {
			org := organisation(t, c.org...)
			groups, err := FormGroups(org, "o", 5, electronic)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, g := range groups {
				names := make([]string, len(g.Units))
				for i, u := range g.Units {
					names[i] = string(u)
				}
				got = append(got, fmt.Sprintf("%d %s under %s", g.Headcount, strings.Join(names, "+"), g.Parent))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAnOrganisationBelowKIsRefused(t *testing.T) {
	_, err := FormGroups(organisation(t, "A 2", "B 2"), "o", 5, electronic)
	if !IsKey(err, "error.wave.too_few_people") || !IsCode(err, Invalid) {
		t.Errorf("four people, k = 5: %v", err)
	}
	if _, err := FormGroups(organisation(t, "A 4", "B 20"), "A", 5, electronic); !IsKey(err, "error.wave.too_few_people") {
		t.Errorf("a wave for a team of four, k = 5: %v", err)
	}
	if _, err := FormGroups(organisation(t, "A 4"), "nowhere", 5, electronic); err == nil {
		t.Error("a wave for a unit that does not exist was not refused")
	}
}

func TestAWaveForOneUnitGroupsOnlyThatUnit(t *testing.T) {
	groups, err := FormGroups(organisation(t, "A / One 3", "A / Two 4", "B 3"), "A", 5, electronic)
	if err != nil || len(groups) != 1 || groups[0].Headcount != 7 {
		t.Errorf("%+v, %v", groups, err)
	}
}

func TestAGroupIsOnPaperWhenAnyOfItsTeamsIs(t *testing.T) {
	org := organisation(t, "A 3", "B 3", "C 8", "D 8")
	groups, err := FormGroups(org, "o", 5, func(u UnitID) bool { return u == "B" || u == "D" })
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]Way{}
	for _, g := range groups {
		got[fmt.Sprint(g.Units)] = g.Way
	}
	if diff := cmp.Diff(map[string]Way{"[A B]": Paper, "[C]": Electronic, "[D]": Paper}, got); diff != "" {
		t.Error(diff)
	}
}

// b: and the first 8 bytes of the SHA-256 of "a\nb", from sha256sum. Exports
// name blocks by it, so it must never change.
func TestABlockIsNamedAfterItsTeamsOnly(t *testing.T) {
	const want = "b:7e18f737311b2dc3"
	if got := BlockID([]UnitID{"a", "b"}); got != want {
		t.Errorf("BlockID = %s, want %s", got, want)
	}
	if got := BlockID([]UnitID{"b", "a"}); got != want {
		t.Errorf("BlockID in another order = %s, want %s", got, want)
	}
	list := []UnitID{"b", "a"}
	if BlockID(list); list[0] != "b" {
		t.Error("BlockID changed its argument")
	}
}

// The rules of PRIVACY, "Groups", over random organisations.
func TestGroupsHoldTheirRulesInAnyOrganisation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		org, _ := anyOrganisation(t)
		k := rapid.IntRange(1, 12).Draw(t, "k")
		scope := rapid.SampledFrom(org.Tree.Units()).Draw(t, "scope").ID
		groups, err := FormGroups(org, scope, k, electronic)
		if (err != nil) != (org.Headcount[scope] < k) {
			t.Fatalf("%d people, k = %d: %v", org.Headcount[scope], k, err)
		}
		if err != nil {
			return
		}
		of := make(map[UnitID]int) // group by team
		for i, g := range groups {
			people := 0
			for _, team := range g.Units {
				if _, twice := of[team]; twice {
					t.Fatalf("team %s is in two groups", team)
				}
				of[team] = i
				people += org.Headcount[team]
			}
			if people != g.Headcount || people < k {
				t.Fatalf("group %+v has %d people, k = %d", g, people, k)
			}
			if want := string(g.Units[0]); !g.Merged() && g.ID != want || g.Merged() && g.ID != BlockID(g.Units) {
				t.Fatalf("group %+v has the wrong id", g)
			}
		}
		for person, team := range org.Team {
			if _, in := of[team]; in != org.Tree.Within(team, scope) {
				t.Fatalf("%s of %s: in a group %v", person, team, in)
			}
		}
		for i, g := range groups {
			checkWhole(t, org, k, i, g, of)
		}
	})
}

// checkWhole holds one group against what lies beside it: it covers whole
// children of its parent, and no more of them than k needs.
func checkWhole(t *rapid.T, org Organisation, k, place int, g Group, of map[UnitID]int) {
	if !g.Merged() {
		if u, _ := org.Tree.Unit(g.Units[0]); u.Parent != g.Parent {
			t.Fatalf("group %+v stands under %s", g, u.Parent)
		}
		return
	}
	var small, large []UnitID // the parent's children in the group
	smallest, covered := -1, 0
	for _, child := range org.Tree.Children(g.Parent) {
		in, out := 0, 0
		for _, team := range org.Tree.Teams(child) {
			switch i, ok := of[team]; {
			case ok && i == place:
				in++
			case org.Headcount[team] > 0:
				out++
			}
		}
		if in > 0 && out > 0 {
			t.Fatalf("group %+v cuts through %s", g, child)
		}
		covered += in
		heads := org.Headcount[child]
		if heads >= k && (smallest < 0 || heads < smallest) {
			smallest = heads
		}
		switch {
		case in > 0 && heads < k:
			small = append(small, child)
		case in > 0:
			large = append(large, child)
		case heads > 0 && heads < k:
			t.Fatalf("%s has %d people, k = %d, and is not in the group of its small siblings %+v", child, heads, k, g)
		}
	}
	if covered != len(g.Units) {
		t.Fatalf("group %+v has teams outside its parent", g)
	}
	sum := 0
	for _, child := range small {
		sum += org.Headcount[child]
	}
	switch {
	case len(small) == 0:
		t.Fatalf("group %+v merges teams that could stand alone", g)
	case sum >= k && len(large) > 0:
		t.Fatalf("group %+v took %v, which its small teams did not need", g, large)
	case sum < k && (len(large) != 1 || org.Headcount[large[0]] != smallest):
		t.Fatalf("group %+v took %v, want the smallest sibling, of %d people", g, large, smallest)
	}
}

func TestGroupsDoNotDependOnTheOrderOfTheInput(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := anyUnits(12).Draw(t, "units")
		var people []Person
		for i, u := range all {
			for j := range rapid.IntRange(0, 7).Draw(t, "people") {
				people = append(people, Person{ID: PersonID(fmt.Sprint(i, ".", j)), Unit: u.ID, Active: true})
			}
		}
		form := func(all []Unit, people []Person) []Group {
			org, err := Resolve(all, people)
			if err != nil {
				t.Fatal(err)
			}
			groups, _ := FormGroups(org, "u0", 5, electronic)
			return groups
		}
		one := form(all, people)
		slices.Reverse(people)
		two := form(rapid.Permutation(all).Draw(t, "order"), people)
		if diff := cmp.Diff(one, two); diff != "" {
			t.Fatal(diff)
		}
	})
}
