package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"
)

// What an auditor may open, and what not: no figure, no list of waves with
// dates that move, no export.
func TestAnAuditorReachesPromisesAndNoFigure(t *testing.T) {
	h := newStaffHouse(t)
	auditor, manager := h.as(auditorMail), h.as(managerMail)
	for path, want := range map[string][2]int{ // auditor, manager
		"/console/audit":                                {http.StatusOK, http.StatusForbidden},
		"/console/audit/2026-05":                        {http.StatusOK, http.StatusForbidden},
		"/console/audit/2026-04":                        {http.StatusOK, http.StatusForbidden},
		"/console/audit/2031-01":                        {http.StatusNotFound, http.StatusForbidden},
		"/console/audit/attune-audit.json":              {http.StatusOK, http.StatusForbidden},
		"/console/waves/2026-05/poster":                 {http.StatusOK, http.StatusOK},
		"/console/waves":                                {http.StatusForbidden, http.StatusOK},
		"/console/associations":                         {http.StatusForbidden, http.StatusForbidden},
		"/console/export":                               {http.StatusForbidden, http.StatusForbidden},
		"/console/export/download?wave=all&format=csv":  {http.StatusForbidden, http.StatusForbidden},
		"/console/teams/" + string(h.units["Children"]): {http.StatusForbidden, http.StatusOK},
		"/console/teams/" + string(h.units["Hospital"]): {http.StatusForbidden, http.StatusForbidden},
	} {
		for i, who := range []*browser{auditor, manager} {
			if status, _ := who.get(path); status != want[i] {
				t.Errorf("%s as %d: status %d, want %d", path, i, status, want[i])
			}
		}
	}
}

// Everything that the auditor sees is held against what must not be in it:
// numbers of answers, means, anybody's name or address.
func TestTheAuditHasAllHashesAndNobody(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(auditorMail)
	doc, body := b.page("/console/audit")
	text := seenOf(doc)
	log, err := h.waves.Log(context.Background())
	must(t, err)
	for _, e := range log {
		if !strings.Contains(text, e.SHA256) {
			t.Errorf("entry %d is missing", e.Seq)
		}
	}
	for _, want := range []string{"The public log is whole: 5 entries", h.recordOf(releasedWave).Release.ReleaseSHA256, "the same", "passed (rules", "May 2026 promises the same"} {
		if !strings.Contains(text, want) {
			t.Errorf("the audit lacks %q in\n%s", want, text)
		}
	}
	for path, sum := range h.site.Assets() {
		if !strings.Contains(text, path) || !strings.Contains(text, sum) {
			t.Errorf("%s is not listed", path)
		}
	}
	doc, wave := b.page("/console/audit/2026-05")
	leaves, err := h.waves.Leaves(context.Background(), announcedWave)
	must(t, err)
	for _, leaf := range leaves {
		for _, want := range append([]string{leaf.Group, leaf.Salt}, leaf.Units...) {
			if !strings.Contains(doc.Text(), want) {
				t.Errorf("the groups lack %q", want)
			}
		}
	}
	if rows := doc.Find("#groups tbody tr").Length(); rows != len(leaves) || !strings.Contains(doc.Text(), "which give the root") {
		t.Errorf("%d groups of %d", rows, len(leaves))
	}
	_, file := b.get("/console/audit/attune-audit.json")
	release, err := h.archive.Release(context.Background(), releasedWave)
	must(t, err)
	for name, page := range map[string]string{"audit": body, "wave": wave, "file": file} {
		for _, never := range []string{"Person ", "staff1@", "12 of 14", "11 of 13", `"mean"`, `"cells"`, "burnout_recovery", `"units"`, `"checks"`} {
			if strings.Contains(page, never) {
				t.Errorf("%s shows %q", name, never)
			}
		}
	}
	audit, _ := release.Audit()
	for _, want := range []string{release.SHA256(), `"method_version": "` + release.MethodVersion() + `"`, `"audit": "` + audit.Result + `"`, `"audit_version": "` + audit.Version + `"`} {
		if !strings.Contains(file, want) {
			t.Errorf("the file lacks %s", want)
		}
	}
	if !strings.Contains(body, h.site.Text("en", "audit.result."+audit.Result, map[string]any{"version": audit.Version})) {
		t.Error("the page lacks the result and the version of the audit")
	}
}

