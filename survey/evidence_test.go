package survey

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// evidenceOfTwo is two waves, one released and one void, with everything that
// a bundle has.
func evidenceOfTwo(t *testing.T) Evidence {
	t.Helper()
	e := Evidence{
		Leaves: make(map[WaveID][]Leaf), Client: map[string]string{"phone.js": strings.Repeat("a", 64)}, Assets: map[string]string{"/static/a.css": strings.Repeat("b", 64)},
		Texts: map[string]string{"README.txt": "read", "RULES.txt": "rules"},
	}
	prev := ""
	add := func(kind EntryKind, wave WaveID, body any) {
		raw, err := Canonical(body)
		if err != nil {
			t.Fatal(err)
		}
		e.Log = append(e.Log, Entry{Seq: len(e.Log) + 1, Kind: kind, Wave: wave, Body: raw, SHA256: SHA256Hex(raw)})
		prev = SHA256Hex(raw)
	}
	day := time.Date(2026, 10, 5, 8, 0, 0, 0, time.UTC)
	for _, wave := range []WaveID{"2026-10", "2026-11"} {
		leaves := []Leaf{{Group: "g1", Units: []string{"Org / North"}, Headcount: 9, Way: Paper, Salt: "00"}, {Group: "g2", Units: []string{"Org / South"}, Headcount: 12, Way: Electronic, Salt: "01"}}
		root, err := MerkleRoot(leaves)
		if err != nil {
			t.Fatal(err)
		}
		e.Leaves[wave] = leaves
		add(ManifestEntry, wave, Manifest{V: 1, Wave: wave, Opens: day, Closes: day.AddDate(0, 0, 7), K: 5, KC: 6, GroupsRoot: root, People: 21, RulesVersion: RulesVersion, Prev: prev})
		manifest := prev
		if wave == "2026-11" {
			add(VoidEntry, wave, VoidRecord{V: 1, Kind: VoidEntry, Wave: wave, Reason: "too_few", On: day, Prev: prev})
			continue
		}
		sum := strings.Repeat("c", 64)
		add(ReleaseEntry, wave, ReleaseRecord{V: 1, Kind: ReleaseEntry, Wave: wave, ManifestSHA256: manifest, ReleaseSHA256: sum, Prev: prev})
		e.Releases = append(e.Releases, EvidenceRelease{Wave: wave, Logged: sum, Stored: sum, Method: "3", Audit: "passed", Version: "2"})
	}
	deeds := chain(t, Deed{Who: "ana", Roles: []string{"hr"}, Action: DidExported, Subject: "all"}, Deed{Who: "bo", Roles: []string{"auditor"}, Action: DidEvidence}, Deed{Who: "bo", Roles: []string{"auditor"}, Action: DidEvidence})
	e.Deeds = func(do func(AdminEntry) error) error {
		for _, d := range deeds {
			if err := do(d); err != nil {
				return err
			}
		}
		return nil
	}
	return e
}

func bundle(t *testing.T, e Evidence) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := e.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	parts, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	for _, part := range parts.File {
		in, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files[part.Name] = string(content)
	}
	return files
}

