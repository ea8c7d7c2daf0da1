package survey_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"attune/survey"
)

// readingGrades are the reading grades of a pack's English texts: its items
// together, and what stands around them.
func readingGrades(p *survey.Pack) string {
	var items, around strings.Builder
	for _, item := range p.Items {
		items.WriteString(sentence(item.Text["en"]))
	}
	for _, text := range []survey.Text{p.Disclaimer, p.Notice} {
		around.WriteString(sentence(text["en"]))
	}
	for _, s := range p.Scales {
		for _, text := range []survey.Text{s.Plain, s.Low, s.Middle, s.High} {
			around.WriteString(sentence(text["en"]))
		}
	}
	grade := func(text string) string {
		if g, ok := readingGrade(text); ok {
			return fmt.Sprintf("%.1f", g)
		}
		return "no texts here"
	}
	return fmt.Sprintf("items %s, around them %s", grade(items.String()), grade(around.String()))
}

// sentence ends a text with a full stop where it has no end of its own.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	if strings.ContainsAny(text[len(text)-1:], ".?:") {
		return text + " "
	}
	return text + ". "
}

var (
	words     = regexp.MustCompile(`[\p{L}’]+`)
	sentences = regexp.MustCompile(`[.?:]+(\s|$)`)
	vowels    = regexp.MustCompile(`[aeiouy]+`)
)

// readingGrade is the Flesch–Kincaid grade of an English text: 0.39 ·
// words/sentences + 11.8 · syllables/words − 15.59, in years of school. Source:
// Kincaid, Fishburne, Rogers and Chissom (1975), Derivation of new readability
// formulas, Research Branch Report 8-75. It is not ok for a text without words.
func readingGrade(text string) (grade float64, ok bool) {
	all := words.FindAllString(strings.ToLower(text), -1)
	if len(all) == 0 {
		return 0, false
	}
	count := 0
	for _, word := range all {
		count += syllables(word)
	}
	n := float64(len(all))
	return 0.39*n/math.Max(1, float64(len(sentences.FindAllString(text, -1)))) + 11.8*float64(count)/n - 15.59, true
}

// syllables counts groups of vowels, without a silent e at the end ("time", not
// "table") and without the e of "-ed" after anything but d and t.
func syllables(word string) int {
	word = strings.Trim(strings.TrimSuffix(word, "’s"), "’")
	switch {
	case strings.HasSuffix(word, "ed") && len(word) > 3 && !strings.HasSuffix(word, "ded") && !strings.HasSuffix(word, "ted"):
		word = word[:len(word)-2] + "d"
	case strings.HasSuffix(word, "e") && !strings.HasSuffix(word, "le") && len(word) > 2:
		word = word[:len(word)-1]
	}
	return max(1, len(vowels.FindAllString(word, -1)))
}

func TestTheReadingGradeFollowsItsFormula(t *testing.T) {
	// 6 words, 1 sentence, 6 syllables: .39·6 + 11.8·1 − 15.59 = −1.45.
	if g, ok := readingGrade("The cat sat on the mat."); !ok || math.Abs(g+1.45) > 1e-9 {
		t.Errorf("grade %g %t, want -1.45", g, ok)
	}
	// 4 words in 2 sentences; groups of vowels: supervision 4, helps 1, families
	// 3, gain 1, together 9: .39·2 + 11.8·9/4 − 15.59.
	if g, _ := readingGrade("Supervision helps. Families gain."); math.Abs(g-(0.39*2+11.8*9/4-15.59)) > 1e-9 {
		t.Errorf("grade %g", g)
	}
	if _, ok := readingGrade(" … "); ok {
		t.Error("a text without words has a grade")
	}
	for word, want := range map[string]int{"time": 1, "table": 2, "noticed": 2, "needed": 2, "planned": 1, "the": 1, "organisation’s": 5} {
		if got := syllables(word); got != want {
			t.Errorf("%s has %d syllables, want %d", word, got, want)
		}
	}
}

// Items are for people at the end of a hard shift: grade 8 is what general
// readers are written for, and competencies are for a profession.
func TestItemsReadEasily(t *testing.T) {
	for _, p := range builtIn(t).All() {
		var items strings.Builder
		for _, item := range p.Items {
			items.WriteString(sentence(item.Text["en"]))
		}
		if g, ok := readingGrade(items.String()); ok && g > 8 {
			t.Errorf("the items of %s have reading grade %.1f, want at most 8", p.ID, g)
		}
	}
}
