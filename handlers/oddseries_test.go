package handlers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"attune/survey"

	"pgregory.net/rapid"
)

// Whatever a series is, empty of figures, single, constant, at an end of the
// scale or all gaps: every chart can be written (JSON has no NaN and no
// infinity), has a place for each wave, and has as many values as are shown.
func TestOddSeriesAreDrawn(t *testing.T) {
	s := newHouse(t).speech("en")
	m := measure{id: "burnout", title: "Burnout", low: 1, high: 5, direction: survey.HigherWorse, words: map[int]string{3: "Sometimes"}}
	rapid.Check(t, func(rt *rapid.T) {
		waves := rapid.IntRange(1, 20).Draw(rt, "waves")
		constant := rapid.Bool().Draw(rt, "constant")
		shownOnly := rapid.SampledFrom([]int{0, 1, 2}).Draw(rt, "shown") // none, some, all
		var names []string
		var heat heatRow
		var signs signRow
		var figures []figure
		shown := 0
		for i := range waves {
			f := figure{Short: fmt.Sprint("W", i), Wave: fmt.Sprint("wave ", i), Status: "Not shown"}
			if shownOnly == 2 || shownOnly == 1 && rapid.Bool().Draw(rt, "this") {
				value := 3.0
				if !constant {
					value = rapid.SampledFrom([]float64{1, 1.5, 2.25, 3, 4.9, 5}).Draw(rt, "value")
				}
				f.Shown, f.value, f.Value, f.Answered = true, value, number("en", value), "8 of 8"
				shown++
			}
			names = append(names, f.Short)
			figures = append(figures, f)
			cell := heatCell{figure: f}
			if f.Shown {
				cell.Shade = strain(m, f.value)
			}
			heat.Cells = append(heat.Cells, cell)
			signs.Cells = append(signs.Cells, signCell{figure: f, State: "not_seen", Said: "not seen"})
		}
		table := signTable{Rows: []signRow{signs}}
		for _, name := range names {
			table.Waves = append(table.Waves, signWave{Short: name})
		}
		charts := map[string]func() (json.RawMessage, error){
			"line": func() (json.RawMessage, error) {
				return trend(m, []chartLine{{roleOwn, "Duty", figures}}, chartData{}, "words")
			},
			"map":     func() (json.RawMessage, error) { return heatMap(m, names, []heatRow{heat}, "words") },
			"strip":   func() (json.RawMessage, error) { return strip(table, "words") },
			"columns": func() (json.RawMessage, error) { return answeredBars(figures, "words") },
		}
		for name, draw := range charts {
			raw, err := draw()
			if err != nil {
				rt.Fatalf("%s: %v", name, err)
			}
			var d drawnGrid
			if err := json.Unmarshal(raw, &d); err != nil || len(d.Option.XAxis[0].Data) != waves {
				rt.Fatalf("%s: %v, %d places for %d waves", name, err, len(d.Option.XAxis[0].Data), waves)
			}
			hidden, values := 0, 0
			for _, series := range d.Option.Series {
				for _, p := range series.Data {
					switch {
					case strings.HasPrefix(series.ID, roleHidden):
						hidden++
					case string(p.Value) != `"-"`:
						values++
					}
				}
			}
			want := shown
			if name == "strip" {
				want = waves // a state in every wave
			}
			if values != want || name != "line" && hidden != waves-shown {
				rt.Fatalf("%s: %d values and %d gaps of %d shown in %d waves", name, values, hidden, shown, waves)
			}
		}
		if title := s.signsTitle(table.Rows, m); title == "" || strings.Contains(title, "NaN") {
			rt.Fatal(title)
		}
	})
}
