package analytics

import (
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
	block   bool
	parent  survey.UnitID // the unit that a block lies under
	teams   []survey.UnitID
	groups  []int
	invited int
	n       int   // valid answers
	parts   []int // the published sets that partition it; none for a finest set
}

// place is what becomes of a unit: shown, combined (and where), suppressed.
type place struct {
	status Status
	reason Reason
	block  string
}

// plan says what is published for one measure.
type plan struct {
	sets   []set // a set stands before its parts
	places map[survey.UnitID]place
}

// planner works out the plan of one measure from the number of valid answers
// in each group.
//
// The form is a simple one: top down from the root, which needs k. Under a
// published node the children with fewer than k are hidden; while the hidden
// ones together have neither 0 nor at least kc, the next smallest is hidden
// too (ties: the first in the tree). If that does not help, no child is
// shown. What is hidden with at least kc is a block with a figure of its own,
// because it could be computed from its parent and siblings anyway. Children
// of a hidden node are hidden.
//
// So every set of ballots that share the same published cells is a leaf, a
// block, or a node without published children, and each has at least k
// (PRIVACY, section 6, "Rule"). What the form does not give: the largest
// possible number of published teams, and any care for how the plans of
// several measures or waves go together.
type planner struct {
	field *field
	count []int // valid answers by group
	limit limit
	plan  plan
}

// planFor makes the plan of one measure.
func planFor(f *field, count []int, l limit) plan {
	p := &planner{field: f, count: count, limit: l, plan: plan{places: make(map[survey.UnitID]place)}}
	switch {
	case !l.allows(f.root):
		p.put(f.root, place{status: StatusSuppressed, reason: ReasonLevel})
	case p.n(f.root) < l.k:
		p.put(f.root, place{status: StatusSuppressed, reason: ReasonProtected})
	default:
		p.publish(f.root)
	}
	return p.plan
}

func (p *planner) n(n *node) int {
	sum := 0
	for _, g := range n.groups {
		sum += p.count[g]
	}
	return sum
}

// put gives every unit in or under a node the same place.
func (p *planner) put(n *node, at place) {
	for _, u := range n.units {
		p.plan.places[u] = at
	}
}

// publish shows a node, decides about everything under it, and returns the
// index of its set.
func (p *planner) publish(n *node) int {
	index := len(p.plan.sets)
	p.plan.sets = append(p.plan.sets, set{
		id: n.id, block: n.merged(), parent: n.parent, teams: n.teams, groups: n.groups, invited: n.invited, n: p.n(n),
	})
	if n.merged() {
		p.put(n, place{status: StatusCombined, block: n.id})
		return index
	}
	p.plan.places[survey.UnitID(n.id)] = place{status: StatusShown}
	if len(n.children) == 0 {
		return index
	}
	shown, hidden, sum, possible := p.split(n)
	if !possible {
		for _, child := range n.children {
			p.put(child, p.hiddenUnder(n))
		}
		return index
	}
	var parts []int
	for _, child := range n.children {
		if shown[child] {
			parts = append(parts, p.publish(child))
		}
	}
	if sum == 0 {
		for _, child := range hidden {
			p.put(child, p.suppressed(child))
		}
	} else {
		parts = append(parts, p.block(n, hidden, sum))
	}
	p.plan.sets[index].parts = parts
	return index
}

// split divides a published node's children into shown and hidden ones, and
// gives the number of answers in the hidden ones. It is not possible when the
// hidden ones cannot be made large enough, or when no child may be shown at
// this level.
func (p *planner) split(n *node) (shown map[*node]bool, hidden []*node, sum int, possible bool) {
	shown = make(map[*node]bool)
	allowed := false
	for _, child := range n.children {
		may := p.limit.allows(child)
		allowed = allowed || may
		if may && p.n(child) >= p.limit.k {
			shown[child] = true
		} else {
			sum += p.n(child)
		}
	}
	if !allowed {
		return nil, nil, 0, false
	}
	for sum != 0 && sum < p.limit.kc {
		var least *node
		for _, child := range n.children {
			if shown[child] && (least == nil || p.n(child) < p.n(least)) {
				least = child
			}
		}
		if least == nil {
			return nil, nil, 0, false
		}
		delete(shown, least)
		sum += p.n(least)
	}
	for _, child := range n.children {
		if !shown[child] {
			hidden = append(hidden, child)
		}
	}
	return shown, hidden, sum, true
}

// block publishes hidden nodes as one and returns the index of the set.
func (p *planner) block(under *node, hidden []*node, sum int) int {
	b := set{block: true, parent: survey.UnitID(under.id), n: sum}
	for _, child := range hidden {
		b.teams = append(b.teams, child.teams...)
		b.groups = append(b.groups, child.groups...)
		b.invited += child.invited
	}
	sortByTree(p.field.tree, b.teams)
	b.id = survey.BlockID(b.teams)
	for _, child := range hidden {
		p.put(child, place{status: StatusCombined, block: b.id})
	}
	p.plan.sets = append(p.plan.sets, b)
	return len(p.plan.sets) - 1
}

// hiddenUnder is the place of everything below a node none of whose children
// is shown: part of the node itself, unless their level forbids the measure.
func (p *planner) hiddenUnder(n *node) place {
	for _, child := range n.children {
		if p.limit.allows(child) {
			return place{status: StatusCombined, block: n.id}
		}
	}
	return place{status: StatusSuppressed, reason: ReasonLevel}
}

func (p *planner) suppressed(n *node) place {
	if !p.limit.allows(n) {
		return place{status: StatusSuppressed, reason: ReasonLevel}
	}
	return place{status: StatusSuppressed, reason: ReasonProtected}
}
