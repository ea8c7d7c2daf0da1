package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// actionsPage is the plan of the viewer's part, or of one unit and everything
// under it.
type actionsPage struct {
	frame
	Unit     string // the unit whose plan it is; empty: all of the viewer's part
	UnitPath string // the unit's page, for whoever reads figures
	Path     string // of this page
	Statuses []choice
	Units    []choice // to filter by; empty where one unit is all there is
	Actions  []actionLine
	Sort     []head
	Filtered bool // there are others
	Add      string
	Promises []promiseCard
	Earlier  []promiseCard
	Done     string // what was just done, in a sentence
	Back     *undo  // takes it back
}

// actionLine is one action in a list.
type actionLine struct {
	Path, Text, Unit, Owner string
	When                    string
	Due                     string // as 2026-11-22, for the order
	Status                  survey.ActionStatus
	Said                    string // the status in words
	Late                    bool
	Outcome                 string
}

// statusFilters are what the list can be narrowed to, beside single statuses:
// whatever is still to be done comes first.
const (
	filterOpen = "open"
	filterAll  = "all"
)

// recentPromises is how many promises the plan shows at once; the others are
// behind a click.
const recentPromises = 2

// actionsPage lists everything that the viewer may read.
func (con *console) actionsPage(c echo.Context, v viewer) error {
	tree, err := con.planTree(c.Request().Context())
	if err != nil {
		return err
	}
	return con.renderActions(c, v, tree, "")
}

// unitActionsPage lists the plan of one unit and everything under it.
func (con *console) unitActionsPage(c echo.Context, v viewer) error {
	tree, err := con.planTree(c.Request().Context())
	if err != nil {
		return err
	}
	unit := survey.UnitID(c.Param("unit"))
	if err := v.mayPlan(tree, unit); err != nil {
		return err
	}
	return con.renderActions(c, v, tree, unit)
}

// mayPlan fails for a unit whose plan the viewer may not read. What exists
// elsewhere is not told apart from what does not exist.
func (v viewer) mayPlan(tree survey.Tree, unit survey.UnitID) error {
	switch {
	case v.plans(tree, unit):
		return nil
	case v.has(admin, hr):
		return survey.Fail(survey.NotFound, "error.console.unit", nil)
	}
	return survey.Fail(survey.Forbidden, "error.console.part", nil)
}

func (con *console) renderActions(c echo.Context, v viewer, tree survey.Tree, unit survey.UnitID) error {
	ctx, lang := c.Request().Context(), con.lang(c.Request())
	s := con.in(lang)
	path := actionsPath
	if unit != "" {
		path = unitActionsPath(unit)
	}
	p := actionsPage{frame: con.frame(lang, "actions.title", &v, path), Path: path}
	if unit != "" {
		p.Unit = s.path(tree, unit)
		if v.readsFigures() {
			p.UnitPath = "/console/teams/" + url.PathEscape(string(unit))
		}
		p.Title = s.say("actions.of", survey.Args{"unit": p.Unit})
	}
	if done := c.QueryParam("done"); con.site.Has("actions.done." + done) {
		p.Done, p.Back = s.say("actions.done."+done, nil), s.reshared(c, done, unit)
	}
	if err := s.listActions(ctx, &p, v, tree, unit, c.QueryParam("status"), survey.UnitID(c.QueryParam("unit"))); err != nil {
		return err
	}
	p.Sort = inOrder(s, c, p.frame, "actions", p.Actions,
		byDate("due", "feel.by.due", func(a actionLine) string { return a.Due }),
		byName("text", "feel.by.name", func(a actionLine) string { return a.Text }),
		byName("unit", "feel.by.unit", func(a actionLine) string { return a.Unit })).of("due", "text", "unit")
	cards, err := s.promiseCards(ctx, v, tree, unit)
	if err != nil {
		return err
	}
	p.Promises, p.Earlier = cards[:min(recentPromises, len(cards))], cards[min(recentPromises, len(cards)):]
	con.render(c.Response(), lang, http.StatusOK, "actions", p)
	return nil
}

