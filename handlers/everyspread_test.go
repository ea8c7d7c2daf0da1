package handlers

import (
	"fmt"
	"math"
	"net/url"
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// readHeat reads every unit's row of every scale.
func (h *yearHouse) readHeat(t *testing.T, lang string, told, want sheet) {
	s := h.voice(t, lang)
	for email, v := range h.people {
		b := h.as(email)
		b.post("/console/language", url.Values{"language": {lang}})
		latest := h.releases[len(h.releases)-1]
		root, _ := v.root(latest.Tree())
		line, err := v.sights(h.releases, root)
		must(t, err)
		scales, _ := s.measures(line)
		for _, m := range scales {
			doc, _ := b.page("/console/units?measure=" + m.id)
			where := email + " " + m.id
			doc.Find("table.heat tbody tr").Each(func(_ int, row *goquery.Selection) {
				row.Find("td").Each(func(i int, cell *goquery.Selection) {
					cell = cell.Clone()
					cell.Find("[aria-hidden]").Remove()
					told.put(text(cell), where, text(row.Find("th")), i)
				})
			})
			gridOf(t, doc.Find("#heat")).told(t, told, where, "drawn")
			pooled := make(sheet)
			for _, u := range latest.Tree().Units() {
				if !v.sees(latest.Tree(), u.ID) {
					continue
				}
				p := unitPage{yearHouse: h, s: s, v: v, unit: u.ID, line: nil, where: where}
				for _, at := range line {
					p.line = append(p.line, at.release)
				}
				for i, r := range p.line {
					c, ok := p.cell(r, string(u.ID), m.id, analytics.StatisticMean)
					if ok && c.Status == analytics.StatusShown {
						want.put(inWords(s, c), where, s.unit(u), i)
						shade := strain(m, p.shadedBy(r, u, m, c.Value))
						want.put(fmt.Sprintf("shade-%d: %s %v", shade, inWords(s, c), c.Value), where, "drawn", s.unit(u), i)
						pooled.may(inWords(s, c))
					} else {
						want.put(p.status(r, c, ok), where, s.unit(u), i)
						want.put(roleHidden+": "+p.status(r, c, ok), where, "drawn", s.unit(u), i)
					}
				}
				for _, sibling := range latest.Pool(u.Parent, m.id) {
					pooled.may(number(lang, math.Round(sibling.Mean*100)/100))
				}
			}
			h.noOther(t, s, where+" shades", doc.Find("#pooled table"), pooled)
		}
	}
}

// shadedBy is what gives a value its shade: in the latest wave the estimate
// beside its siblings, where there is one.
func (p unitPage) shadedBy(r *analytics.Release, u survey.Unit, m measure, value float64) float64 {
	if r != p.releases[len(p.releases)-1] || u.Parent == "" {
		return value
	}
	for _, sibling := range r.Pool(u.Parent, m.id) {
		if sibling.Unit == string(u.ID) {
			return math.Round(sibling.Mean*100) / 100
		}
	}
	return value
}

// readAnswers reads the counts of every item that has bands.
func (h *yearHouse) readAnswers(t *testing.T, lang string, told, want sheet) {
	s := h.voice(t, lang)
	for email, v := range h.people {
		b := h.as(email)
		b.post("/console/language", url.Values{"language": {lang}})
		for _, unit := range h.units {
			r := h.releases[len(h.releases)-1]
			if !v.sees(r.Tree(), unit) {
				continue
			}
			doc, _ := b.page(spreadPath(unit))
			where := email + " " + string(unit)
			for _, ref := range r.Packs() {
				pack, err := s.con.library.Find(ref)
				must(t, err)
				for _, item := range pack.Items {
					own, ok := r.Cell(string(unit), item.ID+":low", analytics.StatisticCount)
					if !ok {
						continue
					}
					from, may := string(unit), make(sheet)
					if own.Status == analytics.StatusCombined {
						from = own.Block
						may.may(s.combined(r, own)) // teams with their headcounts
					}
					for i, band := range []string{"low", "middle", "high"} {
						c, ok := r.Cell(from, item.ID+":"+band, analytics.StatisticCount)
						if !ok || c.Status != analytics.StatusShown {
							continue
						}
						want.put(inWords(s, c), where, item.ID, i)
						may.may(inWords(s, c), fmt.Sprint(c.N), fmt.Sprint(c.Invited))
					}
					card := doc.Find("section#" + item.ID)
					card.Find("table.spread tbody tr").Each(func(i int, row *goquery.Selection) {
						told.put(text(row.Find("td")), where, item.ID, i)
					})
					h.noOther(t, s, where+" "+item.ID, card, may)
					card.Find("rect").Each(func(_ int, bar *goquery.Selection) {
						if strings.HasPrefix(bar.AttrOr("width", ""), "-") {
							t.Errorf("%s %s: a bar of width %s", where, item.ID, bar.AttrOr("width", ""))
						}
					})
				}
			}
		}
	}
}
