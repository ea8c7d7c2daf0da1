package analytics

import (
	"sort"
	"strings"

	"attune/survey"
)

// Status says what a cell holds.
type Status string

// The statuses of a cell.
const (
	StatusShown      Status = "shown"      // value and n are set
	StatusCombined   Status = "combined"   // the unit's answers are part of the shown block or unit that Block names
	StatusSuppressed Status = "suppressed" // asked, not publishable here and in no shown block
	StatusEmpty      Status = "empty"      // not asked, or nobody invited
)

// Reason says why a cell has its status, or what to know about its value.
type Reason string

// The reasons of a cell.
const (
	ReasonNone        Reason = ""
	ReasonProtected   Reason = "protected"     // every hidden unit alike, whatever its number of answers
	ReasonLevel       Reason = "level"         // the pack forbids this measure at this level
	ReasonNotAsked    Reason = "not_asked"     // the wave did not ask this unit as a whole
	ReasonNotInvited  Reason = "not_invited"   // nobody on the roster in or under it
	ReasonTooFewItems Reason = "too_few_items" // not enough items for this statistic
	ReasonClampedLow  Reason = "clamped_low"   // shown: read "VALUE or less"
	ReasonClampedHigh Reason = "clamped_high"  // shown: read "VALUE or more"
)

// Cell is one figure of a release, or the reason why there is none.
type Cell struct {
	Unit        string // a unit's id, or a block's ("b:…")
	Name        string // the unit's name; empty for a block, see Release.Name
	Level       string // organisation, level-1 …, team, block
	Parent      string // the unit that it lies under; empty for the organisation
	Block       string // combined: the block or unit that is shown in its place
	Pack        string // empty for a measure of the wave as a whole
	PackVersion string
	Measure     string // the scale's or item's id, "response", ITEM:BAND, or OUTCOME~PREDICTOR
	Statistic   string // mean, sd, count, coverage; of the organisation also correlation, slope, alpha, omega

	// Value and N are set when Status is shown, Low and High when Interval is
	// true as well. Value is stepped (PRIVACY, section 6, "Values") and in the
	// measure's reporting unit; a coverage is a share from 0 to 1, a count the
	// people whose answer lies in the band. Low and High are the ends of the
	// 95 % interval for this group of people now; of a correlation, a slope and
	// alpha, for the process that made it.
	Value, Low, High float64
	Interval         bool
	N                int // valid answers of this measure; complete cases of what is made of products
	Invited          int // people asked in or under the unit; 0 when it was not asked as a whole
	Status           Status
	Reason           Reason
}

// Block is a set of teams that is shown as one.
type Block struct {
	ID      string          // survey.BlockID of Units
	Parent  survey.UnitID   // the unit that the teams lie under
	Units   []survey.UnitID // the teams, in tree order
	Invited int             // people asked in them
}

// ReleaseUnit is a unit as it stood when the wave was announced.
type ReleaseUnit struct {
	ID      survey.UnitID
	Name    string
	Level   string
	Parent  survey.UnitID
	Direct  bool // the staff who belong to Parent directly
	Invited int  // people asked in or under it; 0 when it was not asked as a whole
}

// Release is the immutable set of all figures of a closed wave. It is only
// ever made from a stored release document, and is safe for concurrent use.
type Release struct {
	doc    document
	sha256 string
	tree   survey.Tree
	units  map[survey.UnitID]int
	blocks map[string]int
	cells  []Cell
	first  map[string]int // by unit or block: the first of its cells, which stand side by side

	staffed  map[survey.UnitID][]survey.UnitID // by unit that was asked: the teams under it with people who were asked
	compared map[columnID]documentAssociation
}

// Wave is the wave that the release is of.
func (r *Release) Wave() survey.WaveID { return r.doc.Wave }

// Programme is the repeating plan that the wave belongs to; empty for none.
func (r *Release) Programme() string { return r.doc.Programme }

// Opens is the wave's opening date, YYYY-MM-DD in the organisation's zone.
func (r *Release) Opens() string { return r.doc.OpensOn }

// Closes is the wave's closing date, YYYY-MM-DD in the organisation's zone.
func (r *Release) Closes() string { return r.doc.ClosesOn }

// K is the fewest people that a figure is about.
func (r *Release) K() int { return r.doc.K }

// KC is the fewest answers of a block that combines hidden units.
func (r *Release) KC() int { return r.doc.KC }

// MethodVersion names the rules by which the figures were made.
func (r *Release) MethodVersion() string { return r.doc.MethodVersion }

// ManifestSHA256 is the hash of the promise that the wave was answered under.
func (r *Release) ManifestSHA256() string { return r.doc.ManifestSHA256 }

// SHA256 is the hash of the stored document, hex.
func (r *Release) SHA256() string { return r.sha256 }

// Tree is the organisation as it was when the wave was announced.
func (r *Release) Tree() survey.Tree { return r.tree }

// Packs lists the packs that the wave asked.
func (r *Release) Packs() []survey.PackRef {
	refs := make([]survey.PackRef, len(r.doc.Packs))
	for i, p := range r.doc.Packs {
		refs[i] = survey.PackRef{ID: p.ID, Version: p.Version, SHA256: p.SHA256}
	}
	return refs
}

