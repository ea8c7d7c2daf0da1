package handlers

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"attune/analytics"
	"attune/survey"
)

// withRound adds a round after an incident to the year of the made-up
// organisation: Children are asked, after the last regular wave.
func withRound(t *testing.T) func(*Config) {
	t.Helper()
	released, err := releasedOnce()
	if err != nil {
		t.Fatal(err)
	}
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	pack, err := library.Latest(survey.IncidentPack)
	if err != nil {
		t.Fatal(err)
	}
	var people []survey.Person
	for unit, n := range headcounts() {
		for i := range n {
			people = append(people, survey.Person{ID: survey.PersonID(fmt.Sprint(unit, i)), Unit: unit, Active: true})
		}
	}
	org, err := survey.Resolve(orgUnits(), people)
	if err != nil {
		t.Fatal(err)
	}
	pulse, err := library.Latest("pulse")
	if err != nil {
		t.Fatal(err)
	}
	closed, err := closedWave(org, pulse, time.Date(2026, time.December, 1, 9, 0, 0, 0, time.UTC), 0, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	groups, err := survey.FormGroups(org, childrenID, 5, func(survey.UnitID) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := survey.NewSheet([]*survey.Pack{pack})
	if err != nil {
		t.Fatal(err)
	}
	ballot, err := sheet.Encode(survey.Answers{"need_information": 3, "need_practical": 1, "need_rest": 2, "need_talk": 2, "need_team": 2, "need_load": 2, "need_met": 2, "support_felt": 4})
	if err != nil {
		t.Fatal(err)
	}
	closed.Manifest.Programme, closed.Groups, closed.Ballots = "incident-1", groups, make(map[string][][]byte)
	closed.Packs, closed.Manifest.Packs = []*survey.Pack{pack}, []survey.PackRef{pack.Ref()}
	for _, g := range groups {
		for range g.Headcount {
			closed.Ballots[g.ID] = append(closed.Ballots[g.ID], ballot)
		}
	}
	doc, err := analytics.NewReleaser().Release(context.Background(), closed)
	if err != nil || doc.Void != "" {
		t.Fatal(err, doc.Void)
	}
	stored := survey.StoredRelease{Wave: closed.Manifest.Wave, SHA256: survey.SHA256Hex(doc.JSON), JSON: doc.JSON}
	archive := analytics.NewArchive(&synthetic{stored: append(released.stored[:len(released.stored):len(released.stored)], stored)})
	return func(cfg *Config) { cfg.Archive = archive }
}

// Duty has 15 people and Children 28, who all answer alike: information 3, of
// which n people may tell 3 − 2/n at most, rest 2.
func TestNeedsStandOnTheUnitsPageInTheOrderOfThePack(t *testing.T) {
	h := newHouse(t, withRound(t))
	doc, _ := h.as(managerMail).page("/console/teams/" + string(childrenID))
	card := doc.Find("section#needs")
	var names []string
	for i := range card.Find("tbody th").Length() {
		names = append(names, spaced(card.Find("tbody th").Eq(i).Text()))
	}
	if len(names) != 8 || !strings.HasPrefix(names[0], "Clear information") || !strings.HasPrefix(names[1], "Practical help") || !strings.HasPrefix(names[7], "I feel supported") {
		t.Fatalf("rows %q", names)
	}
	if !strings.Contains(names[0], "From 1 (“Not now”) to 3 (“A lot”)") || strings.Contains(names[1], "From 1") || !strings.Contains(names[6], "“True”") {
		t.Errorf("what numbers mean: %q", names)
	}
	rest := spaced(card.Find("tbody tr").Eq(2).Find("td").Text())
	if rest != "2 28 of 28" {
		t.Errorf("rest: %q", rest)
	}
	if !strings.Contains(card.Text(), "from 10 answers on") {
		t.Error("the card does not say from where on needs are shown")
	}
	night, _ := h.as(nightMail).page("/console/teams/" + string(nightID))
	if night.Find("section#needs").Length() != 0 {
		t.Error("needs of people who were not asked")
	}
}

func TestARoundAfterAnIncidentIsNoRegularWave(t *testing.T) {
	with, without := newHouse(t, withRound(t)), newHouse(t)
	for _, path := range []string{"/console", heatPath, "/console/teams/" + string(nightID)} {
		_, a := with.as(hrMail).page(path)
		_, b := without.as(hrMail).page(path)
		if main(t, a) != main(t, b) {
			t.Errorf("%s reads differently after the round:\n%s\n\n%s", path, main(t, a), main(t, b))
		}
	}
	doc, _ := with.as(hrMail).page("/console/teams/" + string(dutyID))
	other, _ := without.as(hrMail).page("/console/teams/" + string(dutyID))
	if a, b := spaced(doc.Find("#coverage").Text()), spaced(other.Find("#coverage").Text()); a != b {
		t.Errorf("who answered:\n%s\n%s", a, b)
	}
}
