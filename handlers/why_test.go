package handlers

import (
	"strings"
	"testing"

	"attune/analytics"

	"github.com/PuerkitoBio/goquery"
)

// Every cell that is not told as it is, and every value with "or more", leads
// by one tap to words on the same page; what these offer instead can be opened.
func TestEveryCellThatIsNotToldLeadsToItsReason(t *testing.T) {
	h := newYearHouse(t)
	led, opened := 0, make(map[string]bool)
	check := func(where string, doc *goquery.Document, get func(string) int) {
		doc.Find("td").Each(func(_ int, cell *goquery.Selection) {
			said := text(cell)
			link := cell.Find("a.because")
			marked := cell.HasClass("hidden-figure") || cell.HasClass("none") || strings.HasSuffix(said, "or more") || strings.HasSuffix(said, "or less")
			if !marked || said == "" {
				return
			}
			led++
			to := link.AttrOr("href", "")
			if text(link) == "" || !strings.HasPrefix(to, "#why-") || doc.Find(to+" p").Length() == 0 {
				t.Errorf("%s: %q leads to %q", where, said, to)
			}
		})
		doc.Find(".reason").Each(func(_ int, e *goquery.Selection) {
			if len(text(e.Find("p").First())) < 40 || text(e.Find("h3")) == "" {
				t.Errorf("%s: %s explains nothing", where, e.AttrOr("id", ""))
			}
			e.Find(".instead a").Each(func(_ int, a *goquery.Selection) {
				to := a.AttrOr("href", "")
				opened[to] = true
				if strings.HasPrefix(to, "#") && doc.Find(to).Length() == 0 || strings.HasPrefix(to, "/") && get(to) != 200 {
					t.Errorf("%s offers %s, which does not open", where, to)
				}
			})
		})
	}
	for email := range h.people {
		b := h.as(email)
		get := func(path string) int { status, _ := b.get(path); return status }
		doc, _ := b.page("/console")
		check(email+" overview", doc, get)
		for _, unit := range h.units {
			if get("/console/teams/"+string(unit)) == 200 {
				doc, _ := b.page("/console/teams/" + string(unit))
				check(email+" "+string(unit), doc, get)
			}
		}
	}
	for _, path := range []string{"Children / Intake", "Hospital / Night crisis team", "Children / Duty team"} {
		for _, r := range h.releases {
			_, body := h.fetch(h.link(r.Wave(), path), "en")
			check(path, parsed(t, body), func(string) int { return 0 })
		}
	}
	if led < 300 || !opened["#figures"] || !opened["#units"] || !opened["/console/teams/"+string(h.units["Children"])] {
		t.Errorf("%d cells lead somewhere, to %v", led, opened)
	}
}

// A reason that had a number of answers, or how many are missing, in it would
// tell what hiding is for.
func TestReasonsCannotTellHowManyAnswered(t *testing.T) {
	h := newHouse(t)
	for _, lang := range h.site.Languages() {
		for _, kind := range []string{whyBlock, whyWithin, whyAbsent, whyElsewhere, whyClamped, "protected", "level", "not_asked", "not_invited", "too_few_items"} {
			for _, part := range []string{".title", ".text", ".later", ".item"} {
				key := "why." + kind + part
				if !h.site.Has(key) {
					if part == ".title" || part == ".text" {
						t.Errorf("%s has no text", key)
					}
					continue
				}
				said := h.site.Text(lang, key, map[string]any{"k": "", "unit": "", "above": ""})
				if strings.ContainsAny(said, "0123456789{") {
					t.Errorf("%s in %s: %q", key, lang, said)
				}
			}
		}
	}
}

// Where neither the unit nor a block of it is shown, the card is about the
// unit above, and says so.
func TestAParentsViewStandsWhereAUnitIsTooSmall(t *testing.T) {
	s := newHouse(t).speech("en")
	hidden := []figure{{}}
	above := chartLine{roleAbove, "Children", []figure{{Shown: true, value: 2.5, Value: "2.5", N: "30", Invited: "40"}}}
	got := s.heading(measure{title: "Burnout", low: 1, high: 5}, analytics.VerdictCannotSay, hidden, hidden, above)
	if want := "Burnout is not shown for this unit alone. Children as a whole: 2.5 on a scale from 1 to 5; 30 of 40 answered"; spaced(got) != want {
		t.Errorf("the heading is %q, want %q", got, want)
	}
	if got := s.heading(measure{title: "Burnout", low: 1, high: 5}, analytics.VerdictCannotSay, hidden, hidden, chartLine{}); got != "Burnout, 1 to 5: not shown in the latest wave" {
		t.Errorf("with nothing above the heading is %q", got)
	}
}
