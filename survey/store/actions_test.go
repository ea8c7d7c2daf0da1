package store

import (
	"testing"
	"time"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
)

// withPlan is a store with an organisation, a user and one planned action.
func withPlan(t *testing.T) (s *Store, root survey.UnitID, action survey.Action) {
	t.Helper()
	s = newStore(t)
	organisation, err := s.EnsureOrganisation(t.Context(), "Harbour")
	must(t, err)
	must(t, s.AddUser(t.Context(), User{Email: "ana@example.org", Roles: []string{"manager"}}))
	a := survey.Action{
		Unit: organisation.ID, Origin: survey.ActionOrigin{Guide: "sign_frozen", Suggestion: "manager-1"}, Added: start, AddedBy: "ana@example.org",
		ActionState: survey.ActionState{Text: "Case talks", Owner: "Ana", Mail: "ana@example.org", Due: "2026-12-01", Status: survey.ActionPlanned},
	}
	a.ID, err = s.AddAction(t.Context(), a)
	must(t, err)
	a.N = 1
	return s, organisation.ID, a
}

func edit(of survey.Action, status survey.ActionStatus, at time.Time) survey.ActionEdit {
	state := of.ActionState
	state.Status, state.Evidence = status, "seen"
	return survey.ActionEdit{ActionState: state, By: "hr@example.org", At: at}
}

func TestAnActionKeepsEveryChangeAndTheLastOneStands(t *testing.T) {
	s, root, a := withPlan(t)
	ctx := t.Context()
	later := start.Add(time.Hour)
	must(t, s.SaveAction(ctx, a.ID, 1, edit(a, survey.ActionDone, later), nil))
	must(t, s.CommentAction(ctx, a.ID, survey.ActionComment{Text: "Well done", By: "hr@example.org", At: later}))
	must(t, s.CommentAction(ctx, a.ID, survey.ActionComment{Text: "Thanks", By: "ana@example.org", At: later}))

	got, err := s.Action(ctx, a.ID)
	must(t, err)
	first := survey.ActionEdit{ActionState: a.ActionState, By: "ana@example.org", At: start}
	want := survey.ActionRecord{Action: a, Edits: []survey.ActionEdit{first, edit(a, survey.ActionDone, later)}, Comments: []survey.ActionComment{
		{N: 1, Text: "Well done", By: "hr@example.org", At: later}, {N: 2, Text: "Thanks", By: "ana@example.org", At: later},
	}}
	want.N, want.ActionState = 2, want.Edits[1].ActionState
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	listed, err := s.Actions(ctx, []survey.UnitID{root})
	must(t, err)
	if diff := cmp.Diff([]survey.Action{want.Action}, listed); diff != "" {
		t.Error(diff)
	}
	if listed, err = s.Actions(ctx, []survey.UnitID{"elsewhere"}); err != nil || len(listed) != 0 {
		t.Error("another unit's:", listed, err)
	}
}

func TestActionsAreListedByTheDayOnWhichTheyAreDue(t *testing.T) {
	s, root, a := withPlan(t)
	for _, due := range []string{"2027-01-01", "2026-11-01"} {
		a.Due = due
		_, err := s.AddAction(t.Context(), a)
		must(t, err)
	}
	listed, err := s.Actions(t.Context(), []survey.UnitID{root})
	must(t, err)
	var days []string
	for _, one := range listed {
		days = append(days, one.Due)
	}
	if diff := cmp.Diff([]string{"2026-11-01", "2026-12-01", "2027-01-01"}, days); diff != "" {
		t.Error(diff)
	}
}

func TestNobodysChangeIsLostToSomebodyWhoHadNotSeenIt(t *testing.T) {
	s, _, a := withPlan(t)
	ctx := t.Context()
	must(t, s.SaveAction(ctx, a.ID, 1, edit(a, survey.ActionUnderWay, start), nil))
	wantCode(t, s.SaveAction(ctx, a.ID, 1, edit(a, survey.ActionDropped, start), nil), survey.Conflict, "error.action.changed")
	wantCode(t, s.UndoAction(ctx, a.ID, 1, "x", start), survey.Conflict, "error.action.changed")
	got, err := s.Action(ctx, a.ID)
	must(t, err)
	if got.Status != survey.ActionUnderWay || got.N != 2 {
		t.Errorf("status %s after %d edits", got.Status, got.N)
	}
}

func TestAnActionIsMarkedInTheTrendsOnceAndUndoTakesTheMarkAway(t *testing.T) {
	s, root, a := withPlan(t)
	ctx := t.Context()
	count := func(want int, when string) {
		t.Helper()
		events, err := s.Events(ctx, []survey.UnitID{root})
		must(t, err)
		if len(events) != want {
			t.Errorf("%s: %d events, want %d", when, len(events), want)
		}
	}
	mark := a.Mark("2026-11-02", "ana@example.org")
	must(t, s.SaveAction(ctx, a.ID, 1, edit(a, survey.ActionUnderWay, start), &mark))
	count(1, "begun")
	must(t, s.SaveAction(ctx, a.ID, 2, edit(a, survey.ActionPlanned, start), nil))
	must(t, s.SaveAction(ctx, a.ID, 3, edit(a, survey.ActionUnderWay, start), &mark))
	count(1, "begun again")
	must(t, s.SaveAction(ctx, a.ID, 4, edit(a, survey.ActionDone, start), &mark))
	count(2, "done")
	got, err := s.Action(ctx, a.ID)
	must(t, err)
	if diff := cmp.Diff([]survey.ActionStatus{survey.ActionUnderWay, survey.ActionDone}, got.Marked); diff != "" {
		t.Error(diff)
	}
	must(t, s.UndoAction(ctx, a.ID, 5, "ana@example.org", start))
	count(1, "done taken back")
	if got, err = s.Action(ctx, a.ID); err != nil || got.Status != survey.ActionUnderWay || len(got.Marked) != 1 {
		t.Errorf("%s, marked %v, %v", got.Status, got.Marked, err)
	}
	events, err := s.Events(ctx, []survey.UnitID{root})
	must(t, err)
	_, err = s.RemoveEvent(ctx, root, events[0].ID)
	must(t, err)
	if got, err = s.Action(ctx, a.ID); err != nil || len(got.Marked) != 0 {
		t.Error("the mark was removed and is still known:", got.Marked, err)
	}
}

