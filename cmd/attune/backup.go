package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"attune/survey"
	"attune/survey/store"
)

type backupCommand struct {
	File  string `arg:"" help:"File to write, such as attune-2026-11-22.zip; with --check, file to read."`
	Force bool   `help:"Replace a file that is there already."`
	Check bool   `help:"Read a backup and rehearse restoring it; no data folder is needed, and nothing is changed."`
}

// Run makes a backup of an installation, whether its server runs or not. The
// file appears whole or not at all, and the administrative log has it then:
// it must never tell of a backup that there is not.
func (c backupCommand) Run(ctx context.Context, a *app) error {
	if c.Check {
		if c.Force {
			return usageError{"--check writes nothing, so that there is nothing for --force"}
		}
		return c.check(ctx, a)
	}
	began := time.Now()
	return a.with(ctx, func(in *installation) (err error) {
		file, err := createWhole(c.File, c.Force)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.discard()) }()
		told := a.progress(began)
		var snap *store.Snapshot
		err = in.waves.Still(ctx, func() { a.say("backup.waiting", nil) }, func(ctx context.Context) error {
			snap, err = in.store.Snapshot(ctx, filepath.Dir(c.File), told)
			return err
		})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, snap.Close()) }()
		made, err := snap.Write(ctx, file, "attune "+buildVersion(), in.now(), packFiles(a.settings().dir))
		if err != nil {
			return cannotWriteUnlessTold(ctx, c.File, err)
		}
		info, err := file.Stat()
		if err != nil {
			return cannotWrite(c.File, err)
		}
		if err := file.keep(); err != nil {
			return err
		}
		if err := in.noted(ctx, survey.DidBackup, filepath.Base(c.File), nil); err != nil {
			return errors.Join(err, os.Remove(c.File))
		}
		a.line("backup.made", survey.Args{"file": c.File, "size": a.size(info.Size()), "seconds": fmt.Sprintf("%.1f", time.Since(began).Seconds())})
		a.describe(made)
		return nil
	})
}

// cannotWriteUnlessTold says which file could not be written, unless there is
// another reason.
func cannotWriteUnlessTold(ctx context.Context, path string, err error) error {
	var told *survey.Error
	if errors.As(err, &told) || ctx.Err() != nil {
		return err
	}
	return cannotWrite(path, err)
}

// packFiles are the organisation's own packs and texts; nil where there are
// none.
func packFiles(dir string) fs.FS {
	folder := filepath.Join(dir, textsFolder)
	if _, err := os.Stat(folder); err != nil {
		return nil
	}
	return os.DirFS(folder)
}

// check rehearses a restore in a folder that is gone after.
func (c backupCommand) check(ctx context.Context, a *app) (err error) {
	b, closeFile, err := openBackup(c.File)
	if err != nil {
		return err
	}
	defer closeFile()
	dir, err := os.MkdirTemp("", "attune-check-")
	if err != nil {
		return fmt.Errorf("check %s: %w", c.File, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := a.enoughRoom(dir, b); err != nil {
		return err
	}
	found, err := a.unpack(ctx, b, filepath.Join(dir, "data"), nil, a.progress(time.Now()))
	if err != nil {
		return a.notWhole(c.File, err)
	}
	a.line("backup.checked", survey.Args{"file": c.File, "public": b.PublicLog.Entries, "admin": found.admin})
	a.describe(b.BackupManifest)
	return nil
}

// describe says what a backup holds and what it does not.
func (a *app) describe(m store.BackupManifest) {
	packs := 0
	for _, p := range m.Parts {
		if strings.HasPrefix(p.Name, textsFolder+"/") {
			packs++
		}
	}
	a.line("backup.of", survey.Args{"made": m.Made.In(a.env.zone).Format("2006-01-02 15:04 MST"), "program": m.Program, "size": a.size(m.Bytes())})
	a.line("backup.holds", survey.Args{"public": m.PublicLog.Entries, "admin": m.AdminLog.Entries, "packs": packs})
	if m.PublicLog.Last != "" {
		a.line("backup.last", survey.Args{"sha256": m.PublicLog.Last})
	}
	a.line("backup.left_out", nil)
	if len(m.Ends) > 0 {
		a.line("backup.ends", survey.Args{"waves": idList(m.Ends)})
	}
}

func idList(ids []survey.WaveID) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return strings.Join(all, ", ")
}

// line prints a text in the organisation's language.
func (a *app) line(key string, args survey.Args) { a.printf("%s\n", a.text(key, args)) }

// say is line for what is no result of the command.
func (a *app) say(key string, args survey.Args) { _, _ = fmt.Fprintln(a.stderr, a.text(key, args)) }

// size is a number of bytes in words, rounded up.
func (a *app) size(bytes int64) string {
	unit, key := int64(1<<10), "system.kilobytes"
	if bytes >= 1<<30 {
		unit, key = 1<<30, "system.gigabytes"
	} else if bytes >= 1<<20 {
		unit, key = 1<<20, "system.megabytes"
	}
	return a.text(key, survey.Args{"n": (bytes + unit - 1) / unit})
}

// quietFor is how long a command works before it says what it is doing.
const quietFor = 2 * time.Second

// progress tells of the parts of a backup that are done, once the work has
// taken a while.
func (a *app) progress(began time.Time) func(file string, bytes int64) {
	return func(file string, bytes int64) {
		if time.Since(began) >= quietFor {
			a.say("backup.progress", survey.Args{"file": file, "size": a.size(bytes)})
		}
	}
}
