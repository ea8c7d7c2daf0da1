package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Confidence is the two-sided level of every interval.
const Confidence = 0.95

// upperTail is the probability below the upper end of an interval.
const upperTail = 1 - (1-Confidence)/2

// SE is the standard error of a mean over the process that made it, sd/√n. n
// is at least 1; with less it is +Inf.
func SE(sd float64, n int) float64 {
	if n < 1 {
		return math.Inf(1)
	}
	return sd / math.Sqrt(float64(n))
}

// FiniteSE is the standard error of a mean over the finite group that n
// answers came from: sd/√n · √(1 − n/people). It is 0 when everybody answered.
// Source: Cochran 1977, Sampling Techniques, section 2.6.
func FiniteSE(sd float64, n, people int) float64 {
	if n >= people {
		return 0
	}
	return SE(sd, n) * FiniteCorrection(n, people)
}

// FiniteCorrection is √(1 − n/people), 0 when everybody answered.
func FiniteCorrection(n, people int) float64 {
	if n >= people {
		return 0
	}
	return math.Sqrt(1 - float64(n)/float64(people))
}

// HalfWidth is half the width of the 95 % interval of a mean over the process
// that made it, without a finite population correction:
//
//	t(0.975; n−1) · sd / √n
//
// sd is the standard deviation in the unit of the mean; n is at least 2, with
// fewer the result is +Inf.
func HalfWidth(sd float64, n int) float64 {
	if n < 2 {
		return math.Inf(1)
	}
	return studentT(float64(n-1)) * sd / math.Sqrt(float64(n))
}

// FiniteHalfWidth is half the width of the 95 % interval of a mean over the
// finite group of people that n answers came from:
//
//	t(0.975; n−1) · sd/√n · √(1 − n/people)
//
// It is 0 when everybody answered. people is at least n; n is at least 2,
// with fewer the result is +Inf unless everybody answered.
func FiniteHalfWidth(sd float64, n, people int) float64 {
	if n >= people {
		return 0
	}
	return HalfWidth(sd, n) * FiniteCorrection(n, people)
}

// studentT is t(0.975; df).
func studentT(df float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(upperTail)
}

// normal is the 97.5 % point of the standard normal distribution.
func normal() float64 { return distuv.UnitNormal.Quantile(upperTail) }
