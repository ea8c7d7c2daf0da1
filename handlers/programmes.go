package handlers

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

const programmesPath = "/console/programmes"

// programmeKeeper is what the page of programmes does with the store.
type programmeKeeper interface {
	Units(ctx context.Context) ([]survey.Unit, error)
	Programmes(ctx context.Context) ([]survey.Programme, error)
	Programme(ctx context.Context, id string) (survey.Programme, error)
	AddProgramme(ctx context.Context, p survey.Programme) error
	ChangeProgramme(ctx context.Context, id string, change func(*survey.Programme) error) error
}

// programmesPage is a calendar of a year and the programmes that fill it.
type programmesPage struct {
	frame
	Months     []plannedMonth
	Programmes []programmeCard
	Error      string
	Wrong      string // the programme that Error is about
	Done       string
	Back       *undo // takes it back
}

type plannedMonth struct {
	Name  string
	Dates []plannedDate
}

// plannedDate is one wave of the year to come.
type plannedDate struct {
	Opens, Closes, Of, Part, Packs, State string
	Against                               []string // what stands in its way; of a preview only

	at time.Time
}

type programmeCard struct {
	ID      string
	Lines   []string
	Pauses  []string
	Active  bool
	Refused string // what its next date would be refused for now
}

// yearDates is more dates of one programme than a year can have.
const yearDates = 366

func (con *console) programmesPage(c echo.Context, v viewer) error {
	return con.renderProgrammes(c, v, http.StatusOK, "", nil)
}

func (con *console) renderProgrammes(c echo.Context, v viewer, status int, wrong string, fault *survey.Error) error {
	ctx, lang := c.Request().Context(), con.lang(c.Request())
	s := con.in(lang)
	units, err := con.programmes.Units(ctx)
	if err != nil {
		return err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return err
	}
	all, err := con.programmes.Programmes(ctx)
	if err != nil {
		return err
	}
	p := programmesPage{frame: con.frame(lang, "admin.programmes.title", &v, programmesPath), Wrong: wrong}
	dates, err := s.planned(ctx, tree)
	if err != nil {
		return err
	}
	for _, programme := range all {
		more, card, err := s.programme(ctx, tree, programme)
		if err != nil {
			return err
		}
		dates, p.Programmes = append(dates, more...), append(p.Programmes, card)
	}
	p.Months = s.months(dates)
	if fault != nil {
		p.Error = s.fault(fault)
	}
	switch done := c.QueryParam("done"); done {
	case "again", "paused", "resumed", "stopped", "added", "changed":
		p.Done, p.Back = s.say(strings.Replace("admin.programmes."+done, "again", "resumed", 1), survey.Args{"programme": c.QueryParam("of")}), s.unmoved(c, done)
	}
	con.render(c.Response(), lang, status, "programmes", p)
	return nil
}

// planned are the waves to come that are planned or announced already.
func (s speech) planned(ctx context.Context, tree survey.Tree) ([]plannedDate, error) {
	all, err := s.con.waves.Waves(ctx)
	if err != nil {
		return nil, err
	}
	var dates []plannedDate
	for _, w := range all {
		if w.State != survey.Planned && w.State != survey.Announced && w.State != survey.Open {
			continue
		}
		packs := make([]string, len(w.Packs))
		for i, ref := range w.Packs {
			packs[i] = ref.ID
		}
		dates = append(dates, plannedDate{
			Opens: s.day(w.Opens), Closes: s.day(w.Closes), Of: w.Programme, Part: s.unitID(tree, w.Scope), Packs: s.packTitles(packs),
			State: s.say("console.state."+string(w.State), nil), at: w.Opens,
		})
	}
	return dates, nil
}

