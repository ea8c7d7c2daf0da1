package handlers

import (
	"context"
	"net/http"
	"slices"

	"attune/survey"
	"attune/survey/wave"

	"github.com/labstack/echo/v4"
)

// reorganisePage says what a change of the tree would do, before it is made.
type reorganisePage struct {
	frame
	Change       reshape
	Lead         string
	Consequences []string
	Back         string // path of the unit's page
}

// reshapeStep shows the consequences of a change. It changes nothing.
func (con *console) reshapeStep(c echo.Context, v viewer) error {
	ctx, change := c.Request().Context(), reshapeOf(c)
	units, err := con.organisers.Units(ctx)
	if err != nil {
		return err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return err
	}
	if _, ok := tree.Unit(change.Unit); !ok || !slices.Contains(reshapes(), change.Do) {
		return survey.Fail(survey.NotFound, "error.admin.unit", nil)
	}
	after, err := change.apply(tree)
	if known, ok := asSurveyError(err); ok {
		return con.renderUnit(c, v, statusOf(known.Code), change, known)
	}
	lang := con.lang(c.Request())
	s := con.in(lang)
	p := reorganisePage{
		frame: con.frame(lang, "admin.org.preview", &v, organisationPath), Change: change, Back: organisationPath + "/" + string(change.Unit),
		Lead: s.say("admin.org.preview."+change.Do, survey.Args{"unit": s.unitID(tree, change.Unit), "parent": s.unitID(tree, change.To), "name": change.Name}),
	}
	if p.Consequences, err = s.consequences(ctx, tree, change, after); err != nil {
		return err
	}
	con.render(c.Response(), lang, http.StatusOK, "reorganise", p)
	return nil
}

// unborn stands for the id of a unit that is not stored yet.
const unborn = survey.UnitID("new")

// apply gives the units after a change, or why it may not be made.
func (r reshape) apply(tree survey.Tree) ([]survey.Unit, error) {
	units := tree.Units()
	at := slices.IndexFunc(units, func(u survey.Unit) bool { return u.ID == r.Unit })
	switch r.Do {
	case "rename":
		units[at].Name = r.Name
		return units, tree.CheckName(r.Unit, r.Name)
	case "move":
		units[at].Parent = r.To
		return units, tree.CheckMove(r.Unit, r.To)
	case "add":
		return append(units, survey.Unit{ID: unborn, Parent: r.Unit, Name: r.Name}), tree.CheckAdd(r.Unit, r.Name)
	}
	return slices.Delete(units, at, at+1), nil
}

// consequences compares the organisation before and after a change: which
// teams would be asked together in the next wave, whose trends go on or begin
// anew, and what happens to waves that are announced already.
func (s speech) consequences(ctx context.Context, tree survey.Tree, change reshape, units []survey.Unit) ([]string, error) {
	all, err := s.con.waves.Waves(ctx)
	if err != nil {
		return nil, err
	}
	request := wave.Request{K: survey.MinK}
	for _, w := range all {
		if w.State != survey.Void {
			request.K = max(request.K, w.K) // k may rise and never fall
		}
	}
	before, err := s.con.outlooks.Outlook(ctx, request)
	if _, known := asSurveyError(err); err != nil && !known {
		return nil, err
	}
	after, err := s.con.outlooks.OutlookWith(ctx, request, units)
	if _, known := asSurveyError(err); err != nil && !known {
		return nil, err
	}
	told := s.trends(tree, change, before, after)
	told = append(told, s.regrouped(before, after, request.K)...)
	for _, w := range all {
		if w.State == survey.Announced || w.State == survey.Open {
			told = append(told, s.say("admin.org.frozen", survey.Args{"wave": s.wave(w.ID)}))
		}
	}
	return told, nil
}

// trends says which trends a change moves.
func (s speech) trends(tree survey.Tree, change reshape, before, after wave.Outlook) []string {
	var told []string
	switch change.Do {
	case "rename":
		return []string{s.say("admin.org.then.rename", survey.Args{"unit": s.unitID(tree, change.Unit), "name": change.Name})}
	case "move":
		told = append(told, s.say("admin.org.then.move", survey.Args{"unit": s.unitID(tree, change.Unit)}))
		if names := s.others(tree, change); len(names) > 0 && before.Headcount[change.Unit] > 0 {
			told = append(told, s.say("admin.org.then.others", survey.Args{"units": s.list(names), "people": before.Headcount[change.Unit]}))
		}
	}
	// A team "NAME, directly" that comes or goes: staff of a unit that gets
	// its first sub-unit or loses its last.
	for _, u := range after.Tree.Units() {
		if _, had := before.Tree.Unit(u.ID); u.Direct && !had {
			told = append(told, s.say("admin.org.then.direct", survey.Args{"unit": u.Name, "people": after.Headcount[u.ID]}))
		}
	}
	for _, u := range before.Tree.Units() {
		if _, has := after.Tree.Unit(u.ID); u.Direct && !has {
			told = append(told, s.say("admin.org.then.undirect", survey.Args{"unit": u.Name, "people": before.Headcount[u.ID]}))
		}
	}
	return told
}

// others are the units that a moved one leaves or comes to, at any height: the
// same above both stay as they are.
func (s speech) others(tree survey.Tree, change reshape) []string {
	from := tree.Ancestors(change.Unit)
	to := append([]survey.UnitID{change.To}, tree.Ancestors(change.To)...)
	var names []string
	for _, u := range append(slices.Clone(from), to...) {
		if !(slices.Contains(from, u) && slices.Contains(to, u)) {
			names = append(names, s.unitID(tree, u))
		}
	}
	return names
}

// regrouped says which teams would be asked together that are not now, and
// which would stand alone.
func (s speech) regrouped(before, after wave.Outlook, k int) []string {
	if len(after.Groups) == 0 {
		return []string{s.say("admin.org.then.nobody", survey.Args{"k": k})}
	}
	merged := func(o wave.Outlook) map[string]survey.Group {
		found := make(map[string]survey.Group)
		for _, g := range o.Groups {
			if g.Merged() {
				found[g.ID] = g
			}
		}
		return found
	}
	was, will := merged(before), merged(after)
	var told []string
	for _, g := range after.Groups {
		if _, had := was[g.ID]; g.Merged() && !had {
			told = append(told, s.say("admin.org.then.merged", survey.Args{"teams": s.teams(after.Tree, g.Units), "people": g.Headcount, "k": k}))
		}
	}
	for _, g := range before.Groups {
		if _, has := will[g.ID]; !g.Merged() || has {
			continue
		}
		var alone []string
		for _, team := range g.Units {
			if slices.ContainsFunc(after.Groups, func(n survey.Group) bool { return !n.Merged() && n.Units[0] == team }) {
				alone = append(alone, s.unitID(before.Tree, team))
			}
		}
		if len(alone) > 0 {
			told = append(told, s.say("admin.org.then.alone", survey.Args{"teams": s.list(alone)}))
		}
	}
	if len(told) == 0 {
		told = append(told, s.say("admin.org.then.same", survey.Args{"k": k}))
	}
	return told
}
