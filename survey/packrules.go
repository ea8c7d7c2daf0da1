package survey

import (
	"fmt"
	"sort"
	"strings"
)

const (
	// MaxItemWords is how many words an item has at most, in every language:
	// "under 20". Words are what white space parts.
	MaxItemWords = 19
	// sustaining is the topic of the last item of a staff pack.
	sustaining = "sustains"
)

// checkRules checks what the schema cannot say. The pack may be half empty
// where the schema refused something; a rule is silent about what is missing
// or was refused already.
func (f *packFile) checkRules(p *Pack) {
	f.checkLanguages(p)
	f.checkTexts(p)
	f.checkResponses(p)
	f.checkIDs(p)
	f.checkItems(p)
	f.checkScales(p)
	f.checkSigns(p)
	f.checkAudience(p)
	f.checkLiterature(p)
	f.checkReporting(p)
	f.checkAssociations(p)
	f.checkPrivate(p)
}

// rule notes a fault at a place, unless nothing sound stands there.
func (f *packFile) rule(way []string, key string, args Args) {
	if f.has(way) {
		f.add(f.node(way), key, args)
	}
}

// way names a place: way("items", 3, "text").
func way(parts ...any) []string {
	names := make([]string, len(parts))
	for i, part := range parts {
		names[i] = fmt.Sprint(part)
	}
	return names
}

func (f *packFile) checkLanguages(p *Pack) {
	seen := make(map[string]bool)
	for i, lang := range p.Languages {
		if seen[lang] {
			f.rule(way("languages", i), "error.pack.language_twice", Args{"language": lang})
		}
		seen[lang] = true
	}
	if !seen["en"] {
		f.rule(way("languages"), "error.pack.english", nil)
	}
	f.checkByLanguage(p, way("provenance"), func(lang string) bool { _, ok := p.Provenance[lang]; return ok })
}

// checkByLanguage holds a group that has one entry a language against the
// declared languages, in both directions.
func (f *packFile) checkByLanguage(p *Pack, at []string, filled func(lang string) bool) {
	if !f.has(at) || !f.has(way("languages")) {
		return
	}
	declared := make(map[string]bool)
	for _, lang := range p.Languages {
		if !declared[lang] && lang != "" && !filled(lang) && !f.spoilt[strings.Join(append(append([]string(nil), at...), lang), "/")] {
			f.rule(at, "error.pack.text_missing", Args{"path": f.shown(at), "language": lang})
		}
		declared[lang] = true
	}
	var extra []string
	n := f.node(at)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if lang := n.Content[i].Value; !declared[lang] {
			extra = append(extra, lang)
		}
	}
	sort.Strings(extra)
	for _, lang := range extra {
		place := append(append([]string(nil), at...), lang)
		if f.has(place) {
			f.add(f.key(place), "error.pack.text_undeclared", Args{"path": f.shown(at), "language": excerpt(lang)})
		}
	}
}

// checkTexts wants every text in every declared language.
func (f *packFile) checkTexts(p *Pack) {
	check := func(t Text, parts ...any) {
		f.checkByLanguage(p, way(parts...), func(lang string) bool { _, ok := t[lang]; return ok })
	}
	check(p.Title, "title")
	check(p.Disclaimer, "disclaimer")
	check(p.RecallWindow, "recall_window")
	check(p.Notice, "notice")
	check(p.CreditLine, "credit_line")
	if p.Thirds != nil {
		check(p.Thirds.Low, "thirds", "low")
		check(p.Thirds.Middle, "thirds", "middle")
		check(p.Thirds.High, "thirds", "high")
	}
	for name, options := range p.Responses {
		for i, o := range options {
			check(o.Label, "responses", name, i, "label")
		}
	}
	for i, item := range p.Items {
		check(item.Text, "items", i, "text")
		check(item.Recall, "items", i, "recall")
		if p.Texts == "" {
			f.needs(way("items", i), "text")
		}
	}
	for i, s := range p.Scales {
		check(s.Title, "scales", i, "title")
		check(s.Plain, "scales", i, "plain")
		check(s.Low, "scales", i, "low")
		check(s.Middle, "scales", i, "middle")
		check(s.High, "scales", i, "high")
		if p.Thirds == nil {
			f.needs(way("scales", i), "low")
			f.needs(way("scales", i), "middle")
			f.needs(way("scales", i), "high")
		}
	}
	for i, q := range p.Private {
		check(q.Text, "private", i, "text")
		check(q.Hint, "private", i, "hint")
		for j, o := range q.Options {
			check(o.Label, "private", i, "options", j, "label")
		}
	}
	for i, s := range p.Signs {
		check(s.Title, "signs", i, "title")
	}
	if p.Associations != nil {
		for i, predictor := range p.Associations.Predictors {
			check(predictor.Title, "associations", "predictors", i, "title")
		}
	}
}

