package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"attune/analytics"
	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"
)

type restoreCommand struct {
	File    string `arg:"" help:"The backup, as attune backup made it."`
	Replace bool   `help:"Restore over an installation: its files are moved aside, and the keys of its waves that go on are destroyed."`
}

// The folders that a restore makes in the data folder: what is unpacked until
// it is whole, and what was there before.
const (
	unpackedFolder = "restore-unpacked"
	asideFolder    = "before-restore-"
)

// Run restores a backup. Everything is unpacked, brought to this program's
// form, ended and checked beside the installation; only then are files moved.
func (c restoreCommand) Run(ctx context.Context, a *app) error {
	began := time.Now()
	b, closeFile, err := openBackup(c.File)
	if err != nil {
		return err
	}
	defer closeFile()
	dir := a.settings().dir
	if moved, err := clockOf(dir); err != nil || moved.path != "" {
		return errors.Join(err, survey.Fail(survey.Conflict, "error.backup.demo", survey.Args{"folder": dir}))
	}
	aside, found, err := c.swap(ctx, a, b, dir, began)
	if err != nil {
		return err
	}
	if aside != "" {
		if err := a.sweepKeys(ctx); err != nil {
			return fmt.Errorf("everything is restored, but keys of waves that have ended are left in the key folder; start the server once: %w", err)
		}
	}
	return c.tell(a, b, dir, aside, found, began)
}

// swap does all that needs the folder alone. It gives the folder that holds
// what was there before, empty when there was nothing.
func (c restoreCommand) swap(ctx context.Context, a *app, b *store.Backup, dir string, began time.Time) (aside string, found unpacked, err error) {
	claimed, err := store.Claim(dir)
	if err != nil {
		return "", found, err
	}
	defer func() { err = errors.Join(err, claimed.Release()) }()
	holds, err := claimed.Holds()
	if err != nil {
		return "", found, err
	}
	if holds && !c.Replace {
		return "", found, survey.Fail(survey.Conflict, "error.backup.not_empty", survey.Args{"folder": dir})
	}
	beside := filepath.Join(dir, unpackedFolder)
	if err := os.RemoveAll(beside); err != nil { // of a restore that was killed
		return "", found, fmt.Errorf("restore: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(beside))
		}
	}()
	if err := a.enoughRoom(dir, b); err != nil {
		return "", found, err
	}
	restored := deedOf(survey.DidRestore, filepath.Base(c.File), map[string]string{"made": b.Made.Format(time.RFC3339)})
	if found, err = a.unpack(ctx, b, beside, &restored, a.progress(began)); err != nil {
		return "", found, a.notWhole(c.File, err)
	}
	before := asideFolder + time.Now().UTC().Format("20060102T150405Z")
	if err := claimed.Replace(unpackedFolder, before); err != nil {
		return "", found, err
	}
	if holds {
		aside = filepath.Join(dir, before)
	}
	return aside, found, nil
}

// tell says what was restored and what is another matter now.
func (c restoreCommand) tell(a *app, b *store.Backup, dir, aside string, found unpacked, began time.Time) error {
	a.line("restore.done", survey.Args{
		"file": c.File, "folder": dir, "made": b.Made.In(a.env.zone).Format("2006-01-02 15:04 MST"),
		"public": found.public, "admin": found.admin, "seconds": fmt.Sprintf("%.1f", time.Since(began).Seconds()),
	})
	if len(found.void) > 0 {
		a.line("restore.void", survey.Args{"waves": idList(found.void)})
	}
	keys := a.keyFolder(dir)
	kept, err := wave.KeepsLinks(keys)
	if err != nil {
		return err
	}
	if kept {
		a.line("restore.links.kept", survey.Args{"folder": keys})
	} else {
		a.line("restore.links.new", survey.Args{"folder": keys})
	}
	a.line("restore.ended", nil)
	a.line("restore.undone", nil)
	if aside != "" {
		a.line("restore.aside", survey.Args{"folder": aside})
	}
	left, err := wave.WavesWithKeys(keys)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		a.line("restore.keys", survey.Args{"folder": keys, "waves": idList(left)})
	}
	a.line("restore.next", nil)
	return nil
}

