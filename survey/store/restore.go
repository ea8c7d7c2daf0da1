package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"gorm.io/gorm"

	"attune/survey"
)

// unfinishedFolder lies in a data folder from the moment at which a restore
// begins to move files until they are all in their places. Open refuses such
// a folder: it would take what is not there yet for an empty installation.
const unfinishedFolder = "restore-unfinished"

const packsFolder = "packs"

// hold marks a folder as being used by this process, until the file is closed
// or the process ends: together with others, or, to restore into it, alone.
// It is the folder itself that is locked; no file is made for it.
func hold(dir string, alone bool) (held *os.File, busy bool, err error) {
	held, err = os.Open(dir) //nolint:gosec // the operator's folder
	if err != nil {
		return nil, false, err
	}
	how := syscall.LOCK_SH
	if alone {
		how = syscall.LOCK_EX
	}
	for {
		err = syscall.Flock(int(held.Fd()), how|syscall.LOCK_NB) //nolint:gosec // a file descriptor fits an int
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Is(err, syscall.EWOULDBLOCK), errors.Join(err, held.Close())
	}
	return held, false, nil
}

// use is hold for a Store. A file system that has no such locks keeps nobody
// from working; a restore into it is refused.
func use(dir string) (*os.File, error) {
	held, busy, _ := hold(dir, false)
	if busy {
		return nil, survey.Fail(survey.Unavailable, "error.store.restoring", survey.Args{"folder": dir})
	}
	if _, err := os.Lstat(filepath.Join(dir, unfinishedFolder)); err == nil {
		if held != nil {
			_ = held.Close() // nothing was written
		}
		return nil, survey.Fail(survey.Conflict, "error.store.restore_unfinished", survey.Args{"folder": dir})
	}
	return held, nil
}

// Claimed is a data folder that a backup is being restored into. No Store can
// be opened on it meanwhile. Give it back.
type Claimed struct {
	dir  string
	held *os.File
}

// Claim makes a data folder, or takes one, for a restore. It fails when a
// process is working in it.
func Claim(folder string) (*Claimed, error) {
	dir, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("restore into %q: %w", folder, err)
	}
	if err := prepareFolder(dir); err != nil {
		return nil, err
	}
	held, busy, err := hold(dir, true)
	if busy {
		return nil, survey.Fail(survey.Conflict, "error.backup.in_use", survey.Args{"folder": dir})
	}
	if err != nil {
		return nil, fmt.Errorf("restore into %s: lock the folder: %w", dir, err)
	}
	return &Claimed{dir, held}, nil
}

// Release gives the folder back.
func (c *Claimed) Release() error { return c.held.Close() }

// Holds says whether there is an installation in the folder, or what is left
// of one.
func (c *Claimed) Holds() (bool, error) {
	for _, name := range []string{peopleFile, ballotsFile, releasesFile, unfinishedFolder} {
		_, err := os.Lstat(filepath.Join(c.dir, name))
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("look into %s: %w", c.dir, err)
		}
	}
	return false, nil
}

