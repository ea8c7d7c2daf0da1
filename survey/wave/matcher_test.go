package wave

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The matcher is the administrator of administrator_test.go: it has copies of
// every file after every step and tries to find out what belongs together. It
// knows nothing of what the bytes mean; it compares, sorts and counts.

// snapshot is a copy of every file, by name.
type snapshot map[string][]byte

// thing is a step, a person or a ballot as the matcher sees it.
type thing struct {
	clues map[string][]byte // each sorts the things
	bytes [][]byte          // what a step wrote, or what is known of a person or a ballot
}

func number(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// stepThing is what one step did to the files; i is its place among the steps.
func stepThing(i int, before, after snapshot) thing {
	t := thing{clues: map[string][]byte{"order": number(i)}}
	for name, now := range after {
		then := before[name]
		t.clues[name+" size"] = number(len(now))
		t.clues[name+" growth"] = number(len(now) - len(then) + 1<<20)
		if len(now) >= 40 { // SQLite's header: free pages
			t.clues[name+" free pages"] = bytes.Clone(now[36:40])
		}
		spans := changes(then, now)
		count, content := 0, []byte(nil)
		for _, s := range spans {
			count += s[1] - s[0]
			content = append(content, now[s[0]:s[1]]...)
			// The bytes around a change belong to it: a number that grows
			// changes in one byte only.
			t.bytes = append(t.bytes, now[max(0, s[0]-window+1):min(len(now), s[1]+window-1)])
		}
		t.clues[name+" bytes changed"] = number(count)
		if count == 0 {
			continue
		}
		first, last := spans[0], spans[len(spans)-1]
		t.clues[name+" first change"] = number(first[0])
		t.clues[name+" last change"] = number(last[1])
		if i := slices.IndexFunc(spans, func(s [2]int) bool { return s[0] >= 100 }); i >= 0 { // after SQLite's header
			t.clues[name+" first row changed"] = number(spans[i][0])
			t.clues[name+" first row"] = bytes.Clone(now[spans[i][0]:spans[i][1]])
		}
		t.clues[name+" content"] = content
		t.clues[name+" end"] = bytes.Clone(content[max(0, len(content)-16):])
	}
	return t
}

// changes lists where now differs from then. What lies fewer than 16 bytes
// apart is one change.
func changes(then, now []byte) [][2]int {
	const page = 4096
	var spans [][2]int
	for start := 0; start < len(now); start += page {
		end := min(start+page, len(now))
		if end <= len(then) && bytes.Equal(then[start:end], now[start:end]) {
			continue
		}
		for i := start; i < end; i++ {
			if i < len(then) && then[i] == now[i] {
				continue
			}
			if n := len(spans); n > 0 && i-spans[n-1][1] < 16 {
				spans[n-1][1] = i + 1
			} else {
				spans = append(spans, [2]int{i, i + 1})
			}
		}
	}
	return spans
}

// guesses links left things to right ones in every way that the matcher knows:
// guess[i] is the right thing of left thing i, or -1. It says nothing about a
// clue that is the same for all.
func guesses(left, right []thing) map[string][]int {
	all := map[string][]int{"what both contain": byContent(left, right)}
	for l := range clueNames(left) {
		lefts := sorted(left, l)
		for r := range clueNames(right) {
			rights := sorted(right, r)
			up, down := make([]int, len(left)), make([]int, len(left))
			for rank, i := range lefts {
				up[i], down[i] = rights[rank], rights[len(rights)-1-rank]
			}
			all[l+" | "+r], all[l+" | "+r+", backwards"] = up, down
		}
	}
	return all
}

// clueNames are the clues that tell things apart.
func clueNames(things []thing) map[string]bool {
	names := make(map[string]bool)
	for _, t := range things[1:] {
		for name, value := range t.clues {
			if !bytes.Equal(value, things[0].clues[name]) {
				names[name] = true
			}
		}
	}
	return names
}

func sorted(things []thing, clue string) []int {
	order := make([]int, len(things))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return bytes.Compare(things[i].clues[clue], things[j].clues[clue]) })
	return order
}

// window is how many bytes in a row two things must share. That two random
// ones do by chance is 2⁻⁶⁴ a pair of places.
const window = 8

// byContent links things that contain the same bytes, which no other thing of
// either side contains.
func byContent(left, right []thing) []int {
	in := func(things []thing) map[[window]byte]int {
		owner := make(map[[window]byte]int)
		for i, t := range things {
			for _, b := range t.bytes {
				for ; len(b) >= window; b = b[1:] {
					w := [window]byte(b)
					if before, ok := owner[w]; ok && before != i {
						owner[w] = -1
					} else {
						owner[w] = i
					}
				}
			}
		}
		return owner
	}
	lefts, rights := in(left), in(right)
	shared := make([][]int, len(left))
	for i := range shared {
		shared[i] = make([]int, len(right))
	}
	for w, i := range lefts {
		if j, ok := rights[w]; ok && i >= 0 && j >= 0 {
			shared[i][j]++
		}
	}
	guess := make([]int, len(left))
	for i, row := range shared {
		guess[i] = -1
		for j, n := range row {
			if n > 0 && (guess[i] < 0 || n > row[guess[i]]) {
				guess[i] = j
			}
		}
	}
	return guess
}

// tally counts, for each way of guessing, how often it was right.
type tally map[string]*score

type score struct{ hits, chances, groups int }

func (t tally) add(link string, left, right []thing, truth []int) {
	for how, guess := range guesses(left, right) {
		s := t[link+": "+how]
		if s == nil {
			s = &score{}
			t[link+": "+how] = s
		}
		s.groups++
		s.chances += len(truth)
		for i, j := range guess {
			if j == truth[i] {
				s.hits++
			}
		}
	}
}

// byChance bounds the probability of so many hits for who only guesses.
//
// In one group of n, with the truth a random permutation and any guess that
// does not depend on it, the k-th factorial moment of the hits H is at most
// n!/(n−k)! ordered choices of k things times (n−k)!/n!, the probability that
// k different guesses are all right: E[H(H−1)…(H−k+1)] ≤ 1, as of a Poisson
// variable with mean 1. (For a guess that is itself a permutation, H is the
// number of its fixed points: mean 1, variance 1.) Hence E[e^{sH}] =
// Σ E[(H)_k] (e^s−1)^k / k! ≤ exp(e^s−1) for s ≥ 0, and over g independent
// groups Chernoff's bound gives P(hits ≥ a) ≤ exp(a − g − a·ln(a/g)) for a > g.
func (s score) byChance() float64 {
	a, g := float64(s.hits), float64(s.groups)
	if a <= g {
		return 1
	}
	return math.Exp(a - g - a*math.Log(a/g))
}

// of are the ways of guessing one link.
func (t tally) of(link string) tally {
	some := make(tally)
	for how, s := range t {
		if strings.HasPrefix(how, link+": ") {
			some[how] = s
		}
	}
	return some
}

// best gives the way of guessing that is the least like chance, and how likely
// chance alone makes one of all of them as good.
func (t tally) best() (how string, p float64) {
	p = math.Inf(1)
	for name, s := range t {
		if q := s.byChance(); q < p || q == p && name < how {
			how, p = name, q
		}
	}
	return how, min(1, p*float64(len(t)))
}

func (s score) String() string {
	return fmt.Sprintf("%d of %d, by chance %d", s.hits, s.chances, s.groups)
}
