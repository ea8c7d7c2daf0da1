package analytics

import (
	"fmt"
	"sort"

	"attune/survey"
)

// node is a place in the tree that the planner works on: a unit with people
// asked in or under it, or a merged group, which is one leaf under its parent.
type node struct {
	at       int    // its place in field.nodes
	id       string // the unit's id, or the block id of a merged group
	level    string // as exports write it; LevelBlock for a merged group
	depth    int    // 0 for the organisation
	parent   survey.UnitID
	children []*node         // in tree order; none for a group
	groups   []int           // every group in or under it
	teams    []survey.UnitID // every team asked in or under it, in tree order
	units    []int           // places in the tree of every unit with people asked in or under it, itself included
	invited  int
}

func (n *node) merged() bool { return n.level == survey.LevelBlock }

// field is the tree of a wave's nodes, and the units that are none of them.
type field struct {
	tree    survey.Tree
	groups  []survey.Group
	root    *node
	nodes   []*node                  // root and everything below it, a node before those under it
	invited map[survey.UnitID]int    // people asked in or under a unit; 0 outside root
	empty   map[survey.UnitID]Reason // units without a figure, whatever the measure
}

// newField lays a wave's groups over its tree. The root is the lowest unit
// that contains every group, raised while the unit above has no other people:
// an organisation whose staff are all in one department was asked as a whole.
// Units outside the root were not asked. The error names a group that does
// not fit the tree; only a fault of storage makes one.
func newField(w survey.ClosedWave) (*field, error) {
	tree, err := survey.NewTree(w.Units)
	if err != nil {
		return nil, err
	}
	f := &field{
		tree: tree, groups: w.Groups,
		invited: make(map[survey.UnitID]int), empty: make(map[survey.UnitID]Reason),
	}
	groupOf := make(map[survey.UnitID]int)
	total := 0
	for i, g := range w.Groups {
		people := 0
		for _, team := range g.Units {
			if _, ok := tree.Unit(team); !ok || !tree.IsLeaf(team) {
				return nil, fmt.Errorf("group %s: %q is no team of the tree", g.ID, team)
			}
			if other, twice := groupOf[team]; twice {
				return nil, fmt.Errorf("team %q stands in the groups %s and %s", team, w.Groups[other].ID, g.ID)
			}
			groupOf[team] = i
			people += w.Headcount[team]
			f.invited[team] = w.Headcount[team]
			for _, up := range tree.Ancestors(team) {
				f.invited[up] += w.Headcount[team]
			}
		}
		if people != g.Headcount || len(g.Units) == 0 {
			return nil, fmt.Errorf("group %s: %d people in its teams, %d in the group", g.ID, people, g.Headcount)
		}
		total += people
	}
	if total == 0 {
		return nil, fmt.Errorf("wave %s asked nobody", w.Manifest.Wave)
	}
	swallowed, err := f.swallow(groupOf)
	if err != nil {
		return nil, err
	}
	top := f.top(total)
	for up := top; w.Headcount[up] == total; {
		top = up
		u, _ := tree.Unit(up)
		if up = u.Parent; up == "" {
			break
		}
	}
	f.root = f.grow(top, groupOf, swallowed)
	f.number(f.root)
	for _, u := range tree.Units() {
		switch {
		case !tree.Within(u.ID, top):
			f.empty[u.ID] = ReasonNotAsked
			f.invited[u.ID] = 0
		case f.invited[u.ID] == 0:
			f.empty[u.ID] = ReasonNotInvited
		}
	}
	return f, nil
}

// number lists a node and those under it in field.nodes.
func (f *field) number(n *node) {
	n.at = len(f.nodes)
	f.nodes = append(f.nodes, n)
	for _, child := range n.children {
		f.number(child)
	}
}

// top is the lowest unit that has everybody who was asked, and under which
// every merged group lies.
func (f *field) top(total int) survey.UnitID {
	at := f.tree.Root().ID
	for {
		next := survey.UnitID("")
		for _, child := range f.tree.Children(at) {
			if f.invited[child] == total {
				next = child
			}
		}
		if next == "" {
			return at
		}
		for _, g := range f.groups {
			if g.Merged() && !f.tree.Within(g.Parent, next) {
				return at
			}
		}
		at = next
	}
}

// swallow finds the units that lie wholly inside a merged group: everything
// from its teams up to, but not including, the unit that it lies under.
func (f *field) swallow(groupOf map[survey.UnitID]int) (map[survey.UnitID]int, error) {
	swallowed := make(map[survey.UnitID]int)
	for i, g := range f.groups {
		if !g.Merged() {
			continue
		}
		for _, team := range g.Units {
			if team == g.Parent || !f.tree.Within(team, g.Parent) {
				return nil, fmt.Errorf("group %s: team %q does not lie under %q", g.ID, team, g.Parent)
			}
			for u, _ := f.tree.Unit(team); u.ID != g.Parent; u, _ = f.tree.Unit(u.Parent) {
				swallowed[u.ID] = i
			}
		}
	}
	for unit, i := range swallowed {
		for _, team := range f.tree.Teams(unit) {
			if other, asked := groupOf[team]; asked && other != i {
				return nil, fmt.Errorf("group %s covers only a part of unit %q", f.groups[i].ID, unit)
			}
		}
	}
	return swallowed, nil
}

// grow makes the node of a unit with everything under it.
func (f *field) grow(unit survey.UnitID, groupOf, swallowed map[survey.UnitID]int) *node {
	u, _ := f.tree.Unit(unit)
	n := &node{
		id: string(unit), level: f.tree.Level(unit), depth: f.tree.Depth(unit), parent: u.Parent,
		units: []int{f.tree.Position(unit)}, invited: f.invited[unit],
	}
	if f.tree.IsLeaf(unit) {
		n.groups, n.teams = []int{groupOf[unit]}, []survey.UnitID{unit}
		return n
	}
	leaves := make(map[int]*node) // merged groups under this unit
	for _, child := range f.tree.Children(unit) {
		if f.invited[child] == 0 {
			continue
		}
		i, inside := swallowed[child]
		if !inside {
			n.children = append(n.children, f.grow(child, groupOf, swallowed))
			continue
		}
		leaf, ok := leaves[i]
		if !ok {
			g := f.groups[i]
			leaf = &node{
				id: survey.BlockID(g.Units), level: survey.LevelBlock, depth: n.depth + 1, parent: unit,
				groups: []int{i}, invited: g.Headcount,
			}
			leaves[i] = leaf
			n.children = append(n.children, leaf)
		}
		f.fill(leaf, child)
	}
	for _, child := range n.children {
		n.groups = append(n.groups, child.groups...)
		n.teams = append(n.teams, child.teams...)
		n.units = append(n.units, child.units...)
	}
	sortByTree(f.tree, n.teams)
	return n
}

// fill puts a swallowed unit, with everything asked under it, into a merged
// group's leaf.
func (f *field) fill(leaf *node, unit survey.UnitID) {
	leaf.units = append(leaf.units, f.tree.Position(unit))
	if f.tree.IsLeaf(unit) {
		leaf.teams = append(leaf.teams, unit)
		return
	}
	for _, child := range f.tree.Children(unit) {
		if f.invited[child] > 0 {
			f.fill(leaf, child)
		}
	}
}

func sortByTree(tree survey.Tree, units []survey.UnitID) {
	sort.Slice(units, func(a, b int) bool { return tree.Position(units[a]) < tree.Position(units[b]) })
}
