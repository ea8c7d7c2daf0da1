package handlers

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// policyAudit is the leader pack whose blocks the guides name.
const policyAudit = "policy-audit"

// leaderAudits is what pages may do with leaders' named answers.
type leaderAudits interface {
	Units(ctx context.Context) ([]survey.Unit, error)
	LeaderAudits(ctx context.Context) ([]survey.LeaderAudit, error)
	LeaderEdits(ctx context.Context, audit string) ([]survey.LeaderEdit, error)
	StartLeaderAudit(ctx context.Context, a survey.LeaderAudit) error
	SaveLeaderAnswer(ctx context.Context, audit string, e survey.LeaderEdit) error
	DiscardLeaderAudit(ctx context.Context, audit string) error
	FinishLeaderAudit(ctx context.Context, audit string, at time.Time) error
}

// leadersPage lists what leaders answer by name, and the audits that the
// viewer may read.
type leadersPage struct {
	frame
	Packs []leaderPackRow
	Units []choice // where the viewer may start one; empty: nowhere
	Error string
	Done  string
}

type leaderPackRow struct {
	ID, Title, Intro string
	Path             string // the pack to read
	Audits           []leaderAuditRow
	Sort             []head
}

type leaderAuditRow struct {
	Path, Unit, State, Progress string
	Started                     string // for the order
}

// edits says whether the viewer may answer for a unit: administrators
// anywhere, managers in their own part. HR reads and answers nothing.
func (v viewer) edits(tree survey.Tree, unit survey.UnitID) bool {
	return v.has(admin) || v.has(manager) && v.Unit != "" && tree.Within(unit, v.Unit)
}

func (con *console) leadersPage(c echo.Context, v viewer) error {
	return con.renderLeaders(c, v, http.StatusOK, nil, "")
}

func (con *console) renderLeaders(c echo.Context, v viewer, status int, fault *survey.Error, chosen survey.UnitID) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	tree, audits, err := con.leaderTree(c.Request().Context())
	if err != nil {
		return err
	}
	p := leadersPage{frame: con.frame(lang, "leaders.title", &v, "/console/leaders")}
	if fault != nil {
		p.Error = s.say(fault.Key, fault.Args)
	} else if c.QueryParam("done") == "discarded" {
		p.Done = s.say("undo.audit.discarded", nil)
	}
	for _, pack := range con.leaders.All() {
		row := leaderPackRow{ID: pack.ID, Title: pack.Title.In(lang), Intro: pack.Intro.In(lang), Path: "/console/leaders/packs/" + pack.ID}
		for _, a := range audits {
			if a.Pack != pack.ID || a.Version != pack.Version || !v.sees(tree, a.Unit) {
				continue
			}
			edits, err := con.audits.LeaderEdits(c.Request().Context(), a.ID)
			if err != nil {
				return err
			}
			row.Audits = append(row.Audits, s.leaderAuditRow(pack, tree, a, edits))
		}
		row.Sort = inOrder(s, c, p.frame, "audits-"+pack.ID, row.Audits,
			byName("unit", "feel.by.unit", func(a leaderAuditRow) string { return a.Unit }),
			byDate("started", "feel.by.started", func(a leaderAuditRow) string { return a.Started })).of("unit", "started")
		p.Packs = append(p.Packs, row)
	}
	for _, u := range tree.Units() {
		if v.edits(tree, u.ID) {
			p.Units = append(p.Units, choice{Value: string(u.ID), Name: s.path(tree, u.ID), Chosen: u.ID == chosen})
		}
	}
	con.render(c.Response(), lang, status, "leaders", p)
	return nil
}

// path names a unit with those above it, the organisation left out unless it
// is the unit itself.
func (s speech) path(tree survey.Tree, unit survey.UnitID) string {
	if path := tree.Path(unit); path != "" {
		return path
	}
	return s.unitID(tree, unit)
}

func (s speech) leaderAuditRow(pack *survey.LeaderPack, tree survey.Tree, a survey.LeaderAudit, edits []survey.LeaderEdit) leaderAuditRow {
	_, all := survey.Progress(pack, survey.LastAnswers(edits))
	row := leaderAuditRow{
		Path: auditPath(a), Unit: s.path(tree, a.Unit), Progress: s.progress(all), Started: a.Started.In(s.con.zone).Format(time.DateTime),
		State: s.say("leaders.started", survey.Args{"date": s.day(a.Started)}),
	}
	if !a.Open() {
		row.State = s.say("leaders.finished", survey.Args{"date": s.day(a.Finished)})
	}
	return row
}

func auditPath(a survey.LeaderAudit) string { return "/console/leaders/audits/" + a.ID }

