package store

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/go-gormigrate/gormigrate/v2"
	"gorm.io/gorm"

	"attune/survey"
)

// migrationFiles hold the steps of each database, schema/NAME/0001.sql and so
// on. A step that has been shipped never changes; schema/NAME.sql shows what
// all steps together make.
//
//go:embed schema/*/*.sql
var migrationFiles embed.FS

// migrationsTable is made by hand, since GORM's AutoMigrate is used nowhere.
const migrationsTable = `CREATE TABLE IF NOT EXISTS migrations (
    id text PRIMARY KEY
)`

// migrate runs the steps that a database has not had yet, all of them or
// none. It refuses a database with a step that this program does not know: a
// newer one wrote it.
func migrate(db *gorm.DB, file string) error {
	steps, err := migrations(strings.TrimSuffix(file, ".db"))
	if err != nil {
		return err
	}
	if err := db.Exec(migrationsTable).Error; err != nil {
		return fmt.Errorf("migrations table: %w", err)
	}
	var had []string
	if err := db.Raw("SELECT id FROM migrations").Scan(&had).Error; err != nil {
		return fmt.Errorf("migrations table: %w", err)
	}
	if upToDate(had, steps) { // no lock is needed, which another process may hold for long
		return nil
	}
	options := *gormigrate.DefaultOptions
	options.ValidateUnknownMigrations = true
	// The transaction is ours: gormigrate's own goes on when it could not
	// begin, and panics.
	err = db.Transaction(func(tx *gorm.DB) error { return gormigrate.New(tx, &options, steps).Migrate() })
	if errors.Is(err, gormigrate.ErrUnknownPastMigration) {
		return &survey.Error{Code: survey.Conflict, Key: "error.store.newer", Args: survey.Args{"file": file}, Err: err}
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// upToDate says whether a database has had exactly these steps.
func upToDate(had []string, steps []*gormigrate.Migration) bool {
	known := make(map[string]bool, len(steps))
	for _, step := range steps {
		known[step.ID] = true
	}
	for _, id := range had {
		if !known[id] {
			return false
		}
	}
	return len(had) == len(steps) // the ids of a primary key are all different
}

// migrations reads the steps of one database in the order of their names.
func migrations(name string) ([]*gormigrate.Migration, error) {
	files, err := fs.Glob(migrationFiles, "schema/"+name+"/*.sql") // sorted
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("migrations of %s: %d files: %w", name, len(files), err)
	}
	steps := make([]*gormigrate.Migration, len(files))
	for i, file := range files {
		text, err := fs.ReadFile(migrationFiles, file)
		if err != nil {
			return nil, fmt.Errorf("migrations of %s: %w", name, err)
		}
		steps[i] = &gormigrate.Migration{
			ID:      name + "-" + strings.TrimSuffix(file[strings.LastIndex(file, "/")+1:], ".sql"),
			Migrate: func(tx *gorm.DB) error { return tx.Exec(string(text)).Error },
		}
	}
	return steps, nil
}
