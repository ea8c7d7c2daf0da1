package store

import (
	"testing"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
)

func TestEventsBelongToTheirUnitAndComeBackWhenTheyWereRemoved(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	organisation, err := s.EnsureOrganisation(ctx, "Harbour")
	must(t, err)
	root := organisation.ID
	training := survey.Event{Unit: root, Kind: survey.EventTraining, Day: "2026-10-02", Title: "Vicarious trauma", By: "duty@example.org"}
	incident := survey.Event{Unit: root, Kind: survey.EventIncident, Day: "2026-09-01", Anew: true}
	for _, e := range []*survey.Event{&training, &incident} {
		e.ID, err = s.AddEvent(ctx, *e)
		must(t, err)
	}
	listed, err := s.Events(ctx, []survey.UnitID{root, "elsewhere"})
	must(t, err)
	if diff := cmp.Diff([]survey.Event{incident, training}, listed); diff != "" {
		t.Error("by day:", diff)
	}
	removed, err := s.RemoveEvent(ctx, root, training.ID)
	must(t, err)
	if diff := cmp.Diff(training, removed); diff != "" {
		t.Error(diff)
	}
	_, err = s.RemoveEvent(ctx, root, training.ID)
	wantCode(t, err, survey.NotFound, "error.event.gone")
	_, err = s.RemoveEvent(ctx, "elsewhere", incident.ID)
	wantCode(t, err, survey.NotFound, "error.event.gone")
	_, err = s.AddEvent(ctx, survey.Event{Unit: "elsewhere", Kind: survey.EventAction, Day: "2026-09-01", Title: "x"})
	wantCode(t, err, survey.NotFound, "error.store.unit_missing")
}
