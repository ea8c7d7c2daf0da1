package ballot

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
)

// The errors of this package. They carry no detail about a ballot, so that
// they may be logged; package wave maps them to what a respondent is told.
var (
	// ErrFull means that every slot is taken: more ballots arrived than the
	// box has people, a sign of stuffing.
	ErrFull = errors.New("ballot box is full")
	// ErrSize means that a sheet does not fit into a slot.
	ErrSize = errors.New("answer sheet does not fit into a slot of the ballot box")
	// ErrSealed means that a sealed box does not open: wrong key, wave or box
	// id, another slot size, or changed bytes.
	ErrSealed = errors.New("sealed ballot box does not open")
)

// A slot is the nullifier, one byte that says whether the slot is taken, and
// the answer sheet padded with zeros.
const (
	nullifierBytes = 32
	flagAt         = nullifierBytes
	sheetAt        = nullifierBytes + 1

	empty byte = 0
	taken byte = 1
)

// Box is an open ballot box in memory: a fixed number of slots of a fixed
// size. Empty slots hold random bytes, so that a box that was sealed with no
// ballots in it looks like any other also to somebody who opens it and does
// not know where the flag stands. A Box is not safe for use by several
// goroutines at once.
type Box struct {
	slot  int    // bytes of one slot
	bytes []byte // capacity slots, one after the other
}

// New makes an empty box of capacity slots (at least 1) of slot bytes each (at
// least 34: nullifier, flag and one byte of answers), filled with random bytes
// from rand. It fails when a size is too small or rand does.
func New(rand io.Reader, capacity, slot int) (*Box, error) {
	if capacity < 1 || slot <= sheetAt {
		return nil, fmt.Errorf("ballot box of %d slots of %d bytes: want at least 1 slot of at least %d bytes", capacity, slot, sheetAt+1)
	}
	b := &Box{slot: slot, bytes: make([]byte, capacity*slot)}
	if _, err := io.ReadFull(rand, b.bytes); err != nil {
		return nil, fmt.Errorf("fill ballot box with random bytes: %w", err)
	}
	for i := range capacity {
		b.at(i)[flagAt] = empty
	}
	return b, nil
}

// Capacity is the number of slots, taken or not.
func (b *Box) Capacity() int { return len(b.bytes) / b.slot }

// Len is the number of ballots in the box.
func (b *Box) Len() int {
	n := 0
	for i := range b.Capacity() {
		n += int(b.at(i)[flagAt])
	}
	return n
}

// Count is the number of ballots in all boxes together. A group over
// MaxPeople has boxes with more slots in all than it has people: whoever casts
// holds Count against the headcount.
func Count(boxes []*Box) int {
	n := 0
	for _, b := range boxes {
		n += b.Len()
	}
	return n
}

// Has says whether a ballot with this nullifier is in the box.
func (b *Box) Has(nullifier [32]byte) bool {
	_, found := b.find(nullifier)
	return found
}

// Cast puts a sheet into the box. A ballot with the same nullifier is replaced
// and replaced is true. It returns ErrSize when the sheet is longer than a
// slot less 33 bytes, ErrFull when no slot is left; the box is then unchanged.
func (b *Box) Cast(nullifier [32]byte, sheet []byte) (replaced bool, err error) {
	if len(sheet) > b.slot-sheetAt {
		return false, ErrSize
	}
	i, replaced := b.find(nullifier)
	if !replaced {
		if i = b.free(); i < 0 {
			return false, ErrFull
		}
	}
	s := b.at(i)
	copy(s, nullifier[:])
	s[flagAt] = taken
	clear(s[sheetAt:])
	copy(s[sheetAt:], sheet)
	return replaced, nil
}

// Withdraw takes the ballot with this nullifier out of the box and fills its
// slot with random bytes from rand. found is false when there is none. When
// rand fails the box is unchanged.
func (b *Box) Withdraw(rand io.Reader, nullifier [32]byte) (found bool, err error) {
	i, found := b.find(nullifier)
	if !found {
		return false, nil
	}
	noise := make([]byte, b.slot)
	if _, err := io.ReadFull(rand, noise); err != nil {
		return false, fmt.Errorf("fill withdrawn ballot with random bytes: %w", err)
	}
	noise[flagAt] = empty
	copy(b.at(i), noise)
	return true, nil
}

// at is slot i. Changing it changes the box.
func (b *Box) at(i int) []byte { return b.bytes[i*b.slot : (i+1)*b.slot] }

// find looks at every slot, wherever the nullifier stands, so that the time it
// takes does not tell an early slot from a late one.
func (b *Box) find(nullifier [32]byte) (place int, found bool) {
	place = -1
	for i := range b.Capacity() {
		s := b.at(i)
		hit := subtle.ConstantTimeCompare(s[:nullifierBytes], nullifier[:]) & int(s[flagAt])
		place = subtle.ConstantTimeSelect(hit, i, place)
	}
	return place, place >= 0
}

// free is the first empty slot, -1 when there is none. Which one it is does
// not matter: the box is shuffled before it is sealed.
func (b *Box) free() int {
	for i := range b.Capacity() {
		if b.at(i)[flagAt] == empty {
			return i
		}
	}
	return -1
}