// progress says how much is answered. It is a count and no score.
func (s speech) progress(p survey.LeaderProgress) string {
	return s.say("leaders.progress", survey.Args{"said": p.Said, "entries": p.Entries, "place": p.InPlace})
}

func (con *console) leaderTree(ctx context.Context) (survey.Tree, []survey.LeaderAudit, error) {
	units, err := con.audits.Units(ctx)
	if err != nil {
		return survey.Tree{}, nil, fmt.Errorf("leader audits: %w", err)
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return survey.Tree{}, nil, fmt.Errorf("leader audits: %w", err)
	}
	audits, err := con.audits.LeaderAudits(ctx)
	return tree, audits, err
}

// startAudit begins an audit of a pack for a unit.
func (con *console) startAudit(c echo.Context, v viewer) error {
	r := c.Request()
	unit := survey.UnitID(r.PostFormValue("unit"))
	pack, err := con.leaders.Latest(r.PostFormValue("pack"))
	if err != nil {
		return err
	}
	tree, _, err := con.leaderTree(r.Context())
	if err != nil {
		return err
	}
	if !v.edits(tree, unit) {
		return survey.Fail(survey.Forbidden, "error.leader.part", nil)
	}
	id := make([]byte, 16)
	if _, err := io.ReadFull(con.rand, id); err != nil {
		return fmt.Errorf("id of a leader audit: %w", err)
	}
	a := survey.LeaderAudit{ID: hex.EncodeToString(id), Pack: pack.ID, Version: pack.Version, Unit: unit, Started: con.now(), StartedBy: v.Email}
	err = con.audits.StartLeaderAudit(r.Context(), a)
	if known, ok := asSurveyError(err); ok && known.Code == survey.Conflict {
		return con.renderLeaders(c, v, http.StatusConflict, known, unit)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, auditPath(a))
}

// leaderPackPage is a leader pack to read: what is asked, where it comes from
// and where staff should feel it.
type leaderPackPage struct {
	frame
	Intro, Disclaimer string
	States            []leaderState
	Blocks            []leaderBlock
	Sources           []string
}

type leaderState struct{ Label, Plain string }

type leaderBlock struct {
	ID, Title string
	Source    string
	Entries   []leaderEntry
	Guides    []link
}

type leaderEntry struct {
	Text, Mark, Felt string
}

func (con *console) leaderPackPage(c echo.Context, v viewer) error {
	pack, err := con.leaders.Latest(c.Param("pack"))
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	p := con.in(lang).leaderPack(pack)
	p.frame = con.frame(lang, "leaders.title", &v, "/console/leaders/packs/"+pack.ID)
	p.Title = pack.Title.In(lang)
	con.render(c.Response(), lang, http.StatusOK, "leader-pack", p)
	return nil
}

func (s speech) leaderPack(pack *survey.LeaderPack) leaderPackPage {
	p := leaderPackPage{Intro: pack.Intro.In(s.lang), Disclaimer: pack.Disclaimer.In(s.lang), Sources: pack.Citation}
	for _, state := range pack.States {
		p.States = append(p.States, leaderState{state.Label.In(s.lang), state.Plain.In(s.lang)})
	}
	for _, b := range pack.Blocks {
		block := leaderBlock{ID: b.ID, Title: b.Title.In(s.lang), Source: b.Source}
		for _, e := range b.Entries {
			block.Entries = append(block.Entries, leaderEntry{Text: e.Text.In(s.lang), Mark: s.mark(e.Number), Felt: s.felt(pack, e)})
		}
		if pack.ID == policyAudit {
			for _, guide := range s.con.guides.Block(b.ID) {
				block.Guides = append(block.Guides, s.guideLink(guide))
			}
		}
		p.Blocks = append(p.Blocks, block)
	}
	return p
}

// mark says what the source document gives for a number; empty for none.
func (s speech) mark(n *survey.LeaderNumber) string {
	if n == nil {
		return ""
	}
	return s.say("leaders.mark."+n.Want, survey.Args{"label": n.Label.In(s.lang), "mark": s.num(n.Mark), "unit": n.Unit.In(s.lang)})
}

// felt says in which scale staff should feel an entry, or why in none.
func (s speech) felt(pack *survey.LeaderPack, e survey.LeaderEntry) string {
	if e.Supports == survey.FeltNowhere {
		return pack.Reasons[e.Reason].In(s.lang)
	}
	return s.say("leaders.felt", survey.Args{"scale": s.supportTitle(e.Supports)})
}

// supportTitle is the title of a scale in the newest version of the staff pack
// that has it; its id when no pack here has it.
func (s speech) supportTitle(id string) string {
	title := id
	for _, pack := range s.con.library.All() { // by id and version: the newest comes last
		if scale, ok := pack.Scale(id); ok {
			title = scale.Title.In(s.lang)
		}
	}
	return title
}
