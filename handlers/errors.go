package handlers

import (
	"errors"
	"net/http"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// statusOf is the one table from what went wrong to an HTTP status.
func statusOf(code survey.Code) int {
	switch code {
	case survey.Invalid:
		return http.StatusUnprocessableEntity
	case survey.NotFound:
		return http.StatusNotFound
	case survey.Conflict:
		return http.StatusConflict
	case survey.Forbidden:
		return http.StatusForbidden
	case survey.TooMany:
		return http.StatusTooManyRequests
	case survey.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// errorPage says what happened, why, and what to do.
type errorPage struct {
	frame
	Message string
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
	lang := con.lang(r)
	f := con.frame(lang, "error.title", nil, "")
	if v, err := con.viewer(r); err == nil {
		f = con.frame(lang, "error.title", &v, "")
	}
	protect(w.Header())
	con.render(w, lang, status, "error", errorPage{frame: f, Message: con.site.Text(lang, known.Key, known.Args)})
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
	}
	return survey.Fail("", "error.console.unknown", nil), http.StatusInternalServerError
}

// asSurveyError finds the error that a person can be told.
func asSurveyError(err error) (*survey.Error, bool) {
	var known *survey.Error
	ok := errors.As(err, &known)
	return known, ok
}
