package handlers

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

// unitPage is one unit's page as one reader should find it.
type unitPage struct {
	*yearHouse
	s     speech
	v     viewer
	unit  survey.UnitID
	line  []*analytics.Release // from the first to the last wave in which the unit is theirs
	where string
}

func (p unitPage) mine(r *analytics.Release) bool { return p.v.sees(r.Tree(), p.unit) }

func (p unitPage) latest() *analytics.Release { return p.line[len(p.line)-1] }

// cell is a unit's cell in a wave; none where the unit is not the reader's.
func (p unitPage) cell(r *analytics.Release, unit, measure, statistic string) (analytics.Cell, bool) {
	if !p.mine(r) {
		return analytics.Cell{}, false
	}
	return r.Cell(unit, measure, statistic)
}

// status is why a cell is not shown, in words.
func (p unitPage) status(r *analytics.Release, c analytics.Cell, ok bool) string {
	switch {
	case !p.mine(r):
		return p.s.say("console.status.elsewhere", nil)
	case !ok:
		return p.s.say("console.status.absent", nil)
	}
	return p.s.status(r, c)
}

// breaks says for each wave of the line whether the unit is another set of
// teams than the last time it was asked: worked out anew from the trees.
func (p unitPage) breaks(unit survey.UnitID) []bool {
	var broken []bool
	before := map[int]string{}
	for _, all := range p.releases {
		var teams []string
		for _, team := range all.Tree().Teams(unit) {
			if u, ok := all.Unit(team); ok && u.Invited > 0 {
				teams = append(teams, string(team))
			}
		}
		slices.Sort(teams)
		now := strings.Join(teams, " ")
		if slices.Contains(p.line, all) {
			broken = append(broken, now != "" && before[0] != "" && before[0] != now)
		}
		if now != "" {
			before[0] = now
		}
	}
	return broken
}

func (h *yearHouse) readTeams(t *testing.T, lang string, told, want sheet) {
	s := h.voice(t, lang)
	for email, v := range h.people {
		b := h.as(email)
		b.post("/console/language", url.Values{"language": {lang}})
		for _, unit := range h.units {
			p := unitPage{yearHouse: h, s: s, v: v, unit: unit, where: email + " " + string(unit)}
			first, last := -1, -1
			for i, r := range h.releases {
				if v.sees(r.Tree(), unit) {
					last = i
					if first < 0 {
						first = i
					}
				}
			}
			if first < 0 {
				if status, _ := b.get("/console/teams/" + string(unit)); status == 200 {
					t.Errorf("%s opens the page of %s", email, unit)
				}
				continue
			}
			p.line = h.releases[first : last+1]
			doc, _ := b.page("/console/teams/" + string(unit))
			p.readCards(t, doc, told, want)
			p.readSigns(doc, told, want)
			p.readTrends(t, doc)
			p.readCoverage(doc, told, want)
			p.readUnits(doc.Find("#beside table.units"), told)
			p.wantBeside(want)
			p.readRest(t, doc)
		}
	}
}

// measures of the only pack.
func (p unitPage) measures() (scales, signs []measure) {
	return p.s.measures([]sight{{release: p.latest(), mine: true}})
}

func text(s *goquery.Selection) string { return spaced(s.Text()) }

// readCards reads the tables and the charts of all scales.
func (p unitPage) readCards(t *testing.T, doc *goquery.Document, told, want sheet) {
	scales, _ := p.measures()
	if n := doc.Find("script.chart").Length(); n != len(scales)+2 {
		t.Errorf("%s: %d charts of %d scales, the signs and who answered", p.where, n, len(scales))
	}
	for _, m := range scales {
		card := doc.Find("section#" + m.id)
		tables := card.Find("table.figures")
		p.readFigures(tables.Eq(0), told, "own", m)
		p.readFigures(tables.Eq(1), told, "together", m)
		p.readChart(t, card, told, m)
		p.wantCard(want, m)
		p.noOther(t, p.s, p.where+" heading of "+m.id, card.Find("h2"), p.headingMay(m))
		p.noOther(t, p.s, p.where+" note of "+m.id, card.Find(".note:not(.compare), .chart-key, .breaks"), nil)
		p.noOther(t, p.s, p.where+" comparison of "+m.id, card.Find(".compare"), p.compareMay(m))
	}
}

