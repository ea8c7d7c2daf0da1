package ballot

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func testKey() []byte { return bytes.Repeat([]byte{7}, KeyBytes) }

func sealed(t testing.TB, b *Box, seed byte) []byte {
	t.Helper()
	s, err := Seal(seeded(seed), testKey(), "2026-11", "box", b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSealedLengthDoesNotDependOnTheBallots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		capacity := rapid.IntRange(1, 30).Draw(t, "capacity")
		slot := 64 * rapid.IntRange(1, 3).Draw(t, "blocks")
		b, err := New(seeded(1), capacity, slot)
		if err != nil {
			t.Fatal(err)
		}
		for i := range rapid.IntRange(0, capacity).Draw(t, "ballots") {
			sheet := rapid.SliceOfN(rapid.Byte(), 0, slot-sheetAt).Draw(t, "sheet")
			if _, err := b.Cast([32]byte{byte(i)}, sheet); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Seal(seeded(2), testKey(), "2026-11", "box", b)
		if err != nil {
			t.Fatal(err)
		}
		// 12 bytes of nonce and 16 of tag: NIST SP 800-38D.
		if want := 12 + capacity*slot + 16; len(s) != want {
			t.Fatalf("sealed %d bytes, want %d", len(s), want)
		}
	})
}

func TestTwoSealsOfOneBoxHaveNothingInCommon(t *testing.T) {
	b := newBox(t, 64, 64)
	for i := range byte(64) {
		must(t, b, [32]byte{i}, []byte{3})
	}
	one, two := sealed(t, b, 3), sealed(t, b, 4)
	if bytes.Equal(one[:nonceBytes], two[:nonceBytes]) {
		t.Error("both seals have the same nonce")
	}
	same, longest, run := 0, 0, 0
	for i := range one {
		if one[i] != two[i] {
			run = 0
			continue
		}
		same, run = same+1, run+1
		longest = max(longest, run)
	}
	// 4,124 independent bytes agree in 16.1 places on average, standard
	// deviation 4.0; 44 is 7 of them above. A run of 4 has a chance of 1e-6.
	if same > 44 || longest > 4 {
		t.Errorf("%d of %d bytes agree, the longest run has %d", same, len(one), longest)
	}
}

func TestChangingOneBallotChangesTheWholeCiphertext(t *testing.T) {
	b := newBox(t, 64, 64)
	one := sealed(t, b, 5)
	must(t, b, [32]byte{1}, []byte{3})
	two := sealed(t, b, 6)
	same := 0
	for i := range one {
		if one[i] == two[i] {
			same++
		}
	}
	if same > 44 { // see above
		t.Errorf("%d of %d bytes stayed the same: where the ballot lies can be seen", same, len(one))
	}
}

func TestABoxOpensOnlyWithItsOwnKeyWaveAndID(t *testing.T) {
	b := newBox(t, 4, 64)
	must(t, b, [32]byte{1}, []byte{3})
	s := sealed(t, b, 7)
	if _, err := Unseal(testKey(), "2026-11", "box", 64, s); err != nil {
		t.Fatalf("the right key does not open the box: %v", err)
	}
	other := testKey()
	other[31] ^= 1
	cases := map[string]struct {
		key      []byte
		wave, id string
		slot     int
	}{
		"another key":              {other, "2026-11", "box", 64},
		"a short key":              {testKey()[:31], "2026-11", "box", 64},
		"no key":                   {nil, "2026-11", "box", 64},
		"another wave":             {testKey(), "2026-12", "box", 64},
		"another box":              {testKey(), "2026-11", "bok", 64},
		"wave and id run together": {testKey(), "2026-11b", "ox", 64},
		"a slot that does not fit": {testKey(), "2026-11", "box", 96},
		"no slot":                  {testKey(), "2026-11", "box", 0},
		"a negative slot":          {testKey(), "2026-11", "box", -64},
	}
	for name, c := range cases {
		if _, err := Unseal(c.key, c.wave, c.id, c.slot, s); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: Unseal gave %v, want ErrSealed", name, err)
		}
		if _, err := Open(c.key, c.wave, c.id, c.slot, 1, s); err == nil {
			t.Errorf("%s: Open opened the box", name)
		}
	}
}

