package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// readUnits reads a table of units side by side, by its heads.
func (p unitPage) readUnits(table *goquery.Selection, told sheet) {
	var heads []string
	table.Find("thead th").Each(func(_ int, head *goquery.Selection) { heads = append(heads, text(head)) })
	table.Find("tbody tr").Each(func(_ int, row *goquery.Selection) {
		row.Find("td").Each(func(i int, cell *goquery.Selection) {
			cell = cell.Clone()
			cell.Find("[aria-hidden], .partial, .said").Remove()
			told.put(text(cell), p.where, "units", text(row.Find("th")), heads[i+1])
		})
	})
}

// wantUnits is one row of such a table; where nothing is shown the first cell
// says why for all.
func (p unitPage) wantUnits(want sheet, r *analytics.Release, name, id string) {
	scales, _ := p.measures()
	heads := []string{p.s.say("console.table.answered", nil)}
	c, ok := r.Cell(id, analytics.MeasureResponse, analytics.StatisticCoverage)
	said, any := []string{p.status(r, c, ok)}, false
	if ok && c.Status == analytics.StatusShown {
		said[0], any = p.answered(c), true
	}
	for _, m := range scales {
		heads = append(heads, p.s.titles([]measure{m})[0])
		c, ok := r.Cell(id, m.id, analytics.StatisticMean)
		if ok && c.Status == analytics.StatusShown {
			said, any = append(said, inWords(p.s, c)), true
		} else {
			said = append(said, p.status(r, c, ok))
		}
	}
	for i := range said {
		if any || i == 0 {
			want.put(said[i], p.where, "units", name, heads[i])
		}
	}
}

func (p unitPage) wantBeside(want sheet) {
	r := p.latest()
	p.wantUnits(want, r, p.s.unitID(r.Tree(), p.unit), string(p.unit))
	if c, ok := r.Cell(string(p.unit), analytics.MeasureResponse, analytics.StatisticCoverage); ok {
		if b, ok := r.Block(c.Block); ok {
			p.wantUnits(want, r, p.s.members(r, b.ID, ""), b.ID)
		}
	}
	for _, up := range r.Tree().Ancestors(p.unit) {
		p.wantUnits(want, r, p.s.unitID(r.Tree(), up), string(up))
	}
}

// readRest looks for numbers where none, or only those of the rules, belong.
func (p unitPage) readRest(t *testing.T, doc *goquery.Document) {
	main := doc.Find("main").Clone()
	main.Find("table, script").Remove()
	heads := make(sheet).may(fmt.Sprint(p.latest().K()))
	for _, r := range p.line {
		for _, u := range r.Units() {
			heads.may(fmt.Sprint(u.Invited))
		}
	}
	p.noOther(t, p.s, p.where+" not shown", main.Find(".not-shown"), heads)
	p.noOther(t, p.s, p.where+" who answered", main.Find("#coverage h2"), p.whoMay())
	finding := make(sheet)
	scales, _ := p.measures()
	for _, m := range scales {
		finding.may(slices.Collect(func(yield func(string) bool) {
			for n := range p.headingMay(m) {
				if !yield(n) {
					return
				}
			}
		})...)
	}
	if c, ok := p.latest().Cell(string(p.unit), analytics.MeasureResponse, analytics.StatisticCoverage); ok && c.Status == analytics.StatusShown {
		finding.may(fmt.Sprint(c.N), fmt.Sprint(c.Invited))
	}
	finding.may(p.status(p.latest(), mustCell(p.latest(), p.unit), true)) // names teams with headcounts
	p.noOther(t, p.s, p.where+" finding", main.Find(".finding"), finding)
	rules := make(sheet).may(p.s.say("console.reading.steps", nil), p.s.say("console.reading.partial", nil), p.s.checked(p.latest()), fmt.Sprint(p.latest().K()))
	p.noOther(t, p.s, p.where+" reading", main.Find(".reading"), rules)
	main.Find(".not-shown, .finding, .reading, section.card h2, .chart-key, .verdict, .compare").Remove() // .verdict: readTrends
	scale := make(sheet).may(p.s.say("console.signs.lead", nil))
	p.noOther(t, p.s, p.where+" rest", main, scale)
	main.Find("[aria-label]").Each(func(_ int, e *goquery.Selection) {
		if !e.HasClass("chart-place") && numbers.MatchString(e.AttrOr("aria-label", "")) {
			t.Errorf("%s: %s", p.where, e.AttrOr("aria-label", ""))
		}
	})
	p.readLabels(t, doc, scales)
}

// readLabels: what is read out instead of a chart has a figure or a reason for
// every wave, and nothing else.
func (p unitPage) readLabels(t *testing.T, doc *goquery.Document, scales []measure) {
	broken := p.breaks(p.unit)
	for _, m := range scales {
		var parts []string
		for i, r := range p.line {
			c, ok := p.cell(r, string(p.unit), m.id, analytics.StatisticMean)
			said := p.status(r, c, ok)
			if ok && c.Status == analytics.StatusShown {
				said = inWords(p.s, c)
			}
			if broken[i] {
				said += ", " + p.s.say("console.break.teams", nil)
			}
			parts = append(parts, p.s.wave(r.Wave())+": "+said)
		}
		label := doc.Find("section#"+m.id+" .chart-place").AttrOr("aria-label", "")
		if !strings.HasSuffix(spaced(strings.TrimSuffix(label, ".")), spaced(strings.Join(parts, "; "))) {
			t.Errorf("%s: the chart of %s is read out as %q, want %q", p.where, m.id, label, strings.Join(parts, "; "))
		}
	}
}

