package survey_test

import (
	"strings"
	"testing"
	"time"

	"attune/survey"
)

func TestAnAnswerThatCannotBeMeantIsRefused(t *testing.T) {
	audit, reflection := leaderPack(t, "policy-audit"), leaderPack(t, "trauma-informed")
	for _, c := range []struct {
		name, entry, key string
		pack             *survey.LeaderPack
		answer           survey.LeaderAnswer
	}{
		{"entry that the pack lacks", "gossip", "error.leader.entry", audit, survey.LeaderAnswer{State: "none"}},
		{"state that the pack lacks", "fair_pay", "error.leader.state", audit, survey.LeaderAnswer{State: "perfect"}},
		{"note without a state", "fair_pay", "error.leader.state", audit, survey.LeaderAnswer{Note: "a note"}},
		{"number in words", "regular_supervision", "error.leader.number", audit, survey.LeaderAnswer{State: "none", Number: "two"}},
		{"exponent", "regular_supervision", "error.leader.number", audit, survey.LeaderAnswer{State: "none", Number: "1e2"}},
		{"number below what can be meant", "staff_per_supervisor", "error.leader.number_range", audit, survey.LeaderAnswer{State: "none", Number: "0"}},
		{"number above it", "regular_supervision", "error.leader.number_range", audit, survey.LeaderAnswer{State: "none", Number: "53"}},
		{"date that is none", "fair_pay", "error.leader.due", audit, survey.LeaderAnswer{State: "none", Due: "2026-02-30"}},
		{"note too long", "fair_pay", "error.leader.note_long", audit, survey.LeaderAnswer{State: "none", Note: strings.Repeat("é", survey.MaxLeaderNote+1)}},
		{"name too long", "fair_pay", "error.leader.owner_long", audit, survey.LeaderAnswer{State: "none", Owner: strings.Repeat("é", survey.MaxLeaderOwner+1)}},
		{"words too long", "modelling", "error.leader.note_long", reflection, survey.LeaderAnswer{Note: strings.Repeat("é", survey.MaxLeaderNote+1)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := survey.CheckLeaderAnswer(c.pack, c.entry, c.answer); !survey.IsKey(err, c.key) {
				t.Errorf("got %v, want %s", err, c.key)
			}
		})
	}
}

