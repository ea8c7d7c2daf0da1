package handlers

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"attune/survey/store"

	"github.com/PuerkitoBio/goquery"
	"github.com/labstack/echo/v4"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// inOwnOrder are the lists that cannot be put in another order, each with the
// reason. Everything else that stands in rows can.
func inOwnOrder() map[string]string {
	return map[string]string{
		"table.signs:not(.heat)":         "the signs stand in the order of the questionnaire; its columns are the waves",
		"table.strip":                    "the same signs",
		"table.views":                    "the same signs",
		"table.needs":                    "questions, in the order of the questionnaire",
		"table.areas":                    "areas of one questionnaire, in its order",
		"table.spread":                   "answers, from the low ones to the high ones",
		"table.associations":             "scales, in the order of the questionnaires",
		"table.figures:not([data-list])": "figures of one wave: a single row",
		"table.languages-of":             "the languages of one questionnaire, in the order that they have everywhere",
		"table.rounds":                   "the rounds of one offer, one after the other",
		"table.blank":                    "empty lines to write on",
		"#comments ul.events":            "what was said about an action, in the order in which it was said",
		"#running":                       "the few waves that run now, in the order of time",
	}
}

// inRows finds what stands in rows: tables, and lists of cards.
func inRows(doc *goquery.Document) *goquery.Selection {
	return doc.Find("main table, main ul.events, main ul.packs, main ul.audits, main [data-list]").AddSelection(doc.Find("main article.wave").Parent())
}

// read is browser.page for pages that may name users or have a frame.
func (b *browser) read(path string) *goquery.Document {
	b.house.t.Helper()
	_, body := b.get(path)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	must(b.house.t, err)
	return doc
}

// pagesOf are the addresses of all pages of the console that somebody may
// open, with things of one unit.
func (h *house) pagesOf(t *testing.T, b *browser, own things) []string {
	t.Helper()
	router, ok := h.Config.Handler.(*echo.Echo)
	if !ok {
		t.Fatalf("the handler is %T", h.Config.Handler)
	}
	paths := []string{"/console/teams/" + own["unit"] + "?print=1", "/console/actions?status=all", "/console/packs/pulse/" + pulseVersion(t)}
	for _, r := range router.Routes() {
		if r.Method == http.MethodGet && strings.HasPrefix(r.Path, "/console") {
			paths = append(paths, own.address(r.Path))
		}
	}
	slices.Sort(paths)
	return slices.DeleteFunc(slices.Compact(paths), func(path string) bool {
		r, _ := http.NewRequest(http.MethodGet, h.URL+path, http.NoBody)
		answer, body := b.do(r)
		return answer.StatusCode != http.StatusOK || !strings.Contains(body, `<main id="content"`)
	})
}

// TestEveryListOfThingsCanBePutInOrder by their names and dates, without
// script, on every page of every role, and by nothing else.
func TestEveryListOfThingsCanBePutInOrder(t *testing.T) {
	h := newHouse(t, withDemo(nil), func(c *Config) { c.Demo.Mail = t.TempDir() })
	people := map[string]*browser{admin: h.as(adminMail), hr: h.as(hrMail), manager: h.as(managerMail), auditor: h.as(auditorMail)}
	own := h.things(dutyID, people[admin])
	h.things(longID, people[admin])
	for _, comment := range []string{"Talked about it", "Begun"} {
		people[admin].post(own.address("/console/actions/:action/comments"), url.Values{"comment": {comment}})
	}
	for i, name := range []string{"Warehouse", "intranet"} {
		if _, err := h.store.AddToken(context.Background(), store.Token{Name: name, Hash: fmt.Sprint("hash", i), Created: fmt.Sprintf("2026-10-0%d", 2-i), Expires: "2027-10-01"}); err != nil {
			t.Fatal(err)
		}
	}
	excused, sorted := make(map[string]bool), make(map[string]bool)
	for role, b := range people {
		for _, path := range h.pagesOf(t, b, own) {
			doc := b.read(path)
			inRows(doc).Each(func(_ int, list *goquery.Selection) {
				links := sortLinks(doc, list)
				if links.Length() == 0 {
					if !list.Is("table") && list.Children().Length() < 2 {
						return // a single thing
					}
					for selector := range inOwnOrder() {
						if list.Is(selector) {
							excused[selector] = true
							return
						}
					}
					html, _ := goquery.OuterHtml(list)
					t.Errorf("%s as %s: a list can be put in no order: %.200s", path, role, spaced(html))
					return
				}
				name := list.AttrOr("data-list", "")
				if strings.HasPrefix(name, "audits-") || sorted[role+name] {
					return
				}
				sorted[role+name] = true
				isPutInOrder(t, b, path, name, list, links)
			})
		}
	}
	for selector := range inOwnOrder() {
		if !excused[selector] && !slices.Contains([]string{"table.needs", "table.areas", "table.associations", "table.views"}, selector) { // not in this organisation
			t.Errorf("%q is excused and stands nowhere", selector)
		}
	}
	if len(sorted) < 20 {
		t.Errorf("only %d lists were put in order", len(sorted))
	}
}

