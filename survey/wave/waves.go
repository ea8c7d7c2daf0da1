// Package wave leads a wave through its life: plan, announce, open, cast,
// close, release. It is the only caller of ballot.Open, and hands opened
// ballots to one injected Releaser and to nobody else.
//
// Every step can be repeated: a process that was killed in the middle of one
// starts it over or resumes it at the next Tick, and two processes on one data
// folder do not get in each other's way.
package wave

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// Releaser makes the release of a closed wave. It is the only place that
// opened ballots ever go to.
type Releaser interface {
	Release(ctx context.Context, w survey.ClosedWave) (survey.ReleaseDocument, error)
}

// Config is what Waves needs; everything but Client and PublicURL is required.
type Config struct {
	Store    *store.Store
	Library  *survey.Library
	Releaser Releaser
	Keys     string         // the key folder; created 0700
	Zone     *time.Location // the organisation's time zone
	Now      func() time.Time
	Rand     io.Reader     // crypto/rand, except in tests
	Flush    time.Duration // tick of the group commit, at most MaxFlush; 0 commits at once

	// Client is this program's part on the phone, as survey.ClientOf gives it;
	// nil promises nothing about it.
	Client []survey.ClientFile
	// PublicURL is the address that mails and posters point to, without a
	// slash at the end; empty: links are paths.
	PublicURL string
}

// MaxFlush is the longest that a ballot may wait for its commit.
const MaxFlush = 500 * time.Millisecond

// Waves leads all waves of one installation.
type Waves struct {
	cfg   Config
	casts *groupCommit[cast, bool]
	draws *groupCommit[draw, struct{}]
	wrong bucket

	offering sync.Mutex // held while an offer after an incident is made

	client string // survey.ClientSHA256 of cfg.Client

	loading sync.Mutex // held while what a wave needs is loaded; taken before mu
	mu      sync.Mutex
	faces   map[survey.WaveID]survey.OpenWave // open waves, unchanging
	ready   map[survey.WaveID]*readyWave      // of waves whose keys are on disk
	amended map[survey.WaveID]bool            // whose promised client was held against ours
	swept   bool                              // keys of waves that are not going on were looked for
	links   links
	results results
}

// New starts the group commit. Close ends it.
func New(cfg Config) (*Waves, error) {
	if cfg.Flush > MaxFlush || cfg.Flush < 0 {
		return nil, fmt.Errorf("group commit every %s: want 0 to %s", cfg.Flush, MaxFlush)
	}
	if err := os.MkdirAll(cfg.Keys, 0o700); err != nil {
		return nil, fmt.Errorf("key folder: %w", err)
	}
	if err := os.Chmod(cfg.Keys, 0o700); err != nil { //nolint:gosec // 0700 is what a folder needs
		return nil, fmt.Errorf("key folder: %w", err)
	}
	client, err := survey.ClientSHA256(survey.ClientSums(cfg.Client))
	if err != nil {
		return nil, err
	}
	w := &Waves{
		cfg:     cfg,
		client:  client,
		faces:   make(map[survey.WaveID]survey.OpenWave),
		ready:   make(map[survey.WaveID]*readyWave),
		amended: make(map[survey.WaveID]bool),
	}
	w.casts = newGroupCommit(cfg.Flush, w.flush)
	w.draws = newGroupCommit(cfg.Flush, w.flushDraws)
	return w, nil
}

// Close commits what is waiting and ends the group commit. Casting after
// Close is refused. Closing again does nothing.
func (w *Waves) Close() {
	w.casts.close()
	w.draws.close()
}

// Waves lists all waves by opening date.
func (w *Waves) Waves(ctx context.Context) ([]survey.Wave, error) {
	return w.cfg.Store.Waves(ctx)
}

// Wave finds a wave; the error says which waves there are.
func (w *Waves) Wave(ctx context.Context, id survey.WaveID) (survey.Wave, error) {
	return w.cfg.Store.Wave(ctx, id)
}

// Log is the public log, first entry first.
func (w *Waves) Log(ctx context.Context) ([]survey.Entry, error) {
	return w.cfg.Store.Log(ctx)
}

// OpenWaves lists the public faces of the waves that are open now.
func (w *Waves) OpenWaves(ctx context.Context) ([]survey.OpenWave, error) {
	all, err := w.cfg.Store.LiveWaves(ctx)
	if err != nil {
		return nil, err
	}
	var open []survey.OpenWave
	now := w.cfg.Now()
	for _, wave := range all {
		if wave.State != survey.Open || !now.Before(wave.Closes) {
			continue
		}
		face, err := w.face(ctx, wave)
		if err != nil {
			return nil, err
		}
		if face, err = w.helped(ctx, face, wave.Scope); err != nil {
			return nil, err
		}
		open = append(open, face)
	}
	return open, nil
}

// NextOpening is the earliest opening of an announced wave; false when none
// is announced.
func (w *Waves) NextOpening(ctx context.Context) (time.Time, bool, error) {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	for _, wave := range all { // by opening date
		if wave.State == survey.Announced {
			return wave.Opens.In(w.cfg.Zone), true, nil
		}
	}
	return time.Time{}, false, nil
}

// Face is the public face of an announced, open or ended wave.
func (w *Waves) Face(ctx context.Context, id survey.WaveID) (survey.OpenWave, error) {
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return survey.OpenWave{}, err
	}
	if wave.State == survey.Planned {
		return survey.OpenWave{}, survey.Fail(survey.Conflict, "error.wave.not_announced", survey.Args{"wave": id})
	}
	return w.face(ctx, wave)
}

func (w *Waves) face(ctx context.Context, wave survey.Wave) (survey.OpenWave, error) {
	w.mu.Lock()
	face, ok := w.faces[wave.ID]
	w.mu.Unlock()
	if ok && face.State == wave.State {
		return face, nil
	}
	manifest, entry, _, err := w.cfg.Store.ManifestOf(ctx, wave.ID)
	if err != nil {
		return survey.OpenWave{}, err
	}
	words, err := survey.Fingerprint(entry.SHA256)
	if err != nil {
		return survey.OpenWave{}, err
	}
	packs, err := w.packs(wave)
	if err != nil {
		return survey.OpenWave{}, err
	}
	units, err := w.cfg.Store.Units(ctx)
	if err != nil {
		return survey.OpenWave{}, err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return survey.OpenWave{}, err
	}
	face = survey.OpenWave{
		ID: wave.ID, State: wave.State, Manifest: manifest, ManifestSHA256: entry.SHA256, Fingerprint: words,
		Organisation: tree.Root().Name, Packs: packs, Contact: wave.Contact, Owner: wave.Owner, ResultsOn: wave.ResultsOn,
		Opens: wave.Opens.In(w.cfg.Zone), Closes: wave.Closes.In(w.cfg.Zone), Zone: w.cfg.Zone,
	}
	w.mu.Lock()
	w.faces[wave.ID] = face
	w.mu.Unlock()
	return face, nil
}

func (w *Waves) packs(wave survey.Wave) ([]*survey.Pack, error) {
	packs := make([]*survey.Pack, len(wave.Packs))
	for i, ref := range wave.Packs {
		p, err := w.cfg.Library.Find(ref)
		if err != nil {
			return nil, err
		}
		packs[i] = p
	}
	return packs, nil
}

func (w *Waves) keyFile(id survey.WaveID) string {
	return filepath.Join(w.cfg.Keys, string(id)+".key")
}
