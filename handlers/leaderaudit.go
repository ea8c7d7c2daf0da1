package handlers

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// answersPage is one audit to read and to print.
type answersPage struct {
	frame
	Unit, Dates, Progress string
	Previous              string // which audit stands beside it; empty: none
	Edit, Open            bool
	Experience            bool // the viewer may lay it beside what staff experience
	Path, Finish          string
	Blocks                []answersBlock
	Disclaimer            string
	Done                  string
	Back                  *undo // takes it back
}

type answersBlock struct {
	ID, Title, Progress string
	Path                string // where it is answered; empty where the viewer may not
	Rows                []answersRow
}

// answersRow is one entry as it stands, and as it stood in the audit before.
type answersRow struct {
	Text     string
	State    string
	Standing survey.Standing
	Number   string
	Note     string
	Who      string // owner and date
	Before   string
	Moved    string
}

// opened is an audit with everything that its pages need.
type opened struct {
	audit   survey.LeaderAudit
	pack    *survey.LeaderPack
	tree    survey.Tree
	edits   []survey.LeaderEdit
	answers map[string]survey.LeaderAnswer
	before  survey.LeaderAudit // the audit before; no id when there is none
	earlier map[string]survey.LeaderAnswer
}

// openAudit finds the audit of a page and holds it against the viewer's part.
func (con *console) openAudit(c echo.Context, v viewer) (opened, error) {
	ctx := c.Request().Context()
	tree, all, err := con.leaderTree(ctx)
	if err != nil {
		return opened{}, err
	}
	i := slices.IndexFunc(all, func(a survey.LeaderAudit) bool { return a.ID == c.Param("audit") })
	if i < 0 || !v.sees(tree, all[i].Unit) { // what exists elsewhere is not told apart
		return opened{}, survey.Fail(survey.NotFound, "error.leader.audit", nil)
	}
	o := opened{audit: all[i], tree: tree}
	if o.pack, err = con.leaders.Find(o.audit.Pack, o.audit.Version); err != nil {
		return opened{}, err
	}
	if o.edits, err = con.audits.LeaderEdits(ctx, o.audit.ID); err != nil {
		return opened{}, err
	}
	o.answers = survey.LastAnswers(o.edits)
	return o, con.beforeOf(ctx, all, &o)
}

func (con *console) beforeOf(ctx context.Context, all []survey.LeaderAudit, o *opened) error {
	before, ok := survey.PreviousAudit(all, o.audit)
	if !ok {
		return nil
	}
	edits, err := con.audits.LeaderEdits(ctx, before.ID)
	o.before, o.earlier = before, survey.LastAnswers(edits)
	return err
}

func (con *console) answersPage(c echo.Context, v viewer) error {
	o, err := con.openAudit(c, v)
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	p := con.in(lang).answersPage(o, v.edits(o.tree, o.audit.Unit))
	p.Experience = v.forFigures().sees(o.tree, o.audit.Unit)
	p.frame = con.frame(lang, "leaders.title", &v, auditPath(o.audit))
	p.Title = o.pack.Title.In(lang)
	if p.Edit && len(o.edits) == 0 {
		p.Done, p.Back = con.in(lang).say("undo.audit.started", nil), con.in(lang).undo(p.Path+"/discard")
	}
	con.render(c.Response(), lang, http.StatusOK, "leader-audit", p)
	return nil
}

func (s speech) answersPage(o opened, edit bool) answersPage {
	blocks, all := survey.Progress(o.pack, o.answers)
	p := answersPage{
		Unit: s.path(o.tree, o.audit.Unit), Progress: s.progress(all), Disclaimer: o.pack.Disclaimer.In(s.lang),
		Dates: s.say("leaders.started_by", survey.Args{"date": s.day(o.audit.Started), "who": who(o.audit.StartedBy)}),
		Open:  o.audit.Open(), Edit: edit && o.audit.Open(), Path: auditPath(o.audit), Finish: auditPath(o.audit) + "/finish",
	}
	if !p.Open {
		p.Dates += " " + s.say("leaders.finished", survey.Args{"date": s.day(o.audit.Finished)})
	}
	if o.before.ID != "" {
		p.Previous = s.say("leaders.beside", survey.Args{"date": s.day(o.before.Started)})
	}
	for i, b := range o.pack.Blocks {
		block := answersBlock{ID: b.ID, Title: b.Title.In(s.lang), Progress: s.progress(blocks[i])}
		if p.Edit {
			block.Path = blockPath(o.audit, b.ID)
		}
		for _, e := range b.Entries {
			block.Rows = append(block.Rows, s.answersRow(o, e))
		}
		p.Blocks = append(p.Blocks, block)
	}
	return p
}

