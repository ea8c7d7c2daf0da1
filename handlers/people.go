package handlers

import (
	"context"
	crand "crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

const peoplePath = "/console/people"

// peopleOnPage is how many people one page of the list shows.
const peopleOnPage = 50

// staffList is all that the pages of people do with the store: who belongs
// where and how news reaches them. Nothing in it knows of tickets or answers.
type staffList interface {
	Units(ctx context.Context) ([]survey.Unit, error)
	People(ctx context.Context) ([]survey.Person, error)
	ApplyImport(ctx context.Context, plan survey.ImportPlan) error
	UnitsAsked(ctx context.Context) (map[survey.UnitID][]string, error)
}

// peoplePage lists people, with a filter and in pages.
type peoplePage struct {
	frame
	Found   string
	Units   []choice
	Query   string
	Left    bool // people who have left, instead of those who are there
	Rows    []personLine
	Sort    heads
	Earlier string // address of the page before; empty on the first
	Later   string
	Done    string
	Back    *undo // takes it back
}

// personLine is one person in the list.
type personLine struct {
	Path, Name, Email, Unit, Language, Reach string
}

// personPage is one person to add or to change.
type personPage struct {
	frame
	ID        string // empty: somebody new
	Form      survey.Person
	Errors    map[string]string // by field
	Units     []choice
	Languages []choice
	Active    bool
	Error     string
}

// roll reads the tree and everybody in it, inactive people too.
func (con *console) roll(ctx context.Context) (survey.Tree, []survey.Person, error) {
	units, err := con.people.Units(ctx)
	if err != nil {
		return survey.Tree{}, nil, err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return survey.Tree{}, nil, err
	}
	people, err := con.people.People(ctx)
	return tree, people, err
}

func (con *console) peoplePage(c echo.Context, v viewer) error {
	return con.renderPeople(c, v, c.QueryParam("done"), survey.UnitID(c.QueryParam("unit")), nil)
}

// renderPeople lists people of a unit; before is how somebody stood who was
// just changed.
func (con *console) renderPeople(c echo.Context, v viewer, done string, unit survey.UnitID, before *survey.Person) error {
	tree, people, err := con.roll(c.Request().Context())
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	s := con.in(lang)
	query := strings.TrimSpace(c.QueryParam("q"))
	p := peoplePage{frame: con.frame(lang, "admin.people.title", &v, peoplePath), Query: query, Left: c.QueryParam("left") != ""}
	p.Units = append(p.Units, choice{Name: s.say("admin.people.everywhere", nil)})
	for _, u := range tree.Units() {
		if u.Parent != "" {
			p.Units = append(p.Units, choice{Value: string(u.ID), Name: s.path(tree, u.ID), Chosen: u.ID == unit})
		}
	}
	everybody := slices.Clone(people)
	found := slices.DeleteFunc(people, func(one survey.Person) bool {
		return one.Active == p.Left || unit != "" && !tree.Within(one.Unit, unit) || !named(one, query)
	})
	lines := make([]personLine, len(found))
	for i, one := range found {
		lines[i] = s.personLine(tree, one)
	}
	p.Sort = inOrder(s, c, p.frame, "people", lines,
		byName("name", "admin.people.name", func(l personLine) string { return l.Name }),
		byName("unit", "console.table.unit", func(l personLine) string { return l.Unit }))
	from, _ := strconv.Atoi(c.QueryParam("from")) // what is no number begins at the first
	from = max(0, min(from, len(found)))
	p.Found = s.say("admin.people.found", survey.Args{"people": len(found)})
	at := func(place int) string {
		next := url.Values{}
		for name := range c.QueryParams() {
			next.Set(name, c.QueryParam(name))
		}
		next.Set("from", strconv.Itoa(place))
		next.Del("done")
		next.Del("who")
		return peoplePath + "?" + next.Encode()
	}
	if from > 0 {
		p.Earlier = at(max(0, from-peopleOnPage))
	}
	if from+peopleOnPage < len(found) {
		p.Later = at(from + peopleOnPage)
	}
	p.Rows = lines[from:min(from+peopleOnPage, len(lines))]
	switch done {
	case "added", "changed", "left", "imported":
		p.Done, p.Back = s.say("admin.people.done."+done, nil), s.unpeopled(c, done, everybody, before)
	}
	con.render(c.Response(), lang, http.StatusOK, "people", p)
	return nil
}

// unpeopled takes back what was just done to somebody of the staff list: a
// newcomer is taken off it, whoever left comes back, and whoever was changed
// is as before.
func (s speech) unpeopled(c echo.Context, done string, people []survey.Person, before *survey.Person) *undo {
	if before == nil {
		i := slices.IndexFunc(people, func(p survey.Person) bool { return string(p.ID) == c.QueryParam("who") })
		if i < 0 {
			return nil
		}
		before = &people[i]
	}
	path := peoplePath + "/" + url.PathEscape(string(before.ID))
	if done == "added" {
		return s.undo(path + "/leave")
	}
	return s.undo(path, "name", before.Name, "email", before.Email, "unit", string(before.Unit), "language", before.Language, "phone", before.Phone)
}

// named says whether a name or address has what somebody looks for in it.
func named(p survey.Person, query string) bool {
	has := func(text string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(query)) }
	return has(p.Name) || has(p.Email)
}

