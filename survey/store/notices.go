package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"attune/survey"
)

// The kinds of notices.
const (
	NoticeAction  = "action"  // about an action, by its id
	NoticePromise = "promise" // about the results of a wave, by its id
)

// Notice reminds one user of one day. It is made once: a row stays when it was
// sent.
type Notice struct {
	Kind   string
	About  string // an action's or a wave's id
	Day    string // on which it is due, YYYY-MM-DD: another day is another notice
	Moment survey.ReminderMoment
	Email  string // of a user
}

type noticeRow struct {
	Kind   string `gorm:"primaryKey"`
	About  string `gorm:"primaryKey"`
	Day    string `gorm:"primaryKey"`
	Moment string `gorm:"primaryKey"`
	Email  string `gorm:"primaryKey"`
	State  string
	Tries  int
	Due    int64
}

func (noticeRow) TableName() string { return "notices" }

func (r noticeRow) notice() Notice {
	return Notice{Kind: r.Kind, About: r.About, Day: r.Day, Moment: survey.ReminderMoment(r.Moment), Email: r.Email}
}

// The states of a notice that has not come to an end.
const (
	noticeWaiting = "waiting"
	noticeSending = "sending"
)

// thisNotice is the part of a query that finds one notice.
const thisNotice = " WHERE kind = ? AND about = ? AND day = ? AND moment = ? AND email = ?"

func (n Notice) key() []any { return []any{n.Kind, n.About, n.Day, string(n.Moment), n.Email} }

// AddNotices puts notices into the outbox, due at once, and gives how many were
// new. Left out is who signs in no more or wants no reminders; a notice that
// was left out is made once that has changed.
func (s *Store) AddNotices(ctx context.Context, notices []Notice) (added int, err error) {
	if len(notices) == 0 {
		return 0, nil
	}
	known := make(map[string]bool) // without the lock that writing takes: mostly nothing is new
	var rows []noticeRow
	var wanted []string
	err = s.people.view(ctx, "look for notices", func(tx *gorm.DB) error {
		if err := tx.Find(&rows).Error; err != nil {
			return err
		}
		return tx.Raw("SELECT email FROM users WHERE email NOT IN (SELECT email FROM user_mail WHERE stopped)").Scan(&wanted).Error
	})
	if err != nil {
		return 0, err
	}
	made := make(map[Notice]bool, len(rows))
	for _, r := range rows {
		made[r.notice()] = true
	}
	for _, email := range wanted {
		known[email] = true
	}
	var fresh []noticeRow
	for _, n := range notices {
		if known[n.Email] && !made[n] {
			fresh = append(fresh, noticeRow{Kind: n.Kind, About: n.About, Day: n.Day, Moment: string(n.Moment), Email: n.Email, State: noticeWaiting, Due: s.cfg.Now().Unix()})
		}
	}
	if len(fresh) == 0 {
		return 0, nil
	}
	err = s.people.update(ctx, "make notices", func(tx *gorm.DB) error {
		done := tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(fresh, insertBatch)
		added = int(done.RowsAffected)
		return done.Error
	})
	return added, err
}

// claimNotice takes one notice that is due, as ClaimLetter takes letters.
func (s *Store) claimNotice(ctx context.Context) (letter Letter, ok bool, err error) {
	now := s.cfg.Now().Unix()
	const due = `FROM notices WHERE state = 'waiting' AND due <= ? AND email NOT IN (SELECT email FROM user_mail WHERE stopped)`
	var waiting int64
	err = s.people.view(ctx, "look for notices", func(tx *gorm.DB) error { // without the lock that writing takes
		return tx.Raw("SELECT count(*) FROM (SELECT 1 "+due+" LIMIT 1) AS due", now).Scan(&waiting).Error
	})
	if err != nil || waiting == 0 {
		return Letter{}, false, err
	}
	err = s.people.update(ctx, "claim a notice", func(tx *gorm.DB) error {
		ok = false
		var claimed []noticeRow
		err := tx.Raw("UPDATE notices SET state = 'sending' WHERE (kind, about, day, moment, email) IN (SELECT kind, about, day, moment, email "+
			due+" ORDER BY due, about, email LIMIT 1) RETURNING *", now).Scan(&claimed).Error
		if err != nil || len(claimed) == 0 {
			return err
		}
		n := claimed[0].notice()
		var wish userMailRow
		if err := tx.Where("email = ?", n.Email).Limit(1).Find(&wish).Error; err != nil {
			return err
		}
		letter, ok = Letter{Notice: &n, Email: n.Email, Language: wish.Language, Tries: claimed[0].Tries}, true
		return nil
	})
	if err != nil {
		return Letter{}, false, err
	}
	return letter, ok, nil
}

