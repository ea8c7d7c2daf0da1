package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// frontPage is the page at the root of the site: two ways on.
type frontPage struct{ frame }

// front knows nobody: cookies of the console do not travel here.
func (con *console) front(c echo.Context) error {
	lang := con.lang(c.Request())
	protect(c.Response().Header())
	con.render(c.Response(), lang, http.StatusOK, "front", frontPage{con.frame(lang, "front.title", nil, "")})
	return nil
}