func pack(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		into, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(into, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func verifyBundle(raw []byte) (EvidenceFound, error) {
	return VerifyEvidence(bytes.NewReader(raw), int64(len(raw)))
}

func TestABundleHoldsAndIsTheSameForTheSameState(t *testing.T) {
	e := evidenceOfTwo(t)
	raw := bundle(t, e)
	if !bytes.Equal(raw, bundle(t, e)) {
		t.Error("the same evidence gives other bytes")
	}
	found, err := verifyBundle(raw)
	if err != nil {
		t.Fatal(err)
	}
	want := EvidenceFound{Entries: 4, Manifests: 2, Releases: 1, Deeds: 3, LastEntry: e.Log[3].SHA256, LastDeed: found.LastDeed}
	if found != want || len(found.LastDeed) != 64 {
		t.Errorf("found %+v", found)
	}
}

func TestAnEmptyInstallationHasABundleToo(t *testing.T) {
	found, err := verifyBundle(bundle(t, Evidence{}))
	if err != nil || found != (EvidenceFound{}) {
		t.Errorf("%+v, %v", found, err)
	}
}

// sealed writes the sums anew, as somebody would who tampers with care.
func sealed(files map[string]string) {
	delete(files, evidenceSums)
	sums := make(map[string]string)
	for name, content := range files {
		sums[name] = SHA256Hex([]byte(content))
	}
	files[evidenceSums] = string(sumsFile(sums))
}

// Whatever is changed in a bundle is found, and named by its file; also when
// SHA256SUMS is made to fit. What stands in no chain (README, rules, assets)
// is protected by the sums alone.
func TestEveryChangeOfABundleIsFound(t *testing.T) {
	original := unpack(t, bundle(t, evidenceOfTwo(t)))
	cut := func(text string, line int) string {
		lines := strings.SplitAfter(text, "\n")
		return strings.Join(slices.Delete(lines, line, line+1), "")
	}
	for _, c := range []struct {
		what, names string
		careful     bool // the sums fit
		change      func(files map[string]string)
	}{
		{"a text", "README.txt", false, func(f map[string]string) { f["README.txt"] += "." }},
		{"the rules", "RULES.txt", false, func(f map[string]string) { f["RULES.txt"] = "k = 2" }},
		{"a file more", "extra.txt", false, func(f map[string]string) { f["extra.txt"] = "" }},
		{"a file less", "assets.sha256", false, func(f map[string]string) { delete(f, "assets.sha256") }},
		{"a file less, with care", "client.json is missing", true, func(f map[string]string) { delete(f, "client.json") }},
		{"the owner in a manifest", "log entry 2", true, func(f map[string]string) {
			f["log/000001-manifest-2026-10.json"] = strings.Replace(f["log/000001-manifest-2026-10.json"], `"k":5`, `"k":6`, 1)
		}},
		{"an entry out of the middle", "log/000003-manifest-2026-11.json", true, func(f map[string]string) { delete(f, "log/000002-release-2026-10.json") }},
		{"the release off the end", "2026-10", true, func(f map[string]string) {
			delete(f, "log/000004-void-2026-11.json")
			delete(f, "log/000003-manifest-2026-11.json")
			delete(f, "log/000002-release-2026-10.json")
			delete(f, "groups/2026-11.jsonl")
			f["fingerprints.txt"] = cut(f["fingerprints.txt"], 1)
		}},
		{"a headcount", "groups/2026-10.jsonl", true, func(f map[string]string) {
			f["groups/2026-10.jsonl"] = strings.Replace(f["groups/2026-10.jsonl"], `"headcount":9`, `"headcount":8`, 1)
		}},
		{"a group left out", "groups/2026-11.jsonl", true, func(f map[string]string) { f["groups/2026-11.jsonl"] = cut(f["groups/2026-11.jsonl"], 0) }},
		{"groups of no wave", "groups/", true, func(f map[string]string) { f["groups/2031-01.jsonl"] = "" }},
		{"other words", "fingerprints.txt", true, func(f map[string]string) {
			f["fingerprints.txt"] = strings.Replace(f["fingerprints.txt"], "2026-10", "2026-12", 1)
		}},
		{"a stored release that is another", "wave 2026-10", true, func(f map[string]string) {
			f["releases.json"] = strings.Replace(f["releases.json"], `"stored_sha256":"cc`, `"stored_sha256":"cd`, 1)
		}},
		{"a release left out", "wave 2026-10 is missing", true, func(f map[string]string) { f["releases.json"] = "[]" }},
		{"a release twice", "wave 2026-10", true, func(f map[string]string) {
			one := strings.Trim(f["releases.json"], "[]")
			f["releases.json"] = "[" + one + "," + one + "]"
		}},
		{"a deed changed", "actions.jsonl", true, func(f map[string]string) {
			f["actions.jsonl"] = strings.Replace(f["actions.jsonl"], `"who":"ana"`, `"who":"eve"`, 1)
		}},
		{"a deed taken out", "actions.jsonl", true, func(f map[string]string) {
			f["actions.jsonl"], f["actions.sha256"] = cut(f["actions.jsonl"], 1), cut(f["actions.sha256"], 1)
		}},
		{"the first deed taken out", "actions.jsonl", true, func(f map[string]string) {
			f["actions.jsonl"], f["actions.sha256"] = cut(f["actions.jsonl"], 0), cut(f["actions.sha256"], 0)
		}},
		{"a hash of a deed more", "actions.jsonl", true, func(f map[string]string) { f["actions.sha256"] += strings.Repeat("d", 64) + "\n" }},
	} {
		files := make(map[string]string)
		for name, content := range original {
			files[name] = content
		}
		c.change(files)
		if c.careful {
			sealed(files)
		}
		if _, err := verifyBundle(pack(t, files)); err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %v, want %q named", c.what, err, c.names)
		}
	}
	if _, err := verifyBundle(pack(t, original)); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

func TestWhatIsNoBundleIsRefused(t *testing.T) {
	if _, err := verifyBundle([]byte("not a zip")); err == nil {
		t.Error("a text was taken for a bundle")
	}
	if _, err := verifyBundle(pack(t, map[string]string{})); err == nil {
		t.Error("an empty zip was taken for a bundle")
	}
}

func FuzzABundleNeverPanics(f *testing.F) {
	f.Add("log/000001-manifest-2026-10.json", `{"wave":"2026-10","prev":""}`)
	f.Add("releases.json", `[{"wave":"x"}]`)
	f.Add("actions.jsonl", "{}\n")
	f.Fuzz(func(t *testing.T, name, content string) {
		files := unpack(t, bundle(t, Evidence{}))
		files[name] = content
		sealed(files)
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for name, content := range files {
			into, err := w.Create(name)
			if err != nil {
				t.Skip()
			}
			_, _ = io.WriteString(into, content)
		}
		_ = w.Close()
		_, _ = verifyBundle(b.Bytes())
	})
}
