package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// programmeFields are the fields of the form, as they are sent. What somebody
// typed goes through the preview and back in them.
func programmeFields() []string {
	return []string{
		"name", "pack", "module", "how", "every", "which", "weekday", "rule", "starts", "opens_at", "open_days", "closes_at", "lead_days",
		"results_days", "reminders", "owner", "contact", "k", "unit", "all_paper", "paper", "seen",
	}
}

// formOrder are the parts of the form that can be faulted, from its head down.
func formOrder() []string {
	return []string{
		"", "name", "packs", "repeat", "starts", "opens_at", "open_days", "closes_at", "lead_days", "reminders", "results_days",
		"unit", "k", "paper", "owner", "contact",
	}
}

// How often a programme comes, as the form asks for it.
const (
	inWeeks  = "weeks"
	inMonths = "months"
	byRule   = "rule"
)

// programmeForm is a programme as it is typed.
type programmeForm struct {
	frame
	ID       string // of the programme that is changed; empty: a new one
	Action   string // where it is sent
	Typed    url.Values
	Packs    []choice
	Modules  []choice
	Which    []choice
	Weekdays []choice
	Units    []choice
	Paper    []choice
	Least    int
	ZoneName string
	Errors   map[string]string // by field; "" is the whole form's
	Faults   []faultLink
}

// In is what stands in a field.
func (f programmeForm) In(field string) string { return f.Typed.Get(field) }

// faultLink leads from the head of a form to a field with a fault.
type faultLink struct{ Field, Text string }

// faultLinks are the faults of a form in the order of its fields.
func faultLinks(errors map[string]string, fields ...string) []faultLink {
	var links []faultLink
	for _, field := range fields {
		if text := errors[field]; text != "" {
			links = append(links, faultLink{field, text})
		}
	}
	return links
}

// addFaults puts faults into words beside their fields. What a field's own
// text was faulted for goes before what a rule says of it.
func (s speech) addFaults(errors map[string]string, faults []survey.FieldFault, name func(string) string) {
	said := make(map[string][]string)
	for _, f := range faults {
		field := name(f.Field)
		if errors[field] != "" {
			continue
		}
		if text := s.fault(f.Error); !slices.Contains(said[field], text) {
			said[field] = append(said[field], text)
		}
	}
	for field, texts := range said {
		errors[field] = strings.Join(texts, " ")
	}
}

func (con *console) newProgramme(c echo.Context, v viewer) error {
	starts := con.now().In(con.zone).AddDate(0, 0, survey.MinGapDays).Format(time.DateOnly)
	typed := url.Values{
		"pack": {"pulse"}, "how": {inMonths}, "every": {"1"}, "which": {"1"}, "weekday": {strconv.Itoa(int(time.Tuesday))}, "starts": {starts},
		"opens_at": {"08:00"}, "open_days": {"7"}, "closes_at": {"20:00"}, "lead_days": {"14"}, "results_days": {"14"}, "reminders": {"2, 5"},
		"k": {strconv.Itoa(survey.MinK)},
	}
	if from := c.QueryParam("copy"); from != "" {
		p, err := con.programmes.Programme(c.Request().Context(), from)
		if err != nil {
			return err
		}
		typed = typedProgramme(p)
		typed.Del("seen")
		typed.Set("name", "")
		typed.Set("starts", max(starts, p.Starts))
	}
	return con.renderProgramme(c, v, http.StatusOK, typed, nil)
}

func (con *console) changeProgramme(c echo.Context, v viewer) error {
	p, err := con.programmes.Programme(c.Request().Context(), c.Param("programme"))
	if err != nil {
		return err
	}
	return con.renderProgramme(c, v, http.StatusOK, typedProgramme(p), nil)
}

