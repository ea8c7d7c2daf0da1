package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"

	"attune/survey"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

// contentPolicy lets a page load what this server serves and nothing else;
// no inline script or style, no text turned into markup.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self' data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// maxForm bounds a request body in bytes; the largest form is a password.
const maxForm = 16 << 10

// protect sets the headers of every page: nothing from elsewhere, nothing
// kept by browsers or proxies, no address passed on.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
}

func headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		protect(c.Response().Header())
		return next(c)
	}
}

func bounded(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
		if r.Method == http.MethodPost {
			if err := r.ParseForm(); err != nil {
				return survey.Fail(survey.Invalid, "error.console.form", nil)
			}
		}
		return next(c)
	}
}

// sameOrigin refuses what another site makes a browser send.
func (con *console) sameOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		con.problem(w, r, survey.Fail(survey.Forbidden, "error.console.cross_site", nil))
	}))
	return echo.WrapMiddleware(protection.Handler)
}

// recovered turns a panic into the page for unknown faults. The log gets the
// lines of code it came through: a full trace would carry arguments.
func (con *console) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			fault := recover()
			if fault == nil {
				return
			}
			if known, ok := fault.(error); ok && errors.Is(known, http.ErrAbortHandler) {
				panic(fault) // net/http's own way to end an answer
			}
			err = fmt.Errorf("panic: %v; %s", fault, callers())
		}()
		return next(c)
	}
}

func callers() string {
	pcs := make([]uintptr, 24)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	var lines []string
	for {
		frame, more := frames.Next()
		lines = append(lines, fmt.Sprintf("%s:%d", frame.Function, frame.Line))
		if !more {
			return fmt.Sprint(lines)
		}
	}
}

// viewer is the signed-in user that a page is made for.
type viewer struct {
	store.User
	Organisation string // its name, for the head of every page
	names        bool   // the page tells names and no figure: naming
}

// has says whether the viewer has one of these roles.
func (v viewer) has(roles ...string) bool {
	return slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(v.Roles, role) })
}

// everything says whether the viewer's part is the whole organisation: HR's
// always, an administrator's on pages without figures.
func (v viewer) everything() bool { return v.has(hr) || v.names && v.has(admin) }

// forFigures is the viewer before a figure: being an administrator opens none.
func (v viewer) forFigures() viewer {
	v.names = false
	return v
}

// readsFigures says whether there is a part of the organisation whose figures
// the viewer may read.
func (v viewer) readsFigures() bool { return v.has(hr, manager) }

// naming makes a page of names for units and people, without a figure of what
// they answered: administrators see the whole organisation there. On every
// other page they see what their other roles show them.
func naming(next page) page {
	return func(c echo.Context, v viewer) error {
		v.names = true
		return next(c, v)
	}
}

// page is a handler for somebody who is signed in.
type page func(c echo.Context, v viewer) error

// anyone lets everybody in who is signed in, also with a one-time password.
func (con *console) anyone(next page) echo.HandlerFunc {
	return func(c echo.Context) error {
		v, err := con.viewer(c.Request())
		switch {
		case errors.Is(err, errSignedOut):
			return c.Redirect(http.StatusSeeOther, signInFor(c.Request()))
		case err != nil:
			return err
		}
		return next(c, v)
	}
}

// only lets in who has one of the roles and a password of their own.
func (con *console) only(next page, roles ...string) echo.HandlerFunc {
	return con.anyone(func(c echo.Context, v viewer) error {
		switch {
		case v.MustChange:
			return c.Redirect(http.StatusSeeOther, "/console/password")
		case !v.has(roles...):
			return survey.Fail(survey.Forbidden, "error.console.role", survey.Args{"roles": roleNames(roles)})
		}
		return next(c, v)
	})
}
