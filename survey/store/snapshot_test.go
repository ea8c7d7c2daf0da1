package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
)

// tablesOf lists the tables of a database, sorted.
func tablesOf(t *testing.T, db *database) []string {
	t.Helper()
	var tables []string
	must(t, db.write.Raw("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('migrations', 'sqlite_sequence') ORDER BY name").Scan(&tables).Error)
	return tables
}

// A new table is in no backup until somebody has decided whether it should be.
func TestEveryTableIsDeclaredForBackups(t *testing.T) {
	s := newStore(t)
	for _, db := range s.databases() {
		var declared []string
		for _, c := range carriedRows(db.name) {
			declared = append(declared, c.table)
			if c.rows != everyRow && c.why == "" {
				t.Errorf("%s: nothing says why rows of %s stay behind", db.name, c.table)
			}
		}
		slices.Sort(declared)
		want := tablesOf(t, db)
		if db.name == ballotsFile {
			want = nil // boxes, and whether they take ballots: never
		}
		if diff := cmp.Diff(want, declared); diff != "" {
			t.Errorf("%s (-there +declared):\n%s", db.name, diff)
		}
	}
	if slices.Contains(backedUp(), ballotsFile) {
		t.Error("ballots.db is backed up")
	}
}

// raw opens a file with SQLite as it comes, without any setting of ours.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	must(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// column is one of a table, as SQLite describes it.
type column struct {
	name, kind string
	key        bool // of the table's own key, or of another one's
}

func columnsWith(t *testing.T, db *sql.DB, table string) []column {
	t.Helper()
	rows, err := db.Query(`SELECT c.name, lower(c.type), c.pk > 0 OR c.name IN (SELECT "from" FROM pragma_foreign_key_list(?))
		FROM pragma_table_info(?) c`, table, table)
	must(t, err)
	defer rows.Close()
	var all []column
	for rows.Next() {
		var c column
		must(t, rows.Scan(&c.name, &c.kind, &c.key))
		all = append(all, c)
	}
	must(t, rows.Err())
	return all
}

// chosen are the columns whose values the schema restricts.
func chosen() map[string]string {
	return map[string]string{
		"waves.state": "released", "mailings.kind": MailResults, "outbox.kind": MailResults,
		"notices.kind": NoticeAction, "notices.moment": "on", "notices.state": noticeWaiting, "contacts.tier": "any",
		"action_edits.status": "done", "action_marks.status": "done", "deliveries.state": DeliveryWaiting, "box_states.state": "open",
	}
}

// plantRows puts one row into every table. Keys are "one" and 1; every other
// text and blob is planted(table).
func plantRows(t *testing.T, s *Store) {
	t.Helper()
	for _, db := range s.databases() {
		file := raw(t, filepath.Join(s.cfg.Dir, db.name))
		exec(t, file, "PRAGMA foreign_keys = OFF")
		for _, table := range tablesOf(t, db) {
			var names, values []string
			for _, c := range columnsWith(t, file, table) {
				value := "'" + planted(table) + "'"
				if given := chosen()[table+"."+c.name]; given != "" {
					value = "'" + given + "'"
				} else if strings.Contains(c.kind, "int") || c.kind == "boolean" {
					value = "1"
				} else if c.key {
					value = "'one'"
				}
				names, values = append(names, c.name), append(values, value)
			}
			exec(t, file, "INSERT INTO "+table+" ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(values, ", ")+")")
		}
		must(t, file.Close())
	}
}

// planted is what stands in a table and nowhere else.
func planted(table string) string { return "planted-in-" + table + "-there" }

// backupOf makes a backup and gives its bytes and those of its parts.
func backupOf(t *testing.T, s *Store) (archive []byte, parts map[string][]byte) {
	t.Helper()
	var file bytes.Buffer
	snap, err := s.Snapshot(t.Context(), t.TempDir(), nil)
	must(t, err)
	_, err = snap.Write(t.Context(), &file, "test", start, nil)
	must(t, err)
	must(t, snap.Close())
	b, err := ReadBackup(bytes.NewReader(file.Bytes()), int64(file.Len()))
	must(t, err)
	parts = make(map[string][]byte)
	must(t, b.Each(t.Context(), func(name string, content io.Reader) (err error) {
		parts[name], err = io.ReadAll(content)
		return err
	}))
	return file.Bytes(), parts
}

// A row of every table is planted, and deleted content in every file. What
// carriedRows says is what comes along, looked up in the bytes.
func TestABackupHoldsTheDeclaredRowsAndNothingElse(t *testing.T) {
	s := newStore(t)
	plantRows(t, s)
	const deleted = "planted-and-deleted"
	for _, name := range backedUp() { // as a program would delete that does not overwrite
		file := raw(t, filepath.Join(s.cfg.Dir, name))
		exec(t, file, "PRAGMA secure_delete = OFF")
		exec(t, file, "CREATE TABLE gone (text text)")
		exec(t, file, "INSERT INTO gone VALUES (?)", strings.Repeat(deleted, 5000))
		exec(t, file, "DROP TABLE gone")
		must(t, file.Close())
		if fileWith(t, filepath.Join(s.cfg.Dir), []byte(deleted)) == "" {
			t.Fatal("nothing deleted is left to be found")
		}
	}
	_, parts := backupOf(t, s)
	if diff := cmp.Diff([]string{peopleFile, releasesFile}, slices.Sorted(maps.Keys(parts))); diff != "" {
		t.Fatal(diff)
	}
	for name, content := range parts {
		if bytes.Contains(content, []byte(deleted)) {
			t.Errorf("%s of the backup holds what was deleted", name)
		}
		for _, c := range carriedRows(name) {
			comes := c.rows == everyRow || c.rows == releasedOnly // the planted wave is released, the planted notice waits
			there := bytes.Contains(content, []byte(planted(c.table)))
			if !slices.Contains(marked(t, s, c.table), true) { // all its columns are keys or numbers
				continue
			}
			if there != comes {
				t.Errorf("%s: rows of %s come along: %t; declared: %q", name, c.table, there, c.rows)
			}
		}
		copied := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(copied, content, 0o600))
		db := raw(t, copied)
		for _, c := range carriedRows(name) {
			want := 1
			if c.rows == noRow || c.table == "notices" {
				want = 0
			}
			var n int
			must(t, db.QueryRow("SELECT count(*) FROM "+c.table).Scan(&n))
			if n != want {
				t.Errorf("%s: %d rows of %s in the backup; want %d", name, n, c.table, want)
			}
		}
	}
	for _, table := range []string{"boxes", "box_states"} {
		for name, content := range parts {
			if bytes.Contains(content, []byte(planted(table))) {
				t.Errorf("%s holds %s", name, table)
			}
		}
	}
}

