package survey_test

import (
	"regexp"
	"strings"
	"testing"

	"attune/survey"
)

func guides(t testing.TB) *survey.Guides {
	t.Helper()
	g, err := survey.NewGuides()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestEverySignAndScaleOfEveryPackHasAGuide(t *testing.T) {
	g := guides(t)
	for _, p := range builtIn(t).All() {
		for _, s := range p.Signs {
			if g.Sign(s.ID) == nil {
				t.Errorf("the sign %s of %s has no guide", s.ID, p.ID)
			}
		}
		for _, s := range p.Scales {
			if g.Scale(s.ID) == nil {
				t.Errorf("the scale %s of %s has no guide", s.ID, p.ID)
			}
		}
	}
}

func TestEveryKindOfChangeHasAGuide(t *testing.T) {
	g := guides(t)
	for _, c := range []survey.Change{survey.ChangeBetter, survey.ChangeWorse, survey.ChangeWatch, survey.ChangeResponseFalling, survey.ChangeCannotSay} {
		if g.Change(c) == nil {
			t.Errorf("the change %s has no guide", c)
		}
	}
}

func TestEveryBlockOfThePolicyAuditHasAGuide(t *testing.T) {
	g := guides(t)
	for _, b := range leaderPack(t, "policy-audit").Blocks {
		if len(g.Block(b.ID)) == 0 {
			t.Errorf("no guide belongs to the block %s", b.ID)
		}
	}
}

// Three to five things to do, the organisation's first and never fewer than
// the manager's: conditions before what one person has to bring about.
func TestAGuideGivesThreeToFiveStepsAndTheOrganisationsFirst(t *testing.T) {
	for _, guide := range guides(t).All() {
		if n := len(guide.Organisation) + len(guide.Manager); n < 3 || n > 5 {
			t.Errorf("%s gives %d steps", guide.ID, n)
		}
		if len(guide.Organisation) < len(guide.Manager) {
			t.Errorf("%s asks more of the manager than of the organisation", guide.ID)
		}
		if len(guide.Cited()) == 0 {
			t.Errorf("%s names no source", guide.ID)
		}
	}
}

// everyText calls f with every text of a guide that people read.
func everyText(guide *survey.Guide, f func(survey.Text)) {
	f(guide.Title)
	f(guide.Meaning)
	for _, list := range [][]survey.Text{guide.Ask, guide.Organisation, guide.Manager} {
		for _, text := range list {
			f(text)
		}
	}
}

// unfit are words that rank teams, judge people or claim a cause. A guide may
// speak of fault and blame as things a team fears; it never hands them out.
func unfit() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`(?i)\b(rank(ed|ing)?|league|score[sd]?|worst|best team|weakest|underperform\w*|lazy|resilien\w+|guilty|at fault|to blame|caused? by|causes|proves?|because of|identify (who|which person)|troublemaker|difficult (people|person|staff))\b|!`),
		"fr": regexp.MustCompile(`(?i)résilien|\b(classement|palmarès|la pire|le pire|meilleure équipe|coupables?|paresseu\w+|causé\w* par|prouve\w*)\b|à cause d|!`),
		"es": regexp.MustCompile(`(?i)\b(clasificación|el peor|la peor|mejor equipo|resilien\w+|culpables?|perezos\w+|causad\w+ por|demuestra\w*|a causa de)\b|!`),
	}
}

func TestNoGuideRanksBlamesOrClaimsACause(t *testing.T) {
	words := unfit()
	for _, guide := range guides(t).All() {
		everyText(guide, func(text survey.Text) {
			for lang, pattern := range words {
				if found := pattern.FindString(text[lang]); found != "" {
					t.Errorf("%s in %s says %q: %s", guide.ID, lang, found, text[lang])
				}
			}
		})
	}
	// The patterns see what they are for.
	for lang, sentence := range map[string]string{"en": "Your team ranked last.", "fr": "C’est à cause de vous.", "es": "Es el peor equipo."} {
		if !words[lang].MatchString(sentence) {
			t.Errorf("the words in %s would let %q pass", lang, sentence)
		}
	}
}

