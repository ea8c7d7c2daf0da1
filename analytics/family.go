package analytics

import (
	"slices"

	"attune/survey"
)

// association is one comparison of a family.
type association struct{ outcome, predictor, statistic string }

// measure is the association's name in a release: OUTCOME~PREDICTOR. Ids have
// no such sign.
func (a association) measure() string { return associationMeasure(a.outcome, a.predictor) }

func associationMeasure(outcome, predictor string) string { return outcome + "~" + predictor }

// family is every association of one pack with another, on one common set of
// complete cases.
type family struct {
	pack    survey.PackRef
	with    string
	entries []association // as the pack lists them: pairs, then slopes
	slopes  []survey.Slopes
	at      map[string]int // by outcome and predictor: the variable of its cases
	from    int            // cases
	cases   *cases
}

// reliability is the item sums of one scale.
type reliability struct {
	measure int // its place in Tally.measures
	cases   *cases
}

// familiesOf lists the families of a wave's packs. A pack whose other half is
// not asked in this wave has none.
func familiesOf(packs []*survey.Pack, measures []measure, limit func(measure) limit) []family {
	at := make(map[string]int)
	for i, m := range measures {
		at[m.id] = i
	}
	var families []family
	first := 0 // of the pack's items on the sheet
	for _, p := range packs {
		a := p.Associations
		if a != nil && slices.ContainsFunc(packs, func(o *survey.Pack) bool { return o.ID == a.With && o.ID != p.ID }) {
			f := family{pack: p.Ref(), with: a.With, slopes: a.Slopes, at: make(map[string]int), from: associationFrom}
			var variables []variable
			need := func(id string) {
				if _, known := f.at[id]; known {
					return
				}
				f.at[id] = len(variables)
				if predictor, ok := a.Predictor(id); ok {
					variables = append(variables, reading(p, predictor, first))
					return
				}
				variables = append(variables, measured(at[id], measures[at[id]]))
				f.from = max(f.from, limit(measures[at[id]]).kc)
			}
			for _, pair := range a.Pairs {
				need(pair.Outcome)
				need(pair.Predictor)
				f.entries = append(f.entries, association{pair.Outcome, pair.Predictor, StatisticCorrelation})
			}
			for _, s := range a.Slopes {
				need(s.Outcome)
				for _, predictor := range s.Predictors {
					need(predictor)
					f.entries = append(f.entries, association{s.Outcome, predictor, StatisticSlope})
				}
			}
			f.cases = newCases(limit(measures[0]).k, noMeasure, variables)
			families = append(families, f)
		}
		first += len(p.Items)
	}
	return families
}

// reliabilitiesOf lists the scales of two items or more.
func reliabilitiesOf(measures []measure, k int) []reliability {
	var list []reliability
	for i, m := range measures {
		if len(m.source) < reliabilityItems {
			continue
		}
		var variables []variable
		for _, s := range m.source {
			variables = append(variables, itemVariable(s))
		}
		list = append(list, reliability{measure: i, cases: newCases(k, i, variables)})
	}
	return list
}
