package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"attune/survey"
)

// Snapshot is a copy of what a backup holds of the databases. Its files have
// no name on the disk: nothing is left of them when the process ends, however
// it ends. Close it.
type Snapshot struct {
	parts   []snapshotPart
	schemas map[string][]string
	ends    []survey.WaveID
	public  LogEnd
	admin   LogEnd
}

type snapshotPart struct {
	name string
	file *os.File
}

// LogEnd is how long a hash chain is, and the hash of its last entry.
type LogEnd struct {
	Entries int    `json:"entries"`
	Last    string `json:"last"`
}

// Snapshot copies what a backup holds into new databases: of every table only
// the rows that carriedRows declares, so that what was deleted or is left out
// is in no page of them. dir is where the copies lie meanwhile; they need as
// much room there as the databases. copied, when not nil, is told of each
// database and its size in bytes.
//
// Nobody may announce, release or void a wave meanwhile: see wave.Still.
func (s *Store) Snapshot(ctx context.Context, dir string, copied func(file string, bytes int64)) (*Snapshot, error) {
	snap := &Snapshot{schemas: make(map[string][]string)}
	for _, name := range backedUp() {
		file, err := s.copyCarried(ctx, snap, dir, name)
		if err != nil {
			return nil, errors.Join(err, snap.Close())
		}
		snap.parts = append(snap.parts, snapshotPart{name, file})
		info, err := file.Stat()
		if err != nil {
			return nil, errors.Join(fmt.Errorf("copy %s: %w", name, err), snap.Close())
		}
		if copied != nil {
			copied(name, info.Size())
		}
	}
	return snap, nil
}

// Close gives the room of the copies back.
func (snap *Snapshot) Close() error {
	var faults []error
	for _, p := range snap.parts {
		faults = append(faults, p.file.Close())
	}
	snap.parts = nil
	return errors.Join(faults...)
}

// copyPrefix begins the name that a copy has until it is open.
const copyPrefix = ".attune-backup-"

// sweepCopies removes what a process left that was killed before its copy lost
// its name: a file without a byte. One that cannot be removed is left.
func sweepCopies(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // whoever writes there says it
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), copyPrefix) && info.Size() == 0 {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// copyCarried makes a database of this program's schema in dir, fills it from
// the live one and gives the file, which has lost its name by then.
func (s *Store) copyCarried(ctx context.Context, snap *Snapshot, dir, name string) (_ *os.File, err error) {
	live := &database{name: name}
	sweepCopies(dir)
	file, err := os.CreateTemp(dir, copyPrefix+"*") // 0600
	if err != nil {
		return nil, &survey.Error{Code: survey.Invalid, Key: "error.backup.folder", Args: survey.Args{"folder": dir}, Err: err}
	}
	defer func() {
		if err != nil {
			err = errors.Join(live.explain("copy for a backup", err), file.Close())
		}
	}()
	db, err := connectCopy(file.Name(), s.cfg.Log)
	if gone := os.Remove(file.Name()); err == nil && !errors.Is(gone, fs.ErrNotExist) {
		err = gone
	}
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	db = db.WithContext(ctx)
	if err := migrate(db, name); err != nil {
		return nil, err
	}
	from := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(filepath.Join(s.cfg.Dir, name)), RawQuery: "mode=rw"}
	if err := db.Exec("ATTACH DATABASE ? AS live", from.String()).Error; err != nil {
		return nil, err
	}
	if err := db.Transaction(func(tx *gorm.DB) error { return fill(tx, name) }); err != nil {
		return nil, err
	}
	if err := db.Exec("DETACH DATABASE live").Error; err != nil {
		return nil, err
	}
	if err := whole(db, name); err != nil {
		return nil, err
	}
	return file, snap.describe(db, name)
}

// connectCopy opens a database that is thrown away when anything goes wrong
// with it: without a journal, which would lie beside it under its name, and
// without waiting for the disk. Only one connection ever has the file.
func connectCopy(path string, log io.Writer) (*gorm.DB, error) {
	settings := url.Values{
		"mode":          {"rw"}, // never made anew under the name that it had
		"_journal_mode": {"OFF"},
		"_synchronous":  {"OFF"},
		"_foreign_keys": {"off"}, // checked when all rows are there
		"_busy_timeout": {"5000"},
		"_txlock":       {"deferred"}, // the live database is only read
	}
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: settings.Encode()}
	db, err := gorm.Open(sqlite.Open(name.String()), &gorm.Config{SkipDefaultTransaction: true, Logger: quietLogger{to: log}})
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(1)
	return db, db.Exec("PRAGMA temp_store = MEMORY").Error
}

// fill copies the declared rows of every table, all from one state of the live
// database.
func fill(tx *gorm.DB, name string) error {
	for _, c := range carriedRows(name) {
		if c.rows == noRow {
			continue
		}
		columns, err := columnsOf(tx, c.table)
		if err != nil {
			return err
		}
		list := strings.Join(columns, ", ")
		if err := tx.Exec("INSERT INTO main." + c.table + " (" + list + ") SELECT " + list + " FROM live." + c.table + " WHERE " + c.rows).Error; err != nil {
			return fmt.Errorf("table %s: %w", c.table, err)
		}
	}
	return nil
}

// columnsOf names the columns of a table, quoted.
func columnsOf(tx *gorm.DB, table string) ([]string, error) {
	var columns []string
	if err := tx.Raw("SELECT '\"' || name || '\"' FROM pragma_table_info(?, 'main')", table).Scan(&columns).Error; err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("there is no table %s", table)
	}
	return columns, nil
}

// whole asks SQLite whether every page and every row of a database is in order.
func whole(db *gorm.DB, name string) error {
	damaged := func(err error) error {
		return &survey.Error{Code: survey.Unavailable, Key: "error.store.damaged", Args: survey.Args{"file": name}, Err: err}
	}
	var said []string
	if err := db.Raw("PRAGMA main.integrity_check").Scan(&said).Error; err != nil {
		return damaged(err)
	}
	if !slices.Equal(said, []string{"ok"}) {
		return damaged(fmt.Errorf("integrity check: %s", strings.Join(said, "; ")))
	}
	var broken []struct{ Table, Parent string }
	if err := db.Raw("PRAGMA main.foreign_key_check").Scan(&broken).Error; err != nil {
		return damaged(err)
	}
	if len(broken) > 0 {
		return damaged(fmt.Errorf("%d rows of %s name one of %s that does not exist", len(broken), broken[0].Table, broken[0].Parent))
	}
	return nil
}

// describe notes what the manifest of a backup says about a copy.
func (snap *Snapshot) describe(db *gorm.DB, name string) error {
	var steps []string
	if err := db.Raw("SELECT id FROM migrations ORDER BY id").Scan(&steps).Error; err != nil {
		return err
	}
	snap.schemas[name] = steps
	end := func(table string, into *LogEnd) error {
		if err := db.Raw("SELECT count(*) FROM " + table).Scan(&into.Entries).Error; err != nil {
			return err
		}
		return db.Raw("SELECT sha256 FROM " + table + " ORDER BY seq DESC LIMIT 1").Scan(&into.Last).Error
	}
	if name == releasesFile {
		return end("log_entries", &snap.public)
	}
	if err := db.Raw("SELECT id FROM waves WHERE state IN ? ORDER BY opens, id",
		[]string{string(survey.Announced), string(survey.Open), string(survey.Closed)}).Scan(&snap.ends).Error; err != nil {
		return err
	}
	return end("admin_log", &snap.admin)
}
