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

// readAnswers reads the page of every wave: the counts of every item that has
// bands, and the mean of every item that stands in no scale.
func (h *yearHouse) readAnswers(t *testing.T, lang string, told, want sheet) {
	s := h.voice(t, lang)
	for email, v := range h.people {
		b := h.as(email)
		b.post("/console/language", url.Values{"language": {lang}})
		for _, unit := range h.units {
			for _, r := range h.releases {
				if !v.sees(r.Tree(), unit) {
					if status, _ := b.get(spreadOf(unit, r.Wave())); status == 200 {
						t.Errorf("%s opens the answers of %s in %s", email, unit, r.Wave())
					}
					continue
				}
				doc, _ := b.page(spreadOf(unit, r.Wave()))
				p := unitPage{yearHouse: h, s: s, v: v, unit: unit, line: []*analytics.Release{r}, where: fmt.Sprint(email, " ", unit, " ", r.Wave())}
				for _, ref := range r.Packs() {
					pack, err := s.con.library.Find(ref)
					must(t, err)
					for _, item := range pack.Items {
						p.readItem(t, doc, pack, item, told, want)
					}
				}
			}
		}
	}
}

func (p unitPage) readItem(t *testing.T, doc *goquery.Document, pack *survey.Pack, item survey.Item, told, want sheet) {
	r := p.latest()
	mean, ok := r.Cell(string(p.unit), item.ID, analytics.StatisticMean)
	if !ok {
		return
	}
	m := p.s.single(pack, item)
	may := make(sheet).may(number(p.s.lang, m.low), number(p.s.lang, m.high))
	seen := false // whether anything of it is shown
	card := doc.Find("section#" + item.ID)
	note := func(c analytics.Cell) {
		if c.Status == analytics.StatusShown {
			may.may(inWords(p.s, c), fmt.Sprint(c.N), fmt.Sprint(c.Invited))
			seen = true
		}
	}
	note(mean)
	whole, together := r.Cell(mean.Block, item.ID, analytics.StatisticMean)
	note(whole)
	own, _ := r.Cell(string(p.unit), item.ID+":low", analytics.StatisticCount)
	from := string(p.unit)
	if own.Status == analytics.StatusCombined {
		from = own.Block
		may.may(p.s.combined(r, own)) // teams with their headcounts
	}
	for i, band := range []string{"low", "middle", "high"} {
		if c, ok := r.Cell(from, item.ID+":"+band, analytics.StatisticCount); ok && c.Status == analytics.StatusShown {
			want.put(inWords(p.s, c), p.where, item.ID, i)
			note(c)
		}
	}
	card.Find("table.spread tbody tr").Each(func(i int, row *goquery.Selection) {
		told.put(text(row.Find("td")), p.where, item.ID, i)
	})
	if seen {
		p.wantRow(want, "own", m, r, mean, true, false)
		if _, block := r.Block(mean.Block); block && together && whole.Status == analytics.StatusShown {
			p.wantRow(want, "together", m, r, whole, true, false)
			want.put(p.s.combined(r, mean), p.where, m.id, "together", p.s.wave(r.Wave()), "status")
		}
	} else if !strings.Contains(text(doc.Find(".unshown")), spaced(p.status(r, mean, true))) {
		t.Errorf("%s %s: nothing is shown, and no reason is given", p.where, item.ID)
	}
	tables := card.Find("table.figures")
	p.readFigures(tables.Eq(0), told, "own", m)
	p.readFigures(tables.Eq(1), told, "together", m)
	rest := card.Clone()
	rest.Find("table").Remove()
	p.noOther(t, p.s, p.where+" "+item.ID, rest, may)
	card.Find("rect").Each(func(_ int, bar *goquery.Selection) {
		if strings.HasPrefix(bar.AttrOr("width", ""), "-") {
			t.Errorf("%s %s: a bar of width %s", p.where, item.ID, bar.AttrOr("width", ""))
		}
	})
}