// programme is the card of a programme and its dates of a year to come.
func (s speech) programme(ctx context.Context, tree survey.Tree, p survey.Programme) ([]plannedDate, programmeCard, error) {
	scope := p.Scope
	if scope == "" {
		scope = tree.Root().ID
	}
	card := programmeCard{ID: p.ID, Active: p.Active, Lines: s.programmeLines(tree, p)}
	for _, pause := range p.Pauses {
		card.Pauses = append(card.Pauses, s.say("admin.programmes.pause_days", survey.Args{"from": s.date(pause.From), "to": s.date(pause.To)}))
	}
	if !p.Active {
		return nil, card, nil
	}
	next, err := s.con.outlooks.Dates(ctx, p, yearDates)
	if err != nil {
		return nil, card, err
	}
	var dates []plannedDate
	end, checked := s.con.now().AddDate(1, 0, 0), false
	for _, d := range next {
		if d.Opens.After(end) {
			break
		}
		if d.Decided {
			continue // a wave of its own, or skipped
		}
		date := plannedDate{Opens: s.day(d.Opens), Closes: s.day(d.Closes), Of: p.ID, Part: s.unitID(tree, scope), at: d.Opens}
		if d.Paused {
			date.State = s.say("admin.programmes.state_paused", nil)
		} else {
			date.Packs = s.packTitles(d.Request.Packs)
			date.State = s.say("admin.programmes.state_announced", survey.Args{"date": s.day(d.Announced)})
			if refused, ok := asSurveyError(s.con.outlooks.CheckOccurrence(ctx, d.Request)); ok && !checked {
				card.Refused = s.fault(refused)
			}
			checked = true
		}
		dates = append(dates, date)
	}
	return dates, card, nil
}

// programmeLines say what a programme asks, when, whom and for whom.
func (s speech) programmeLines(tree survey.Tree, p survey.Programme) []string {
	scope := p.Scope
	if scope == "" {
		scope = tree.Root().ID
	}
	contact := p.Contact
	if contact == "" {
		contact = s.say("admin.next.contact_first", nil)
	}
	lines := []string{s.say("admin.programmes.repeats", survey.Args{"rule": s.rhythm(p.Repeat), "part": s.unitID(tree, scope)})}
	if len(p.Packs) > 0 {
		lines = append(lines, s.say("admin.programmes.asks", survey.Args{"packs": s.packTitles(p.Packs)}))
	}
	if len(p.Modules) > 0 {
		lines = append(lines, s.say("admin.programmes.modules", survey.Args{"packs": s.packTitles(p.Modules)}))
	}
	lines = append(lines,
		s.say("programme.lasts", survey.Args{"opens": p.OpensAt.String(), "days": p.OpenDays, "closes": p.ClosesAt.String(), "results": p.ResultsDays, "zone": s.con.zone.String()}),
		s.say("admin.programmes.owner", survey.Args{"owner": p.Owner, "k": p.K}),
		s.say("programme.contact_line", survey.Args{"contact": contact}))
	if len(p.Paper) > 0 {
		lines = append(lines, s.say("programme.paper_line", survey.Args{"units": s.teams(tree, p.Paper)}))
	}
	return lines
}

// months sorts dates into months, those without a date left out.
func (s speech) months(dates []plannedDate) []plannedMonth {
	slices.SortStableFunc(dates, func(a, b plannedDate) int { return cmp.Compare(a.at.Unix(), b.at.Unix()) })
	var months []plannedMonth
	for _, d := range dates {
		at := d.at.In(s.con.zone)
		name := s.say("console.wave_name", survey.Args{"month": s.month(at.Month()), "year": at.Year()})
		if len(months) == 0 || months[len(months)-1].Name != name {
			months = append(months, plannedMonth{Name: name})
		}
		last := &months[len(months)-1]
		last.Dates = append(last.Dates, d)
	}
	return months
}

// pauseProgramme keeps some days free of openings.
func (con *console) pauseProgramme(c echo.Context, v viewer) error {
	id := c.Param("programme")
	lifted := liftedPauses(c)
	if len(lifted) > 0 { // they come back
		return con.pausedAgain(c, v, id, "paused", lifted)
	}
	pause, err := survey.NewPause(strings.TrimSpace(c.Request().PostFormValue("from")), strings.TrimSpace(c.Request().PostFormValue("to")))
	if err == nil {
		err = con.programmes.ChangeProgramme(noting(c, v, survey.DidProgrammePause, id, nil), id, func(p *survey.Programme) error {
			p.Pauses = append(p.Pauses, pause)
			return nil
		})
	}
	return con.movedProgramme(c, v, id, "paused", []survey.Pause{pause}, err)
}

