package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// block is a team of a made-up organisation, with what its people answered.
type block struct {
	answers []int
	changed bool // a few people of the roster changed, so that steps are coarser
	value   float64
	mark    mark
}

// shownMean is how a mean is shown as docs/disclosure.md has it: the sum held
// within clamps, rounded to the step, marked at the ends.
func (b *block) show(sum float64) {
	n := float64(len(b.answers))
	low, high := n+4, 5*n-4
	step := b.step()
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

func (b *block) step() float64 {
	middle, fine := 10, 20
	if b.changed {
		middle, fine = 20, 40
	}
	switch n := len(b.answers); {
	case n >= fine:
		return 0.1
	case n >= middle:
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
		return block{changed: rapid.Bool().Draw(t, "changed"), answers: rapid.SliceOfN(rapid.IntRange(1, most), 5, 30).Draw(t, "answers")}
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
		whole, sum := block{changed: rapid.Bool().Draw(t, "whole changed")}, 0.0
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
		whole, sum := block{changed: rapid.Bool().Draw(t, "whole changed")}, 0.0
		for i := range teams {
			b := &teams[i]
			b.show(total(b.answers))
			whole.answers = append(whole.answers, b.answers...)
			sum += total(b.answers)
		}
		n := float64(len(whole.answers))
		step := whole.step()
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

// Ten people who all gave the lowest answer, shown as "1.5 or less", beside ten
// with 32 or 33 in all (3.25 in quarters), and a whole of 20 with 42 (2.1 in
// tenths): 43 at most less 31.25 at least leaves the first ten one 2 at most.
// Were the whole made of clamped parts, it would be 45.25 at least.
func TestAWholeThatIsNotClampedTellsOnItsParts(t *testing.T) {
	teams := []block{{answers: make([]int, 10), value: 1.5, mark: orLess}, {answers: make([]int, 10), value: 3.25}}
	found := world(teams, block{answers: make([]int, 20), value: 2.1}).all()
	i := slices.IndexFunc(found, func(f finding) bool { return f.Kind == kindAnswer && f.Unit == "team 0" })
	if i < 0 || found[i].What != "nobody can have answered 3 or 4 or 5" {
		t.Errorf("%s", some(found))
	}
	if found := world(teams, block{answers: make([]int, 20), value: 2.3}).all(); len(found) > 0 {
		t.Errorf("a whole of clamped parts: %s", some(found))
	}
}

// The same with a whole of 20 at 2, which may be a quarter or a tenth, and the
// other ten at 3: only once another question shows the whole at 2.3 is it known
// to be a tenth. Then 41 at most less 27.5 at least leaves no 5 among the first.
func TestAUnitsOtherValuesTellHowFineItIs(t *testing.T) {
	teams := []block{{answers: make([]int, 10), value: 1.5, mark: orLess}, {answers: make([]int, 10), value: 3}}
	whole := block{answers: make([]int, 20), value: 2}
	if found := world(teams, whole).all(); len(found) > 0 {
		t.Errorf("it may be a quarter: %s", some(found))
	}
	other := figure{wave: "w", unit: unitRef{id: "all", name: "all", level: "organisation"}, measure: "r", statistic: mean, value: plain(2.3), valued: true, n: 20, invited: 21, status: "shown", from: "export"}
	found := world(teams, whole, other).all()
	i := slices.IndexFunc(found, func(f finding) bool { return f.Kind == kindAnswer && f.Unit == "team 0" })
	if i < 0 || found[i].What != "nobody can have answered 5" {
		t.Errorf("it is a tenth: %s", some(found))
	}
}

// An organisation of 2,000 teams takes no more than a moment for each column.
func TestALargeOrganisationIsWorkedOnInAMoment(t *testing.T) {
	var teams []block
	for range 2000 {
		teams = append(teams, block{answers: make([]int, 10), value: 3})
	}
	began := time.Now()
	found := world(teams, block{answers: make([]int, 20000), value: 3}).all()
	if took := time.Since(began); len(found) > 0 || took > 5*time.Second {
		t.Errorf("%s; %s", took, some(found))
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
	if found := world(teams, whole, around(1.8, 3.3)).all(); !slices.Contains(kinds(found), kindCentre+" team 1") {
		t.Errorf("around 2.55: %s", some(found))
	}
}

func TestFiguresOfAWaveThatIsNotReleasedAreFound(t *testing.T) {
	teams, whole := twoTeams()
	v := world(teams, whole)
	v.facts.log["w"] = []string{"manifest"}
	v.facts.live = []string{"/console/waves: “41 of 222”"}
	if released := world(twoTeams()).all(); len(released) > 0 {
		t.Errorf("of a released wave: %s", some(released))
	}
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
