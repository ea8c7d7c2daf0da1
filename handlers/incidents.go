package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"attune/survey"
	"attune/survey/wave"

	"github.com/labstack/echo/v4"
)

// incidents is all that pages may do after a serious incident: see how many
// people units have, and make and end offers. Nothing in it names a person or
// knows what anybody answered.
type incidents interface {
	Units(ctx context.Context) (survey.Tree, map[survey.UnitID]int, error)
	Plan(ctx context.Context, r wave.Incident) (wave.IncidentPlan, error)
	Make(ctx context.Context, r wave.Incident) (wave.IncidentPlan, error)
	Offers(ctx context.Context) ([]wave.Offered, error)
	End(ctx context.Context, programme, reason string) error
}

const incidentsPath = "/console/incidents"

// incidentsPage has the leaders' checklist, the form, and the offers so far.
type incidentsPage struct {
	frame
	Said      string // what was just done
	Checklist []checkPart
	Units     []choice
	Choose    bool          // none is chosen, so that nobody asks everybody by a slip
	Form      wave.Incident // what was typed
	Today     string
	Error     string
	Offers    []offerRow
	Sort      []head
}

// checkPart is one of the three parts of the checklist.
type checkPart struct {
	Title string
	Lines []string
}

// offerRow is one offer with its rounds.
type offerRow struct {
	ID     string // its programme
	Unit   string
	Opens  string // when the first round does, for the order
	Rounds []roundRow
	Over   bool
	Mine   bool   // the viewer may end it
	Team   string // path of the unit's page; empty before the first results
}

type roundRow struct{ Name, Opens, Closes, Results, State string }

// incidentPreview is what an offer would do, before the one tap.
type incidentPreview struct {
	frame
	Form     wave.Incident
	Asked    []string // who is asked, and from where on needs are shown
	Hidden   bool     // needs could never be shown
	Together choice   // the unit that the viewer can ask it together with; empty when there is none
	Missed   bool
	Rounds   []roundRow
	Letter   []string
	Event    string
}

func (con *console) incidentsPage(c echo.Context, v viewer) error {
	form := wave.Incident{Unit: survey.UnitID(c.QueryParam("unit")), Day: con.today(), ResultsOn: con.now().In(con.zone).AddDate(0, 0, 12).Format("2006-01-02")}
	all, err := con.waves.Waves(c.Request().Context())
	if err != nil {
		return err
	}
	if len(all) > 0 { // nobody should have to look a number up today
		form.Contact = all[len(all)-1].Contact
	}
	return con.renderIncidents(c, v, http.StatusOK, nil, form)
}

// incidentForm reads what was typed. It fails when the unit is none of the
// viewer's part.
func (con *console) incidentForm(c echo.Context, v viewer) (wave.Incident, error) {
	r := c.Request()
	text := func(name string) string { return strings.Join(strings.Fields(r.PostFormValue(name)), " ") }
	form := wave.Incident{
		Unit: survey.UnitID(text("unit")), With: survey.UnitID(text("with")), Day: text("day"), Owner: text("owner"),
		ResultsOn: text("results"), Contact: text("contact"), By: v.Email,
	}
	tree, _, err := con.incidents.Units(r.Context())
	if err != nil {
		return form, err
	}
	if _, ok := tree.Unit(form.Unit); !ok {
		return form, survey.Fail(survey.Invalid, "error.incident.unit", nil)
	}
	if !v.sees(tree, form.Unit) {
		return form, survey.Fail(survey.Forbidden, "error.console.part", nil)
	}
	return form, nil
}

// incidentStep answers the form: with a preview, or with the form again. It
// stores nothing.
func (con *console) incidentStep(c echo.Context, v viewer) error {
	form, err := con.incidentForm(c, v)
	if err == nil && c.Request().PostFormValue("back") != "" {
		return con.renderIncidents(c, v, http.StatusOK, nil, form)
	}
	var plan wave.IncidentPlan
	if err == nil {
		plan, err = con.mayOffer(c, v, form)
	}
	if known, ok := asSurveyError(err); ok && known.Code != survey.Forbidden {
		return con.renderIncidents(c, v, statusOf(known.Code), known, form)
	}
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	con.render(c.Response(), lang, http.StatusOK, "incident-preview", con.in(lang).incidentPreview(v, form, plan))
	return nil
}

// mayOffer works out an offer and refuses one that would ask people outside of
// the viewer's part.
func (con *console) mayOffer(c echo.Context, v viewer, form wave.Incident) (wave.IncidentPlan, error) {
	plan, err := con.incidents.Plan(c.Request().Context(), form)
	if err == nil && !v.sees(plan.Tree, plan.Asked) {
		return plan, survey.Fail(survey.Conflict, "error.incident.above", survey.Args{"unit": con.in(con.lang(c.Request())).unitID(plan.Tree, plan.Asked)})
	}
	return plan, err
}

