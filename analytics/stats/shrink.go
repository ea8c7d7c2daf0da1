package stats

// Shrunken is one unit's estimate, drawn towards that of its siblings.
type Shrunken struct {
	Mean   float64 // the estimate
	Prior  float64 // what the siblings without the unit say
	Weight float64 // of the unit's own value in Mean, 0 to 1
}

// Shrink draws every value towards the mean of the others, the more the less
// certain it is and the more alike they are (normal–normal empirical Bayes):
//
//	θᵢ = wᵢ·yᵢ + (1−wᵢ)·m₋ᵢ,  wᵢ = τ²/(τ²+vᵢ)
//	m₋ᵢ = Σⱼ≠ᵢ yⱼ/(τ²+vⱼ) / Σⱼ≠ᵢ 1/(τ²+vⱼ)
//	τ² = (Σ(yⱼ−ȳ)²/vⱼ − (k−1)) / (Σ1/vⱼ − Σ1/vⱼ² / Σ1/vⱼ), below 0 → 0
//
// τ² and its ȳ (weighted by 1/v) are of all k values: without the unit, one
// that stands far out would count as chance and be drawn in among the others.
// variances are the squared standard errors v, above 0. It needs three values. Sources:
// DerSimonian and Laird 1986 for τ²; Efron and Morris 1975, Data analysis using
// Stein's estimator, for the estimate.
func Shrink(values, variances []float64) (shrunken []Shrunken, ok bool) {
	if len(values) < 3 || len(values) != len(variances) || !finite(values...) || !finite(variances...) {
		return nil, false
	}
	for _, v := range variances {
		if v <= 0 {
			return nil, false
		}
	}
	between := betweenVariance(values, variances)
	for i := range values {
		var weights, weighted []float64
		for j, y := range values {
			if j != i {
				weights = append(weights, 1/(between+variances[j]))
				weighted = append(weighted, y/(between+variances[j]))
			}
		}
		s := Shrunken{Prior: sum(weighted) / sum(weights), Weight: between / (between + variances[i])}
		s.Mean = s.Prior + s.Weight*(values[i]-s.Prior)
		if !finite(s.Mean, s.Prior, s.Weight) {
			return nil, false
		}
		shrunken = append(shrunken, s)
	}
	return shrunken, true
}

// betweenVariance is τ² of the values.
func betweenVariance(values, variances []float64) float64 {
	var weights, squared, weighted, q []float64
	for j, v := range variances {
		weights = append(weights, 1/v)
		squared = append(squared, 1/v/v)
		weighted = append(weighted, values[j]/v)
	}
	total := sum(weights)
	mean := sum(weighted) / total
	for j, v := range variances {
		q = append(q, (values[j]-mean)*(values[j]-mean)/v)
	}
	return max(0, (sum(q)-float64(len(values)-1))/(total-sum(squared)/total))
}
