package analytics

import (
	"fmt"
	"math"

	"attune/survey"
)

// values checks every shown value of a column.
func (a *auditor) values(c *sheetColumn) error {
	for _, id := range a.shownIn(c) {
		cell := &a.release.cells[c.shown[id]]
		var err error
		switch c.statistic {
		case StatisticCoverage:
			if thousandths(cell.Value) != coverageMilli(cell.N, cell.Invited) || cell.Interval {
				err = fmt.Errorf("%v is not %d of %d", cell.Value, cell.N, cell.Invited)
			}
		case StatisticMean:
			err = a.mean(c, cell)
		case StatisticSD:
			err = a.sd(c, cell)
		case StatisticCount:
			err = a.count(c, cell)
		}
		if err != nil {
			return fmt.Errorf("%s %s of %s: %w", c.measure, c.statistic, id, err)
		}
		a.checks.Values++
	}
	return nil
}

// shownIn lists what a column shows, in the order of the document.
func (a *auditor) shownIn(c *sheetColumn) []string {
	shown := make([]string, 0, len(c.shown))
	for _, cells := range [][]int{c.cells, c.blocks} {
		for _, i := range cells {
			if cell := &a.release.cells[i]; cell.Status == StatusShown {
				shown = append(shown, cell.Unit)
			}
		}
	}
	return shown
}

func thousandths(x float64) int64 { return int64(math.Round(1000 * x)) }

// changed says whether a few people of a unit's or block's roster changed,
// as the document has it.
func (a *auditor) changed(id string) bool {
	r := a.release
	if i, ok := r.blocks[id]; ok {
		return r.doc.Blocks[i].Changed
	}
	return r.doc.Units[r.units[survey.UnitID(id)]].Changed
}

// mean checks that a mean lies on its grid inside its clamps, goes with its
// parts, and has the interval that published numbers give.
func (a *auditor) mean(c *sheetColumn, cell *Cell) error {
	m := a.measures[c.measure]
	b := m.bounds()
	step := stepMilli(cell.N, a.changed(cell.Unit))
	first, last := labelRange(cell.N, b, step)
	above := thousandths(cell.Value) - 1000*b.low
	at := above / (step * b.category)
	switch {
	case above != at*step*b.category:
		return fmt.Errorf("%v is not on the grid", cell.Value)
	case at < first || at > last:
		return fmt.Errorf("%v lies beyond the clamps of %d answers", cell.Value, cell.N)
	case cell.Reason == ReasonClampedLow && at != first, cell.Reason == ReasonClampedHigh && at != last:
		return fmt.Errorf("%v is marked %s", cell.Value, cell.Reason)
	}
	if err := a.parts(c, cell); err != nil {
		return err
	}
	sd := m.SD
	if own, ok := a.columns[columnID{c.measure, StatisticSD}]; ok {
		if i, shown := own.shown[cell.Unit]; shown {
			sd = float64(thousandths(a.release.cells[i].Value)) / float64(1000*b.category)
		}
	}
	low, high := teamInterval(thousandths(cell.Value), step*b.category, a.widths.thousandths(sd, cell.N, cell.Invited, b), b)
	if !cell.Interval || thousandths(cell.Low) != low || thousandths(cell.High) != high {
		return fmt.Errorf("interval %v to %v, published numbers give %d to %d thousandths", cell.Low, cell.High, low, high)
	}
	a.checks.Intervals++
	return nil
}

// parts checks that n times a mean is the sum of its parts' within what
// rounding may hide: half a step each, a whole one where a value is marked.
func (a *auditor) parts(c *sheetColumn, whole *Cell) error {
	parts := c.parts[whole.Unit]
	if len(parts) == 0 {
		return nil
	}
	category := a.measures[c.measure].Category
	slack := func(cell *Cell) int64 {
		step := stepMilli(cell.N, a.changed(cell.Unit)) * category
		if cell.Reason == ReasonNone {
			return int64(cell.N) * step / 2
		}
		return int64(cell.N) * step
	}
	away, may := int64(whole.N)*thousandths(whole.Value), slack(whole)
	for _, i := range parts {
		part := &a.release.cells[i]
		away -= int64(part.N) * thousandths(part.Value)
		may += slack(part)
	}
	if away > may || away < -may {
		return fmt.Errorf("the parts' values miss it by %d, rounding explains %d", away, may)
	}
	return nil
}

