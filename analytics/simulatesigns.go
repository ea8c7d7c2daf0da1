package analytics

import (
	"math/rand/v2"
	"sync"

	"attune/survey"
)

// Scenarios of the simulation of signs. A change begins with wave
// simulatedChange+1 of simulatedWaves.
const (
	ScenarioQuiet    = "quiet"    // all signs at simulatedQuiet
	ScenarioSteady   = "steady"   // all at simulatedSteady
	ScenarioHarsh    = "harsh"    // quiet, with noise of simulatedHarsh
	ScenarioSudden   = "sudden"   // from quiet to simulatedHigh at once
	ScenarioSlow     = "slow"     // over simulatedSlow waves
	ScenarioRecovery = "recovery" // from simulatedHigh to quiet at once
	ScenarioFewer    = "fewer"    // sudden, while the share that answers falls to simulatedFewer
)

// scenarios in the order of the table.
func scenarios() []string {
	return []string{ScenarioQuiet, ScenarioSteady, ScenarioHarsh, ScenarioSudden, ScenarioSlow, ScenarioFewer, ScenarioRecovery}
}

// simulatedTeams are the team sizes of the table.
func simulatedTeams() []int { return []int{5, 8, 12, 20, 40} }

// Waves after a change within which something is looked for.
const (
	soonWaves  = 3
	laterWaves = 6
)

// SignRow is what became of the teams of one size in one scenario. All but
// Delay are shares from 0 to 1; what a scenario does not have is 0.
type SignRow struct {
	Team     int // people
	Scenario string

	// Where nothing changes: of years of simulatedWaves waves.
	Present  float64 // a given sign is present in some wave
	AnySign  float64 // at least one of the six
	Survival float64 // the unit is in survival mode in some wave
	Emerging float64 // a given sign is emerging in some wave

	// After a rise: of teams.
	FoundSoon  float64 // the unit is in survival mode within soonWaves
	FoundLater float64 // within laterWaves
	Delay      float64 // mean number of waves until then, counting the wave of the change as the first; of those found
	Noticed    float64 // a given sign is emerging or present in the first wave of the change
	WrongClear float64 // a given sign that is present clears although nothing got better; of those present

	// After a recovery: of those present, or in survival mode, in the wave before.
	ClearedSoon  float64 // a given sign is cleared, or not seen, within soonWaves
	ClearedLater float64 // within laterWaves
	OverSoon     float64 // the unit is no longer in survival mode within soonWaves

	CannotSay float64 // of a given sign's waves
}

// TrendRow is what the trend of a scale of three items shows for teams of one
// size, by rule 1: of teams.
type TrendRow struct {
	Team  int
	False float64 // worse or better in some of the first 12 waves, in which nothing changes
	Found float64 // worse within three waves of a rise by one category
}

// SignSimulation is the table by which the thresholds of signs were chosen.
type SignSimulation struct {
	Seed        uint64
	Repetitions int
	Signs       []SignRow
	Trends      []TrendRow
}

// SimulateSigns plays made-up teams through the production code of display,
// hiding, states, trends and survival mode. The same seed and number of
// repetitions, which is at least 1, give the same table, and the first
// repetitions of a longer run are those of a shorter one. Rows are played side
// by side on all processors.
func SimulateSigns(seed uint64, repetitions int) SignSimulation {
	s := SignSimulation{Seed: seed, Repetitions: repetitions}
	var running sync.WaitGroup
	teams := simulatedTeams()
	s.Trends = make([]TrendRow, len(teams))
	s.Signs = make([]SignRow, len(teams)*len(scenarios()))
	for i, people := range teams {
		running.Go(func() { s.Trends[i] = simulateTrend(seed, repetitions, people) })
		for j, scenario := range scenarios() {
			running.Go(func() { s.Signs[i*len(scenarios())+j] = simulateSigns(seed, repetitions, people, scenario) })
		}
	}
	running.Wait()
	return s
}

