package wave

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sort"

	"attune/survey"
	"attune/survey/store"
	"attune/survey/ticket"
)

// draw is one blinded element on its way into the issuance state.
type draw struct {
	wave    survey.WaveID
	ready   *readyWave
	seat    seat
	blinded [sha256.Size]byte // its hash
}

type drawJob = job[draw, struct{}]

// Drawable lists the public faces of the waves that give out tickets now: the
// announced and the open ones, by opening date.
func (w *Waves) Drawable(ctx context.Context) ([]survey.OpenWave, error) {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return nil, err
	}
	var faces []survey.OpenWave
	for _, wave := range all {
		if !w.drawable(wave) {
			continue
		}
		face, err := w.face(ctx, wave)
		if err != nil {
			return nil, err
		}
		faces = append(faces, face)
	}
	return faces, nil
}

func (w *Waves) drawable(wave survey.Wave) bool {
	return (wave.State == survey.Announced || wave.State == survey.Open) && w.cfg.Now().Before(wave.Closes)
}

// Offer gives what a phone needs to draw the ticket of whoever holds the link
// with this token. It changes nothing. Its errors are what the person reads:
// an unknown link, a closed wave, a wave that does not ask this person, a
// group that answers on paper.
func (w *Waves) Offer(ctx context.Context, token string, id survey.WaveID) (survey.Offer, error) {
	_, seat, err := w.seatOf(ctx, token, id)
	if err != nil {
		return survey.Offer{}, err
	}
	_, entry, leaves, err := w.cfg.Store.ManifestOf(ctx, id)
	if err != nil {
		return survey.Offer{}, err
	}
	offer := survey.Offer{Wave: id, Manifest: entry.Body, Count: len(leaves)}
	for i, leaf := range leaves {
		if leaf.Group != seat.group {
			continue
		}
		offer.Index = i
		if offer.Leaf, err = survey.Canonical(leaf); err != nil {
			return survey.Offer{}, err
		}
		offer.Path, err = survey.MerklePath(leaves, i)
		return offer, err
	}
	return survey.Offer{}, survey.Fail(survey.Unavailable, "ticket.fault", nil)
}

// Draw stamps a blinded element for whoever holds the link with this token,
// and returns once it is on disk that this person has drawn. The same element
// again is stamped again; another one is refused with survey.Conflict.
func (w *Waves) Draw(ctx context.Context, token string, id survey.WaveID, blinded []byte) (survey.Drawn, error) {
	ready, seat, err := w.seatOf(ctx, token, id)
	if err != nil {
		return survey.Drawn{}, err
	}
	evaluated, proof, err := ready.issuer.Issue(ticket.Info(ready.manifest, seat.group), blinded)
	if errors.Is(err, ticket.ErrMalformed) {
		return survey.Drawn{}, survey.Fail(survey.Invalid, "ticket.malformed", nil)
	}
	if err != nil {
		return survey.Drawn{}, err
	}
	if _, err := w.draws.do(ctx, draw{wave: id, ready: ready, seat: seat, blinded: sha256.Sum256(blinded)}); err != nil {
		return survey.Drawn{}, err
	}
	return survey.Drawn{Evaluated: evaluated, Proof: proof}, nil
}

// seatOf finds the place of a link's owner in a wave that gives out tickets.
func (w *Waves) seatOf(ctx context.Context, token string, id survey.WaveID) (*readyWave, seat, error) {
	person, err := w.person(ctx, token)
	if err != nil {
		return nil, seat{}, err
	}
	wave, err := w.cfg.Store.Wave(ctx, id)
	if survey.IsCode(err, survey.NotFound) || (err == nil && wave.State == survey.Planned) {
		return nil, seat{}, survey.Fail(survey.NotFound, "ticket.wave", nil)
	}
	if err != nil {
		return nil, seat{}, err
	}
	if !w.drawable(wave) {
		return nil, seat{}, w.ticketClosed(wave)
	}
	ready, err := w.readyFor(ctx, wave)
	if err != nil {
		return nil, seat{}, err
	}
	if s, ok := ready.seats[person]; ok {
		return ready, s, nil
	}
	if _, ok := ready.onPaper[person]; ok {
		return nil, seat{}, survey.Fail(survey.Conflict, "ticket.paper", nil)
	}
	return nil, seat{}, survey.Fail(survey.Conflict, "ticket.not_asked", nil)
}

func (w *Waves) ticketClosed(wave survey.Wave) error {
	if wave.State == survey.Void {
		return voidError()
	}
	return survey.Fail(survey.Conflict, "ticket.closed", survey.Args{"closes": w.moment(wave.Closes)})
}

// flushDraws commits a batch of draws, one transaction a wave.
func (w *Waves) flushDraws(batch []drawJob) {
	byWave := make(map[survey.WaveID][]drawJob)
	for _, j := range batch {
		byWave[j.work.wave] = append(byWave[j.work.wave], j)
	}
	for id, draws := range byWave {
		w.writeDraws(id, draws)
	}
}

