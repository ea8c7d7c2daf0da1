package analytics

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"attune/survey"
)

// Reasons of a wave of which nothing is published.
const (
	VoidTooFew = "too_few" // fewer than k ballots in all, or fewer than kc where they are spread over units too small to show
	VoidAudit  = "audit"   // no plan gave figures that pass the audit
)

// column is one measure's statistic for all units and blocks.
type column struct {
	pack      survey.PackRef // empty for MeasureResponse
	measure   string
	statistic string
	plan      plan
	figures   []figure // of the plan's sets, in their order
	// top says that the column has one cell only, the organisation's.
	top bool
}

// Release plans, rounds and audits, and gives the document. It is the only
// way out of a Tally.
func (t *Tally) Release(ctx context.Context) (survey.ReleaseDocument, error) {
	return t.release(ctx, rules{plan: planFor, audit: audit})
}

// rules are the two halves of disclosure control that hold each other in
// check. Tests put weaker ones in, to see that the gate stays shut.
type rules struct {
	plan  func(f *field, count []int, l limit, w weights, may []bool) plan
	audit func(r *Release) verdict
}

// release is the gate: what it gives has passed the audit. When the full plan
// does not pass, the plan that shows nothing but the organisation is tried.
func (t *Tally) release(ctx context.Context, by rules) (survey.ReleaseDocument, error) {
	organisation := make([]bool, len(t.field.nodes))
	organisation[0] = true
	var unreadable error
	for _, attempt := range []struct {
		may    []bool
		result string
	}{{nil, AuditPassed}, {organisation, AuditOrganisationOnly}} {
		d, err := t.draft(ctx, by, attempt.may)
		if err != nil {
			return survey.ReleaseDocument{}, err
		}
		if d == nil {
			return survey.ReleaseDocument{Void: VoidTooFew}, nil
		}
		json, err := d.encode()
		if err != nil {
			return survey.ReleaseDocument{}, err
		}
		// What cannot be read back must not be stored: ballots and keys are
		// destroyed right after.
		r, err := read(json)
		if unreadable = err; err != nil {
			continue
		}
		found := by.audit(r)
		if found.fault != nil || !t.sameGroups(r) {
			continue
		}
		json, err = stamp(json, documentAudit{Checks: found.checks, Result: attempt.result, Version: AuditVersion})
		return survey.ReleaseDocument{JSON: json}, err
	}
	if unreadable != nil { // a fault of the program, for which nobody's ballots need to be destroyed yet
		return survey.ReleaseDocument{}, fmt.Errorf("release of wave %s: %w", t.manifest.Wave, unreadable)
	}
	return survey.ReleaseDocument{Void: VoidAudit}, nil
}

// sameGroups says whether the blocks that a document calls merged groups are
// groups of the manifest: they need k only, all other blocks kc.
func (t *Tally) sameGroups(r *Release) bool {
	merged := make(map[string]bool)
	for _, g := range t.field.groups {
		merged[survey.BlockID(g.Units)] = g.Merged()
	}
	for _, b := range r.doc.Blocks {
		if b.Group && !merged[b.ID] {
			return false
		}
	}
	return true
}

// draft makes the document without its audit; nil when nothing can be shown.
// may forbids nodes; nil forbids none.
func (t *Tally) draft(ctx context.Context, by rules, may []bool) (*document, error) {
	base := by.plan(t.field, t.answers(0), t.limit(t.measures[0]), t.weights, may)
	if len(base.sets) == 0 {
		return nil, nil
	}
	b := builder{field: t.field, changed: t.changes(), widths: make(halfWidths), columns: []column{coverage(base)}, outcomes: make(map[string]shownMeans)}
	for i, m := range t.measures[1:] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := by.plan(t.field, t.answers(i+1), t.limit(m), t.weights, base.shown)
		b.measure(m, p, t, i+1)
	}
	b.products(t, base)
	slices.SortFunc(b.columns, func(x, y column) int {
		return cmp.Or(cmp.Compare(x.measure, y.measure), cmp.Compare(x.statistic, y.statistic))
	})
	slices.SortFunc(b.measures, func(x, y documentMeasure) int { return cmp.Compare(x.ID, y.ID) })
	return b.document(t), nil
}

// limit is what a measure's plan has to keep.
func (t *Tally) limit(m measure) limit {
	return limit{k: max(t.manifest.K, m.minN), kc: max(t.manifest.KC, m.minN), minLevel: m.minLevel}
}

// coverage is the column of the share of invited people who sent a ballot.
func coverage(p plan) column {
	c := column{measure: MeasureResponse, statistic: StatisticCoverage, plan: p, figures: make([]figure, len(p.sets))}
	for i, s := range p.sets {
		c.figures[i].value = coverageMilli(s.n, s.invited)
	}
	return c
}