// marked says of every column of a table whether plantRows puts its text there.
func marked(t *testing.T, s *Store, table string) []bool {
	t.Helper()
	var all []bool
	for _, db := range s.databases() {
		file := raw(t, filepath.Join(s.cfg.Dir, db.name))
		for _, c := range columnsWith(t, file, table) {
			all = append(all, !c.key && !strings.Contains(c.kind, "int") && c.kind != "boolean" && chosen()[table+"."+c.name] == "")
		}
		must(t, file.Close())
	}
	return all
}

func TestTheListOfWhoIsAskedStaysBehindUntilTheRelease(t *testing.T) {
	s := newStore(t)
	plantRows(t, s)
	for _, state := range []survey.State{survey.Planned, survey.Announced, survey.Open, survey.Closed, survey.Void, survey.Released} {
		must(t, s.people.write.Exec("UPDATE waves SET state = ?", string(state)).Error)
		_, parts := backupOf(t, s)
		if there := bytes.Contains(parts[peopleFile], []byte(planted("roster_people"))); there != (state == survey.Released) {
			t.Errorf("the list of a wave that is %s comes along: %t", state, there)
		}
	}
}

// A snapshot lies in files without names from its beginning.
func TestASnapshotLeavesNoFile(t *testing.T) {
	s := newStore(t)
	dir := t.TempDir()
	empty := func(when string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		must(t, err)
		if len(entries) > 0 {
			t.Errorf("%s: %v", when, entries)
		}
	}
	snap, err := s.Snapshot(t.Context(), dir, func(string, int64) { empty("while it is made") })
	must(t, err)
	empty("while it is there")
	must(t, snap.Close())
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := s.Snapshot(ctx, dir, func(string, int64) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	empty("after an interrupt")
	_, err = s.Snapshot(t.Context(), filepath.Join(dir, "missing"), nil)
	wantCode(t, err, survey.Invalid, "error.backup.folder")
}

func TestASnapshotIsOneStateWhileOthersWrite(t *testing.T) {
	s := newStore(t)
	root, err := s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	done := make(chan struct{})
	stop := make(chan struct{})
	go func() { // two rows that belong together, in one transaction each time
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			id := survey.WaveID(fmt.Sprintf("w%04d", i))
			if err := s.CreateWave(Noting(context.Background(), survey.Deed{Who: "a", Roles: []string{"admin"}, Action: survey.DidWavePlanned, Subject: string(id)}), planned(id, root.ID, "")); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	seen := make(map[int]bool)
	for until := time.Now().Add(time.Second); time.Now().Before(until); {
		_, parts := backupOf(t, s)
		copied := filepath.Join(t.TempDir(), peopleFile)
		must(t, os.WriteFile(copied, parts[peopleFile], 0o600))
		db := raw(t, copied)
		var waves, deeds int
		must(t, db.QueryRow("SELECT (SELECT count(*) FROM waves), (SELECT count(*) FROM admin_log)").Scan(&waves, &deeds))
		if waves != deeds {
			t.Errorf("%d waves and %d entries of the log", waves, deeds)
		}
		seen[waves] = true
	}
	close(stop)
	<-done
	if len(seen) < 2 {
		t.Errorf("nothing was written meanwhile: %v", seen)
	}
}

func TestPacksComeAlongUnderTheirNamesOnly(t *testing.T) {
	s := newStore(t)
	packs := fstest.MapFS{
		"own-1.0.yaml":     {Data: []byte("id: own")},
		"proqol5-1.0.json": {Data: []byte("{}")},
		"own-1.0.yaml.new": {Data: []byte("half")},
		".hidden.yaml":     {Data: []byte("x")},
		"Notes.txt":        {Data: []byte("x")},
		"sub/a.yaml":       {Data: []byte("x")},
	}
	var file bytes.Buffer
	snap, err := s.Snapshot(t.Context(), t.TempDir(), nil)
	must(t, err)
	m, err := snap.Write(t.Context(), &file, "test", start, packs)
	must(t, err)
	must(t, snap.Close())
	var names []string
	for _, p := range m.Parts {
		names = append(names, p.Name)
	}
	if diff := cmp.Diff([]string{peopleFile, releasesFile, "packs/own-1.0.yaml", "packs/proqol5-1.0.json"}, names); diff != "" {
		t.Error(diff)
	}
	b, err := ReadBackup(bytes.NewReader(file.Bytes()), int64(file.Len()))
	must(t, err)
	dir := filepath.Join(t.TempDir(), "data")
	must(t, b.Unpack(t.Context(), Config{Dir: dir, Now: (&clock{}).now}, nil))
	got, err := os.ReadFile(filepath.Join(dir, "packs", "own-1.0.yaml"))
	must(t, err)
	if string(got) != "id: own" {
		t.Errorf("%q", got)
	}
}