// settleNotice notes what became of a claimed notice.
func (s *Store) settleNotice(ctx context.Context, n Notice, outcome Outcome) error {
	return s.people.update(ctx, "settle a notice", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE notices SET state = ?"+thisNotice+" AND state = 'sending'", append([]any{outcome.column()}, n.key()...)...).Error
	})
}

func (s *Store) postponeNotice(ctx context.Context, n Notice, tries int, due time.Time) error {
	return s.people.update(ctx, "postpone a notice", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE notices SET state = 'waiting', tries = ?, due = ?"+thisNotice+" AND state = 'sending'", append([]any{tries, due.Unix()}, n.key()...)...).Error
	})
}

// NoticeCounts says what became of all notices: Waiting, Sending, Sent,
// Refused, Expired and Unknown, as of mailings.
func (s *Store) NoticeCounts(ctx context.Context) (MailingCount, error) {
	var rows []struct {
		State string
		N     int
	}
	err := s.people.view(ctx, "count notices", func(tx *gorm.DB) error {
		return tx.Raw("SELECT state, count(*) AS n FROM notices GROUP BY state").Scan(&rows).Error
	})
	var c MailingCount
	for _, r := range rows {
		switch r.State {
		case noticeWaiting:
			c.Waiting = r.N
		case noticeSending:
			c.Sending = r.N
		case LetterSent.column():
			c.Sent = r.N
		case LetterRefused.column():
			c.Refused = r.N
		case LetterExpired.column():
			c.Expired = r.N
		default:
			c.Unknown = r.N
		}
	}
	return c, err
}

type userMailRow struct {
	Email    string `gorm:"primaryKey"`
	Language string
	Stopped  bool
}

func (userMailRow) TableName() string { return "user_mail" }

// StopReminders remembers that a user wants no reminders, or wants them again.
// What waits is not sent while they are not wanted. It fails when there is no
// such user.
func (s *Store) StopReminders(ctx context.Context, email string, stop bool) error {
	return s.setUserMail(ctx, userMailRow{Email: cleanEmail(email), Stopped: stop}, "stopped")
}

// SetUserLanguage remembers the language in which a user reads the console:
// reminders come in it. It fails when there is no such user.
func (s *Store) SetUserLanguage(ctx context.Context, email, language string) error {
	return s.setUserMail(ctx, userMailRow{Email: cleanEmail(email), Language: language}, "language")
}

func (s *Store) setUserMail(ctx context.Context, row userMailRow, column string) error {
	return s.people.update(ctx, "change what mail a user gets", func(tx *gorm.DB) error {
		var user userRow
		if err := takeUser(tx, row.Email, &user); err != nil {
			return err
		}
		return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "email"}}, DoUpdates: clause.AssignmentColumns([]string{column})}).Create(&row).Error
	})
}

// RemindersStopped says whether a user wants no reminders. It fails when there
// is no such user.
func (s *Store) RemindersStopped(ctx context.Context, email string) (bool, error) {
	var stopped int64
	err := s.people.view(ctx, "ask about reminders", func(tx *gorm.DB) error {
		var user userRow
		if err := takeUser(tx, cleanEmail(email), &user); err != nil {
			return err
		}
		return tx.Raw("SELECT count(*) FROM user_mail WHERE email = ? AND stopped", cleanEmail(email)).Scan(&stopped).Error
	})
	return stopped > 0, err
}
