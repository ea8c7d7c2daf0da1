package analytics

import (
	"fmt"

	"attune/survey"
)

// AuditVersion names the rules of the audit. It changes when they do.
const AuditVersion = "2"

// Results of an audit that let a release through.
const (
	AuditPassed           = "passed"            // the full plan
	AuditOrganisationOnly = "organisation_only" // the full plan failed; only the organisation is shown
)

// AuditChecks count what was checked.
type AuditChecks struct {
	Cells     int `json:"cells"`     // cells read, shown or not
	Counts    int `json:"counts"`    // sets whose bands leave every answer possible
	Intervals int `json:"intervals"` // intervals worked out again from published numbers
	// Products are the figures that are made of products: the only ones that
	// are no function of published numbers. They are held to their bounds.
	Products  int `json:"products,omitempty"`
	Residuals int `json:"residuals"` // shown units whose remainder was worked out
	Values    int `json:"values"`    // values held against their grid, their clamps and their parts
}

// Audit is what the gate found before a release was stored.
type Audit struct {
	Version string // of the rules
	Result  string // AuditPassed or AuditOrganisationOnly
	Checks  AuditChecks
}

// verdict is an audit's outcome: the first fault, or none.
type verdict struct {
	fault  error
	checks AuditChecks
}

// audit works out again, from the cells of a document as they will be shown
// and from nothing else, that no sum or difference of them is about a group
// that is too small, and that every value lies where disclosure control puts
// it (PRIVACY, section 6). It shares no code with the planner. It costs time
// linear in the cells.
func audit(r *Release) verdict {
	a := auditor{release: r, widths: make(halfWidths), ranges: make(map[string]sdRanges), measures: make(map[string]documentMeasure), columns: make(map[columnID]*sheetColumn), sets: make(map[string]int)}
	err := a.read()
	for _, id := range a.order {
		if err == nil && !ofProducts(id.statistic) {
			err = a.residuals(a.columns[id])
		}
	}
	for _, id := range a.order {
		if err == nil && !ofProducts(id.statistic) {
			err = a.values(a.columns[id])
		}
	}
	if err == nil {
		err = a.products()
	}
	return verdict{fault: err, checks: a.checks}
}

type columnID struct{ measure, statistic string }

// sheetColumn is a column of the document.
type sheetColumn struct {
	columnID
	cells  []int          // by place in the tree: the unit's cell in release.cells, −1 for none
	blocks []int          // the cells of blocks
	shown  map[string]int // cells that are shown, by unit or block
	parts  map[string][]int
	finest map[string]bool // shown, and no shown cell lies inside
}

type auditor struct {
	release  *Release
	measures map[string]documentMeasure // by the measure of a cell
	columns  map[columnID]*sheetColumn
	order    []columnID
	parent   []int          // by place in the tree: the place of the unit above, −1 for the root
	sets     map[string]int // people asked, by unit or block
	widths   halfWidths
	ranges   map[string]sdRanges // by measure
	checks   AuditChecks
}

// read sorts the cells by column.
func (a *auditor) read() error {
	r := a.release
	for _, m := range r.doc.Measures {
		a.measures[m.ID] = m
		for _, id := range bandIDs(m.ID) {
			a.measures[id] = m
		}
	}
	for _, u := range r.doc.Units {
		parent := -1
		if u.Parent != "" {
			parent = r.units[u.Parent]
		}
		a.parent = append(a.parent, parent)
		a.sets[string(u.ID)] = u.Invited
	}
	for _, b := range r.doc.Blocks {
		a.sets[b.ID] = b.Invited
	}
	for i := range r.cells {
		c := &r.cells[i]
		a.checks.Cells++
		id := columnID{c.Measure, c.Statistic}
		column, ok := a.columns[id]
		if !ok {
			if err := a.known(c); err != nil {
				return err
			}
			column = &sheetColumn{
				columnID: id, cells: make([]int, len(r.doc.Units)), shown: make(map[string]int),
				parts: make(map[string][]int), finest: make(map[string]bool),
			}
			for j := range column.cells {
				column.cells[j] = -1
			}
			a.columns[id] = column
			a.order = append(a.order, id)
		}
		if c.Invited != a.sets[c.Unit] {
			return fmt.Errorf("%s of %s: %d people invited, elsewhere %d", c.Measure, c.Unit, c.Invited, a.sets[c.Unit])
		}
		if c.Status == StatusShown {
			column.shown[c.Unit] = i
		}
		if at, unit := r.units[survey.UnitID(c.Unit)]; unit {
			column.cells[at] = i
		} else {
			column.blocks = append(column.blocks, i)
		}
	}
	for _, id := range a.order {
		if ofProducts(id.statistic) {
			continue
		}
		for at, cell := range a.columns[id].cells {
			if cell < 0 {
				return fmt.Errorf("%s of %s has no cell", id.measure, r.doc.Units[at].ID)
			}
		}
	}
	return nil
}

