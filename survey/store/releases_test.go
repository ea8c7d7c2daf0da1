package store

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
)

func leavesOf(wave survey.WaveID) []survey.Leaf {
	return []survey.Leaf{
		{Group: "g1", Units: []string{"North / Duty"}, Headcount: 7, Way: survey.Electronic, Salt: "00" + string(wave)},
		{Group: "b:2", Units: []string{"South", "West"}, Headcount: 9, Way: survey.Paper, Salt: "01" + string(wave)},
	}
}

func manifestOf(t *testing.T, wave survey.WaveID) func(prev string) (survey.Manifest, error) {
	t.Helper()
	root, err := survey.MerkleRoot(leavesOf(wave))
	must(t, err)
	return func(prev string) (survey.Manifest, error) {
		return survey.Manifest{V: 1, Wave: wave, Opens: start, Closes: start.AddDate(0, 0, 7), K: 5, KC: 6, GroupsRoot: root, People: 16, Prev: prev}, nil
	}
}

func publish(t *testing.T, s *Store, wave survey.WaveID) survey.Entry {
	t.Helper()
	entry, err := s.PublishManifest(t.Context(), manifestOf(t, wave), leavesOf(wave))
	must(t, err)
	return entry
}

func readLog(t *testing.T, s *Store) []survey.Entry {
	t.Helper()
	log, err := s.Log(t.Context())
	must(t, err)
	if err := survey.VerifyChain(log); err != nil {
		t.Fatal(err)
	}
	return log
}

func TestAManifestIsReadAsItWasPublished(t *testing.T) {
	s := newStore(t)
	publish(t, s, "2026-10")
	entry := publish(t, s, "2026-11")
	manifest, stored, leaves, err := s.ManifestOf(t.Context(), "2026-11")
	must(t, err)
	want, err := manifestOf(t, "2026-11")(readLog(t, s)[0].SHA256)
	must(t, err)
	if diff := cmp.Diff(want, manifest); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(entry, stored); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(leavesOf("2026-11"), leaves); diff != "" {
		t.Error(diff)
	}
	body, err := survey.Canonical(want)
	must(t, err)
	if string(stored.Body) != string(body) || stored.SHA256 != survey.SHA256Hex(body) || stored.Seq != 2 || stored.Kind != survey.ManifestEntry {
		t.Errorf("%+v", stored)
	}
	_, _, _, err = s.ManifestOf(t.Context(), "2026-12")
	wantCode(t, err, survey.NotFound, "error.store.manifest_missing")
	checkForeignKeys(t, s)
}

func TestAManifestIsPublishedOnce(t *testing.T) {
	s := newStore(t)
	first := publish(t, s, "2026-11")
	publish(t, s, "2026-12")
	again, err := s.PublishManifest(t.Context(), func(prev string) (survey.Manifest, error) {
		return survey.Manifest{Wave: "2026-11", K: 99, Prev: prev}, nil
	}, nil)
	must(t, err)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Fatal(diff)
	}
	if log := readLog(t, s); len(log) != 2 {
		t.Fatalf("%d entries", len(log))
	}
}

