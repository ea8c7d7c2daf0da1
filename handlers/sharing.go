package handlers

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// promiseCard is the promise of one wave on the plan: where it stands, and the
// forms that keep it.
type promiseCard struct {
	promise
	ID, Name string // of the wave
	Owner    string
	Kept     string   // in words
	Heard    []string // which parts have heard, where not all of it has
	Part     string   // the unit that the form is for; empty: nothing can be written here
	Late     bool
	From     string // the first day that can be chosen
	Today    string
	Day      string // on which it was shared
	Note     string // the page of "you said, we did"
	Undo     bool   // what was shared was written down for this part
	OfUnit   bool   // it stands on the plan of one unit, which its forms come back to
}

// promiseCards are the promises of waves, the latest first: of the viewer's
// part, or of one unit.
func (s speech) promiseCards(ctx context.Context, v viewer, tree survey.Tree, unit survey.UnitID) ([]promiseCard, error) {
	promises, err := s.promisesOf(ctx, v, tree, unit)
	if err != nil {
		return nil, err
	}
	shared, err := s.con.plans.Sharings(ctx)
	if err != nil {
		return nil, err
	}
	cards := make([]promiseCard, 0, len(promises))
	for _, p := range promises {
		card := promiseCard{
			promise: p, ID: string(p.wave.ID), Name: s.wave(p.wave.ID), Owner: p.wave.Owner, Late: p.State == survey.PromiseLate,
			From: s.closed(p.wave), Today: s.con.today(), OfUnit: unit != "",
		}
		if p.State == survey.PromiseKept {
			card.Kept = s.say("share.kept", survey.Args{"day": s.date(p.Shared.Day), "unit": s.path(tree, p.Shared.Unit), "who": who(p.Shared.By)})
			card.Day = p.Shared.Day
			card.Undo = p.Shared.Unit == p.part && v.edits(tree, p.part)
		}
		for _, sh := range shared {
			if sh.Wave == p.wave.ID && sh.Unit != p.part && tree.Within(sh.Unit, p.part) && p.State != survey.PromiseKept {
				card.Heard = append(card.Heard, s.say("share.kept", survey.Args{"day": s.date(sh.Day), "unit": s.path(tree, sh.Unit), "who": who(sh.By)}))
			}
		}
		if p.wave.State == survey.Released {
			if v.edits(tree, p.part) {
				card.Part = string(p.part)
			}
			card.Note = notePath(p.part, p.wave.ID)
		}
		cards = append(cards, card)
	}
	return cards, nil
}

// closed is the day on which a wave closed, in the organisation's zone.
func (s speech) closed(w survey.Wave) string { return w.Closes.In(s.con.zone).Format(time.DateOnly) }

// shareResults writes down that results were shared, or takes it back, and
// returns to the plan.
func (con *console) shareResults(c echo.Context, v viewer) error {
	r := c.Request()
	ctx := r.Context()
	sharing := survey.Sharing{Wave: survey.WaveID(r.PostFormValue("wave")), Unit: survey.UnitID(r.PostFormValue("unit")), Day: r.PostFormValue("day"), By: v.Email}
	tree, err := con.planTree(ctx)
	if err != nil {
		return err
	}
	if !v.edits(tree, sharing.Unit) {
		return survey.Fail(survey.Forbidden, "error.action.part", nil)
	}
	w, err := con.promised(ctx, tree, sharing.Unit, sharing.Wave)
	if err != nil {
		return err
	}
	done := "shared"
	if r.PostFormValue("undo") != "" {
		done = "unshared"
		err = con.plans.UnshareResults(ctx, sharing.Wave, sharing.Unit)
	} else if err = sharing.Check(w.Closes.In(con.zone).Format(time.DateOnly), con.today()); err == nil {
		err = con.plans.ShareResults(ctx, sharing)
	}
	if err != nil {
		return err
	}
	path, kept := actionsPath, url.Values{"done": {done}, "wave": {string(sharing.Wave)}, "part": {string(sharing.Unit)}, "day": {r.PostFormValue("day")}}
	if r.PostFormValue("from") == "unit" {
		path = unitActionsPath(sharing.Unit)
	}
	return c.Redirect(http.StatusSeeOther, path+"?"+kept.Encode()+"#wave-"+url.PathEscape(string(sharing.Wave)))
}

// reshared takes back what was just done to a promise, which the address has.
func (s speech) reshared(c echo.Context, done string, unit survey.UnitID) *undo {
	fields := []string{"wave", c.QueryParam("wave"), "unit", c.QueryParam("part"), "day", c.QueryParam("day")}
	if unit != "" {
		fields = append(fields, "from", "unit")
	}
	switch {
	case c.QueryParam("part") == "" || c.QueryParam("day") == "":
		return nil
	case done == "shared":
		fields = append(fields, "undo", "1")
	case done != "unshared":
		return nil
	}
	return s.undo(actionsPath+"/shared", fields...)
}

// promised finds a wave that asked a unit. It fails with NotFound when no wave
// with this id did.
func (con *console) promised(ctx context.Context, tree survey.Tree, unit survey.UnitID, id survey.WaveID) (survey.Wave, error) {
	waves, err := con.waves.Waves(ctx)
	if err != nil {
		return survey.Wave{}, err
	}
	for _, w := range waves {
		if _, ok := survey.PartOf(tree, w.Scope, unit); ok && w.ID == id {
			return w, nil
		}
	}
	return survey.Wave{}, survey.Fail(survey.NotFound, "error.share.wave", nil)
}
