package analytics

import (
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// updateSigns writes the golden table anew. Whoever uses it also writes the
// full table of docs/decisions/signs-thresholds.md anew, with
// `attune simulate signs`, and looks at both.
var updateSigns = flag.Bool("update-signs", false, "write testdata/signs.json anew")

// Seed and size of the run that the golden file keeps: the first repetitions
// of the run that the documents show.
const (
	goldenSeed        = 1
	goldenRepetitions = 300
)

// The table is made by the code that shows, hides and judges in production,
// so any change to one of them changes it.
func TestTheSimulatedSignsAreThoseOfTheGoldenTable(t *testing.T) {
	got := SimulateSigns(goldenSeed, goldenRepetitions)
	const name = "testdata/signs.json"
	if *updateSigns {
		raw, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, append(raw, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var want SignSimulation
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if got.Seed != want.Seed || got.Repetitions != want.Repetitions || len(got.Signs) != len(want.Signs) || len(got.Trends) != len(want.Trends) {
		t.Fatalf("another run than that of %s", name)
	}
	// Shares of 300 teams are the same but for the last bits of a quotient.
	for i, row := range got.Signs {
		if !alike(row, want.Signs[i]) {
			t.Errorf("teams of %d, %s:\n%+v\nwant\n%+v", row.Team, row.Scenario, row, want.Signs[i])
		}
	}
	for i, row := range got.Trends {
		if !alike(row, want.Trends[i]) {
			t.Errorf("trend of teams of %d: %+v, want %+v", row.Team, row, want.Trends[i])
		}
	}
	promised(t, got)
}

// alike compares two rows to nine digits.
func alike[R any](a, b R) bool {
	var x, y map[string]any
	for row, into := range map[*R]*map[string]any{&a: &x, &b: &y} {
		raw, err := json.Marshal(row)
		if err != nil || json.Unmarshal(raw, into) != nil {
			return false
		}
	}
	for name, v := range x {
		number, isNumber := v.(float64)
		other, _ := y[name].(float64)
		if isNumber && math.Abs(number-other) > 1e-9 || !isNumber && v != y[name] {
			return false
		}
	}
	return true
}

// promised is the promise of ANALYTICS, "Signs of survival mode": a sudden
// rise is found within three waves in 70 of 100 teams of 8, 85 of 12, 95 from
// 20; in twelve quiet waves at most 5 in 100 teams have a given sign present,
// and at most 1 in 100 is in survival mode.
func promised(t *testing.T, s SignSimulation) {
	t.Helper()
	found := map[int]float64{8: .70, 12: .85, 20: .95, 40: .95}
	checked := 0
	for _, row := range s.Signs {
		switch row.Scenario {
		case ScenarioQuiet:
			checked++
			if row.Present > .05 || row.Survival > .01 {
				t.Errorf("teams of %d: one given sign falsely present in %.1f %%, unit in %.1f %%", row.Team, 100*row.Present, 100*row.Survival)
			}
		case ScenarioSudden:
			checked++
			if row.FoundSoon < found[row.Team] {
				t.Errorf("teams of %d: found in %.1f %%", row.Team, 100*row.FoundSoon)
			}
		}
	}
	if checked != 10 {
		t.Errorf("%d rows looked at, expected two for each of five sizes", checked)
	}
}

func TestALongerSimulationBeginsWithTheShorterOne(t *testing.T) {
	// Of a team's years, the first is in both: what it adds is whole.
	one, two := simulateSigns(7, 1, 12, ScenarioSudden), simulateSigns(7, 2, 12, ScenarioSudden)
	again := simulateSigns(7, 1, 12, ScenarioSudden)
	if one != again {
		t.Errorf("%+v, again %+v", one, again)
	}
	if first := two.Noticed*2 - one.Noticed; first < -1e-9 || first > 1+1e-9 {
		t.Errorf("one team %+v, two %+v", one, two)
	}
}

// The levels of the model are what answers have on average: 200 people, whose
// stable parts sum to 0, without the noise of a wave.
func TestSimulatedAnswersHaveTheirLevel(t *testing.T) {
	for _, level := range []float64{simulatedQuiet, simulatedSteady, simulatedHigh} {
		total := 0.0
		const teams = 50
		for seed := range uint64(teams) {
			y := newSimulatedTeam(rand.New(rand.NewPCG(seed, 3)), 200)
			cells, _ := y.wave(level, level, 0, 1)
			total += cells[0].Value / teams
		}
		// Rounding to whole answers from 1 moves 2.2 to 2.25 (normal
		// distribution, cut at .5, 1.5, …), 2.6 to 2.62 and 3.2 to 3.19.
		if math.Abs(total-level) > .08 {
			t.Errorf("level %.1f: %.3f", level, total)
		}
	}
}
