package store

import (
	"testing"

	"attune/survey"
)

func TestACommentIsTakenBackByWhoeverWroteItAndByNobodyElse(t *testing.T) {
	s, _, a := withPlan(t)
	ctx := t.Context()
	must(t, s.CommentAction(ctx, a.ID, survey.ActionComment{Text: "First", By: "ana@example.org", At: start}))
	must(t, s.CommentAction(ctx, a.ID, survey.ActionComment{Text: "Second", By: "hr@example.org", At: start}))
	wantCode(t, s.UncommentAction(ctx, a.ID, 2, "ana@example.org"), survey.NotFound, "error.action.comment_gone")
	must(t, s.UncommentAction(ctx, a.ID, 2, "hr@example.org"))
	wantCode(t, s.UncommentAction(ctx, a.ID, 2, "hr@example.org"), survey.NotFound, "error.action.comment_gone")
	got, err := s.Action(ctx, a.ID)
	must(t, err)
	if len(got.Comments) != 1 || got.Comments[0].Text != "First" {
		t.Errorf("left: %+v", got.Comments)
	}
}

func TestALeaderAuditIsDiscardedOnlyBeforeItsFirstAnswer(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	root, err := s.EnsureOrganisation(ctx, "Org")
	must(t, err)
	audit := survey.LeaderAudit{ID: "a1", Pack: "policy-audit", Version: "1.0", Unit: root.ID, Started: start}
	must(t, s.StartLeaderAudit(ctx, audit))
	must(t, s.DiscardLeaderAudit(ctx, "a1"))
	wantCode(t, s.DiscardLeaderAudit(ctx, "a1"), survey.NotFound, "error.store.leader_audit_missing")
	must(t, s.StartLeaderAudit(ctx, audit))
	must(t, s.SaveLeaderAnswer(ctx, "a1", survey.LeaderEdit{Entry: "fair_pay", At: start, LeaderAnswer: survey.LeaderAnswer{State: "none"}}))
	wantCode(t, s.DiscardLeaderAudit(ctx, "a1"), survey.Conflict, "error.store.leader_audit_answered")
	must(t, s.FinishLeaderAudit(ctx, "a1", start))
	wantCode(t, s.DiscardLeaderAudit(ctx, "a1"), survey.Conflict, "error.store.leader_audit_finished")
}
