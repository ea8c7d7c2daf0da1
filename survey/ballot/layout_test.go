package ballot

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
)

func TestUpTo512PeopleShareOneBoxWithoutSlack(t *testing.T) {
	for _, people := range []int{1, 5, 6, 511, 512} {
		if boxes, capacity := Layout(people); boxes != 1 || capacity != people {
			t.Errorf("Layout(%d) = %d, %d; want 1, %d", people, boxes, capacity, people)
		}
	}
	for _, people := range []int{0, -3} {
		if boxes, capacity := Layout(people); boxes != 0 || capacity != 0 {
			t.Errorf("Layout(%d) = %d, %d; want no box", people, boxes, capacity)
		}
	}
}

// The exact binomial tail, summed with logarithms of factorials, is the
// authority here: the layout's bound must lie above it and below 1e-9.
func TestNoBoxOfALargeGroupOverflowsByChance(t *testing.T) {
	for _, people := range []int{513, 600, 1000, 1024, 5000, 20_000, 100_000} {
		boxes, capacity := Layout(people)
		if boxes < 2 || capacity > MaxPeople || boxes*capacity < people {
			t.Errorf("Layout(%d) = %d boxes of %d", people, boxes, capacity)
		}
		exact := float64(boxes) * binomialTail(people, 1/float64(boxes), capacity)
		if bound := overflow(people, boxes, capacity); exact > bound || bound >= 1e-9 {
			t.Errorf("%d people in %d boxes of %d: overflow chance %.2g, bound %.2g; want at most the bound and that below 1e-9", people, boxes, capacity, exact, bound)
		}
		if overflow(people, boxes, capacity-1) < 1e-9 {
			t.Errorf("%d people in %d boxes: %d slots would do, not %d", people, boxes, capacity-1, capacity)
		}
		if overflow(people, boxes-1, MaxPeople) < 1e-9 {
			t.Errorf("%d people: %d boxes would do, not %d", people, boxes-1, boxes)
		}
	}
}

// binomialTail is P(X > c) for X binomial(n, p).
func binomialTail(n int, p float64, c int) float64 {
	sum := 0.0
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	for x := c + 1; x <= n; x++ {
		sum += math.Exp(lg(n) - lg(x) - lg(n-x) + float64(x)*math.Log(p) + float64(n-x)*math.Log(1-p))
	}
	return sum
}

func TestTheBoundSaysNothingWhereItCannot(t *testing.T) {
	if got := overflow(1000, 2, 500); got < 0.9 { // a box of the mean: nearly every second layout overflows
		t.Errorf("overflow at the mean = %v", got)
	}
	if got := overflow(1000, 2, 400); got != 1 {
		t.Errorf("overflow below the mean = %v, want 1", got)
	}
	if got := overflow(1000, 2, 1000); got != 0 {
		t.Errorf("overflow of a box for everybody = %v, want 0", got)
	}
	// All 1,000 ballots in one of two boxes: 2·2^-1000 by counting.
	if got, want := overflow(1000, 2, 999), 2*math.Pow(2, -1000); math.Abs(got/want-1) > 1e-6 {
		t.Errorf("overflow of all but one slot = %v, want %v", got, want)
	}
}

// 20,000 uniform nullifiers into the boxes of 20,000 people: none overflows,
// and the spread is that of a uniform draw. The bound is the 0.999 quantile of
// chi-square by Wilson and Hilferty.
func TestPlaceSpreadsNullifiersEvenly(t *testing.T) {
	const people = 20_000
	boxes, capacity := Layout(people)
	random := rand.New(rand.NewChaCha8([32]byte{9}))
	filled := make([]int, boxes)
	for range people {
		var n [32]byte
		binary.BigEndian.PutUint64(n[:], random.Uint64())
		filled[Place(n, boxes)]++
	}
	chi, mean := 0.0, float64(people)/float64(boxes)
	for i, n := range filled {
		if n > capacity {
			t.Errorf("box %d has %d ballots for %d slots", i, n, capacity)
		}
		chi += (float64(n) - mean) * (float64(n) - mean) / mean
	}
	df := float64(boxes - 1)
	bound := df * math.Pow(1-2/(9*df)+3.0902*math.Sqrt(2/(9*df)), 3)
	if chi > bound {
		t.Errorf("chi-square over %d boxes = %.1f, want at most %.1f", boxes, chi, bound)
	}
}

func TestPlaceStaysWithinTheBoxes(t *testing.T) {
	low, high := [32]byte{}, [32]byte{}
	for i := range high {
		high[i] = 0xff
	}
	for _, boxes := range []int{1, 2, 3, 4000} {
		if got := Place(low, boxes); got != 0 {
			t.Errorf("Place of the lowest nullifier in %d boxes = %d", boxes, got)
		}
		if got := Place(high, boxes); got != boxes-1 {
			t.Errorf("Place of the highest nullifier in %d boxes = %d", boxes, got)
		}
	}
}

func TestLayoutOfAVeryLargeOrganisationStaysSmall(t *testing.T) {
	boxes, capacity := Layout(1_500_000)
	// Slack of a half or less: the mean of 512 slots less seven standard
	// deviations of √380 leaves 380 people a box.
	if total := boxes * capacity; capacity > MaxPeople || total > 1_500_000*3/2 {
		t.Errorf("1,500,000 people: %d boxes of %d slots", boxes, capacity)
	}
}
