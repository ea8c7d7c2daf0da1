package handlers

import (
	"fmt"
	"slices"
	"strings"

	"attune/analytics"
	"attune/survey"
)

// unitLine is what is said of one unit: a shape for each sentence, and one tap
// to the unit's page.
type unitLine struct {
	Path, Name string
	Said       []saidLine
}

// saidLine is a sentence with its shape.
type saidLine struct{ Kind, Text string }

// unitState is what is known of one unit in the latest wave.
type unitState struct {
	unit    survey.Unit
	trends  []unitTrend
	mode    analytics.Mode
	modeIn  string // the mode in words
	present int    // signs
	asked   bool   // the unit has a figure of some scale
}

// unitTrend is a scale's trend in a unit.
type unitTrend struct {
	measure measure
	now     figure
	verdict analytics.Verdict
	before  analytics.Verdict // as of the wave before
	change  string            // from the wave before, in words; empty where it cannot be told
}

// states reads trends and signs of every unit of the viewer's part, in the
// order of the tree, which no figure can change; all are the events of any of
// them and of the units above.
func (s speech) states(v viewer, line []sight, root survey.UnitID, scales, signs []measure, all []survey.Event) ([]unitState, error) {
	latest := line[len(line)-1].release
	key := fmt.Sprint(s.con.library.Edition(), " ", s.recallKey(v, line, all))
	return s.con.states.recall(key, func() ([]unitState, error) {
		return s.freshStates(v, line, v.units(latest.Tree()), s.askedIn(latest, root, scales), signs, all), nil
	})
}

// units lists the units of the viewer's part of a tree, in its order.
func (v viewer) units(tree survey.Tree) []survey.UnitID {
	var mine []survey.UnitID
	for _, u := range tree.Units() {
		if v.sees(tree, u.ID) {
			mine = append(mine, u.ID)
		}
	}
	return mine
}

// eventsOf are those of a unit and of the units above it.
func eventsOf(tree survey.Tree, unit survey.UnitID, all []survey.Event) []survey.Event {
	chain := append([]survey.UnitID{unit}, tree.Ancestors(unit)...)
	return slices.DeleteFunc(slices.Clone(all), func(e survey.Event) bool { return !slices.Contains(chain, e.Unit) })
}

// freshStates reads the units one after the other; all are the events of any.
func (s speech) freshStates(v viewer, line []sight, units []survey.UnitID, scales, signs []measure, all []survey.Event) []unitState {
	tree := line[len(line)-1].release.Tree()
	s.told = nil // what is only compared needs no explanation on the page
	var states []unitState
	for _, id := range units {
		own := make([]sight, len(line)) // the unit may have lain elsewhere before
		for i, at := range line {
			own[i] = sight{at.release, v.sees(at.release.Tree(), id), at.among}
		}
		state := s.state(own, id, scales, signs, eventsOf(tree, id, all))
		state.unit, _ = tree.Unit(id)
		states = append(states, state)
	}
	return states
}

// state reads one unit.
func (s speech) state(line []sight, unit survey.UnitID, scales, signs []measure, events []survey.Event) unitState {
	var state unitState
	stress := analytics.VerdictCannotSay
	for _, m := range scales {
		t := s.unitTrend(line, unit, m, events)
		state.asked = state.asked || t.now.Shown
		state.trends = append(state.trends, t)
		if m.id == stressScale {
			stress = t.verdict
		}
	}
	var latest []analytics.SignState
	for _, m := range signs {
		points := s.points(line, string(unit), m)
		if !slices.ContainsFunc(points, func(p analytics.Point) bool { return p.Present }) {
			continue
		}
		states := analytics.SignStates(points)
		latest = append(latest, states[len(states)-1])
		if latest[len(latest)-1] == analytics.SignPresent {
			state.present++
		}
	}
	if len(latest) > 0 {
		state.mode, state.modeIn = analytics.SurvivalMode(latest, stress), s.mode(latest, stress)
	}
	return state
}

// unitTrend is the trend of a measure as of the latest wave and as of the one
// before.
func (s speech) unitTrend(line []sight, unit survey.UnitID, m measure, events []survey.Event) unitTrend {
	latest := line[len(line)-1].release
	t := unitTrend{measure: m, now: s.figure(latest, string(unit), m, analytics.StatisticMean)}
	points := s.points(line, string(unit), m)
	if len(points) == 0 || points[len(points)-1].Wave != latest.Wave() {
		t.verdict = analytics.VerdictCannotSay
		return t
	}
	bounds := s.bounds(line, m)
	t.verdict = analytics.TrendOf(points, bounds, m.direction, events).Verdict
	if len(points) < 2 {
		return t
	}
	before := points[:len(points)-1]
	if notable(t.verdict) {
		t.before = analytics.TrendOf(before, bounds, m.direction, events).Verdict
	}
	at := slices.IndexFunc(line, func(at sight) bool { return at.release.Wave() == before[len(before)-1].Wave })
	if at >= 0 && line[at].mine && !points[len(points)-1].Break {
		t.change = s.change(s.figure(line[at].release, string(unit), m, analytics.StatisticMean), t.now)
	}
	return t
}

