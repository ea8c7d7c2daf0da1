package handlers

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// notePage is "you said, we did" as its manager writes it: what a unit's staff
// are told about one wave.
type notePage struct {
	frame
	Unit, Wave string
	Plan       string // the unit's plan
	Share      string // the text for the team; empty for whoever reads no figures
	Path       string
	Note       survey.Note
	Actions    []noteAction
	To         string
	Most       int // characters of a text
	MostName   int // characters of a name
	Write      bool
	State      string // where it stands, in a sentence
	Stale      string // that staff read something older; empty when they do not
	Published  *toldNote
	Public     bool
	Saved      bool // there is a draft, which can be looked at and published
	Done       string
	Back       *undo // takes it back
	Error      string
}

// noteAction is an action that can be shared.
type noteAction struct {
	ID, Text, About string
	Chosen          bool
}

// toldNote is a published note in words. Results pages, the preview and the
// manager's page show the same.
type toldNote struct {
	Unit    string
	Said    []string // by paragraph
	Doing   []string
	Until   string
	Owner   string
	Actions []toldAction
	Day     string
}

type toldAction struct{ Text, About string }

// notePreview is what staff will see of a note.
type notePreview struct {
	staffFrame
	Wave string
	Told []toldNote
	Back string
}

func notePath(unit survey.UnitID, wave survey.WaveID) string {
	return "/console/teams/" + url.PathEscape(string(unit)) + "/notes/" + url.PathEscape(string(wave))
}

// noteOf is a note with the unit and the wave that it is about.
type noteOf struct {
	note    survey.Note
	saved   bool // there is a draft
	wave    survey.Wave
	tree    survey.Tree
	actions []survey.Action // of the unit, those that were dropped left out
}

// note finds the note of the page, or what a new one begins with. It fails for
// a unit that the viewer may not read and for a wave whose figures are not out.
func (con *console) note(c echo.Context, v viewer) (noteOf, error) {
	ctx := c.Request().Context()
	unit, id := survey.UnitID(c.Param("unit")), survey.WaveID(c.Param("wave"))
	tree, err := con.planTree(ctx)
	if err != nil {
		return noteOf{}, err
	}
	if err := v.mayPlan(tree, unit); err != nil {
		return noteOf{}, err
	}
	n := noteOf{tree: tree}
	if n.wave, err = con.promised(ctx, tree, unit, id); err != nil {
		return noteOf{}, err
	}
	if n.wave.State != survey.Released {
		return noteOf{}, survey.Fail(survey.Conflict, "error.share.unreleased", survey.Args{"wave": con.in(con.lang(c.Request())).wave(id)})
	}
	all, err := con.plans.Actions(ctx, []survey.UnitID{unit})
	if err != nil {
		return noteOf{}, err
	}
	for _, a := range all {
		if a.Status != survey.ActionDropped {
			n.actions = append(n.actions, a)
		}
	}
	n.note, err = con.plans.Note(ctx, unit, id)
	if survey.IsCode(err, survey.NotFound) {
		n.note = survey.Note{Unit: unit, Wave: id, Owner: n.wave.Owner}
		return n, nil
	}
	n.saved = err == nil
	return n, err
}

// ownNote is the note of the page for somebody who may change it.
func (con *console) ownNote(c echo.Context, v viewer) (noteOf, error) {
	n, err := con.note(c, v)
	if err == nil && !v.edits(n.tree, n.note.Unit) {
		err = survey.Fail(survey.Forbidden, "error.action.part", nil)
	}
	return n, err
}

func (con *console) notePage(c echo.Context, v viewer) error {
	n, err := con.note(c, v)
	if err != nil {
		return err
	}
	return con.renderNote(c, v, n, http.StatusOK, nil)
}

func (con *console) renderNote(c echo.Context, v viewer, n noteOf, status int, fault *survey.Error) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	path := notePath(n.note.Unit, n.note.Wave)
	p := notePage{
		frame: con.frame(lang, "note.title", &v, path), Unit: s.path(n.tree, n.note.Unit), Wave: s.wave(n.note.Wave), Plan: unitActionsPath(n.note.Unit),
		Path: path, Note: n.note, To: survey.LatestDue, Most: survey.MaxNoteText, MostName: survey.MaxActionOwner, Write: v.edits(n.tree, n.note.Unit), Saved: n.saved,
		State: s.say("note.state.none", nil),
	}
	if v.forFigures().sees(n.tree, n.note.Unit) {
		p.Share = teamPath(n.note.Unit) + "/share"
	}
	for _, a := range n.actions {
		p.Actions = append(p.Actions, noteAction{a.ID, a.Text, s.aboutAction(survey.SharedAction{Owner: a.Owner, Due: a.Due, Status: a.Status}), slices.Contains(n.note.Actions, a.ID)})
	}
	if n.saved {
		p.State = s.say("note.state.draft", nil)
	}
	if published := n.note.Published; published != nil {
		p.Public = true
		p.State = s.say("note.state.published", survey.Args{"day": s.date(published.Day), "who": who(published.By)})
		told := s.noteInWords(p.Unit, *published)
		p.Published = &told
		if now, err := n.note.Publish(n.actions, published.Day, published.By); err != nil || now.Differs(*published) {
			p.Stale = s.say("note.stale", nil)
		}
	}
	if fault != nil {
		p.Error = s.say(fault.Key, fault.Args)
	}
	if done := c.QueryParam("done"); fault == nil && con.site.Has("note.done."+done) {
		p.Done = s.say("note.done."+done, nil)
		switch {
		case done == "published" && p.Public && p.Write:
			p.Back = s.undo(path + "/withdraw")
		case done == "withdrawn" && !p.Public && p.Write:
			p.Back = s.undo(path + "/publish")
		}
	}
	con.render(c.Response(), lang, status, "note", p)
	return nil
}

