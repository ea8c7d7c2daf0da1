package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/analytics"
	"attune/static"
	"attune/survey"
	"attune/survey/store"
)

// oneRelease is an archive with the stored release that analytics keeps as an
// example of the first version.
type oneRelease struct{ stored survey.StoredRelease }

func (o oneRelease) ReleaseIDs(context.Context) ([]survey.WaveID, error) {
	return []survey.WaveID{o.stored.Wave}, nil
}

func (o oneRelease) ReleaseDocument(context.Context, survey.WaveID) (survey.StoredRelease, error) {
	return o.stored, nil
}

type folderHouse struct {
	t      *testing.T
	dir    string
	wave   string
	in     *installation
	app    *app
	stderr bytes.Buffer
}

func newFolderHouse(t *testing.T) *folderHouse {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "analytics", "testdata", "release-v1.json"))
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.TrimRight(raw, "\n")
	_, after, _ := bytes.Cut(raw, []byte(`"wave":"`))
	wave, _, _ := bytes.Cut(after, []byte(`"`))
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }
	db, err := store.Open(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "data"), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h := &folderHouse{t: t, dir: t.TempDir(), wave: string(wave)}
	h.app = &app{env: environment{language: "en"}, site: site, stderr: &h.stderr}
	h.in = &installation{store: db, now: now, archive: analytics.NewArchive(oneRelease{survey.StoredRelease{
		Wave: survey.WaveID(wave), SHA256: survey.SHA256Hex(raw), JSON: raw,
	}})}
	return h
}

// start is a server's start: nothing is remembered but the log and the folder.
func (h *folderHouse) start(formats ...string) *exportFolder {
	h.t.Helper()
	x, err := h.app.newExportFolder(h.in, h.dir, formats)
	if err != nil {
		h.t.Fatal(err)
	}
	return x
}

func (h *folderHouse) files() (names []string) {
	h.t.Helper()
	entries, err := os.ReadDir(h.dir)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (h *folderHouse) noted() (all []string) {
	h.t.Helper()
	err := h.in.store.EachDeed(h.t.Context(), survey.AdminFilter{}, func(e survey.AdminEntry) error {
		all = append(all, fmt.Sprint(e.Action, " ", e.Subject, " ", e.Details["format"]))
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

func (h *folderHouse) want(what string, got []string, want ...string) {
	h.t.Helper()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		h.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func pass(t *testing.T, x *exportFolder) {
	t.Helper()
	if err := x.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAReleaseIsWrittenOnceAndNotAgainWhenItWasTakenAway(t *testing.T) {
	h := newFolderHouse(t)
	x := h.start("csv", "xlsx")
	for range 2 {
		pass(t, x)
	}
	csv, xlsx := "attune-"+h.wave+".csv", "attune-"+h.wave+".xlsx"
	h.want("files", h.files(), csv, xlsx)
	h.want("log", h.noted(), "export.written "+h.wave+" csv", "export.written "+h.wave+" xlsx")
	got, err := os.ReadFile(filepath.Join(h.dir, csv))
	if err != nil {
		t.Fatal(err)
	}
	releases, err := h.in.archive.Releases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := analytics.Export(&want, "csv", releases, h.app.wording(h.in)); err != nil || !bytes.Equal(got, want.Bytes()) || want.Len() < 500 {
		t.Errorf("the file is not the export: %d bytes, want %d, %v", len(got), want.Len(), err)
	}
	if info, err := os.Stat(filepath.Join(h.dir, csv)); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if s := x.Scheduled(); s.Last != xlsx || s.Fault != nil {
		t.Errorf("the page would tell %+v", s)
	}
	for _, name := range []string{csv, xlsx} {
		if err := os.Remove(filepath.Join(h.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	pass(t, x)
	pass(t, h.start("csv", "xlsx")) // also after a restart
	h.want("files after they were taken away", h.files())
	pass(t, h.start("csv", "json"))
	h.want("a format that is new", h.files(), "attune-"+h.wave+".json")
}

// A program is killed before the entry, and after it.
func TestAFileIsNeitherLostNorDoubledByAKill(t *testing.T) {
	h := newFolderHouse(t)
	name := "attune-" + h.wave + ".csv"
	whole := filepath.Join(h.dir, "."+name+".whole")
	if err := os.WriteFile(whole, []byte("half of an earlier try"), 0o600); err != nil {
		t.Fatal(err)
	}
	pass(t, h.start())
	h.want("killed before the entry", h.files(), name)
	complete, err := os.ReadFile(filepath.Join(h.dir, name))
	if err != nil || !bytes.HasPrefix(complete, []byte("wave_id,")) {
		t.Fatalf("%.40q, %v", complete, err)
	}
	// The entry is there, the file has not got its name yet.
	if err := os.Rename(filepath.Join(h.dir, name), whole); err != nil {
		t.Fatal(err)
	}
	pass(t, h.start())
	h.want("killed after the entry", h.files(), name)
	h.want("log", h.noted(), "export.written "+h.wave+" csv")
}

func TestAFolderThatCannotBeWrittenIsToldOnceAndTriedAgain(t *testing.T) {
	h := newFolderHouse(t)
	x := h.start()
	away := h.dir + "-away"
	if err := os.Rename(h.dir, away); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := x.pass(t.Context()); err == nil {
			t.Fatal("it wrote into a folder that is gone")
		}
	}
	if n := strings.Count(h.stderr.String(), "could not be written into the export folder "+h.dir); n != 1 {
		t.Errorf("the server's log tells it %d times: %s", n, h.stderr.String())
	}
	if s := x.Scheduled(); s.Fault == nil || s.Fault.Key != "error.exportfolder.write" || s.Since.IsZero() {
		t.Errorf("the page would tell %+v", s)
	}
	h.want("log", h.noted())
	if err := os.Rename(away, h.dir); err != nil {
		t.Fatal(err)
	}
	pass(t, x)
	h.want("files", h.files(), "attune-"+h.wave+".csv")
	if s := x.Scheduled(); s.Fault != nil {
		t.Errorf("the page still tells %v", s.Fault)
	}
}

func TestAFolderThatIsNotThereOrAFormatThatIsNotIsRefusedAtTheStart(t *testing.T) {
	h := newFolderHouse(t)
	if _, err := h.app.newExportFolder(h.in, filepath.Join(h.dir, "share"), nil); !errors.As(err, new(usageError)) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := h.app.newExportFolder(h.in, h.dir, []string{"pdf"}); !errors.As(err, new(usageError)) {
		t.Errorf("no format: %v", err)
	}
	if err := (serveCommand{ExportFormats: []string{"csv"}}).exports(h.app, h.in); !errors.As(err, new(usageError)) {
		t.Errorf("formats without a folder: %v", err)
	}
}

func TestExportsSpeakTheLanguageThatTheConsoleChose(t *testing.T) {
	h := newFolderHouse(t)
	if lang := h.app.wording(h.in).Language; lang != "en" { // the environment's
		t.Errorf("before: %q", lang)
	}
	err := h.in.store.Rebrand(t.Context(), func(b *survey.Branding) error { b.Language = "fr"; return nil })
	if err != nil {
		t.Fatal(err)
	}
	words := h.app.wording(h.in)
	if got, want := words.Text("branding.title", nil), h.app.site.Text("fr", "branding.title", nil); words.Language != "fr" || got != want {
		t.Errorf("%q: %q, want %q", words.Language, got, want)
	}
}
