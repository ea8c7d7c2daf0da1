package wave

import (
	"context"
	"encoding/json"
	"fmt"

	"attune/survey"
)

// Verify checks everything that was published against the public log: the
// chain itself, every wave's groups against the root in its manifest, and
// every stored release against its record, and that no wave is further than
// the log says. The error names the first place that does not agree. It
// returns how many entries were checked.
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
	recorded := make(map[survey.WaveID]bool)
	for _, e := range log {
		switch e.Kind {
		case survey.ManifestEntry:
			err = w.verifyManifest(ctx, e)
		case survey.ReleaseEntry:
			recorded[e.Wave] = true
			err = w.verifyRelease(ctx, e)
		case survey.VoidEntry:
		default:
			err = fmt.Errorf("log entry %d has the unknown kind %q", e.Seq, e.Kind)
		}
		if err != nil {
			return 0, err
		}
	}
	for _, id := range stored {
		if !recorded[id] {
			return 0, fmt.Errorf("release of wave %s is stored but not in the public log", id)
		}
	}
	if err := w.verifyStates(ctx); err != nil {
		return 0, err
	}
	return len(log), nil
}

func (w *Waves) verifyManifest(ctx context.Context, e survey.Entry) error {
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

func (w *Waves) verifyRelease(ctx context.Context, e survey.Entry) error {
	var record survey.ReleaseRecord
	if err := json.Unmarshal(e.Body, &record); err != nil {
		return fmt.Errorf("release record of wave %s (log entry %d): %w", e.Wave, e.Seq, err)
	}
	_, manifest, _, err := w.cfg.Store.ManifestOf(ctx, e.Wave)
	if err != nil {
		return fmt.Errorf("release of wave %s (log entry %d): %w", e.Wave, e.Seq, err)
	}
	if record.ManifestSHA256 != manifest.SHA256 {
		return fmt.Errorf("release of wave %s: its record (log entry %d) is for the manifest %s, published is %s", e.Wave, e.Seq, record.ManifestSHA256, manifest.SHA256)
	}
	stored, err := w.cfg.Store.ReleaseDocument(ctx, e.Wave)
	if err != nil {
		return fmt.Errorf("release of wave %s (log entry %d): %w", e.Wave, e.Seq, err)
	}
	if got := survey.SHA256Hex(stored.JSON); got != record.ReleaseSHA256 {
		return fmt.Errorf("release of wave %s: its document hashes to %s, the public log (entry %d) says %s", e.Wave, got, e.Seq, record.ReleaseSHA256)
	}
	return nil
}

// verifyStates finds entries that were cut off the end of the log, which no
// chain can show: a wave cannot be further than the log says.
func (w *Waves) verifyStates(ctx context.Context) error {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	chapters, err := w.logged(ctx)
	if err != nil {
		return err
	}
	for _, wave := range all {
		c := chapters[wave.ID]
		switch {
		case wave.State.Final() && c.end != wave.State:
			return fmt.Errorf("wave %s is %s, and the public log does not say so", wave.ID, wave.State)
		case wave.State != survey.Planned && wave.State != survey.Void && !c.manifest:
			return fmt.Errorf("wave %s is %s, and the public log has no manifest of it", wave.ID, wave.State)
		}
	}
	return nil
}
