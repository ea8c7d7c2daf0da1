package handlers

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"attune/survey"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

// signInRequest is what the form sends.
type signInRequest struct {
	Email, Password string
	To              string // the page that was asked for, a path of the console
}

const signInPath = "/console/sign-in"

// signInFor leads to the form, and from there back to the page that was asked
// for. What was sent to a page is not sent again.
func signInFor(r *http.Request) string {
	if to := backTo(r.URL.RequestURI()); r.Method == http.MethodGet && to != consolePath {
		return signInPath + "?" + url.Values{"to": {to}}.Encode()
	}
	return signInPath
}

// askedFor is the page that somebody is led to after signing in.
func askedFor(to string) string {
	to = backTo(to)
	if at, _, _ := strings.Cut(to, "?"); at == signInPath {
		return consolePath
	}
	return to
}

// signInPage is the form, with what was typed and what was wrong with it.
type signInPage struct {
	frame
	Email string
	To    string // the page that was asked for; empty for the first page
	Error string
	Demo  []demoSignIn
}

// demoSignIn is a demonstration's account as the page lists it.
type demoSignIn struct{ Role, Unit, Email, Password string }

func (con *console) signInForm(c echo.Context) error {
	con.renderSignIn(c, http.StatusOK, signInRequest{To: c.QueryParam("to")}, nil)
	return nil
}

func (con *console) signIn(c echo.Context) error {
	r := c.Request()
	in := signInRequest{
		Email:    strings.ToLower(strings.TrimSpace(r.PostFormValue("email"))),
		Password: r.PostFormValue("password"),
		To:       r.PostFormValue("to"),
	}
	user, err := con.authenticate(r.Context(), in)
	if known, ok := asSurveyError(err); ok {
		con.refused.Add(1)
		con.renderSignIn(c, statusOf(known.Code), in, known)
		return nil
	}
	if err != nil {
		return err
	}
	if err := con.endSession(c.Response(), r); err != nil { // an older one of this browser
		return err
	}
	// Who was refused is not written down: what was typed may be anybody's
	// address, or a password in the wrong field. That it happened is.
	details, refused := survey.Args{}, con.refused.Load()
	if refused > 0 {
		details["wrong"] = refused
	}
	ctx := noting(c, viewer{User: user}, survey.DidSignedIn, "", details)
	if err := con.startSession(c.Response(), r.WithContext(ctx), user.Email); err != nil {
		return err
	}
	con.refused.Add(-refused)
	return c.Redirect(http.StatusSeeOther, askedFor(in.To))
}

func (con *console) signOut(c echo.Context) error {
	if err := con.endSession(c.Response(), c.Request()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, signInPath)
}

// authenticate checks an e-mail and a password. An e-mail that nobody has
// costs the same work and gives the same answer as a wrong password.
func (con *console) authenticate(ctx context.Context, in signInRequest) (store.User, error) {
	if wait := con.throttle.take(in.Email, con.now()); wait > 0 {
		return store.User{}, survey.Fail(survey.TooMany, "error.console.throttled", survey.Args{"minutes": int(math.Ceil(wait.Minutes()))})
	}
	wrong := survey.Fail(survey.Invalid, "error.console.sign_in", nil)
	if len(in.Password) > maxPasswordBytes {
		return store.User{}, wrong
	}
	user, err := con.accounts.UserByEmail(ctx, in.Email)
	unknown := survey.IsCode(err, survey.NotFound)
	if err != nil && !unknown {
		return store.User{}, fmt.Errorf("sign in: %w", err)
	}
	hash := user.PasswordHash
	if unknown || hash == "" {
		hash = decoy()
	}
	right, err := con.check(ctx, hash, in.Password)
	if err != nil {
		return store.User{}, fmt.Errorf("sign in: %w", err)
	}
	if !right || unknown || user.PasswordHash == "" {
		return store.User{}, wrong
	}
	con.throttle.clear(in.Email, con.now())
	return user, nil
}

// check compares a password when there is room for one more hash.
func (con *console) check(ctx context.Context, hash, password string) (bool, error) {
	if err := con.room(ctx); err != nil {
		return false, err
	}
	defer func() { <-con.hashing }()
	return CheckPassword(hash, password)
}

// room waits until one more password hash may run.
func (con *console) room(ctx context.Context) error {
	patience := time.NewTimer(10 * time.Second)
	defer patience.Stop()
	select {
	case con.hashing <- struct{}{}:
		return nil
	case <-patience.C:
		return survey.Fail(survey.Unavailable, "error.console.busy", nil)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (con *console) renderSignIn(c echo.Context, status int, in signInRequest, fault *survey.Error) {
	lang := con.lang(c.Request())
	p := signInPage{frame: con.frame(lang, "console.sign_in.title", nil, signInPath), Email: in.Email}
	if to := askedFor(in.To); to != consolePath {
		p.To = to
		p.Here += "?" + url.Values{"to": {to}}.Encode()
	}
	p.Organisation, _ = con.accounts.OrganisationName(c.Request().Context()) // without it the page is as good
	if fault != nil {
		p.Error = con.site.Text(lang, fault.Key, fault.Args)
	}
	if con.demo != nil {
		for _, s := range con.demo.SignIns {
			p.Demo = append(p.Demo, demoSignIn{con.roleName(lang, s.Role), s.Unit, s.Email, s.Password})
		}
	}
	con.render(c.Response(), lang, status, "sign-in", p)
}

// roleNames are roles in an error, which is put in words where its reader's
// language is known.
type roleNames []string

// roleName is a role in words; a role that has none is written as it is.
func (con *console) roleName(lang, role string) string {
	if key := "console.role." + role; con.site.Has(key) {
		return con.site.Text(lang, key, nil)
	}
	return role
}
