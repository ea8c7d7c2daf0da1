package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// namesListed is how many names of each kind of change a preview lists.
const namesListed = 500

// importPage is a staff list to send, or what one that was sent would change.
type importPage struct {
	frame
	Error   string
	Faults  []string // of a list, each with its line
	Pending string   // the list that is not taken yet, as it was sent
	Seen    string   // a hash of what the page says would change
	Stale   bool     // the organisation has changed since it was first shown
	Nothing bool     // the list changes nothing
	Renames []string
	Kept    []string // units that stay in use, and why
	Counts  []string
	Changes []importChange
}

// importChange is one kind of change with everybody whom it concerns.
type importChange struct {
	Title string
	Names []string
	More  string
}

func (con *console) importPage(c echo.Context, v viewer) error {
	return con.renderImport(c, v, http.StatusOK, importPage{})
}

func (con *console) renderImport(c echo.Context, v viewer, status int, p importPage) error {
	lang := con.lang(c.Request())
	p.frame = con.frame(lang, "admin.import.title", &v, peoplePath+"/import")
	con.render(c.Response(), lang, status, "people-import", p)
	return nil
}

// readPeople shows what a staff list would change. Nothing is changed yet.
func (con *console) readPeople(c echo.Context, v viewer) error {
	raw, _, err := uploaded(c.Response(), c.Request(), upload{"error.people.list_big", "error.people.list_missing"})
	if known, ok := asSurveyError(err); ok {
		return con.renderImport(c, v, statusOf(known.Code), importPage{Error: con.in(con.lang(c.Request())).fault(known)})
	}
	if err != nil {
		return err
	}
	p, _, err := con.proposed(c, raw)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(p.Faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return con.renderImport(c, v, status, p)
}

// takePeople makes the staff list what the page showed, all of it or nothing.
// If the list would by now change something else, it is shown again.
func (con *console) takePeople(c echo.Context, v viewer) error {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxPackUpload)
	if err := r.ParseMultipartForm(maxPackUpload); err != nil {
		return con.renderImport(c, v, http.StatusUnprocessableEntity, importPage{Error: con.in(con.lang(r)).say("error.console.form", nil)})
	}
	p, plan, err := con.proposed(c, []byte(r.PostFormValue("list")))
	switch {
	case err != nil:
		return err
	case len(p.Faults) > 0:
		return con.renderImport(c, v, http.StatusUnprocessableEntity, p)
	case p.Seen != r.PostFormValue("seen"):
		p.Stale = true
		return con.renderImport(c, v, http.StatusConflict, p)
	}
	err = con.people.ApplyImport(noting(c, v, survey.DidPeopleImported, "", nil), plan)
	if survey.IsKey(err, "error.store.import_stale") { // within this moment
		p.Stale = true
		return con.renderImport(c, v, http.StatusConflict, p)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, peoplePath+"?done=imported")
}

// proposed works out what a list would change, and puts it in words.
func (con *console) proposed(c echo.Context, raw []byte) (importPage, survey.ImportPlan, error) {
	s := con.in(con.lang(c.Request()))
	rows, faults, err := survey.ParsePeople(bytes.NewReader(raw))
	if err != nil {
		return importPage{}, survey.ImportPlan{}, err
	}
	if len(faults) > 0 {
		return importPage{Faults: s.lineFaults(faults)}, survey.ImportPlan{}, nil
	}
	tree, people, err := con.roll(c.Request().Context())
	if err != nil {
		return importPage{}, survey.ImportPlan{}, err
	}
	plan, faults := survey.PlanImport(tree, people, rows, randomID)
	if len(faults) > 0 {
		return importPage{Faults: s.lineFaults(faults)}, plan, nil
	}
	after, err := survey.NewTree(append(tree.Units(), plan.NewUnits...))
	if err != nil {
		return importPage{}, plan, err
	}
	asked, err := con.people.UnitsAsked(c.Request().Context())
	if err != nil {
		return importPage{}, plan, err
	}
	p := s.imported(after, plan, asked)
	p.Pending, p.Nothing = string(raw), plan.Empty()
	// In words only: the ids of new people and units are other ones each time.
	shown, err := json.Marshal([]any{con.in("en").imported(after, plan, asked)})
	p.Seen = survey.SHA256Hex(shown)
	return p, plan, err
}

// imported says what a plan changes: counts, and everybody by name. asked are
// the units that stay in use although nobody is left in them.
func (s speech) imported(tree survey.Tree, plan survey.ImportPlan, asked map[survey.UnitID][]string) importPage {
	var p importPage
	for _, r := range plan.Renames {
		p.Renames = append(p.Renames, s.say("admin.import.likely_"+string(r.Kind), survey.Args{
			"old": s.path(tree, r.Old.ID), "new": s.path(tree, r.New.ID), "people": r.People, "share": fmt.Sprintf("%.0f", 100*r.Share),
		}))
	}
	unit := func(id survey.UnitID) string { return s.path(tree, id) }
	who := func(p survey.Person) string {
		name := p.Name
		if name == "" {
			name = p.Email
		}
		return s.say("admin.import.in_unit", survey.Args{"name": name, "unit": unit(p.Unit)})
	}
	moved := make(map[survey.PersonID]bool)
	var added, moves, updated, gone, fresh, emptied []string
	for _, m := range plan.Moves {
		moved[m.Person.ID] = true
		name := m.Person.Name
		if name == "" {
			name = m.Person.Email
		}
		moves = append(moves, s.say("admin.import.moves_from", survey.Args{"name": name, "from": unit(m.From), "to": unit(m.To)}))
	}
	for _, one := range plan.Add {
		added = append(added, who(one))
	}
	for _, one := range plan.Update {
		if !moved[one.ID] {
			updated = append(updated, who(one))
		}
	}
	for _, one := range plan.Deactivate {
		gone = append(gone, who(one))
	}
	for _, u := range plan.NewUnits {
		fresh = append(fresh, unit(u.ID))
	}
	for _, u := range plan.EmptiedUnits {
		if by := asked[u.ID]; len(by) > 0 {
			p.Kept = append(p.Kept, s.say("admin.import.unit_kept", survey.Args{"unit": unit(u.ID), "by": s.list(by)}))
			continue
		}
		emptied = append(emptied, unit(u.ID))
	}
	for _, kind := range []struct {
		key   string
		names []string
	}{{"units_new", fresh}, {"units_emptied", emptied}, {"deactivate", gone}, {"move", moves}, {"add", added}, {"update", updated}} {
		if len(kind.names) == 0 {
			continue
		}
		title := s.say("admin.import."+kind.key, survey.Args{"n": len(kind.names)})
		change := importChange{Title: title, Names: kind.names}
		if more := len(kind.names) - namesListed; more > 0 {
			change.Names, change.More = kind.names[:namesListed], s.say("admin.import.more", survey.Args{"n": more})
		}
		p.Changes = append(p.Changes, change)
	}
	if plan.NumbersSet+plan.NumbersRemoved > 0 {
		p.Counts = append(p.Counts, s.say("admin.import.numbers", survey.Args{"set": plan.NumbersSet, "removed": plan.NumbersRemoved}))
	}
	p.Counts = append(p.Counts, s.say("admin.import.reached", survey.Args{
		"mail": plan.Reached[survey.ByMail], "text": plan.Reached[survey.ByText], "hand": plan.Reached[survey.ByHand],
	}))
	return p
}
