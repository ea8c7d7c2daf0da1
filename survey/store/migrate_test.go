package store

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"

	"attune/survey"
)

// schemaOf lists what a database is made of, one line an object, without
// comments and with single blanks.
func schemaOf(t *testing.T, db *gorm.DB) []string {
	t.Helper()
	var statements []string
	must(t, db.Raw("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name").Scan(&statements).Error)
	for i, statement := range statements {
		var kept []string
		for _, line := range strings.Split(statement, "\n") {
			line, _, _ = strings.Cut(line, "--")
			kept = append(kept, strings.Fields(line)...)
		}
		// A column that was added later stands behind a comma of its own.
		statements[i] = strings.NewReplacer("IF NOT EXISTS ", "", " ,", ",", " )", ")").Replace(strings.Join(kept, " "))
	}
	return statements
}

func TestMigrationsMakeWhatTheSchemaFilesSay(t *testing.T) {
	s := newStore(t)
	for _, db := range s.databases() {
		text, err := os.ReadFile(filepath.Join("schema", strings.TrimSuffix(db.name, ".db")+".sql"))
		must(t, err)
		want, err := gorm.Open(sqlite.Open(filepath.Join(t.TempDir(), "want.db")), &gorm.Config{})
		must(t, err)
		must(t, want.Exec(string(text)).Error)
		if diff := cmp.Diff(schemaOf(t, want), schemaOf(t, db.write)); diff != "" {
			t.Errorf("%s differs from its schema file (-file +migrated):\n%s", db.name, diff)
		}
		pool, err := want.DB()
		must(t, err)
		must(t, pool.Close())
	}
}

func TestADatabaseIsMigratedOnceHoweverOftenItIsOpened(t *testing.T) {
	dir := t.TempDir()
	var before []string
	for range 2 {
		s, err := Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now})
		must(t, err)
		var steps []string
		must(t, s.people.read.Raw("SELECT id FROM migrations ORDER BY id").Scan(&steps).Error)
		if before != nil {
			if diff := cmp.Diff(before, steps); diff != "" {
				t.Error(diff)
			}
		}
		before = steps
		must(t, s.Close())
	}
	if len(before) == 0 {
		t.Fatal("no step was recorded")
	}
}

func TestADatabaseOfANewerProgramIsRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now})
	must(t, err)
	must(t, s.ballots.write.Exec("INSERT INTO migrations VALUES ('ballots-9999')").Error)
	must(t, s.Close())
	before, err := os.ReadFile(filepath.Join(dir, "ballots.db"))
	must(t, err)

	_, err = Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now})
	wantCode(t, err, survey.Conflict, "error.store.newer")
	if !strings.Contains(err.Error(), "file=ballots.db") {
		t.Fatal(err)
	}
	after, err := os.ReadFile(filepath.Join(dir, "ballots.db"))
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Fatal("the file was changed")
	}
}

// checkForeignKeys fails for every row that names one which does not exist.
func checkForeignKeys(t *testing.T, s *Store) {
	t.Helper()
	for _, db := range s.databases() {
		var broken []struct{ Table, Parent string }
		must(t, db.read.Raw("PRAGMA foreign_key_check").Scan(&broken).Error)
		if len(broken) > 0 {
			t.Errorf("%s: %v", db.name, broken)
		}
	}
}
