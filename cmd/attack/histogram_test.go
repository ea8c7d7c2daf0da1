package main

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// sheets are all ways in which n people can have answered 1 to 5, one by one.
func sheets(n int, do func(answers []int)) {
	answers := make([]int, n)
	var next func(at, least int)
	next = func(at, least int) {
		if at == n {
			do(answers)
			return
		}
		for a := least; a <= 5; a++ {
			answers[at] = a
			next(at+1, a)
		}
	}
	next(0, 1)
}

// tellable is what is known of a group of people by its answers alone.
func tellable(answers []int) (sum, sd float64, bands [3]float64) {
	squares := 0.0
	for _, a := range answers {
		sum += float64(a)
		squares += float64(a * a)
		switch {
		case a < 3:
			bands[0]++
		case a == 3:
			bands[1]++
		default:
			bands[2]++
		}
	}
	n := float64(len(answers))
	return sum, math.Sqrt(math.Max(0, squares-sum*sum/n) / (n - 1)), bands
}

// Held against trial of every answer sheet of up to eight people: an answer is
// called impossible exactly when no sheet that fits has it.
func TestImpossibleAnswersAreThoseOfNoSheetThatFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 8).Draw(t, "n")
		p := puzzle{n: n, options: usual(), whole: true, sum: everything(), sd: everything()}
		low := rapid.IntRange(n, 5*n).Draw(t, "low")
		p.sum = span{float64(low), float64(low + rapid.IntRange(0, 4).Draw(t, "width"))}
		if rapid.Bool().Draw(t, "with bands") {
			p.bands = &[3]span{}
			for i := range p.bands {
				from := rapid.IntRange(0, n).Draw(t, "from")
				p.bands[i] = span{float64(from), float64(from + rapid.IntRange(0, 2).Draw(t, "more"))}
			}
		}
		if rapid.Bool().Draw(t, "with sd") {
			sd := float64(rapid.IntRange(0, 20).Draw(t, "sd")) / 10
			p.sd = span{math.Max(0, sd-0.05), sd + 0.05}
		}
		possible := make(map[int]bool)
		sheets(n, func(answers []int) {
			sum, sd, bands := tellable(answers)
			if sum < p.sum.low || sum > p.sum.high || sd < p.sd.low-1e-6 || sd > p.sd.high+1e-6 {
				return
			}
			for i, band := range bands {
				if p.bands != nil && (band < p.bands[i].low || band > p.bands[i].high) {
					return
				}
			}
			for _, a := range answers {
				possible[a] = true
			}
		})
		var want []float64
		for a := 1; a <= 5; a++ {
			if !possible[a] {
				want = append(want, float64(a))
			}
		}
		if got := p.impossible(); !slices.Equal(got, want) {
			t.Fatalf("%+v: %v, by trial %v", p, got, want)
		}
	})
}

// A scale is judged by what any scores may be: what somebody has is never
// called impossible, whatever the others have.
func TestAScoreThatSomebodyHasIsNeverImpossible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		thirds := rapid.SliceOfN(rapid.IntRange(3, 15), 2, 20).Draw(t, "thirds")
		sum, squares := 0.0, 0.0
		for _, x := range thirds {
			v := float64(x) / 3
			sum, squares = sum+v, squares+v*v
		}
		n := float64(len(thirds))
		sd := math.Round(10*math.Sqrt(math.Max(0, squares-sum*sum/n)/(n-1))) / 10
		p := puzzle{n: len(thirds), options: usual(), sum: span{sum - n/8, sum + n/8}, sd: span{math.Max(0, sd-0.05), sd + 0.05}}
		for _, x := range thirds {
			if !p.possible(float64(x) / 3) {
				t.Fatalf("%v: %d thirds are called impossible", thirds, x)
			}
		}
	})
}

// Ten people with mean 3 and sd 0.5 gave no 1 and no 5
// (docs/decisions/counts-and-spread.md): a 1 alone is 4/(9·0.25) too much.
func TestASmallSpreadExcludesTheEnds(t *testing.T) {
	p := puzzle{n: 10, options: usual(), sum: span{30, 30}, sd: span{0.45, 0.55}}
	never := p.impossible()
	if !slices.Contains(never, 1) || !slices.Contains(never, 5) || slices.Contains(never, 3) {
		t.Errorf("%v", never)
	}
}

// A mean of 5 of six people leaves no other answer; 4.5 or more leaves all.
func TestAnEndOfTheScaleIsForcedOnlyWithoutClamps(t *testing.T) {
	p := puzzle{n: 6, options: usual(), whole: true, sum: span{28.5, 30}, sd: everything()}
	if got := p.impossible(); !slices.Equal(got, []float64{1, 2, 3}) { // 29 leaves one 4
		t.Errorf("%v", got)
	}
	p.sum = span{25.5, 30} // 4.5 or more in halves: 26 is 5·5 and a 1
	if got := p.impossible(); len(got) > 0 {
		t.Errorf("%v", got)
	}
}
