package handlers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// drawnGrid is what the script of a chart of rows and columns carries, as
// grid.js reads it.
type drawnGrid struct {
	Option struct {
		XAxis, YAxis []struct {
			Data    []string
			Inverse bool
		}
		Series []struct {
			ID, Type, Symbol string
			Data             []struct {
				Name  string
				Value json.RawMessage
			}
		}
		Tooltip struct{ RenderMode string }
		Aria    struct{ Label struct{ Description string } }
	}
	Grid gridData
}

func gridOf(t *testing.T, card *goquery.Selection) drawnGrid {
	t.Helper()
	var d drawnGrid
	if err := json.Unmarshal([]byte(card.Find("script.chart").Text()), &d); err != nil {
		t.Fatalf("chart: %v", err)
	}
	if label := card.Find(".chart-place").AttrOr("aria-label", ""); label == "" || label != d.Option.Aria.Label.Description || d.Option.Tooltip.RenderMode != "richText" {
		t.Errorf("the chart is described as %q and %q, its tooltips are %q", label, d.Option.Aria.Label.Description, d.Option.Tooltip.RenderMode)
	}
	return d
}

// points are the drawn points by column and row, as "part: name", and with the
// value where they have one. A part that is hidden never has.
func (d drawnGrid) points(t *testing.T) map[[2]int][]string {
	t.Helper()
	points := make(map[[2]int][]string)
	for _, series := range d.Option.Series {
		part, _, _ := strings.Cut(series.ID, ":")
		for _, p := range series.Data {
			said := part + ": " + p.Name
			var value []float64
			if err := json.Unmarshal(p.Value, &value); err != nil || part == roleHidden && (len(value) != 2 || series.Type != "scatter") {
				t.Errorf("%s is drawn as %s %s: %v", said, series.Type, p.Value, err)
				continue
			}
			if len(value) > 2 {
				said += fmt.Sprint(" ", value[2])
			}
			at := [2]int{int(value[0]), int(value[1])}
			points[at] = append(points[at], said)
		}
	}
	return points
}

// columns are what a chart of columns draws at each wave, as "part: name" with
// the value. What is hidden has a place and no value.
func (d drawnGrid) columns(t *testing.T) map[int][]string {
	t.Helper()
	columns := make(map[int][]string)
	for _, series := range d.Option.Series {
		part, _, _ := strings.Cut(series.ID, ":")
		for i, p := range series.Data {
			var place []int
			switch {
			case part == roleHidden && json.Unmarshal(p.Value, &place) == nil && len(place) == 2 && place[1] == 0 && series.Type == "scatter":
				columns[place[0]] = append(columns[place[0]], part+": "+p.Name)
			case part == roleHidden:
				t.Errorf("a wave that is not shown is drawn as %s %s", series.Type, p.Value)
			case string(p.Value) != `"-"`:
				columns[i] = append(columns[i], fmt.Sprintf("%s: %s %s", part, p.Name, p.Value))
			}
		}
	}
	return columns
}

// told puts what the chart draws under the places of a table's cells, which
// readers of tables use.
func (d drawnGrid) told(t *testing.T, told sheet, place ...any) {
	t.Helper()
	for at, said := range d.points(t) {
		slices.Sort(said)
		told.put(strings.Join(said, "; "), append(slices.Clone(place), d.Option.YAxis[0].Data[at[1]], at[0])...)
	}
}

func TestTheStripDrawsTheStatesOfItsTable(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	shapes, hidden := make(map[string]string), 0
	for _, unit := range []string{"duty", "night", "intake", "org"} {
		doc, _ := b.page("/console/teams/" + unit)
		d := gridOf(t, doc.Find("#states"))
		points := d.points(t)
		rows := doc.Find("table.strip tbody tr")
		if rows.Length() != 6 || !d.Option.YAxis[0].Inverse || d.Grid.Kind != "strip" {
			t.Fatalf("%s: %d rows, %+v", unit, rows.Length(), d.Option.YAxis)
		}
		rows.Each(func(y int, row *goquery.Selection) {
			if got := d.Option.YAxis[0].Data[y]; got != text(row.Find("th")) {
				t.Errorf("%s: row %d is %q, in the table %q", unit, y, got, text(row.Find("th")))
			}
			means := doc.Find("table.signs tbody tr").Eq(y).Find("td")
			row.Find("td").Each(func(x int, cell *goquery.Selection) {
				_, state, _ := strings.Cut(cell.Find(".shape").AttrOr("class", ""), "shape-")
				want := []string{state + ": " + text(cell)}
				if gap := means.Eq(x); gap.HasClass("hidden-figure") {
					hidden++
					want = append(want, roleHidden+": "+text(gap.Find(".unseen")))
				}
				got := points[[2]int{x, y}]
				slices.Sort(got)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s, row %d, wave %d: drawn %q, want %q", unit, y, x, got, want)
				}
			})
		})
		for _, series := range d.Option.Series {
			part, _, _ := strings.Cut(series.ID, ":")
			shapes[part] = series.Symbol
		}
	}
	if hidden == 0 || len(shapes) < 4 {
		t.Errorf("%d hidden cells, shapes %v: the test sees too little", hidden, shapes)
	}
}

