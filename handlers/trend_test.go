package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// released are the points of a measure, worked out anew from the releases that
// the page may show.
func (p unitPage) released(m measure) []analytics.Point {
	breaks := p.breaks(p.unit)
	var points []analytics.Point
	for i, r := range p.line {
		point := analytics.Point{Wave: r.Wave(), OpensOn: r.Opens(), Break: breaks[i]}
		point.Cell, point.Present = p.cell(r, string(p.unit), m.id, analytics.StatisticMean)
		points = append(points, point)
	}
	return points
}

// readTrends: every card says what the trend of the released cells shows, and
// every sign has the state that they give, by shape and by word.
func (p unitPage) readTrends(t *testing.T, doc *goquery.Document) {
	t.Helper()
	scales, signs := p.measures()
	stress := analytics.VerdictCannotSay
	for _, m := range scales {
		r, _ := p.latest().Measure(m.id)
		trend := analytics.TrendOf(p.released(m), r, m.direction, nil)
		if m.id == "sts" {
			stress = trend.Verdict
		}
		v := p.s.verdict(trend)
		want := v.Name + ". " + strings.Join(v.Text, " ")
		card := doc.Find("section#" + m.id)
		if card.Length() == 0 {
			continue
		}
		if got := text(card.Find(".verdict")); got != want {
			t.Errorf("%s: the trend of %s says %q, want %q", p.where, m.id, got, want)
		}
		if card.Find(".verdict .shape-"+string(trend.Verdict)).Length() != 1 {
			t.Errorf("%s: the trend of %s has no shape", p.where, m.id)
		}
	}
	var latest []analytics.SignState
	rows := doc.Find("table.strip tbody tr")
	for i, m := range signs {
		states := analytics.SignStates(p.released(m))
		latest = append(latest, states[len(states)-1])
		cells := rows.Eq(i).Find("td")
		if cells.Length() != len(states) {
			t.Fatalf("%s: %d states of %s, want %d", p.where, cells.Length(), m.id, len(states))
		}
		for j, state := range states {
			if got := text(cells.Eq(j)); got != p.s.say("signs.state."+string(state), nil) || cells.Eq(j).Find(".shape-"+string(state)).Length() != 1 {
				t.Errorf("%s: %s is %q in wave %d, want %s", p.where, m.id, got, j+1, state)
			}
		}
	}
	if want := p.s.mode(latest, stress); text(doc.Find("#states h2")) != want {
		t.Errorf("%s: %q, want %q", p.where, text(doc.Find("#states h2")), want)
	}
}

func TestAVerdictNamesItsRuleAndTheSmallestChange(t *testing.T) {
	s := newHouse(t).speech("en")
	points := func(values ...float64) []analytics.Point {
		var points []analytics.Point
		for i, v := range values {
			points = append(points, analytics.Point{Present: true, OpensOn: fmt.Sprintf("2026-01-%02d", i+1), Cell: analytics.Cell{
				Status: analytics.StatusShown, Value: v, N: 20, Pack: "pulse", PackVersion: "1.0",
			}})
		}
		return points
	}
	calm := []float64{3.1, 2.9, 3.1, 2.9, 3.1, 2.9, 3.1, 2.9, 3.1, 2.9, 3.1, 2.9}
	// Limits at 3 ± 2.66·.2, outward to tenths: 2.4 to 3.6; .532 is .6 upward.
	for name, test := range map[string]struct {
		values []float64
		want   []string
		not    []string
	}{
		"worse":     {append(slices.Clone(calm), 3.7), []string{"Worse than usual", "outside 2.4 to 3.6", "smaller than 0.6"}, []string{"Steady"}},
		"better":    {append(slices.Clone(calm), 2.3), []string{"Better than usual", "outside 2.4 to 3.6"}, nil},
		"steady":    {calm, []string{"Steady", "within 2.4 to 3.6", "whether the level is good", "smaller than 0.6"}, []string{"still moves"}},
		"on trial":  {calm[:7], []string{"Steady", "rests on 7 waves", "from 12 on"}, nil},
		"too early": {calm[:5], []string{"Too early for a trend", ": 5.", "At least 6"}, []string{"smaller", " to 3"}},
		"near":      {append(slices.Clone(calm), 3.4, 3.1, 3.4), []string{"Worth watching", "Two of the last three", "smaller than 0.4"}, nil},
		"one side":  {append(slices.Clone(calm), 3.1, 3.2, 3.1, 3.2, 3.1, 3.2, 3.1), []string{"Worth watching", "same side", "smaller than 0.1"}, nil},
		"one way":   {append(slices.Clone(calm), 2.7, 2.8, 2.9, 3.0, 3.1, 3.2, 3.3), []string{"Worth watching", "same way", "smaller than 0.6 over seven waves"}, nil},
	} {
		v := s.verdict(analytics.TrendOf(points(test.values...), analytics.Measure{Low: 1, High: 5, Category: 1}, survey.HigherWorse, nil))
		got := v.Name + ". " + strings.Join(v.Text, " ")
		for _, part := range test.want {
			if !strings.Contains(got, part) {
				t.Errorf("%s lacks %q: %s", name, part, got)
			}
		}
		for _, part := range test.not {
			if strings.Contains(got, part) {
				t.Errorf("%s has %q: %s", name, part, got)
			}
		}
	}
}

// An event that begins anew breaks the line with its kind and day, never with
// its name, and the verdict starts over.
func TestAnEventThatBeginsAnewBreaksTheTrendVisibly(t *testing.T) {
	h := newHouse(t)
	releases, err := h.archive.Releases(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	latest := releases[len(releases)-1]
	before, _ := h.as(managerMail).page("/console/teams/duty")
	if _, err := h.store.AddEvent(context.Background(), survey.Event{
		Unit: "duty", Kind: survey.EventReorganisation, Day: latest.Opens(), Title: "Marker merger", Anew: true, By: managerMail,
	}); err != nil {
		t.Fatal(err)
	}
	after, _ := h.as(managerMail).page("/console/teams/duty")
	if marks := text(after.Find("#burnout .breaks")); !strings.Contains(marks, "the usual range begins anew (a reorganisation, ") || strings.Contains(marks, "Marker") {
		t.Errorf("breaks: %q", marks)
	}
	if got := text(after.Find("#burnout .verdict")); !strings.HasPrefix(got, "Too early for a trend. Waves with a figure since this line began: 1.") && !strings.HasPrefix(got, "The trend cannot be told.") {
		t.Errorf("verdict %q, before %q", got, text(before.Find("#burnout .verdict")))
	}
}