func blockPath(a survey.LeaderAudit, block string) string {
	return auditPath(a) + "/blocks/" + block
}

func (s speech) answersRow(o opened, e survey.LeaderEntry) answersRow {
	a := o.answers[e.ID]
	row := answersRow{Text: e.Text.In(s.lang), State: s.stateOf(o.pack, a), Standing: o.pack.Standing(a), Number: s.numberOf(e, a), Note: a.Note, Who: s.whoOf(a)}
	before, had := o.earlier[e.ID]
	if !had || e.InWords() {
		return row
	}
	row.Before = s.stateOf(o.pack, before)
	if moved := o.pack.Compare(before, a); moved != survey.MovedUnknown {
		row.Moved = s.say("leaders.moved."+string(moved), nil)
	}
	return row
}

func (s speech) stateOf(pack *survey.LeaderPack, a survey.LeaderAnswer) string {
	if state, ok := pack.State(a.State); ok {
		return state.Label.In(s.lang)
	}
	if a.Said() {
		return s.say("leaders.in_words", nil)
	}
	return s.say("leaders.unsaid", nil)
}

// numberOf writes a number beside what the source document gives.
func (s speech) numberOf(e survey.LeaderEntry, a survey.LeaderAnswer) string {
	if e.Number == nil || a.Number == "" {
		return ""
	}
	key := "leaders.number.beyond"
	if e.Number.Meets(a.Value()) {
		key = "leaders.number.within"
	}
	return s.say(key, survey.Args{"label": e.Number.Label.In(s.lang), "value": s.num(a.Value()), "mark": s.num(e.Number.Mark), "unit": e.Number.Unit.In(s.lang)})
}

func (s speech) whoOf(a survey.LeaderAnswer) string {
	switch {
	case a.Owner != "" && a.Due != "":
		return s.say("leaders.who_until", survey.Args{"owner": a.Owner, "date": s.date(a.Due)})
	case a.Owner != "":
		return s.say("leaders.who", survey.Args{"owner": a.Owner})
	case a.Due != "":
		return s.say("leaders.until", survey.Args{"date": s.date(a.Due)})
	}
	return ""
}

// who names a user by the part of the address before the @: users have no
// other name, and no page shows a whole address.
func who(email string) string {
	name, _, _ := strings.Cut(email, "@")
	return name
}

// discardAudit takes back an audit that nobody has answered yet.
func (con *console) discardAudit(c echo.Context, v viewer) error {
	o, err := con.editable(c, v)
	if err != nil {
		return err
	}
	if err := con.audits.DiscardLeaderAudit(c.Request().Context(), o.audit.ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/console/leaders?done=discarded")
}

// finishAudit closes an audit: what it says stays, and the next time is
// another audit.
func (con *console) finishAudit(c echo.Context, v viewer) error {
	o, err := con.editable(c, v)
	if err != nil {
		return err
	}
	if err := isSure(c.Request()); err != nil {
		return err
	}
	if err := con.audits.FinishLeaderAudit(c.Request().Context(), o.audit.ID, con.now()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, auditPath(o.audit))
}

// editable is openAudit for somebody who may answer.
func (con *console) editable(c echo.Context, v viewer) (opened, error) {
	o, err := con.openAudit(c, v)
	if err == nil && !v.edits(o.tree, o.audit.Unit) {
		return opened{}, survey.Fail(survey.Forbidden, "error.leader.part", nil)
	}
	return o, err
}
