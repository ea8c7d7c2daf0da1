package main

import "fmt"

// node is a set whose sum of answers is being worked out, in response
// categories, or what is left of a set without those inside it.
type node struct {
	set      int // in the family; −1 for what is left
	teams    []int
	n        int
	sum      span
	children []int
}

// system is a column of means as a tree of sums.
type system struct {
	family *family
	scale  scale
	nodes  []node
	of     []int // by set: its node
}

// rangeOf is what a shown mean tells about the sum of the answers of n people:
// half a step to either side, or everything beyond a marked end.
func (v *view) rangeOf(c *cell, n int, s scale) span {
	people, unit := float64(n), s.category
	all := span{people * s.low / unit, people * s.high / unit}
	half := v.stepOf(c, n, s) / 2
	if half == 0 {
		r := c.value.rounding()
		half = r.width() / 2
	}
	sum := span{people * (c.value.value - half) / unit, people * (c.value.value + half) / unit}
	switch c.value.mark {
	case orLess:
		sum.low = all.low
	case orMore:
		sum.high = all.high
	}
	return sum.meet(all)
}

// clamped is the part of a range in which published sums of finest sets lie,
// as it is documented: the mean within 1/n and 1 − 1/n of the scale.
func (s scale) clamped(n int) span {
	people, width := float64(n), s.high-s.low
	return span{(people*s.low + width) / s.category, (people*s.high - width) / s.category}
}

// newSystem makes the sums of a column. With parents true the sum of a larger
// set is what its people answered; otherwise, as documented, it is the sum of
// its parts' clamped sums, and so are the nodes.
func (v *view) newSystem(f *family, s scale, honest bool) *system {
	y := &system{family: f, scale: s, of: make([]int, len(f.sets))}
	tree := f.isTree()
	for i := range f.sets {
		y.of[i] = len(y.nodes)
		n := node{set: i, teams: f.sets[i].teams, n: f.sets[i].n, sum: everything()}
		if c := f.sets[i].valued(); c != nil && n.n > 0 {
			n.sum = v.rangeOf(c, n.n, s)
		}
		y.nodes = append(y.nodes, n)
	}
	if !tree {
		return y
	}
	for i := range f.sets {
		inside := f.children(i)
		if len(inside) == 0 {
			if !honest && y.nodes[i].n > 0 {
				y.nodes[i].sum = y.nodes[i].sum.meet(s.clamped(y.nodes[i].n))
			}
			continue
		}
		left := f.sets[i].n
		for _, j := range inside {
			left -= f.sets[j].n
			y.nodes[i].children = append(y.nodes[i].children, y.of[j])
		}
		if left > 0 && f.sets[i].n != unknown {
			y.nodes[i].children = append(y.nodes[i].children, len(y.nodes))
			y.nodes = append(y.nodes, node{
				set: -1, teams: f.remainder(i), n: left,
				sum: span{s.low, s.high}.times(float64(left) / s.category),
			})
		}
	}
	return y
}

// valued is the cell of a set that tells a value; nil for none.
func (s set) valued() *cell {
	for _, c := range append([]*cell{s.cell}, s.also...) {
		if c.valued {
			return c
		}
	}
	return nil
}

// solve narrows every sum by the sums above and below it. One way up and one
// down is enough for a tree; fault names a set whose number contradicts its
// parts'.
func (y *system) solve() (fault string, ok bool) {
	for i := len(y.family.sets) - 1; i >= 0; i-- { // the smallest first
		n := &y.nodes[y.of[i]]
		if len(n.children) > 0 {
			n.sum = n.sum.meet(y.total(n.children, -1))
		}
		if n.sum.empty() {
			return y.family.sets[i].cell.name, false
		}
	}
	for i := range y.family.sets {
		n := &y.nodes[y.of[i]]
		for _, child := range n.children {
			c := &y.nodes[child]
			c.sum = c.sum.meet(n.sum.minus(y.total(n.children, child)))
			if c.sum.empty() {
				return y.family.sets[i].cell.name, false
			}
		}
	}
	return "", true
}

// total adds up the sums of nodes but one.
func (y *system) total(nodes []int, but int) span {
	var t span
	for _, i := range nodes {
		if i != but {
			t = t.plus(y.nodes[i].sum)
		}
	}
	return t
}

// truly is the range of what people answered, given that of a clamped sum.
func (y *system) truly(i int) span {
	n := y.nodes[i]
	people := float64(n.n)
	all := span{y.scale.low, y.scale.high}.times(people / y.scale.category)
	if n.set < 0 || len(n.children) > 0 {
		return all
	}
	clamps, sum := y.scale.clamped(n.n), n.sum
	if sum.low <= clamps.low+tiny {
		sum.low = all.low
	}
	if sum.high >= clamps.high-tiny {
		sum.high = all.high
	}
	return sum
}

// at finds the node of a set of teams.
func (y *system) at(teams []int) (int, bool) {
	for i := range y.nodes {
		if len(y.nodes[i].teams) == len(teams) && within(teams, y.nodes[i].teams) {
			return i, true
		}
	}
	return 0, false
}

func (s span) String() string { return fmt.Sprintf("%.4g to %.4g", s.low, s.high) }
