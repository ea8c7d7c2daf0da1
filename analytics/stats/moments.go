package stats

import (
	"math"
	"slices"
)

// Mean is Σx/n; it needs one value.
func Mean(x []float64) (mean float64, ok bool) {
	if len(x) == 0 {
		return 0, false
	}
	mean = sum(x) / float64(len(x))
	if !finite(mean) {
		return 0, false
	}
	return mean, true
}

// SD is the standard deviation with n−1 degrees of freedom,
//
//	√( Σ(x−x̄)² / (n−1) )
//
// in the unit of x; it needs two values. It is exactly 0 when all values are
// equal.
func SD(x []float64) (sd float64, ok bool) {
	ss, ok := squares(x)
	if !ok || len(x) < 2 {
		return 0, false
	}
	return math.Sqrt(ss / float64(len(x)-1)), true
}

// squares is Σ(x−x̄)².
func squares(x []float64) (ss float64, ok bool) {
	mean, ok := Mean(x)
	if !ok {
		return 0, false
	}
	if slices.Min(x) == slices.Max(x) { // x̄ may differ from them in the last bit
		return 0, true
	}
	squared := make([]float64, len(x))
	for i, v := range x {
		squared[i] = (v - mean) * (v - mean)
	}
	ss = sum(squared)
	if !finite(ss) {
		return 0, false
	}
	return ss, true
}

// sum adds in ascending order.
func sum(x []float64) float64 {
	sorted := slices.Clone(x)
	slices.Sort(sorted)
	total := 0.0
	for _, v := range sorted {
		total += v
	}
	return total
}

func finite(x ...float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
