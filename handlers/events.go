package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"attune/survey"

	"github.com/labstack/echo/v4"
)

// events is all that pages may do with what happened to units.
type events interface {
	Events(ctx context.Context, units []survey.UnitID) ([]survey.Event, error)
	AddEvent(ctx context.Context, e survey.Event) (string, error)
	RemoveEvent(ctx context.Context, unit survey.UnitID, id string) (survey.Event, error)
}

// eventsPage lists what happened to a unit, the newest first, with a form for
// whoever may write it down.
type eventsPage struct {
	frame
	Unit    string
	Path    string // of the unit's page
	Figures bool   // the viewer may open it
	Events  []eventLine
	Sort    []head
	Write   bool // the viewer may add and remove
	Kinds   []choice
	Form    survey.Event // what was typed
	Today   string
	From    string
	Most    int // characters of a name
	Error   string
	Removed *removed   // just now; it can be brought back
	Added   *eventLine // the same, and can be taken back
	Undo    *undo
}

// eventLine is one event in words.
type eventLine struct {
	ID, Day, Kind, Title string
	Date                 string // of Day, for the order
	Above                string // the unit above that it belongs to; empty for the page's own
	Anew                 bool
	Changes              []string // a sentence for each scale: before it and after it
	Uncompared           string   // scales with too few waves on a side, in one sentence
	Few                  []string // all of them, where the sentence has not room for them
}

// removed is an event that was just removed, for the form that brings it back.
type removed struct {
	survey.Event
	Line eventLine
}

// choice is one option of a list.
type choice struct {
	Value, Name string
	Chosen      bool
}

func (con *console) eventsPage(c echo.Context, v viewer) error {
	return con.renderEvents(c, v, http.StatusOK, nil, survey.Event{Day: con.today()}, nil)
}

// addEvent is the form for a new event, and the button that brings one back.
func (con *console) addEvent(c echo.Context, v viewer) error {
	r := c.Request()
	e := survey.Event{
		Unit: survey.UnitID(c.Param("unit")), Kind: survey.EventKind(r.PostFormValue("kind")), Day: r.PostFormValue("day"),
		Title: strings.TrimSpace(r.PostFormValue("title")), Anew: r.PostFormValue("anew") != "", By: v.Email,
	}
	if _, _, err := con.eventUnit(r.Context(), v, e.Unit); err != nil {
		return err
	}
	id, err := "", e.Check(con.today())
	if err == nil {
		id, err = con.events.AddEvent(r.Context(), e)
	}
	if known, ok := asSurveyError(err); ok {
		return con.renderEvents(c, v, statusOf(known.Code), known, e, nil)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, eventsPath(e.Unit)+"?done="+url.QueryEscape(id))
}

// removeEvent answers with the list and a button that brings the event back.
func (con *console) removeEvent(c echo.Context, v viewer) error {
	r := c.Request()
	unit := survey.UnitID(c.Param("unit"))
	if _, _, err := con.eventUnit(r.Context(), v, unit); err != nil {
		return err
	}
	gone, err := con.events.RemoveEvent(r.Context(), unit, r.PostFormValue("event"))
	if err != nil {
		return err
	}
	return con.renderEvents(c, v, http.StatusOK, nil, survey.Event{Day: con.today()}, &gone)
}

func eventsPath(unit survey.UnitID) string {
	return "/console/teams/" + url.PathEscape(string(unit)) + "/events"
}

// today is the organisation's date, YYYY-MM-DD.
func (con *console) today() string { return con.now().In(con.zone).Format(time.DateOnly) }

// eventUnit finds a unit of the viewer's part as it stands in the latest
// release, with the units above it.
func (con *console) eventUnit(ctx context.Context, v viewer, unit survey.UnitID) (survey.Tree, []survey.UnitID, error) {
	releases, err := con.archive.Releases(ctx)
	if err != nil {
		return survey.Tree{}, nil, err
	}
	mine, err := v.seen(releases, unit)
	if err != nil {
		return survey.Tree{}, nil, err
	}
	tree := mine[len(mine)-1].Tree()
	return tree, append([]survey.UnitID{unit}, tree.Ancestors(unit)...), nil
}

func (con *console) renderEvents(c echo.Context, v viewer, status int, fault *survey.Error, form survey.Event, gone *survey.Event) error {
	r := c.Request()
	lang := con.lang(r)
	s := con.in(lang)
	unit := survey.UnitID(c.Param("unit"))
	tree, line, err := con.eventUnit(r.Context(), v, unit)
	if err != nil {
		return err
	}
	var scales []scaleOver
	figures := v.forFigures().sees(tree, unit)
	if figures {
		if scales, err = s.scalesOver(r.Context(), v.forFigures(), unit); err != nil {
			return err
		}
	}
	events, err := con.events.Events(r.Context(), line)
	if err != nil {
		return err
	}
	p := eventsPage{
		frame: con.frame(lang, "event.title", &v, eventsPath(unit)), Unit: s.unitID(tree, unit), Path: "/console/teams/" + string(unit), Figures: figures,
		Write: v.has(admin, manager), Form: form, Today: con.today(), From: survey.EarliestEvent, Most: survey.MaxEventTitle,
	}
	p.Title = p.Unit + " – " + p.Title
	for i := len(events) - 1; i >= 0; i-- {
		l := s.event(tree, unit, events[i])
		if figures {
			l.Changes, l.Uncompared, l.Few = s.changes(scales, events[i].Day)
		}
		if l.ID == c.QueryParam("done") && l.Above == "" && p.Write {
			p.Added, p.Undo = &l, s.undo(eventsPath(unit)+"/remove", "event", l.ID)
		}
		p.Events = append(p.Events, l)
	}
	p.Sort = inOrder(s, c, p.frame, "events", p.Events,
		byDate("day", "feel.by.day", func(e eventLine) string { return e.Date }),
		byName("kind", "feel.by.kind", func(e eventLine) string { return e.Kind })).of("day", "kind")
	for _, kind := range survey.EventKinds() {
		p.Kinds = append(p.Kinds, choice{string(kind), s.say("event.kind."+string(kind), nil), kind == form.Kind})
	}
	if fault != nil {
		p.Error = con.site.Text(lang, fault.Key, fault.Args)
	}
	if gone != nil {
		p.Removed = &removed{*gone, s.event(tree, unit, *gone)}
	}
	con.render(c.Response(), lang, status, "events", p)
	return nil
}

// event writes an event for the page of a unit.
func (s speech) event(tree survey.Tree, unit survey.UnitID, e survey.Event) eventLine {
	l := eventLine{ID: e.ID, Day: s.date(e.Day), Date: e.Day, Kind: s.say("event.kind."+string(e.Kind), nil), Title: e.Title, Anew: e.Anew}
	if e.Unit != unit {
		l.Above = s.unitID(tree, e.Unit)
	}
	return l
}
