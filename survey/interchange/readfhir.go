package interchange

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"attune/survey"
)

const (
	// maxResource is the largest resource that is read, in bytes.
	maxResource = 4 << 20
	// maxItems is how many questions a pack may have (schema.json).
	maxItems = 200
	// maxNested is how deep groups may lie in one another.
	maxNested = 12
)

// ReadFHIR makes a pack file of a FHIR R4 Questionnaire in JSON. A resource
// that FHIR wrote gives the same pack again; of anybody else's it takes the
// choices with their translations, as items without scales, and notes what
// was left out. It fails with Invalid when the bytes are no Questionnaire, or
// when texts that were changed contradict one another.
func ReadFHIR(raw []byte, d Defaults) (Imported, error) {
	if len(raw) > maxResource {
		return Imported{}, survey.Fail(survey.Invalid, "error.fhir.big", survey.Args{"bytes": len(raw), "limit": maxResource})
	}
	var q questionnaire
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&q); err != nil {
		return Imported{}, survey.Fail(survey.Invalid, "error.fhir.json", survey.Args{"reason": reason(raw, err)})
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Imported{}, survey.Fail(survey.Invalid, "error.fhir.json", survey.Args{"reason": "more text after the resource"})
	}
	if q.ResourceType != "Questionnaire" {
		return Imported{}, survey.Fail(survey.Invalid, "error.fhir.type", survey.Args{"type": clip(q.ResourceType)})
	}
	for _, e := range q.Extension {
		if e.URL == ExtensionPack {
			return ours(q, e.String)
		}
	}
	return foreign(q, d)
}

// reason says where JSON is broken.
func reason(raw []byte, err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		line := 1 + bytes.Count(raw[:min(int(syntax.Offset), len(raw))], []byte("\n"))
		return fmt.Sprintf("line %d: %v", line, err)
	}
	return clip(err.Error())
}

// clip bounds what an error quotes of somebody else's file.
func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

// ours puts a pack together again that FHIR took apart: the core says what
// the texts are, the extension everything else.
func ours(q questionnaire, rest string) (Imported, error) {
	broken := func(what string) (Imported, error) {
		return Imported{}, survey.Fail(survey.Invalid, "error.fhir.extension", survey.Args{"url": ExtensionPack, "reason": what})
	}
	p := &survey.Pack{}
	if err := json.Unmarshal([]byte(rest), p); err != nil {
		return broken(clip(err.Error()))
	}
	if len(p.Items) != len(q.Items) {
		return broken(fmt.Sprintf("%d items there, %d in the resource", len(p.Items), len(q.Items)))
	}
	p.ID, p.Version, p.Credit, p.Licence = identifierOf(q), q.Version, q.Publisher, q.Copyright
	p.Title = texts(q.Language, q.Title, q.TitleIn)
	p.Disclaimer = texts(q.Language, q.About, q.AboutIn)
	first := make(map[string]string) // the item that a response set's labels were taken from
	for i := range p.Items {
		item, from := &p.Items[i], q.Items[i]
		if item.ID != from.LinkID {
			return broken(fmt.Sprintf("item %d is %s there and %s in the resource", i+1, clip(item.ID), clip(from.LinkID)))
		}
		if item.Text = texts(q.Language, from.Text, from.TextIn); len(item.Text) == 0 {
			item.Text = nil // a key without texts
		}
		set := responseOf(p, item.Response)
		options := p.Responses[set]
		if len(options) != len(from.Options) {
			return broken(fmt.Sprintf("item %s has %d answers there and %d in the resource", clip(item.ID), len(options), len(from.Options)))
		}
		for j := range options {
			label := survey.Text{}
			if c := from.Options[j].Coding; c != nil {
				label = texts(q.Language, c.Display, c.DisplayIn)
			}
			switch {
			case first[set] == "":
				options[j].Label = label
			case !same(options[j].Label, label):
				return Imported{}, survey.Fail(survey.Invalid, "error.fhir.labels", survey.Args{
					"item": clip(item.ID), "other": first[set], "label": clip(label[q.Language]), "other_label": clip(options[j].Label[q.Language]),
				})
			}
		}
		if first[set] == "" {
			first[set] = item.ID
		}
	}
	file, err := YAML(p)
	return Imported{YAML: file}, err
}

func same(a, b survey.Text) bool {
	if len(a) != len(b) {
		return false
	}
	for lang, text := range a {
		if b[lang] != text {
			return false
		}
	}
	return true
}

func identifierOf(q questionnaire) string {
	for _, id := range q.Identifier {
		if id.System == SystemPack {
			return id.Value
		}
	}
	return ""
}

// texts reads a text and its translations. A language that stands twice keeps
// its first text.
func texts(language, text string, in *element) survey.Text {
	t := survey.Text{}
	if text != "" {
		t[language] = text
	}
	if in == nil {
		return t
	}
	for _, e := range in.Extension {
		if e.URL != extensionTranslation {
			continue
		}
		var lang, content string
		for _, part := range e.Extension {
			switch part.URL {
			case "lang":
				lang = part.Code
			case "content":
				content = part.String + part.Markdown
			}
		}
		if lang != "" && content != "" && t[lang] == "" {
			t[lang] = content
		}
	}
	return t
}

