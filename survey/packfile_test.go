package survey_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// faultCase names the one fault that comes of changing testdata/worked.yaml.
// Edits are pairs of an old text, which stands in the file exactly once, and a
// new one; a single entry is a whole file. The mark » says where the fault
// must stand, and is taken out before reading.
type faultCase struct {
	name, key string
	edits     []string
}

var faultCases = []faultCase{
	{"unknown field at the top", "error.pack.unknown_field", []string{"minutes: 1\n", "minutes: 1\n»colour: red\n"}},
	{"unknown field of an item", "error.pack.unknown_field", []string{"{ id: late,", "{ »mood: 1, id: late,"}},
	{"field missing at the top", "error.pack.missing", []string{"id: worked", "»id: worked", "minutes: 1\n", ""}},
	{"field missing in an item", "error.pack.missing", []string{"  - { id: late, topic: rest,", "  - »{ id: late,"}},
	{"number in place of text", "error.pack.want_text", []string{`licence: "CC BY 4.0"`, "licence: »4.0"}},
	{"text in place of a whole number", "error.pack.want_whole", []string{"minutes: 1", `minutes: »"one"`}},
	{"fraction in place of a whole number", "error.pack.want_whole", []string{"minutes: 1", "minutes: »1.5"}},
	{"exponent in place of a plain number", "error.pack.want_number", []string{"sd: 2, citation", "sd: »2e999999999, citation"}},
	{"infinity in place of a plain number", "error.pack.want_number", []string{"sd: 2, citation", "sd: ».inf, citation"}},
	{"text in place of a number", "error.pack.want_number", []string{"error: 2\n", "error: »some\n"}},
	{"text in place of true or false", "error.pack.want_switch", []string{"{ id: stuck,", `{ id: stuck, sensitive: »"yes",`}},
	{"text in place of a list", "error.pack.want_list", []string{`citation: ["None: made for the tests."]`, `citation: »"None"`}},
	{"text in place of a group", "error.pack.want_group", []string{`{ en: "Worked examples", fr: "Exemples" }`, "»Worked"}},
	{"a list in place of a pack", "error.pack.want_group", []string{"»- a\n"}},
	{"nothing in place of text", "error.pack.want_text", []string{`{ en: "Today", fr`, "{ en: »~, fr"}},
	{"word that is not a choice", "error.pack.choice", []string{"audience: staff", "audience: »everybody"}},
	{"item id with a capital", "error.pack.id", []string{"{ id: glad,", "{ id: »Glad,"}},
	{"name of a response set with a blank", "error.pack.id", []string{"default_response: five\n", "  »six steps: [{ value: 1, label: { en: a, fr: a } }, { value: 2, label: { en: b, fr: b } }]\ndefault_response: five\n"}},
	{"pack id with an underscore", "error.pack.pack_id", []string{"id: worked", "id: »worked_out"}},
	{"version of one number", "error.pack.version", []string{`version: "1.0"`, `version: »"1"`}},
	{"name of a language in words", "error.pack.language", []string{`{ en: "Frozen", fr: "Figé" }`, `{ en: "Frozen", fr: "Figé", »spanish: "Paralizado" }`}},
	{"blank text", "error.pack.blank", []string{`en: "For tests."`, `en: »"  "`}},
	{"text too long", "error.pack.too_long", []string{`en: "For tests."`, `en: »"` + strings.Repeat("long ", 201) + `"`}},
	{"empty list", "error.pack.too_few", []string{`citation: ["None: made for the tests."]`, "citation: »[]"}},
	{"too many entries", "error.pack.too_many", []string{`citation: ["None: made for the tests."]`, "citation: »[" + strings.Repeat("a,", 40) + "a]"}},
	{"number too low", "error.pack.low", []string{"minutes: 1", "minutes: »0"}},
	{"number too high", "error.pack.high", []string{"minutes: 1", "minutes: »61"}},

	{"language declared twice", "error.pack.language_twice", []string{"languages: [en, fr]", "languages: [en, fr, »fr]"}},
	{"text missing in a declared language", "error.pack.text_missing", []string{`text: { en: "I was tired.", fr: "La fatigue était là." }`, `text: »{ en: "I was tired." }`}},
	{"answer missing in a declared language", "error.pack.text_missing", []string{`{ en: "three", fr: "trois" }`, `»{ en: "three" }`}},
	{"provenance missing for a declared language", "error.pack.text_missing", []string{"  en: { drafted: \"the tests\" }\n  fr", "  »fr"}},
	{"text in an undeclared language", "error.pack.text_undeclared", []string{`fr: "Figé" }`, `fr: "Figé", »es: "Paralizado" }`}},
	{"two answers of one value", "error.pack.option_twice", []string{`{ value: 3, label: { en: "three"`, `{ value: »1, label: { en: "three"`}},
	{"item without a text", "error.pack.missing", []string{`{ id: late, topic: rest, text: { en: "I finished late.", fr: "J’ai fini tard." },`, "»{ id: late, topic: rest,"}},
	{"scale without words for a third", "error.pack.missing", []string{"  - id: strain", "  - »id: strain", `    low: { en: "Low.", fr: "Bas." }` + "\n    middle: { en: \"Middle.\", fr: \"Moyen.\" }\n    high: { en: \"High.\", fr: \"Haut.\" }\n  - id: voice", `    middle: { en: "Middle.", fr: "Moyen." }` + "\n    high: { en: \"High.\", fr: \"Haut.\" }\n  - id: voice"}},
	{"answer that is scored and unscored", "error.pack.score_unscored", []string{`{ value: 3, label: { en: "three", fr: "trois" } }`, `{ value: 3, unscored: true, score: »3, label: { en: "three", fr: "trois" } }`}},
	{"answers that all count alike", "error.pack.scores", []string{"default_response: five\n", "  same:\n    »- { value: 1, label: { en: a, fr: a } }\n    - { value: 2, unscored: true, label: { en: b, fr: b } }\ndefault_response: five\n"}},
	{"link that is no plain address", "error.pack.link", []string{"minutes: 1\n", "minutes: 1\nlink: »\"http://example.org\"\n"}},
	{"private question with the name of an item", "error.pack.private_id", []string{"minutes: 1\n", "minutes: 1\nprivate:\n  - { id: »glad, text: { en: a, fr: a } }\n"}},
	{"private note about a scale that is not there", "error.pack.scale", []string{"minutes: 1\n", "minutes: 1\nprivate:\n  - { id: note, scale: »mood, text: { en: a, fr: a } }\n"}},
	{"two answers of one wording", "error.pack.label_twice", []string{`{ en: "four", fr: "quatre" }`, `{ en: »"three", fr: "quatre" }`}},
	{"answers that do not exist", "error.pack.response", []string{"{ id: stuck,", "{ id: stuck, response: »six,"}},
	{"two items of one id", "error.pack.id_twice", []string{"{ id: glad,", "{ id: »stuck,"}},
	{"item named like a field of the form", "error.pack.id_reserved", []string{"{ id: glad,", "{ id: »code,"}},
	{"scale named like an item", "error.pack.id_twice", []string{"  - id: voice", "  - id: »glad", "scale: voice, n", "scale: glad, n", "scale: voice, cuts", "scale: glad, cuts", "predictors: [strain, voice]", "predictors: [strain, glad]"}},
	{"item of twenty words", "error.pack.words", []string{`en: "I finished late."`, `en: »"` + strings.TrimSpace(strings.Repeat("word ", 20)) + `"`}},
	{"reversed item whose mirror is no answer", "error.pack.reverse", []string{"    - { value: 2, label: { en: \"some\", fr: \"assez\" } }\n", "", `"On m’a ignoré." }, reverse: true`, `"On m’a ignoré." }, reverse: »true`}},
	{"scale item that does not exist", "error.pack.scale_item", []string{"items: [calm, tired, late]", "items: [calm, tired, »lost]"}},
	{"scale item twice", "error.pack.scale_item_twice", []string{"items: [calm, tired, late]", "items: [calm, tired, »calm]"}},
	{"scale of items with different answers", "error.pack.scale_mixed", []string{"items: [calm, tired, late]", "items: [calm, tired, »asked]"}},
	{"minimum of none", "error.pack.min_answered", []string{"min_answered: 2", "min_answered: »0"}},
	{"minimum above the number of items", "error.pack.min_answered", []string{"min_answered: 2", "min_answered: »4"}},
	{"range that the answers do not give", "error.pack.range", []string{"range: [0, 12]", "range: »[1, 12]"}},
	{"view without a sign", "error.pack.view_alone", []string{"{ id: late,", "{ id: late, view: »self,"}},
	{"sign without a view", "error.pack.sign_alone", []string{"sign: frozen, view: team", "sign: »frozen"}},
	{"sign that is not declared", "error.pack.sign", []string{"{ id: late,", "{ id: late, sign: »stiff, view: team,"}},
	{"two items observe a sign from one side", "error.pack.sign_twice", []string{"{ id: glad,", "{ id: glad, sign: »frozen, view: team,"}},
	{"sign that nothing observes", "error.pack.sign_unused", []string{"signs:\n", "signs:\n  - { id: »numb, title: { en: a, fr: b } }\n"}},
	{"staff answering by name", "error.pack.confidentiality", []string{"confidentiality: anonymous", "confidentiality: »named"}},
	{"hard last item", "error.pack.last_item", []string{"{ id: glad, topic: sustains,", "{ id: glad, topic: »team,"}},
	{"norm of a scale that does not exist", "error.pack.scale", []string{"scale: voice, n: 10", "scale: »voices, n: 10"}},
	{"cut points that do not rise", "error.pack.cut", []string{"cuts: [4, 8]", "cuts: [4, »4]"}},
	{"cut point above the range", "error.pack.cut", []string{"cuts: [4, 8]", "cuts: [4, »13]"}},
	{"rule about nothing", "error.pack.measure", []string{"{ measure: stuck,", "{ measure: »struck,"}},
	{"two rules about one thing", "error.pack.rule_twice", []string{"{ measure: stuck,", "{ measure: »strain,"}},
	{"rule about an item inside a scale", "error.pack.rule_item", []string{"{ measure: stuck,", "{ measure: »late,"}},

	{"associations with oneself", "error.pack.association_self", []string{"with: other", "with: »worked"}},
	{"association with nothing", "error.pack.predictor", []string{"load, predictor: never_ignored", "load, predictor: »ignored", "predictors: [strain, voice]", "predictors: [strain, never_ignored]"}},
	{"slope on nothing", "error.pack.predictor", []string{"predictors: [strain, voice]", "predictors: [strain, »late]"}},
	{"pair twice", "error.pack.pair_twice", []string{"    - { outcome: load, predictor: never_ignored }\n", "    - { outcome: load, predictor: never_ignored }\n    - { outcome: load, predictor: »never_ignored }\n"}},
	{"slope twice", "error.pack.pair_twice", []string{"predictors: [strain, voice]", "predictors: [strain, voice, »strain]"}},
	{"two lists of slopes", "error.pack.slopes_twice", []string{"    - { outcome: load, predictors: [strain, voice] }\n", "    - { outcome: load, predictors: [strain, voice] }\n    - { outcome: »load, predictors: [strain, often_heard] }\n"}},
	{"predictor named like an item", "error.pack.id_twice", []string{"{ id: often_heard,", "{ id: »calm,", "predictor: often_heard", "predictor: calm"}},
	{"predictor named like a scale", "error.pack.id_twice", []string{"{ id: often_heard,", "{ id: »voice,", "predictor: often_heard", "predictor: voice"}},
	{"two predictors of one name", "error.pack.id_twice", []string{"{ id: never_ignored,", "{ id: »often_heard,", "    - { outcome: load, predictor: never_ignored }\n", ""}},
	{"predictor named like a field of the form", "error.pack.id_reserved", []string{"{ id: often_heard,", "{ id: »response,", "predictor: often_heard", "predictor: response"}},
	{"predictor of no item", "error.pack.predictor_item", []string{"items: [heard, asked]", "items: [heard, »seen]"}},
	{"predictor of one item twice", "error.pack.predictor_item_twice", []string{"items: [heard, asked]", "items: [heard, »heard]"}},
	{"predictor that reads nothing", "error.pack.predictor_reading", []string{"- { id: never_ignored,", "- »{ id: never_ignored,", "items: [ignored], equals: 0 }", "items: [ignored] }"}},
	{"predictor that reads in two ways", "error.pack.predictor_reading", []string{"- { id: never_ignored,", "- »{ id: never_ignored,", "equals: 0 }", "equals: 0, at_least: 2 }"}},
	{"predictor of no answer", "error.pack.predictor_value", []string{"equals: 0", "equals: »4"}},
	{"predictor that everybody meets", "error.pack.predictor_least", []string{"items: [heard, asked], at_least: 2", "items: [heard], at_least: »0"}},
	{"predictor that nobody meets", "error.pack.predictor_least", []string{"items: [heard, asked], at_least: 2", "items: [heard], at_least: »4"}},
	{"predictor that nothing uses", "error.pack.predictor_unused", []string{"{ id: never_ignored,", "{ id: »never_ignored,", "    - { outcome: load, predictor: never_ignored }\n", ""}},
	{"predictor in one language", "error.pack.text_missing", []string{`{ en: "Never ignored", fr: "Jamais ignoré" }`, `»{ en: "Never ignored" }`}},

	{"field twice", "error.pack.twice", []string{"minutes: 1\n", "minutes: 1\n»minutes: 2\n"}},
	{"field named by a number", "error.pack.key", []string{"minutes: 1\n", "minutes: 1\n»7: 2\n"}},
	{"merge key", "error.pack.key", []string{"minutes: 1\n", "minutes: 1\n»<<: {}\n"}},
	{"anchor", "error.pack.alias", []string{`credit: "The`, `credit: »&c "The`}},
	{"tag", "error.pack.tag", []string{`credit: "The`, `credit: »!!str "The`}},
	{"broken YAML", "error.pack.yaml", []string{"id: a\nversion: b\n»  minutes: 1\n"}},
	{"nothing", "error.pack.empty", []string{"»"}},
	{"only a comment", "error.pack.empty", []string{"»# nothing\n"}},
	{"two documents", "error.pack.documents", []string{"id: a\n»---\nid: b\n"}},
	{"not UTF-8", "error.pack.encoding", []string{"»id: \xff\n"}},
	{"too many values", "error.pack.parts", []string{"languages: [" + strings.Repeat("a,", 49997) + "»b]\n"}},
	{"too big", "error.pack.too_big", []string{"»" + strings.Repeat("#", survey.MaxPackBytes+1)}},
}

