package handlers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"attune/analytics"
	"attune/survey"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// This file draws what stands in rows and columns over the waves: the signs of
// a unit, and one scale of all units. Tables beside them have the same cells.

// gridData is what grid.js has to know of such a chart beyond its option.
// Heights, widths and colours are the screen's.
type gridData struct {
	Kind   string `json:"kind"`             // "strip", "heat", "bars" or "gap"
	Levels []int  `json:"levels,omitempty"` // of the rows in the organisation, from 0
	Gaps   []int  `json:"gaps,omitempty"`   // rows of which something is not shown
}

// roleHidden is the part of a grid that has no figure. Its points have a place
// and no value, so that nothing can draw them as one; grid.js hatches them.
// (echarts' decal does not hold on symbols, and go-echarts has no field for
// it.)
const roleHidden = "hidden"

// The shapes of the states, the same as in the style sheet: hollow, half
// filled, filled, hollow with a dot, and a bar. Each is told from the others
// in black and white.
const (
	shapeEmerging = "path://M0 0H20V20H0ZM3 3V10H17V3Z"
	shapeCleared  = "path://M10 0A10 10 0 0 1 10 20A10 10 0 0 1 10 0ZM10 3A7 7 0 0 0 10 17A7 7 0 0 0 10 3ZM10 6A4 4 0 0 1 10 14A4 4 0 0 1 10 6Z"
	shapeNone     = "path://M0 8H20V12H0Z"
)

func shapeOf(state string) string {
	switch analytics.SignState(state) {
	case analytics.SignPresent:
		return "rect"
	case analytics.SignEmerging:
		return shapeEmerging
	case analytics.SignCleared:
		return shapeCleared
	case analytics.SignCannotSay:
		return shapeNone
	}
	return "emptyCircle"
}

// gridAxes are the axes of a grid: waves to the right, rows from the top.
func gridAxes(waves, rows []string, description string) []charts.GlobalOpts {
	return []charts.GlobalOpts{
		charts.WithXAxisOpts(opts.XAxis{Type: "category", Data: waves}),
		charts.WithYAxisOpts(opts.YAxis{Type: "category", Data: rows, Inverse: opts.Bool(true)}),
		charts.WithAriaOpts(&opts.Aria{Enabled: opts.Bool(true), Label: &opts.AriaLabel{Enabled: opts.Bool(true), Description: description}}),
	}
}

// worded shows the name of a point, which is its word or its figure.
func worded(position string) charts.SeriesOpts {
	return charts.WithLabelOpts(opts.Label{Show: opts.Bool(true), Position: position, Formatter: "{b}"})
}

// strip draws the states of the signs: one series a state, by its shape, with
// its word beside it. Waves without a figure are hatched behind the state that
// is kept for them.
func strip(t signTable, description string) (json.RawMessage, error) {
	var rows, waves []string
	for _, row := range t.Rows {
		rows = append(rows, row.Name)
	}
	for _, wave := range t.Waves {
		waves = append(waves, strings.TrimSpace(wave.Short+"\n"+wave.Letter))
	}
	points := make(map[string][]opts.ScatterData)
	var parts []string // in the order in which they come, so that a page is the same each time
	for y, row := range t.Rows {
		for x, cell := range row.Cells {
			add := func(part, word string) {
				if points[part] == nil {
					parts = append(parts, part)
				}
				points[part] = append(points[part], opts.ScatterData{Name: word, Value: []int{x, y}})
			}
			if !cell.Shown {
				add(roleHidden, cell.Status)
			}
			add(cell.State, cell.Said)
		}
	}
	chart := charts.NewScatter()
	chart.SetGlobalOptions(gridAxes(waves, rows, description)...)
	chart.SetXAxis(waves)
	for _, part := range parts {
		look := []charts.SeriesOpts{charts.WithSeriesId(part + ":0")}
		if part == roleHidden {
			look = append(look, charts.WithScatterChartOpts(opts.ScatterChart{Symbol: "rect"}))
		} else {
			look = append(look, charts.WithScatterChartOpts(opts.ScatterChart{Symbol: shapeOf(part), SymbolKeepAspect: opts.Bool(true)}), worded("bottom"))
		}
		chart.AddSeries("", points[part], look...)
	}
	chart.Validate()
	return marshalChart("signs", chart.JSON(), "item", chartData{Grid: &gridData{Kind: "strip"}})
}

// heatMap draws the figures of all units: one series a shade, each cell with
// its figure. The rows are those of the table, in the order of the tree.
func heatMap(m measure, waves []string, rows []heatRow, description string) (json.RawMessage, error) {
	names, levels := make([]string, len(rows)), make([]int, len(rows))
	shaded := make([][]opts.HeatMapData, shades+1)
	var hidden []opts.ScatterData
	for y, row := range rows {
		names[y], levels[y] = row.Name, row.Level
		for x, cell := range row.Cells {
			if !cell.Shown {
				hidden = append(hidden, opts.ScatterData{Name: cell.Status, Value: []int{x, y}})
				continue
			}
			shaded[cell.Shade] = append(shaded[cell.Shade], opts.HeatMapData{Name: cell.Value, Value: []any{x, y, cell.value}})
		}
	}
	chart := charts.NewHeatMap()
	chart.SetGlobalOptions(gridAxes(waves, names, description)...)
	for shade := 1; shade <= shades; shade++ {
		if len(shaded[shade]) == 0 {
			continue
		}
		chart.AddSeries("", shaded[shade], charts.WithSeriesId(fmt.Sprintf("shade-%d:0", shade)), worded("inside"))
	}
	if len(hidden) > 0 {
		gaps := charts.NewScatter()
		gaps.AddSeries("", hidden, charts.WithSeriesId(roleHidden+":0"), charts.WithScatterChartOpts(opts.ScatterChart{Symbol: "rect"}))
		chart.Overlap(gaps)
	}
	chart.Validate()
	return marshalChart(m.id, chart.JSON(), "item", chartData{Grid: &gridData{Kind: "heat", Levels: levels}})
}

// describeStrip tells the strip in one sentence for screen readers: the states
// of the latest wave.
func (s speech) describeStrip(t signTable, unit string) string {
	var parts []string
	wave := ""
	for _, row := range t.Rows {
		last := row.Cells[len(row.Cells)-1]
		wave = last.Wave
		parts = append(parts, s.say("chart.part", survey.Args{"name": row.Name, "value": last.Said}))
	}
	return s.say("chart.strip.label", survey.Args{"unit": unit, "wave": wave, "states": strings.Join(parts, "; ")})
}

// describeHeat tells the map in one sentence: the figures of the latest wave.
func (s speech) describeHeat(m measure, rows []heatRow) string {
	var parts []string
	wave := ""
	for _, row := range rows {
		last := row.Cells[len(row.Cells)-1]
		wave = last.Wave
		value := last.Value
		if !last.Shown {
			value = last.Status
		}
		parts = append(parts, s.say("chart.part", survey.Args{"name": row.Name, "value": value}))
	}
	return s.say("chart.heat.label", survey.Args{"measure": m.title, "wave": wave, "figures": strings.Join(parts, "; ")})
}

// pictured are the rows that a map has room for: all, or else those of the
// upper levels, as many whole levels as go into most rows, the first two at
// least. The table has all of them.
func pictured(rows []heatRow, most int) []heatRow {
	upTo := func(level int) []heatRow {
		return slices.DeleteFunc(slices.Clone(rows), func(row heatRow) bool { return row.Level > level })
	}
	deepest := 1
	for len(upTo(deepest)) < len(rows) && len(upTo(deepest+1)) <= most {
		deepest++
	}
	return upTo(deepest)
}
