package handlers

import (
	"slices"

	"attune/analytics"
	"attune/survey"
)

// needsCard is what would help after a serious incident: a row for each
// question in the order of the pack, which no figure can change, and a column
// for each round.
type needsCard struct {
	Title string // what was asked for most
	Lead  string
	Waves []string
	Rows  []needRow
}

// needRow is one question. Note says what its numbers mean where they mean
// something else than those above it.
type needRow struct {
	ID, Name, Note string
	Cells          []figure
}

// apart takes the rounds after an incident out of a line: they ask other
// questions of some of the people, and are no wave of the regular ones. When
// there are no regular ones, rest is the whole line.
func apart(line []sight) (rest, rounds []sight) {
	for _, at := range line {
		if survey.IsIncident(at.release.Programme()) {
			rounds = append(rounds, at)
		} else {
			rest = append(rest, at)
		}
	}
	if len(rest) == 0 {
		rest = line
	}
	return rest, rounds
}

// regular are the releases that are no rounds after an incident; all of them
// when there are no others.
func regular(releases []*analytics.Release) []*analytics.Release {
	rest := slices.DeleteFunc(slices.Clone(releases), func(r *analytics.Release) bool { return survey.IsIncident(r.Programme()) })
	if len(rest) == 0 {
		return releases
	}
	return rest
}

// needs reads the rounds in which people of the unit were asked. It has no
// rows where there were none.
func (s speech) needs(rounds []sight, unit survey.UnitID) needsCard {
	rounds = slices.DeleteFunc(slices.Clone(rounds), func(at sight) bool {
		u, ok := at.release.Unit(unit)
		return !at.mine || !ok || u.Invited == 0
	})
	if len(rounds) == 0 {
		return needsCard{}
	}
	pack, least := s.needsPack(rounds[len(rounds)-1].release)
	if pack == nil {
		return needsCard{}
	}
	card := needsCard{Lead: s.say("needs.lead", survey.Args{"n": least})}
	for _, at := range rounds {
		card.Waves = append(card.Waves, s.date(at.release.Opens()))
	}
	for _, item := range pack.Items {
		figures := s.over(rounds, string(unit), measure{pack: pack.ID, id: item.ID}, analytics.StatisticMean)
		card.Rows = append(card.Rows, needRow{ID: item.ID, Name: item.Text.In(s.lang), Note: s.ends(item), Cells: figures})
	}
	sayOnce(card.Rows)
	card.Title = s.needsTitle(card.Rows)
	return card
}

// needsPack is the pack of a round, and the fewest answers from which on every
// need is shown.
func (s speech) needsPack(r *analytics.Release) (*survey.Pack, int) {
	for _, ref := range r.Packs() {
		pack, err := s.con.library.Find(ref)
		if err != nil {
			continue // of another installation: its figures are in the export
		}
		least := r.K()
		for _, rule := range pack.Reporting {
			least = max(least, rule.MinN)
		}
		return pack, least
	}
	return nil, 0
}
