package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"attune/survey"
)

type actionRow struct {
	ID         string `gorm:"primaryKey"`
	Unit       string
	Guide      string
	Suggestion string
	Added      int64
	AddedBy    string
}

func (actionRow) TableName() string { return "actions" }

type actionEditRow struct {
	Action    string `gorm:"primaryKey"`
	N         int    `gorm:"primaryKey"`
	Text      string
	Owner     string
	OwnerMail string
	Due       string
	Status    string
	Evidence  string
	EditedBy  string
	Edited    int64
}

func (actionEditRow) TableName() string { return "action_edits" }

func editRow(action string, n int, e survey.ActionEdit) actionEditRow {
	return actionEditRow{
		Action: action, N: n, Text: e.Text, Owner: e.Owner, OwnerMail: e.Mail, Due: e.Due, Status: string(e.Status),
		Evidence: e.Evidence, EditedBy: e.By, Edited: e.At.Unix(),
	}
}

func (r actionEditRow) edit() survey.ActionEdit {
	return survey.ActionEdit{By: r.EditedBy, At: time.Unix(r.Edited, 0).UTC(), ActionState: survey.ActionState{
		Text: r.Text, Owner: r.Owner, Mail: r.OwnerMail, Due: r.Due, Status: survey.ActionStatus(r.Status), Evidence: r.Evidence,
	}}
}

// standing is an action with the last of its edits.
type standing struct {
	Of   actionRow     `gorm:"embedded"`
	Last actionEditRow `gorm:"embedded"`
}

func (r standing) action() survey.Action {
	return survey.Action{
		ID: r.Of.ID, Unit: survey.UnitID(r.Of.Unit), Origin: survey.ActionOrigin{Guide: r.Of.Guide, Suggestion: r.Of.Suggestion},
		Added: time.Unix(r.Of.Added, 0).UTC(), AddedBy: r.Of.AddedBy, N: r.Last.N, ActionState: r.Last.edit().ActionState,
	}
}

// lastEdits is the part of a query that joins actions a with their last edit e.
const lastEdits = ` FROM actions a JOIN action_edits e ON e.action = a.id
	AND e.n = (SELECT max(n) FROM action_edits WHERE action = a.id)`

type actionCommentRow struct {
	Action    string `gorm:"primaryKey"`
	N         int    `gorm:"primaryKey"`
	Text      string
	WrittenBy string
	Written   int64
}

func (actionCommentRow) TableName() string { return "action_comments" }

type actionMarkRow struct {
	Action string `gorm:"primaryKey"`
	Status string `gorm:"primaryKey"`
	N      int
	Event  string
}

func (actionMarkRow) TableName() string { return "action_marks" }

