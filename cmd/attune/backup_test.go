package main

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// A backup that is made while people draw, answer and sign in holds nothing of
// it: no code, ballot, link, key, session or secret, and nobody who is only on
// the list of the open wave. The same search finds all of it where it belongs.
func TestABackupHoldsNoTicketBallotKeySessionOrOpenRoster(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.importPeople([]crew{{"North / Duty", 9}, {"South / Ward", 8}})
	out := h.attune("wave", "plan", "--packs", "pulse", "--paper", "South", "--opens", "+1s", "--closes", "+2h",
		"--owner", "Robin Lead", "--results-on", "+10d", "--contact", "Sam Support, 555 0100")
	id := survey.WaveID(strings.Fields(out)[1]) // "Wave 2026-11 is planned: …"
	h.attune("wave", "announce", string(id))
	m := &planting{t: t, house: h, search: newSearch()}
	for _, codes := range h.tickets(id) {
		m.codes = append(m.codes, codes...)
	}
	for i, values := range plantedSheets {
		m.addSheet(fmt.Sprintf("sheet %d", i), values)
	}
	_, shown, _ := strings.Cut(h.attune("webhook", "add", "http://127.0.0.1:9/hook", "--allow-private"), "whsec_")
	secret, err := base64.StdEncoding.DecodeString(strings.Fields(shown)[0])
	if err != nil {
		t.Fatal(err)
	}
	m.search.addBinary("a webhook's secret", secret)
	var gone survey.PersonID
	h.look(func(in *installation) (err error) {
		if m.wave, err = in.waves.Wave(t.Context(), id); err != nil {
			return err
		}
		links, err := in.waves.PersonLinks(t.Context())
		if err != nil {
			return err
		}
		for person, link := range links {
			gone = person
			m.search.addText("a personal link", link.Token)
		}
		return in.store.ForgetPerson(t.Context(), gone)
	})
	for i, code := range m.codes {
		m.addCode(fmt.Sprintf("code %d", i), code)
	}
	const onTheList = "somebody who is on the list of the open wave only"
	m.search.addText(onTheList, string(gone))

	server := h.serve()
	server.wait("open the wave", func() bool { return strings.Contains(server.get("/p"), "cs_connection") })
	for i := range plantedSheets {
		response, err := http.Post(server.url+"/p", "application/x-www-form-urlencoded", strings.NewReader("code="+m.typed(i)+"&"+formOf(plantedSheets[i])))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Fatalf("answering: %s", response.Status)
		}
	}
	m.signIn(server)
	m.addStored()

	files := startSampler(t, h.dir, h.keys, h.temp, filepath.Join(h.root, "kept"))
	if err := os.Mkdir(filepath.Join(h.root, "kept"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(h.root, "kept", "b.zip")
	said := h.attune("backup", file)
	files.finish()
	archive, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range unzipped(t, archive) {
		if found := m.search.in(content); len(found) > 0 {
			t.Errorf("%s of the backup has %v in it", name, found)
		}
	}
	for what, content := range map[string][]byte{"the backup": archive, "its report": []byte(said), "the server's log": []byte(server.stdout.String() + server.stderr.String())} {
		if found := m.search.in(content); len(found) > 0 {
			t.Errorf("%s has %v in it", what, found)
		}
	}

	// Not blind: what was looked for is in the data and key folder, except what
	// is written nowhere.
	var there []string
	for _, s := range files.take() {
		if strings.HasPrefix(s.path, filepath.Join(h.root, "kept")) {
			continue
		}
		for _, what := range m.search.in(s.raw) {
			what, _, _ = strings.Cut(what, ", ")
			if !slices.Contains(there, what) {
				there = append(there, what)
			}
		}
	}
	for _, want := range []string{onTheList, "a session", "a webhook's secret", "a sealed box", "who has drawn", "the key file " + string(id) + ".key", "the key file links.key"} {
		if !slices.Contains(there, want) {
			t.Errorf("%s is not found where it belongs; found were %q", want, there)
		}
	}
}

// signIn gives somebody a session and looks for its cookie.
func (m *planting) signIn(server *process) {
	t := m.t
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("correct horse battery staple\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.house.attune("user", "add", "ada@example.org", "--role", "admin", "--password-file", password)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Jar: jar, Timeout: 20 * time.Second}
	response, err := client.PostForm(server.url+"/console/sign-in", url.Values{"email": {"ada@example.org"}, "password": {"correct horse battery staple"}})
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	at, err := url.Parse(server.url + "/console")
	if err != nil {
		t.Fatal(err)
	}
	cookies := jar.Cookies(at)
	if len(cookies) == 0 {
		t.Fatalf("signing in: %s", response.Status)
	}
	m.search.addText("the cookie of a session", cookies[0].Value)
}

// addStored looks for what lies in the data folder and must stay there: hashes
// of sessions, sealed boxes and issuance, and the keys.
func (m *planting) addStored() {
	t := m.t
	t.Helper()
	for query, what := range map[string]string{
		"people.db:SELECT token_hash FROM sessions":                        "a session",
		"people.db:SELECT substr(sealed, 20, 24) FROM issuance":            "who has drawn",
		"ballots.db:SELECT substr(sealed, 20, 24) FROM boxes":              "a sealed box",
		"people.db:SELECT CAST(wave || person AS blob) FROM roster_people": "a row of the list of the open wave",
	} {
		file, statement, _ := strings.Cut(query, ":")
		for _, value := range column(t, filepath.Join(m.house.dir, file), statement) {
			m.search.addBinary(what, value)
		}
	}
	entries, err := os.ReadDir(m.house.keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(m.house.keys, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if len(raw) == 0 { // the lock
			continue
		}
		m.search.addBinary("the key file "+e.Name(), raw)
		var keys map[string][]byte
		if json.Unmarshal(raw, &keys) == nil {
			for name, key := range keys {
				m.search.addBinary("the key "+name, key)
			}
		}
	}
}

// column reads the first column of what a statement gives.
func column(t *testing.T, file, statement string) [][]byte {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all [][]byte
	for rows.Next() {
		var value []byte
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		all = append(all, value)
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%s: %d rows, %v", statement, len(all), err)
	}
	return all
}

// unzipped gives the entries of a zip, by name.
func unzipped(t *testing.T, archive []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]byte)
	for _, f := range z.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if all[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
		in.Close()
	}
	if len(all) < 3 {
		t.Fatalf("%d entries", len(all))
	}
	return all
}

// However a backup is killed, there is either nothing or a whole one: under
// its name, and on Linux under no other name either.
func TestABackupThatIsKilledLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.importPeople([]crew{{"North / Duty", 9}})
	kept := filepath.Join(h.root, "kept")
	if err := os.Mkdir(kept, 0o700); err != nil {
		t.Fatal(err)
	}
	probe, unable := nameless(kept)
	if unable == nil {
		probe.Close()
	}
	began := time.Now()
	h.attune("backup", filepath.Join(kept, "first.zip"))
	takes := time.Since(began)
	const kills = 5
	for i := range kills {
		file := filepath.Join(kept, fmt.Sprintf("b%d.zip", i))
		p := begin(t, h.command("backup", file))
		time.Sleep(takes * time.Duration(i+2) / (kills + 2))
		p.kill()
	}
	entries, err := os.ReadDir(kept)
	if err != nil {
		t.Fatal(err)
	}
	var empty []string
	for _, e := range entries {
		name := filepath.Join(kept, e.Name())
		if strings.HasSuffix(name, ".part") && unable != nil {
			continue
		}
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), ".attune-backup-") && info.Size() == 0 {
			empty = append(empty, name) // a copy that was about to lose its name
			continue
		}
		if _, closeFile, err := openBackup(name); err != nil {
			t.Errorf("%s is left: %v", e.Name(), err)
		} else {
			closeFile()
		}
	}
	t.Logf("%d backups were made, each in about %s", len(entries), takes.Round(time.Millisecond))
	h.attune("backup", filepath.Join(kept, "last.zip"))
	for _, name := range empty {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the next backup left %s: %v", name, err)
		}
	}
	h.attune("verify") // the log tells of no more than there are, and stands in its chain
	h.look(func(in *installation) error {
		noted, err := in.store.AdminLog(t.Context(), survey.AdminFilter{Kind: survey.DidBackup.Kind()}, 0, 100)
		for _, e := range noted {
			if _, err := os.Stat(filepath.Join(kept, e.Subject)); err != nil {
				t.Errorf("the log tells of a backup that there is not: %v", err)
			}
		}
		return err
	})
}

