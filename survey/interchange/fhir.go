package interchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"attune/survey"
)

// Addresses in an exported resource. The first is ours: its value is the JSON
// of everything in a pack that the core of a Questionnaire has no place for.
const (
	// ExtensionPack is the one extension of our own.
	ExtensionPack = "https://attune.invalid/fhir/StructureDefinition/pack"
	// SystemPack is the system of a pack's identifier.
	SystemPack = "https://attune.invalid/fhir/packs"

	extensionOrdinal     = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
	extensionTranslation = "http://hl7.org/fhir/StructureDefinition/translation"
)

// questionnaire is the documented subset of a FHIR R4 Questionnaire
// (http://hl7.org/fhir/R4/questionnaire.html). An element that begins with an
// underscore holds the translations of the one without.
type questionnaire struct {
	ResourceType string       `json:"resourceType"`
	Language     string       `json:"language,omitempty"`
	Extension    []extension  `json:"extension,omitempty"`
	Identifier   []identifier `json:"identifier,omitempty"`
	Version      string       `json:"version,omitempty"`
	Name         string       `json:"name,omitempty"`
	Title        string       `json:"title,omitempty"`
	TitleIn      *element     `json:"_title,omitempty"`
	Status       string       `json:"status"`
	Publisher    string       `json:"publisher,omitempty"`
	About        string       `json:"description,omitempty"`
	AboutIn      *element     `json:"_description,omitempty"`
	Copyright    string       `json:"copyright,omitempty"`
	Items        []fhirItem   `json:"item,omitempty"`
}

type identifier struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value,omitempty"`
}

type element struct {
	Extension []extension `json:"extension,omitempty"`
}

type extension struct {
	URL       string      `json:"url"`
	String    string      `json:"valueString,omitempty"`
	Markdown  string      `json:"valueMarkdown,omitempty"`
	Code      string      `json:"valueCode,omitempty"`
	Decimal   json.Number `json:"valueDecimal,omitempty"`
	Extension []extension `json:"extension,omitempty"`
}

type fhirItem struct {
	LinkID  string       `json:"linkId"`
	Text    string       `json:"text,omitempty"`
	TextIn  *element     `json:"_text,omitempty"`
	Type    string       `json:"type"`
	Options []fhirOption `json:"answerOption,omitempty"`
	Items   []fhirItem   `json:"item,omitempty"`
}

type fhirOption struct {
	Extension []extension  `json:"extension,omitempty"`
	Coding    *coding      `json:"valueCoding,omitempty"`
	Integer   *json.Number `json:"valueInteger,omitempty"`
	String    string       `json:"valueString,omitempty"`
	StringIn  *element     `json:"_valueString,omitempty"`
}

type coding struct {
	Extension []extension `json:"extension,omitempty"`
	Code      string      `json:"code,omitempty"`
	Display   string      `json:"display,omitempty"`
	DisplayIn *element    `json:"_display,omitempty"`
}

// core names the fields of a pack that a Questionnaire has a place for. They
// are left out of our extension, so that nothing is said twice.
func core() (pack, item []string) {
	return []string{"id", "version", "title", "licence", "credit", "disclaimer"}, []string{"text"}
}

// FHIR writes a pack as a FHIR R4 Questionnaire: items as choices with ordinal
// values, translations, version, copyright, and one extension that holds the
// rest as canonical JSON. The same pack always gives the same bytes, and what
// ReadFHIR makes of them gives these bytes again.
func FHIR(p *survey.Pack) ([]byte, error) {
	rest, err := restOf(p)
	if err != nil {
		return nil, err
	}
	first := p.Languages[0]
	q := questionnaire{
		ResourceType: "Questionnaire", Language: first,
		Extension:  []extension{{URL: ExtensionPack, String: string(rest)}},
		Identifier: []identifier{{System: SystemPack, Value: p.ID}},
		Version:    p.Version, Name: machineName(p.ID), Status: "active",
		Title: p.Title[first], TitleIn: translations(p.Title, p.Languages),
		Publisher: p.Credit, Copyright: p.Licence,
		About: p.Disclaimer[first], AboutIn: translations(p.Disclaimer, p.Languages),
	}
	for _, item := range p.Items {
		out := fhirItem{LinkID: item.ID, Type: "choice", Text: item.Text[first], TextIn: translations(item.Text, p.Languages)}
		for _, o := range item.Options() {
			value := strconv.Itoa(o.Value)
			var ordinal []extension // none for an answer that counts as left out
			if score, ok := o.Counts(); ok {
				ordinal = []extension{{URL: extensionOrdinal, Decimal: json.Number(strconv.Itoa(score))}}
			}
			out.Options = append(out.Options, fhirOption{Coding: &coding{
				Extension: ordinal,
				Code:      value, Display: o.Label[first], DisplayIn: translations(o.Label, p.Languages),
			}})
		}
		q.Items = append(q.Items, out)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(q); err != nil {
		return nil, fmt.Errorf("pack %s as a Questionnaire: %w", p.ID, err)
	}
	return out.Bytes(), nil
}

// restOf is the canonical JSON of a pack without what the core holds. Response
// sets keep their values there, in their order, and lose their labels as far
// as an item shows them.
func restOf(p *survey.Pack) ([]byte, error) {
	tree, err := treeOf(p)
	if err != nil {
		return nil, err
	}
	packCore, itemCore := core()
	remove(tree, packCore)
	for _, item := range objects(tree["items"]) {
		remove(item, itemCore)
	}
	shown := map[string]bool{}
	for _, item := range p.Items {
		shown[responseOf(p, item.Response)] = true
	}
	responses, _ := tree["responses"].(map[string]any)
	for name, set := range responses {
		if !shown[name] {
			continue
		}
		for _, option := range objects(set) {
			delete(option, "label")
		}
	}
	return survey.Canonical(tree)
}

// responseOf is the response set that an item names, or the pack's default.
func responseOf(p *survey.Pack, name string) string {
	if name == "" {
		return p.DefaultResponse
	}
	return name
}

func treeOf(p *survey.Pack) (map[string]any, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("pack %s as JSON: %w", p.ID, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	tree := make(map[string]any)
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("pack %s as JSON: %w", p.ID, err)
	}
	return tree, nil
}

func remove(object map[string]any, names []string) {
	for _, name := range names {
		delete(object, name)
	}
}

// objects are the objects in a list; what is none is passed over.
func objects(list any) []map[string]any {
	var found []map[string]any
	values, _ := list.([]any)
	for _, v := range values {
		if object, ok := v.(map[string]any); ok {
			found = append(found, object)
		}
	}
	return found
}

// translations are a text in the languages after the first, in their order.
func translations(t survey.Text, languages []string) *element {
	var e element
	for _, lang := range languages[1:] {
		if t[lang] != "" {
			e.Extension = append(e.Extension, extension{URL: extensionTranslation, Extension: []extension{
				{URL: "lang", Code: lang}, {URL: "content", String: t[lang]},
			}})
		}
	}
	if len(e.Extension) == 0 {
		return nil
	}
	return &e
}

// machineName is a pack's id as R4 wants a name (rule que-0): a capital, then
// letters, digits and underscores.
func machineName(id string) string {
	var b strings.Builder
	for _, part := range strings.Split(id, "-") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}
