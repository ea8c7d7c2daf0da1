package wave

import (
	"cmp"
	"context"
	"encoding/hex"
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
	keys     keys
	issuer   *ticket.IssuerKey
	book     *ticket.PaperBook
	sheet    survey.Sheet
	slot     int
	manifest [32]byte // SHA-256
	groups   map[string]survey.Group
	teams    map[string][]string          // paths, by group id
	seats    map[survey.PersonID]seat     // of electronic groups
	onPaper  map[survey.PersonID]struct{} // who gets a slip instead
	closes   time.Time
}

// seat is a person's place in the issuance state of their group.
type seat struct {
	group string
	place int
}

// readyFor loads what drawing and casting need, once per wave.
func (w *Waves) readyFor(ctx context.Context, wave survey.Wave) (*readyWave, error) {
	w.mu.Lock()
	r, ok := w.ready[wave.ID]
	w.mu.Unlock()
	if ok {
		return r, nil
	}
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
	r = &readyWave{
		keys: key, slot: promise.manifest.Slot, closes: wave.Closes,
		groups: make(map[string]survey.Group), teams: make(map[string][]string),
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
		}
		if g.Way == survey.Paper {
			book = append(book, ticket.PaperGroup{ID: g.ID, Headcount: g.Headcount})
		}
	}
	r.book = ticket.NewPaperBook(key.Paper, string(wave.ID), wave.Tag, book)
	if err := w.seat(ctx, wave.ID, r); err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.ready[wave.ID] = r
	w.mu.Unlock()
	return r, nil
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
