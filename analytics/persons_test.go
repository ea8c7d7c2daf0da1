package analytics

import "testing"

// Three items, two of which must be answered. Written out: the people have
// (1+2)/2 = 1.5, 5, no score, and 4, so their mean is 10.5/3 = 3.5. The items'
// means would give (3 + 10/3 + 5)/3 = 3.7778, all answers together 32/9 =
// 3.5556 (ANALYTICS, "Scoring": person means first, then the mean of persons).
func TestPeopleWeighAlikeHoweverManyItemsTheyAnswered(t *testing.T) {
	m := measure{least: 2, bounds: bounds{low: 1, high: 5, category: 1, den: denominator(2, 3)}}
	for at := range 3 {
		m.source = append(m.source, source{at: at, scores: []int64{1, 2, 3, 4, 5}})
	}
	total, people := int64(0), int64(0)
	for _, sheet := range [][]byte{{1, 2, 0}, {5, 5, 5}, {2, 0, 0}, {4, 3, 5}} { // a byte is the answer's place, 0 for skipped
		if units, ok := m.score(sheet); ok {
			total, people = total+units, people+1
		}
	}
	if people != 3 || float64(total)/float64(people*m.bounds.den) != 3.5 {
		t.Errorf("%d people, sum %d of 1/%d", people, total, m.bounds.den)
	}
}
