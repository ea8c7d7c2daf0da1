package main

import (
	"context"
	"fmt"
	"time"

	"attune/survey"
)

// demoAudited is the department whose leaders have answered the policy audit
// twice: once long ago, and now.
const demoAudited = "Children and Families"

// demoAudit is one made-up audit: when it was begun, counted from today, and
// its answers by entry.
type demoAudit struct {
	id      string
	daysAgo int
	closed  bool
	answers map[string]survey.LeaderAnswer
}

func demoAudits() []demoAudit {
	return []demoAudit{
		{id: "demo-audit-1", daysAgo: 300, closed: true, answers: map[string]survey.LeaderAnswer{
			"workload_by_complexity": {State: "none", Number: "17"},
			"staff_per_supervisor":   {State: "partly", Number: "13"},
			"regular_supervision":    {State: "planned", Number: "6"},
			"supervision_apart":      {State: "none"},
			"debriefing":             {State: "partly"},
			"flexible_hours":         {State: "in_place"},
			"fair_pay":               {State: "partly"},
		}},
		{id: "demo-audit-2", daysAgo: 12, answers: map[string]survey.LeaderAnswer{
			"workload_by_complexity": {State: "partly", Number: "12", Owner: "Alex Example (made up)"},
			"staff_per_supervisor":   {State: "in_place", Number: "9"},
			"regular_supervision":    {State: "partly", Number: "4", Note: "Duty team: every four weeks", Owner: "Robin Lead (made up)"},
			"supervision_apart":      {State: "planned"},
			"debriefing":             {State: "reviewed"},
			"flexible_hours":         {State: "in_place"},
			"fair_pay":               {State: "partly"},
			"informed_of_change":     {State: "partly"},
		}},
	}
}

// auditDemo answers the policy audit for one department.
func auditDemo(ctx context.Context, in *installation, now time.Time) error {
	leaders, err := survey.NewLeaderLibrary()
	if err != nil {
		return err
	}
	pack, err := leaders.Latest("policy-audit")
	if err != nil {
		return err
	}
	unit, err := in.unit(ctx, demoAudited)
	if err != nil {
		return err
	}
	for _, d := range demoAudits() {
		at := now.AddDate(0, 0, -d.daysAgo)
		audit := survey.LeaderAudit{ID: d.id, Pack: pack.ID, Version: pack.Version, Unit: unit, Started: at, StartedBy: "admin@example.org"}
		if err := in.store.StartLeaderAudit(ctx, audit); err != nil {
			return err
		}
		for _, b := range pack.Blocks {
			for _, e := range b.Entries {
				given, ok := d.answers[e.ID]
				if !ok {
					continue
				}
				answer, err := survey.CheckLeaderAnswer(pack, e.ID, given)
				if err != nil {
					return fmt.Errorf("made-up answer to %s: %w", e.ID, err)
				}
				if err := in.store.SaveLeaderAnswer(ctx, d.id, survey.LeaderEdit{Entry: e.ID, LeaderAnswer: answer, By: audit.StartedBy, At: at}); err != nil {
					return err
				}
			}
		}
		if d.closed {
			if err := in.store.FinishLeaderAudit(ctx, d.id, at.AddDate(0, 0, 9)); err != nil {
				return err
			}
		}
	}
	return nil
}