func (w *Waves) writeDraws(id survey.WaveID, draws []drawJob) {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	byGroup := make(map[string][]int)
	for i, j := range draws {
		byGroup[j.work.seat.group] = append(byGroup[j.work.seat.group], i)
	}
	groups := make([]string, 0, len(byGroup))
	for group := range byGroup {
		groups = append(groups, group)
	}
	sort.Strings(groups)
	refusals := make([]error, len(draws))
	key := draws[0].work.ready.keys
	err := w.cfg.Store.UpdateIssuance(ctx, id, groups, func(sealed []store.SealedIssuance) ([]store.SealedIssuance, error) {
		if len(sealed) != len(groups) { // a draw that is noted nowhere could be made again
			return nil, fmt.Errorf("issuance state of wave %s: %d of %d groups are there", id, len(sealed), len(groups))
		}
		changed := make([]store.SealedIssuance, 0, len(sealed))
		for _, s := range sealed {
			records, err := openIssuance(id, key, s.Group, s.Sealed)
			if err != nil {
				return nil, err
			}
			for _, i := range byGroup[s.Group] {
				refusals[i] = record(records, draws[i].work.seat.place, draws[i].work.blinded)
			}
			raw, err := w.sealIssuance(id, key, s.Group, records)
			if err != nil {
				return nil, err
			}
			changed = append(changed, store.SealedIssuance{Group: s.Group, Sealed: raw})
		}
		return changed, nil
	})
	switch {
	case errors.Is(err, store.ErrDrawsClosed):
		answerAll(draws, survey.Fail(survey.Conflict, "ticket.closed", survey.Args{"closes": w.moment(draws[0].work.ready.closes)}))
	case err != nil:
		answerAll(draws, &survey.Error{Code: survey.Unavailable, Key: "ticket.fault", Err: err})
	default:
		for i, j := range draws {
			j.answer(struct{}{}, refusals[i])
		}
	}
}

// CastTicket puts a ballot into its group's box and returns once it is
// committed to disk. The same ticket again replaces the ballot.
func (w *Waves) CastTicket(ctx context.Context, b survey.TicketBallot) (survey.Receipt, error) {
	c, err := w.redeemTicket(ctx, b)
	if err != nil {
		return survey.Receipt{}, err
	}
	if c.sheet, err = c.ready.unpad(b.Sheet); err != nil {
		return survey.Receipt{}, err
	}
	replaced, err := w.casts.do(ctx, c)
	if err != nil {
		return survey.Receipt{}, err
	}
	return survey.Receipt{Wave: b.Wave, Teams: c.ready.teams[c.group], Headcount: c.ready.groups[c.group].Headcount, Replaced: replaced}, nil
}

// WithdrawTicket takes the ballot of a ticket out of its box again. A ticket
// that has cast nothing is no error: the wish is fulfilled.
func (w *Waves) WithdrawTicket(ctx context.Context, b survey.TicketBallot) error {
	c, err := w.redeemTicket(ctx, b)
	if err != nil {
		return err
	}
	c.withdraw = true
	_, err = w.casts.do(ctx, c)
	return err
}

// redeemTicket checks a ticket against the open wave and group that it names.
func (w *Waves) redeemTicket(ctx context.Context, b survey.TicketBallot) (cast, error) {
	wave, err := w.cfg.Store.Wave(ctx, b.Wave)
	if survey.IsCode(err, survey.NotFound) || (err == nil && wave.State == survey.Planned) {
		return cast{}, survey.Fail(survey.NotFound, "ticket.wave", nil)
	}
	if err != nil {
		return cast{}, err
	}
	now := w.cfg.Now()
	switch {
	case wave.State == survey.Announced && now.Before(wave.Closes):
		return cast{}, survey.Fail(survey.Conflict, "ticket.not_open", survey.Args{"opens": w.moment(wave.Opens)})
	case wave.State != survey.Open || !now.Before(wave.Closes):
		return cast{}, w.ticketClosed(wave)
	}
	ready, err := w.readyFor(ctx, wave)
	if err != nil {
		return cast{}, err
	}
	group, ok := ready.groups[b.Group]
	if !ok || group.Way != survey.Electronic || len(b.Input) != ticket.InputSize {
		return cast{}, survey.Fail(survey.Invalid, "ticket.invalid", nil)
	}
	if err := ready.issuer.Redeem(ticket.Info(ready.manifest, group.ID), b.Input, b.Output); err != nil {
		return cast{}, survey.Fail(survey.Invalid, "ticket.invalid", nil)
	}
	return cast{wave: b.Wave, ready: ready, group: group.ID, nullifier: [32]byte(b.Input)}, nil
}

// unpad checks that a padded sheet is one of this wave's and cuts it.
func (r *readyWave) unpad(padded []byte) ([]byte, error) {
	if len(padded) != r.slot-ballotOverhead {
		return nil, survey.Fail(survey.Invalid, "error.answer.length", survey.Args{"bytes": len(padded), "expected": r.slot - ballotOverhead})
	}
	sheet, padding := padded[:r.sheet.Bytes()], padded[r.sheet.Bytes():]
	for _, b := range padding {
		if b != 0 {
			return nil, survey.Fail(survey.Invalid, "error.answer.length", survey.Args{"bytes": len(padded), "expected": r.sheet.Bytes()})
		}
	}
	if _, err := r.sheet.Decode(sheet); err != nil {
		return nil, err
	}
	return sheet, nil
}

// ballotOverhead is the nullifier and the mark of a slot: see survey.Slot.
const ballotOverhead = 33
