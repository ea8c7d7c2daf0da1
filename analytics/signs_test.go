package analytics

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// together stands for a wave in which the unit is part of a combined block.
const together = -2

func signLine(n int, values ...float64) []Point {
	points := line(n, values...)
	for i, v := range values {
		if v == together {
			points[i].Cell = Cell{Pack: "pulse", PackVersion: "1", Status: StatusCombined, Block: "b:1"}
		}
	}
	return points
}

// Thresholds of ANALYTICS, "Signs of survival mode", with the step grids of
// 0.5 below 10 answers, 0.25 below 20 and 0.1 from there; "emerging" as in
// docs/decisions/signs-thresholds.md.
func TestStatesOfASign(t *testing.T) {
	const p, e, n, c, x = SignPresent, SignEmerging, SignNotSeen, SignCleared, SignCannotSay
	for _, test := range []struct {
		name   string
		n      int
		values []float64
		want   []SignState
	}{
		{"low", 8, []float64{2, 2.5, 3}, []SignState{n, n, n}},
		{"high once", 8, []float64{2, 3.5, 2}, []SignState{n, e, n}},
		{"few: mean 3.25 of two", 8, []float64{3, 3.5}, []SignState{n, p}},
		{"few: mean 3.0 of two", 8, []float64{3, 3}, []SignState{n, n}},
		{"many: mean 2.9 of two", 20, []float64{2.9, 2.9}, []SignState{n, p}},
		{"many: mean 2.85 of two", 20, []float64{2.9, 2.8}, []SignState{n, n}},
		{"emerging from 3.1", 20, []float64{2.4, 3.1, 2.4, 3.0}, []SignState{n, e, n, n}},
		{"one of the two is low", 20, []float64{2.4, 3.6}, []SignState{n, e}},
		{"each just high enough", 20, []float64{2.5, 3.4}, []SignState{n, p}},
		{"stays until two waves are low", 20, []float64{3, 3, 2.7, 2.8, 2.7, 2.7, 2.7}, []SignState{n, p, p, p, p, c, n}},
		{"2.75 is not low", 12, []float64{3, 3, 2.5, 2.75, 2.5, 2.5}, []SignState{n, p, p, p, p, c}},
		{"again after clearing", 20, []float64{3, 3, 2, 2, 3.1, 3}, []SignState{n, p, p, c, e, p}},
		{"one hidden between two", 20, []float64{3, gap, 3}, []SignState{n, n, p}},
		{"two hidden between two", 20, []float64{3, gap, gap, 3}, []SignState{n, n, n, n}},
		{"held at most twice", 20, []float64{3, 3, gap, gap, gap, 3, 3}, []SignState{n, p, p, p, x, n, p}},
		{"a hidden wave does not clear", 20, []float64{3, 3, 2, gap, 2}, []SignState{n, p, p, p, c}},
		{"nothing to hold", 20, []float64{gap, gap, 3}, []SignState{x, x, n}},
		{"combined", 20, []float64{3, 3, together, 3}, []SignState{n, p, x, p}},
		{"combined three times", 20, []float64{3, 3, together, together, together, 3}, []SignState{n, p, x, x, x, n}},
		{"hidden, combined, hidden", 20, []float64{3, 3, gap, together, gap}, []SignState{n, p, p, x, x}},
		// Five people, 3.5 and 3: 32.5 of 10 answers; without two answers of 5,
		// 22.5/8 = 2.8.
		{"not through one person", 5, []float64{3.5, 3}, []SignState{e, p}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := SignStates(signLine(test.n, test.values...)); !slices.Equal(got, test.want) {
				t.Errorf("%v\nwant %v", got, test.want)
			}
		})
	}
}

// Three answers cannot be shown, but the rule must hold by itself: 3 and 3.5
// of three people, without one 5 in each: (9 + 10.5 − 10)/4 = 2.375.
func TestOnePersonInBothWavesMakesNoSign(t *testing.T) {
	if signPresent(Cell{N: 3, Value: 3}, Cell{N: 3, Value: 3.5}) {
		t.Error("one person who answers 5 makes a sign")
	}
	if !signPresent(Cell{N: 5, Value: 3}, Cell{N: 5, Value: 3.5}) {
		t.Error("five people do not")
	}
}

