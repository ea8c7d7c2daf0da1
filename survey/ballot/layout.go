package ballot

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// MaxPeople is the largest number of slots in one box. A flush opens and seals
// a box as a whole, so a box must stay small; a group with more people has
// several.
const MaxPeople = 512

// overflowChance bounds the chance that any box of a group overflows although
// nobody voted twice.
const overflowChance = 1e-9

// Layout gives the number of boxes of a group and the slots of each. Up to
// MaxPeople people have one box with exactly one slot a person. More are
// spread by nullifier over several boxes of equal capacity, with slack; the
// slots of all boxes together are then more than the people, and whoever
// casts must hold Count against the headcount. A group without people has no
// box.
//
// The slack: nullifiers are uniform, so that of h ballots the number X in one
// of m boxes is binomial with chance p = 1/m. Chernoff's bound in its
// relative-entropy form (Hoeffding, J. Amer. Statist. Assoc. 58, 1963,
// theorem 1, formula 2.1) says for a = (c+1)/h > p
//
//	P(X > c) ≤ exp(−h·D(a‖p)),  D(a‖p) = a·ln(a/p) + (1−a)·ln((1−a)/(1−p))
//
// and the chance that any of the boxes overflows is at most m times that. m is
// the smallest number of boxes for which a capacity c of at most MaxPeople
// keeps this below 1e-9, c the smallest such capacity. A respondent who
// chooses a nullifier by hand moves one ballot only; it takes about a hundred
// colluding people to fill a box early, and it then refuses loudly.
func Layout(headcount int) (boxes, capacity int) {
	switch {
	case headcount <= 0:
		return 0, 0
	case headcount <= MaxPeople:
		return 1, headcount
	}
	boxes = (headcount + MaxPeople - 1) / MaxPeople
	for overflow(headcount, boxes, MaxPeople) >= overflowChance {
		boxes++
	}
	// The bound falls with the capacity above the mean: halve the interval.
	low, high := headcount/boxes, MaxPeople // too small, large enough
	for high-low > 1 {
		if mid := (low + high) / 2; overflow(headcount, boxes, mid) < overflowChance {
			high = mid
		} else {
			low = mid
		}
	}
	return boxes, high
}

// overflow bounds the chance that one of m boxes gets more than c of h
// ballots: the formula at Layout. It is 1 where the bound says nothing.
func overflow(h, m, c int) float64 {
	p, a := 1/float64(m), float64(c+1)/float64(h)
	switch {
	case a > 1:
		return 0 // a box for everybody
	case a <= p:
		return 1
	}
	d := a * math.Log(a/p)
	if a < 1 {
		d += (1 - a) * math.Log((1-a)/(1-p))
	}
	return math.Min(1, float64(m)*math.Exp(-float64(h)*d))
}

// Place is the box that a ballot belongs to, from 0 to boxes−1 (boxes at least
// 1). It depends on the nullifier only, so that an edit finds the ballot that
// it replaces.
func Place(nullifier [32]byte, boxes int) int {
	// The high half of the product of 64 random bits and the number of boxes:
	// every box equally likely within boxes/2^64, without a division.
	high, _ := bits.Mul64(binary.BigEndian.Uint64(nullifier[:8]), uint64(boxes))
	return int(high)
}
