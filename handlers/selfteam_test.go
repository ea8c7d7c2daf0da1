package handlers

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// bothViews is a release of pulse and signs, made by the real Releaser.
func bothViews(t *testing.T, library *survey.Library) survey.StoredRelease {
	t.Helper()
	pulse, err := library.Latest("pulse")
	must(t, err)
	signs, err := library.Latest("signs")
	must(t, err)
	var people []survey.Person
	for _, u := range orgUnits() {
		for i := range headcounts()[u.ID] {
			people = append(people, survey.Person{ID: survey.PersonID(fmt.Sprint(u.ID, i)), Unit: u.ID, Active: true})
		}
	}
	org, err := survey.Resolve(orgUnits(), people)
	must(t, err)
	closed, err := closedWave(org, pulse, time.Date(2026, time.December, 7, 8, 0, 0, 0, time.UTC), 0, rand.New(rand.NewPCG(1, 2)))
	must(t, err)
	alone, err := survey.NewSheet([]*survey.Pack{pulse})
	must(t, err)
	both, err := survey.NewSheet([]*survey.Pack{pulse, signs})
	must(t, err)
	for group, sheets := range closed.Ballots {
		for i, sheet := range sheets {
			answers, err := alone.Decode(sheet)
			must(t, err)
			for _, item := range signs.Items {
				answers[item.ID] = 1 + i%3
			}
			closed.Ballots[group][i], err = both.Encode(answers)
			must(t, err)
		}
	}
	closed.Packs = append(closed.Packs, signs)
	closed.Manifest.Packs = append(closed.Manifest.Packs, signs.Ref())
	doc, err := analytics.NewReleaser().Release(t.Context(), closed)
	must(t, err)
	return survey.StoredRelease{Wave: closed.Manifest.Wave, SHA256: survey.SHA256Hex(doc.JSON), JSON: doc.JSON}
}

func TestBothViewsOfASignStandSideBySideAndOnlyWhereAWaveHasBoth(t *testing.T) {
	library, err := survey.NewLibrary()
	must(t, err)
	stored := bothViews(t, library)
	var archive *analytics.Archive
	h := newHouse(t, func(cfg *Config) {
		archive = analytics.NewArchive(&synthetic{stored: []survey.StoredRelease{stored}})
		cfg.Archive = archive
	})
	releases, err := archive.Releases(t.Context())
	must(t, err)
	doc, _ := h.as(hrMail).page(spreadPath(dayID))
	rows := doc.Find("#views tbody tr")
	if rows.Length() != 6 {
		t.Fatalf("%d signs, want 6", rows.Length())
	}
	drawn := viewsDrawn(t, doc.Find("#views"))
	for i, sign := range []string{"reactive", "avoidant", "defensive", "dysregulated", "hypervigilant", "frozen"} {
		self, _ := releases[0].Cell(string(dayID), "self_"+sign, analytics.StatisticMean)
		team, _ := releases[0].Cell(string(dayID), "team_"+sign, analytics.StatisticMean)
		var row *goquery.Selection
		rows.Each(func(_ int, tr *goquery.Selection) {
			if strings.HasPrefix(strings.ToLower(text(tr.Find("th"))), strings.ReplaceAll(sign, "hypervigilant", "hyper-vigilant")) {
				row = tr
			}
		})
		if row == nil {
			t.Fatalf("sign %d, %s, has no row", i, sign)
		}
		speech := h.speech("en")
		if got, want := text(row.Find("td").Eq(0))+" "+text(row.Find("td").Eq(1)), inWords(speech, self)+" "+inWords(speech, team); got != want {
			t.Errorf("%s: %q, want %q", sign, got, want)
		}
		for part, cell := range map[string]analytics.Cell{roleSelf: self, roleTeam: team} {
			if got, want := drawn[fmt.Sprint(part, " ", row.Index())], fmt.Sprint(cell.Value, " ", inWords(speech, cell)); got != want {
				t.Errorf("%s of %s is drawn as %q, want %q", part, sign, got, want)
			}
		}
	}
	if len(drawn) != 12 {
		t.Errorf("%d marks of 6 signs from two sides", len(drawn))
	}
	if doc, _ := newHouse(t).as(hrMail).page(spreadPath(dayID)); doc.Find("#views").Length() != 0 {
		t.Error("waves with one view only show both")
	}
}

// viewsDrawn are the marks of the chart of both views, by part and row.
func viewsDrawn(t *testing.T, card *goquery.Selection) map[string]string {
	t.Helper()
	drawn := make(map[string]string)
	for _, series := range gridOf(t, card).Option.Series {
		part, _, _ := strings.Cut(series.ID, "-")
		for _, p := range series.Data {
			var at [2]float64
			must(t, json.Unmarshal(p.Value, &at))
			place := fmt.Sprint(part, " ", at[1])
			if _, twice := drawn[place]; twice {
				t.Errorf("%s is drawn twice", place)
			}
			drawn[place] = fmt.Sprint(at[0], " ", p.Name)
		}
	}
	return drawn
}

// A view that is not shown has no mark; its row is listed as a gap, and the
// other view is drawn alone.
func TestAViewThatIsNotShownHasNoMark(t *testing.T) {
	s := newHouse(t).speech("en")
	shown := func(v float64) figure { return figure{Shown: true, value: v, Value: number("en", v)} }
	views := selfTeam{Wave: "May", Rows: []selfTeamRow{
		{Name: "A", Self: shown(2), Team: shown(3), Gap: "in the team, by 1"},
		{Name: "B", Self: figure{}, Team: shown(2.5)},
		{Name: "C"},
	}}
	drawn, err := s.gapChart(views, measure{low: 1, high: 5}, "Duty")
	must(t, err)
	var d drawnGrid
	must(t, json.Unmarshal(drawn.Chart, &d))
	marks := 0
	for _, series := range d.Option.Series {
		marks += len(series.Data)
	}
	if fmt.Sprint(d.Grid.Gaps) != "[1 2]" || marks != 3 || !strings.Contains(drawn.Label, "B: not shown from both sides") {
		t.Errorf("gaps %v, %d marks, %q", d.Grid.Gaps, marks, drawn.Label)
	}
}
