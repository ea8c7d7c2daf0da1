package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mattn/go-sqlite3"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"attune/survey"
)

// pooledReaders is how many connections read a database beside the one that
// writes.
const pooledReaders = 4

// database is one open file: one connection that writes, so that this process
// never waits for itself, and a pool that only reads. With no pool, reads go
// through the writing connection.
type database struct {
	name        string
	write, read *gorm.DB
	// note, when set, adds to a change what its context says about it; kept is
	// called after the commit.
	note func(ctx context.Context, tx *gorm.DB) (kept func(), err error)
}

// openDatabase opens dir/name, asserts its settings and migrates it.
func openDatabase(ctx context.Context, dir, name string, readers int, log io.Writer) (*database, error) {
	path := filepath.Join(dir, name)
	if err := createPrivate(path); err != nil {
		return nil, &survey.Error{Code: survey.Invalid, Key: "error.store.folder", Args: survey.Args{"folder": dir}, Err: err}
	}
	db := &database{name: name}
	var err error
	if db.write, err = connect(ctx, path, false, 1, log); err != nil {
		return nil, db.explain("open", err)
	}
	db.read = db.write
	if err := migrate(db.write.WithContext(ctx), name); err != nil {
		return nil, errors.Join(db.explain("open", err), db.close())
	}
	if readers > 0 {
		read, err := connect(ctx, path, true, readers, log)
		if err != nil {
			return nil, errors.Join(db.explain("open", err), db.close())
		}
		db.read = read
	}
	return db, nil
}

// createPrivate makes the file before SQLite does, which would let everybody
// read it. Journals get the rights of their database.
func createPrivate(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // a fixed name in the operator's folder
	if err != nil {
		return err
	}
	return errors.Join(file.Chmod(0o600), file.Close())
}

// dataSource writes the name by which mattn/go-sqlite3 opens path. The settings
// stand in it so that every pooled connection has them. An unknown setting is
// ignored in silence, therefore assertSettings.
func dataSource(path string, readOnly bool) string {
	settings := url.Values{
		"_journal_mode":  {"TRUNCATE"},
		"_secure_delete": {"on"},
		"_synchronous":   {"FULL"},
		"_foreign_keys":  {"on"},
		"_txlock":        {"immediate"},
		"_busy_timeout":  {"5000"},
	}
	if readOnly {
		settings.Set("_query_only", "on")
		settings.Set("_txlock", "deferred") // readers must not queue for the write lock
	}
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: settings.Encode()}
	return name.String()
}

// connect opens a pool of at most size connections and asserts the settings
// on all of them at once.
func connect(ctx context.Context, path string, readOnly bool, size int, log io.Writer) (*gorm.DB, error) {
	db, err := gorm.Open(sqlite.Open(dataSource(path, readOnly)), &gorm.Config{
		SkipDefaultTransaction: true, // every exported method is a transaction
		TranslateError:         true,
		Logger:                 quietLogger{to: log},
		NowFunc:                func() time.Time { return time.Time{} }, // no row gets a time that nobody gave it
	})
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	if err := assertSettings(ctx, pool, path, size, readOnly); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

// setting is a PRAGMA and the value that it must have.
type setting struct{ pragma, want string }

// assertSettings holds size connections of the pool at the same time and asks
// each of them what it really does.
func assertSettings(ctx context.Context, pool *sql.DB, path string, size int, readOnly bool) (err error) {
	queryOnly := "0"
	if readOnly {
		queryOnly = "1"
	}
	expected := []setting{
		{"journal_mode", "truncate"},
		{"secure_delete", "1"},
		{"synchronous", "2"}, // FULL
		{"foreign_keys", "1"},
		{"busy_timeout", "5000"}, // milliseconds
		{"query_only", queryOnly},
	}
	for range size {
		conn, openErr := pool.Conn(ctx)
		if openErr != nil {
			return openErr
		}
		defer func() { err = errors.Join(err, conn.Close()) }()
		for _, s := range expected {
			var got string
			if err := conn.QueryRowContext(ctx, "PRAGMA "+s.pragma).Scan(&got); err != nil {
				return fmt.Errorf("read setting %s: %w", s.pragma, err)
			}
			if got != s.want {
				return survey.Fail(survey.Unavailable, "error.store.settings",
					survey.Args{"file": filepath.Base(path), "setting": s.pragma, "got": got, "want": s.want})
			}
		}
	}
	return nil
}

// update runs fn in a transaction that holds the write lock from its start. An
// error or a panic of fn leaves everything as it was.
func (d *database) update(ctx context.Context, what string, fn func(tx *gorm.DB) error) error {
	if d.note == nil {
		return d.explain(what, d.write.WithContext(ctx).Transaction(fn))
	}
	kept := func() {}
	err := d.write.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
		if err = fn(tx); err == nil {
			kept, err = d.note(ctx, tx)
		}
		return err
	})
	if err == nil {
		kept()
	}
	return d.explain(what, err)
}

// view runs fn on one unchanging state of the database.
func (d *database) view(ctx context.Context, what string, fn func(tx *gorm.DB) error) error {
	return d.explain(what, d.read.WithContext(ctx).Transaction(fn))
}

// vacuum rewrites the file without free space. The copy that SQLite makes for
// it stays in memory: a file in the system's temporary folder would not be
// overwritten when it is deleted.
func (d *database) vacuum(ctx context.Context) error {
	return d.explain("rewrite the file", d.write.WithContext(ctx).Exec("PRAGMA temp_store = MEMORY; VACUUM").Error)
}

func (d *database) close() error {
	var faults []error
	for _, db := range []*gorm.DB{d.read, d.write} {
		if db == nil || (db == d.read && d.read == d.write) {
			continue
		}
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// explain makes faults of the machine that a person can mend into errors that
// say so, and adds to all others what was being done.
func (d *database) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	var told *survey.Error
	if errors.As(err, &told) {
		return err
	}
	var fault sqlite3.Error
	if errors.As(err, &fault) {
		args := survey.Args{"file": d.name}
		switch fault.Code {
		case sqlite3.ErrBusy, sqlite3.ErrLocked:
			return &survey.Error{Code: survey.Unavailable, Key: "error.store.busy", Args: args, Err: err}
		case sqlite3.ErrFull:
			return &survey.Error{Code: survey.Unavailable, Key: "error.store.full", Args: args, Err: err}
		case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
			return &survey.Error{Code: survey.Unavailable, Key: "error.store.damaged", Args: args, Err: err}
		}
	}
	return fmt.Errorf("%s: %s: %w", strings.TrimSuffix(d.name, ".db"), what, err)
}
