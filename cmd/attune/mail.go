package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"

	"attune/survey"
	"attune/survey/notify"
	"attune/survey/store"
	"attune/survey/wave"
)

// mailFolder is where a demo's mail lands, in its data folder.
const mailFolder = "mail"

type mailCommand struct {
	Test   mailTest   `cmd:"" help:"Send one message without a link, and say what the mail server answered."`
	Status mailStatus `cmd:"" help:"Count what became of each mailing, text messages included."`
}

type mailTest struct {
	Address string `arg:"" help:"Where to send it."`
}

func (c mailTest) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		if in.outbox == nil {
			return survey.Fail(survey.Conflict, "error.mail.unset", nil)
		}
		answer, err := in.outbox.Test(ctx, c.Address, a.env.language)
		if err != nil {
			return err
		}
		a.printf("The mail server took the message and answered: %s\nLook whether it arrived, and not among the unwanted mail.\n", answer)
		return nil
	})
}

type mailStatus struct{}

func (mailStatus) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		all, err := in.store.Mailings(ctx)
		if err != nil {
			return err
		}
		reminders, err := in.store.NoticeCounts(ctx)
		if err != nil {
			return err
		}
		texts, err := in.onlyByText(ctx, "")
		if err != nil {
			return err
		}
		defer a.tellOfTexts(texts)
		if len(all) == 0 && reminders == (store.MailingCount{}) {
			a.printf("No mail and no text messages yet.\n")
			return nil
		}
		a.printf("%-10s %-12s %7s %7s %7s %7s %7s %7s\n", "wave", "mailing", "waiting", "sending", "sent", "refused", "expired", "unknown")
		for _, m := range all {
			name := m.Kind
			if m.N > 0 {
				name = fmt.Sprintf("%s %d", m.Kind, m.N)
			}
			a.printf("%-10s %-12s %7d %7d %7d %7d %7d %7d\n", m.Wave, name, m.Waiting, m.Sending, m.Sent, m.Refused, m.Expired, m.Unknown)
		}
		if reminders != (store.MailingCount{}) { // to managers, about their own plans
			a.printf("%-10s %-12s %7d %7d %7d %7d %7d %7d\n", "", "reminders", reminders.Waiting, reminders.Sending, reminders.Sent, reminders.Refused, reminders.Expired, reminders.Unknown)
		}
		a.printf("\nrefused: the mail server or the gateway does not take them. expired: there was no more reason to send them.\nunknown: perhaps sent; the line or the program broke off, and nothing is sent twice.\n")
		return nil
	})
}

// newOutbox gives the outbox of an installation, or nil when neither mail nor
// text messages are set up. A demo writes mail into a folder and never sends
// any.
func (a *app) newOutbox(in *installation, s settings) (*notify.Outbox, error) {
	cfg := notify.OutboxConfig{
		Store: in.store, Waves: in.waves, Site: a.site, Language: a.env.language, Zone: in.zone, Now: in.now, Rand: rand.Reader,
		From: a.env.messaging.from, URL: a.env.publicURL, ResultsLink: in.waves.ResultsLink,
	}
	if s.demoURL != "" {
		cfg.Carrier = notify.Folder{Dir: filepath.Join(s.dir, mailFolder), Now: in.now}
		cfg.From, cfg.URL = "Attune <survey@example.org>", s.demoURL
		cfg.ResultsLink = func(ctx context.Context, id survey.WaveID, unit survey.UnitID) (string, error) {
			key, err := in.waves.ResultsKey(ctx, id, unit)
			return s.demoURL + wave.ResultsPath + key, err
		}
		return notify.NewOutbox(cfg)
	}
	if a.env.messaging.mail == nil && a.env.messaging.sms == nil {
		return nil, nil //nolint:nilnil // no messages is a setting and no fault
	}
	if a.env.messaging.mail != nil {
		mail, err := notify.NewMail(*a.env.messaging.mail)
		if err != nil {
			return nil, err
		}
		cfg.Carrier = mail
	}
	if a.env.messaging.sms != nil {
		var err error
		if cfg.Gateway, err = notify.NewSMS(*a.env.messaging.sms); err != nil {
			return nil, err
		}
	}
	return notify.NewOutbox(cfg)
}

type smsCommand struct {
	Test smsTest `cmd:"" help:"Send one text message without a link."`
}

type smsTest struct {
	Number string `arg:"" help:"With + and the country's code, such as +353871234567."`
}

func (c smsTest) Run(ctx context.Context, a *app) error {
	if a.env.messaging.sms == nil {
		return survey.Fail(survey.Conflict, "error.sms.unset", nil)
	}
	gateway, err := notify.NewSMS(*a.env.messaging.sms)
	if err != nil {
		return err
	}
	if err := gateway.Send(ctx, c.Number, a.text("sms.test", nil)); err != nil {
		return err
	}
	a.printf("The gateway took the message. Look whether it arrived.\n")
	return nil
}
