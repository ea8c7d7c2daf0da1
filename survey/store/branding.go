package store

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"

	"attune/survey"
)

// The rows of the branding: as it is, and as it was before the last change.
const (
	brandingNow = iota
	brandingBefore
)

type brandingRow struct {
	Place     int `gorm:"primaryKey;autoIncrement:false"`
	Accent    string
	Logo      []byte
	Width     int
	Height    int
	Languages string
	Language  string
	Leaving   string
}

func (brandingRow) TableName() string { return "branding" }

func newBrandingRow(place int, b survey.Branding) (brandingRow, error) {
	languages, err := json.Marshal(append([]string{}, b.Languages...))
	if err != nil {
		return brandingRow{}, err
	}
	leaving, err := json.Marshal(append([]survey.Leaving{}, b.Leaving...))
	return brandingRow{
		Place: place, Accent: b.Accent, Logo: append([]byte{}, b.Logo.PNG...), Width: b.Logo.Width, Height: b.Logo.Height,
		Languages: string(languages), Language: b.Language, Leaving: string(leaving),
	}, err
}

func (r brandingRow) branding() (survey.Branding, error) {
	b := survey.Branding{Accent: r.Accent, Language: r.Language}
	if len(r.Logo) > 0 {
		b.Logo = survey.Logo{PNG: r.Logo, Width: r.Width, Height: r.Height, SHA256: survey.SHA256Hex(r.Logo)}
	}
	if err := json.Unmarshal([]byte(r.Languages), &b.Languages); err != nil {
		return b, err
	}
	if err := json.Unmarshal([]byte(r.Leaving), &b.Leaving); err != nil {
		return b, err
	}
	if len(b.Languages) == 0 { // as it was given, too
		b.Languages = nil
	}
	if len(b.Leaving) == 0 {
		b.Leaving = nil
	}
	return b, nil
}

// Branding is how the organisation looks and which languages it speaks. It is
// kept in memory, since every page asks for it: what another process changes is
// seen at the next start. Nobody may change its logo or its lists.
func (s *Store) Branding() survey.Branding { return *s.branding.Load() }

// loadBranding reads what Branding gives.
func (s *Store) loadBranding(ctx context.Context) error {
	return s.people.view(ctx, "read the branding", func(tx *gorm.DB) error {
		now, err := takeBranding(tx, brandingNow)
		s.branding.Store(&now)
		return err
	})
}

// takeBranding reads one row; one that was never written is an empty branding.
func takeBranding(tx *gorm.DB, place int) (survey.Branding, error) {
	var rows []brandingRow
	if err := tx.Where("place = ?", place).Find(&rows).Error; err != nil || len(rows) == 0 {
		return survey.Branding{}, err
	}
	return rows[0].branding()
}

// Rebrand changes the branding as it is then, and keeps what it was for
// UndoBranding. A change that fails changes nothing.
func (s *Store) Rebrand(ctx context.Context, change func(*survey.Branding) error) error {
	return s.rebrand(ctx, "change the branding", func(now, _ survey.Branding) (survey.Branding, error) {
		return now, change(&now)
	})
}

// UndoBranding goes back to what was before the last change, and keeps what
// was undone, so that a second time does it again. mark is the Mark of what is
// to be undone: it fails with survey.Conflict when something else was changed
// since.
func (s *Store) UndoBranding(ctx context.Context, mark string) error {
	return s.rebrand(ctx, "undo a change of the branding", func(now, before survey.Branding) (survey.Branding, error) {
		is, err := now.Mark()
		if err == nil && is != mark {
			err = survey.Fail(survey.Conflict, "error.branding.changed", nil)
		}
		return before, err
	})
}

func (s *Store) rebrand(ctx context.Context, what string, decide func(now, before survey.Branding) (survey.Branding, error)) error {
	var next survey.Branding
	err := s.people.update(ctx, what, func(tx *gorm.DB) error {
		now, err := takeBranding(tx, brandingNow)
		if err != nil {
			return err
		}
		before, err := takeBranding(tx, brandingBefore)
		if err != nil {
			return err
		}
		if next, err = decide(now, before); err != nil {
			return err
		}
		if err := tx.Where("true").Delete(&brandingRow{}).Error; err != nil {
			return err
		}
		for place, b := range []survey.Branding{brandingNow: next, brandingBefore: now} {
			row, err := newBrandingRow(place, b)
			if err != nil {
				return err
			}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.branding.Store(&next)
	}
	return err
}