// offerIncident is the one tap.
func (con *console) offerIncident(c echo.Context, v viewer) error {
	form, err := con.incidentForm(c, v)
	if err == nil {
		_, err = con.mayOffer(c, v, form)
	}
	if err == nil {
		err = con.makeOffer(c, v, form)
	}
	if known, ok := asSurveyError(err); ok && known.Code != survey.Forbidden {
		return con.renderIncidents(c, v, statusOf(known.Code), known, form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, incidentsPath+"?said=made")
}

// makeOffer makes an offer and notes the unit that is asked and the first
// wave: nothing else about it is kept.
func (con *console) makeOffer(c echo.Context, v viewer, form wave.Incident) error {
	plan, err := con.incidents.Make(c.Request().Context(), form)
	if err != nil || len(plan.Waves) == 0 {
		return err
	}
	return con.noted(c, v, survey.DidHelpOffered, plan.Tree.Path(plan.Asked), survey.Args{"wave": plan.Waves[0]})
}

// endIncident ends an offer of the viewer's part.
func (con *console) endIncident(c echo.Context, v viewer) error {
	offer, tree, err := con.offer(c)
	if err != nil {
		return err
	}
	if !v.sees(tree, offer.Asked) {
		return survey.Fail(survey.Forbidden, "error.console.part", nil)
	}
	if err := isSure(c.Request()); err != nil {
		return err
	}
	if err := con.incidents.End(c.Request().Context(), offer.Programme, con.site.Text(con.spoken().Default, "incident.reason", nil)); err != nil {
		return err
	}
	if err := con.noted(c, v, survey.DidHelpEnded, offer.Programme, nil); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, incidentsPath+"?said=ended")
}

// offer finds the offer of the address.
func (con *console) offer(c echo.Context) (wave.Offered, survey.Tree, error) {
	offers, err := con.incidents.Offers(c.Request().Context())
	if err != nil {
		return wave.Offered{}, survey.Tree{}, err
	}
	tree, _, err := con.incidents.Units(c.Request().Context())
	if err != nil {
		return wave.Offered{}, survey.Tree{}, err
	}
	for _, o := range offers {
		if o.Programme == c.Param("offer") {
			return o, tree, nil
		}
	}
	return wave.Offered{}, survey.Tree{}, survey.Fail(survey.NotFound, "error.incident.missing", nil)
}

// concerns says whether an offer asks people of the viewer's part.
func (v viewer) concerns(tree survey.Tree, o wave.Offered) bool {
	root, ok := v.root(tree)
	return ok && (tree.Within(o.Asked, root) || tree.Within(root, o.Asked))
}

func (con *console) renderIncidents(c echo.Context, v viewer, status int, fault *survey.Error, form wave.Incident) error {
	ctx, lang := c.Request().Context(), con.lang(c.Request())
	s := con.in(lang)
	tree, people, err := con.incidents.Units(ctx)
	if err != nil {
		return err
	}
	offers, err := con.incidents.Offers(ctx)
	if err != nil {
		return err
	}
	p := incidentsPage{frame: con.frame(lang, "incident.title", &v, incidentsPath), Checklist: s.checklist(), Form: form, Today: con.today()}
	for _, u := range tree.Units() {
		if v.sees(tree, u.ID) && people[u.ID] > 0 {
			name := s.say("incident.unit.people", survey.Args{"unit": tree.Path(u.ID), "people": people[u.ID]})
			p.Units = append(p.Units, choice{Value: string(u.ID), Name: name, Chosen: u.ID == form.Unit})
		}
	}
	p.Choose = len(p.Units) > 1 && !slices.ContainsFunc(p.Units, func(c choice) bool { return c.Chosen })
	for _, o := range offers {
		if v.concerns(tree, o) {
			p.Offers = append(p.Offers, s.offerRow(v, tree, o))
		}
	}
	p.Sort = inOrder(s, c, p.frame, "offers", p.Offers,
		byName("unit", "feel.by.unit", func(o offerRow) string { return o.Unit }),
		byDate("opens", "feel.by.opens", func(o offerRow) string { return o.Opens })).of("unit", "opens")
	switch said := c.QueryParam("said"); said {
	case "made", "ended":
		p.Said = s.say("incident."+said, nil)
	}
	if fault != nil {
		p.Error = con.site.Text(lang, fault.Key, fault.Args)
	}
	con.render(c.Response(), lang, status, "incidents", p)
	return nil
}

// checklist is the leaders' checklist in its three parts.
func (s speech) checklist() []checkPart {
	var parts []checkPart
	for _, name := range []string{"information", "space", "follow"} {
		part := checkPart{Title: s.say("incident.check."+name, nil)}
		for n := 1; s.con.site.Has(fmt.Sprintf("incident.check.%s.%d", name, n)); n++ {
			part.Lines = append(part.Lines, s.say(fmt.Sprintf("incident.check.%s.%d", name, n), nil))
		}
		parts = append(parts, part)
	}
	return parts
}

