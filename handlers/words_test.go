package handlers

import (
	"slices"
	"testing"
	"time"
)

func TestNumbersAreWrittenAsTheLanguageWritesThem(t *testing.T) {
	for _, c := range []struct {
		lang  string
		value float64
		want  string
	}{{"en", 2.5, "2.5"}, {"en", 3, "3"}, {"en", 2.25, "2.25"}, {"fr", 2.25, "2,25"}, {"es", 2.1, "2,1"}, {"en", 0.1 + 0.2, "0.3"}} {
		if got := number(c.lang, c.value); got != c.want {
			t.Errorf("number(%s, %v) = %q, want %q", c.lang, c.value, got, c.want)
		}
	}
}

func TestMeansLieBetweenWords(t *testing.T) {
	s := newHouse(t).speech("en")
	words := map[int]string{1: "Never", 2: "Rarely", 3: "Sometimes"}
	for mean, want := range map[float64]string{
		1.5: "between “never” and “rarely”", 2: "at “rarely”", 2.9: "between “rarely” and “sometimes”", 3.5: "", 0: "",
	} {
		if got := s.between(words, mean); got != want {
			t.Errorf("between(%v) = %q, want %q", mean, got, want)
		}
	}
}

func TestDatesAndWavesAreWrittenOut(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct{ got, want string }{
		{h.speech("en").date("2026-11-02"), "2 November 2026"},
		{h.speech("fr").date("2026-08-01"), "1 août 2026"},
		{h.speech("es").date("2026-01-31"), "31 de enero de 2026"},
		{h.speech("en").date("soon"), "soon"},
		{h.speech("en").wave("2026-11"), "November 2026"},
		{h.speech("en").wave("2026-11-2"), "November 2026 (2)"},
		{h.speech("en").waveShort("2026-11"), "Nov\n2026"},
		{h.speech("en").wave("x"), "x"},
		{h.speech("en").list([]string{"a", "b", "c"}), "a, b and c"},
		{h.speech("en").list([]string{"a"}), "a"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// speech is the console's voice without a server around it.
func (h *house) speech(lang string) speech {
	return (&console{site: h.site, zone: time.UTC}).in(lang)
}

func TestChangesAreToldOnlyBetweenShownFiguresOfTheSameQuestions(t *testing.T) {
	s := newHouse(t).speech("en")
	shown := func(value float64, version string) figure { return figure{Shown: true, value: value, version: version} }
	for _, c := range []struct {
		before, now figure
		want        string
	}{
		{shown(2, "pulse 1.0"), shown(2.5, "pulse 1.0"), "0.5 higher than in the wave before"},
		{shown(2.5, "pulse 1.0"), shown(2.25, "pulse 1.0"), "0.25 lower than in the wave before"},
		{shown(2, "pulse 1.0"), shown(2, "pulse 1.0"), "the same as in the wave before"},
		{shown(2, "pulse 1.0"), shown(2.5, "pulse 1.1"), ""},
		{figure{version: "pulse 1.0"}, shown(2.5, "pulse 1.0"), ""},
	} {
		if got := s.change(c.before, c.now); got != c.want {
			t.Errorf("change = %q, want %q", got, c.want)
		}
	}
}

func TestALineBeginsAnewWhereTheQuestionsChange(t *testing.T) {
	figures := []figure{
		{Shown: true, value: 2, version: "pulse 1.0"}, {version: "pulse 1.0"}, {Shown: true, value: 3, version: "pulse 1.1"}, {Shown: true, value: 3, version: "pulse 1.1"},
	}
	raw, err := trend(measure{id: "burnout", low: 1, high: 5, words: map[int]string{1: "Never"}}, []chartLine{{roleOwn, "Team", figures}}, chartData{}, "")
	if err != nil {
		t.Fatal(err)
	}
	d := decodeChart(t, raw)
	if len(d.Option.Series) != 2 {
		t.Fatalf("%d series, want one for each version", len(d.Option.Series))
	}
	if d.Option.Series[0].Data[2].Value != missing || d.Option.Series[1].Data[0].Value != missing {
		t.Error("a series runs on into the other version")
	}
}

func TestTheFindingNamesWhatMovedAndWhatCannotBeCompared(t *testing.T) {
	s := newHouse(t).speech("en")
	answered := []figure{{wave: "2026-10", Shown: true}, {wave: "2026-11", Wave: "November 2026", Shown: true, N: "12", Invited: "15"}}
	card := func(title string, before, now float64) scaleCard {
		return scaleCard{measure: measure{title: title}, Figures: []figure{
			{wave: "2026-10", Shown: true, value: before}, {wave: "2026-11", Shown: true, value: now},
		}}
	}
	hidden := scaleCard{measure: measure{title: "Burnout"}, Figures: []figure{{wave: "2026-10"}, {wave: "2026-11", Shown: true, value: 2}}}
	first := "12 of 15 people answered in November 2026."
	for _, c := range []struct {
		cards []scaleCard
		want  []string
	}{
		{
			[]scaleCard{card("Burnout", 2, 2.5), card("Stress", 3, 2.75), card("Satisfaction", 4, 4)},
			[]string{first, "Higher than in the wave before: Burnout (by 0.5).", "Lower: Stress (by 0.25).", "Unchanged: Satisfaction."},
		},
		{[]scaleCard{card("Burnout", 2, 2)}, []string{first, "The main figures are the same as in the wave before."}},
		{[]scaleCard{hidden}, []string{first, "The wave before has no figures to compare with for this unit alone."}},
	} {
		if got := s.finding(answered, c.cards); !slices.Equal(got, c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
