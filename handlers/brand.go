package handlers

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"attune/static"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// brands is all that pages do with how the organisation looks.
type brands interface {
	Branding() survey.Branding
	Rebrand(ctx context.Context, change func(*survey.Branding) error) error
	UndoBranding(ctx context.Context, mark string) error
}

// spoken is which languages the organisation speaks now.
func (con *console) spoken() static.Spoken {
	b := con.brands.Branding()
	return con.site.Spoken(b.Offered(con.now()), cmp.Or(b.Language, con.language))
}

// brand is what pages show of the organisation beside its name. It is the same
// for everybody.
type brand struct {
	Sheet         string // path of the style sheet with its colour; empty: Attune's own
	Logo          string // path of its logo; empty: none
	Width, Height int    // of the logo, pixels
}

// hashDigits is how much of its hash stands in a file's address, as in those
// of static files.
const hashDigits = 12

func (con *console) brand() brand {
	b := con.brands.Branding()
	look := brand{Width: b.Logo.Width, Height: b.Logo.Height}
	if sheet := con.accent(b.Accent); sheet != nil {
		look.Sheet = "/brand/" + sheet.sha256[:hashDigits] + "/accent.css"
	}
	if b.Logo.SHA256 != "" {
		look.Logo = "/brand/" + b.Logo.SHA256[:hashDigits] + "/logo.png"
	}
	return look
}

// accentSheet is the style sheet of a colour.
type accentSheet struct {
	colour, sha256 string
	body           []byte
}

// accent makes the style sheet of the organisation's colour, once; nil where it
// has none, or one that this program would not take any more.
func (con *console) accent(colour string) *accentSheet {
	if colour == "" {
		return nil
	}
	if made := con.sheet.Load(); made != nil && made.colour == colour {
		return made
	}
	c, ok := static.ParseColour(colour)
	accent, err := static.NewAccent(c)
	if !ok || err != nil {
		return nil
	}
	body := accent.Sheet()
	made := &accentSheet{colour: colour, sha256: survey.SHA256Hex(body), body: body}
	con.sheet.Store(made)
	return made
}

func (con *console) accentFile(c echo.Context) error {
	sheet := con.accent(con.brands.Branding().Accent)
	if sheet == nil {
		http.NotFound(c.Response(), c.Request())
		return nil
	}
	return brandFile(c, "text/css; charset=utf-8", sheet.sha256, sheet.body)
}

func (con *console) logoFile(c echo.Context) error {
	logo := con.brands.Branding().Logo
	if len(logo.PNG) == 0 {
		http.NotFound(c.Response(), c.Request())
		return nil
	}
	return brandFile(c, "image/png", logo.SHA256, logo.PNG)
}

// brandFile serves a file of the branding. A browser may keep what stands at
// the address of its content for good; at the address of an earlier content it
// gets the one there is now, and has to ask again. Nothing is noted of who asks.
func brandFile(c echo.Context, kind, sha256 string, body []byte) error {
	h, r := c.Response().Header(), c.Request()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	if c.Param("hash") == sha256[:hashDigits] {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	tag := `"` + sha256[:2*hashDigits] + `"`
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	return c.Blob(http.StatusOK, kind, body)
}