// needs notes a field that is missing from a group that is there.
func (f *packFile) needs(at []string, field string) {
	place := append(append([]string(nil), at...), field)
	if f.has(at) && !f.has(place) && !f.spoilt[strings.Join(place, "/")] {
		f.rule(at, "error.pack.missing", Args{"path": f.shown(at), "field": field})
	}
}

// checkResponses wants values and labels that tell the options apart. Options
// stand in the order in which they are shown, whatever their values.
func (f *packFile) checkResponses(p *Pack) {
	for name, options := range p.Responses {
		values := make(map[int]bool)
		labels := make(map[string]bool)
		for i, o := range options {
			if at := way("responses", name, i, "value"); f.has(at) {
				if values[o.Value] {
					f.rule(at, "error.pack.option_twice", Args{"response": name, "value": o.Value})
				}
				values[o.Value] = true
			}
			for lang, label := range o.Label {
				if labels[lang+" "+label] {
					f.rule(way("responses", name, i, "label", lang), "error.pack.label_twice", Args{"response": name, "label": excerpt(label)})
				}
				labels[lang+" "+label] = true
			}
		}
		f.checkScores(name, options)
	}
	if _, ok := p.Responses[p.DefaultResponse]; !ok {
		f.rule(way("default_response"), "error.pack.response", Args{"path": "default_response", "name": excerpt(p.DefaultResponse), "known": responseNames(p)})
	}
}

// checkScores wants answers that can be told apart by what they count as: an
// item with one score measures nothing.
func (f *packFile) checkScores(name string, options []Option) {
	scores := make(map[int]bool)
	for i, o := range options {
		if o.Unscored && o.Score != nil {
			f.rule(way("responses", name, i, "score"), "error.pack.score_unscored", Args{"response": name, "value": o.Value})
		}
		if score, ok := o.Counts(); ok {
			scores[score] = true
		}
	}
	if len(options) > 1 && len(scores) < 2 {
		f.rule(way("responses", name), "error.pack.scores", Args{"response": name})
	}
}

// reserved says whether a name means something else beside items and scales:
// a field of the answer form, or the measure of who answered in an export.
func reserved(id string) bool {
	switch id {
	case "code", "step", "lang", "response":
		return true
	}
	return false
}

// checkIDs wants one name for one thing. Items and scales share their names:
// both are measures, and an export tells them apart by nothing else.
func (f *packFile) checkIDs(p *Pack) {
	measures, signs := make(map[string]int), make(map[string]int)
	unique := func(seen map[string]int, id string, at []string) {
		if line, twice := seen[id]; twice {
			f.rule(at, "error.pack.id_twice", Args{"id": id, "line": line})
			return
		}
		if f.has(at) {
			seen[id] = f.node(at).Line
		}
	}
	for i, item := range p.Items {
		unique(measures, item.ID, way("items", i, "id"))
		if reserved(item.ID) {
			f.rule(way("items", i, "id"), "error.pack.id_reserved", Args{"id": item.ID})
		}
	}
	for i, s := range p.Scales {
		unique(measures, s.ID, way("scales", i, "id"))
		if reserved(s.ID) {
			f.rule(way("scales", i, "id"), "error.pack.id_reserved", Args{"id": s.ID})
		}
	}
	for i, s := range p.Signs {
		unique(signs, s.ID, way("signs", i, "id"))
	}
}

