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

// commitTimeout bounds one commit.
const commitTimeout = 30 * time.Second

// cast is one ballot, or the wish to take one out, on its way into a box.
type cast struct {
	wave      survey.WaveID
	ready     *readyWave
	group     string
	nullifier [32]byte
	sheet     []byte
	withdraw  bool
}

// castJob is a cast that somebody waits for; the result says whether it took
// the place of an earlier ballot.
type castJob = job[cast, bool]

// notStored tells a respondent that the ballot is on no disk. Sending it
// again is safe.
func notStored(cause error) error {
	return &survey.Error{Code: survey.Unavailable, Key: "paper.not_stored", Err: cause}
}

// errNoBox means that the box of a ballot is missing.
var errNoBox = errors.New("there is no such ballot box")

// flush commits a batch, one transaction a wave. When a box is at fault each
// group is tried alone, so that one damaged box does not keep the others from
// being stored. Other faults, a database in use for one, would meet every
// group, and waiting for each in turn would help nobody.
func (w *Waves) flush(batch []castJob) {
	byWave := make(map[survey.WaveID][]castJob)
	for _, j := range batch {
		byWave[j.work.wave] = append(byWave[j.work.wave], j)
	}
	for id, casts := range byWave {
		err := w.write(id, casts)
		if err == nil {
			continue
		}
		if !errors.Is(err, ballot.ErrSealed) && !errors.Is(err, errNoBox) {
			answerAll(casts, notStored(err))
			continue
		}
		byGroup := make(map[string][]castJob)
		for _, j := range casts {
			byGroup[j.work.group] = append(byGroup[j.work.group], j)
		}
		for _, some := range byGroup {
			if err := w.write(id, some); err != nil {
				answerAll(some, notStored(err))
			}
		}
	}
}

// write commits casts of one wave and answers each. With an error nothing was
// written and nobody answered.
func (w *Waves) write(id survey.WaveID, casts []castJob) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	touched := make(map[string]bool)
	var groups []string
	for _, j := range casts {
		if group := j.work.group; !touched[group] {
			touched[group] = true
			groups = append(groups, group)
		}
	}
	sort.Strings(groups)
	outcomes := make([]result[bool], len(casts))
	paper := casts[0].work.ready
	if !w.cfg.Now().Before(paper.closes) {
		answerAll(casts, closedError(w.moment(paper.closes)))
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
		answerAll(casts, refusal)
		return nil
	}
	if err != nil {
		return err
	}
	for i, j := range casts {
		j.answer(outcomes[i].value, outcomes[i].err)
	}
	return nil
}

// merge opens all boxes of the touched groups, applies the casts, and seals
// every box anew, so that nobody can see which of a group's boxes changed.
func (w *Waves) merge(id survey.WaveID, paper *readyWave, sealed []store.SealedBox, casts []castJob, outcomes []result[bool]) ([]store.SealedBox, error) {
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
	for i, j := range casts {
		c := j.work
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

func (w *Waves) apply(c cast, box *ballot.Box, group []*ballot.Box) result[bool] {
	if c.withdraw {
		found, err := box.Withdraw(w.cfg.Rand, c.nullifier)
		return result[bool]{found, err}
	}
	// A group never holds more ballots than people. A replacing ballot takes
	// no new slot, so it passes even when the group is full.
	full := ballot.Count(group) >= c.ready.groups[c.group].Headcount
	if full && !box.Has(c.nullifier) {
		return result[bool]{err: survey.Fail(survey.Conflict, "paper.full", nil)}
	}
	replaced, err := box.Cast(c.nullifier, c.sheet)
	if errors.Is(err, ballot.ErrFull) {
		err = survey.Fail(survey.Conflict, "paper.full", nil)
	}
	return result[bool]{replaced, err}
}
