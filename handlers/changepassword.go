package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"attune/survey"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

// passwordRequest is what the form sends.
type passwordRequest struct{ Current, New, Again string }

// passwordPage is the form for a new password. Nothing that was typed comes
// back to it.
type passwordPage struct {
	frame
	Email   string // for the browser's list of passwords
	OneTime bool   // the present password was given out and has to be replaced
	Least   int    // characters
	Error   string
}

func (con *console) passwordForm(c echo.Context, v viewer) error {
	con.renderPassword(c, v, http.StatusOK, nil)
	return nil
}

func (con *console) changePassword(c echo.Context, v viewer) error {
	r := c.Request()
	in := passwordRequest{r.PostFormValue("current"), r.PostFormValue("new"), r.PostFormValue("again")}
	err := con.newPassword(r.Context(), v, in)
	if known, ok := asSurveyError(err); ok {
		con.renderPassword(c, v, statusOf(known.Code), known)
		return nil
	}
	if err != nil {
		return err
	}
	if err := con.startSession(c.Response(), r, v.Email); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, consolePath)
}

// newPassword checks and stores a password, and ends every session of the
// user: whoever knew the old password is out.
func (con *console) newPassword(ctx context.Context, v viewer, in passwordRequest) error {
	switch {
	case utf8.RuneCountInString(in.New) < MinPasswordLength:
		return survey.Fail(survey.Invalid, "error.console.password_short", survey.Args{"least": MinPasswordLength})
	case len(in.New) > maxPasswordBytes:
		return survey.Fail(survey.Invalid, "error.console.password_long", survey.Args{"most": maxPasswordBytes})
	case in.New != in.Again:
		return survey.Fail(survey.Invalid, "error.console.password_twice", nil)
	case in.New == in.Current, strings.EqualFold(in.New, v.Email):
		return survey.Fail(survey.Invalid, "error.console.password_same", nil)
	}
	_, err := con.authenticate(ctx, signInRequest{Email: strings.ToLower(v.Email), Password: in.Current})
	if survey.IsKey(err, "error.console.sign_in") {
		return survey.Fail(survey.Invalid, "error.console.password_current", nil)
	}
	if err != nil {
		return err
	}
	hash, err := con.hash(ctx, in.New)
	if err != nil {
		return fmt.Errorf("new password: %w", err)
	}
	if err := con.accounts.SetPassword(store.Noting(ctx, v.deed(survey.DidOwnPassword, "", nil)), v.Email, hash, false); err != nil {
		return fmt.Errorf("new password: %w", err)
	}
	if err := con.accounts.DeleteSessionsOf(ctx, v.Email); err != nil {
		return fmt.Errorf("new password: %w", err)
	}
	return nil
}

// hash hashes a password when there is room for one more.
func (con *console) hash(ctx context.Context, password string) (string, error) {
	if err := con.room(ctx); err != nil {
		return "", err
	}
	defer func() { <-con.hashing }()
	return HashPassword(con.rand, password)
}

func (con *console) renderPassword(c echo.Context, v viewer, status int, fault *survey.Error) {
	lang := con.lang(c.Request())
	p := passwordPage{frame: con.frame(lang, "console.password.title", &v, "/console/password"), Email: v.Email, OneTime: v.MustChange, Least: MinPasswordLength}
	if fault != nil {
		p.Error = con.site.Text(lang, fault.Key, fault.Args)
	}
	con.render(c.Response(), lang, status, "password", p)
}