// listActions fills the list and what it can be filtered by. unit is the one
// whose plan the page is, filter one that was chosen among the viewer's.
func (s speech) listActions(ctx context.Context, p *actionsPage, v viewer, tree survey.Tree, unit survey.UnitID, status string, filter survey.UnitID) error {
	within := unit
	if unit == "" && v.plans(tree, filter) {
		within = filter
	}
	writes := survey.UnitID("")
	var units []survey.UnitID
	for _, id := range v.planned(tree) {
		if unit == "" {
			p.Units = append(p.Units, choice{string(id), s.path(tree, id), id == filter})
		}
		if within == "" || tree.Within(id, within) {
			units = append(units, id)
		}
		if writes == "" && v.edits(tree, id) && (within == "" || tree.Within(id, within)) {
			writes = id
		}
	}
	if len(p.Units) < 2 {
		p.Units = nil
	}
	if writes != "" {
		p.Add = newActionPath(url.Values{"unit": {string(writes)}})
	}
	known := []string{filterOpen, filterAll}
	for _, one := range survey.ActionStatuses() {
		known = append(known, string(one))
	}
	if !slices.Contains(known, status) {
		status = filterOpen
	}
	for _, one := range known {
		p.Statuses = append(p.Statuses, choice{one, s.say("actions.status."+one, nil), one == status})
	}
	actions, err := s.con.plans.Actions(ctx, units)
	if err != nil {
		return err
	}
	today := s.con.today()
	for _, a := range actions {
		if status == filterAll || status == string(a.Status) || status == filterOpen && a.Status.Open() {
			p.Actions = append(p.Actions, s.actionLine(tree, a, today))
		}
	}
	p.Filtered = len(p.Actions) < len(actions)
	return nil
}

func (s speech) actionLine(tree survey.Tree, a survey.Action, today string) actionLine {
	l := actionLine{
		Path: actionPath(a.ID), Text: a.Text, Unit: s.path(tree, a.Unit), Owner: a.Owner, Status: a.Status,
		Said: s.say("actions.status."+string(a.Status), nil), Late: a.Late(today), When: s.dueOn(a.Due, today), Due: a.Due,
	}
	if !a.Status.Open() {
		l.When, l.Outcome = s.say("actions.due.was", survey.Args{"day": s.date(a.Due)}), a.Evidence
	}
	return l
}

func unitActionsPath(unit survey.UnitID) string {
	return "/console/teams/" + url.PathEscape(string(unit)) + "/actions"
}

// newActionPath leads to the form for a new action with some of it filled in.
func newActionPath(filled url.Values) string { return actionsPath + "/new?" + filled.Encode() }

// actionDue is how many days ahead the day stands that the form for a new
// action suggests.
const actionDue = 28

// actionForm is what stands around the fields of an action, new or not.
type actionForm struct {
	Action   survey.ActionState
	Statuses []choice
	Today    string
	To       string
	Limits   actionLimits
	Error    string
}

// actionLimits bound what can be typed, in characters.
type actionLimits struct{ Text, Owner, Evidence, Comment int }

func (s speech) actionForm(a survey.ActionState, fault *survey.Error) actionForm {
	f := actionForm{
		Action: a, Today: s.con.today(), To: survey.LatestDue,
		Limits: actionLimits{survey.MaxActionText, survey.MaxActionOwner, survey.MaxActionEvidence, survey.MaxActionComment},
	}
	for _, status := range survey.ActionStatuses() {
		f.Statuses = append(f.Statuses, choice{string(status), s.say("actions.status."+string(status), nil), status == a.Status})
	}
	if fault != nil {
		f.Error = s.say(fault.Key, fault.Args)
	}
	return f
}

