package survey

// The ways a scale is scored. MethodMean reports the mean of the answered
// items, a response category; MethodSum reports that mean times the number of
// items, the raw unit of instruments that add their items up.
const (
	MethodMean = "mean"
	MethodSum  = "sum"
)

// ItemScore is what an answer counts as: its option's score, or (min + max) −
// score where the item is reversed, with min and max the lowest and highest
// score of the item's options. It is not ok for an answer that counts as left
// out, and for a value that is no option. Source: ANALYTICS, "Scoring".
func ItemScore(item Item, value int) (score float64, ok bool) {
	place := item.optionIndex(value)
	if place < 0 {
		return 0, false
	}
	counts, ok := item.options[place].Counts()
	if !ok {
		return 0, false
	}
	if item.Reverse {
		counts = item.Min() + item.Max() - counts
	}
	return float64(counts), true
}

// Score is one respondent's score on the scale, in the scale's reporting
// unit: the mean of the answered items after reversing, times the number of
// items when the method is "sum". It is ok when at least MinAnswered items
// are answered; otherwise there is no score, which is never 0. The values in
// a must be options of their items, as Sheet.Decode gives them. Source:
// ANALYTICS, "Scoring".
//
// A team's value is made from these scores, person means first and the mean
// of persons after: taking item means first would give another figure as soon
// as somebody leaves an item out.
//
// The sum is taken over whole numbers, divided once, and multiplied after, so
// that every machine that follows IEEE 754 gets the same bits: the phone
// scores with the same steps (survey/testdata/README.md).
func (s Scale) Score(p *Pack, a Answers) (score float64, ok bool) {
	sum, answered := 0.0, 0
	for _, id := range s.Items {
		value, given := a[id]
		item := p.find(id)
		if !given || item == nil {
			continue
		}
		counts, scored := ItemScore(*item, value)
		if !scored {
			continue
		}
		sum += counts
		answered++
	}
	if answered < s.MinAnswered || answered == 0 {
		return 0, false
	}
	mean := sum / float64(answered)
	if s.Method == MethodSum {
		return mean * float64(len(s.Items)), true
	}
	return mean, true
}

// Range is the lowest and the highest score that the scale can have, in its
// reporting unit: 1 and 5 for the mean of items from 1 to 5, 10 and 50 for the
// sum of ten of them. The reader refuses a scale whose items differ in it.
func (s Scale) Range(p *Pack) (low, high float64) {
	if len(s.Items) == 0 {
		return 0, 0
	}
	item := p.find(s.Items[0])
	if item == nil {
		return 0, 0
	}
	low, high = float64(item.Min()), float64(item.Max())
	if s.Method == MethodSum {
		low, high = low*float64(len(s.Items)), high*float64(len(s.Items))
	}
	return low, high
}

// find points at an item without copying it: a release scores millions of
// answers. It is nil when the pack has no such item.
func (p *Pack) find(id string) *Item {
	for i := range p.Items {
		if p.Items[i].ID == id {
			return &p.Items[i]
		}
	}
	return nil
}