// Each state has a shape of its own: nothing hangs on colour.
func TestStatesDifferInTheirShapes(t *testing.T) {
	seen := make(map[string]string)
	for _, state := range []analytics.SignState{
		analytics.SignPresent, analytics.SignEmerging, analytics.SignNotSeen, analytics.SignCleared, analytics.SignCannotSay,
	} {
		shape := shapeOf(string(state))
		if other, twice := seen[shape]; twice || shape == "" {
			t.Errorf("%s and %s have the same shape", state, other)
		}
		seen[shape] = string(state)
	}
}

func TestTheMapDrawsTheCellsOfItsTableInTheOrderOfTheTree(t *testing.T) {
	h := newHouse(t)
	releases, err := h.archive.Releases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree := releases[len(releases)-1].Tree()
	var names []string
	var levels []int
	for _, u := range tree.Units() {
		names, levels = append(names, u.Name), append(levels, tree.Depth(u.ID))
	}
	b := h.as(hrMail)
	hidden := 0
	for _, measure := range []string{"burnout", "sts", "cs"} {
		doc, _ := b.page("/console/units?measure=" + measure)
		d := gridOf(t, doc.Find("#heat"))
		if !slices.Equal(d.Option.YAxis[0].Data, names) || !slices.Equal(d.Grid.Levels, levels) || !d.Option.YAxis[0].Inverse {
			t.Errorf("%s: rows %q at %v, want the tree's order %q", measure, d.Option.YAxis[0].Data, d.Grid.Levels, names)
		}
		points := d.points(t)
		doc.Find("table.heat tbody tr").Each(func(y int, row *goquery.Selection) {
			row.Find("td").Each(func(x int, cell *goquery.Selection) {
				want := roleHidden + ": " + text(cell.Find(".unseen"))
				if cell.HasClass("hidden-figure") {
					hidden++
				} else {
					value, _ := releases[x].Cell(string(tree.Units()[y].ID), measure, analytics.StatisticMean)
					want = fmt.Sprintf("%s: %s %v", cell.AttrOr("class", ""), text(cell), value.Value)
				}
				if got := points[[2]int{x, y}]; !slices.Equal(got, []string{want}) {
					t.Errorf("%s, row %d, wave %d: drawn %q, want %q", measure, y, x, got, want)
				}
			})
		})
	}
	if hidden == 0 {
		t.Error("nothing is hidden: the test sees too little")
	}
}

// A unit's name is data of the chart and nothing that a browser runs.
func TestANameCannotBreakOutOfTheMap(t *testing.T) {
	h := newHouse(t)
	doc, body := h.as(hrMail).page("/console/units")
	if !slices.Contains(gridOf(t, doc.Find("#heat")).Option.YAxis[0].Data, evilName) {
		t.Error("the name is not in the chart")
	}
	if strings.Contains(body, evilName) {
		t.Error("the name stands in the page as it is")
	}
}

func TestALargeOrganisationIsPicturedByWholeLevels(t *testing.T) {
	rows := []heatRow{{Name: "all"}}
	for d := range 5 {
		rows = append(rows, heatRow{Name: fmt.Sprint("department ", d), Level: 1})
		for i := range 20 {
			rows = append(rows, heatRow{Name: fmt.Sprint("team ", d, i), Level: 2})
		}
	}
	for most, want := range map[int]int{200: 106, 106: 106, 105: 6, 60: 6, 3: 6} { // 1 + 5 + 100; the first two levels at least
		if got := pictured(rows, most); len(got) != want || got[1].Name != "department 0" {
			t.Errorf("room for %d: %d rows, want %d", most, len(got), want)
		}
	}
	if got := pictured(rows[:1], 60); len(got) != 1 {
		t.Errorf("a single unit: %d rows", len(got))
	}
}

func TestTheMapsTitleCountsWhatItsShadesShow(t *testing.T) {
	s := newHouse(t).speech("en")
	m := measure{title: "Burnout", low: 1, high: 5, direction: survey.HigherWorse}
	cell := func(shade int) heatRow {
		return heatRow{Cells: []heatCell{{figure{Shown: true, Invited: "9"}, shade}}}
	}
	hidden := heatRow{Cells: []heatCell{{figure{Invited: "4"}, 0}}}
	absent := heatRow{Cells: []heatCell{{figure{}, 0}}}
	for want, rows := range map[string][]heatRow{
		"Burnout: units in the strained half of the scale in May, 2 of 4 with a figure; without a figure of their own, 1": {cell(1), cell(2), cell(3), hidden, cell(4), absent},
		"Burnout: units in the strained half of the scale in May, 0 of 1":                                                 {cell(2), absent},
		"Burnout: no unit has a figure of its own in May":                                                                 {hidden, absent},
	} {
		if got := s.heatHeading(m, rows, "May"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
