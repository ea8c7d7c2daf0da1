package handlers

import (
	"slices"

	"attune/analytics"
	"attune/survey"
)

// sight is one release as a page about one unit may use it.
type sight struct {
	release *analytics.Release
	mine    bool                 // the unit belongs to the viewer's part in it
	among   []*analytics.Release // all that a series goes through, by opening date
}

// sights are the releases from the first to the last in which the unit
// belongs to the viewer's part. Those between in which it does not are kept,
// because a trend has to show them as gaps.
func (v viewer) sights(releases []*analytics.Release, unit survey.UnitID) ([]sight, error) {
	mine, err := v.seen(releases, unit)
	if err != nil {
		return nil, err
	}
	var line []sight
	for _, r := range releases {
		own := v.sees(r.Tree(), unit)
		if own || len(line) > 0 {
			line = append(line, sight{r, own, releases})
		}
		if r == mine[len(mine)-1] {
			break
		}
	}
	return line, nil
}

// measure is a scale or an item whose mean is shown: its names and words in
// one language.
type measure struct {
	pack      string
	id        string
	title     string
	direction survey.Direction
	low, high float64        // the range of the scale
	words     map[int]string // response words by value; nil where they do not fit
}

// measures are the scales and the team items of the signs in the packs of
// these releases, the latest version of each, in the order of the packs.
func (s speech) measures(line []sight) (scales, signs []measure) {
	had := make(map[string]bool)
	for i := len(line) - 1; i >= 0; i-- {
		for _, ref := range line[i].release.Packs() {
			if had[ref.ID] {
				continue
			}
			pack, err := s.con.library.Find(ref)
			if err != nil {
				continue // a pack of another installation: its figures are in the export
			}
			had[ref.ID] = true
			for _, scale := range pack.Scales {
				if !slices.ContainsFunc(scales, func(m measure) bool { return m.id == scale.ID }) {
					scales = append(scales, s.scale(pack, scale))
				}
			}
			signs = append(signs, s.signs(pack)...)
		}
	}
	return scales, signs
}

func (s speech) scale(pack *survey.Pack, scale survey.Scale) measure {
	m := measure{pack: pack.ID, id: scale.ID, title: scale.Title.In(s.lang), direction: scale.Direction}
	m.low, m.high = scale.Range(pack)
	if scale.Method == "mean" && len(scale.Items) > 0 {
		if item, ok := pack.Item(scale.Items[0]); ok {
			m.words = s.words(item)
		}
	}
	return m
}

// signs are the items about the team that observe one sign each, in the order
// of the pack's signs.
func (s speech) signs(pack *survey.Pack) []measure {
	var signs []measure
	for _, sign := range pack.Signs {
		for _, item := range pack.Items {
			if item.Sign != sign.ID || item.View != "team" {
				continue
			}
			signs = append(signs, measure{
				pack: pack.ID, id: item.ID, title: sign.Title.In(s.lang), direction: survey.HigherWorse,
				low: float64(item.Min()), high: float64(item.Max()), words: s.words(item),
			})
		}
	}
	return signs
}

func (s speech) words(item survey.Item) map[int]string {
	words := make(map[int]string)
	for _, option := range item.Options() {
		if score, ok := option.Counts(); ok && words[score] == "" {
			words[score] = option.Label.In(s.lang)
		}
	}
	return words
}