// typedAction reads the fields of an action.
func typedAction(r *http.Request) survey.ActionState {
	return survey.ActionState{
		Text: r.PostFormValue("text"), Owner: r.PostFormValue("owner"), Mail: r.PostFormValue("mail"), Due: r.PostFormValue("due"),
		Status: survey.ActionStatus(r.PostFormValue("status")), Evidence: r.PostFormValue("evidence"),
	}
}

// newActionPage is the form for a new action.
type newActionPage struct {
	frame
	actionForm
	Units      []choice
	Guide      link // that the action is taken from; no path where there is none
	GuideID    string
	Suggestion string
	Others     []link // what else the guide suggests
}

func (con *console) newAction(c echo.Context, v viewer) error {
	origin := survey.ActionOrigin{Guide: c.QueryParam("guide"), Suggestion: c.QueryParam("suggestion")}
	state := survey.ActionState{Status: survey.ActionPlanned, Mail: v.Email, Due: con.now().In(con.zone).AddDate(0, 0, actionDue).Format(time.DateOnly)}
	if guide, err := con.guides.Find(origin.Guide); err == nil {
		if _, ok := guide.Suggestion(origin.Suggestion); !ok {
			origin.Suggestion = guide.Suggestions()[0]
		}
		text, _ := guide.Suggestion(origin.Suggestion)
		state.Text = text.In(con.lang(c.Request()))
	}
	return con.renderNewAction(c, v, http.StatusOK, origin, survey.UnitID(c.QueryParam("unit")), state, nil)
}

func (con *console) renderNewAction(c echo.Context, v viewer, status int, origin survey.ActionOrigin, unit survey.UnitID, state survey.ActionState, fault *survey.Error) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	tree, err := con.planTree(c.Request().Context())
	if err != nil {
		return err
	}
	p := newActionPage{frame: con.frame(lang, "actions.new", &v, actionsPath+"/new"), actionForm: s.actionForm(state, fault)}
	for _, u := range tree.Units() {
		if v.edits(tree, u.ID) {
			p.Units = append(p.Units, choice{string(u.ID), s.path(tree, u.ID), u.ID == unit})
		}
	}
	if len(p.Units) == 0 {
		return survey.Fail(survey.Forbidden, "error.action.part", nil)
	}
	if guide, err := con.guides.Find(origin.Guide); err == nil {
		p.Guide, p.GuideID, p.Suggestion = s.guideLink(guide), guide.ID, origin.Suggestion
		for _, place := range guide.Suggestions() {
			if text, _ := guide.Suggestion(place); place != origin.Suggestion {
				p.Others = append(p.Others, link{newActionPath(url.Values{"unit": {string(unit)}, "guide": {guide.ID}, "suggestion": {place}}), text.In(lang)})
			}
		}
	}
	con.render(c.Response(), lang, status, "action-new", p)
	return nil
}

// addAction adds an action to the plan of a unit.
func (con *console) addAction(c echo.Context, v viewer) error {
	r := c.Request()
	unit := survey.UnitID(r.PostFormValue("unit"))
	origin := survey.ActionOrigin{Guide: r.PostFormValue("guide"), Suggestion: r.PostFormValue("suggestion")}
	if guide, err := con.guides.Find(origin.Guide); err != nil {
		origin = survey.ActionOrigin{}
	} else if _, ok := guide.Suggestion(origin.Suggestion); !ok {
		origin.Suggestion = ""
	}
	tree, err := con.planTree(r.Context())
	if err != nil {
		return err
	}
	if !v.edits(tree, unit) {
		return survey.Fail(survey.Forbidden, "error.action.part", nil)
	}
	typed := typedAction(r)
	id := ""
	state, err := survey.CheckAction(typed)
	if err == nil {
		id, err = con.plans.AddAction(r.Context(), survey.Action{Unit: unit, Origin: origin, Added: con.now(), AddedBy: v.Email, ActionState: state})
	}
	if known, ok := asSurveyError(err); ok {
		return con.renderNewAction(c, v, statusOf(known.Code), origin, unit, typed, known)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, actionPath(id)+"?saved=added")
}
