package handlers

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// guidesPage lists all guides by what they are about.
type guidesPage struct {
	frame
	Groups []guideGroup
}

type guideGroup struct {
	Title string
	Links []link
}

// guidePage is one guide.
type guidePage struct {
	frame
	Meaning         string
	Ask             []string
	OrganisationCan []suggestion // Organisation is the name of the frame's
	ManagerCan      []suggestion
	Blocks          []link // the blocks of the policy audit that it belongs to
	Further         []link // guides to read on in
	Sources         []string
}

// suggestion is something that a guide suggests to do, with the way into the
// plan; no path for whoever writes no plan.
type suggestion struct{ Text, Add string }

func (con *console) guidesPage(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	p := guidesPage{frame: con.frame(lang, "guides.title", &v, "/console/guides"), Groups: con.in(lang).guideGroups()}
	con.render(c.Response(), lang, http.StatusOK, "guides", p)
	return nil
}

// guideGroups sorts the guides: changes first, since every page asks about
// them, and what lies around a team last.
func (s speech) guideGroups() []guideGroup {
	groups := []guideGroup{
		{Title: s.say("guides.changes", nil)},
		{Title: s.say("guides.signs", nil)},
		{Title: s.say("guides.measures", nil)},
		{Title: s.say("guides.around", nil)},
	}
	for _, guide := range s.con.guides.All() {
		at := 2
		switch about := guide.About; {
		case len(about.Changes) > 0:
			at = 0
		case len(about.Signs) > 0:
			at = 1
		case len(about.Topics) > 0:
			at = 3
		}
		groups[at].Links = append(groups[at].Links, s.guideLink(guide))
	}
	return groups
}

func (s speech) guideLink(guide *survey.Guide) link {
	return link{Path: "/console/guides/" + guide.ID, Name: guide.Title.In(s.lang)}
}

// guideFor leads to a guide for a unit, whose plan its suggestions then go into.
func (s speech) guideFor(guide *survey.Guide, unit string) link {
	to := s.guideLink(guide)
	if unit != "" {
		to.Path += "?" + url.Values{"unit": {unit}}.Encode()
	}
	return to
}

func (con *console) guidePage(c echo.Context, v viewer) error {
	guide, err := con.guides.Find(c.Param("guide"))
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	unit := ""
	if v.has(admin, manager) {
		unit = cmp.Or(c.QueryParam("unit"), string(v.Unit))
	}
	p, err := con.in(lang).guide(v, guide, unit)
	if err != nil {
		return err
	}
	p.frame = con.frame(lang, "guides.title", &v, "/console/guides/"+guide.ID)
	p.Title = guide.Title.In(lang)
	con.render(c.Response(), lang, http.StatusOK, "guide", p)
	return nil
}

func (s speech) guide(v viewer, guide *survey.Guide, unit string) (guidePage, error) {
	audit, err := s.con.leaders.Latest(policyAudit)
	if err != nil {
		return guidePage{}, err
	}
	p := guidePage{
		Meaning: guide.Meaning.In(s.lang), Sources: guide.Cited(),
		Ask: s.texts(guide.Ask),
	}
	for i, place := range guide.Suggestions() {
		text, _ := guide.Suggestion(place)
		one := suggestion{Text: text.In(s.lang)}
		if v.has(admin, manager) {
			one.Add = newActionPath(url.Values{"guide": {guide.ID}, "suggestion": {place}, "unit": {unit}})
		}
		if i < len(guide.Organisation) {
			p.OrganisationCan = append(p.OrganisationCan, one)
		} else {
			p.ManagerCan = append(p.ManagerCan, one)
		}
	}
	for _, id := range guide.Blocks {
		if block, ok := audit.Block(id); ok {
			p.Blocks = append(p.Blocks, link{Path: "/console/leaders/packs/" + audit.ID + "#" + id, Name: block.Title.In(s.lang)})
		}
	}
	for _, id := range guide.Further {
		further, err := s.con.guides.Find(id)
		if err != nil {
			return guidePage{}, err
		}
		p.Further = append(p.Further, s.guideFor(further, unit))
	}
	return p, nil
}

func (s speech) texts(list []survey.Text) []string {
	texts := make([]string, len(list))
	for i, t := range list {
		texts[i] = t.In(s.lang)
	}
	return texts
}

// guided are the guides to what a unit's page found in the latest wave: few or
// no answers that can be shown, the signs that lie at or above the middle of
// their words, and every scale of the page. Each leads into the plan of the
// unit too, for whoever writes it.
func (s speech) guided(v viewer, p teamPage, tree survey.Tree, unit survey.UnitID, signs []measure) []guidedLink {
	var found []*survey.Guide
	add := func(guide *survey.Guide) {
		if guide != nil && !slices.Contains(found, guide) {
			found = append(found, guide)
		}
	}
	if last := len(p.Answered) - 1; last >= 0 && !p.Answered[last].Shown {
		add(s.con.guides.Change(survey.ChangeCannotSay))
	} else if last >= 0 && p.Answered[last].Partial {
		add(s.con.guides.Change(survey.ChangeResponseFalling))
	}
	for _, row := range p.Signs.Rows {
		last := row.Cells[len(row.Cells)-1]
		if i := slices.IndexFunc(signs, func(m measure) bool { return m.title == row.Name }); i >= 0 && last.Shown && last.Shade > shades/2 {
			add(s.con.guides.Sign(s.con.signOf(signs[i])))
		}
	}
	for _, card := range p.Cards {
		add(s.con.guides.Scale(card.measure.id))
	}
	links := make([]guidedLink, len(found))
	for i, guide := range found {
		links[i].link = s.guideFor(guide, string(unit))
		if v.edits(tree, unit) {
			links[i].Add = newActionPath(url.Values{"guide": {guide.ID}, "unit": {string(unit)}})
		}
	}
	return links
}

// guidedLink leads to a guide, and with its first suggestion into the plan; no
// path for whoever writes no plan.
type guidedLink struct {
	link
	Add string
}

// planUnit is the unit whose plan belongs to a page: staff directly under a
// unit have the plan of that unit.
func planUnit(tree survey.Tree, unit survey.UnitID) survey.UnitID {
	if u, ok := tree.Unit(unit); ok && u.Direct {
		return u.Parent
	}
	return unit
}

// signOf is the sign that a measure observes; empty when it observes none.
func (con *console) signOf(m measure) string {
	pack, err := con.library.Latest(m.pack)
	if err != nil {
		return ""
	}
	item, _ := pack.Item(m.id)
	return item.Sign
}
