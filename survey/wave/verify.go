package wave

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"attune/survey"
)

// Verify checks everything that was published against the public log: the
// chain itself and the sense of every entry, every wave's groups against the
// root in its manifest, every stored release against its record, the browser
// bundles against what open waves promise, and that no wave is further or less
// far than the log says. The error names the first place that does not agree.
// It returns how many entries were checked.
func (w *Waves) Verify(ctx context.Context) (entries int, err error) {
	stored, err := w.cfg.Store.ReleaseIDs(ctx)
	if err != nil {
		return 0, err
	}
	log, err := w.cfg.Store.Log(ctx) // after the releases, so that none of them is newer
	if err != nil {
		return 0, err
	}
	if err := survey.VerifyChain(log); err != nil {
		return 0, err
	}
	records, err := survey.Records(log)
	if err != nil {
		return 0, err
	}
	released := make(map[survey.WaveID]bool)
	for _, r := range records {
		if err := w.verifyRecord(ctx, r); err != nil {
			return 0, err
		}
		released[r.Wave] = r.Release != nil
	}
	for _, id := range stored {
		if !released[id] {
			return 0, fmt.Errorf("release of wave %s is stored but not in the public log", id)
		}
	}
	if err := w.verifyStates(ctx, records); err != nil {
		return 0, err
	}
	if err := w.verifyClients(ctx, records); err != nil {
		return 0, err
	}
	return len(log), nil
}

func (w *Waves) verifyRecord(ctx context.Context, r survey.Record) error {
	if r.Manifest != nil {
		if err := w.verifyManifest(ctx, r); err != nil {
			return err
		}
	}
	if r.Release != nil {
		return w.verifyRelease(ctx, r)
	}
	return nil
}

func (w *Waves) verifyManifest(ctx context.Context, r survey.Record) error {
	e, _ := r.Entry(survey.ManifestEntry)
	manifest, _, leaves, err := w.cfg.Store.ManifestOf(ctx, e.Wave)
	if err != nil {
		return fmt.Errorf("manifest of wave %s (log entry %d): %w", e.Wave, e.Seq, err)
	}
	root, err := survey.MerkleRoot(leaves)
	if err != nil {
		return err
	}
	if root != manifest.GroupsRoot {
		return fmt.Errorf("groups of wave %s: they hash to %s, the manifest (log entry %d) promises %s", e.Wave, root, e.Seq, manifest.GroupsRoot)
	}
	people := 0
	for _, leaf := range leaves {
		people += leaf.Headcount
	}
	if people != manifest.People {
		return fmt.Errorf("groups of wave %s hold %d people, the manifest (log entry %d) promises %d", e.Wave, people, e.Seq, manifest.People)
	}
	return nil
}

func (w *Waves) verifyRelease(ctx context.Context, r survey.Record) error {
	e, _ := r.Entry(survey.ReleaseEntry)
	manifest, _ := r.Entry(survey.ManifestEntry)
	if r.Release.ManifestSHA256 != manifest.SHA256 {
		return fmt.Errorf("release of wave %s: its record (log entry %d) is for the manifest %s, published is %s", e.Wave, e.Seq, r.Release.ManifestSHA256, manifest.SHA256)
	}
	stored, err := w.cfg.Store.ReleaseDocument(ctx, e.Wave)
	if err != nil {
		return fmt.Errorf("release of wave %s (log entry %d): %w", e.Wave, e.Seq, err)
	}
	if got := survey.SHA256Hex(stored.JSON); got != r.Release.ReleaseSHA256 {
		return fmt.Errorf("release of wave %s: its document hashes to %s, the public log (entry %d) says %s", e.Wave, got, e.Seq, r.Release.ReleaseSHA256)
	}
	return nil
}

// verifyStates finds entries that were cut off the end of the log, which no
// chain can show, and entries about waves that do not exist: the log and the
// waves tell the same story. A wave that the log has ended may still be on its
// way there.
func (w *Waves) verifyStates(ctx context.Context, records []survey.Record) error {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	byWave := make(map[survey.WaveID]survey.Record, len(records))
	for _, r := range records {
		byWave[r.Wave] = r
	}
	for _, wave := range all {
		r := byWave[wave.ID]
		delete(byWave, wave.ID)
		end := survey.State("")
		switch {
		case r.Release != nil:
			end = survey.Released
		case r.Void != nil:
			end = survey.Void
		}
		switch {
		case wave.State.Final() && end != wave.State:
			return fmt.Errorf("wave %s is %s, and the public log does not say so", wave.ID, wave.State)
		case wave.State != survey.Planned && wave.State != survey.Void && r.Manifest == nil:
			return fmt.Errorf("wave %s is %s, and the public log has no manifest of it", wave.ID, wave.State)
		}
	}
	for _, r := range records {
		if _, alone := byWave[r.Wave]; alone {
			e := r.Entries[0]
			return fmt.Errorf("log entry %d (%s of wave %s): there is no such wave", e.Seq, e.Kind, e.Wave)
		}
	}
	return nil
}

// verifyClients holds the kept browser bundles against their hashes and
// against what waves promise that have not ended, and this program's own
// bundles against the promise that stands.
func (w *Waves) verifyClients(ctx context.Context, records []survey.Record) error {
	kept, err := w.cfg.Store.ClientFiles(ctx)
	if err != nil {
		return err
	}
	for _, client := range slices.Sorted(maps.Keys(kept)) {
		if err := verifyClient(client, kept[client]); err != nil {
			return err
		}
	}
	for _, r := range records {
		if r.Manifest == nil || r.Release != nil || r.Void != nil {
			continue
		}
		e, _ := r.Entry(survey.ManifestEntry)
		for _, client := range r.Clients() {
			if len(kept[client]) == 0 {
				return fmt.Errorf("client %s of wave %s (log entry %d): its files are not kept", client, r.Wave, e.Seq)
			}
		}
		if stands := r.Client(); w.client != "" && stands != "" && stands != w.client && w.cfg.Now().Before(r.Manifest.Closes) {
			return fmt.Errorf("client of wave %s: this program's %s hash to %s, promised is %s (log entry %d)",
				r.Wave, names(w.cfg.Client), w.client, stands, r.Entries[len(r.Entries)-1].Seq)
		}
	}
	return nil
}

func verifyClient(client string, files []survey.ClientFile) error {
	for _, f := range files {
		if got := survey.SHA256Hex(f.Body); got != f.SHA256 {
			return fmt.Errorf("file %s of the promised client %s: it hashes to %s, promised is %s", f.Name, client, got, f.SHA256)
		}
	}
	got, err := survey.ClientSHA256(survey.ClientSums(files))
	if err != nil {
		return err
	}
	if got != client {
		return fmt.Errorf("the kept files %s hash to %s, promised is the client %s", names(files), got, client)
	}
	return nil
}

func names(files []survey.ClientFile) []string {
	all := make([]string, len(files))
	for i, f := range files {
		all[i] = f.Name
	}
	slices.Sort(all)
	return all
}
