package analytics

import (
	"fmt"
	"slices"

	"attune/analytics/stats"
	"attune/survey"
)

// ofProducts says whether a statistic is made of products. There is one cell
// of it, the organisation's.
func ofProducts(statistic string) bool {
	switch statistic {
	case StatisticCorrelation, StatisticSlope, StatisticAlpha, StatisticOmega:
		return true
	}
	return false
}

// products checks the figures that are made of products. What they are cannot
// be worked out again; that they are about enough people, set apart from all
// other numbers, on their grid and about the organisation alone can.
func (a *auditor) products() error {
	for id := range a.release.compared {
		if _, ok := a.columns[id]; !ok {
			return fmt.Errorf("%s %s has no cell, though its pack compares it", id.measure, id.statistic)
		}
	}
	cases := make(map[string]int) // by pack, of what it compares; by measure, of its reliability
	for _, id := range a.order {
		if !ofProducts(id.statistic) {
			continue
		}
		c := a.columns[id]
		if c.cells[0] < 0 || len(c.blocks) > 0 || slices.ContainsFunc(c.cells[1:], func(cell int) bool { return cell >= 0 }) {
			return fmt.Errorf("%s %s is not of the organisation alone", id.measure, id.statistic)
		}
		cell := &a.release.cells[c.cells[0]]
		if cell.Status == StatusCombined {
			return fmt.Errorf("%s %s is %s", id.measure, id.statistic, cell.Status)
		}
		if cell.Status != StatusShown {
			continue
		}
		if err := a.product(id, cell); err != nil {
			return fmt.Errorf("%s %s: %w", id.measure, id.statistic, err)
		}
		family := id.measure
		if of, ok := a.release.compared[id]; ok {
			family = of.Pack + "~" // no measure ends so
		}
		if n, ok := cases[family]; ok && n != cell.N {
			return fmt.Errorf("%s %s: %d cases, beside it %d", id.measure, id.statistic, cell.N, n)
		}
		cases[family] = cell.N
		a.checks.Products++
	}
	return a.apart(cases)
}

// product checks one shown figure.
func (a *auditor) product(id columnID, cell *Cell) error {
	value, low, high := thousandths(cell.Value), thousandths(cell.Low), thousandths(cell.High)
	lowest := int64(-coefficientMost)
	if id.statistic == StatisticAlpha || id.statistic == StatisticOmega {
		lowest = 0
	}
	if again, reason := coefficient(cell.Value, lowest); again != value || reason != cell.Reason {
		return fmt.Errorf("%v marked %q is not on the grid", cell.Value, cell.Reason)
	}
	if least := a.casesFrom(id); cell.N < least {
		return fmt.Errorf("%d cases, at least %d are needed", cell.N, least)
	}
	wantLow, wantHigh, ok := low, high, cell.Interval
	switch id.statistic {
	case StatisticCorrelation:
		wantLow, wantHigh, ok = correlationInterval(value, cell.N, a.release.designEffect(a.release.compared[id].Outcome, cell))
	case StatisticAlpha:
		wantLow, wantHigh, ok = alphaInterval(value, cell.N, a.measures[id.measure].Items)
	case StatisticOmega:
		ok = !cell.Interval && a.measures[id.measure].Items >= stats.OmegaItemsFrom
	case StatisticSlope: // reaches as far to both sides, but for the ends of the grid
		reach := max(value-low, high-value)
		wantLow, wantHigh = max(value-reach, -coefficientEnd), min(value+reach, coefficientEnd)
		ok = ok && reach >= coefficientStep && low%coefficientStep == 0 && high%coefficientStep == 0
		if value == -coefficientMost {
			wantLow = -coefficientEnd
		}
		if value == coefficientMost {
			wantHigh = coefficientEnd
		}
	}
	if !ok || wantLow != low || wantHigh != high || (id.statistic != StatisticOmega && !cell.Interval) {
		return fmt.Errorf("interval %v to %v, not %d to %d thousandths", cell.Low, cell.High, wantLow, wantHigh)
	}
	if cell.Interval {
		a.checks.Intervals++
	}
	return nil
}

// casesFrom is the fewest cases of a figure.
func (a *auditor) casesFrom(id columnID) int {
	least := max(a.release.doc.KC, survey.KC(a.release.doc.K))
	need := func(measure string) { least = max(least, a.measures[measure].MinN) }
	switch id.statistic {
	case StatisticAlpha:
		need(id.measure)
		return max(least, stats.AlphaFrom)
	case StatisticOmega:
		need(id.measure)
		return max(least, stats.OmegaFrom)
	}
	of := a.release.compared[id]
	predictors := 0
	for _, other := range a.release.compared {
		if other.Pack != of.Pack {
			continue
		}
		need(other.Outcome) // all of a pack are about the same cases
		need(other.Predictor)
		if other.Outcome == of.Outcome && other.Statistic == StatisticSlope {
			predictors++
		}
	}
	if id.statistic == StatisticSlope {
		least = max(least, casesAPredictor*predictors)
	}
	return max(least, associationFrom)
}

// apart checks that no number of cases differs by 1 to k−1 from any number
// that is shown of the organisation beside it.
func (a *auditor) apart(cases map[string]int) error {
	shown := make(map[int]string)
	for _, id := range a.order {
		cell := a.columns[id].cells[0]
		if cell >= 0 && a.release.cells[cell].Status == StatusShown {
			shown[a.release.cells[cell].N] = id.measure
		}
	}
	for family, n := range cases {
		for d := 1; d < a.release.doc.K; d++ {
			for _, other := range []int{n - d, n + d} {
				if measure, ok := shown[other]; ok {
					return fmt.Errorf("%s has %d cases, %s has %d answers: %d people are left over", family, n, measure, other, d)
				}
			}
		}
	}
	return nil
}