func (p unitPage) readFigures(table *goquery.Selection, told sheet, of string, m measure) {
	table.Find("tbody tr").Each(func(_ int, row *goquery.Selection) {
		head := row.Find("th").Clone()
		letter := text(head.Find(".mark"))
		head.Find(".mark").Remove()
		cells := row.Find("td")
		status, rest, _ := strings.Cut(text(cells.Eq(4)), "; ")
		at := []any{p.where, m.id, of, text(head)}
		told.put(text(cells.Eq(0)), append(at, "mean")...)
		told.put(text(cells.Eq(1)), append(at, "interval")...)
		told.put(text(cells.Eq(2)), append(at, "n")...)
		told.put(text(cells.Eq(3)), append(at, "invited")...)
		told.put(status, append(at, "status")...)
		told.put(rest, append(at, "more")...)
		told.put(fmt.Sprint(letter != ""), append(at, "break")...)
	})
}

// readChart reads the chart's own data, and that every wave has its place.
func (p unitPage) readChart(t *testing.T, card *goquery.Selection, told sheet, m measure) {
	chart := chartOf(t, card)
	for _, series := range chart.Option.Series {
		part, _, _ := strings.Cut(series.ID, ":")
		if len(series.Data) != len(p.line) || series.ConnectNulls {
			t.Errorf("%s %s: %s has %d values of %d waves, or joins gaps", p.where, m.id, series.ID, len(series.Data), len(p.line))
		}
		run := []string{}
		for i, point := range series.Data {
			if v, ok := point.Value.(float64); ok {
				told.put(fmt.Sprint(v, " ", point.Name), p.where, m.id, "chart", part, p.line[i].Wave())
				run = append(run, string(p.line[i].Wave()))
			}
		}
		for i := range run { // what the same stroke of the pen goes through
			told.put(series.ID, p.where, m.id, "stretch", part, run[i])
		}
		for _, bar := range series.MarkLine.Data {
			if len(bar) == 2 {
				at := int(bar[0].Coord[0])
				told.put(fmt.Sprint(bar[0].Coord[1], " ", bar[1].Coord[1]), p.where, m.id, "chart bar", part, p.line[at].Wave())
			}
		}
	}
	for _, b := range chart.Breaks {
		told.put(b.Text, p.where, m.id, "chart break", b.At, b.Letter)
	}
}

func (p unitPage) wantCard(want sheet, m measure) {
	own, above := p.breaks(p.unit), []bool(nil)
	up := p.latest().Tree().Ancestors(p.unit)
	if len(up) > 0 {
		above = p.breaks(up[0])
	}
	stretch := map[string]int{roleOwn: 0, roleAbove: 0, roleTogether: 0}
	block := ""
	for i, r := range p.line {
		c, ok := p.cell(r, string(p.unit), m.id, analytics.StatisticMean)
		if i > 0 && own[i] {
			stretch[roleOwn]++
		}
		p.wantRow(want, "own", m, r, c, ok, own[i])
		p.wantPoint(want, roleOwn, m, r, c, ok, stretch[roleOwn])
		if len(up) > 0 {
			if i > 0 && above[i] {
				stretch[roleAbove]++
			}
			c, ok := p.cell(r, string(up[0]), m.id, analytics.StatisticMean)
			p.wantPoint(want, roleAbove, m, r, c, ok, stretch[roleAbove])
		}
		if _, combined := r.Block(c.Block); ok && combined {
			if block != "" && block != c.Block {
				stretch[roleTogether]++
			}
			block = c.Block
			whole, ok := r.Cell(c.Block, m.id, analytics.StatisticMean)
			p.wantRow(want, "together", m, r, whole, ok, false)
			want.put(p.s.combined(r, c), p.where, m.id, "together", p.s.wave(r.Wave()), "status")
			p.wantPoint(want, roleTogether, m, r, whole, ok, stretch[roleTogether])
		}
	}
	letter := 'A'
	for i, r := range p.line {
		if own[i] {
			want.put(p.s.say("console.break.at", survey.Args{"wave": p.s.wave(r.Wave()), "break": p.s.say("console.break.teams", nil)}), p.where, m.id, "chart break", i, string(letter))
			letter++
		}
	}
	for i, r := range p.line {
		if above != nil && above[i] {
			want.put(p.s.say("console.break.of", survey.Args{"unit": p.s.unitID(p.latest().Tree(), up[0]), "wave": p.s.wave(r.Wave()), "break": p.s.say("console.break.teams", nil)}), p.where, m.id, "chart break", i, string(letter))
			letter++
		}
	}
}

