package ballot

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// seeded gives the same random bytes in every run.
func seeded(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

func newBox(t testing.TB, capacity, slot int) *Box {
	t.Helper()
	b, err := New(seeded(1), capacity, slot)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestNewRefusesSizesThatHoldNoBallot(t *testing.T) {
	for _, size := range []struct{ capacity, slot int }{{0, 64}, {-1, 64}, {1, 0}, {1, 33}, {1, -64}} {
		if _, err := New(seeded(1), size.capacity, size.slot); err == nil {
			t.Errorf("New with %d slots of %d bytes was not refused", size.capacity, size.slot)
		}
	}
	if _, err := New(bytes.NewReader(make([]byte, 100)), 2, 64); err == nil {
		t.Error("New went on although its source of randomness ran dry")
	}
}

func TestANewBoxIsEmptyAndFullOfNoise(t *testing.T) {
	b := newBox(t, 40, 64)
	if b.Len() != 0 || b.Capacity() != 40 {
		t.Errorf("a new box has %d ballots in %d slots, want 0 in 40", b.Len(), b.Capacity())
	}
	for i := range b.Capacity() {
		// 63 random bytes are all zero with a chance of 2^-504.
		if bytes.Equal(b.at(i), make([]byte, 64)) {
			t.Errorf("empty slot %d holds zeros, not random bytes", i)
		}
	}
}

func TestCastTakesExactlyASlotLess33Bytes(t *testing.T) {
	b := newBox(t, 1, 64)
	if _, err := b.Cast([32]byte{1}, make([]byte, 32)); !errors.Is(err, ErrSize) {
		t.Errorf("32 bytes into a slot of 64: %v, want ErrSize", err)
	}
	if b.Len() != 0 {
		t.Error("a refused sheet changed the box")
	}
	if _, err := b.Cast([32]byte{1}, make([]byte, 31)); err != nil {
		t.Errorf("31 bytes into a slot of 64: %v", err)
	}
}

func TestAFullBoxRefusesNewBallotsAndTakesEdits(t *testing.T) {
	b := newBox(t, 2, 64)
	for i := range byte(2) {
		if replaced, err := b.Cast([32]byte{i}, []byte{i}); replaced || err != nil {
			t.Fatalf("cast %d: %v %v", i, replaced, err)
		}
	}
	if _, err := b.Cast([32]byte{9}, []byte{9}); !errors.Is(err, ErrFull) {
		t.Errorf("third ballot into two slots: %v, want ErrFull", err)
	}
	if replaced, err := b.Cast([32]byte{0}, []byte{7}); !replaced || err != nil {
		t.Errorf("edit in a full box: %v %v, want it replaced", replaced, err)
	}
	if b.Has([32]byte{9}) || !b.Has([32]byte{0}) {
		t.Error("Has does not say what lies in the box")
	}
}

func TestAShorterEditLeavesNothingOfTheLongerAnswer(t *testing.T) {
	b := newBox(t, 1, 64)
	must(t, b, [32]byte{1}, []byte{5, 5, 5, 5})
	must(t, b, [32]byte{1}, []byte{2})
	if got := b.at(0)[sheetAt:]; !bytes.Equal(got, append([]byte{2}, make([]byte, 30)...)) {
		t.Errorf("after the edit the slot holds % x", got)
	}
}

func TestWithdrawLeavesNothingOfTheBallot(t *testing.T) {
	b := newBox(t, 1, 96)
	nullifier, sheet := [32]byte(bytes.Repeat([]byte{0xaa}, 32)), bytes.Repeat([]byte{0xbb}, 63)
	must(t, b, nullifier, sheet)
	if found, err := b.Withdraw(seeded(2), nullifier); !found || err != nil {
		t.Fatalf("withdraw: %v %v", found, err)
	}
	// Four equal bytes in a row among 95 random ones: chance below 2^-25.
	if bytes.Contains(b.at(0), []byte{0xaa, 0xaa, 0xaa, 0xaa}) || bytes.Contains(b.at(0), []byte{0xbb, 0xbb, 0xbb, 0xbb}) {
		t.Error("the withdrawn ballot is still in its slot")
	}
	if found, err := b.Withdraw(seeded(2), nullifier); found || err != nil {
		t.Errorf("second withdrawal: %v %v, want not found", found, err)
	}
}

func TestWithdrawChangesNothingWhenRandomnessFails(t *testing.T) {
	b := newBox(t, 1, 64)
	must(t, b, [32]byte{1}, []byte{4})
	before := bytes.Clone(b.bytes)
	if found, err := b.Withdraw(bytes.NewReader(make([]byte, 10)), [32]byte{1}); found || err == nil {
		t.Errorf("withdraw without randomness: %v %v, want an error", found, err)
	}
	if !bytes.Equal(before, b.bytes) {
		t.Error("a failed withdrawal changed the box")
	}
}

// The random bytes of an empty slot are no nullifier, whatever they happen to
// be.
func TestAnEmptySlotIsNobodysBallot(t *testing.T) {
	b := newBox(t, 1, 64)
	if b.Has([32]byte(b.at(0)[:nullifierBytes])) {
		t.Error("an empty slot was taken for a ballot")
	}
}

func TestCountAddsTheBoxesOfAGroup(t *testing.T) {
	a, b := newBox(t, 3, 64), newBox(t, 3, 64)
	must(t, a, [32]byte{1}, nil)
	must(t, a, [32]byte{2}, nil)
	must(t, b, [32]byte{3}, nil)
	if got := Count([]*Box{a, b}); got != 3 {
		t.Errorf("Count = %d, want 2 + 1", got)
	}
	if got := Count(nil); got != 0 {
		t.Errorf("Count of no boxes = %d", got)
	}
}

// The box is held against a plain map: whatever is cast, replaced, withdrawn,
// sealed and opened, both hold the same ballots.
func TestABoxHoldsWhatAMapHolds(t *testing.T) {
	const wave, id = "2026-11", "b:0123/0"
	key := bytes.Repeat([]byte{7}, KeyBytes)
	rapid.Check(t, func(t *rapid.T) {
		capacity := rapid.IntRange(1, 12).Draw(t, "capacity")
		slot := 64 * rapid.IntRange(1, 2).Draw(t, "blocks")
		sheetBytes := rapid.IntRange(1, slot-sheetAt).Draw(t, "sheet bytes")
		random := seeded(rapid.Byte().Draw(t, "seed"))
		b, err := New(random, capacity, slot)
		if err != nil {
			t.Fatal(err)
		}
		model := make(map[[32]byte]string)
		nullifier := rapid.Custom(func(t *rapid.T) [32]byte {
			return [32]byte{31: rapid.ByteRange(0, 15).Draw(t, "voter")}
		})
		t.Repeat(map[string]func(*rapid.T){
			"cast": func(t *rapid.T) {
				n := nullifier.Draw(t, "nullifier")
				sheet := rapid.SliceOfN(rapid.Byte(), sheetBytes, sheetBytes).Draw(t, "sheet")
				_, known := model[n]
				replaced, err := b.Cast(n, sheet)
				if !known && len(model) == capacity {
					if !errors.Is(err, ErrFull) {
						t.Fatalf("ballot %d of %d: %v, want ErrFull", len(model)+1, capacity, err)
					}
					return
				}
				if err != nil || replaced != known {
					t.Fatalf("cast: replaced %v, %v; want %v", replaced, err, known)
				}
				model[n] = string(sheet)
			},
			"withdraw": func(t *rapid.T) {
				n := nullifier.Draw(t, "nullifier")
				_, known := model[n]
				if found, err := b.Withdraw(random, n); err != nil || found != known {
					t.Fatalf("withdraw: %v %v, want %v", found, err, known)
				}
				delete(model, n)
			},
			"seal and unseal": func(t *rapid.T) {
				sealed, err := Seal(random, key, wave, id, b)
				if err != nil {
					t.Fatal(err)
				}
				if b, err = Unseal(key, wave, id, slot, sealed); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				if b.Len() != len(model) {
					t.Fatalf("the box has %d ballots, the map %d", b.Len(), len(model))
				}
				for n := range model {
					if !b.Has(n) {
						t.Fatalf("ballot % x is missing", n)
					}
				}
			},
		})
		sealed, err := Seal(random, key, wave, id, b)
		if err != nil {
			t.Fatal(err)
		}
		sheets, err := Open(key, wave, id, slot, sheetBytes, sealed)
		if err != nil {
			t.Fatal(err)
		}
		want, got := make(map[string]int), make(map[string]int)
		for _, sheet := range model {
			want[sheet]++
		}
		for _, sheet := range sheets {
			got[string(sheet)]++
		}
		if len(sheets) != len(model) || !equalCounts(got, want) {
			t.Fatalf("opened %v, cast %v", got, want)
		}
	})
}

func equalCounts(a, b map[string]int) bool {
	for k, n := range a {
		if b[k] != n {
			return false
		}
	}
	return len(a) == len(b)
}

func must(t testing.TB, b *Box, nullifier [32]byte, sheet []byte) {
	t.Helper()
	if _, err := b.Cast(nullifier, sheet); err != nil {
		t.Fatal(err)
	}
}