// known says whether a column is one that this program publishes.
func (a *auditor) known(c *Cell) error {
	m, ok := a.measures[c.Measure]
	banded := ok && m.ID != c.Measure
	switch c.Statistic {
	case StatisticCoverage:
		ok = c.Measure == MeasureResponse
	case StatisticMean, StatisticSD:
		ok = ok && !banded
	case StatisticCount:
		ok = banded
	case StatisticAlpha, StatisticOmega:
		ok = ok && !banded && m.Items >= reliabilityItems
	case StatisticCorrelation, StatisticSlope:
		_, ok = a.release.compared[columnID{c.Measure, c.Statistic}]
	default:
		ok = false
	}
	if !ok {
		return fmt.Errorf("nothing says how %s of %s is made", c.Statistic, c.Measure)
	}
	return nil
}

// limit is what the residuals of a column have to keep.
func (a *auditor) limit(id columnID) limit {
	l := limit{k: a.release.doc.K, kc: max(a.release.doc.KC, survey.KC(a.release.doc.K)), minLevel: minLevelTeam}
	if m, ok := a.measures[id.measure]; ok {
		l.k, l.kc, l.minLevel = max(l.k, m.MinN), max(l.kc, m.MinN), m.MinLevel
	}
	if id.statistic == StatisticSD || id.statistic == StatisticCount {
		l.k, l.kc = max(l.k, fineMin), max(l.kc, fineMin)
	}
	return l
}

// over is the column whose shown cells a column must not go beyond, so that
// the cells of both together split people no finer than the first alone.
func (a *auditor) over(id columnID) *sheetColumn {
	switch id.statistic {
	case StatisticMean:
		return a.columns[columnID{MeasureResponse, StatisticCoverage}]
	case StatisticSD:
		return a.columns[columnID{id.measure, StatisticMean}]
	case StatisticCount:
		return a.columns[columnID{a.measures[id.measure].ID, StatisticMean}]
	default:
		return nil
	}
}

// residuals checks a column's tree: what is left of each shown unit after
// taking away the shown cells inside it is nobody, or a shown block that is
// large enough.
func (a *auditor) residuals(c *sheetColumn) error {
	l := a.limit(c.columnID)
	combined, groups, err := a.blocks(c, l)
	if err != nil {
		return err
	}
	r := a.release
	held := make([][]int, len(c.cells)) // by place: the outermost shown cells inside, groups included
	for id, at := range groups {
		held[at] = append(held[at], c.shown[id])
	}
	for at := len(c.cells) - 1; at >= 0; at-- {
		cell := &r.cells[c.cells[at]]
		up := a.parent[at]
		if cell.Status != StatusShown {
			if _, ok := combined[at]; ok {
				return fmt.Errorf("%s: a block under %s, which is not shown", c.measure, cell.Unit)
			}
			if up >= 0 {
				held[up] = append(held[up], held[at]...)
			}
			continue
		}
		if up >= 0 {
			held[up] = append(held[up], c.cells[at])
		}
		if err := a.residual(c, l, at, held[at], combined); err != nil {
			return err
		}
	}
	return a.places(c)
}

// residual checks one shown unit.
func (a *auditor) residual(c *sheetColumn, l limit, at int, parts []int, combined map[int]int) error {
	r := a.release
	cell := &r.cells[c.cells[at]]
	unit := r.doc.Units[at]
	leaf := r.tree.IsLeaf(unit.ID)
	if !l.allows(&node{depth: r.tree.Depth(unit.ID), level: unit.Level}) {
		return fmt.Errorf("%s is shown at level %s", c.measure, unit.Level)
	}
	if over := a.over(c.columnID); over != nil {
		if _, ok := over.shown[cell.Unit]; !ok {
			return fmt.Errorf("%s %s of %s is shown, %s is not", c.measure, c.statistic, cell.Unit, over.measure)
		}
	}
	a.checks.Residuals++
	block, blocked := combined[at]
	if len(parts) == 0 {
		least := l.k
		if !leaf {
			least = l.kc
		}
		if blocked || cell.N < least {
			return fmt.Errorf("%s of %s: %d answers, at least %d are needed", c.measure, cell.Unit, cell.N, least)
		}
		c.finest[cell.Unit] = true
		return nil
	}
	left, people := cell.N, cell.Invited
	for _, part := range parts {
		left -= r.cells[part].N
		people -= r.cells[part].Invited
	}
	switch {
	case left == 0 && !blocked:
	case left >= l.kc && blocked && r.cells[block].N == left && r.cells[block].Invited == people:
		parts = append(parts, block)
	default:
		return fmt.Errorf("%s of %s: %d answers are left over", c.measure, cell.Unit, left)
	}
	c.parts[cell.Unit] = parts
	return nil
}