func TestAPromiseThatCannotBeVerifiedIsNotPublished(t *testing.T) {
	s := newStore(t)
	cause := errors.New("no key")
	good := manifestOf(t, "w")
	for name, m := range map[string]func(prev string) (survey.Manifest, error){
		"maker fails": func(string) (survey.Manifest, error) { return survey.Manifest{}, cause },
		"wrong prev":  func(string) (survey.Manifest, error) { return good("00") },
		"wrong root": func(prev string) (survey.Manifest, error) {
			m, err := good(prev)
			m.GroupsRoot = "00"
			return m, err
		},
	} {
		if _, err := s.PublishManifest(t.Context(), m, leavesOf("w")); err == nil || (name == "maker fails" && !errors.Is(err, cause)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if log := readLog(t, s); len(log) != 0 {
		t.Fatalf("%d entries", len(log))
	}
}

func TestAReleaseIsCommittedOnce(t *testing.T) {
	s := newStore(t)
	manifest := publish(t, s, "w")
	already, err := s.CommitRelease(t.Context(), "w", []byte(`{"first":1}`), manifest.SHA256)
	must(t, err)
	if already {
		t.Fatal("the first release was taken for a second one")
	}
	for name, again := range map[string]func() (bool, error){
		"release": func() (bool, error) {
			return s.CommitRelease(t.Context(), "w", []byte(`{"second":2}`), manifest.SHA256)
		},
		"void": func() (bool, error) { return s.CommitVoid(t.Context(), "w", "audit", start) },
	} {
		if already, err := again(); err != nil || !already {
			t.Errorf("%s: %v, %v", name, already, err)
		}
	}
	got, err := s.ReleaseDocument(t.Context(), "w")
	must(t, err)
	want := survey.StoredRelease{Wave: "w", SHA256: survey.SHA256Hex([]byte(`{"first":1}`)), JSON: []byte(`{"first":1}`)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	log := readLog(t, s)
	record, err := survey.Canonical(survey.ReleaseRecord{
		V: 1, Kind: survey.ReleaseEntry, Wave: "w", ManifestSHA256: manifest.SHA256, ReleaseSHA256: want.SHA256, Prev: manifest.SHA256,
	})
	must(t, err)
	if len(log) != 2 || string(log[1].Body) != string(record) || log[1].Kind != survey.ReleaseEntry {
		t.Fatalf("%+v", log)
	}
	checkForeignKeys(t, s)
}

func TestAReleaseBelongsToItsManifest(t *testing.T) {
	s := newStore(t)
	_, err := s.CommitRelease(t.Context(), "w", []byte("{}"), "00")
	wantCode(t, err, survey.NotFound, "error.store.manifest_missing")
	publish(t, s, "w")
	if _, err := s.CommitRelease(t.Context(), "w", []byte("{}"), "00"); err == nil {
		t.Fatal("a release of another promise was committed")
	}
	if log := readLog(t, s); len(log) != 1 {
		t.Fatalf("%d entries", len(log))
	}
}

func TestAVoidWaveNeverHasARelease(t *testing.T) {
	s := newStore(t)
	manifest := publish(t, s, "w")
	already, err := s.CommitVoid(t.Context(), "w", "too_few", time.Date(2026, 11, 20, 1, 30, 0, 0, time.FixedZone("", 2*3600)))
	must(t, err)
	if already {
		t.Fatal("the first void was taken for a second one")
	}
	if already, err = s.CommitRelease(t.Context(), "w", []byte("{}"), manifest.SHA256); err != nil || !already {
		t.Fatal(already, err)
	}
	_, err = s.ReleaseDocument(t.Context(), "w")
	wantCode(t, err, survey.NotFound, "error.store.release_missing")
	record, err := survey.Canonical(survey.VoidRecord{
		V: 1, Kind: survey.VoidEntry, Wave: "w", Reason: "too_few",
		On: time.Date(2026, 11, 19, 0, 0, 0, 0, time.UTC), Prev: manifest.SHA256, // 1:30 at +2:00 is 23:30 UTC of the day before
	})
	must(t, err)
	if log := readLog(t, s); len(log) != 2 || string(log[1].Body) != string(record) {
		t.Fatalf("%+v", log)
	}
}

func TestReleasesAreListedInTheOrderOfTheLog(t *testing.T) {
	s := newStore(t)
	ids, err := s.ReleaseIDs(t.Context())
	must(t, err)
	if ids == nil || len(ids) != 0 {
		t.Fatalf("%#v", ids)
	}
	entries := make(map[survey.WaveID]survey.Entry)
	for _, wave := range []survey.WaveID{"a", "b", "c"} {
		entries[wave] = publish(t, s, wave)
	}
	for _, wave := range []survey.WaveID{"c", "a"} {
		_, err := s.CommitRelease(t.Context(), wave, []byte(`"`+wave+`"`), entries[wave].SHA256)
		must(t, err)
	}
	_, err = s.CommitVoid(t.Context(), "b", "audit", start)
	must(t, err)
	ids, err = s.ReleaseIDs(t.Context())
	must(t, err)
	if diff := cmp.Diff([]survey.WaveID{"c", "a"}, ids); diff != "" {
		t.Fatal(diff)
	}
	if log := readLog(t, s); len(log) != 6 {
		t.Fatalf("%d entries", len(log))
	}
}

func TestAChangedReleaseIsNotShown(t *testing.T) {
	s := newStore(t)
	manifest := publish(t, s, "w")
	_, err := s.CommitRelease(t.Context(), "w", []byte(`{"mean":3}`), manifest.SHA256)
	must(t, err)
	must(t, s.releases.write.Exec("UPDATE releases SET document = ?", []byte(`{"mean":4}`)).Error)
	_, err = s.ReleaseDocument(t.Context(), "w")
	wantCode(t, err, survey.Unavailable, "error.store.release_changed")
}

func TestTwoProcessesWriteOneChain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	a, _ := open(t, dir)
	b, _ := open(t, dir)
	waves := []survey.WaveID{"w1", "w2", "w3", "w4", "w5", "w6"}
	var wait sync.WaitGroup
	for _, s := range []*Store{a, b} {
		wait.Go(func() {
			for _, wave := range waves {
				entry, err := s.PublishManifest(t.Context(), manifestOf(t, wave), leavesOf(wave))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := s.CommitRelease(t.Context(), wave, []byte(`{}`), entry.SHA256); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if log := readLog(t, a); len(log) != 2*len(waves) {
		t.Fatalf("%d entries, want a manifest and a release of each of %d waves", len(log), len(waves))
	}
}