// file applies the edits and gives the file with the line and the column of
// the mark.
func (c faultCase) file(t testing.TB, worked string) (file string, line, column int) {
	t.Helper()
	file = worked
	if len(c.edits) == 1 {
		file = c.edits[0]
	}
	for i := 0; i+1 < len(c.edits); i += 2 {
		if n := strings.Count(file, c.edits[i]); n != 1 {
			t.Fatalf("%s: %q stands %d times in the file, want once", c.name, c.edits[i], n)
		}
		file = strings.Replace(file, c.edits[i], c.edits[i+1], 1)
	}
	before, after, marked := strings.Cut(file, "»")
	if !marked {
		t.Fatalf("%s: no mark", c.name)
	}
	line = 1 + strings.Count(before, "\n")
	column = 1 + len([]rune(before[strings.LastIndex(before, "\n")+1:]))
	return before + after, line, column
}

func TestEachFaultIsFoundWhereItStandsAndNothingElseIs(t *testing.T) {
	worked := readFile(t, "testdata/worked.yaml")
	for _, c := range faultCases {
		t.Run(c.name, func(t *testing.T) {
			file, line, column := c.file(t, worked)
			pack, faults, err := survey.ReadPack([]byte(file))
			if err != nil || pack != nil {
				t.Fatalf("pack %v, error %v: want faults only", pack, err)
			}
			if len(faults) != 1 || faults[0].Error.Key != c.key || faults[0].Line != line || faults[0].Column != column {
				t.Errorf("want %s at %d:%d alone, got%s", c.key, line, column, listFaults(faults))
			}
		})
	}
}

