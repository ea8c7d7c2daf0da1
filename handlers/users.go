package handlers

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"attune/survey"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

const usersPath = "/console/users"

// userKeeper is what the pages of users do with the store.
type userKeeper interface {
	Units(ctx context.Context) ([]survey.Unit, error)
	Users(ctx context.Context) ([]store.User, error)
	AddUser(ctx context.Context, u store.User) error
	ChangeUser(ctx context.Context, email string, roles []string, unit survey.UnitID) error
	RemoveUser(ctx context.Context, email string) error
	SetPassword(ctx context.Context, email, hash string, mustChange bool) error
	DeleteSessionsOf(ctx context.Context, email string) error
}

// usersPage lists everybody who signs in, with a form for one more.
type usersPage struct {
	frame
	Users []userLine
	Sort  heads
	Done  string
	Form  userForm
	Given string // the one-time password of Whose, shown this once
	Back  *undo  // takes them out again
	Whose string
}

type userLine struct {
	Path, Email, Roles, Unit string
	Fresh                    bool // has not replaced the one-time password yet
}

// userForm is what a form about a user has, typed or stored.
type userForm struct {
	Email  string
	Roles  []choice
	Units  []choice
	Errors map[string]string // by field: email, roles, unit
}

// userPage is one user to change.
type userPage struct {
	frame
	Path  string
	Email string
	Form  userForm
	Own   bool // the viewer's own
	Error string
	Done  string
	Back  *undo // takes back what was done
	Given string
}

// everyRole lists the roles in the order of the form.
func everyRole() []string { return []string{manager, hr, admin, auditor} }

// OneTimePassword has 130 random bits, written so that it can be read aloud.
func OneTimePassword() string {
	text := crand.Text()
	var parts []string
	for len(text) > 0 {
		n := min(5, len(text))
		parts = append(parts, text[:n])
		text = text[n:]
	}
	return strings.Join(parts, "-")
}

// userKey stands for a user's address in the address of a page, so that no
// proxy's log has it.
func userKey(email string) string { return survey.SHA256Hex([]byte(email))[:16] }

func (con *console) usersPage(c echo.Context, v viewer) error {
	return con.renderUsers(c, v, http.StatusOK, store.User{}, nil, "")
}

func (con *console) renderUsers(c echo.Context, v viewer, status int, form store.User, faults map[string]*survey.Error, given string) error {
	ctx, lang := c.Request().Context(), con.lang(c.Request())
	s := con.in(lang)
	tree, err := con.unitTree(ctx)
	if err != nil {
		return err
	}
	all, err := con.users.Users(ctx)
	if err != nil {
		return err
	}
	p := usersPage{frame: con.frame(lang, "admin.users.title", &v, usersPath), Given: given, Whose: form.Email}
	if given != "" {
		p.Back = s.undo(usersPath+"/"+userKey(form.Email)+"/remove", "sure", "1")
		form = store.User{}
	}
	p.Form = s.userForm(tree, form, faults)
	for _, u := range all {
		line := userLine{Path: usersPath + "/" + userKey(u.Email), Email: u.Email, Roles: s.rolesIn(u.Roles), Fresh: u.MustChange}
		if u.Unit != "" {
			line.Unit = s.path(tree, u.Unit)
		}
		p.Users = append(p.Users, line)
	}
	p.Sort = inOrder(s, c, p.frame, "users", p.Users,
		byName("email", "admin.people.email", func(u userLine) string { return u.Email }),
		byName("unit", "console.table.unit", func(u userLine) string { return u.Unit }))
	if c.QueryParam("done") == "removed" {
		p.Done = s.say("admin.users.removed", nil)
	}
	con.render(c.Response(), lang, status, "users", p)
	return nil
}

func (con *console) unitTree(ctx context.Context) (survey.Tree, error) {
	units, err := con.users.Units(ctx)
	if err != nil {
		return survey.Tree{}, err
	}
	return survey.NewTree(units)
}

// rolesIn names roles in the order of the form.
func (s speech) rolesIn(has []string) string {
	var names []string
	for _, role := range everyRole() {
		if slices.Contains(has, role) {
			names = append(names, s.say("console.role."+role, nil))
		}
	}
	return s.list(names)
}

