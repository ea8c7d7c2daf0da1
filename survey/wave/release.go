package wave

import (
	"context"
	"errors"
	"fmt"

	"attune/survey"
	"attune/survey/ballot"
	"attune/survey/store"
)

// Reasons of a void wave that the program gives by itself.
const (
	VoidTooFew = "too_few" // fewer than k ballots in all
	VoidNoKeys = "no_keys" // restored from a backup, or the key folder was lost
	VoidLate   = "late"    // not released within survey.ReleaseWithinDays after close
)

// release does the steps of a closed wave in their order, each repeatable:
// boxes closed → release committed → boxes destroyed, VACUUM → keys
// destroyed → state. A restart before the commit plans again, after it
// resumes and never plans again. The caller holds the lock.
func (w *Waves) release(ctx context.Context, wave survey.Wave) error {
	if err := w.cfg.Store.CloseBoxes(ctx, wave.ID); err != nil {
		return err
	}
	err := w.cfg.Store.WithClosedBoxes(ctx, wave.ID, func(sealed []store.SealedBox) error {
		ended, err := w.ended(ctx, wave.ID)
		if err != nil || ended != "" {
			return err // committed before a crash: only the boxes are left to destroy
		}
		return w.commitRelease(ctx, wave, sealed)
	})
	if err != nil && !errors.Is(err, store.ErrBoxesNotClosed) { // ErrBoxesNotClosed: destroyed before a crash
		return err
	}
	return w.finish(ctx, wave)
}

// commitRelease opens the boxes and commits what the Releaser makes of them,
// or the record that nothing is published.
func (w *Waves) commitRelease(ctx context.Context, wave survey.Wave, sealed []store.SealedBox) error {
	late := wave.Closes.AddDate(0, 0, survey.ReleaseWithinDays)
	if w.cfg.Now().After(late) {
		return w.commitVoid(ctx, wave.ID, VoidLate)
	}
	key, err := w.readKeys(wave.ID)
	if errors.Is(err, errNoKeys) {
		return w.commitVoid(ctx, wave.ID, VoidNoKeys)
	}
	if err != nil {
		return err
	}
	closed, err := w.openBoxes(ctx, wave, key, sealed)
	if err != nil {
		return err
	}
	document, err := w.cfg.Releaser.Release(ctx, closed)
	if err != nil {
		return fmt.Errorf("release wave %s: %w", wave.ID, err)
	}
	if document.Void != "" {
		return w.commitVoid(ctx, wave.ID, document.Void)
	}
	_, err = w.cfg.Store.CommitRelease(ctx, wave.ID, document.JSON, closed.ManifestSHA256)
	return err
}

func (w *Waves) commitVoid(ctx context.Context, id survey.WaveID, reason string) error {
	_, err := w.cfg.Store.CommitVoid(ctx, id, reason, today(w.cfg.Now()))
	return err
}

// openBoxes is the only caller of ballot.Open.
func (w *Waves) openBoxes(ctx context.Context, wave survey.Wave, key keys, sealed []store.SealedBox) (survey.ClosedWave, error) {
	manifest, entry, _, err := w.cfg.Store.ManifestOf(ctx, wave.ID)
	if err != nil {
		return survey.ClosedWave{}, err
	}
	groups, org, err := w.groupsOf(ctx, wave)
	if err != nil {
		return survey.ClosedWave{}, err
	}
	packs, err := w.packs(wave)
	if err != nil {
		return survey.ClosedWave{}, err
	}
	sheet, err := survey.NewSheet(packs)
	if err != nil {
		return survey.ClosedWave{}, err
	}
	ballots := make(map[string][][]byte, len(groups))
	for _, s := range sealed {
		sheets, err := ballot.Open(key.Box, string(wave.ID), s.ID, manifest.Slot, sheet.Bytes(), s.Sealed)
		if err != nil {
			return survey.ClosedWave{}, fmt.Errorf("ballot box %s of wave %s: %w", s.ID, wave.ID, err)
		}
		ballots[s.Group] = append(ballots[s.Group], sheets...)
	}
	changed, err := w.rosterChanges(ctx, wave)
	if err != nil {
		return survey.ClosedWave{}, err
	}
	return survey.ClosedWave{
		Manifest: manifest, ManifestSHA256: entry.SHA256, Units: org.Tree.Units(), Headcount: org.Headcount,
		Groups: groups, Packs: packs, Ballots: ballots, Zone: w.cfg.Zone.String(), Changed: changed,
	}, nil
}

// rosterChanges counts against the programme's latest released wave.
func (w *Waves) rosterChanges(ctx context.Context, wave survey.Wave) (func([]survey.UnitID) (int, bool), error) {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return nil, err
	}
	var before survey.WaveID
	for _, other := range all { // by opening date
		if other.State == survey.Released && other.Programme == wave.Programme && other.Opens.Before(wave.Opens) {
			before = other.ID
		}
	}
	if before == "" {
		return func([]survey.UnitID) (int, bool) { return 0, false }, nil
	}
	return w.cfg.Store.RosterChanges(ctx, before, wave.ID)
}

// ended gives how a wave ended by the public log, empty when it has not.
func (w *Waves) ended(ctx context.Context, id survey.WaveID) (survey.State, error) {
	log, err := w.cfg.Store.Log(ctx)
	if err != nil {
		return "", err
	}
	for _, e := range log {
		switch {
		case e.Wave == id && e.Kind == survey.ReleaseEntry:
			return survey.Released, nil
		case e.Wave == id && e.Kind == survey.VoidEntry:
			return survey.Void, nil
		}
	}
	return "", nil
}

// finish destroys what is left of a wave that the public log has ended.
func (w *Waves) finish(ctx context.Context, wave survey.Wave) error {
	state, err := w.ended(ctx, wave.ID)
	if err != nil {
		return err
	}
	if state == "" {
		return fmt.Errorf("wave %s: its boxes are gone and the public log has no end for it", wave.ID)
	}
	if err := w.cfg.Store.VacuumBallots(ctx); err != nil {
		return err
	}
	if err := w.destroyKeys(wave.ID); err != nil {
		return err
	}
	if state == survey.Void {
		if err := w.cfg.Store.DropRoster(ctx, wave.ID); err != nil {
			return err
		}
	}
	return w.cfg.Store.SetWaveState(ctx, wave.ID, wave.State, state)
}

// void ends a wave in any state before its release. The caller holds the lock.
func (w *Waves) void(ctx context.Context, wave survey.Wave, reason string) error {
	if wave.State != survey.Planned {
		if err := w.cfg.Store.CloseBoxes(ctx, wave.ID); err != nil {
			return err
		}
	}
	if err := w.commitVoid(ctx, wave.ID, reason); err != nil {
		return err
	}
	if err := w.cfg.Store.DestroyBoxes(ctx, wave.ID); err != nil {
		return err
	}
	return w.finish(ctx, wave)
}
