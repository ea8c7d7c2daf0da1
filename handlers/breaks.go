package handlers

import "attune/survey"

// breakMark is a place where a line begins anew: a letter in the chart and in
// the table, explained beneath.
type breakMark struct {
	At     int    `json:"at"` // the wave's place in the chart
	Letter string `json:"letter"`
	Text   string `json:"text"`
}

// newVersions notes where the questions changed between two waves that asked
// them. Where another set of teams begins is noted already.
func (s speech) newVersions(figures []figure) {
	before := ""
	for i := range figures {
		f := &figures[i]
		if f.version == "" {
			continue
		}
		if before != "" && before != f.version && f.Break == "" {
			f.Break = s.say("console.break.version", nil)
		}
		before = f.version
	}
}

// marks gives a letter to every break of the first line, and after them to
// those of the others, whose names are then said.
func (s speech) marks(lines ...chartLine) []breakMark {
	var all []breakMark
	for i, line := range lines {
		for at := range line.figures {
			f := &line.figures[at]
			if f.Break == "" {
				continue
			}
			f.Letter = string(rune('A' + len(all)%26))
			text := s.say("console.break.at", survey.Args{"wave": f.Wave, "break": f.Break})
			if i > 0 {
				text = s.say("console.break.of", survey.Args{"unit": line.name, "wave": f.Wave, "break": f.Break})
			}
			all = append(all, breakMark{at, f.Letter, text})
		}
	}
	return all
}

// keyLine explains one line of a chart by its look.
type keyLine struct{ Role, Name string }

// key names every line in full: there is no room for long names in a chart.
func (s speech) key(lines []chartLine) []keyLine {
	keys := make([]keyLine, len(lines))
	for i, line := range lines {
		keys[i] = keyLine{line.role, s.say("console.chart.key."+line.role, survey.Args{"unit": line.name})}
	}
	return keys
}