func (s speech) offerRow(v viewer, tree survey.Tree, o wave.Offered) offerRow {
	row := offerRow{ID: o.Programme, Unit: s.unitID(tree, o.Asked), Over: o.Over(), Mine: v.sees(tree, o.Asked)}
	if v.forFigures().sees(tree, o.Asked) && slices.ContainsFunc(o.Waves, func(w survey.Wave) bool { return w.State == survey.Released }) {
		row.Team = "/console/teams/" + url.PathEscape(string(o.Asked))
	}
	if len(o.Waves) > 0 {
		row.Opens = o.Waves[0].Opens.In(s.con.zone).Format(time.DateTime)
	}
	for _, w := range o.Waves {
		row.Rounds = append(row.Rounds, roundRow{
			Name: s.wave(w.ID), Opens: s.moment(w.Opens), Closes: s.moment(w.Closes), Results: s.date(w.ResultsOn), State: s.say("console.state."+string(w.State), nil),
		})
	}
	return row
}

// incidentPreview puts a plan in words: who is asked, what is shown, when, and
// what everybody will read.
func (s speech) incidentPreview(v viewer, form wave.Incident, plan wave.IncidentPlan) incidentPreview {
	p := incidentPreview{frame: s.con.frame(s.lang, "incident.preview.title", &v, incidentsPath), Form: form, Missed: plan.Rounds[0].N > 1}
	args := func(unit survey.UnitID) survey.Args {
		return survey.Args{
			"unit": s.unitID(plan.Tree, unit), "people": plan.Headcount[unit], "asked": s.unitID(plan.Tree, plan.Asked), "k": plan.K, "n": plan.NeedsFrom,
		}
	}
	if plan.Asked != plan.Unit && form.With == "" {
		p.Asked = append(p.Asked, s.say("incident.preview.widened", args(plan.Unit)))
	}
	p.Asked = append(p.Asked, s.say("incident.preview.asked", args(plan.Asked)))
	p.Hidden = plan.Together != plan.Asked
	switch {
	case !p.Hidden:
		p.Asked = append(p.Asked, s.say("incident.preview.needs", args(plan.Asked)))
	default:
		p.Asked = append(p.Asked, s.say("incident.preview.hidden", args(plan.Asked)))
		if plan.Together == "" {
			p.Asked = append(p.Asked, s.say("incident.preview.never", nil))
		} else if v.sees(plan.Tree, plan.Together) {
			p.Together = choice{Value: string(plan.Together), Name: s.say("incident.preview.together", args(plan.Together))}
		} else {
			p.Asked = append(p.Asked, s.say("incident.preview.above", args(plan.Together)))
		}
	}
	for _, r := range plan.Rounds {
		p.Rounds = append(p.Rounds, roundRow{
			Name: s.say(fmt.Sprintf("incident.round.%d", r.N), nil), Opens: s.moment(r.Opens), Closes: s.moment(r.Closes), Results: s.date(r.ResultsOn),
		})
	}
	for _, key := range []string{"lead", "contact", "leaders", "leaders_later", "offer"} {
		p.Letter = append(p.Letter, s.say("mail.incident."+key, survey.Args{"contact": form.Contact, "owner": form.Owner}))
	}
	p.Event = s.say("incident.preview.event", args(plan.Unit))
	return p
}

// incidentSheet is a sheet of A4 with contacts and what leaders take on, for
// whoever gets no letter, and for the wall.
type incidentSheet struct {
	staffFrame
	Lead, Contact, Offer string
	Checklist            []checkPart
	Dates                []string
	Owner                string
}

func (con *console) incidentSheet(c echo.Context, v viewer) error {
	offer, tree, err := con.offer(c)
	if err != nil {
		return err
	}
	if !v.concerns(tree, offer) {
		return survey.Fail(survey.Forbidden, "error.console.part", nil)
	}
	lang := con.posterLang(c.Request())
	s := con.in(lang)
	first := offer.Waves[0]
	p := incidentSheet{
		staffFrame: con.staffFrame(lang, "poster", "incident.sheet.title"), Lead: s.say("mail.incident.lead", nil), Contact: first.Contact,
		Offer: s.say("mail.incident.offer", nil), Checklist: s.checklist(), Owner: s.say("mail.incident.leaders_later", survey.Args{"owner": first.Owner}),
	}
	p.Organisation = tree.Root().Name
	for _, w := range offer.Waves {
		if w.State != survey.Void {
			p.Dates = append(p.Dates, s.say("mail.incident.round", survey.Args{"opens": s.moment(w.Opens), "closes": s.moment(w.Closes)}))
		}
	}
	return con.renderStaff(c, lang, http.StatusOK, "incident-sheet", p)
}
