package survey_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"attune/survey"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the files that are generated from the packs: testdata/vectors.json and docs/packs.md")

// golden holds what is generated against the file, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what the packs give; run go test ./survey -update and read the difference (-file +packs):\n%s", name, diff)
	}
}

func TestEveryPackFileIsInTheLibraryUnderItsHash(t *testing.T) {
	files, err := filepath.Glob("packs/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("pack files %v, %v", files, err)
	}
	library := builtIn(t)
	byHash := make(map[string]string)
	for _, p := range library.All() {
		byHash[p.SHA256] = p.ID
	}
	if len(byHash) != len(files) {
		t.Errorf("%d packs for %d files", len(byHash), len(files))
	}
	for _, file := range files {
		raw := readFile(t, file)
		if _, ok := byHash[survey.SHA256Hex([]byte(raw))]; !ok {
			t.Errorf("no pack has the hash of %s", file)
		}
	}
}

func TestFindGivesExactlyThePromisedVersion(t *testing.T) {
	library := builtIn(t)
	latest, err := library.Latest("pulse")
	if err != nil {
		t.Fatal(err)
	}
	found, err := library.Find(latest.Ref())
	if err != nil || found != latest {
		t.Errorf("Find(%v) = %v, %v, want the latest pulse", latest.Ref(), found, err)
	}
}

func TestFindRefusesAnythingButThePromise(t *testing.T) {
	library := builtIn(t)
	latest, err := library.Latest("pulse")
	if err != nil {
		t.Fatal(err)
	}
	good := latest.Ref()
	for name, c := range map[string]struct {
		ref  survey.PackRef
		code survey.Code
		key  string
	}{
		"no such pack":    {survey.PackRef{ID: "impulse", Version: good.Version, SHA256: good.SHA256}, survey.NotFound, "error.library.pack"},
		"no such version": {survey.PackRef{ID: good.ID, Version: "99.0", SHA256: good.SHA256}, survey.NotFound, "error.library.version"},
		"another content": {survey.PackRef{ID: good.ID, Version: good.Version, SHA256: survey.SHA256Hex(nil)}, survey.Conflict, "error.library.changed"},
		"no hash":         {survey.PackRef{ID: good.ID, Version: good.Version}, survey.Conflict, "error.library.changed"},
	} {
		if pack, err := library.Find(c.ref); pack != nil || !survey.IsKey(err, c.key) || !survey.IsCode(err, c.code) {
			t.Errorf("%s: got %v, %v, want %s", name, pack, err, c.key)
		}
	}
	if pack, err := library.Latest("impulse"); pack != nil || !survey.IsKey(err, "error.library.pack") {
		t.Errorf("Latest of an unknown pack: got %v, %v", pack, err)
	}
}

func TestChangingAllDoesNotChangeTheLibrary(t *testing.T) {
	library := builtIn(t)
	library.All()[0] = nil
	for _, p := range library.All() {
		if p == nil {
			t.Fatal("the list is the library's own")
		}
	}
}
