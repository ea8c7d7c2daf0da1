package handlers

import (
	"slices"
	"strings"

	"attune/analytics"
	"attune/survey"
)

// Kinds of reasons why a cell is not told as it is. Each has its words under
// "why.KIND.…"; none of them depends on how many answered.
const (
	whyNothing   = ""
	whyBlock     = "block"     // part of a combined block
	whyWithin    = "within"    // part of the unit above, which has no smaller figure
	whyAbsent    = "absent"    // the release has no such cell
	whyElsewhere = "elsewhere" // the unit lay in another part of the organisation
	whyClamped   = "clamped"   // "4 or more"
)

// why is the kind of reason of a cell; the reasons of a release that need no
// unit are kinds of their own.
func why(r *analytics.Release, cell analytics.Cell) string {
	switch {
	case cell.Status == analytics.StatusShown && cell.Reason == analytics.ReasonNone:
		return whyNothing
	case cell.Status == analytics.StatusShown:
		return whyClamped
	case cell.Status != analytics.StatusCombined:
		return string(cell.Reason)
	}
	if _, ok := r.Block(cell.Block); ok {
		return whyBlock
	}
	return whyWithin
}

// reasons gathers why the figures of one page are not told as they are, while
// the figures are made: so no figure of a page is left unexplained.
type reasons struct {
	open    func(survey.UnitID) bool    // whether the reader has a page of the unit
	instead string                      // the anchor of the larger units' figures on this page; empty for none
	blocks  string                      // the anchor of combined teams' figures on this page; empty where they stand on a team's page
	page    survey.UnitID               // the unit that the page is about
	waves   map[survey.WaveID][2]string // the names of waves that were put together for the page
	kinds   []string
	of      map[string][]reasonItem
	k       int
	least   map[string]int // of a kind: the most that a question's own rule wants, when that is more than k
}

// reason is one entry of "What is not shown, and why".
type reason struct {
	ID    string // its anchor
	Title string
	Items []reasonItem // who it is about
	Text  string
	Later string // what would make a figure appear; empty where nothing would
	Help  []link // what to look at instead
}

// reasonItem is a unit or block that a reason is about.
type reasonItem struct {
	id    string
	Name  string
	above survey.UnitID   // the unit to look at instead
	teams []survey.UnitID // of a block
}

// explaining makes a speech that notes the reasons for one page.
func (s speech) explaining(page reasons) speech {
	page.of, page.least, page.waves = make(map[string][]reasonItem), make(map[string]int), make(map[survey.WaveID][2]string)
	s.told = &page
	return s
}

// because notes a reason and gives the anchor of its explanation; empty where
// there is nothing to explain, or no page to do it on.
func (s speech) because(kind string, r *analytics.Release, cell analytics.Cell) string {
	if s.told == nil || kind == whyNothing {
		return ""
	}
	s.told.k = r.K()
	if _, ok := s.told.of[kind]; !ok {
		s.told.kinds = append(s.told.kinds, kind)
		s.told.of[kind] = nil
	}
	if n := s.least(r, cell); n > r.K() {
		s.told.least[kind] = max(n, s.told.least[kind])
	}
	if item, ok := s.reasonItem(kind, r, cell); ok {
		items := s.told.of[kind]
		if at := slices.IndexFunc(items, func(had reasonItem) bool { return had.id == item.id }); at >= 0 {
			items[at] = item // a later wave has the names of today
		} else {
			s.told.of[kind] = append(items, item)
		}
	}
	return "why-" + kind
}

// least is the fewest people that a pack allows a figure of the cell's measure
// to be about; 0 where it has no rule of its own.
func (s speech) least(r *analytics.Release, cell analytics.Cell) int {
	for _, ref := range r.Packs() {
		pack, err := s.con.library.Find(ref)
		if err != nil || pack.ID != cell.Pack {
			continue
		}
		measure, _, _ := strings.Cut(cell.Measure, ":")
		for _, rule := range pack.Reporting {
			if rule.Measure == measure {
				return rule.MinN
			}
		}
	}
	return 0
}