func mustCell(r *analytics.Release, unit survey.UnitID) analytics.Cell {
	c, _ := r.Cell(string(unit), analytics.MeasureResponse, analytics.StatisticCoverage)
	return c
}

func (h *yearHouse) readOverviews(t *testing.T, lang string, told, want sheet) {
	s := h.voice(t, lang)
	for email, v := range h.people {
		b := h.as(email)
		b.post("/console/language", url.Values{"language": {lang}})
		doc, _ := b.page("/console")
		if !v.has(hr, manager) { // whoever looks after the organisation only
			if n := doc.Find("table, .unit-lines, .figure").Length(); n > 0 {
				t.Errorf("%s has %d places for figures", email, n)
			}
			continue
		}
		r := h.releases[len(h.releases)-1]
		root, _ := v.root(r.Tree())
		p := unitPage{yearHouse: h, s: s, v: v, unit: root, line: []*analytics.Release{r}, where: email}
		p.readUnits(doc.Find("table.units"), told)
		tree := r.Tree()
		teams, shown := 0, 0
		for _, u := range tree.Units() {
			if v.sees(tree, u.ID) {
				p.wantUnits(want, r, s.unit(u), string(u.ID))
				if tree.IsLeaf(u.ID) {
					teams++
					if mustCell(r, u.ID).Status == analytics.StatusShown {
						shown++
					}
				}
			}
		}
		for _, block := range r.Blocks() {
			if v.seesBlock(tree, block) {
				p.wantUnits(want, r, s.say("console.together", survey.Args{"teams": s.members(r, block.ID, "")}), block.ID)
			}
		}
		for _, up := range tree.Ancestors(root) {
			p.wantUnits(want, r, s.say("console.to_compare", survey.Args{"unit": s.unitID(tree, up)}), string(up))
		}
		c := mustCell(r, root)
		finding := make(sheet).may(fmt.Sprint(teams), fmt.Sprint(shown))
		if c.Status == analytics.StatusShown {
			finding.may(fmt.Sprint(c.N), fmt.Sprint(c.Invited))
		}
		h.noOther(t, s, email+" finding", doc.Find(".finding"), finding)
	}
}

func (h *yearHouse) readResults(t *testing.T, lang string, told, want sheet) {
	s := h.voice(t, lang)
	for _, r := range h.releases {
		tree := r.Tree()
		for _, unit := range tree.Teams(tree.Root().ID) {
			link, err := h.waves.ResultsLink(t.Context(), r.Wave(), unit)
			must(t, err)
			path := strings.TrimPrefix(link, "https://survey.riverside.example")
			_, body := h.fetch(path, lang)
			doc := parsed(t, body)
			clean(t, path, doc, body)
			p := unitPage{yearHouse: h, s: s, v: h.people[hrMail], unit: unit, line: []*analytics.Release{r}, where: fmt.Sprint(r.Wave(), " ", unit)}
			places := []struct{ id, name string }{{string(unit), s.unitID(tree, unit)}}
			if b, ok := r.Block(mustCell(r, unit).Block); ok {
				places = append(places, struct{ id, name string }{b.ID, s.say("results.together", survey.Args{"teams": s.members(r, b.ID, "")})})
			}
			for _, up := range tree.Ancestors(unit) {
				places = append(places, struct{ id, name string }{string(up), s.unitID(tree, up)})
			}
			scales, signs := p.measures()
			for _, m := range scales {
				may := make(sheet).may(number(lang, m.low), number(lang, m.high))
				doc.Find("section#" + m.id + " tbody tr").Each(func(_ int, row *goquery.Selection) {
					value, _, _ := strings.Cut(text(row.Find("td").First()), ", ")
					told.put(value+" "+text(row.Find("td").Eq(1)), p.where, m.id, text(row.Find("th")))
				})
				for _, at := range places {
					c, ok := r.Cell(at.id, m.id, analytics.StatisticMean)
					said := strings.Split(p.status(r, c, ok), ", ")[0] + " "
					if ok && c.Status == analytics.StatusShown {
						said = inWords(s, c) + " " + p.answered(c)
						may.may(inWords(s, c))
					}
					want.put(said, p.where, m.id, at.name)
					may.may(at.name)
				}
				h.noOther(t, s, p.where+" "+m.id, doc.Find("section#"+m.id+" .words-first"), may)
			}
			for _, m := range signs {
				doc.Find("section#signs tbody tr").Each(func(_ int, row *goquery.Selection) {
					if text(row.Find("th")) != m.title {
						return
					}
					row.Find("td").Each(func(i int, cell *goquery.Selection) {
						cell = cell.Clone()
						cell.Find("[aria-hidden]").Remove()
						told.put(text(cell), p.where, "sign", m.title, i)
					})
				})
				for i, at := range places {
					c, ok := r.Cell(at.id, m.id, analytics.StatisticMean)
					said := p.status(r, c, ok)
					if ok && c.Status == analytics.StatusShown {
						said = inWords(s, c)
					}
					want.put(said, p.where, "sign", m.title, i)
				}
			}
		}
	}
}