func TestAnAnswerIsCleanedBeforeItIsSaved(t *testing.T) {
	audit, reflection := leaderPack(t, "policy-audit"), leaderPack(t, "trauma-informed")
	for _, c := range []struct {
		name, entry string
		pack        *survey.LeaderPack
		given, want survey.LeaderAnswer
	}{
		{
			"decimal comma and blanks", "regular_supervision", audit,
			survey.LeaderAnswer{State: "partly", Number: " 2,5 ", Note: " every second Tuesday ", Owner: " Ana  Lee ", Due: "2027-01-31"},
			survey.LeaderAnswer{State: "partly", Number: "2.5", Note: "every second Tuesday", Owner: "Ana Lee", Due: "2027-01-31"},
		},
		{"nothing clears the answer", "fair_pay", audit, survey.LeaderAnswer{}, survey.LeaderAnswer{}},
		{"a question has no state", "modelling", reflection, survey.LeaderAnswer{State: "none", Note: "I say what I do not know."}, survey.LeaderAnswer{Note: "I say what I do not know."}},
		{"a number that nobody asked for", "fair_pay", audit, survey.LeaderAnswer{State: "none", Number: "7"}, survey.LeaderAnswer{State: "none"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := survey.CheckLeaderAnswer(c.pack, c.entry, c.given)
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

// edits are three versions of one entry and one of another.
func edits() []survey.LeaderEdit {
	return []survey.LeaderEdit{
		{Entry: "fair_pay", LeaderAnswer: survey.LeaderAnswer{State: "none"}},
		{Entry: "appreciation", LeaderAnswer: survey.LeaderAnswer{State: "reviewed"}},
		{Entry: "fair_pay", LeaderAnswer: survey.LeaderAnswer{State: "planned"}},
		{Entry: "fair_pay", LeaderAnswer: survey.LeaderAnswer{State: "in_place"}},
	}
}

func TestTakingBackGivesTheVersionBeforeAndTwiceTheOneThatStood(t *testing.T) {
	all := edits()
	answer, err := survey.Undone(all, "fair_pay")
	if err != nil || answer.State != "planned" {
		t.Fatalf("got %+v, %v, want planned", answer, err)
	}
	all = append(all, survey.LeaderEdit{Entry: "fair_pay", LeaderAnswer: answer})
	if answer, err = survey.Undone(all, "fair_pay"); err != nil || answer.State != "in_place" {
		t.Errorf("got %+v, %v, want in_place", answer, err)
	}
	if answer, err = survey.Undone(all, "appreciation"); err != nil || answer.Said() {
		t.Errorf("before the first version there is nothing, got %+v, %v", answer, err)
	}
	if _, err = survey.Undone(all, "health_promotion"); !survey.IsCode(err, survey.Conflict) {
		t.Errorf("got %v, want Conflict", err)
	}
}

// Two of valuing's three entries, one of them in place, by hand.
func TestProgressCountsAndScoresNothing(t *testing.T) {
	p := leaderPack(t, "policy-audit")
	answers := map[string]survey.LeaderAnswer{
		"appreciation": {State: "reviewed"}, "staff_input": {State: "partly"}, "fair_pay": {State: "none"},
		"gone_in_a_later_version": {State: "in_place"},
	}
	blocks, all := survey.Progress(p, answers)
	if want := (survey.LeaderProgress{Entries: 51, Said: 3, InPlace: 1}); all != want {
		t.Errorf("all %+v, want %+v", all, want)
	}
	for i, b := range p.Blocks {
		if want := (survey.LeaderProgress{Entries: 3, Said: 2, InPlace: 1}); b.ID == "valuing" && blocks[i] != want {
			t.Errorf("valuing %+v, want %+v", blocks[i], want)
		}
	}
}

func TestAComparisonFollowsTheOrderOfTheStates(t *testing.T) {
	p := leaderPack(t, "policy-audit")
	for _, c := range []struct {
		before, now string
		want        survey.Moved
	}{
		{"none", "planned", survey.MovedUp},
		{"partly", "reviewed", survey.MovedUp},
		{"reviewed", "in_place", survey.MovedDown},
		{"planned", "planned", survey.MovedNot},
		{"", "planned", survey.MovedUnknown},
		{"planned", "", survey.MovedUnknown},
	} {
		if got := p.Compare(survey.LeaderAnswer{State: c.before}, survey.LeaderAnswer{State: c.now}); got != c.want {
			t.Errorf("%q to %q is %s, want %s", c.before, c.now, got, c.want)
		}
	}
}

func TestThePreviousAuditIsTheLatestBeforeOfTheSamePackAndUnit(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	now := survey.LeaderAudit{ID: "now", Pack: "policy-audit", Unit: "org", Started: day(20)}
	all := []survey.LeaderAudit{
		now,
		{ID: "later", Pack: "policy-audit", Unit: "org", Started: day(25)},
		{ID: "other unit", Pack: "policy-audit", Unit: "site", Started: day(19)},
		{ID: "other pack", Pack: "trauma-informed", Unit: "org", Started: day(18)},
		{ID: "before", Pack: "policy-audit", Version: "0.9", Unit: "org", Started: day(10)},
		{ID: "long before", Pack: "policy-audit", Unit: "org", Started: day(1)},
	}
	if got, ok := survey.PreviousAudit(all, now); !ok || got.ID != "before" {
		t.Errorf("got %q, want before", got.ID)
	}
	if got, ok := survey.PreviousAudit(all, all[5]); ok {
		t.Errorf("the first audit has none before it, got %q", got.ID)
	}
}
