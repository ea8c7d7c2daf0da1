package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"attune/survey"
)

type sharingRow struct {
	Wave      string `gorm:"primaryKey"`
	Unit      string `gorm:"primaryKey"`
	Day       string
	WrittenBy string
}

func (sharingRow) TableName() string { return "shared_results" }

// ShareResults writes down that a wave's results were shared with a unit; a
// later call corrects the day. It fails with NotFound when the unit does not
// exist and with Conflict for a wave that has no results to share.
func (s *Store) ShareResults(ctx context.Context, sh survey.Sharing) error {
	return s.people.update(ctx, "share results", func(tx *gorm.DB) error { return shareResults(tx, sh) })
}

func shareResults(tx *gorm.DB, sh survey.Sharing) error {
	if _, err := takeUnit(tx, sh.Unit); err != nil {
		return err
	}
	if err := released(tx, sh.Wave); err != nil {
		return err
	}
	row := sharingRow{Wave: string(sh.Wave), Unit: string(sh.Unit), Day: sh.Day, WrittenBy: sh.By}
	return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
}

// released fails for a wave whose figures are not out.
func released(tx *gorm.DB, id survey.WaveID) error {
	var row waveRow
	if err := takeWave(tx, id, &row); err != nil {
		return err
	}
	if row.State != string(survey.Released) {
		return survey.Fail(survey.Conflict, "error.share.unreleased", survey.Args{"wave": id})
	}
	return nil
}

// UnshareResults takes back that results were shared. What is not there is
// taken back already.
func (s *Store) UnshareResults(ctx context.Context, wave survey.WaveID, unit survey.UnitID) error {
	return s.people.update(ctx, "take back that results were shared", func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM shared_results WHERE wave = ? AND unit = ?", string(wave), string(unit)).Error
	})
}

