package store

import (
	"context"
	"errors"
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
		tree, err := takeTree(tx)
		if err != nil {
			return err
		}
		if err := tree.CheckName(id, name); err != nil {
			return err
		}
		return tx.Exec("UPDATE units SET name = ? WHERE id = ?", name, string(id)).Error
	})
}

// MoveUnit hangs a unit, with everything under it, under another one. It fails
// when either does not exist, for the organisation itself, under itself or
// one of its own sub-units, and beside a unit of the same name.
func (s *Store) MoveUnit(ctx context.Context, id, newParent survey.UnitID) error {
	return s.people.update(ctx, "move a unit", func(tx *gorm.DB) error {
		tree, err := takeTree(tx)
		if err != nil {
			return err
		}
		if err := tree.CheckMove(id, newParent); err != nil {
			return err
		}
		return tx.Exec("UPDATE units SET parent = ? WHERE id = ?", string(newParent), string(id)).Error
	})
}

// takeTree reads all units that are in use.
func takeTree(tx *gorm.DB) (survey.Tree, error) {
	var rows []unitRow
	if err := tx.Where("NOT retired").Find(&rows).Error; err != nil {
		return survey.Tree{}, err
	}
	units := make([]survey.Unit, len(rows))
	for i, r := range rows {
		units[i] = r.unit()
	}
	return survey.NewTree(units)
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

// cleanName trims a name and makes every white space one blank, as paths do.
func cleanName(name string) string { return strings.Join(strings.Fields(name), " ") }
