package survey

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func soundAction() ActionState {
	return ActionState{Text: "Weekly case talks", Owner: "Ana Lead", Mail: "ana@example.org", Due: "2026-12-01", Status: ActionPlanned}
}

func TestAnActionIsKeptInItsCleanForm(t *testing.T) {
	a := soundAction()
	a.Text, a.Owner, a.Mail, a.Evidence = "  Weekly\n case  talks ", " Ana  Lead", " Ana@Example.org ", "\r\nfirst\r\nsecond\n"
	got, err := CheckAction(a)
	if err != nil {
		t.Fatal(err)
	}
	want := soundAction()
	want.Evidence = "first\nsecond"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnActionThatCannotBeMeantIsRefusedWithItsReason(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*ActionState)
		key    string
	}{
		"no words":             {func(a *ActionState) { a.Text = " \n" }, "error.action.text"},
		"too many words":       {func(a *ActionState) { a.Text = strings.Repeat("é", MaxActionText+1) }, "error.action.text_long"},
		"nobody":               {func(a *ActionState) { a.Owner = "" }, "error.action.owner"},
		"a long name":          {func(a *ActionState) { a.Owner = strings.Repeat("n", MaxActionOwner+1) }, "error.action.owner_long"},
		"no address":           {func(a *ActionState) { a.Mail = "ana" }, "error.action.mail"},
		"a name with address":  {func(a *ActionState) { a.Mail = "Ana <ana@example.org>" }, "error.action.mail"},
		"no day":               {func(a *ActionState) { a.Due = "" }, "error.action.due"},
		"the 30th of February": {func(a *ActionState) { a.Due = "2026-02-30" }, "error.action.due"},
		"before our time":      {func(a *ActionState) { a.Due = "1999-12-31" }, "error.action.due"},
		"after it":             {func(a *ActionState) { a.Due = "2100-01-01" }, "error.action.due"},
		"no status":            {func(a *ActionState) { a.Status = "" }, "error.action.status"},
		"another status":       {func(a *ActionState) { a.Status = "late" }, "error.action.status"},
		"done without proof":   {func(a *ActionState) { a.Status = ActionDone }, "error.action.evidence"},
		"dropped, no reason":   {func(a *ActionState) { a.Status = ActionDropped }, "error.action.evidence"},
		"much evidence":        {func(a *ActionState) { a.Evidence = strings.Repeat("e", MaxActionEvidence+1) }, "error.action.evidence_long"},
		"a hidden sign":        {func(a *ActionState) { a.Evidence = "a\x00b" }, "error.action.signs"},
		"broken letters":       {func(a *ActionState) { a.Text = "a\xff" }, "error.action.signs"},
	} {
		a := soundAction()
		c.change(&a)
		if _, err := CheckAction(a); !IsCode(err, Invalid) || !IsKey(err, c.key) {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
	at := soundAction()
	at.Text, at.Owner = strings.Repeat("é", MaxActionText), strings.Repeat("n", MaxActionOwner)
	if _, err := CheckAction(at); err != nil {
		t.Error("as long as it may be:", err)
	}
}

func TestACheckedActionStaysAsItIs(t *testing.T) {
	statuses := ActionStatuses()
	rapid.Check(t, func(t *rapid.T) {
		a := ActionState{
			Text: rapid.String().Draw(t, "text"), Owner: rapid.String().Draw(t, "owner"), Evidence: rapid.String().Draw(t, "evidence"),
			Due: "2026-12-01", Status: rapid.SampledFrom(statuses).Draw(t, "status"),
		}
		once, err := CheckAction(a)
		if err != nil {
			return
		}
		twice, err := CheckAction(once)
		if err != nil {
			t.Fatalf("checked once it is refused: %v", err)
		}
		if diff := cmp.Diff(once, twice); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestUndoingTwiceGivesWhatWasThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringMatching("[a-z]{1,4}"), 2, 6).Draw(t, "texts")
		var edits []ActionEdit
		for _, text := range texts {
			edits = append(edits, ActionEdit{ActionState: ActionState{Text: text}})
		}
		for range 2 {
			before, err := ActionBefore(edits)
			if err != nil {
				t.Fatal(err)
			}
			edits = append(edits, ActionEdit{ActionState: before})
		}
		if got, want := edits[len(edits)-1].Text, texts[len(texts)-1]; got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	})
	if _, err := ActionBefore([]ActionEdit{{}}); !IsKey(err, "error.action.nothing_to_undo") {
		t.Error(err)
	}
}

func TestOnlyWhatIsStillToBeDoneIsLate(t *testing.T) {
	for _, status := range ActionStatuses() {
		a := ActionState{Due: "2026-12-01", Status: status}
		if a.Late("2026-12-01") {
			t.Errorf("%s: late on its day", status)
		}
		if got, want := a.Late("2026-12-02"), status == ActionPlanned || status == ActionUnderWay; got != want {
			t.Errorf("%s: late %v on the day after", status, got)
		}
	}
}

// Seven days before, on the day, seven days after, and then never again.
func TestAnActionHasThreeMomentsAndNeverTwoAtOnce(t *testing.T) {
	for days, want := range map[int]ReminderMoment{
		-8: "", -7: RemindBefore, -1: RemindBefore, 0: RemindOn, 6: RemindOn, 7: RemindAfter, 13: RemindAfter, 14: "", 400: "",
	} {
		today := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days).Format(time.DateOnly) // the clocks change that day
		if got, ok := ReminderOf("2026-03-29", today); got != want || ok != (want != "") {
			t.Errorf("%d days after it is due: %q %v, want %q", days, got, ok, want)
		}
	}
	if _, ok := ReminderOf("soon", "2026-03-29"); ok {
		t.Error("a day that is none has a moment")
	}
}

func TestAMarkCarriesAsMuchOfAnActionAsAnEventCan(t *testing.T) {
	for _, text := range []string{"Weekly case talks", strings.Repeat("é", MaxEventTitle), strings.Repeat("é", MaxActionText)} {
		mark := Action{Unit: "u", ActionState: ActionState{Text: text}}.Mark("2026-12-01", "ana@example.org")
		if err := mark.Check("2026-12-01"); err != nil {
			t.Errorf("%d signs: %v", len([]rune(text)), err)
		}
		if !strings.HasPrefix(text, strings.TrimSuffix(mark.Title, "…")) {
			t.Errorf("%q became %q", text, mark.Title)
		}
	}
}

func TestEverySuggestionOfAGuideIsFoundByItsPlace(t *testing.T) {
	guides, err := NewGuides()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range guides.All() {
		places := g.Suggestions()
		if want := len(g.Organisation) + len(g.Manager); len(places) != want {
			t.Errorf("%s: %d places, want %d", g.ID, len(places), want)
		}
		for _, place := range places {
			text, ok := g.Suggestion(place)
			if !ok || text.In("en") == "" {
				t.Errorf("%s has nothing at %s", g.ID, place)
			}
			if _, err := CheckAction(ActionState{Text: text.In("fr"), Owner: "x", Due: "2026-12-01", Status: ActionPlanned}); err != nil {
				t.Errorf("%s, %s does not fit into an action: %v", g.ID, place, err)
			}
		}
		for _, place := range []string{"", "organisation", "organisation-0", "organisation-01", "organisation-99", "ask-1", "manager--1"} {
			if _, ok := g.Suggestion(place); ok {
				t.Errorf("%s has something at %q", g.ID, place)
			}
		}
	}
}
