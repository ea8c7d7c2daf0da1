package handlers

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// chooseLanguage remembers a language in this browser and goes back to the
// page it was chosen on.
func (con *console) chooseLanguage(c echo.Context) error {
	code := c.Request().PostFormValue("language")
	if !slices.Contains(con.spoken().Languages, code) {
		return survey.Fail(survey.Invalid, "error.console.language", nil)
	}
	if v, err := con.viewer(c.Request()); err == nil { // reminders come in the same language
		if err := con.mail.wishes.SetUserLanguage(c.Request().Context(), v.Email, code); err != nil {
			return err
		}
	}
	http.SetCookie(c.Response(), con.cookie(languageCookie, code, languageLasts))
	return c.Redirect(http.StatusSeeOther, backTo(c.Request().PostFormValue("back")))
}

// backTo accepts a path of the console, with its query, and nothing else, so
// that no form and no link can send somebody to another site.
func backTo(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.IsAbs() || u.Host != "" || path.Clean(u.Path) != u.Path || (u.Path != consolePath && !strings.HasPrefix(u.Path, consolePath+"/")) {
		return consolePath
	}
	u.Fragment, u.RawFragment, u.ForceQuery = "", "", false
	return u.RequestURI()
}
