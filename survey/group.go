package survey

import (
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"
)

// Way is how the members of a group get their ticket.
type Way string

// The two ways. A group has exactly one, so that nobody is singled out by the
// way they answer.
const (
	Electronic Way = "electronic"
	Paper      Way = "paper"
)

// Group is the set of people that share one ballot box: a team, or several
// teams merged until they have at least k people. A group always covers whole
// sub-trees that lie side by side under Parent.
type Group struct {
	ID        string   `json:"id"`        // the team's unit id, or a block id when teams were merged
	Parent    UnitID   `json:"parent"`    // the unit it lies under; empty when it is the whole organisation
	Units     []UnitID `json:"units"`     // its teams, sorted
	Headcount int      `json:"headcount"` // people on the roster
	Way       Way      `json:"way"`
}

// Merged says whether the group combines several teams.
func (g Group) Merged() bool { return len(g.Units) > 1 }

// BlockID names a set of units that is published as one. It depends on the
// set only, so that the same block has the same id in every wave.
func BlockID(units []UnitID) string {
	ids := make([]string, len(units))
	for i, u := range units {
		ids[i] = string(u)
	}
	sort.Strings(ids)
	sum := sha256.Sum256([]byte(strings.Join(ids, "\n")))
	return "b:" + hex.EncodeToString(sum[:8])
}

// FormGroups makes the groups of a wave (PRIVACY: "Groups"). Teams with fewer
// than k people under one parent merge; if they are still fewer than k the
// smallest sibling joins; without a sibling they rise to the parent's level
// and merge there in the same way. Ties go to the sibling that stands first
// in the tree, so that the result depends on the input only. Teams without
// people form no group. A group is on paper when any of its teams is.
//
// The result is sorted by the tree. It fails when the whole organisation has
// fewer than k people.
func FormGroups(org Organisation, scope UnitID, k int, paper func(UnitID) bool) ([]Group, error) {
	if org.Headcount[scope] < k {
		return nil, Fail(Invalid, "error.wave.too_few_people", Args{"people": org.Headcount[scope], "k": k})
	}
	groups := formBelow(org, scope, k)
	for i := range groups {
		g := &groups[i]
		sort.Slice(g.Units, func(a, b int) bool { return org.Tree.Position(g.Units[a]) < org.Tree.Position(g.Units[b]) })
		g.ID, g.Way = string(g.Units[0]), Electronic
		if g.Merged() {
			g.ID = BlockID(g.Units)
		}
		for _, team := range g.Units {
			if paper(team) {
				g.Way = Paper
			}
		}
	}
	sort.Slice(groups, func(i, j int) bool {
		return org.Tree.Position(groups[i].Units[0]) < org.Tree.Position(groups[j].Units[0])
	})
	return groups, nil
}

// formBelow returns the groups of everybody in or under unit. Either each has
// at least k people, or there is exactly one and it covers the whole unit: it
// then rises to the level above.
func formBelow(org Organisation, unit UnitID, k int) []Group {
	u, _ := org.Tree.Unit(unit)
	if org.Tree.IsLeaf(unit) {
		if org.Headcount[unit] == 0 {
			return nil
		}
		return []Group{{Parent: u.Parent, Units: []UnitID{unit}, Headcount: org.Headcount[unit]}}
	}
	var (
		done     []Group
		siblings []sibling // children that stand on their own
		small    = Group{Parent: unit}
	)
	for _, child := range org.Tree.Children(unit) {
		groups := formBelow(org, child, k)
		switch {
		case len(groups) == 0:
		case org.Headcount[child] < k: // one group, the whole child
			small.Units = append(small.Units, groups[0].Units...)
			small.Headcount += groups[0].Headcount
		default:
			siblings = append(siblings, sibling{unit: child, headcount: org.Headcount[child], groups: groups})
		}
	}
	for small.Headcount > 0 && small.Headcount < k && len(siblings) > 0 {
		least := 0
		for i, s := range siblings {
			if s.headcount < siblings[least].headcount {
				least = i
			}
		}
		for _, g := range siblings[least].groups {
			small.Units = append(small.Units, g.Units...)
			small.Headcount += g.Headcount
		}
		siblings = append(siblings[:least], siblings[least+1:]...)
	}
	for _, s := range siblings {
		done = append(done, s.groups...)
	}
	if small.Headcount > 0 {
		done = append(done, small)
	}
	return done
}

type sibling struct {
	unit      UnitID
	headcount int
	groups    []Group
}
