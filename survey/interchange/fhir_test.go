package interchange_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"attune/survey"
	"attune/survey/interchange"

	"github.com/google/go-cmp/cmp"
)

func packs(t *testing.T) []*survey.Pack {
	t.Helper()
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	return library.All()
}

func exported(t *testing.T, p *survey.Pack) []byte {
	t.Helper()
	raw, err := interchange.FHIR(p)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func sound(t *testing.T, file []byte) *survey.Pack {
	t.Helper()
	p, faults, err := survey.ReadPack(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		t.Errorf("line %d: %v", f.Line, f.Error)
	}
	if p == nil {
		t.Fatalf("no pack in:\n%s", file)
	}
	return p
}

func TestAnExportIsTheSameAfterAnImport(t *testing.T) {
	for _, p := range packs(t) {
		first := exported(t, p)
		imported, err := interchange.ReadFHIR(first, interchange.Defaults{})
		if err != nil {
			t.Fatalf("%s: %v", p.ID, err)
		}
		if len(imported.Notes) > 0 {
			t.Errorf("%s: left out: %v", p.ID, imported.Notes)
		}
		again := sound(t, imported.YAML)
		if second := exported(t, again); !bytes.Equal(first, second) {
			t.Errorf("%s: %s", p.ID, cmp.Diff(string(first), string(second)))
		}
		again.SHA256 = p.SHA256 // of the file, which is another one
		if diff := cmp.Diff(p, again, cmp.AllowUnexported(survey.Item{})); diff != "" {
			t.Errorf("%s: %s", p.ID, diff)
		}
	}
}

func TestAPackFileIsTheSamePack(t *testing.T) {
	for _, p := range packs(t) {
		file, err := interchange.YAML(p)
		if err != nil {
			t.Fatal(err)
		}
		again := sound(t, file)
		again.SHA256 = p.SHA256
		if diff := cmp.Diff(p, again, cmp.AllowUnexported(survey.Item{})); diff != "" {
			t.Errorf("%s: %s", p.ID, diff)
		}
	}
}

// The structure of the resource as HL7 publishes it for R4
// (http://hl7.org/fhir/R4/questionnaire.html, "Resource Content", with the
// elements of DomainResource and Resource), as far as a string, a number or a
// list can be told apart. Decoding refuses every element that is not there.
type (
	r4Questionnaire struct {
		ResourceType                                     string `json:"resourceType"`
		ID, ImplicitRules, Language                      string
		Meta, Text                                       map[string]any
		Contained                                        []map[string]any
		Extension, ModifierExtension                     []r4Extension
		URL                                              string
		Identifier                                       []r4Identifier
		Version, Name, Title                             string
		XTitle                                           r4Element `json:"_title"`
		DerivedFrom                                      []string
		Status                                           string
		Experimental                                     bool
		SubjectType                                      []string
		Date, Publisher                                  string
		Contact                                          []map[string]any
		Description                                      string
		XDescription                                     r4Element `json:"_description"`
		UseContext, Jurisdiction                         []map[string]any
		Purpose, Copyright, ApprovalDate, LastReviewDate string
		EffectivePeriod                                  map[string]any
		Code                                             []r4Coding
		Item                                             []r4Item
	}
	r4Item struct {
		ID                           string
		Extension, ModifierExtension []r4Extension
		LinkID                       string `json:"linkId"`
		Definition                   string
		Code                         []r4Coding
		Prefix, Text                 string
		XText                        r4Element `json:"_text"`
		Type                         string
		EnableWhen                   []map[string]any
		EnableBehavior               string
		Required, Repeats, ReadOnly  bool
		MaxLength                    int
		AnswerValueSet               string
		AnswerOption                 []r4Option
		Initial                      []map[string]any
		Item                         []r4Item
	}
	r4Option struct {
		ID                                string
		Extension                         []r4Extension
		ValueInteger                      *int
		ValueDate, ValueTime, ValueString *string
		ValueCoding                       *r4Coding
		ValueReference                    map[string]any
		InitialSelected                   bool
	}
	r4Coding struct {
		ID                             string
		Extension                      []r4Extension
		System, Version, Code, Display string
		XDisplay                       r4Element `json:"_display"`
		UserSelected                   bool
	}
	r4Element struct {
		ID        string
		Extension []r4Extension
	}
	r4Identifier struct {
		ID, Use, System, Value string
		Extension              []r4Extension
	}
	r4Extension struct {
		ID           string
		URL          string `json:"url"`
		Extension    []r4Extension
		ValueString  *string
		ValueCode    *string
		ValueDecimal *json.Number
	}
)

func TestAnExportHasThePublishedStructureOfTheResource(t *testing.T) {
	for _, p := range packs(t) {
		decoder := json.NewDecoder(bytes.NewReader(exported(t, p)))
		decoder.DisallowUnknownFields()
		decoder.UseNumber()
		var q r4Questionnaire
		if err := decoder.Decode(&q); err != nil {
			t.Fatalf("%s: %v", p.ID, err)
		}
		if q.ResourceType != "Questionnaire" || q.Status != "active" { // status: 1..1, a code of publication-status
			t.Errorf("%s: a %s with status %q", p.ID, q.ResourceType, q.Status)
		}
		if q.Name == "" || q.Name[0] < 'A' || q.Name[0] > 'Z' || strings.ContainsAny(q.Name, "- ") { // que-0
			t.Errorf("%s: name %q", p.ID, q.Name)
		}
		checkExtensions(t, p.ID, q.Extension)
		seen := make(map[string]bool)
		for i, item := range q.Item {
			if item.LinkID == "" || seen[item.LinkID] { // linkId: 1..1, unique (que-2)
				t.Errorf("%s: linkId %q", p.ID, item.LinkID)
			}
			seen[item.LinkID] = true
			if item.Type != "choice" || len(item.AnswerOption) != len(p.Items[i].Options()) {
				t.Errorf("%s: %s is a %s with %d answers", p.ID, item.LinkID, item.Type, len(item.AnswerOption))
			}
			checkExtensions(t, item.LinkID, item.XText.Extension)
			for j, o := range item.AnswerOption {
				if o.ValueCoding == nil || o.ValueCoding.Display == "" { // value[x]: 1..1
					t.Fatalf("%s: %s has an answer without a value", p.ID, item.LinkID)
				}
				checkExtensions(t, item.LinkID, o.ValueCoding.Extension)
				checkExtensions(t, item.LinkID, o.ValueCoding.XDisplay.Extension)
				if j > 0 && o.ValueCoding.Code == item.AnswerOption[j-1].ValueCoding.Code {
					t.Errorf("%s: %s: two answers %s", p.ID, item.LinkID, o.ValueCoding.Code)
				}
				score, scored := p.Items[i].Options()[j].Counts()
				ordinal := o.ValueCoding.Extension
				if len(ordinal) > 0 != scored || scored && ordinal[0].ValueDecimal.String() != strconv.Itoa(score) {
					t.Errorf("%s: %s: answer %s counts %d %t, its ordinal value differs", p.ID, item.LinkID, o.ValueCoding.Code, score, scored)
				}
			}
		}
	}
}

// An extension has either a value or extensions (ext-1).
func checkExtensions(t *testing.T, at string, extensions []r4Extension) {
	t.Helper()
	for _, e := range extensions {
		hasValue := e.ValueString != nil || e.ValueCode != nil || e.ValueDecimal != nil
		if e.URL == "" || hasValue == (len(e.Extension) > 0) {
			t.Errorf("%s: extension %q", at, e.URL)
		}
		checkExtensions(t, at, e.Extension)
	}
}

func TestATextThatWasChangedInTheResourceIsTheOneInThePack(t *testing.T) {
	raw := string(exported(t, packs(t)[0]))
	p := packs(t)[0]
	was, is := p.Items[0].Text["fr"], "Une autre phrase."
	if strings.Count(raw, was) != 1 {
		t.Fatalf("%q stands %d times in the resource", was, strings.Count(raw, was))
	}
	imported, err := interchange.ReadFHIR([]byte(strings.Replace(raw, was, is, 1)), interchange.Defaults{})
	if err != nil {
		t.Fatal(err)
	}
	if got := sound(t, imported.YAML).Items[0].Text["fr"]; got != is {
		t.Errorf("the pack says %q, want %q", got, is)
	}
}

func defaults() interchange.Defaults {
	three := func(en, fr, es string) survey.Text { return survey.Text{"en": en, "fr": fr, "es": es} }
	return interchange.Defaults{
		Disclaimer: three("No diagnosis.", "Pas un diagnostic.", "No es un diagnóstico."),
		Recall:     three("Choose.", "Choisissez.", "Elija."),
		Licence:    "own", Credit: "Harbour (made up)", Drafted: "imported from a test", Rationale: "Own question.",
	}
}

func foreignFile(t *testing.T) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/foreign.json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAForeignQuestionnaireComesInAsItemsWithoutScales(t *testing.T) {
	imported, err := interchange.ReadFHIR(foreignFile(t), defaults())
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, n := range imported.Notes {
		notes = append(notes, n.Key)
	}
	// A text field and a date are no choices, one list has no ordinal values,
	// the version is a date, and German is complete but has no pages here.
	want := []string{"error.fhir.note.version", "error.fhir.note.item", "error.fhir.note.values", "error.fhir.note.item", "error.fhir.note.language"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes: %s", diff)
	}
	p, faults, err := survey.ReadPack(imported.YAML)
	if err != nil {
		t.Fatal(err)
	}
	// What nobody but its author can say: which question gives strength.
	if p != nil || len(faults) != 1 || faults[0].Error.Key != "error.pack.last_item" {
		t.Fatalf("faults %v, want the last item only", faults)
	}
	p = sound(t, bytes.Replace(imported.YAML, []byte("topic: own\n    response: answers_3"), []byte("topic: sustains\n    response: answers_3"), 1))
	if p.ID != "breakroomsurvey" || len(p.Items) != 3 || len(p.Scales) != 0 || !cmp.Equal(p.Languages, []string{"en", "fr"}) {
		t.Errorf("pack %s: %d items, %d scales, languages %v", p.ID, len(p.Items), len(p.Scales), p.Languages)
	}
	if got := p.Items[0].Options()[1]; got.Value != 3 || got.Label["fr"] != "Plutôt" {
		t.Errorf("second answer %+v; the file says 3, Plutôt", got)
	}
	if got := p.Items[2].Options()[2]; got.Value != 3 || got.Label["en"] != "Plenty" {
		t.Errorf("third answer %+v; without values answers are numbered in their order", got)
	}
}

func TestWhatIsNoQuestionnaireIsRefusedWithItsReason(t *testing.T) {
	pulse := string(exported(t, packs(t)[0]))
	for name, c := range map[string]struct{ raw, key string }{
		"broken":               {"{\n\"a\": ]", "error.fhir.json"},
		"two":                  {`{"resourceType":"Questionnaire"} {}`, "error.fhir.json"},
		"another resource":     {`{"resourceType":"Patient"}`, "error.fhir.type"},
		"nothing to ask":       {`{"resourceType":"Questionnaire","item":[{"linkId":"a","type":"string","text":"Why?"}]}`, "error.fhir.nothing"},
		"a broken extension":   {`{"resourceType":"Questionnaire","extension":[{"url":"` + interchange.ExtensionPack + `","valueString":"{"}]}`, "error.fhir.extension"},
		"an item taken out":    {strings.Replace(pulse, `"linkId": "`, `"linkId": "x`, 1), "error.fhir.extension"},
		"answers contradicted": {strings.Replace(pulse, `"display": "Often"`, `"display": "Quite often"`, 1), "error.fhir.labels"},
		"too deep":             {`{"resourceType":"Questionnaire","item":` + strings.Repeat(`[{"type":"group","item":`, 20) + `[]` + strings.Repeat(`}]`, 20) + `}`, "error.fhir.deep"},
	} {
		_, err := interchange.ReadFHIR([]byte(c.raw), defaults())
		var said *survey.Error
		if !errors.As(err, &said) || said.Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

func FuzzReadFHIR(f *testing.F) {
	library, err := survey.NewLibrary()
	if err != nil {
		f.Fatal(err)
	}
	raw, err := interchange.FHIR(library.All()[0])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"resourceType":"Questionnaire","item":[{"linkId":"a","type":"choice","text":"How?","answerOption":[{"valueInteger":1},{"valueString":"b"}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		imported, err := interchange.ReadFHIR(raw, defaults())
		if err != nil {
			return
		}
		if _, _, err := survey.ReadPack(imported.YAML); err != nil {
			t.Fatal(err)
		}
	})
}
