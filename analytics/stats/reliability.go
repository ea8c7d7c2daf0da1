package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Conditions of a published reliability (ANALYTICS, "Scoring").
const (
	AlphaFrom      = 30  // people who answered every item
	OmegaFrom      = 100 // people who answered every item
	OmegaItemsFrom = 4
)

// Coefficients of reliability.
const (
	CoefficientAlpha = "alpha"
	CoefficientOmega = "omega"
)

// Reliability is how far the items of a scale hang together, up to 1.
type Reliability struct {
	Coefficient string  // CoefficientAlpha, or CoefficientOmega
	Value       float64 // of that coefficient
	Alpha       float64
	Low, High   float64 // Feldt's 95 % interval of alpha
	N           int     // people who answered every item
}

// ReliabilityOf is omega where it can be had, alpha otherwise, from rows of
// people and columns of items, all answered. It is not ok with fewer than
// AlphaFrom people, and where alpha does not exist.
func ReliabilityOf(rows [][]float64) (Reliability, bool) {
	alpha, ok := Alpha(rows)
	if !ok || len(rows) < AlphaFrom {
		return Reliability{}, false
	}
	r := Reliability{Coefficient: CoefficientAlpha, Value: alpha, Alpha: alpha, N: len(rows)}
	if r.Low, r.High, ok = Feldt(alpha, len(rows), len(rows[0])); !ok {
		return Reliability{}, false
	}
	if omega, ok := Omega(rows); ok && len(rows) >= OmegaFrom && len(rows[0]) >= OmegaItemsFrom {
		r.Coefficient, r.Value = CoefficientOmega, omega
	}
	return r, true
}

// Alpha is Cronbach's alpha from rows of people and columns of items, all
// answered:
//
//	items/(items−1) · (1 − Σ variance of an item / variance of the sum)
//
// It needs two items, two people, and sums that vary; it may be negative.
// Source: Cronbach 1951, Coefficient alpha and the internal structure of tests.
func Alpha(rows [][]float64) (alpha float64, ok bool) {
	columns, ok := columnsOf(rows)
	if !ok || len(columns) < 2 || len(rows) < 2 {
		return 0, false
	}
	totals, within := make([]float64, len(rows)), make([]float64, len(columns))
	for i, row := range rows {
		totals[i] = sum(row)
	}
	for j, column := range columns {
		if within[j], ok = squares(column); !ok {
			return 0, false
		}
	}
	all, ok := squares(totals)
	items := float64(len(columns))
	alpha = items / (items - 1) * (1 - sum(within)/all)
	if !ok || all == 0 || !finite(alpha) {
		return 0, false
	}
	return alpha, true
}

// Feldt is the 95 % interval of Cronbach's alpha:
//
//	1 − (1−α)·F(0.975), 1 − (1−α)·F(0.025),  F with n−1 and (n−1)(items−1) df
//
// n is at least 2, items at least 2, alpha below 1. Source: Feldt 1965, The
// approximate sampling distribution of Kuder-Richardson reliability
// coefficient twenty.
func Feldt(alpha float64, n, items int) (low, high float64, ok bool) {
	if n < 2 || items < 2 || !finite(alpha) || alpha >= 1 {
		return 0, 0, false
	}
	f := distuv.F{D1: float64(n - 1), D2: float64((n - 1) * (items - 1))}
	low, high = 1-(1-alpha)*f.Quantile(upperTail), 1-(1-alpha)*f.Quantile(1-upperTail)
	if !finite(low, high) {
		return 0, 0, false
	}
	return low, high, true
}

// Limits of the search for one factor: it ends when no loading moves by more
// than omegaStill, and has failed after omegaRounds.
const (
	omegaStill  = 1e-10
	omegaRounds = 10_000
)

// Omega is McDonald's omega of one factor, from rows of people and columns of
// items, all answered:
//
//	(Σλ)² / ( (Σλ)² + Σ(1−λ²) )
//
// λ are the loadings that leave the smallest squared differences to the
// correlations of the items (minimum residual, as psych's fa with one factor).
// It is for standardised items. It needs three items that vary and a factor
// on which they load below 1. Source: McDonald 1999, Test Theory, chapter 6.
func Omega(rows [][]float64) (omega float64, ok bool) {
	columns, ok := columnsOf(rows)
	if !ok {
		return 0, false
	}
	r := make([][]float64, len(columns))
	for i := range columns {
		r[i] = make([]float64, len(columns))
		for j := range columns {
			if r[i][j], ok = Pearson(columns[i], columns[j]); !ok {
				return 0, false
			}
		}
	}
	return OmegaOf(r)
}

// OmegaOf is Omega from the correlations of the items.
func OmegaOf(r [][]float64) (omega float64, ok bool) {
	loadings, ok := oneFactor(r)
	if !ok {
		return 0, false
	}
	total, unique := 0.0, 0.0
	for _, l := range loadings {
		total += l
		unique += 1 - l*l
	}
	omega = total * total / (total*total + unique)
	if !finite(omega) {
		return 0, false
	}
	return omega, true
}

// oneFactor finds loadings λ that minimise Σ(rᵢⱼ − λᵢλⱼ)² over i < j, one at a
// time: each is the regression of its correlations on the other loadings.
func oneFactor(r [][]float64) (loadings []float64, ok bool) {
	if len(r) < 3 {
		return nil, false
	}
	loadings = make([]float64, len(r))
	for i := range r {
		for j := range r {
			loadings[i] += r[i][j] / float64(len(r))
		}
	}
	for range omegaRounds {
		moved := 0.0
		for i := range loadings {
			products, squared := 0.0, 0.0
			for j, l := range loadings {
				if j != i {
					products += r[i][j] * l
					squared += l * l
				}
			}
			next := products / squared
			moved = max(moved, math.Abs(next-loadings[i]))
			loadings[i] = next
			if !(math.Abs(next) < 1) { // an improper solution, or none
				return nil, false
			}
		}
		if moved <= omegaStill {
			return loadings, true
		}
	}
	return nil, false
}

// columnsOf turns rows of equal length into columns.
func columnsOf(rows [][]float64) (columns [][]float64, ok bool) {
	if len(rows) == 0 {
		return nil, false
	}
	columns = make([][]float64, len(rows[0]))
	for _, row := range rows {
		if len(row) != len(columns) {
			return nil, false
		}
		for j, v := range row {
			columns[j] = append(columns[j], v)
		}
	}
	return columns, true
}