// notable says whether a verdict tells of a change.
func notable(v analytics.Verdict) bool {
	return v == analytics.VerdictBetter || v == analytics.VerdictWorse || v == analytics.VerdictWatch
}

// moves tells of every unit what is not as usual for it, in words.
func (s speech) moves(tree survey.Tree, states []unitState) (lines []unitLine, still string) {
	early, told := 0, 0
	for _, state := range states {
		line := s.unitLine(tree, state.unit.ID)
		for _, t := range state.trends {
			switch {
			case t.verdict == analytics.VerdictTooEarly:
				early++
			case t.verdict != analytics.VerdictCannotSay:
				told++
			}
			if notable(t.verdict) {
				line.Said = append(line.Said, saidLine{string(t.verdict), s.moveOf(t)})
			}
		}
		if len(line.Said) > 0 {
			lines = append(lines, line)
		}
	}
	switch {
	case len(lines) > 0:
	case told == 0 && early > 0:
		still = s.say("home.changes.early", survey.Args{"least": analytics.TrendFrom})
	case told == 0:
		still = s.say("home.changes.unknown", nil)
	default:
		still = s.say("home.changes.none", nil)
	}
	return lines, still
}

// moveOf is one scale's sentence: whether it is new, and how far it moved.
func (s speech) moveOf(t unitTrend) string {
	key := "home.changed.new"
	if t.before == t.verdict {
		key = "home.changed.still"
	}
	text := s.say(key, survey.Args{
		"measure": t.measure.title, "verdict": lower(s.say("trend.name."+string(t.verdict), nil)), "value": t.now.Value,
	})
	if t.change != "" {
		text += s.say("home.changed.by", survey.Args{"change": t.change})
	}
	return text
}

// modes lists the units with signs, survival mode first; among those alike the
// order is the tree's.
func (s speech) modes(tree survey.Tree, states []unitState) (lines []unitLine, calm string) {
	none, unknown, known := 0, 0, 0
	var others []unitLine
	for _, state := range states {
		if state.mode == "" {
			continue
		}
		known++
		line := s.unitLine(tree, state.unit.ID)
		switch {
		case state.mode == analytics.ModeSurvival:
			line.Said = []saidLine{{"present", state.modeIn}}
			lines = append(lines, line)
		case state.present > 0:
			line.Said = []saidLine{{"emerging", state.modeIn}}
			others = append(others, line)
		case state.mode == analytics.ModeCannotSay:
			unknown++
		default:
			none++
		}
	}
	var said []string
	if none > 0 {
		said = append(said, s.say("home.modes.none", survey.Args{"n": none}))
	}
	if unknown > 0 {
		said = append(said, s.say("home.modes.unknown", survey.Args{"n": unknown}))
	}
	if known == 0 {
		said = append(said, s.say("home.modes.never", nil))
	}
	return append(lines, others...), strings.Join(said, " ")
}

func (s speech) unitLine(tree survey.Tree, id survey.UnitID) unitLine {
	l := s.link(tree, id)
	return unitLine{Path: l.Path, Name: l.Name}
}

// marked adds to a table of units what their figures stand for: a shade for
// how strained, and a shape with a word where a trend is not steady.
func (s speech) marked(t *besideTable, states []unitState, latest *analytics.Release) {
	by := make(map[string]unitState, len(states))
	for _, state := range states {
		by["/console/teams/"+string(state.unit.ID)] = state
	}
	for i := range t.Rows {
		row := &t.Rows[i]
		state, ok := by[row.Path]
		if !ok {
			continue
		}
		row.Marks = make([]figureMark, len(row.Figures))
		for j := range row.Figures {
			if !row.Figures[j].Shown || j >= len(state.trends) {
				continue
			}
			trend := state.trends[j]
			row.Marks[j].Shade = shadeOf(latest, state.unit, trend.measure, row.Figures[j])
			if notable(trend.verdict) {
				row.Marks[j].Kind, row.Marks[j].Word = string(trend.verdict), s.say("home.mark."+string(trend.verdict), nil)
			}
		}
	}
}
