package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
)

func TestALeaderAuditKeepsEveryVersionOfAnAnswer(t *testing.T) {
	s := newStore(t)
	root, err := s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	audit := survey.LeaderAudit{ID: "a1", Pack: "policy-audit", Version: "1.0", Unit: root.ID, Started: start, StartedBy: "lead@example.org"}
	must(t, s.StartLeaderAudit(t.Context(), audit))
	want := []survey.LeaderEdit{
		{Entry: "fair_pay", By: "lead@example.org", At: start, LeaderAnswer: survey.LeaderAnswer{State: "none"}},
		{Entry: "fair_pay", By: "admin@example.org", At: start.Add(time.Hour), LeaderAnswer: survey.LeaderAnswer{State: "planned", Number: "2.5", Note: "Band 6", Owner: "Ana", Due: "2027-01-31"}},
		{Entry: "appreciation", By: "lead@example.org", At: start.Add(time.Hour)},
	}
	for _, e := range want {
		must(t, s.SaveLeaderAnswer(t.Context(), "a1", e))
	}
	got, err := s.LeaderEdits(t.Context(), "a1")
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("edits (-want +got):\n%s", diff)
	}
	must(t, s.FinishLeaderAudit(t.Context(), "a1", start.Add(2*time.Hour)))
	audit.Finished = start.Add(2 * time.Hour)
	audits, err := s.LeaderAudits(t.Context())
	must(t, err)
	if diff := cmp.Diff([]survey.LeaderAudit{audit}, audits); diff != "" {
		t.Errorf("audits (-want +got):\n%s", diff)
	}
}

func TestAFinishedLeaderAuditTakesNothingMore(t *testing.T) {
	s := newStore(t)
	root, err := s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	audit := survey.LeaderAudit{ID: "a1", Pack: "policy-audit", Version: "1.0", Unit: root.ID, Started: start}
	must(t, s.StartLeaderAudit(t.Context(), audit))
	must(t, s.FinishLeaderAudit(t.Context(), "a1", start))
	wantCode(t, s.SaveLeaderAnswer(t.Context(), "a1", survey.LeaderEdit{Entry: "fair_pay", At: start}), survey.Conflict, "error.store.leader_audit_finished")
	wantCode(t, s.FinishLeaderAudit(t.Context(), "a1", start), survey.Conflict, "error.store.leader_audit_finished")
	wantCode(t, s.SaveLeaderAnswer(t.Context(), "a2", survey.LeaderEdit{Entry: "fair_pay", At: start}), survey.NotFound, "error.store.leader_audit_missing")
}

func TestOneLeaderAuditOfAPackIsOpenForAUnitAtATime(t *testing.T) {
	s := newStore(t)
	root, err := s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	a := survey.LeaderAudit{ID: "a1", Pack: "policy-audit", Version: "1.0", Unit: root.ID, Started: start}
	must(t, s.StartLeaderAudit(t.Context(), a))
	a.ID = "a2"
	wantCode(t, s.StartLeaderAudit(t.Context(), a), survey.Conflict, "error.store.leader_audit_open")
	other := a
	other.Pack = "trauma-informed"
	must(t, s.StartLeaderAudit(t.Context(), other))
	must(t, s.FinishLeaderAudit(t.Context(), "a1", start))
	a.ID = "a3"
	must(t, s.StartLeaderAudit(t.Context(), a))
	a.Unit, a.ID = "nowhere", "a4"
	if err := s.StartLeaderAudit(t.Context(), a); !survey.IsCode(err, survey.NotFound) {
		t.Errorf("got %v, want NotFound", err)
	}
}
