package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"attune/survey"
)

// AddUnit hangs a new unit, with nobody in it, under another one and gives its
// id. A unit of that name that nobody belonged to any more becomes itself
// again, with its id and so with its history. It fails for an empty name or
// one with a slash, when the unit above does not exist, and beside a unit of
// the same name.
func (s *Store) AddUnit(ctx context.Context, parent survey.UnitID, name string) (survey.UnitID, error) {
	name = cleanName(name)
	var id string
	err := s.people.update(ctx, "add a unit", func(tx *gorm.DB) error {
		tree, err := takeTree(tx)
		if err != nil {
			return err
		}
		if err := tree.CheckAdd(parent, name); err != nil {
			return err
		}
		id, err = addUnit(tx, survey.Unit{ID: survey.UnitID(s.cfg.NewID()), Name: name}, string(parent))
		return err
	})
	return survey.UnitID(id), err
}

// RetireUnit takes a unit that nobody belongs to out of use: Units leaves it
// out until somebody belongs to it again or it is added anew. It fails for the
// organisation itself, while somebody active is in it, while units in use lie
// under it, and while a programme or a planned wave asks it or names it as one
// that answers on paper.
func (s *Store) RetireUnit(ctx context.Context, id survey.UnitID) error {
	return s.people.update(ctx, "retire a unit", func(tx *gorm.DB) error {
		unit, err := takeUnit(tx, id)
		if err != nil {
			return err
		}
		if unit.Parent == nil {
			return survey.Fail(survey.Invalid, "error.store.unit_root_stays", survey.Args{"unit": unit.Name})
		}
		var people, below int64
		if err := tx.Model(&personRow{}).Where("unit = ? AND active", unit.ID).Count(&people).Error; err != nil {
			return err
		}
		if err := tx.Model(&unitRow{}).Where("parent = ? AND NOT retired", unit.ID).Count(&below).Error; err != nil {
			return err
		}
		if people+below > 0 {
			return survey.Fail(survey.Conflict, "error.store.unit_in_use", survey.Args{"unit": unit.Name, "people": people, "units": below})
		}
		asked, err := askedOf(tx)
		if err != nil {
			return err
		}
		if by := asked[id]; len(by) > 0 {
			return survey.Fail(survey.Conflict, "error.store.unit_asked", survey.Args{"unit": unit.Name, "by": strings.Join(by, ", ")})
		}
		return tx.Exec("UPDATE units SET retired = ? WHERE id = ?", true, unit.ID).Error
	})
}
