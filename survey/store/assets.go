package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"attune/survey"
)

type assetRow struct {
	Client string `gorm:"primaryKey"`
	Name   string `gorm:"primaryKey"`
	SHA256 string `gorm:"column:sha256"`
	Body   []byte
}

func (assetRow) TableName() string { return "assets" }

func (r assetRow) file() survey.ClientFile {
	return survey.ClientFile{Name: r.Name, SHA256: r.SHA256, Body: r.Body}
}

// KeepClient stores the browser bundles that a promise names by client, their
// survey.ClientSHA256. What is stored already stays as it is: nothing that was
// promised is ever written again. It fails when the files are not what client
// says.
func (s *Store) KeepClient(ctx context.Context, client string, files []survey.ClientFile) error {
	sums := make(map[string]string, len(files))
	rows := make([]assetRow, len(files))
	for i, f := range files {
		sums[f.Name] = survey.SHA256Hex(f.Body)
		rows[i] = assetRow{Client: client, Name: f.Name, SHA256: sums[f.Name], Body: f.Body}
	}
	got, err := survey.ClientSHA256(sums)
	if err != nil {
		return err
	}
	if got != client || len(files) == 0 {
		return fmt.Errorf("keep the client %s: its %d files are %q", client, len(files), got)
	}
	return s.releases.update(ctx, "keep browser bundles", func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows).Error
	})
}

// ClientFiles gives the stored browser bundles of every client, by the
// client's hash and sorted by name, as they are stored: whether they hash to
// what they say is for the caller to check.
func (s *Store) ClientFiles(ctx context.Context) (map[string][]survey.ClientFile, error) {
	var rows []assetRow
	err := s.releases.view(ctx, "list browser bundles", func(tx *gorm.DB) error {
		return tx.Order("client, name").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	files := make(map[string][]survey.ClientFile)
	for _, r := range rows {
		files[r.Client] = append(files[r.Client], r.file())
	}
	return files, nil
}

// ClientFile finds a stored browser bundle by its name and the first digits of
// its hash, as they stand in its address. It fails with survey.NotFound when
// there is none, and when its content is not what its hash says.
func (s *Store) ClientFile(ctx context.Context, name, prefix string) (survey.ClientFile, error) {
	var row assetRow
	missing := survey.Fail(survey.NotFound, "error.store.asset_missing", survey.Args{"name": name})
	err := s.releases.view(ctx, "read a browser bundle", func(tx *gorm.DB) error {
		err := tx.Where("name = ? AND substr(sha256, 1, ?) = ?", name, len(prefix), prefix).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return missing
		}
		return err
	})
	if err != nil {
		return survey.ClientFile{}, err
	}
	if survey.SHA256Hex(row.Body) != row.SHA256 {
		return survey.ClientFile{}, survey.Fail(survey.Unavailable, "error.store.asset_changed", survey.Args{"name": name})
	}
	return row.file(), nil
}

// DropClients deletes the browser bundles of every client that is not in keep.
func (s *Store) DropClients(ctx context.Context, keep []string) error {
	return s.releases.update(ctx, "drop browser bundles", func(tx *gorm.DB) error {
		return tx.Where("client NOT IN ?", append([]string{""}, keep...)).Delete(&assetRow{}).Error
	})
}

// Amend appends to the public log that something of a wave's promise is from
// here on another one than its record says. m gives the change, without its
// Prev, from the wave's record as it stands, and false when there is nothing
// to say. Nothing is appended to a wave that has ended or has no manifest.
func (s *Store) Amend(ctx context.Context, wave survey.WaveID, m func(survey.Record) (survey.AmendmentRecord, bool)) (appended bool, err error) {
	err = s.releases.update(ctx, "amend a promise", func(tx *gorm.DB) error {
		var rows []logRow
		if err := tx.Where("wave = ?", string(wave)).Order("seq").Find(&rows).Error; err != nil {
			return err
		}
		entries := make([]survey.Entry, len(rows))
		for i, r := range rows {
			entries[i] = r.entry()
		}
		records, err := survey.Records(entries)
		if err != nil {
			return err
		}
		if len(records) != 1 || records[0].Manifest == nil || records[0].Release != nil || records[0].Void != nil {
			return nil
		}
		change, ok := m(records[0])
		if !ok {
			return nil
		}
		last, err := lastEntry(tx)
		if err != nil {
			return err
		}
		change.V, change.Kind, change.Wave, change.Prev = recordVersion, survey.AmendmentEntry, wave, last.SHA256
		appended = true
		_, err = appendEntry(tx, last, survey.AmendmentEntry, wave, change)
		return err
	})
	return appended && err == nil, err
}
