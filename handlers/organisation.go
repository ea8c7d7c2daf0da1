package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

const organisationPath = "/console/organisation"

// organisers is what the pages of the organisation do with the store. Nothing
// in it names a person.
type organisers interface {
	Units(ctx context.Context) ([]survey.Unit, error)
	AddUnit(ctx context.Context, parent survey.UnitID, name string) (survey.UnitID, error)
	RenameUnit(ctx context.Context, unit survey.UnitID, name string) error
	MoveUnit(ctx context.Context, unit, parent survey.UnitID) error
	RetireUnit(ctx context.Context, unit survey.UnitID) error
}

// reshape is one change of the organisation tree, as a form sends it.
type reshape struct {
	Do   string // rename, move, add, retire
	Unit survey.UnitID
	To   survey.UnitID // of a move: the unit above
	Name string        // of rename and add
}

// reshapes are what a reshape can do.
func reshapes() []string { return []string{"rename", "move", "add", "retire"} }

// organisationPage is the tree with how many people belong to each unit.
type organisationPage struct {
	frame
	People string
	Root   treeNode
	Done   string // what was just changed
	Undo   *reshape
	Drag   bool // there is something to drag
}

// treeNode is a unit with what lies under it.
type treeNode struct {
	ID       survey.UnitID
	Name     string
	Path     string // of the unit's own page
	People   string
	Movable  bool
	Children []treeNode
}

// placePage is one unit to change.
type placePage struct {
	frame
	ID      survey.UnitID
	Name    string
	Above   []link
	People  string
	Root    bool
	Parents []choice // where it can be hung
	Form    reshape
	Errors  map[string]string // by what was tried
	Empty   bool              // nobody and nothing is in it
	Events  string
	Staff   string // path of the list of its people
}

func (con *console) organisationPage(c echo.Context, v viewer) error {
	ctx, lang := c.Request().Context(), con.lang(c.Request())
	s := con.in(lang)
	tree, people, err := con.headcounts(ctx)
	if err != nil {
		return err
	}
	p := organisationPage{
		frame: con.frame(lang, "admin.org.title", &v, organisationPath), Root: s.treeNode(tree, tree.Root().ID, people), Drag: tree.Len() > 2,
		People: s.say("admin.org.people", survey.Args{"people": people[tree.Root().ID], "units": tree.Len()}),
	}
	p.Scripts = append(p.Scripts, "tree.js")
	p.Done, p.Undo = s.reshaped(tree, reshape{c.QueryParam("did"), survey.UnitID(c.QueryParam("unit")), survey.UnitID(c.QueryParam("was")), c.QueryParam("was")})
	con.render(c.Response(), lang, http.StatusOK, "organisation", p)
	return nil
}

// headcounts are the tree as it stands and how many people are in and under
// each unit.
func (con *console) headcounts(ctx context.Context) (survey.Tree, map[survey.UnitID]int, error) {
	return con.incidents.Units(ctx)
}

func (s speech) treeNode(tree survey.Tree, id survey.UnitID, people map[survey.UnitID]int) treeNode {
	u, _ := tree.Unit(id)
	n := treeNode{
		ID: id, Name: s.unit(u), People: s.say("admin.org.headcount", survey.Args{"people": people[id]}),
		Path: organisationPath + "/" + url.PathEscape(string(id)), Movable: u.Parent != "" && !u.Direct,
	}
	if u.Direct {
		n.Path = "" // it is made of people and has nothing to change
	}
	for _, child := range tree.Children(id) {
		n.Children = append(n.Children, s.treeNode(tree, child, people))
	}
	return n
}

// reshaped says what was just done, and what would take it back. done holds
// what was before: the name of a renamed unit, the unit above of a moved one.
func (s speech) reshaped(tree survey.Tree, done reshape) (string, *reshape) {
	unit, ok := tree.Unit(done.Unit)
	if !ok {
		return "", nil
	}
	args := survey.Args{"unit": s.unit(unit), "was": done.Name}
	switch done.Do {
	case "rename":
		return s.say("admin.org.renamed", args), &reshape{Do: "rename", Unit: unit.ID, Name: done.Name}
	case "move":
		args["parent"] = s.unitID(tree, unit.Parent)
		if _, there := tree.Unit(done.To); !there {
			return s.say("admin.org.moved", args), nil
		}
		return s.say("admin.org.moved", args), &reshape{Do: "move", Unit: unit.ID, To: done.To}
	case "add":
		return s.say("admin.org.added", args), &reshape{Do: "retire", Unit: unit.ID}
	case "retire": // the unit is the one that it lay under
		return s.say("admin.org.retired", args), &reshape{Do: "add", Unit: unit.ID, Name: done.Name}
	}
	return "", nil
}

