package survey

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func shareTree(t testing.TB) Tree {
	t.Helper()
	tree, err := NewTree([]Unit{
		{ID: "org", Name: "Org"},
		{ID: "a", Parent: "org", Name: "A"},
		{ID: "b", Parent: "org", Name: "B"},
		{ID: "a1", Parent: "a", Name: "A1"},
		{ID: "a2", Parent: "a", Name: "A2"},
		{ID: "b1", Parent: "b", Name: "B1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// Held against the rule in other words: a unit heard when what was shared
// contains it.
func TestAUnitHeardWhatWasSharedWithItOrAboveIt(t *testing.T) {
	tree := shareTree(t)
	ids := []UnitID{"org", "a", "b", "a1", "a2", "b1"}
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom(ids).Draw(t, "unit")
		var all []Sharing
		want := false
		for _, with := range rapid.SliceOfDistinct(rapid.SampledFrom(ids), rapid.ID).Draw(t, "shared") {
			wave := rapid.SampledFrom([]WaveID{"2026-11", "2026-12"}).Draw(t, "wave")
			all = append(all, Sharing{Wave: wave, Unit: with})
			want = want || wave == "2026-11" && tree.Within(unit, with)
		}
		found, ok := SharedWith(tree, unit, "2026-11", all)
		if ok != want || ok && (found.Wave != "2026-11" || !tree.Within(unit, found.Unit)) {
			t.Fatalf("%v %v, want %v", found, ok, want)
		}
	})
}

func TestAPromiseIsDueOnceTheWaveHasClosedAndLateOnTheDayAfter(t *testing.T) {
	for _, c := range []struct {
		state  State
		shared bool
		today  string
		want   PromiseState
	}{
		{Planned, false, "2027-01-01", PromiseNone},
		{Announced, false, "2027-01-01", PromiseNone},
		{Open, false, "2027-01-01", PromiseNone},
		{Void, false, "2027-01-01", PromiseNone},
		{Closed, false, "2026-12-03", PromiseComing},
		{Closed, false, "2026-12-04", PromiseLate},
		{Released, false, "2026-12-03", PromiseComing},
		{Released, false, "2026-12-04", PromiseLate},
		{Released, true, "2026-12-04", PromiseKept},
	} {
		w := Wave{State: c.state, ResultsOn: "2026-12-03"}
		if got := w.Promised(c.shared, c.today); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestAPromiseIsRemindedOfInTheWeekBeforeAndTheFortnightAfter(t *testing.T) {
	for days, want := range map[int]ReminderMoment{-8: "", -7: RemindBefore, 0: RemindBefore, 1: RemindAfter, 14: RemindAfter, 15: ""} {
		today := time.Date(2026, 12, 3, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days).Format(time.DateOnly)
		if got, ok := PromiseReminder("2026-12-03", today); got != want || ok != (want != "") {
			t.Errorf("%d days after: %q, want %q", days, got, want)
		}
	}
}

func TestSomebodyAnswersForTheirOwnPartOfAWave(t *testing.T) {
	tree := shareTree(t)
	for _, c := range []struct{ scope, own, part UnitID }{
		{"org", "a", "a"}, {"a", "a", "a"}, {"a", "org", "a"}, {"a1", "a", "a1"}, {"a", "b", ""}, {"a", "", ""}, {"a1", "a2", ""},
	} {
		if got, ok := PartOf(tree, c.scope, c.own); got != c.part || ok != (c.part != "") {
			t.Errorf("%s of a wave of %s: %q, want %q", c.own, c.scope, got, c.part)
		}
	}
}

func soundNote() Note {
	return Note{Unit: "a", Wave: "2026-11", Said: "Too many meetings", Doing: "Fewer", Owner: "Ana Lead", Actions: []string{"one", "two"}}
}

func TestANoteIsPublishedWithTheActionsItSharesAsTheyStand(t *testing.T) {
	state := func(text string, status ActionStatus) ActionState {
		return ActionState{Text: text, Owner: "Ana", Mail: "ana@example.org", Due: "2026-12-01", Status: status, Evidence: "kept inside"}
	}
	actions := []Action{
		{ID: "one", Unit: "a", ActionState: state("First", ActionDone)},
		{ID: "three", Unit: "a", ActionState: state("Not shared", ActionPlanned)},
		{ID: "two", Unit: "a", ActionState: state("Dropped since", ActionDropped)},
	}
	got, err := soundNote().Publish(actions, "2026-12-02", "ana@example.org")
	if err != nil {
		t.Fatal(err)
	}
	want := PublishedNote{
		Said: "Too many meetings", Doing: "Fewer", Owner: "Ana Lead", Day: "2026-12-02", By: "ana@example.org",
		Actions: []SharedAction{{Text: "First", Owner: "Ana", Due: "2026-12-01", Status: ActionDone}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	elsewhere := []Action{{ID: "one", Unit: "b", ActionState: state("Of another unit", ActionPlanned)}}
	if got, _ := soundNote().Publish(elsewhere, "2026-12-02", ""); len(got.Actions) != 0 {
		t.Error("another unit's action was shared:", got.Actions)
	}
}

func TestANoteThatSaysNothingIsNotPublished(t *testing.T) {
	for key, change := range map[string]func(*Note){
		"error.note.said":  func(n *Note) { n.Said = "" },
		"error.note.doing": func(n *Note) { n.Doing, n.Actions = "", nil },
		"error.note.owner": func(n *Note) { n.Owner = "" },
	} {
		n := soundNote()
		change(&n)
		if _, err := CheckNote(n); err != nil {
			t.Errorf("%s: a draft may have gaps: %v", key, err)
		}
		if _, err := n.Publish(nil, "2026-12-02", ""); !IsKey(err, key) {
			t.Errorf("%s: %v", key, err)
		}
	}
	for key, change := range map[string]func(*Note){
		"error.note.long":         func(n *Note) { n.Doing = strings.Repeat("x", MaxNoteText+1) },
		"error.action.owner_long": func(n *Note) { n.Owner = strings.Repeat("x", MaxActionOwner+1) },
		"error.action.due":        func(n *Note) { n.Until = "soon" },
		"error.action.signs":      func(n *Note) { n.Said = "\x07" },
		"error.note.actions":      func(n *Note) { n.Actions = make([]string, MaxNoteActions+1) },
	} {
		n := soundNote()
		change(&n)
		if _, err := CheckNote(n); !IsKey(err, key) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func TestAPublishedNoteDiffersWhenItReadsDifferently(t *testing.T) {
	p := PublishedNote{Said: "s", Doing: "d", Until: "2026-12-01", Owner: "o", Day: "2026-11-01", By: "x", Actions: []SharedAction{{Text: "t"}}}
	same := p
	same.Day, same.By = "2026-11-02", "y"
	if p.Differs(same) {
		t.Error("the day alone is no other text")
	}
	for name, change := range map[string]func(*PublishedNote){
		"said": func(p *PublishedNote) { p.Said = "x" }, "doing": func(p *PublishedNote) { p.Doing = "x" }, "until": func(p *PublishedNote) { p.Until = "" },
		"owner": func(p *PublishedNote) { p.Owner = "x" }, "actions": func(p *PublishedNote) { p.Actions = nil },
		"an action": func(p *PublishedNote) { p.Actions = []SharedAction{{Text: "x"}} },
	} {
		other := p
		change(&other)
		if !p.Differs(other) {
			t.Errorf("%s: taken for the same", name)
		}
	}
}
