package main

import (
	"context"
	"crypto/rand"
	"strconv"
	"time"

	"attune/survey"
	"attune/survey/notify"
	"attune/survey/store"
)

type webhookCommand struct {
	Add    webhookAdd    `cmd:"" help:"Tell an address when a wave moves on."`
	List   webhookList   `cmd:"" help:"List the webhooks, and what was sent to them."`
	Remove webhookRemove `cmd:"" help:"Tell an address nothing any more."`
	Test   webhookTest   `cmd:"" help:"Send one message about no wave, at once."`
}

type webhookAdd struct {
	URL          string `arg:"" help:"Address of the receiver: https, or http on this machine."`
	AllowPrivate bool   `help:"The address may lead into your own network, or to this machine."`
}

func (c webhookAdd) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		secret, w, err := notify.NewWebhook(rand.Reader, c.URL, c.AllowPrivate, in.now().In(in.zone))
		if err != nil {
			return err
		}
		if _, err := in.store.AddWebhook(noting(ctx, survey.DidHookAdded, w.Host(), nil), w); err != nil {
			return err
		}
		a.printf("%s is told from now on. Messages are signed with this secret, which is not shown again:\n%s\n", w.Host(), secret)
		return nil
	})
}

type webhookList struct{}

func (webhookList) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		hooks, err := in.store.Webhooks(ctx)
		if err != nil {
			return err
		}
		if len(hooks) == 0 {
			a.printf("No webhook yet. Add one: attune webhook add URL\n")
			return nil
		}
		for _, w := range hooks {
			private := ""
			if w.Private {
				private = ", may be private"
			}
			a.printf("%s (since %s%s)\n", w.URL, w.Created, private)
			deliveries, err := in.store.Deliveries(ctx, w.ID, 10)
			if err != nil {
				return err
			}
			for _, d := range deliveries {
				a.printf("  %-12s %-10s %s  %s after %s, last answer %d\n", d.Wave, d.Event, d.At.In(in.zone).Format(time.DateTime), d.State, tried(d.Tries), d.Status)
			}
		}
		return nil
	})
}

// webhook finds a webhook by its address.
func (in *installation) webhook(ctx context.Context, address string) (store.Webhook, error) {
	hooks, err := in.store.Webhooks(ctx)
	if err != nil {
		return store.Webhook{}, err
	}
	for _, w := range hooks {
		if w.URL == address {
			return w, nil
		}
	}
	return store.Webhook{}, survey.Fail(survey.NotFound, "error.webhook.gone", nil)
}

type webhookRemove struct {
	URL string `arg:"" help:"Address of the receiver, as in the list."`
}

func (c webhookRemove) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		w, err := in.webhook(ctx, c.URL)
		if err != nil {
			return err
		}
		if err := in.store.RemoveWebhook(noting(ctx, survey.DidHookRemoved, w.Host(), nil), w.ID); err != nil {
			return err
		}
		a.printf("Nothing is sent to %s any more.\n", w.Host())
		return nil
	})
}

type webhookTest struct {
	URL string `arg:"" help:"Address of the receiver, as in the list."`
}

func (c webhookTest) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		w, err := in.webhook(ctx, c.URL)
		if err != nil {
			return err
		}
		status, err := in.hooks.Test(ctx, w)
		if err != nil {
			return err
		}
		a.printf("%s took the message, with status %d.\n", w.Host(), status)
		return nil
	})
}

func tried(tries int) string {
	if tries == 1 {
		return "1 try"
	}
	return strconv.Itoa(tries) + " tries"
}
