package stats

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Slope is the standardised slope of one predictor, adjusted for the others:
// by how many standard deviations the outcome differs where the predictor
// differs by one.
type Slope struct {
	Beta      float64
	SE        float64 // the design effect is in it
	Low, High float64 // the 95 % interval
	P         float64 // two-sided, against 0
	Tolerance float64 // the share of the predictor's variance that the others leave, 0 to 1
}

// collinear is how far the condition of the predictors' correlations may go
// before slopes are refused: beyond it they are made of rounding errors.
const collinear = 1e10

// Slopes are the ordinary least squares slopes of an outcome on predictors,
// all standardised to mean 0 and standard deviation 1. x holds one column for
// each predictor, each as long as y. deff is the design effect, at least 1:
// standard errors grow by its root, and the degrees of freedom are those of
// n/deff people,
//
//	β = (Z'Z)⁻¹ Z'y,  se² = deff · s²·diag((Z'Z)⁻¹),  df = n/deff − predictors − 1
//
// It needs df of at least 1, columns that vary and predictors that are not
// linear functions of each other. With deff = 1 it is R's lm on scaled
// columns.
func Slopes(y []float64, x [][]float64, deff float64) (slopes []Slope, ok bool) {
	r, with := make([][]float64, len(x)), make([]float64, len(x))
	for i := range x {
		r[i] = make([]float64, len(x))
		if with[i], ok = Pearson(x[i], y); !ok {
			return nil, false
		}
		for j := range x {
			if r[i][j], ok = Pearson(x[i], x[j]); !ok {
				return nil, false
			}
		}
		r[i][i] = 1
	}
	return SlopesOf(r, with, len(y), deff)
}

// SlopesOf is Slopes from the correlations of the predictors with one another
// (r) and with the outcome (with), of n people:
//
//	β = R⁻¹r,  s² = (n−1)·(1 − r'β) / (n − predictors − 1)
func SlopesOf(r [][]float64, with []float64, n int, deff float64) (slopes []Slope, ok bool) {
	p := len(r)
	df := float64(n)/deff - float64(p) - 1
	if p == 0 || len(with) != p || !finite(deff) || deff < 1 || !(df >= 1) {
		return nil, false
	}
	product := mat.NewDense(p, p, nil)
	for i, row := range r {
		product.SetRow(i, row)
	}
	var inverse mat.Dense
	if err := inverse.Inverse(product); err != nil || mat.Cond(product, 1) > collinear {
		return nil, false
	}
	var beta mat.VecDense
	beta.MulVec(&inverse, mat.NewVecDense(p, with))
	explained := make([]float64, p)
	for i, c := range with {
		explained[i] = c * beta.AtVec(i)
	}
	left := max(0, 1-sum(explained)) / float64(n-p-1) // of the outcome's variance, a degree of freedom
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	for j := range p {
		s := Slope{Beta: beta.AtVec(j), SE: math.Sqrt(deff * left * inverse.At(j, j)), Tolerance: min(1, 1/inverse.At(j, j))}
		if !finite(s.Beta, s.SE, s.Tolerance) {
			return nil, false
		}
		reach := studentT(df) * s.SE
		s.Low, s.High = s.Beta-reach, s.Beta+reach
		if s.SE > 0 {
			s.P = 2 * t.Survival(math.Abs(s.Beta)/s.SE)
		}
		slopes = append(slopes, s)
	}
	return slopes, true
}
