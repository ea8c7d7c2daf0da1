package handlers

import (
	"encoding/json"
	"fmt"
	"strings"

	"attune/survey"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// chartData is what a page carries for one chart: the option for echarts and
// the words of the axis. static/js/console starts it and adds the colours.
type chartData struct {
	Option map[string]any `json:"option"`
	Words  map[int]string `json:"words,omitempty"`
	Breaks []breakMark    `json:"breaks,omitempty"`
	Usual  []usualRange   `json:"usual,omitempty"`
	Events []eventMark    `json:"events,omitempty"`
	Grid   *gridData      `json:"grid,omitempty"` // of rows and columns instead of lines
}

// The parts that a line plays in a chart; console.js paints by them.
const (
	roleOwn      = "own"
	roleAbove    = "above"
	roleTogether = "together" // the block that the unit is combined in
	roleUsual    = "usual"    // where the unit's values usually lie; no line of figures
)

// chartLine is one line: the figures of one unit over the waves.
type chartLine struct {
	role    string
	name    string
	figures []figure
}

// missing is echarts' sign for a value that is not there. A line has a gap
// where it stands.
const missing = "-"

// trend draws lines over waves, with the marks that are given. description is
// read out instead of the chart.
func trend(m measure, lines []chartLine, marks chartData, description string) (json.RawMessage, error) {
	chart := charts.NewLine()
	chart.SetGlobalOptions(
		charts.WithYAxisOpts(opts.YAxis{Type: "value", Min: m.low, Max: m.high, MinInterval: axisStep(m), SplitNumber: 4}),
		charts.WithXAxisOpts(opts.XAxis{Type: "category"}),
		charts.WithAriaOpts(&opts.Aria{Enabled: opts.Bool(true), Label: &opts.AriaLabel{Enabled: opts.Bool(true), Description: description}}),
	)
	for i, line := range lines {
		if i == 0 {
			names := make([]string, len(line.figures))
			for j, f := range line.figures {
				names[j] = f.Short
			}
			chart.SetXAxis(names)
		}
		addLine(chart, line)
	}
	chart.Validate()
	marks.Words = m.words
	return marshalChart(m.id, chart.JSON(), "axis", marks)
}

// marshalChart takes an option to the page: without go-echarts' own title,
// legend and colours, which the page and its style sheet have, and with what
// go-echarts has no fields for. trigger is what a tooltip is about: "axis" or
// "item".
func marshalChart(name string, option map[string]any, trigger string, data chartData) (json.RawMessage, error) {
	// HTML tooltips would break the content security policy.
	option["tooltip"] = struct {
		Show       bool   `json:"show"`
		Trigger    string `json:"trigger"`
		RenderMode string `json:"renderMode"`
	}{true, trigger, "richText"}
	for _, unused := range []string{"title", "legend", "toolbox", "color"} {
		delete(option, unused)
	}
	data.Option = option
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("chart of %s: %w", name, err)
	}
	return raw, nil
}

// axisStep is one response category, or ten points on a summed scale.
func axisStep(m measure) float64 {
	if m.words != nil {
		return 1
	}
	return 10
}

// addLine adds a series for each stretch with one version of the pack and one
// set of teams, so that no line runs on where the questions or the teams
// changed.
func addLine(chart *charts.Line, line chartLine) {
	for part, from := 0, 0; from < len(line.figures); part++ {
		to := from + 1
		for to < len(line.figures) && line.figures[to].Break == "" && (line.figures[to].version == line.figures[from].version || line.figures[to].version == "" || line.figures[from].version == "") {
			to++
		}
		data := make([]opts.LineData, len(line.figures))
		var marks []charts.SeriesOpts
		for i, f := range line.figures {
			data[i] = opts.LineData{Value: missing, Name: f.Status}
			if i < from || i >= to || !f.Shown {
				continue
			}
			data[i] = opts.LineData{Value: f.value, Name: f.Value}
			if line.role != roleAbove && f.ranged {
				marks = append(marks, charts.WithMarkLineNameCoordItemOpts(opts.MarkLineNameCoordItem{
					Coordinate0: []any{i, f.low}, Coordinate1: []any{i, f.high},
				}))
			}
		}
		look := []charts.SeriesOpts{
			charts.WithSeriesId(fmt.Sprintf("%s:%d", line.role, part)),
			charts.WithLineChartOpts(opts.LineChart{Symbol: symbolOf(line.role), SymbolSize: 9, ShowSymbol: opts.Bool(true), ConnectNulls: opts.Bool(false)}),
		}
		if line.role == roleAbove {
			look = append(look, charts.WithLineStyleOpts(opts.LineStyle{Type: "dashed"}))
		} else {
			look = append(look, charts.WithMarkLineStyleOpts(opts.MarkLineStyle{Symbol: []string{"none", "none"}, Label: &opts.Label{Show: opts.Bool(false)}}))
		}
		chart.AddSeries(line.name, data, append(look, marks...)...)
		from = to
	}
}

func symbolOf(role string) string {
	if role == roleTogether {
		return "rect"
	}
	return "circle"
}

// describe tells a chart in one sentence for screen readers.
func (s speech) describe(m measure, name string, figures []figure) string {
	var parts []string
	for _, f := range figures {
		value := f.Value
		if !f.Shown {
			value = f.Status
		}
		if f.Break != "" {
			value += ", " + f.Break
		}
		parts = append(parts, f.Wave+": "+value)
	}
	return s.say("console.chart.label", survey.Args{"measure": m.title, "unit": name, "figures": strings.Join(parts, "; ")})
}
