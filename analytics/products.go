package analytics

import (
	"attune/analytics/stats"
	"attune/survey"
)

// shownMeans is what is shown of a measure's means, as far as an association
// needs it.
type shownMeans struct {
	finest []part  // n and mean, in response categories
	sd     float64 // behind the intervals of those without one of their own
}

func meansShown(means column, m documentMeasure) shownMeans {
	o := shownMeans{sd: m.SD}
	for i, s := range means.plan.sets {
		if s.finest() {
			o.finest = append(o.finest, part{n: s.n, mean: float64(means.figures[i].value) / float64(1000*m.Category)})
		}
	}
	return o
}

// products adds the columns that are made of products: correlations, slopes,
// alpha and omega of the organisation. They are the only figures that are no
// function of the other displayed ones, so each has one number on a coarse
// grid; intervals are worked out from what is shown, but for the reach of a
// slope's (PRIVACY, section 6, "Values").
func (b *builder) products(t *Tally, base plan) {
	if t.field.root.depth > 0 { // asked as a part only: the organisation's cells are empty anyway
		base.sets = nil
	}
	var headcounts []int
	for _, u := range t.field.tree.Units() {
		if t.field.tree.IsLeaf(u.ID) {
			headcounts = append(headcounts, t.field.invited[u.ID])
		}
	}
	p := producer{builder: b, base: base, headcounts: headcounts, invited: t.field.root.invited, least: max(variesLeast, t.manifest.K)}
	for _, f := range t.families {
		for _, a := range f.entries {
			b.associations = append(b.associations, documentAssociation{
				Outcome: a.outcome, Pack: f.pack.ID, Predictor: a.predictor, Statistic: a.statistic, With: f.with,
			})
			if a.statistic == StatisticCorrelation {
				p.correlation(f, a)
			}
		}
		for _, s := range f.slopes {
			p.slopes(f, s)
		}
	}
	for _, r := range t.reliabilities {
		p.reliability(t, r)
	}
}

type producer struct {
	builder    *builder
	base       plan // of ballots
	headcounts []int
	invited    int
	least      int // cases away from a variable's most frequent value
}

// hidden is a column whose one cell is not shown: for every reason alike, but
// where the scale is too short for the statistic at all.
func (p producer) hidden(pack survey.PackRef, measure, statistic string, reason Reason) column {
	return column{
		pack: pack, measure: measure, statistic: statistic, top: true,
		plan: plan{places: []place{{status: StatusSuppressed, reason: reason}}},
	}
}

// put adds a column, with the figure of n cases when it may be shown.
func (p producer) put(c column, n int, f figure, ok bool) {
	if ok && len(p.base.sets) > 0 {
		s := p.base.sets[0]
		s.n, s.parts = n, nil
		c.plan.sets, c.plan.places, c.figures = []set{s}, []place{{status: StatusShown}}, []figure{f}
	}
	p.builder.columns = append(p.builder.columns, c)
}

func (p producer) deff(outcome string, n int) float64 {
	o := p.builder.outcomes[outcome]
	return designEffect(o.finest, o.sd, p.headcounts, n, p.invited)
}

func (p producer) correlation(f family, a association) {
	c := p.hidden(f.pack, a.measure(), StatisticCorrelation, ReasonProtected)
	n, x, y := f.cases.n(), f.at[a.predictor], f.at[a.outcome]
	var shown figure
	ok := n >= f.from && f.cases.varies(x, p.least) && f.cases.varies(y, p.least)
	if ok {
		var r float64
		r, ok = f.cases.sums.Pearson(x, y)
		shown.value, shown.reason = coefficient(r, -coefficientMost)
	}
	if ok {
		shown.low, shown.high, ok = correlationInterval(shown.value, n, p.deff(a.outcome, n))
		shown.interval = true
	}
	p.put(c, n, shown, ok)
}

func (p producer) slopes(f family, s survey.Slopes) {
	fit, n := p.fit(f, s)
	for i, predictor := range s.Predictors {
		c := p.hidden(f.pack, associationMeasure(s.Outcome, predictor), StatisticSlope, ReasonProtected)
		var shown figure
		if fit != nil {
			shown.value, shown.reason = coefficient(fit[i].Beta, -coefficientMost)
			shown.low, shown.high = slopeInterval(shown.value, fit[i])
			shown.interval = true
		}
		p.put(c, n, shown, fit != nil)
	}
}

// fit gives the slopes of one outcome, or nil when they may not be shown or do
// not exist.
func (p producer) fit(f family, s survey.Slopes) (fit []stats.Slope, n int) {
	n = f.cases.n()
	if n < max(f.from, casesAPredictor*len(s.Predictors)) || !f.cases.varies(f.at[s.Outcome], p.least) {
		return nil, n
	}
	at, with := make([]int, len(s.Predictors)), make([]float64, len(s.Predictors))
	for i, predictor := range s.Predictors {
		at[i] = f.at[predictor]
		if !f.cases.varies(at[i], p.least) {
			return nil, n
		}
		with[i], _ = f.cases.sums.Pearson(at[i], f.at[s.Outcome]) // both vary
	}
	r, ok := f.cases.sums.Pearsons(at)
	if !ok {
		return nil, n
	}
	fit, ok = stats.SlopesOf(r, with, n, p.deff(s.Outcome, n))
	if !ok {
		return nil, n
	}
	for _, slope := range fit {
		if slope.Tolerance < leastTolerance {
			return nil, n
		}
	}
	return fit, n
}

func (p producer) reliability(t *Tally, r reliability) {
	m := t.measures[r.measure]
	n, items := r.cases.n(), len(m.source)
	varies := n >= t.limit(m).kc
	for i := range r.cases.variables {
		varies = varies && r.cases.varies(i, t.manifest.K)
	}
	alpha := p.hidden(m.pack, m.id, StatisticAlpha, ReasonProtected)
	var shown figure
	ok := varies && n >= stats.AlphaFrom
	if ok {
		var value float64
		value, ok = r.cases.sums.Alpha()
		shown.value, shown.reason = coefficient(value, 0)
	}
	if ok {
		shown.low, shown.high, ok = alphaInterval(shown.value, n, items)
		shown.interval = true
	}
	p.put(alpha, n, shown, ok)
	if items < stats.OmegaItemsFrom {
		p.put(p.hidden(m.pack, m.id, StatisticOmega, ReasonTooFewItems), 0, figure{}, false)
		return
	}
	omega := p.hidden(m.pack, m.id, StatisticOmega, ReasonProtected)
	shown = figure{}
	if ok = varies && n >= stats.OmegaFrom; ok {
		at := make([]int, items)
		for i := range at {
			at[i] = i
		}
		var correlations [][]float64
		var value float64
		if correlations, ok = r.cases.sums.Pearsons(at); ok {
			value, ok = stats.OmegaOf(correlations)
			shown.value, shown.reason = coefficient(value, 0)
		}
	}
	p.put(omega, n, shown, ok)
}