// course is the level, noise and response of a scenario in a wave.
func course(scenario string, wave int) (level, noise, rate float64) {
	level, noise, rate = simulatedQuiet, simulatedNoise, simulatedRate
	since := wave - simulatedChange + 1 // 1 in the first wave of the change
	switch scenario {
	case ScenarioSteady:
		level = simulatedSteady
	case ScenarioHarsh:
		noise = simulatedHarsh
	case ScenarioSudden, ScenarioFewer:
		if since > 0 {
			level = simulatedHigh
		}
	case ScenarioSlow:
		share := float64(max(0, min(simulatedSlow, since))) / simulatedSlow
		level += float64(share * (simulatedHigh - simulatedQuiet))
	case ScenarioRecovery:
		if since <= 0 {
			level = simulatedHigh
		}
	}
	if scenario == ScenarioFewer {
		share := float64(wave) / (simulatedWaves - 1)
		rate -= float64(share * (simulatedRate - simulatedFewer))
	}
	return level, noise, rate
}

// seeded gives the same numbers for the same seed and repetition.
func seeded(seed uint64, repetition int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(repetition))) //nolint:gosec // a simulation must be repeatable, and guards nothing
}

// year is one team's simulated waves. Secondary traumatic stress stays quiet
// in all of them: it can flag a unit wrongly, and helps to find none.
type year struct {
	states [][]SignState // by sign and wave
	modes  []Mode
}

func playYear(random *rand.Rand, people int, scenario string) year {
	team := newSimulatedTeam(random, people)
	signs := make([][]Point, simulatedSigns)
	scale := make([]Point, simulatedWaves)
	for wave := range simulatedWaves {
		level, noise, rate := course(scenario, wave)
		cells, stress := team.wave(level, simulatedQuiet, noise, rate)
		for i, c := range cells {
			signs[i] = append(signs[i], Point{Present: true, Cell: c})
		}
		scale[wave] = Point{Present: true, Cell: stress}
	}
	y := year{states: make([][]SignState, simulatedSigns)}
	for i, points := range signs {
		y.states[i] = SignStates(points)
	}
	verdicts := make([]Verdict, simulatedWaves)
	for wave := range verdicts {
		if present := presentAt(y.states, wave); present < signsWithSTS || present >= signsForSurvival {
			continue // the trend decides nothing
		}
		verdicts[wave] = TrendOf(scale[:wave+1], Measure{Low: 1, High: signMost, Category: 1}, survey.HigherWorse, nil).Verdict
	}
	y.modes = SurvivalModes(y.states, verdicts)
	return y
}

func presentAt(signs [][]SignState, wave int) int {
	present := 0
	for _, states := range signs {
		present += oneIf(states[wave] == SignPresent)
	}
	return present
}

func simulateSigns(seed uint64, repetitions, people int, scenario string) SignRow {
	var c signCounts
	for repetition := range repetitions {
		c.add(playYear(seeded(seed, repetition), people, scenario), scenario)
	}
	return c.row(people, scenario, repetitions)
}

// signCounts count teams, or signs of teams.
type signCounts struct {
	present, any, survival, emerging        int
	soon, later, delay, noticed             int
	risen, wrong                            int
	were, clearedSoon, clearedLater         int
	wereSurviving, overSoon, unknown, waves int
}

func (c *signCounts) add(y year, scenario string) {
	changes := scenario == ScenarioSudden || scenario == ScenarioSlow || scenario == ScenarioFewer
	someSign := false
	for _, states := range y.states {
		present := false
		for _, s := range states {
			present = present || s == SignPresent
			c.waves++
			c.unknown += oneIf(s == SignCannotSay)
		}
		c.present += oneIf(present)
		someSign = someSign || present
		c.emerging += oneIf(firstOf(states, 0, SignEmerging) >= 0)
		if first := states[simulatedChange]; changes && (first == SignEmerging || first == SignPresent) {
			c.noticed++
		}
		c.clears(states, scenario)
	}
	c.any += oneIf(someSign)
	c.survival += oneIf(firstOf(y.modes, 0, ModeSurvival) >= 0)
	if at := firstOf(y.modes, simulatedChange, ModeSurvival) - simulatedChange + 1; changes && at > 0 {
		c.soon += oneIf(at <= soonWaves)
		c.later += oneIf(at <= laterWaves)
		c.delay += at
	}
	if scenario == ScenarioRecovery && y.modes[simulatedChange-1] == ModeSurvival {
		c.wereSurviving++
		over := firstOf(y.modes, simulatedChange, ModeOther) - simulatedChange + 1
		c.overSoon += oneIf(over > 0 && over <= soonWaves)
	}
}