func (p unitPage) wantRow(want sheet, of string, m measure, r *analytics.Release, c analytics.Cell, ok, broken bool) {
	at := []any{p.where, m.id, of, p.s.wave(r.Wave())}
	value, interval, n, invited, more := "", "", "", "", []string{}
	if broken {
		more = append(more, p.s.say("console.break.teams", nil))
	}
	if ok && c.Status == analytics.StatusShown {
		value, n = inWords(p.s, c), fmt.Sprint(c.N)
		if c.Interval {
			interval = p.s.say("console.interval", survey.Args{"low": number(p.s.lang, c.Low), "high": number(p.s.lang, c.High)})
		}
		if 100*c.N < 60*c.Invited {
			more = append(more, p.s.say("console.table.partial", nil))
		}
	}
	if ok && c.Invited > 0 {
		invited = fmt.Sprint(c.Invited)
	}
	want.put(value, append(at, "mean")...)
	want.put(interval, append(at, "interval")...)
	want.put(n, append(at, "n")...)
	want.put(invited, append(at, "invited")...)
	want.put(p.status(r, c, ok), append(at, "status")...)
	want.put(strings.Join(more, "; "), append(at, "more")...)
	want.put(fmt.Sprint(broken), append(at, "break")...)
}

func (p unitPage) wantPoint(want sheet, part string, m measure, r *analytics.Release, c analytics.Cell, ok bool, stretch int) {
	if !ok || c.Status != analytics.StatusShown {
		return
	}
	want.put(fmt.Sprint(c.Value, " ", inWords(p.s, c)), p.where, m.id, "chart", part, r.Wave())
	want.put(fmt.Sprintf("%s:%d", part, stretch), p.where, m.id, "stretch", part, r.Wave())
	if part != roleAbove && c.Interval {
		want.put(fmt.Sprint(c.Low, " ", c.High), p.where, m.id, "chart bar", part, r.Wave())
	}
}

// headingMay are the numbers that a card's heading may have: the latest cells
// of the unit, of its block and of the unit above, the ends of the scale, and
// the difference to the wave before.
func (p unitPage) headingMay(m measure) sheet {
	may := make(sheet).may(number(p.s.lang, m.low), number(p.s.lang, m.high))
	ids := []string{string(p.unit)}
	if c, ok := p.latest().Cell(string(p.unit), m.id, analytics.StatisticMean); ok && c.Block != "" {
		ids = append(ids, c.Block)
	}
	if up := p.latest().Tree().Ancestors(p.unit); len(up) > 0 {
		ids = append(ids, string(up[0]))
	}
	for _, id := range ids {
		now, ok := p.cell(p.latest(), id, m.id, analytics.StatisticMean)
		if !ok || now.Status != analytics.StatusShown {
			continue
		}
		may.may(inWords(p.s, now), fmt.Sprint(now.N), fmt.Sprint(now.Invited))
		for i := len(p.line) - 2; i >= 0; i-- {
			if c, ok := p.cell(p.line[i], id, m.id, analytics.StatisticMean); ok { // the time before that it was theirs
				if c.Status == analytics.StatusShown {
					may.may(number(p.s.lang, math.Abs(round2(now.Value-c.Value))))
				}
				break
			}
		}
	}
	return may
}

