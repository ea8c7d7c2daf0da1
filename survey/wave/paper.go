package wave

import (
	"context"
	"errors"
	"sync"
	"time"

	"attune/survey"
	"attune/survey/ticket"
)

// Slip is one paper ticket, ready to print.
type Slip struct {
	Group string
	Teams []string // paths of the group's teams
	Code  string   // "ABCD EFGH JKMN PQRS TVWX"
}

// Slips gives exactly headcount slips for each paper group that lies in or
// under unit (empty: all). Printing again gives the same slips. A group of
// several teams is printed when any of them lies under unit.
func (w *Waves) Slips(ctx context.Context, id survey.WaveID, unit survey.UnitID) ([]Slip, error) {
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return nil, err
	}
	if wave.State != survey.Announced && wave.State != survey.Open {
		return nil, survey.Fail(survey.Conflict, "error.tickets.state", survey.Args{"wave": id, "state": wave.State})
	}
	paper, err := w.readyFor(ctx, wave)
	if err != nil {
		return nil, err
	}
	groups, org, err := w.groupsOf(ctx, wave)
	if err != nil {
		return nil, err
	}
	var slips []Slip
	for _, g := range groups {
		inside := unit == ""
		for _, team := range g.Units {
			inside = inside || org.Tree.Within(team, unit)
		}
		if !inside || g.Way != survey.Paper {
			continue
		}
		for i := range g.Headcount {
			code := ticket.NewPaperCode(paper.keys.Paper, wave.Tag, g.ID, i)
			slips = append(slips, Slip{Group: g.ID, Teams: paper.teams[g.ID], Code: code.String()})
		}
	}
	if len(slips) == 0 {
		return nil, survey.Fail(survey.NotFound, "error.tickets.none", survey.Args{"wave": id})
	}
	return slips, nil
}

// PaperWave finds the open wave that a code belongs to.
func (w *Waves) PaperWave(ctx context.Context, code string) (survey.OpenWave, error) {
	wave, _, _, _, err := w.redeem(ctx, code)
	if err != nil {
		return survey.OpenWave{}, err
	}
	face, err := w.face(ctx, wave)
	if err != nil {
		return survey.OpenWave{}, err
	}
	return w.helped(ctx, face, wave.Scope)
}

// CastPaper puts a ballot into its group's box and returns once it is
// committed to disk. The same code again replaces the ballot.
func (w *Waves) CastPaper(ctx context.Context, code string, answers survey.Answers) (survey.Receipt, error) {
	wave, paper, group, nullifier, err := w.redeem(ctx, code)
	if err != nil {
		return survey.Receipt{}, err
	}
	sheet, err := paper.sheet.Encode(answers)
	if err != nil {
		return survey.Receipt{}, err
	}
	replaced, err := w.casts.do(ctx, cast{wave: wave.ID, ready: paper, group: group, nullifier: nullifier, sheet: sheet})
	if err != nil {
		return survey.Receipt{}, err
	}
	return w.receipt(ctx, wave.ID, paper, group, replaced), nil
}

// WithdrawPaper takes the ballot of a code out of its box again. A code that
// has cast nothing is no error: the wish is fulfilled.
func (w *Waves) WithdrawPaper(ctx context.Context, code string) error {
	wave, paper, group, nullifier, err := w.redeem(ctx, code)
	if err != nil {
		return err
	}
	_, err = w.casts.do(ctx, cast{wave: wave.ID, ready: paper, group: group, nullifier: nullifier, withdraw: true})
	return err
}

// redeem finds the wave and group of a typed code. Its errors are the
// messages that a respondent reads; only wrong codes take from the bucket.
func (w *Waves) redeem(ctx context.Context, typed string) (survey.Wave, *readyWave, string, [32]byte, error) {
	fail := func(err error) (survey.Wave, *readyWave, string, [32]byte, error) {
		return survey.Wave{}, nil, "", [32]byte{}, err
	}
	code, err := ticket.ParsePaperCode(typed)
	if errors.Is(err, ticket.ErrMistyped) {
		return fail(survey.Fail(survey.Invalid, "paper.mistyped", nil))
	}
	if err != nil {
		return fail(err)
	}
	wave, err := w.tagged(ctx, code.Tag)
	if err != nil {
		return fail(err)
	}
	paper, err := w.readyFor(ctx, wave)
	if err != nil {
		return fail(notStored(err)) // its text is for whoever runs the server
	}
	group, nullifier, ok := paper.book.Find(code)
	if !ok {
		return fail(w.wrongCode())
	}
	return wave, paper, group, nullifier, nil
}

// tagged finds the wave whose codes begin with tag and checks that it is open.
func (w *Waves) tagged(ctx context.Context, tag string) (survey.Wave, error) {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return survey.Wave{}, err
	}
	now := w.cfg.Now()
	for _, wave := range all {
		if wave.Tag != tag {
			continue
		}
		switch {
		case wave.State == survey.Planned:
			return survey.Wave{}, w.wrongCode() // nothing was promised yet
		case wave.State == survey.Void:
			return survey.Wave{}, voidError()
		case wave.State == survey.Announced && now.Before(wave.Closes):
			return survey.Wave{}, survey.Fail(survey.Conflict, "paper.not_open", survey.Args{"opens": w.moment(wave.Opens)})
		case wave.State != survey.Open || !now.Before(wave.Closes):
			return survey.Wave{}, closedError(w.moment(wave.Closes))
		}
		return wave, nil
	}
	return survey.Wave{}, w.wrongCode()
}

func closedError(closes string) error {
	return survey.Fail(survey.Conflict, "paper.closed", survey.Args{"closes": closes})
}

func voidError() error { return survey.Fail(survey.Conflict, "paper.void", nil) }

// wrongCode slows guessing: one bucket in memory for everybody, no addresses.
// Right codes never meet it.
func (w *Waves) wrongCode() error {
	if !w.wrong.take(w.cfg.Now()) {
		return survey.Fail(survey.TooMany, "paper.busy", nil)
	}
	return survey.Fail(survey.Invalid, "paper.wrong", nil)
}

// bucket holds at most bucketSize tokens and gains one a second.
type bucket struct {
	mu     sync.Mutex
	tokens float64
	last   time.Time
}

const bucketSize = 30

func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last.IsZero() {
		b.tokens = bucketSize
	} else if gained := now.Sub(b.last).Seconds(); gained > 0 {
		b.tokens = min(bucketSize, b.tokens+gained)
	}
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
