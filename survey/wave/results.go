package wave

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"sync"

	"attune/survey"
)

// The page of results for staff has one address per release and unit, the same
// for everybody on the roster. Its key is made like a personal token, with a
// domain of its own: it cannot be guessed, and nobody's copy of the databases
// opens it.
const resultsDomain = "attune/v1 results\x00"

// ResultsPath is where pages of results for staff begin.
const ResultsPath = "/r/"

// results finds a release and unit by their key. The map holds hashes of keys:
// how long a look-up takes tells nothing about the keys in it.
type results struct {
	mu       sync.Mutex
	listed   map[survey.WaveID]bool
	releases map[[sha256.Size]byte]releaseUnit
}

type releaseUnit struct {
	wave survey.WaveID
	unit survey.UnitID
}

// ResultsKey is the last part of the address of a unit's results in a wave:
// 128 bits, 22 characters. It can be made before there is a release.
func (w *Waves) ResultsKey(ctx context.Context, wave survey.WaveID, unit survey.UnitID) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	key, err := w.linkKey()
	if err != nil {
		return "", err
	}
	return resultsKey(key, wave, unit), nil
}

func resultsKey(key []byte, wave survey.WaveID, unit survey.UnitID) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(resultsDomain))
	mac.Write([]byte(wave))
	mac.Write([]byte{0})
	mac.Write([]byte(unit))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:tokenBytes])
}

// ResultsLink is the whole address of a unit's results in a wave, for mails.
// Whoever sends it to one person adds that person's token behind a #, so that
// it stays on the phone. Without Config.PublicURL it begins with the path.
func (w *Waves) ResultsLink(ctx context.Context, wave survey.WaveID, unit survey.UnitID) (string, error) {
	key, err := w.ResultsKey(ctx, wave, unit)
	return w.cfg.PublicURL + ResultsPath + key, err
}

// ResultsOf finds whose results a key opens. ok is false for every other key,
// whether it is of a unit that no release has or of nothing.
func (w *Waves) ResultsOf(ctx context.Context, key string) (wave survey.WaveID, unit survey.UnitID, ok bool, err error) {
	if err := w.listResults(ctx); err != nil {
		return "", "", false, err
	}
	w.results.mu.Lock()
	defer w.results.mu.Unlock()
	found, ok := w.results.releases[sha256.Sum256([]byte(key))]
	return found.wave, found.unit, ok, nil
}

// listResults adds the keys of releases that are new.
func (w *Waves) listResults(ctx context.Context) error {
	ids, err := w.cfg.Store.ReleaseIDs(ctx)
	if err != nil {
		return err
	}
	w.results.mu.Lock()
	defer w.results.mu.Unlock()
	for _, id := range ids {
		if w.results.listed[id] {
			continue
		}
		if err := w.listRelease(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (w *Waves) listRelease(ctx context.Context, id survey.WaveID) error {
	stored, err := w.cfg.Store.ReleaseDocument(ctx, id)
	if err != nil {
		return err
	}
	// Of the whole document nothing but the units is read here: figures are
	// analytics' own.
	var document struct {
		Units []struct {
			ID survey.UnitID `json:"id"`
		} `json:"units"`
	}
	if err := json.Unmarshal(stored.JSON, &document); err != nil {
		return fmt.Errorf("units of the release of wave %s: %w", id, err)
	}
	key, err := w.linkKey()
	if err != nil {
		return err
	}
	if w.results.listed == nil {
		w.results.listed = make(map[survey.WaveID]bool)
		w.results.releases = make(map[[sha256.Size]byte]releaseUnit)
	}
	for _, u := range document.Units {
		w.results.releases[sha256.Sum256([]byte(resultsKey(key, id, u.ID)))] = releaseUnit{id, u.ID}
	}
	w.results.listed[id] = true
	return nil
}

// Leaves are what a wave's manifest promises about each group, in the order of
// its root.
func (w *Waves) Leaves(ctx context.Context, id survey.WaveID) ([]survey.Leaf, error) {
	_, _, leaves, err := w.cfg.Store.ManifestOf(ctx, id)
	return leaves, err
}
