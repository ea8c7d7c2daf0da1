package stats

import (
	"math"
	"sort"
)

// CountFrom is the fewest answers for which the interval of a count is shown.
const CountFrom = 10

// Wilson is the 95 % score interval of a share of k in n over the process
// that made it, 0 to 1:
//
//	( p + z²/2n ± z·√( p(1−p)/n + z²/4n² ) ) / (1 + z²/n)
//
// without a continuity correction. n is at least 1, k from 0 to n. Source:
// Wilson 1927, Probable inference, the law of succession, and statistical
// inference.
func Wilson(k, n int) (low, high float64, ok bool) {
	if n < 1 || k < 0 || k > n {
		return 0, 0, false
	}
	z, size := normal(), float64(n)
	p := float64(k) / size
	middle := p + z*z/(2*size)
	reach := z * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	low, high = (middle-reach)/(1+z*z/size), (middle+reach)/(1+z*z/size)
	if k == 0 { // exactly, not but for the last bits
		low = 0
	}
	if k == n {
		high = 1
	}
	return low, high, true
}

// Count is the exact 95 % interval of how many of a finite group of people
// are of a kind, when k of the n who answered are: all totals K for which
//
//	P(X ≥ k | K) > .025  and  P(X ≤ k | K) > .025,  X hypergeometric
//
// (equal tails, inverted). n is at least 1, k from 0 to n, n at most people.
// When everybody answered it is k alone. Source: Buonaccorsi 1987, A note on
// confidence intervals for proportions in finite populations.
//
// Callers show it from CountFrom answers on.
func Count(k, n, people int) (low, high int, ok bool) {
	if n < 1 || k < 0 || k > n || n > people {
		return 0, 0, false
	}
	const tail = 1 - upperTail
	first, last := k, people-n+k
	low = first + sort.Search(last-first, func(i int) bool { return atLeast(k, n, people, first+i) > tail })
	high = last - sort.Search(last-first, func(i int) bool { return 1-atLeast(k+1, n, people, last-i) > tail })
	return low, high, true
}

// atLeast is P(X ≥ k) for X of the n drawn out of people with total of the
// kind.
func atLeast(k, n, people, total int) float64 {
	p := 0.0
	for x := max(k, n-(people-total)); x <= min(n, total); x++ {
		p += math.Exp(logChoose(total, x) + logChoose(people-total, n-x) - logChoose(people, n))
	}
	return min(1, p)
}

// logChoose is the logarithm of the number of ways to choose k of n.
func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
