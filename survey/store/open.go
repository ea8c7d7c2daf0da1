package store

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"attune/survey"
)

// The database files of a data folder.
const (
	peopleFile   = "people.db"
	ballotsFile  = "ballots.db"
	releasesFile = "releases.db"
)

// Config says where a Store lives and what it may use.
type Config struct {
	Dir   string           // the data folder; created when it does not exist
	Now   func() time.Time // the clock that sessions expire by; required
	Log   io.Writer        // warnings, never with values; nil: none are written
	NewID func() string    // random ids that say nothing; nil: 128 bits of crypto/rand
}

// Store keeps everything that outlives the process, in three databases of one
// data folder that share no key: people.db (organisation, people, users, waves,
// rosters), ballots.db (sealed boxes) and releases.db (public log, releases).
// Every exported method is one transaction of one of them. A Store may be used
// by many goroutines, and several processes may open the same folder.
type Store struct {
	cfg      Config
	people   *database
	ballots  *database
	releases *database
	held     *os.File                        // the folder, which nobody may restore into meanwhile; nil where it cannot be locked
	branding atomic.Pointer[survey.Branding] // of people.db, as this process knows it
}

// Open opens the data folder, creates what is missing and brings the three
// databases to the form that this program expects. The folder is for its
// owner only (0700), the files as well (0600); an existing folder with wider
// rights is tightened when it is empty or a data folder already.
//
// It fails when the folder cannot be used or belongs to something else, and
// when a database was written by a newer program, is damaged, or does not take
// the settings that keep deleted ballots from staying on disk, or when a backup
// is being restored into the folder. What is refused is left as it was.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Now == nil {
		return nil, errors.New("open the store: no clock in its configuration")
	}
	if cfg.Log == nil {
		cfg.Log = io.Discard
	}
	if cfg.NewID == nil {
		cfg.NewID = randomID
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("open the store in %q: %w", cfg.Dir, err)
	}
	cfg.Dir = dir
	if err := prepareFolder(dir); err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg}
	if s.held, err = use(dir); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		file    string
		readers int
		into    **database
	}{
		{peopleFile, pooledReaders, &s.people},
		{ballotsFile, 0, &s.ballots},
		{releasesFile, pooledReaders, &s.releases},
	} {
		db, err := openDatabase(ctx, dir, part.file, part.readers, cfg.Log)
		if err != nil {
			return nil, errors.Join(err, s.disconnect())
		}
		*part.into = db
	}
	s.people.note = s.noteWith
	if err := s.loadBranding(ctx); err != nil {
		return nil, errors.Join(err, s.disconnect())
	}
	return s, nil
}

// Close rewrites each database without its free space and closes it. A
// database that another process is using is left as it is, with a warning: the
// last process to close it rewrites it.
func (s *Store) Close() error {
	var faults []error
	for _, db := range s.databases() {
		err := db.vacuum(context.Background())
		if survey.IsKey(err, "error.store.busy") {
			_, err = fmt.Fprintf(s.cfg.Log, "store: %s was not rewritten on closing, because another process is using it\n", db.name)
		}
		faults = append(faults, err)
	}
	return errors.Join(append(faults, s.disconnect())...)
}

func (s *Store) databases() []*database {
	var all []*database
	for _, db := range []*database{s.people, s.ballots, s.releases} {
		if db != nil {
			all = append(all, db)
		}
	}
	return all
}

func (s *Store) disconnect() error {
	var faults []error
	for _, db := range s.databases() {
		faults = append(faults, db.close())
	}
	if s.held != nil {
		faults = append(faults, s.held.Close())
		s.held = nil
	}
	return errors.Join(faults...)
}

// prepareFolder makes dir a folder that only its owner may enter.
func prepareFolder(dir string) error {
	unusable := func(err error) error {
		return &survey.Error{Code: survey.Invalid, Key: "error.store.folder", Args: survey.Args{"folder": dir}, Err: err}
	}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return unusable(err)
		}
		return nil
	}
	if err != nil {
		return unusable(err)
	}
	if !info.IsDir() {
		return unusable(errors.New("it is a file"))
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	ours, err := looksLikeOurs(dir)
	if err != nil {
		return unusable(err)
	}
	shared := survey.Fail(survey.Invalid, "error.store.folder_shared",
		survey.Args{"folder": dir, "mode": fmt.Sprintf("%04o", info.Mode().Perm())})
	if !ours { // tightening somebody else's folder, /tmp for one, would break it
		return shared
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder has to be entered
		shared.Err = err
		return shared
	}
	return nil
}

// looksLikeOurs says whether dir is empty or holds a database of ours.
func looksLikeOurs(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		switch e.Name() {
		case peopleFile, ballotsFile, releasesFile:
			return true, nil
		}
	}
	return len(entries) == 0, nil
}

func randomID() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails: it ends the program when there is no randomness
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
}