// Sharings lists everything that was shared, by wave and unit.
func (s *Store) Sharings(ctx context.Context) ([]survey.Sharing, error) {
	var rows []sharingRow
	err := s.people.view(ctx, "list what was shared", func(tx *gorm.DB) error {
		return tx.Order("wave, unit").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	all := make([]survey.Sharing, len(rows))
	for i, r := range rows {
		all[i] = survey.Sharing{Wave: survey.WaveID(r.Wave), Unit: survey.UnitID(r.Unit), Day: r.Day, By: r.WrittenBy}
	}
	return all, nil
}

type noteRow struct {
	Unit        string `gorm:"primaryKey"`
	Wave        string `gorm:"primaryKey"`
	Said        string
	Doing       string
	Until       string
	Owner       string
	EditedBy    string
	Edited      int64
	Published   string
	PublishedBy string
}

func (noteRow) TableName() string { return "notes" }

func (r noteRow) note() (survey.Note, error) {
	n := survey.Note{
		Unit: survey.UnitID(r.Unit), Wave: survey.WaveID(r.Wave), Said: r.Said, Doing: r.Doing, Until: r.Until, Owner: r.Owner,
		By: r.EditedBy, Edited: time.Unix(r.Edited, 0).UTC(),
	}
	if r.Published == "" {
		return n, nil
	}
	n.Published = &survey.PublishedNote{By: r.PublishedBy}
	if err := json.Unmarshal([]byte(r.Published), n.Published); err != nil {
		return survey.Note{}, fmt.Errorf("published note of %s in %s: %w", r.Unit, r.Wave, err)
	}
	return n, nil
}

type noteActionRow struct {
	Unit   string `gorm:"primaryKey"`
	Wave   string `gorm:"primaryKey"`
	Action string `gorm:"primaryKey"`
}

func (noteActionRow) TableName() string { return "note_actions" }

// SaveNote stores a draft; what was published of it stays as it is, and
// n.Published is not looked at. Edited is kept in whole seconds. It fails with
// NotFound when the unit or the wave does not exist, or an action is none of
// the unit's.
func (s *Store) SaveNote(ctx context.Context, n survey.Note) error {
	row := noteRow{Unit: string(n.Unit), Wave: string(n.Wave), Said: n.Said, Doing: n.Doing, Until: n.Until, Owner: n.Owner, EditedBy: n.By, Edited: n.Edited.Unix()}
	return s.people.update(ctx, "save a note", func(tx *gorm.DB) error {
		if _, err := takeUnit(tx, n.Unit); err != nil {
			return err
		}
		var wave waveRow
		if err := takeWave(tx, n.Wave, &wave); err != nil {
			return err
		}
		kept := clause.OnConflict{
			Columns:   []clause.Column{{Name: "unit"}, {Name: "wave"}},
			DoUpdates: clause.AssignmentColumns([]string{"said", "doing", "until", "owner", "edited_by", "edited"}),
		}
		if err := tx.Clauses(kept).Create(&row).Error; err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM note_actions WHERE unit = ? AND wave = ?", row.Unit, row.Wave).Error; err != nil {
			return err
		}
		for _, id := range n.Actions {
			var own int64
			if err := tx.Model(&actionRow{}).Where("id = ? AND unit = ?", id, row.Unit).Count(&own).Error; err != nil {
				return err
			}
			if own == 0 {
				return actionGone()
			}
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&noteActionRow{Unit: row.Unit, Wave: row.Wave, Action: id}).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// PublishNote lets staff read a note from now on, in place of what they read
// before, and writes down that the results were shared with the unit unless
// that was written down. It fails with NotFound when there is no draft and with
// Conflict when the wave's figures are not out.
func (s *Store) PublishNote(ctx context.Context, unit survey.UnitID, wave survey.WaveID, p survey.PublishedNote) error {
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("publish a note: %w", err)
	}
	return s.people.update(ctx, "publish a note", func(tx *gorm.DB) error {
		if err := released(tx, wave); err != nil {
			return err
		}
		done := tx.Exec("UPDATE notes SET published = ?, published_by = ? WHERE unit = ? AND wave = ?", string(text), p.By, string(unit), string(wave))
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return survey.Fail(survey.NotFound, "error.note.none", nil)
		}
		var shared int64
		if err := tx.Model(&sharingRow{}).Where("wave = ? AND unit = ?", string(wave), string(unit)).Count(&shared).Error; err != nil || shared > 0 {
			return err
		}
		return shareResults(tx, survey.Sharing{Wave: wave, Unit: unit, Day: p.Day, By: p.By})
	})
}

// WithdrawNote takes a published note away from staff; the draft stays. It
// fails with NotFound when nothing is published.
func (s *Store) WithdrawNote(ctx context.Context, unit survey.UnitID, wave survey.WaveID) error {
	return s.people.update(ctx, "withdraw a note", func(tx *gorm.DB) error {
		done := tx.Exec("UPDATE notes SET published = '', published_by = '' WHERE unit = ? AND wave = ? AND published <> ''", string(unit), string(wave))
		if done.Error == nil && done.RowsAffected == 0 {
			return survey.Fail(survey.NotFound, "error.note.unpublished", nil)
		}
		return done.Error
	})
}

// Note reads the note of a unit about a wave. It fails with NotFound when
// nobody has written one.
func (s *Store) Note(ctx context.Context, unit survey.UnitID, wave survey.WaveID) (survey.Note, error) {
	var n survey.Note
	err := s.people.view(ctx, "read a note", func(tx *gorm.DB) error {
		var row noteRow
		err := tx.Where("unit = ? AND wave = ?", string(unit), string(wave)).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return survey.Fail(survey.NotFound, "error.note.none", nil)
		}
		if err != nil {
			return err
		}
		if n, err = row.note(); err != nil {
			return err
		}
		return tx.Raw(`SELECT n.action FROM note_actions n JOIN action_edits e ON e.action = n.action
				AND e.n = (SELECT max(n) FROM action_edits WHERE action = e.action)
			WHERE n.unit = ? AND n.wave = ? ORDER BY e.due, n.action`, row.Unit, row.Wave).Scan(&n.Actions).Error
	})
	return n, err
}

// PublishedNotes are what staff of some units read about a wave, by unit.
func (s *Store) PublishedNotes(ctx context.Context, wave survey.WaveID, units []survey.UnitID) (map[survey.UnitID]survey.PublishedNote, error) {
	ids := make([]string, len(units))
	for i, unit := range units {
		ids[i] = string(unit)
	}
	var rows []noteRow
	err := s.people.view(ctx, "read published notes", func(tx *gorm.DB) error {
		return tx.Where("wave = ? AND unit IN ? AND published <> ''", string(wave), ids).Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	notes := make(map[survey.UnitID]survey.PublishedNote, len(rows))
	for _, r := range rows {
		n, err := r.note()
		if err != nil {
			return nil, err
		}
		notes[n.Unit] = *n.Published
	}
	return notes, nil
}
