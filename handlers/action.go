package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// actionPage is one action with its comments and its history.
type actionPage struct {
	frame
	actionForm
	Line     actionLine
	Path     string // of this page
	UnitPath string // the plan of its unit
	Events   string // what happened to its unit
	Guide    link   // that it was taken from; no path where there is none
	N        int
	Write    bool
	Marks    []string // what of it is marked in the trends
	MayMark  bool     // something of it can still be marked
	MarkDay  string
	Comments []actionSaid
	Comment  string // what was typed
	Said     string // why that was refused
	History  []string
	Undo     bool
	Saved    string
	Back     *undo  // takes back what was just done
	Confirm  string // why it was not removed
}

// actionSaid is a comment in words.
type actionSaid struct{ Who, Text string }

// typedPage is what was typed and refused; the zero value shows what is kept.
type typedPage struct {
	action  *survey.ActionState
	markDay string
	comment string
	where   string // "action", "comment" or "remove"
	fault   *survey.Error
}

// reading finds an action that the viewer may read, with the organisation.
func (con *console) reading(ctx context.Context, v viewer, id string) (survey.ActionRecord, survey.Tree, error) {
	tree, err := con.planTree(ctx)
	if err != nil {
		return survey.ActionRecord{}, survey.Tree{}, err
	}
	a, err := con.plans.Action(ctx, id)
	if err != nil {
		return survey.ActionRecord{}, survey.Tree{}, err
	}
	if !v.plans(tree, a.Unit) { // not told apart from one that does not exist
		return survey.ActionRecord{}, survey.Tree{}, survey.Fail(survey.NotFound, "error.action.gone", nil)
	}
	return a, tree, nil
}

// writing finds an action that the viewer may change.
func (con *console) writing(c echo.Context, v viewer) (survey.ActionRecord, survey.Tree, error) {
	a, tree, err := con.reading(c.Request().Context(), v, c.Param("action"))
	if err == nil && !v.edits(tree, a.Unit) {
		err = survey.Fail(survey.Forbidden, "error.action.part", nil)
	}
	return a, tree, err
}

func (con *console) actionPage(c echo.Context, v viewer) error {
	a, tree, err := con.reading(c.Request().Context(), v, c.Param("action"))
	if err != nil {
		return err
	}
	return con.renderAction(c, v, a, tree, http.StatusOK, typedPage{})
}

func (con *console) renderAction(c echo.Context, v viewer, a survey.ActionRecord, tree survey.Tree, status int, typed typedPage) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	state, today := a.ActionState, con.today()
	if typed.action != nil {
		state = *typed.action
	}
	p := actionPage{
		frame: con.frame(lang, "actions.one", &v, actionPath(a.ID)), Line: s.actionLine(tree, a.Action, today), Path: actionPath(a.ID),
		UnitPath: unitActionsPath(a.Unit), Events: eventsPath(a.Unit), N: a.N, Write: v.edits(tree, a.Unit), MarkDay: today, Comment: typed.comment,
		Undo: len(a.Edits) > 1,
	}
	p.Title = a.Text
	fault := func(where string) *survey.Error {
		if typed.where != where {
			return nil
		}
		return typed.fault
	}
	p.actionForm = s.actionForm(state, fault("action"))
	if e := fault("comment"); e != nil {
		p.Said = s.say(e.Key, e.Args)
	}
	if e := fault("remove"); e != nil {
		p.Confirm = s.say(e.Key, e.Args)
	}
	if typed.markDay != "" {
		p.MarkDay = typed.markDay
	}
	if guide, err := con.guides.Find(a.Origin.Guide); err == nil {
		p.Guide = s.guideLink(guide)
	}
	s.tellHistory(&p, a)
	if saved := c.QueryParam("saved"); status == http.StatusOK && con.site.Has("actions.saved."+saved) {
		p.Saved = s.say("actions.saved."+saved, nil)
		p.Back = s.backFrom(saved, p, a)
	}
	con.render(c.Response(), lang, status, "action", p)
	return nil
}

// backFrom takes back what was just done to an action, for whoever may write.
func (s speech) backFrom(saved string, p actionPage, a survey.ActionRecord) *undo {
	switch last := len(a.Comments) - 1; {
	case !p.Write:
	case saved == "added" && !p.Undo && last < 0: // nothing else would be lost
		return s.undo(p.Path+"/remove", "sure", "1")
	case (saved == "changed" || saved == "undone") && p.Undo:
		return s.undo(p.Path+"/undo", "was", strconv.Itoa(a.N))
	case saved == "commented" && last >= 0:
		return s.undo(p.Path+"/comments/remove", "n", strconv.Itoa(a.Comments[last].N))
	}
	return nil
}

