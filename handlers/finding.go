package handlers

import (
	"math"

	"attune/analytics"
	"attune/survey"
)

// The sentences here are plain readings of shown values: where a value lies
// among the response words, and how it differs from the wave before. They
// judge nothing: whether a change is more than chance is another question.

// heading says what a scale's card found in the latest wave. together are the
// figures of the combined block, wave for wave.
func (s speech) heading(m measure, figures, together []figure) string {
	key, series := "console.heading.shown", figures
	if last := len(figures) - 1; !figures[last].Shown {
		if !together[last].Shown {
			return s.say("console.heading.hidden", survey.Args{"measure": m.title})
		}
		key, series = "console.heading.together", together
	}
	last := series[len(series)-1]
	text := s.say(key, survey.Args{"measure": m.title, "value": last.Value, "most": s.num(m.high)})
	if where := s.between(m.words, last.value); where != "" {
		text += s.say("console.heading.words", survey.Args{"where": where})
	}
	text += s.say("console.heading.answered", survey.Args{"n": last.N, "invited": last.Invited})
	if len(series) > 1 {
		if change := s.change(series[len(series)-2], last); change != "" {
			text += s.say("console.heading.change", survey.Args{"change": change})
		}
	}
	return text
}

// change compares two shown values of neighbouring waves; it is empty when
// one is not shown or the questions differ.
func (s speech) change(before, now figure) string {
	if !before.Shown || !now.Shown || before.version != now.version {
		return ""
	}
	switch by := round2(now.value - before.value); {
	case by > 0:
		return s.say("console.change.higher", survey.Args{"by": s.num(by)})
	case by < 0:
		return s.say("console.change.lower", survey.Args{"by": s.num(-by)})
	}
	return s.say("console.change.same", nil)
}

// round2 takes away what binary fractions add to a difference of two values
// with two decimals.
func round2(v float64) float64 { return math.Round(v*100) / 100 }

// finding opens a unit's page: who answered, and what moved since the wave
// before.
func (s speech) finding(answered []figure, cards []scaleCard) []string {
	last := answered[len(answered)-1]
	if !last.Shown {
		return []string{s.say("console.finding.hidden", survey.Args{"wave": last.Wave, "status": last.Status})}
	}
	first := s.say("console.finding.answered", survey.Args{"n": last.N, "invited": last.Invited, "wave": last.Wave})
	if len(answered) < 2 {
		return []string{first, s.say("console.finding.first", nil)}
	}
	var higher, less, same []string
	for _, card := range cards {
		n := len(card.Figures)
		if n < 2 || card.Figures[n-1].wave != last.wave || s.change(card.Figures[n-2], card.Figures[n-1]) == "" {
			continue
		}
		title := card.measure.title
		switch by := round2(card.Figures[n-1].value - card.Figures[n-2].value); {
		case by > 0:
			higher = append(higher, s.say("console.finding.by", survey.Args{"measure": title, "by": s.num(by)}))
		case by < 0:
			less = append(less, s.say("console.finding.by", survey.Args{"measure": title, "by": s.num(-by)}))
		default:
			same = append(same, title)
		}
	}
	return append([]string{first}, s.moved(higher, less, same)...)
}

func (s speech) moved(higher, less, same []string) []string {
	var sentences []string
	add := func(key string, measures []string) {
		if len(measures) > 0 {
			sentences = append(sentences, s.say(key, survey.Args{"measures": s.list(measures)}))
		}
	}
	switch {
	case len(higher)+len(less)+len(same) == 0:
		return []string{s.say("console.finding.gap", nil)}
	case len(higher)+len(less) == 0:
		return []string{s.say("console.finding.still", nil)}
	}
	add("console.finding.higher", higher)
	add("console.finding.lower", less)
	add("console.finding.same", same)
	return sentences
}

// hidden says what of a unit and everything under it is not shown in a
// release, and why: combined teams by name and headcount, one sentence a
// block, and one for each unit that is not published at all.
func (s speech) hidden(r *analytics.Release, unit survey.UnitID) []string {
	tree := r.Tree()
	var sentences []string
	told := make(map[string]bool)
	for _, u := range tree.Units() {
		cell, ok := r.Cell(string(u.ID), analytics.MeasureResponse, analytics.StatisticCoverage)
		if !tree.Within(u.ID, unit) || !ok || cell.Status == analytics.StatusShown {
			continue
		}
		if cell.Status == analytics.StatusCombined {
			if !told[cell.Block] {
				told[cell.Block] = true
				sentences = append(sentences, s.say("console.hidden.block", survey.Args{"teams": s.members(r, cell.Block, ""), "k": r.K()}))
			}
			continue
		}
		sentences = append(sentences, s.say("console.hidden.unit", survey.Args{"unit": s.unit(u), "status": lower(s.status(r, cell))}))
	}
	return sentences
}
