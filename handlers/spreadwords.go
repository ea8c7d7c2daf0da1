package handlers

import (
	"slices"
	"strings"

	"attune/analytics"
	"attune/survey"
)

// spreadHeading says what an item's card found: what most people of the unit
// chose, else the mean of the unit, of the combined teams or of the unit above.
// Like every heading it reads shown values and judges nothing.
func (s speech) spreadHeading(m measure, item survey.Item, a spreadItem, own, together figure) string {
	if a.Bands != nil && !a.Other {
		return s.mostChose(m, a.Bands)
	}
	key, f := "console.heading.shown", own
	if !own.Shown {
		key, f = "console.heading.together", together
		if _, block := blockOf(own); !block {
			key = "console.heading.above"
		}
	}
	if !f.Shown {
		return m.title
	}
	args := survey.Args{"measure": m.title, "found": s.foundIn(m, item, f)}
	if key == "console.heading.above" {
		args["unit"] = s.unitID(f.release.Tree(), survey.UnitID(own.block))
	}
	return s.say(key, args) + s.say("console.heading.answered", survey.Args{"n": f.N, "invited": f.Invited})
}

// mostChose says which answers more than half of the people chose, or that no
// answers have so many.
func (s speech) mostChose(m measure, bands []spreadBand) string {
	args := survey.Args{"measure": m.title, "n": bands[0].N}
	for _, b := range bands {
		if 2*b.value > float64(b.n) {
			args["count"], args["answers"] = b.Value, b.Name
			return s.say("asked.most", args)
		}
	}
	low, high := bands[0], bands[len(bands)-1]
	args["low"], args["lowest"], args["high"], args["highest"] = low.Value, low.Name, high.Value, high.Name
	return s.say("asked.apart", args)
}

// foundIn writes a shown mean: of a question answered with yes or no as so many
// in a hundred.
func (s speech) foundIn(m measure, item survey.Item, f figure) string {
	if !yesOrNo(item) {
		return s.found(m, f)
	}
	args := survey.Args{"hundred": s.num(100 * f.value), "word": m.words[1]}
	switch f.Value {
	case s.num(f.value):
		return s.say("asked.share", args)
	case s.say("console.or_more", survey.Args{"value": s.num(f.value)}):
		return s.say("asked.share.more", args)
	}
	return s.say("asked.share.less", args)
}

// yesOrNo is an item whose answers count 0 or 1.
func yesOrNo(item survey.Item) bool { return item.Min() == 0 && item.Max() == 1 }

// meanNote says where a mean lies on its scale, what its ends are where they
// are yes and no, and which answers do not count.
func (s speech) meanNote(m measure, item survey.Item, f figure) []string {
	notes := []string{s.say("asked.mean", survey.Args{"found": s.found(m, f)})}
	if yesOrNo(item) {
		on := s.say("console.on_scale", survey.Args{"value": f.Value, "low": s.num(m.low), "high": s.num(m.high)})
		notes[0] = s.say("asked.mean.yes", survey.Args{"found": on, "no": m.words[0], "yes": m.words[1]})
	}
	for _, option := range item.Options() {
		if _, counts := option.Counts(); !counts {
			notes = append(notes, s.say("asked.uncounted", survey.Args{"answer": option.Label.In(s.lang)}))
		}
	}
	return notes
}

// spreadFinding opens the page: what was asked, and who answered.
func (s speech) spreadFinding(r *analytics.Release, unit survey.UnitID, packs []spreadPack) string {
	var names []string
	for _, p := range packs {
		names = append(names, shortTitle(p.Title))
	}
	args := survey.Args{"wave": s.wave(r.Wave()), "packs": s.list(names)}
	f := s.figure(r, string(unit), response(), analytics.StatisticCoverage)
	if !f.Shown {
		return s.say("asked.finding", args)
	}
	args["n"], args["invited"] = f.N, f.Invited
	return s.say("asked.finding.answered", args)
}

// quoted is the question of an item as a name for it.
func (s speech) quoted(item survey.Item) string {
	return s.say("asked.question", survey.Args{"question": strings.TrimRight(item.Text.In(s.lang), ".")})
}

// itemName is the sign that an item observes in the team. Items about oneself
// are called by their question, so that both are not taken for one another.
func (s speech) itemName(pack *survey.Pack, item survey.Item) string {
	at := slices.IndexFunc(pack.Signs, func(sign survey.Sign) bool { return sign.ID == item.Sign && item.View == "team" })
	if at < 0 {
		return ""
	}
	return pack.Signs[at].Title.In(s.lang)
}

// bandWords are the answers of each band: the first two, the middle one and
// the last two.
func (s speech) bandWords(item survey.Item) []string {
	words := s.words(item)
	var labels []string
	for value := item.Min(); value <= item.Max(); value++ {
		if words[value] != "" {
			labels = append(labels, lower(words[value]))
		}
	}
	if len(labels) != 5 {
		return make([]string, 3)
	}
	either := func(a, b string) string { return s.say("spread.either", survey.Args{"first": a, "second": b}) }
	return []string{either(labels[0], labels[1]), labels[2], either(labels[3], labels[4])}
}