// AddAction stores an action under a new id, which it gives, with its first
// edit; a.ID and a.N are not looked at, and Added is kept in whole seconds. It
// fails with NotFound when the unit does not exist, with Invalid when the
// address to remind is no user's, and with Conflict when the unit has
// survey.MaxActions of them.
func (s *Store) AddAction(ctx context.Context, a survey.Action) (id string, err error) {
	row := actionRow{
		ID: s.cfg.NewID(), Unit: string(a.Unit), Guide: a.Origin.Guide, Suggestion: a.Origin.Suggestion, Added: a.Added.Unix(), AddedBy: a.AddedBy,
	}
	first := editRow(row.ID, 1, survey.ActionEdit{ActionState: a.ActionState, By: a.AddedBy, At: a.Added})
	err = s.people.update(ctx, "add an action", func(tx *gorm.DB) error {
		if _, err := takeUnit(tx, a.Unit); err != nil {
			return err
		}
		if err := remindable(tx, a.Mail); err != nil {
			return err
		}
		var there int64
		if err := tx.Model(&actionRow{}).Where("unit = ?", row.Unit).Count(&there).Error; err != nil {
			return err
		}
		if there >= survey.MaxActions {
			return survey.Fail(survey.Conflict, "error.action.many", survey.Args{"limit": survey.MaxActions})
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return tx.Create(&first).Error
	})
	return row.ID, err
}

// remindable fails for an address that is no user's: nothing is sent to
// addresses that anybody types in.
func remindable(tx *gorm.DB, email string) error {
	if email == "" {
		return nil
	}
	var user userRow
	err := takeUser(tx, email, &user)
	if survey.IsCode(err, survey.NotFound) {
		return survey.Fail(survey.Invalid, "error.action.mail_unknown", survey.Args{"address": email})
	}
	return err
}

// Actions lists the actions of some units as they stand, by the day on which
// they are due, then by id.
func (s *Store) Actions(ctx context.Context, units []survey.UnitID) ([]survey.Action, error) {
	ids := make([]string, len(units))
	for i, unit := range units {
		ids[i] = string(unit)
	}
	return s.actions(ctx, "WHERE a.unit IN ?", ids)
}

// OpenActions lists every action of which something is still to be done and
// that a user is to be reminded of, in the order of Actions.
func (s *Store) OpenActions(ctx context.Context) ([]survey.Action, error) {
	return s.actions(ctx, "WHERE e.status IN ? AND e.owner_mail <> ''", []string{string(survey.ActionPlanned), string(survey.ActionUnderWay)})
}

func (s *Store) actions(ctx context.Context, where string, of []string) ([]survey.Action, error) {
	var rows []standing
	err := s.people.view(ctx, "list actions", func(tx *gorm.DB) error {
		return tx.Raw("SELECT a.*, e.*"+lastEdits+" "+where+" ORDER BY e.due, a.id", of).Scan(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	actions := make([]survey.Action, len(rows))
	for i, r := range rows {
		actions[i] = r.action()
	}
	return actions, nil
}

// Action reads an action with everything that is kept about it. It fails with
// NotFound when there is none with this id.
func (s *Store) Action(ctx context.Context, id string) (survey.ActionRecord, error) {
	var found survey.ActionRecord
	err := s.people.view(ctx, "read an action", func(tx *gorm.DB) error {
		var rows []standing
		if err := tx.Raw("SELECT a.*, e.*"+lastEdits+" WHERE a.id = ?", id).Scan(&rows).Error; err != nil {
			return err
		}
		if len(rows) == 0 {
			return actionGone()
		}
		found = survey.ActionRecord{Action: rows[0].action()}
		var edits []actionEditRow
		if err := tx.Where("action = ?", id).Order("n").Find(&edits).Error; err != nil {
			return err
		}
		for _, e := range edits {
			found.Edits = append(found.Edits, e.edit())
		}
		var comments []actionCommentRow
		if err := tx.Where("action = ?", id).Order("n").Find(&comments).Error; err != nil {
			return err
		}
		for _, c := range comments {
			found.Comments = append(found.Comments, survey.ActionComment{N: c.N, Text: c.Text, By: c.WrittenBy, At: time.Unix(c.Written, 0).UTC()})
		}
		var marks []actionMarkRow
		if err := tx.Where("action = ?", id).Order("n").Find(&marks).Error; err != nil {
			return err
		}
		for _, m := range marks {
			found.Marked = append(found.Marked, survey.ActionStatus(m.Status))
		}
		return nil
	})
	return found, err
}

func actionGone() error { return survey.Fail(survey.NotFound, "error.action.gone", nil) }

// SaveAction adds an edit to an action. was is the number of the edit that the
// writer had in view: with another one in between SaveAction fails with
// Conflict, so that nobody's change is lost unseen. mark, unless nil, is
// written down as the event that marks this status in the trends, once: an
// action that has that mark gets no second one. It fails as AddAction does.
func (s *Store) SaveAction(ctx context.Context, id string, was int, e survey.ActionEdit, mark *survey.Event) error {
	return s.people.update(ctx, "save an action", func(tx *gorm.DB) error {
		n, err := lastEdit(tx, id, was)
		if err != nil {
			return err
		}
		if err := remindable(tx, e.Mail); err != nil {
			return err
		}
		row := editRow(id, n+1, e)
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if mark == nil {
			return nil
		}
		return s.markAction(tx, row, *mark)
	})
}

// lastEdit is the number of an action's last edit. It fails when that is not
// the one that somebody had in view.
func lastEdit(tx *gorm.DB, id string, was int) (int, error) {
	var n int
	if err := tx.Raw("SELECT COALESCE(max(n), 0) FROM action_edits WHERE action = ?", id).Scan(&n).Error; err != nil {
		return 0, err
	}
	switch {
	case n == 0:
		return 0, actionGone()
	case n != was:
		return 0, survey.Fail(survey.Conflict, "error.action.changed", nil)
	case n >= survey.MaxActionSteps:
		return 0, survey.Fail(survey.Conflict, "error.action.steps", survey.Args{"limit": survey.MaxActionSteps})
	}
	return n, nil
}

func (s *Store) markAction(tx *gorm.DB, edit actionEditRow, e survey.Event) error {
	var there int64
	if err := tx.Model(&actionMarkRow{}).Where("action = ? AND status = ?", edit.Action, edit.Status).Count(&there).Error; err != nil || there > 0 {
		return err
	}
	event := eventRow{ID: s.cfg.NewID(), Unit: string(e.Unit), Kind: string(e.Kind), Day: e.Day, Title: e.Title, Anew: e.Anew, By: e.By}
	if err := tx.Create(&event).Error; err != nil {
		return err
	}
	return tx.Create(&actionMarkRow{Action: edit.Action, Status: edit.Status, N: edit.N, Event: event.ID}).Error
}

// UndoAction goes back to what an action said before its last edit, as a
// further edit, and takes away the mark that came with the last one. was is the
// last edit that the writer had in view, as with SaveAction. It fails with
// Conflict when there is nothing to take back.
func (s *Store) UndoAction(ctx context.Context, id string, was int, by string, at time.Time) error {
	return s.people.update(ctx, "undo an action's change", func(tx *gorm.DB) error {
		n, err := lastEdit(tx, id, was)
		if err != nil {
			return err
		}
		var rows []actionEditRow
		if err := tx.Where("action = ?", id).Order("n").Find(&rows).Error; err != nil {
			return err
		}
		edits := make([]survey.ActionEdit, len(rows))
		for i, r := range rows {
			edits[i] = r.edit()
		}
		before, err := survey.ActionBefore(edits)
		if err != nil {
			return err
		}
		row := editRow(id, n+1, survey.ActionEdit{ActionState: before, By: by, At: at})
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM events WHERE id IN (SELECT event FROM action_marks WHERE action = ? AND n = ?)", id, n).Error // the mark goes with it
	})
}

// CommentAction adds a comment to an action; c.N is not looked at, and c.At is
// kept in whole seconds. It fails with NotFound when there is no such action,
// and with Conflict when it has survey.MaxActionSteps of them.
func (s *Store) CommentAction(ctx context.Context, id string, c survey.ActionComment) error {
	row := actionCommentRow{Action: id, Text: c.Text, WrittenBy: c.By, Written: c.At.Unix()}
	return s.people.update(ctx, "comment an action", func(tx *gorm.DB) error {
		if err := takeAction(tx, id); err != nil {
			return err
		}
		if err := tx.Raw("SELECT COALESCE(max(n), 0) + 1 FROM action_comments WHERE action = ?", id).Scan(&row.N).Error; err != nil {
			return err
		}
		if row.N > survey.MaxActionSteps {
			return survey.Fail(survey.Conflict, "error.action.steps", survey.Args{"limit": survey.MaxActionSteps})
		}
		return tx.Create(&row).Error
	})
}

// UncommentAction takes comment n of an action away from it. It fails with
// NotFound when by wrote no such comment.
func (s *Store) UncommentAction(ctx context.Context, id string, n int, by string) error {
	return s.people.update(ctx, "take a comment back", func(tx *gorm.DB) error {
		gone := tx.Exec("DELETE FROM action_comments WHERE action = ? AND n = ? AND written_by = ?", id, n, by)
		if gone.Error == nil && gone.RowsAffected == 0 {
			return survey.Fail(survey.NotFound, "error.action.comment_gone", nil)
		}
		return gone.Error
	})
}

// RemoveAction forgets an action with its history and its comments. Marks in
// the trends stay: what happened has happened. What staff read in a published
// note stays too.
func (s *Store) RemoveAction(ctx context.Context, id string) error {
	return s.people.update(ctx, "remove an action", func(tx *gorm.DB) error {
		if err := takeAction(tx, id); err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM notices WHERE kind = 'action' AND about = ?", id).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM actions WHERE id = ?", id).Error
	})
}

func takeAction(tx *gorm.DB, id string) error {
	err := tx.Where("id = ?", id).Take(&actionRow{}).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return actionGone()
	}
	return err
}
