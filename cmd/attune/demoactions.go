package main

import (
	"context"
	"fmt"
	"time"

	"attune/survey"
)

// demoActing is the team whose action worked, as the story tells it.
const demoActing = "Children and Families / Duty and Assessment"

// demoStep is one change of a planned action: so many days after the opening
// of a wave (0 is the first), or before it.
type demoStep struct {
	wave, days int
	status     survey.ActionStatus
	evidence   string
	mark       bool // in the trends
}

// demoAction is an action of the story. It is due so many days after the
// opening of a wave.
type demoAction struct {
	unit, text, owner, by string
	origin                survey.ActionOrigin
	wave, due             int
	steps                 []demoStep // the first adds it
	comment               string
}

// demoActions are one that worked, one that is late, one that goes on, and one
// that was dropped.
func demoActions() []demoAction {
	const last = demoWaves - 1
	return []demoAction{
		{
			unit: demoActing, text: "Weekly case talks, and no new cases for four weeks (made up)", owner: "Robin Lead (made up)", by: "duty@example.org",
			origin: survey.ActionOrigin{Guide: "sign_reactive"}, wave: demoActed, due: 20,
			steps: []demoStep{
				{wave: demoActed, days: -20, status: survey.ActionPlanned},
				{wave: demoActed, days: -16, status: survey.ActionUnderWay, mark: true},
				{wave: demoActed, days: 18, status: survey.ActionDone, evidence: "Six case talks were held. From the fifth week on new cases were shared out by how complex they are."},
			},
			comment: "The talks go on: everybody asked for it. (made up)",
		},
		{
			unit: demoActing, text: "A quiet hour after every hard visit (made up)", owner: "Robin Lead (made up)", by: "duty@example.org",
			wave: last, due: 42, steps: []demoStep{{wave: last, days: 12, status: survey.ActionUnderWay}},
		},
		{
			unit: demoPaper, text: "One person whom the night staff can call (made up)", owner: "Kim Ward (made up)", by: "hospital@example.org",
			origin: survey.ActionOrigin{Guide: "scale_burnout", Suggestion: "organisation-1"}, wave: last, due: 22,
			steps: []demoStep{{wave: last, days: 9, status: survey.ActionUnderWay}},
		},
		{
			unit: demoPaper, text: "A shared calendar for training days (made up)", owner: "Kim Ward (made up)", by: "hospital@example.org", wave: 6, due: 60,
			steps: []demoStep{
				{wave: 6, days: 12, status: survey.ActionPlanned},
				{wave: 6, days: 40, status: survey.ActionDropped, evidence: "The whole service got one in the same month."},
			},
		},
	}
}

// writeDemoActions plans what the story's managers do, shares the results of
// all waves but the last with everybody, and those of the last with the acting
// team only: what was promised to the others is late.
func writeDemoActions(ctx context.Context, in *installation, opening func(wave int) time.Time) error {
	for _, a := range demoActions() {
		if err := planDemo(ctx, in, a, opening); err != nil {
			return fmt.Errorf("%s: %w", a.text, err)
		}
	}
	org, err := in.organisation(ctx)
	if err != nil {
		return err
	}
	waves, err := in.waves.Waves(ctx)
	if err != nil {
		return err
	}
	var last survey.Wave
	for _, w := range waves { // by opening
		if w.State != survey.Released {
			continue
		}
		if last.ID != "" {
			err := in.store.ShareResults(ctx, survey.Sharing{Wave: last.ID, Unit: org.Tree.Root().ID, Day: last.ResultsOn, By: "admin@example.org"})
			if err != nil {
				return err
			}
		}
		last = w
	}
	return tellDemo(ctx, in, last)
}

// planDemo plans one action and leads it through its steps.
func planDemo(ctx context.Context, in *installation, a demoAction, opening func(wave int) time.Time) error {
	unit, err := in.unit(ctx, a.unit)
	if err != nil {
		return err
	}
	action := survey.Action{Unit: unit, Origin: a.origin, AddedBy: a.by}
	state := survey.ActionState{Text: a.text, Owner: a.owner, Mail: a.by, Due: opening(a.wave).AddDate(0, 0, a.due).Format(time.DateOnly)}
	for i, step := range a.steps {
		at := opening(step.wave).AddDate(0, 0, step.days)
		state.Status, state.Evidence = step.status, step.evidence
		if action.ActionState, err = survey.CheckAction(state); err != nil {
			return err
		}
		if i == 0 {
			action.Added = at
			if action.ID, err = in.store.AddAction(ctx, action); err != nil {
				return err
			}
			continue
		}
		var mark *survey.Event
		if step.mark {
			event := action.Mark(at.Format(time.DateOnly), a.by)
			mark = &event
		}
		if err := in.store.SaveAction(ctx, action.ID, i, survey.ActionEdit{ActionState: action.ActionState, By: a.by, At: at}, mark); err != nil {
			return err
		}
	}
	if a.comment == "" {
		return nil
	}
	return in.store.CommentAction(ctx, action.ID, survey.ActionComment{Text: a.comment, By: a.by, At: opening(a.wave).AddDate(0, 0, a.due)})
}

// tellDemo publishes what the acting team's manager tells about the last wave.
func tellDemo(ctx context.Context, in *installation, last survey.Wave) error {
	unit, err := in.unit(ctx, demoActing)
	if err != nil {
		return err
	}
	on, err := time.Parse(time.DateOnly, last.ResultsOn)
	if err != nil {
		return err
	}
	actions, err := in.store.Actions(ctx, []survey.UnitID{unit})
	if err != nil {
		return err
	}
	note := survey.Note{
		Unit: unit, Wave: last.ID, Owner: "Robin Lead (made up)", Until: on.AddDate(0, 1, 0).Format(time.DateOnly), By: "duty@example.org", Edited: on.AddDate(0, 0, -3),
		Said:  "The case talks help, and work is calmer than in spring. After a hard visit there is still no time to breathe. (made up)",
		Doing: "The case talks stay. From now on an hour after every hard visit is kept free, and the desk takes the calls.",
	}
	for _, a := range actions {
		note.Actions = append(note.Actions, a.ID)
	}
	if note, err = survey.CheckNote(note); err != nil {
		return err
	}
	if err := in.store.SaveNote(ctx, note); err != nil {
		return err
	}
	published, err := note.Publish(actions, note.Edited.Format(time.DateOnly), note.By)
	if err != nil {
		return err
	}
	return in.store.PublishNote(ctx, unit, last.ID, published)
}
