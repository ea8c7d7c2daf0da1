package analytics

import (
	"math"
	"sort"

	"attune/survey"
)

// builder gathers the columns of all measures and lays them out as a document.
type builder struct {
	field    *field
	changed  func(set) bool
	columns  []column
	measures []documentMeasure
	widths   halfWidths
	outcomes map[string]shownMeans // what is shown of each measure's means

	associations []documentAssociation
}

// sdMilli is a standard deviation in thousandths of the reporting unit.
func sdMilli(sd float64, b bounds) int64 { return int64(math.Round(1000*sd)) * b.category }

func milli(thousandths int64) *float64 {
	x := float64(thousandths) / 1000
	return &x
}

// document lays everything out in the order of exports: units by the tree, a
// block after everything under its parent; the cells of each by measure and
// statistic.
func (b *builder) document(t *Tally) *document {
	d := &document{
		V: documentVersion, MethodVersion: MethodVersion,
		Wave: t.manifest.Wave, Programme: t.manifest.Programme, OpensOn: t.opens, ClosesOn: t.closes,
		K: t.manifest.K, KC: t.manifest.KC, ManifestSHA256: t.manifestSHA256,
		Comparisons: b.associations, Blocks: []documentBlock{}, Packs: []documentPack{}, Measures: b.measures,
	}
	for _, p := range t.manifest.Packs {
		d.Packs = append(d.Packs, documentPack{ID: p.ID, Version: p.Version, SHA256: p.SHA256})
	}
	few := b.fewChanged()
	tree := b.field.tree
	units := tree.Units()
	for _, u := range units {
		d.Units = append(d.Units, documentUnit{
			ID: u.ID, Name: u.Name, Level: tree.Level(u.ID), Parent: u.Parent, Direct: u.Direct,
			Invited: b.field.invited[u.ID], Changed: few[string(u.ID)],
		})
	}
	blocks := b.sortedBlocks()
	for _, s := range blocks {
		d.Blocks = append(d.Blocks, documentBlock{
			ID: s.id, Parent: s.parent, Units: s.teams, Invited: s.invited, Changed: few[s.id], Group: s.node != noNode,
		})
	}
	b.cells(d, units, blocks)
	return d
}

// fewChanged tells of everything shown whether 1 to k−1 people of its roster
// changed since the last release.
func (b *builder) fewChanged() map[string]bool {
	few := make(map[string]bool)
	for _, c := range b.columns {
		for _, s := range c.plan.sets {
			few[s.id] = b.changed(s)
		}
	}
	return few
}

// cells writes the rows of units, and each block's after the last unit under
// its parent.
func (b *builder) cells(d *document, units []survey.Unit, blocks []set) {
	shown := make([]map[string]int, len(b.columns)) // blocks
	for i, c := range b.columns {
		shown[i] = make(map[string]int)
		for j, s := range c.plan.sets {
			if s.block {
				shown[i][s.id] = j
			}
		}
	}
	d.Cells = make([]documentCell, 0, len(units)*len(b.columns)+len(blocks))
	next := 0
	for i, u := range units {
		for _, c := range b.columns {
			if i == 0 || !c.top {
				d.Cells = append(d.Cells, b.unitCell(c, u.ID, i))
			}
		}
		for ; next < len(blocks) && b.last(blocks[next].parent) == i; next++ {
			for j, c := range b.columns {
				if at, ok := shown[j][blocks[next].id]; ok {
					cell := c.start(blocks[next].id, blocks[next].invited)
					c.show(&cell, at)
					d.Cells = append(d.Cells, cell)
				}
			}
		}
	}
}

// unitCell is the one place that decides what a unit's cell shows, and why
// not. at is the unit's place in the tree.
func (b *builder) unitCell(c column, unit survey.UnitID, at int) documentCell {
	cell := c.start(string(unit), b.field.invited[unit])
	if reason, empty := b.field.empty[unit]; empty {
		cell.Status, cell.Reason = StatusEmpty, reason
		return cell
	}
	place := c.plan.places[at]
	cell.Status, cell.Reason = place.status, place.reason
	switch place.status {
	case StatusShown:
		c.show(&cell, place.set)
	case StatusCombined:
		cell.Block = c.plan.sets[place.set].id
	}
	return cell
}

func (c column) start(unit string, invited int) documentCell {
	return documentCell{
		Unit: unit, Invited: invited, Measure: c.measure, Statistic: c.statistic, Pack: c.pack.ID, PackVersion: c.pack.Version,
	}
}

// show fills in the figure of a set.
func (c column) show(cell *documentCell, set int) {
	f := c.figures[set]
	n := c.plan.sets[set].n
	cell.Status, cell.Reason, cell.N, cell.Value = StatusShown, f.reason, &n, milli(f.value)
	if f.interval {
		cell.Low, cell.High = milli(f.low), milli(f.high)
	}
}

// sortedBlocks lists the blocks by the end of their parent's part of the
// tree, the deepest parent first, then by their first team.
func (b *builder) sortedBlocks() []set {
	seen := make(map[string]set)
	for _, c := range b.columns {
		for _, s := range c.plan.sets {
			if old, twice := seen[s.id]; s.block && (!twice || old.node == noNode) {
				seen[s.id] = s
			}
		}
	}
	blocks := make([]set, 0, len(seen))
	for _, s := range seen {
		blocks = append(blocks, s)
	}
	tree := b.field.tree
	sort.Slice(blocks, func(i, j int) bool {
		x, y := blocks[i], blocks[j]
		if a, c := b.last(x.parent), b.last(y.parent); a != c {
			return a < c
		}
		if a, c := tree.Depth(x.parent), tree.Depth(y.parent); a != c {
			return a > c
		}
		if a, c := tree.Position(x.teams[0]), tree.Position(y.teams[0]); a != c {
			return a < c
		}
		if len(x.teams) != len(y.teams) {
			return len(x.teams) < len(y.teams)
		}
		return x.id < y.id
	})
	return blocks
}

// last is the place of the last unit in or under a unit.
func (b *builder) last(unit survey.UnitID) int {
	for {
		children := b.field.tree.Children(unit)
		if len(children) == 0 {
			return b.field.tree.Position(unit)
		}
		unit = children[len(children)-1]
	}
}