func (s speech) personLine(tree survey.Tree, p survey.Person) personLine {
	line := personLine{
		Path: peoplePath + "/" + url.PathEscape(string(p.ID)), Name: p.Name, Email: p.Email, Unit: s.path(tree, p.Unit),
		Reach: s.say("admin.people.reach."+string(p.Reach()), nil),
	}
	if line.Name == "" {
		line.Name, line.Email = p.Email, ""
	}
	if p.Language != "" {
		line.Language = s.con.site.Text(p.Language, "console.language.own", nil)
	}
	return line
}

func (con *console) personPage(c echo.Context, v viewer) error {
	form := survey.Person{Unit: survey.UnitID(c.QueryParam("unit")), Active: true}
	if id := c.Param("person"); id != "" {
		person, err := con.person(c.Request().Context(), id)
		if err != nil {
			return err
		}
		form = person
	}
	return con.renderPerson(c, v, http.StatusOK, form, nil, nil)
}

// person finds somebody of the staff list, also one who has left.
func (con *console) person(ctx context.Context, id string) (survey.Person, error) {
	_, people, err := con.roll(ctx)
	if err != nil {
		return survey.Person{}, err
	}
	i := slices.IndexFunc(people, func(p survey.Person) bool { return string(p.ID) == id })
	if i < 0 {
		return survey.Person{}, survey.Fail(survey.NotFound, "error.admin.person", nil)
	}
	return people[i], nil
}

func (con *console) renderPerson(c echo.Context, v viewer, status int, form survey.Person, faults map[string]*survey.Error, fault *survey.Error) error {
	tree, _, err := con.roll(c.Request().Context())
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	s := con.in(lang)
	p := personPage{
		frame: con.frame(lang, "admin.people.new", &v, c.Request().URL.Path), ID: string(form.ID), Form: form, Active: form.Active, Errors: make(map[string]string),
	}
	if form.ID != "" {
		p.Title = s.say("admin.people.change", nil)
	}
	for _, u := range tree.Units() {
		p.Units = append(p.Units, choice{Value: string(u.ID), Name: s.path(tree, u.ID), Chosen: u.ID == form.Unit})
	}
	p.Languages = append(p.Languages, choice{Name: s.say("admin.people.language_org", nil)})
	for _, code := range survey.PeopleLanguages() {
		p.Languages = append(p.Languages, choice{Value: code, Name: con.site.Text(code, "console.language.own", nil), Chosen: code == form.Language})
	}
	for field, f := range faults {
		p.Errors[field] = s.fault(f)
	}
	if fault != nil {
		p.Error = s.fault(fault)
	}
	con.render(c.Response(), lang, status, "person", p)
	return nil
}

// savePerson adds somebody, or changes who is there.
func (con *console) savePerson(c echo.Context, v viewer) error {
	r := c.Request()
	form := survey.Person{
		Email: r.PostFormValue("email"), Name: r.PostFormValue("name"), Phone: r.PostFormValue("phone"), Language: r.PostFormValue("language"),
		Unit: survey.UnitID(r.PostFormValue("unit")), Active: true,
	}
	done, was := "added", (*survey.Person)(nil)
	if id := c.Param("person"); id != "" {
		before, err := con.person(r.Context(), id)
		if err != nil {
			return err
		}
		form.ID, done, was = before.ID, "changed", &before
	}
	tree, people, err := con.roll(r.Context())
	if err != nil {
		return err
	}
	plan, faults := survey.PlanPerson(tree, people, form, randomID)
	if len(faults) > 0 {
		return con.renderPerson(c, v, http.StatusUnprocessableEntity, form, faults, nil)
	}
	if len(plan.Add) > 0 {
		form.ID = plan.Add[0].ID
	}
	return con.applyPeople(c, v, form, plan, done, was)
}

// dropPerson takes somebody off the list: no messages, no next wave. A ticket
// that was collected stays valid, and the person can come back.
func (con *console) dropPerson(c echo.Context, v viewer) error {
	person, err := con.person(c.Request().Context(), c.Param("person"))
	if err != nil {
		return err
	}
	gone := person
	gone.Active = false
	return con.applyPeople(c, v, person, survey.ImportPlan{Deactivate: []survey.Person{gone}}, "left", nil)
}

// applyPeople answers a change with the list and the way back. What somebody
// was before stands in no address: names and numbers would be in a proxy's log.
func (con *console) applyPeople(c echo.Context, v viewer, form survey.Person, plan survey.ImportPlan, done string, was *survey.Person) error {
	if !plan.Empty() {
		err := con.people.ApplyImport(noting(c, v, survey.DidPersonChanged, "", nil), plan)
		if known, ok := asSurveyError(err); ok {
			return con.renderPerson(c, v, statusOf(known.Code), form, nil, known)
		}
		if err != nil {
			return err
		}
	}
	if was != nil && was.Active {
		return con.renderPeople(c, v, done, form.Unit, was)
	}
	query := url.Values{"done": {done}, "unit": {string(form.Unit)}, "who": {string(form.ID)}}
	return c.Redirect(http.StatusSeeOther, peoplePath+"?"+query.Encode())
}

// randomID names a new person or unit: 130 random bits that say nothing.
func randomID() string { return strings.ToLower(crand.Text()) }
