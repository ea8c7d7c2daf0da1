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
	case w.casts <- c:
	case <-w.stop:
		return false, survey.Fail(survey.Unavailable, "paper.busy", nil)
	default:
		return false, survey.Fail(survey.Unavailable, "paper.busy", nil)
	}
	select {
	case o := <-done:
		return o.replaced, o.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// commit writes waiting ballots in groups, at a fixed tick that does not
// depend on when they came.
func (w *Waves) commit() {
	defer w.stopped.Done()
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
			if batch := w.waiting(nil); len(batch) > 0 {
				w.flush(batch)
			}
			return
		}
	}
}

// collect gathers what comes until the next tick.
func (w *Waves) collect(first cast, tick <-chan time.Time) []cast {
	batch := []cast{first}
	if tick != nil {
		select {
		case <-tick: // one that passed while nobody was waiting
		default:
		}
		for waiting := true; waiting; {
			select {
			case c := <-w.casts:
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
	for {
		select {
		case c := <-w.casts:
			batch = append(batch, c)
		default:
			return batch
		}
	}
}

// flush commits a batch, one transaction a wave. When that fails for several
// groups together each is tried alone, so that one damaged box does not keep
// the others from being answered.
func (w *Waves) flush(batch []cast) {
	byWave := make(map[survey.WaveID][]cast)
	for _, c := range batch {
		byWave[c.wave] = append(byWave[c.wave], c)
	}
	for id, casts := range byWave {
		if w.write(id, casts) {
			continue
		}
		byGroup := make(map[string][]cast)
		for _, c := range casts {
			byGroup[c.group] = append(byGroup[c.group], c)
		}
		for _, some := range byGroup {
			if !w.write(id, some) {
				answer(some, survey.Fail(survey.Unavailable, "paper.not_stored", nil))
			}
		}
	}
}

func answer(casts []cast, err error) {
	for _, c := range casts {
		c.done <- outcome{err: err}
	}
}

// write commits casts of one wave and answers each; false when nothing was
// written and nobody answered.
func (w *Waves) write(id survey.WaveID, casts []cast) bool {
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
		return true
	}
	err := w.cfg.Store.UpdateBoxes(ctx, id, groups, func(sealed []store.SealedBox) ([]store.SealedBox, error) {
		return w.merge(id, paper, sealed, casts, outcomes)
	})
	if errors.Is(err, store.ErrBoxesNotOpen) {
		answer(casts, closedError(w.moment(paper.closes)))
		return true
	}
	if err != nil {
		return false
	}
	for i, c := range casts {
		c.done <- outcomes[i]
	}
	return true
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
			return nil, fmt.Errorf("group %s has no box for this ballot", c.group)
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
