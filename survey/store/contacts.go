package store

import (
	"context"

	"gorm.io/gorm"

	"attune/survey"
)

type contactRow struct {
	ID        string `gorm:"primaryKey"`
	Site      *string
	Tier      string
	Language  string
	Name      string
	Reach     string
	Hours     string
	WhenICall string `gorm:"column:when_i_call"`
	Place     int
}

func (contactRow) TableName() string { return "contacts" }

func (r contactRow) contact() survey.Contact {
	c := survey.Contact{
		ID: r.ID, Tier: survey.Tier(r.Tier), Language: r.Language, Name: r.Name, Reach: r.Reach,
		Hours: r.Hours, WhenICall: r.WhenICall, Order: r.Place,
	}
	if r.Site != nil {
		c.Site = survey.UnitID(*r.Site)
	}
	return c
}

// ReplaceContacts makes the support contacts those of a list, under new ids:
// all of it or nothing. It fails when a contact is not right or its site does
// not exist.
func (s *Store) ReplaceContacts(ctx context.Context, contacts []survey.Contact) error {
	rows := make([]contactRow, len(contacts))
	for i, c := range contacts {
		if err := c.Check(); err != nil {
			return err
		}
		rows[i] = contactRow{
			ID: s.cfg.NewID(), Tier: string(c.Tier), Language: c.Language, Name: c.Name, Reach: c.Reach,
			Hours: c.Hours, WhenICall: c.WhenICall, Place: c.Order,
		}
		if c.Site != "" {
			site := string(c.Site)
			rows[i].Site = &site
		}
	}
	return s.people.update(ctx, "replace the contacts", func(tx *gorm.DB) error {
		for _, c := range contacts {
			if c.Site == "" {
				continue
			}
			if _, err := takeUnit(tx, c.Site); err != nil {
				return err
			}
		}
		if err := tx.Where("true").Delete(&contactRow{}).Error; err != nil || len(rows) == 0 {
			return err
		}
		return tx.CreateInBatches(rows, insertBatch).Error
	})
}

// Contacts lists the support contacts in the order of the list that was
// imported.
func (s *Store) Contacts(ctx context.Context) ([]survey.Contact, error) {
	var rows []contactRow
	err := s.people.view(ctx, "list contacts", func(tx *gorm.DB) error { return tx.Order("place, id").Find(&rows).Error })
	if err != nil {
		return nil, err
	}
	contacts := make([]survey.Contact, len(rows))
	for i, r := range rows {
		contacts[i] = r.contact()
	}
	return contacts, nil
}
