package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// html reads a page by what stands in its tables, its headings and the data
// of its charts, in English, without knowing how it was made.
func html(p page) (source, error) {
	s := source{from: p.path, facts: newFacts()}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(p.body))
	if err != nil {
		return s, fmt.Errorf("%s: %w", p.path, err)
	}
	r := &reader{source: &s, doc: doc, path: p.path}
	r.rules()
	r.waves()
	r.options()
	r.place()
	r.chain.own = r.unit
	r.tables()
	r.charts()
	return s, nil
}

// reader is one page while it is read.
type reader struct {
	*source
	doc   *goquery.Document
	path  string
	unit  unitRef // that the page is about
	wave  string  // that the page is about: the latest
	title string  // of the measure that the page is about, if it is one
	asks  bool    // it shows what one wave asked of a unit
}

var (
	atLeast = regexp.MustCompile(`at least (\d{1,4}) people who answered`)
	coarse  = regexp.MustCompile(`steps: (\d(?:\.\d+)?) where fewer than (\d+) people answered, (\d(?:\.\d+)?) from (\d+), (\d(?:\.\d+)?) from (\d+)`)
	month   = regexp.MustCompile(`(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}(?: \(\d+\))?`)
	between = regexp.MustCompile(`(?:on a scale from|,) (\d+) to (\d+)\b`)
	heads   = regexp.MustCompile(`([^,()]+?) \((\d+)\)`)
)

// rules are k and the steps of means, where the page explains them.
func (r *reader) rules() {
	text := tidy(r.doc.Find("body").Text())
	if m := atLeast.FindStringSubmatch(text); m != nil {
		r.facts.k, _ = strconv.Atoi(m[1]) // four digits at most
	}
	m := coarse.FindStringSubmatch(text)
	if m == nil {
		return
	}
	var n [7]float64
	for i := 1; i < len(m); i++ {
		n[i], _ = strconv.ParseFloat(m[i], 64) // digits, by the expression
	}
	if n[1] >= n[3] && n[3] >= n[5] && n[5] > 0 && n[2] <= n[4] && n[4] <= n[6] {
		r.facts.steps = []stepRule{{0, n[1]}, {int(n[4]), n[3]}, {int(n[6]), n[5]}}
	}
}

// scaled finds the ends of a measure in a heading: "Burnout, 1 to 5", "2.5 on a
// scale from 1 to 5".
func scaled(heading string) (title string, ends span, ok bool) {
	title, _, _ = strings.Cut(heading, ":")
	m := between.FindStringSubmatchIndex(heading)
	if m == nil {
		return title, ends, false
	}
	if m[0] < len(title) {
		title = heading[:m[0]]
	}
	low, okLow := parseNumber(heading[m[2]:m[3]])
	high, okHigh := parseNumber(heading[m[4]:m[5]])
	return title, span{low.value, high.value}, okLow && okHigh && low.value < high.value
}

// state words of a wave whose figures nobody may see yet.
var (
	logOf   = regexp.MustCompile(`/log/([0-9A-Za-z._-]+)$`)
	partial = regexp.MustCompile(`(?i)\b\d+ of \d+\b|\b\d+(?:\.\d+)? ?%|\b\d+ (?:people |persons )?(?:have |has )?(?:already )?(?:answered|responded)|\b(?:answered|answers|ballots|responses)(?: so far)?: ?\d+`)
)

// waves are names, ids and states of waves, and numbers beside one that is not
// released yet.
func (r *reader) waves() {
	r.doc.Find("article.wave, article").Each(func(_ int, a *goquery.Selection) {
		id := ""
		a.Find("a[href]").Each(func(_ int, link *goquery.Selection) {
			if m := logOf.FindStringSubmatch(link.AttrOr("href", "")); m != nil {
				id = m[1]
			}
		})
		heading := a.Find("h2").First()
		state := tidy(heading.Find(".state").Text())
		name := strings.TrimSpace(strings.TrimSuffix(tidy(heading.Text()), state))
		if id == "" || name == "" {
			return
		}
		r.facts.waves[name] = id
		r.facts.states[id] = state
		if state == "released" || state == "void" {
			return
		}
		for _, found := range partial.FindAllString(tidy(a.Text()), -1) {
			r.facts.live = append(r.facts.live, fmt.Sprintf("%s: “%s” beside the wave %s, which is %s", r.path, found, id, state))
		}
	})
}

