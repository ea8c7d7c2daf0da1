package handlers

import (
	"attune/analytics"
	"attune/survey"
)

// selfTeam sets what people said of themselves beside what they said of their
// team, sign by sign, in the latest wave that asked both. Other waves are never
// mixed in: the two views would be of different weeks.
type selfTeam struct {
	Wave    string
	Heading string // what was found, with the name of the wave
	Rows    []selfTeamRow
	drawnChart
}

type selfTeamRow struct {
	Name           string
	SelfID, TeamID string // of the items, as exports name them
	Self, Team     figure
	Gap            string // in words; empty where one of both is not shown
}

// views are the two items about one sign.
type views struct {
	title      string
	self, team measure
}

// viewsIn are the signs that a wave asked from both sides, in the order of the
// pack that asks about oneself.
func (s speech) viewsIn(r *analytics.Release) []views {
	team := make(map[string]measure)
	var self []views
	for _, ref := range r.Packs() {
		pack, err := s.con.library.Find(ref)
		if err != nil {
			continue // a pack of another installation: its figures are in the export
		}
		for _, sign := range pack.Signs {
			for _, item := range pack.Items {
				if item.Sign != sign.ID {
					continue
				}
				m := measure{pack: pack.ID, id: item.ID, low: float64(item.Min()), high: float64(item.Max()), direction: survey.HigherWorse, words: s.words(item)}
				switch item.View {
				case "team":
					team[sign.ID] = m
				case "self":
					self = append(self, views{title: sign.Title.In(s.lang), self: m, team: measure{id: sign.ID}})
				}
			}
		}
	}
	var both []views
	for _, v := range self {
		if m, ok := team[v.team.id]; ok {
			v.team = m
			both = append(both, v)
		}
	}
	return both
}

// selfTeam reads the latest wave with both views; it has no rows where there
// is none.
func (s speech) selfTeam(releases []*analytics.Release, unit survey.UnitID) (t selfTeam, err error) {
	for i := len(releases) - 1; i >= 0; i-- {
		r := releases[i]
		var answers measure
		for _, v := range s.viewsIn(r) {
			answers = v.self
			if _, ok := r.Cell(string(unit), v.self.id, analytics.StatisticMean); !ok {
				continue
			}
			row := selfTeamRow{
				Name: v.title, SelfID: v.self.id, TeamID: v.team.id, Self: s.figure(r, string(unit), v.self, analytics.StatisticMean),
				Team: s.figure(r, string(unit), v.team, analytics.StatisticMean),
			}
			row.Gap = s.gap(row.Self, row.Team)
			t.Rows = append(t.Rows, row)
		}
		if len(t.Rows) > 0 {
			t.Wave = s.wave(r.Wave())
			t.Heading = s.viewsHeading(t.Wave, t.Rows)
			t.drawnChart, err = s.gapChart(t, answers, s.unitID(r.Tree(), unit))
			return t, err
		}
	}
	return selfTeam{}, nil
}

// viewsHeading counts in which view the signs are seen more often.
func (s speech) viewsHeading(wave string, rows []selfTeamRow) string {
	team, self, signs := 0, 0, 0
	for _, row := range rows {
		if !row.Self.Shown || !row.Team.Shown {
			continue
		}
		signs++
		switch by := round2(row.Team.value - row.Self.value); {
		case by > 0:
			team++
		case by < 0:
			self++
		}
	}
	if signs == 0 {
		return s.say("selfteam.title", survey.Args{"wave": wave})
	}
	return s.say("selfteam.found", survey.Args{"wave": wave, "team": team, "self": self, "signs": signs})
}

// gap says in which view a sign is seen more often.
func (s speech) gap(self, team figure) string {
	if !self.Shown || !team.Shown {
		return ""
	}
	switch by := round2(team.value - self.value); {
	case by > 0:
		return s.say("selfteam.team", survey.Args{"by": s.num(by)})
	case by < 0:
		return s.say("selfteam.self", survey.Args{"by": s.num(-by)})
	}
	return s.say("selfteam.same", nil)
}
