package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"attune/survey"
)

type unitRow struct {
	ID      string `gorm:"primaryKey"`
	Parent  *string
	Name    string
	Retired bool
}

func (unitRow) TableName() string { return "units" }

func (r unitRow) unit() survey.Unit {
	u := survey.Unit{ID: survey.UnitID(r.ID), Name: r.Name}
	if r.Parent != nil {
		u.Parent = survey.UnitID(*r.Parent)
	}
	return u
}

// EnsureOrganisation returns the organisation's own unit, the root of the
// tree. It makes it on the first start and renames it when name has changed;
// an empty name keeps the one it has.
func (s *Store) EnsureOrganisation(ctx context.Context, name string) (survey.Unit, error) {
	name = cleanName(name)
	var root unitRow
	err := s.people.update(ctx, "ensure the organisation", func(tx *gorm.DB) error {
		err := tx.Where("parent IS NULL").Take(&root).Error
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			root = unitRow{ID: s.cfg.NewID(), Name: name}
			return tx.Create(&root).Error
		case err != nil || name == "" || name == root.Name:
			return err
		}
		root.Name = name
		return tx.Exec("UPDATE units SET name = ? WHERE id = ?", name, root.ID).Error
	})
	return root.unit(), err
}

// OrganisationName is the name of the organisation's own unit; empty before the
// first start has made it.
func (s *Store) OrganisationName(ctx context.Context) (string, error) {
	var roots []unitRow
	err := s.people.view(ctx, "name the organisation", func(tx *gorm.DB) error {
		return tx.Where("parent IS NULL").Limit(1).Find(&roots).Error
	})
	if err != nil || len(roots) == 0 {
		return "", err
	}
	return roots[0].Name, nil
}

// Units lists the organisation and its units, in an order that depends on
// nothing but their names and ids. Units that nobody belongs to any more are
// left out until somebody does.
func (s *Store) Units(ctx context.Context) ([]survey.Unit, error) {
	var rows []unitRow
	err := s.people.view(ctx, "list units", func(tx *gorm.DB) error {
		return tx.Where("NOT retired").Order("name, id").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	units := make([]survey.Unit, len(rows))
	for i, r := range rows {
		units[i] = r.unit()
	}
	return units, nil
}

// RenameUnit gives a unit a new name; its id, and with it its history, stay.
// The name may not be empty or contain a slash, which separates the names of a
// path (the organisation's own name may). It fails when the unit does not
// exist or a sibling has the name.
func (s *Store) RenameUnit(ctx context.Context, id survey.UnitID, name string) error {
	name = cleanName(name)
	return s.people.update(ctx, "rename a unit", func(tx *gorm.DB) error {
		unit, err := takeUnit(tx, id)
		if err != nil {
			return err
		}
		if name == "" || (unit.Parent != nil && strings.Contains(name, "/")) {
			return survey.Fail(survey.Invalid, "error.store.unit_name", survey.Args{"name": name})
		}
		if unit.Parent != nil {
			if err := refuseSibling(tx, *unit.Parent, name, unit.ID); err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE units SET name = ? WHERE id = ?", name, unit.ID).Error
	})
}

// MoveUnit hangs a unit, with everything under it, under another one. It fails
// when either does not exist, for the organisation itself, under itself or
// one of its own sub-units, and beside a unit of the same name.
func (s *Store) MoveUnit(ctx context.Context, id, newParent survey.UnitID) error {
	return s.people.update(ctx, "move a unit", func(tx *gorm.DB) error {
		unit, err := takeUnit(tx, id)
		if err != nil {
			return err
		}
		parent, err := takeUnit(tx, newParent)
		if err != nil {
			return err
		}
		if unit.Parent == nil {
			return survey.Fail(survey.Invalid, "error.store.unit_root", survey.Args{"unit": unit.Name})
		}
		for up := parent; ; {
			if up.ID == unit.ID {
				return survey.Fail(survey.Invalid, "error.store.unit_ring", survey.Args{"unit": unit.Name, "parent": parent.Name})
			}
			if up.Parent == nil {
				break
			}
			above := unitRow{}
			if err := tx.Where("id = ?", *up.Parent).Take(&above).Error; err != nil {
				return fmt.Errorf("unit %s above %s: %w", *up.Parent, up.ID, err)
			}
			up = above
		}
		if err := refuseSibling(tx, parent.ID, unit.Name, unit.ID); err != nil {
			return err
		}
		return tx.Exec("UPDATE units SET parent = ? WHERE id = ?", parent.ID, unit.ID).Error
	})
}

// takeUnit reads a unit that is in use.
func takeUnit(tx *gorm.DB, id survey.UnitID) (unitRow, error) {
	var row unitRow
	err := tx.Where("id = ? AND NOT retired", string(id)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, survey.Fail(survey.NotFound, "error.store.unit_missing", survey.Args{"unit": id})
	}
	return row, err
}

// refuseSibling fails when a unit in use, other than self, has this name under parent.
func refuseSibling(tx *gorm.DB, parent, name, self string) error {
	var others int64
	err := tx.Model(&unitRow{}).Where("parent = ? AND name = ? AND id <> ? AND NOT retired", parent, name, self).Count(&others).Error
	if err != nil || others == 0 {
		return err
	}
	var above unitRow
	if err := tx.Where("id = ?", parent).Take(&above).Error; err != nil {
		return err
	}
	return survey.Fail(survey.Conflict, "error.store.unit_twice", survey.Args{"unit": name, "parent": above.Name})
}

// cleanName trims a name and makes every white space one blank, as paths do.
func cleanName(name string) string { return strings.Join(strings.Fields(name), " ") }
