package main

import (
	"context"
	"time"

	"attune/survey"
)

// demoActed is the first wave after the action in the sliding team.
const demoActed = 10

// demoEvent is something that happened in the story: so many days before the
// opening of a wave (0 is the first). Actions are marked by the plan.
type demoEvent struct {
	unit  string // path; empty: the whole organisation
	kind  survey.EventKind
	title string
	wave  int
	days  int
	by    string
}

func demoEvents() []demoEvent {
	return []demoEvent{
		{"", survey.EventTraining, "Training day on vicarious trauma (made up)", demoTrained, 20, "admin@example.org"},
		{"Hospital and Crisis / Children's Ward Liaison", survey.EventIncident, "", 8, 4, "hospital@example.org"},
	}
}

// writeDemoEvents writes down what happened, as managers and administrators
// do. opening gives the opening of a wave.
func writeDemoEvents(ctx context.Context, in *installation, opening func(wave int) time.Time) error {
	org, err := in.organisation(ctx)
	if err != nil {
		return err
	}
	for _, e := range demoEvents() {
		if e.wave >= demoWaves {
			continue // in a shorter story it has not happened yet
		}
		unit := org.Tree.Root().ID
		if e.unit != "" {
			if unit, err = in.unit(ctx, e.unit); err != nil {
				return err
			}
		}
		event := survey.Event{Unit: unit, Kind: e.kind, Day: opening(e.wave).AddDate(0, 0, -e.days).Format(time.DateOnly), Title: e.title, By: e.by}
		if err := event.Check(in.now().In(in.zone).Format(time.DateOnly)); err != nil {
			return err
		}
		if _, err := in.store.AddEvent(ctx, event); err != nil {
			return err
		}
	}
	return nil
}
