package analytics

import (
	"attune/analytics/stats"
	"attune/survey"
)

// poolFrom is the fewest siblings, the unit not counted, from which an
// overview may pool.
const poolFrom = 5

// Pooled is a unit or block as an overview may colour it. It orders nothing
// and ranks nobody; the displayed value stands beside it.
type Pooled struct {
	Unit  string  // a unit's id, or a block's
	Shown float64 // as displayed
	stats.Shrunken
}

// Pool draws the displayed means of the units and blocks that lie directly
// under a parent towards each other (stats.Shrink): a small team's figure
// swings more than a large one's, and so counts for less. Each is drawn
// towards the others, never towards a mean that contains it. The variance of a
// displayed mean is sd²/n, with the measure's published or planning deviation,
// and that of rounding to a step, step²/12. It gives nothing with fewer than
// poolFrom siblings beside a unit, and for releases without the measure's
// deviation.
func (r *Release) Pool(parent survey.UnitID, measure string) []Pooled {
	m, ok := r.Measure(measure)
	if !ok {
		return nil
	}
	var pooled []Pooled
	var values, variances []float64
	for _, c := range r.cells {
		if c.Parent != string(parent) || c.Measure != measure || c.Statistic != StatisticMean || !published(Point{Present: true, Cell: c}) {
			continue
		}
		sd, step := m.SD*m.Category, r.Step(c)
		if own, ok := r.Cell(c.Unit, measure, StatisticSD); ok && own.Status == StatusShown {
			sd = own.Value
		}
		pooled = append(pooled, Pooled{Unit: c.Unit, Shown: c.Value})
		values, variances = append(values, c.Value), append(variances, sd*sd/float64(c.N)+step*step/12)
	}
	if len(pooled) < poolFrom+1 {
		return nil
	}
	shrunken, ok := stats.Shrink(values, variances)
	if !ok {
		return nil
	}
	for i := range pooled {
		pooled[i].Shrunken = shrunken[i]
	}
	return pooled
}
