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
	n, p := len(y), len(x)
	df := float64(n)/deff - float64(p) - 1
	if p == 0 || !finite(deff) || deff < 1 || !(df >= 1) {
		return nil, false
	}
	outcome, ok := standardised(y)
	if !ok {
		return nil, false
	}
	z := mat.NewDense(n, p, nil)
	for j, column := range x {
		values, ok := standardised(column)
		if !ok || len(values) != n {
			return nil, false
		}
		z.SetCol(j, values)
	}
	var product mat.Dense
	product.Mul(z.T(), z)
	var inverse mat.Dense
	if err := inverse.Inverse(&product); err != nil || mat.Cond(&product, 1) > collinear {
		return nil, false
	}
	var right, beta, fitted mat.VecDense
	right.MulVec(z.T(), mat.NewVecDense(n, outcome))
	beta.MulVec(&inverse, &right)
	fitted.MulVec(z, &beta)
	residuals := make([]float64, n)
	for i, v := range outcome {
		residuals[i] = (v - fitted.AtVec(i)) * (v - fitted.AtVec(i))
	}
	variance := sum(residuals) / float64(n-p-1)
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	for j := range p {
		s := Slope{Beta: beta.AtVec(j), SE: math.Sqrt(deff * variance * inverse.At(j, j))}
		if !finite(s.Beta, s.SE) {
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

// standardised has mean 0 and standard deviation 1.
func standardised(x []float64) (z []float64, ok bool) {
	mean, ok := Mean(x)
	sd, okSD := SD(x)
	if !ok || !okSD || sd == 0 {
		return nil, false
	}
	z = make([]float64, len(x))
	for i, v := range x {
		z[i] = (v - mean) / sd
	}
	return z, finite(z...)
}
