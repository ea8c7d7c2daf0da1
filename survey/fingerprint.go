package survey

import (
	_ "embed" // the word list
	"encoding/hex"
	"fmt"
	"strings"
)

// fingerprintWords are 1,024 made-up words of two open syllables that people
// with English, French or Spanish can all read aloud. No two differ in one
// vowel only, nor in one of two consonants that look or sound alike
// (docs/decisions/fingerprint-words.md).
//
//go:embed fingerprint.txt
var fingerprintWords string

// FingerprintWords is how many words a fingerprint has: ten of ten bits.
const FingerprintWords = 10

// Fingerprint writes the first 100 bits of a manifest's SHA-256 (hex) as ten
// words, so that two people can compare a wave's promise by eye.
func Fingerprint(sha256Hex string) ([]string, error) {
	raw, err := hex.DecodeString(sha256Hex)
	if err != nil || len(raw) < 13 {
		return nil, fmt.Errorf("fingerprint of %q: want a hexadecimal SHA-256", sha256Hex)
	}
	list := strings.Fields(fingerprintWords)
	words := make([]string, FingerprintWords)
	for i := range words {
		bit := i * 10
		window := uint32(raw[bit/8])<<16 | uint32(raw[bit/8+1])<<8
		if bit/8+2 < len(raw) {
			window |= uint32(raw[bit/8+2])
		}
		words[i] = list[window>>(24-10-bit%8)&0x3ff]
	}
	return words, nil
}
