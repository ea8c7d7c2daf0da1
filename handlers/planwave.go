package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"attune/survey"
	"attune/survey/wave"

	"github.com/labstack/echo/v4"
)

const planPath = "/console/waves/plan"

// planners plan, announce and end waves.
type planners interface {
	Plan(ctx context.Context, r wave.Request) (survey.Wave, error)
	Announce(ctx context.Context, id survey.WaveID) (survey.OpenWave, error)
	Void(ctx context.Context, id survey.WaveID, reason string) error
}

// planForm is a wave as it is typed.
type planForm struct {
	frame
	Packs, Units, Paper             []choice
	Opens, Closes, Results          string // as the fields of a browser write them
	Owner, Contact, Programme, K    string
	AllPaper                        bool
	Least                           int
	Errors                          map[string]string // by field; "" is the whole form's
	Faults                          []faultLink
	MaxOwner, MaxContact            int
	OpensHint, ClosesHint, ZoneName string
}

// localMinute is how a browser writes a day and an hour.
const localMinute = "2006-01-02T15:04"

func (con *console) planPage(c echo.Context, v viewer) error {
	opens := con.now().In(con.zone).AddDate(0, 0, 14)
	opens = time.Date(opens.Year(), opens.Month(), opens.Day(), 8, 0, 0, 0, con.zone)
	field := func(t time.Time, layout string) string { return t.In(con.zone).Format(layout) }
	return con.renderPlan(c, v, http.StatusOK, planForm{
		Opens: field(opens, localMinute), Closes: field(opens.AddDate(0, 0, 10).Add(10*time.Hour), localMinute),
		Results: field(opens.AddDate(0, 0, 24), time.DateOnly), Programme: wave.DefaultProgramme, K: strconv.Itoa(survey.MinK),
	}, nil)
}

func (con *console) renderPlan(c echo.Context, v viewer, status int, p planForm, chosen *wave.Request) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	tree, err := con.tree(c.Request().Context())
	if err != nil {
		return err
	}
	if chosen == nil {
		chosen = &wave.Request{Packs: []string{"pulse"}}
	}
	p.frame = con.frame(lang, "admin.plan.title", &v, planPath)
	p.Least, p.ZoneName = survey.MinK, con.zone.String()
	p.Packs = s.packChoices(chosen.Packs)
	p.Faults = faultLinks(p.Errors, "", "packs", "opens", "closes", "results", "owner", "contact", "unit", "k", "programme", "paper")
	for _, u := range tree.Units() {
		p.Units = append(p.Units, choice{Value: string(u.ID), Name: s.path(tree, u.ID), Chosen: u.ID == chosen.Unit})
		if u.Parent != "" {
			p.Paper = append(p.Paper, choice{Value: string(u.ID), Name: s.path(tree, u.ID), Chosen: slices.Contains(chosen.Paper, u.ID)})
		}
	}
	con.render(c.Response(), lang, status, "plan-wave", p)
	return nil
}

// planWave plans what a form says, or shows every fault at its field.
func (con *console) planWave(c echo.Context, v viewer) error {
	r := c.Request()
	s := con.in(con.lang(r))
	value := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	form := planForm{
		Opens: value("opens"), Closes: value("closes"), Results: value("results"), Owner: value("owner"), Contact: value("contact"),
		Programme: value("programme"), K: value("k"), AllPaper: value("all_paper") != "", Errors: make(map[string]string),
	}
	request := wave.Request{
		Programme: form.Programme, Packs: r.PostForm["pack"], Owner: form.Owner, Contact: form.Contact, ResultsOn: form.Results,
		Unit: survey.UnitID(value("unit")), AllPaper: form.AllPaper,
	}
	for _, unit := range r.PostForm["paper"] {
		request.Paper = append(request.Paper, survey.UnitID(unit))
	}
	moment := func(field, text string) time.Time {
		t, err := time.ParseInLocation(localMinute, text, con.zone)
		if err != nil {
			form.Errors[field] = s.say("error.admin.moment", nil)
		}
		return t
	}
	request.Opens, request.Closes = moment("opens", form.Opens), moment("closes", form.Closes)
	var err error
	if request.K, err = strconv.Atoi(form.K); err != nil || request.K == 0 { // 0 would be read as none given
		form.Errors["k"] = s.say("admin.error.wave.k_floor", survey.Args{"k": form.K, "floor": survey.MinK})
	}
	// A wave that cannot be announced as things are now is better not planned.
	faults, err := con.outlooks.CheckPlan(r.Context(), request)
	if err != nil {
		return err
	}
	s.addFaults(form.Errors, faults, planField)
	if len(form.Errors) > 0 {
		return con.renderPlan(c, v, http.StatusUnprocessableEntity, form, &request)
	}
	planned, err := con.planners.Plan(r.Context(), request)
	if known, ok := asSurveyError(err); ok { // within this moment
		form.Errors[""] = s.fault(known)
		return con.renderPlan(c, v, statusOf(known.Code), form, &request)
	}
	if err != nil {
		return err
	}
	if err := con.noted(c, v, survey.DidWavePlanned, string(planned.ID), nil); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, stepsPath(planned.ID))
}

