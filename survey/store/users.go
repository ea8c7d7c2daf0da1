package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"attune/survey"
)

// User is somebody who signs in. Nothing connects a user with a person who is
// asked to answer.
type User struct {
	Email        string // lower case
	PasswordHash string // as the sign-in wrote it; never shown, never logged
	Roles        []string
	Unit         survey.UnitID // the part of the organisation a manager sees; empty: none in particular
	MustChange   bool          // the password was given out and has to be replaced at sign-in
}

// Session is a signed-in browser. Only the hash of its token is stored.
type Session struct {
	TokenHash string
	Email     string
	Expires   time.Time // stored in whole seconds
}

type userRow struct {
	Email        string `gorm:"primaryKey"`
	PasswordHash string
	Roles        string
	Unit         *string
	MustChange   bool
}

func (userRow) TableName() string { return "users" }

func (r userRow) user() (User, error) {
	u := User{Email: r.Email, PasswordHash: r.PasswordHash, MustChange: r.MustChange}
	if r.Unit != nil {
		u.Unit = survey.UnitID(*r.Unit)
	}
	if err := json.Unmarshal([]byte(r.Roles), &u.Roles); err != nil {
		return User{}, fmt.Errorf("roles of a user: %w", err)
	}
	return u, nil
}

type sessionRow struct {
	TokenHash string `gorm:"primaryKey"`
	Email     string
	Expires   int64
}

func (sessionRow) TableName() string { return "sessions" }

// AddUser stores a new user under the lower-case form of the e-mail address.
// It fails when the address is taken or the unit does not exist.
func (s *Store) AddUser(ctx context.Context, u User) error {
	u.Email = cleanEmail(u.Email)
	roles, err := json.Marshal(append([]string{}, u.Roles...))
	if err != nil {
		return fmt.Errorf("roles of a user: %w", err)
	}
	row := userRow{Email: u.Email, PasswordHash: u.PasswordHash, Roles: string(roles), MustChange: u.MustChange}
	return s.people.update(ctx, "add a user", func(tx *gorm.DB) error {
		if u.Unit != "" {
			if _, err := takeUnit(tx, u.Unit); err != nil {
				return err
			}
			unit := string(u.Unit)
			row.Unit = &unit
		}
		err := tx.Create(&row).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return survey.Fail(survey.Conflict, "error.store.user_exists", survey.Args{"email": u.Email})
		}
		return err
	})
}

// UserByEmail finds a user; letter case does not count.
func (s *Store) UserByEmail(ctx context.Context, email string) (User, error) {
	var row userRow
	err := s.people.view(ctx, "find a user", func(tx *gorm.DB) error {
		return takeUser(tx, cleanEmail(email), &row)
	})
	if err != nil {
		return User{}, err
	}
	return row.user()
}

// Users lists all users by e-mail address.
func (s *Store) Users(ctx context.Context) ([]User, error) {
	var rows []userRow
	err := s.people.view(ctx, "list users", func(tx *gorm.DB) error {
		return tx.Order("email").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	users := make([]User, len(rows))
	for i, r := range rows {
		if users[i], err = r.user(); err != nil {
			return nil, err
		}
	}
	return users, nil
}

// SetPassword replaces a user's password hash; mustChange asks for another one
// at the next sign-in. Sessions stay: DeleteSessionsOf ends them.
func (s *Store) SetPassword(ctx context.Context, email, hash string, mustChange bool) error {
	email = cleanEmail(email)
	return s.people.update(ctx, "set a password", func(tx *gorm.DB) error {
		done := tx.Exec("UPDATE users SET password_hash = ?, must_change = ? WHERE email = ?", hash, mustChange, email)
		if done.Error == nil && done.RowsAffected == 0 {
			return missingUser(email)
		}
		return done.Error
	})
}

// CreateSession stores a session of an existing user.
func (s *Store) CreateSession(ctx context.Context, session Session) error {
	row := sessionRow{TokenHash: session.TokenHash, Email: cleanEmail(session.Email), Expires: session.Expires.Unix()}
	return s.people.update(ctx, "create a session", func(tx *gorm.DB) error {
		var user userRow
		if err := takeUser(tx, row.Email, &user); err != nil {
			return err
		}
		return tx.Create(&row).Error
	})
}

// SessionUser finds the user of a session. A session that has expired is not
// found, whether or not it is still stored.
func (s *Store) SessionUser(ctx context.Context, tokenHash string) (User, error) {
	var row userRow
	err := s.people.view(ctx, "find a session", func(tx *gorm.DB) error {
		var session sessionRow
		err := tx.Where("token_hash = ? AND expires > ?", tokenHash, s.cfg.Now().Unix()).Take(&session).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return survey.Fail(survey.NotFound, "error.store.session_missing", nil)
		}
		if err != nil {
			return err
		}
		return takeUser(tx, session.Email, &row)
	})
	if err != nil {
		return User{}, err
	}
	return row.user()
}

// DeleteSession ends a session; one that is not there has ended already.
func (s *Store) DeleteSession(ctx context.Context, tokenHash string) error {
	return s.people.update(ctx, "delete a session", func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM sessions WHERE token_hash = ?", tokenHash).Error
	})
}

// DeleteSessionsOf ends all sessions of a user.
func (s *Store) DeleteSessionsOf(ctx context.Context, email string) error {
	return s.people.update(ctx, "delete a user's sessions", func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM sessions WHERE email = ?", cleanEmail(email)).Error
	})
}

// DeleteExpiredSessions removes what SessionUser does not find any more.
func (s *Store) DeleteExpiredSessions(ctx context.Context) error {
	return s.people.update(ctx, "delete expired sessions", func(tx *gorm.DB) error {
		return tx.Exec("DELETE FROM sessions WHERE expires <= ?", s.cfg.Now().Unix()).Error
	})
}

func takeUser(tx *gorm.DB, email string, into *userRow) error {
	err := tx.Where("email = ?", email).Take(into).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return missingUser(email)
	}
	return err
}

func missingUser(email string) error {
	return survey.Fail(survey.NotFound, "error.store.user_missing", survey.Args{"email": email})
}

func cleanEmail(email string) string { return strings.ToLower(strings.TrimSpace(email)) }