// saveNote keeps a draft; staff read nothing of it.
func (con *console) saveNote(c echo.Context, v viewer) error {
	n, err := con.ownNote(c, v)
	if err != nil {
		return err
	}
	r := c.Request()
	n.note.Said, n.note.Doing = r.PostFormValue("said"), r.PostFormValue("doing")
	n.note.Until, n.note.Owner, n.note.Actions = r.PostFormValue("until"), r.PostFormValue("owner"), r.PostForm["action"]
	clean, err := survey.CheckNote(n.note)
	if err == nil {
		clean.By, clean.Edited = v.Email, con.now()
		err = con.plans.SaveNote(r.Context(), clean)
	}
	if known, ok := asSurveyError(err); ok && known.Code == survey.Invalid {
		return con.renderNote(c, v, n, statusOf(known.Code), known)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, notePath(clean.Unit, clean.Wave)+"?done=saved")
}

// previewNote shows a draft as staff will see it.
func (con *console) previewNote(c echo.Context, v viewer) error {
	n, err := con.note(c, v)
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	if asked := c.QueryParam("lang"); asked != "" {
		lang = con.spoken().Pick(asked, lang)
	}
	s := con.in(lang)
	published, err := n.note.Publish(n.actions, con.today(), v.Email)
	if known, ok := asSurveyError(err); ok {
		return con.renderNote(c, v, n, statusOf(known.Code), known)
	}
	p := notePreview{
		staffFrame: con.staffFrame(lang, "results", "note.preview"), Wave: s.wave(n.note.Wave), Back: notePath(n.note.Unit, n.note.Wave),
		Told: []toldNote{s.noteInWords(s.unitID(n.tree, n.note.Unit), published)},
	}
	p.Organisation = n.tree.Root().Name
	return con.renderStaff(c, lang, http.StatusOK, "note-preview", p)
}

// publishNote lets staff read the draft as it stands.
func (con *console) publishNote(c echo.Context, v viewer) error {
	n, err := con.ownNote(c, v)
	if err != nil {
		return err
	}
	published, err := n.note.Publish(n.actions, con.today(), v.Email)
	if err == nil {
		err = con.plans.PublishNote(n.noting(c, v, survey.DidNotePublished), n.note.Unit, n.note.Wave, published)
	}
	if known, ok := asSurveyError(err); ok && known.Code == survey.Invalid {
		return con.renderNote(c, v, n, statusOf(known.Code), known)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, notePath(n.note.Unit, n.note.Wave)+"?done=published")
}

// noting is the context of a change to what staff read: the administrative log
// has it in the same step.
func (n noteOf) noting(c echo.Context, v viewer, action survey.DeedName) context.Context {
	return noting(c, v, action, planSubject(n.tree, n.note.Unit), survey.Args{"wave": n.note.Wave})
}

// planSubject names a unit in the administrative log, which has no language:
// its path, or its name where it is the organisation.
func planSubject(tree survey.Tree, unit survey.UnitID) string {
	u, _ := tree.Unit(unit)
	return cmp.Or(tree.Path(unit), u.Name)
}

// withdrawNote takes a note away from staff; the draft stays, so that it can
// be published again.
func (con *console) withdrawNote(c echo.Context, v viewer) error {
	n, err := con.ownNote(c, v)
	if err != nil {
		return err
	}
	if err := con.plans.WithdrawNote(n.noting(c, v, survey.DidNoteWithdrawn), n.note.Unit, n.note.Wave); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, notePath(n.note.Unit, n.note.Wave)+"?done=withdrawn")
}

// told writes a published note in words.
func (s speech) noteInWords(unit string, p survey.PublishedNote) toldNote {
	t := toldNote{Unit: unit, Said: paragraphs(p.Said), Doing: paragraphs(p.Doing), Owner: p.Owner, Day: s.date(p.Day)}
	if p.Until != "" {
		t.Until = s.date(p.Until)
	}
	for _, a := range p.Actions {
		t.Actions = append(t.Actions, toldAction{a.Text, s.aboutAction(a)})
	}
	return t
}

// aboutAction says who sees to an action, how far it is and until when.
func (s speech) aboutAction(a survey.SharedAction) string {
	return s.say("note.action."+string(a.Status), survey.Args{"owner": a.Owner, "day": s.date(a.Due)})
}

// paragraphs takes a text apart where its author left lines.
func paragraphs(text string) []string {
	var all []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// toldAbout are the notes that staff of a unit read about a wave: the unit's
// own first, then those of the units above it. They depend on the unit alone.
func (s speech) toldAbout(ctx context.Context, tree survey.Tree, unit survey.UnitID, wave survey.WaveID) ([]toldNote, error) {
	line := append([]survey.UnitID{unit}, tree.Ancestors(unit)...)
	notes, err := s.con.plans.PublishedNotes(ctx, wave, line)
	if err != nil {
		return nil, err
	}
	var told []toldNote
	for _, at := range line {
		if n, ok := notes[at]; ok {
			told = append(told, s.noteInWords(s.unitID(tree, at), n))
		}
	}
	return told, nil
}