func TestTheWavesOfATwoWaveMeanWeighByTheirAnswers(t *testing.T) {
	// 30 answers of 3.2 and 10 of 2.5: 3.025; unweighted it would be 2.85.
	if !signPresent(Cell{N: 30, Value: 3.2}, Cell{N: 10, Value: 2.5}) {
		t.Error("the larger wave weighs no more")
	}
	if signPresent(Cell{N: 10, Value: 3.2}, Cell{N: 30, Value: 2.5}) { // 2.675
		t.Error("the smaller wave weighs as much")
	}
	// One wave of nine makes 3.1 the threshold for both.
	if signPresent(Cell{N: 9, Value: 3}, Cell{N: 30, Value: 3}) {
		t.Error("the threshold of many for few")
	}
}

func TestABreakForgetsTheSign(t *testing.T) {
	points := signLine(20, 3, 3, 2, 2)
	points[2].Break = true
	if got, want := SignStates(points), []SignState{SignNotSeen, SignPresent, SignNotSeen, SignNotSeen}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	points = signLine(20, 3, 3)
	points[1].Break = true
	if got := SignStates(points); got[1] != SignNotSeen {
		t.Errorf("a pair over a break: %v", got)
	}
}

func TestSurvivalModeNeedsThreeSignsOrTwoWithStress(t *testing.T) {
	const p, e, n, x = SignPresent, SignEmerging, SignNotSeen, SignCannotSay
	for _, test := range []struct {
		name  string
		signs []SignState
		sts   Verdict
		want  Mode
	}{
		{"none", []SignState{n, n, n, n, n, n}, VerdictSteady, ModeOther},
		{"three", []SignState{p, p, p, n, n, n}, VerdictCannotSay, ModeSurvival},
		{"two", []SignState{p, p, e, e, e, e}, VerdictSteady, ModeOther},
		{"two while stress is worse", []SignState{p, p, n, n, n, n}, VerdictWorse, ModeSurvival},
		{"two while stress is watched", []SignState{p, p, n, n, n, n}, VerdictWatch, ModeOther},
		{"one while stress is worse", []SignState{p, n, n, n, n, n}, VerdictWorse, ModeOther},
		{"two and one unknown", []SignState{p, p, x, n, n, n}, VerdictSteady, ModeCannotSay},
		{"two and unknown, stress is worse", []SignState{p, p, x, n, n, n}, VerdictWorse, ModeSurvival},
		{"two unknown", []SignState{x, x, n, n, n, n}, VerdictSteady, ModeOther},
		{"all unknown", []SignState{x, x, x, x, x, x}, VerdictWorse, ModeCannotSay},
		{"never asked", nil, VerdictWorse, ModeCannotSay},
	} {
		if got := SurvivalMode(test.signs, test.sts); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestSurvivalModesEndTogether(t *testing.T) {
	const p, n = SignPresent, SignNotSeen
	// The third sign and the stress scale began a wave later.
	got := SurvivalModes([][]SignState{{p, p, n}, {p, p, n}, {p, n}}, []Verdict{VerdictSteady, VerdictWorse})
	if want := []Mode{ModeCannotSay, ModeSurvival, ModeOther}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestAHigherWaveNeverTakesASignAway(t *testing.T) {
	rank := map[SignState]int{SignCannotSay: 0, SignCleared: 1, SignNotSeen: 1, SignEmerging: 2, SignPresent: 3}
	rapid.Check(t, func(t *rapid.T) {
		points := series(t)
		if len(points) == 0 {
			return
		}
		at := rapid.IntRange(0, len(points)-1).Draw(t, "at")
		higher := slices.Clone(points)
		if published(higher[at]) {
			higher[at].Cell.Value = min(5, higher[at].Cell.Value+.5)
		}
		before, after := SignStates(points), SignStates(higher)
		for i := range before {
			if rank[after[i]] < rank[before[i]] {
				t.Errorf("wave %d is %s, and %s once wave %d is higher", i+1, before[i], after[i], at+1)
			}
		}
	})
}
