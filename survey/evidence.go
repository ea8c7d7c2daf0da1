package survey

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// The files of an evidence bundle. Texts in the reader's language stand
// beside them; every file is in evidenceSums, in the form of sha256sum.
const (
	evidenceLog          = "log/" // one file an entry, its exact text
	evidenceGroups       = "groups/"
	evidenceReleases     = "releases.json"
	evidenceFingerprints = "fingerprints.txt"
	evidenceClient       = "client.json"
	evidenceAssets       = "assets.sha256"
	evidenceActions      = "actions.jsonl" // one exact text a line
	evidenceActionSums   = "actions.sha256"
	evidenceSums         = "SHA256SUMS"
)

// EvidenceTexts are the files that explain a bundle to people, in their
// language.
func EvidenceTexts() []string { return []string{"README.txt", "RULES.txt"} }

// Evidence is what an auditor may take away: everything that was promised, and
// whether it was kept. It holds no figure and nobody who answers.
type Evidence struct {
	Log      []Entry
	Leaves   map[WaveID][]Leaf
	Releases []EvidenceRelease
	Client   map[string]string // the program on the phone that is served: SHA-256 by name
	Assets   map[string]string // everything that is served: SHA-256 by path
	Texts    map[string]string // by the names of EvidenceTexts
	// Deeds calls its argument with every entry of the administrative log, the
	// first one first.
	Deeds func(func(AdminEntry) error) error
}

// EvidenceRelease is a stored release without anything that it says.
type EvidenceRelease struct {
	Wave   WaveID `json:"wave"`
	Logged string `json:"release_sha256"` // as the public log has it
	// Stored is the hash of the stored document as it is now; empty for one
	// that cannot be read.
	Stored  string `json:"stored_sha256"`
	Method  string `json:"method_version,omitempty"`
	Audit   string `json:"audit,omitempty"` // its result before the release was stored; empty for releases older than audits
	Version string `json:"audit_version,omitempty"`
}

// evidenceWriter writes files one behind the other and keeps their hashes.
type evidenceWriter struct {
	zip  *zip.Writer
	sums map[string]string
}

// add writes a file; without a time, so that the same content gives the same
// bundle.
func (w *evidenceWriter) add(name string, content []byte) error {
	into, err := w.zip.Create(name)
	if err == nil {
		_, err = into.Write(content)
	}
	if err != nil {
		return fmt.Errorf("evidence: %s: %w", name, err)
	}
	w.sums[name] = SHA256Hex(content)
	return nil
}

func (w *evidenceWriter) json(name string, v any) error {
	raw, err := Canonical(v)
	if err != nil {
		return fmt.Errorf("evidence: %s: %w", name, err)
	}
	return w.add(name, raw)
}

// Write writes the bundle as a zip: the same evidence gives the same bytes.
func (e Evidence) Write(to io.Writer) error {
	w := &evidenceWriter{zip: zip.NewWriter(to), sums: make(map[string]string)}
	steps := []func() error{
		func() error { return e.writeTexts(w) },
		func() error { return e.writeLog(w) },
		func() error { return w.json(evidenceReleases, append([]EvidenceRelease{}, e.Releases...)) },
		func() error { return w.json(evidenceClient, e.Client) },
		func() error { return w.add(evidenceAssets, sumsFile(e.Assets)) },
		func() error { return e.writeDeeds(w) },
		func() error { return w.add(evidenceSums, sumsFile(w.sums)) },
		w.zip.Close,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (e Evidence) writeTexts(w *evidenceWriter) error {
	for _, name := range EvidenceTexts() {
		if err := w.add(name, []byte(e.Texts[name])); err != nil {
			return err
		}
	}
	return nil
}

func (e Evidence) writeLog(w *evidenceWriter) error {
	var words strings.Builder
	for _, entry := range e.Log {
		if err := w.add(logFile(entry), entry.Body); err != nil {
			return err
		}
		if entry.Kind != ManifestEntry {
			continue
		}
		line, err := fingerprintLine(entry)
		if err != nil {
			return err
		}
		words.WriteString(line)
		var lines bytes.Buffer
		for _, leaf := range e.Leaves[entry.Wave] {
			raw, err := Canonical(leaf)
			if err != nil {
				return err
			}
			lines.Write(append(raw, '\n'))
		}
		if err := w.add(evidenceGroups+string(entry.Wave)+".jsonl", lines.Bytes()); err != nil {
			return err
		}
	}
	return w.add(evidenceFingerprints, []byte(words.String()))
}

// logFile is the name of an entry's file; it sorts in the order of the log.
func logFile(e Entry) string {
	return fmt.Sprintf("%s%06d-%s-%s.json", evidenceLog, e.Seq, e.Kind, e.Wave)
}

func fingerprintLine(e Entry) (string, error) {
	words, err := Fingerprint(e.SHA256)
	return string(e.Wave) + "  " + strings.Join(words, " ") + "\n", err
}

func (e Evidence) writeDeeds(w *evidenceWriter) error {
	var texts, sums bytes.Buffer
	if e.Deeds != nil {
		err := e.Deeds(func(d AdminEntry) error {
			texts.Write(append(slices.Clone(d.Body), '\n'))
			sums.WriteString(d.SHA256 + "\n")
			return nil
		})
		if err != nil {
			return fmt.Errorf("evidence: %w", err)
		}
	}
	if err := w.add(evidenceActions, texts.Bytes()); err != nil {
		return err
	}
	return w.add(evidenceActionSums, sums.Bytes())
}

// sumsFile writes hashes as sha256sum does, sorted by name.
func sumsFile(sums map[string]string) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		b.WriteString(sums[name] + "  " + name + "\n")
	}
	return b.Bytes()
}

