package analytics

import (
	"slices"

	"attune/survey"
)

// Statistics of a cell.
const (
	StatisticMean     = "mean"
	StatisticCoverage = "coverage"
	StatisticSD       = "sd"
	StatisticCount    = "count"
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

// Bands of the counts of an item with five answers: the first two, the
// middle one, the last two. The measure of a count is ITEM:BAND.
const (
	BandLow    = "low"
	BandMiddle = "middle"
	BandHigh   = "high"
)

// bands is the number of an item's bands.
const bands = 3

// bandNames are the names of the bands from the lowest score up, bandSizes the
// number of scores in each.
func bandNames() [bands]string { return [bands]string{BandLow, BandMiddle, BandHigh} }
func bandSizes() [bands]int64  { return [bands]int64{2, 1, 2} }

// bandedOptions is the number of scores of an item that has bands.
const bandedOptions = 5

// measure is one figure that a wave can give for a unit.
type measure struct {
	pack     survey.PackRef // empty for MeasureResponse
	id       string
	bounds   bounds
	minLevel string
	minN     int
	source   []source // of its items; none for MeasureResponse
	least    int      // items to be answered for a score
	banded   bool     // an item with counts in bands
	linked   []int    // measures that a ballot must score on as well: they share items with this one
}

// unscored stands for the score of an option that counts as left out. Scores
// are never negative.
const unscored = -1

// source is an item of a measure: where it stands on the sheet, and the score
// of each option in their order, as survey.ItemScore gives it, or unscored.
type source struct {
	at     int
	scores []int64
}

// bounds describe the numbers that a measure can take.
type bounds struct {
	low, high int64   // in the measure's reporting unit
	category  int64   // reporting units a response category; 1 for means
	sd        float64 // planning standard deviation, in response categories
	den       int64   // exact sums are whole numbers of 1/den response categories
}

// bottom and span are the low end and the width of the scale in response
// categories.
func (b bounds) bottom() int64 { return b.low / b.category }
func (b bounds) span() int64   { return (b.high - b.low) / b.category }

// maxDen bounds bounds.den. Up to it, which is enough for every scale of ten
// items or fewer, a score is exact; beyond it a single score is rounded to
// 1/2520 of a category (2520 is the least common multiple of 1 to 10), far below
// any display step. It keeps every sum of a million people inside 64 bits.
const maxDen = 2520

// denominator is the least common multiple of the numbers of items that may
// have been answered, or maxDen where it is larger.
func denominator(least, items int) int64 {
	den := int64(1)
	for answered := int64(max(least, 1)); answered <= int64(items); answered++ {
		den = den / gcd(den, answered) * answered
		if den > maxDen {
			return maxDen
		}
	}
	return den
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// score gives a ballot's score in 1/den of a response category; ok is false
// when too few items are answered. A byte of the sheet is 0 for skipped, else
// one more than the option's place.
func (m measure) score(sheet []byte) (units int64, ok bool) {
	sum, answered := int64(0), int64(0)
	for _, s := range m.source {
		if b := sheet[s.at]; b > 0 && s.scores[b-1] != unscored {
			sum += s.scores[b-1]
			answered++
		}
	}
	if answered == 0 || answered < int64(m.least) {
		return 0, false
	}
	return (2*sum*m.bounds.den + answered) / (2 * answered), true // to the nearest; exact wherever answered divides den
}

// measuresOf lists the measures of a wave: MeasureResponse, every scale of
// every pack, and every item that stands in no scale. Items inside a scale
// have no figures of their own: together with the scale they would say more
// than either (PRIVACY, section 6, "Planner"). Two measures with one name
// would be one line in a trend, so they are refused.
func measuresOf(packs []*survey.Pack) ([]measure, error) {
	measures := []measure{{id: MeasureResponse, minLevel: minLevelTeam}}
	at := 0 // of the pack's first item on the sheet
	for _, p := range packs {
		inScale := make(map[string][]int) // scales by item
		for _, s := range p.Scales {
			m, err := scaleMeasure(p, s, at)
			if err != nil {
				return nil, err
			}
			for _, id := range s.Items {
				inScale[id] = append(inScale[id], len(measures))
			}
			measures = append(measures, m)
		}
		link(measures, inScale)
		for i, item := range p.Items {
			if len(inScale[item.ID]) == 0 {
				measures = append(measures, itemMeasure(p, item, at+i))
			}
		}
		at += len(p.Items)
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

// link ties scales that share items: their figures are about one common set
// of ballots, those that score on all of them, so that their difference is
// about nobody else.
func link(measures []measure, inScale map[string][]int) {
	for _, scales := range inScale {
		for _, a := range scales {
			for _, b := range scales {
				if a != b && !slices.Contains(measures[a].linked, b) {
					measures[a].linked = append(measures[a].linked, b)
				}
			}
		}
	}
	for changed := true; changed; { // a scale linked to a linked one is linked
		changed = false
		for a := range measures {
			for _, b := range measures[a].linked {
				for _, c := range measures[b].linked {
					if c != a && !slices.Contains(measures[a].linked, c) {
						measures[a].linked, changed = append(measures[a].linked, c), true
					}
				}
			}
		}
	}
}

func scaleMeasure(p *survey.Pack, s survey.Scale, first int) (measure, error) {
	low, high := s.Range(p)
	b := bounds{low: int64(low), high: int64(high), category: 1, sd: planningSD(s.PlanningSD), den: denominator(s.MinAnswered, len(s.Items))}
	if s.Method == survey.MethodSum {
		b.category = int64(len(s.Items))
	}
	if float64(b.low) != low || float64(b.high) != high || b.low >= b.high {
		return measure{}, survey.Fail(survey.Invalid, "error.release.range",
			survey.Args{"measure": s.ID, "pack": p.ID, "low": low, "high": high})
	}
	m := measure{pack: p.Ref(), id: s.ID, bounds: b, least: s.MinAnswered}
	for _, id := range s.Items {
		for i, item := range p.Items {
			if item.ID == id {
				m.source = append(m.source, sourceOf(item, first+i))
			}
		}
	}
	m.minLevel, m.minN = limits(p, s.ID, s.Items)
	return m, nil
}

func itemMeasure(p *survey.Pack, item survey.Item, at int) measure {
	m := measure{
		pack: p.Ref(), id: item.ID, least: 1, source: []source{sourceOf(item, at)},
		bounds: bounds{low: int64(item.Min()), high: int64(item.Max()), category: 1, sd: planningSD(item.PlanningSD), den: 1},
	}
	// Bands need scores without gaps, so that every sum between two
	// possible ones is possible too.
	m.banded = scoresOf(item) == bandedOptions && m.bounds.high-m.bounds.low == bandedOptions-1
	m.minLevel, m.minN = limits(p, item.ID, []string{item.ID})
	return m
}

func sourceOf(item survey.Item, at int) source {
	s := source{at: at}
	for _, option := range item.Options() {
		score, ok := survey.ItemScore(item, option.Value)
		if !ok {
			score = unscored
		}
		s.scores = append(s.scores, int64(score))
	}
	return s
}

// scoresOf counts the different scores of an item.
func scoresOf(item survey.Item) int {
	seen := make(map[int]bool)
	for _, option := range item.Options() {
		if score, ok := option.Counts(); ok {
			seen[score] = true
		}
	}
	return len(seen)
}

// planningSD is the pack's, or the default where it names none: an interval
// must never come out too narrow because a number was left out.
func planningSD(named float64) float64 {
	if named > 0 {
		return named
	}
	return ItemPlanningSD
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

// bandIDs are the measures of an item's counts, from the lowest band up.
func bandIDs(item string) [bands]string {
	ids := bandNames()
	for i := range ids {
		ids[i] = item + ":" + ids[i]
	}
	return ids
}
