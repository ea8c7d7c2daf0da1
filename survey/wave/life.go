package wave

import (
	"context"
	"errors"
	"time"

	"attune/survey"
)

// Open opens an announced wave. Opening early is refused: dates do not move.
func (w *Waves) Open(ctx context.Context, id survey.WaveID) error {
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return err
	}
	if wave.State != survey.Announced {
		return w.wrongState(wave, survey.Announced)
	}
	if w.cfg.Now().Before(wave.Opens) {
		return survey.Fail(survey.Conflict, "error.wave.open_early", survey.Args{"wave": id, "opens": w.moment(wave.Opens)})
	}
	if err := w.cfg.Store.OpenBoxes(ctx, id); err != nil {
		return err
	}
	return w.cfg.Store.SetWaveState(ctx, id, survey.Announced, survey.Open)
}

// CloseWave closes an open wave. Closing early is refused: a wave that has to end
// early is made void.
func (w *Waves) CloseWave(ctx context.Context, id survey.WaveID) error {
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return err
	}
	if wave.State != survey.Open {
		return w.wrongState(wave, survey.Open)
	}
	if w.cfg.Now().Before(wave.Closes) {
		return survey.Fail(survey.Conflict, "error.wave.close_early", survey.Args{"wave": id, "closes": w.moment(wave.Closes)})
	}
	if err := w.cfg.Store.CloseBoxes(ctx, id); err != nil {
		return err
	}
	return w.cfg.Store.SetWaveState(ctx, id, survey.Open, survey.Closed)
}

func (w *Waves) wrongState(wave survey.Wave, want survey.State) error {
	return survey.Fail(survey.Conflict, "error.wave.state", survey.Args{"wave": wave.ID, "state": wave.State, "want": want})
}

// Tick moves every wave on to where it should be by now, and resumes what a
// killed process left half done. It reports the first thing that went wrong
// after trying everything. A second process that is already at it makes Tick
// return at once.
func (w *Waves) Tick(ctx context.Context) error {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	var faults []error
	for _, wave := range all {
		if wave.State.Final() || !w.due(wave) {
			continue
		}
		unlock, busy, err := w.lock(false)
		if err != nil {
			return err
		}
		if busy {
			return errors.Join(faults...)
		}
		err = w.step(ctx, wave.ID)
		unlock()
		if err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// due says whether a wave has somewhere to go, cheaply.
func (w *Waves) due(wave survey.Wave) bool {
	now := w.cfg.Now()
	switch wave.State {
	case survey.Announced:
		return !now.Before(wave.Opens)
	case survey.Open:
		return !now.Before(wave.Closes)
	case survey.Closed:
		return true
	case survey.Planned, survey.Released, survey.Void:
	}
	return false
}

// step takes one wave as far as it goes now: announced, open, closed,
// released. The caller holds the lock.
func (w *Waves) step(ctx context.Context, id survey.WaveID) error {
	for {
		wave, err := w.cfg.Store.Wave(ctx, id) // again: it may have moved before we got the lock
		if err != nil {
			return err
		}
		if wave.State.Final() || !w.due(wave) {
			return nil
		}
		switch wave.State {
		case survey.Announced:
			err = w.Open(ctx, id)
		case survey.Open:
			err = w.CloseWave(ctx, id)
		case survey.Closed:
			return w.release(ctx, wave)
		case survey.Planned, survey.Released, survey.Void:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Release releases a closed wave by hand, after a release that failed.
func (w *Waves) Release(ctx context.Context, id survey.WaveID) (survey.State, error) {
	unlock, _, err := w.lock(true)
	if err != nil {
		return "", err
	}
	defer unlock()
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return "", err
	}
	if wave.State.Final() {
		return wave.State, nil
	}
	if w.cfg.Now().Before(wave.Closes) || wave.State == survey.Planned {
		return "", survey.Fail(survey.Conflict, "error.wave.release_early", survey.Args{"wave": id, "state": wave.State, "closes": w.moment(wave.Closes)})
	}
	if err := w.step(ctx, id); err != nil {
		return "", err
	}
	wave, err = w.cfg.Store.Wave(ctx, id)
	return wave.State, err
}

// Void ends a wave for good: nothing is published, everything is destroyed.
// The reason is written into the public log.
func (w *Waves) Void(ctx context.Context, id survey.WaveID, reason string) error {
	unlock, _, err := w.lock(true)
	if err != nil {
		return err
	}
	defer unlock()
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case wave.State == survey.Void:
		return nil
	case wave.State == survey.Released:
		return survey.Fail(survey.Conflict, "error.wave.void_released", survey.Args{"wave": id})
	case reason == "" || len(reason) > maxReason:
		return survey.Fail(survey.Invalid, "error.wave.void_reason", survey.Args{"longest": maxReason})
	}
	return w.void(ctx, wave, reason)
}

const maxReason = 300

// today is midnight UTC: a void record carries the day, never the moment.
func today(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }
