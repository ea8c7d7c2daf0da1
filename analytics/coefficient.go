package analytics

import (
	"math"

	"attune/analytics/stats"
)

// Statistics of the organisation that are made of products.
const (
	StatisticCorrelation = "correlation"
	StatisticSlope       = "slope"
	StatisticAlpha       = "alpha"
	StatisticOmega       = "omega"
)

// Conditions of what is made of products (ANALYTICS, "Associations" and
// "Scoring"; PRIVACY, section 6, "Values").
const (
	associationFrom  = 60 // complete cases
	casesAPredictor  = 10 // complete cases for each predictor of one outcome's slopes
	variesLeast      = 10 // cases away from the most frequent value, for associations
	leastTolerance   = .1 // share of a predictor's variance that the others leave
	reliabilityItems = 2  // for alpha
)

// Coefficients lie on a grid of tenths from −0.9 to 0.9: at ±1 somebody who
// knows one side of a pair would know the other of everybody.
const (
	coefficientStep = 100 // thousandths
	coefficientMost = 900
	coefficientEnd  = 1000
)

// planningICC is the intraclass correlation of teams where fewer than
// pooledSets of them are shown by themselves. Source: James 1982, Aggregation
// bias in estimates of perceptual agreement: a median of .12 over studies.
const planningICC = .12

// coefficient rounds to tenths, halves towards 0, and marks the ends of the
// grid, behind which the true value may lie. lowest is the grid's low end.
func coefficient(x float64, lowest int64) (value int64, reason Reason) {
	value = coefficientStep * int64(math.Ceil(math.Abs(x)*1000/coefficientStep-.5))
	if x < 0 {
		value = -value
	}
	switch {
	case value <= lowest:
		return lowest, ReasonClampedLow
	case value >= coefficientMost:
		return coefficientMost, ReasonClampedHigh
	default:
		return value, ReasonNone
	}
}

// tenthDown and tenthUp round outward to the grid, in thousandths.
func tenthDown(x float64) int64 {
	return coefficientStep * int64(math.Floor(x*1000/coefficientStep))
}

func tenthUp(x float64) int64 { return coefficientStep * int64(math.Ceil(x*1000/coefficientStep)) }

// shownRange are the true coefficients that this value may stand for: half a
// step to either side.
func shownRange(value int64) (low, high float64) {
	return float64(value-coefficientStep/2) / 1000, float64(value+coefficientStep/2) / 1000
}

// correlationInterval is the interval of a displayed correlation: Fisher's of
// all true values that it may stand for, from n/deff cases, rounded outward to
// tenths. It is a function of what is shown.
func correlationInterval(value int64, n int, deff float64) (low, high int64, ok bool) {
	from, to := shownRange(value)
	effective := float64(n) / deff
	low, high = -coefficientEnd, coefficientEnd
	if value > -coefficientMost {
		end, _, known := stats.Fisher(from, effective)
		if !known {
			return 0, 0, false
		}
		low = tenthDown(end)
	}
	if value < coefficientMost {
		_, end, known := stats.Fisher(to, effective)
		if !known {
			return 0, 0, false
		}
		high = tenthUp(end)
	}
	return max(low, -coefficientEnd), min(high, coefficientEnd), true
}

// slopeInterval reaches to both sides of a displayed slope as far as t times
// the standard error and half a step, rounded up to a tenth. This reach is the
// one number beside the slope itself that is made of products.
func slopeInterval(value int64, s stats.Slope) (low, high int64) {
	reach := tenthUp(s.High - s.Beta + float64(coefficientStep)/2000)
	low, high = value-reach, value+reach
	if value <= -coefficientMost {
		low = -coefficientEnd
	}
	if value >= coefficientMost {
		high = coefficientEnd
	}
	return max(low, -coefficientEnd), min(high, coefficientEnd)
}

// alphaInterval is Feldt's interval of all true alphas that a displayed one
// may stand for, rounded outward to tenths and cut to 0 … 1. It is a function
// of what is shown.
func alphaInterval(value int64, n, items int) (low, high int64, ok bool) {
	from, to := shownRange(value)
	high = coefficientEnd
	end, _, ok := stats.Feldt(from, n, items)
	if !ok {
		return 0, 0, false
	}
	if value > 0 {
		low = max(0, tenthDown(end))
	}
	if value < coefficientMost {
		_, end, ok := stats.Feldt(to, n, items)
		if !ok {
			return 0, 0, false
		}
		high = min(coefficientEnd, tenthUp(end))
	}
	return low, max(high, value), true
}

// designEffect is by how much people in teams count for less than as many who
// have nothing to do with one another. It is worked out from what is published
// beside it: the intraclass correlation from the means, numbers and the
// standard deviation of the outcome's finest shown sets, or planningICC where
// they are few; the sizes from the headcounts of teams and the share of people
// who are cases.
func designEffect(finest []part, sd float64, headcounts []int, n, invited int) float64 {
	icc := planningICC
	if len(finest) >= pooledSets {
		sizes, means := make([]int, len(finest)), make([]float64, len(finest))
		for i, p := range finest {
			sizes[i], means[i] = p.n, p.mean
		}
		if shown, ok := stats.ICCOf(sizes, means, sd*sd); ok {
			icc = shown
		}
	}
	size := stats.DesignEffect(1, headcounts) // of the team in which the average person sits
	return max(1, 1+(size*float64(n)/float64(max(invited, 1))-1)*icc)
}