// resumeProgramme lifts pauses, and lets a stopped programme go on.
func (con *console) resumeProgramme(c echo.Context, v viewer) error {
	id := c.Param("programme")
	only := liftedPauses(c)
	var lifted []survey.Pause
	done := "resumed"
	err := con.programmes.ChangeProgramme(noting(c, v, survey.DidProgrammeGoOn, id, nil), id, func(p *survey.Programme) error {
		before := slices.Clone(p.Pauses)
		_, stopped := p.Resume(con.today(), con.now())
		if c.Request().PostFormValue("exact") != "" { // taken back: other pauses stay
			p.Pauses = slices.DeleteFunc(before, func(one survey.Pause) bool { return slices.Contains(only, one) })
			before = only
		}
		if lifted = slices.DeleteFunc(before, func(one survey.Pause) bool { return slices.Contains(p.Pauses, one) }); stopped {
			done = "again"
		}
		return nil
	})
	return con.movedProgramme(c, v, id, done, lifted, err)
}

// stopProgramme plans no more waves; those that are announced go on.
func (con *console) stopProgramme(c echo.Context, v viewer) error {
	id := c.Param("programme")
	err := con.programmes.ChangeProgramme(noting(c, v, survey.DidProgrammeStop, id, nil), id, func(p *survey.Programme) error {
		p.Active = false
		p.Pauses = append(p.Pauses, liftedPauses(c)...)
		return nil
	})
	return con.movedProgramme(c, v, id, "stopped", nil, err)
}

// pausedAgain puts pauses back that were lifted.
func (con *console) pausedAgain(c echo.Context, v viewer, id, done string, pauses []survey.Pause) error {
	err := con.programmes.ChangeProgramme(noting(c, v, survey.DidProgrammePause, id, nil), id, func(p *survey.Programme) error {
		p.Pauses = append(p.Pauses, pauses...)
		return nil
	})
	return con.movedProgramme(c, v, id, done, pauses, err)
}

// liftedPauses are the pauses that a form names: "2026-12-21/2027-01-03".
func liftedPauses(c echo.Context) []survey.Pause {
	_ = c.Request().PostFormValue("pause") // reads the form
	return pausesOf(c.Request().PostForm["pause"])
}

func pausesOf(texts []string) []survey.Pause {
	var pauses []survey.Pause
	for _, text := range texts {
		from, to, _ := strings.Cut(text, "/")
		if pause, err := survey.NewPause(from, to); err == nil {
			pauses = append(pauses, pause)
		}
	}
	return pauses
}

// unmoved takes back what was just done to a programme: a pause is lifted,
// lifted pauses come back, and what was stopped goes on.
func (s speech) unmoved(c echo.Context, done string) *undo {
	path := programmesPath + "/" + url.PathEscape(c.QueryParam("of"))
	var back *undo
	switch done {
	case "paused", "stopped":
		back = s.undo(path+"/resume", "exact", "1")
	case "again", "added":
		back = s.undo(path + "/stop")
	case "resumed":
		if len(c.QueryParams()["pause"]) == 0 {
			return nil
		}
		back = s.undo(path + "/pause")
	}
	for _, pause := range pausesOf(c.QueryParams()["pause"]) {
		back.Fields = append(back.Fields, hiddenField{"pause", pause.From + "/" + pause.To})
	}
	return back
}

func (con *console) movedProgramme(c echo.Context, v viewer, id, done string, pauses []survey.Pause, err error) error {
	if known, ok := asSurveyError(err); ok {
		return con.renderProgrammes(c, v, statusOf(known.Code), id, known)
	}
	if err != nil {
		return err
	}
	query := url.Values{"done": {done}, "of": {id}}
	for _, pause := range pauses {
		query.Add("pause", pause.From+"/"+pause.To)
	}
	return c.Redirect(http.StatusSeeOther, programmesPath+"?"+query.Encode())
}