// comesBackFromABackup restores a running demo's backup elsewhere and holds
// all that must be the same against it: row by row what comes along, and what
// people get out of it.
func (d *demoUnderTest) comesBackFromABackup() {
	t := d.t
	t.Helper()
	file := filepath.Join(d.root, "demo.zip")
	d.attune("backup", file)
	exports := d.attune("export", "--wave", "all", "--format", "json", "-o", "-")
	r := newHouse(t)
	r.keys, r.env = filepath.Join(r.dir, "keys"), nil
	said := r.attune("restore", file)
	if want := "are void now, which the public log says: " + d.said.OpenWave + "."; !strings.Contains(said, want) {
		t.Errorf("restoring says\n%s\nwant %q", said, want)
	}
	r.attune("verify")
	same := 0
	for _, table := range []string{
		"people.db/units", "people.db/people", "people.db/users", "people.db/programmes", "people.db/programme_occurrences", "people.db/events",
		"people.db/leader_audits", "people.db/leader_edits", "people.db/contacts", "people.db/actions", "people.db/action_edits", "people.db/action_comments",
		"people.db/action_marks", "people.db/shared_results", "people.db/notes", "people.db/note_actions", "people.db/tokens", "people.db/mailings", "people.db/reminders_off",
		"releases.db/releases", "releases.db/manifest_leaves",
	} {
		name, rows, _ := strings.Cut(table, "/")
		before, after := tableOf(t, d.dir, name, rows), tableOf(t, r.dir, name, rows)
		if !slices.Equal(before, after) {
			t.Errorf("%s: %d rows before and %d after, or others", table, len(before), len(after))
		}
		same += len(after)
	}
	if same < 300 {
		t.Errorf("%d rows compared", same)
	}
	// Of logs the beginning is the same: the restore adds a void wave and a deed.
	for _, log := range []string{"people.db/admin_log", "releases.db/log_entries"} {
		name, rows, _ := strings.Cut(log, "/")
		before, after := tableOf(t, d.dir, name, rows), tableOf(t, r.dir, name, rows)
		if name == "people.db" { // the note of the backup, and of the export, come after it
			before = before[:len(after)-1]
		}
		if len(after) != len(before)+1 || !slices.Equal(before, after[:len(before)]) {
			t.Errorf("%s: %d entries before and %d after, or others", log, len(before), len(after))
		}
	}
	if restored := r.attune("export", "--wave", "all", "--format", "json", "-o", "-"); restored != exports || len(exports) < 100_000 {
		t.Errorf("the exports differ: %d and %d bytes", len(exports), len(restored))
	}
}

// tableOf writes every row of a table as text, in the order of its key.
func tableOf(t *testing.T, dir, file, table string) []string {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, file)+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT * FROM " + table + " ORDER BY 1")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(values...))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if table != "log_entries" && table != "admin_log" {
		slices.Sort(all)
	}
	return all
}