// A finding is never more than a possibility: what it means is said with may,
// can or might in every language.
func TestWhatAFindingMeansIsSaidAsAPossibility(t *testing.T) {
	hedges := map[string]*regexp.Regexp{
		"en": regexp.MustCompile(`\b(may|can|might|often)\b`),
		"fr": regexp.MustCompile(`(?i)(\bpeu(t|vent)\b|peut-être|souvent|possibles?)`),
		"es": regexp.MustCompile(`(?i)\b(puede[n]?|suele[n]?|quizá)\b`),
	}
	for _, guide := range guides(t).All() {
		for lang, hedge := range hedges {
			if !hedge.MatchString(guide.Meaning[lang]) {
				t.Errorf("%s in %s says it flatly: %s", guide.ID, lang, guide.Meaning[lang])
			}
		}
	}
}

var guideFaults = []faultCase{
	{"field missing", "error.sheet.missing", []string{"credit: \"The tests\"\n", "", "id: some\n", "»id: some\n"}},
	{"two guides of one id", "error.pack.id_twice", []string{"  - id: second", "  - id: »first"}},
	{"two guides about one thing", "error.guide.subject_twice", []string{"about: { scales: [voice] }", "about: »{ scales: [strain] }"}},
	{"source that is not declared", "error.guide.source", []string{"blocks: [pay]\n    sources: [study]", "blocks: [pay]\n    sources: [»rumour]"}},
	{"source that nothing cites", "error.guide.source_unused", []string{"sources:\n  study", "sources:\n  spare: »\"None.\"\n  study"}},
	{"name of a source with a blank", "error.pack.id", []string{"sources:\n  study", "sources:\n  »two words: \"None.\"\n  study"}},
	{"one question only", "error.pack.too_few", []string{`ask: [{ en: "One?" }, { en: "Two?" }]`, `ask: »[{ en: "One?" }]`}},
	{"text missing in a language", "error.pack.text_missing", []string{`{ en: "Two?" }`, "»{}"}},
	{"change that is none", "error.pack.choice", []string{"about: { scales: [voice] }", "about: { changes: [»sideways] }"}},
}

func TestEachFaultOfAGuideIsFoundWhereItStands(t *testing.T) {
	worked := readFile(t, "testdata/guides.yaml")
	if got, faults, err := survey.ReadGuides([]byte(worked)); err != nil || len(got) != 2 {
		t.Fatalf("the example has faults: %v%s", err, listFaults(faults))
	}
	for _, c := range guideFaults {
		t.Run(c.name, func(t *testing.T) {
			file, line, column := c.file(t, worked)
			got, faults, err := survey.ReadGuides([]byte(file))
			if err != nil || got != nil {
				t.Fatalf("guides %v, error %v: want faults only", got, err)
			}
			if len(faults) != 1 || faults[0].Error.Key != c.key || faults[0].Line != line || faults[0].Column != column {
				t.Errorf("want %s at %d:%d alone, got%s", c.key, line, column, listFaults(faults))
			}
		})
	}
}

func TestEveryFaultOfAGuideHasAFilledText(t *testing.T) {
	worked := readFile(t, "testdata/guides.yaml")
	everyFaultIsFilled(t, "leaders.json", guideFaults, func(c faultCase) []survey.Fault {
		file, _, _ := c.file(t, worked)
		_, faults, _ := survey.ReadGuides([]byte(file))
		return faults
	})
}

func TestAGuideIsFoundByWhatItIsAbout(t *testing.T) {
	g := guides(t)
	if got := g.Sign("frozen"); got == nil || got.ID != "sign_frozen" {
		t.Errorf("Sign(frozen) = %v", got)
	}
	if got := g.Scale("care_burnout"); got == nil || got != g.Scale("burnout") {
		t.Errorf("both lengths of burnout share a guide, got %v", got)
	}
	if _, err := g.Find("gossip"); !survey.IsCode(err, survey.NotFound) {
		t.Errorf("got %v, want NotFound", err)
	}
	first := g.Block("safety")
	if len(first) == 0 || first[0].Blocks[0] != "safety" {
		t.Errorf("the nearest guide to safety comes first, got %v", first)
	}
}

func FuzzReadGuides(f *testing.F) {
	f.Add([]byte(readFile(f, "testdata/guides.yaml")))
	f.Add([]byte(strings.Replace(readFile(f, "testdata/guides.yaml"), "  - id: second", "  - ~", 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, faults, err := survey.ReadGuides(data)
		if err != nil {
			t.Fatal(err)
		}
		if got != nil && len(faults) > 0 {
			t.Fatalf("guides and faults:%s", listFaults(faults))
		}
	})
}
