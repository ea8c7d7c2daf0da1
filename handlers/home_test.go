package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// The first page and the page of a unit judge from the same stored figures, so
// that they say the same of every unit, in every language.
func TestTheFirstPageSaysOfEachUnitWhatItsOwnPageSays(t *testing.T) {
	h := newHouse(t)
	for _, lang := range h.site.Languages() {
		b := h.as(hrMail)
		b.post("/console/language", url.Values{"language": {lang}})
		doc, _ := b.page("/console")
		moved := 0
		doc.Find("#units tbody tr").Each(func(_ int, row *goquery.Selection) {
			path, ok := row.Find("th a").Attr("href")
			if !ok || row.Find("td").Length() < 2 {
				return
			}
			own, _ := b.page(path)
			said := map[string]bool{} // the shapes of the latest wave, on the first page
			row.Find(".said .shape").Each(func(_ int, i *goquery.Selection) { said[i.AttrOr("class", "")] = true })
			want := map[string]bool{}
			own.Find("#figures > .card > .verdict .shape").Each(func(_ int, i *goquery.Selection) {
				class := i.AttrOr("class", "")
				if strings.HasSuffix(class, "worse") || strings.HasSuffix(class, "better") || strings.HasSuffix(class, "watch") {
					want[class] = true
				}
			})
			for class := range want {
				moved++
				if !said[class] {
					t.Errorf("%s: %s has %q, the first page does not", lang, path, class)
				}
				if doc.Find(`#changes a[href="`+path+`"]`).Length() != 1 {
					t.Errorf("%s: %s changed, and is not under what changed", lang, path)
				}
			}
			if len(said) != len(want) {
				t.Errorf("%s: %s is marked %v, its own page says %v", lang, path, said, want)
			}
			values := map[string]bool{}
			row.Find("td").Each(func(_ int, cell *goquery.Selection) {
				cell = cell.Clone()
				cell.Find(".said").Remove()
				values[strings.TrimSpace(cell.Text())] = true
			})
			doc.Find(`#changes a[href="` + path + `"]`).Parent().Find("p").Each(func(_ int, p *goquery.Selection) {
				_, value, _ := strings.Cut(p.Text(), "(")
				if value, _, _ = strings.Cut(value, ")"); !values[value] {
					t.Errorf("%s: %s changed to %q, which its row does not have: %v", lang, path, value, values)
				}
			})
			mode := doc.Find(`#signs a[href="` + path + `"]`).Parent().Find("p").Text()
			if has := strings.TrimSpace(own.Find("#states h2").Text()); mode != "" && strings.TrimSpace(mode) != has {
				t.Errorf("%s: %s: %q on the first page, %q on its own", lang, path, mode, has)
			}
		})
		if moved == 0 {
			t.Errorf("%s: nothing changed anywhere: the test looked at nothing", lang)
		}
	}
}

// Survival mode stands first; otherwise, and everywhere else, units stand in
// the order of the tree, which no figure can change.
func TestTheFirstPageRanksNobody(t *testing.T) {
	h := newHouse(t)
	s := h.speech("en")
	tree, err := survey.NewTree(orgUnits())
	must(t, err)
	var states []unitState
	for i, u := range tree.Units() {
		state := unitState{unit: u, mode: analytics.ModeOther, present: 6 - i%3}
		if u.ID == dayID || u.ID == dutyID {
			state.mode = analytics.ModeSurvival
		}
		state.trends = []unitTrend{{verdict: analytics.VerdictWorse, now: figure{Value: s.num(float64(9 - i))}}}
		states = append(states, state)
	}
	place := make(map[string]int)
	for i, u := range tree.Units() {
		place[s.link(tree, u.ID).Path] = i
	}
	modes, _ := s.modes(tree, states)
	if len(modes) != len(states) || modes[0].Said[0].Kind != "present" || modes[1].Said[0].Kind != "present" || modes[2].Said[0].Kind == "present" {
		t.Fatalf("survival mode does not stand first: %+v", modes)
	}
	moves, _ := s.moves(tree, states)
	for _, lines := range [][]unitLine{modes[:2], modes[2:], moves} {
		for i := 1; i < len(lines); i++ {
			if place[lines[i-1].Path] > place[lines[i].Path] {
				t.Errorf("%s stands before %s, against the tree", lines[i-1].Name, lines[i].Name)
			}
		}
	}
}

// The team of one manager has figures in some waves and not in others.
func TestASmallUnitGetsTheViewOfWhatItIsPartOf(t *testing.T) {
	h := newYearHouse(t)
	intake := h.units["Children / Intake"]
	b := h.as("lead." + string(intake) + "@riverside.example")
	doc, body := b.page("/console")
	small := doc.Find("#small")
	if small.Length() != 1 || small.Find("li").Length() == 0 {
		t.Fatalf("nothing is said of what stands in for the team's figures: %s", doc.Find("main").Text())
	}
	for _, want := range []string{"Intake", "combined with Long-term team", "Children"} {
		if !strings.Contains(small.Text(), want) {
			t.Errorf("%q is missing in %q", want, small.Text())
		}
	}
	if doc.Find("#changes").Length() != 0 {
		t.Error("a unit without figures has changes")
	}
	if strings.Contains(body, "Night crisis team") {
		t.Error("a team of another department is named")
	}
}

func TestAnEmptyFirstPageTeaches(t *testing.T) {
	h := newHouse(t, func(c *Config) { c.Archive = analytics.NewArchive(&synthetic{}) })
	b := h.as(managerMail)
	_, body := b.page("/console")
	for _, want := range []string{"There are no results yet", "December 2026, is planned to open on 7 December 2026", "shown together", "/console/guides"} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not said", want)
		}
	}
	s := h.speech("en")
	for state, want := range map[survey.State]string{survey.Open: "open until 17 December", survey.Announced: "opens on 7 December", survey.Closed: "has closed"} {
		opens := time.Date(2026, 12, 7, 8, 0, 0, 0, time.UTC)
		said := s.say("home.teach."+string(state), survey.Args{"wave": "W", "opens": s.day(opens), "closes": s.day(opens.AddDate(0, 0, 10)), "results": "R", "owner": "O"})
		if !strings.Contains(said, want) || strings.Contains(said, "{") {
			t.Errorf("%s: %q", state, said)
		}
	}
}
