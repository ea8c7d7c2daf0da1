package wave

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"attune/survey"
	"attune/survey/ballot"
	"attune/survey/store"
)

const (
	// castQueue ballots may wait for the next commit; one more is refused with
	// a message, and the phone keeps it.
	castQueue = 4096
	// commitTimeout bounds one commit.
	commitTimeout = 30 * time.Second
)

// cast is one ballot, or the wish to take one out, on its way into a box.
type cast struct {
	wave      survey.WaveID
	paper     *paperWave
	group     string
	nullifier [32]byte
	sheet     []byte
	withdraw  bool
	done      chan<- outcome
}

type outcome struct {
	replaced bool
	err      error
}

// cast queues c for the next commit and waits until it is on disk. When ctx
// ends first the ballot may still be committed; sending it again is safe.
func (w *Waves) cast(ctx context.Context, c cast) (replaced bool, err error) {
	done := make(chan outcome, 1)
	c.done = done
	select {
	case <-w.stop:
		return false, notStored(nil)
	default:
	}
	select {
	case w.casts <- c:
	default:
		return false, notStored(nil)
	}
	select {
	case o := <-done:
		return o.replaced, o.err
	case <-ctx.Done():
		return false, ctx.Err()
	case <-w.over: // nobody will look into the queue again
	}
	select {
	case o := <-done: // answered by the last commit
		return o.replaced, o.err
	default:
		return false, notStored(nil)
	}
}

// notStored tells a respondent that the ballot is on no disk. Sending it
// again is safe.
func notStored(cause error) error {
	return &survey.Error{Code: survey.Unavailable, Key: "paper.not_stored", Err: cause}
}

// commit writes waiting ballots in groups, at a fixed tick that does not
// depend on when they came.
func (w *Waves) commit() {
	defer close(w.over)
	var tick <-chan time.Time
	if w.cfg.Flush > 0 {
		ticker := time.NewTicker(w.cfg.Flush)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case c := <-w.casts:
			w.flush(w.collect(c, tick))
		case <-w.stop:
			for batch := w.waiting(nil); len(batch) > 0; batch = w.waiting(nil) {
				w.flush(batch)
			}
			return
		}
	}
}

// collect gathers what comes until the next tick, at most castQueue ballots:
// more wait in the queue, and when that is full too they are refused.
func (w *Waves) collect(first cast, tick <-chan time.Time) []cast {
	batch := []cast{first}
	if tick != nil {
		select {
		case <-tick: // one that passed while nobody was waiting
		default:
		}
		for waiting := true; waiting; {
			casts := w.casts
			if len(batch) >= castQueue {
				casts = nil
			}
			select {
			case c := <-casts:
				batch = append(batch, c)
			case <-tick:
				waiting = false
			case <-w.stop:
				waiting = false
			}
		}
	}
	return w.waiting(batch)
}

