package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"attune/survey"
)

func TestTheListOfWavesSaysWhatHappensNext(t *testing.T) {
	h := newHouse(t)
	doc, _ := h.as(managerMail).page("/console/waves")
	wave := doc.Find("article.wave").First()
	for _, want := range []string{"December 2026", "planned", "7 December 2026", "Next:"} {
		if !strings.Contains(wave.Text(), want) {
			t.Errorf("the wave does not say %q: %s", want, wave.Text())
		}
	}
}

func TestEveryStateReasonAndMonthHasItsWords(t *testing.T) {
	h := newHouse(t)
	var keys []string
	for _, state := range []survey.State{survey.Planned, survey.Announced, survey.Open, survey.Closed, survey.Released, survey.Void} {
		keys = append(keys, "console.state."+string(state), "console.next."+string(state))
	}
	for _, reason := range []string{"protected", "level", "not_asked", "not_invited", "too_few_items"} {
		keys = append(keys, "console.reason."+reason)
	}
	for _, status := range []string{"shown", "combined", "suppressed", "empty"} {
		keys = append(keys, "console.status."+status)
	}
	for month := 1; month <= 12; month++ {
		keys = append(keys, "console.month."+twoDigits(month), "console.month_short."+twoDigits(month))
	}
	for _, role := range []string{admin, manager, hr, auditor} {
		keys = append(keys, "console.role."+role)
	}
	for _, key := range keys {
		if !h.site.Has(key) {
			t.Errorf("no text %s", key)
		}
	}
}

func TestADemonstrationMovesItsClockOnlyByKnownSteps(t *testing.T) {
	var moved []string
	h := newHouse(t, withDemo(&moved))
	b := h.as(managerMail)
	for to, want := range map[string]int{
		"open": http.StatusSeeOther, "close": http.StatusSeeOther, "release": http.StatusSeeOther, "+24h": http.StatusSeeOther,
		"": http.StatusUnprocessableEntity, "-24h": http.StatusUnprocessableEntity, "+9999999h": http.StatusUnprocessableEntity,
		"24h": http.StatusUnprocessableEntity, "+0h": http.StatusUnprocessableEntity, "yesterday": http.StatusUnprocessableEntity,
	} {
		if status, _ := b.post("/console/demo/advance", url.Values{"to": {to}}); status != want {
			t.Errorf("to %q: status %d, want %d", to, status, want)
		}
	}
	slices.Sort(moved)
	if got := strings.Join(moved, " "); got != "+24h close open release" {
		t.Errorf("the clock was moved to %q", got)
	}
}

func TestADemonstrationSignsInWithOneTap(t *testing.T) {
	h := newHouse(t, withDemo(nil))
	doc, _ := h.browser().page("/console/sign-in")
	form := doc.Find(".demo form").First()
	email, pass := form.Find("[name=email]").AttrOr("value", ""), form.Find("[name=password]").AttrOr("value", "")
	if status, _ := h.browser().post(form.AttrOr("action", ""), url.Values{"email": {email}, "password": {pass}}); status != http.StatusSeeOther {
		t.Errorf("status %d", status)
	}
}
