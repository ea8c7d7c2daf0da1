package handlers

import (
	"context"
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
	Words  []signWord  // what the shades stand for
	Breaks []breakMark // where the line begins anew
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
	Shade int // 1 to 4: between which two response words the mean lies
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
func (s speech) signTable(ctx context.Context, line []sight, unit survey.UnitID, signs []measure) (signTable, error) {
	var t signTable
	for _, m := range signs {
		figures, err := s.over(ctx, line, string(unit), m, analytics.StatisticMean)
		if err != nil {
			return signTable{}, err
		}
		if !slices.ContainsFunc(figures, func(f figure) bool { return f.version != "" }) {
			continue
		}
		marks := s.marks(chartLine{figures: figures})
		row := signRow{Name: m.title}
		for _, f := range figures {
			cell := signCell{figure: f}
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
	}
	return t, nil
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
