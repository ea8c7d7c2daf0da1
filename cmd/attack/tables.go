package main

import (
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// tables reads every table of a page by its heads.
func (r *reader) tables() {
	r.doc.Find("table").Each(func(_ int, table *goquery.Selection) {
		var heads []string
		table.Find("thead tr").First().Find("th").Each(func(_ int, th *goquery.Selection) { heads = append(heads, tidy(th.Text())) })
		if len(heads) < 2 {
			return
		}
		switch {
		case heads[0] == "Unit" && heads[1] == "Answered":
			r.units(table, heads)
		case heads[0] == "Unit" && monthShort.MatchString(heads[1]):
			r.unitsOverWaves(table, heads)
		case heads[0] == "Unit" && heads[1] == "Shown": // beside it what is drawn from it for a shade
			r.unitsShown(table)
		case heads[0] == "Sign" && heads[1] == "Of oneself":
			r.views(table)
		case heads[0] == "Sign" && r.unit.id == "":
			r.signsHere(table, heads)
		case heads[0] == "Sign":
			r.signs(table, heads)
		case heads[0] == "Answer" && heads[1] == "People":
			r.bands(table)
		case heads[0] == "Area" && heads[1] == "Mean":
			r.areas(table)
		case heads[0] == "Question":
			r.questions(table, heads)
		case heads[0] == "Who":
			r.who(table)
		case heads[0] == "Wave" && heads[1] == "Mean":
			r.overWaves(table, heads)
		case heads[0] == "Wave" && heads[1] == "Answered":
			r.answered(table)
		}
	})
}

// cells gives the row's head and its cells.
func cellsOf(row *goquery.Selection) (head *goquery.Selection, cells []string, hidden []bool) {
	row.Find("td").Each(func(_ int, td *goquery.Selection) {
		td.Find(".said").Remove() // the word for a trend, made of what stands in the cells
		cells = append(cells, tidy(td.Text()))
		hidden = append(hidden, td.HasClass("hidden-figure") || td.HasClass("none"))
	})
	return row.Find("th").First(), cells, hidden
}

func eachRow(table *goquery.Selection, do func(row *goquery.Selection)) {
	table.Find("tbody tr").Each(func(_ int, row *goquery.Selection) { do(row) })
}

// section is the id and the heading of what a table stands in.
func section(table *goquery.Selection) (id, heading string) {
	s := table.Closest("section")
	return s.AttrOr("id", ""), tidy(s.Find("h2, h3").First().Text())
}

// named is the unit of a row: by its link, by being the page's own, as a
// block of teams, or by its name only.
func (r *reader) named(row, head *goquery.Selection, above *int) unitRef {
	text := tidy(head.Text())
	ref := unitRef{name: strings.TrimPrefix(text, "To compare: ")}
	if m := unitOf.FindStringSubmatch(head.Find("a").AttrOr("href", "")); m != nil {
		ref.id = m[1]
	}
	if names := members(text); len(names) > 0 && ref.id == "" && (strings.HasPrefix(text, "Together") || len(names) > 1) {
		return unitRef{members: names}
	}
	if row.HasClass("own") {
		return unitRef{id: r.unit.id, name: ref.name}
	}
	if r.unit.name != "" || strings.HasPrefix(text, "To compare: ") {
		*above++
		ref.above = *above
		r.up(ref)
	}
	return ref
}

// up adds a unit to those above the page's own.
func (r *reader) up(ref unitRef) {
	for _, known := range r.chain.above {
		if known.name == ref.name {
			return
		}
	}
	r.chain.above = append(r.chain.above, ref)
}

// units reads units side by side in one wave: overview and team page.
func (r *reader) units(table *goquery.Selection, heads []string) {
	wave := r.wave
	if _, heading := section(table); month.MatchString(heading) {
		wave = month.FindString(heading)
	}
	above := 0
	eachRow(table, func(row *goquery.Selection) {
		head, cells, _ := cellsOf(row)
		unit := r.named(row, head, &above)
		if unit.id != "" && r.unit.name == "" {
			r.tree = append(r.tree, treeRow{unit, indent(head)})
			if r.chain.own.id == "" {
				r.chain.own = unit
			}
		}
		if len(cells) != len(heads)-1 { // one cell over all columns says why there is nothing
			r.hidden(unit, wave, strings.Join(cells, " "))
			return
		}
		f := figure{wave: wave, unit: unit, measure: response, statistic: coverage, status: "shown", from: r.path}
		var ok bool
		if f.n, f.invited, ok = parseOf(cells[0]); ok {
			r.figures = append(r.figures, f)
		}
		for i, text := range cells[1:] {
			title, _, _ := scaled(heads[i+2])
			r.mean(unit, wave, title, text, unknown, unknown, text)
		}
	})
}

// monthShort is a wave as the head of a column calls it.
var monthShort = regexp.MustCompile(`^[A-Z][a-z]{2,8} \d{4}(?: \(\d+\))?$`)

// unitsOverWaves reads one measure of many units in every wave.
func (r *reader) unitsOverWaves(table *goquery.Selection, heads []string) {
	_, heading := section(table)
	title, _, _ := scaled(heading)
	r.title = title
	above := 0
	eachRow(table, func(row *goquery.Selection) {
		head, cells, hidden := cellsOf(row)
		unit := r.named(row, head, &above)
		for i, text := range cells {
			if i+1 >= len(heads) {
				break
			}
			if hidden[i] {
				text = strings.TrimPrefix(text, "–")
			}
			r.mean(unit, heads[i+1], title, text, unknown, unknown, text)
		}
	})
}

// unitsShown reads the means that an estimate for each unit's shade was drawn
// from.
func (r *reader) unitsShown(table *goquery.Selection) {
	_, heading := section(table)
	above := 0
	eachRow(table, func(row *goquery.Selection) {
		head, cells, _ := cellsOf(row)
		if len(cells) > 0 {
			r.mean(r.named(row, head, &above), month.FindString(heading), r.title, cells[0], unknown, unknown, cells[0])
		}
	})
}

func indent(head *goquery.Selection) int {
	for _, class := range strings.Fields(head.AttrOr("class", "")) {
		if depth, ok := strings.CutPrefix(class, "level-"); ok && len(depth) == 1 {
			return int(depth[0] - '0')
		}
	}
	return 0
}

// mean keeps a mean, or why there is none.
func (r *reader) mean(unit unitRef, wave, measure, text string, n, invited int, status string) {
	f := figure{wave: wave, unit: unit, measure: measure, statistic: mean, n: n, invited: invited, status: status, from: r.path}
	switch f.value, f.valued = parseNumber(text); {
	case f.valued:
		f.status = "shown"
	case strings.ContainsAny(text, "0123456789") && !hides(text):
		r.unread = "a figure that is not understood: " + text
	}
	r.figures = append(r.figures, f)
}

func (r *reader) hidden(unit unitRef, wave, why string) {
	if names := members(why); len(names) > 0 {
		unit.members = names
	}
	r.figures = append(r.figures, figure{wave: wave, unit: unit, measure: response, statistic: coverage, n: unknown, invited: unknown, status: why, from: r.path})
}

// overWaves reads one measure of a unit, or of the teams that it is combined
// with, in every wave.
func (r *reader) overWaves(table *goquery.Selection, heads []string) {
	id, heading := section(table)
	title, ends, ok := scaled(heading)
	if r.asks { // its headings say which answers people chose, and its questions are nowhere called by them
		_, ends, ok = scaled(tidy(table.Closest("section").Find(".mean").Text()))
	} else {
		r.facts.titles[title] = id
	}
	if ok {
		r.facts.ranges[id] = ends
	}
	combined := table.Closest(".scroll").PrevAllFiltered("h3, h4").Length() > 0
	at := make(map[string]int)
	for i, name := range heads {
		at[name] = i - 1 // the first stands at the row's head
	}
	eachRow(table, func(row *goquery.Selection) {
		head, cells, _ := cellsOf(row)
		if len(cells) != len(heads)-1 {
			return
		}
		cell := func(name string) string {
			if i, ok := at[name]; ok {
				return cells[i]
			}
			return ""
		}
		f := figure{wave: tidy(head.Text()), unit: r.unit, measure: id, statistic: mean, n: unknown, invited: unknown, status: cell("Status"), from: r.path}
		f.value, f.valued = parseNumber(cell("Mean"))
		f.low, f.high, f.ranged = parseInterval(cell("Likely between"))
		if n, ok := parseDecimal(cell("Answers")); ok {
			f.n = int(n.value)
		}
		if n, ok := parseDecimal(cell("People asked")); ok {
			f.invited = int(n.value)
		}
		if combined {
			f.unit = unitRef{members: append(members(f.status), r.unit.name)}
			f.status = "shown"
		}
		if len(members(f.status)) > 0 {
			f.unit.members = members(f.status)
		}
		r.figures = append(r.figures, f)
	})
}

// answered reads who answered in every wave.
func (r *reader) answered(table *goquery.Selection) {
	eachRow(table, func(row *goquery.Selection) {
		head, cells, _ := cellsOf(row)
		if len(cells) == 0 {
			return
		}
		f := figure{wave: tidy(head.Text()), unit: r.unit, measure: response, statistic: coverage, n: unknown, invited: unknown, status: cells[0], from: r.path}
		if n, invited, ok := parseOf(cells[0]); ok {
			f.n, f.invited, f.status = n, invited, "shown"
		}
		r.figures = append(r.figures, f)
	})
}

// signs reads the signs of one unit over the waves.
func (r *reader) signs(table *goquery.Selection, heads []string) {
	eachRow(table, func(row *goquery.Selection) {
		head, cells, hidden := cellsOf(row)
		for i, text := range cells {
			if i+1 < len(heads) && !hidden[i] {
				r.mean(r.unit, heads[i+1], tidy(head.Text()), text, unknown, unknown, "")
			}
		}
	})
}

// signsHere reads the signs of several units in one wave.
func (r *reader) signsHere(table *goquery.Selection, heads []string) {
	eachRow(table, func(row *goquery.Selection) {
		head, cells, hidden := cellsOf(row)
		r.unitsOf(tidy(head.Text()), heads, cells, hidden)
	})
}

// unitsOf reads a row of one measure with a column for each unit.
func (r *reader) unitsOf(measure string, heads, cells []string, hidden []bool) {
	for i, text := range cells {
		if i+1 >= len(heads) || hidden[i] {
			continue
		}
		unit := unitRef{name: heads[i+1], above: i}
		if names := members(heads[i+1]); len(names) > 0 {
			unit = unitRef{members: names}
		}
		r.mean(unit, r.wave, measure, text, unknown, unknown, "")
	}
}

// questions reads the questions that are published by themselves on a page of
// results: a column for each unit, the page's own first.
func (r *reader) questions(table *goquery.Selection, heads []string) {
	eachRow(table, func(row *goquery.Selection) {
		if measure := row.AttrOr("data-measure", ""); measure != "" {
			_, cells, hidden := cellsOf(row)
			r.unitsOf(measure, heads, cells, hidden)
		}
	})
}

// views reads what people said of themselves beside what they said of their
// team, in one wave. The difference beside it is made of both.
func (r *reader) views(table *goquery.Selection) {
	_, heading := section(table)
	wave := month.FindString(heading)
	eachRow(table, func(row *goquery.Selection) {
		row.Find("td[data-measure]").Each(func(_ int, cell *goquery.Selection) {
			measure := cell.AttrOr("data-measure", "")
			r.mean(r.unit, wave, measure, tidy(cell.Text()), unknown, unknown, "")
			if strings.HasPrefix(measure, "team_") { // elsewhere it is called by the sign alone
				r.facts.titles[tidy(row.Find("th").First().Text())] = measure
			}
		})
	})
}

// whose is the unit that a card of answers is about, or the block or unit above
// that is shown in its place, as the note over its figures says.
func (r *reader) whose(table *goquery.Selection) unitRef {
	note := tidy(table.Closest("section").Find(".who").Text())
	if names := members(note); len(names) > 0 {
		return unitRef{members: append(names, r.unit.name)}
	}
	if _, above, ok := strings.Cut(note, "part of "); ok {
		return unitRef{name: above, above: 1}
	}
	return r.unit
}

// answeredBy reads how many answered a question.
var answeredBy = regexp.MustCompile(`(\d{1,9}) of (\d{1,9}) people answered this question`)

// bands reads how many people gave which answers to a question, in the wave
// that the page is about.
func (r *reader) bands(table *goquery.Selection) {
	id, _ := section(table)
	unit, n, invited := r.whose(table), unknown, unknown
	if m := answeredBy.FindString(tidy(table.Closest("section").Text())); m != "" {
		n, invited, _ = parseOf(m)
	}
	table.Find("tbody tr[data-band]").Each(func(_ int, row *goquery.Selection) {
		f := figure{
			wave: r.wave, unit: unit, measure: id + ":" + row.AttrOr("data-band", ""), statistic: count,
			n: n, invited: invited, status: "shown", from: r.path,
		}
		f.value, f.valued = parseNumber(tidy(row.Find("td").Text()))
		r.figures = append(r.figures, f)
	})
}

// areas reads the means of areas of competence in one wave.
func (r *reader) areas(table *goquery.Selection) {
	unit := r.whose(table)
	_, ends, ok := scaled(tidy(table.Closest("section").Find(".range").Text()))
	table.Find("tbody td[data-measure]").Each(func(_ int, cell *goquery.Selection) {
		measure, n, invited := cell.AttrOr("data-measure", ""), unknown, unknown
		if of, people, told := parseOf(cell.NextAll().Eq(1).Text()); told {
			n, invited = of, people
		}
		r.mean(unit, r.wave, measure, tidy(cell.Text()), n, invited, "")
		if ok {
			r.facts.ranges[measure] = ends
		}
	})
}

// who reads one scale of a results page.
func (r *reader) who(table *goquery.Selection) {
	id, heading := section(table)
	r.facts.titles[heading] = id
	if _, ends, ok := scaled(tidy(table.Closest("section").Text())); ok {
		r.facts.ranges[id] = ends
	}
	above := 0
	eachRow(table, func(row *goquery.Selection) {
		head, cells, _ := cellsOf(row)
		if len(cells) != 2 {
			return
		}
		n, invited, ok := parseOf(cells[1])
		if !ok {
			n, invited = unknown, unknown
		}
		r.mean(r.named(row, head, &above), r.wave, id, cells[0], n, invited, "")
	})
}
