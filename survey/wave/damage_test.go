package wave

import (
	"strings"
	"testing"

	"attune/survey"
)

func TestADamagedBoxKeepsNoOtherGroupFromBeingStored(t *testing.T) {
	for name, damage := range map[string]string{
		"a changed byte": "UPDATE boxes SET sealed = CAST(substr(sealed, 1, 99) || CASE hex(substr(sealed, 100, 1)) WHEN '41' THEN 'B' ELSE 'A' END || substr(sealed, 101) AS blob) WHERE group_id = ?",
		"another's box":  "UPDATE boxes SET sealed = (SELECT sealed FROM boxes WHERE group_id <> ?1 LIMIT 1) WHERE group_id = ?1",
		"a missing box":  "DELETE FROM boxes WHERE group_id = ?",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, twoTeams(), flush(MaxFlush)) // one batch for both groups
			w := h.opened()
			codes := h.codes(w.ID)
			h.exec("ballots.db", damage, string(h.units["North"]))
			results := make(chan error, 2)
			for _, path := range []string{"North", "South"} {
				go func() {
					_, err := h.CastPaper(t.Context(), codes[path][0], h.answers(1))
					if path == "North" {
						if !survey.IsKey(err, "paper.not_stored") {
							t.Errorf("the damaged box answered %v", err)
						}
						err = nil
					}
					results <- err
				}()
			}
			must(t, <-results)
			must(t, <-results)

			h.clock.set(w.Closes)
			for range 2 { // every time, not once
				err := h.Tick(t.Context())
				if err == nil || !strings.Contains(err.Error(), boxID(string(h.units["North"]), 0)) {
					t.Fatalf("got %v, want an error that names the box", err)
				}
			}
			if len(h.releaser.calls()) != 0 || h.entries(w.ID, survey.ReleaseEntry) != 0 {
				t.Fatal("released without a group's ballots")
			}
		})
	}
}

func TestAWaveIsReleasedAsItsManifestPromisedOrNotAtAll(t *testing.T) {
	for name, c := range map[string]struct{ what, file, statement string }{
		"k":          {"k", "people.db", "UPDATE waves SET k = 1"},
		"the scope":  {"groups_root", "people.db", "UPDATE waves SET scope = (SELECT id FROM units WHERE name = 'North')"},
		"the opens":  {"opens", "people.db", "UPDATE waves SET opens = opens - 3600"},
		"the packs":  {"packs", "people.db", "UPDATE waves SET packs = '[]'"},
		"programme":  {"programme", "people.db", "UPDATE waves SET programme = 'other'"},
		"the roster": {"groups_root", "people.db", "UPDATE roster_people SET team = (SELECT id FROM units WHERE name = 'South')"},
		"a leaf":     {"groups_root", "releases.db", "UPDATE manifest_leaves SET leaves = replace(leaves, '\"headcount\":7', '\"headcount\":8')"},
		"the log":    {"sha256", "releases.db", "UPDATE log_entries SET body = CAST(replace(body, '\"owner\":\"Ana Ruiz\"', '\"owner\":\"Ana Rosa\"') AS blob)"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, twoTeams())
			w := h.opened()
			code := h.codes(w.ID)["North"][0]
			h.castPaper(code, h.answers(1))
			h.exec(c.file, c.statement)
			h.clock.set(w.Closes)
			err := h.Tick(t.Context())
			wantKey(t, err, "error.wave.promise")
			wantArg(t, err, "what", c.what)
			if len(h.releaser.calls()) != 0 {
				t.Fatal("the releaser saw it")
			}
		})
	}
	t.Run("the close comes early", func(t *testing.T) {
		h := newHouse(t, twoTeams())
		h.opened()
		h.exec("people.db", "UPDATE waves SET closes = closes - 86400")
		h.clock.set(h.clock.now().Add(6 * day))
		err := h.Tick(t.Context())
		wantKey(t, err, "error.wave.promise")
		wantArg(t, err, "what", "closes")
	})
}