func (s speech) userForm(tree survey.Tree, u store.User, faults map[string]*survey.Error) userForm {
	f := userForm{Email: u.Email, Errors: make(map[string]string)}
	for _, role := range everyRole() {
		f.Roles = append(f.Roles, choice{Value: role, Name: s.say("admin.users.role."+role, nil), Chosen: slices.Contains(u.Roles, role)})
	}
	f.Units = append(f.Units, choice{Name: s.say("admin.users.no_unit", nil)})
	for _, unit := range tree.Units() {
		f.Units = append(f.Units, choice{Value: string(unit.ID), Name: s.path(tree, unit.ID), Chosen: unit.ID == u.Unit})
	}
	for field, fault := range faults {
		f.Errors[field] = s.fault(fault)
	}
	return f
}

// userOf reads a form and holds it to the rules. Only managers have a unit.
func userOf(c echo.Context, tree survey.Tree) (store.User, map[string]*survey.Error) {
	r := c.Request()
	checked, faults := survey.CheckPerson(survey.Person{Email: r.PostFormValue("email"), Name: "somebody"})
	u := store.User{Email: checked.Email, Unit: survey.UnitID(r.PostFormValue("unit"))}
	if u.Email == "" && len(faults) == 0 {
		faults["email"] = survey.Fail(survey.Invalid, "error.admin.user_email", nil)
	}
	if u.Email == "" {
		u.Email = r.PostFormValue("email") // to be shown again as it was typed
	}
	for _, role := range everyRole() {
		if slices.Contains(r.PostForm["role"], role) {
			u.Roles = append(u.Roles, role)
		}
	}
	if len(u.Roles) == 0 {
		faults["roles"] = survey.Fail(survey.Invalid, "error.admin.user_roles", nil)
	}
	_, known := tree.Unit(u.Unit)
	switch leads := slices.Contains(u.Roles, manager); {
	case leads && !known:
		faults["unit"] = survey.Fail(survey.Invalid, "error.admin.user_unit", nil)
	case !leads:
		u.Unit = ""
	}
	return u, faults
}

// addUser makes a user and shows the one-time password, this once.
func (con *console) addUser(c echo.Context, v viewer) error {
	ctx := c.Request().Context()
	tree, err := con.unitTree(ctx)
	if err != nil {
		return err
	}
	u, faults := userOf(c, tree)
	if len(faults) > 0 {
		return con.renderUsers(c, v, http.StatusUnprocessableEntity, u, faults, "")
	}
	password := OneTimePassword()
	if u.PasswordHash, err = con.hash(ctx, password); err != nil {
		return err
	}
	u.MustChange = true
	err = con.users.AddUser(noting(c, v, survey.DidUserAdded, u.Email, survey.Args{"roles": strings.Join(u.Roles, ","), "unit": tree.Path(u.Unit)}), u)
	if known, ok := asSurveyError(err); ok {
		return con.renderUsers(c, v, statusOf(known.Code), u, map[string]*survey.Error{"email": known}, "")
	}
	if err != nil {
		return err
	}
	return con.renderUsers(c, v, http.StatusOK, u, nil, password)
}

// user finds the user of an address.
func (con *console) user(c echo.Context) (store.User, error) {
	all, err := con.users.Users(c.Request().Context())
	if err != nil {
		return store.User{}, err
	}
	for _, u := range all {
		if userKey(u.Email) == c.Param("user") {
			return u, nil
		}
	}
	return store.User{}, survey.Fail(survey.NotFound, "error.admin.user", nil)
}

func (con *console) userPage(c echo.Context, v viewer) error {
	u, err := con.user(c)
	if err != nil {
		return err
	}
	return con.renderUser(c, v, http.StatusOK, u, userPage{}, nil)
}

func (con *console) renderUser(c echo.Context, v viewer, status int, u store.User, p userPage, faults map[string]*survey.Error) error {
	tree, err := con.unitTree(c.Request().Context())
	if err != nil {
		return err
	}
	lang := con.lang(c.Request())
	p.Path, p.Email, p.Own = usersPath+"/"+userKey(u.Email), u.Email, u.Email == v.Email
	p.frame = con.frame(lang, "admin.users.one", &v, p.Path)
	p.Form = con.in(lang).userForm(tree, u, faults)
	con.render(c.Response(), lang, status, "user", p)
	return nil
}

