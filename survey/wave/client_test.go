package wave

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"attune/survey"
)

// client makes a program on the phone of these files, name and content in turn.
func client(pairs ...string) []survey.ClientFile {
	var files []survey.ClientFile
	for i := 0; i+1 < len(pairs); i += 2 {
		files = append(files, survey.ClientFile{Name: pairs[i], SHA256: survey.SHA256Hex([]byte(pairs[i+1])), Body: []byte(pairs[i+1])})
	}
	return files
}

func withClient(files []survey.ClientFile) option { return func(c *Config) { c.Client = files } }

func hashOf(t *testing.T, files []survey.ClientFile) string {
	t.Helper()
	sum, err := survey.ClientSHA256(survey.ClientSums(files))
	must(t, err)
	return sum
}

func (h *house) announceElectronic() survey.OpenWave {
	h.t.Helper()
	w := h.plan(electronic(day))
	face, err := h.Announce(h.t.Context(), w.ID)
	must(h.t, err)
	return face
}

func TestTheProgramOnThePhoneIsPromisedWhereItIsUsed(t *testing.T) {
	files := client("phone.js", "phone", "ticket.js", "ticket")
	h := newHouse(t, twoTeams(), withClient(files))
	face := h.announceElectronic()
	if face.Manifest.ClientSHA256 != hashOf(t, files) {
		t.Errorf("promised is %q", face.Manifest.ClientSHA256)
	}
	kept, err := h.ClientFiles(t.Context())
	must(t, err)
	if len(kept) != 1 || len(kept[hashOf(t, files)]) != 2 {
		t.Errorf("kept are %v", kept)
	}
	got, err := h.ClientFile(t.Context(), "ticket.js", files[1].SHA256[:12])
	must(t, err)
	if string(got.Body) != "ticket" {
		t.Errorf("%q", got.Body)
	}
	for _, other := range [][2]string{{"ticket.js", files[0].SHA256[:12]}, {"phone.js", "000000000000"}, {"link.js", files[0].SHA256[:12]}} {
		if _, err := h.ClientFile(t.Context(), other[0], other[1]); !survey.IsCode(err, survey.NotFound) {
			t.Errorf("%v: %v", other, err)
		}
	}

	paper := newHouse(t, twoTeams(), withClient(files))
	w := paper.announced()
	manifest, _, _, err := paper.db.ManifestOf(t.Context(), w.ID)
	must(t, err)
	if kept, err := paper.ClientFiles(t.Context()); err != nil || manifest.ClientSHA256 != "" || len(kept) != 0 {
		t.Errorf("a wave on paper promises %q and keeps %v: %v", manifest.ClientSHA256, kept, err)
	}
}