func TestTheAuditNamesWhatIsBroken(t *testing.T) {
	for name, c := range map[string]struct{ statement, page, want string }{
		"the log":   {"UPDATE log_entries SET body = CAST(replace(body, 'Ada Owner', 'Eva Owner') AS blob) WHERE seq = 1", "/console/audit", "log entry 1 (manifest of wave 2026-03)"},
		"an ending": {"DELETE FROM log_entries WHERE seq = 4", "/console/audit", "log entry 5"},
		"a release": {"UPDATE releases SET document = CAST('{}' AS blob)", "/console/audit", "cannot be read, or was changed"},
		"a group":   {"UPDATE manifest_leaves SET leaves = CAST(replace(leaves, 'Night', 'Knight') AS blob) WHERE wave = '2026-05'", "/console/audit/2026-05", "do not give the root"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newStaffHouse(t)
			h.change("releases.db", c.statement)
			doc, _ := h.as(auditorMail).page(c.page)
			if text := seenOf(doc); !strings.Contains(text, c.want) {
				t.Errorf("the page lacks %q in\n%s", c.want, text)
			}
		})
	}
}

func TestEveryResultOfAnAuditHasItsWords(t *testing.T) {
	h := newStaffHouse(t)
	for _, result := range []string{analytics.AuditPassed, analytics.AuditOrganisationOnly, "none"} {
		if !h.site.Has("audit.result."+result) || result != "none" && !h.site.Has("console.checked."+result) {
			t.Errorf("no words for %s", result)
		}
	}
	for _, way := range []survey.Way{survey.Electronic, survey.Paper} {
		if !h.site.Has("audit.way." + string(way)) {
			t.Errorf("no words for %s", way)
		}
	}
}

// The page tells how to check the file without this program: the commands are
// run as they stand there.
func TestTheFileCanBeCheckedByHand(t *testing.T) {
	for _, tool := range []string{"jq", "sha256sum", "xxd"} {
		if _, err := exec.LookPath(tool); err != nil {
			const line = "this test needs jq, sha256sum and xxd: apt-get install jq coreutils xxd"
			if os.Getenv("CI") == "true" {
				t.Fatal(line)
			}
			t.Skip(line)
		}
	}
	h := newStaffHouse(t)
	_, file := h.as(auditorMail).get("/console/audit/attune-audit.json")
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "attune-audit.json"), []byte(file), 0o600))
	run := func(command string) string {
		t.Helper()
		shell := exec.CommandContext(t.Context(), "bash", "-c", command)
		shell.Dir = dir
		out, err := shell.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", command, err, out)
		}
		return strings.TrimSuffix(strings.TrimSpace(string(out)), "  -")
	}
	steps := (&console{site: h.site}).in("en").byHand()
	log, err := h.waves.Log(context.Background())
	must(t, err)
	if got := run(steps[0].Command); got != log[0].SHA256 {
		t.Errorf("the first entry by hand: %s", got)
	}
	lines := strings.Split(run(steps[1].Command), "\n")
	for i := range log {
		prev := ""
		if i > 0 {
			prev = log[i-1].SHA256
		}
		if lines[2*i] != log[i].SHA256 || 2*i+1 < len(lines) && lines[2*i+1] != prev {
			t.Errorf("entry %d by hand: %q", i+1, lines[2*i:])
		}
	}
	leaf := run(strings.ReplaceAll(steps[2].Command, "2026-11", "2026-05"))
	var parsedFile auditFile
	must(t, json.Unmarshal([]byte(file), &parsedFile))
	groups := parsedFile.Groups["2026-05"]
	if leaf != groups[0].SHA256 {
		t.Errorf("the first leaf by hand: %s, want %s", leaf, groups[0].SHA256)
	}
	node := func(left, right string) string {
		return run(strings.NewReplacer("LEFT", left, "RIGHT", right).Replace(steps[3].Command))
	}
	// Four groups: two pairs and the root over them.
	if len(groups) != 4 {
		t.Fatalf("%d groups", len(groups))
	}
	root := node(node(groups[0].SHA256, groups[1].SHA256), node(groups[2].SHA256, groups[3].SHA256))
	if want := h.recordOf(announcedWave).Manifest.GroupsRoot; root != want {
		t.Errorf("the root by hand: %s, want %s", root, want)
	}
	if got := run(steps[5].Command); got != h.recordOf(announcedWave).Manifest.ClientSHA256 {
		t.Errorf("client_sha256 by hand: %s", got)
	}
	if !strings.HasPrefix(parsedFile.About[0], steps[0].Text) || len(parsedFile.Log) != len(log) || parsedFile.Log[0].Kind != survey.ManifestEntry {
		t.Error("the file does not explain itself")
	}
}
