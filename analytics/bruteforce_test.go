package analytics

import (
	"math/bits"
	"math/rand/v2"
	"testing"
)

// span1 is the row space of 0/1 vectors over up to 10 ballots, in reduced form
// modulo a prime. A vector that is a combination of others over the rational
// numbers is one modulo the prime too, so that nothing determined is missed.
type span1 struct{ rows [][]int64 }

const prime = 2147483647

func inverse(a int64) int64 {
	result, power := int64(1), int64(prime-2)
	for ; power > 0; power >>= 1 {
		if power&1 == 1 {
			result = result * a % prime
		}
		a = a * a % prime
	}
	return result
}

// reduce takes the rows out of a vector and says whether something is left.
func (s *span1) reduce(v []int64) (pivot int, left bool) {
	for _, row := range s.rows {
		p := 0
		for row[p] == 0 {
			p++
		}
		if f := v[p]; f != 0 {
			for i := range v {
				v[i] = ((v[i]-f*row[i])%prime + prime) % prime
			}
		}
	}
	for i, x := range v {
		if x != 0 {
			return i, true
		}
	}
	return 0, false
}

func (s *span1) add(v []int64) {
	pivot, left := s.reduce(v)
	if !left {
		return
	}
	f := inverse(v[pivot])
	for i := range v {
		v[i] = v[i] * f % prime
	}
	s.rows = append(s.rows, v)
}

// determined is the size of the smallest set of ballots whose sum is a
// combination of published sums, found by trying all sets.
func determined(ballots int, published [][]int64) int {
	var s span1
	for _, v := range published {
		s.add(append([]int64(nil), v...))
	}
	least := ballots + 1
	for set := 1; set < 1<<ballots; set++ {
		size := bits.OnesCount(uint(set)) //nolint:gosec // below 1024
		if size >= least {
			continue
		}
		v := make([]int64, ballots)
		for i := range v {
			v[i] = int64(set >> i & 1)
		}
		if _, left := s.reduce(v); !left {
			least = size
		}
	}
	return least
}

// vectors are the published sets of a choice of nodes, over single ballots.
func vectors(f *field, count []int, shown []bool, sets []set) (ballots int, published [][]int64) {
	first := make([]int, len(count))
	for g, n := range count {
		first[g] = ballots
		ballots += n
	}
	add := func(groups []int) {
		v := make([]int64, ballots)
		for _, g := range groups {
			for i := range count[g] {
				v[first[g]+i] = 1
			}
		}
		published = append(published, v)
	}
	for i, node := range f.nodes {
		if shown[i] {
			add(node.groups)
		}
	}
	for _, s := range sets {
		add(s.groups)
	}
	return ballots, published
}

// The theorem behind the rule, for up to ten ballots: no set of fewer than k
// of them has a sum that is any combination of published sums. The same trial
// finds what the naive rules leave, and agrees with the residuals.
func TestNoCombinationOfFiguresIsAboutFewerThanK(t *testing.T) {
	random := rand.New(rand.NewPCG(10, 10))
	tried, naive, combined := 0, 0, 0
	for range 4000 {
		var teams []team
		people := 0
		paths := []string{"a/x", "a/y", "a/z", "b/x", "b/y", "b/s/x", "b/s/y", "c", "d/x"}
		for _, path := range paths {
			if n := random.IntN(4); random.IntN(2) == 0 && people+n <= 10 {
				teams = append(teams, team{path, n, n})
				people += n
			}
		}
		k := 2 + random.IntN(3)
		if people < k {
			continue
		}
		w := waveOf(t, teams, "org", false, k)
		f, err := newField(w)
		if err != nil {
			t.Fatal(err)
		}
		count := counts(w, teams)
		p := planFor(f, count, limit{k: k, kc: k + random.IntN(2), minLevel: minLevelTeam}, weights{}, nil)
		ballots, published := vectors(f, count, make([]bool, len(f.nodes)), p.sets)
		if least := determined(ballots, published); least < k && len(p.sets) > 0 {
			t.Fatalf("%v, k %d: %d ballots are determined by %+v", teams, k, least, p.sets)
		}
		for _, s := range p.sets {
			if s.block {
				combined++
			}
		}
		shown := thresholdOnly(f, sumNodes(f, count), k)
		_, published = vectors(f, count, shown, nil)
		found := determined(ballots, published) < k
		if found != isolates(f, sumNodes(f, count), shown, k) {
			t.Fatalf("%v, k %d: by trial %v, by residuals %v", teams, k, found, !found)
		}
		if found {
			naive++
		}
		tried++
	}
	t.Logf("%d organisations tried, %d blocks; the threshold alone left a determined set in %d", tried, combined, naive)
	if naive == 0 || combined == 0 {
		t.Error("the test sees too little")
	}
}
