package analytics

import "attune/survey"

// Part is the part of an organisation that somebody may see: one unit with
// everything under it, or all of it. It is the one rule that pages and the
// HTTP API go by. The zero Part is nothing.
type Part struct {
	whole bool
	unit  survey.UnitID
}

// Whole is the whole organisation, with the figures that only the organisation
// has.
func Whole() Part { return Part{whole: true} }

// PartOf is a unit and everything under it; the empty unit is nothing.
func PartOf(unit survey.UnitID) Part { return Part{unit: unit} }

// Root is the top of the part in a tree; ok is false when the tree has nothing
// of it.
func (p Part) Root(tree survey.Tree) (root survey.UnitID, ok bool) {
	if p.whole {
		return tree.Root().ID, tree.Len() > 0
	}
	if p.unit == "" {
		return "", false
	}
	_, ok = tree.Unit(p.unit)
	return p.unit, ok
}

// Holds says whether a unit of a tree belongs to the part.
func (p Part) Holds(tree survey.Tree, unit survey.UnitID) bool {
	root, ok := p.Root(tree)
	return ok && tree.Within(unit, root)
}

// HoldsBlock says whether a combined block has a unit of the part in it: the
// block is then what may be seen in place of that unit.
func (p Part) HoldsBlock(tree survey.Tree, b Block) bool {
	for _, unit := range b.Units {
		if p.Holds(tree, unit) {
			return true
		}
	}
	return false
}

// Tells says whether a cell may be told to whoever has this part: those of its
// units, of the blocks that its units are combined in, and of the units above
// it. Standard deviations and what compares answers are for the whole
// organisation only, as on the pages.
func (p Part) Tells(r *Release, c Cell) bool {
	if p.whole {
		return true
	}
	switch c.Statistic {
	case StatisticMean, StatisticCount, StatisticCoverage:
	default:
		return false
	}
	root, ok := p.Root(r.tree)
	if !ok {
		return false
	}
	if b, isBlock := r.Block(c.Unit); isBlock {
		return p.HoldsBlock(r.tree, b)
	}
	return r.tree.Within(survey.UnitID(c.Unit), root) || r.tree.Within(root, survey.UnitID(c.Unit))
}