// meanOf is the mean shown of a set, and the range of means that it leaves;
// not ok where none is shown.
func (a *auditor) meanOf(m documentMeasure, id string) (mean float64, leaves span, ok bool) {
	b := m.bounds()
	i, shown := a.columns[columnID{m.ID, StatisticMean}].shown[id]
	if !shown {
		return 0, span{million * b.bottom(), million * (b.bottom() + b.span())}, false
	}
	cell := &a.release.cells[i]
	value := thousandths(cell.Value)
	return float64(value) / float64(1000*b.category), meanRange(value/b.category, stepMilli(cell.N, a.changed(id)), cell.Reason, cell.N, b), true
}

// sd checks a standard deviation's grid; of a finest set, that it leaves every
// score possible, and is marked where the next one would not; of any other,
// that it says nothing that its parts do not.
func (a *auditor) sd(c *sheetColumn, cell *Cell) error {
	m := a.measures[c.measure]
	b := m.bounds()
	sd := roundSD(cell.Value / float64(m.Category))
	if cell.Interval || sdMilli(sd, b) != thousandths(cell.Value) {
		return fmt.Errorf("%v is not on the grid", cell.Value)
	}
	_, leaves, known := a.meanOf(m, cell.Unit)
	if c.finest[cell.Unit] {
		ranges, ok := a.ranges[m.ID]
		if !ok {
			ranges = make(sdRanges)
			a.ranges[m.ID] = ranges
		}
		ends := ranges.of(cell.N, leaves, b, m.Items)
		clamped, reason := clampSD(sd, ends.low, ends.high)
		if !ends.ok || clamped != sd || (known && reason != cell.Reason) {
			return fmt.Errorf("%v marked %q leaves not every score possible", cell.Value, cell.Reason)
		}
		return nil
	}
	var parts []part
	for _, i := range c.parts[cell.Unit] {
		p := &a.release.cells[i]
		mean, _, shown := a.meanOf(m, p.Unit)
		known = known && shown
		parts = append(parts, part{p.N, mean, roundSD(p.Value / float64(m.Category))})
	}
	if cell.Reason != a.inherited(c, cell) || (known && jointSD(parts) != sd) {
		return fmt.Errorf("%v does not follow from its parts", cell.Value)
	}
	return nil
}

// inherited is the mark of a set that is no finest one: that of its part when
// it has only one, which is the same people.
func (a *auditor) inherited(c *sheetColumn, cell *Cell) Reason {
	if parts := c.parts[cell.Unit]; len(parts) == 1 {
		return a.release.cells[parts[0]].Reason
	}
	return ReasonNone
}

// count checks a band's count against its clamps or its parts, and with the
// lowest band that all three leave every answer possible.
func (a *auditor) count(c *sheetColumn, cell *Cell) error {
	n := int(math.Round(cell.Value))
	if float64(n) != cell.Value || cell.Interval {
		return fmt.Errorf("%v is not a count", cell.Value)
	}
	if !c.finest[cell.Unit] {
		sum := 0
		for _, part := range c.parts[cell.Unit] {
			sum += int(a.release.cells[part].Value)
		}
		if sum != n || cell.Reason != a.inherited(c, cell) {
			return fmt.Errorf("%d, its parts have %d", n, sum)
		}
		return nil
	}
	if n < 1 || n > cell.N-1 || cell.Reason != countReason(n, cell.N) {
		return fmt.Errorf("%d of %d is not clamped, or marked %q", n, cell.N, cell.Reason)
	}
	m := a.measures[c.measure]
	var counts bandCounts
	for i, id := range bandIDs(m.ID) {
		other, ok := a.columns[columnID{id, StatisticCount}]
		if !ok {
			return fmt.Errorf("%s is missing", id)
		}
		at, shown := other.shown[cell.Unit]
		if !shown || a.release.cells[at].N != cell.N {
			return fmt.Errorf("%s has another number of answers", id)
		}
		counts[i] = int(a.release.cells[at].Value)
	}
	_, mean, _ := a.meanOf(m, cell.Unit)
	if !everyAnswerPossible(counts, cell.N, mean, m.bounds()) || !hidingIsSilent(cell.N, mean, m.bounds()) {
		return fmt.Errorf("%v leaves not every answer possible", counts)
	}
	a.checks.Counts++
	return nil
}
