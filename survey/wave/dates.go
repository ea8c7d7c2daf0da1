package wave

import (
	"context"
	"time"

	"attune/survey"
)

// OccurrenceRequest is what a programme asks for on one of its dates. made
// counts the waves that it has had so far.
func OccurrenceRequest(p survey.Programme, o survey.Occurrence, made int) Request {
	return Request{
		Programme: p.ID, Packs: p.PacksOf(made), Opens: o.Opens, Closes: o.Closes, Owner: p.Owner,
		ResultsOn: o.ResultsOn, Contact: p.Contact, Unit: p.Scope, Paper: p.Paper, K: p.K,
	}
}

// Date is one of the next dates of a programme, and what will become of it as
// things are now.
type Date struct {
	survey.Occurrence
	Decided   bool      // it has a wave, or was skipped
	Announced time.Time // when its wave is announced; zero for a decided or paused one
	Request   Request   // what its wave will ask; empty for a decided or paused one
}

// Dates gives the next n dates of a programme from now on, decided and paused
// ones too. A date takes its module's turn when it has a wave or will have one.
func (w *Waves) Dates(ctx context.Context, p survey.Programme, n int) ([]Date, error) {
	decisions, err := w.cfg.Store.Occurrences(ctx, p.ID)
	if err != nil {
		return nil, err
	}
	waves, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return nil, err
	}
	from, made := p.Since, 0
	if now := w.cfg.Now(); now.After(from) {
		from = now
	}
	decided := make(map[string]bool, len(decisions))
	for _, d := range decisions {
		decided[d.Date] = true
		if d.Wave != "" {
			made++
		}
	}
	next, err := p.Next(w.cfg.Zone, from, n)
	if err != nil {
		return nil, err
	}
	dates, before := make([]Date, len(next)), previousClose(waves, p.ID, from)
	for i, o := range next {
		dates[i] = Date{Occurrence: o, Decided: decided[o.Date]}
		if o.Paused && !decided[o.Date] {
			continue
		}
		if !decided[o.Date] {
			dates[i].Announced, _ = o.Announcement(before)
			dates[i].Request = OccurrenceRequest(p, o, made)
			made++
		}
		before = o.Closes
	}
	return dates, nil
}

// previousClose is the close of a programme's last promised wave that opens
// before a moment; zero when there is none.
func previousClose(waves []survey.Wave, programme string, opens time.Time) time.Time {
	var last time.Time
	for _, w := range waves { // by opening
		if w.Programme == programme && w.Opens.Before(opens) && w.State != survey.Planned && w.State != survey.Void {
			last = w.Closes
		}
	}
	return last
}
