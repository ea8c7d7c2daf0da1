package handlers

import (
	"net/http"
	"net/url"
	"slices"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// blockPage is one block of an audit to answer: a form for each entry, saved
// one at a time.
type blockPage struct {
	frame
	Unit, Audit, Progress string
	AuditPath             string
	Next                  link // the block after; no path after the last
	Entries               []entryForm
	Closed                string // why nothing can be saved any more
}

type entryForm struct {
	ID, Text, Mark string
	Path           string
	Words          bool
	States         []stateChoice
	Number         string // the label; empty: no number is asked
	Answer         survey.LeaderAnswer
	Before         string // the state in the audit before
	History        []string
	Saved          string
	Back           *undo // takes the last change back
	Error          string
}

type stateChoice struct {
	Value, Label, Plain string
	Chosen              bool
}

// typed is a form that was refused: it comes back as it was sent.
type typed struct {
	entry  string
	answer survey.LeaderAnswer
	fault  *survey.Error
}

func (con *console) blockPage(c echo.Context, v viewer) error {
	o, err := con.editable(c, v)
	if err != nil {
		return err
	}
	return con.renderBlock(c, v, o, c.Param("block"), http.StatusOK, typed{})
}

func (con *console) renderBlock(c echo.Context, v viewer, o opened, id string, status int, refused typed) error {
	lang := con.lang(c.Request())
	p, err := con.in(lang).block(o, id, c.QueryParam("saved"), refused)
	if err != nil {
		return err
	}
	p.frame = con.frame(lang, "leaders.title", &v, blockPath(o.audit, id))
	block, _ := o.pack.Block(id)
	p.Title = block.Title.In(lang)
	con.render(c.Response(), lang, status, "leader-block", p)
	return nil
}

func (s speech) block(o opened, id, saved string, refused typed) (blockPage, error) {
	at := slices.IndexFunc(o.pack.Blocks, func(b survey.LeaderBlock) bool { return b.ID == id })
	if at < 0 {
		return blockPage{}, survey.Fail(survey.NotFound, "error.leader.block", nil)
	}
	blocks, _ := survey.Progress(o.pack, o.answers)
	p := blockPage{Unit: s.path(o.tree, o.audit.Unit), Audit: o.pack.Title.In(s.lang), AuditPath: auditPath(o.audit), Progress: s.progress(blocks[at])}
	if at+1 < len(o.pack.Blocks) {
		next := o.pack.Blocks[at+1]
		p.Next = link{Path: blockPath(o.audit, next.ID), Name: next.Title.In(s.lang)}
	}
	if !o.audit.Open() {
		p.Closed = s.say("leaders.closed", survey.Args{"date": s.day(o.audit.Finished)})
	}
	for _, e := range o.pack.Blocks[at].Entries {
		form := s.entryForm(o, e, refused)
		if saved == e.ID && refused.fault == nil {
			form.Saved, form.Back = s.say("leaders.saved", nil), s.undo(form.Path+"/undo")
		}
		p.Entries = append(p.Entries, form)
	}
	return p, nil
}

func (s speech) entryForm(o opened, e survey.LeaderEntry, refused typed) entryForm {
	f := entryForm{ID: e.ID, Text: e.Text.In(s.lang), Mark: s.mark(e.Number), Path: auditPath(o.audit) + "/entries/" + e.ID, Words: e.InWords(), Answer: o.answers[e.ID]}
	if refused.entry == e.ID {
		f.Answer = refused.answer
		f.Error = s.say(refused.fault.Key, refused.fault.Args)
	}
	if e.Number != nil {
		f.Number = e.Number.Label.In(s.lang)
	}
	if !f.Words {
		for _, state := range o.pack.States {
			f.States = append(f.States, stateChoice{state.ID, state.Label.In(s.lang), state.Plain.In(s.lang), state.ID == f.Answer.State})
		}
	}
	if before, had := o.earlier[e.ID]; had {
		f.Before = s.say("leaders.before", survey.Args{"state": s.stateOf(o.pack, before), "date": s.day(o.before.Started)})
	}
	for _, edit := range o.edits {
		if edit.Entry == e.ID {
			f.History = append(f.History, s.say("leaders.edit", survey.Args{"date": s.day(edit.At), "who": who(edit.By), "state": s.stateOf(o.pack, edit.LeaderAnswer)}))
		}
	}
	return f
}

// saveAnswer saves one entry. What cannot be meant comes back with the form.
func (con *console) saveAnswer(c echo.Context, v viewer) error {
	o, err := con.editable(c, v)
	if err != nil {
		return err
	}
	r, entry := c.Request(), c.Param("entry")
	_, block, ok := o.pack.Entry(entry)
	if !ok {
		return survey.Fail(survey.NotFound, "error.leader.entry", survey.Args{"entry": entry})
	}
	given := survey.LeaderAnswer{
		State: r.PostFormValue("state"), Number: r.PostFormValue("number"), Note: r.PostFormValue("note"),
		Owner: r.PostFormValue("owner"), Due: r.PostFormValue("due"),
	}
	answer, err := survey.CheckLeaderAnswer(o.pack, entry, given)
	if known, ok := asSurveyError(err); ok {
		return con.renderBlock(c, v, o, block.ID, statusOf(known.Code), typed{entry, given, known})
	}
	if err != nil {
		return err
	}
	return con.save(c, v, o, block.ID, entry, answer)
}

// undoAnswer goes back to what stood before the last change of an entry.
func (con *console) undoAnswer(c echo.Context, v viewer) error {
	o, err := con.editable(c, v)
	if err != nil {
		return err
	}
	entry := c.Param("entry")
	_, block, ok := o.pack.Entry(entry)
	if !ok {
		return survey.Fail(survey.NotFound, "error.leader.entry", survey.Args{"entry": entry})
	}
	answer, err := survey.Undone(o.edits, entry)
	if err != nil {
		return err
	}
	return con.save(c, v, o, block.ID, entry, answer)
}

func (con *console) save(c echo.Context, v viewer, o opened, block, entry string, answer survey.LeaderAnswer) error {
	edit := survey.LeaderEdit{Entry: entry, LeaderAnswer: answer, By: v.Email, At: con.now()}
	if err := con.audits.SaveLeaderAnswer(c.Request().Context(), o.audit.ID, edit); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, blockPath(o.audit, block)+"?saved="+url.QueryEscape(entry)+"#"+url.PathEscape(entry))
}
