package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"attune/survey"
)

// SealedBox is a ballot box as it lies on the disk: ciphertext of a size that
// says nothing about how many ballots are in it.
type SealedBox struct {
	ID     string // unique within the wave
	Group  string
	Sealed []byte
}

// BallotState says what a wave's boxes take. It only ever moves forward.
type BallotState string

// sealed → open → closed → destroyed.
const (
	BoxesSealed    BallotState = "sealed" // made at announcement, not yet for ballots
	BoxesOpen      BallotState = "open"
	BoxesClosed    BallotState = "closed" // no ballot gets in any more; the release may open them
	BoxesDestroyed BallotState = "destroyed"
)

// What the state of a wave's boxes forbids. They reach package wave, which
// knows how to say it.
var (
	ErrBoxesNotOpen   = errors.New("the wave's ballot boxes are not open")
	ErrBoxesNotClosed = errors.New("the wave's ballot boxes are not closed")
	ErrBoxesStarted   = errors.New("the wave's ballot boxes are past that state")
)

type boxStateRow struct {
	Wave  string `gorm:"primaryKey"`
	State string
}

func (boxStateRow) TableName() string { return "box_states" }

type boxRow struct {
	Wave    string `gorm:"primaryKey"`
	ID      string `gorm:"primaryKey"`
	GroupID string
	Sealed  []byte
}

func (boxRow) TableName() string { return "boxes" }

// boxBatch is how many boxes or groups one statement names.
const boxBatch = 500

// CreateBoxes stores the sealed boxes of a wave that is being announced, in
// place of those of an attempt that was not finished. It fails with
// ErrBoxesStarted once they have been opened: nothing may replace ballots.
func (s *Store) CreateBoxes(ctx context.Context, wave survey.WaveID, boxes []SealedBox) error {
	rows := make([]boxRow, len(boxes))
	for i, b := range boxes {
		rows[i] = boxRow{Wave: string(wave), ID: b.ID, GroupID: b.Group, Sealed: b.Sealed}
	}
	return s.ballots.update(ctx, "create boxes", func(tx *gorm.DB) error {
		state, err := boxState(tx, wave)
		switch {
		case survey.IsCode(err, survey.NotFound):
			if err := tx.Create(&boxStateRow{Wave: string(wave), State: string(BoxesSealed)}).Error; err != nil {
				return err
			}
		case err != nil:
			return err
		case state != BoxesSealed:
			return fmt.Errorf("wave %s: %w", wave, ErrBoxesStarted)
		}
		if err := deleteBoxes(tx, wave); err != nil {
			return err
		}
		if len(rows) == 0 {
			return nil
		}
		return tx.CreateInBatches(rows, boxBatch).Error
	})
}

// BallotState tells what a wave's boxes take. It fails with survey.NotFound
// when the wave never had any. It waits while UpdateBoxes or WithClosedBoxes
// are at work in this process.
func (s *Store) BallotState(ctx context.Context, wave survey.WaveID) (BallotState, error) {
	var state BallotState
	err := s.ballots.view(ctx, "read the state of boxes", func(tx *gorm.DB) (err error) {
		state, err = boxState(tx, wave)
		return err
	})
	return state, err
}

// OpenBoxes lets ballots into a wave's boxes. Boxes that are open already stay
// so; it fails with ErrBoxesStarted when they are closed or destroyed.
func (s *Store) OpenBoxes(ctx context.Context, wave survey.WaveID) error {
	return s.ballots.update(ctx, "open boxes", func(tx *gorm.DB) error {
		state, err := boxState(tx, wave)
		if err != nil {
			return err
		}
		switch state {
		case BoxesOpen:
			return nil
		case BoxesSealed:
			return setBoxState(tx, wave, BoxesOpen)
		default:
			return fmt.Errorf("wave %s: %w", wave, ErrBoxesStarted)
		}
	})
}

// CloseBoxes lets no more ballots in. Boxes that are closed or destroyed
// already stay so, since what is asked for holds for them.
func (s *Store) CloseBoxes(ctx context.Context, wave survey.WaveID) error {
	return s.ballots.update(ctx, "close boxes", func(tx *gorm.DB) error {
		state, err := boxState(tx, wave)
		if err != nil || state == BoxesClosed || state == BoxesDestroyed {
			return err
		}
		return setBoxState(tx, wave, BoxesClosed)
	})
}