// compareMay are the numbers that a comparison may have, worked out from the
// released cells: the middle of the unit's own values and the organisation.
func (p unitPage) compareMay(m measure) sheet {
	may := make(sheet)
	r, _ := p.latest().Measure(m.id)
	trend := analytics.TrendOf(p.released(m), r, m.direction, nil)
	may.may(number(p.s.lang, math.Round(10*trend.Limits.Centre)/10), fmt.Sprint(trend.Published))
	root := p.latest().Tree().Root().ID
	if c, ok := p.latest().Cell(string(root), m.id, analytics.StatisticMean); ok && c.Status == analytics.StatusShown {
		may.may(number(p.s.lang, math.Round(10*c.Value)/10), fmt.Sprint(c.N))
	}
	return may
}

func (p unitPage) readSigns(doc *goquery.Document, told, want sheet) {
	_, signs := p.measures()
	rows := doc.Find("table.signs tbody tr")
	rows.Each(func(_ int, row *goquery.Selection) {
		row.Find("td").Each(func(i int, cell *goquery.Selection) {
			cell = cell.Clone()
			cell.Find("[aria-hidden]").Remove()
			told.put(text(cell), p.where, "sign", text(row.Find("th")), i)
		})
	})
	for _, m := range signs {
		for i, r := range p.line {
			c, ok := p.cell(r, string(p.unit), m.id, analytics.StatisticMean)
			if ok && c.Status == analytics.StatusShown {
				want.put(inWords(p.s, c), p.where, "sign", m.title, i)
			} else {
				want.put(p.status(r, c, ok), p.where, "sign", m.title, i)
			}
		}
	}
}

func (p unitPage) readCoverage(doc *goquery.Document, told, want sheet) {
	doc.Find("table.coverage tbody tr").Each(func(_ int, row *goquery.Selection) {
		head := row.Find("th").Clone()
		head.Find(".mark").Remove()
		bar := row.Find("progress")
		told.put(text(row.Find("td").First())+" "+bar.AttrOr("value", "")+"/"+bar.AttrOr("max", ""), p.where, "coverage", text(head))
	})
	columns := gridOf(p.t, doc.Find("#coverage")).columns(p.t)
	for i, r := range p.line {
		c, ok := p.cell(r, string(p.unit), analytics.MeasureResponse, analytics.StatisticCoverage)
		said, drawn := p.status(r, c, ok)+" /", roleHidden+": "+p.status(r, c, ok)
		if ok && c.Status == analytics.StatusShown {
			said, drawn = fmt.Sprintf("%s %d/%d", p.answered(c), c.N, c.Invited), fmt.Sprintf("answered: %s %v", p.answered(c), c.Value)
			if 100*c.N < 60*c.Invited {
				drawn = fmt.Sprintf("partial: %s %v", p.answered(c), c.Value)
			}
		}
		want.put(said, p.where, "coverage", p.s.wave(r.Wave()))
		want.put(drawn, p.where, "coverage drawn", i)
		told.put(strings.Join(columns[i], "; "), p.where, "coverage drawn", i)
	}
}

// whoMay are the numbers of the heading over who answered: the last two waves.
func (p unitPage) whoMay() sheet {
	may := make(sheet)
	for _, r := range p.line[max(0, len(p.line)-2):] {
		if c, ok := p.cell(r, string(p.unit), analytics.MeasureResponse, analytics.StatisticCoverage); ok && c.Status == analytics.StatusShown {
			may.may(fmt.Sprint(c.N), fmt.Sprint(c.Invited))
		}
	}
	return may
}

func (p unitPage) answered(c analytics.Cell) string {
	return fmt.Sprintf(map[string]string{"en": "%d of %d", "fr": "%d sur %d", "es": "%d de %d"}[p.s.lang], c.N, c.Invited)
}
