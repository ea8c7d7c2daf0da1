package handlers

import (
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"
)

// The page of events says for each scale what the waves before and after the
// day show, with both means, and names the scales that cannot be compared.
func TestAnEventTellsWhatWasBeforeAndAfterIt(t *testing.T) {
	h := newHouse(t)
	s := (&console{site: h.site}).in("en")
	point := func(opens string, value float64) analytics.Point {
		return analytics.Point{OpensOn: opens, Present: true, Cell: analytics.Cell{Status: analytics.StatusShown, N: 20, Value: value}}
	}
	// Of 20 answers a floor of .20: a reach of 2.66·.2·√(1/2+1/2) = .532.
	low := []analytics.Point{point("2026-01-01", 3), point("2026-02-01", 3), point("2026-03-01", 2.3), point("2026-04-01", 2.3)}
	near := []analytics.Point{point("2026-01-01", 3), point("2026-02-01", 3), point("2026-03-01", 2.6), point("2026-04-01", 2.6)}
	bounds := analytics.Measure{Low: 1, High: 5, Category: 1}
	burnout := measure{title: "Burnout", direction: survey.HigherWorse}
	voice := measure{title: "Voice", direction: survey.HigherBetter}
	scales := []scaleOver{{burnout, low, bounds}, {voice, low, bounds}, {measure{title: "Safety", direction: survey.HigherBetter}, near, bounds}, {measure{title: "Training"}, low[:3], bounds}, {measure{title: "Pay"}, low[:2], bounds}}
	changes, uncompared, few := s.changes(scales, "2026-02-15")
	want := []string{
		"Burnout: better. Before 3, after 2.3.", "Voice: worse. Before 3, after 2.3.",
		"Safety: cannot say. Before 3, after 2.6; only a difference of more than 0.6 would count here.",
		"Training: cannot say yet. Before 3, after 2.3; a verdict takes two waves on each side.", // one after
	}
	if strings.Join(changes, "\n") != strings.Join(want, "\n") {
		t.Errorf("the page says\n%s\nwant\n%s", strings.Join(changes, "\n"), strings.Join(want, "\n"))
	}
	if few != nil || !strings.HasSuffix(uncompared, "on one of the sides: Pay.") {
		t.Errorf("what is not compared: %q", uncompared)
	}
}

func TestASentenceOfManyScalesNamesThreeAndSaysHowManyMore(t *testing.T) {
	s := newHouse(t).speech("en")
	var scales []scaleOver
	for _, title := range []string{"A", "B", "C", "D", "E", "F"} {
		scales = append(scales, scaleOver{measure: measure{title: title}})
	}
	if _, said, few := s.changes(scales[:4], "2026-02-15"); !strings.HasSuffix(said, ": A, B, C and D.") || few != nil {
		t.Errorf("four: %q %q", said, few)
	}
	if _, said, few := s.changes(scales, "2026-02-15"); !strings.HasSuffix(said, ": A, B, C and 3 more.") || len(few) != 6 {
		t.Errorf("six: %q %q", said, few)
	}
}
