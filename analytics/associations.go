package analytics

import (
	"errors"
	"fmt"
	"math"

	"attune/analytics/stats"
	"attune/survey"

	"gonum.org/v1/gonum/stat/distuv"
)

// Association is one comparison that a pack fixed, shown or not.
type Association struct {
	Pack      string // that compares its answers
	With      string // the pack that has the outcome
	Outcome   string // a scale
	Predictor string // a scale of Pack, or a yes-or-no reading of its items
	Statistic string // StatisticCorrelation or StatisticSlope
	Cell      Cell   // the organisation's
	// StandsOut says that the coefficient differs from 0 beyond chance, at 5 %
	// for all Comparisons of the pack together. It is worked out from what is
	// shown, and for the true coefficient nearest to 0 that the shown one may
	// stand for.
	StandsOut   bool
	Comparisons int
}

// standsOut is the chance of any false finding in a family.
const standsOut = .05

// Associations lists what the packs of the wave compare, as they list it;
// nothing for a release that is older, and for packs that compare nothing.
func (r *Release) Associations() []Association {
	root := string(r.tree.Root().ID)
	var all []Association
	family := make(map[string][]int) // by pack
	for _, of := range r.doc.Comparisons {
		c, _ := r.Cell(root, of.column().measure, of.Statistic)
		family[of.Pack] = append(family[of.Pack], len(all))
		all = append(all, Association{Pack: of.Pack, With: of.With, Outcome: of.Outcome, Predictor: of.Predictor, Statistic: of.Statistic, Cell: c})
	}
	for _, members := range family {
		p := make([]float64, len(members))
		for i, at := range members {
			p[i] = r.chance(all[at])
		}
		for i, adjusted := range stats.Holm(p) {
			a := &all[members[i]]
			a.StandsOut, a.Comparisons = a.Cell.Status == StatusShown && adjusted < standsOut, len(members)
		}
	}
	return all
}

// chance is the two-sided p value of an association against 0, from what is
// shown of it; 1 when nothing is. A slope's standard error is what its
// interval allows at most.
func (r *Release) chance(a Association) float64 {
	c := a.Cell
	nearest := math.Abs(c.Value) - float64(coefficientStep)/2000
	if c.Status != StatusShown || nearest <= 0 {
		return 1
	}
	if a.Statistic == StatisticCorrelation {
		p, ok := stats.FisherP(nearest, float64(c.N)/r.designEffect(a.Outcome, &c))
		if !ok {
			return 1
		}
		return p
	}
	reach := math.Max(c.Value-c.Low, c.High-c.Value)
	return 2 * distuv.UnitNormal.Survival(nearest/reach*distuv.UnitNormal.Quantile(1-standsOut/2))
}

// designEffect is that of the outcome beside this cell, from what is shown.
func (r *Release) designEffect(measure string, c *Cell) float64 {
	var finest []part
	m, _ := r.Measure(measure)
	parted := make(map[string]bool) // units that a shown cell lies inside
	var shown []*Cell
	for i := range r.cells {
		cell := &r.cells[i]
		if cell.Measure != measure || cell.Statistic != StatisticMean || cell.Status != StatusShown {
			continue
		}
		shown = append(shown, cell)
		for up := survey.UnitID(cell.Parent); up != ""; up = r.doc.Units[r.units[up]].Parent {
			parted[string(up)] = true
		}
	}
	for _, cell := range shown {
		if !parted[cell.Unit] {
			finest = append(finest, part{n: cell.N, mean: cell.Value / m.Category})
		}
	}
	var headcounts []int
	for _, u := range r.doc.Units {
		if r.tree.IsLeaf(u.ID) {
			headcounts = append(headcounts, u.Invited)
		}
	}
	return designEffect(finest, m.SD, headcounts, c.N, c.Invited)
}

// readComparisons wants each comparison once, with names that a column can
// have.
func (r *Release) readComparisons() error {
	r.compared = make(map[columnID]documentAssociation, len(r.doc.Comparisons))
	for _, of := range r.doc.Comparisons {
		if of.Outcome == "" || of.Predictor == "" || (of.Statistic != StatisticCorrelation && of.Statistic != StatisticSlope) {
			return errors.New("release document: a comparison of nothing")
		}
		if _, twice := r.compared[of.column()]; twice {
			return fmt.Errorf("release document: %s is compared twice", of.column().measure)
		}
		r.compared[of.column()] = of
	}
	return nil
}