func sortLinks(doc *goquery.Document, list *goquery.Selection) *goquery.Selection {
	name, ok := list.Attr("data-list")
	if !ok {
		return list.Find("nothing")
	}
	if list.Is("table") {
		return list.Find("thead a.sort")
	}
	return doc.Find("p.order a.sort[data-of='" + name + "']")
}

// keys are what a link puts a list in order by, row by row, as feel.js finds
// them.
func keys(list, link *goquery.Selection) []string {
	rows := list.Children()
	if list.Is("table") {
		rows = list.Find("tbody tr")
	}
	return rows.Map(func(_ int, row *goquery.Selection) string {
		cell := row.Find("[data-by='" + link.AttrOr("data-by", "") + "']").First()
		if list.Is("table") {
			cell = row.Children().Eq(link.Closest("th").PrevAll().Length())
		}
		return cell.AttrOr("data-key", text(cell))
	})
}

var onlyFigures = regexp.MustCompile(`^[\d.,]+$`)

// isPutInOrder follows every link of a list, once upwards and once downwards,
// and holds the rows against an order worked out anew. No link may be that of
// a column with figures, and no address puts them in order.
func isPutInOrder(t *testing.T, b *browser, path, name string, list, links *goquery.Selection) {
	t.Helper()
	came := keys(list, links.First())
	find := func(path string) (*goquery.Selection, *goquery.Selection) {
		doc := b.read(path)
		found := doc.Find("main [data-list='" + name + "']").First()
		return found, sortLinks(doc, found)
	}
	links.Each(func(i int, link *goquery.Selection) {
		compare := strings.Compare
		switch kind := link.AttrOr("data-sort", ""); kind {
		case "name":
			compare = collate.New(language.English, collate.Numeric, collate.IgnoreCase).CompareString
			if list.Is("table") {
				at := link.Closest("th").PrevAll().Length()
				list.Find("tbody tr").Each(func(_ int, row *goquery.Selection) {
					cell := row.Children().Eq(at)
					if cell.Is(".figure, [class*=shade-], [data-measure]") || onlyFigures.MatchString(text(cell)) {
						t.Errorf("%s: the column of %q holds figures: %q", path, text(link), text(cell))
					}
				})
			}
		case "date":
		default:
			t.Errorf("%s: %q is put in order by %q", path, text(link), kind)
		}
		if link.Closest("th").HasClass("figure") {
			t.Errorf("%s: %q is the head of figures", path, text(link))
		}
		for _, order := range []string{"ascending", "descending"} {
			found, now := find(link.AttrOr("href", ""))
			got := keys(found, now.Eq(i))
			in := func(a, b string) int { return compare(a, b) }
			if order == "descending" {
				in = func(a, b string) int { return compare(b, a) }
			}
			if !slices.IsSortedFunc(got, in) || len(got) != len(came) {
				t.Errorf("%s: %s by %q %s: %q", path, name, text(link), order, got)
			}
			if link = now.Eq(i); link.AttrOr("data-order", "") != order {
				t.Errorf("%s: %s by %q is %q, want %q", path, name, text(link), link.AttrOr("data-order", ""), order)
			}
		}
		if again, now := find(link.AttrOr("href", "")); !slices.Equal(keys(again, now.First()), came) {
			t.Errorf("%s: %s does not come as it came", path, name)
		}
	})
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	for _, figure := range []string{"answered", "mean", "value", "n", "1", "people"} {
		if found, now := find(path + sign + "sort=" + name + "." + figure); !slices.Equal(keys(found, now.First()), came) {
			t.Errorf("%s: %s is put in order by %s", path, name, figure)
		}
	}
}
