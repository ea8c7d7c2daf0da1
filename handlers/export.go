package handlers

import (
	"bytes"
	"fmt"
	"net/http"

	"attune/analytics"
	"attune/survey"

	"github.com/labstack/echo/v4"
)

// allWaves is the choice of every released wave in one file.
const allWaves = "all"

// exportRequest is what the form asks for.
type exportRequest struct{ Wave, Format string }

// exportPage offers the download and explains what is in it.
type exportPage struct {
	frame
	Waves []exportWave
}

type exportWave struct{ ID, Name string }

func (con *console) exportPage(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	releases, err := con.archive.Releases(c.Request().Context())
	if err != nil {
		return err
	}
	p := exportPage{frame: con.frame(lang, "console.export.title", &v, "/console/export")}
	for i := len(releases) - 1; i >= 0; i-- {
		p.Waves = append(p.Waves, exportWave{string(releases[i].Wave()), con.in(lang).wave(releases[i].Wave())})
	}
	con.render(c.Response(), lang, http.StatusOK, "export", p)
	return nil
}

func (con *console) exportDownload(c echo.Context, v viewer) error {
	r := c.Request()
	in := exportRequest{Wave: c.QueryParam("wave"), Format: c.QueryParam("format")}
	kind, ok := exportKind(in.Format)
	if !ok {
		return survey.Fail(survey.Invalid, "error.console.format", nil)
	}
	releases, err := con.archive.Releases(r.Context())
	if err != nil {
		return err
	}
	chosen := choose(releases, in.Wave)
	if len(chosen) == 0 {
		return survey.Fail(survey.NotFound, "error.console.export_wave", nil)
	}
	name := allWaves
	if in.Wave != allWaves {
		name = string(chosen[0].Wave())
	}
	lang := con.lang(r)
	var body bytes.Buffer
	text := func(key string, args map[string]any) string { return con.site.Text(lang, key, args) }
	if err := analytics.Export(&body, in.Format, chosen, text); err != nil {
		return fmt.Errorf("export of wave %s: %w", name, err)
	}
	if err := con.noted(c, v, survey.DidExported, name, survey.Args{"format": in.Format}); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "attune-"+name+"."+in.Format))
	return c.Blob(http.StatusOK, kind, body.Bytes())
}

// exportKind is the media type of a format; ok is false for others than those
// offered.
func exportKind(format string) (kind string, ok bool) {
	switch format {
	case "csv":
		return "text/csv; charset=utf-8", true
	case "json":
		return "application/json", true
	case "xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true
	}
	return "", false
}

// choose finds the release of a wave, or all of them.
func choose(releases []*analytics.Release, wave string) []*analytics.Release {
	if wave == allWaves {
		return releases
	}
	for _, r := range releases {
		if string(r.Wave()) == wave {
			return []*analytics.Release{r}
		}
	}
	return nil
}
