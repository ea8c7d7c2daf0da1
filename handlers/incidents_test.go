package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// staff gives a unit people.
func (h *house) people(unit survey.UnitID, n int) {
	h.t.Helper()
	var plan survey.ImportPlan
	for i := range n {
		id := fmt.Sprint(unit, i)
		plan.Add = append(plan.Add, survey.Person{ID: survey.PersonID(id), Email: id + "@riverside.example", Name: id, Unit: unit, Active: true})
	}
	if err := h.store.ApplyImport(h.t.Context(), plan); err != nil {
		h.t.Fatal(err)
	}
}

func offerForm(unit survey.UnitID) url.Values { // today is 21 November 2026
	return url.Values{"unit": {string(unit)}, "day": {"2026-11-21"}, "owner": {"Robin Lead"}, "results": {"2026-11-30"}, "contact": {"Sam Support, 555 0100"}}
}

func main(t *testing.T, body string) string {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return spaced(doc.Find("main").Text())
}

func (h *house) offers() int {
	h.t.Helper()
	all, err := h.store.Waves(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	n := 0
	for _, w := range all {
		if survey.IsIncident(w.Programme) && !w.State.Final() {
			n++
		}
	}
	return n
}

func TestAManagerSeesWhatWouldHappenAndOffersItInOneTap(t *testing.T) {
	h := newHouse(t)
	h.people(dutyID, 12)
	b := h.as(managerMail)
	status, body := b.post(incidentsPath+"/preview", offerForm(dutyID))
	text := main(t, body)
	for _, want := range []string{
		"Everybody in Duty team is asked: 12 people", "from 10 answers on", "24 November 2026, 09:00", "15 December 2026", "6 February 2027",
		"Sam Support, 555 0100", "Robin Lead is responsible", "It is voluntary", "Nothing is asked about what happened",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the preview does not say %q:\n%s", want, text)
		}
	}
	if status != http.StatusOK || h.offers() != 0 {
		t.Fatalf("status %d, %d waves before the tap", status, h.offers())
	}
	if status, body = b.post(incidentsPath, offerForm(dutyID)); status != http.StatusSeeOther || h.offers() != 3 {
		t.Fatalf("status %d, %d waves: %s", status, h.offers(), body)
	}
	doc, _ := b.page(incidentsPath + "?said=made")
	if doc.Find("article#incident-1 tbody tr").Length() != 3 || doc.Find("[role=status]").Length() != 1 || doc.Find("#checklist h3").Length() != 3 {
		t.Error("the page does not show the offer, or not the checklist")
	}
	if status, body = b.post(incidentsPath, offerForm(dutyID)); status != http.StatusConflict || !strings.Contains(body, "in the middle of an offer") {
		t.Errorf("a second offer: status %d", status)
	}
	_, sheet := b.get(incidentsPath + "/incident-1/sheet?lang=fr")
	for _, want := range []string{"Sam Support, 555 0100", "Robin Lead", "Informer", "24 novembre 2026"} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the sheet does not say %q", want)
		}
	}
	events, err := h.store.Events(t.Context(), []survey.UnitID{dutyID})
	if err != nil || len(events) != 1 || events[0].Title != "" || events[0].By != managerMail {
		t.Errorf("events %v, %v", events, err)
	}
	if status, _ = b.post(incidentsPath+"/incident-1/end", url.Values{"sure": {"1"}}); status != http.StatusSeeOther || h.offers() != 0 {
		t.Errorf("ending: status %d, %d waves left", status, h.offers())
	}
}

// Night has four people and k is five, so that the hospital has to be asked,
// which is not Night's manager's to decide.
func TestASmallUnitsManagerLeavesTheUnitAboveToAnAdministrator(t *testing.T) {
	h := newHouse(t)
	h.people(nightID, 4)
	h.people(dayID, 3)
	status, body := h.as(nightMail).post(incidentsPath+"/preview", offerForm(nightID))
	if status != http.StatusConflict || !strings.Contains(main(t, body), "Ask an administrator") {
		t.Errorf("status %d: %s", status, main(t, body))
	}
	h.people(dutyID, 12)
	b := h.as(adminMail)
	_, body = b.post(incidentsPath+"/preview", offerForm(nightID))
	text := main(t, body)
	for _, want := range []string{"Night crisis team has 4 people, fewer than the 5", "Everybody in Hospital is asked: 7 people", "its answers could never be shown", "Ask together with Riverside Services (19 people)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the preview does not say %q:\n%s", want, text)
		}
	}
	with := offerForm(nightID)
	with.Set("with", string(orgID))
	_, body = b.post(incidentsPath+"/preview", with)
	if text = main(t, body); !strings.Contains(text, "Everybody in Riverside Services is asked: 19 people") || strings.Contains(text, "never be shown") {
		t.Errorf("together:\n%s", text)
	}
	if status, body = b.post(incidentsPath, with); status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", status, body)
	}
	night := h.as(nightMail)
	if _, body = night.get(incidentsPath); !strings.Contains(body, "incident-1/sheet") || strings.Contains(body, "incident-1/end") {
		t.Error("the manager of an affected unit should find the sheet and no way to end what is not theirs")
	}
	if status, _ = night.post(incidentsPath+"/incident-1/end", url.Values{"sure": {"1"}}); status != http.StatusForbidden || h.offers() != 3 {
		t.Errorf("status %d, %d waves", status, h.offers())
	}
}

func TestNobodyOffersElsewhereOrWithoutTheRole(t *testing.T) {
	h := newHouse(t)
	h.people(dutyID, 12)
	for name, c := range map[string]struct {
		email  string
		unit   survey.UnitID
		status int
	}{
		"another department": {nightMail, dutyID, http.StatusForbidden},
		"HR":                 {hrMail, dutyID, http.StatusForbidden},
		"an auditor":         {auditorMail, dutyID, http.StatusForbidden},
		"no such unit":       {adminMail, "nowhere", http.StatusUnprocessableEntity},
	} {
		for _, path := range []string{incidentsPath, incidentsPath + "/preview"} {
			if status, _ := h.as(c.email).post(path, offerForm(c.unit)); status != c.status {
				t.Errorf("%s, %s: status %d, want %d", name, path, status, c.status)
			}
		}
	}
	if h.offers() != 0 {
		t.Error("something was offered")
	}
	if status, _ := h.as(adminMail).get(incidentsPath + "/incident-9/sheet"); status != http.StatusNotFound {
		t.Errorf("the sheet of no offer: status %d", status)
	}
}

func TestWhatWasTypedComesBackWithTheReason(t *testing.T) {
	h := newHouse(t)
	h.people(dutyID, 12)
	form := offerForm(dutyID)
	form.Set("results", "2026-11-25") // the first round closes on the 26th
	status, body := h.as(adminMail).post(incidentsPath+"/preview", form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "2026-11-26") || !strings.Contains(body, "Robin Lead") || !strings.Contains(body, "Sam Support") {
		t.Errorf("status %d: %s", status, main(t, body))
	}
	form = offerForm(dutyID)
	form.Set("back", "1")
	if status, body = h.as(adminMail).post(incidentsPath+"/preview", form); status != http.StatusOK || !strings.Contains(body, `value="Robin Lead"`) {
		t.Errorf("going back: status %d", status)
	}
}