// blocks checks the blocks of a column by themselves. It gives the cells of
// combined ones by the place of the unit that they lie under, and by block the
// place that each merged group lies under.
func (a *auditor) blocks(c *sheetColumn, l limit) (combined map[int]int, groups map[string]int, err error) {
	r := a.release
	combined, groups = make(map[int]int), make(map[string]int)
	for _, i := range c.blocks {
		cell := &r.cells[i]
		block := r.doc.Blocks[r.blocks[cell.Unit]]
		under := r.units[block.Parent]
		c.finest[cell.Unit] = true
		people := 0
		for _, team := range block.Units {
			people += a.sets[string(team)]
		}
		if cell.Status != StatusShown || people != cell.Invited {
			return nil, nil, fmt.Errorf("%s of block %s: %s, %d people invited in its teams, %d in the block", c.measure, cell.Unit, cell.Status, people, cell.Invited)
		}
		if block.Group {
			over := a.over(c.columnID)
			if over != nil {
				if _, ok := over.shown[cell.Unit]; !ok {
					return nil, nil, fmt.Errorf("%s %s of group %s is shown, %s is not", c.measure, c.statistic, cell.Unit, over.measure)
				}
			}
			if cell.N < l.k || l.minLevel != minLevelTeam {
				return nil, nil, fmt.Errorf("%s of group %s: %d answers at level %s", c.measure, cell.Unit, cell.N, l.minLevel)
			}
			groups[cell.Unit] = under
			continue
		}
		if _, twice := combined[under]; twice || cell.N < l.kc || (l.minLevel != minLevelTeam && len(block.Units) < 2) {
			return nil, nil, fmt.Errorf("%s of block %s: %d answers, at least %d are needed, and one block a unit", c.measure, cell.Unit, cell.N, l.kc)
		}
		combined[under] = i
	}
	return combined, groups, nil
}

// places checks that every unit that is called combined is inside what its
// cell names, that everything inside a shown block is called so, and that no
// unit inside it is shown.
func (a *auditor) places(c *sheetColumn) error {
	r := a.release
	in := make(map[survey.UnitID]string) // block by team
	for _, i := range c.blocks {
		for _, team := range r.doc.Blocks[r.blocks[r.cells[i].Unit]].Units {
			if other, twice := in[team]; twice {
				return fmt.Errorf("%s: %s is in the blocks %s and %s", c.measure, team, other, r.cells[i].Unit)
			}
			in[team] = r.cells[i].Unit
		}
	}
	for at, i := range c.cells {
		cell := &r.cells[i]
		unit := survey.UnitID(cell.Unit)
		if block, ok := in[unit]; ok && cell.Block != block {
			return fmt.Errorf("%s of %s: in block %s, but %s", c.measure, unit, block, cell.Status)
		}
		if cell.Status != StatusCombined {
			continue
		}
		up := cell
		if a.parent[at] >= 0 {
			up = &r.cells[c.cells[a.parent[at]]]
		}
		whole, shown := c.shown[cell.Block]
		switch {
		case !shown:
			return fmt.Errorf("%s of %s is combined in %s, which is not shown", c.measure, unit, cell.Block)
		case up.Block == cell.Block: // what is above it lies inside as well
		case r.cells[whole].Level == survey.LevelBlock:
			for _, team := range r.tree.Teams(unit) {
				if in[team] != cell.Block && a.sets[string(team)] > 0 {
					return fmt.Errorf("%s of %s is combined in %s, but its team %s is not", c.measure, unit, cell.Block, team)
				}
			}
		case !c.finest[cell.Block] || up.Unit != cell.Block:
			return fmt.Errorf("%s of %s is combined in %s, which does not hold it alone", c.measure, unit, cell.Block)
		}
	}
	return nil
}
