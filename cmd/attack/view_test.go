package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// block is a team of a made-up organisation, with what its people answered.
type block struct {
	answers []int
	value   float64
	mark    mark
}

// shownMean is how a mean is shown as docs/disclosure.md has it: the sum held
// within clamps, rounded to the step, marked at the ends.
func (b *block) show(sum float64) {
	n := float64(len(b.answers))
	low, high := n+4, 5*n-4
	step := stepFor(len(b.answers))
	first, last := math.Ceil(4/n/step-tiny), math.Floor((4-4/n)/step+tiny)
	at := math.Round((sum/n - 1) / step)
	b.mark = exact
	switch {
	case sum <= low || at < first:
		at, b.mark = first, orLess
	case sum >= high || at > last:
		at, b.mark = last, orMore
	}
	b.value = 1 + at*step
}

func stepFor(n int) float64 {
	switch {
	case n >= 20:
		return 0.1
	case n >= 10:
		return 0.25
	}
	return 0.5
}

func clamp(sum, n float64) float64 { return math.Max(n+4, math.Min(5*n-4, sum)) }

// world is an export of one wave: an organisation of teams with one question.
func world(teams []block, whole block, extra ...figure) *view {
	s := source{from: "export", facts: newFacts()}
	s.facts.k = 5
	s.facts.steps = []stepRule{{0, 0.5}, {10, 0.25}, {20, 0.1}}
	s.facts.options["q"] = usual()
	s.facts.log["w"] = []string{"manifest", "release"}
	add := func(id, level, parent string, b block) {
		s.figures = append(s.figures, figure{
			wave: "w", unit: unitRef{id: id, name: id, level: level, parent: parent}, measure: "q", statistic: mean,
			value: number{value: b.value, decimals: 2, mark: b.mark}, valued: true, n: len(b.answers), invited: len(b.answers) + 1, status: "shown", k: 5, from: "export",
		})
	}
	add("all", "organisation", "", whole)
	for i, b := range teams {
		add(fmt.Sprint("team ", i), "team", "all", b)
	}
	s.figures = append(s.figures, extra...)
	return newView("somebody", []source{s})
}

func (v *view) all() []finding {
	var all []finding
	found := func(f finding) { all = append(all, f) }
	for _, text := range v.unlike {
		found(finding{Kind: kindUnlike, What: text})
	}
	v.numbersOfHidden(found)
	v.open(found)
	for _, at := range v.order() {
		v.groups(at, v.columns[at], found)
		if at.statistic == mean {
			means := v.values(at, v.columns[at], found)
			v.counts(at.wave, at.measure, means, found)
		}
	}
	v.newcomers(found)
	return all
}

func drawTeams(t *rapid.T) []block {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) block {
		most := rapid.IntRange(1, 5).Draw(t, "most") // some teams answer at one end only
		return block{answers: rapid.SliceOfN(rapid.IntRange(1, most), 5, 30).Draw(t, "answers")}
	}), 1, 5).Draw(t, "teams")
}

func total(answers []int) float64 {
	sum := 0
	for _, a := range answers {
		sum += a
	}
	return float64(sum)
}

// Figures that are clamped and stepped as documented exclude no answer and
// contradict nothing, whatever people answered.
func TestWhatIsShownAsDocumentedIsNoFinding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		teams := drawTeams(t)
		whole, sum := block{}, 0.0
		for i := range teams {
			b := &teams[i]
			b.show(total(b.answers))
			whole.answers = append(whole.answers, b.answers...)
			sum += clamp(total(b.answers), float64(len(b.answers)))
		}
		whole.show(sum)
		if found := world(teams, whole).all(); len(found) > 0 {
			t.Fatalf("%+v\n%s", teams, some(found))
		}
	})
}

// Where larger figures are not made of clamped parts, what is called impossible
// is so: nobody there gave that answer.
func TestWhatIsCalledImpossibleIsSo(t *testing.T) {
	caught := 0
	rapid.Check(t, func(t *rapid.T) {
		teams := drawTeams(t)
		whole, sum := block{}, 0.0
		for i := range teams {
			b := &teams[i]
			b.show(total(b.answers))
			whole.answers = append(whole.answers, b.answers...)
			sum += total(b.answers)
		}
		n := float64(len(whole.answers))
		step := stepFor(len(whole.answers))
		whole.value = 1 + step*math.Round((sum/n-1)/step)
		for _, f := range world(teams, whole).all() {
			if f.Kind != kindAnswer {
				continue
			}
			caught++
			people := whole.answers
			for i := range teams {
				if f.Unit == fmt.Sprint("team ", i) {
					people = teams[i].answers
				}
			}
			_, list, _ := strings.Cut(f.What, "answered ")
			for _, never := range strings.Split(list, " or ") {
				if slices.ContainsFunc(people, func(a int) bool { return fmt.Sprint(a) == never }) {
					t.Fatalf("%s: somebody answered %s: %v", some([]finding{f}), never, people)
				}
			}
		}
	})
	if caught == 0 {
		t.Error("nothing was ever excluded")
	}
}