// tellHistory writes comments and changes in words: the newest comment and
// change come last.
func (s speech) tellHistory(p *actionPage, a survey.ActionRecord) {
	for _, c := range a.Comments {
		p.Comments = append(p.Comments, actionSaid{s.say("actions.comment.by", survey.Args{"who": who(c.By), "day": s.day(c.At)}), c.Text})
	}
	for i, e := range a.Edits {
		args := survey.Args{"who": who(e.By), "day": s.day(e.At), "status": lower(s.say("actions.status."+string(e.Status), nil))}
		if i == 0 {
			p.History = append(p.History, s.say("actions.history.added", args))
			continue
		}
		args["changed"] = s.list(s.changed(a.Edits[i-1].ActionState, e.ActionState))
		p.History = append(p.History, s.say("actions.history.changed", args))
	}
	for _, status := range survey.ActionStatuses() {
		switch {
		case !status.Marks():
		case slices.Contains(a.Marked, status):
			p.Marks = append(p.Marks, s.say("actions.marked."+string(status), nil))
		default:
			p.MayMark = true
		}
	}
}

// changed names the fields in which two states of an action differ.
func (s speech) changed(before, now survey.ActionState) []string {
	var names []string
	for _, field := range []struct {
		key         string
		before, now string
	}{
		{"text", before.Text, now.Text},
		{"owner", before.Owner, now.Owner},
		{"mail", before.Mail, now.Mail},
		{"due", before.Due, now.Due},
		{"status", string(before.Status), string(now.Status)},
		{"evidence", before.Evidence, now.Evidence},
	} {
		if field.before != field.now {
			names = append(names, s.say("actions.changed."+field.key, nil))
		}
	}
	if len(names) == 0 {
		names = []string{s.say("actions.changed.nothing", nil)}
	}
	return names
}

// saveAction saves the form of an action, and marks the day on which it began
// or was done in the trends where the box for that is ticked.
func (con *console) saveAction(c echo.Context, v viewer) error {
	a, tree, err := con.writing(c, v)
	if err != nil {
		return err
	}
	r := c.Request()
	typed := typedAction(r)
	was, _ := strconv.Atoi(r.PostFormValue("was")) // what is no number was never in view
	day := r.PostFormValue("mark_day")
	state, err := survey.CheckAction(typed)
	var mark *survey.Event
	if err == nil && r.PostFormValue("mark") != "" && state.Status.Marks() {
		of := a.Action
		of.ActionState = state
		event := of.Mark(day, v.Email)
		mark, err = &event, event.Check(con.today())
	}
	if err == nil {
		err = con.plans.SaveAction(r.Context(), a.ID, was, survey.ActionEdit{ActionState: state, By: v.Email, At: con.now()}, mark)
	}
	if known, ok := asSurveyError(err); ok && known.Code != survey.NotFound {
		return con.renderAction(c, v, a, tree, statusOf(known.Code), typedPage{action: &typed, markDay: day, where: "action", fault: known})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, actionPath(a.ID)+"?saved=changed")
}

// undoAction goes back to what an action said before its last change.
func (con *console) undoAction(c echo.Context, v viewer) error {
	a, tree, err := con.writing(c, v)
	if err != nil {
		return err
	}
	was, _ := strconv.Atoi(c.Request().PostFormValue("was"))
	err = con.plans.UndoAction(c.Request().Context(), a.ID, was, v.Email, con.now())
	if known, ok := asSurveyError(err); ok && known.Code == survey.Conflict {
		return con.renderAction(c, v, a, tree, http.StatusConflict, typedPage{where: "action", fault: known})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, actionPath(a.ID)+"?saved=undone")
}

func (con *console) commentAction(c echo.Context, v viewer) error {
	a, tree, err := con.writing(c, v)
	if err != nil {
		return err
	}
	typed := c.Request().PostFormValue("comment")
	text, err := survey.CheckActionComment(typed)
	if err == nil {
		err = con.plans.CommentAction(c.Request().Context(), a.ID, survey.ActionComment{Text: text, By: v.Email, At: con.now()})
	}
	if known, ok := asSurveyError(err); ok && known.Code != survey.NotFound {
		return con.renderAction(c, v, a, tree, statusOf(known.Code), typedPage{comment: typed, where: "comment", fault: known})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, actionPath(a.ID)+"?saved=commented#comments")
}

// uncommentAction takes back a comment of the viewer's own.
func (con *console) uncommentAction(c echo.Context, v viewer) error {
	a, _, err := con.writing(c, v)
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(c.Request().PostFormValue("n")) // what is no number is no comment
	if err := con.plans.UncommentAction(c.Request().Context(), a.ID, n, v.Email); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, actionPath(a.ID)+"?saved=uncommented#comments")
}

// removeAction forgets an action for good, so it asks for the box that says
// what is lost.
func (con *console) removeAction(c echo.Context, v viewer) error {
	a, tree, err := con.writing(c, v)
	if err != nil {
		return err
	}
	if c.Request().PostFormValue("sure") == "" {
		fault := survey.Fail(survey.Invalid, "error.action.confirm", nil)
		return con.renderAction(c, v, a, tree, statusOf(fault.Code), typedPage{where: "remove", fault: fault})
	}
	ctx := noting(c, v, survey.DidActionRemoved, planSubject(tree, a.Unit), nil)
	if err := con.plans.RemoveAction(ctx, a.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, unitActionsPath(a.Unit)+"?done=removed")
}
