package analytics

import (
	"math"

	"attune/survey"
)

// Statistics of a cell.
const (
	StatisticMean     = "mean"
	StatisticCoverage = "coverage"
)

// MeasureResponse is the measure of the wave as a whole: how many of the
// people asked sent a ballot. It belongs to no pack.
const MeasureResponse = "response"

// ItemPlanningSD is the within-team standard deviation, in response
// categories, that intervals use where a pack names none. It is the value
// with which the signs of survival mode were simulated (ANALYTICS, "Signs of
// survival mode").
const ItemPlanningSD = 1.0

// Levels below which a pack may forbid a measure, as its reporting rules
// write them.
const (
	minLevelOrganisation = "organisation"
	minLevelDepartment   = "department"
	minLevelTeam         = "team"
)

// measure is one figure that a wave can give for a unit.
type measure struct {
	pack      survey.PackRef // empty for MeasureResponse
	id        string
	statistic string
	bounds    bounds
	minLevel  string
	minN      int

	// score gives a ballot's score as an exact fraction num/of; of is 0 when
	// the ballot has no valid answer. nil for MeasureResponse.
	score func(survey.Answers) (score, error)
}

// bounds describe the numbers that a measure can take.
type bounds struct {
	low, high int64   // in the measure's reporting unit
	category  int64   // reporting units a response category; 1 for means
	sd        float64 // planning standard deviation, in response categories
}

// score is a ballot's exact score num/of in the reporting unit. A scale's
// score is a sum of whole answers over the number of items answered, so a
// fraction keeps what a float would round. The zero score is "no valid
// answer".
type score struct{ num, of int32 }

// measuresOf lists the measures of a wave: every scale of every pack, every
// item that stands in no scale, and MeasureResponse. Two measures with one
// name would be one line in a trend, so they are refused.
func measuresOf(packs []*survey.Pack) ([]measure, error) {
	measures := []measure{{id: MeasureResponse, statistic: StatisticCoverage, minLevel: minLevelTeam}}
	for _, p := range packs {
		inScale := make(map[string]bool)
		for _, s := range p.Scales {
			for _, id := range s.Items {
				inScale[id] = true
			}
			m, err := scaleMeasure(p, s)
			if err != nil {
				return nil, err
			}
			measures = append(measures, m)
		}
		for _, item := range p.Items {
			if !inScale[item.ID] {
				measures = append(measures, itemMeasure(p, item))
			}
		}
	}
	seen := make(map[string]string)
	for _, m := range measures {
		if other, twice := seen[m.id]; twice {
			return nil, survey.Fail(survey.Invalid, "error.release.measure_twice",
				survey.Args{"measure": m.id, "pack": m.pack.ID, "other": other})
		}
		seen[m.id] = m.pack.ID
	}
	return measures, nil
}

func scaleMeasure(p *survey.Pack, s survey.Scale) (measure, error) {
	low, high := s.Range(p)
	b := bounds{low: int64(low), high: int64(high), category: 1, sd: planningSD(s.PlanningSD)}
	if s.Method == survey.MethodSum {
		b.category = int64(len(s.Items))
	}
	if float64(b.low) != low || float64(b.high) != high || b.low >= b.high {
		return measure{}, survey.Fail(survey.Invalid, "error.release.range",
			survey.Args{"measure": s.ID, "pack": p.ID, "low": low, "high": high})
	}
	m := measure{pack: p.Ref(), id: s.ID, statistic: StatisticMean, bounds: b}
	m.score = func(a survey.Answers) (score, error) {
		value, ok := s.Score(p, a)
		if !ok {
			return score{}, nil
		}
		answered := 0
		for _, id := range s.Items {
			if _, has := a[id]; has {
				answered++
			}
		}
		return fraction(s.ID, value, answered)
	}
	m.minLevel, m.minN = limits(p, s.ID, s.Items)
	return m, nil
}

func itemMeasure(p *survey.Pack, item survey.Item) measure {
	m := measure{
		pack: p.Ref(), id: item.ID, statistic: StatisticMean,
		bounds: bounds{low: int64(item.Min()), high: int64(item.Max()), category: 1, sd: planningSD(item.PlanningSD)},
	}
	m.score = func(a survey.Answers) (score, error) {
		value, answered := a[item.ID]
		if !answered {
			return score{}, nil
		}
		return fraction(item.ID, survey.ItemScore(item, value), 1)
	}
	m.minLevel, m.minN = limits(p, item.ID, []string{item.ID})
	return m
}

// planningSD is the pack's, or the default where it names none: an interval
// must never come out too narrow because a number was left out.
func planningSD(named float64) float64 {
	if named > 0 {
		return named
	}
	return ItemPlanningSD
}

// fraction finds the whole number over answered items that a score stands
// for. The tolerance covers float rounding only: scores are multiples of
// 1/answered by their definition (ANALYTICS: "Scoring").
func fraction(id string, value float64, answered int) (score, error) {
	const tolerance = 1e-6
	num := value * float64(answered)
	whole := math.Round(num)
	if answered < 1 || math.Abs(num-whole) > tolerance || math.Abs(whole) > math.MaxInt32 {
		return score{}, survey.Fail(survey.Invalid, "error.release.score",
			survey.Args{"measure": id, "value": value, "answered": answered})
	}
	return score{num: int32(whole), of: int32(answered)}, nil
}

// limits gives the lowest level and smallest n at which a measure may be
// published. Anything with a sensitive item stays at the organisation
// (PRIVACY: "Packs and items never below their min level").
func limits(p *survey.Pack, id string, items []string) (minLevel string, minN int) {
	minLevel = minLevelTeam
	for _, rule := range p.Reporting {
		if rule.Measure == id {
			minLevel, minN = rule.MinLevel, rule.MinN
		}
	}
	for _, itemID := range items {
		if item, ok := p.Item(itemID); ok && item.Sensitive {
			minLevel = minLevelOrganisation
		}
	}
	return minLevel, minN
}
