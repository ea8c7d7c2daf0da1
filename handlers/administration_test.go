package handlers

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"attune/survey"
	"attune/survey/wave"

	"github.com/PuerkitoBio/goquery"
)

// What pages write figures of answers with: cells, charts, strips, bars.
const figureMarks = "td.figure, .hidden-figure, script.chart, .chart-place, table.signs, table.strip, table.heat, progress, svg.spread, .changes"

// An administrator reads no figure anywhere. The year house has five released
// waves, so that HR finds figures under the same addresses.
func TestAnAdministratorReadsNoFigure(t *testing.T) {
	h := newYearHouse(t)
	b, asHR := h.as(adminMail), h.as(hrMail)
	unit := string(h.units["Children"])
	h.as("lead."+unit+"@riverside.example").writes(survey.UnitID(unit), "training", "Weekly case talks")
	paths := []string{
		"/console", administrationPath, "/console/waves", "/console/guides", "/console/leaders", "/console/incidents", "/console/contacts", "/console/packs",
		"/console/audit", "/console/teams/" + unit, "/console/teams/" + unit + "/answers", "/console/teams/" + unit + "/events", "/console/units",
		"/console/associations", "/console/export", "/console/export/download?wave=all&format=csv", "/console/audit/attune-audit.json",
	}
	figures := 0
	for _, path := range paths {
		status, body := b.get(path)
		if status != http.StatusOK && status != http.StatusForbidden {
			t.Errorf("%s: status %d", path, status)
		}
		if n := parsed(t, body).Find(figureMarks).Length(); n > 0 {
			t.Errorf("%s shows an administrator %d figures", path, n)
		}
		if status, body := asHR.get(path); status == http.StatusOK {
			figures += parsed(t, body).Find(figureMarks).Length()
		}
	}
	if figures < 100 {
		t.Errorf("HR finds %d figures under the same addresses: this test would miss them", figures)
	}
	doc, _ := b.page("/console")
	doc.Find("nav.ways a").Each(func(_ int, a *goquery.Selection) {
		if path := a.AttrOr("href", ""); path != "/log" {
			if status, _ := b.get(path); status != http.StatusOK {
				t.Errorf("an administrator is led to %s: status %d", path, status)
			}
		}
	})
}

func TestAnAdministratorWhoIsHRSeesBoth(t *testing.T) {
	h := newYearHouse(t)
	b := h.as("admin.hr@riverside.example")
	if doc, _ := b.page("/console"); doc.Find("table.units td.figure").Length() == 0 {
		t.Error("the overview has no figures")
	}
	if doc, _ := b.page(administrationPath); text(doc.Find("h1")) != "Administration" {
		t.Error("no administrators' page")
	}
}

func TestTheAdministratorsPageSaysWhatStandsInAWavesWay(t *testing.T) {
	h := newHouse(t)
	b := h.as(adminMail)
	doc, _ := b.page("/console") // a plain administrator's first page
	if got := text(doc.Find("#next h2")); got != "Next wave: December 2026" {
		t.Errorf("heading %q", got)
	}
	// The house has no people yet, and its wave names no pack.
	if got := text(doc.Find("#next .blocked")); !strings.Contains(got, "asks nothing") || !strings.Contains(got, "0 people") {
		t.Errorf("what stands in the way: %q", got)
	}
	for _, want := range []string{"7 December 2026", "Ada Owner", "Support line, extension 12", "announced by hand"} {
		if !strings.Contains(text(doc.Find("#next")), want) {
			t.Errorf("the card lacks %q", want)
		}
	}
	if got := text(doc.Find("#warnings")); !strings.Contains(got, "No mail server") || !strings.Contains(got, "No support contact for today") {
		t.Errorf("warnings: %q", got)
	}
}

func TestTheAdministratorsPageSaysWhoIsCombinedAndWhomNoMessageReaches(t *testing.T) {
	h := newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) {
		_, err := h.waves.Plan(ctx, wave.Request{
			Packs: []string{"pulse"}, Opens: h.clock.at.AddDate(0, 0, 9), Closes: h.clock.at.AddDate(0, 0, 19), Owner: "Ada Owner",
			ResultsOn: "2026-04-20", Contact: "Support line, extension 12", Paper: []survey.UnitID{h.units["Hospital / Day clinic"]},
		})
		must(h.t, err)
	})
	// Person 0 is of the duty team, Person 40 of the day clinic: on paper.
	h.change("people.db", "UPDATE people SET email = '' WHERE name IN ('Person 0', 'Person 40')")
	h.change("people.db", "UPDATE people SET email = '', phone = '+353871234567' WHERE name = 'Person 1'")
	doc, _ := h.as(adminMail).page(administrationPath)
	card := doc.Find("#next")
	if text(card.Find(".done")) != "Nothing stands in its way." || card.Find(".blocked").Length() > 0 {
		t.Errorf("something stands in the way: %s", text(card))
	}
	for _, want := range []string{
		"46 people in 4 groups.", // 14, 4 + 9, 8 and 11
		"Intake and Long-term team would be asked and shown together (13 people)",
		"1 people have neither an e-mail address nor a phone number",
		"1 people have a phone number only",
	} {
		if !strings.Contains(text(card), want) {
			t.Errorf("lacks %q: %s", want, text(card))
		}
	}
}

// A programme's next date is the next wave, with what its rules say now.
func TestTheAdministratorsPageLooksAtTheNextDateOfAProgramme(t *testing.T) {
	h := newStaffHouseWith(t, func(ctx context.Context, h *staffHouse) {
		must(h.t, h.store.AddProgramme(ctx, survey.Programme{
			ID: "monthly", Packs: []string{"pulse"}, Repeat: "FREQ=MONTHLY;BYDAY=1TU", Starts: "2026-03-01", OpensAt: 8 * 60, OpenDays: 7, ClosesAt: 20 * 60,
			LeadDays: 14, ResultsDays: 14, Owner: "Ana Ruiz", K: 5, Active: true, Since: h.clock.at,
		}))
	})
	doc, _ := h.as(adminMail).page(administrationPath)
	card := doc.Find("#next")
	for _, want := range []string{"monthly, 3 March 2026", "Ana Ruiz"} { // the first Tuesday after 1 March 2026, a Sunday
		if !strings.Contains(text(card), want) {
			t.Errorf("lacks %q: %s", want, text(card))
		}
	}
	if got := text(card.Find(".blocked li")); !strings.Contains(got, "contact") { // there is neither its own nor an imported one
		t.Errorf("what stands in the way: %q", got)
	}
}