// reasonItem names whom a reason is about.
func (s speech) reasonItem(kind string, r *analytics.Release, cell analytics.Cell) (reasonItem, bool) {
	tree := r.Tree()
	switch kind {
	case whyBlock:
		block, _ := r.Block(cell.Block)
		return reasonItem{id: block.ID, Name: s.members(r, block.ID, ""), above: block.Parent, teams: block.Units}, true
	case whyWithin:
		above := survey.UnitID(cell.Block)
		name := s.say("why.within.item", survey.Args{"unit": s.unitID(tree, survey.UnitID(cell.Unit)), "above": s.unitID(tree, above)})
		return reasonItem{id: cell.Unit, Name: name, above: above}, true
	}
	unit, ok := tree.Unit(survey.UnitID(cell.Unit))
	if !ok || kind == whyClamped {
		return reasonItem{}, false
	}
	return reasonItem{id: cell.Unit, Name: s.unit(unit), above: unit.Parent}, true
}

// whyNot is the page's list of reasons, once all figures are made. tree is
// that of the latest wave.
func (s speech) whyNot(tree survey.Tree) []reason {
	var all []reason
	for _, kind := range s.told.kinds {
		key := "why." + kind
		e := reason{
			ID: "why-" + kind, Items: s.told.of[kind],
			Title: s.say(key+".title", nil), Text: s.say(key+".text", survey.Args{"k": s.told.k}),
		}
		if s.con.site.Has(key + ".later") {
			e.Later = s.say(key+".later", nil)
		}
		if n := s.told.least[kind]; n > 0 && kind != whyClamped {
			e.Text += " " + s.say("why.least", survey.Args{"n": n})
		}
		if len(e.Items) > 0 {
			e.Help = s.instead(tree, kind, e.Items)
		}
		all = append(all, e)
	}
	return all
}

// instead leads to figures that can be looked at: those of the combined teams
// on this page, and the units above that the reader may open.
func (s speech) instead(tree survey.Tree, kind string, items []reasonItem) []link {
	var help []link
	switch {
	case kind == whyBlock && s.told.blocks != "":
		help = append(help, link{Path: "#" + s.told.blocks, Name: s.say("why.instead.block", nil)})
	case kind == whyBlock:
		help = s.blockPages(items)
	case s.told.instead != "":
		help = append(help, link{Path: "#" + s.told.instead, Name: s.say("why.instead", nil)})
	}
	had := make(map[survey.UnitID]bool)
	for _, item := range items {
		if _, exists := tree.Unit(item.above); !exists || had[item.above] || !s.told.open(item.above) {
			continue
		}
		had[item.above] = true
		l := s.link(tree, item.above)
		l.Name = s.say("why.instead.unit", survey.Args{"unit": l.Name})
		help = append(help, l)
	}
	return help
}

// blockPages leads to where the combined teams' figures stand: on this page for
// the unit's own block, else on the page of one of the teams.
func (s speech) blockPages(items []reasonItem) []link {
	var pages []link
	for _, item := range items {
		path := ""
		for _, team := range item.teams {
			switch {
			case team == s.told.page:
				path = "#figures"
			case path == "" && s.told.open(team):
				path = "/console/teams/" + string(team)
			}
		}
		if path != "" {
			pages = append(pages, link{Path: path, Name: s.say("why.instead.teams", survey.Args{"teams": item.Name})})
		}
	}
	return pages
}

// noteHidden notes the reasons of a unit and everything under it in a release:
// also of units that have no figure on the page.
func (s speech) noteHidden(r *analytics.Release, unit survey.UnitID) {
	tree := r.Tree()
	for _, u := range tree.Units() {
		if tree.Within(u.ID, unit) {
			s.figure(r, string(u.ID), response(), analytics.StatisticCoverage)
		}
	}
}

// checked says that the figures were audited before they were published, and
// with what result; empty for releases that are older than audits.
func (s speech) checked(r *analytics.Release) string {
	audit, ok := r.Audit()
	if !ok {
		return ""
	}
	return s.say("console.checked."+audit.Result, survey.Args{"k": r.K(), "version": audit.Version})
}
