package stats

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Pearson is the product-moment correlation of two columns of equal length,
// −1 to 1; it needs three pairs and two columns that vary.
func Pearson(x, y []float64) (r float64, ok bool) {
	if len(x) != len(y) || len(x) < 3 {
		return 0, false
	}
	mx, okX := Mean(x)
	my, okY := Mean(y)
	sx, okSX := squares(x)
	sy, okSY := squares(y)
	if !okX || !okY || !okSX || !okSY || sx == 0 || sy == 0 {
		return 0, false
	}
	products := make([]float64, len(x))
	for i := range x {
		products[i] = (x[i] - mx) * (y[i] - my)
	}
	r = sum(products) / math.Sqrt(sx) / math.Sqrt(sy)
	if !finite(r) {
		return 0, false
	}
	return max(-1, min(1, r)), true
}

// fisherLost is what the number of pairs is short of in the variance of
// Fisher's z, 1/(n−3).
const fisherLost = 3

// Fisher is the 95 % interval of a correlation by Fisher's z transformation,
//
//	tanh( atanh r ± z(0.975)/√(n−3) )
//
// n is the number of pairs, divided by the design effect where they lie in
// teams, so it may be broken; more than 3. A correlation of ±1 has no
// interval. Source: Fisher 1921, On the "probable error" of a coefficient of
// correlation.
func Fisher(r, n float64) (low, high float64, ok bool) {
	if !finite(r, n) || n <= fisherLost || math.Abs(r) >= 1 {
		return 0, 0, false
	}
	z, reach := math.Atanh(r), normal()/math.Sqrt(n-fisherLost)
	return math.Tanh(z - reach), math.Tanh(z + reach), true
}

// FisherP is the two-sided p value of a correlation against 0 by the same
// transformation and with the same n, so that it is below .05 exactly when
// the interval leaves out 0.
func FisherP(r, n float64) (p float64, ok bool) {
	if !finite(r, n) || n <= fisherLost || math.Abs(r) >= 1 {
		return 0, false
	}
	return 2 * distuv.UnitNormal.Survival(math.Abs(math.Atanh(r))*math.Sqrt(n-fisherLost)), true
}

// ICC is the intraclass correlation ICC(1) of values that lie in groups, from
// the one-way analysis of variance with groups of unequal size:
//
//	(MSB − MSW) / (MSB + (n₀−1)·MSW),  n₀ = (N − Σn²/N) / (g−1)
//
// Estimates below 0 are given as 0. It needs two groups that are not empty,
// one of them with two values, and values that vary. Source: Donner 1986, A
// review of inference procedures for the intraclass correlation coefficient.
func ICC(groups [][]float64) (icc float64, ok bool) {
	var sizes []int
	var means, within []float64
	varies := false
	for _, g := range groups {
		if len(g) == 0 {
			continue
		}
		ss, ok := squares(g)
		mean, okMean := Mean(g)
		if !ok || !okMean {
			return 0, false
		}
		sizes, means, within = append(sizes, len(g)), append(means, mean), append(within, ss)
		varies = varies || ss > 0 || mean != means[0]
	}
	n := 0
	for _, size := range sizes {
		n += size
	}
	if !varies || n <= len(sizes) {
		return 0, false
	}
	return ICCOf(sizes, means, sum(within)/float64(n-len(sizes)))
}

// ICCOf is ICC from the sizes and means of the groups and the variance within
// them. It needs two groups, one of them of two.
func ICCOf(sizes []int, means []float64, within float64) (icc float64, ok bool) {
	if len(sizes) != len(means) || len(sizes) < 2 {
		return 0, false
	}
	var n, totals, squared, between []float64
	for i, size := range sizes {
		n = append(n, float64(size))
		squared = append(squared, float64(size)*float64(size))
		totals = append(totals, float64(size)*means[i])
	}
	people, g := sum(n), float64(len(sizes))
	grand := sum(totals) / people
	for i, mean := range means {
		between = append(between, n[i]*(mean-grand)*(mean-grand))
	}
	msb := sum(between) / (g - 1)
	n0 := (people - sum(squared)/people) / (g - 1)
	icc = (msb - within) / (msb + (n0-1)*within)
	if !finite(icc) {
		return 0, false
	}
	return max(0, min(1, icc)), true
}

// DesignEffect is by how much the variance of an estimate over people in
// groups exceeds that over as many independent people:
//
//	1 + (Σn²/Σn − 1) · icc
//
// It is at least 1. Σn²/Σn is the size of the group in which the average
// person sits. Source: Kish 1965, Survey Sampling, section 5.4, with Kish 1987
// for unequal sizes.
func DesignEffect(icc float64, sizes []int) float64 {
	n, squared := 0.0, 0.0
	for _, size := range sizes {
		n += float64(size)
		squared += float64(size) * float64(size)
	}
	if n == 0 || !finite(icc) {
		return 1
	}
	return max(1, 1+(squared/n-1)*icc)
}

// Holm adjusts the p values of a family of tests step down, so that the
// chance of any false finding in the family stays below the level that the
// adjusted values are compared with:
//
//	p̃(i) = max over j ≤ i of min(1, (m−j+1)·p(j)),  p(1) ≤ p(2) ≤ …
//
// A p value that is not a number from 0 to 1 counts as 1: a test that could
// not be made finds nothing and still belongs to the family. Source: Holm
// 1979, A simple sequentially rejective multiple test procedure.
func Holm(p []float64) []float64 {
	clean := make([]float64, len(p))
	order := make([]int, len(p))
	for i, v := range p {
		order[i] = i
		clean[i] = 1
		if v >= 0 && v <= 1 {
			clean[i] = v
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case clean[a] < clean[b]:
			return -1
		case clean[a] > clean[b]:
			return 1
		}
		return 0
	})
	adjusted, largest := make([]float64, len(p)), 0.0
	for place, i := range order {
		largest = max(largest, min(1, float64(len(p)-place)*clean[i]))
		adjusted[i] = largest
	}
	return adjusted
}