// EvidenceFound is what a bundle was found to hold when all of it agrees.
type EvidenceFound struct {
	Entries, Manifests, Releases, Deeds int
	LastEntry, LastDeed                 string // hashes; empty where there is none
}

// maxEvidence bounds what is unpacked of a bundle, in bytes.
const maxEvidence = 1 << 30

// VerifyEvidence checks a bundle from beginning to end: every file against
// SHA256SUMS, with none missing and none added; the chain of the public log and
// the sense of its entries; fingerprints and groups against the manifests;
// stored releases against their entries; the chain of the administrative log.
// The error names the first file that does not agree. A bundle that was made
// anew as a whole agrees with itself: compare the last hashes, or the words,
// with what you or others noted before.
func VerifyEvidence(r io.ReaderAt, size int64) (EvidenceFound, error) {
	files, err := readEvidence(r, size)
	if err != nil {
		return EvidenceFound{}, err
	}
	var found EvidenceFound
	for _, check := range []func(map[string][]byte, *EvidenceFound) error{verifySums, verifyEvidenceLog, verifyEvidenceReleases, verifyEvidenceDeeds} {
		if err := check(files, &found); err != nil {
			return EvidenceFound{}, err
		}
	}
	return found, nil
}

func readEvidence(r io.ReaderAt, size int64) (map[string][]byte, error) {
	parts, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("evidence: it is no bundle: %w", err)
	}
	files := make(map[string][]byte)
	left := int64(maxEvidence)
	for _, part := range parts.File {
		if _, twice := files[part.Name]; twice {
			return nil, fmt.Errorf("%s stands in the bundle twice", part.Name)
		}
		in, err := part.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.Name, err)
		}
		content, err := io.ReadAll(io.LimitReader(in, left+1))
		if closing := in.Close(); err == nil {
			err = closing
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.Name, err)
		}
		if left -= int64(len(content)); left < 0 {
			return nil, fmt.Errorf("the bundle holds more than %d MiB", maxEvidence>>20)
		}
		files[part.Name] = content
	}
	return files, nil
}

