package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"attune/survey"
)

type leaderAuditRow struct {
	ID        string `gorm:"primaryKey"`
	Pack      string
	Version   string
	Unit      string
	Started   int64
	StartedBy string
	Finished  *int64
}

func (leaderAuditRow) TableName() string { return "leader_audits" }

func (r leaderAuditRow) audit() survey.LeaderAudit {
	a := survey.LeaderAudit{
		ID: r.ID, Pack: r.Pack, Version: r.Version, Unit: survey.UnitID(r.Unit),
		Started: time.Unix(r.Started, 0).UTC(), StartedBy: r.StartedBy,
	}
	if r.Finished != nil {
		a.Finished = time.Unix(*r.Finished, 0).UTC()
	}
	return a
}

type leaderEditRow struct {
	Audit    string `gorm:"primaryKey"`
	N        int64  `gorm:"primaryKey"`
	Entry    string
	State    string
	Number   string
	Note     string
	Owner    string
	Due      string
	EditedBy string
	Edited   int64
}

func (leaderEditRow) TableName() string { return "leader_edits" }

func (r leaderEditRow) edit() survey.LeaderEdit {
	return survey.LeaderEdit{
		Entry: r.Entry, By: r.EditedBy, At: time.Unix(r.Edited, 0).UTC(),
		LeaderAnswer: survey.LeaderAnswer{State: r.State, Number: r.Number, Note: r.Note, Owner: r.Owner, Due: r.Due},
	}
}

// StartLeaderAudit stores a new audit; Started is kept in whole seconds. It
// fails when the unit does not exist and when an audit of the same pack is
// still open for it: two at a time could not be told apart.
func (s *Store) StartLeaderAudit(ctx context.Context, a survey.LeaderAudit) error {
	row := leaderAuditRow{ID: a.ID, Pack: a.Pack, Version: a.Version, Unit: string(a.Unit), Started: a.Started.Unix(), StartedBy: a.StartedBy}
	return s.people.update(ctx, "start a leader audit", func(tx *gorm.DB) error {
		unit, err := takeUnit(tx, a.Unit)
		if err != nil {
			return err
		}
		var open int64
		if err := tx.Model(&leaderAuditRow{}).Where("pack = ? AND unit = ? AND finished IS NULL", a.Pack, row.Unit).Count(&open).Error; err != nil {
			return err
		}
		if open > 0 {
			return survey.Fail(survey.Conflict, "error.store.leader_audit_open", survey.Args{"unit": unit.Name})
		}
		return tx.Create(&row).Error
	})
}

// LeaderAudits lists all audits, the latest first.
func (s *Store) LeaderAudits(ctx context.Context) ([]survey.LeaderAudit, error) {
	var rows []leaderAuditRow
	err := s.people.view(ctx, "list leader audits", func(tx *gorm.DB) error {
		return tx.Order("started DESC, id").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	audits := make([]survey.LeaderAudit, len(rows))
	for i, r := range rows {
		audits[i] = r.audit()
	}
	return audits, nil
}

// LeaderEdits lists every saved answer of an audit, in the order in which they
// were saved.
func (s *Store) LeaderEdits(ctx context.Context, audit string) ([]survey.LeaderEdit, error) {
	var rows []leaderEditRow
	err := s.people.view(ctx, "list a leader audit's answers", func(tx *gorm.DB) error {
		return tx.Where("audit = ?", audit).Order("n").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	edits := make([]survey.LeaderEdit, len(rows))
	for i, r := range rows {
		edits[i] = r.edit()
	}
	return edits, nil
}

// SaveLeaderAnswer adds an edit to an audit that is still open. It fails with
// NotFound when there is no such audit and with Conflict when it is finished.
func (s *Store) SaveLeaderAnswer(ctx context.Context, audit string, e survey.LeaderEdit) error {
	row := leaderEditRow{
		Audit: audit, Entry: e.Entry, State: e.State, Number: e.Number, Note: e.Note, Owner: e.Owner, Due: e.Due,
		EditedBy: e.By, Edited: e.At.Unix(),
	}
	return s.people.update(ctx, "save a leader's answer", func(tx *gorm.DB) error {
		if _, err := openLeaderAudit(tx, audit); err != nil {
			return err
		}
		if err := tx.Raw("SELECT COALESCE(MAX(n), 0) + 1 FROM leader_edits WHERE audit = ?", audit).Scan(&row.N).Error; err != nil {
			return err
		}
		return tx.Create(&row).Error
	})
}

// FinishLeaderAudit closes an audit at a moment, kept in whole seconds; what
// was answered stays as it is. It fails as SaveLeaderAnswer does.
func (s *Store) FinishLeaderAudit(ctx context.Context, audit string, at time.Time) error {
	return s.people.update(ctx, "finish a leader audit", func(tx *gorm.DB) error {
		if _, err := openLeaderAudit(tx, audit); err != nil {
			return err
		}
		return tx.Exec("UPDATE leader_audits SET finished = ? WHERE id = ?", at.Unix(), audit).Error
	})
}

// DiscardLeaderAudit takes an audit away that nobody has answered. It fails
// with Conflict once something was answered, and like FinishLeaderAudit.
func (s *Store) DiscardLeaderAudit(ctx context.Context, audit string) error {
	return s.people.update(ctx, "discard a leader audit", func(tx *gorm.DB) error {
		if _, err := openLeaderAudit(tx, audit); err != nil {
			return err
		}
		var edits int64
		if err := tx.Table("leader_edits").Where("audit = ?", audit).Count(&edits).Error; err != nil {
			return err
		}
		if edits > 0 {
			return survey.Fail(survey.Conflict, "error.store.leader_audit_answered", nil)
		}
		return tx.Exec("DELETE FROM leader_audits WHERE id = ?", audit).Error
	})
}

func openLeaderAudit(tx *gorm.DB, id string) (leaderAuditRow, error) {
	var row leaderAuditRow
	err := tx.Where("id = ?", id).Take(&row).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return row, survey.Fail(survey.NotFound, "error.store.leader_audit_missing", nil)
	case err != nil:
		return row, err
	case row.Finished != nil:
		return row, survey.Fail(survey.Conflict, "error.store.leader_audit_finished", survey.Args{"date": time.Unix(*row.Finished, 0).UTC().Format(time.DateOnly)})
	}
	return row, nil
}
