package survey

import "slices"

func nameOf(id, version string) string { return id + " " + version }

// Add takes an organisation's own pack into the library: the bytes of a pack
// file, which goes through the same check as every other. A version that is
// there already with these bytes stays as it is. It fails with Conflict when
// the id belongs to a built-in pack, or when another content has this version:
// a pack version never changes.
func (l *Library) Add(data []byte) (*Pack, []Fault, error) {
	p, faults, err := ReadPack(data)
	if err != nil || len(faults) > 0 {
		return nil, faults, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, other := range l.packs {
		switch {
		case other.ID != p.ID:
		case !l.own[nameOf(other.ID, other.Version)]:
			return nil, nil, Fail(Conflict, "error.library.builtin", Args{"pack": p.ID})
		case other.Version == p.Version && other.SHA256 == p.SHA256:
			return other, nil, nil
		case other.Version == p.Version:
			return nil, nil, Fail(Conflict, "error.library.taken", Args{"pack": p.ID, "version": p.Version})
		}
	}
	packs := append(slices.Clone(l.packs), p)
	inOrder(packs)
	if l.own == nil {
		l.own = make(map[string]bool)
	}
	l.own[nameOf(p.ID, p.Version)] = true
	l.packs = packs
	l.edits++
	return p, nil, nil
}

// Own says whether a pack version is the organisation's own.
func (l *Library) Own(id, version string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.own[nameOf(id, version)]
}

// Remove takes an organisation's own pack version out again. Whether a wave or
// a programme asks it is for the caller to know. It fails with NotFound for
// every other pack.
func (l *Library) Remove(id, version string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.own[nameOf(id, version)] {
		return Fail(NotFound, "error.library.not_own", Args{"pack": id, "version": version})
	}
	delete(l.own, nameOf(id, version))
	l.packs = slices.DeleteFunc(slices.Clone(l.packs), func(p *Pack) bool { return p.ID == id && p.Version == version })
	l.edits++
	return nil
}
