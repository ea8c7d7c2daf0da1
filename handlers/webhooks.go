package handlers

import (
	"context"
	"net/http"
	"slices"
	"time"

	"attune/survey"
	"attune/survey/store"

	"github.com/labstack/echo/v4"
)

// webhooks is all that pages may do with the addresses that are told of waves.
type webhooks interface {
	Webhooks(ctx context.Context) ([]store.Webhook, error)
	AddWebhook(ctx context.Context, w store.Webhook) (string, error)
	RemoveWebhook(ctx context.Context, id string) error
	Deliveries(ctx context.Context, webhook string, limit int) ([]store.Delivery, error)
}

// Hooks makes webhooks and tries them out. Pages may not import the package
// that sends: it also knows mail.
type Hooks interface {
	// New checks a public address and makes the secret that is shown once.
	New(address string) (secret string, w store.Webhook, err error)
	// Test sends one message about no wave, and gives the status of the answer.
	Test(ctx context.Context, to store.Webhook) (status int, err error)
}

// deliveriesShown is how many deliveries of a webhook the page lists.
const deliveriesShown = 10

// hookPart is the part of the page that administrators have.
type hookPart struct {
	Any      bool // webhooks can be added here
	Lines    []hookLine
	Sort     []head
	SortSent heads  // of their deliveries
	URL      string // what was typed
	Error    string
	Said     string // what was just done
	Secret   string // of a new webhook, shown this once
	For      string // its host
	Back     *undo  // takes it back
}

type hookLine struct {
	ID, Host, Since string
	Day             string // of Since, for the order
	Private         bool
	Deliveries      []deliveryLine
}

type deliveryLine struct{ ID, Wave, Event, Noticed, State, Status string }

// sorted puts webhooks, and what was sent to each, in the order that the
// address asks for.
func (p *hookPart) sorted(s speech, c echo.Context, f frame) {
	p.Sort = inOrder(s, c, f, "webhooks", p.Lines,
		byName("host", "feel.by.name", func(l hookLine) string { return l.Host }),
		byDate("since", "feel.by.made", func(l hookLine) string { return l.Day })).of("host", "since")
	for _, l := range p.Lines {
		p.SortSent = inOrder(s, c, f, "deliveries", l.Deliveries,
			byDate("wave", "integration.hook.wave", func(d deliveryLine) string { return d.ID }),
			byDate("noticed", "integration.hook.noticed", func(d deliveryLine) string { return d.Noticed }))
	}
}

func (s speech) hookPart(ctx context.Context) (hookPart, error) {
	p := hookPart{Any: true}
	all, err := s.con.webhooks.Webhooks(ctx)
	if err != nil {
		return p, err
	}
	for _, w := range all {
		l := hookLine{ID: w.ID, Host: w.Host(), Since: s.date(w.Created), Day: w.Created, Private: w.Private}
		deliveries, err := s.con.webhooks.Deliveries(ctx, w.ID, deliveriesShown)
		if err != nil {
			return p, err
		}
		for _, d := range deliveries {
			line := deliveryLine{
				ID: string(d.Wave), Wave: s.wave(d.Wave), Event: s.say("integration.hook.event."+string(d.Event), nil),
				Noticed: d.At.In(s.con.zone).Format(time.DateTime), State: s.say("integration.hook.state."+d.State, survey.Args{"tries": d.Tries}),
			}
			if d.Status != 0 {
				line.Status = s.say("integration.hook.status", survey.Args{"status": d.Status})
			}
			l.Deliveries = append(l.Deliveries, line)
		}
		p.Lines = append(p.Lines, l)
	}
	return p, nil
}

// hooked answers with the page after something was done, or refused.
func (con *console) hooked(c echo.Context, v viewer, fault error, tell func(s speech, p *hookPart)) error {
	known, isKnown := asSurveyError(fault)
	if fault != nil && !isKnown {
		return fault
	}
	p, err := con.integrations(c, v)
	if err != nil {
		return err
	}
	lang, status := con.lang(c.Request()), http.StatusOK
	if known != nil {
		status, p.Hooks.Error = statusOf(known.Code), con.site.Text(lang, known.Key, known.Args)
		p.Hooks.URL = c.Request().PostFormValue("url")
	} else {
		tell(con.in(lang), &p.Hooks)
	}
	con.render(c.Response(), lang, status, "integrations", p)
	return nil
}

// addWebhook answers with the page and the secret in it, which is shown this
// once.
func (con *console) addWebhook(c echo.Context, v viewer) error {
	if con.hooks == nil {
		return survey.Fail(survey.NotFound, "error.console.page", nil)
	}
	secret, w, err := con.hooks.New(c.Request().PostFormValue("url"))
	if err == nil {
		w.ID, err = con.webhooks.AddWebhook(noting(c, v, survey.DidHookAdded, w.Host(), nil), w)
	}
	return con.hooked(c, v, err, func(s speech, p *hookPart) {
		p.Secret, p.For, p.Back = secret, w.Host(), s.undo(integrationsPath+"/webhooks/remove", "webhook", w.ID, "sure", "1")
	})
}

func (con *console) testWebhook(c echo.Context, v viewer) error {
	w, err := con.webhook(c)
	if err != nil {
		return err
	}
	status, err := con.hooks.Test(c.Request().Context(), w)
	return con.hooked(c, v, err, func(s speech, p *hookPart) {
		p.Said = s.say("integration.hook.tested", survey.Args{"host": w.Host(), "status": status})
	})
}

func (con *console) removeWebhook(c echo.Context, v viewer) error {
	w, err := con.webhook(c)
	if err != nil {
		return err
	}
	if err := isSure(c.Request()); err != nil {
		return err
	}
	err = con.webhooks.RemoveWebhook(noting(c, v, survey.DidHookRemoved, w.Host(), nil), w.ID)
	return con.hooked(c, v, err, func(s speech, p *hookPart) {
		p.Said = s.say("integration.hook.gone", survey.Args{"host": w.Host()})
	})
}

// webhook finds the one that a form names.
func (con *console) webhook(c echo.Context) (store.Webhook, error) {
	gone := survey.Fail(survey.NotFound, "error.webhook.gone", nil)
	if con.hooks == nil {
		return store.Webhook{}, gone
	}
	all, err := con.webhooks.Webhooks(c.Request().Context())
	if err != nil {
		return store.Webhook{}, err
	}
	at := slices.IndexFunc(all, func(w store.Webhook) bool { return w.ID == c.Request().PostFormValue("webhook") })
	if at < 0 {
		return store.Webhook{}, gone
	}
	return all[at], nil
}
