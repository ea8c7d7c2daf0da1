package wave

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"attune/survey"
)

// VoidRestored is the reason of a wave that was going on when the backup was
// made which this installation was restored from.
const VoidRestored = "restored"

// Still does something while nobody announces, opens, closes, releases or
// voids a wave, in this process or another: what it copies of the databases
// then tells one story. What the public log has ended, and a killed process
// has not finished, is finished before. waiting, when not nil, is called once
// if another process is at it for longer than a second.
func (w *Waves) Still(ctx context.Context, waiting func(), do func(context.Context) error) error {
	unlock, err := w.patiently(ctx, waiting)
	if err != nil {
		return err
	}
	defer unlock()
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	chapters, err := w.logged(ctx)
	if err != nil {
		return err
	}
	for _, wave := range all {
		if end := chapters[wave.ID].end; end != "" && !wave.State.Final() {
			if err := w.finish(ctx, wave, end); err != nil {
				return err
			}
		}
	}
	return do(ctx)
}

// patiently waits for the lock until ctx ends.
func (w *Waves) patiently(ctx context.Context, waiting func()) (unlock func(), err error) {
	const pause = 50 * time.Millisecond
	for tries := 0; ; tries++ {
		unlock, busy, err := w.lock(false)
		if err != nil || !busy {
			return unlock, err
		}
		if time.Duration(tries)*pause == time.Second && waiting != nil {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// EndRestored makes every wave void that was going on when the backup was made
// from which this data folder was restored: its ballots and keys are in no
// backup. It gives the waves that became void, by opening date. Waves that the
// public log has ended are brought to that end.
func (w *Waves) EndRestored(ctx context.Context) (void []survey.WaveID, err error) {
	unlock, _, err := w.lock(true)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := w.resumePlanned(ctx); err != nil {
		return nil, err
	}
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return nil, err
	}
	chapters, err := w.logged(ctx)
	if err != nil {
		return nil, err
	}
	for _, wave := range all {
		switch end := chapters[wave.ID].end; {
		case wave.State.Final(), wave.State == survey.Planned && end == "":
		case end != "":
			err = w.finish(ctx, wave, end)
		default:
			err = w.void(ctx, wave, VoidRestored)
			void = append(void, wave.ID)
		}
		if err != nil {
			return nil, err
		}
	}
	return void, nil
}

// SweepKeys destroys the keys of waves that are not going on: those that a
// restored installation has made void, and those that a killed process left.
// Keys of waves that this installation has never heard of are destroyed only
// when strangers says so: they may be another installation's, if somebody has
// given a wrong data folder. busy says that another process is announcing or
// releasing, and that nothing was done.
func (w *Waves) SweepKeys(ctx context.Context, strangers bool) (busy bool, err error) {
	there, err := WavesWithKeys(w.cfg.Keys)
	if err != nil || len(there) == 0 {
		return false, err
	}
	unlock, busy, err := w.lock(false)
	if err != nil || busy {
		return busy, err
	}
	defer unlock()
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return false, err
	}
	chapters, err := w.logged(ctx)
	if err != nil {
		return false, err
	}
	known := make(map[survey.WaveID]bool, len(all))
	live := make(map[survey.WaveID]bool)
	for _, wave := range all {
		c := chapters[wave.ID]
		known[wave.ID] = true
		live[wave.ID] = c.end == "" && !wave.State.Final() && (c.manifest || wave.State != survey.Planned)
	}
	for _, id := range there {
		if live[id] || (!known[id] && !strangers) {
			continue
		}
		if err := w.destroyKeys(id); err != nil {
			return false, err
		}
	}
	return false, nil
}

// WavesWithKeys lists the waves whose keys lie in a key folder, also halfway
// written ones. A folder that does not exist has none.
func WavesWithKeys(dir string) ([]survey.WaveID, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("key folder: %w", err)
	}
	var ids []survey.WaveID
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".new")
		id, isKey := strings.CutSuffix(name, ".key")
		if isKey && name != linkKeyFile && e.Type().IsRegular() && !slices.Contains(ids, survey.WaveID(id)) {
			ids = append(ids, survey.WaveID(id))
		}
	}
	return ids, nil
}

// KeepsLinks says whether a key folder has the key that personal links are
// made with: without it the program makes another, and new links with it.
func KeepsLinks(dir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dir, linkKeyFile))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
