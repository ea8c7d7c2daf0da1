package wave

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"

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
// resume finishes and never plans again. The caller holds the lock and has
// called resume.
func (w *Waves) release(ctx context.Context, wave survey.Wave) error {
	if err := w.cfg.Store.CloseBoxes(ctx, wave.ID); err != nil {
		return err
	}
	err := w.cfg.Store.WithClosedBoxes(ctx, wave.ID, func(sealed []store.SealedBox) error {
		return w.commitRelease(ctx, wave, sealed)
	})
	if err != nil {
		return err
	}
	chapters, err := w.logged(ctx)
	if err != nil {
		return err
	}
	return w.finish(ctx, wave, chapters[wave.ID].end)
}

// commitRelease opens the boxes and commits what the Releaser makes of them,
// or the record that nothing is published.
func (w *Waves) commitRelease(ctx context.Context, wave survey.Wave, sealed []store.SealedBox) error {
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
	document, err := w.made(ctx, closed)
	if err != nil {
		return fmt.Errorf("release wave %s: %w", wave.ID, err)
	}
	if document.Void != "" {
		return w.commitVoid(ctx, wave.ID, document.Void)
	}
	if len(document.JSON) == 0 {
		return fmt.Errorf("release wave %s: the releaser gave neither a document nor a reason for none", wave.ID)
	}
	_, err = w.cfg.Store.CommitRelease(ctx, wave.ID, document.JSON, closed.ManifestSHA256)
	return err
}

// made is what the Releaser makes of a wave. A panic in it, which would come
// again at every start and stop all other waves, becomes an error. Its text
// stays out: it may quote an answer.
func (w *Waves) made(ctx context.Context, closed survey.ClosedWave) (document survey.ReleaseDocument, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("the releaser panicked in %s", panicked())
		}
	}()
	return w.cfg.Releaser.Release(ctx, closed)
}

// panicked names the place that a recovered panic came from: the first frame
// below the runtime's own.
func panicked() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)]) // after Callers, panicked and the deferred function
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") || !more {
			return fmt.Sprintf("%s, line %d", frame.Function, frame.Line)
		}
	}
}

func (w *Waves) commitVoid(ctx context.Context, id survey.WaveID, reason string) error {
	_, err := w.cfg.Store.CommitVoid(ctx, id, reason, today(w.cfg.Now()))
	return err
}

// openBoxes is the only caller of ballot.Open.
func (w *Waves) openBoxes(ctx context.Context, wave survey.Wave, key keys, sealed []store.SealedBox) (survey.ClosedWave, error) {
	promise, err := w.promised(ctx, wave)
	if err != nil {
		return survey.ClosedWave{}, err
	}
	if err := promise.allThere(sealed); err != nil {
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
	ballots := make(map[string][][]byte, len(promise.groups))
	for _, s := range sealed {
		sheets, err := ballot.Open(key.Box, string(wave.ID), s.ID, promise.manifest.Slot, sheet.Bytes(), s.Sealed)
		if err != nil {
			return survey.ClosedWave{}, fmt.Errorf("ballot box %s of wave %s: %w", s.ID, wave.ID, err)
		}
		ballots[s.Group] = append(ballots[s.Group], sheets...)
	}
	before, err := w.previous(ctx, wave)
	if err != nil {
		return survey.ClosedWave{}, err
	}
	changed, err := w.rosterChanges(ctx, wave, before)
	if err != nil {
		return survey.ClosedWave{}, err
	}
	var last survey.StoredRelease
	if before != "" {
		if last, err = w.cfg.Store.ReleaseDocument(ctx, before); err != nil {
			return survey.ClosedWave{}, err
		}
	}
	return survey.ClosedWave{
		Manifest: promise.manifest, ManifestSHA256: promise.sha256,
		Units: promise.org.Tree.Units(), Headcount: promise.org.Headcount, Groups: promise.groups,
		Packs: packs, Ballots: ballots, Zone: w.cfg.Zone.String(), Previous: last.JSON, Changed: changed,
	}, nil
}

// previous is the programme's latest released wave before a wave, empty when
// there is none.
func (w *Waves) previous(ctx context.Context, wave survey.Wave) (survey.WaveID, error) {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return "", err
	}
	chapters, err := w.logged(ctx)
	if err != nil {
		return "", err
	}
	var before survey.WaveID
	for _, other := range all { // by opening date
		if chapters[other.ID].end == survey.Released && other.Programme == wave.Programme && other.Opens.Before(wave.Opens) {
			before = other.ID
		}
	}
	return before, nil
}

// rosterChanges counts against the programme's previous release. When its
// roster is gone every set of teams counts as changed by one person, which
// makes figures coarser: what is not known must not make them finer.
func (w *Waves) rosterChanges(ctx context.Context, wave survey.Wave, before survey.WaveID) (func([]survey.UnitID) (int, bool), error) {
	if before == "" {
		return func([]survey.UnitID) (int, bool) { return 0, false }, nil
	}
	count, err := w.cfg.Store.RosterChanges(ctx, before, wave.ID)
	if err != nil {
		return nil, err
	}
	return func(teams []survey.UnitID) (int, bool) {
		if people, known := count(teams); known {
			return people, true
		}
		return 1, true
	}, nil
}

// finish destroys what is left of a wave that the public log has ended, each
// step repeatable: boxes → VACUUM → keys → the roster of a void wave → state.
// The caller holds the lock.
func (w *Waves) finish(ctx context.Context, wave survey.Wave, end survey.State) error {
	if end == "" {
		return fmt.Errorf("wave %s: the public log has no end for it", wave.ID)
	}
	if err := w.cfg.Store.DestroyBoxes(ctx, wave.ID); err != nil {
		return err
	}
	if err := w.cfg.Store.VacuumBallots(ctx); err != nil {
		return err
	}
	if err := w.cfg.Store.DestroyIssuance(ctx, wave.ID); err != nil {
		return err
	}
	if err := w.destroyKeys(wave.ID); err != nil {
		return err
	}
	if err := w.dropClients(ctx, wave.ID); err != nil {
		return err
	}
	if end == survey.Void {
		if err := w.cfg.Store.DropRoster(ctx, wave.ID); err != nil {
			return err
		}
	}
	return w.cfg.Store.SetWaveState(ctx, wave.ID, wave.State, end)
}

// void ends a wave in any state before its release. The record in the log
// comes first: from there on a restart knows what is left to do. The caller
// holds the lock and knows that the log has no end for the wave.
func (w *Waves) void(ctx context.Context, wave survey.Wave, reason string) error {
	if err := w.commitVoid(ctx, wave.ID, reason); err != nil {
		return err
	}
	return w.finish(ctx, wave, survey.Void)
}
