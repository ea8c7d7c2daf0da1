package handlers

import (
	"cmp"
	"context"
	"slices"
	"time"

	"attune/survey"
)

// plans is all that pages may do with what managers do about the results:
// actions, what was shared, and notes to staff.
type plans interface {
	Units(ctx context.Context) ([]survey.Unit, error)

	Actions(ctx context.Context, units []survey.UnitID) ([]survey.Action, error)
	Action(ctx context.Context, id string) (survey.ActionRecord, error)
	AddAction(ctx context.Context, a survey.Action) (string, error)
	SaveAction(ctx context.Context, id string, was int, e survey.ActionEdit, mark *survey.Event) error
	UndoAction(ctx context.Context, id string, was int, by string, at time.Time) error
	CommentAction(ctx context.Context, id string, c survey.ActionComment) error
	UncommentAction(ctx context.Context, id string, n int, by string) error
	RemoveAction(ctx context.Context, id string) error

	Sharings(ctx context.Context) ([]survey.Sharing, error)
	ShareResults(ctx context.Context, s survey.Sharing) error
	UnshareResults(ctx context.Context, wave survey.WaveID, unit survey.UnitID) error

	Note(ctx context.Context, unit survey.UnitID, wave survey.WaveID) (survey.Note, error)
	SaveNote(ctx context.Context, n survey.Note) error
	PublishNote(ctx context.Context, unit survey.UnitID, wave survey.WaveID, p survey.PublishedNote) error
	WithdrawNote(ctx context.Context, unit survey.UnitID, wave survey.WaveID) error
	PublishedNotes(ctx context.Context, wave survey.WaveID, units []survey.UnitID) (map[survey.UnitID]survey.PublishedNote, error)
}

const (
	// dueWithin is how many days ahead something counts as due soon.
	dueWithin = 14
	// promiseRecall is for how many days a promise that was not kept is told
	// where everything that is due stands; the plan itself tells it for good.
	promiseRecall = 90
)

// dueLine is something that waits for the viewer, in words: an action of their
// part that is late or due within a fortnight, or the promise of a wave. It
// holds no figure.
type dueLine struct {
	Path string // the page where it can be seen to
	Text string
	Unit string
	When string
	Late bool

	day string // YYYY-MM-DD
}

// due lists what waits for a viewer, by day. Managers hear of their own part,
// administrators and HR of everything; whoever has none of these roles of
// nothing.
func (s speech) due(ctx context.Context, v viewer) ([]dueLine, error) {
	tree, err := s.con.planTree(ctx)
	if err != nil {
		return nil, err
	}
	units := v.planned(tree)
	actions, err := s.con.plans.Actions(ctx, units)
	if err != nil {
		return nil, err
	}
	today := s.con.today()
	soon := s.con.now().In(s.con.zone).AddDate(0, 0, dueWithin).Format(time.DateOnly)
	var lines []dueLine
	for _, a := range actions {
		if !a.Status.Open() || a.Due > soon {
			continue
		}
		lines = append(lines, dueLine{
			Path: actionPath(a.ID), Text: a.Text, Unit: s.path(tree, a.Unit), When: s.dueOn(a.Due, today), Late: a.Late(today), day: a.Due,
		})
	}
	promises, err := s.promises(ctx, v, tree)
	if err != nil {
		return nil, err
	}
	recalled := s.con.now().In(s.con.zone).AddDate(0, 0, -promiseRecall).Format(time.DateOnly)
	for _, p := range promises {
		if p.State == survey.PromiseKept || p.wave.ResultsOn > soon || p.wave.ResultsOn < recalled {
			continue
		}
		lines = append(lines, dueLine{
			Path: p.Path, Text: s.say("due.promise", survey.Args{"wave": s.wave(p.wave.ID)}), Unit: p.Unit, When: p.When,
			Late: p.State == survey.PromiseLate, day: p.wave.ResultsOn,
		})
	}
	slices.SortStableFunc(lines, func(a, b dueLine) int { return cmp.Compare(a.day, b.day) })
	return lines, nil
}