// After an upgrade in an open wave: one amendment, however often the server
// starts; both programs are served; nothing is left when the wave has ended.
func TestAnUpgradeDuringAWaveIsAmendedOnce(t *testing.T) {
	before, after := client("phone.js", "old"), client("phone.js", "new", "link.js", "link")
	h := newHouse(t, twoTeams(), withClient(before))
	face := h.announceElectronic()
	h.clock.set(face.Opens)
	h.tick()
	if n := h.entries(face.ID, survey.AmendmentEntry); n != 0 {
		t.Fatalf("%d amendments without an upgrade", n)
	}

	var last *house
	for i, files := range [][]survey.ClientFile{after, after, before} {
		last = process(t, h.dir, h.clock.now(), withClient(files))
		for range 2 {
			last.tick()
		}
		if n, want := last.entries(face.ID, survey.AmendmentEntry), []int{1, 1, 2}[i]; n != want {
			t.Fatalf("start %d: %d amendments, want %d", i, n, want)
		}
		if n, err := last.Verify(t.Context()); err != nil {
			t.Fatalf("start %d: %d, %v", i, n, err)
		}
		for _, f := range append(append([]survey.ClientFile{}, before...), after...) {
			if _, err := last.ClientFile(t.Context(), f.Name, f.SHA256[:12]); err != nil {
				t.Errorf("start %d: %s %s: %v", i, f.Name, f.SHA256[:12], err)
			}
		}
	}
	log, err := last.Log(t.Context())
	must(t, err)
	var record survey.AmendmentRecord
	must(t, json.Unmarshal(log[1].Body, &record))
	want := survey.AmendmentRecord{
		V: 1, Kind: survey.AmendmentEntry, Wave: face.ID, What: survey.ClientAmendment,
		From: hashOf(t, before), To: hashOf(t, after), Prev: log[0].SHA256,
	}
	if record != want {
		t.Errorf("%+v, want %+v", record, want)
	}
	last.clock.set(face.Closes)
	last.tick()
	if kept, err := last.ClientFiles(t.Context()); err != nil || len(kept) != 0 {
		t.Errorf("after its end a wave keeps %v: %v", kept, err)
	}
	if _, err := last.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// A wave that comes later keeps its files when an earlier one ends.
func TestFilesOfALaterWaveOutliveAnEarlierOne(t *testing.T) {
	files := client("phone.js", "phone")
	h := newHouse(t, twoTeams(), withClient(files))
	first := h.announceElectronic()
	later := h.plan(electronic(60 * day))
	_, err := h.Announce(t.Context(), later.ID)
	must(t, err)
	must(t, h.Void(t.Context(), first.ID, "wrong dates"))
	if kept, err := h.ClientFiles(t.Context()); err != nil || len(kept) != 1 {
		t.Errorf("kept are %v: %v", kept, err)
	}
	must(t, h.Void(t.Context(), later.ID, "wrong dates"))
	if kept, err := h.ClientFiles(t.Context()); err != nil || len(kept) != 0 {
		t.Errorf("kept are %v: %v", kept, err)
	}
}

func TestVerifyNamesAChangedFileAndAnEntryThatWasAdded(t *testing.T) {
	files := client("phone.js", "phone", "ticket.js", "ticket")
	// added appends an entry whose chain holds.
	added := func(h *house, id, kind, body string) {
		log, err := h.Log(t.Context())
		must(t, err)
		raw := strings.ReplaceAll(body, "PREV", log[len(log)-1].SHA256)
		h.exec("releases.db", "INSERT INTO log_entries VALUES (?, ?, ?, CAST(? AS blob), ?)", len(log)+1, kind, id, raw, survey.SHA256Hex([]byte(raw)))
	}
	for name, c := range map[string]struct {
		change func(h *house)
		names  []string
	}{
		"a file's content": {func(h *house) {
			h.exec("releases.db", "UPDATE assets SET body = CAST('evil' AS blob) WHERE name = 'ticket.js'")
		}, []string{"file ticket.js", hashOf(t, files)}},
		"a file and its hash": {func(h *house) {
			h.exec("releases.db", "UPDATE assets SET body = CAST('evil' AS blob), sha256 = ? WHERE name = 'ticket.js'", survey.SHA256Hex([]byte("evil")))
		}, []string{"[phone.js ticket.js]", hashOf(t, files)}},
		"a file deleted": {func(h *house) {
			h.exec("releases.db", "DELETE FROM assets WHERE name = 'ticket.js'")
		}, []string{"[phone.js]", hashOf(t, files)}},
		"all files deleted": {func(h *house) {
			h.exec("releases.db", "DELETE FROM assets")
		}, []string{"wave 2026-11 (log entry 1)", "not kept"}},
		"a wave that is none": {func(h *house) {
			added(h, "2031-01", "void", `{"kind":"void","prev":"PREV","reason":"x","v":1,"wave":"2031-01"}`)
		}, []string{"log entry 2 (void of wave 2031-01)"}},
		"a second manifest": {func(h *house) {
			_, err := h.raw("releases.db").Exec("DROP INDEX log_one_manifest")
			must(t, err)
			added(h, "2026-11", "manifest", `{"prev":"PREV","v":1,"wave":"2026-11"}`)
		}, []string{"log entry 2 (manifest of wave 2026-11)"}},
		"an amendment from nowhere": {func(h *house) {
			added(h, "2026-11", "amendment", `{"from":"aa","kind":"amendment","prev":"PREV","to":"bb","v":1,"wave":"2026-11","what":"client"}`)
		}, []string{"log entry 2 (amendment of wave 2026-11)", "aa"}},
		"an amendment to what is not kept": {func(h *house) {
			added(h, "2026-11", "amendment", `{"from":"`+hashOf(t, files)+`","kind":"amendment","prev":"PREV","to":"bb","v":1,"wave":"2026-11","what":"client"}`)
		}, []string{"client bb of wave 2026-11"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, twoTeams(), withClient(files))
			h.announceElectronic()
			if n, err := h.Verify(t.Context()); err != nil || n != 1 {
				t.Fatalf("%d entries, %v", n, err)
			}
			c.change(h)
			_, err := h.Verify(t.Context())
			if err == nil {
				t.Fatal("nothing was found")
			}
			for _, want := range c.names {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v: want %q named", err, want)
				}
			}
		})
	}
}