// Unpack writes what a backup holds into an empty folder, brings it to the
// form that this program expects, and takes out again what no backup may hold,
// also when somebody has put it in. The folder can be opened as a data folder
// then. written, when not nil, is told of each part.
func (b *Backup) Unpack(ctx context.Context, cfg Config, written func(name string, bytes int64)) error {
	err := b.Each(ctx, func(name string, content io.Reader) error {
		path := filepath.Join(cfg.Dir, filepath.FromSlash(name)) // fits has checked the name
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("unpack: %w", err)
		}
		n, err := writeWhole(path, content)
		if err == nil && written != nil {
			written(name, n)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, name := range backedUp() {
		if err := plain(ctx, cfg, name); err != nil {
			return err
		}
	}
	s, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	err = s.clean(ctx)
	if closing := s.Close(); err == nil { // rewrites the files without what clean has deleted
		err = closing
	}
	return err
}

func writeWhole(path string, content io.Reader) (int64, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // a checked name
	if err != nil {
		return 0, fmt.Errorf("unpack: %w", err)
	}
	n, err := io.Copy(file, content)
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return n, fmt.Errorf("unpack: %w", err)
	}
	return n, nil
}

// plain refuses a database that is damaged or holds more than tables and
// their indexes: a trigger would run with every change from then on. It looks
// before the database is changed in any way.
func plain(ctx context.Context, cfg Config, name string) (err error) {
	log := cfg.Log
	if log == nil {
		log = io.Discard
	}
	damaged := func(err error) error { return badBackup(fmt.Errorf("%s: %w", name, err)) }
	db, err := connectCopy(filepath.Join(cfg.Dir, name), log)
	if err != nil {
		return damaged(err)
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	db = db.WithContext(ctx)
	var other int64
	err = db.Raw("SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'").Scan(&other).Error
	if err == nil && other > 0 {
		err = fmt.Errorf("it has %d things that are no tables", other)
	}
	var steps int64
	if err == nil {
		err = db.Raw("SELECT count(*) FROM migrations").Scan(&steps).Error
	}
	if err == nil && steps == 0 {
		err = errors.New("it has no schema")
	}
	if err == nil {
		err = whole(db, name)
	}
	if err != nil {
		return damaged(err)
	}
	return nil
}

// clean deletes what carriedRows leaves out.
func (s *Store) clean(ctx context.Context) error {
	for _, db := range s.databases() {
		rules := carriedRows(db.name)
		err := db.update(ctx, "empty what no backup holds", func(tx *gorm.DB) error {
			for _, c := range rules {
				if c.rows == everyRow {
					continue
				}
				if err := tx.Exec("DELETE FROM " + c.table + " WHERE NOT (" + c.rows + ")").Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// moved lists what belongs to an installation in its data folder: the
// databases with their journals, and the packs. The key folder stays where it
// is.
func moved() []string {
	all := []string{packsFolder}
	for _, name := range []string{peopleFile, ballotsFile, releasesFile} {
		all = append(all, name, name+"-journal")
	}
	return all
}

// Replace moves what was unpacked in a folder below this one to its place, and
// what was there before into the folder aside, below this one too. A process
// that is killed in between leaves a folder that Open refuses, and that can be
// restored into again: nothing is deleted.
func (c *Claimed) Replace(unpacked, aside string) error {
	fault := func(err error) error { return fmt.Errorf("put the restored files in their place: %w", err) }
	begun := filepath.Join(c.dir, unfinishedFolder)
	if _, err := os.Lstat(filepath.Join(c.dir, aside)); err == nil {
		return fault(fmt.Errorf("%s is there already", aside))
	}
	if err := os.RemoveAll(begun); err != nil { // of a restore that was killed; its backup is being restored now
		return fault(err)
	}
	if err := os.Rename(filepath.Join(c.dir, unpacked), begun); err != nil {
		return fault(err)
	}
	for _, step := range [][2]string{{c.dir, filepath.Join(c.dir, aside)}, {begun, c.dir}} {
		if err := moveAll(step[0], step[1]); err != nil {
			return fault(err)
		}
	}
	if err := os.RemoveAll(begun); err != nil {
		return fault(err)
	}
	return syncDir(c.dir)
}

// moveAll moves what there is of an installation, and waits for the disk.
func moveAll(from, to string) error {
	for _, name := range moved() {
		if _, err := os.Lstat(filepath.Join(from, name)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := os.MkdirAll(to, 0o700); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	if _, err := os.Lstat(to); errors.Is(err, fs.ErrNotExist) { // there was nothing to move
		return nil
	}
	return errors.Join(syncDir(to), syncDir(from))
}

func syncDir(path string) error {
	f, err := os.Open(path) //nolint:gosec // the operator's folder
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}
