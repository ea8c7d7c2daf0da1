package survey_test

import (
	"strings"
	"testing"

	"attune/survey"
)

// The pulse of CONTENT, "Staff packs": fifteen items, three for each scale,
// six about the team with one for each sign, in under two minutes.
func TestThePulseIsComposedAsItsContentPageSays(t *testing.T) {
	p := pulse(t)
	if n := len(p.Items); n != 15 {
		t.Errorf("%d items, want 15", n)
	}
	if p.Minutes > 2 {
		t.Errorf("%d minutes, want at most 2", p.Minutes)
	}
	if got := strings.Join(p.Languages, " "); got != "en fr es" {
		t.Errorf("languages %q, want en fr es", got)
	}
	for id, direction := range map[string]survey.Direction{"burnout": survey.HigherWorse, "sts": survey.HigherWorse, "cs": survey.HigherBetter} {
		s := scaleOf(t, p, id)
		low, high := s.Range(p)
		if len(s.Items) != 3 || s.MinAnswered != 2 || s.Method != survey.MethodMean || s.Direction != direction || low != 1 || high != 5 || s.PlanningSD != 1 || s.Error != 1.5 {
			t.Errorf("scale %s: %d items, %d needed, %s, %s, %g to %g, planning SD %g, error %g", id, len(s.Items), s.MinAnswered, s.Method, s.Direction, low, high, s.PlanningSD, s.Error)
		}
	}
	scored := scaleItems(p)
	signs := make(map[string]bool)
	for _, item := range p.Items {
		if scored[item.ID] != (item.Sign == "") {
			t.Errorf("item %s: in a scale %t, sign %q: want one of the two", item.ID, scored[item.ID], item.Sign)
		}
		if item.Sign == "" {
			continue
		}
		signs[item.Sign] = true
		if item.ID != "team_"+item.Sign || item.View != "team" || item.PlanningSD != 1 {
			t.Errorf("item %s observes %s as %q with planning SD %g", item.ID, item.Sign, item.View, item.PlanningSD)
		}
	}
	for _, sign := range []string{"reactive", "avoidant", "defensive", "dysregulated", "hypervigilant", "frozen"} {
		if !signs[sign] {
			t.Errorf("no item observes %s", sign)
		}
	}
}

func scaleItems(p *survey.Pack) map[string]bool {
	in := make(map[string]bool)
	for _, s := range p.Scales {
		for _, id := range s.Items {
			in[id] = true
		}
	}
	return in
}

// Heavy items are the ones about burnout and secondary trauma. They never
// stand side by side, neither first nor last, and something good comes at
// least every seven items.
func TestHeavyItemsOfThePulseDoNotPileUp(t *testing.T) {
	p := pulse(t)
	heavy := func(i int) bool { return p.Items[i].Topic == "burnout" || p.Items[i].Topic == "secondary_trauma" }
	good := func(i int) bool { return p.Items[i].Topic == "sustains" }
	last, since := len(p.Items)-1, 0
	if !good(0) || !good(last) {
		t.Errorf("begins with %s and ends with %s, want something that sustains", p.Items[0].ID, p.Items[last].ID)
	}
	for i := range p.Items {
		if i > 0 && heavy(i) && heavy(i-1) {
			t.Errorf("%s and %s stand side by side", p.Items[i-1].ID, p.Items[i].ID)
		}
		if since++; good(i) {
			since = 0
		}
		if since >= 7 {
			t.Errorf("seven items without anything good up to %s", p.Items[i].ID)
		}
	}
}

// "Never" as an answer to a sentence with a negation makes two negations.
func TestNoItemOfThePulseHoldsANegation(t *testing.T) {
	negations := map[string][]string{
		"en": {"not", "no", "never", "nothing", "nobody", "without", "neither", "nor"},
		"fr": {"ne", "pas", "non", "jamais", "rien", "personne ne", "sans", "ni", "aucun", "aucune"},
		"es": {"no", "nunca", "nada", "nadie", "sin", "ni", "ningún", "ninguna", "jamás"},
	}
	for _, item := range pulse(t).Items {
		for lang, words := range negations {
			text := " " + strings.NewReplacer(",", " ", ".", " ", "’", "’ ").Replace(strings.ToLower(item.Text[lang])) + " "
			for _, word := range append(words, "n’") {
				if strings.Contains(text, " "+word+" ") || strings.Contains(text, "n’t ") {
					t.Errorf("%s in %s says %q: %s", item.ID, lang, word, item.Text[lang])
				}
			}
		}
	}
}

// No text of the pulse shouts, and none comes near what a survey without a
// reader must not ask: the words are stems in the three languages.
func TestThePulseAsksNothingThatNobodyCouldAnswerFor(t *testing.T) {
	p := pulse(t)
	texts := []survey.Text{p.Title, p.Disclaimer, p.RecallWindow}
	for _, item := range p.Items {
		texts = append(texts, item.Text)
	}
	for _, s := range p.Scales {
		texts = append(texts, s.Title, s.Plain, s.Low, s.Middle, s.High)
	}
	for _, text := range texts {
		for lang, words := range text {
			for _, stem := range []string{"suicid", "self-harm", "hurt yourself", "automutil", "autolesi", "kill", "tuer", "matar", "!", "100 %"} {
				if strings.Contains(strings.ToLower(words), stem) {
					t.Errorf("%s holds %q: %s", lang, stem, words)
				}
			}
		}
	}
}
