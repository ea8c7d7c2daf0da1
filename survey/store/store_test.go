package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// clock is the time of a test; it moves by hand.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// start is an arbitrary moment that the tests count from.
var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// open gives a Store in dir that is closed at the end of the test. Ids count up.
func open(t *testing.T, dir string) (*Store, *clock) {
	t.Helper()
	c := &clock{at: start}
	ids := 0
	s, err := Open(t.Context(), Config{Dir: dir, Now: c.now, NewID: func() string { ids++; return fmt.Sprintf("u%03d", ids) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, c
}

func newStore(t *testing.T) *Store {
	t.Helper()
	s, _ := open(t, filepath.Join(t.TempDir(), "data"))
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code survey.Code, key string) {
	t.Helper()
	if !survey.IsCode(err, code) || !survey.IsKey(err, key) {
		t.Fatalf("got %v, want %s: %s", err, code, key)
	}
}

// planned is a wave that may be created once the organisation is there.
func planned(id survey.WaveID, scope survey.UnitID, tag string) survey.Wave {
	return survey.Wave{
		ID: id, Programme: "p", State: survey.Planned, Scope: scope, Paper: []survey.UnitID{},
		Packs: []survey.PackRef{{ID: "a", Version: "1", SHA256: "00"}},
		Opens: start.AddDate(0, 0, 7), Closes: start.AddDate(0, 0, 14), ResultsOn: "2026-11-30",
		Owner: "Ana", Contact: "Extension 12", K: 5, Tag: tag,
	}
}

// withWaves is a store with an organisation and planned waves of these ids.
func withWaves(t *testing.T, ids ...survey.WaveID) *Store {
	t.Helper()
	s := newStore(t)
	root, err := s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	for _, id := range ids {
		must(t, s.CreateWave(t.Context(), planned(id, root.ID, "")))
	}
	return s
}

// fileWith gives the name of a file under dir that contains text, or "".
func fileWith(t *testing.T, dir string, text []byte) string {
	t.Helper()
	found := ""
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, text) {
			found = path
		}
		return err
	}))
	return found
}

func TestEveryErrorKeyOfThePackageHasATextAndEveryTextAKey(t *testing.T) {
	key := regexp.MustCompile(`"(error\.store\.[a-z_]+)"`)
	used := make(map[string]bool)
	// The rules of the tree refuse in the store's words, from the package above.
	var sources []string
	for _, pattern := range []string{"*.go", filepath.Join("..", "*.go")} {
		some, err := filepath.Glob(pattern)
		must(t, err)
		sources = append(sources, some...)
	}
	for _, source := range sources {
		raw, err := os.ReadFile(source)
		must(t, err)
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		for _, m := range key.FindAllStringSubmatch(string(raw), -1) {
			used[m[1]] = true
		}
	}
	for _, lang := range []string{"en", "fr", "es"} {
		texts := make(map[string]string)
		parts, err := filepath.Glob(filepath.Join("..", "..", "static", "locales", lang, "*.json"))
		must(t, err)
		for _, part := range parts {
			raw, err := os.ReadFile(part)
			must(t, err)
			must(t, json.Unmarshal(raw, &texts))
		}
		maps.DeleteFunc(texts, func(key, _ string) bool { return !strings.HasPrefix(key, "error.store.") })
		for k := range used {
			if texts[k] == "" {
				t.Errorf("%s: %s has no text", lang, k)
			}
		}
		for k := range texts {
			if !used[k] {
				t.Errorf("%s: %s is used nowhere", lang, k)
			}
		}
	}
}

func TestACancelledRequestChangesNothingAndSaysSo(t *testing.T) {
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.EnsureOrganisation(ctx, "Org"); err == nil {
		t.Fatal("want the cancellation")
	}
	units, err := s.Units(t.Context())
	must(t, err)
	if len(units) != 0 {
		t.Fatalf("units %v", units)
	}
}
