package handlers

import (
	"math"
	"slices"

	"attune/analytics"
	"attune/survey"
)

// competencies is the pack of what people bring to their work, area by area.
const competencies = "competencies"

// areasTable is what a unit would like to learn: every area of competence in
// the order of the pack, which no figure can change.
type areasTable struct {
	Heading string // what was found
	Range   string // from where to where the figures run
	Who     string // whose figures these are, where they are not the unit's own
	Rows    []areaRow
	Around  []link // what else the source of the areas says
}

// areaRow is one area, with the words that its mean lies between.
type areaRow struct {
	ID, Name string
	Words    string
	Guide    link
	figure
}

// areas reads the areas of a unit, or of the block or unit that is shown in its
// place.
func (s speech) areas(r *analytics.Release, unit survey.UnitID, pack *survey.Pack) areasTable {
	var t areasTable
	shown, below, half := 0, 0, ""
	for _, scale := range pack.Scales {
		m := s.scale(pack, scale)
		row := areaRow{ID: m.id, Name: m.title, figure: s.figure(r, string(unit), m, analytics.StatisticMean)}
		if row.block != "" {
			if other := s.figure(r, row.block, m, analytics.StatisticMean); other.Shown {
				t.Who, row.figure = row.Status, other
			}
		}
		if guide := s.con.guides.Scale(m.id); guide != nil {
			row.Guide = s.guideLink(guide)
		}
		middle := (m.low + m.high) / 2
		half = lower(m.words[int(math.Round(middle))])
		if row.Shown {
			shown++
			row.Words = s.between(m.words, row.value)
			if row.value < middle {
				below++
			}
		}
		t.Range = s.say("asked.areas.range", survey.Args{
			"low": s.num(m.low), "lowest": m.words[int(m.low)], "high": s.num(m.high), "highest": m.words[int(m.high)],
		})
		t.Rows = append(t.Rows, row)
	}
	if shown == 0 {
		t.Heading = s.say("asked.areas.hidden", survey.Args{"wave": s.wave(r.Wave())})
	} else {
		t.Heading = s.say("asked.areas", survey.Args{"wave": s.wave(r.Wave()), "below": below, "shown": shown, "word": half})
	}
	for _, guide := range s.con.guides.All() {
		if slices.ContainsFunc(guide.About.Topics, func(topic string) bool { return topic == "responsibilities" || topic == "results" }) {
			t.Around = append(t.Around, s.guideLink(guide))
		}
	}
	return t
}
