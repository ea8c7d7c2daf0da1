package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// plan adds an action to a unit and gives its id.
func (h *house) plan(unit survey.UnitID, text, due string) string {
	h.t.Helper()
	id, err := h.store.AddAction(h.t.Context(), survey.Action{
		Unit: unit, Added: h.clock.now(), AddedBy: managerMail,
		ActionState: survey.ActionState{Text: text, Owner: "Ana Lead", Due: due, Status: survey.ActionPlanned},
	})
	must(h.t, err)
	return id
}

// waiting are the lines of what is due for a user.
func (s *staffHouse) waiting(email string) string {
	s.t.Helper()
	user, err := s.store.UserByEmail(s.t.Context(), email)
	must(s.t, err)
	lines, err := s.voice("en").due(s.t.Context(), viewer{User: user})
	must(s.t, err)
	var text []string
	for _, l := range lines {
		text = append(text, fmt.Sprintf("%s | %s | %s | %v", l.Text, l.Unit, l.When, l.Late))
	}
	return strings.Join(text, "\n")
}

// voice is the console's voice with a real store.
func (s *staffHouse) voice(lang string) speech {
	return (&console{plans: s.store, waves: s.waves, site: s.site, zone: time.UTC, now: s.clock.now}).in(lang)
}

func TestWhatIsDueIsLateOrWithinAFortnightAndOfTheViewersPart(t *testing.T) {
	h := newStaffHouse(t)
	for email, user := range map[string]store.User{
		"admin@x.example": {Roles: []string{admin}}, "hr@x.example": {Roles: []string{hr}}, "auditor@x.example": {Roles: []string{auditor}},
		"children@x.example": {Roles: []string{manager}, Unit: h.units["Children"]}, "duty@x.example": {Roles: []string{manager}, Unit: h.units["Children / Duty team"]},
		"lost@x.example": {Roles: []string{manager}},
	} {
		user.Email = email
		must(t, h.store.AddUser(t.Context(), user))
	}
	today := h.clock.now()
	on := func(days int) string { return today.AddDate(0, 0, days).Format(time.DateOnly) }
	duty := h.units["Children / Duty team"]
	h.plan(duty, "Soon", on(14))
	h.plan(duty, "Later", on(15))
	h.plan(h.units["Children"], "Overdue", on(-1))
	h.plan(h.units["Hospital"], "Elsewhere", on(0))
	done := h.plan(duty, "Done", on(-3))
	must(t, h.store.SaveAction(t.Context(), done, 1, survey.ActionEdit{
		ActionState: survey.ActionState{Text: "Done", Owner: "x", Due: on(-3), Status: survey.ActionDone, Evidence: "x"}, At: today,
	}, nil))

	s := h.voice("en")
	promised := ""
	waves, err := h.waves.Waves(t.Context())
	must(t, err)
	for _, w := range waves {
		if w.ID == releasedWave {
			promised = w.ResultsOn
		}
	}
	promise := func(unit string) string {
		state := "Promised for " + s.date(promised)
		if promised < on(0) {
			state = "Results were promised for " + s.date(promised) + "; not yet shared"
		}
		return fmt.Sprintf("Share the results of March 2026 and answer them | %s | %s | %v", unit, state, promised < on(0))
	}
	overdue := "Overdue | Children | Was due on " + s.date(on(-1)) + " | true"
	soon := "Soon | Children / Duty team | Due on " + s.date(on(14)) + " | false"
	elsewhere := "Elsewhere | Hospital | Due today | false"
	for email, want := range map[string][]string{
		"admin@x.example": {promise("Riverside Services"), overdue, elsewhere, soon}, "hr@x.example": {promise("Riverside Services"), overdue, elsewhere, soon},
		"children@x.example": {promise("Children"), overdue, soon}, "duty@x.example": {promise("Children / Duty team"), soon},
		"auditor@x.example": {}, "lost@x.example": {},
	} {
		got := h.waiting(email)
		lines := strings.Split(got, "\n")
		if got == "" {
			lines = nil
		}
		if len(lines) != len(want) {
			t.Errorf("%s hears of %d things, want %d:\n%s", email, len(lines), len(want), got)
		}
		for _, line := range want {
			if !strings.Contains(got+"\n", line+"\n") {
				t.Errorf("%s does not hear of %q:\n%s", email, line, got)
			}
		}
	}
}

func TestAPromiseIsDueUntilItIsKeptAndLateIsSaid(t *testing.T) {
	h := newStaffHouse(t)
	must(t, h.store.AddUser(t.Context(), store.User{Email: "duty@x.example", Roles: []string{manager}, Unit: h.units["Children / Duty team"]}))
	w, err := h.waves.Waves(t.Context())
	must(t, err)
	on, err := time.Parse(time.DateOnly, w[0].ResultsOn)
	must(t, err)
	for days, want := range map[int]string{
		-15: "", -14: "Promised for ", 0: "Promised for ", 1: "Results were promised for ", promiseRecall: "Results were promised for ", promiseRecall + 1: "",
	} {
		h.clock.at = on.AddDate(0, 0, days).Add(9 * time.Hour)
		if got := h.waiting("duty@x.example"); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%d days after it was promised: %q, want %q", days, got, want)
		}
	}
	h.clock.at = on.AddDate(0, 0, 3)
	for _, with := range []string{"Children / Intake", "Children"} {
		must(t, h.store.ShareResults(t.Context(), survey.Sharing{Wave: w[0].ID, Unit: h.units[with], Day: w[0].ResultsOn}))
		kept := with == "Children" // and so with the team in it
		if got := h.waiting("duty@x.example"); (got == "") != kept {
			t.Errorf("shared with %s: %q", with, got)
		}
	}
}
