package ticket

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func paperKey() []byte { return bytes.Repeat([]byte{0x5a}, 32) }

// anyCode draws a code as the program prints them.
func anyCode() *rapid.Generator[PaperCode] {
	return rapid.Custom(func(t *rapid.T) PaperCode {
		tag := rapid.StringMatching(`[0-9A-HJKMNP-TV-Z]{3}`).Draw(t, "tag")
		return NewPaperCode(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"), tag, "g", rapid.IntRange(0, 5000).Draw(t, "i"))
	})
}

// The codes were written down when the format was fixed and must never change:
// slips that were printed have to be printed the same again, and codes in
// people's hands have to stay valid through an update.
func TestPrintingAgainGivesTheSameSlips(t *testing.T) {
	golden := []string{"N0VF C9KT P4MB 0579 GS5V", "N0VC 2FQZ NG2H Q6EN 068S", "N0VA BC3B 5KBH 8APH 3157"}
	for i, want := range golden {
		if got := NewPaperCode(paperKey(), "N0V", "b:0123456789abcdef", i).String(); got != want {
			t.Errorf("code %d = %q, want %q", i, got, want)
		}
	}
}

// What the golden codes consist of, put together from the description.
func TestASecretIsTheFirst80BitsOfTheDescribedHMAC(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		group := rapid.String().Draw(t, "group")
		i := rapid.IntRange(0, 1<<40).Draw(t, "i")
		c := NewPaperCode(paperKey(), "N0V", group, i)
		for counter := uint32(0); ; counter++ {
			mac := hmac.New(sha256.New, paperKey())
			fmt.Fprintf(mac, "%s%s", binary.BigEndian.AppendUint32(nil, uint32(len(group))), group)
			mac.Write(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, uint64(i)), counter))
			try := PaperCode{Tag: "N0V", Secret: [10]byte(mac.Sum(nil)[:10])}
			if text := try.String(); strings.ContainsAny(text[len(text)-1:], "*~$=U") {
				continue
			}
			if try != c {
				t.Fatalf("secret of %q %d = % x, want % x", group, i, c.Secret, try.Secret)
			}
			return
		}
	})
}

// Worked out by hand: the value of the 19 characters modulo 37, where * ~ $ = U
// stand for 32 to 36. Those with a symbol beyond Z are never printed.
func TestTheCheckSymbolIsTheValueModulo37(t *testing.T) {
	for _, c := range []struct {
		code PaperCode
		want string
	}{
		{PaperCode{Tag: "000"}, "0000 0000 0000 0000 0000"},
		{PaperCode{Tag: "000", Secret: [10]byte{9: 31}}, "0000 0000 0000 0000 00ZZ"}, // 31
		{PaperCode{Tag: "000", Secret: [10]byte{9: 32}}, "0000 0000 0000 0000 010*"}, // 32
		{PaperCode{Tag: "000", Secret: [10]byte{9: 36}}, "0000 0000 0000 0000 014U"}, // 36
		{PaperCode{Tag: "000", Secret: [10]byte{9: 37}}, "0000 0000 0000 0000 0150"}, // 37 = 0
		{PaperCode{Tag: "000", Secret: [10]byte{8: 1}}, "0000 0000 0000 0000 080$"},  // 256 = 6·37 + 34
	} {
		if got := c.code.String(); got != c.want {
			t.Errorf("code = %q, want %q", got, c.want)
		}
	}
}

func TestEveryPrintedCodeCanBeTyped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyCode().Draw(t, "code")
		text := c.String()
		if len(text) != 24 || strings.Trim(text, alphabet+" ") != "" || strings.Count(text, " ") != 4 {
			t.Fatalf("the code is printed %q", text)
		}
		if got, err := ParsePaperCode(text); err != nil || got != c {
			t.Fatalf("%q parses as %v, %v", text, got, err)
		}
	})
}

func TestACodeMayBeTypedTheWayPeopleType(t *testing.T) {
	c := PaperCode{Tag: "010", Secret: [10]byte{0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xd2}}
	text := c.String()
	for name, typed := range map[string]string{
		"small":                    strings.ToLower(text),
		"one word":                 strings.ReplaceAll(text, " ", ""),
		"hyphens":                  strings.ReplaceAll(text, " ", "-"),
		"long hyphens":             strings.ReplaceAll(text, " ", "–"),
		"hard blanks and a return": "\t" + strings.ReplaceAll(text, " ", "\u00a0") + "\r\n",
		"the letter O":             strings.ReplaceAll(text, "0", "O"),
		"a small o":                strings.ReplaceAll(text, "0", "o"),
		"the letter I":             strings.ReplaceAll(text, "1", "I"),
		"a small l":                strings.ReplaceAll(text, "1", "l"),
		"one character at a time":  strings.Join(strings.Split(text, ""), " "),
	} {
		if got, err := ParsePaperCode(typed); err != nil || got != c {
			t.Errorf("%s: %q gives %v, %v", name, typed, got, err)
		}
	}
}

