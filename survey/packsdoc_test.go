package survey_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"attune/survey"
)

// docs/packs.md is written from the pack files, so that it cannot drift from
// what people are asked: go test ./survey -run PacksPage -update.
func TestThePacksPageIsWrittenFromThePacks(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Instrument packs

<!-- Generated from survey/packs by go test ./survey -run PacksPage -update. Edit the packs, not this page. -->

Everything that people are asked, how it is scored, and why it is asked in these words. A pack is a YAML file in ` + "`survey/packs`" + `; ` + "`survey/packs/schema.json`" + ` says what it must look like, and the reader explains every fault with line, column and mend. A version never changes once it was used: a changed text is a new version, and a trend breaks visibly there. The texts are licensed under CC BY 4.0 (` + "`survey/packs/LICENSE`" + `) unless a pack says otherwise.

How a score is made: a reversed item counts as (min + max) − answer; the score is the mean of the answered items, or that mean times the number of items where the method is "sum"; with fewer answers than the minimum there is no score. An answer counts as its value unless the table of answers says otherwise. The phone and the server run the same test vectors (` + "`survey/testdata`" + `).

Reading grade: the Flesch–Kincaid grade of the English texts, 0.39 · words/sentences + 11.8 · syllables/words − 15.59 (Kincaid, Fishburne, Rogers and Chissom 1975, Research Branch Report 8-75), over all items of a pack taken together, and of what stands around them. Syllables are counted by a rule (groups of vowels, without a silent final e), so that a grade is right to about half a year of school. Single items are too short for the formula; none has more than ` + strconv.Itoa(survey.MaxItemWords) + ` words in any language.
`)
	for _, p := range builtIn(t).All() {
		writePack(&b, p)
	}
	golden(t, "../docs/packs.md", []byte(b.String()))
}

func writePack(b *strings.Builder, p *survey.Pack) {
	fmt.Fprintf(b, "\n## %s %s\n\n", p.ID, p.Version)
	table(b, []string{"", ""}, func(row func(...string)) {
		for _, lang := range p.Languages {
			row("Title ("+lang+")", p.Title[lang])
		}
		row("For", fmt.Sprintf("%s, %s", p.Audience, p.Confidentiality))
		row("Takes", fmt.Sprintf("%d items, about %d min", len(p.Items), p.Minutes))
		row("Reading grade (en)", readingGrades(p))
		row("Licence", p.Licence)
		row("Credit", p.Credit)
		if p.Link != "" {
			row("Link", p.Link)
		}
		if p.Texts != "" {
			row("Texts", p.Texts+": the pack cannot be asked until they are added")
		}
		if r := p.Replaces; r != nil {
			row("Asked in place of", fmt.Sprintf("`%s`; beside it `%s` is asked", r.Pack, r.With))
		}
		if r := p.Repeats; r != nil {
			row("Repeats word for word", fmt.Sprintf("items of `%s` %s, whose trend lines go on", r.Pack, r.Version))
		}
		row("At least apart", fmt.Sprintf("%d days between two openings", p.Apart()))
		row("Draws on", strings.Join(p.Citation, "<br>"))
		row("SHA-256", "`"+p.SHA256+"`")
	})

	b.WriteString("\n### Around the questions\n\n")
	table(b, append([]string{""}, p.Languages...), func(row func(...string)) {
		row(inLanguages(p, "recall window", p.RecallWindow)...)
		row(inLanguages(p, "disclaimer", p.Disclaimer)...)
		if len(p.Notice) > 0 {
			row(inLanguages(p, "before the first question", p.Notice)...)
		}
		if len(p.CreditLine) > 0 {
			row(inLanguages(p, "beside the items", p.CreditLine)...)
		}
	})

	b.WriteString("\n### Translations\n\n")
	table(b, []string{"language", "drafted", "reviewed by"}, func(row func(...string)) {
		for _, lang := range p.Languages {
			reviewed := p.Provenance[lang].Reviewed
			if reviewed == "" {
				reviewed = "not reviewed yet"
			}
			row(lang, p.Provenance[lang].Drafted, reviewed)
		}
	})

	for _, name := range sortedKeys(p.Responses) {
		fmt.Fprintf(b, "\n### Answers: %s\n\n", name)
		table(b, append([]string{"value", "counts as"}, p.Languages...), func(row func(...string)) {
			for _, o := range p.Responses[name] {
				counts := "left out"
				if score, ok := o.Counts(); ok {
					counts = strconv.Itoa(score)
				}
				row(append([]string{strconv.Itoa(o.Value)}, inLanguages(p, counts, o.Label)...)...)
			}
		})
	}

	b.WriteString("\n### Items, in the order they are asked\n\n")
	table(b, append([]string{"", "id"}, p.Languages...), func(row func(...string)) {
		for i, item := range p.Items {
			row(append([]string{strconv.Itoa(i + 1)}, inLanguages(p, "`"+item.ID+"`", asked(item))...)...)
		}
	})
	if len(p.Private) > 0 {
		b.WriteString("\n### Asked and kept on the phone\n\nNone of this has a place on the ballot.\n\n")
		table(b, append([]string{"id"}, p.Languages...), func(row func(...string)) {
			for _, q := range p.Private {
				row(inLanguages(p, "`"+q.ID+"`", q.Text)...)
			}
		})
	}

	b.WriteString("\n### Why each item\n\n")
	table(b, []string{"id", "counts for", "answers", "rationale"}, func(row func(...string)) {
		for _, item := range p.Items {
			response := item.Response
			if response == "" {
				response = p.DefaultResponse
			}
			row("`"+item.ID+"`", countsFor(p, item), response, item.Rationale)
		}
	})

	for _, s := range p.Scales {
		writeScale(b, p, s)
	}
	if len(p.Signs) > 0 {
		b.WriteString("\n### Signs of survival mode\n\n")
		table(b, append([]string{"id"}, p.Languages...), func(row func(...string)) {
			for _, s := range p.Signs {
				row(inLanguages(p, "`"+s.ID+"`", s.Title)...)
			}
		})
	}
	writeRules(b, p)
	writeAssociations(b, p)
}

func writeAssociations(b *strings.Builder, p *survey.Pack) {
	a := p.Associations
	if a == nil {
		return
	}
	fmt.Fprintf(b, "\n### Compared with %s\n\nFor the organisation as a whole, %d comparisons, from 60 people who answered all of it on.\n\n", a.With, a.Comparisons())
	if len(a.Predictors) > 0 {
		table(b, append([]string{"predictor", "yes when"}, p.Languages...), func(row func(...string)) {
			for _, predictor := range a.Predictors {
				yes := "all count at least "
				value := predictor.AtLeast
				if value == nil {
					yes, value = "the answer is ", predictor.Equals
				}
				yes = "`" + strings.Join(predictor.Items, "`, `") + "`: " + yes + strconv.Itoa(*value)
				row(append([]string{"`" + predictor.ID + "`", yes}, inLanguages(p, "", predictor.Title)[1:]...)...)
			}
		})
		b.WriteString("\n")
	}
	table(b, []string{"outcome", "beside", "as"}, func(row func(...string)) {
		for _, pair := range a.Pairs {
			row("`"+pair.Outcome+"`", "`"+pair.Predictor+"`", "correlation")
		}
		for _, s := range a.Slopes {
			row("`"+s.Outcome+"`", "`"+strings.Join(s.Predictors, "`, `")+"`", "slopes, each adjusted for the others")
		}
	})
}

// asked is an item with what stands before it, where that is its own.
func asked(item survey.Item) survey.Text {
	text := make(survey.Text)
	for lang, words := range item.Text {
		text[lang] = words
		if recall := item.Recall[lang]; recall != "" {
			text[lang] = "*" + recall + "*<br>" + words
		}
	}
	return text
}

func writeScale(b *strings.Builder, p *survey.Pack, s survey.Scale) {
	low, high := s.Range(p)
	fmt.Fprintf(b, "\n### Scale: %s\n\n", s.ID)
	table(b, []string{"", ""}, func(row func(...string)) {
		row("Items", "`"+strings.Join(s.Items, "`, `")+"`")
		row("Answers needed", fmt.Sprintf("%d of %d", s.MinAnswered, len(s.Items)))
		row("Method", fmt.Sprintf("%s, %g to %g", s.Method, low, high))
		row("Higher is", string(s.Direction))
		row("Planning SD within a team", fmt.Sprintf("%g response categories", s.PlanningSD))
		row("Measurement error told to a respondent", fmt.Sprintf("%g", s.Error))
	})
	b.WriteString("\n")
	table(b, append([]string{""}, p.Languages...), func(row func(...string)) {
		row(inLanguages(p, "title", s.Title)...)
		row(inLanguages(p, "in plain words", s.Plain)...)
		row(inLanguages(p, "lower third", s.Low)...)
		row(inLanguages(p, "middle third", s.Middle)...)
		row(inLanguages(p, "upper third", s.High)...)
	})
}

func writeRules(b *strings.Builder, p *survey.Pack) {
	b.WriteString("\n### What may be published\n\nItems inside a scale are never published by themselves: they are linearly related to the scale.\n\n")
	table(b, []string{"measure", "from level", "from n", "never on one trend line with"}, func(row func(...string)) {
		for _, r := range p.Reporting {
			from := "k"
			if r.MinN > 0 {
				from = strconv.Itoa(r.MinN)
			}
			row("`"+r.Measure+"`", r.MinLevel, from, strings.Join(r.NeverWith, ", "))
		}
	})
	for _, n := range p.Norms {
		fmt.Fprintf(b, "\nNorm set %q of %s: n %d, mean %g, SD %g. %s\n", n.Name, n.Scale, n.N, n.Mean, n.SD, n.Citation)
	}
	for _, band := range p.Bands {
		fmt.Fprintf(b, "\nBands %q of %s: cut points %v, for one person only: %t. %s\n", band.Scheme, band.Scale, band.Cuts, band.IndividualOnly, band.Citation)
	}
}

// countsFor says where an answer goes.
func countsFor(p *survey.Pack, item survey.Item) string {
	var to []string
	for _, s := range p.Scales {
		for _, id := range s.Items {
			if id != item.ID {
				continue
			}
			if item.Reverse {
				to = append(to, s.ID+", reversed")
			} else {
				to = append(to, s.ID)
			}
		}
	}
	if item.Sign != "" {
		to = append(to, "sign "+item.Sign+", "+item.View+" view")
	}
	if len(to) == 0 {
		return "itself"
	}
	return strings.Join(to, "; ")
}

func inLanguages(p *survey.Pack, first string, text survey.Text) []string {
	cells := []string{first}
	for _, lang := range p.Languages {
		cells = append(cells, text[lang])
	}
	return cells
}

func table(b *strings.Builder, head []string, fill func(row func(...string))) {
	line := func(cells ...string) {
		for _, cell := range cells {
			b.WriteString("| " + strings.ReplaceAll(cell, "|", "\\|") + " ")
		}
		b.WriteString("|\n")
	}
	line(head...)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	fill(line)
}

func sortedKeys(sets map[string][]survey.Option) []string {
	names := make([]string, 0, len(sets))
	for name := range sets {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
