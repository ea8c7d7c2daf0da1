package handlers

import (
	"encoding/json"
	"math"
	"slices"

	"attune/analytics"
	"attune/survey"
)

// signTable is the strip of the six signs: a row for each sign, a column for
// each wave.
type signTable struct {
	Waves  []signWave
	Rows   []signRow
	Title  string      // of the means
	Mode   string      // whether the unit shows survival mode, in the latest wave
	Words  []signWord  // what the shades stand for
	Breaks []breakMark // where the line begins anew
	Chart  json.RawMessage
	Label  string // the chart in words, for screen readers
}

// signWave is the head of a column.
type signWave struct{ Short, Letter string }

type signRow struct {
	Name  string
	Cells []signCell
}

// signCell is one mean with its shade; the number always stands in it.
type signCell struct {
	figure
	Shade int    // 1 to 4: between which two response words the mean lies
	State string // what the sign is as of this wave, for its shape
	Said  string // the same in words
}

// signWord explains a shade.
type signWord struct {
	Shade int
	Text  string
}

// shades are the steps between the five response words.
const shades = 4

// shade is the stretch between two neighbouring words that a mean lies in;
// one exactly on a word counts to the stretch above, the highest to the last.
func shade(mean, low float64) int {
	return max(1, min(shades, int(math.Floor(mean-low))+1))
}

// signTable reads the signs of a unit over the waves. It has no rows where
// the signs were never asked.
func (s speech) signTable(line []sight, unit survey.UnitID, scales, signs []measure, events []survey.Event) (signTable, error) {
	var t signTable
	var latest []analytics.SignState
	for _, m := range signs {
		series := seriesOf(line, string(unit), m, analytics.StatisticMean)
		figures := s.figures(line, series)
		if !slices.ContainsFunc(figures, func(f figure) bool { return f.version != "" }) {
			continue
		}
		states := analytics.SignStates(along(line, series))
		latest = append(latest, states[len(states)-1])
		marks := s.marks(chartLine{figures: figures})
		row := signRow{Name: m.title}
		for i, f := range figures {
			cell := signCell{figure: f, State: string(states[i]), Said: s.say("signs.state."+string(states[i]), nil)}
			if f.Shown {
				cell.Shade = shade(f.value, m.low)
			}
			row.Cells = append(row.Cells, cell)
		}
		if len(row.Cells) > len(t.Waves) {
			t.Waves, t.Breaks = t.Waves[:0], marks
			for _, cell := range row.Cells {
				t.Waves = append(t.Waves, signWave{cell.Short, cell.Letter})
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if len(t.Rows) > 0 {
		t.Words = s.shadeWords(signs[0])
		stress := s.stress(line, unit, scales, events)
		t.Title, t.Mode = s.signsTitle(t.Rows, signs[0]), s.mode(latest, stress)
		t.Label = s.describeStrip(t, s.unitID(line[len(line)-1].release.Tree(), unit))
		var err error
		if t.Chart, err = strip(t, t.Label); err != nil {
			return signTable{}, err
		}
	}
	return t, nil
}

// stressScale is the scale whose "worse" makes two signs enough.
const stressScale = "sts"

// stress is the verdict of secondary traumatic stress; that it cannot be said
// where it was never asked.
func (s speech) stress(line []sight, unit survey.UnitID, scales []measure, events []survey.Event) analytics.Verdict {
	at := slices.IndexFunc(scales, func(m measure) bool { return m.id == stressScale })
	if at < 0 {
		return analytics.VerdictCannotSay
	}
	return s.trendOf(line, unit, scales[at], events).Verdict
}

// mode says whether the unit shows survival mode in the latest wave.
func (s speech) mode(signs []analytics.SignState, stress analytics.Verdict) string {
	present := 0
	for _, state := range signs {
		if state == analytics.SignPresent {
			present++
		}
	}
	mode := analytics.SurvivalMode(signs, stress)
	key := "signs.mode." + string(mode)
	if mode == analytics.ModeSurvival && stress == analytics.VerdictWorse {
		key += ".stress"
	}
	return s.say(key, survey.Args{"n": present, "of": len(signs)})
}

// shadeWords explain the shades by the response words that they lie between.
func (s speech) shadeWords(m measure) []signWord {
	words := make([]signWord, shades)
	for i := range words {
		from := int(m.low) + i
		words[i] = signWord{Shade: i + 1, Text: s.say("console.signs.shade", survey.Args{
			"low": lower(m.words[from]), "high": lower(m.words[from+1]),
		})}
	}
	return words
}