// Halves of slots of 128 bytes pass for slots of 64 by their length; the answers
// where the flag should be give them away.
func TestAnswersWhereTheFlagShouldBeAreNoticed(t *testing.T) {
	b := newBox(t, 2, 128)
	for i := range byte(2) {
		must(t, b, [32]byte{i}, bytes.Repeat([]byte{5}, 95))
	}
	if _, err := Unseal(testKey(), "2026-11", "box", 64, sealed(t, b, 10)); !errors.Is(err, ErrSealed) {
		t.Errorf("slots of 128 bytes read as 64: %v, want ErrSealed", err)
	}
}

func TestAnyChangedByteIsNoticed(t *testing.T) {
	b := newBox(t, 2, 64)
	s := sealed(t, b, 8)
	for i := range s {
		changed := bytes.Clone(s)
		changed[i] ^= 0x10
		if _, err := Unseal(testKey(), "2026-11", "box", 64, changed); !errors.Is(err, ErrSealed) {
			t.Fatalf("byte %d changed: %v, want ErrSealed", i, err)
		}
	}
	for _, cut := range [][]byte{nil, s[:11], s[:28], s[:len(s)-1], s[:len(s)-64], append(bytes.Clone(s), 0)} {
		if _, err := Unseal(testKey(), "2026-11", "box", 64, cut); !errors.Is(err, ErrSealed) {
			t.Errorf("%d of %d bytes: %v, want ErrSealed", len(cut), len(s), err)
		}
	}
}

func TestOpenGivesSheetsOnlyAndOfTheAskedLength(t *testing.T) {
	b := newBox(t, 5, 64)
	must(t, b, [32]byte{1}, []byte{1, 2, 3})
	s := sealed(t, b, 9)
	sheets, err := Open(testKey(), "2026-11", "box", 64, 3, s)
	if err != nil || len(sheets) != 1 || !bytes.Equal(sheets[0], []byte{1, 2, 3}) {
		t.Errorf("Open = %v, %v", sheets, err)
	}
	if cap(sheets[0]) > 8 { // the allocator's smallest class: not a view of the box
		t.Errorf("the sheet keeps %d bytes of the box alive", cap(sheets[0]))
	}
	for _, n := range []int{-1, 32} {
		if _, err := Open(testKey(), "2026-11", "box", 64, n, s); !errors.Is(err, ErrSize) {
			t.Errorf("Open of %d bytes a sheet: %v, want ErrSize", n, err)
		}
	}
}

func TestSealRefusesAShortKeyAndDrySources(t *testing.T) {
	b := newBox(t, 4, 64)
	if _, err := Seal(seeded(1), testKey()[:31], "2026-11", "box", b); err == nil {
		t.Error("a key of 31 bytes was taken")
	}
	if _, err := Seal(bytes.NewReader(nil), testKey(), "2026-11", "box", b); err == nil {
		t.Error("sealed without a shuffle")
	}
	if _, err := Seal(bytes.NewReader(make([]byte, 1024)), testKey(), "2026-11", "box", b); err == nil {
		t.Error("sealed without a nonce")
	}
}

// The key of a box is RFC 5869 HKDF with the box id as info; the vector is
// that RFC's test case 3 (SHA-256, no salt, no info), which says that the
// function called here is that one.
func TestBoxKeysComeFromRFC5869(t *testing.T) {
	got, err := hkdf.Key(sha256.New, bytes.Repeat([]byte{0x0b}, 22), nil, "", 42)
	want := "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
	if err != nil || hex.EncodeToString(got) != want {
		t.Errorf("HKDF = %x, %v", got, err)
	}
}

// Every one of the 24 orders of four slots is equally likely. The bound is the
// 0.999 quantile of the chi-square distribution with 23 degrees of freedom,
// 49.73 (NIST/SEMATECH e-Handbook, section 1.3.6.7.4). The seed is fixed, so
// the test does not flicker.
func TestEveryOrderIsEquallyLikely(t *testing.T) {
	const rounds, bound = 24000, 49.73
	random := seeded(42)
	seen := make(map[[4]byte]int)
	for range rounds {
		b := &Box{slot: 1, bytes: []byte{0, 1, 2, 3}}
		if err := b.shuffle(random); err != nil {
			t.Fatal(err)
		}
		seen[[4]byte(b.bytes)]++
	}
	chi := 0.0
	for _, n := range seen {
		chi += float64((n-rounds/24)*(n-rounds/24)) / (rounds / 24)
	}
	if len(seen) != 24 || chi > bound {
		t.Errorf("%d orders, chi-square %.1f, want 24 and at most %v", len(seen), chi, bound)
	}
}

