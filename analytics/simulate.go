package analytics

import (
	"math"
	"math/rand/v2"

	"attune/survey"
)

// The made-up teams that the thresholds of signs were chosen with (ANALYTICS,
// "Signs of survival mode"). Levels and deviations are in response categories
// before an answer is rounded to a whole one.
const (
	simulatedPersonSD = 1.0  // within a team, in one wave
	simulatedStable   = 0.5  // share of the person variance that stays from wave to wave
	simulatedShared   = 0.5  // share of each part that a person's answers to all items have in common
	simulatedNoise    = 0.25 // of a whole team from wave to wave
	simulatedHarsh    = 0.5  // the same in scenario harsh
	simulatedTogether = 0.5  // correlation of that noise across items
	simulatedRate     = 0.75 // of the people answer, each wave anew
	simulatedFewer    = 0.6  // at the end of scenario fewer
	simulatedWaves    = 12
	simulatedChange   = 6 // waves before a level changes
	simulatedSlow     = 3 // waves over which a slow rise takes place

	simulatedQuiet  = 2.2
	simulatedSteady = 2.6
	simulatedHigh   = 3.2
)

// Items of a simulated ballot: the six signs, then a scale of three for
// trends.
const (
	simulatedSigns = 6
	simulatedScale = 3
	simulatedItems = simulatedSigns + simulatedScale
)

// simulatedBounds are those of an item with answers from 1 to 5;
// simulatedScaleBounds those of the mean of simulatedScale such items.
func simulatedBounds() bounds {
	return bounds{low: 1, high: signMost, category: 1, sd: ItemPlanningSD, den: 1}
}

func simulatedScaleBounds() bounds {
	b := simulatedBounds()
	b.den = simulatedScale
	return b
}

// simulatedTeam is one team over all waves.
type simulatedTeam struct {
	random *rand.Rand
	k      int
	stable [simulatedItems][]float64 // what stays of each person, by item
	came   []bool                    // who answers in this wave
	shared []float64                 // what a person's answers have in common in this wave
}

// newSimulatedTeam draws the people. What stays of them sums to 0 in each
// item, so that a level is the level of this team and not of the teams that
// it could have been.
func newSimulatedTeam(random *rand.Rand, people int) *simulatedTeam {
	t := &simulatedTeam{random: random, k: survey.MinK, came: make([]bool, people), shared: make([]float64, people)}
	for person := range people {
		t.shared[person] = random.NormFloat64()
	}
	for item := range t.stable {
		values, total := make([]float64, people), 0.0
		for person := range values {
			values[person] = t.part(simulatedStable, t.shared[person])
			total += values[person]
		}
		for person := range values {
			values[person] -= total / float64(people)
		}
		t.stable[item] = values
	}
	return t
}

// part draws a person's deviation in one item: a share of the variance, of
// which simulatedShared is the person's in all items.
func (t *simulatedTeam) part(share, shared float64) float64 {
	own := t.random.NormFloat64()
	return simulatedPersonSD * math.Sqrt(share) *
		(float64(math.Sqrt(simulatedShared)*shared) + float64(math.Sqrt(1-simulatedShared)*own))
}

// wave lets the team answer, with one level for the signs and one for the
// scale. It gives the displayed cell of each sign and of the scale, made by
// the code that makes those of a release.
func (t *simulatedTeam) wave(level, scaleLevel, noise, rate float64) (signs [simulatedSigns]Cell, scale Cell) {
	n := 0
	for person := range t.came {
		t.came[person] = t.random.Float64() < rate
		t.shared[person] = t.random.NormFloat64()
		if t.came[person] {
			n++
		}
	}
	all := t.random.NormFloat64()
	total := int64(0)
	for item := range t.stable {
		at := scaleLevel
		if item < simulatedSigns {
			at = level
		}
		at += noise * (float64(math.Sqrt(simulatedTogether)*all) + float64(math.Sqrt(1-simulatedTogether)*t.random.NormFloat64()))
		sum := t.answers(item, at)
		if item < len(signs) {
			signs[item] = t.cell(sum, n, simulatedBounds()) //nolint:gosec // item < len(signs) just above
		} else {
			total += sum
		}
	}
	return signs, t.cell(total, n, simulatedScaleBounds())
}

// answers is the sum of the answers to an item.
func (t *simulatedTeam) answers(item int, level float64) int64 {
	sum := int64(0)
	for person, came := range t.came {
		if !came {
			continue
		}
		answer := math.Round(level + t.stable[item][person] + t.part(1-simulatedStable, t.shared[person]))
		sum += int64(max(1, min(signMost, answer)))
	}
	return sum
}

// cell shows a sum as a release does: hidden below k, clamped, stepped.
func (t *simulatedTeam) cell(sum int64, n int, b bounds) Cell {
	if n < t.k {
		return Cell{Status: StatusSuppressed, Reason: ReasonProtected}
	}
	milli, reason := label(clamp(sum, n, b), n, b, stepMilli(n, false))
	return Cell{Status: StatusShown, Value: float64(milli) / 1000, N: n, Reason: reason}
}
