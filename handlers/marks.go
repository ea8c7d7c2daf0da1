package handlers

import (
	"math"
	"strconv"

	"attune/analytics"
	"attune/survey"
)

// usualRange is where a line's values usually lie, over a stretch of waves: a
// chart draws its ends and its middle. Ends are rounded outward to tenths, as
// in words.
type usualRange struct {
	From   int     `json:"from"` // the first wave's place in the chart
	To     int     `json:"to"`   // the last wave's
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	Centre float64 `json:"centre"`
	Trial  bool    `json:"trial"` // of few waves, and still moving
}

// eventMark is what happened between two waves: a number at the first wave
// after it, explained beneath.
type eventMark struct {
	At     int    `json:"at"`
	Number string `json:"number"`
	Text   string `json:"text"`
}

// usual are the ranges of a trend that are known, inside of the measure's own.
func usual(m measure, t analytics.Trend) []usualRange {
	var all []usualRange
	for _, part := range t.Stretches {
		if !part.Known || part.To <= part.From {
			continue
		}
		all = append(all, usualRange{
			From: part.From, To: part.To - 1, Trial: part.Trial, Centre: math.Round(10*part.Limits.Centre) / 10,
			Low: max(m.low, math.Floor(10*part.Limits.Low)/10), High: min(m.high, math.Ceil(10*part.Limits.High)/10),
		})
	}
	return all
}

// eventMarks number the events that lie between the waves of a line. What
// happened before the first wave or after the last marks nothing yet, and what
// lets the usual range begin anew is a break.
func (s speech) eventMarks(figures []figure, events []survey.Event) []eventMark {
	var marks []eventMark
	for _, e := range events {
		if e.Anew {
			continue // the line breaks there, with a letter
		}
		for i := 1; i < len(figures); i++ {
			if figures[i-1].release.Opens() >= e.Day || e.Day > figures[i].release.Opens() {
				continue
			}
			text := s.say("event.mark", survey.Args{"day": s.date(e.Day), "kind": s.say("event.kind."+string(e.Kind), nil)})
			if e.Title != "" {
				text = s.say("event.mark.titled", survey.Args{"mark": text, "title": e.Title})
			}
			marks = append(marks, eventMark{i, strconv.Itoa(len(marks) + 1), text})
		}
	}
	return marks
}
