package wave

import (
	"context"
	"errors"
	"time"
	"unicode/utf8"

	"attune/survey"
)

// Open opens an announced wave. Opening early is refused: dates do not move.
func (w *Waves) Open(ctx context.Context, id survey.WaveID) error {
	return w.locked(ctx, id, w.open)
}

// CloseWave closes an open wave. Closing early is refused: a wave that has to end
// early is made void.
func (w *Waves) CloseWave(ctx context.Context, id survey.WaveID) error {
	return w.locked(ctx, id, w.close)
}

// locked does something with a wave, as it stands, while no other process
// announces, moves or releases any.
func (w *Waves) locked(ctx context.Context, id survey.WaveID, do func(context.Context, survey.Wave) error) error {
	unlock, _, err := w.lock(true)
	if err != nil {
		return err
	}
	defer unlock()
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return err
	}
	return do(ctx, wave)
}

func (w *Waves) open(ctx context.Context, wave survey.Wave) error {
	if wave.State != survey.Announced {
		return w.wrongState(wave, survey.Announced)
	}
	if w.cfg.Now().Before(wave.Opens) {
		return survey.Fail(survey.Conflict, "error.wave.open_early", survey.Args{"wave": wave.ID, "opens": w.moment(wave.Opens)})
	}
	if err := w.cfg.Store.OpenBoxes(ctx, wave.ID); err != nil {
		return err
	}
	return w.cfg.Store.SetWaveState(ctx, wave.ID, survey.Announced, survey.Open)
}

func (w *Waves) close(ctx context.Context, wave survey.Wave) error {
	if wave.State != survey.Open {
		return w.wrongState(wave, survey.Open)
	}
	if w.cfg.Now().Before(wave.Closes) {
		return survey.Fail(survey.Conflict, "error.wave.close_early", survey.Args{"wave": wave.ID, "closes": w.moment(wave.Closes)})
	}
	if err := w.cfg.Store.CloseBoxes(ctx, wave.ID); err != nil {
		return err
	}
	return w.cfg.Store.SetWaveState(ctx, wave.ID, survey.Open, survey.Closed)
}

func (w *Waves) wrongState(wave survey.Wave, want survey.State) error {
	return survey.Fail(survey.Conflict, "error.wave.state", survey.Args{"wave": wave.ID, "state": wave.State, "want": want})
}

// Tick moves every wave on to where it should be by now, and resumes what a
// killed process left half done. It tries everything and reports all that went
// wrong; one wave that is stuck does not stop the others. A second process
// that is already at it makes Tick return at once.
func (w *Waves) Tick(ctx context.Context) error {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	w.forget(all)
	chapters, err := w.logged(ctx)
	if err != nil {
		return err
	}
	faults := []error{w.sweepOnce(ctx)}
	for _, wave := range all {
		busy, err := w.tickWave(ctx, wave, chapters[wave.ID])
		if busy {
			break
		}
		if err != nil {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// sweepOnce looks once in the life of a process for keys that should be gone.
func (w *Waves) sweepOnce(ctx context.Context) error {
	w.mu.Lock()
	swept := w.swept
	w.mu.Unlock()
	if swept {
		return nil
	}
	busy, err := w.SweepKeys(ctx, false)
	w.mu.Lock()
	w.swept = !busy && err == nil
	w.mu.Unlock()
	return err
}

// tickWave takes the lock only when there is something to do.
func (w *Waves) tickWave(ctx context.Context, wave survey.Wave, c chapter) (busy bool, err error) {
	half, err := w.halfDone(ctx, wave, c)
	if err != nil {
		return false, err
	}
	if !half && !w.due(wave) {
		return false, errors.Join(w.keysLost(wave), w.amendClient(ctx, wave))
	}
	unlock, busy, err := w.lock(false)
	if err != nil || busy {
		return busy, err
	}
	defer unlock()
	return false, w.step(ctx, wave.ID)
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
		if err != nil || wave.State.Final() {
			return err
		}
		resumed, err := w.resume(ctx, wave)
		if err != nil {
			return err
		}
		if resumed {
			continue
		}
		switch {
		case !w.due(wave):
			return nil
		case w.late(wave): // whatever holds the release up must not keep ballots on the disk
			return w.void(ctx, wave, VoidLate)
		case wave.State == survey.Announced:
			err = w.open(ctx, wave)
		case wave.State == survey.Open:
			err = w.close(ctx, wave)
		default:
			err = w.release(ctx, wave)
		}
		if err != nil {
			return err
		}
	}
}

// late says whether everything of a wave has to be destroyed by now.
func (w *Waves) late(wave survey.Wave) bool {
	return !w.cfg.Now().Before(wave.Closes.AddDate(0, 0, survey.ReleaseWithinDays))
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
	if resumed, err := w.resume(ctx, wave); err != nil {
		return "", err
	} else if resumed {
		if wave, err = w.cfg.Store.Wave(ctx, id); err != nil || wave.State.Final() {
			return wave.State, err
		}
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
// The reason is written into the public log. A wave that is void already is no
// error, also when it became so by itself.
func (w *Waves) Void(ctx context.Context, id survey.WaveID, reason string) error {
	return w.locked(ctx, id, func(ctx context.Context, wave survey.Wave) error {
		released := survey.Fail(survey.Conflict, "error.wave.void_released", survey.Args{"wave": id})
		switch {
		case wave.State == survey.Void:
			return nil
		case wave.State == survey.Released:
			return released
		case reason == "" || utf8.RuneCountInString(reason) > maxReason:
			return survey.Fail(survey.Invalid, "error.wave.void_reason", survey.Args{"longest": maxReason})
		}
		chapters, err := w.logged(ctx)
		if err != nil {
			return err
		}
		end := chapters[id].end
		if end == "" {
			return w.void(ctx, wave, reason)
		}
		if err := w.finish(ctx, wave, end); err != nil { // committed before a crash
			return err
		}
		if end == survey.Released {
			return released
		}
		return nil
	})
}

// maxReason is the longest reason of a void wave, in characters.
const maxReason = 300

// today is midnight UTC: a void record carries the day, never the moment.
func today(now time.Time) time.Time { return now.UTC().Truncate(24 * time.Hour) }
