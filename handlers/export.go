package handlers

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

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
	Waves     []exportWave
	Formats   []exportFormat
	Scheduled *scheduledView // nil: there is no export folder
	Job       string         // that a file is being made, or is there; empty: neither
}

// exportFormat is one format in words.
type exportFormat struct{ ID, Name, About string }

type exportWave struct{ ID, Name string }

// ScheduledExport is what a server does that writes releases into a folder.
type ScheduledExport struct {
	Folder  string
	Formats []string
	Last    string // the file that was written last since the start; empty: none
	At      time.Time
	Fault   *survey.Error // why it cannot go on; nil: it can
	Since   time.Time     // of the fault
}

// scheduledView is the export folder in words.
type scheduledView struct {
	About, Last string
	Fault       string
}

func (s speech) scheduled(e ScheduledExport) *scheduledView {
	names := make([]string, len(e.Formats))
	for i, format := range e.Formats {
		names[i] = s.say("export.format."+format, nil)
	}
	v := &scheduledView{About: s.say("export.folder.about", survey.Args{"folder": e.Folder, "formats": s.list(names)})}
	if e.Last != "" {
		v.Last = s.say("export.folder.last", survey.Args{"file": e.Last, "at": s.moment(e.At)})
	}
	if e.Fault != nil {
		v.Fault = s.say("export.folder.fault", survey.Args{"at": s.moment(e.Since), "fault": s.say(e.Fault.Key, e.Fault.Args)})
	}
	return v
}

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
	for _, format := range analytics.Formats() {
		p.Formats = append(p.Formats, exportFormat{
			format, con.site.Text(lang, "export.format."+format, nil), con.site.Text(lang, "export.format."+format+".about", nil),
		})
	}
	if state, own := con.ownJob(v); own {
		p.Job, _ = con.in(lang).howFar(state)
	}
	if con.scheduled != nil {
		p.Scheduled = con.in(lang).scheduled(con.scheduled())
	}
	con.render(c.Response(), lang, http.StatusOK, "export", p)
	return nil
}

func (con *console) exportDownload(c echo.Context, v viewer) error {
	r := c.Request()
	in := exportRequest{Wave: c.QueryParam("wave"), Format: c.QueryParam("format")}
	chosen, err := con.chosenReleases(c, in)
	if err != nil {
		return err
	}
	name := in.Wave
	lang := con.lang(r)
	var body bytes.Buffer
	if err := analytics.Export(&body, in.Format, chosen, con.wording(lang)); err != nil {
		return fmt.Errorf("export of wave %s: %w", name, err)
	}
	if err := con.noted(c, v, survey.DidExported, name, survey.Args{"format": in.Format}); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", analytics.FileName(chosen, in.Format)))
	return c.Blob(http.StatusOK, analytics.MediaType(in.Format), body.Bytes())
}

// wording are the words of exports in a language.
func (con *console) wording(lang string) analytics.Wording {
	return analytics.Wording{
		Text:     func(key string, args map[string]any) string { return con.site.Text(lang, key, args) },
		Language: lang, Library: con.library,
	}
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