func TestVerifyNamesWhatWasChanged(t *testing.T) {
	for name, c := range map[string]struct{ file, statement, names string }{
		"a team's name":         {"releases.db", "UPDATE manifest_leaves SET leaves = replace(leaves, 'North', 'Nurth')", "groups of wave 2026-11"},
		"a headcount":           {"releases.db", "UPDATE manifest_leaves SET leaves = replace(leaves, '\"headcount\":7', '\"headcount\":6')", "groups of wave 2026-11"},
		"a leaf cut out":        {"releases.db", "UPDATE manifest_leaves SET leaves = '[]'", "groups of wave 2026-11"},
		"all leaves":            {"releases.db", "DELETE FROM manifest_leaves", "manifest of wave 2026-11"},
		"a release":             {"releases.db", "UPDATE releases SET document = CAST(replace(document, 'sheets', 'shoots') AS blob)", "wave 2026-11"},
		"a release and its sum": {"releases.db", "UPDATE releases SET document = '{}', sha256 = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'", "release of wave 2026-11"}, // SHA-256 of {}
		"a release deleted":     {"releases.db", "DELETE FROM releases", "release of wave 2026-11"},
		"a release of nothing":  {"releases.db", "INSERT INTO releases SELECT '2031-01', seq, sha256, document FROM releases", "wave 2031-01"},
		"the log's text":        {"releases.db", "UPDATE log_entries SET body = CAST(replace(body, 'Ana', 'Eva') AS blob) WHERE kind = 'manifest'", "log entry 1 (manifest of wave 2026-11)"},
		"the log's order":       {"releases.db", "UPDATE log_entries SET seq = 7 WHERE seq = 2", "log entry 7"},
		"an entry's kind":       {"releases.db", "UPDATE log_entries SET kind = 'void' WHERE kind = 'release'", "log entry 2"},
		"an entry's other kind": {"releases.db", "UPDATE log_entries SET kind = 'note' WHERE kind = 'release'", "log entry 2"},
		"an entry's wave":       {"releases.db", "UPDATE log_entries SET wave = '2031-01' WHERE kind = 'release'", "log entry 2"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, twoTeams())
			w := h.opened()
			h.castPaper(h.codes(w.ID)["North"][0], h.answers(1))
			h.clock.set(w.Closes)
			h.tick()
			if n, err := h.Verify(t.Context()); err != nil || n != 2 {
				t.Fatalf("%d entries, %v", n, err)
			}
			h.exec(c.file, c.statement)
			if n, err := h.Verify(t.Context()); err == nil || n != 0 || !strings.Contains(err.Error(), c.names) && !survey.IsKey(err, "error.store.release_changed") {
				t.Fatalf("%d, %v: want an error that names %q", n, err, c.names)
			}
		})
	}
}

func TestVerifyFindsEntriesThatWereCutOffTheEnd(t *testing.T) {
	cut := func(h *house, statements ...string) {
		for _, s := range statements {
			h.exec("releases.db", s)
		}
		if _, err := h.Verify(t.Context()); err == nil || !strings.Contains(err.Error(), "wave 2026-11 is ") {
			t.Fatalf("got %v, want an error about wave 2026-11", err)
		}
	}
	t.Run("a release", func(t *testing.T) {
		h := newHouse(t, twoTeams())
		w := h.opened()
		h.clock.set(w.Closes)
		h.tick()
		cut(h, "DELETE FROM releases", "DELETE FROM log_entries WHERE kind = 'release'")
	})
	t.Run("a void record", func(t *testing.T) {
		h := newHouse(t, twoTeams())
		must(t, h.Void(t.Context(), h.announced().ID, "wrong dates"))
		cut(h, "DELETE FROM log_entries WHERE kind = 'void'")
	})
	t.Run("a manifest", func(t *testing.T) {
		h := newHouse(t, twoTeams())
		h.announced()
		cut(h, "DELETE FROM manifest_leaves", "DELETE FROM log_entries")
	})
}
