package handlers

import (
	"math"

	"attune/analytics"
	"attune/survey"
)

// The sentences here are plain readings of shown values: where a value lies
// among the response words, and how it differs from the wave before. They
// judge nothing: whether a change is more than chance is another question.

// heading says what a scale's card found in the latest wave that asked it: for
// the unit, or else for the first of the others that is shown. It always says
// from where to where the scale runs. together are the figures of the combined
// block, wave for wave, above those of the unit above.
func (s speech) heading(m measure, verdict analytics.Verdict, figures, together []figure, above chartLine) string {
	latest := len(figures) - 1
	last := lastAsked(figures)
	key, series := "console.heading.shown", figures
	switch {
	case figures[last].Shown:
	case together[last].Shown:
		key, series = "console.heading.together", together
	case len(above.figures) == len(figures) && above.figures[last].Shown:
		key, series = "console.heading.above", above.figures
	default:
		args := survey.Args{"measure": m.title, "low": s.num(m.low), "high": s.num(m.high), "wave": figures[last].Wave}
		if last < latest {
			return s.say("asked.heading.hidden", args)
		}
		return s.say("console.heading.hidden", args)
	}
	now := series[last]
	found := s.found(m, now)
	switch {
	case last < latest:
		found = s.say("asked.heading.last", survey.Args{"wave": now.Wave, "found": found})
	case key == "console.heading.shown" && verdict != analytics.VerdictTooEarly && verdict != analytics.VerdictCannotSay:
		found = s.say("console.heading.verdict", survey.Args{"verdict": lower(s.say("trend.name."+string(verdict), nil)), "found": found})
	}
	text := s.say(key, survey.Args{"measure": m.title, "found": found, "unit": above.name})
	text += s.say("console.heading.answered", survey.Args{"n": now.N, "invited": now.Invited})
	if change := s.changeUpTo(series, last); change != "" {
		text += s.say("console.heading.change", survey.Args{"change": change})
	}
	return text
}

// lastAsked is the place of the latest wave that asked a measure.
func lastAsked(figures []figure) int {
	for i := len(figures) - 1; i >= 0; i-- {
		if figures[i].version != "" {
			return i
		}
	}
	return len(figures) - 1
}

// changeUpTo compares the figure at a place with that of the time before that
// the measure was asked.
func (s speech) changeUpTo(series []figure, at int) string {
	if at == 0 {
		return ""
	}
	before := lastAsked(series[:at])
	if before == at-1 {
		return s.change(series[before], series[at])
	}
	for _, f := range series[before+1 : at] {
		if f.Break != "" {
			return ""
		}
	}
	by, ok := changed(series[before], series[at])
	if !ok {
		return ""
	}
	args := survey.Args{"by": s.num(math.Abs(by)), "wave": series[before].Wave}
	switch {
	case by > 0:
		return s.say("asked.change.higher", args)
	case by < 0:
		return s.say("asked.change.lower", args)
	}
	return s.say("asked.change.same", args)
}

// found writes a shown mean with the scale that it lies on and, where it has
// them, the words that it lies between.
func (s speech) found(m measure, f figure) string {
	text := s.say("console.on_scale", survey.Args{"value": f.Value, "low": s.num(m.low), "high": s.num(m.high)})
	if where := s.between(m.words, f.value); where != "" {
		text += s.say("console.heading.words", survey.Args{"where": where})
	}
	return text
}

// change compares two shown values of neighbouring waves; it is empty where
// they cannot be compared.
func (s speech) change(before, now figure) string {
	by, ok := changed(before, now)
	switch {
	case !ok:
		return ""
	case by > 0:
		return s.say("console.change.higher", survey.Args{"by": s.num(by)})
	case by < 0:
		return s.say("console.change.lower", survey.Args{"by": s.num(-by)})
	}
	return s.say("console.change.same", nil)
}

// changed is the difference of two shown values; ok is false when one is not
// shown, or the questions or the teams differ.
func changed(before, now figure) (by float64, ok bool) {
	if !before.Shown || !now.Shown || before.version != now.version || now.Break != "" {
		return 0, false
	}
	return round2(now.value - before.value), true
}

// round2 takes away what binary fractions add to a difference of two values
// with two decimals.
func round2(v float64) float64 { return math.Round(v*100) / 100 }

// whoAnswered is the heading of the table of who answered: the latest wave, and
// how it differs from the wave before where both are shown and of the same teams.
func (s speech) whoAnswered(answered []figure) string {
	last := answered[len(answered)-1]
	if !last.Shown {
		return s.say("asked.answered.hidden", survey.Args{"wave": last.Wave})
	}
	args := survey.Args{"n": last.N, "invited": last.Invited, "wave": last.Wave}
	if len(answered) < 2 || last.Break != "" || !answered[len(answered)-2].Shown {
		return s.say("asked.answered", args)
	}
	before := answered[len(answered)-2]
	args["before"] = before.Answered
	// As shares, without dividing: how many are asked may have changed.
	switch now, then := last.n*before.invited, before.n*last.invited; {
	case now > then:
		return s.say("asked.answered.more", args)
	case now < then:
		return s.say("asked.answered.fewer", args)
	}
	return s.say("asked.answered.same", args)
}

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
	if last.Break != "" {
		return []string{first, s.say("console.finding.break", nil)}
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
