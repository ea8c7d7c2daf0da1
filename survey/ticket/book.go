package ticket

// PaperGroup is a group of a wave that answers on paper.
type PaperGroup struct {
	ID        string
	Headcount int // as many codes exist as the group has people
}

// PaperBook knows all paper codes of one wave. It is made from the wave's
// paper key, lives in memory only, and does not remember which code was used.
// It is safe for use by several goroutines at once.
type PaperBook struct {
	wave, tag string
	groups    map[[32]byte]string // by nullifier
}

// NewPaperBook makes the codes 0 to headcount−1 of every group. It takes about
// a microsecond or two a code, so it is made once for a wave, not for every
// ballot. Two of a million codes are the same with a chance below 2^-40.
func NewPaperBook(key []byte, wave, tag string, groups []PaperGroup) *PaperBook {
	people := 0
	for _, g := range groups {
		people += max(g.Headcount, 0)
	}
	b := &PaperBook{wave: wave, tag: tag, groups: make(map[[32]byte]string, people)}
	for _, g := range groups {
		for i := range g.Headcount {
			b.groups[NewPaperCode(key, tag, g.ID, i).Nullifier(wave)] = g.ID
		}
	}
	return b
}

// Find gives the group that a code belongs to and the nullifier of its ballot.
// ok is false for a code of another wave and for one that was never printed.
// Codes are looked up by nullifier, a hash, so that the time a look-up takes
// says nothing about how close a guess came.
func (b *PaperBook) Find(c PaperCode) (group string, nullifier [32]byte, ok bool) {
	if c.Tag != b.tag {
		return "", [32]byte{}, false
	}
	nullifier = c.Nullifier(b.wave)
	if group, ok = b.groups[nullifier]; !ok {
		return "", [32]byte{}, false
	}
	return group, nullifier, true
}
