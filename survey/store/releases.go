package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"attune/survey"
)

// recordVersion is the "v" of release and void records.
const recordVersion = 1

type logRow struct {
	Seq    int `gorm:"primaryKey;autoIncrement:false"`
	Kind   string
	Wave   string
	Body   []byte
	SHA256 string `gorm:"column:sha256"`
}

func (logRow) TableName() string { return "log_entries" }

func (r logRow) entry() survey.Entry {
	return survey.Entry{Seq: r.Seq, Kind: survey.EntryKind(r.Kind), Wave: survey.WaveID(r.Wave), Body: r.Body, SHA256: r.SHA256}
}

type leavesRow struct {
	Wave   string `gorm:"primaryKey"`
	Seq    int
	Leaves []byte // JSON list of survey.Leaf
}

func (leavesRow) TableName() string { return "manifest_leaves" }

type releaseRow struct {
	Wave     string `gorm:"primaryKey"`
	Seq      int
	SHA256   string `gorm:"column:sha256"`
	Document []byte
}

func (releaseRow) TableName() string { return "releases" }

// PublishManifest appends a wave's manifest to the public log. m makes the
// manifest from the hash of the log's last entry, which it has to name as Prev
// (empty for the first), and must not call methods about releases. leaves are
// the groups that the manifest's root stands for, in order.
//
// A wave has one manifest for good: when it is published already, the stored
// entry is returned as it is, and whatever m makes is forgotten.
func (s *Store) PublishManifest(ctx context.Context, m func(prev string) (survey.Manifest, error), leaves []survey.Leaf) (survey.Entry, error) {
	var entry survey.Entry
	err := s.releases.update(ctx, "publish a manifest", func(tx *gorm.DB) error {
		last, err := lastEntry(tx)
		if err != nil {
			return err
		}
		manifest, err := m(last.SHA256)
		if err != nil {
			return err
		}
		stored, err := entryOf(tx, manifest.Wave, survey.ManifestEntry)
		if err == nil {
			entry = stored.entry()
			return nil
		}
		if !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		if err := checkPromise(manifest, last.SHA256, leaves); err != nil {
			return err
		}
		appended, err := appendEntry(tx, last, survey.ManifestEntry, manifest.Wave, manifest)
		if err != nil {
			return err
		}
		entry = appended.entry()
		groups, err := json.Marshal(append([]survey.Leaf{}, leaves...))
		if err != nil {
			return fmt.Errorf("leaves of wave %s: %w", manifest.Wave, err)
		}
		return tx.Create(&leavesRow{Wave: string(manifest.Wave), Seq: appended.Seq, Leaves: groups}).Error
	})
	if err != nil {
		return survey.Entry{}, err
	}
	return entry, nil
}

// checkPromise refuses a manifest that nobody could verify afterwards.
func checkPromise(manifest survey.Manifest, prev string, leaves []survey.Leaf) error {
	if manifest.Prev != prev {
		return fmt.Errorf("the manifest of wave %s names %q as the entry before it, which is %q", manifest.Wave, manifest.Prev, prev)
	}
	root, err := survey.MerkleRoot(leaves)
	if err != nil {
		return err
	}
	if manifest.GroupsRoot != root {
		return fmt.Errorf("the manifest of wave %s has the groups root %s, its leaves %s", manifest.Wave, manifest.GroupsRoot, root)
	}
	return nil
}

// ManifestOf gives a wave's manifest, its entry in the log and its leaves.
func (s *Store) ManifestOf(ctx context.Context, wave survey.WaveID) (survey.Manifest, survey.Entry, []survey.Leaf, error) {
	var (
		row      logRow
		groups   leavesRow
		manifest survey.Manifest
		leaves   []survey.Leaf
	)
	err := s.releases.view(ctx, "read a manifest", func(tx *gorm.DB) (err error) {
		row, err = entryOf(tx, wave, survey.ManifestEntry)
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return survey.Fail(survey.NotFound, "error.store.manifest_missing", survey.Args{"wave": wave})
		}
		if err != nil {
			return err
		}
		if err := tx.Where("wave = ?", string(wave)).Take(&groups).Error; err != nil {
			return fmt.Errorf("leaves of wave %s: %w", wave, err)
		}
		if err := json.Unmarshal(row.Body, &manifest); err != nil {
			return fmt.Errorf("manifest of wave %s: %w", wave, err)
		}
		if err := json.Unmarshal(groups.Leaves, &leaves); err != nil {
			return fmt.Errorf("leaves of wave %s: %w", wave, err)
		}
		return nil
	})
	if err != nil {
		return survey.Manifest{}, survey.Entry{}, nil, err
	}
	return manifest, row.entry(), leaves, nil
}

