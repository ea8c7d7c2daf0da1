package handlers

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// askedPrinciples is a release of one wave of the pack principles. The duty
// team answers "often" throughout (4), everybody else "rarely" (2): with 4 at
// or above 3.5 and 2 below, one team feels it and the others do not. Intake
// has four people, too few to be shown.
func askedPrinciples(t *testing.T) *synthetic {
	t.Helper()
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	pack, err := library.Latest("principles")
	if err != nil {
		t.Fatal(err)
	}
	var people []survey.Person
	for _, u := range orgUnits() {
		for i := range headcounts()[u.ID] {
			people = append(people, survey.Person{ID: survey.PersonID(string(u.ID) + string(rune('a'+i))), Unit: u.ID, Active: true})
		}
	}
	org, err := survey.Resolve(orgUnits(), people)
	if err != nil {
		t.Fatal(err)
	}
	w, err := closedWave(org, pack, time.Date(2026, time.October, 5, 8, 0, 0, 0, time.UTC), 0, rand.New(rand.NewPCG(1, 2)))
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := survey.NewSheet([]*survey.Pack{pack})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range w.Groups {
		w.Ballots[g.ID] = nil
		for _, team := range g.Units {
			given := make(survey.Answers)
			for _, item := range pack.Items {
				given[item.ID] = 2
				if team == dutyID {
					given[item.ID] = 4
				}
			}
			for range org.Headcount[team] {
				ballot, err := sheet.Encode(given)
				if err != nil {
					t.Fatal(err)
				}
				w.Ballots[g.ID] = append(w.Ballots[g.ID], ballot)
			}
		}
	}
	doc, err := analytics.NewReleaser().Release(context.Background(), w)
	if err != nil || doc.Void != "" {
		t.Fatalf("release: %v, void %q", err, doc.Void)
	}
	return &synthetic{stored: []survey.StoredRelease{{Wave: w.Manifest.Wave, SHA256: survey.SHA256Hex(doc.JSON), JSON: doc.JSON}}}
}

func TestAPolicyStandsBesideWhatEachUnitOfItsPartExperiences(t *testing.T) {
	released := askedPrinciples(t)
	h := newHouse(t, func(c *Config) { c.Archive = analytics.NewArchive(released) })
	lead := h.as(managerMail)
	path := lead.started("trauma-informed", childrenID)
	for entry, state := range map[string]string{"openness": "in_place", "compassion": "planned"} {
		if status, _ := lead.post(path+"/entries/"+entry, url.Values{"state": {state}}); status != http.StatusSeeOther {
			t.Fatalf("%s: status %d", entry, status)
		}
	}
	doc, body := lead.page(path + "/experience")
	text := strings.Join(strings.Fields(doc.Find("#principles").Text()), " ")
	for _, want := range []string{
		"In place, and felt in: Duty team.", "In place, and not felt in: ",
		"Not in place, and felt all the same in: Duty team.", "Neither in place nor felt in: ",
		"Nothing can be said, because no figure is shown, for: ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q in\n%s", want, text)
		}
	}
	// A manager of Children reads nothing of another part, and what is hidden
	// has a reason and no number.
	for _, never := range []string{"Night crisis team", "Day clinic"} {
		if strings.Contains(body, never) {
			t.Errorf("the page of Children names %s", never)
		}
	}
	doc.Find("#principles tbody tr").Each(func(_ int, row *goquery.Selection) {
		if strings.Contains(row.Find("th").Text(), "Intake") && (row.Find("td.hidden-figure").Length() != 1 || row.Find("td.figure").Length() != 0) {
			t.Errorf("a team of four shows %s", row.Text())
		}
	})
	if !strings.Contains(body, "Training on vicarious trauma") && !strings.Contains(doc.Find(".not-shown").Text(), "Safety") {
		t.Error("scales that nobody was asked about are not named")
	}
	for mail, want := range map[string]int{hrMail: 200, nightMail: 404, auditorMail: 403} {
		if status, _ := h.as(mail).get(path + "/experience"); status != want {
			t.Errorf("%s: status %d, want %d", mail, status, want)
		}
	}
}
