package store

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"time"

	"attune/survey"
)

// A backup is a zip of these entries and no others: the databases, the
// organisation's packs, and last the manifest, which names all of them.
const (
	backupFormat   = "attune-backup"
	backupVersion  = 1
	backupManifest = "manifest.json"
	backupPacks    = "packs/"
)

// What a backup may ask of whoever reads it. A zip of a few bytes can claim to
// hold any amount: SQLite's pages and JSON pack to a tenth or so, and the
// databases of an empty installation to a hundredth.
const (
	maxBackupManifest = 1 << 20
	maxBackupPack     = 4 << 20
	maxBackupPacks    = 1000
	freelyUnpacked    = 64 << 20 // a database may be so long whatever it packs to,
	maxUnpacking      = 100      // or so many times what it takes in the zip
)

// packName is the name of a file in a backup's packs: no folder, nothing
// hidden, nothing that a system could read as something else.
var packName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,150}\.(yaml|json)$`)

// BackupManifest is what a backup says about itself.
type BackupManifest struct {
	Format    string              `json:"format"`
	V         int                 `json:"v"`
	Program   string              `json:"program"` // the version that made it
	Made      time.Time           `json:"made"`    // whole seconds, UTC
	Schemas   map[string][]string `json:"schemas"` // the migrations that each database has had
	Parts     []BackupPart        `json:"parts"`
	LeftOut   []string            `json:"left_out"` // databases and tables that it holds nothing of
	Ends      []survey.WaveID     `json:"ends"`     // waves that were going on: restoring makes them void
	PublicLog LogEnd              `json:"public_log"`
	AdminLog  LogEnd              `json:"admin_log"`
}

// BackupPart is one file of a backup.
type BackupPart struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Bytes is how long all parts are together, unpacked.
func (m BackupManifest) Bytes() int64 {
	all := int64(0)
	for _, p := range m.Parts {
		all += p.Bytes
	}
	return all
}

// Write writes the backup: the snapshot, and the files of packs (nil: there
// are none) that can be a pack. It gives the manifest as it was written.
func (snap *Snapshot) Write(ctx context.Context, to io.Writer, program string, made time.Time, packs fs.FS) (BackupManifest, error) {
	m := BackupManifest{
		Format: backupFormat, V: backupVersion, Program: program, Made: made.UTC().Truncate(time.Second),
		Schemas: snap.schemas, LeftOut: leftOut(), Ends: append([]survey.WaveID{}, snap.ends...), PublicLog: snap.public, AdminLog: snap.admin,
	}
	archive := zip.NewWriter(to)
	add := func(name string, from io.Reader) error {
		into, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: m.Made})
		if err != nil {
			return fmt.Errorf("backup: %s: %w", name, err)
		}
		sum := sha256.New()
		n, err := io.Copy(io.MultiWriter(into, sum), interrupted{ctx, from})
		if err != nil {
			return fmt.Errorf("backup: %s: %w", name, err)
		}
		m.Parts = append(m.Parts, BackupPart{name, n, hex.EncodeToString(sum.Sum(nil))})
		return nil
	}
	for _, p := range snap.parts {
		if _, err := p.file.Seek(0, io.SeekStart); err != nil {
			return BackupManifest{}, fmt.Errorf("backup: %s: %w", p.name, err)
		}
		if err := add(p.name, p.file); err != nil {
			return BackupManifest{}, err
		}
	}
	if err := eachPack(packs, func(name string, file fs.File) error { return add(backupPacks+name, file) }); err != nil {
		return BackupManifest{}, err
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return BackupManifest{}, fmt.Errorf("backup: manifest: %w", err)
	}
	into, err := archive.CreateHeader(&zip.FileHeader{Name: backupManifest, Method: zip.Deflate, Modified: m.Made})
	if err == nil {
		_, err = into.Write(raw)
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		return BackupManifest{}, fmt.Errorf("backup: manifest: %w", err)
	}
	return m, nil
}

// eachPack goes through the files of a folder of packs. What lies beside them
// under another kind of name is none of ours.
func eachPack(packs fs.FS, do func(name string, file fs.File) error) error {
	if packs == nil {
		return nil
	}
	entries, err := fs.ReadDir(packs, ".")
	if err != nil {
		return fmt.Errorf("backup: packs: %w", err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !packName.MatchString(e.Name()) {
			continue
		}
		file, err := packs.Open(e.Name())
		if err != nil {
			return fmt.Errorf("backup: packs: %w", err)
		}
		err = do(e.Name(), file)
		_ = file.Close() // only read
		if err != nil {
			return err
		}
	}
	return nil
}

// interrupted ends a long copy when its context does.
type interrupted struct {
	ctx  context.Context
	from io.Reader
}

func (r interrupted) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// Backup is a backup that was opened for reading. Its manifest was read and
// fits the entries; what they hold is checked by Each.
type Backup struct {
	BackupManifest
	files map[string]*zip.File
}

// badBackup says what is wrong with a file that should be a backup.
func badBackup(err error) error {
	return &survey.Error{Code: survey.Invalid, Key: "error.backup.damaged", Err: err}
}

// ReadBackup opens a backup of size bytes and holds its entries against its
// manifest: every part once and nothing else, under names that a backup uses,
// and none longer than a backup would be. It fails when the file is no
// backup, is damaged, or was made by a newer program.
func ReadBackup(from io.ReaderAt, size int64) (*Backup, error) {
	archive, err := zip.NewReader(from, size)
	if err != nil {
		return nil, survey.Fail(survey.Invalid, "error.backup.other", nil)
	}
	b := &Backup{files: make(map[string]*zip.File)}
	for _, f := range archive.File {
		if len(b.files) > maxBackupPacks+len(backedUp())+1 {
			return nil, badBackup(fmt.Errorf("it has %d entries", len(archive.File)))
		}
		if b.files[f.Name] != nil || !f.Mode().IsRegular() {
			return nil, badBackup(fmt.Errorf("entry %.100q is there twice, or is no file", f.Name))
		}
		b.files[f.Name] = f
	}
	manifest := b.files[backupManifest]
	if manifest == nil {
		return nil, survey.Fail(survey.Invalid, "error.backup.other", nil)
	}
	if err := b.readManifest(manifest); err != nil {
		return nil, err
	}
	delete(b.files, backupManifest)
	return b, b.fits()
}

func (b *Backup) readManifest(file *zip.File) error {
	in, err := file.Open()
	if err != nil {
		return badBackup(err)
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxBackupManifest+1))
	if closing := in.Close(); err == nil {
		err = closing
	}
	if err == nil && len(raw) > maxBackupManifest {
		err = fmt.Errorf("its manifest is longer than %d bytes", maxBackupManifest)
	}
	if err != nil {
		return badBackup(err)
	}
	if err := json.Unmarshal(raw, &b.BackupManifest); err != nil || b.Format != backupFormat {
		return survey.Fail(survey.Invalid, "error.backup.other", nil)
	}
	return b.readable()
}

// readable refuses what a newer program has written.
func (b *Backup) readable() error {
	newer := b.V > backupVersion
	for _, file := range backedUp() {
		steps, err := migrations(strings.TrimSuffix(file, ".db"))
		if err != nil {
			return err
		}
		known := make(map[string]bool, len(steps))
		for _, step := range steps {
			known[step.ID] = true
		}
		for _, id := range b.Schemas[file] {
			newer = newer || !known[id]
		}
	}
	if newer {
		return survey.Fail(survey.Conflict, "error.backup.newer", survey.Args{"program": fmt.Sprintf("%.100s", b.Program)})
	}
	return nil
}

// fits holds the parts of the manifest against the entries of the zip.
func (b *Backup) fits() error {
	for _, file := range backedUp() {
		if b.files[file] == nil {
			return badBackup(fmt.Errorf("%s is missing", file))
		}
	}
	if len(b.Parts) != len(b.files) {
		return badBackup(fmt.Errorf("the manifest names %d parts, and there are %d", len(b.Parts), len(b.files)))
	}
	named := make(map[string]bool, len(b.Parts))
	for _, p := range b.Parts {
		f := b.files[p.Name]
		if f == nil || named[p.Name] || p.Bytes < 0 || uint64(p.Bytes) != f.UncompressedSize64 {
			return badBackup(fmt.Errorf("part %.100q is not there as the manifest has it", p.Name))
		}
		named[p.Name] = true
		pack, isPack := strings.CutPrefix(p.Name, backupPacks)
		switch {
		case p.Name == peopleFile, p.Name == releasesFile:
			if p.Bytes > freelyUnpacked && uint64(p.Bytes) > maxUnpacking*f.CompressedSize64 {
				return badBackup(fmt.Errorf("%s would be %d bytes long out of %d", p.Name, p.Bytes, f.CompressedSize64))
			}
		case !isPack || !packName.MatchString(pack) || p.Bytes > maxBackupPack:
			return badBackup(fmt.Errorf("part %.100q is none of a backup", p.Name))
		}
	}
	return nil
}

// Each gives every part to do as it is read, and then checks that it was as
// long as the manifest has it and hashes to what stands there. What do has
// done with a part counts only when Each returns nil.
func (b *Backup) Each(ctx context.Context, do func(name string, content io.Reader) error) error {
	for _, p := range b.Parts {
		if err := b.part(ctx, p, do); err != nil {
			return err
		}
	}
	return nil
}

func (b *Backup) part(ctx context.Context, p BackupPart, do func(name string, content io.Reader) error) error {
	in, err := b.files[p.Name].Open()
	if err != nil {
		return badBackup(fmt.Errorf("%s: %w", p.Name, err))
	}
	defer func() { _ = in.Close() }() // only read; a wrong checksum is an error of reading
	checked := &counted{from: io.LimitReader(interrupted{ctx, in}, p.Bytes+1), sum: sha256.New()}
	err = do(p.Name, checked)
	if checked.err != nil && ctx.Err() == nil {
		return badBackup(fmt.Errorf("%s: %w", p.Name, checked.err))
	}
	if err != nil {
		return err
	}
	if checked.n != p.Bytes || hex.EncodeToString(checked.sum.Sum(nil)) != p.SHA256 {
		return badBackup(fmt.Errorf("%s is not what the manifest says: it was changed, or the disk has lost some of it", p.Name))
	}
	return nil
}

// counted hashes and counts what is read, and tells faults of reading from
// those of writing.
type counted struct {
	from io.Reader
	sum  hash.Hash
	n    int64
	err  error
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	_, _ = c.sum.Write(p[:n]) // never fails
	c.n += int64(n)
	if err != nil && err != io.EOF { //nolint:errorlint // io.EOF is never wrapped by a Reader
		c.err = err
	}
	return n, err
}
