package analytics

import "math"

// Weights of shown units. They decide between plans that are all safe, so
// their exact size is a matter of taste; their order is not: a department
// goes before any few teams, a unit that was shown in the last release before
// one that has more answers, and any team before both.
const (
	weightTeam       = 1024
	weightDepartment = 64 * weightTeam // halved for each level further down …
	weightInner      = 8 * weightTeam  // … but not below this
	weightLast       = 256             // for a unit that the last release showed
	weightAnswers    = 255             // at most, one for each answer
)

// weights knows which nodes the programme's last release showed, by their
// place in field.nodes; nil when there was none.
type weights struct{ last []bool }

// of is the weight of a node with n answers. The root needs none: it is
// always shown where that is possible.
func (w weights) of(node *node, n int) int64 {
	weight := int64(weightTeam)
	if len(node.children) > 0 {
		weight = max(int64(weightDepartment)>>max(node.depth-1, 0), weightInner)
	}
	weight += int64(min(n, weightAnswers))
	if w.last != nil && w.last[node.at] {
		weight += weightLast
	}
	return weight
}

// impossible is the weight of a state that no plan reaches.
const impossible = math.MinInt64

// optimum finds the nodes to show: the exact dynamic programme over the tree
// of PRIVACY, section 6, "Planner".
//
// The state of a node is the number of answers in or under it that are in no
// published set there, cut at kc: whether more are left over makes no
// difference. A node is either hidden, and passes what is left of its
// children up, or shown. A leaf may be shown from k on; any other node with
// n ≥ k when what is left below it is nothing, or at least kc. best[s] is the
// largest weight of shown nodes in or under the node with s left over.
//
// Ties: a plan that leaves less over goes first, and of equal units those that
// stand first in the tree are shown.
type optimum struct {
	field *field
	limit limit
	w     weights
	may   []bool

	shown []bool // by node
	n     []int  // answers by node

	inner [][]step // by node: for each child, which two states made each state
	under []int    // by node: what is left below it when it is shown
}

// step is how a state of several children came about: from the state of those
// before, and that of the child.
type step struct {
	child  *node
	before []int32
	own    []int32
}

func newOptimum(f *field, count []int, l limit, w weights, may []bool) *optimum {
	o := &optimum{
		field: f, limit: l, w: w, may: may, shown: make([]bool, len(f.nodes)), n: make([]int, len(f.nodes)),
		inner: make([][]step, len(f.nodes)), under: make([]int, len(f.nodes)),
	}
	o.solve(f.root, count)
	if o.under[f.root.at] != hide {
		o.walk(f.root, 0)
	}
	return o
}

// hide in optimum.under says that a node cannot be shown, or not with gain.
const hide = -1

// solve gives best of a node.
func (o *optimum) solve(n *node, count []int) []int64 {
	o.under[n.at] = hide
	best := []int64{0}
	if len(n.children) == 0 {
		for _, g := range n.groups {
			o.n[n.at] += count[g]
		}
		best = unreachable(min(o.n[n.at], o.limit.kc) + 1)
		best[len(best)-1] = 0
		if o.showable(n) && o.n[n.at] > 0 {
			best[0], o.under[n.at] = o.w.of(n, o.n[n.at]), 0
		}
		return best
	}
	o.inner[n.at] = make([]step, 0, len(n.children))
	for _, child := range n.children {
		own := o.solve(child, count)
		o.n[n.at] += o.n[child.at]
		if len(own) > 1 { // nobody answered there: one state, weight 0
			best = o.join(n, child, best, own)
		}
	}
	if !o.showable(n) {
		return best
	}
	left, most := hide, int64(impossible)
	for s, weight := range best {
		if (s == 0 || s == o.limit.kc) && weight > most {
			left, most = s, weight
		}
	}
	if left == hide {
		return best
	}
	best = append([]int64(nil), best...)
	best[0], o.under[n.at] = most+o.w.of(n, o.n[n.at]), left
	return best
}

func (o *optimum) showable(n *node) bool {
	return o.n[n.at] >= o.limit.k && o.limit.allows(n) && (o.may == nil || o.may[n.at])
}

// join adds a child's states to those of the children before it.
func (o *optimum) join(n, child *node, before, own []int64) []int64 {
	size := min(len(before)+len(own)-2, o.limit.kc) + 1
	best := unreachable(size)
	links := make([]int32, 2*size)
	s := step{child: child, before: links[:size], own: links[size:]}
	for i, a := range before {
		if a == impossible {
			continue
		}
		for j, b := range own {
			if b == impossible {
				continue
			}
			to := min(i+j, o.limit.kc)
			if a+b > best[to] {
				best[to], s.before[to], s.own[to] = a+b, int32(i), int32(j) //nolint:gosec // at most kc
			}
		}
	}
	o.inner[n.at] = append(o.inner[n.at], s)
	return best
}

func unreachable(states int) []int64 {
	best := make([]int64, states)
	for i := range best {
		best[i] = impossible
	}
	return best
}

// walk follows the choices that led to a node's state.
func (o *optimum) walk(n *node, state int) {
	if state == 0 && o.under[n.at] != hide {
		o.shown[n.at] = true
		state = o.under[n.at]
	}
	steps := o.inner[n.at]
	for i := len(steps) - 1; i >= 0; i-- {
		o.walk(steps[i].child, int(steps[i].own[state]))
		state = int(steps[i].before[state])
	}
}

// weightsAfter prefers what a release showed by itself; nil is no release.
func weightsAfter(f *field, last *Release) weights {
	if last == nil {
		return weights{}
	}
	w := weights{last: make([]bool, len(f.nodes))}
	for _, n := range f.nodes {
		cell, ok := last.Cell(n.id, MeasureResponse, StatisticCoverage)
		w.last[n.at] = ok && cell.Status == StatusShown
	}
	return w
}
