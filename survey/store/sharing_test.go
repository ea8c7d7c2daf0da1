package store

import (
	"testing"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
)

// withReleased is a store with a planned action and one wave whose figures are
// out.
func withReleased(t *testing.T) (*Store, survey.UnitID, survey.Action) {
	t.Helper()
	s, root, a := withPlan(t)
	must(t, s.CreateWave(t.Context(), planned("2026-11", root, "")))
	must(t, s.people.write.Exec("UPDATE waves SET state = 'released'").Error)
	return s, root, a
}

func TestWhatWasSharedIsKeptOnceAndCanBeCorrectedAndTakenBack(t *testing.T) {
	s, root, _ := withReleased(t)
	ctx := t.Context()
	for _, day := range []string{"2026-11-20", "2026-11-21"} {
		must(t, s.ShareResults(ctx, survey.Sharing{Wave: "2026-11", Unit: root, Day: day, By: "ana@example.org"}))
	}
	all, err := s.Sharings(ctx)
	must(t, err)
	if diff := cmp.Diff([]survey.Sharing{{Wave: "2026-11", Unit: root, Day: "2026-11-21", By: "ana@example.org"}}, all); diff != "" {
		t.Error(diff)
	}
	for range 2 {
		must(t, s.UnshareResults(ctx, "2026-11", root))
	}
	if all, err = s.Sharings(ctx); err != nil || len(all) != 0 {
		t.Error("taken back:", all, err)
	}
}

func TestNothingIsSharedOfAWaveThatHasNoResults(t *testing.T) {
	s, root, _ := withReleased(t)
	ctx := t.Context()
	must(t, s.people.write.Exec("UPDATE waves SET state = 'closed'").Error)
	sharing := survey.Sharing{Wave: "2026-11", Unit: root, Day: "2026-11-20"}
	wantCode(t, s.ShareResults(ctx, sharing), survey.Conflict, "error.share.unreleased")
	must(t, s.SaveNote(ctx, survey.Note{Unit: root, Wave: "2026-11", Said: "x", Edited: start}))
	wantCode(t, s.PublishNote(ctx, root, "2026-11", survey.PublishedNote{Said: "x"}), survey.Conflict, "error.share.unreleased")
	sharing.Wave = "2030-01"
	if err := s.ShareResults(ctx, sharing); !survey.IsCode(err, survey.NotFound) {
		t.Error("of no wave:", err)
	}
	sharing.Wave, sharing.Unit = "2026-11", "elsewhere"
	wantCode(t, s.ShareResults(ctx, sharing), survey.NotFound, "error.store.unit_missing")
}

func TestStaffReadWhatWasPublishedAndNotTheDraft(t *testing.T) {
	s, root, a := withReleased(t)
	ctx := t.Context()
	_, err := s.Note(ctx, root, "2026-11")
	wantCode(t, err, survey.NotFound, "error.note.none")
	wantCode(t, s.PublishNote(ctx, root, "2026-11", survey.PublishedNote{}), survey.NotFound, "error.note.none")

	draft := survey.Note{
		Unit: root, Wave: "2026-11", Said: "Too many meetings", Doing: "Fewer", Until: "2026-12-24", Owner: "Ana",
		Actions: []string{a.ID}, By: "ana@example.org", Edited: start,
	}
	must(t, s.SaveNote(ctx, draft))
	got, err := s.Note(ctx, root, "2026-11")
	must(t, err)
	if diff := cmp.Diff(draft, got); diff != "" {
		t.Error(diff)
	}
	read := func() map[survey.UnitID]survey.PublishedNote {
		t.Helper()
		notes, err := s.PublishedNotes(ctx, "2026-11", []survey.UnitID{root, "elsewhere"})
		must(t, err)
		return notes
	}
	if notes := read(); len(notes) != 0 {
		t.Error("staff read a draft:", notes)
	}
	published, err := draft.Publish([]survey.Action{a}, "2026-11-20", "ana@example.org")
	must(t, err)
	must(t, s.PublishNote(ctx, root, "2026-11", published))
	if shared, err := s.Sharings(ctx); err != nil || len(shared) != 1 || shared[0].Day != "2026-11-20" {
		t.Error("publishing shares the results:", shared, err)
	}
	draft.Said, draft.Actions = "Something else", nil
	must(t, s.SaveNote(ctx, draft))
	if diff := cmp.Diff(map[survey.UnitID]survey.PublishedNote{root: published}, read()); diff != "" {
		t.Error("a draft or a second save changed what staff read:", diff)
	}
	must(t, s.RemoveAction(ctx, a.ID))
	if diff := cmp.Diff(published, read()[root]); diff != "" {
		t.Error("a removed action changed what staff read:", diff)
	}
	must(t, s.WithdrawNote(ctx, root, "2026-11"))
	if notes := read(); len(notes) != 0 {
		t.Error("withdrawn and still read:", notes)
	}
	wantCode(t, s.WithdrawNote(ctx, root, "2026-11"), survey.NotFound, "error.note.unpublished")
	if got, err = s.Note(ctx, root, "2026-11"); err != nil || got.Said != "Something else" || got.Published != nil {
		t.Error("the draft is lost:", got, err)
	}
}

func TestANoteSharesActionsOfItsOwnUnitOnly(t *testing.T) {
	s, root, a := withReleased(t)
	ctx := t.Context()
	must(t, s.ApplyImport(ctx, survey.ImportPlan{NewUnits: []survey.Unit{{ID: "team", Parent: root, Name: "Team"}}}))
	err := s.SaveNote(ctx, survey.Note{Unit: "team", Wave: "2026-11", Actions: []string{a.ID}, Edited: start})
	wantCode(t, err, survey.NotFound, "error.action.gone")
	if _, err := s.Note(ctx, "team", "2026-11"); !survey.IsCode(err, survey.NotFound) {
		t.Error("half of it was kept:", err)
	}
}