func listFaults(faults []survey.Fault) string {
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&b, "\n  %d:%d %v", f.Line, f.Column, f.Error)
	}
	return b.String()
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// Nothing in a pack lies deeper than twelve levels; the thirteenth is named
// where it starts, beside whatever else is wrong with such a file.
func TestListsDeepInListsAreRefused(t *testing.T) {
	_, faults, err := survey.ReadPack([]byte(strings.Repeat("[", 14) + strings.Repeat("]", 14)))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(faults); n != 2 || faults[1].Error.Key != "error.pack.depth" || faults[1].Line != 1 || faults[1].Column != 14 {
		t.Errorf("want error.pack.depth at 1:14 last of two, got%s", listFaults(faults))
	}
}

// One wrong file, one reading, every fault: of the YAML, of the schema and of
// the rules, in the order of the file.
func TestEveryFaultIsExplainedAtOnce(t *testing.T) {
	file := readFile(t, "testdata/worked.yaml")
	for _, edit := range [][2]string{
		{`version: "1.0"`, "version: 1.0"},                                    // line 4: a number
		{"minutes: 1", "minutes: many\ncolour: red"},                          // lines 16 and 17
		{"{ id: late, topic: rest,", "{ id: late, topic: rest, sign: stiff,"}, // no view, not declared
		{"min_answered: 3", "min_answered: 5"},                                // of four items
		{"topic: sustains", "topic: team"},                                    // last item
	} {
		if !strings.Contains(file, edit[0]) {
			t.Fatalf("%q is not in the file", edit[0])
		}
		file = strings.Replace(file, edit[0], edit[1], 1)
	}
	_, faults, err := survey.ReadPack([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range faults {
		got = append(got, f.Error.Key)
	}
	want := []string{
		"error.pack.want_text", "error.pack.want_whole", "error.pack.unknown_field",
		"error.pack.sign", "error.pack.last_item", "error.pack.min_answered",
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("want %v, got%s", want, listFaults(faults))
	}
}

// Faults are told to people: each key has a text in every language, every
// placeholder of the text is filled, and no text of this part is left that
// nothing says.
func TestEveryFaultHasItsTextInEveryLanguage(t *testing.T) {
	placeholder := regexp.MustCompile(`\{([a-z_0-9]+)\}`)
	said := map[string]bool{
		// English is missing from a pack without it in one more place for
		// every text, so no case has this fault alone; the test below has it.
		"error.pack.english": true,
		// TestListsDeepInListsAreRefused.
		"error.pack.depth": true,
		// What the schema of today cannot say: the fallbacks.
		"error.pack.want_other": true, "error.pack.schema": true,
		// library_test.go.
		"error.library.pack": true, "error.library.version": true, "error.library.changed": true,
	}
	worked := readFile(t, "testdata/worked.yaml")
	texts := make(map[string]map[string]string)
	for _, lang := range []string{"en", "fr", "es"} {
		var flat map[string]string
		if err := json.Unmarshal([]byte(readFile(t, filepath.Join("..", "static", "locales", lang, "packs.json"))), &flat); err != nil {
			t.Fatal(err)
		}
		texts[lang] = flat
	}
	for _, c := range faultCases {
		file, _, _ := c.file(t, worked)
		_, faults, _ := survey.ReadPack([]byte(file))
		for _, f := range faults {
			said[f.Error.Key] = true
			for lang, flat := range texts {
				text, ok := flat[f.Error.Key]
				if !ok {
					t.Errorf("%s lacks a text for %s", lang, f.Error.Key)
				}
				for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
					if value, filled := f.Error.Args[m[1]]; !filled || fmt.Sprint(value) == "" && m[1] != "value" {
						t.Errorf("%s: %s in %s leaves {%s} unfilled", c.name, f.Error.Key, lang, m[1])
					}
				}
			}
		}
	}
	for key := range texts["en"] {
		if !said[key] {
			t.Errorf("no case says %s", key)
		}
	}
}

func TestAPackWithoutEnglishIsRefused(t *testing.T) {
	file := strings.Replace(readFile(t, "testdata/worked.yaml"), "languages: [en, fr]", "languages: [fr]", 1)
	_, faults, err := survey.ReadPack([]byte(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		if f.Error.Key == "error.pack.english" && f.Line == 6 && f.Column == 12 { // "languages: [fr]"
			return
		}
	}
	t.Errorf("want error.pack.english at 6:12, got%s", listFaults(faults))
}

// A small file must not cost more than a small file: no aliases that unfold,
// no lists compared with one another however long, no numbers of a billion
// digits.
func TestASmallFileCannotKeepTheReaderBusy(t *testing.T) {
	many := func(line string) string {
		return strings.Repeat(line, (survey.MaxPackBytes-400)/len(line))
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'z'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for name, file := range map[string]string{
		"aliases that unfold": bomb,
		"many languages":      "languages: [" + many("a,") + "]\n",
		// Just under the limit of 50,000 values: lists that rules compare.
		"texts and languages": "languages: [" + strings.Repeat("a,", 20000) + "]\nitems:\n" + strings.Repeat("- {text: {}}\n", 7000),
		"items and rules":     "items:\n" + strings.Repeat("- {id: a}\n", 8000) + "reporting:\n" + strings.Repeat("- {measure: b}\n", 8000),
		"deep lists":          many("["),
		"many fields":         many("? a\n"),
		"many unknown fields": func() string {
			var b strings.Builder
			for i := 0; b.Len() < survey.MaxPackBytes-100; i++ {
				fmt.Fprintf(&b, "x%d: 1\n", i)
			}
			return b.String()
		}(),
		"long exponent": "minutes: 1e" + strings.Repeat("9", 1000) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			limit := time.NewTimer(20 * time.Second) // takes a second or less; machines differ
			defer limit.Stop()
			done := make(chan []survey.Fault, 1)
			go func() {
				_, faults, _ := survey.ReadPack([]byte(file))
				done <- faults
			}()
			select {
			case faults := <-done:
				if len(faults) == 0 {
					t.Error("no fault")
				}
			case <-limit.C:
				t.Error("still reading after 20 s")
			}
		})
	}
}

// Whatever the bytes: no panic, a pack or at least one fault and never both,
// places inside the file, and a pack that can be scored. Run it with
// -fuzzminimizetime 5x: shrinking each new YAML file would take all the time.
func FuzzReadPack(f *testing.F) {
	worked := readFile(f, "testdata/worked.yaml")
	f.Add([]byte(worked))
	for _, c := range faultCases {
		if file, _, _ := c.file(f, worked); len(file) < 1<<16 {
			f.Add([]byte(file))
		}
	}
	read, err := survey.OnePackReader()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		pack, faults, err := read(data)
		if err != nil {
			t.Fatal(err)
		}
		if (pack == nil) != (len(faults) > 0) {
			t.Fatalf("pack %v with%s", pack, listFaults(faults))
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.Column < 1 {
				t.Fatalf("fault nowhere:%s", listFaults(faults))
			}
		}
		if pack == nil {
			return
		}
		answers := make(survey.Answers)
		for _, item := range pack.Items {
			answers[item.ID] = item.Options()[0].Value
		}
		for _, scale := range pack.Scales {
			low, high := scale.Range(pack)
			const rounding = 1e-9
			if score, ok := scale.Score(pack, answers); !ok || score < low-rounding || score > high+rounding {
				t.Fatalf("scale %s scores %g, %t outside %g to %g", scale.ID, score, ok, low, high)
			}
		}
	})
}
