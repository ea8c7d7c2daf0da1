package analytics

import (
	"cmp"
	"slices"

	"attune/analytics/stats"
	"attune/survey"
)

// variable is what one ballot gives for a figure made of products: the score
// of a measure, or the least of what its items read, which for items read as
// 0 and 1 is "all of them".
type variable struct {
	measure int      // its place in Tally.measures; noMeasure for items
	items   []source // of which every one has to be answered
	values  int      // all its values lie below
}

// noMeasure stands for the measure of a variable that is read from items.
const noMeasure = -1

// of reads a ballot; ok is false when an answer is missing.
func (v variable) of(ballot []byte, scores []int64, whole []bool) (value int64, ok bool) {
	if v.measure != noMeasure {
		return scores[v.measure], whole[v.measure]
	}
	for i, s := range v.items {
		b := ballot[s.at]
		if b == 0 || s.scores[b-1] == unscored {
			return 0, false
		}
		if x := s.scores[b-1]; i == 0 || x < value {
			value = x
		}
	}
	return value, true
}

// measured is the variable of a measure.
func measured(at int, m measure) variable {
	return variable{measure: at, values: int((m.bounds.bottom()+m.bounds.span())*m.bounds.den) + 1}
}

// itemVariable is the variable of one item of a measure.
func itemVariable(s source) variable {
	return variable{measure: noMeasure, items: []source{s}, values: int(slices.Max(s.scores)) + 1}
}

// reading is the variable of a predictor: 1 where it reads yes, else 0. An
// answer without a score ("I do not know") reaches no score and misses none: it
// counts as left out, unless the predictor asks for one answer and not for a
// score. first is the place of the pack's first item on the sheet.
func reading(p *survey.Pack, predictor survey.Predictor, first int) variable {
	v := variable{measure: noMeasure, values: 2}
	for _, id := range predictor.Items {
		for i, item := range p.Items {
			if item.ID != id {
				continue
			}
			s := source{at: first + i}
			for _, option := range item.Options() {
				yes := int64(0)
				if _, scored := survey.ItemScore(item, option.Value); !scored && predictor.AtLeast != nil {
					yes = unscored
				} else if predictor.Yes(item, option.Value) {
					yes = 1
				}
				s.scores = append(s.scores, yes)
			}
			v.items = append(v.items, s)
		}
	}
	return v
}

// cases are the ballots that have all of some variables: the complete cases
// behind figures that are made of products. They are a set of their own beside
// those of the measures, and settle keeps their number apart from theirs.
type cases struct {
	variables []variable
	within    int // a measure that a case has to score on as well, or noMeasure
	sums      *stats.Products
	often     [][]int // by variable and value: how many cases have it
	spare     []kept  // those that would be left out first, by lot
	limit     int     // of spare
	settled   bool    // their number may be shown
	values    []int64 // scratch
}

// kept is a case that may still be left out.
type kept struct {
	lot    uint64
	values []int64
}

func (a kept) compare(b kept) int {
	return cmp.Or(cmp.Compare(a.lot, b.lot), slices.Compare(a.values, b.values))
}

// spareTimesK is how many cases may be left out at most, in k.
const spareTimesK = 4

func newCases(k, within int, variables []variable) *cases {
	c := &cases{
		variables: variables, within: within, sums: stats.NewProducts(len(variables)), limit: spareTimesK * k,
		often: make([][]int, len(variables)), values: make([]int64, len(variables)),
	}
	for i, v := range variables {
		c.often[i] = make([]int, v.values)
	}
	return c
}

// add counts a ballot if it is complete.
func (c *cases) add(ballot []byte, scores []int64, whole []bool, lot uint64) {
	if c.within != noMeasure && !whole[c.within] {
		return
	}
	for i, v := range c.variables {
		value, ok := v.of(ballot, scores, whole)
		if !ok {
			return
		}
		c.values[i] = value
	}
	c.sums.Add(c.values)
	for i, value := range c.values {
		c.often[i][value]++
	}
	if len(c.spare) == c.limit && lot > c.spare[c.limit-1].lot {
		return
	}
	one := kept{lot, slices.Clone(c.values)}
	at, _ := slices.BinarySearchFunc(c.spare, one, kept.compare)
	c.spare = slices.Insert(c.spare, at, one)
	c.spare = c.spare[:min(len(c.spare), c.limit)]
}

// settle leaves out as few cases as it takes for their number to differ from
// each number in taken by nobody or by at least k: that of the complete cases
// beside that of a measure would otherwise tell that 1 to k−1 people left
// something out. Who is left out is drawn by lot, so that nobody can tell
// whether they are in. Where it would take too many there is no number to
// show.
func (c *cases) settle(taken []int, k int) {
	apart := func(n int) bool {
		for _, other := range taken {
			if n != other && n > other-k && n < other+k {
				return false
			}
		}
		return true
	}
	all := c.sums.N()
	for out := 0; out <= len(c.spare); out++ {
		if !apart(all - out) {
			continue
		}
		for _, one := range c.spare[:out] {
			c.sums.Remove(one.values)
			for i, value := range one.values {
				c.often[i][value]--
			}
		}
		c.settled = true
		break
	}
	c.spare = nil
}

// n is the number of cases behind a figure; 0 when none may be shown.
func (c *cases) n() int {
	if !c.settled {
		return 0
	}
	return c.sums.N()
}

// varies says whether at least this many cases lie away from the value that
// most of them have. Below that, a figure would be about those few.
func (c *cases) varies(variable, least int) bool {
	return c.sums.N()-slices.Max(c.often[variable]) >= least
}

// lots draws for ballots, by their content and the wave's promise: the same
// wave draws the same, in whatever order its ballots lie. It is FNV-1a of 64
// bits, stirred once more at the end (the finaliser of MurmurHash3).
type lots uint64

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func newLots(promise string) lots {
	h := uint64(fnvOffset)
	for i := range len(promise) {
		h = (h ^ uint64(promise[i])) * fnvPrime
	}
	return lots(h)
}

func (l lots) of(ballot []byte) uint64 {
	h := uint64(l)
	for _, b := range ballot {
		h = (h ^ uint64(b)) * fnvPrime
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