// keyFolder is where the keys of an installation lie.
func (a *app) keyFolder(dir string) string {
	if a.env.keys != "" {
		return a.env.keys
	}
	return filepath.Join(dir, "keys")
}

// openBackup opens a file and reads its manifest.
func openBackup(path string) (_ *store.Backup, closeFile func(), err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, &survey.Error{Code: survey.NotFound, Key: "error.backup.read", Args: survey.Args{"file": path}, Err: err}
	}
	closeFile = func() { _ = file.Close() } // only read
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file")
	}
	if err != nil {
		closeFile()
		return nil, nil, &survey.Error{Code: survey.NotFound, Key: "error.backup.read", Args: survey.Args{"file": path}, Err: err}
	}
	b, err := store.ReadBackup(file, info.Size())
	if err != nil {
		closeFile()
		return nil, nil, named(path, err)
	}
	return b, closeFile, nil
}

// named puts the file into what the reader says about it.
func named(path string, err error) error {
	var told *survey.Error
	if !errors.As(err, &told) || told.Args["file"] != nil {
		return err
	}
	args := survey.Args{"file": path}
	for name, value := range told.Args {
		args[name] = value
	}
	return &survey.Error{Code: told.Code, Key: told.Key, Args: args, Err: told.Err}
}

// notWhole says of a backup that could not be unpacked that nothing was changed.
func (a *app) notWhole(path string, err error) error {
	var told *survey.Error
	if errors.As(err, &told) {
		return named(path, err)
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &survey.Error{Code: survey.Invalid, Key: "error.backup.refused", Args: survey.Args{"file": path}, Err: err}
}

// roomFactor is how much room a restore needs, in times of what a backup
// holds: files are rewritten on closing.
const roomFactor = 2

// enoughRoom refuses to begin what would fill the disk.
func (a *app) enoughRoom(dir string, b *store.Backup) error {
	need, there := roomFactor*b.Bytes(), free(dir)
	if there > 0 && there < need {
		return survey.Fail(survey.Unavailable, "error.backup.room", survey.Args{"folder": dir, "need": a.size(need), "free": a.size(there)})
	}
	return nil
}

// unpacked is what was found in a backup, besides that it is whole.
type unpacked struct {
	void   []survey.WaveID // waves that were going on
	public int             // entries of the public log
	admin  int             // entries of the administrative log
}

// unpack makes a data folder of a backup, ends the waves that were going on,
// and holds everything published against the public log, as attune verify
// does. restored, when not nil, is noted in its administrative log.
func (a *app) unpack(ctx context.Context, b *store.Backup, dir string, restored *survey.Deed, written func(string, int64)) (found unpacked, err error) {
	cfg := store.Config{Dir: dir, Now: time.Now, Log: a.stderr}
	if err := b.Unpack(ctx, cfg, written); err != nil {
		return found, err
	}
	db, err := store.Open(ctx, cfg)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	library, err := a.library(dir)
	if err != nil {
		return found, err
	}
	waves, err := wave.New(wave.Config{
		Store: db, Library: library, Releaser: analytics.NewReleaser(), Keys: filepath.Join(dir, "keys"), // none of them the real ones
		Zone: a.env.zone, Now: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		return found, err
	}
	defer waves.Close()
	if found.void, err = waves.EndRestored(ctx); err != nil {
		return found, err
	}
	if found.public, err = waves.Verify(ctx); err != nil {
		return found, err
	}
	var deeds survey.AdminChain
	if err := db.EachDeed(ctx, survey.AdminFilter{}, deeds.Next); err != nil {
		return found, err
	}
	found.admin = deeds.Entries
	if restored == nil {
		return found, nil
	}
	found.admin++
	return found, db.AddDeed(ctx, *restored)
}

// sweepKeys destroys the keys of waves that were going on before a restore.
func (a *app) sweepKeys(ctx context.Context) error {
	return a.within(ctx, func(in *installation) error {
		busy, err := in.waves.SweepKeys(ctx, true)
		if busy {
			err = errors.New("another process is using the key folder")
		}
		return err
	})
}
