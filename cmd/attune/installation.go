package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"attune/analytics"
	"attune/survey"
	"attune/survey/notify"
	"attune/survey/store"
	"attune/survey/wave"
)

// defaultData is the data folder when none is given.
const defaultData = "data"

// flushEvery is the tick of the group commit: a ballot waits half of it on
// average, and one commit carries all that came in it.
const flushEvery = 200 * time.Millisecond

// installation is one data folder, opened and wired.
type installation struct {
	store   *store.Store
	library *survey.Library
	shelf   shelf // of the organisation's own packs
	waves   *wave.Waves
	archive *analytics.Archive
	zone    *time.Location
	now     func() time.Time
	hooks   *notify.Webhooks
	outbox  *notify.Outbox // nil: neither mail nor text messages are set up
	exports *exportFolder  // nil: releases are written into no folder
}

// settings are what differs between a real installation and a demo.
type settings struct {
	dir          string
	organisation string
	now          func() time.Time
	flush        time.Duration
	demoURL      string // where a demo listens; its mail goes into a folder
}

func (a *app) settings() settings {
	dir := a.data
	if dir == "" {
		dir = defaultData
	}
	return settings{dir: dir, organisation: a.env.organisation, now: time.Now, flush: flushEvery}
}

// open wires an installation. Close it.
func (a *app) open(ctx context.Context, s settings) (*installation, error) {
	db, err := store.Open(ctx, store.Config{Dir: s.dir, Now: s.now, Log: a.stderr})
	if err != nil {
		return nil, err
	}
	in, err := a.wire(ctx, s, db)
	if err != nil {
		_ = db.Close() // the first error is the one to tell
		return nil, err
	}
	return in, nil
}

func (a *app) wire(ctx context.Context, s settings, db *store.Store) (*installation, error) {
	root, err := db.EnsureOrganisation(ctx, s.organisation)
	if err == nil && root.Name == "" { // the first start, without ATTUNE_ORG_NAME
		_, err = db.EnsureOrganisation(ctx, a.text("organisation.unnamed", nil))
	}
	if err != nil {
		return nil, err
	}
	library, err := a.library(s.dir)
	if err != nil {
		return nil, err
	}
	waves, err := wave.New(wave.Config{
		Store: db, Library: library, Releaser: analytics.NewReleaser(), Keys: a.keyFolder(s.dir),
		Zone: a.env.zone, Now: s.now, Rand: rand.Reader, Flush: s.flush,
		Client: survey.ClientOf(a.site.Content), PublicURL: a.env.publicURL,
	})
	if err != nil {
		return nil, err
	}
	in := &installation{
		store: db, library: library, shelf: shelf{s.dir, library}, waves: waves, archive: analytics.NewArchive(db), zone: a.env.zone, now: s.now,
		hooks: notify.NewWebhooks(db, s.now),
	}
	if in.outbox, err = a.newOutbox(in, s); err != nil {
		waves.Close()
		return nil, err
	}
	return in, nil
}

// Close commits waiting ballots and closes the databases.
func (in *installation) Close() error {
	in.waves.Close()
	return in.store.Close()
}

// with opens the installation for one command and closes it after. A folder
// that holds none is refused: with a mistyped --data a command would otherwise
// answer that there is nothing.
func (a *app) with(ctx context.Context, do func(in *installation) error) error {
	dir := a.settings().dir
	if _, err := os.Stat(filepath.Join(dir, "people.db")); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no installation in the folder %s; name its folder with --data or ATTUNE_DATA, or begin one with attune people import", dir)
	}
	return a.within(ctx, do)
}

// within is with for the commands that an installation begins with.
func (a *app) within(ctx context.Context, do func(in *installation) error) error {
	s := a.settings()
	clock, err := clockOf(s.dir)
	if err != nil {
		return err
	}
	s.now = clock.Now
	in, err := a.open(ctx, s)
	if err != nil {
		return err
	}
	err = do(in)
	if closing := in.Close(); err == nil {
		err = closing
	}
	return err
}

// unit finds a unit by its path; an empty path is no unit.
func (in *installation) unit(ctx context.Context, path string) (survey.UnitID, error) {
	if path == "" {
		return "", nil
	}
	units, err := in.store.Units(ctx)
	if err != nil {
		return "", err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return "", err
	}
	u, ok := tree.ByPath(path)
	if !ok {
		return "", survey.Fail(survey.NotFound, "error.unit.missing", survey.Args{"unit": path})
	}
	return u.ID, nil
}
