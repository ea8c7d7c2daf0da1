package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"attune/survey"
)

// RoleAdmin is the role without which an installation could not be kept: the
// last user who has it neither loses it nor is removed.
const RoleAdmin = "admin"

// ChangeUser gives a user other roles and another part of the organisation. It
// fails when there is no such user or unit, and when nobody would be an
// administrator any more.
func (s *Store) ChangeUser(ctx context.Context, email string, roles []string, unit survey.UnitID) error {
	email = cleanEmail(email)
	list, err := json.Marshal(append([]string{}, roles...))
	if err != nil {
		return fmt.Errorf("roles of a user: %w", err)
	}
	return s.people.update(ctx, "change a user", func(tx *gorm.DB) error {
		var row userRow
		if err := takeUser(tx, email, &row); err != nil {
			return err
		}
		var under *string
		if unit != "" {
			if _, err := takeUnit(tx, unit); err != nil {
				return err
			}
			id := string(unit)
			under = &id
		}
		if !slices.Contains(roles, RoleAdmin) {
			if err := keepAdmin(tx, row); err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE users SET roles = ?, unit = ? WHERE email = ?", string(list), under, email).Error
	})
}

// RemoveUser removes a user, signed in or not. It fails when there is no such
// user, and for the last administrator.
func (s *Store) RemoveUser(ctx context.Context, email string) error {
	email = cleanEmail(email)
	return s.people.update(ctx, "remove a user", func(tx *gorm.DB) error {
		var row userRow
		if err := takeUser(tx, email, &row); err != nil {
			return err
		}
		if err := keepAdmin(tx, row); err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM sessions WHERE email = ?", email).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM users WHERE email = ?", email).Error
	})
}

// keepAdmin fails when a user is the only administrator.
func keepAdmin(tx *gorm.DB, leaving userRow) error {
	var rows []userRow
	if err := tx.Find(&rows).Error; err != nil {
		return err
	}
	others, is := 0, false
	for _, r := range rows {
		u, err := r.user()
		if err != nil {
			return err
		}
		switch {
		case !slices.Contains(u.Roles, RoleAdmin):
		case r.Email == leaving.Email:
			is = true
		default:
			others++
		}
	}
	if is && others == 0 {
		return survey.Fail(survey.Conflict, "error.store.last_admin", nil)
	}
	return nil
}