// Units lists the units of the tree, depth first.
func (r *Release) Units() []ReleaseUnit {
	units := make([]ReleaseUnit, len(r.doc.Units))
	for i, u := range r.doc.Units {
		units[i] = u.public()
	}
	return units
}

// Unit finds a unit.
func (r *Release) Unit(id survey.UnitID) (ReleaseUnit, bool) {
	i, ok := r.units[id]
	if !ok {
		return ReleaseUnit{}, false
	}
	return r.doc.Units[i].public(), true
}

// Blocks lists the blocks that have a mean or a coverage, in the order of
// their rows. Block also finds those that have counts or standard deviations
// only, whose plan is coarser.
func (r *Release) Blocks() []Block {
	var blocks []Block
	for _, b := range r.doc.Blocks {
		for i := r.first[b.ID]; i < len(r.cells) && r.cells[i].Unit == b.ID; i++ {
			if s := r.cells[i].Statistic; s == StatisticMean || s == StatisticCoverage {
				blocks = append(blocks, b.public())
				break
			}
		}
	}
	return blocks
}

// Block finds a block.
func (r *Release) Block(id string) (Block, bool) {
	i, ok := r.blocks[id]
	if !ok {
		return Block{}, false
	}
	return r.doc.Blocks[i].public(), true
}

// Cells lists all cells in the order of exports: by the tree, a block after
// everything under its parent, then by measure.
func (r *Release) Cells() []Cell { return append([]Cell(nil), r.cells...) }

// Cell finds the cell of a unit or block; false when the release has none.
func (r *Release) Cell(unit, measure, statistic string) (Cell, bool) {
	first, ok := r.first[unit]
	if !ok {
		return Cell{}, false
	}
	rest := r.cells[first:] // the unit's own cells, by measure and statistic, and those of others
	at := sort.Search(len(rest), func(i int) bool {
		c := &rest[i]
		return c.Unit != unit || c.Measure > measure || (c.Measure == measure && c.Statistic >= statistic)
	})
	if at == len(rest) || rest[at].Unit != unit || rest[at].Measure != measure || rest[at].Statistic != statistic {
		return Cell{}, false
	}
	return rest[at], true
}

// Audit is what the gate found before the release was stored; false for a
// release that is older than audits.
func (r *Release) Audit() (Audit, bool) {
	a := r.doc.Audit
	if a == nil {
		return Audit{}, false
	}
	return Audit{Version: a.Version, Result: a.Result, Checks: a.Checks}, true
}

// Measure is what a release says of a measure's numbers.
type Measure struct {
	ID        string
	Low, High float64 // the range of the reporting unit
	Category  float64 // reporting units a response category
	SD        float64 // in response categories: behind the intervals of sets without a published one
	SDFrom    string  // SDPooled or SDPlanning
	MinLevel  string  // the lowest level at which it may be shown: team, department, organisation
}

// Measure finds a measure with means; false when the release has none of that
// name, or is older than audits.
func (r *Release) Measure(id string) (Measure, bool) {
	for _, m := range r.doc.Measures {
		if m.ID == id {
			return Measure{
				ID: m.ID, Low: float64(m.Low), High: float64(m.High), Category: float64(m.Category),
				SD: m.SD, SDFrom: m.SDFrom, MinLevel: m.MinLevel,
			}, true
		}
	}
	return Measure{}, false
}

// Step is the display step of a shown mean, in its reporting unit: the true
// mean of the clamped sums lies within half a step of the value. 0 for any
// other cell, and in releases that are older than audits.
func (r *Release) Step(c Cell) float64 {
	m, ok := r.Measure(c.Measure)
	if !ok || c.Statistic != StatisticMean || c.Status != StatusShown {
		return 0
	}
	changed := false
	if i, isBlock := r.blocks[c.Unit]; isBlock {
		changed = r.doc.Blocks[i].Changed
	} else if i, isUnit := r.units[survey.UnitID(c.Unit)]; isUnit {
		changed = r.doc.Units[i].Changed
	}
	return float64(stepMilli(c.N, changed)) * m.Category / 1000
}

// Text gives the text of a key in the reader's language with its placeholders
// filled.
type Text func(key string, args map[string]any) string

// Name is the name of a unit or block for a reader. Names of units are their
// own; "unit.direct" {unit} makes the name of a direct team and "block.name"
// {parent, teams} that of a block. Empty for an unknown id.
func (r *Release) Name(id string, text Text) string {
	if b, ok := r.blocks[id]; ok {
		block := r.doc.Blocks[b]
		teams := make([]string, len(block.Units))
		for i, team := range block.Units {
			teams[i] = r.Name(string(team), text)
		}
		return text("block.name", map[string]any{
			"parent": r.Name(string(block.Parent), text), "teams": strings.Join(teams, ", "),
		})
	}
	u, ok := r.Unit(survey.UnitID(id))
	if !ok {
		return ""
	}
	if u.Direct {
		return text("unit.direct", map[string]any{"unit": u.Name})
	}
	return u.Name
}