func twoTeams() ([]block, block) {
	teams := []block{{answers: make([]int, 12), value: 3}, {answers: make([]int, 8), value: 2.5}}
	return teams, block{answers: make([]int, 20), value: 2.8}
}

func kinds(all []finding) []string {
	var names []string
	for _, f := range all {
		names = append(names, f.Kind+" "+f.Unit)
	}
	return names
}

func TestASmallRemainderIsNamedWithWhatItsMeanCanBe(t *testing.T) {
	teams, whole := twoTeams()
	teams[1].answers = make([]int, 5) // three are left
	hidden := figure{wave: "w", unit: unitRef{id: "team 2", name: "team 2", level: "team", parent: "all"}, measure: "q", statistic: mean, n: unknown, invited: 9, status: "suppressed", from: "export"}
	found := world(teams, whole, hidden).all()
	if len(found) != 1 || found[0].Kind != kindGroup || found[0].N != 3 || found[0].Unit != "team 2" || !strings.Contains(found[0].How, "all − ") {
		t.Errorf("%s", some(found))
	}
}

func TestTwoOutputsThatDisagreeAreFound(t *testing.T) {
	teams, whole := twoTeams()
	other := figure{wave: "w", unit: unitRef{id: "team 0", name: "team 0", level: "team", parent: "all"}, measure: "q", statistic: mean, value: number{value: 3.25, decimals: 2}, valued: true, n: 12, invited: 13, status: "shown", from: "a page"}
	if found := world(teams, whole, other).all(); !slices.Contains(kinds(found), kindUnlike+" ") {
		t.Errorf("another value: %s", some(found))
	}
	other.value, other.valued, other.n, other.status = number{}, false, unknown, "suppressed"
	if found := world(teams, whole, other).all(); !slices.Contains(kinds(found), kindUnlike+" ") {
		t.Errorf("hidden here and shown there: %s", some(found))
	}
}

func TestAMeanBetweenTheStepsAndAnIntervalAroundAnotherAreFound(t *testing.T) {
	teams, whole := twoTeams()
	teams[1].value = 2.4 // of eight people, in halves
	if found := world(teams, whole).all(); !slices.Contains(kinds(found), kindFiner+" team 1") {
		t.Errorf("%s", some(found))
	}
	teams[1].value = 2.5
	around := func(low, high float64) figure {
		return figure{
			wave: "w", unit: unitRef{id: "team 1", name: "team 1", level: "team", parent: "all"}, measure: "q", statistic: mean, status: "shown",
			n: 8, invited: 9, low: plain(low), high: plain(high), ranged: true, from: "a page",
		}
	}
	if found := world(teams, whole, around(1.8, 3.2)).all(); len(found) > 0 {
		t.Errorf("around the value: %s", some(found))
	}
	if found := world(teams, whole, around(1.8, 3.4)).all(); !slices.Contains(kinds(found), kindCentre+" team 1") {
		t.Errorf("around 2.6: %s", some(found))
	}
}

func TestFiguresOfAWaveThatIsNotReleasedAreFound(t *testing.T) {
	teams, whole := twoTeams()
	v := world(teams, whole)
	v.facts.log["w"] = []string{"manifest"}
	v.facts.live = []string{"/console/waves: “41 of 222”"}
	if got := kinds(v.all()); len(got) != 4 || got[0] != kindOpen+" all" {
		t.Errorf("%v", got)
	}
}

// Three who came to a team of 40 that is shown in hundredths are known; in tenths
// they are not.
func TestANewcomerIsFoundWhereStepsAreFineOnly(t *testing.T) {
	for step, want := range map[float64]bool{0.01: true, 0.1: false} {
		v := &view{facts: newFacts(), columns: make(map[column][]*cell)}
		v.facts.k, v.facts.options["q"] = 5, usual()
		v.facts.steps = []stepRule{{0, step}}
		for wave, n := range map[string]int{"2026-10": 40, "2026-11": 43} {
			c := &cell{wave: wave, unit: "u", name: "u", measure: "q", statistic: mean, n: n, invited: n, valued: true, value: number{value: 3, decimals: 2}}
			v.columns[column{wave, "q", mean}] = []*cell{c}
		}
		found := v.all()
		v.risks = slices.DeleteFunc(v.risks, func(s string) bool { return !strings.Contains(s, "came or went") })
		got := slices.ContainsFunc(found, func(f finding) bool { return f.Kind == kindNewcomer && f.N == 3 })
		if got != want || (len(v.risks) > 0) == want {
			t.Errorf("steps of %v: %s; risks %v", step, some(found), v.risks)
		}
	}
}