// typedProgramme is the form of a programme that there is.
func typedProgramme(p survey.Programme) url.Values {
	typed := url.Values{
		"name": {p.ID}, "pack": p.Packs, "module": p.Modules, "how": {byRule}, "rule": {p.Repeat}, "starts": {p.Starts},
		"every": {"1"}, "which": {"1"}, "weekday": {strconv.Itoa(int(time.Tuesday))},
		"opens_at": {p.OpensAt.String()}, "open_days": {strconv.Itoa(p.OpenDays)}, "closes_at": {p.ClosesAt.String()},
		"lead_days": {strconv.Itoa(p.LeadDays)}, "results_days": {strconv.Itoa(p.ResultsDays)},
		"owner": {p.Owner}, "contact": {p.Contact}, "k": {strconv.Itoa(p.K)}, "unit": {string(p.Scope)}, "seen": {seenProgramme(p)},
	}
	if r, ok := survey.ReadRhythm(p.Repeat); ok {
		typed.Set("how", inMonths)
		typed.Set("every", strconv.Itoa(r.Every))
		typed.Set("weekday", strconv.Itoa(int(r.Weekday)))
		typed.Del("rule")
		if r.Weeks {
			typed.Set("how", inWeeks)
		} else {
			typed.Set("which", strconv.Itoa(r.Which))
		}
	}
	var reminders []string
	for _, r := range p.Reminders {
		reminders = append(reminders, strings.Replace(r.String(), "d", "", 1))
	}
	typed.Set("reminders", strings.Join(reminders, ", "))
	for _, unit := range p.Paper {
		if unit == p.Scope {
			typed.Set("all_paper", "1")
			continue
		}
		typed.Add("paper", string(unit))
	}
	return typed
}

// seenProgramme tells one state of a programme from another.
func seenProgramme(p survey.Programme) string {
	raw, err := survey.Canonical(p)
	if err != nil {
		return "" // there is nothing in a programme that cannot be written
	}
	return survey.SHA256Hex(raw)
}

func (con *console) renderProgramme(c echo.Context, v viewer, status int, typed url.Values, faults map[string]string) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	tree, err := con.tree(c.Request().Context())
	if err != nil {
		return err
	}
	f := programmeForm{
		frame: con.frame(lang, "programme.new", &v, programmesPath), ID: c.Param("programme"), Action: c.Request().URL.Path, Typed: typed,
		Least: survey.MinK, ZoneName: con.zone.String(), Errors: faults, Faults: faultLinks(faults, formOrder()...),
	}
	if f.ID != "" {
		f.Title = s.say("programme.change.title", survey.Args{"programme": f.ID})
	}
	f.Packs, f.Modules = s.packChoices(typed["pack"]), s.packChoices(typed["module"])
	for _, n := range []string{"1", "2", "3", "4", "-1"} {
		f.Which = append(f.Which, choice{Value: n, Name: s.say("programme.which."+n, nil), Chosen: typed.Get("which") == n})
	}
	for _, day := range weekdays() {
		f.Weekdays = append(f.Weekdays, choice{Value: strconv.Itoa(int(day)), Name: s.weekday(day), Chosen: typed.Get("weekday") == strconv.Itoa(int(day))})
	}
	for _, u := range tree.Units() {
		chosen := string(u.ID) == typed.Get("unit") || u.Parent == "" && typed.Get("unit") == ""
		f.Units = append(f.Units, choice{Value: string(u.ID), Name: s.path(tree, u.ID), Chosen: chosen})
		if u.Parent != "" {
			f.Paper = append(f.Paper, choice{Value: string(u.ID), Name: s.path(tree, u.ID), Chosen: slices.Contains(typed["paper"], string(u.ID))})
		}
	}
	con.render(c.Response(), lang, status, "programme", f)
	return nil
}

// packChoices are the packs that staff can be asked; those that are chosen come
// first, in their order, which is the order of the questions.
func (s speech) packChoices(chosen []string) []choice {
	var first, others []choice
	had := make(map[string]bool)
	for _, pack := range s.con.library.All() {
		if pack.Audience != survey.Staff || had[pack.ID] || !pack.Asked() {
			continue
		}
		had[pack.ID] = true
		one := choice{Value: pack.ID, Name: pack.Title.In(s.lang), Chosen: slices.Contains(chosen, pack.ID)}
		if one.Chosen {
			first = append(first, one)
		} else {
			others = append(others, one)
		}
	}
	slices.SortStableFunc(first, func(a, b choice) int { return slices.Index(chosen, a.Value) - slices.Index(chosen, b.Value) })
	return append(first, others...)
}

