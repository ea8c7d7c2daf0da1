package handlers

import (
	"net/url"
	"strings"
	"testing"
)

// The unit's page leads to what leaders answered about it and about what it is
// part of, and only where that opens.
func TestAUnitsPageLeadsToPolicyBesideExperience(t *testing.T) {
	h := newHouse(t)
	lead := h.as(managerMail)
	if doc, _ := lead.page("/console/teams/" + string(dutyID)); doc.Find("#felt").Length() != 0 {
		t.Error("there are no answers, and a way to them")
	}
	if status, _ := lead.post("/console/leaders", url.Values{"pack": {policyAudit}, "unit": {string(childrenID)}}); status != 303 {
		t.Fatalf("status %d", status)
	}
	for email, want := range map[string]int{managerMail: 1, hrMail: 1} {
		b := h.as(email)
		for _, unit := range []string{string(dutyID), string(childrenID)} {
			doc, _ := b.page("/console/teams/" + unit)
			links := doc.Find("#felt a")
			if links.Length() != want {
				t.Errorf("%s, %s: %d ways", email, unit, links.Length())
				continue
			}
			if status, _ := b.get(links.AttrOr("href", "")); status != 200 || !strings.Contains(links.Text(), "Children") {
				t.Errorf("%s, %s: %q gives %d", email, unit, links.Text(), status)
			}
		}
	}
	if doc, _ := h.as(hrMail).page("/console/teams/" + string(nightID)); doc.Find("#felt").Length() != 0 {
		t.Error("what was answered about another department stands on the page")
	}
}
