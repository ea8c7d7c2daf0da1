package store

import (
	"context"

	"gorm.io/gorm"

	"attune/survey"
)

type eventRow struct {
	ID    string `gorm:"primaryKey"`
	Unit  string
	Kind  string
	Day   string
	Title string
	Anew  bool
	By    string `gorm:"column:written_by"`
}

func (eventRow) TableName() string { return "events" }

func (r eventRow) event() survey.Event {
	return survey.Event{
		ID: r.ID, Unit: survey.UnitID(r.Unit), Kind: survey.EventKind(r.Kind), Day: r.Day, Title: r.Title, Anew: r.Anew, By: r.By,
	}
}

// AddEvent stores an event under a new id, which it gives. It fails when the
// unit does not exist.
func (s *Store) AddEvent(ctx context.Context, e survey.Event) (string, error) {
	row := eventRow{ID: s.cfg.NewID(), Unit: string(e.Unit), Kind: string(e.Kind), Day: e.Day, Title: e.Title, Anew: e.Anew, By: e.By}
	err := s.people.update(ctx, "add an event", func(tx *gorm.DB) error {
		if _, err := takeUnit(tx, e.Unit); err != nil {
			return err
		}
		return tx.Create(&row).Error
	})
	return row.ID, err
}

// RemoveEvent forgets an event of a unit and gives it back, so that it can be
// added again. It fails with NotFound when the unit has none with this id.
func (s *Store) RemoveEvent(ctx context.Context, unit survey.UnitID, id string) (survey.Event, error) {
	var row eventRow
	err := s.people.update(ctx, "remove an event", func(tx *gorm.DB) error {
		if err := tx.Where("id = ? AND unit = ?", id, string(unit)).Limit(1).Find(&row).Error; err != nil {
			return err
		}
		if row.ID == "" {
			return survey.Fail(survey.NotFound, "error.event.gone", nil)
		}
		return tx.Where("id = ?", id).Delete(&eventRow{}).Error
	})
	return row.event(), err
}

// Events lists the events of some units, by day, then by id.
func (s *Store) Events(ctx context.Context, units []survey.UnitID) ([]survey.Event, error) {
	ids := make([]string, len(units))
	for i, unit := range units {
		ids[i] = string(unit)
	}
	var rows []eventRow
	err := s.people.view(ctx, "list events", func(tx *gorm.DB) error {
		return tx.Where("unit IN ?", ids).Order("day, id").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	events := make([]survey.Event, len(rows))
	for i, r := range rows {
		events[i] = r.event()
	}
	return events, nil
}
