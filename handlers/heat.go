package handlers

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"

	"attune/analytics"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// heatPath is the page of all units over the waves.
const heatPath = "/console/units"

// heatWaves is how many waves the heat map shows: a year and a bit of monthly
// ones. The unit's own page has them all.
const heatWaves = 14

// heatRows is how many units the picture has room for; the table has them all.
const heatRows = 60

// heatPage shows one scale of all units of the viewer's part, wave by wave. The
// units stand in the order of the tree, which no figure can change.
type heatPage struct {
	frame
	Heading       string // what was found, in words
	Note          string // which way is better
	Empty         string
	Scales        []choice
	Waves         []string
	Rows          []heatRow
	Sort          heads
	SortPooled    heads
	Pooled        []pooledRow // of the latest wave; none where there are too few siblings
	PooledHeading string
	Hidden        []reason
	Latest        waveFacts
	K             int
	Chart         json.RawMessage
	Label         string // the chart in words, for screen readers
	Part          bool   // the chart has the upper levels only
	Neutral       bool   // neither end of the scale is the better one: shades say high and low
}

type heatRow struct {
	Name, Path string
	Level      int
	Cells      []heatCell
}

// heatCell is a figure with its shade; the number always stands in it.
type heatCell struct {
	figure
	Shade int // 1 to 4: how strained; the quarters of the scale
}

// pooledRow is a value beside the estimate that gives its shade.
type pooledRow struct {
	Name, Shown, Pooled string
	moved               float64 // from one to the other
}

func (con *console) heat(c echo.Context, v viewer) error {
	releases, err := con.archive.Releases(c.Request().Context())
	if err != nil {
		return err
	}
	return con.keptPage(c, v, "heat", basis{releases: releases}, func(s speech, v viewer) (any, error) {
		return s.heatPage(c, v, releases)
	})
}

// heatPage makes the page of the scale that the address names, or of the first.
func (s speech) heatPage(c echo.Context, v viewer, releases []*analytics.Release) (heatPage, error) {
	p := heatPage{frame: s.con.frame(s.lang, "heat.title", &v, heatPath)}
	p.Charts = true
	latest, root, ok := v.latest(releases)
	if !ok {
		p.Empty = s.say("console.overview.empty", nil)
		return p, nil
	}
	s = s.explaining(reasons{open: func(u survey.UnitID) bool { return v.sees(latest.Tree(), u) }, instead: "heat"})
	line, err := v.sights(regular(releases), root)
	if err != nil {
		return p, err
	}
	scales, _ := s.measures(line)
	scales = slices.DeleteFunc(scales, func(m measure) bool { _, ok := latest.Cell(string(root), m.id, analytics.StatisticMean); return !ok })
	if len(scales) == 0 {
		p.Empty = s.say("heat.no_scale", nil)
		return p, nil
	}
	at := max(0, slices.IndexFunc(scales, func(m measure) bool { return m.id == c.QueryParam("measure") }))
	for i, m := range scales {
		p.Scales = append(p.Scales, choice{m.id, m.title, i == at})
	}
	p.Here = heatPath + "?measure=" + url.QueryEscape(scales[at].id)
	if err := s.fillHeat(&p, v, line, root, scales[at]); err != nil {
		return p, err
	}
	p.Sort = inOrder(s, c, p.frame, "units", p.Rows, byName("unit", "console.table.unit", func(r heatRow) string { return r.Name }))
	p.SortPooled = inOrder(s, c, p.frame, "pooled", p.Pooled, byName("unit", "console.table.unit", func(r pooledRow) string { return r.Name }))
	return p, nil
}

