package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"attune/survey"
)

// Token lets a program of others read released figures. Only the hash of the
// token is stored, so that a copy of the database reads nothing.
type Token struct {
	ID      string
	Name    string        // of the integration; no two tokens share one
	Unit    survey.UnitID // the part of the organisation that it reads; empty: all of it
	Hash    string        // SHA-256 of the token, hex
	Created string        // YYYY-MM-DD
	Used    string        // the last day, YYYY-MM-DD; empty: never. Which hour is kept nowhere
	Expires string        // the last day on which it works, YYYY-MM-DD
}

type tokenRow struct {
	ID      string `gorm:"primaryKey"`
	Name    string
	Unit    *string
	Hash    string
	Created string
	Used    string
	Expires string
}

func (tokenRow) TableName() string { return "tokens" }

func (r tokenRow) token() Token {
	t := Token{ID: r.ID, Name: r.Name, Hash: r.Hash, Created: r.Created, Used: r.Used, Expires: r.Expires}
	if r.Unit != nil {
		t.Unit = survey.UnitID(*r.Unit)
	}
	return t
}

// AddToken stores a token under a new id, which it gives. It fails when the
// name is taken or the unit does not exist.
func (s *Store) AddToken(ctx context.Context, t Token) (string, error) {
	row := tokenRow{ID: s.cfg.NewID(), Name: t.Name, Hash: t.Hash, Created: t.Created, Expires: t.Expires}
	err := s.people.update(ctx, "add a token", func(tx *gorm.DB) error {
		if t.Unit != "" {
			if _, err := takeUnit(tx, t.Unit); err != nil {
				return err
			}
			unit := string(t.Unit)
			row.Unit = &unit
		}
		err := tx.Create(&row).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return survey.Fail(survey.Conflict, "error.token.taken", survey.Args{"name": t.Name})
		}
		return err
	})
	return row.ID, err
}

// Tokens lists all tokens by name.
func (s *Store) Tokens(ctx context.Context) ([]Token, error) {
	var rows []tokenRow
	err := s.people.view(ctx, "list tokens", func(tx *gorm.DB) error { return tx.Order("name").Find(&rows).Error })
	if err != nil {
		return nil, err
	}
	tokens := make([]Token, len(rows))
	for i, r := range rows {
		tokens[i] = r.token()
	}
	return tokens, nil
}

// UseToken finds a token by the hash of what a program sent, expired or not,
// and notes the day of its use, at most one note a day. It fails with NotFound
// when there is none.
func (s *Store) UseToken(ctx context.Context, hash, day string) (Token, error) {
	var row tokenRow
	err := s.people.view(ctx, "find a token", func(tx *gorm.DB) error {
		return tx.Where("hash = ?", hash).Limit(1).Find(&row).Error
	})
	switch {
	case err != nil:
		return Token{}, err
	case row.ID == "":
		return Token{}, survey.Fail(survey.NotFound, "error.token.gone", nil)
	case row.Used >= day || row.Expires < day:
		return row.token(), nil
	}
	row.Used = day
	return row.token(), s.people.update(ctx, "note the use of a token", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE tokens SET used = ? WHERE id = ? AND used < ?", day, row.ID, day).Error
	})
}

// RemoveToken revokes a token at once and gives what it was. It fails with
// NotFound when there is none with this id.
func (s *Store) RemoveToken(ctx context.Context, id string) (Token, error) {
	var row tokenRow
	err := s.people.update(ctx, "revoke a token", func(tx *gorm.DB) error {
		if err := tx.Where("id = ?", id).Limit(1).Find(&row).Error; err != nil {
			return err
		}
		if row.ID == "" {
			return survey.Fail(survey.NotFound, "error.token.gone", nil)
		}
		return tx.Exec("DELETE FROM tokens WHERE id = ?", id).Error
	})
	return row.token(), err
}
