package notify

import (
	"context"
	"errors"
	"fmt"
	"time"

	"attune/survey"
	"attune/survey/wave"
)

// Reasons why an occurrence has no wave, beside refusals of the announcement.
const (
	SkippedPause  = "programme.skipped.pause"
	SkippedMissed = "programme.skipped.missed"
)

// announceDue brings every active programme to where it should be by now.
func (c Clock) announceDue(ctx context.Context) error {
	programmes, err := c.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, p := range programmes {
		if p.Active {
			faults = append(faults, guarded("programme "+p.ID, func() error { return c.lead(ctx, p) }))
		}
	}
	return errors.Join(faults...)
}

// lead takes one programme's dates in their order. A date is decided once, by
// its row in the store: whoever writes it has planned or skipped it, and a
// wave that was planned and not announced before a kill is announced by the
// next tick.
func (c Clock) lead(ctx context.Context, p survey.Programme) error {
	decisions, err := c.Store.Occurrences(ctx, p.ID)
	if err != nil {
		return err
	}
	decided, made := make(map[string]survey.Decision, len(decisions)), 0
	for _, d := range decisions {
		decided[d.Date] = d
		if d.Wave != "" {
			made++
		}
	}
	now := c.Now()
	occurrences, err := p.Between(c.Zone, p.Since, now.AddDate(0, 0, survey.MaxLeadDays+1))
	if err != nil {
		return err
	}
	waves, err := c.Waves.Waves(ctx)
	if err != nil {
		return err
	}
	for _, o := range occurrences {
		d, known := decided[o.Date]
		switch {
		case known && d.Wave != "" && d.Skipped == nil:
			err = c.announcePlanned(ctx, p, o, stateOf(waves, d.Wave), d.Wave)
		case known:
			continue
		case o.Paused && now.Before(o.Opens):
			continue // the pause may still be lifted
		case o.Paused:
			err = c.skip(ctx, p, o, "", survey.Fail(survey.Conflict, SkippedPause, survey.Args{"date": o.Date}))
		case now.After(o.Latest()):
			err = c.skip(ctx, p, o, "", c.whyMissed(ctx, p, o, made))
		case !due(o, previous(waves, p.ID, o.Opens), now):
			return nil
		default:
			return c.planAndAnnounce(ctx, p, o, made)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func stateOf(waves []survey.Wave, id survey.WaveID) survey.State {
	for _, w := range waves {
		if w.ID == id {
			return w.State
		}
	}
	return ""
}

// previous is the programme's last promised wave that opens before a moment;
// its zero value when there is none.
func previous(waves []survey.Wave, programme string, opens time.Time) survey.Wave {
	var last survey.Wave
	for _, w := range waves { // by opening
		if w.Programme == programme && w.Opens.Before(opens) && w.State != survey.Planned && w.State != survey.Void {
			last = w
		}
	}
	return last
}

// due says whether the occurrence is to be announced now.
func due(o survey.Occurrence, before survey.Wave, now time.Time) bool {
	from, latest := o.Announcement(before.Closes)
	return !now.Before(latest) || (!now.Before(from) && before.State == survey.Released)
}

func (c Clock) planAndAnnounce(ctx context.Context, p survey.Programme, o survey.Occurrence, made int) error {
	w, err := c.Waves.PlanOccurrence(ctx, wave.OccurrenceRequest(p, o, made), o.Date)
	switch {
	case survey.IsKey(err, "error.programme.taken"):
		return nil // another process has it
	case err != nil:
		return c.refused(ctx, p, o, "", err)
	}
	return c.announcePlanned(ctx, p, o, survey.Planned, w.ID)
}

// announcePlanned announces a wave that is planned, unless it is too late.
func (c Clock) announcePlanned(ctx context.Context, p survey.Programme, o survey.Occurrence, state survey.State, id survey.WaveID) error {
	if state != survey.Planned {
		return nil
	}
	if c.Now().After(o.Latest()) {
		return c.skip(ctx, p, o, id, survey.Fail(survey.Conflict, SkippedMissed, survey.Args{"date": o.Date}))
	}
	_, err := c.Waves.Announce(ctx, id)
	if survey.IsKey(err, "error.wave.announced_before") {
		return nil // another process has done it
	}
	return c.refused(ctx, p, o, id, err)
}

// refused decides what a refusal means. Two waves too close together stay so:
// the occurrence is skipped. Whatever else is wrong may be mended while there
// is time: it is a fault, and the next tick tries again.
func (c Clock) refused(ctx context.Context, p survey.Programme, o survey.Occurrence, id survey.WaveID, err error) error {
	if err == nil {
		return nil
	}
	var why *survey.Error
	if errors.As(err, &why) && why.Key == "error.wave.too_soon" {
		return c.skip(ctx, p, o, id, why)
	}
	return fmt.Errorf("programme %s, opening on %s: %w", p.ID, o.Date, err)
}

// whyMissed says why a date has passed without a wave: what its announcement
// is refused for, or else that no server ran.
func (c Clock) whyMissed(ctx context.Context, p survey.Programme, o survey.Occurrence, made int) *survey.Error {
	var why *survey.Error
	err := c.Waves.CheckOccurrence(ctx, wave.OccurrenceRequest(p, o, made))
	if errors.As(err, &why) && why.Code != survey.Unavailable && why.Key != "error.wave.close_passed" {
		return why
	}
	return survey.Fail(survey.Conflict, SkippedMissed, survey.Args{"date": o.Date})
}

func (c Clock) skip(ctx context.Context, p survey.Programme, o survey.Occurrence, id survey.WaveID, why *survey.Error) error {
	return c.Store.SkipOccurrence(ctx, p.ID, o.Date, id, why)
}
