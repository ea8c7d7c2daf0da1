package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"attune/analytics"

	"github.com/PuerkitoBio/goquery"
)

// drawn is what a chart's script carries, as console.js reads it.
type drawn struct {
	Option struct {
		Series []struct {
			ID           string `json:"id"`
			Name         string `json:"name"`
			ConnectNulls bool   `json:"connectNulls"`
			Data         []struct {
				Value any    `json:"value"`
				Name  string `json:"name"`
			} `json:"data"`
			MarkLine struct {
				Data [][]struct {
					Coord []float64 `json:"coord"`
				} `json:"data"`
			} `json:"markLine"`
		} `json:"series"`
		Tooltip struct {
			RenderMode string `json:"renderMode"`
		} `json:"tooltip"`
		Aria struct {
			Label struct {
				Description string `json:"description"`
			} `json:"label"`
		} `json:"aria"`
	} `json:"option"`
	Words  map[int]string `json:"words"`
	Breaks []breakMark    `json:"breaks"`
}

func chartOf(t *testing.T, card *goquery.Selection) drawn {
	t.Helper()
	return decodeChart(t, []byte(card.Find("script.chart").Text()))
}

func decodeChart(t *testing.T, raw []byte) drawn {
	t.Helper()
	var d drawn
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatalf("chart: %v", err)
	}
	return d
}

// values are the numbers of one part of a chart by wave; a gap is absent.
func (d drawn) values(part string) map[int]float64 {
	values := make(map[int]float64)
	for _, s := range d.Option.Series {
		if !strings.HasPrefix(s.ID, part+":") {
			continue
		}
		for i, point := range s.Data {
			if v, ok := point.Value.(float64); ok {
				values[i] = v
			}
		}
	}
	return values
}