func (w *Waves) waiting(batch []cast) []cast {
	for len(batch) < castQueue {
		select {
		case c := <-w.casts:
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}

// errNoBox means that the box of a ballot is missing.
var errNoBox = errors.New("there is no such ballot box")

// flush commits a batch, one transaction a wave. When a box is at fault each
// group is tried alone, so that one damaged box does not keep the others from
// being stored. Other faults, a database in use for one, would meet every
// group, and waiting for each in turn would help nobody.
func (w *Waves) flush(batch []cast) {
	byWave := make(map[survey.WaveID][]cast)
	for _, c := range batch {
		byWave[c.wave] = append(byWave[c.wave], c)
	}
	for id, casts := range byWave {
		err := w.write(id, casts)
		if err == nil {
			continue
		}
		if !errors.Is(err, ballot.ErrSealed) && !errors.Is(err, errNoBox) {
			answer(casts, notStored(err))
			continue
		}
		byGroup := make(map[string][]cast)
		for _, c := range casts {
			byGroup[c.group] = append(byGroup[c.group], c)
		}
		for _, some := range byGroup {
			if err := w.write(id, some); err != nil {
				answer(some, notStored(err))
			}
		}
	}
}

func answer(casts []cast, err error) {
	for _, c := range casts {
		c.done <- outcome{err: err}
	}
}

// write commits casts of one wave and answers each. With an error nothing was
// written and nobody answered.
func (w *Waves) write(id survey.WaveID, casts []cast) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	touched := make(map[string]bool)
	var groups []string
	for _, c := range casts {
		if !touched[c.group] {
			touched[c.group] = true
			groups = append(groups, c.group)
		}
	}
	sort.Strings(groups)
	outcomes := make([]outcome, len(casts))
	paper := casts[0].paper
	if !w.cfg.Now().Before(paper.closes) {
		answer(casts, closedError(w.moment(paper.closes)))
		return nil
	}
	err := w.cfg.Store.UpdateBoxes(ctx, id, groups, func(sealed []store.SealedBox) ([]store.SealedBox, error) {
		return w.merge(id, paper, sealed, casts, outcomes)
	})
	if errors.Is(err, store.ErrBoxesNotOpen) {
		refusal := closedError(w.moment(paper.closes))
		if w.cfg.Now().Before(paper.closes) {
			refusal = voidError() // made void while the ballot was waiting
		}
		answer(casts, refusal)
		return nil
	}
	if err != nil {
		return err
	}
	for i, c := range casts {
		c.done <- outcomes[i]
	}
	return nil
}

// merge opens all boxes of the touched groups, applies the casts, and seals
// every box anew, so that nobody can see which of a group's boxes changed.
func (w *Waves) merge(id survey.WaveID, paper *paperWave, sealed []store.SealedBox, casts []cast, outcomes []outcome) ([]store.SealedBox, error) {
	boxes := make(map[string]*ballot.Box, len(sealed))
	ofGroup := make(map[string][]*ballot.Box)
	for _, s := range sealed {
		box, err := ballot.Unseal(paper.keys.Box, string(id), s.ID, paper.slot, s.Sealed)
		if err != nil {
			return nil, fmt.Errorf("ballot box %s: %w", s.ID, err)
		}
		boxes[s.ID] = box
		ofGroup[s.Group] = append(ofGroup[s.Group], box)
	}
	for i, c := range casts {
		box, ok := boxes[paper.place(c.group, c.nullifier)]
		if !ok {
			return nil, fmt.Errorf("a ballot of group %s: %w", c.group, errNoBox)
		}
		outcomes[i] = w.apply(c, box, ofGroup[c.group])
	}
	out := make([]store.SealedBox, len(sealed))
	for i, s := range sealed {
		raw, err := ballot.Seal(w.cfg.Rand, paper.keys.Box, string(id), s.ID, boxes[s.ID])
		if err != nil {
			return nil, fmt.Errorf("ballot box %s: %w", s.ID, err)
		}
		out[i] = store.SealedBox{ID: s.ID, Group: s.Group, Sealed: raw}
	}
	return out, nil
}

func (w *Waves) apply(c cast, box *ballot.Box, group []*ballot.Box) outcome {
	if c.withdraw {
		found, err := box.Withdraw(w.cfg.Rand, c.nullifier)
		return outcome{replaced: found, err: err}
	}
	// A group never holds more ballots than people. A replacing ballot takes
	// no new slot, so it passes even when the group is full.
	full := ballot.Count(group) >= c.paper.groups[c.group].Headcount
	if full && !box.Has(c.nullifier) {
		return outcome{err: survey.Fail(survey.Conflict, "paper.full", nil)}
	}
	replaced, err := box.Cast(c.nullifier, c.sheet)
	if errors.Is(err, ballot.ErrFull) {
		err = survey.Fail(survey.Conflict, "paper.full", nil)
	}
	return outcome{replaced: replaced, err: err}
}
