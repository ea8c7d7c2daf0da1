package handlers

import (
	"attune/analytics"
	"attune/survey"
)

// latest is the last release that has something for the viewer, and the top
// of their part in it: rounds after an incident only where there is nothing
// else.
func (v viewer) latest(releases []*analytics.Release) (*analytics.Release, survey.UnitID, bool) {
	releases = regular(releases)
	for i := len(releases) - 1; i >= 0; i-- {
		if root, ok := v.root(releases[i].Tree()); ok {
			return releases[i], root, true
		}
	}
	return nil, "", false
}

// part lists the viewer's units in the order of the tree, each combined block
// after the last team that it holds, and then the units above, to compare.
func (s speech) part(v viewer, r *analytics.Release, root survey.UnitID, scales []measure) besideTable {
	tree := r.Tree()
	asked := s.askedIn(r, root, scales)
	t := besideTable{Scales: s.titles(asked)}
	for _, u := range tree.Units() {
		if v.sees(tree, u.ID) {
			row := s.besideRow(r, string(u.ID), s.unit(u), asked)
			row.Path, row.Level = "/console/teams/"+string(u.ID), tree.Depth(u.ID)-tree.Depth(root)
			t.Rows = append(t.Rows, row)
		}
		for _, b := range r.Blocks() {
			if v.seesBlock(tree, b) && b.Units[len(b.Units)-1] == u.ID {
				t.Rows = append(t.Rows, s.blockRow(r, b, root, asked))
			}
		}
	}
	for _, up := range tree.Ancestors(root) {
		t.Rows = append(t.Rows, s.besideRow(r, string(up), s.say("console.to_compare", survey.Args{"unit": s.unitID(tree, up)}), asked))
	}
	return t
}

// blockRow is a combined block among the units that it holds.
func (s speech) blockRow(r *analytics.Release, b analytics.Block, root survey.UnitID, asked []measure) besideRow {
	row := s.besideRow(r, b.ID, s.say("console.together", survey.Args{"teams": s.members(r, b.ID, "")}), asked)
	row.Level = max(0, r.Tree().Depth(b.Parent)+1-r.Tree().Depth(root))
	return row
}

// overviewFinding says how much of the viewer's part can be seen.
func (s speech) overviewFinding(r *analytics.Release, root survey.UnitID) []string {
	tree := r.Tree()
	var sentences []string
	if f := s.figure(r, string(root), response(), analytics.StatisticCoverage); f.Shown {
		sentences = append(sentences, s.say("console.overview.answered", survey.Args{"n": f.N, "invited": f.Invited, "wave": f.Wave}))
	}
	teams, shown := 0, 0
	for _, team := range tree.Teams(root) {
		f := s.figure(r, string(team), response(), analytics.StatisticCoverage)
		if f.Invited == "" {
			continue // nobody was asked
		}
		teams++
		if f.Shown {
			shown++
		}
	}
	if teams > 1 {
		key := "console.overview.some_shown"
		if shown == teams {
			key = "console.overview.all_shown"
		}
		sentences = append(sentences, s.say(key, survey.Args{"shown": shown, "teams": teams}))
	}
	return sentences
}
