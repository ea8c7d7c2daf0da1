package handlers

import (
	"encoding/json"
	"slices"
	"strings"

	"attune/survey"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// drawnChart is a chart and what is read out instead of it.
type drawnChart struct {
	Chart json.RawMessage
	Label string
}

// The parts of a chart of who answered. A wave in which fewer than
// partialBelow of those asked did is drawn hollow.
const (
	roleAnswered = "answered"
	rolePartial  = "partial"
	roleLeast    = "least" // the line at partialBelow
)

// coverage draws who answered in every wave of a unit.
func (s speech) coverage(figures []figure, unit string) (drawnChart, error) {
	var parts []string
	for _, f := range figures {
		value := f.Answered
		if !f.Shown {
			value = f.Status
		}
		parts = append(parts, s.say("chart.part", survey.Args{"name": f.Wave, "value": value}))
	}
	label := s.say("chart.coverage.label", survey.Args{"unit": unit, "figures": strings.Join(parts, "; ")})
	chart, err := answeredBars(figures, label)
	return drawnChart{chart, label}, err
}

// answeredBars draws the share that answered as a column for each wave, with
// both numbers above it, and a line at partialBelow.
func answeredBars(figures []figure, description string) (json.RawMessage, error) {
	waves := make([]string, len(figures))
	columns := map[string][]opts.BarData{roleAnswered: make([]opts.BarData, len(figures)), rolePartial: make([]opts.BarData, len(figures))}
	var hidden []opts.ScatterData
	for i, f := range figures {
		waves[i] = strings.TrimSpace(f.Short + "\n" + f.Letter)
		for part := range columns {
			columns[part][i] = opts.BarData{Name: f.Status, Value: missing}
		}
		switch role := roleAnswered; {
		case !f.Shown:
			hidden = append(hidden, opts.ScatterData{Name: f.Status, Value: []int{i, 0}})
		default:
			if f.Partial {
				role = rolePartial
			}
			columns[role][i] = opts.BarData{Name: f.Answered, Value: f.value}
		}
	}
	chart := charts.NewBar()
	chart.SetGlobalOptions(
		charts.WithXAxisOpts(opts.XAxis{Type: "category"}),
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Min: 0, Max: 1}),
		charts.WithAriaOpts(&opts.Aria{Enabled: opts.Bool(true), Label: &opts.AriaLabel{Enabled: opts.Bool(true), Description: description}}),
	)
	chart.SetXAxis(waves)
	for _, role := range []string{roleAnswered, rolePartial} {
		if slices.ContainsFunc(columns[role], func(d opts.BarData) bool { return d.Value != missing }) {
			chart.AddSeries("", columns[role], charts.WithSeriesId(role+":0"), charts.WithBarChartOpts(opts.BarChart{Stack: "people"}), worded("top"))
		}
	}
	edge := charts.NewLine()
	edge.AddSeries("", []opts.LineData{}, charts.WithSeriesId(roleLeast+":0"), charts.WithMarkLineNameYAxisItemOpts(opts.MarkLineNameYAxisItem{YAxis: partialBelow}))
	chart.Overlap(edge)
	if len(hidden) > 0 {
		gaps := charts.NewScatter()
		gaps.AddSeries("", hidden, charts.WithSeriesId(roleHidden+":0"), charts.WithScatterChartOpts(opts.ScatterChart{Symbol: "rect"}))
		chart.Overlap(gaps)
	}
	chart.Validate()
	return marshalChart("coverage", chart.JSON(), "item", chartData{Grid: &gridData{Kind: "bars"}})
}
