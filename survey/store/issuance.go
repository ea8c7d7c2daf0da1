package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"attune/survey"
)

// SealedIssuance is the issuance state of one group in one wave as it lies on
// the disk: ciphertext of a size that depends on the group's headcount only.
type SealedIssuance struct {
	Group  string
	Sealed []byte
}

// ErrDrawsClosed says that no ticket of the wave can be drawn: it is not
// announced yet, or closed.
var ErrDrawsClosed = errors.New("the wave gives out no tickets")

type issuanceRow struct {
	Wave    string `gorm:"primaryKey"`
	GroupID string `gorm:"primaryKey"`
	Sealed  []byte
}

func (issuanceRow) TableName() string { return "issuance" }

// CreateIssuance stores the issuance state of a wave that is being announced,
// in place of that of an attempt that was not finished.
func (s *Store) CreateIssuance(ctx context.Context, wave survey.WaveID, sealed []SealedIssuance) error {
	rows := make([]issuanceRow, len(sealed))
	for i, one := range sealed {
		rows[i] = issuanceRow{Wave: string(wave), GroupID: one.Group, Sealed: one.Sealed}
	}
	return s.people.update(ctx, "create issuance state", func(tx *gorm.DB) error {
		var row waveRow
		if err := takeWave(tx, wave, &row); err != nil {
			return err
		}
		if survey.State(row.State) != survey.Planned {
			return fmt.Errorf("issuance of wave %s, which is %s: %w", wave, row.State, ErrBoxesStarted)
		}
		if err := tx.Exec("DELETE FROM issuance WHERE wave = ?", string(wave)).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		return tx.CreateInBatches(rows, boxBatch).Error
	})
}

// UpdateIssuance gives fn the issuance state of some groups, sorted by group,
// and stores what it returns, in one transaction that holds the write lock.
// It fails with ErrDrawsClosed unless the wave is announced or open, and with
// fn's error; nothing is stored then. fn may return only groups that it was
// given, each of the size that it had.
func (s *Store) UpdateIssuance(ctx context.Context, wave survey.WaveID, groups []string, fn func([]SealedIssuance) ([]SealedIssuance, error)) error {
	return s.people.update(ctx, "update issuance state", func(tx *gorm.DB) error {
		var row waveRow
		if err := takeWave(tx, wave, &row); err != nil {
			return err
		}
		if state := survey.State(row.State); state != survey.Announced && state != survey.Open {
			return fmt.Errorf("wave %s: %w", wave, ErrDrawsClosed)
		}
		given, size, err := loadIssuance(tx, wave, groups)
		if err != nil {
			return err
		}
		changed, err := fn(given)
		if err != nil {
			return err
		}
		for _, one := range changed {
			if n, ok := size[one.Group]; !ok || n != len(one.Sealed) {
				return fmt.Errorf("issuance of group %s in wave %s: not given, or of another size", one.Group, wave)
			}
			if err := tx.Exec("UPDATE issuance SET sealed = ? WHERE wave = ? AND group_id = ?", one.Sealed, string(wave), one.Group).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

func loadIssuance(tx *gorm.DB, wave survey.WaveID, groups []string) (given []SealedIssuance, size map[string]int, err error) {
	size = make(map[string]int)
	for start := 0; start < len(groups); start += boxBatch {
		var rows []issuanceRow
		some := groups[start:min(start+boxBatch, len(groups))]
		if err := tx.Where("wave = ? AND group_id IN ?", string(wave), some).Order("group_id").Find(&rows).Error; err != nil {
			return nil, nil, err
		}
		for _, r := range rows {
			given = append(given, SealedIssuance{Group: r.GroupID, Sealed: r.Sealed})
			size[r.GroupID] = len(r.Sealed)
		}
	}
	return given, size, nil
}

// DestroyIssuance deletes the issuance state of a wave and rewrites the file,
// so that no byte of it is left in free space. A wave that has none is no
// error.
func (s *Store) DestroyIssuance(ctx context.Context, wave survey.WaveID) error {
	err := s.people.update(ctx, "destroy issuance state", func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM issuance WHERE wave = ?", string(wave)).Error
	})
	if err != nil {
		return err
	}
	return s.people.vacuum(ctx)
}

// Roster gives who belonged to which team when a wave was announced. It fails
// with survey.NotFound when the roster is gone.
func (s *Store) Roster(ctx context.Context, wave survey.WaveID) (map[survey.PersonID]survey.UnitID, error) {
	team := make(map[survey.PersonID]survey.UnitID)
	err := s.people.view(ctx, "read a roster", func(tx *gorm.DB) error {
		if _, err := takeRoster(tx, wave); err != nil {
			return err
		}
		var rows []rosterPersonRow
		if err := tx.Where("wave = ?", string(wave)).Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			team[survey.PersonID(r.Person)] = survey.UnitID(r.Team)
		}
		return nil
	})
	return team, err
}