func TestChartTableAndArchiveSayTheSame(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	releases, err := h.archive.Releases(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []string{"org", "children", "duty", "night", "evil", "intake"} {
		doc, _ := b.page("/console/teams/" + unit)
		for _, scale := range []string{"burnout", "sts", "cs"} {
			card := doc.Find("section#" + scale)
			own := chartOf(t, card).values(roleOwn)
			rows := card.Find("table.figures").First().Find("tbody tr")
			if rows.Length() != len(releases) {
				t.Fatalf("%s %s: %d rows for %d waves", unit, scale, rows.Length(), len(releases))
			}
			for i, r := range releases {
				cell, _ := r.Cell(unit, scale, analytics.StatisticMean)
				mean := rows.Eq(i).Find("td").Eq(0).Text()
				value, isDrawn := own[i]
				if cell.Status != analytics.StatusShown {
					if isDrawn || mean != "" || rows.Eq(i).Find("td").Eq(2).Text() != "" {
						t.Errorf("%s %s in %s is %s, shown as %v and %q", unit, scale, r.Wave(), cell.Status, value, mean)
					}
					continue
				}
				if !isDrawn || value != cell.Value {
					t.Errorf("%s %s in %s: chart %v, archive %v", unit, scale, r.Wave(), value, cell.Value)
				}
				want := number("en", cell.Value)
				if !strings.HasPrefix(mean, want) || rows.Eq(i).Find("td").Eq(2).Text() != fmt.Sprint(cell.N) {
					t.Errorf("%s %s in %s: table %q, archive %v", unit, scale, r.Wave(), mean, cell)
				}
			}
		}
	}
}

func TestAHiddenWaveIsAGapAndSaysWhy(t *testing.T) {
	h := newHouse(t)
	doc, _ := h.as(nightMail).page("/console/teams/night")
	releases, _ := h.archive.Releases(context.Background())
	hidden := slices.IndexFunc(releases, func(r *analytics.Release) bool {
		cell, _ := r.Cell("night", "burnout", analytics.StatisticMean)
		return cell.Status == analytics.StatusCombined
	})
	if hidden < 1 || hidden == len(releases)-1 {
		t.Fatalf("the made-up night team is hidden in wave %d of %d; the test needs one in the middle", hidden, len(releases))
	}
	card := doc.Find("section#burnout")
	chart := chartOf(t, card)
	for _, s := range chart.Option.Series {
		if s.ConnectNulls {
			t.Errorf("series %s joins its gaps", s.ID)
		}
	}
	own := chart.Option.Series[0]
	if own.Data[hidden].Value != missing || own.Data[hidden].Name == "" {
		t.Errorf("the hidden wave is drawn as %+v", own.Data[hidden])
	}
	if status := card.Find("table.figures").First().Find("tbody tr").Eq(hidden).Find("td").Last().Text(); !strings.Contains(status, "combined with") {
		t.Errorf("the table says %q", status)
	}
	if len(chart.values(roleTogether)) == 0 {
		t.Error("the combined teams' own line is missing")
	}
}

func TestATeamsNameCannotBreakOutOfAChart(t *testing.T) {
	h := newHouse(t)
	doc, body := h.as(hrMail).page("/console/teams/evil") // page() fails on an image or a stray script
	if strings.Contains(body, "<img") || strings.Contains(body, "</script><") && strings.Contains(body, evilName) {
		t.Error("the name stands in the page as it is")
	}
	if got := doc.Find("h1").Text(); got != evilName {
		t.Errorf("heading %q, want the name as text", got)
	}
	if got := chartOf(t, doc.Find("section#burnout")).Option.Series[0].Name; got != evilName {
		t.Errorf("series %q, want the name as text", got)
	}
	if doc.Find("script.chart").Length() != 5 {
		t.Errorf("%d charts, want burnout, sts, cs, the signs and who answered", doc.Find("script.chart").Length())
	}
}

func TestChartsKeepToTheContentPolicyAndCanBeRead(t *testing.T) {
	h := newHouse(t)
	doc, _ := h.as(managerMail).page("/console/teams/duty")
	doc.Find("#figures section.card:has(script.chart)").Each(func(_ int, card *goquery.Selection) {
		chart := chartOf(t, card)
		if chart.Option.Tooltip.RenderMode != "richText" {
			t.Errorf("tooltips are drawn as %q", chart.Option.Tooltip.RenderMode)
		}
		if label, _ := card.Find(".chart-place").Attr("aria-label"); label == "" || chart.Option.Aria.Label.Description != label {
			t.Errorf("the chart is described as %q and %q", label, chart.Option.Aria.Label.Description)
		}
		if chart.Words[1] != "Never" || chart.Words[5] != "Very often" {
			t.Errorf("words of the axis: %v", chart.Words)
		}
	})
}

func TestAManagerSeesTheirPartAndWhatLiesAboveAndNothingElse(t *testing.T) {
	h := newHouse(t)
	b := h.as(nightMail)
	for _, path := range []string{"/console", "/console/teams/night", "/console/waves"} {
		doc, body := b.page(path)
		// Units of the other department, and siblings that the team was never combined with.
		for _, foreign := range []string{"Children", "Duty team", "Intake", "Long-term team", "/console/teams/hospital", "/console/teams/org", "/console/teams/day"} {
			if strings.Contains(body, foreign) {
				t.Errorf("%s names %s", path, foreign)
			}
		}
		if path != "/console/waves" && !strings.Contains(doc.Text(), "Hospital") {
			t.Errorf("%s lacks the department to compare with", path)
		}
	}
}

func TestOthersInABlockAreNamedWithTheirHeadcountOnly(t *testing.T) {
	h := newHouse(t)
	doc, _ := h.as(managerMail).page("/console/teams/intake")
	releases, _ := h.archive.Releases(context.Background())
	latest := releases[len(releases)-1]
	cell, _ := latest.Cell("intake", "burnout", analytics.StatisticMean)
	block, ok := latest.Block(cell.Block)
	if !ok || !slices.Contains(block.Units, longID) {
		t.Fatalf("the made-up Intake is not combined with the Long-term team: %+v", cell)
	}
	if text := doc.Find(".not-shown").Text(); !strings.Contains(text, "Intake (4) and Long-term team (9)") {
		t.Errorf("what is hidden is told as %q", text)
	}
	together, _ := latest.Cell(block.ID, "burnout", analytics.StatisticMean)
	heading := doc.Find("section#burnout h2").Text()
	if want := fmt.Sprintf("of the combined teams together: %s on a scale from 1 to 5", number("en", together.Value)); !strings.Contains(heading, want) {
		t.Errorf("heading %q, want %q", heading, want)
	}
	if strings.Contains(doc.Find("section#burnout table.figures").First().Text(), fmt.Sprintf("%v", together.Value)) {
		t.Error("the block's figure stands in the team's own table")
	}
}

func TestTheHeadingSaysWhatIsFound(t *testing.T) {
	h := newHouse(t)
	doc, _ := h.as(managerMail).page("/console/teams/duty")
	releases, _ := h.archive.Releases(context.Background())
	now, _ := releases[len(releases)-1].Cell("duty", "burnout", analytics.StatisticMean)
	before, _ := releases[len(releases)-2].Cell("duty", "burnout", analytics.StatisticMean)
	heading := doc.Find("section#burnout h2").Text()
	for _, want := range []string{
		"Burnout: ", number("en", now.Value) + " on a scale from 1 to 5", fmt.Sprintf("%d of 15 answered", now.N), "“",
		number("en", round2(now.Value-before.Value)) + " higher than in the wave before", // the made-up duty team rises
	} {
		if !strings.Contains(heading, want) {
			t.Errorf("heading %q lacks %q", heading, want)
		}
	}
}

func TestTheSignsAreSixRowsWithANumberInEveryShade(t *testing.T) {
	h := newHouse(t)
	doc, _ := h.as(managerMail).page("/console/teams/duty")
	releases, _ := h.archive.Releases(context.Background())
	rows := doc.Find("table.signs tbody tr")
	if rows.Length() != 6 {
		t.Fatalf("%d signs", rows.Length())
	}
	rows.Each(func(_ int, row *goquery.Selection) {
		cells := row.Find("td")
		if cells.Length() != len(releases) {
			t.Errorf("%s: %d cells for %d waves", row.Find("th").Text(), cells.Length(), len(releases))
		}
		cells.Each(func(_ int, cell *goquery.Selection) {
			if class, _ := cell.Attr("class"); strings.HasPrefix(class, "shade-") && !regexp.MustCompile(`^[1-5](\.\d+)?( or (more|less))?$`).MatchString(cell.Text()) {
				t.Errorf("a shaded cell says %q", cell.Text())
			}
		})
	})
}

func TestShadesLieBetweenNeighbouringWords(t *testing.T) {
	for mean, want := range map[float64]int{1: 1, 1.9: 1, 2: 2, 2.75: 2, 3: 3, 4: 4, 4.5: 4, 5: 4} {
		if got := shade(mean, 1); got != want {
			t.Errorf("shade(%v) = %d, want %d", mean, got, want)
		}
	}
}

func TestEveryPageStandsInEveryLanguage(t *testing.T) {
	h := newHouse(t, withDemo(nil))
	for _, lang := range h.site.Languages() {
		for _, email := range []string{hrMail, managerMail, auditorMail} {
			b := h.as(email)
			b.post("/console/language", url.Values{"language": {lang}})
			paths := []string{"/console", "/console/sign-in", "/console/password"}
			if email != auditorMail {
				paths = append(paths, "/console/waves", "/console/teams/children", "/console/teams/duty", "/console/teams/intake")
			}
			if email == hrMail {
				paths = append(paths, "/console/export", "/console/teams/evil", "/console/teams/org", "/console/teams/hospital")
			}
			for _, path := range paths {
				if doc, _ := b.page(path); doc.Find("html").AttrOr("lang", "") != lang || doc.Find("h1").Length() != 1 {
					t.Errorf("%s in %s: lang %q, %d headings", path, lang, doc.Find("html").AttrOr("lang", ""), doc.Find("h1").Length())
				}
			}
		}
	}
	h.browser().page("/")
}

func TestBeforeTheFirstReleaseThePagesSaySo(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Archive = analytics.NewArchive(&synthetic{}) })
	b := h.as(hrMail)
	for path, want := range map[string]string{
		"/console": "There are no results yet", "/console/export": "nothing to download", "/console/waves": "December 2026",
	} {
		if _, body := b.page(path); !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
}
