package ballot

import (
	"encoding/binary"
	"io"
	"math"
)

// shuffle puts the slots into a random order, every order equally likely: the
// Fisher–Yates shuffle (Durstenfeld, CACM 7(7), 1964, algorithm 235) with
// numbers from dice.
func (b *Box) shuffle(rand io.Reader) error {
	d := dice{rand: rand}
	held := make([]byte, b.slot)
	for i := b.Capacity() - 1; i > 0; i-- {
		j, err := d.below(uint32(i + 1))
		if err != nil {
			return err
		}
		if j == i {
			continue
		}
		copy(held, b.at(i))
		copy(b.at(i), b.at(j))
		copy(b.at(j), held)
	}
	return nil
}

// dice draws whole numbers from a source of random bytes, which it reads in
// larger pieces: a read of the system's source costs more than the shuffle.
type dice struct {
	rand  io.Reader
	piece [1024]byte
	left  []byte
}

// below gives a number from 0 to n−1, n at least 1, each equally likely.
// Values at the top of the range of 32 bits that would make the small numbers
// likelier are thrown away.
func (d *dice) below(n uint32) (int, error) {
	fair := math.MaxUint32 - (math.MaxUint32%n+1)%n // the last value that may be used
	for {
		if len(d.left) < 4 {
			if _, err := io.ReadFull(d.rand, d.piece[:]); err != nil {
				return 0, err
			}
			d.left = d.piece[:]
		}
		v := binary.BigEndian.Uint32(d.left)
		d.left = d.left[4:]
		if v <= fair {
			return int(v % n), nil
		}
	}
}