func (f *packFile) checkItems(p *Pack) {
	for i, item := range p.Items {
		for _, lang := range p.Languages {
			if words := len(strings.Fields(item.Text[lang])); words > MaxItemWords {
				f.rule(way("items", i, "text", lang), "error.pack.words", Args{"item": item.ID, "language": lang, "words": words, "limit": MaxItemWords})
			}
		}
		if _, ok := p.Responses[item.Response]; !ok {
			f.rule(way("items", i, "response"), "error.pack.response", Args{"path": f.shown(way("items", i, "response")), "name": excerpt(item.Response), "known": responseNames(p)})
		}
		if item.Reverse {
			f.checkReversed(p, i)
		}
	}
}

// checkReversed wants the mirror image of every score to be one too: with
// answers that count 0, 1 and 3 a reversed 1 would become 2, which nobody can
// answer.
func (f *packFile) checkReversed(p *Pack, i int) {
	item := p.Items[i]
	item.options = p.optionsOf(item)
	scores := make(map[int]bool)
	for _, o := range item.options {
		if score, ok := o.Counts(); ok {
			scores[score] = true
		}
	}
	for _, o := range item.options {
		score, ok := o.Counts()
		if mirrored := item.Min() + item.Max() - score; ok && !scores[mirrored] {
			f.rule(way("items", i, "reverse"), "error.pack.reverse", Args{"item": item.ID, "value": o.Value, "mirrored": mirrored})
			return
		}
	}
}

func (f *packFile) checkScales(p *Pack) {
	items := make(map[string]Item, len(p.Items))
	for _, item := range p.Items {
		item.options = p.optionsOf(item)
		items[item.ID] = item
	}
	for i, s := range p.Scales {
		seen := make(map[string]bool)
		var first *Item
		for j, id := range s.Items {
			at := way("scales", i, "items", j)
			item, ok := items[id]
			switch {
			case !ok:
				f.rule(at, "error.pack.scale_item", Args{"scale": s.ID, "item": excerpt(id)})
			case seen[id]:
				f.rule(at, "error.pack.scale_item_twice", Args{"scale": s.ID, "item": id})
			case first == nil:
				first = &item
			case item.Min() != first.Min() || item.Max() != first.Max():
				f.rule(at, "error.pack.scale_mixed", Args{"scale": s.ID, "item": id, "low": item.Min(), "high": item.Max(), "other": first.ID, "other_low": first.Min(), "other_high": first.Max()})
			}
			seen[id] = true
		}
		if s.MinAnswered < 1 || s.MinAnswered > len(s.Items) {
			f.rule(way("scales", i, "min_answered"), "error.pack.min_answered", Args{"scale": s.ID, "value": s.MinAnswered, "items": len(s.Items)})
		}
		if first == nil || len(s.Limits) != 2 {
			continue
		}
		times := 1
		if s.Method == MethodSum {
			times = len(s.Items)
		}
		low, high := float64(first.Min()*times), float64(first.Max()*times)
		if s.Limits[0] != low || s.Limits[1] != high {
			f.rule(way("scales", i, "range"), "error.pack.range", Args{"scale": s.ID, "low": low, "high": high})
		}
	}
}

// checkSigns wants every sign to be declared, observed, and observed once from
// each side: the value of a sign is the mean of one item.
func (f *packFile) checkSigns(p *Pack) {
	declared := make(map[string]bool, len(p.Signs))
	names := make([]string, len(p.Signs))
	for i, s := range p.Signs {
		declared[s.ID], names[i] = true, s.ID
	}
	observed := make(map[string]bool)
	first := make(map[string]string)
	for i, item := range p.Items {
		switch {
		case item.Sign == "" && item.View != "":
			f.rule(way("items", i, "view"), "error.pack.view_alone", Args{"item": item.ID})
			continue
		case item.Sign == "":
			continue
		case !declared[item.Sign]:
			f.rule(way("items", i, "sign"), "error.pack.sign", Args{"item": item.ID, "sign": excerpt(item.Sign), "known": strings.Join(names, ", ")})
		case item.View == "" && !f.spoilt[strings.Join(way("items", i, "view"), "/")]:
			f.rule(way("items", i, "sign"), "error.pack.sign_alone", Args{"item": item.ID})
		}
		observed[item.Sign] = true
		side := item.Sign + "/" + item.View
		if other, twice := first[side]; twice && item.View != "" {
			f.rule(way("items", i, "sign"), "error.pack.sign_twice", Args{"item": item.ID, "other": other, "sign": item.Sign, "view": item.View})
		} else {
			first[side] = item.ID
		}
	}
	for i, s := range p.Signs {
		if !observed[s.ID] {
			f.rule(way("signs", i, "id"), "error.pack.sign_unused", Args{"sign": s.ID})
		}
	}
}

