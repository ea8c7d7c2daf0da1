package analytics

import (
	"slices"

	"attune/survey"
)

// limit is what a plan has to keep for one measure.
type limit struct {
	k        int    // the fewest answers of a published unit or group
	kc       int    // the fewest answers of a block of hidden units
	minLevel string // the lowest level that may be shown
}

// allows says whether a node's level may be shown at all. A team that stands
// directly under the organisation is a team, not a department.
func (l limit) allows(n *node) bool {
	switch l.minLevel {
	case minLevelOrganisation:
		return n.depth == 0
	case minLevelDepartment:
		return n.depth == 0 || (n.depth == 1 && n.level != survey.LevelTeam && n.level != survey.LevelBlock)
	default:
		return true
	}
}

// set is a published set of ballots: a unit, a merged group, or a block of
// hidden units.
type set struct {
	id      string // a unit's id, or a block's
	node    int    // its place in field.nodes; noNode for a block of hidden units
	block   bool   // shown under a block's id
	parent  survey.UnitID
	teams   []survey.UnitID
	groups  []int
	invited int
	n       int   // valid answers
	parts   []int // the published sets that partition it; none for a finest set
}

// noNode stands for the node of a set that is none.
const noNode = -1

// finest says whether no published figure splits the set.
func (s set) finest() bool { return len(s.parts) == 0 }

// place is what becomes of a unit. set is the set that it is shown as or
// combined in.
type place struct {
	status Status
	reason Reason
	set    int
}

// plan says what is published for one measure.
type plan struct {
	sets   []set   // a set stands before its parts
	places []place // by the unit's place in the tree; the zero place for units without people asked
	shown  []bool  // by node: published by itself
}

// planFor makes the plan of one measure: the best one (optimum.go) among
// those in which every set of ballots that share the same published cells has
// at least l.k, or l.kc where it combines hidden units (PRIVACY, section 6,
// "Rule" and "Planner"). count has the valid answers of each group. may
// forbids nodes to be shown, by their place in field.nodes; nil forbids none.
// Nothing is published when the root cannot be.
//
// The same input gives the same plan. It costs time linear in the nodes.
func planFor(f *field, count []int, l limit, w weights, may []bool) plan {
	for {
		o := newOptimum(f, count, l, w, may)
		p := drawing{field: f, limit: l, shown: o.shown, n: o.n, plan: plan{
			places: make([]place, f.tree.Len()), shown: o.shown,
		}}
		p.draw()
		if p.lone == noNode {
			return p.plan
		}
		// A block of one team would show it below the level that its pack
		// allows: the smallest unit beside it joins.
		if may == nil {
			may = all(len(f.nodes))
		} else {
			may = slices.Clone(may)
		}
		may[p.lone] = false
	}
}

func all(n int) []bool {
	may := make([]bool, n)
	for i := range may {
		may[i] = true
	}
	return may
}

// drawing turns the choice of shown nodes into sets and places.
type drawing struct {
	field *field
	limit limit
	shown []bool // by node
	n     []int  // valid answers by node
	below []bool // by node: something under it is shown
	lone  int    // a node to hide so that nobody's level is undercut, or noNode
	plan  plan
}

func (d *drawing) draw() {
	d.lone = noNode
	d.below = make([]bool, len(d.field.nodes))
	for i := len(d.field.nodes) - 1; i >= 0; i-- {
		for _, child := range d.field.nodes[i].children {
			d.below[i] = d.below[i] || d.below[child.at] || d.shown[child.at]
		}
	}
	root := d.field.root
	if !d.shown[root.at] {
		d.put(root, d.suppressed(root))
		return
	}
	d.publish(root)
}

// put gives every unit in or under a node the same place.
func (d *drawing) put(n *node, at place) {
	for _, u := range n.units {
		d.plan.places[u] = at
	}
}

// publish makes the set of a shown node and of everything under it, and
// returns its index.
func (d *drawing) publish(n *node) int {
	index := len(d.plan.sets)
	d.plan.sets = append(d.plan.sets, set{
		id: n.id, node: n.at, block: n.merged(), parent: n.parent, teams: n.teams, groups: n.groups, invited: n.invited, n: d.n[n.at],
	})
	if n.merged() {
		d.put(n, place{status: StatusCombined, set: index})
		return index
	}
	d.plan.places[n.units[0]] = place{status: StatusShown, set: index}
	var parts []int
	hidden := d.visit(n, &parts, nil)
	left := d.n[n.at]
	for _, part := range parts {
		left -= d.plan.sets[part].n
	}
	switch {
	case len(parts) == 0:
		d.within(n, index, hidden)
	case left == 0:
		for _, h := range hidden {
			d.put(h, d.suppressed(h))
		}
	default:
		parts = append(parts, d.block(n, hidden, left, parts))
	}
	d.plan.sets[index].parts = parts
	return index
}

// visit goes through what lies under a shown node: shown nodes become its
// parts, nodes under which nothing is shown are gathered as hidden. A hidden
// unit of which a part is shown is in no block as a whole.
func (d *drawing) visit(n *node, parts *[]int, hidden []*node) []*node {
	for _, child := range n.children {
		switch {
		case d.shown[child.at]:
			*parts = append(*parts, d.publish(child))
		case d.below[child.at]:
			d.plan.places[child.units[0]] = d.suppressed(child)
			hidden = d.visit(child, parts, hidden)
		default:
			hidden = append(hidden, child)
		}
	}
	return hidden
}

// within places what lies under a node of which no part is shown: it is
// combined in the node itself, unless its level forbids the measure anyway.
func (d *drawing) within(n *node, index int, hidden []*node) {
	at := place{status: StatusSuppressed, reason: ReasonLevel}
	for _, child := range n.children {
		if d.limit.allows(child) {
			at = place{status: StatusCombined, set: index}
		}
	}
	for _, h := range hidden {
		d.put(h, at)
	}
}

// block publishes hidden nodes as one and returns the index of the set.
func (d *drawing) block(under *node, hidden []*node, n int, parts []int) int {
	b := set{block: true, node: noNode, parent: survey.UnitID(under.id), n: n}
	var answered []*node
	for _, h := range hidden {
		b.teams = append(b.teams, h.teams...)
		b.groups = append(b.groups, h.groups...)
		b.invited += h.invited
		if d.n[h.at] > 0 {
			answered = append(answered, h)
		}
	}
	sortByTree(d.field.tree, b.teams)
	b.id = survey.BlockID(b.teams)
	if len(answered) == 1 && !d.limit.allows(answered[0]) {
		d.lone = d.plan.sets[leastPart(d.plan.sets, parts)].node
	}
	index := len(d.plan.sets)
	for _, h := range hidden {
		d.put(h, place{status: StatusCombined, set: index})
	}
	d.plan.sets = append(d.plan.sets, b)
	return index
}

// leastPart is the part with the fewest answers that is a node, the last in
// the tree of several; −1 when there is none.
func leastPart(sets []set, parts []int) int {
	least := -1
	for _, part := range parts {
		if sets[part].node != noNode && (least < 0 || sets[part].n <= sets[least].n) {
			least = part
		}
	}
	return least
}

func (d *drawing) suppressed(n *node) place {
	if !d.limit.allows(n) {
		return place{status: StatusSuppressed, reason: ReasonLevel}
	}
	return place{status: StatusSuppressed, reason: ReasonProtected}
}