// UpdateBoxes gives fn the boxes of some groups, sorted by id, and stores those
// that it returns. All of it is one transaction that holds the write lock, so
// that no other process can change the boxes in between. It fails with
// ErrBoxesNotOpen when the wave has no open boxes, and with fn's error; nothing
// is stored then. fn may return only boxes that it was given, each of the size
// that it had: a size would tell how full a box is. fn must not call methods
// about ballots.
func (s *Store) UpdateBoxes(ctx context.Context, wave survey.WaveID, groups []string, fn func(boxes []SealedBox) ([]SealedBox, error)) error {
	return s.ballots.update(ctx, "update boxes", func(tx *gorm.DB) error {
		state, err := boxState(tx, wave)
		if err != nil && !survey.IsCode(err, survey.NotFound) {
			return err
		}
		if state != BoxesOpen {
			return fmt.Errorf("wave %s: %w", wave, ErrBoxesNotOpen)
		}
		var boxes []SealedBox
		for start := 0; start < len(groups); start += boxBatch {
			some, err := loadBoxes(tx.Where("wave = ? AND group_id IN ?", string(wave), groups[start:min(start+boxBatch, len(groups))]))
			if err != nil {
				return err
			}
			boxes = append(boxes, some...)
		}
		size := make(map[string]int, len(boxes))
		for _, b := range boxes {
			size[b.ID] = len(b.Sealed)
		}
		changed, err := fn(boxes)
		if err != nil {
			return err
		}
		for _, b := range changed {
			switch n, given := size[b.ID]; {
			case !given:
				return fmt.Errorf("box %s of wave %s is not among the boxes of the groups", b.ID, wave)
			case n != len(b.Sealed):
				return fmt.Errorf("box %s of wave %s had %d bytes and would have %d", b.ID, wave, n, len(b.Sealed))
			}
			if err := tx.Exec("UPDATE boxes SET sealed = ? WHERE wave = ? AND id = ?", b.Sealed, string(wave), b.ID).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// WithClosedBoxes gives fn all boxes of a wave, sorted by id, and destroys them
// when fn returns nil. All of it is one transaction that holds the write lock
// of the ballots, so that of several processes only one makes a release; they
// cannot cast meanwhile either. It fails with ErrBoxesNotClosed when the boxes
// are in any other state, and with fn's error; the boxes stay as they were
// then. fn must not call methods about ballots.
//
// fn is to have committed what it makes of the boxes before it returns. After
// a crash between that and the end of this transaction fn is called again.
func (s *Store) WithClosedBoxes(ctx context.Context, wave survey.WaveID, fn func(boxes []SealedBox) error) error {
	return s.ballots.update(ctx, "open closed boxes", func(tx *gorm.DB) error {
		state, err := boxState(tx, wave)
		if err != nil && !survey.IsCode(err, survey.NotFound) {
			return err
		}
		if state != BoxesClosed {
			return fmt.Errorf("wave %s: %w", wave, ErrBoxesNotClosed)
		}
		boxes, err := loadBoxes(tx.Where("wave = ?", string(wave)))
		if err != nil {
			return err
		}
		if err := fn(boxes); err != nil {
			return err
		}
		return destroyBoxes(tx, wave)
	})
}

// DestroyBoxes destroys a wave's boxes unopened, whatever their state: the wave
// is void. A wave without boxes is left as it is.
func (s *Store) DestroyBoxes(ctx context.Context, wave survey.WaveID) error {
	return s.ballots.update(ctx, "destroy boxes", func(tx *gorm.DB) error { return destroyBoxes(tx, wave) })
}

// VacuumBallots rewrites ballots.db without the space of boxes that are gone.
// It is the step after boxes were destroyed.
func (s *Store) VacuumBallots(ctx context.Context) error { return s.ballots.vacuum(ctx) }

func boxState(tx *gorm.DB, wave survey.WaveID) (BallotState, error) {
	var row boxStateRow
	err := tx.Where("wave = ?", string(wave)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", survey.Fail(survey.NotFound, "error.store.boxes_missing", survey.Args{"wave": wave})
	}
	return BallotState(row.State), err
}

func setBoxState(tx *gorm.DB, wave survey.WaveID, to BallotState) error {
	return tx.Exec("UPDATE box_states SET state = ? WHERE wave = ?", string(to), string(wave)).Error
}

func deleteBoxes(tx *gorm.DB, wave survey.WaveID) error {
	return tx.Exec("DELETE FROM boxes WHERE wave = ?", string(wave)).Error
}

func destroyBoxes(tx *gorm.DB, wave survey.WaveID) error {
	if err := deleteBoxes(tx, wave); err != nil {
		return err
	}
	return setBoxState(tx, wave, BoxesDestroyed)
}

// loadBoxes reads the boxes of a query, sorted by id.
func loadBoxes(query *gorm.DB) ([]SealedBox, error) {
	var rows []boxRow
	if err := query.Order("id").Find(&rows).Error; err != nil {
		return nil, err
	}
	boxes := make([]SealedBox, len(rows))
	for i, r := range rows {
		boxes[i] = SealedBox{ID: r.ID, Group: r.GroupID, Sealed: r.Sealed}
	}
	return boxes, nil
}
