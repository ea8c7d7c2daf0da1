package handlers

import (
	"encoding/json"
	"strings"

	"attune/survey"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// The two views of a sign in a chart. Each mark says on which side its figure
// stands, so that the figures of a sign keep apart: "self-left".
const (
	roleSelf = "self" // a circle
	roleTeam = "team" // a square
)

// gapChart draws both views of every sign on the scale of the answers, joined
// by a line. A sign of which a view is not shown is hatched: rows lists it in
// the grid's gaps, and what is shown of it is drawn.
func (s speech) gapChart(t selfTeam, m measure, unit string) (drawnChart, error) {
	var rows, parts []string
	var gaps []int
	points := make(map[string][]opts.ScatterData)
	var joined []charts.SeriesOpts
	for y, row := range t.Rows {
		rows = append(rows, row.Name)
		said := row.Gap
		if said == "" {
			gaps = append(gaps, y)
			said = s.say("chart.gap.hidden", nil)
		} else if row.Self.value != row.Team.value {
			joined = append(joined, charts.WithMarkLineNameCoordItemOpts(opts.MarkLineNameCoordItem{
				Coordinate0: []any{row.Self.value, y}, Coordinate1: []any{row.Team.value, y},
			}))
		}
		parts = append(parts, s.say("chart.part", survey.Args{"name": row.Name, "value": said}))
		self, team := "-left", "-right"
		if row.Self.value > row.Team.value {
			self, team = team, self
		}
		if row.Self.Shown {
			points[roleSelf+self] = append(points[roleSelf+self], opts.ScatterData{Name: row.Self.Value, Value: []any{row.Self.value, y}})
		}
		if row.Team.Shown {
			points[roleTeam+team] = append(points[roleTeam+team], opts.ScatterData{Name: row.Team.Value, Value: []any{row.Team.value, y}})
		}
	}
	label := s.say("chart.gap.label", survey.Args{"unit": unit, "wave": t.Wave, "gaps": strings.Join(parts, "; ")})
	chart := charts.NewScatter()
	chart.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "value", Min: m.low, Max: m.high}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Data: rows, Inverse: opts.Bool(true)}),
		charts.WithAriaOpts(&opts.Aria{Enabled: opts.Bool(true), Label: &opts.AriaLabel{Enabled: opts.Bool(true), Description: label}}),
	)
	symbols := map[string]string{roleSelf: "circle", roleTeam: "rect"}
	names := map[string]string{roleSelf: s.say("selfteam.self_head", nil), roleTeam: s.say("selfteam.team_head", nil)}
	for _, role := range []string{roleSelf, roleTeam} {
		for _, side := range []string{"left", "right"} {
			if part := role + "-" + side; len(points[part]) > 0 {
				chart.AddSeries(names[role], points[part], charts.WithSeriesId(part+":0"), charts.WithScatterChartOpts(opts.ScatterChart{Symbol: symbols[role]}), worded(side))
			}
		}
	}
	if len(joined) > 0 {
		chart.AddSeries("", []opts.ScatterData{}, append(joined, charts.WithSeriesId("joined:0"),
			charts.WithMarkLineStyleOpts(opts.MarkLineStyle{Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)}}))...)
	}
	chart.Validate()
	raw, err := marshalChart("views", chart.JSON(), "item", chartData{Words: m.words, Grid: &gridData{Kind: "gap", Gaps: gaps}})
	return drawnChart{json.RawMessage(raw), label}, err
}
