package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"attune/survey"
)

// insertBatch is how many rows one INSERT carries; SQLite takes at most 32,766
// values in a statement.
const insertBatch = 1000

type personRow struct {
	ID       string `gorm:"primaryKey"`
	Email    string
	Name     string
	Language string
	Unit     string
	Active   bool
	Phone    string
}

func (personRow) TableName() string { return "people" }

func rowOfPerson(p survey.Person, unit string) personRow {
	return personRow{ID: string(p.ID), Email: p.Email, Name: p.Name, Language: p.Language, Unit: unit, Active: p.Active, Phone: p.Phone}
}

// People lists everybody who was ever imported, by name, then id; Active tells
// who is on the roster of a next wave. The unit of an inactive person may be
// one that Units leaves out.
func (s *Store) People(ctx context.Context) ([]survey.Person, error) {
	var rows []personRow
	err := s.people.view(ctx, "list people", func(tx *gorm.DB) error {
		return tx.Order("name, id").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	people := make([]survey.Person, len(rows))
	for i, r := range rows {
		people[i] = survey.Person{
			ID: survey.PersonID(r.ID), Email: r.Email, Name: r.Name,
			Language: r.Language, Unit: survey.UnitID(r.Unit), Active: r.Active, Phone: r.Phone,
		}
	}
	return people, nil
}

// ApplyImport does what a plan says, all of it or nothing. Moves and Renames
// of the plan are for people to read; Update holds what becomes of everybody.
//
// A new unit that stands where a retired one of the same name stood becomes
// that unit again, with its old id, so that its history goes on. An emptied
// unit is retired: hidden from Units, kept for the inactive people who still
// belong to it. It stays when somebody turns out to be in or under it, and
// while a programme or a planned wave names it.
//
// It fails with a conflict when the organisation has changed since the plan
// was made, so that the plan names things that are gone or there already.
func (s *Store) ApplyImport(ctx context.Context, plan survey.ImportPlan) error {
	return s.people.update(ctx, "apply an import", func(tx *gorm.DB) error {
		err := applyImport(tx, plan)
		if errors.Is(err, gorm.ErrDuplicatedKey) || errors.Is(err, gorm.ErrForeignKeyViolated) {
			return staleImport(err)
		}
		return err
	})
}

func staleImport(cause error) error {
	return &survey.Error{Code: survey.Conflict, Key: "error.store.import_stale", Err: cause}
}

func applyImport(tx *gorm.DB, plan survey.ImportPlan) error {
	stored, err := addUnits(tx, plan.NewUnits)
	if err != nil {
		return err
	}
	unitOf := func(p survey.Person) string {
		if id, renamed := stored[p.Unit]; renamed {
			return id
		}
		return string(p.Unit)
	}
	for _, p := range plan.Deactivate {
		if err := changeOne(tx.Exec("UPDATE people SET active = ? WHERE id = ?", false, string(p.ID))); err != nil {
			return err
		}
	}
	for _, p := range plan.Update {
		row := rowOfPerson(p, unitOf(p))
		if err := changeOne(tx.Exec("UPDATE people SET email = ?, name = ?, language = ?, unit = ?, active = ?, phone = ? WHERE id = ?",
			row.Email, row.Name, row.Language, row.Unit, row.Active, row.Phone, row.ID)); err != nil {
			return err
		}
	}
	if len(plan.Add) > 0 {
		rows := make([]personRow, len(plan.Add))
		for i, p := range plan.Add {
			rows[i] = rowOfPerson(p, unitOf(p))
		}
		if err := tx.CreateInBatches(rows, insertBatch).Error; err != nil {
			return err
		}
	}
	return retireAndRevive(tx, plan.EmptiedUnits)
}

// changeOne fails when a statement that was to change one row found none.
func changeOne(done *gorm.DB) error {
	if done.Error == nil && done.RowsAffected != 1 {
		return staleImport(errors.New("a person of the plan is not stored"))
	}
	return done.Error
}

// addUnits stores new units, parents before children whatever their order, and
// gives the id that each was stored under.
func addUnits(tx *gorm.DB, units []survey.Unit) (map[survey.UnitID]string, error) {
	stored := make(map[survey.UnitID]string, len(units))
	waiting := make(map[survey.UnitID]bool, len(units))
	for _, u := range units {
		waiting[u.ID] = true
	}
	for len(units) > 0 {
		var later []survey.Unit
		for _, u := range units {
			if waiting[u.Parent] {
				later = append(later, u)
				continue
			}
			parent, ok := stored[u.Parent]
			if !ok {
				parent = string(u.Parent)
			}
			id, err := addUnit(tx, u, parent)
			if err != nil {
				return nil, err
			}
			stored[u.ID] = id
			delete(waiting, u.ID)
		}
		if len(later) == len(units) {
			return nil, staleImport(errors.New("the new units of the plan form a ring"))
		}
		units = later
	}
	return stored, nil
}

// addUnit stores a unit under parent, or revives the retired one of its name.
func addUnit(tx *gorm.DB, u survey.Unit, parent string) (string, error) {
	var old unitRow
	err := tx.Where("parent = ? AND name = ? AND retired", parent, u.Name).Order("id").Take(&old).Error
	if err == nil {
		return old.ID, tx.Exec("UPDATE units SET retired = ? WHERE id = ?", false, old.ID).Error
	}
	if !errors.Is(err, gorm.ErrRecordNotFound) {
		return "", err
	}
	return string(u.ID), tx.Create(&unitRow{ID: string(u.ID), Parent: &parent, Name: u.Name}).Error
}

// retireAndRevive hides the emptied units that have nobody in or under them,
// and brings back every unit that somebody belongs to, with those above it.
func retireAndRevive(tx *gorm.DB, emptied []survey.Unit) error {
	var rows []unitRow
	if err := tx.Find(&rows).Error; err != nil {
		return err
	}
	var staffed []string
	if err := tx.Model(&personRow{}).Where("active").Distinct().Pluck("unit", &staffed).Error; err != nil {
		return err
	}
	units := make(map[string]unitRow, len(rows))
	for _, r := range rows {
		units[r.ID] = r
	}
	used := make(map[string]bool, len(rows)) // somebody is in it or under it
	for _, id := range staffed {
		for !used[id] {
			used[id] = true
			if parent := units[id].Parent; parent != nil {
				id = *parent
			}
		}
	}
	asked, err := askedOf(tx)
	if err != nil {
		return err
	}
	retire := make(map[string]bool, len(emptied))
	for _, u := range emptied {
		if len(asked[u.ID]) == 0 {
			retire[string(u.ID)] = true
		}
	}
	for _, r := range rows { // a unit stays while one under it stays
		if r.Retired || retire[r.ID] && !used[r.ID] {
			continue
		}
		for up := r.Parent; up != nil; up = units[*up].Parent {
			delete(retire, *up)
		}
	}
	for _, r := range rows {
		should := r.Retired
		switch {
		case used[r.ID] || r.Parent == nil:
			should = false
		case retire[r.ID]:
			should = true
		}
		if should == r.Retired {
			continue
		}
		if err := tx.Exec("UPDATE units SET retired = ? WHERE id = ?", should, r.ID).Error; err != nil {
			return err
		}
	}
	return nil
}
