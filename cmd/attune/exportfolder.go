package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"attune/analytics"
	"attune/handlers"
	"attune/survey"
	"attune/survey/store"
)

// How often the folder is looked after, and how long a fault is left alone: it
// is tried again after exportFirst, then twice as long each time, up to
// exportMost.
const (
	exportEvery = 5 * time.Second
	exportFirst = 30 * time.Second
	exportMost  = 15 * time.Minute
)

// exportFolder writes every release into a folder, once in each format. What
// it has written stands in the administrative log, which outlives the files:
// whoever takes them out of the folder does not get them again.
type exportFolder struct {
	dir     string
	formats []string
	words   func() analytics.Wording
	store   *store.Store
	archive *analytics.Archive
	now     func() time.Time
	fault   func(error) // into the server's log

	written map[string]bool // "WAVE FORMAT" that the log has; read once
	placed  map[string]bool // of these, the files that have had their names since the start

	mu    sync.Mutex
	state handlers.ScheduledExport
}

// newExportFolder refuses a folder that is not there: one that is created in
// the place of a share that is not mounted would fill up unseen.
func (a *app) newExportFolder(in *installation, dir string, formats []string) (*exportFolder, error) {
	if len(formats) == 0 {
		formats = []string{analytics.FormatCSV}
	}
	for _, format := range formats {
		if !slices.Contains(analytics.Formats(), format) {
			return nil, usageError{fmt.Sprintf("--export-formats: there is no format %q; use some of %s", format, strings.Join(analytics.Formats(), ", "))}
		}
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, usageError{fmt.Sprintf("--export-dir: %s is no folder; create it, or mount it, and let only those read it who may see the figures", dir)}
	}
	return &exportFolder{
		dir: dir, formats: formats, words: func() analytics.Wording { return a.wording(in) }, store: in.store, archive: in.archive, now: in.now,
		fault:  func(err error) { _, _ = fmt.Fprintln(a.stderr, "attune:", a.explain(err)) },
		placed: make(map[string]bool), state: handlers.ScheduledExport{Folder: dir, Formats: formats},
	}, nil
}

// Scheduled is what the export page tells about the folder.
func (x *exportFolder) Scheduled() handlers.ScheduledExport {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.state
}

// run looks after the folder until ctx ends.
func (x *exportFolder) run(ctx context.Context) {
	wait, failed := time.Duration(0), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := x.pass(ctx); err != nil {
			failed = min(exportMost, max(exportFirst, 2*failed))
			wait = failed
			continue
		}
		wait, failed = exportEvery, 0
	}
}

// pass writes what is not written yet. A fault is told to the server's log
// when it is another one than before, and stays on the export page until a
// pass succeeds.
func (x *exportFolder) pass(ctx context.Context) error {
	err := x.writeAll(ctx)
	if err != nil && ctx.Err() != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil {
		x.state.Fault = nil
		return nil
	}
	var told *survey.Error
	if !errors.As(err, &told) {
		told = &survey.Error{Code: survey.Unavailable, Key: "error.exportfolder.fault", Args: survey.Args{"folder": x.dir}, Err: err}
	}
	if x.state.Fault == nil || x.state.Fault.Error() != told.Error() {
		x.fault(told)
		x.state.Since = x.now()
	}
	x.state.Fault = told
	return err
}

func (x *exportFolder) writeAll(ctx context.Context) error {
	if err := x.remember(ctx); err != nil {
		return err
	}
	releases, err := x.archive.Releases(ctx)
	if err != nil {
		return err
	}
	for _, r := range releases {
		for _, format := range x.formats {
			if err := x.write(ctx, r, format); err != nil {
				return err
			}
		}
	}
	return nil
}

// remember reads from the administrative log what was written, and gives those
// files their names that a stopped program had written and noted.
func (x *exportFolder) remember(ctx context.Context) error {
	if x.written != nil {
		return nil
	}
	written := make(map[string]bool)
	err := x.store.EachDeed(ctx, survey.AdminFilter{Kind: survey.DidExportWritten.Kind()}, func(e survey.AdminEntry) error {
		if e.Action == survey.DidExportWritten {
			written[e.Subject+" "+e.Details["format"]] = true
		}
		return nil
	})
	if err == nil {
		x.written = written
	}
	return err
}

// write makes one file: whole under a name of its own, noted, and only then
// under its name. A program that is stopped in between finds the noted file
// and gives it its name, so that none is lost and none appears twice.
func (x *exportFolder) write(ctx context.Context, r *analytics.Release, format string) error {
	one := []*analytics.Release{r}
	path := filepath.Join(x.dir, analytics.FileName(one, format))
	whole := filepath.Join(x.dir, "."+analytics.FileName(one, format)+".whole")
	key := string(r.Wave()) + " " + format
	if x.placed[key] {
		return nil
	}
	if !x.written[key] {
		if err := x.make(whole, one, format); err != nil {
			return x.cannot(path, err)
		}
		deed := deedOf(survey.DidExportWritten, string(r.Wave()), map[string]string{"format": format})
		if err := x.store.AddDeed(ctx, deed); err != nil {
			return err
		}
		x.written[key] = true
	}
	switch err := os.Rename(whole, path); {
	case errors.Is(err, fs.ErrNotExist): // it has had its name for long
		x.placed[key] = true
		return nil
	case err != nil:
		return x.cannot(path, err)
	}
	x.placed[key] = true
	x.mu.Lock()
	x.state.Last, x.state.At = filepath.Base(path), x.now()
	x.mu.Unlock()
	return nil
}

func (x *exportFolder) cannot(path string, err error) error {
	return &survey.Error{
		Code: survey.Unavailable, Key: "error.exportfolder.write",
		Args: survey.Args{"folder": x.dir, "file": filepath.Base(path)}, Err: err,
	}
}

// make writes a file to the disk, for its owner and group only.
func (x *exportFolder) make(path string, releases []*analytics.Release, format string) error {
	file, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the operator's folder
	if err != nil {
		return err
	}
	err = analytics.Export(file, format, releases, x.words())
	if err == nil {
		err = file.Chmod(0o640) // a group that the folder gives it may take it away
	}
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(path+".part"))
	}
	return nil
}
