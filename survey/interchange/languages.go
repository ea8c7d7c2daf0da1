package interchange

import (
	"slices"

	"attune/survey"
)

// settleLanguages says which languages a pack can be in: those in which every
// text is there and the defaults too. The first language comes first, the
// others by name; dropped are those that some text is in.
func settleLanguages(first string, all []survey.Text, d Defaults) (kept, dropped []string) {
	seen := make(map[string]int)
	for _, t := range all {
		for lang := range t {
			seen[lang]++
		}
	}
	var langs []string
	for lang := range seen {
		langs = append(langs, lang)
	}
	slices.SortFunc(langs, func(a, b string) int {
		switch {
		case a == first:
			return -1
		case b == first:
			return 1
		case a < b:
			return -1
		}
		return 1
	})
	for _, lang := range langs {
		if seen[lang] == len(all) && d.Disclaimer[lang] != "" && d.Recall[lang] != "" {
			kept = append(kept, lang)
		} else {
			dropped = append(dropped, lang)
		}
	}
	return kept, dropped
}

// keepLanguages takes every text out of a pack that is in another language,
// and fills in the defaults of those that stay.
func keepLanguages(p *survey.Pack, languages []string, d Defaults) {
	only := func(t survey.Text) survey.Text {
		kept := make(survey.Text, len(languages))
		for _, lang := range languages {
			if t[lang] != "" {
				kept[lang] = t[lang]
			}
		}
		return kept
	}
	p.Languages = languages
	p.Provenance = make(map[string]survey.Provenance, len(languages))
	for _, lang := range languages {
		p.Provenance[lang] = survey.Provenance{Drafted: d.Drafted}
	}
	p.Title, p.Disclaimer, p.RecallWindow = only(p.Title), only(d.Disclaimer), only(d.Recall)
	for i := range p.Items {
		p.Items[i].Text = only(p.Items[i].Text)
	}
	for _, set := range p.Responses {
		for i := range set {
			set[i].Label = only(set[i].Label)
		}
	}
}
