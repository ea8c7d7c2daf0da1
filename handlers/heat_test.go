package handlers

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// namesIn are the units of the heat map from top to bottom.
func namesIn(t *testing.T, b *browser, path string) []string {
	t.Helper()
	doc, _ := b.page(path)
	var names []string
	doc.Find("table.heat tbody th").Each(func(_ int, th *goquery.Selection) { names = append(names, th.Text()) })
	return names
}

func TestUnitsStandInTheOrderOfTheTreeWhateverTheirFigures(t *testing.T) {
	h := newHouse(t)
	releases, err := h.archive.Releases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree := releases[len(releases)-1].Tree()
	var want []string
	for _, u := range tree.Units() {
		want = append(want, u.Name)
	}
	b := h.as(hrMail)
	for _, measure := range []string{"bo", "sts", "cs", "nothing"} {
		if got := namesIn(t, b, "/console/units?measure="+measure); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want the tree's order %q", measure, got, want)
		}
	}
}

// On the overview too, and among the units under a unit.
func TestListsOfUnitsStandInTheOrderOfTheTree(t *testing.T) {
	h := newHouse(t)
	releases, err := h.archive.Releases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree := releases[len(releases)-1].Tree()
	b := h.as(hrMail)
	for path, list := range map[string]struct {
		at   string
		want []survey.Unit
	}{
		"/console":                {"table.units tbody th a", tree.Units()},
		"/console/teams/org":      {"ul.links a", nil},
		"/console/teams/children": {"ul.links a", nil},
	} {
		var want, got []string
		for _, u := range list.want {
			want = append(want, u.Name)
		}
		if id, ok := strings.CutPrefix(path, "/console/teams/"); ok {
			for _, child := range tree.Children(survey.UnitID(id)) {
				u, _ := tree.Unit(child)
				want = append(want, u.Name)
			}
		}
		doc, _ := b.page(path)
		doc.Find(list.at).Each(func(_ int, a *goquery.Selection) {
			if strings.HasPrefix(a.AttrOr("href", ""), "/console/teams/") && !strings.Contains(a.AttrOr("href", ""), "#") {
				got = append(got, a.Text())
			}
		})
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want the tree's order %q", path, got, want)
		}
	}
}

func TestAManagersHeatMapEndsAtTheirPart(t *testing.T) {
	h := newHouse(t)
	got := namesIn(t, h.as(managerMail), "/console/units")
	if want := []string{"Children", "Duty team", "Intake", "Long-term team"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if status, _ := h.as(auditorMail).get("/console/units"); status != http.StatusForbidden {
		t.Errorf("an auditor sees figures: status %d", status)
	}
}

func TestAHiddenUnitIsHatchedAndHasNoNumberInTheHeatMap(t *testing.T) {
	h := newHouse(t)
	doc, _ := h.as(hrMail).page("/console/units")
	row := doc.Find("table.heat tbody tr").FilterFunction(func(_ int, tr *goquery.Selection) bool { return tr.Find("th").Text() == "Intake" })
	cells := row.Find("td")
	// Its cells say with whom it is combined, and the headcount of those.
	words := strings.ReplaceAll(cells.Text(), "Long-term team (9)", "")
	if cells.Length() != 8 || row.Find("td.hidden-figure").Length() != 8 || strings.ContainsAny(words, "0123456789") {
		t.Errorf("a team of four: %q", row.Text())
	}
}

func TestStrainCountsFromTheGoodEnd(t *testing.T) {
	burnout := measure{low: 1, high: 5, direction: survey.HigherWorse}
	satisfaction := measure{low: 1, high: 5, direction: survey.HigherBetter}
	for value, want := range map[float64][2]int{1: {1, 4}, 1.5: {1, 4}, 2: {2, 4}, 3: {3, 3}, 4: {4, 2}, 5: {4, 1}} {
		// Quarters of 1 to 5 end at 2, 3 and 4; an end counts as more strained.
		if got := [2]int{strain(burnout, value), strain(satisfaction, value)}; got != want {
			t.Errorf("%v: %v, want %v", value, got, want)
		}
	}
}
