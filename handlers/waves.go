package handlers

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// wavesPage lists all waves, the newest first.
type wavesPage struct {
	frame
	Waves []waveRow
	Sort  []head
	Demo  bool
	Moved string // said after the demonstration's clock moved
}

type waveRow struct {
	Name, Opens, Closes string
	Key                 string // of Opens, for the order
	State               string
	Final               bool
	Next                string // what happens next
	Words               []string
	Promise             string // path of what was promised; empty before the announcement
	Poster              string // path of the poster; empty for a wave that has ended
}

func (con *console) wavesPage(c echo.Context, v viewer) error {
	lang := con.lang(c.Request())
	s := con.in(lang)
	all, err := con.waves.Waves(c.Request().Context())
	if err != nil {
		return err
	}
	records, err := con.records(c)
	if err != nil {
		return err
	}
	p := wavesPage{frame: con.frame(lang, "console.waves.title", &v, "/console/waves"), Demo: con.demo != nil}
	for i := len(all) - 1; i >= 0; i-- {
		p.Waves = append(p.Waves, s.waveRow(all[i], records))
	}
	p.Sort = inOrder(s, c, p.frame, "waves", p.Waves,
		byName("name", "feel.by.name", func(w waveRow) string { return w.Name }),
		byDate("opens", "feel.by.opens", func(w waveRow) string { return w.Key })).of("name", "opens")
	if con.demo != nil {
		p.Moved = s.say("console.demo.now", survey.Args{"date": s.day(con.now())})
	}
	con.render(c.Response(), lang, http.StatusOK, "waves", p)
	return nil
}

func (s speech) waveRow(w survey.Wave, records []survey.Record) waveRow {
	row := waveRow{
		Name: s.wave(w.ID), Opens: s.day(w.Opens), Closes: s.day(w.Closes), Key: w.Opens.In(s.con.zone).Format(time.DateTime),
		State: s.say("console.state."+string(w.State), nil), Final: w.State.Final(),
		Next: s.say("console.next."+string(w.State), survey.Args{
			"opens": s.day(w.Opens), "closes": s.day(w.Closes), "results": s.date(w.ResultsOn), "owner": w.Owner,
			"destroyed": s.day(w.Closes.AddDate(0, 0, survey.ReleaseWithinDays)),
		}),
	}
	i := slices.IndexFunc(records, func(r survey.Record) bool { return r.Wave == w.ID && r.Manifest != nil })
	if i < 0 {
		return row
	}
	row.Promise = "/log/" + string(w.ID)
	if e, ok := records[i].Entry(survey.ManifestEntry); ok {
		row.Words, _ = survey.Fingerprint(e.SHA256) // a hash that is none has no words, and the log page says so
	}
	if !w.State.Final() {
		row.Poster = "/console/waves/" + string(w.ID) + "/poster"
	}
	return row
}

// advance moves a demonstration's clock. A real installation has no such
// route.
func (con *console) advance(c echo.Context, _ viewer) error {
	to := c.Request().PostFormValue("to")
	if !advances(to) {
		return survey.Fail(survey.Invalid, "error.console.advance", nil)
	}
	if err := con.demo.Advance(c.Request().Context(), to); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/console/waves")
}

// mostAdvance bounds how far one step may move the clock.
const mostAdvance = 366 * 24 * time.Hour

func advances(to string) bool {
	switch to {
	case "open", "close", "release":
		return true
	}
	d, err := time.ParseDuration(strings.TrimPrefix(to, "+"))
	return err == nil && strings.HasPrefix(to, "+") && d > 0 && d <= mostAdvance
}
