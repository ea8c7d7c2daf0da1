package handlers

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// maxLogoForm bounds an uploaded logo with the form around it, in bytes.
const maxLogoForm = survey.MaxLogoBytes + 64<<10

// refuseBranding shows the page again with what was wrong with one of its
// forms.
func (con *console) refuseBranding(c echo.Context, v viewer, form string, err error, p brandingPage) error {
	known, ok := asSurveyError(err)
	if !ok {
		return err
	}
	p.Faults = map[string]string{form: con.in(con.lang(c.Request())).fault(known)}
	return con.renderBranding(c, v, statusOf(known.Code), p)
}

// saveName renames the organisation's own unit, or takes that back.
func (con *console) saveName(c echo.Context, v viewer) error {
	ctx := c.Request().Context()
	name := strings.Join(strings.Fields(c.FormValue("name")), " ")
	units, err := con.organisers.Units(ctx)
	if err != nil {
		return err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return err
	}
	root := tree.Root()
	if err := con.organisers.RenameUnit(noting(c, v, survey.DidUnitRenamed, root.Name, survey.Args{"to": name}), root.ID, name); err != nil {
		return con.refuseBranding(c, v, "name", err, brandingPage{Name: name})
	}
	v.Organisation = name
	said := con.in(con.lang(c.Request())).say("branding.did.name", survey.Args{"was": root.Name})
	return con.renderBranding(c, v, http.StatusOK, brandingPage{Done: said, Before: root.Name})
}

// saveAccent keeps a colour that can be read wherever it is used, or goes back
// to Attune's own. One that cannot is refused with its nearest shade.
func (con *console) saveAccent(c echo.Context, v viewer) error {
	colour, did := "", "colour_own"
	if c.FormValue("do") != "own" {
		typed := typedAccent(c.Request())
		_, read, fault := readAccent(typed)
		if fault != nil {
			return con.renderBranding(c, v, statusOf(fault.Code), brandingPage{Accent: accentView{Typed: typed, Tried: true}})
		}
		colour, did = read, "colour"
	}
	err := con.brands.Rebrand(noting(c, v, survey.DidAccent, "", nil), func(b *survey.Branding) error {
		b.Accent = colour
		return nil
	})
	if err != nil {
		return err
	}
	return con.branded(c, did)
}

// saveLogo draws an uploaded picture anew and keeps that.
func (con *console) saveLogo(c echo.Context, v viewer) error {
	raw, err := sentLogo(c)
	if err != nil {
		return con.refuseBranding(c, v, "logo", err, brandingPage{})
	}
	logo, err := survey.ReadLogo(raw)
	if err != nil {
		return con.refuseBranding(c, v, "logo", err, brandingPage{})
	}
	err = con.brands.Rebrand(noting(c, v, survey.DidLogo, "", nil), func(b *survey.Branding) error {
		b.Logo = logo
		return nil
	})
	if err != nil {
		return err
	}
	return con.branded(c, "logo")
}

// sentLogo reads the file of the form. Nothing of it is read before somebody
// who may send it has signed in.
func sentLogo(c echo.Context) ([]byte, error) {
	r := c.Request()
	r.Body = http.MaxBytesReader(c.Response(), r.Body, maxLogoForm)
	if err := r.ParseMultipartForm(maxLogoForm); err != nil {
		if errors.As(err, new(*http.MaxBytesError)) {
			return nil, survey.Fail(survey.Invalid, "error.logo.big", survey.Args{"mib": survey.MaxLogoBytes >> 20})
		}
		return nil, survey.Fail(survey.Invalid, "error.console.form", nil)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }() // all of it is in memory
	file, _, err := r.FormFile("file")
	if err != nil {
		return nil, survey.Fail(survey.Invalid, "error.logo.none", nil)
	}
	defer func() { _ = file.Close() }() // only read
	raw, err := io.ReadAll(file)
	if err != nil || len(raw) == 0 {
		return nil, survey.Fail(survey.Invalid, "error.logo.none", nil)
	}
	return raw, nil
}

func (con *console) removeLogo(c echo.Context, v viewer) error {
	err := con.brands.Rebrand(noting(c, v, survey.DidLogo, "", nil), func(b *survey.Branding) error {
		b.Logo = survey.Logo{}
		return nil
	})
	if err != nil {
		return err
	}
	return con.branded(c, "logo_gone")
}

// saveLanguages chooses which languages the organisation offers. What people
// were told of in a language stays in it until it is over.
func (con *console) saveLanguages(c echo.Context, v viewer) error {
	waves, err := con.waves.Waves(c.Request().Context())
	if err != nil {
		return err
	}
	form := c.Request().PostForm
	err = con.brands.Rebrand(noting(c, v, survey.DidLanguages, "", nil), func(b *survey.Branding) error {
		next, err := b.Speak(con.site.Languages(), form["offered"], form.Get("standard"), waves, con.zone, con.now())
		if err == nil {
			*b = next
		}
		return err
	})
	if err != nil {
		return con.refuseBranding(c, v, "languages", err, brandingPage{})
	}
	return con.branded(c, "languages")
}

// undoBranding takes the last change of colour, logo or languages back.
func (con *console) undoBranding(c echo.Context, v viewer) error {
	if err := con.brands.UndoBranding(noting(c, v, survey.DidBrandingUndone, "", nil), c.FormValue("mark")); err != nil {
		return con.refuseBranding(c, v, "undo", err, brandingPage{})
	}
	return con.branded(c, "undone")
}
