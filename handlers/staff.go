package handlers

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// staffFrame is what stands around a page for everybody who works here.
type staffFrame struct {
	Kind         string // of page, for its style
	Title        string // of the window: says little, because others see it
	Organisation string
	Brand        brand
	Languages    []languageLink
	Script       string // URL path of the page's script, if it has one
}

type languageLink struct {
	Code, Name, Href string
	Current          bool
}

// staffLang is the language asked for with ?lang=, else the browser's, else
// the organisation's: no cookie is read here.
func (con *console) staffLang(r *http.Request) string {
	return con.spoken().Pick(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
}

func (con *console) staffFrame(lang, kind, titleKey string) staffFrame {
	f := staffFrame{Kind: kind, Title: con.site.Text(lang, titleKey, nil), Brand: con.brand()}
	for _, code := range con.spoken().Languages {
		f.Languages = append(f.Languages, languageLink{
			Code: code, Name: con.site.Text(code, "phone.language", nil), Href: "?lang=" + code, Current: code == lang,
		})
	}
	return f
}

// missingPage says why there is nothing and what to do.
type missingPage struct {
	staffFrame
	Heading   string
	Sentences []string
}

// staffOnly sets the headers of pages for everybody who works here, and turns
// every fault into a page. Nothing about a request is written down: whoever
// opens results does so unseen.
func (con *console) staffOnly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		h := c.Response().Header()
		protect(h)
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Vary", "Accept-Language")
		defer func() {
			if fault := recover(); fault != nil {
				err = con.staffFault(c, http.StatusInternalServerError)
			}
		}()
		err = next(c)
		var known *survey.Error
		switch {
		case err == nil:
			return nil
		case errors.As(err, &known) && known.Code == survey.NotFound && known.Key == "error.staff.wave":
			return con.staffMissing(c, "promise.missing.h1", "promise.missing", "promise.missing.planned")
		default:
			return con.staffFault(c, http.StatusServiceUnavailable)
		}
	}
}

func (con *console) staffFault(c echo.Context, status int) error {
	lang := con.staffLang(c.Request())
	return con.renderStaff(c, lang, status, "missing", missingPage{
		staffFrame: con.staffFrame(lang, "promise", "error.title"),
		Heading:    con.site.Text(lang, "error.title", nil),
		Sentences:  []string{con.site.Text(lang, "results.fault", nil)},
	})
}

// staffMissing is the answer where there is nothing; it is the same whatever
// was asked for.
func (con *console) staffMissing(c echo.Context, heading string, sentences ...string) error {
	lang := con.staffLang(c.Request())
	page := missingPage{staffFrame: con.staffFrame(lang, "promise", heading), Heading: con.site.Text(lang, heading, nil)}
	for _, key := range sentences {
		page.Sentences = append(page.Sentences, con.site.Text(lang, key, nil))
	}
	return con.renderStaff(c, lang, http.StatusNotFound, "missing", page)
}

func (con *console) renderStaff(c echo.Context, lang string, status int, page string, data any) error {
	var body bytes.Buffer
	if err := con.staff.Render(&body, lang, page, data); err != nil {
		return fmt.Errorf("page %s: %w", page, err)
	}
	c.Response().Header().Set("Content-Language", lang)
	return c.HTMLBlob(status, body.Bytes())
}