// Log lists the whole public log, the first entry first, as it is stored:
// survey.VerifyChain tells whether it is whole.
func (s *Store) Log(ctx context.Context) ([]survey.Entry, error) {
	var rows []logRow
	err := s.releases.view(ctx, "list the log", func(tx *gorm.DB) error {
		return tx.Order("seq").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	entries := make([]survey.Entry, len(rows))
	for i, r := range rows {
		entries[i] = r.entry()
	}
	return entries, nil
}

// CommitRelease stores a wave's release document and appends its record to the
// public log. It is the moment at which figures become visible. When the wave
// has a release or is void already, already is true and nothing is written.
// It fails when manifestSHA is not the hash of the wave's published manifest.
func (s *Store) CommitRelease(ctx context.Context, wave survey.WaveID, document []byte, manifestSHA string) (already bool, err error) {
	err = s.releases.update(ctx, "commit a release", func(tx *gorm.DB) error {
		var err error
		if already, err = ended(tx, wave); err != nil || already {
			return err
		}
		manifest, err := entryOf(tx, wave, survey.ManifestEntry)
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return survey.Fail(survey.NotFound, "error.store.manifest_missing", survey.Args{"wave": wave})
		}
		if err != nil {
			return err
		}
		if manifest.SHA256 != manifestSHA {
			return fmt.Errorf("the release of wave %s was made for the manifest %s, published is %s", wave, manifestSHA, manifest.SHA256)
		}
		last, err := lastEntry(tx)
		if err != nil {
			return err
		}
		sum := survey.SHA256Hex(document)
		entry, err := appendEntry(tx, last, survey.ReleaseEntry, wave, survey.ReleaseRecord{
			V: recordVersion, Kind: survey.ReleaseEntry, Wave: wave,
			ManifestSHA256: manifestSHA, ReleaseSHA256: sum, Prev: last.SHA256,
		})
		if err != nil {
			return err
		}
		return tx.Create(&releaseRow{Wave: string(wave), Seq: entry.Seq, SHA256: sum, Document: document}).Error
	})
	return already, err
}

// CommitVoid appends to the public log that a wave is void and why (a text
// key), on the day of on in UTC. When the wave has a release or is void
// already, already is true and nothing is written.
func (s *Store) CommitVoid(ctx context.Context, wave survey.WaveID, reason string, on time.Time) (already bool, err error) {
	err = s.releases.update(ctx, "commit a void", func(tx *gorm.DB) error {
		var err error
		if already, err = ended(tx, wave); err != nil || already {
			return err
		}
		last, err := lastEntry(tx)
		if err != nil {
			return err
		}
		year, month, day := on.UTC().Date()
		_, err = appendEntry(tx, last, survey.VoidEntry, wave, survey.VoidRecord{
			V: recordVersion, Kind: survey.VoidEntry, Wave: wave, Reason: reason,
			On: time.Date(year, month, day, 0, 0, 0, 0, time.UTC), Prev: last.SHA256,
		})
		return err
	})
	return already, err
}

// ReleaseIDs lists the waves that have a release, in the order of the log.
func (s *Store) ReleaseIDs(ctx context.Context) ([]survey.WaveID, error) {
	ids := make([]survey.WaveID, 0)
	err := s.releases.view(ctx, "list releases", func(tx *gorm.DB) error {
		return tx.Model(&releaseRow{}).Order("seq").Pluck("wave", &ids).Error
	})
	return ids, err
}

// ReleaseDocument gives a wave's release. It fails when the document does not
// have the hash that was stored with it: somebody has changed the file.
func (s *Store) ReleaseDocument(ctx context.Context, id survey.WaveID) (survey.StoredRelease, error) {
	var row releaseRow
	err := s.releases.view(ctx, "read a release", func(tx *gorm.DB) error {
		err := tx.Where("wave = ?", string(id)).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return survey.Fail(survey.NotFound, "error.store.release_missing", survey.Args{"wave": id})
		}
		return err
	})
	if err != nil {
		return survey.StoredRelease{}, err
	}
	if survey.SHA256Hex(row.Document) != row.SHA256 {
		return survey.StoredRelease{}, survey.Fail(survey.Unavailable, "error.store.release_changed", survey.Args{"wave": id})
	}
	return survey.StoredRelease{Wave: id, SHA256: row.SHA256, JSON: row.Document}, nil
}

// entryOf reads a wave's entry of a kind; gorm.ErrRecordNotFound when there is none.
func entryOf(tx *gorm.DB, wave survey.WaveID, kind survey.EntryKind) (logRow, error) {
	var row logRow
	err := tx.Where("wave = ? AND kind = ?", string(wave), string(kind)).Take(&row).Error
	return row, err
}

// lastEntry reads the end of the log, the zero row when the log is empty.
func lastEntry(tx *gorm.DB) (logRow, error) {
	var row logRow
	err := tx.Order("seq DESC").Limit(1).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return logRow{}, nil
	}
	return row, err
}

// appendEntry writes body, which names last's hash, behind last.
func appendEntry(tx *gorm.DB, last logRow, kind survey.EntryKind, wave survey.WaveID, body any) (logRow, error) {
	raw, err := survey.Canonical(body)
	if err != nil {
		return logRow{}, err
	}
	row := logRow{Seq: last.Seq + 1, Kind: string(kind), Wave: string(wave), Body: raw, SHA256: survey.SHA256Hex(raw)}
	return row, tx.Create(&row).Error
}

// ended says whether a wave's story is over in the log.
func ended(tx *gorm.DB, wave survey.WaveID) (bool, error) {
	var endings int64
	err := tx.Model(&logRow{}).
		Where("wave = ? AND kind IN ?", string(wave), []string{string(survey.ReleaseEntry), string(survey.VoidEntry)}).
		Count(&endings).Error
	return endings > 0, err
}
