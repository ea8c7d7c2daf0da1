// Package notify is the clock that leads programmes and waves through their
// dates, and the mail that tells people about them.
package notify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"
)

// Clock moves programmes and waves on to where they should be by now, and has
// everybody told. It keeps nothing in memory: what happened stands in the
// store, so that it may be killed at any moment, be late by any time, and run
// in several processes on one data folder.
type Clock struct {
	Waves *wave.Waves
	Every time.Duration
	Fault func(error) // told of a fault when it comes, and again when it comes back; the next tick tries again

	Store  *store.Store // of programmes; nil: only waves are led
	Zone   *time.Location
	Now    func() time.Time
	Outbox outbox // nil: nobody is told anything
	Hooks  hooks  // nil: no program is told anything
}

// hooks is all that the clock may do about webhooks.
type hooks interface {
	// Note notes what has become of waves, once.
	Note(ctx context.Context) error
	// Send sends what is due.
	Send(ctx context.Context) (sent int, err error)
}

// outbox is all that the clock may do about messages: it knows no addresses
// and no links.
type outbox interface {
	// Enqueue makes a mailing to everybody who is asked in a wave, once.
	Enqueue(ctx context.Context, wave survey.WaveID, kind Kind, n int) (letters int, err error)
	// Remind makes reminders to users whose moment has come, each once.
	Remind(ctx context.Context) (added int, err error)
	// Send sends what is due.
	Send(ctx context.Context) (sent int, err error)
}

// Run ticks at once and then at every interval, until ctx ends. Messages are
// sent beside it: a slow mail server holds up no opening and no close.
func (c Clock) Run(ctx context.Context) {
	var telling sync.Mutex
	tell := func(err error) {
		telling.Lock()
		defer telling.Unlock()
		c.Fault(err)
	}
	var running sync.WaitGroup
	defer running.Wait()
	if c.Outbox != nil {
		running.Go(func() { c.repeat(ctx, tell, c.send) })
	}
	if c.Hooks != nil {
		running.Go(func() { c.repeat(ctx, tell, c.sendHooks) })
	}
	c.repeat(ctx, tell, c.Tick)
}

func (c Clock) sendHooks(ctx context.Context) error {
	return guarded("send to webhooks", func() error {
		_, err := c.Hooks.Send(ctx)
		return err
	})
}

func (c Clock) send(ctx context.Context) error {
	return guarded("send messages", func() error {
		_, err := c.Outbox.Send(ctx)
		return err
	})
}

// repeat does something at once and then at every interval, and tells each of
// its faults when it was not there the last time.
func (c Clock) repeat(ctx context.Context, tell func(error), do func(context.Context) error) {
	ticker := time.NewTicker(c.Every)
	defer ticker.Stop()
	told := make(map[string]bool)
	for {
		faults := single(do(ctx))
		if ctx.Err() != nil {
			return // what was stopped half way is no fault
		}
		now := make(map[string]bool, len(faults))
		for _, err := range faults {
			if text := err.Error(); !now[text] {
				now[text] = true
				if !told[text] {
					tell(err)
				}
			}
		}
		told = now
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// single takes joined errors apart.
func single(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // only errors.Join as the outermost
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, single(e)...)
	}
	return all
}

// guarded turns a panic into an error: a fault in one step must not end the
// server, and with it the close of an open wave.
func guarded(what string, do func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%s: panic: %v", what, fault)
		}
	}()
	return do()
}

// Tick does everything that is due, once: openings, closes and releases, then
// announcements of programmes, which follow releases and count what an
// announcement that was killed has left, then messages. A wave that is
// announced after its opening opens with the next tick. Tick tries everything
// and reports all that went wrong, joined.
func (c Clock) Tick(ctx context.Context) error {
	faults := []error{guarded("lead waves", func() error { return c.Waves.Tick(ctx) })}
	if c.Store != nil {
		faults = append(faults, c.announceDue(ctx))
	}
	if c.Store != nil && c.Outbox != nil {
		faults = append(faults, guarded("make mailings", func() error { return c.enqueueDue(ctx) }))
		faults = append(faults, guarded("make reminders", func() error {
			_, err := c.Outbox.Remind(ctx)
			return err
		}))
	}
	if c.Hooks != nil {
		faults = append(faults, guarded("note news of waves", func() error { return c.Hooks.Note(ctx) }))
	}
	return errors.Join(faults...)
}