// planField is the form's name for a field of wave.Waves.CheckPlan.
func planField(field string) string {
	if field == "results_on" {
		return "results"
	}
	return field
}

func stepsPath(id survey.WaveID) string { return "/console/waves/" + string(id) + "/steps" }

// stepsPage is one wave with what can be done to it: announce it, or end it.
type stepsPage struct {
	frame
	Wave     waveRow
	Card     *comingCard
	Path     string
	Planned  bool
	Endable  bool
	Running  bool // people may have answered
	Announce bool // nothing stands in its way
	Reason   string
	Error    string
	Done     string
}

func (con *console) stepsPage(c echo.Context, v viewer) error {
	return con.renderSteps(c, v, http.StatusOK, "", nil)
}

func (con *console) renderSteps(c echo.Context, v viewer, status int, reason string, fault *survey.Error) error {
	ctx, lang := c.Request().Context(), con.lang(c.Request())
	s := con.in(lang)
	all, err := con.waves.Waves(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(w survey.Wave) bool { return string(w.ID) == c.Param("wave") })
	if i < 0 {
		return survey.Fail(survey.NotFound, "error.admin.wave", nil)
	}
	w := all[i]
	records, err := con.records(c)
	if err != nil {
		return err
	}
	p := stepsPage{
		frame: con.frame(lang, "admin.steps.title", &v, stepsPath(w.ID)), Wave: s.waveRow(w, records), Path: "/console/waves/" + string(w.ID), Reason: reason,
		Planned: w.State == survey.Planned, Endable: !w.State.Final(), Running: w.State == survey.Open || w.State == survey.Closed,
	}
	p.Title = s.wave(w.ID)
	if w.State == survey.Planned || w.State == survey.Announced {
		if p.Card, err = s.comingWave(ctx, w); err != nil {
			return err
		}
		p.Announce = p.Planned && len(p.Card.Blocked) == 0
	}
	if fault != nil {
		p.Error = s.fault(fault)
	}
	con.render(c.Response(), lang, status, "wave-steps", p)
	return nil
}

// announceWave makes the promise: from here on nothing of the wave changes.
func (con *console) announceWave(c echo.Context, v viewer) error {
	id := survey.WaveID(c.Param("wave"))
	if c.Request().PostFormValue("sure") == "" {
		return con.renderSteps(c, v, http.StatusUnprocessableEntity, "", survey.Fail(survey.Invalid, "error.admin.sure", nil))
	}
	_, err := con.planners.Announce(noting(c, v, survey.DidWaveAnnounced, string(id), nil), id)
	return con.stepped(c, v, id, "", err)
}

// voidWave ends a wave for good.
func (con *console) voidWave(c echo.Context, v viewer) error {
	id, reason := survey.WaveID(c.Param("wave")), strings.Join(strings.Fields(c.Request().PostFormValue("reason")), " ")
	if c.Request().PostFormValue("sure") == "" {
		return con.renderSteps(c, v, http.StatusUnprocessableEntity, reason, survey.Fail(survey.Invalid, "error.admin.sure", nil))
	}
	return con.stepped(c, v, id, reason, con.planners.Void(noting(c, v, survey.DidWaveVoided, string(id), nil), id, reason))
}

func (con *console) stepped(c echo.Context, v viewer, id survey.WaveID, reason string, err error) error {
	if known, ok := asSurveyError(err); ok {
		return con.renderSteps(c, v, statusOf(known.Code), reason, known)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, stepsPath(id))
}
