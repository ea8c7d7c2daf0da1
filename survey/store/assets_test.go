package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
)

func clientOf(t *testing.T, pairs ...string) (string, []survey.ClientFile) {
	t.Helper()
	var files []survey.ClientFile
	for i := 0; i+1 < len(pairs); i += 2 {
		files = append(files, survey.ClientFile{Name: pairs[i], SHA256: survey.SHA256Hex([]byte(pairs[i+1])), Body: []byte(pairs[i+1])})
	}
	client, err := survey.ClientSHA256(survey.ClientSums(files))
	must(t, err)
	return client, files
}

func TestPromisedFilesAreKeptAsTheyWere(t *testing.T) {
	s := newStore(t)
	one, files := clientOf(t, "phone.js", "phone", "ticket.js", "ticket")
	two, others := clientOf(t, "phone.js", "newer")
	must(t, s.KeepClient(t.Context(), one, files))
	must(t, s.KeepClient(t.Context(), one, files)) // again
	must(t, s.KeepClient(t.Context(), two, others))
	kept, err := s.ClientFiles(t.Context())
	must(t, err)
	if diff := cmp.Diff(map[string][]survey.ClientFile{one: files, two: others}, kept); diff != "" {
		t.Error(diff)
	}
	got, err := s.ClientFile(t.Context(), "phone.js", others[0].SHA256[:12])
	must(t, err)
	if string(got.Body) != "newer" {
		t.Errorf("%q", got.Body)
	}
	must(t, s.DropClients(t.Context(), []string{two}))
	if _, err := s.ClientFile(t.Context(), "ticket.js", files[1].SHA256[:12]); !survey.IsKey(err, "error.store.asset_missing") {
		t.Errorf("got %v", err)
	}
	must(t, s.DropClients(t.Context(), nil))
	if kept, err := s.ClientFiles(t.Context()); err != nil || len(kept) != 0 {
		t.Errorf("%v, %v", kept, err)
	}
}

func TestFilesThatAreNotWhatTheirHashSaysAreRefused(t *testing.T) {
	s := newStore(t)
	client, files := clientOf(t, "phone.js", "phone")
	if err := s.KeepClient(t.Context(), "00", files); err == nil {
		t.Error("another hash was accepted")
	}
	if err := s.KeepClient(t.Context(), "", nil); err == nil {
		t.Error("no files were accepted")
	}
	must(t, s.KeepClient(t.Context(), client, files))
	must(t, s.releases.write.Exec("UPDATE assets SET body = ?", []byte("evil")).Error)
	if _, err := s.ClientFile(t.Context(), "phone.js", files[0].SHA256[:12]); !survey.IsKey(err, "error.store.asset_changed") {
		t.Errorf("got %v", err)
	}
	// What is stored is not written over: Verify has to find it.
	must(t, s.KeepClient(t.Context(), client, files))
	kept, err := s.ClientFiles(t.Context())
	must(t, err)
	if string(kept[client][0].Body) != "evil" {
		t.Error("a changed file was mended in silence")
	}
}

func TestAnAmendmentIsAppendedToARunningPromiseOnly(t *testing.T) {
	s := newStore(t)
	change := func(to string) func(survey.Record) (survey.AmendmentRecord, bool) {
		return func(r survey.Record) (survey.AmendmentRecord, bool) {
			return survey.AmendmentRecord{What: survey.ClientAmendment, From: r.Client(), To: to}, r.Client() != to
		}
	}
	appended := func(wave survey.WaveID, to string, want bool) {
		t.Helper()
		got, err := s.Amend(t.Context(), wave, change(to))
		must(t, err)
		if got != want {
			t.Errorf("wave %s to %s: appended is %v", wave, to, got)
		}
	}
	appended("w", "aa", false) // nothing is promised
	manifest := publish(t, s, "w")
	publish(t, s, "other")
	appended("w", "aa", true)
	appended("w", "aa", false)
	appended("w", "bb", true)
	if _, err := s.CommitRelease(t.Context(), "w", []byte(`{}`), manifest.SHA256); err != nil {
		t.Fatal(err)
	}
	appended("w", "cc", false) // it has ended
	log := readLog(t, s)
	records, err := survey.Records(log)
	must(t, err)
	if len(log) != 5 || records[0].Client() != "bb" || len(records[0].Amendments) != 2 || len(records[1].Amendments) != 0 {
		t.Errorf("%d entries, %+v", len(log), records)
	}
}