// changeUser gives a user other roles.
func (con *console) changeUser(c echo.Context, v viewer) error {
	before, err := con.user(c)
	if err != nil {
		return err
	}
	tree, err := con.unitTree(c.Request().Context())
	if err != nil {
		return err
	}
	u, faults := userOf(c, tree)
	u.Email = before.Email
	delete(faults, "email")
	if len(faults) > 0 {
		return con.renderUser(c, v, http.StatusUnprocessableEntity, u, userPage{}, faults)
	}
	ctx := noting(c, v, survey.DidUserChanged, u.Email, survey.Args{"roles": strings.Join(u.Roles, ","), "unit": tree.Path(u.Unit)})
	back := con.in(con.lang(c.Request())).undo(usersPath+"/"+userKey(before.Email), "unit", string(before.Unit))
	for _, role := range before.Roles {
		back.Fields = append(back.Fields, hiddenField{"role", role})
	}
	return con.didUser(c, v, before, con.users.ChangeUser(ctx, u.Email, u.Roles, u.Unit), "changed", userPage{Back: back})
}

// didUser answers after something was done to a user, or refused.
func (con *console) didUser(c echo.Context, v viewer, u store.User, err error, done string, p userPage) error {
	s := con.in(con.lang(c.Request()))
	if known, ok := asSurveyError(err); ok {
		return con.renderUser(c, v, statusOf(known.Code), u, userPage{Error: s.fault(known)}, nil)
	}
	if err != nil {
		return err
	}
	u, err = con.user(c)
	if err != nil {
		return err
	}
	p.Done = s.say("admin.users."+done, nil)
	return con.renderUser(c, v, http.StatusOK, u, p, nil)
}

// renewPassword gives a user a new one-time password and signs them out.
func (con *console) renewPassword(c echo.Context, v viewer) error {
	u, err := con.user(c)
	if err != nil {
		return err
	}
	if err := isSure(c.Request()); err != nil {
		return con.didUser(c, v, u, err, "", userPage{})
	}
	password := OneTimePassword()
	hash, err := con.hash(c.Request().Context(), password)
	if err != nil {
		return err
	}
	if err = con.users.SetPassword(noting(c, v, survey.DidUserPassword, u.Email, nil), u.Email, hash, true); err == nil {
		err = con.users.DeleteSessionsOf(c.Request().Context(), u.Email)
	}
	if err != nil {
		return fmt.Errorf("new one-time password: %w", err)
	}
	if u.Email == v.Email { // has just been signed out as well
		return con.renderUser(c, v, http.StatusOK, u, userPage{Given: password}, nil)
	}
	return con.didUser(c, v, u, nil, "renewed", userPage{Given: password})
}

// endUserSessions signs a user out everywhere.
func (con *console) endUserSessions(c echo.Context, v viewer) error {
	u, err := con.user(c)
	if err != nil {
		return err
	}
	if err = isSure(c.Request()); err == nil {
		err = con.users.DeleteSessionsOf(noting(c, v, survey.DidUserSignedOut, u.Email, nil), u.Email)
	}
	return con.didUser(c, v, u, err, "signed_out", userPage{})
}

// removeUser removes somebody else.
func (con *console) removeUser(c echo.Context, v viewer) error {
	u, err := con.user(c)
	switch {
	case err != nil:
		return err
	case u.Email == v.Email:
		err = survey.Fail(survey.Conflict, "error.admin.user_self", nil)
	case c.Request().PostFormValue("sure") == "":
		err = survey.Fail(survey.Invalid, "error.admin.user_sure", nil)
	default:
		err = con.users.RemoveUser(noting(c, v, survey.DidUserRemoved, u.Email, nil), u.Email)
	}
	if err != nil {
		return con.didUser(c, v, u, err, "", userPage{})
	}
	return c.Redirect(http.StatusSeeOther, usersPath+"?done=removed")
}
