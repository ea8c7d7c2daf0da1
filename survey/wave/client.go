package wave

import (
	"context"

	"attune/survey"
)

// The program on the phone is part of the promise: a manifest names the hash
// of the browser bundles, and the bundles themselves are kept until the wave
// has ended, so that a page which was opened before an upgrade goes on with
// what it was promised. An upgrade during an open wave is an amendment in the
// public log.

// promiseClient keeps this program's browser bundles and gives their hash for
// a manifest; empty when nobody answers electronically.
func (w *Waves) promiseClient(ctx context.Context, groups []survey.Group) (string, error) {
	for _, g := range groups {
		if g.Way != survey.Electronic {
			continue
		}
		if w.client == "" {
			return "", nil
		}
		return w.client, w.cfg.Store.KeepClient(ctx, w.client, w.cfg.Client)
	}
	return "", nil
}

// amendClient says once in the public log that this program serves another
// client than an announced or open wave promises.
func (w *Waves) amendClient(ctx context.Context, wave survey.Wave) error {
	if w.client == "" || (wave.State != survey.Announced && wave.State != survey.Open) {
		return nil
	}
	w.mu.Lock()
	done := w.amended[wave.ID]
	w.mu.Unlock()
	if done {
		return nil
	}
	if err := w.amend(ctx, wave.ID); err != nil {
		return err
	}
	w.mu.Lock()
	w.amended[wave.ID] = true
	w.mu.Unlock()
	return nil
}

func (w *Waves) amend(ctx context.Context, id survey.WaveID) error {
	log, err := w.cfg.Store.Log(ctx)
	if err != nil {
		return err
	}
	records, err := survey.Records(log)
	if err != nil {
		return err
	}
	for _, r := range records {
		if r.Wave != id || r.Client() == "" || r.Client() == w.client {
			continue
		}
		// First the files: an entry must never name what is not there.
		if err := w.cfg.Store.KeepClient(ctx, w.client, w.cfg.Client); err != nil {
			return err
		}
		_, err := w.cfg.Store.Amend(ctx, id, func(r survey.Record) (survey.AmendmentRecord, bool) {
			before := r.Client()
			return survey.AmendmentRecord{What: survey.ClientAmendment, From: before, To: w.client}, before != w.client
		})
		return err
	}
	return nil
}

// dropClients forgets the bundles of waves that have ended. but is ending now.
func (w *Waves) dropClients(ctx context.Context, but survey.WaveID) error {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	live := make(map[survey.WaveID]bool)
	for _, wave := range all {
		live[wave.ID] = wave.ID != but && !wave.State.Final()
	}
	log, err := w.cfg.Store.Log(ctx)
	if err != nil {
		return err
	}
	records, err := survey.Records(log)
	if err != nil { // Verify names the fault; it must not keep a wave from its end
		return nil //nolint:nilerr // everything is kept
	}
	var keep []string
	for _, r := range records {
		if live[r.Wave] {
			keep = append(keep, r.Clients()...)
		}
	}
	return w.cfg.Store.DropClients(ctx, keep)
}

// ClientFile is a browser bundle that an announced or open wave promises, by
// its name and the beginning of its hash. It fails with survey.NotFound when
// no wave promises it.
func (w *Waves) ClientFile(ctx context.Context, name, prefix string) (survey.ClientFile, error) {
	return w.cfg.Store.ClientFile(ctx, name, prefix)
}

// ClientFiles are the bundles that are kept for waves that have not ended, by
// the hash that their manifests name.
func (w *Waves) ClientFiles(ctx context.Context) (map[string][]survey.ClientFile, error) {
	return w.cfg.Store.ClientFiles(ctx)
}
