package handlers

import (
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"
)

func TestTheTitleOfTheSignsCountsThoseAtTheMiddleOrAbove(t *testing.T) {
	s := newHouse(t).speech("en")
	m := measure{low: 1, high: 5, words: map[int]string{3: "Sometimes"}}
	row := func(value float64, shown bool) signRow {
		return signRow{Cells: []signCell{{figure: figure{Wave: "April", value: 5, Shown: true}}, {figure: figure{Wave: "May", value: value, Shown: shown}}}}
	}
	for want, rows := range map[string][]signRow{
		"Six signs in May: 2 of 3 with a mean at “sometimes” or above": {row(3, true), row(2.9, true), row(4, true), row(5, false)},
		"Six signs in May: no figures for this unit alone":             {row(5, false)},
	} {
		if got := s.signsTitle(rows, m); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The comparison is that of the two cells, worked out anew.
func TestTheTitleBesideUnitsComparesShownValues(t *testing.T) {
	h := newHouse(t)
	releases, _ := h.archive.Releases(t.Context())
	r := releases[len(releases)-1]
	doc, _ := h.as(managerMail).page("/console/teams/duty")
	title := text(doc.Find("#beside h2"))
	for _, m := range []struct{ id, name string }{{"burnout", "Burnout"}, {"sts", "Secondary traumatic stress"}, {"cs", "Compassion satisfaction"}} {
		own, _ := r.Cell("duty", m.id, analytics.StatisticMean)
		above, _ := r.Cell("children", m.id, analytics.StatisticMean)
		want := "the same in "
		if own.Value > above.Value {
			want = "higher in "
		} else if own.Value < above.Value {
			want = "lower in "
		}
		found := ""
		for _, part := range strings.Split(title, "; ") {
			if strings.Contains(part, m.name) {
				found = part
			}
		}
		if own.Status != analytics.StatusShown || above.Status != analytics.StatusShown || !strings.Contains(found, want) {
			t.Errorf("%q does not say %s%s", title, want, m.name)
		}
	}
	if doc, _ := h.as(managerMail).page("/console/teams/intake"); !strings.Contains(text(doc.Find("#beside h2")), "no figures for this unit alone") {
		t.Errorf("a team of four: %q", text(doc.Find("#beside h2")))
	}
}

func TestTheTitleOfNeedsNamesTheHighestOfOneScale(t *testing.T) {
	s := newHouse(t).speech("en")
	row := func(name, note string, value float64, shown bool) needRow {
		return needRow{Name: name, Note: note, Cells: []figure{{value: value, Shown: shown}}}
	}
	for want, rows := range map[string][]needRow{
		"What would help now: most of all “Rest” and “Food”": {
			row("Rest.", "1 to 5", 4, true), row("Food.", "", 4, true), row("Talk.", "", 3, true), row("Heard.", "0 to 10", 9, true),
		},
		"What would help now: most of all “Talk”": {
			row("Rest.", "1 to 5", 5, false), row("Food.", "", 2, true), row("Talk.", "", 3, true),
		},
		"What would help now": {
			row("Rest.", "1 to 5", 0, false), row("Food.", "", 0, false),
		},
	} {
		if got := s.needsTitle(rows); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheTitleOfAssociationsSaysHowManyStandOut(t *testing.T) {
	s := newHouse(t).speech("en")
	shown := analytics.Association{Cell: analytics.Cell{Status: analytics.StatusShown}}
	out := shown
	out.StandsOut = true
	for want, all := range map[string][]analytics.Association{
		"A: 1 of 3 comparisons stand out beyond chance": {shown, out, shown},
		"A: not shown": {{Cell: analytics.Cell{Status: analytics.StatusSuppressed}}},
	} {
		if got := s.familyTitle("A", all); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Every part of a unit's page and of the page of all units that has figures
// opens with a title of its own that is no mere name of what is drawn.
func TestEveryChartHasATitleThatSaysWhatWasFound(t *testing.T) {
	h := newHouse(t)
	releases, _ := h.archive.Releases(t.Context())
	latest := releases[len(releases)-1].Wave()
	wave := h.speech("en").wave(survey.WaveID(latest))
	for path, parts := range map[string][]string{
		"/console/teams/duty":    {"#signs", "#beside", "#coverage"},
		"/console/teams/intake":  {"#signs", "#beside", "#coverage"},
		"/console/teams/org":     {"#signs", "#beside", "#coverage"},
		"/console/units":         {"#heat"},
		"/console/units?measure": {"#heat"},
	} {
		doc, _ := h.as(hrMail).page(path)
		for _, part := range parts {
			if title := text(doc.Find(part + " h2")); !strings.Contains(title, wave) || len(title) < len(wave)+12 {
				t.Errorf("%s %s: the title %q does not say what %s found", path, part, title, wave)
			}
		}
		for _, scale := range []string{"burnout", "sts", "cs"} {
			if strings.HasPrefix(path, "/console/teams/") {
				if title := text(doc.Find("#" + scale + " h2")); !strings.Contains(title, ":") {
					t.Errorf("%s %s: %q", path, scale, title)
				}
			}
		}
	}
}
