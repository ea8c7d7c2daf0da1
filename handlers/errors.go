package handlers

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"attune/handlers/api"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// statusOf is the HTTP status of what went wrong.
func statusOf(code survey.Code) int { return api.StatusOf(code) }

// errorPage says what happened, why, and what to do.
type errorPage struct {
	frame
	Message string
	Ways    []link // out of it, the likeliest first
}

// failed is echo's one error handler.
func (con *console) failed(err error, c echo.Context) {
	if c.Response().Committed {
		con.log.Error("console page broke off", "route", c.Path(), "error", err)
		return
	}
	con.problem(c.Response(), c.Request(), err)
}

// problem writes the page of an error in the user's language. Only what
// nobody foresaw is logged, with the method and without address, path or body.
func (con *console) problem(w http.ResponseWriter, r *http.Request, err error) {
	known, status := con.explain(err)
	if status >= http.StatusInternalServerError {
		con.log.Error("console page failed", "method", r.Method, "error", err)
	}
	con.saidTo(w, r, known, status)
}

// saidTo writes the page of an error with ways out of it: for somebody who is
// signed in back into the console, for anybody else to where they can begin.
func (con *console) saidTo(w http.ResponseWriter, r *http.Request, known *survey.Error, status int) {
	s := con.in(con.lang(r))
	title := "error.title"
	if key := fmt.Sprintf("error.title.%d", status); con.site.Has(key) {
		title = key
	}
	here, at := "", backTo(r.URL.RequestURI())
	inside := r.URL.Path == consolePath || strings.HasPrefix(r.URL.Path, consolePath+"/")
	if inside && r.Method == http.MethodGet {
		here = at // a change of language comes back to the same error
	}
	p := errorPage{frame: con.frame(s.lang, title, nil, here), Message: s.inWords(known)}
	switch v, err := con.viewer(r); {
	case err == nil && !v.MustChange:
		p.frame = con.frame(s.lang, title, &v, here)
		p.Ways = append(p.Ways, link{consolePath, s.say("error.console.back", nil)})
		if v.readsFigures() {
			p.Ways = append(p.Ways, link{heatPath, s.say("heat.title", nil)})
		}
	case inside:
		p.Ways = append(p.Ways, link{signInFor(r), s.say("console.sign_in.title", nil)}, link{"/", s.say("error.console.home", nil)})
	default:
		p.Ways = append(p.Ways, link{"/", s.say("error.console.home", nil)}, link{"/p", s.say("front.answer", nil)}, link{"/log", s.say("console.nav.log", nil)})
	}
	protect(w.Header())
	con.render(w, s.lang, status, "error", p)
}

// inWords puts an error in words; roles in it are named in the reader's language.
func (s speech) inWords(known *survey.Error) string {
	args := maps.Clone(known.Args)
	for name, value := range args {
		if roles, ok := value.(roleNames); ok {
			names := make([]string, len(roles))
			for i, role := range roles {
				names[i] = s.con.roleName(s.lang, role)
			}
			args[name] = s.list(names)
		}
	}
	return s.say(known.Key, args)
}

// noRoute says whether a path under the console has nothing, or only takes
// another method: its middleware keeps echo from telling the two apart.
func (con *console) noRoute(c echo.Context) error {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		other := c.Echo().NewContext(c.Request(), nil)
		c.Echo().Router().Find(method, echo.GetPath(c.Request()), other)
		if slices.ContainsFunc(c.Echo().Routes(), func(r *echo.Route) bool { return r.Method == method && r.Path == other.Path() }) {
			allowed = append(allowed, method)
		}
	}
	if len(allowed) == 0 {
		return echo.ErrNotFound
	}
	c.Response().Header().Set(echo.HeaderAllow, strings.Join(allowed, ", "))
	return echo.ErrMethodNotAllowed
}

// explain finds the text and the status of an error.
func (con *console) explain(err error) (*survey.Error, int) {
	if known, ok := asSurveyError(err); ok {
		return known, statusOf(known.Code)
	}
	var routing *echo.HTTPError
	if errors.As(err, &routing) {
		switch routing.Code {
		case http.StatusNotFound:
			return survey.Fail(survey.NotFound, "error.console.page", nil), routing.Code
		case http.StatusMethodNotAllowed:
			return survey.Fail(survey.Invalid, "error.console.method", nil), routing.Code
		}
		if routing.Code >= http.StatusBadRequest && routing.Code < http.StatusInternalServerError {
			return survey.Fail(survey.Invalid, "error.console.form", nil), routing.Code
		}
	}
	return survey.Fail("", "error.console.unknown", nil), http.StatusInternalServerError
}

// asSurveyError finds the error that a person can be told.
func asSurveyError(err error) (*survey.Error, bool) {
	var known *survey.Error
	ok := errors.As(err, &known)
	return known, ok
}
