package survey_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"attune/survey"
)

func leaders(t testing.TB) *survey.LeaderLibrary {
	t.Helper()
	l, err := survey.NewLeaderLibrary()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func leaderPack(t testing.TB, id string) *survey.LeaderPack {
	t.Helper()
	p, err := leaders(t).Latest(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The counts are those of the tick boxes under each heading of
// seeds/imhp-organizational-policies.txt, counted there; parental leave is the
// third workforce abstract's.
func TestThePolicyAuditHasEveryTickBoxOfTheDocument(t *testing.T) {
	want := []struct {
		block   string
		entries int
	}{
		{"capacity", 7},
		{"supervision_capacity", 3},
		{"flexibility", 2},
		{"parental_leave", 1},
		{"hiring", 3},
		{"pay", 1},
		{"safety", 3},
		{"valuing", 3},
		{"reflective_practice", 5},
		{"change_and_crisis", 4},
		{"families", 4},
		{"collaboration", 4},
		{"training_areas", 11},
	}
	p := leaderPack(t, "policy-audit")
	if len(p.Blocks) != len(want) {
		t.Fatalf("%d blocks, want %d", len(p.Blocks), len(want))
	}
	for i, w := range want {
		if b := p.Blocks[i]; b.ID != w.block || len(b.Entries) != w.entries {
			t.Errorf("block %d is %s with %d entries, want %s with %d", i, b.ID, len(b.Entries), w.block, w.entries)
		}
	}
	if p.Entries() != 51 {
		t.Errorf("%d entries, want 50 tick boxes and parental leave", p.Entries())
	}
}

// The numbers are the documents' own: no more than 10 high-risk cases, no more
// than 10 staff per supervisor, supervision at least bi-weekly, and a minimum
// of 12 weeks of leave.
func TestTheNumbersOfTheDocumentsAreMarks(t *testing.T) {
	p := leaderPack(t, "policy-audit")
	found := 0
	for _, w := range []struct {
		entry      string
		meets, not float64
	}{
		{"workload_by_complexity", 10, 11},
		{"staff_per_supervisor", 10, 10.5},
		{"regular_supervision", 2, 3},
		{"paid_parental_leave", 12, 11},
	} {
		e, _, ok := p.Entry(w.entry)
		if !ok || e.Number == nil {
			t.Errorf("%s has no number", w.entry)
			continue
		}
		found++
		if !e.Number.Meets(w.meets) || e.Number.Meets(w.not) {
			t.Errorf("%s: want %g to meet the mark and %g not", w.entry, w.meets, w.not)
		}
	}
	for _, b := range p.Blocks {
		for _, e := range b.Entries {
			if e.Number != nil {
				found--
			}
		}
	}
	if found != 0 {
		t.Errorf("%d numbers more than the documents give", -found)
	}
}

func TestTheReflectionHasFourRsNinePrinciplesAndTheClosingQuestions(t *testing.T) {
	p := leaderPack(t, "trauma-informed")
	for block, entries := range map[string]int{"four_rs": 4, "principles": 9, "questions": 7} { // five questions; two of them ask two things
		if b, ok := p.Block(block); !ok || len(b.Entries) != entries {
			t.Errorf("block %s has %d entries, want %d", block, len(b.Entries), entries)
		}
	}
}

// The nine principles stand in both packs, so that what leaders intend and
// what staff experience is about the same thing.
func TestStaffAndLeadersAnswerOnTheSameNinePrinciples(t *testing.T) {
	staff, err := builtIn(t).Latest("principles")
	if err != nil {
		t.Fatal(err)
	}
	block, _ := leaderPack(t, "trauma-informed").Block("principles")
	if len(staff.Items) != 9 || len(block.Entries) != 9 {
		t.Fatalf("%d items and %d entries, want nine each", len(staff.Items), len(block.Entries))
	}
	for _, e := range block.Entries {
		if e.Supports != "principles" {
			t.Errorf("%s is felt in %s", e.ID, e.Supports)
		}
	}
}

// agreedScales are the scales of the staff pack supports, by the design. They
// count for as long as that pack is not built in.
func agreedScales() []string {
	return []string{"sup_supervision", "sup_workload", "sup_safety", "sup_voice", "sup_recognition", "sup_recovery", "sup_flexibility", "sup_change", "sup_training", "sup_collaboration"}
}

func TestEveryEntryIsFeltInAScaleThatExistsOrSaysWhyInNone(t *testing.T) {
	library := builtIn(t)
	scales := map[string]bool{}
	for _, p := range library.All() {
		for _, s := range p.Scales {
			scales[s.ID] = true
		}
	}
	if _, err := library.Latest("supports"); err != nil {
		for _, id := range agreedScales() {
			scales[id] = true
		}
	}
	for _, p := range leaders(t).All() {
		for _, b := range p.Blocks {
			for _, e := range b.Entries {
				if e.Supports != survey.FeltNowhere && !scales[e.Supports] {
					t.Errorf("%s: %s is felt in %s, which no staff pack has", p.ID, e.ID, e.Supports)
				}
			}
		}
	}
}

// leaderFaults are changes of testdata/leader.yaml and the one fault of each.
var leaderFaults = []faultCase{
	{"field missing", "error.sheet.missing", []string{"kind: audit\n", "", "id: leader\n", "»id: leader\n"}},
	{"state in no order", "error.leader.standing_order", []string{"id: some, standing: coming", "id: some, standing: »absent", "id: no, standing: absent", "id: no, standing: coming", "states:\n", "states:\n  - { id: zero, standing: absent, label: { en: zero }, plain: { en: zero } }\n"}},
	{"states that end half way", "error.leader.standing_ends", []string{"  - { id: no,", "  »- { id: no,", "standing: in_place", "standing: coming"}},
	{"two states of one id", "error.pack.id_twice", []string{"id: some,", "id: »no,"}},
	{"mark outside what can be meant", "error.leader.mark", []string{"mark: 10", "mark: »300"}},
	{"number beside words", "error.leader.number_in_words", []string{"      - id: cases\n", "      - id: cases\n        kind: words\n", "        number:\n          label:", "        number:\n          »label:"}},
	{"felt nowhere without a reason", "error.leader.reason_missing", []string{"supports: none\n        reason: hidden\n", "supports: »none\n", "  hidden: { en: \"Nobody sees it.\" }\n", "  {}\n"}},
	{"felt somewhere and a reason", "error.leader.reason_beside", []string{"supports: workload\n", "supports: workload\n        reason: »hidden\n"}},
	{"reason that is not declared", "error.leader.reason", []string{"supports: none\n        reason: hidden\n", "supports: none\n        reason: »secret\n", "  hidden: { en: \"Nobody sees it.\" }\n", "  {}\n"}},
	{"reason that nothing uses", "error.leader.reason_unused", []string{"reasons:\n", "reasons:\n  spare: »{ en: \"Spare.\" }\n"}},
	{"reason with a blank in its name", "error.pack.id", []string{"reasons:\n", "reasons:\n  »two words: { en: \"Spare.\" }\n"}},
	{"two entries of one id", "error.pack.id_twice", []string{"      - id: calm", "      - id: »cases"}},
	{"two blocks of one id", "error.pack.id_twice", []string{"  - id: second", "  - id: »first"}},
	{"text in a language that is not declared", "error.pack.text_undeclared", []string{`{ en: "There is calm." }`, `{ en: "There is calm.", »fr: "Du calme." }`}},
	{"text missing in a language", "error.pack.text_missing", []string{`{ en: "There is calm." }`, "»{}"}},
	{"word that is no kind", "error.pack.choice", []string{"kind: audit", "kind: »exam"}},
	{"unknown field", "error.pack.unknown_field", []string{"supports: workload", "»score: 3\n        supports: workload"}},
}

func TestEachFaultOfALeaderPackIsFoundWhereItStands(t *testing.T) {
	worked := readFile(t, "testdata/leader.yaml")
	if _, faults, err := survey.ReadLeaderPack([]byte(worked)); err != nil || len(faults) > 0 {
		t.Fatalf("the example has faults: %v%s", err, listFaults(faults))
	}
	for _, c := range leaderFaults {
		t.Run(c.name, func(t *testing.T) {
			file, line, column := c.file(t, worked)
			pack, faults, err := survey.ReadLeaderPack([]byte(file))
			if err != nil || pack != nil {
				t.Fatalf("pack %v, error %v: want faults only", pack, err)
			}
			if len(faults) != 1 || faults[0].Error.Key != c.key || faults[0].Line != line || faults[0].Column != column {
				t.Errorf("want %s at %d:%d alone, got%s", c.key, line, column, listFaults(faults))
			}
		})
	}
}

func TestEveryFaultOfALeaderPackHasAFilledText(t *testing.T) {
	worked := readFile(t, "testdata/leader.yaml")
	everyFaultIsFilled(t, "leaders.json", leaderFaults, func(c faultCase) []survey.Fault {
		file, _, _ := c.file(t, worked)
		_, faults, _ := survey.ReadLeaderPack([]byte(file))
		return faults
	})
}

// everyFaultIsFilled wants a text in every language for each fault whose text
// stands in one part of the locales, with every placeholder filled.
func everyFaultIsFilled(t *testing.T, part string, cases []faultCase, read func(c faultCase) []survey.Fault) {
	t.Helper()
	placeholder := regexp.MustCompile(`\{([a-z_0-9]+)\}`)
	for _, lang := range []string{"en", "fr", "es"} {
		var texts map[string]string
		if err := json.Unmarshal([]byte(readFile(t, filepath.Join("..", "static", "locales", lang, part))), &texts); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			for _, f := range read(c) {
				if strings.HasPrefix(f.Error.Key, "error.pack.") {
					continue // packfile_test.go
				}
				text, ok := texts[f.Error.Key]
				if !ok {
					t.Errorf("%s lacks a text for %s", lang, f.Error.Key)
				}
				for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
					if value, filled := f.Error.Args[m[1]]; !filled || fmt.Sprint(value) == "" {
						t.Errorf("%s: %s in %s leaves {%s} unfilled", c.name, f.Error.Key, lang, m[1])
					}
				}
			}
		}
	}
}

func TestAVersionThatIsNotHereIsNamed(t *testing.T) {
	l := leaders(t)
	if _, err := l.Find("policy-audit", "9.9"); !survey.IsCode(err, survey.NotFound) {
		t.Errorf("got %v, want NotFound", err)
	}
	if _, err := l.Latest("exam"); !survey.IsCode(err, survey.NotFound) {
		t.Errorf("got %v, want NotFound", err)
	}
	if p, err := l.Find("policy-audit", "1.0"); err != nil || p.ID != "policy-audit" {
		t.Errorf("got %v, %v", p, err)
	}
}

func FuzzReadLeaderPack(f *testing.F) {
	f.Add([]byte(readFile(f, "testdata/leader.yaml")))
	f.Fuzz(func(t *testing.T, data []byte) {
		pack, faults, err := survey.ReadLeaderPack(data)
		if err != nil {
			t.Fatal(err)
		}
		if (pack == nil) != (len(faults) > 0) {
			t.Fatalf("pack %v with%s", pack, listFaults(faults))
		}
	})
}
