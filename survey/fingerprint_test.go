package survey

import (
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// slowWords reads the ten words from the hash as one large number.
func slowWords(raw []byte) []string {
	n := new(big.Int).SetBytes(raw)
	n.Rsh(n, uint(8*len(raw)-100))
	list := strings.Fields(fingerprintWords)
	words := make([]string, FingerprintWords)
	for i := len(words) - 1; i >= 0; i-- {
		words[i] = list[new(big.Int).And(n, big.NewInt(1023)).Int64()]
		n.Rsh(n, 10)
	}
	return words
}

func TestTheWordsAre1024AndAllDifferent(t *testing.T) {
	list := strings.Fields(fingerprintWords)
	seen := make(map[string]bool)
	for _, w := range list {
		seen[w] = true
	}
	if len(list) != 1024 || len(seen) != 1024 {
		t.Errorf("%d words, %d different; want 1,024", len(list), len(seen))
	}
}

// Two people compare the words by eye or over the telephone.
func TestNoTwoWordsDifferInOneVowelOnly(t *testing.T) {
	seen := make(map[string]string)
	for _, w := range strings.Fields(fingerprintWords) {
		if len(w) != 4 || strings.ContainsAny(w[0:1]+w[2:3], "aeiou") || !strings.ContainsAny(w[1:2], "aeiou") || !strings.ContainsAny(w[3:], "aeiou") {
			t.Fatalf("%q is not two open syllables", w)
		}
		for _, place := range []int{1, 3} {
			shape := w[:place] + "·" + w[place+1:]
			if other, twice := seen[shape]; twice {
				t.Fatalf("%q and %q differ in one vowel only", other, w)
			}
			seen[shape] = w
		}
	}
}

// SHA-256 of nothing begins e3b0c442 98fc1c14 9afbf4c8 99: in tens of bits
// 910, 780, 272, 664, 1008, 449, 294, 763, 979, 137.
func TestTheFingerprintOfNothing(t *testing.T) {
	want := []string{"vene", "sibi", "jafe", "pogo", "zosu", "lite", "jepi", "satu", "zeke", "faje"}
	got, err := Fingerprint("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	list := strings.Fields(fingerprintWords)
	for i, n := range []int{910, 780, 272, 664, 1008, 449, 294, 763, 979, 137} {
		if list[n] != want[i] {
			t.Errorf("word %d is %s, number %d is %s", i, want[i], n, list[n])
		}
	}
}

func TestAFingerprintIsTheFirstHundredBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 13, 32).Draw(t, "hash")
		words, err := Fingerprint(hex.EncodeToString(raw))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(slowWords(raw), words); diff != "" {
			t.Fatal(diff)
		}
		bit := rapid.IntRange(0, 8*len(raw)-1).Draw(t, "bit")
		raw[bit/8] ^= 0x80 >> (bit % 8)
		changed, err := Fingerprint(hex.EncodeToString(raw))
		if err != nil {
			t.Fatal(err)
		}
		for i := range words {
			if (words[i] != changed[i]) != (bit/10 == i) {
				t.Fatalf("bit %d changes word %d: %s to %s", bit, i, words[i], changed[i])
			}
		}
	})
}

func TestAFingerprintOfSomethingElseIsAnError(t *testing.T) {
	for _, s := range []string{"", "e3", "zz", strings.Repeat("0", 25), strings.Repeat("00", 12)} {
		if words, err := Fingerprint(s); err == nil {
			t.Errorf("Fingerprint(%q) = %v", s, words)
		}
	}
}

func FuzzFingerprint(f *testing.F) {
	f.Add("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
	f.Add("")
	f.Add("00000000000000000000000000")
	f.Add("x3b0c44298fc1c149afbf4c8996f")
	f.Fuzz(func(t *testing.T, s string) {
		words, err := Fingerprint(s)
		if (err == nil) != (len(words) == FingerprintWords) {
			t.Fatalf("%q: %v, %v", s, words, err)
		}
	})
}