// clears counts how a sign that was present went away: rightly after a
// recovery, wrongly after a rise.
func (c *signCounts) clears(states []SignState, scenario string) {
	switch scenario {
	case ScenarioSudden, ScenarioSlow, ScenarioFewer:
		if at := firstOf(states, simulatedChange, SignPresent); at >= 0 {
			c.risen++
			c.wrong += oneIf(firstOf(states, at, SignCleared) >= 0)
		}
	case ScenarioRecovery:
		if states[simulatedChange-1] == SignPresent {
			c.were++
			after := firstOf(states, simulatedChange, SignCleared) - simulatedChange + 1
			c.clearedSoon += oneIf(after > 0 && after <= soonWaves)
			c.clearedLater += oneIf(after > 0 && after <= laterWaves)
		}
	}
}

// firstOf is the first wave from one on that shows something; −1 for none.
func firstOf[T comparable](waves []T, from int, what T) int {
	for i := from; i < len(waves); i++ {
		if waves[i] == what {
			return i
		}
	}
	return -1
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (c *signCounts) row(people int, scenario string, repetitions int) SignRow {
	share := func(of, all int) float64 {
		if all == 0 {
			return 0
		}
		return float64(of) / float64(all)
	}
	signs := repetitions * simulatedSigns
	r := SignRow{Team: people, Scenario: scenario, CannotSay: share(c.unknown, c.waves)}
	switch scenario {
	case ScenarioRecovery:
		r.ClearedSoon, r.ClearedLater = share(c.clearedSoon, c.were), share(c.clearedLater, c.were)
		r.OverSoon = share(c.overSoon, c.wereSurviving)
	case ScenarioSudden, ScenarioSlow, ScenarioFewer:
		r.FoundSoon, r.FoundLater = share(c.soon, repetitions), share(c.later, repetitions)
		r.Delay, r.Noticed, r.WrongClear = share(c.delay, c.later), share(c.noticed, signs), share(c.wrong, c.risen)
	default:
		r.Present, r.AnySign = share(c.present, signs), share(c.any, repetitions)
		r.Survival, r.Emerging = share(c.survival, repetitions), share(c.emerging, signs)
	}
	return r
}

// simulateTrend plays the scale of three items: TrendBaseline quiet waves, then
// soonWaves a category higher.
func simulateTrend(seed uint64, repetitions, people int) TrendRow {
	wrong, found := 0, 0
	m := Measure{Low: 1, High: signMost, Category: 1}
	for repetition := range repetitions {
		team := newSimulatedTeam(seeded(seed, repetition), people)
		var points []Point
		mistaken, seen := false, false
		for wave := range TrendBaseline + soonWaves {
			level := simulatedQuiet
			if wave >= TrendBaseline {
				level++
			}
			_, cell := team.wave(simulatedQuiet, level, simulatedNoise, simulatedRate)
			points = append(points, Point{Present: true, Cell: cell})
			switch v := TrendOf(points, m, survey.HigherWorse, nil).Verdict; {
			case wave < TrendBaseline:
				mistaken = mistaken || v == VerdictWorse || v == VerdictBetter
			default:
				seen = seen || v == VerdictWorse
			}
		}
		wrong += oneIf(mistaken)
		found += oneIf(seen)
	}
	return TrendRow{Team: people, False: float64(wrong) / float64(repetitions), Found: float64(found) / float64(repetitions)}
}
