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

const exportJobPath = "/console/export/job"

// soon is how long a page waits for a file before it shows how far it is.
const soon = time.Second

// exportJobPage is how far a file is, or what has become of it.
type exportJobPage struct {
	frame
	Said    string
	Running bool
	Ready   bool
	Percent int
	Busy    string
}

// chosenReleases are the releases that a form asks for, in a format that there
// is.
func (con *console) chosenReleases(c echo.Context, in exportRequest) ([]*analytics.Release, error) {
	if analytics.MediaType(in.Format) == "" {
		return nil, survey.Fail(survey.Invalid, "error.console.format", nil)
	}
	releases, err := con.archive.Releases(c.Request().Context())
	if err != nil {
		return nil, err
	}
	chosen := choose(releases, in.Wave)
	if len(chosen) == 0 {
		return nil, survey.Fail(survey.NotFound, "error.console.export_wave", nil)
	}
	return chosen, nil
}

// makeExport makes a file. One that is there at once is given out at once; of
// one that takes longer a page shows how far it is.
func (con *console) makeExport(c echo.Context, v viewer) error {
	r := c.Request()
	in := exportRequest{Wave: r.PostFormValue("wave"), Format: r.PostFormValue("format")}
	chosen, err := con.chosenReleases(c, in)
	if err != nil {
		return err
	}
	words := con.wording(con.lang(r))
	over, err := con.jobs.start(in, v.Email, func(step func(done, of int) error) (madeFile, error) {
		words.Step = step
		var body bytes.Buffer
		err := analytics.Export(&body, in.Format, chosen, words)
		return madeFile{analytics.FileName(chosen, in.Format), analytics.MediaType(in.Format), body.Bytes()}, err
	})
	if survey.IsKey(err, "error.job.busy") {
		return c.Redirect(http.StatusSeeOther, exportJobPath+"?busy=1")
	}
	if err != nil {
		return err
	}
	wait := time.NewTimer(soon)
	defer wait.Stop()
	select {
	case <-over:
		if s, ok := con.jobs.state(); ok && s.File != nil && s.What == in && s.By == v.Email {
			return con.giveOut(c, v, s)
		}
	case <-wait.C:
	case <-r.Context().Done():
	}
	return c.Redirect(http.StatusSeeOther, exportJobPath)
}

// giveOut sends a file, after writing down that it was taken.
func (con *console) giveOut(c echo.Context, v viewer, s jobState) error {
	if err := con.noted(c, v, survey.DidExported, s.What.Wave, survey.Args{"format": s.What.Format}); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", s.File.Name))
	return c.Blob(http.StatusOK, s.File.Media, s.File.Body)
}

// ownJob is the job that a user began; of somebody else's it only says that it
// runs.
func (con *console) ownJob(v viewer) (s jobState, own bool) {
	s, ok := con.jobs.state()
	return s, ok && s.By == v.Email
}

func (con *console) exportJob(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	p := exportJobPage{frame: con.frame(lang, "job.title", &v, "/console/export")}
	state, own := con.ownJob(v)
	switch {
	case state.Running && !own:
		p.Busy = s.say("error.job.busy", nil)
		p.Said = s.say("job.none", nil)
	case !own:
		p.Said = s.say("job.none", nil)
	default:
		if c.QueryParam("busy") != "" && state.Running {
			p.Busy = s.say("error.job.busy", nil)
		}
		p.Said, p.Percent = s.howFar(state)
		p.Running, p.Ready = state.Running, state.File != nil
		if state.Err != nil && !state.Cancelled {
			con.log.Error("a file could not be made", "error", state.Err)
		}
	}
	if p.Running {
		p.Refresh, p.Scripts = 2, []string{"job.js"}
	}
	con.render(c.Response(), lang, http.StatusOK, "export-job", p)
	return nil
}

// howFar says in words how far a file is. The last part of the way, in which a
// file is packed, has no lines to count.
func (s speech) howFar(state jobState) (said string, percent int) {
	args := survey.Args{"format": s.say("export.format."+state.What.Format, nil), "wave": s.say("console.export.all", nil), "done": state.Done, "of": state.Of}
	if state.What.Wave != allWaves {
		args["wave"] = s.wave(survey.WaveID(state.What.Wave))
	}
	switch {
	case state.Running && state.Of == 0:
		return s.say("job.begins", args), 0
	case state.Running && state.Done >= state.Of:
		return s.say("job.packs", args), 90
	case state.Running:
		return s.say("job.runs", args), 90 * state.Done / state.Of
	case state.Cancelled:
		return s.say("job.cancelled", args), 0
	case state.Err != nil:
		return s.say("job.failed", args), 0
	}
	return s.say("job.ready", args), 100
}

// exportProgress is what the page asks for while it is open.
func (con *console) exportProgress(c echo.Context, v viewer) error {
	state, own := con.ownJob(v)
	if !own {
		return c.JSON(http.StatusOK, map[string]any{"running": false})
	}
	said, percent := con.in(con.lang(c.Request())).howFar(state)
	return c.JSON(http.StatusOK, map[string]any{"running": state.Running, "said": said, "percent": percent})
}

func (con *console) exportFile(c echo.Context, v viewer) error {
	state, own := con.ownJob(v)
	if !own || state.File == nil {
		return survey.Fail(survey.NotFound, "error.job.gone", nil)
	}
	return con.giveOut(c, v, state)
}

func (con *console) cancelExport(c echo.Context, v viewer) error {
	if _, own := con.ownJob(v); own {
		con.jobs.stop()
	}
	return c.Redirect(http.StatusSeeOther, exportJobPath)
}
