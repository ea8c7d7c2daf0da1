package ticket

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"unicode"
)

// ErrMistyped means that what was typed is no paper code: a character is
// missing, too many or not one of a code's, or the check symbol does not fit.
// It says nothing about whether such a code was ever printed.
var ErrMistyped = errors.New("paper code is mistyped")

// A code is 20 characters of Douglas Crockford's base 32, which leaves out I,
// L, O and U: the wave's tag, the secret, and the check symbol, printed in
// five blocks of four.
const (
	alphabet    = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	checkOnly   = "*~$=U" // Crockford's symbols for the check values 32 to 36
	tagChars    = 3
	secretBytes = 10 // 80 bits
	secretChars = 16
	codeChars   = tagChars + secretChars + 1
	blockChars  = 4
	checkBase   = 37
)

// nullifierDomain keeps this use of SHA-256 apart from every other.
const nullifierDomain = "attune/v1 paper nullifier"

// PaperCode is the anonymous right, on a paper slip, to answer once for one
// group in one wave.
type PaperCode struct {
	Tag    string   // three characters that name the wave
	Secret [10]byte // 80 bits that only the slip and the wave's paper key know
}

// NewPaperCode makes code i (0 to headcount−1) of a group of the wave with
// this paper key (32 bytes, random) and tag. The same arguments always give
// the same code: printing again gives the same slips, and no second vote.
//
// The secret is the first 80 bits of HMAC-SHA256 under the key over the
// group's id with its length in front, i and a counter, for the smallest
// counter whose check symbol is a digit or letter of the alphabet. Crockford's
// check symbol may also be one of * ~ $ = U: people do not find the first four
// on a phone's keyboard, and read the U as a V. Five of 37 codes are skipped,
// which costs the secret a fifth of a bit.
func NewPaperCode(key []byte, tag, group string, i int) PaperCode {
	c := PaperCode{Tag: tag}
	for counter := uint32(0); ; counter++ {
		mac := hmac.New(sha256.New, key)
		prefixed(mac, []byte(group))
		var place [12]byte
		binary.BigEndian.PutUint64(place[:], uint64(i))
		binary.BigEndian.PutUint32(place[8:], counter)
		mac.Write(place[:])
		copy(c.Secret[:], mac.Sum(nil))
		if checkValue(c.data()) < len(alphabet) {
			return c
		}
	}
}

// ParsePaperCode reads a code as people type it: small or capital letters,
// with or without blanks and hyphens, the letter O for the digit 0, I or L for
// the digit 1. Everything else is ErrMistyped. The check symbol finds every
// single wrong character and every two neighbours in the wrong order.
func ParsePaperCode(typed string) (PaperCode, error) {
	values := make([]byte, 0, codeChars)
	for _, r := range typed {
		if unicode.IsSpace(r) || isHyphen(r) {
			continue
		}
		v := charValue(r)
		if v < 0 || len(values) == codeChars {
			return PaperCode{}, ErrMistyped
		}
		values = append(values, byte(v))
	}
	if len(values) != codeChars {
		return PaperCode{}, ErrMistyped
	}
	data, check := values[:codeChars-1], values[codeChars-1]
	if checkValue(data) != int(check) {
		return PaperCode{}, ErrMistyped
	}
	var c PaperCode
	for _, v := range data[:tagChars] {
		c.Tag += alphabet[v : v+1]
	}
	unpack(c.Secret[:], data[tagChars:])
	return c, nil
}

// String writes the code as it is printed: ABCD EFGH JKMN PQRS TVWX. A tag
// that is not three characters of the alphabet gives the empty string.
func (c PaperCode) String() string {
	data := c.data()
	if data == nil {
		return ""
	}
	var b strings.Builder
	for i, v := range append(data, byte(checkValue(data))) {
		if i > 0 && i%blockChars == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte((alphabet + checkOnly)[v])
	}
	return b.String()
}

// Nullifier is what the code's ballot lies under in the box: SHA-256 over a
// domain, the wave's id and the secret, each with its length in front. It does
// not lead back to the code.
func (c PaperCode) Nullifier(wave string) [32]byte {
	h := sha256.New()
	prefixed(h, []byte(nullifierDomain))
	prefixed(h, []byte(wave))
	prefixed(h, c.Secret[:])
	return [32]byte(h.Sum(nil))
}

// data is the 19 characters before the check symbol as values from 0 to 31,
// nil when the tag is no tag.
func (c PaperCode) data() []byte {
	if len(c.Tag) != tagChars {
		return nil
	}
	data := make([]byte, 0, codeChars) // with room for the check symbol
	for i := range tagChars {
		v := strings.IndexByte(alphabet, c.Tag[i])
		if v < 0 {
			return nil
		}
		data = append(data, byte(v))
	}
	for i := range secretChars {
		at, shift := 5*i/8, 11-5*i%8
		window := uint16(c.Secret[at]) << 8
		if at+1 < secretBytes {
			window |= uint16(c.Secret[at+1])
		}
		data = append(data, byte(window>>shift)&31)
	}
	return data
}

// unpack writes 16 values of 5 bits into 10 bytes.
func unpack(secret []byte, values []byte) {
	window, bits, at := uint16(0), 0, 0
	for _, v := range values {
		window, bits = window<<5|uint16(v), bits+5
		if bits >= 8 {
			bits -= 8
			secret[at] = byte(window >> bits)
			at++
		}
	}
}

// checkValue is the number that the values write in base 32, modulo 37: from
// 0 to 36. Because 37 is prime and neither 32 nor 31 is a multiple of it, a
// changed value or two swapped neighbours always change it.
func checkValue(values []byte) int {
	rest := 0
	for _, v := range values {
		rest = (rest*32 + int(v)) % checkBase
	}
	return rest
}

// charValue is the value of a typed character, -1 when it is none.
func charValue(r rune) int {
	if r >= 'a' && r <= 'z' {
		r -= 'a' - 'A'
	}
	switch r {
	case 'O':
		return 0
	case 'I', 'L':
		return 1
	}
	return strings.IndexRune(alphabet, r)
}

// isHyphen knows the hyphen and what word processors make of it.
func isHyphen(r rune) bool {
	return r == '-' || r == '\u00ad' || r >= '\u2010' && r <= '\u2015' || r == '\u2212'
}

// prefixed writes data with its length in front, so that no two lists of parts
// give the same bytes.
func prefixed(h hash.Hash, data []byte) {
	var length [4]byte
	binary.BigEndian.PutUint32(length[:], uint32(len(data)))
	h.Write(length[:])
	h.Write(data)
}

// NewTag picks the tag of a wave: three characters from rand, or the next free
// ones after them. taken says which tags other waves have. It fails when rand
// fails or all 32,768 tags are taken.
func NewTag(rand io.Reader, taken func(tag string) bool) (string, error) {
	var raw [2]byte
	if _, err := io.ReadFull(rand, raw[:]); err != nil {
		return "", fmt.Errorf("paper tag: %w", err)
	}
	const tags = 1 << (5 * tagChars) // divides 2^16, so every start is equally likely
	start := int(binary.BigEndian.Uint16(raw[:])) % tags
	for i := range tags {
		n := (start + i) % tags
		tag := string([]byte{alphabet[n>>10], alphabet[n>>5&31], alphabet[n&31]})
		if !taken(tag) {
			return tag, nil
		}
	}
	return "", fmt.Errorf("paper tag: all %d are taken", tags)
}
