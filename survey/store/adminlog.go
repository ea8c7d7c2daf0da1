package store

import (
	"context"
	"errors"
	"sync/atomic"

	"gorm.io/gorm"

	"attune/survey"
)

type adminRow struct {
	Seq    int `gorm:"primaryKey;autoIncrement:false"`
	At     int64
	Kind   string
	Body   []byte
	SHA256 string `gorm:"column:sha256"`
}

func (adminRow) TableName() string { return "admin_log" }

// AdminPage is the most entries of the administrative log that one call gives.
const AdminPage = 1000

// AddDeed appends a deed to the administrative log. It is for what is done
// outside of people.db, such as an export; what is done in it goes with Noting.
func (s *Store) AddDeed(ctx context.Context, d survey.Deed) error {
	return s.people.update(ctx, "note in the administrative log", func(tx *gorm.DB) error { return s.appendDeed(tx, d) })
}

// deedKey is the key of a context's deed.
type deedKey struct{}

// pendingDeed waits for the change that it is noted with.
type pendingDeed struct {
	survey.Deed
	noted atomic.Bool
}

// Noting gives a context that carries a deed. The first change that is made in
// people.db with it appends the deed to the administrative log in the same
// transaction: both are kept, or neither. A change that is refused leaves the
// deed for the next one.
func Noting(ctx context.Context, d survey.Deed) context.Context {
	return context.WithValue(ctx, deedKey{}, &pendingDeed{Deed: d})
}

// noteWith appends the deed of ctx, if it carries one that is not noted yet.
// The deed counts as noted once kept is called, after the commit.
func (s *Store) noteWith(ctx context.Context, tx *gorm.DB) (kept func(), err error) {
	pending, ok := ctx.Value(deedKey{}).(*pendingDeed)
	if !ok || pending.noted.Load() {
		return func() {}, nil
	}
	return func() { pending.noted.Store(true) }, s.appendDeed(tx, pending.Deed)
}

func (s *Store) appendDeed(tx *gorm.DB, d survey.Deed) error {
	var last adminRow
	err := tx.Order("seq DESC").Limit(1).Take(&last).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return err
	}
	entry, err := survey.NewAdminEntry(d, s.cfg.Now(), last.Seq, last.SHA256)
	if err != nil {
		return err
	}
	return tx.Create(&adminRow{Seq: entry.Seq, At: entry.At.Unix(), Kind: entry.Action.Kind(), Body: entry.Body, SHA256: entry.SHA256}).Error
}

// AdminLog lists the newest entries of the administrative log that a filter
// chooses, the newest first: those with a number below before, or from the end
// when before is 0. It gives at most limit, and never more than AdminPage.
func (s *Store) AdminLog(ctx context.Context, f survey.AdminFilter, before, limit int) ([]survey.AdminEntry, error) {
	return s.adminLog(ctx, f, limit, func(tx *gorm.DB) *gorm.DB {
		if before > 0 {
			tx = tx.Where("seq < ?", before)
		}
		return tx.Order("seq DESC")
	})
}

// AdminLogAfter lists entries of the administrative log that a filter chooses,
// the oldest first: those with a number above after. It gives at most limit,
// and never more than AdminPage.
func (s *Store) AdminLogAfter(ctx context.Context, f survey.AdminFilter, after, limit int) ([]survey.AdminEntry, error) {
	return s.adminLog(ctx, f, limit, func(tx *gorm.DB) *gorm.DB { return tx.Where("seq > ?", after).Order("seq") })
}

func (s *Store) adminLog(ctx context.Context, f survey.AdminFilter, limit int, which func(*gorm.DB) *gorm.DB) ([]survey.AdminEntry, error) {
	var rows []adminRow
	err := s.people.view(ctx, "read the administrative log", func(tx *gorm.DB) error {
		if f.Kind != "" {
			tx = tx.Where("kind = ?", f.Kind)
		}
		if !f.From.IsZero() {
			tx = tx.Where("at >= ?", f.From.Unix())
		}
		if !f.To.IsZero() {
			tx = tx.Where("at < ?", f.To.Unix())
		}
		return which(tx).Limit(max(0, min(limit, AdminPage))).Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	entries := make([]survey.AdminEntry, len(rows))
	for i, r := range rows {
		if entries[i], err = survey.ReadAdminEntry(r.Body, r.SHA256); err != nil {
			return nil, err
		}
		entries[i].Seq = r.Seq // the place where it stands; AdminChain finds a text that names another
	}
	return entries, nil
}

// EachDeed calls do with every entry of the administrative log, the oldest
// first, without holding all of them in memory.
func (s *Store) EachDeed(ctx context.Context, f survey.AdminFilter, do func(survey.AdminEntry) error) error {
	for after := 0; ; {
		entries, err := s.AdminLogAfter(ctx, f, after, AdminPage)
		if err != nil || len(entries) == 0 {
			return err
		}
		for _, e := range entries {
			if err := do(e); err != nil {
				return err
			}
			after = e.Seq
		}
	}
}