// A box of 512 slots: the place where the first slot lands is uniform. The
// bound is the 0.999 quantile of chi-square with 511 degrees of freedom by
// Wilson and Hilferty: 511·(1 − 2/(9·511) + 3.0902·√(2/(9·511)))³ = 615.4.
func TestASlotLandsEverywhereInALargeBox(t *testing.T) {
	const rounds, bound = 51200, 615.4
	random := seeded(43)
	seen := make([]int, 512)
	for range rounds {
		b := &Box{slot: 1, bytes: make([]byte, 512)}
		b.bytes[0] = 1
		if err := b.shuffle(random); err != nil {
			t.Fatal(err)
		}
		seen[bytes.IndexByte(b.bytes, 1)]++
	}
	chi := 0.0
	for _, n := range seen {
		chi += float64((n-rounds/512)*(n-rounds/512)) / (rounds / 512)
	}
	if chi > bound {
		t.Errorf("chi-square %.1f, want at most %v", chi, bound)
	}
}

// 2^32 = 1 431 655 765 · 3 + 1: the last 32-bit value would make a 0 of three
// likelier and is thrown away.
func TestDiceThrowAwayWhatWouldMakeSmallNumbersLikelier(t *testing.T) {
	piece := make([]byte, 1024)
	copy(piece, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe})
	d := dice{rand: bytes.NewReader(piece)}
	got, err := d.below(3)
	want := new(big.Int).Mod(big.NewInt(0xfffffffe), big.NewInt(3)).Int64()
	if err != nil || int64(got) != want || len(d.left) != 1024-8 {
		t.Errorf("below(3) = %d, %v with %d bytes left; want %d after two draws", got, err, len(d.left), want)
	}
}

func TestDiceUseEveryValueWhenAllAreFair(t *testing.T) {
	piece := bytes.Repeat([]byte{0xff}, 1024)
	d := dice{rand: bytes.NewReader(piece)}
	if got, err := d.below(256); err != nil || got != 255 {
		t.Errorf("below(256) = %d, %v; want 255: 256 divides 2^32", got, err)
	}
}

func FuzzUnseal(f *testing.F) {
	b, err := New(seeded(1), 2, 64)
	if err != nil {
		f.Fatal(err)
	}
	good, err := Seal(seeded(2), testKey(), "w", "b", b)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, 64, 10)
	f.Add(good, 128, 95)
	f.Add(good, 0, 0)
	f.Add(good, -1, -1)
	f.Add([]byte{}, 64, 1)
	f.Add(good[:28], 64, 1)
	f.Fuzz(func(t *testing.T, data []byte, slot, sheetBytes int) {
		box, err := Unseal(testKey(), "w", "b", slot, data)
		if (err == nil) != (box != nil) {
			t.Fatalf("box %v with error %v", box, err)
		}
		if err == nil && !bytes.Equal(data, good) {
			t.Fatal("a box opened that nobody sealed")
		}
		sheets, err := Open(testKey(), "w", "b", slot, sheetBytes, data)
		if err == nil && len(sheets) != 0 {
			t.Fatal("an empty box gave ballots")
		}
	})
}

func BenchmarkUnsealCastSealOf512(b *testing.B) {
	random := seeded(1)
	box, err := New(random, MaxPeople, 64)
	if err != nil {
		b.Fatal(err)
	}
	s, err := Seal(random, testKey(), "2026-11", "box", box)
	if err != nil {
		b.Fatal(err)
	}
	sheet := make([]byte, 31)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		box, err := Unseal(testKey(), "2026-11", "box", 64, s)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := box.Cast([32]byte{byte(i), byte(i >> 8 & 1)}, sheet); err != nil {
			b.Fatal(err)
		}
		if s, err = Seal(random, testKey(), "2026-11", "box", box); err != nil {
			b.Fatal(err)
		}
	}
}
