package wave

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"attune/survey"
	"attune/survey/ballot"
	"attune/survey/ticket"
)

// readyWave is what drawing and casting need to know about one announced or
// open wave. It is made from the key folder, the manifest and the frozen
// roster, kept in memory, and never changes.
type readyWave struct {
	state    survey.State // when it was last read
	keys     keys
	issuer   *ticket.IssuerKey
	book     *ticket.PaperBook
	sheet    survey.Sheet
	slot     int
	manifest [32]byte        // SHA-256
	body     json.RawMessage // the manifest as it was published
	tree     *survey.MerkleTree
	leaves   map[string]leaf // by group id
	groups   map[string]survey.Group
	teams    map[string][]string          // paths, by group id
	seats    map[survey.PersonID]seat     // of electronic groups
	onPaper  map[survey.PersonID]struct{} // who gets a slip instead
	lines    map[string][][]survey.UnitID // each team with what lies above it, by group id
	contact  string
	closes   time.Time
}

// leaf is a group's place in the manifest's tree.
type leaf struct {
	index int
	body  json.RawMessage // canonical
}

// seat is a person's place in the issuance state of their group.
type seat struct {
	group string
	place int
}

// seen gives what drawing and casting need of a wave that was in one of these
// states when it was last read, without reading it again: states only move
// forward, and the commit asks for the state once more under its lock. ok is
// false when somebody has to read the wave to know.
func (w *Waves) seen(id survey.WaveID, states ...survey.State) (r *readyWave, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok = w.ready[id]
	return r, ok && slices.Contains(states, r.state) && w.cfg.Now().Before(r.closes)
}

// readyFor loads what drawing and casting need, once per wave: when a wave
// opens, hundreds ask for it at the same moment.
func (w *Waves) readyFor(ctx context.Context, wave survey.Wave) (*readyWave, error) {
	if r, ok := w.loaded(wave); ok {
		return r, nil
	}
	w.loading.Lock()
	defer w.loading.Unlock()
	if r, ok := w.loaded(wave); ok {
		return r, nil
	}
	r, err := w.load(ctx, wave)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.ready[wave.ID] = r
	w.mu.Unlock()
	return r, nil
}

// loaded gives what is in memory, in the state that the wave is in now.
func (w *Waves) loaded(wave survey.Wave) (r *readyWave, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok = w.ready[wave.ID]
	if ok && r.state != wave.State {
		moved := *r
		moved.state = wave.State
		r = &moved
		w.ready[wave.ID] = r
	}
	return r, ok
}

func (w *Waves) load(ctx context.Context, wave survey.Wave) (*readyWave, error) {
	key, err := w.readKeys(wave.ID)
	if errors.Is(err, errNoKeys) {
		return nil, noKeys(wave.ID)
	}
	if err != nil {
		return nil, err
	}
	promise, err := w.promised(ctx, wave)
	if err != nil {
		return nil, err
	}
	packs, err := w.packs(wave)
	if err != nil {
		return nil, err
	}
	r := &readyWave{
		state: wave.State, keys: key, slot: promise.manifest.Slot, contact: wave.Contact, closes: wave.Closes,
		groups: make(map[string]survey.Group), teams: make(map[string][]string), lines: make(map[string][][]survey.UnitID),
	}
	if err := r.plant(promise); err != nil {
		return nil, err
	}
	if r.sheet, err = survey.NewSheet(packs); err != nil {
		return nil, err
	}
	if r.issuer, err = ticket.ParseIssuerKey(key.Ticket); err != nil {
		return nil, err
	}
	if _, err := hex.Decode(r.manifest[:], []byte(promise.sha256)); err != nil {
		return nil, err
	}
	var book []ticket.PaperGroup
	for _, g := range promise.groups {
		r.groups[g.ID] = g
		for _, team := range g.Units {
			r.teams[g.ID] = append(r.teams[g.ID], teamPath(promise.org.Tree, team))
			r.lines[g.ID] = append(r.lines[g.ID], line(promise.org.Tree, team))
		}
		if g.Way == survey.Paper {
			book = append(book, ticket.PaperGroup{ID: g.ID, Headcount: g.Headcount})
		}
	}
	r.book = ticket.NewPaperBook(key.Paper, string(wave.ID), wave.Tag, book)
	return r, w.seat(ctx, wave.ID, r)
}

// plant keeps the manifest and the tree of its groups as phones check them.
func (r *readyWave) plant(p promise) (err error) {
	r.body, r.leaves = p.body, make(map[string]leaf, len(p.leaves))
	if r.tree, err = survey.NewMerkleTree(p.leaves); err != nil {
		return err
	}
	for i, l := range p.leaves {
		raw, err := survey.Canonical(l)
		if err != nil {
			return err
		}
		r.leaves[l.Group] = leaf{i, raw}
	}
	return nil
}

// seat gives everybody on the roster their place: people of a group in the
// order of their ids, which are random.
func (w *Waves) seat(ctx context.Context, id survey.WaveID, r *readyWave) error {
	roster, err := w.cfg.Store.Roster(ctx, id)
	if err != nil {
		return err
	}
	groupOf := make(map[survey.UnitID]survey.Group)
	for _, g := range r.groups {
		for _, team := range g.Units {
			groupOf[team] = g
		}
	}
	people := make([]survey.PersonID, 0, len(roster))
	for person := range roster {
		people = append(people, person)
	}
	slices.SortFunc(people, cmp.Compare[survey.PersonID])
	r.seats, r.onPaper = make(map[survey.PersonID]seat), make(map[survey.PersonID]struct{})
	taken := make(map[string]int)
	for _, person := range people {
		g, asked := groupOf[roster[person]]
		switch {
		case !asked:
		case g.Way == survey.Paper:
			r.onPaper[person] = struct{}{}
		default:
			r.seats[person] = seat{g.ID, taken[g.ID]}
			taken[g.ID]++
		}
	}
	return nil
}

// place says which box of its group a nullifier belongs to.
func (r *readyWave) place(group string, nullifier [32]byte) string {
	boxes, _ := ballot.Layout(r.groups[group].Headcount)
	return boxID(group, ballot.Place(nullifier, boxes))
}