// checkAudience holds the wall between the two kinds of packs: staff answer
// anonymously, leaders by name. A staff pack ends with what sustains.
func (f *packFile) checkAudience(p *Pack) {
	want := map[Audience]string{Staff: "anonymous", Leaders: "named"}[p.Audience]
	if want != "" && p.Confidentiality != want {
		f.rule(way("confidentiality"), "error.pack.confidentiality", Args{"audience": string(p.Audience), "expected": want})
	}
	if last := len(p.Items) - 1; p.Audience == Staff && last >= 0 && p.Items[last].Topic != sustaining {
		f.rule(way("items", last, "topic"), "error.pack.last_item", Args{"item": p.Items[last].ID, "topic": sustaining})
	}
}

// checkLiterature checks norms and bands, which describe scales of this pack.
func (f *packFile) checkLiterature(p *Pack) {
	for i, n := range p.Norms {
		f.checkScaleName(p, way("norms", i, "scale"), n.Scale)
	}
	for i, b := range p.Bands {
		f.checkScaleName(p, way("bands", i, "scale"), b.Scale)
		s, ok := p.Scale(b.Scale)
		if !ok || len(s.Limits) != 2 {
			continue
		}
		below := s.Limits[0]
		for j, cut := range b.Cuts {
			if cut <= below || cut > s.Limits[1] {
				f.rule(way("bands", i, "cuts", j), "error.pack.cut", Args{"scheme": excerpt(b.Scheme), "value": cut, "low": s.Limits[0], "high": s.Limits[1]})
			}
			below = cut
		}
	}
}

func (f *packFile) checkScaleName(p *Pack, at []string, id string) {
	if _, ok := p.Scale(id); !ok {
		names := make([]string, len(p.Scales))
		for i, s := range p.Scales {
			names[i] = s.ID
		}
		f.rule(at, "error.pack.scale", Args{"path": f.shown(at), "scale": excerpt(id), "known": strings.Join(names, ", ")})
	}
}

// checkReporting wants each rule to be about one thing that can be published.
// An item inside a scale cannot: it is linearly related to the scale, and
// beside it would give away the rest (PRIVACY, section 6).
func (f *packFile) checkReporting(p *Pack) {
	inScale := make(map[string]string)
	for _, s := range p.Scales {
		for _, id := range s.Items {
			inScale[id] = s.ID
		}
	}
	seen := make(map[string]bool)
	for i, r := range p.Reporting {
		at := way("reporting", i, "measure")
		_, isItem := p.Item(r.Measure)
		_, isScale := p.Scale(r.Measure)
		switch {
		case !isItem && !isScale:
			f.rule(at, "error.pack.measure", Args{"measure": excerpt(r.Measure)})
		case seen[r.Measure]:
			f.rule(at, "error.pack.rule_twice", Args{"measure": r.Measure})
		case isItem && inScale[r.Measure] != "":
			f.rule(at, "error.pack.rule_item", Args{"item": r.Measure, "scale": inScale[r.Measure]})
		}
		seen[r.Measure] = true
	}
}

// checkPrivate wants questions that stay on the phone to have names of their
// own, so that no form field could carry their answer, and notes to be about a
// scale of this pack.
func (f *packFile) checkPrivate(p *Pack) {
	seen := make(map[string]bool)
	for i, q := range p.Private {
		_, isItem := p.Item(q.ID)
		_, isScale := p.Scale(q.ID)
		if isItem || isScale || seen[q.ID] || reserved(q.ID) {
			f.rule(way("private", i, "id"), "error.pack.private_id", Args{"id": excerpt(q.ID)})
		}
		seen[q.ID] = true
		if q.Scale != "" {
			f.checkScaleName(p, way("private", i, "scale"), q.Scale)
		}
	}
}

func responseNames(p *Pack) string {
	names := make([]string, 0, len(p.Responses))
	for name := range p.Responses {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}
