package stats

import (
	"math"
	"math/big"
)

// Products are the sums and the sums of products of several variables over
// people, in whole numbers: neither the order of the people nor the machine
// makes a difference, and a person can be taken out again without a trace.
// Values lie from −2¹⁹ to 2¹⁹ and people number fewer than 2²⁴, so that no sum
// leaves 64 bits.
type Products struct {
	n       int
	sum     []int64
	product []int64 // the upper triangle, row by row
}

// NewProducts begins without people.
func NewProducts(variables int) *Products {
	return &Products{sum: make([]int64, variables), product: make([]int64, variables*(variables+1)/2)}
}

// Add counts a person; values has one whole number for each variable.
func (p *Products) Add(values []int64) { p.count(values, 1) }

// Remove takes out a person that was counted.
func (p *Products) Remove(values []int64) { p.count(values, -1) }

func (p *Products) count(values []int64, sign int64) {
	p.n += int(sign)
	at := 0
	for i, x := range values {
		x *= sign
		p.sum[i] += x
		for _, y := range values[i:] {
			p.product[at] += x * y
			at++
		}
	}
}

// N is the number of people.
func (p *Products) N() int { return p.n }

// scatter is n·Σxy − Σx·Σy, exactly.
func (p *Products) scatter(i, j int) *big.Int {
	if i > j {
		i, j = j, i
	}
	at := i*len(p.sum) - i*(i-1)/2 + j - i
	s := new(big.Int).Mul(big.NewInt(int64(p.n)), big.NewInt(p.product[at]))
	return s.Sub(s, new(big.Int).Mul(big.NewInt(p.sum[i]), big.NewInt(p.sum[j])))
}

// Pearson is the correlation of two variables, as the function of that name;
// it needs three people and two variables that vary.
func (p *Products) Pearson(i, j int) (r float64, ok bool) {
	x, y := p.scatter(i, i), p.scatter(j, j)
	if p.n < 3 || x.Sign() <= 0 || y.Sign() <= 0 {
		return 0, false
	}
	over, _ := new(big.Float).SetInt(p.scatter(i, j)).Float64()
	dx, _ := new(big.Float).SetInt(x).Float64()
	dy, _ := new(big.Float).SetInt(y).Float64()
	r = over / math.Sqrt(dx) / math.Sqrt(dy)
	return max(-1, min(1, r)), finite(r)
}

// Pearsons are the correlations of the variables at these places with one
// another; it needs what each of them needs.
func (p *Products) Pearsons(at []int) (r [][]float64, ok bool) {
	r = make([][]float64, len(at))
	for a, i := range at {
		r[a] = make([]float64, len(at))
		for b, j := range at {
			if r[a][b], ok = p.Pearson(i, j); !ok {
				return nil, false
			}
		}
		r[a][a] = 1
	}
	return r, true
}

// Alpha is Cronbach's alpha of all variables as the items of one scale, as the
// function of that name.
func (p *Products) Alpha() (alpha float64, ok bool) {
	if len(p.sum) < 2 || p.n < 2 {
		return 0, false
	}
	within, all := new(big.Int), new(big.Int)
	for i := range p.sum {
		for j := range p.sum {
			s := p.scatter(i, j)
			all.Add(all, s)
			if i == j {
				within.Add(within, s)
			}
		}
	}
	if all.Sign() <= 0 {
		return 0, false
	}
	share, _ := new(big.Rat).SetFrac(within, all).Float64()
	items := float64(len(p.sum))
	alpha = items / (items - 1) * (1 - share)
	return alpha, finite(alpha)
}