func verifySums(files map[string][]byte, _ *EvidenceFound) error {
	listed := make(map[string]string)
	for line := range strings.Lines(string(files[evidenceSums])) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok {
			return fmt.Errorf("%s: %q is no line of it", evidenceSums, line)
		}
		listed[name] = sum
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		if content, there := files[name]; !there {
			return fmt.Errorf("%s is missing", name)
		} else if got := SHA256Hex(content); got != listed[name] {
			return fmt.Errorf("%s hashes to %s, %s says %s", name, got, evidenceSums, listed[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if _, known := listed[name]; !known && name != evidenceSums {
			return fmt.Errorf("%s is not in %s", name, evidenceSums)
		}
	}
	for _, name := range append(EvidenceTexts(), evidenceReleases, evidenceFingerprints, evidenceClient, evidenceAssets, evidenceActions, evidenceActionSums) {
		if _, there := files[name]; !there {
			return fmt.Errorf("%s is missing", name)
		}
	}
	return nil
}

// evidenceEntries are the entries of the public log in a bundle, in their
// order. Their hashes are those of their texts: what holds them together is
// that each names the one before.
func evidenceEntries(files map[string][]byte) ([]Entry, error) {
	var log []Entry
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasPrefix(name, evidenceLog) {
			continue
		}
		head := struct {
			Kind EntryKind `json:"kind"`
			Wave WaveID    `json:"wave"`
		}{Kind: ManifestEntry}
		if err := json.Unmarshal(files[name], &head); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		e := Entry{Seq: len(log) + 1, Kind: head.Kind, Wave: head.Wave, Body: files[name], SHA256: SHA256Hex(files[name])}
		if logFile(e) != name {
			return nil, fmt.Errorf("%s: its text belongs into %s; an entry is missing or was renamed", name, logFile(e))
		}
		log = append(log, e)
	}
	return log, VerifyChain(log)
}

func verifyEvidenceLog(files map[string][]byte, found *EvidenceFound) error {
	log, err := evidenceEntries(files)
	if err != nil {
		return err
	}
	records, err := Records(log)
	if err != nil {
		return err
	}
	words, groups := "", 0
	for _, r := range records {
		if r.Manifest == nil {
			continue
		}
		entry, _ := r.Entry(ManifestEntry)
		line, err := fingerprintLine(entry)
		if err != nil {
			return err
		}
		words += line
		name := evidenceGroups + string(r.Wave) + ".jsonl"
		root, err := evidenceRoot(files[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if root != r.Manifest.GroupsRoot {
			return fmt.Errorf("%s: its groups hash to %s, the manifest promises %s", name, root, r.Manifest.GroupsRoot)
		}
		found.Manifests++
		groups++
	}
	if string(files[evidenceFingerprints]) != words {
		return fmt.Errorf("%s: these are not the words of the manifests", evidenceFingerprints)
	}
	for name := range files {
		if strings.HasPrefix(name, evidenceGroups) {
			groups--
		}
	}
	if groups != 0 {
		return fmt.Errorf("%s: there are files of waves without a manifest", evidenceGroups)
	}
	if found.Entries = len(log); len(log) > 0 {
		found.LastEntry = log[len(log)-1].SHA256
	}
	return nil
}

func evidenceRoot(lines []byte) (string, error) {
	var leaves []Leaf
	for line := range bytes.Lines(lines) {
		var leaf Leaf
		if err := json.Unmarshal(line, &leaf); err != nil {
			return "", err
		}
		leaves = append(leaves, leaf)
	}
	return MerkleRoot(leaves)
}

func verifyEvidenceReleases(files map[string][]byte, found *EvidenceFound) error {
	log, err := evidenceEntries(files)
	if err != nil {
		return err
	}
	logged := make(map[WaveID]string)
	for _, e := range log {
		if e.Kind != ReleaseEntry {
			continue
		}
		var r ReleaseRecord
		if err := json.Unmarshal(e.Body, &r); err != nil {
			return fmt.Errorf("%s: %w", logFile(e), err)
		}
		logged[e.Wave] = r.ReleaseSHA256
	}
	var releases []EvidenceRelease
	if err := json.Unmarshal(files[evidenceReleases], &releases); err != nil {
		return fmt.Errorf("%s: %w", evidenceReleases, err)
	}
	for _, r := range releases {
		switch want, there := logged[r.Wave]; {
		case !there:
			return fmt.Errorf("%s: the public log has no release of wave %s, or it stands there twice", evidenceReleases, r.Wave)
		case r.Logged != want, r.Stored != want:
			return fmt.Errorf("%s: the release of wave %s is stored with the hash %q, the public log says %s", evidenceReleases, r.Wave, r.Stored, want)
		}
		delete(logged, r.Wave)
		found.Releases++
	}
	for _, wave := range slices.Sorted(maps.Keys(logged)) {
		return fmt.Errorf("%s: the release of wave %s is missing", evidenceReleases, wave)
	}
	return nil
}

func verifyEvidenceDeeds(files map[string][]byte, found *EvidenceFound) error {
	sums := strings.Fields(string(files[evidenceActionSums]))
	var chain AdminChain
	for line := range bytes.Lines(files[evidenceActions]) {
		if chain.Entries >= len(sums) {
			return fmt.Errorf("%s: it has more lines than %s", evidenceActions, evidenceActionSums)
		}
		if err := chain.Next(AdminEntry{Body: bytes.TrimSuffix(line, []byte("\n")), SHA256: sums[chain.Entries]}); err != nil {
			return fmt.Errorf("%s: %w", evidenceActions, err)
		}
	}
	if chain.Entries != len(sums) {
		return fmt.Errorf("%s: it has fewer lines than %s", evidenceActions, evidenceActionSums)
	}
	found.Deeds, found.LastDeed = chain.Entries, chain.Last
	return nil
}
