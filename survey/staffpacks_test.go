package survey_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"attune/survey"
)

func packOf(t testing.TB, id string) *survey.Pack {
	t.Helper()
	p, err := builtIn(t).Latest(id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// CONTENT, "Staff packs": how many items and scales each pack has, and the way
// that its people answer.
func TestEachStaffPackIsComposedAsItsContentPageSays(t *testing.T) {
	for _, c := range []struct {
		id            string
		items, scales int
		answers       string // values of the default response set
		why           string
	}{
		{"care-30", 30, 3, "1 2 3 4 5", "30 own items, three scales of ten, 1 never to 5 very often"},
		{"pulse-team", 7, 0, "1 2 3 4 5", "the six items of pulse about the team, and one that sustains"},
		{"signs", 12, 0, "1 2 3 4 5", "6 self items and 6 of the healthy opposite pole"},
		{"supports", 37, 10, "1 2 3 4 5", "ten named scales and two single items"},
		{"effects", 7, 0, "1 2 3 4 5", "six consequences, and one that sustains"},
		{"belonging", 7, 0, "1 2 3 4 5", "six topics, and one that sustains"},
		{"incident", 8, 0, "1 2 3", "seven needs rated 1 to 3, and how supported one feels"},
		{"training", 16, 2, "1 2 3 4 5", "confidence by topic, a knowledge check, one that sustains"},
		{"competencies", 45, 8, "1 2 3", "44 statements in eight areas, and the frame of mind"},
		{"proqol5", 30, 4, "1 2 3 4 5", "the key: three scales of ten, burnout also without its reversed items"},
	} {
		p := packOf(t, c.id)
		var values []string
		for _, o := range p.Responses[p.DefaultResponse] {
			values = append(values, fmt.Sprint(o.Value))
		}
		if len(p.Items) != c.items || len(p.Scales) != c.scales || strings.Join(values, " ") != c.answers {
			t.Errorf("%s: %d items, %d scales, answers %v; want %d, %d, %s: %s", c.id, len(p.Items), len(p.Scales), values, c.items, c.scales, c.answers, c.why)
		}
		if strings.Join(p.Languages, " ") != "en fr es" {
			t.Errorf("%s: languages %v", c.id, p.Languages)
		}
	}
}

func TestCareThirtyHasThreeScalesOfTenAndReversesFiveOfBurnout(t *testing.T) {
	p := packOf(t, "care-30")
	for _, s := range p.Scales {
		low, high := s.Range(p)
		reversed := 0
		for _, id := range s.Items {
			if item, _ := p.Item(id); item.Reverse {
				reversed++
			}
		}
		want := map[string]int{"care_burnout": 5}[s.ID]
		if len(s.Items) != 10 || s.Method != survey.MethodSum || low != 10 || high != 50 || reversed != want {
			t.Errorf("%s: %d items, %s from %g to %g, %d reversed, want %d", s.ID, len(s.Items), s.Method, low, high, reversed, want)
		}
	}
	if len(p.Norms)+len(p.Bands) > 0 {
		t.Error("care-30 shows norms or cut-offs, which do not transfer to it")
	}
	if p.Apart() != 30 {
		t.Errorf("care-30 may be asked again after %d days, want 30", p.Apart())
	}
}

// CONTENT, "ProQOL itself": the key of the published instrument. BO 1* 4* 8 10
// 15* 17* 19 21 26 29*, * reversed.
func TestTheKeyOfProQOLIsThePublishedOne(t *testing.T) {
	p := packOf(t, "proqol5")
	for id, want := range map[string]string{
		"proqol_cs":        "3 6 12 16 18 20 22 24 27 30",
		"proqol_bo":        "1* 4* 8 10 15* 17* 19 21 26 29*",
		"proqol_bo_direct": "8 10 19 21 26",
		"proqol_sts":       "2 5 7 9 11 13 14 23 25 28",
	} {
		var got []string
		for _, name := range scaleOf(t, p, id).Items {
			item, _ := p.Item(name)
			number := strings.TrimLeft(strings.TrimPrefix(name, "proqol_"), "0")
			if item.Reverse {
				number += "*"
			}
			got = append(got, number)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s counts %s, want %s", id, strings.Join(got, " "), want)
		}
	}
	for _, item := range p.Items {
		if len(item.Text) > 0 {
			t.Errorf("%s has a text: the texts are not ours to carry", item.ID)
		}
	}
	if p.Texts != survey.TextsByOrganisation || p.Link != "https://proqol.org" || p.CreditLine["en"] == "" {
		t.Errorf("texts %q, link %q, credit line %q", p.Texts, p.Link, p.CreditLine["en"])
	}
	for _, n := range p.Norms { // De La Rosa 2018; its STS mixes response codings and gives no T
		want := map[string][2]float64{"proqol_cs": {37.7, 6.5}, "proqol_bo": {22.8, 5.4}}[n.Scale]
		if n.Mean != want[0] || n.SD != want[1] || n.N != 5612 {
			t.Errorf("norm of %s: %g (%g), n %d", n.Scale, n.Mean, n.SD, n.N)
		}
	}
	for _, b := range p.Bands { // ≤ 22, 23–41, ≥ 42
		if !slices.Equal(b.Cuts, []float64{23, 42}) || !b.IndividualOnly {
			t.Errorf("bands of %s: %v, for one person only: %t", b.Scale, b.Cuts, b.IndividualOnly)
		}
	}
	if _, err := survey.NewSheet([]*survey.Pack{p}); !survey.IsKey(err, "error.wave.pack_texts") {
		t.Errorf("a pack without texts can be asked: %v", err)
	}
}

// CONTENT, "Staff packs": what may be published from where.
func TestSensitiveMeasuresHaveTheirLevels(t *testing.T) {
	rule := func(pack, measure string) survey.Rule {
		t.Helper()
		for _, r := range packOf(t, pack).Reporting {
			if r.Measure == measure {
				return r
			}
		}
		t.Fatalf("%s has no rule for %s", pack, measure)
		return survey.Rule{}
	}
	if r := rule("effects", "effects_leaving"); r.MinLevel != "department" || r.MinN != 10 {
		t.Errorf("thoughts of leaving: %+v", r)
	}
	for _, item := range packOf(t, "belonging").Items {
		if r := rule("belonging", item.ID); r.MinLevel != "organisation" || !item.Sensitive {
			t.Errorf("%s: %+v, sensitive %t", item.ID, r, item.Sensitive)
		}
	}
	for _, item := range packOf(t, "incident").Items {
		if r := rule("incident", item.ID); r.MinN != 10 {
			t.Errorf("%s is published from %d answers on", item.ID, r.MinN)
		}
	}
	if r := rule("supports", "endorsed"); r.MinLevel != "organisation" {
		t.Errorf("endorsement: %+v", r)
	}
}

// Every measure of a pack has a rule of its own: what nobody thought about is
// not published by default.
func TestEveryMeasureOfAStaffPackHasARule(t *testing.T) {
	for _, p := range builtIn(t).All() {
		if p.Audience != survey.Staff {
			continue
		}
		ruled, scored := make(map[string]bool), scaleItems(p)
		for _, r := range p.Reporting {
			ruled[r.Measure] = true
		}
		for _, s := range p.Scales {
			if !ruled[s.ID] {
				t.Errorf("%s: no rule for scale %s", p.ID, s.ID)
			}
		}
		for _, item := range p.Items {
			if !scored[item.ID] && (!ruled[item.ID] || item.PlanningSD == 0) {
				t.Errorf("%s: item %s has rule %t, planning SD %g", p.ID, item.ID, ruled[item.ID], item.PlanningSD)
			}
		}
	}
}

// Packs are asked together, so that no two use one name, but for those of
// which one stands in for the other.
func TestAnyTwoStaffPacksCanBeAskedTogether(t *testing.T) {
	library := builtIn(t)
	for i, a := range library.All() {
		for _, b := range library.All()[i+1:] {
			if a.Audience != b.Audience || !a.Asked() || !b.Asked() {
				continue
			}
			repeats := a.Repeats != nil && a.Repeats.Pack == b.ID || b.Repeats != nil && b.Repeats.Pack == a.ID
			if _, err := survey.NewSheet([]*survey.Pack{a, b}); (err != nil) != repeats {
				t.Errorf("%s and %s: %v", a.ID, b.ID, err)
			}
		}
	}
}

func TestTheLongFormTakesThePlaceOfPulseAndTheTeamIsAskedOn(t *testing.T) {
	library := builtIn(t)
	packs, err := library.Together([]string{"pulse", "effects", "care-30"})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, p := range packs {
		ids = append(ids, p.ID)
	}
	if got := strings.Join(ids, " "); got != "pulse-team effects care-30" {
		t.Errorf("asked together: %s", got)
	}
	if packs, err = library.Together([]string{"pulse", "effects"}); err != nil || packs[0].ID != "pulse" {
		t.Errorf("without a long form pulse itself is asked: %v %v", packs, err)
	}
	if _, err := library.Together([]string{"pulse", "nothing"}); !survey.IsKey(err, "error.library.pack") {
		t.Errorf("unknown pack: %v", err)
	}
}

func TestTheTrendOfTheSignsGoesOnWhileTheLongFormIsAsked(t *testing.T) {
	library := builtIn(t)
	team, first := packOf(t, "pulse-team"), pulse(t)
	if a, b := library.Line(team.ID, team.Version), library.Line(first.ID, first.Version); a != b || a != "pulse 1.0" {
		t.Errorf("lines %q and %q", a, b)
	}
	if got := library.Line("care-30", "1.0"); got != "care-30 1.0" {
		t.Errorf("care-30 has the line %q", got)
	}
	for _, item := range first.Items {
		if again, ok := team.Item(item.ID); ok != (item.View == "team") || ok && again.Text["fr"] != item.Text["fr"] {
			t.Errorf("%s: repeated %t", item.ID, ok)
		}
	}
}

// CONTENT, "Pack file": no double negatives. "Never" as an answer to a sentence
// with a negation makes two.
func TestNoItemAnsweredByFrequencyHoldsANegation(t *testing.T) {
	negations := map[string][]string{
		"en": {"not", "no", "never", "nothing", "nobody", "without", "neither", "nor"},
		"fr": {"ne", "pas", "non", "jamais", "rien", "sans", "ni", "aucun", "aucune"},
		"es": {"no", "nunca", "nada", "nadie", "sin", "ni", "ningún", "ninguna", "jamás"},
	}
	for _, p := range builtIn(t).All() {
		for _, item := range p.Items {
			for lang, list := range negations {
				text := " " + strings.NewReplacer(",", " ", ".", " ", "?", " ", "’", "’ ").Replace(strings.ToLower(item.Text[lang])) + " "
				for _, word := range list {
					if strings.Contains(text, " "+word+" ") {
						t.Errorf("%s %s in %s says %q: %s", p.ID, item.ID, lang, word, item.Text[lang])
					}
				}
			}
		}
	}
}

// No text shouts, and none comes near what a survey without a reader must not
// ask: the words are stems in the three languages.
func TestNoPackAsksWhatNobodyCouldAnswerFor(t *testing.T) {
	entries, err := os.ReadDir("packs")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".yaml") {
			continue
		}
		for i, line := range strings.Split(strings.ToLower(readFile(t, "packs/"+entry.Name())), "\n") {
			for _, stem := range []string{"suicid", "self-harm", "hurt yourself", "automutil", "autolesi", " kill", " tuer ", " matar", "!", "100 %"} {
				if strings.Contains(line, stem) {
					t.Errorf("%s:%d holds %q: %s", entry.Name(), i+1, stem, line)
				}
			}
		}
	}
}