// dueOn says when something is due, as seen from today.
func (s speech) dueOn(day, today string) string {
	switch {
	case day == today:
		return s.say("due.today", nil)
	case day < today:
		return s.say("due.late", survey.Args{"day": s.date(day)})
	}
	return s.say("due.on", survey.Args{"day": s.date(day)})
}

// planTree is the organisation as it stands now: plans are made for units that
// exist, whether or not a wave has asked them.
func (con *console) planTree(ctx context.Context) (survey.Tree, error) {
	units, err := con.plans.Units(ctx)
	if err != nil {
		return survey.Tree{}, err
	}
	return survey.NewTree(units)
}

// plans says whether the viewer may read a unit's plan. Plans hold no figure:
// administrators read them all, as HR does; managers those of their own part.
func (v viewer) plans(tree survey.Tree, unit survey.UnitID) bool {
	if _, ok := tree.Unit(unit); !ok {
		return false
	}
	return v.has(hr) || v.edits(tree, unit)
}

// planned lists the units whose plans the viewer may read, in the order of the
// tree.
func (v viewer) planned(tree survey.Tree) []survey.UnitID {
	var units []survey.UnitID
	for _, u := range tree.Units() {
		if v.plans(tree, u.ID) {
			units = append(units, u.ID)
		}
	}
	return units
}

// promise is where the promise of one wave stands for the part of it that the
// viewer answers for.
type promise struct {
	Path, Unit string // the page where it can be kept
	When       string // what was promised, and that it is late
	State      survey.PromiseState
	Shared     survey.Sharing // of a promise that is kept

	wave survey.Wave
	part survey.UnitID
}

// promises lists the promises of waves that have closed, the latest first.
func (s speech) promises(ctx context.Context, v viewer, tree survey.Tree) ([]promise, error) {
	return s.promisesOf(ctx, v, tree, "")
}

// promisesOf are those of one unit; of the viewer's part where unit is empty.
func (s speech) promisesOf(ctx context.Context, v viewer, tree survey.Tree, unit survey.UnitID) ([]promise, error) {
	waves, err := s.con.waves.Waves(ctx)
	if err != nil {
		return nil, err
	}
	shared, err := s.con.plans.Sharings(ctx)
	if err != nil {
		return nil, err
	}
	today := s.con.today()
	var all []promise
	for _, w := range slices.Backward(waves) { // by opening
		part, ok := v.part(tree, w.Scope)
		if ok && unit != "" {
			part, ok = survey.PartOf(tree, w.Scope, unit)
		}
		if !ok {
			continue
		}
		found, kept := survey.SharedWith(tree, part, w.ID, shared)
		p := promise{Path: actionsPath + "#wave-" + string(w.ID), Unit: s.path(tree, part), State: w.Promised(kept, today), Shared: found, wave: w, part: part}
		switch p.State {
		case survey.PromiseNone:
			continue
		case survey.PromiseLate:
			p.When = s.say("due.promise.late", survey.Args{"day": s.date(w.ResultsOn)})
		case survey.PromiseComing, survey.PromiseKept:
			p.When = s.say("due.promise.coming", survey.Args{"day": s.date(w.ResultsOn)})
		}
		all = append(all, p)
	}
	return all, nil
}

// part is the part of a wave's scope that the viewer answers for or reads:
// all of it for administrators and HR.
func (v viewer) part(tree survey.Tree, scope survey.UnitID) (survey.UnitID, bool) {
	if _, ok := tree.Unit(scope); !ok {
		return "", false // a unit that nobody belongs to any more
	}
	if v.has(admin, hr) {
		return scope, true
	}
	if !v.has(manager) {
		return "", false
	}
	return survey.PartOf(tree, scope, v.Unit)
}

// actionsPath is the overview over all plans that a viewer may read.
const actionsPath = "/console/actions"

func actionPath(id string) string { return actionsPath + "/" + id }
