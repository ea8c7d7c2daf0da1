package survey

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// UnitID names a unit for good; it is random and says nothing about the unit.
type UnitID string

// Levels of a unit in pages and exports. Between the organisation and its
// teams stand "level-1" (departments), "level-2" and so on.
const (
	LevelOrganisation = "organisation"
	LevelTeam         = "team"
	LevelBlock        = "block"
)

// PathSeparator stands between unit names in a path: "Children / North / Duty team".
const PathSeparator = " / "

// directSuffix makes the id of the team of staff who belong directly to a
// unit that has sub-units. The id is derived so that it stays the same from
// wave to wave without being stored.
const directSuffix = "-d"

// Unit is a node of the organisation tree.
type Unit struct {
	ID     UnitID `json:"id"`
	Parent UnitID `json:"parent"` // empty for the organisation itself
	Name   string `json:"name"`
	// Direct marks the team "NAME, directly" of the staff who belong directly
	// to Parent although Parent has sub-units. Name is then Parent's name;
	// pages add the word for "directly" in their language.
	Direct bool `json:"direct,omitempty"`
}

// Tree is an organisation: one root, every other unit under it. The zero
// value is empty. A Tree is immutable.
type Tree struct {
	units    []Unit // depth first, siblings by name
	index    map[UnitID]int
	children map[UnitID][]UnitID
}

// NewTree builds a tree from units in any order. It fails when there is not
// exactly one root, an id is used twice, a parent is missing or units form a
// ring: these are faults of storage, not of a person's input.
func NewTree(units []Unit) (Tree, error) {
	byID := make(map[UnitID]Unit, len(units))
	children := make(map[UnitID][]UnitID)
	var root UnitID
	for _, u := range units {
		if _, twice := byID[u.ID]; twice {
			return Tree{}, fmt.Errorf("unit %q stands twice in the tree", u.ID)
		}
		byID[u.ID] = u
		if u.Parent == "" {
			if root != "" {
				return Tree{}, fmt.Errorf("units %q and %q are both roots", root, u.ID)
			}
			root = u.ID
			continue
		}
		children[u.Parent] = append(children[u.Parent], u.ID)
	}
	if len(units) > 0 && root == "" {
		return Tree{}, fmt.Errorf("the tree of %d units has no root", len(units))
	}
	t := Tree{index: make(map[UnitID]int, len(units)), children: children}
	for _, ids := range children {
		sort.Slice(ids, func(i, j int) bool {
			a, b := byID[ids[i]], byID[ids[j]]
			if a.Direct != b.Direct {
				return b.Direct // the direct team comes last
			}
			if a.Name != b.Name {
				return a.Name < b.Name
			}
			return a.ID < b.ID
		})
	}
	var walk func(id UnitID)
	walk = func(id UnitID) {
		t.index[id] = len(t.units)
		t.units = append(t.units, byID[id])
		for _, child := range children[id] {
			walk(child)
		}
	}
	if len(units) > 0 {
		walk(root)
	}
	if len(t.units) != len(units) {
		return Tree{}, fmt.Errorf("%d of %d units hang from the root; the others have no parent or form a ring", len(t.units), len(units))
	}
	return t, nil
}

// Units lists all units depth first, siblings by name.
func (t Tree) Units() []Unit { return append([]Unit(nil), t.units...) }

// Len is the number of units.
func (t Tree) Len() int { return len(t.units) }

// Root is the organisation's own unit, the zero Unit for an empty tree.
func (t Tree) Root() Unit {
	if len(t.units) == 0 {
		return Unit{}
	}
	return t.units[0]
}

// Unit finds a unit.
func (t Tree) Unit(id UnitID) (Unit, bool) {
	i, ok := t.index[id]
	if !ok {
		return Unit{}, false
	}
	return t.units[i], true
}

// Position is the unit's place in depth-first order, -1 for an unknown unit.
func (t Tree) Position(id UnitID) int {
	if i, ok := t.index[id]; ok {
		return i
	}
	return -1
}

// Children lists a unit's direct sub-units by name, the direct team last.
func (t Tree) Children(id UnitID) []UnitID { return append([]UnitID(nil), t.children[id]...) }

// IsLeaf says whether a unit has no sub-units.
func (t Tree) IsLeaf(id UnitID) bool { return len(t.children[id]) == 0 }

// Depth is 0 for the organisation, 1 for its sub-units and so on.
func (t Tree) Depth(id UnitID) int {
	depth := 0
	for u, ok := t.Unit(id); ok && u.Parent != ""; u, ok = t.Unit(u.Parent) {
		depth++
	}
	return depth
}

// Level is the unit's level as exports write it. A unit without sub-units is
// a team, also directly under the organisation.
func (t Tree) Level(id UnitID) string {
	switch depth := t.Depth(id); {
	case depth == 0:
		return LevelOrganisation
	case t.IsLeaf(id):
		return LevelTeam
	default:
		return "level-" + strconv.Itoa(depth)
	}
}

// Within says whether id is ancestor or lies under it.
func (t Tree) Within(id, ancestor UnitID) bool {
	for u, ok := t.Unit(id); ok; u, ok = t.Unit(u.Parent) {
		if u.ID == ancestor {
			return true
		}
	}
	return false
}

// Ancestors lists the units above id, nearest first.
func (t Tree) Ancestors(id UnitID) []UnitID {
	var up []UnitID
	u, ok := t.Unit(id)
	for ok && u.Parent != "" {
		up = append(up, u.Parent)
		u, ok = t.Unit(u.Parent)
	}
	return up
}

// Teams lists the leaves under id (id itself when it is a leaf), depth first.
func (t Tree) Teams(id UnitID) []UnitID {
	if t.IsLeaf(id) {
		if _, ok := t.Unit(id); !ok {
			return nil
		}
		return []UnitID{id}
	}
	var teams []UnitID
	for _, child := range t.children[id] {
		teams = append(teams, t.Teams(child)...)
	}
	return teams
}

// Path writes the names from below the organisation down to the unit,
// "Children / North / Duty team". The organisation's own path is its name.
func (t Tree) Path(id UnitID) string {
	u, ok := t.Unit(id)
	if !ok {
		return ""
	}
	names := []string{u.Name}
	for u.Parent != "" {
		u, ok = t.Unit(u.Parent)
		if !ok || u.Parent == "" {
			break
		}
		names = append([]string{u.Name}, names...)
	}
	return strings.Join(names, PathSeparator)
}

// ByPath finds the unit with this path; names are compared after trimming,
// letter case counts. An empty path or the organisation's name is the root.
func (t Tree) ByPath(path string) (Unit, bool) {
	names := SplitPath(path)
	at := t.Root()
	if len(names) == 0 || (len(names) == 1 && names[0] == at.Name) {
		return at, t.Len() > 0
	}
	for _, name := range names {
		found := false
		for _, child := range t.children[at.ID] {
			u, _ := t.Unit(child)
			if u.Name == name && !u.Direct {
				at, found = u, true
				break
			}
		}
		if !found {
			return Unit{}, false
		}
	}
	return at, true
}

// SplitPath cuts "A / B / C" into trimmed names. The separator needs no
// blanks around it.
func SplitPath(path string) []string {
	if strings.TrimSpace(path) == "" {
		return nil
	}
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = strings.Join(strings.Fields(parts[i]), " ")
	}
	return parts
}