// Before the server has started after an upgrade, verify says that this
// program is not the promised one.
func TestVerifyHoldsThisProgramAgainstThePromise(t *testing.T) {
	h := newHouse(t, twoTeams(), withClient(client("phone.js", "old")))
	face := h.announceElectronic()
	other := process(t, h.dir, h.clock.now(), withClient(client("phone.js", "new")))
	if _, err := other.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), "client of wave 2026-11") || !strings.Contains(err.Error(), face.Manifest.ClientSHA256) {
		t.Errorf("got %v", err)
	}
	if _, err := h.Verify(context.Background()); err != nil {
		t.Errorf("the promised program: %v", err)
	}
}

// A key of results is one for each release and unit, made from a key that no
// database has, and opens only what was released.
func TestAResultsKeyOpensOneReleaseAndUnit(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.opened()
	key, err := h.ResultsKey(t.Context(), w.ID, h.units["North"])
	must(t, err)
	if _, _, ok, err := h.ResultsOf(t.Context(), key); ok || err != nil {
		t.Fatalf("results of a wave that is not released: %v", err)
	}
	h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
	h.clock.set(w.Closes)
	h.tick()
	// The recorder's documents have no units: those of a real one are put in.
	document := `{"units":[{"id":"` + string(h.units["North"]) + `"},{"id":"` + string(h.units["South"]) + `"}]}`
	h.exec("releases.db", "UPDATE releases SET document = CAST(? AS blob), sha256 = ?", document, survey.SHA256Hex([]byte(document)))
	wave, unit, ok, err := h.ResultsOf(t.Context(), key)
	if !ok || err != nil || wave != w.ID || unit != h.units["North"] {
		t.Fatalf("%s %s %v %v", wave, unit, ok, err)
	}
	seen := make(map[string]bool)
	for _, path := range []string{"North", "South", "Nowhere"} {
		key, err := h.ResultsKey(t.Context(), w.ID, h.units[path])
		must(t, err)
		if seen[key] || len(key) != 22 {
			t.Errorf("%s: key %q", path, key)
		}
		seen[key] = true
	}
	tokens, err := h.Links(t.Context())
	must(t, err)
	for _, token := range tokens {
		if seen[token] {
			t.Error("a personal token opens results")
		}
		if _, _, ok, _ := h.ResultsOf(t.Context(), token); ok {
			t.Error("a personal token opens results")
		}
	}
	for _, file := range []string{"people.db", "ballots.db", "releases.db"} {
		raw, err := os.ReadFile(filepath.Join(h.dir, "data", file))
		must(t, err)
		if bytes.Contains(raw, []byte(key)) {
			t.Errorf("%s has a results key in it", file)
		}
	}
	again := process(t, h.dir, h.clock.now())
	if same, err := again.ResultsKey(t.Context(), w.ID, h.units["North"]); err != nil || same != key {
		t.Errorf("another process makes %q: %v", same, err)
	}
}
