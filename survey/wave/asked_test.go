package wave

import (
	"testing"
	"time"

	"attune/survey"
)

func TestEverybodyInAGroupIsAskedInTheGroupsWay(t *testing.T) {
	h := newHouse(t, []team{{"A", 5}, {"B", 6}})
	w, err := h.Plan(t.Context(), Request{
		Packs: []string{"pulse"}, Opens: start.Add(day), Closes: start.Add(2 * day), ResultsOn: start.Add(7 * day).Format(time.DateOnly),
		Owner: "Ana Ruiz", Contact: "Extension 12", Paper: []survey.UnitID{h.units["B"]},
	})
	must(t, err)
	_, err = h.Asked(t.Context(), w.ID)
	if !survey.IsKey(err, "error.wave.not_announced") {
		t.Fatalf("before the announcement: %v", err)
	}
	_, err = h.Announce(t.Context(), w.ID)
	must(t, err)
	asked, err := h.Asked(t.Context(), w.ID)
	must(t, err)
	got := make(map[Asked]int)
	for _, a := range asked {
		got[Asked{Team: a.Team, Way: a.Way}]++
	}
	if len(got) != 2 || got[Asked{Team: h.units["A"], Way: survey.Electronic}] != 5 || got[Asked{Team: h.units["B"], Way: survey.Paper}] != 6 {
		t.Fatalf("asked %v", got)
	}
}

func TestALinkThatStopsMailDrawsNothingAndTheOtherWayRound(t *testing.T) {
	h := newHouse(t, []team{{"A", 5}})
	links, err := h.PersonLinks(t.Context())
	must(t, err)
	if len(links) != 5 {
		t.Fatalf("%d links", len(links))
	}
	for person, link := range links {
		got, err := h.Unsubscriber(t.Context(), link.Stop)
		must(t, err)
		if got != person {
			t.Errorf("the token of %s stops mail to %s", person, got)
		}
		if _, err := h.Unsubscriber(t.Context(), link.Token); !survey.IsKey(err, "unsubscribe.link") {
			t.Errorf("a personal link stops mail: %v", err)
		}
		if _, err := h.person(t.Context(), link.Stop); !survey.IsKey(err, "ticket.link") {
			t.Errorf("a link that stops mail draws tickets: %v", err)
		}
	}
}

func TestTheLinkOfWhoIsForgottenEndsWithinAMinute(t *testing.T) {
	h := newHouse(t, []team{{"A", 5}})
	links, err := h.PersonLinks(t.Context())
	must(t, err)
	for person, link := range links {
		_, err := h.person(t.Context(), link.Token)
		must(t, err)
		must(t, h.db.ForgetPerson(t.Context(), person))
		h.clock.set(h.clock.now().Add(listFor))
		if _, err := h.person(t.Context(), link.Token); !survey.IsKey(err, "ticket.link") {
			t.Errorf("the link still works: %v", err)
		}
	}
}
