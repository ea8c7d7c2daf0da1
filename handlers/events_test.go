package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/survey"
)

// writes posts an event for a unit.
func (b *browser) writes(unit survey.UnitID, kind, title string) (status int, body string) {
	b.house.t.Helper()
	return b.post(eventsPath(unit), url.Values{"kind": {kind}, "day": {"2026-06-01"}, "title": {title}})
}

func TestWhatHappenedToAUnitIsWrittenDownByItsManagerAndReadBelow(t *testing.T) {
	h := newHouse(t)
	if status, body := h.as(managerMail).writes(childrenID, "action", "Weekly case talks"); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, body)
	}
	_, page := h.as(adminMail).get(eventsPath(dutyID))
	if !strings.Contains(page, "Weekly case talks") || !strings.Contains(page, "Written down for Children") {
		t.Error("the page of a team does not tell what happened to its department")
	}
	if _, page := h.as(adminMail).get(eventsPath(nightID)); strings.Contains(page, "Weekly case talks") {
		t.Error("the page of another department tells it too")
	}
	if _, page := h.as(hrMail).get(eventsPath(childrenID)); !strings.Contains(page, "Weekly case talks") || strings.Contains(page, `name="kind"`) {
		t.Error("HR should read events and not write them")
	}
}

func TestNobodyWritesDownWhatHappenedElsewhere(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		email  string
		unit   survey.UnitID
		status int
	}{
		"another department":      {managerMail, nightID, http.StatusForbidden},
		"the unit above":          {nightMail, hospitalID, http.StatusForbidden},
		"a unit that is not":      {managerMail, "nowhere", http.StatusForbidden},
		"HR, who only reads":      {hrMail, childrenID, http.StatusForbidden},
		"an auditor":              {auditorMail, childrenID, http.StatusForbidden},
		"an administrator, there": {adminMail, "nowhere", http.StatusNotFound},
	} {
		b := h.as(c.email)
		if status, _ := b.writes(c.unit, "action", "x"); status != c.status {
			t.Errorf("%s: status %d, want %d", name, status, c.status)
		}
		if status, _ := b.post(eventsPath(c.unit)+"/remove", url.Values{"event": {"any"}}); status != c.status {
			t.Errorf("%s, removing: status %d, want %d", name, status, c.status)
		}
	}
	if status, _ := h.as(auditorMail).get(eventsPath(childrenID)); status != http.StatusForbidden {
		t.Errorf("an auditor reads events: status %d", status)
	}
}

func TestAnEventOfAnotherUnitIsNotRemovedFromHere(t *testing.T) {
	h := newHouse(t)
	h.as(adminMail).writes(hospitalID, "reorganisation", "Merger")
	events, err := h.store.Events(t.Context(), []survey.UnitID{hospitalID})
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	gone := url.Values{"event": {events[0].ID}}
	if status, _ := h.as(nightMail).post(eventsPath(nightID)+"/remove", gone); status != http.StatusNotFound {
		t.Errorf("a team removed what belongs to its department: status %d", status)
	}
	status, page := h.as(adminMail).post(eventsPath(hospitalID)+"/remove", gone)
	if status != http.StatusOK || !strings.Contains(page, `value="Merger"`) {
		t.Errorf("status %d, without a way to bring it back", status)
	}
}

func TestAnEventThatCannotBeKeptComesBackWithItsReason(t *testing.T) {
	h := newHouse(t)
	status, page := h.as(managerMail).writes(dutyID, "incident", "A <b>story</b>")
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "Leave the words empty") || !strings.Contains(page, "A &lt;b&gt;story") {
		t.Errorf("status %d, without reason or without what was typed", status)
	}
	if events, _ := h.store.Events(t.Context(), []survey.UnitID{dutyID}); len(events) != 0 {
		t.Errorf("kept: %v", events)
	}
}