// measure adds the columns of one measure: its means, and what is finer.
func (b *builder) measure(m measure, p plan, t *Tally, at int) {
	of := t.of(at)
	means := column{pack: m.pack, measure: m.id, statistic: StatisticMean, plan: p}
	means.figures = labels(p.sets, func(s set) int64 { return of(s).sum }, m.bounds, b.changed)
	fine := finer{tally: t, measure: m, answers: t.answers(at), of: of, means: means, changed: b.changed, sets: byID(p.sets)}
	spread := documentMeasure{
		ID: m.id, Pack: m.pack.ID, Low: m.bounds.low, High: m.bounds.high, Category: m.bounds.category,
		Items: len(m.source), MinLevel: m.minLevel, MinN: m.minN, SD: m.bounds.sd, SDFrom: SDPlanning,
	}
	own := map[string]float64{} // published standard deviations, in categories
	switch {
	case m.banded:
		b.columns = append(b.columns, fine.counts()...)
	case len(m.source) > 1:
		c := fine.sd()
		for i, s := range c.plan.sets {
			own[s.id] = float64(c.figures[i].value) / float64(1000*m.bounds.category)
		}
		b.columns = append(b.columns, c)
	}
	has := func(s set) bool { _, ok := own[s.id]; return ok }
	if sd, ok := pooledSD(p.sets, of, m.bounds.den, has); ok {
		spread.SD, spread.SDFrom = sd, SDPooled
	}
	for i, s := range p.sets {
		sd, ok := own[s.id]
		if !ok {
			sd = spread.SD
		}
		f := &means.figures[i]
		step := stepMilli(s.n, b.changed(s)) * m.bounds.category
		f.low, f.high = teamInterval(f.value, step, b.widths.thousandths(sd, s.n, s.invited, m.bounds), m.bounds)
		f.interval = true
	}
	b.columns = append(b.columns, means)
	b.measures = append(b.measures, spread)
	b.outcomes[m.id] = meansShown(means, spread)
}

func byID(sets []set) map[string]int {
	index := make(map[string]int, len(sets))
	for i, s := range sets {
		index[s.id] = i
	}
	return index
}

// finer makes what is finer than the means of a measure.
type finer struct {
	tally   *Tally
	measure measure
	answers []int // valid, by group
	of      func(set) sums
	means   column
	sets    map[string]int // of the means
	changed func(set) bool
}

func (f finer) plan(impossible func(set) bool) plan {
	return finePlan(f.tally.field, f.answers, f.means.plan, f.tally.limit(f.measure), f.tally.weights, impossible)
}

// mean is a set's published value, with the range of means that it leaves. A
// block that shows none is held against the one it would show.
func (f finer) mean(s set) (figure, span) {
	b := f.measure.bounds
	step := stepMilli(s.n, f.changed(s))
	var shown figure
	if i, ok := f.sets[s.id]; ok {
		shown = f.means.figures[i]
	} else {
		shown.value, shown.reason = label(clamp(f.of(s).sum, s.n, b), s.n, b, step)
	}
	return shown, meanRange(shown.value/b.category, step, shown.reason, s.n, b)
}

// counts are the columns of an item's bands.
func (f finer) counts() []column {
	p := f.plan(func(s set) bool {
		_, mean := f.mean(s)
		counts := clampedCounts([]set{s}, f.of)
		return !everyAnswerPossible(counts[0], s.n, mean, f.measure.bounds) || !hidingIsSilent(s.n, mean, f.measure.bounds)
	})
	counts := clampedCounts(p.sets, f.of)
	columns := make([]column, bands)
	for band, id := range bandIDs(f.measure.id) {
		c := column{pack: f.measure.pack, measure: id, statistic: StatisticCount, plan: p, figures: make([]figure, len(p.sets))}
		for i, s := range p.sets {
			c.figures[i].value = 1000 * int64(counts[i][band])
			if undivided(p.sets, s) {
				c.figures[i].reason = countReason(counts[i][band], s.n)
			}
		}
		columns[band] = c
	}
	return columns
}

// undivided says whether a set is a finest one, be it under another name:
// everybody who answered in it is in one of its parts.
func undivided(sets []set, s set) bool {
	for len(s.parts) == 1 {
		s = sets[s.parts[0]]
	}
	return s.finest()
}

// sd is the column of a scale's standard deviations: the finest sets' clamped,
// every other worked out from what is shown of its parts.
func (f finer) sd() column {
	b := f.measure.bounds
	ranges := make(sdRanges)
	of := func(s set) sdEnds {
		_, mean := f.mean(s)
		return ranges.of(s.n, mean, b, len(f.measure.source))
	}
	p := f.plan(func(s set) bool { return !of(s).ok })
	c := column{pack: f.measure.pack, measure: f.measure.id, statistic: StatisticSD, plan: p, figures: make([]figure, len(p.sets))}
	shown := make([]part, len(p.sets))
	for i := len(p.sets) - 1; i >= 0; i-- { // a set stands before its parts
		s := p.sets[i]
		mean, _ := f.mean(s)
		shown[i] = part{n: s.n, mean: float64(mean.value) / float64(1000*b.category)}
		if s.finest() {
			shown[i].sd, c.figures[i].reason = clampSD(f.of(s).sdOf(b.den), of(s).low, of(s).high)
		} else {
			parts := make([]part, len(s.parts))
			for j, at := range s.parts {
				parts[j] = shown[at]
			}
			shown[i].sd = jointSD(parts)
			if len(parts) == 1 { // the same people
				c.figures[i].reason = c.figures[s.parts[0]].reason
			}
		}
		c.figures[i].value = sdMilli(shown[i].sd, b)
	}
	return c
}
