package wave

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"attune/survey"
	"attune/survey/store"
)

// chapter is what the public log says about a wave. The log decides: the state
// that is stored with the wave follows it.
type chapter struct {
	manifest bool         // announced
	end      survey.State // Released or Void; empty while it goes on
}

// logged reads the chapters of all waves.
func (w *Waves) logged(ctx context.Context) (map[survey.WaveID]chapter, error) {
	log, err := w.cfg.Store.Log(ctx)
	if err != nil {
		return nil, err
	}
	chapters := make(map[survey.WaveID]chapter)
	for _, e := range log {
		c := chapters[e.Wave]
		switch e.Kind {
		case survey.ManifestEntry:
			c.manifest = true
		case survey.ReleaseEntry:
			c.end = survey.Released
		case survey.VoidEntry:
			c.end = survey.Void
		}
		chapters[e.Wave] = c
	}
	return chapters, nil
}

// halfDone says whether a process that was killed left this wave behind what
// the log says, or whether its boxes are gone although it has not ended.
func (w *Waves) halfDone(ctx context.Context, wave survey.Wave, c chapter) (bool, error) {
	if wave.State.Final() {
		return false, nil
	}
	if c.end != "" || (c.manifest && wave.State == survey.Planned) {
		return true, nil
	}
	return w.boxesLost(ctx, wave)
}

// boxesLost says whether an announced wave has no boxes any more and no end
// either: the data folder was restored from a backup, which contains none.
func (w *Waves) boxesLost(ctx context.Context, wave survey.Wave) (bool, error) {
	if wave.State == survey.Planned || wave.State.Final() {
		return false, nil
	}
	state, err := w.cfg.Store.BallotState(ctx, wave.ID)
	switch {
	case survey.IsCode(err, survey.NotFound):
		return true, nil
	case survey.IsKey(err, "error.store.busy"):
		return false, nil // another process is releasing a wave
	}
	return state == store.BoxesDestroyed, err
}

// resume finishes what a killed process began with one wave and says whether
// there was anything. The caller holds the lock and has read wave under it.
func (w *Waves) resume(ctx context.Context, wave survey.Wave) (resumed bool, err error) {
	chapters, err := w.logged(ctx)
	if err != nil {
		return false, err
	}
	c := chapters[wave.ID]
	half, err := w.halfDone(ctx, wave, c)
	if err != nil || !half {
		return false, err
	}
	switch {
	case c.end != "":
		return true, w.finish(ctx, wave, c.end)
	case wave.State == survey.Planned:
		return true, w.cfg.Store.SetWaveState(ctx, wave.ID, survey.Planned, survey.Announced)
	default:
		return true, w.void(ctx, wave, VoidNoKeys)
	}
}

// forget drops what is kept in memory about waves that have ended, also when
// another process ended them: their keys must not outlive them here.
func (w *Waves) forget(all []survey.Wave) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, wave := range all {
		if wave.State.Final() {
			delete(w.ready, wave.ID)
			delete(w.faces, wave.ID)
		}
	}
}

// keysLost tells early that a wave which takes ballots, or will, has no keys.
// They may be on a disk that is not there at the moment, so that the wave is
// made void at its close only.
func (w *Waves) keysLost(wave survey.Wave) error {
	if wave.State != survey.Announced && wave.State != survey.Open {
		return nil
	}
	if _, err := os.Stat(w.keyFile(wave.ID)); errors.Is(err, fs.ErrNotExist) {
		return noKeys(wave.ID)
	}
	return nil
}

func noKeys(id survey.WaveID) error {
	return &survey.Error{Code: survey.Unavailable, Key: "error.wave.no_keys", Args: survey.Args{"wave": id}, Err: errNoKeys}
}
