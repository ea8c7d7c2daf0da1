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
	all, err := w.cfg.Store.LiveWaves(ctx)
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
		if face, err = w.helped(ctx, face, wave.Scope); err != nil {
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
	ready, seat, err := w.seatOf(ctx, token, id)
	if err != nil {
		return survey.Offer{}, err
	}
	leaf := ready.leaves[seat.group]
	path, err := ready.tree.Path(leaf.index)
	return survey.Offer{
		Wave: id, Manifest: ready.body, Leaf: leaf.body, Index: leaf.index, Count: len(ready.groups), Path: path,
	}, err
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
		if survey.IsKey(err, "paper.not_stored") {
			err = notDrawn(err)
		}
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
	ready, ok := w.seen(id, survey.Announced, survey.Open)
	if !ok {
		wave, err := w.ticketWave(ctx, id)
		if err != nil {
			return nil, seat{}, err
		}
		if !w.drawable(wave) {
			return nil, seat{}, w.ticketClosed(wave)
		}
		if ready, err = w.readyFor(ctx, wave); err != nil {
			return nil, seat{}, err
		}
	}
	if s, ok := ready.seats[person]; ok {
		return ready, s, nil
	}
	if _, ok := ready.onPaper[person]; ok {
		return nil, seat{}, survey.Fail(survey.Conflict, "ticket.paper", nil)
	}
	return nil, seat{}, survey.Fail(survey.Conflict, "ticket.not_asked", nil)
}

// ticketWave finds a wave that there were ever tickets of.
func (w *Waves) ticketWave(ctx context.Context, id survey.WaveID) (survey.Wave, error) {
	wave, err := w.cfg.Store.Wave(ctx, id)
	if survey.IsCode(err, survey.NotFound) || (err == nil && wave.State == survey.Planned) {
		return survey.Wave{}, survey.Fail(survey.NotFound, "ticket.wave", nil)
	}
	return wave, err
}

func (w *Waves) ticketClosed(wave survey.Wave) error {
	if wave.State == survey.Void {
		return ticketVoid()
	}
	return survey.Fail(survey.Conflict, "ticket.closed", survey.Args{"closes": w.moment(wave.Closes)})
}

func ticketVoid() error { return survey.Fail(survey.Conflict, "ticket.void", nil) }

// inTicketWords says of a ticket what the commit says of a slip.
func inTicketWords(err error) error {
	var told *survey.Error
	if !errors.As(err, &told) {
		return err
	}
	of := *told
	switch told.Key {
	case "paper.closed":
		of.Key = "ticket.closed"
	case "paper.void":
		of.Key = "ticket.void"
	case "paper.full":
		of.Key = "ticket.full"
	case "paper.not_stored":
		of.Key = "ticket.not_stored"
	default:
		return err
	}
	return &of
}

// errNoIssuance means that the issuance state of a group is missing. A draw
// that is noted nowhere could be made again.
var errNoIssuance = errors.New("there is no issuance state")

// flushDraws commits a batch of draws, one transaction a wave. When the state
// of one group is at fault each group is tried alone, as with ballots.
func (w *Waves) flushDraws(batch []drawJob) {
	byWave := make(map[survey.WaveID][]drawJob)
	for _, j := range batch {
		byWave[j.work.wave] = append(byWave[j.work.wave], j)
	}
	for id, draws := range byWave {
		err := w.writeDraws(id, draws)
		if err == nil {
			continue
		}
		if !errors.Is(err, errIssuanceSealed) && !errors.Is(err, errNoIssuance) {
			answerAll(draws, notDrawn(err))
			continue
		}
		byGroup := make(map[string][]drawJob)
		for _, j := range draws {
			byGroup[j.work.seat.group] = append(byGroup[j.work.seat.group], j)
		}
		for _, some := range byGroup {
			if err := w.writeDraws(id, some); err != nil {
				answerAll(some, notDrawn(err))
			}
		}
	}
}

// notDrawn tells a person that nothing was noted. Drawing again is safe.
func notDrawn(cause error) error {
	return &survey.Error{Code: survey.Unavailable, Key: "ticket.fault", Err: cause}
}

// writeDraws commits draws of one wave and answers each. With an error nothing
// was written and nobody answered.
func (w *Waves) writeDraws(id survey.WaveID, draws []drawJob) error {
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
	ready := draws[0].work.ready
	var closed error = survey.Fail(survey.Conflict, "ticket.closed", survey.Args{"closes": w.moment(ready.closes)})
	if !w.cfg.Now().Before(ready.closes) {
		answerAll(draws, closed)
		return nil
	}
	err := w.cfg.Store.UpdateIssuance(ctx, id, groups, func(sealed []store.SealedIssuance) ([]store.SealedIssuance, error) {
		if len(sealed) != len(groups) {
			return nil, fmt.Errorf("%d of %d groups: %w", len(sealed), len(groups), errNoIssuance)
		}
		changed := make([]store.SealedIssuance, 0, len(sealed))
		for _, s := range sealed {
			records, err := openIssuance(id, ready.keys, s.Group, s.Sealed)
			if err != nil {
				return nil, err
			}
			for _, i := range byGroup[s.Group] {
				refusals[i] = record(records, draws[i].work.seat.place, draws[i].work.blinded)
			}
			raw, err := w.sealIssuance(id, ready.keys, s.Group, records)
			if err != nil {
				return nil, err
			}
			changed = append(changed, store.SealedIssuance{Group: s.Group, Sealed: raw})
		}
		return changed, nil
	})
	if errors.Is(err, store.ErrDrawsClosed) {
		if w.cfg.Now().Before(ready.closes) {
			closed = ticketVoid() // made void while the draw was waiting
		}
		answerAll(draws, closed)
		return nil
	}
	if err != nil {
		return err
	}
	for i, j := range draws {
		j.answer(struct{}{}, refusals[i])
	}
	return nil
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
		return survey.Receipt{}, inTicketWords(err)
	}
	return w.receipt(ctx, b.Wave, c.ready, c.group, replaced), nil
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
	return inTicketWords(err)
}

// redeemTicket checks a ticket against the open wave and group that it names.
func (w *Waves) redeemTicket(ctx context.Context, b survey.TicketBallot) (cast, error) {
	ready, err := w.castable(ctx, b.Wave)
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

// castable finds a wave that takes ballots now.
func (w *Waves) castable(ctx context.Context, id survey.WaveID) (*readyWave, error) {
	if ready, ok := w.seen(id, survey.Open); ok {
		return ready, nil
	}
	wave, err := w.ticketWave(ctx, id)
	if err != nil {
		return nil, err
	}
	now := w.cfg.Now()
	switch {
	case wave.State == survey.Announced && now.Before(wave.Closes):
		return nil, survey.Fail(survey.Conflict, "ticket.not_open", survey.Args{"opens": w.moment(wave.Opens)})
	case wave.State != survey.Open || !now.Before(wave.Closes):
		return nil, w.ticketClosed(wave)
	}
	return w.readyFor(ctx, wave)
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
