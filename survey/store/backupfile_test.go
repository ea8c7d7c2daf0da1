package store

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"

	"attune/survey"
)

// entry is one of a zip that is made by hand.
type entry struct {
	name    string
	content []byte
}

// zipOf makes a backup by hand: the entries, and a manifest that names all of
// them truly unless change says otherwise.
func zipOf(t testing.TB, entries []entry, change func(m *BackupManifest)) []byte {
	t.Helper()
	m := BackupManifest{Format: backupFormat, V: backupVersion, Made: start}
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	add := func(name string, content []byte) {
		into, err := archive.Create(name)
		if err == nil {
			_, err = into.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range entries {
		add(e.name, e.content)
		sum := sha256.Sum256(e.content)
		m.Parts = append(m.Parts, BackupPart{e.name, int64(len(e.content)), hex.EncodeToString(sum[:])})
	}
	if change != nil {
		change(&m)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	add(backupManifest, raw)
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// read opens a backup and reads all of it.
func read(t testing.TB, file []byte) error {
	t.Helper()
	b, err := ReadBackup(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return err
	}
	return b.Each(t.Context(), func(_ string, content io.Reader) error {
		_, err := io.Copy(io.Discard, content)
		return err
	})
}

// twoParts are the parts without which a file is no backup.
func twoParts() []entry {
	return []entry{{peopleFile, []byte("people")}, {releasesFile, []byte("releases")}}
}

func TestWhatIsNoWholeBackupIsRefused(t *testing.T) {
	good := zipOf(t, twoParts(), nil)
	must(t, read(t, good))
	with := func(name string) []byte { return zipOf(t, append(twoParts(), entry{name, []byte("x")}), nil) }
	bomb := append(twoParts(), entry{"packs/a.yaml", make([]byte, maxBackupPack+1)})
	for name, try := range map[string]struct {
		file []byte
		key  string
	}{
		"nothing":                    {nil, "error.backup.other"},
		"a text":                     {[]byte("attune-backup"), "error.backup.other"},
		"another zip":                {zipOf(t, nil, func(m *BackupManifest) { m.Format = "other" }), "error.backup.other"},
		"its first half":             {good[:len(good)/2], "error.backup.other"},
		"without its last byte":      {good[:len(good)-1], "error.backup.other"},
		"a newer form":               {zipOf(t, twoParts(), func(m *BackupManifest) { m.V = 2 }), "error.backup.newer"},
		"a newer schema":             {zipOf(t, twoParts(), func(m *BackupManifest) { m.Schemas = map[string][]string{peopleFile: {"people-9999"}} }), "error.backup.newer"},
		"a part that is missing":     {zipOf(t, twoParts()[:1], nil), "error.backup.damaged"},
		"a part that is not named":   {zipOf(t, twoParts(), func(m *BackupManifest) { m.Parts = m.Parts[:1] }), "error.backup.damaged"},
		"a part that is named twice": {zipOf(t, twoParts(), func(m *BackupManifest) { m.Parts[1] = m.Parts[0] }), "error.backup.damaged"},
		"a name out of the folder":   {with("packs/../../etc/cron.d/a.yaml"), "error.backup.damaged"},
		"a name from the root":       {with("/etc/cron.d/a.yaml"), "error.backup.damaged"},
		"a name with a backslash":    {with(`packs\..\a.yaml`), "error.backup.damaged"},
		"a folder below the packs":   {with("packs/sub/a.yaml"), "error.backup.damaged"},
		"a key":                      {with("keys/2026-11.key"), "error.backup.damaged"},
		"ballots":                    {with(ballotsFile), "error.backup.damaged"},
		"a pack that is too long":    {zipOf(t, bomb, nil), "error.backup.damaged"},
		"a database out of nothing":  {zipOf(t, []entry{{peopleFile, make([]byte, freelyUnpacked+1)}, twoParts()[1]}, nil), "error.backup.damaged"},
		"a length that is not true":  {zipOf(t, twoParts(), func(m *BackupManifest) { m.Parts[0].Bytes-- }), "error.backup.damaged"},
		"a sum that is not true":     {zipOf(t, twoParts(), func(m *BackupManifest) { m.Parts[0].SHA256 = m.Parts[1].SHA256 }), "error.backup.damaged"},
	} {
		err := read(t, try.file)
		if err == nil || (try.key != "" && !survey.IsKey(err, try.key)) {
			t.Errorf("%s: %v; want %s", name, err, try.key)
		}
	}
}

// Every byte of a backup that is turned over is noticed, except where a zip
// keeps what nobody reads, such as times.
func TestAByteThatWasTurnedOverIsNoticedOrChangesNothing(t *testing.T) {
	good := zipOf(t, twoParts(), nil)
	contents := func(file []byte) (all string, err error) {
		b, err := ReadBackup(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return "", err
		}
		err = b.Each(t.Context(), func(name string, content io.Reader) error {
			raw, err := io.ReadAll(content)
			all += name + "=" + string(raw) + ";"
			return err
		})
		return all, err
	}
	want, err := contents(good)
	must(t, err)
	noticed := 0
	for i := range good {
		changed := bytes.Clone(good)
		changed[i] ^= 0x20
		got, err := contents(changed)
		if err != nil {
			noticed++
		} else if got != want {
			t.Errorf("byte %d: read as %q", i, got)
		}
	}
	if noticed < len(good)/3 {
		t.Errorf("%d of %d bytes noticed", noticed, len(good))
	}
}

func FuzzReadBackup(f *testing.F) {
	f.Add([]byte{})
	f.Add(zipOf(f, twoParts(), nil))
	f.Add(zipOf(f, append(twoParts(), entry{"packs/../a.yaml", []byte("x")}), nil))
	f.Add(zipOf(f, []entry{{peopleFile, make([]byte, 1<<16)}, twoParts()[1]}, nil))
	f.Add(zipOf(f, twoParts(), func(m *BackupManifest) { m.Parts[0].Bytes = 1 << 60 }))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := ReadBackup(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		// What was accepted: only names of ours, and never more than is allowed
		// to come out of a file so long.
		most := int64(2*freelyUnpacked) + maxUnpacking*int64(len(file)) + maxBackupPacks*maxBackupPack
		if b.Bytes() > most {
			t.Fatalf("%d bytes out of %d", b.Bytes(), len(file))
		}
		_ = b.Each(t.Context(), func(name string, content io.Reader) error {
			if name != peopleFile && name != releasesFile && filepath.ToSlash(filepath.Join("packs", filepath.Base(name))) != name {
				t.Fatalf("the name %q", name)
			}
			n, err := io.Copy(io.Discard, content)
			if n > b.Bytes()+1 {
				t.Fatalf("%d bytes of %s", n, name)
			}
			return err
		})
	})
}

// unpackOf unpacks a backup of a database of people that was made by hand.
func unpackOf(t *testing.T, people []byte) (dir string, err error) {
	t.Helper()
	s := newStore(t)
	_, parts := backupOf(t, s)
	if people == nil {
		people = parts[peopleFile]
	}
	file := zipOf(t, []entry{{peopleFile, people}, {releasesFile, parts[releasesFile]}}, nil)
	b, err := ReadBackup(bytes.NewReader(file), int64(len(file)))
	must(t, err)
	dir = filepath.Join(t.TempDir(), "data")
	return dir, b.Unpack(t.Context(), Config{Dir: dir, Now: (&clock{}).now}, nil)
}

// changed gives the people.db of a backup as somebody has changed it.
func changed(t *testing.T, s *Store, statements ...string) []byte {
	t.Helper()
	_, parts := backupOf(t, s)
	path := filepath.Join(t.TempDir(), peopleFile)
	must(t, os.WriteFile(path, parts[peopleFile], 0o600))
	db := raw(t, path)
	for _, statement := range statements {
		exec(t, db, statement)
	}
	must(t, db.Close())
	content, err := os.ReadFile(path)
	must(t, err)
	return content
}

func TestADatabaseInABackupIsCheckedBeforeItIsUsed(t *testing.T) {
	s := newStore(t)
	must2(s.EnsureOrganisation(t.Context(), "Org"))(t)
	whole := changed(t, s)
	torn := bytes.Clone(whole)
	copy(torn[len(torn)/2:], bytes.Repeat([]byte{0xff}, 4096))
	for name, people := range map[string][]byte{
		"no database":    []byte("people"),
		"nothing":        {},
		"a torn page":    torn,
		"its first half": whole[:len(whole)/2],
		"a trigger":      changed(t, s, "CREATE TRIGGER t AFTER INSERT ON waves BEGIN DELETE FROM admin_log; END"),
		"a view":         changed(t, s, "CREATE VIEW v AS SELECT 1"),
		"a row that hangs in the air": changed(t, s, "PRAGMA foreign_keys = OFF",
			"INSERT INTO people (id, email, name, language, unit, active) VALUES ('p', '', 'n', 'en', 'nowhere', 1)"),
	} {
		_, err := unpackOf(t, people)
		if !survey.IsKey(err, "error.backup.damaged") && !survey.IsKey(err, "error.store.damaged") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := unpackOf(t, changed(t, s, "INSERT INTO migrations VALUES ('people-9999')"))
	wantCode(t, err, survey.Conflict, "error.store.newer")
	_, err = unpackOf(t, nil)
	must(t, err)
}

func must2[T any](_ T, err error) func(*testing.T) {
	return func(t *testing.T) { t.Helper(); must(t, err) }
}

// Whoever changes a backup cannot smuggle a session in.
func TestUnpackingTakesOutWhatNoBackupHolds(t *testing.T) {
	s := newStore(t)
	must2(s.EnsureOrganisation(t.Context(), "Org"))(t)
	dir, err := unpackOf(t, changed(t, s,
		"INSERT INTO users VALUES ('ada@example.org', 'x', 'admin', NULL, 0)",
		"INSERT INTO sessions VALUES ('smuggled-session', 'ada@example.org', 9999999999)",
		"INSERT INTO webhooks VALUES ('h', 'https://example.org', 'smuggled-secret', 0, '2026-11-02')"))
	must(t, err)
	for _, text := range []string{"smuggled-session", "smuggled-secret"} {
		if file := fileWith(t, dir, []byte(text)); file != "" {
			t.Errorf("%s stands in %s", text, file)
		}
	}
	if fileWith(t, dir, []byte("ada@example.org")) == "" {
		t.Error("the user is gone too")
	}
}

// A backup of an older program is brought forward by the same steps as a data
// folder: here one that had only the first two of people.db.
func TestABackupOfAnOlderProgramIsBroughtForward(t *testing.T) {
	path := filepath.Join(t.TempDir(), peopleFile)
	must(t, os.WriteFile(path, nil, 0o600))
	old, err := connectCopy(path, io.Discard)
	must(t, err)
	steps, err := migrations("people")
	must(t, err)
	must(t, old.Exec(migrationsTable).Error)
	for _, step := range steps[:2] {
		must(t, old.Transaction(func(tx *gorm.DB) error { return step.Migrate(tx) }))
		must(t, old.Exec("INSERT INTO migrations VALUES (?)", step.ID).Error)
	}
	must(t, old.Exec("INSERT INTO units VALUES ('root', NULL, 'Old harbour', false)").Error)
	pool, err := old.DB()
	must(t, err)
	must(t, pool.Close())
	content, err := os.ReadFile(path)
	must(t, err)
	dir, err := unpackOf(t, content)
	must(t, err)
	s, _ := open(t, dir)
	units, err := s.Units(t.Context())
	must(t, err)
	if len(units) != 1 || units[0].Name != "Old harbour" {
		t.Errorf("%v", units)
	}
	if diff := cmp.Diff(schemaOf(t, newStore(t).people.write), schemaOf(t, s.people.write)); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyWorksInAFolderThatIsBeingRestored(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, err := Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now})
	must(t, err)
	_, err = Claim(dir)
	wantCode(t, err, survey.Conflict, "error.backup.in_use")
	second, err := Open(t.Context(), s.cfg) // several processes may work in it
	must(t, err)
	must(t, s.Close())
	_, err = Claim(dir)
	wantCode(t, err, survey.Conflict, "error.backup.in_use")
	must(t, second.Close())
	claimed, err := Claim(dir)
	must(t, err)
	_, err = Open(t.Context(), s.cfg)
	wantCode(t, err, survey.Unavailable, "error.store.restoring")
	_, err = Claim(dir)
	wantCode(t, err, survey.Conflict, "error.backup.in_use")
	must(t, claimed.Release())
	again, err := Open(t.Context(), s.cfg)
	must(t, err)
	must(t, again.Close())
}

// A restore that was killed while it moved files leaves a folder that nothing
// takes for an installation, and that a second restore puts right.
func TestARestoreThatWasKilledIsMendedByTheNext(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, err := Open(t.Context(), Config{Dir: dir, Now: (&clock{}).now})
	must(t, err)
	must2(s.EnsureOrganisation(t.Context(), "Before"))(t)
	must(t, s.Close())
	unpack := func(name string) {
		other := newStore(t)
		must2(other.EnsureOrganisation(t.Context(), name))(t)
		archive, _ := backupOf(t, other)
		b, err := ReadBackup(bytes.NewReader(archive), int64(len(archive)))
		must(t, err)
		must(t, b.Unpack(t.Context(), Config{Dir: filepath.Join(dir, "new"), Now: s.cfg.Now}, nil))
	}
	claimed, err := Claim(dir)
	must(t, err)
	unpack("First")
	// Killed after the first file was moved aside.
	must(t, os.Rename(filepath.Join(dir, "new"), filepath.Join(dir, unfinishedFolder)))
	must(t, os.Mkdir(filepath.Join(dir, "aside"), 0o700))
	must(t, os.Rename(filepath.Join(dir, peopleFile), filepath.Join(dir, "aside", peopleFile)))
	must(t, claimed.Release())
	_, err = Open(t.Context(), s.cfg)
	wantCode(t, err, survey.Conflict, "error.store.restore_unfinished")
	if _, err := os.Stat(filepath.Join(dir, peopleFile)); err == nil {
		t.Fatal("a new people.db was made")
	}

	if claimed, err = Claim(dir); err != nil {
		t.Fatal(err)
	}
	if there, err := claimed.Holds(); err != nil || !there {
		t.Fatalf("%t %v", there, err)
	}
	unpack("Second")
	if err := claimed.Replace("new", "aside"); err == nil || !strings.Contains(err.Error(), "aside is there already") {
		t.Fatal(err)
	}
	must(t, claimed.Replace("new", "aside2"))
	must(t, claimed.Release())
	restored, _ := open(t, dir)
	root, err := restored.EnsureOrganisation(t.Context(), "")
	must(t, err)
	if root.Name != "Second" {
		t.Errorf("%q", root.Name)
	}
	for _, kept := range []string{"aside/people.db", "aside2/releases.db", "aside2/ballots.db"} {
		if _, err := os.Stat(filepath.Join(dir, kept)); err != nil {
			t.Error(err)
		}
	}
}