// options are the answers of every question of the survey, from its form.
func (r *reader) options() {
	r.doc.Find(`input[type="radio"][name][value]`).Each(func(_ int, input *goquery.Selection) {
		v, err := strconv.Atoi(input.AttrOr("value", ""))
		if err != nil {
			return
		}
		name, x := input.AttrOr("name", ""), float64(v)
		if known, ok := r.facts.options[name]; ok {
			x0 := span{min(known.low, x), max(known.high, x)}
			r.facts.options[name] = x0
			return
		}
		r.facts.options[name] = span{x, x}
	})
}

var (
	unitOf    = regexp.MustCompile(`/teams/([^/?#]+)$`)
	answersOf = regexp.MustCompile(`/teams/([^/?#]+)/answers`)
	asked     = regexp.MustCompile(`^(?:Latest wave: |Wave of )`)
	resultsOf = regexp.MustCompile(`^(.*): results of (.*)$`)
)

var promiseOf = regexp.MustCompile(`^The promise of (.*)$`)

// place finds what the page is about.
func (r *reader) place() {
	title := tidy(r.doc.Find("h1").First().Text())
	if m, id := promiseOf.FindStringSubmatch(title), logOf.FindStringSubmatch(r.path); m != nil && id != nil {
		r.facts.waves[m[1]] = id[1]
	}
	if m := unitOf.FindStringSubmatch(r.path); m != nil {
		r.unit = unitRef{id: m[1], name: title}
	}
	if m := resultsOf.FindStringSubmatch(title); m != nil {
		r.unit, r.wave = unitRef{name: m[1]}, m[2]
		return
	}
	if m := answersOf.FindStringSubmatch(r.path); m != nil {
		r.unit, r.asks = unitRef{id: m[1], name: tidy(r.doc.Find(".crumbs a").Last().Text())}, true
	}
	r.doc.Find("main p").EachWithBreak(func(_ int, p *goquery.Selection) bool {
		if text := tidy(p.Text()); asked.MatchString(text) {
			r.wave = month.FindString(text)
		}
		return r.wave == ""
	})
}

// members are the teams that a text names with their headcounts.
func members(text string) []string {
	for _, lead := range []string{"combined with ", "Together: ", "together: "} {
		if _, after, ok := strings.Cut(text, lead); ok {
			text = after
		}
	}
	var names []string
	for _, m := range heads.FindAllStringSubmatch(text, -1) {
		names = append(names, strings.TrimPrefix(tidy(m[1]), "and "))
	}
	return names
}

// charts are the series of a card's chart: the unit's own, the unit above, and
// the combined teams. They carry values only.
func (r *reader) charts() {
	r.doc.Find(`section[id]`).Each(func(_ int, section *goquery.Selection) {
		script := section.Find(`script[type="application/json"]`).First()
		if script.Length() == 0 {
			return
		}
		var chart struct {
			Option struct {
				Series []struct {
					Name, ID string
					Data     []struct {
						Name  string
						Value any
					}
				}
				XAxis []struct{ Data []string }
			}
		}
		if json.Unmarshal([]byte(script.Text()), &chart) != nil || len(chart.Option.XAxis) == 0 {
			r.unread = "a chart that is not understood"
			return
		}
		axis := chart.Option.XAxis[0].Data
		for _, series := range chart.Option.Series {
			for i, point := range series.Data {
				v, ok := point.Value.(float64)
				if !ok || i >= len(axis) {
					continue
				}
				f := figure{wave: tidy(axis[i]), measure: section.AttrOr("id", ""), statistic: mean, valued: true, n: unknown, invited: unknown, from: r.path + ", chart"}
				f.value, ok = parseNumber(point.Name)
				if shown, err := strconv.ParseFloat(strconv.FormatFloat(v, 'f', -1, 64), 64); !ok || err != nil || shown != f.value.value {
					f.value = plain(v)
				}
				switch {
				case strings.HasPrefix(series.ID, "own"):
					f.unit = r.unit
				case strings.HasPrefix(series.ID, "above"):
					f.unit = unitRef{name: series.Name, above: 1}
				default:
					continue // the combined teams: their table says which they are
				}
				r.figures = append(r.figures, f)
			}
		}
	})
}

// plain is a number without a mark.
func plain(v float64) number {
	_, after, _ := strings.Cut(strconv.FormatFloat(v, 'f', -1, 64), ".")
	return number{value: v, decimals: len(after)}
}