func TestWhatIsNoCodeIsMistyped(t *testing.T) {
	text := strings.ReplaceAll(NewPaperCode(paperKey(), "N0V", "g", 0).String(), " ", "")
	for _, typed := range []string{
		"", " ", "-", text[:19], text + "0", text + text, "U" + text[1:], text[:19] + "U", text[:19] + "*",
		"\xff" + text[1:], "é" + text[1:], text[:10] + "_" + text[10:], text[:10] + "\x00" + text[10:], "０" + text[1:],
		strings.Repeat("0", 1<<20),
	} {
		if got, err := ParsePaperCode(typed); !errors.Is(err, ErrMistyped) || got != (PaperCode{}) {
			t.Errorf("%.30q gives %v, %v; want ErrMistyped", typed, got, err)
		}
	}
}

// All 20 places, all 31 other characters: 620 single typing mistakes a code.
func TestEverySingleWrongCharacterIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(strings.ReplaceAll(anyCode().Draw(t, "code").String(), " ", ""))
		for at := range text {
			right := text[at]
			for _, wrong := range []byte(alphabet) {
				if text[at] = wrong; wrong == right {
					continue
				}
				if _, err := ParsePaperCode(string(text)); !errors.Is(err, ErrMistyped) {
					t.Fatalf("%s with %c for %c at %d passes", text, wrong, right, at)
				}
			}
			text[at] = right
		}
	})
}

func TestEveryTwoSwappedNeighboursAreCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(strings.ReplaceAll(anyCode().Draw(t, "code").String(), " ", ""))
		for at := range len(text) - 1 {
			if text[at] == text[at+1] {
				continue
			}
			text[at], text[at+1] = text[at+1], text[at]
			if _, err := ParsePaperCode(string(text)); !errors.Is(err, ErrMistyped) {
				t.Fatalf("%s with %d and %d swapped passes", text, at, at+1)
			}
			text[at], text[at+1] = text[at+1], text[at]
		}
	})
}

func TestALeftOutOrDoubledCharacterIsCaught(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ReplaceAll(anyCode().Draw(t, "code").String(), " ", "")
		for at := range text {
			for _, typed := range []string{text[:at] + text[at+1:], text[:at+1] + text[at:]} {
				if _, err := ParsePaperCode(typed); !errors.Is(err, ErrMistyped) {
					t.Fatalf("%s passes for %s", typed, text)
				}
			}
		}
	})
}

func TestACodeWithoutAProperTagPrintsNothing(t *testing.T) {
	for _, tag := range []string{"", "N", "N0VX", "NIL", "n0v", "é0"} {
		if got := (PaperCode{Tag: tag}).String(); got != "" {
			t.Errorf("a code with the tag %q prints %q", tag, got)
		}
	}
}

func TestNullifiersDependOnWaveAndSecretOnly(t *testing.T) {
	c := NewPaperCode(paperKey(), "N0V", "g", 0)
	other := c
	other.Secret[9] ^= 1
	retagged := c
	retagged.Tag = "000"
	switch n := c.Nullifier("2026-11"); {
	case n != c.Nullifier("2026-11"), n != retagged.Nullifier("2026-11"):
		t.Error("the same code has two nullifiers")
	case n == c.Nullifier("2026-12"):
		t.Error("two waves give the same nullifier: ballots could be linked")
	case n == other.Nullifier("2026-11"):
		t.Error("two codes have the same nullifier")
	case bytes.Contains(n[:], c.Secret[:4]):
		t.Error("the nullifier shows the secret")
	}
	// SHA-256 over lengths and parts, put together by hand.
	h := sha256.New()
	io.WriteString(h, "\x00\x00\x00\x19attune/v1 paper nullifier\x00\x00\x00\x072026-11\x00\x00\x00\x0a")
	h.Write(c.Secret[:])
	if got := c.Nullifier("2026-11"); !bytes.Equal(got[:], h.Sum(nil)) {
		t.Errorf("nullifier = %x, want %x", got, h.Sum(nil))
	}
}

func FuzzParsePaperCode(f *testing.F) {
	good := NewPaperCode(paperKey(), "N0V", "g", 0).String()
	f.Add(good)
	f.Add(strings.ToLower(good))
	f.Add(strings.ReplaceAll(good, " ", "\u2011"))
	f.Add("")
	f.Add("UUUU UUUU UUUU UUUU UUUU")
	f.Add("0000 0000 0000 0000 0000")
	f.Add("\xff\xfe0000")
	f.Fuzz(func(t *testing.T, typed string) {
		c, err := ParsePaperCode(typed)
		if err != nil {
			if !errors.Is(err, ErrMistyped) || c != (PaperCode{}) {
				t.Fatalf("%q gives %v, %v", typed, c, err)
			}
			return
		}
		if again, err := ParsePaperCode(c.String()); err != nil || again != c {
			t.Fatalf("%q gives %v, printed %q, which gives %v, %v", typed, c, c.String(), again, err)
		}
	})
}