func (con *console) placePage(c echo.Context, v viewer) error {
	return con.renderUnit(c, v, http.StatusOK, reshape{Unit: survey.UnitID(c.Param("unit"))}, nil)
}

// renderUnit is the page of a unit; fault belongs to what form tried.
func (con *console) renderUnit(c echo.Context, v viewer, status int, form reshape, fault error) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	tree, people, err := con.headcounts(c.Request().Context())
	if err != nil {
		return err
	}
	unit, ok := tree.Unit(form.Unit)
	if !ok || unit.Direct {
		return survey.Fail(survey.NotFound, "error.admin.unit", nil)
	}
	p := placePage{
		frame: con.frame(lang, "admin.org.title", &v, organisationPath+"/"+url.PathEscape(string(unit.ID))), ID: unit.ID, Name: unit.Name, Root: unit.Parent == "",
		People: s.say("admin.org.headcount", survey.Args{"people": people[unit.ID]}), Form: form, Errors: make(map[string]string),
		Empty: people[unit.ID] == 0 && tree.IsLeaf(unit.ID) && unit.Parent != "", Events: eventsPath(unit.ID), Staff: peoplePath + "?unit=" + url.QueryEscape(string(unit.ID)),
	}
	p.Title = unit.Name
	if p.Form.Do != "rename" {
		p.Form.Name = unit.Name
	}
	for _, up := range slices.Backward(tree.Ancestors(unit.ID)) {
		p.Above = append(p.Above, link{Path: organisationPath + "/" + url.PathEscape(string(up)), Name: s.unitID(tree, up)})
	}
	for _, u := range tree.Units() {
		if !u.Direct && !tree.Within(u.ID, unit.ID) {
			p.Parents = append(p.Parents, choice{Value: string(u.ID), Name: s.path(tree, u.ID), Chosen: u.ID == unit.Parent && form.To == "" || u.ID == form.To})
		}
	}
	if known, ok := asSurveyError(fault); ok {
		p.Errors[form.Do] = s.fault(known)
	} else if fault != nil {
		return fault
	}
	con.render(c.Response(), lang, status, "unit", p)
	return nil
}

// reshapeOf reads a change from the address or the body.
func reshapeOf(c echo.Context) reshape {
	value := func(name string) string { return strings.Join(strings.Fields(c.Request().FormValue(name)), " ") }
	return reshape{Do: value("do"), Unit: survey.UnitID(c.Param("unit")), To: survey.UnitID(value("to")), Name: value("name")}
}

// reshapeUnit does what a form says, if the rules allow it.
func (con *console) reshapeUnit(c echo.Context, v viewer) error {
	ctx, change := c.Request().Context(), reshapeOf(c)
	units, err := con.organisers.Units(ctx)
	if err != nil {
		return err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return err
	}
	unit, ok := tree.Unit(change.Unit)
	if !ok || !slices.Contains(reshapes(), change.Do) {
		return survey.Fail(survey.NotFound, "error.admin.unit", nil)
	}
	did := url.Values{"did": {change.Do}, "unit": {string(unit.ID)}}
	path := tree.Path(unit.ID)
	switch change.Do {
	case "rename":
		did.Set("was", unit.Name)
		err = con.organisers.RenameUnit(noting(c, v, survey.DidUnitRenamed, path, survey.Args{"to": change.Name}), unit.ID, change.Name)
	case "move":
		did.Set("was", string(unit.Parent))
		err = con.organisers.MoveUnit(noting(c, v, survey.DidUnitMoved, path, survey.Args{"to": tree.Path(change.To)}), unit.ID, change.To)
	case "add":
		var id survey.UnitID
		id, err = con.organisers.AddUnit(noting(c, v, survey.DidUnitAdded, addedPath(tree, unit.ID, change.Name), nil), unit.ID, change.Name)
		did.Set("unit", string(id))
	case "retire":
		did.Set("was", unit.Name)
		did.Set("unit", string(unit.Parent))
		err = con.organisers.RetireUnit(noting(c, v, survey.DidUnitRemoved, path, nil), unit.ID)
	}
	if known, ok := asSurveyError(err); ok {
		return con.renderUnit(c, v, statusOf(known.Code), change, known)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, organisationPath+"?"+did.Encode())
}

// addedPath is the path that a new unit will have.
func addedPath(tree survey.Tree, parent survey.UnitID, name string) string {
	if parent == tree.Root().ID {
		return name
	}
	return tree.Path(parent) + survey.PathSeparator + name
}
