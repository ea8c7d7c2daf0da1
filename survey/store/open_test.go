package store

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gorm.io/gorm"

	"attune/survey"
)

func TestEveryPooledConnectionHasTheSettings(t *testing.T) {
	s := newStore(t)
	for _, db := range s.databases() {
		// A pool of eight on the same name, all held at once: what a setting
		// made on one connection only would not survive.
		for _, readOnly := range []bool{false, true} {
			many, err := connect(t.Context(), filepath.Join(s.cfg.Dir, db.name), readOnly, 8, s.cfg.Log)
			must(t, err)
			pool, err := many.DB()
			must(t, err)
			must(t, pool.Close())
		}
		writers, err := db.write.DB()
		must(t, err)
		if n := writers.Stats().MaxOpenConnections; n != 1 {
			t.Errorf("%s has %d writing connections, want 1", db.name, n)
		}
	}
}

func TestAWrongSettingIsRefused(t *testing.T) {
	s := newStore(t)
	must(t, s.people.write.Exec("PRAGMA secure_delete = FAST").Error)
	pool, err := s.people.write.DB()
	must(t, err)
	err = assertSettings(t.Context(), pool, "people.db", 1, false)
	wantCode(t, err, survey.Unavailable, "error.store.settings")
	if !strings.Contains(err.Error(), "setting=secure_delete") || !strings.Contains(err.Error(), "got=2") { // 2 is FAST
		t.Fatal(err)
	}
}

func TestAReaderCannotWrite(t *testing.T) {
	s := newStore(t)
	for _, db := range []*database{s.people, s.releases} {
		err := db.view(t.Context(), "test", func(tx *gorm.DB) error { return tx.Exec("DELETE FROM migrations").Error })
		if err == nil {
			t.Errorf("%s: a reading connection wrote", db.name)
		}
	}
}

func TestAWriteTransactionHoldsTheLockFromItsStart(t *testing.T) {
	dir := t.TempDir()
	a, _ := open(t, dir)
	b, _ := open(t, dir)
	must(t, b.ballots.write.Exec("PRAGMA busy_timeout = 1").Error)
	err := a.ballots.update(t.Context(), "hold", func(*gorm.DB) error { // writes nothing yet
		return b.ballots.update(t.Context(), "want", func(*gorm.DB) error { return nil })
	})
	wantCode(t, err, survey.Unavailable, "error.store.busy")
}

func TestAFolderNameMayHoldAnyCharacter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a #1?x=y&_journal_mode=WAL 100%41 é")
	s, _ := open(t, dir)
	_, err := s.EnsureOrganisation(t.Context(), "Marker organisation")
	must(t, err)
	if got := fileWith(t, dir, []byte("Marker organisation")); got != filepath.Join(dir, "people.db") {
		t.Fatalf("the organisation lies in %q", got)
	}
}

func TestTheFolderAndItsFilesAreForTheOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "data")
	s, _ := open(t, dir)
	check := func(path string, want os.FileMode) {
		t.Helper()
		info, err := os.Stat(path)
		must(t, err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %04o, want %04o", path, got, want)
		}
	}
	check(dir, 0o700)
	must(t, s.ballots.update(t.Context(), "look while the journal is there", func(tx *gorm.DB) error {
		must(t, tx.Create(&boxStateRow{Wave: "w", State: "sealed"}).Error)
		entries, err := os.ReadDir(dir)
		must(t, err)
		if len(entries) < 4 {
			t.Errorf("want three databases and a journal, got %v", entries)
		}
		for _, e := range entries {
			check(filepath.Join(dir, e.Name()), 0o600)
		}
		return nil
	}))
}

func TestAFolderOfOursOrAnEmptyOneIsTightened(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // empty, then ours
		must(t, os.Chmod(dir, 0o755))
		s, err := Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now})
		must(t, err)
		must(t, s.Close())
		info, err := os.Stat(dir)
		must(t, err)
		if info.Mode().Perm() != 0o700 {
			t.Fatalf("mode %04o", info.Mode().Perm())
		}
	}
}

func TestSomebodyElsesFolderIsRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "thesis.txt"), []byte("x"), 0o600))
	must(t, os.Chmod(dir, 0o755))
	_, err := Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now})
	wantCode(t, err, survey.Invalid, "error.store.folder_shared")
	info, err := os.Stat(dir)
	must(t, err)
	entries, err := os.ReadDir(dir)
	must(t, err)
	if info.Mode().Perm() != 0o755 || len(entries) != 1 {
		t.Fatalf("mode %04o, files %v", info.Mode().Perm(), entries)
	}
}

func TestAFileInPlaceOfTheFolderIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data")
	must(t, os.WriteFile(file, []byte("x"), 0o600))
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		_, err := Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now})
		wantCode(t, err, survey.Invalid, "error.store.folder")
	}
}

func TestAFileThatIsNoDatabaseIsRefused(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "releases.db"), bytes.Repeat([]byte("not a database "), 100), 0o600))
	_, err := Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now})
	wantCode(t, err, survey.Unavailable, "error.store.damaged")
	if !strings.Contains(err.Error(), "file=releases.db") {
		t.Fatal(err)
	}
}

func TestTheLogNamesStatementsAndNoValues(t *testing.T) {
	var log bytes.Buffer
	s, err := Open(t.Context(), Config{Dir: t.TempDir(), Now: (&clock{at: start}).now, Log: &log})
	must(t, err)
	_, err = s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	if log.Len() != 0 {
		t.Fatalf("a store without faults wrote %q", log.String())
	}
	err = s.people.update(t.Context(), "break", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE nowhere SET a = ? WHERE b = ?", "planted-marker", 4711).Error
	})
	if err == nil {
		t.Fatal("want an error")
	}
	if got := log.String(); !strings.Contains(got, "UPDATE nowhere SET a = ?") || strings.Contains(got, "planted-marker") || strings.Contains(got, "4711") {
		t.Fatalf("log %q", got)
	}
	must(t, s.Close())
}

func TestClosingBesideABusyProcessSucceedsWithAWarning(t *testing.T) {
	dir := t.TempDir()
	var log bytes.Buffer
	a, err := Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now, Log: &log})
	must(t, err)
	b, _ := open(t, dir)
	must(t, a.ballots.write.Exec("PRAGMA busy_timeout = 1").Error)
	must(t, b.ballots.update(t.Context(), "hold", func(*gorm.DB) error { return a.Close() }))
	if got := log.String(); !strings.Contains(got, "ballots.db was not rewritten") || strings.Contains(got, "people.db") {
		t.Fatalf("log %q", got)
	}
}

// A large wave holds the lock of its boxes for seconds while it is released.
func TestOpeningBesideABusyProcessNeedsNoLock(t *testing.T) {
	dir := t.TempDir()
	busy, c := open(t, dir)
	must(t, busy.ballots.update(t.Context(), "be busy", func(*gorm.DB) error {
		s, err := Open(t.Context(), Config{Dir: dir, Now: c.now})
		must(t, err)
		must(t, s.ballots.write.Exec("PRAGMA busy_timeout = 1").Error) // closing would wait
		return s.Close()
	}))
}

func TestMigratingBesideABusyProcessIsRefused(t *testing.T) {
	t.Parallel() // waits for the lock, five seconds
	dir := t.TempDir()
	busy, c := open(t, dir)
	must(t, busy.ballots.write.Exec("DELETE FROM migrations").Error)
	must(t, busy.ballots.update(t.Context(), "be busy", func(*gorm.DB) error {
		_, err := Open(t.Context(), Config{Dir: dir, Now: c.now})
		wantCode(t, err, survey.Unavailable, "error.store.busy")
		return nil
	}))
}

func TestOpeningWithoutAClockIsRefused(t *testing.T) {
	if _, err := Open(context.Background(), Config{Dir: t.TempDir()}); err == nil {
		t.Fatal("want an error")
	}
}

func TestIDsAreRandomAndSafeInPaths(t *testing.T) {
	a, b := randomID(), randomID()
	if len(a) != 26 || a == b || strings.Trim(a, "abcdefghijklmnopqrstuvwxyz234567") != "" { // 128 bits in 5-bit letters
		t.Fatalf("%q, %q", a, b)
	}
}

func TestAFaultOfTheMachineIsSaidInWords(t *testing.T) {
	db := &database{name: "people.db"}
	cause := errors.New("cause")
	if err := db.explain("do a thing", cause); !errors.Is(err, cause) || err.Error() != "people: do a thing: cause" {
		t.Fatal(err)
	}
	s := newStore(t)
	must(t, s.people.write.Exec("PRAGMA max_page_count = 1").Error) // the smallest it can be: as it is
	err := s.people.update(t.Context(), "fill", func(tx *gorm.DB) error {
		for range 100 {
			if err := tx.Exec("INSERT INTO migrations VALUES (hex(randomblob(2000)))").Error; err != nil {
				return err
			}
		}
		return nil
	})
	wantCode(t, err, survey.Unavailable, "error.store.full")
}