func (s speech) fillHeat(p *heatPage, v viewer, line []sight, root survey.UnitID, m measure) error {
	latest := line[len(line)-1].release
	tree := latest.Tree()
	p.Latest, p.K, p.Note = s.facts(latest), latest.K(), s.direction(m)
	line = line[max(0, len(line)-heatWaves):]
	for _, u := range tree.Units() {
		if !v.sees(tree, u.ID) {
			continue
		}
		own := make([]sight, len(line)) // the unit may have lain elsewhere before
		for i, at := range line {
			own[i] = sight{at.release, v.sees(at.release.Tree(), u.ID), at.among}
		}
		figures := s.over(own, string(u.ID), m, analytics.StatisticMean)
		if len(figures) == 0 {
			continue
		}
		row := heatRow{Name: s.unit(u), Path: "/console/teams/" + string(u.ID), Level: tree.Depth(u.ID) - tree.Depth(root)}
		pooled := pooledOf(latest, u, m)
		for i, f := range figures {
			cell := heatCell{figure: f}
			if f.Shown {
				value := f.value
				if mean, ok := pooled[string(u.ID)]; ok && i == len(figures)-1 {
					value = mean
				}
				cell.Shade = strain(m, value)
			}
			row.Cells = append(row.Cells, cell)
		}
		p.Rows = append(p.Rows, row)
		if len(figures) > len(p.Waves) {
			p.Waves = p.Waves[:0]
			for _, f := range figures {
				p.Waves = append(p.Waves, f.Short)
			}
		}
		if last := figures[len(figures)-1]; last.Shown {
			if mean, ok := pooled[string(u.ID)]; ok {
				p.Pooled = append(p.Pooled, pooledRow{row.Name, last.Value, s.num(mean), math.Abs(round2(mean - last.value))})
			}
		}
	}
	p.Neutral = m.direction == survey.Neutral
	p.Heading = s.heatHeading(m, p.Rows, s.wave(latest.Wave()))
	p.PooledHeading = s.pooledHeading(p.Pooled, s.wave(latest.Wave()))
	p.Hidden = s.whyNot(tree)
	drawn := pictured(p.Rows, heatRows)
	p.Part, p.Label = len(drawn) < len(p.Rows), s.describeHeat(m, drawn)
	var err error
	p.Chart, err = heatMap(m, p.Waves, drawn, p.Label)
	return err
}

// heatHeading says how many units the latest wave found strained, and of how
// many that is not told. It names none of them.
func (s speech) heatHeading(m measure, rows []heatRow, wave string) string {
	shown, strained, hidden := 0, 0, 0
	for _, row := range rows {
		switch last := row.Cells[len(row.Cells)-1]; {
		case last.Shown && last.Shade > shades/2:
			shown, strained = shown+1, strained+1
		case last.Shown:
			shown++
		case last.Invited != "":
			hidden++
		}
	}
	args := survey.Args{"measure": m.title, "wave": wave, "strained": strained, "shown": shown, "hidden": hidden}
	key := "heat.heading"
	switch {
	case shown == 0:
		return s.say("heat.heading.none", args)
	case hidden == 0:
		key += ".all"
	}
	if m.direction == survey.Neutral {
		key += ".neutral"
	}
	return s.say(key, args)
}

// pooledHeading says how far the shades are from the figures at most.
func (s speech) pooledHeading(rows []pooledRow, wave string) string {
	most := 0.0
	for _, row := range rows {
		most = max(most, row.moved)
	}
	if most == 0 {
		return s.say("heat.pooled.still", survey.Args{"wave": wave})
	}
	return s.say("heat.pooled.title", survey.Args{"wave": wave, "by": s.num(most)})
}

// pooledOf are the estimates of the units beside u, by id; empty where there
// are too few of them.
func pooledOf(r *analytics.Release, u survey.Unit, m measure) map[string]float64 {
	means := make(map[string]float64)
	if u.Parent == "" {
		return means
	}
	for _, pooled := range r.Pool(u.Parent, m.id) {
		means[pooled.Unit] = math.Round(pooled.Mean*100) / 100
	}
	return means
}

// shadeOf is the shade of a shown figure of the latest wave: that of its
// estimate, where there are enough units beside it.
func shadeOf(r *analytics.Release, u survey.Unit, m measure, f figure) int {
	if mean, ok := pooledOf(r, u, m)[string(u.ID)]; ok {
		return strain(m, mean)
	}
	return strain(m, f.value)
}

// strain is the quarter of a scale that a value lies in, counted from the good
// end; a value between two quarters counts to the more strained.
func strain(m measure, value float64) int {
	share := (value - m.low) / (m.high - m.low)
	if m.direction == survey.HigherBetter {
		share = 1 - share
	}
	return max(1, min(shades, int(math.Floor(share*shades))+1))
}
