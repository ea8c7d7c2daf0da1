package handlers

import (
	"slices"

	"attune/analytics"
	"attune/survey"
)

// sight is one release as a page about one unit may use it.
type sight struct {
	release *analytics.Release
	mine    bool // the unit belongs to the viewer's part in it
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
			line = append(line, sight{r, own})
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
		words[option.Value] = option.Label.In(s.lang)
	}
	return words
}

// figure is one cell in words, ready for a page.
type figure struct {
	Wave     string // "November 2026"
	Short    string // under the chart
	Value    string // "2.5", "4 or more"; empty when not shown
	Interval string // "2 to 3"
	N        string
	Invited  string
	Status   string // in words
	Shown    bool
	Partial  bool // fewer than 60 in 100 answered

	wave             survey.WaveID
	release          *analytics.Release
	block            string // what is shown in its place, when combined
	value, low, high float64
	ranged           bool   // low and high are set
	version          string // of the pack; a new one breaks the line
}

// partialBelow is the coverage under which a figure is called partial
// (ANALYTICS: "Two different questions, two intervals").
const partialBelow = 0.6

// figure reads a cell of a unit or block in a release.
func (s speech) figure(r *analytics.Release, unit string, m measure, statistic string) figure {
	cell, ok := r.Cell(unit, m.id, statistic)
	return s.figureOf(r, cell, ok)
}

// figureOf puts a cell of a release in words; present is false where the
// release has none.
func (s speech) figureOf(r *analytics.Release, cell analytics.Cell, present bool) figure {
	f := figure{wave: r.Wave(), release: r, Wave: s.wave(r.Wave()), Short: s.waveShort(r.Wave())}
	if !present {
		f.Status = s.say("console.status.absent", nil)
		return f
	}
	f.version, f.block = cell.Pack+" "+cell.PackVersion, cell.Block
	if cell.Invited > 0 {
		f.Invited = s.num(float64(cell.Invited))
	}
	f.Status = s.status(r, cell)
	if cell.Status != analytics.StatusShown {
		return f
	}
	f.Shown, f.value, f.Value, f.N = true, cell.Value, s.value(cell), s.num(float64(cell.N))
	if cell.Interval {
		f.ranged, f.low, f.high = true, cell.Low, cell.High
		f.Interval = s.say("console.interval", survey.Args{"low": s.num(cell.Low), "high": s.num(cell.High)})
	}
	f.Partial = float64(cell.N) < partialBelow*float64(cell.Invited)
	return f
}

// value writes a shown value; one on the edge of what may be told says so.
func (s speech) value(cell analytics.Cell) string {
	switch cell.Reason {
	case analytics.ReasonClampedHigh:
		return s.say("console.or_more", survey.Args{"value": s.num(cell.Value)})
	case analytics.ReasonClampedLow:
		return s.say("console.or_less", survey.Args{"value": s.num(cell.Value)})
	}
	return s.num(cell.Value)
}

// status says in words whether a cell is shown, and if not, why.
func (s speech) status(r *analytics.Release, cell analytics.Cell) string {
	switch cell.Status {
	case analytics.StatusShown:
		return s.say("console.status.shown", nil)
	case analytics.StatusCombined:
		return s.combined(r, cell)
	}
	if key := "console.reason." + string(cell.Reason); s.con.site.Has(key) {
		return s.say(key, survey.Args{"k": r.K()})
	}
	return s.say("console.status."+string(cell.Status), nil)
}

// combined says what is shown in place of a unit: a block of teams, or a unit
// above that has nobody else.
func (s speech) combined(r *analytics.Release, cell analytics.Cell) string {
	if _, ok := r.Block(cell.Block); !ok {
		return s.say("console.status.within", survey.Args{"unit": s.unitID(r.Tree(), survey.UnitID(cell.Block))})
	}
	return s.say("console.status.combined", survey.Args{"teams": s.members(r, cell.Block, cell.Unit)})
}

// members names the teams of a block other than one of them, each with its
// headcount, never with its number of answers.
func (s speech) members(r *analytics.Release, block, but string) string {
	b, ok := r.Block(block)
	if !ok {
		return s.unitID(r.Tree(), survey.UnitID(block))
	}
	var names []string
	for _, id := range b.Units {
		if unit, ok := r.Unit(id); ok && string(id) != but {
			names = append(names, s.say("console.team_headcount", survey.Args{"unit": s.unitID(r.Tree(), id), "headcount": unit.Invited}))
		}
	}
	return s.list(names)
}