// foreign takes what it can from somebody else's Questionnaire.
func foreign(q questionnaire, d Defaults) (Imported, error) {
	r := foreignReader{d: d, language: q.Language, taken: ids{}}
	if r.language == "" {
		r.language = "en"
	}
	r.pack = &survey.Pack{
		ID: slug(firstOf(q.Name, q.Title), "-", "imported"), Title: texts(r.language, firstOf(q.Title, q.Name), q.TitleIn),
		Licence: firstOf(q.Copyright, d.Licence), Credit: firstOf(q.Publisher, d.Credit),
		Citation: []string{d.Drafted}, Disclaimer: d.Disclaimer, Audience: survey.Staff, Confidentiality: "anonymous",
		RecallWindow: d.Recall, Responses: map[string][]survey.Option{}, Scales: []survey.Scale{},
	}
	var ok bool
	if r.pack.Version, ok = versionOf(q.Version); !ok {
		r.pack.Version = "1.0"
		r.note("error.fhir.note.version", survey.Args{"version": clip(q.Version)})
	}
	if err := r.items(q.Items, 0); err != nil {
		return Imported{}, err
	}
	if len(r.pack.Items) == 0 {
		return Imported{}, survey.Fail(survey.Invalid, "error.fhir.nothing", nil)
	}
	r.pack.Minutes = minutesFor(len(r.pack.Items))
	r.settle()
	file, err := YAML(r.pack)
	return Imported{YAML: file, Notes: r.notes}, err
}

type foreignReader struct {
	d        Defaults
	language string
	pack     *survey.Pack
	taken    ids
	notes    []*survey.Error
}

func (r *foreignReader) note(key string, args survey.Args) {
	r.notes = append(r.notes, survey.Fail(survey.Invalid, key, args))
}

func (r *foreignReader) items(items []fhirItem, depth int) error {
	if depth > maxNested {
		return survey.Fail(survey.Invalid, "error.fhir.deep", survey.Args{"limit": maxNested})
	}
	for _, item := range items {
		switch {
		case item.Type == "group", item.Type == "display":
		case item.Type == "choice" && len(item.Options) >= 2 && item.Text != "":
			if len(r.pack.Items) == maxItems {
				return survey.Fail(survey.Invalid, "error.fhir.many", survey.Args{"limit": maxItems})
			}
			r.choice(item)
		default:
			r.note("error.fhir.note.item", survey.Args{"item": clip(item.LinkID), "type": clip(item.Type)})
		}
		if err := r.items(item.Items, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// choice takes one question. Answers without an ordinal value are numbered in
// their order.
func (r *foreignReader) choice(item fhirItem) {
	var set []survey.Option
	ordered := true
	for i, o := range item.Options {
		option := survey.Option{Value: i + 1}
		value, known := valueOf(o)
		ordered = ordered && known
		if known {
			option.Value = value
		}
		switch {
		case o.Coding != nil:
			option.Label = texts(r.language, firstOf(o.Coding.Display, o.Coding.Code), o.Coding.DisplayIn)
		case o.Integer != nil:
			option.Label = survey.Text{r.language: o.Integer.String()}
			for lang := range texts(r.language, "", item.TextIn) {
				option.Label[lang] = o.Integer.String() // a number needs no translation
			}
		default:
			option.Label = texts(r.language, o.String, o.StringIn)
		}
		set = append(set, option)
	}
	if !ordered {
		for i := range set {
			set[i].Value = i + 1
		}
		r.note("error.fhir.note.values", survey.Args{"item": clip(item.LinkID), "answers": len(set)})
	}
	r.pack.Items = append(r.pack.Items, survey.Item{
		ID: r.taken.of(item.LinkID, "q"), Text: texts(r.language, item.Text, item.TextIn), Topic: ownTopic,
		Response: setFor(r.pack, set), Rationale: r.d.Rationale,
	})
}

// ownTopic is the topic of a question that somebody else wrote.
const ownTopic = "own"

// valueOf is the number that an answer stands for.
func valueOf(o fhirOption) (int, bool) {
	extensions := o.Extension
	if o.Coding != nil {
		extensions = append(append([]extension(nil), extensions...), o.Coding.Extension...)
	}
	for _, e := range extensions {
		if e.URL == extensionOrdinal {
			return whole(e.Decimal.String())
		}
	}
	if o.Integer != nil {
		return whole(o.Integer.String())
	}
	return 0, false
}

func whole(number string) (int, bool) {
	value, err := strconv.Atoi(strings.TrimSuffix(number, ".0"))
	return value, err == nil
}

// setFor finds the response set with these answers, or adds it.
func setFor(p *survey.Pack, set []survey.Option) string {
	for n := 1; ; n++ {
		name := "answers_" + strconv.Itoa(n)
		known, ok := p.Responses[name]
		if !ok {
			p.Responses[name] = set
			if p.DefaultResponse == "" {
				p.DefaultResponse = name
			}
			return name
		}
		if equal(known, set) {
			return name
		}
	}
}

func equal(a, b []survey.Option) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Value != b[i].Value || !same(a[i].Label, b[i].Label) {
			return false
		}
	}
	return true
}

// settle keeps the languages in which everything is there and drops the
// others, each with a note.
func (r *foreignReader) settle() {
	all := []survey.Text{r.pack.Title}
	for _, item := range r.pack.Items {
		all = append(all, item.Text)
	}
	for _, set := range r.pack.Responses {
		for _, o := range set {
			all = append(all, o.Label)
		}
	}
	kept, dropped := settleLanguages(r.language, all, r.d)
	for _, lang := range dropped {
		r.note("error.fhir.note.language", survey.Args{"language": clip(lang)})
	}
	keepLanguages(r.pack, kept, r.d)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}
