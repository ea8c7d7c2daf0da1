package handlers

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"attune/survey"
)

// bundleFor downloads the bundle and unpacks it into a folder.
func (h *staffHouse) bundleFor(b *browser) (raw, dir string) {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, h.URL+evidencePath, nil)
	must(h.t, err)
	response, raw := b.do(r)
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != "application/zip" {
		h.t.Fatalf("status %d, %s", response.StatusCode, response.Header.Get("Content-Type"))
	}
	if name := response.Header.Get("Content-Disposition"); name != `attachment; filename="attune-evidence-`+h.clock.now().Format("2006-01-02")+`.zip"` {
		h.t.Errorf("the file is called %s", name)
	}
	dir = h.t.TempDir()
	parts, err := zip.NewReader(strings.NewReader(raw), int64(len(raw)))
	must(h.t, err)
	for _, part := range parts.File {
		in, err := part.Open()
		must(h.t, err)
		content, err := io.ReadAll(in)
		must(h.t, err)
		must(h.t, os.MkdirAll(filepath.Dir(filepath.Join(dir, part.Name)), 0o700))
		must(h.t, os.WriteFile(filepath.Join(dir, part.Name), content, 0o600))
	}
	return raw, dir
}

func (h *staffHouse) verified(raw string) (survey.EvidenceFound, error) {
	return survey.VerifyEvidence(strings.NewReader(raw), int64(len(raw)))
}

func TestTheBundleHoldsEverythingPromisedAndNoFigure(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(auditorMail)
	raw, dir := h.bundleFor(b)
	found, err := h.verified(raw)
	must(t, err)
	log, err := h.waves.Log(t.Context())
	must(t, err)
	if found.Entries != len(log) || found.LastEntry != log[len(log)-1].SHA256 || found.Releases == 0 || found.Manifests < 2 {
		t.Errorf("found %+v", found)
	}
	// The sign-in and the download itself.
	if found.Deeds != 2 {
		t.Errorf("%d entries of the administrative log", found.Deeds)
	}
	var all bytes.Buffer
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		all.Write(content)
		return err
	}))
	for _, never := range []string{"Person ", "staff1@", "12 of 14", "11 of 13", `"mean"`, `"cells"`, "burnout_recovery", `"checks"`, "127.0.0.1", "[evidence.", "[seen.", "{k}"} {
		if strings.Contains(all.String(), never) {
			t.Errorf("the bundle has %q", never)
		}
	}
	release, err := h.archive.Release(t.Context(), releasedWave)
	must(t, err)
	audit, _ := release.Audit()
	for _, want := range []string{release.SHA256(), `"audit":"` + audit.Result + `"`, "at least 5 people who answered", "only from 10 answers on", auditorMail, "export.evidence"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("the bundle lacks %q", want)
		}
	}
	// The next one has one line more, and nothing else that is new.
	again, other := h.bundleFor(b)
	next, err := h.verified(again)
	must(t, err)
	if next.Deeds != found.Deeds+1 || next.LastEntry != found.LastEntry {
		t.Errorf("the next bundle: %+v", next)
	}
	for _, name := range []string{"README.txt", "RULES.txt", "releases.json", "fingerprints.txt", "client.json", "assets.sha256"} {
		one, err := os.ReadFile(filepath.Join(dir, name))
		must(t, err)
		two, err := os.ReadFile(filepath.Join(other, name))
		must(t, err)
		if !bytes.Equal(one, two) {
			t.Errorf("%s changed without a reason", name)
		}
	}
}

// The bundle of an installation that was tampered with is given out, and does
// not hold.
func TestTheBundleOfATamperedInstallationDoesNotHold(t *testing.T) {
	for name, c := range map[string]struct{ file, statement, names string }{
		"the public log":         {"releases.db", "UPDATE log_entries SET body = CAST(replace(body, 'Ada Owner', 'Eva Owner') AS blob) WHERE seq = 1", "log entry 2"},
		"an ending":              {"releases.db", "DELETE FROM log_entries WHERE seq = 4", "log/000005"},
		"a release":              {"releases.db", "UPDATE releases SET document = CAST('{}' AS blob)", "releases.json"},
		"a group":                {"releases.db", "UPDATE manifest_leaves SET leaves = CAST(replace(leaves, 'Night', 'Knight') AS blob) WHERE wave = '2026-05'", "groups/2026-05.jsonl"},
		"the administrative log": {"people.db", "DELETE FROM admin_log WHERE seq = 1", "actions.jsonl"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newStaffHouse(t)
			b := h.as(auditorMail)
			b.get(deedsPath + "/attune-actions.csv")
			h.change(c.file, c.statement)
			raw, _ := h.bundleFor(b)
			if _, err := h.verified(raw); err == nil || !strings.Contains(err.Error(), c.names) {
				t.Errorf("%v, want %q named", err, c.names)
			}
		})
	}
}

// The commands of the README are run as they stand there, in every language.
func TestTheBundleIsCheckedByHand(t *testing.T) {
	for _, tool := range []string{"jq", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			const line = "this test needs jq and sha256sum: apt-get install jq coreutils"
			if os.Getenv("CI") == "true" {
				t.Fatal(line)
			}
			t.Skip(line)
		}
	}
	h := newStaffHouse(t)
	b := h.as(auditorMail)
	raw, dir := h.bundleFor(b)
	found, err := h.verified(raw)
	must(t, err)
	readme, err := os.ReadFile(filepath.Join(dir, "README.txt"))
	must(t, err)
	run := func(command string) string {
		t.Helper()
		shell := exec.CommandContext(t.Context(), "bash", "-c", command)
		shell.Dir = dir
		out, err := shell.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", command, err)
		}
		return strings.TrimSpace(string(out))
	}
	leaves, err := h.waves.Leaves(t.Context(), announcedWave)
	must(t, err)
	leaf, err := survey.MerkleRoot(leaves[:1])
	must(t, err)
	want := map[string]string{
		"sums": "OK", "releases": "OK", "log": found.LastEntry, "actions": found.LastDeed,
		"leaf": leaf + "  -", "client": h.recordOf(announcedWave).Manifest.ClientSHA256 + "  -",
	}
	for _, check := range evidenceChecks() {
		if !strings.Contains(string(readme), check.Command) || !strings.Contains(string(readme), h.site.Text("en", "evidence.check."+check.Text, nil)) {
			t.Errorf("the README lacks %s", check.Command)
		}
		if check.Text == "program" { // cmd/attune's own test
			continue
		}
		if got := run(strings.ReplaceAll(check.Command, "WAVE", string(announcedWave))); got != want[check.Text] {
			t.Errorf("%s by hand gives %q, want %q", check.Text, got, want[check.Text])
		}
	}
	// They find what they are for.
	victim := filepath.Join(dir, "actions.jsonl")
	content, err := os.ReadFile(victim)
	must(t, err)
	must(t, os.WriteFile(victim, bytes.Replace(content, []byte(auditorMail), []byte("somebody@else"), 1), 0o600))
	if got := run(evidenceChecks()[2].Command); got == found.LastDeed {
		t.Error("a changed entry was not found by hand")
	}
}

func TestTheBundleIsForAuditorsAndAdministrators(t *testing.T) {
	h := newHouse(t)
	for who, want := range map[string]int{adminMail: 200, auditorMail: 200, hrMail: 403, managerMail: 403} {
		if status, _ := h.as(who).get(evidencePath); status != want {
			t.Errorf("as %s: status %d, want %d", who, status, want)
		}
	}
}