// weekdays begin with Monday.
func weekdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

func (s speech) weekday(day time.Weekday) string {
	return s.say("programme.weekday."+strconv.Itoa(int(day)), nil)
}

// rhythm says how often a programme comes.
func (s speech) rhythm(rule string) string {
	r, ok := survey.ReadRhythm(rule)
	if !ok {
		return s.say("programme.rhythm.rule", survey.Args{"rule": rule})
	}
	key, args := "programme.rhythm.months", survey.Args{"every": r.Every, "weekday": s.weekday(r.Weekday)}
	if r.Weeks {
		key = "programme.rhythm.weeks"
	} else {
		args["which"] = s.say("programme.which."+strconv.Itoa(r.Which), nil)
	}
	if r.Every == 1 {
		key += "_one"
	}
	return s.say(key, args)
}

// readProgramme makes a programme of what was typed, and says which texts are
// not what their fields ask for.
func (s speech) readProgramme(typed url.Values, tree survey.Tree) (survey.Programme, map[string]string) {
	value := func(field string) string { return strings.TrimSpace(typed.Get(field)) }
	faults := make(map[string]string)
	number := func(field string) int {
		n, err := strconv.Atoi(value(field))
		if err != nil {
			faults[field] = s.say("error.programme_form.number", survey.Args{"text": value(field)})
			return -1 // which no rule allows
		}
		return n
	}
	hour := func(field string) survey.HourMinute {
		at, err := survey.ParseHourMinute(value(field))
		if known, ok := asSurveyError(err); ok {
			faults[field] = s.fault(known)
			return -1
		}
		return at
	}
	p := survey.Programme{
		ID: value("name"), Packs: typed["pack"], Modules: typed["module"], Starts: value("starts"), OpensAt: hour("opens_at"), OpenDays: number("open_days"),
		ClosesAt: hour("closes_at"), LeadDays: number("lead_days"), ResultsDays: number("results_days"), Owner: value("owner"), Contact: value("contact"),
		K: number("k"), Active: true, Since: s.con.now().UTC().Truncate(time.Second),
	}
	p.Repeat = survey.CleanRepeat(value("rule"))
	if how := value("how"); how != byRule {
		r := survey.Rhythm{Every: number("every"), Weeks: how == inWeeks}
		if r.Every < 1 || r.Every > survey.MaxEvery {
			faults["repeat"] = s.say("error.programme_form.every", survey.Args{"most": survey.MaxEvery})
			r.Every = 1
		}
		delete(faults, "every") // said once
		r.Which, _ = strconv.Atoi(value("which"))
		if r.Which < survey.LastOfMonth || r.Which == 0 || r.Which > 4 {
			r.Which = 1 // a list, of which nothing else can be chosen
		}
		day, _ := strconv.Atoi(value("weekday"))
		r.Weekday = time.Weekday(max(0, min(6, day)))
		p.Repeat = r.Rule()
	}
	for _, text := range strings.FieldsFunc(value("reminders"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		days, at, named := strings.Cut(text, "@")
		days = strings.TrimSuffix(days, "d") + "d"
		if named {
			days += "@" + at
		}
		reminder, err := survey.ParseReminder(days)
		if known, ok := asSurveyError(err); ok {
			known.Args = survey.Args{"reminder": text}
			faults["reminders"] = s.fault(known)
			continue
		}
		p.Reminders = append(p.Reminders, reminder)
	}
	root := tree.Root().ID
	if p.Scope = survey.UnitID(value("unit")); p.Scope == root {
		p.Scope = ""
	}
	if value("all_paper") != "" {
		p.Paper = []survey.UnitID{p.Scope}
		if p.Scope == "" {
			p.Paper[0] = root
		}
		return p, faults
	}
	for _, unit := range typed["paper"] {
		p.Paper = append(p.Paper, survey.UnitID(unit))
	}
	return p, faults
}

// programmeField is the form's name for a field of survey.Programme.Faults.
func programmeField(field string) string {
	if field == "id" {
		return "name"
	}
	return field
}

// heldProgramme holds what was typed to every rule and gives all faults by
// field, with the programme that would be stored.
func (con *console) heldProgramme(c echo.Context, typed url.Values) (p survey.Programme, faults map[string]string, err error) {
	ctx := c.Request().Context()
	s := con.in(con.lang(c.Request()))
	tree, err := con.tree(ctx)
	if err != nil {
		return p, nil, err
	}
	p, faults = s.readProgramme(typed, tree)
	id := c.Param("programme")
	if id != "" {
		before, err := con.programmes.Programme(ctx, id)
		if err != nil {
			return p, nil, err
		}
		p = revised(before, p, p.Since)
		if typed.Get("seen") != seenProgramme(before) {
			faults[""] = s.say("error.programme_form.stale", survey.Args{"programme": id})
		}
	}
	rules, err := con.outlooks.CheckProgramme(ctx, p, id == "")
	if err != nil {
		return p, nil, err
	}
	s.addFaults(faults, rules, programmeField)
	return p, faults, nil
}

// revised is a programme with another plan. It keeps its name, its pauses and
// whether it goes on. Where its dates become others, those before now are none
// of the new plan's.
func revised(before, plan survey.Programme, now time.Time) survey.Programme {
	plan.ID, plan.Pauses, plan.Active, plan.Since = before.ID, before.Pauses, before.Active, before.Since
	if plan.Repeat != before.Repeat || plan.Starts != before.Starts || plan.OpensAt != before.OpensAt ||
		plan.OpenDays != before.OpenDays || plan.ClosesAt != before.ClosesAt {
		plan.Since = now
	}
	return plan
}

// sendProgramme shows what a programme would do, or stores it. What breaks a
// rule comes back with every fault at its field.
func (con *console) sendProgramme(c echo.Context, v viewer) error {
	r := c.Request()
	typed := make(url.Values)
	for _, field := range programmeFields() {
		if values := r.PostForm[field]; len(values) > 0 {
			typed[field] = values
		}
	}
	step := r.PostFormValue("step")
	if step == "again" {
		return con.renderProgramme(c, v, http.StatusOK, typed, nil)
	}
	p, faults, err := con.heldProgramme(c, typed)
	switch {
	case err != nil:
		return err
	case len(faults) > 0:
		return con.renderProgramme(c, v, http.StatusUnprocessableEntity, typed, faults)
	case step == "save":
		return con.saveProgramme(c, v, typed, p)
	}
	return con.previewProgramme(c, v, typed, p)
}

func (con *console) saveProgramme(c echo.Context, v viewer, typed url.Values, p survey.Programme) error {
	id, done := c.Param("programme"), "added"
	var err error
	if id == "" {
		err = con.programmes.AddProgramme(noting(c, v, survey.DidProgrammeAdded, p.ID, nil), p)
	} else {
		done = "changed"
		err = con.programmes.ChangeProgramme(noting(c, v, survey.DidProgrammeMoved, id, nil), id, func(stored *survey.Programme) error {
			if typed.Get("seen") != seenProgramme(*stored) { // within this moment
				return survey.Fail(survey.Conflict, "error.programme_form.stale", survey.Args{"programme": id})
			}
			*stored = p
			return nil
		})
	}
	if known, ok := asSurveyError(err); ok {
		field := ""
		if known.Key == "error.programme.exists" {
			field = "name"
		}
		return con.renderProgramme(c, v, statusOf(known.Code), typed, map[string]string{field: con.in(con.lang(c.Request())).fault(known)})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, programmesPath+"?done="+done+"&of="+url.QueryEscape(p.ID))
}
