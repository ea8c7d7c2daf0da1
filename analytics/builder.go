package analytics

import (
	"sort"

	"attune/survey"
)

// builder gathers the cells of all measures and lays them out as a document.
type builder struct {
	field  *field
	blocks map[string]set // every block that any measure shows
	cells  []documentCell
}

func newBuilder(f *field, measures int) *builder {
	return &builder{
		field: f, blocks: make(map[string]set),
		cells: make([]documentCell, 0, measures*f.tree.Len()), // and the blocks
	}
}

// addMeans adds the cells of a measure's means; figures belong to the plan's
// sets, in their order.
func (b *builder) addMeans(m measure, p plan, figures []figure) {
	b.add(m, p, func(i int, c *documentCell) {
		c.Value, c.Low, c.High = milli(figures[i].value), milli(figures[i].low), milli(figures[i].high)
		c.Reason = figures[i].reason
	})
}

// addCoverage adds the cells of the share of invited people who sent a ballot.
func (b *builder) addCoverage(m measure, p plan) {
	b.add(m, p, func(i int, c *documentCell) {
		c.Value = milli(coverageMilli(p.sets[i].n, p.sets[i].invited))
	})
}

// add makes a cell for every unit, and for every block that the plan shows.
func (b *builder) add(m measure, p plan, fill func(set int, c *documentCell)) {
	start := documentCell{Measure: m.id, Statistic: m.statistic, Pack: m.pack.ID, PackVersion: m.pack.Version}
	shown := make(map[string]int, len(p.sets)) // units
	for i, s := range p.sets {
		if !s.block {
			shown[s.id] = i
			continue
		}
		b.blocks[s.id] = s
		c := start
		c.Unit, c.Invited, c.Status = s.id, s.invited, StatusShown
		c.N = &p.sets[i].n
		fill(i, &c)
		b.cells = append(b.cells, c)
	}
	for _, u := range b.field.tree.Units() {
		c := start
		c.Unit, c.Invited = string(u.ID), b.field.invited[u.ID]
		if reason, empty := b.field.empty[u.ID]; empty {
			c.Status, c.Reason = StatusEmpty, reason
			b.cells = append(b.cells, c)
			continue
		}
		at := p.places[u.ID]
		c.Status, c.Reason, c.Block = at.status, at.reason, at.block
		if i, ok := shown[c.Unit]; ok {
			c.N = &p.sets[i].n
			fill(i, &c)
		}
		b.cells = append(b.cells, c)
	}
}

func milli(thousandths int64) *float64 {
	x := float64(thousandths) / 1000
	return &x
}

// document lays everything out in the order of exports.
func (b *builder) document(t *Tally) document {
	d := document{
		V: documentVersion, MethodVersion: MethodVersion,
		Wave: t.manifest.Wave, Programme: t.manifest.Programme, OpensOn: t.opens, ClosesOn: t.closes,
		K: t.manifest.K, KC: t.manifest.KC, ManifestSHA256: t.manifestSHA256,
		Blocks: []documentBlock{}, Packs: []documentPack{}, Cells: b.cells,
	}
	for _, p := range t.manifest.Packs {
		d.Packs = append(d.Packs, documentPack{ID: p.ID, Version: p.Version, SHA256: p.SHA256})
	}
	tree := b.field.tree
	for _, u := range tree.Units() {
		d.Units = append(d.Units, documentUnit{
			ID: u.ID, Name: u.Name, Level: tree.Level(u.ID), Parent: u.Parent, Direct: u.Direct,
			Invited: b.field.invited[u.ID],
		})
	}
	for _, s := range b.sortedBlocks() {
		d.Blocks = append(d.Blocks, documentBlock{ID: s.id, Parent: s.parent, Units: s.teams, Invited: s.invited})
	}
	rows := b.rows(d.Blocks)
	sort.SliceStable(d.Cells, func(i, j int) bool {
		x, y := d.Cells[i], d.Cells[j]
		if x.Unit != y.Unit {
			return rows[x.Unit] < rows[y.Unit]
		}
		if x.Measure != y.Measure {
			return x.Measure < y.Measure
		}
		return x.Statistic < y.Statistic
	})
	return d
}

// sortedBlocks lists the blocks by the end of their parent's part of the
// tree, the deepest parent first, then by their first team.
func (b *builder) sortedBlocks() []set {
	blocks := make([]set, 0, len(b.blocks))
	for _, s := range b.blocks {
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
	teams := b.field.tree.Teams(unit)
	return b.field.tree.Position(teams[len(teams)-1])
}

// rows gives every unit and block its place among the rows: units in tree
// order, a block after the last unit under its parent.
func (b *builder) rows(blocks []documentBlock) map[string]int {
	rows := make(map[string]int)
	next, row := 0, 0
	for i, u := range b.field.tree.Units() {
		rows[string(u.ID)] = row
		row++
		for next < len(blocks) && b.last(blocks[next].Parent) == i {
			rows[blocks[next].ID] = row
			row, next = row+1, next+1
		}
	}
	return rows
}