func TestARemovedActionTakesItsHistoryWithItAndLeavesItsMark(t *testing.T) {
	s, root, a := withPlan(t)
	ctx := t.Context()
	mark := a.Mark("2026-11-02", "ana@example.org")
	must(t, s.SaveAction(ctx, a.ID, 1, edit(a, survey.ActionUnderWay, start), &mark))
	must(t, s.CommentAction(ctx, a.ID, survey.ActionComment{Text: "x", By: "x", At: start}))
	must(t, s.RemoveAction(ctx, a.ID))
	_, err := s.Action(ctx, a.ID)
	wantCode(t, err, survey.NotFound, "error.action.gone")
	wantCode(t, s.RemoveAction(ctx, a.ID), survey.NotFound, "error.action.gone")
	wantCode(t, s.SaveAction(ctx, a.ID, 2, edit(a, survey.ActionDone, start), nil), survey.NotFound, "error.action.gone")
	wantCode(t, s.CommentAction(ctx, a.ID, survey.ActionComment{Text: "x"}), survey.NotFound, "error.action.gone")
	for _, table := range []string{"action_edits", "action_comments", "action_marks"} {
		var rows int
		must(t, s.people.read.Raw("SELECT count(*) FROM "+table).Scan(&rows).Error)
		if rows != 0 {
			t.Errorf("%s keeps %d rows", table, rows)
		}
	}
	if events, err := s.Events(ctx, []survey.UnitID{root}); err != nil || len(events) != 1 {
		t.Error("what happened is forgotten:", events, err)
	}
	checkForeignKeys(t, s)
}

func TestAnActionNamesAUnitAndAUserThatExistOrNone(t *testing.T) {
	s, _, a := withPlan(t)
	ctx := t.Context()
	strange := a
	strange.Unit = "elsewhere"
	_, err := s.AddAction(ctx, strange)
	wantCode(t, err, survey.NotFound, "error.store.unit_missing")
	strange = a
	strange.Mail = "stranger@example.org"
	_, err = s.AddAction(ctx, strange)
	wantCode(t, err, survey.Invalid, "error.action.mail_unknown")
	changed := edit(a, survey.ActionDone, start)
	changed.Mail = "stranger@example.org"
	wantCode(t, s.SaveAction(ctx, a.ID, 1, changed, nil), survey.Invalid, "error.action.mail_unknown")
	strange.Mail = ""
	_, err = s.AddAction(ctx, strange)
	must(t, err)
}

func TestOnlyOpenActionsWithAnAddressAreToBeRemindedOf(t *testing.T) {
	s, _, a := withPlan(t)
	ctx := t.Context()
	silent := a
	silent.Mail = ""
	_, err := s.AddAction(ctx, silent)
	must(t, err)
	done, err := s.AddAction(ctx, a)
	must(t, err)
	must(t, s.SaveAction(ctx, done, 1, edit(a, survey.ActionDone, start), nil))
	open, err := s.OpenActions(ctx)
	must(t, err)
	if len(open) != 1 || open[0].ID != a.ID {
		t.Errorf("%v, want %s alone", open, a.ID)
	}
}

func TestAUnitAndAnActionHoldSoMuchAndNoMore(t *testing.T) {
	s, root, a := withPlan(t)
	ctx := t.Context()
	must(t, s.people.write.Exec(`INSERT INTO actions SELECT 'n' || value, ?, '', '', 0, '' FROM (
		WITH RECURSIVE n(value) AS (SELECT 2 UNION ALL SELECT value + 1 FROM n WHERE value < ?) SELECT value FROM n)`, string(root), survey.MaxActions).Error)
	_, err := s.AddAction(ctx, a)
	wantCode(t, err, survey.Conflict, "error.action.many")
	must(t, s.people.write.Exec("UPDATE action_edits SET n = ? WHERE action = ?", survey.MaxActionSteps, a.ID).Error)
	wantCode(t, s.SaveAction(ctx, a.ID, survey.MaxActionSteps, edit(a, survey.ActionDone, start), nil), survey.Conflict, "error.action.steps")
	must(t, s.people.write.Exec("INSERT INTO action_comments VALUES (?, ?, 'x', 'x', 0)", a.ID, survey.MaxActionSteps).Error)
	wantCode(t, s.CommentAction(ctx, a.ID, survey.ActionComment{Text: "x"}), survey.Conflict, "error.action.steps")
}
