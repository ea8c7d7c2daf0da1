package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"attune/survey"
)

// The kinds of mailings.
const (
	MailAnnounced = "announced"
	MailOpened    = "opened"
	MailReminder  = "reminder"
	MailResults   = "results"
	MailIncident  = "incident"
)

// unsettledAfter is how long mail about results may wait for a mail server,
// or for word of a process that was sending it.
const unsettledAfter = 14 * 24 * time.Hour

// Mailing is one message to everybody who is asked in a wave. N counts the
// reminders; it is 0 for every other kind.
type Mailing struct {
	Wave survey.WaveID
	Kind string
	N    int
}

// MailingCount says what became of a mailing, in numbers only.
type MailingCount struct {
	Mailing
	Waiting int
	Sending int // claimed by a process that has not said yet what became of it
	Sent    int
	Refused int // the mail server or the gateway does not take them, for good
	Expired int // there was no more reason to send them, or nobody to send them to
	Unknown int // perhaps sent: the program stopped, or the line broke, in the middle
}

// Letter is a mailing to one person, mail or a text message, or a notice to a
// user, claimed by whoever got it from ClaimLetter and by nobody else.
type Letter struct {
	Mailing
	Notice   *Notice // nil: a mailing, to a person
	Person   survey.PersonID
	Email    string // of a letter that goes by mail
	Phone    string // of one that goes as a text message
	Language string // empty: the organisation's
	Tries    int    // how often it was tried before
}

// reached is the part of a query that finds the people p whom this reaches. It
// is survey.Person.Reach once more.
func reached(by survey.Reach) string {
	switch by {
	case survey.ByMail:
		return "p.email <> ''"
	case survey.ByText:
		return "(p.email = '' AND p.phone <> '')"
	}
	return "(p.email = '' AND p.phone = '')"
}

// Outcome is what became of a claimed letter.
type Outcome int

// The outcomes.
const (
	LetterSent    Outcome = iota
	LetterRefused         // for good
	LetterUnknown         // perhaps sent
	LetterExpired         // of a notice: there was no more reason to send it
)

// column names where an outcome is counted.
func (o Outcome) column() string {
	switch o {
	case LetterSent:
		return "sent"
	case LetterRefused:
		return "refused"
	case LetterExpired:
		return "expired"
	}
	return "unknown"
}

type mailingRow struct {
	Wave    string `gorm:"primaryKey"`
	Kind    string `gorm:"primaryKey"`
	N       int    `gorm:"primaryKey"`
	Sent    int
	Refused int
	Expired int
	Unknown int
}

func (mailingRow) TableName() string { return "mailings" }

type letterRow struct {
	Wave    string `gorm:"primaryKey"`
	Kind    string `gorm:"primaryKey"`
	N       int    `gorm:"primaryKey"`
	Person  string `gorm:"primaryKey"`
	Sending bool
	Tries   int
	Due     int64
}

func (letterRow) TableName() string { return "outbox" }

func (r letterRow) mailing() Mailing {
	return Mailing{Wave: survey.WaveID(r.Wave), Kind: r.Kind, N: r.N}
}

// AddMailing puts a letter to each of these people into the outbox, due at
// once. A mailing is made once: a second call, from whichever process, adds
// nothing and is no error. Left out is who is not active, has neither an e-mail
// address nor a phone number, or wants no messages. It gives the number of
// letters.
func (s *Store) AddMailing(ctx context.Context, m Mailing, people []survey.PersonID) (added int, err error) {
	due := s.cfg.Now().Unix()
	err = s.people.update(ctx, "make a mailing", func(tx *gorm.DB) error {
		added = 0
		var row waveRow
		if err := takeWave(tx, m.Wave, &row); err != nil {
			return err
		}
		first := tx.Exec("INSERT INTO mailings (wave, kind, n, sent, refused, expired, unknown) VALUES (?, ?, ?, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
			string(m.Wave), m.Kind, m.N)
		if first.Error != nil || first.RowsAffected == 0 {
			return first.Error
		}
		var reachable []string
		if err := tx.Raw("SELECT p.id FROM people p WHERE p.active AND NOT " + reached(survey.ByHand) + " AND p.id NOT IN (SELECT person FROM reminders_off)").Scan(&reachable).Error; err != nil {
			return err
		}
		may := make(map[string]bool, len(reachable))
		for _, id := range reachable {
			may[id] = true
		}
		var letters []letterRow
		for _, p := range people {
			if may[string(p)] {
				may[string(p)] = false // once, also when people lists somebody twice
				letters = append(letters, letterRow{Wave: string(m.Wave), Kind: m.Kind, N: m.N, Person: string(p), Due: due})
			}
		}
		if len(letters) == 0 {
			return nil
		}
		added = len(letters)
		return tx.CreateInBatches(letters, insertBatch).Error
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// sendable is the part of a query that finds the letters which are due, go this
// way and are still true: mail that says "the survey is open" goes only while
// it is.
func sendable(by survey.Reach) string {
	return `
	FROM outbox o JOIN waves w ON w.id = o.wave JOIN people p ON p.id = o.person
	WHERE NOT o.sending AND o.due <= @now AND p.active AND ` + reached(by) + `
		AND p.id NOT IN (SELECT person FROM reminders_off)
		AND ((o.kind = 'incident' AND w.state IN ('announced', 'open') AND w.closes > @now)
			OR (o.kind = 'announced' AND w.state = 'announced' AND w.closes > @now)
			OR (o.kind IN ('opened', 'reminder') AND w.state = 'open' AND w.closes > @now)
			OR (o.kind = 'results' AND w.state = 'released'))`
}

// ClaimLetter takes one letter that is due and goes by mail, or as a text
// message, and marks it as being sent before it returns: no other process gets
// it, and none will after this one was killed. ok is false when there is none.
// Notices, which go by mail, come after all letters.
//
// Whoever claims a letter owes the store what became of it: SettleLetter,
// PostponeLetter, or nothing when that is not known.
func (s *Store) ClaimLetter(ctx context.Context, by survey.Reach) (letter Letter, ok bool, err error) {
	now := map[string]any{"now": s.cfg.Now().Unix()}
	var due int64
	err = s.people.view(ctx, "look into the outbox", func(tx *gorm.DB) error { // without the lock that writing takes
		return tx.Raw("SELECT count(*) FROM (SELECT 1 "+sendable(by)+" LIMIT 1) AS due", now).Scan(&due).Error
	})
	switch {
	case err != nil:
		return Letter{}, false, err
	case due == 0 && by == survey.ByMail:
		return s.claimNotice(ctx)
	case due == 0:
		return Letter{}, false, nil
	}
	err = s.people.update(ctx, "claim a letter", func(tx *gorm.DB) error {
		ok = false
		var claimed []letterRow
		err := tx.Raw("UPDATE outbox SET sending = true WHERE NOT sending AND (wave, kind, n, person) IN (SELECT o.wave, o.kind, o.n, o.person "+
			sendable(by)+" ORDER BY o.due, o.person LIMIT 1) RETURNING *", now).Scan(&claimed).Error
		if err != nil || len(claimed) == 0 {
			return err
		}
		row := claimed[0]
		var to personRow
		if err := tx.Where("id = ?", row.Person).Take(&to).Error; err != nil {
			return err
		}
		letter = Letter{Mailing: row.mailing(), Person: survey.PersonID(row.Person), Email: to.Email, Phone: to.Phone, Language: to.Language, Tries: row.Tries}
		ok = true
		return nil
	})
	if err != nil {
		return Letter{}, false, err
	}
	return letter, ok, nil
}

// SettleLetter counts what became of a claimed letter and deletes it: that
// somebody was written to is kept of nobody who is asked; of a notice to a user
// it is kept, so that none is made twice. A letter that is gone, because the
// person is, is no error.
func (s *Store) SettleLetter(ctx context.Context, l Letter, outcome Outcome) error {
	if l.Notice != nil {
		return s.settleNotice(ctx, *l.Notice, outcome)
	}
	return s.people.update(ctx, "settle a letter", func(tx *gorm.DB) error {
		gone := tx.Exec("DELETE FROM outbox WHERE wave = ? AND kind = ? AND n = ? AND person = ? AND sending",
			string(l.Wave), l.Kind, l.N, string(l.Person))
		if gone.Error != nil || gone.RowsAffected == 0 {
			return gone.Error
		}
		return countLetters(tx, l.Mailing, outcome.column(), 1)
	})
}

// PostponeLetter gives a claimed letter back, to be tried from due on. again
// says whether the try counts.
func (s *Store) PostponeLetter(ctx context.Context, l Letter, due time.Time, again bool) error {
	tries := l.Tries
	if again {
		tries++
	}
	if l.Notice != nil {
		return s.postponeNotice(ctx, *l.Notice, tries, due)
	}
	return s.people.update(ctx, "postpone a letter", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE outbox SET sending = false, tries = ?, due = ? WHERE wave = ? AND kind = ? AND n = ? AND person = ? AND sending",
			tries, due.Unix(), string(l.Wave), l.Kind, l.N, string(l.Person)).Error
	})
}

func countLetters(tx *gorm.DB, m Mailing, column string, letters int) error {
	return tx.Exec(fmt.Sprintf("UPDATE mailings SET %s = %s + ? WHERE wave = ? AND kind = ? AND n = ?", column, column),
		letters, string(m.Wave), m.Kind, m.N).Error
}

// overdue finds the letters that nobody needs any more: those of waves that
// have ended, and those about results that could not be settled in time.
const overdue = `
	FROM outbox WHERE (kind <> 'results' AND wave IN (SELECT id FROM waves WHERE state IN ('released', 'void')))
		OR (kind = 'results' AND due < @oldest)`

// SweepOutbox deletes the letters that nobody needs any more and counts them:
// as expired, or as unknown where a process had begun to send them. It writes
// only when there is something to delete.
func (s *Store) SweepOutbox(ctx context.Context) error {
	oldest := map[string]any{"oldest": s.cfg.Now().Add(-unsettledAfter).Unix()}
	var old int64
	err := s.people.view(ctx, "look into the outbox", func(tx *gorm.DB) error {
		return tx.Raw("SELECT count(*) FROM (SELECT 1 "+overdue+" LIMIT 1) AS old", oldest).Scan(&old).Error
	})
	if err != nil || old == 0 {
		return err
	}
	return s.people.update(ctx, "sweep the outbox", func(tx *gorm.DB) error {
		var ended []struct {
			Of      letterRow `gorm:"embedded"`
			Letters int
		}
		err := tx.Raw("SELECT wave, kind, n, sending, count(*) AS letters "+overdue+" GROUP BY wave, kind, n, sending", oldest).Scan(&ended).Error
		if err != nil {
			return err
		}
		for _, e := range ended {
			column := "expired"
			if e.Of.Sending {
				column = "unknown"
			}
			if err := countLetters(tx, e.Of.mailing(), column, e.Letters); err != nil {
				return err
			}
		}
		return tx.Exec("DELETE "+overdue, oldest).Error
	})
}

// Mailings counts what became of every mailing, in the order of waves and
// kinds.
func (s *Store) Mailings(ctx context.Context) ([]MailingCount, error) {
	var rows []struct {
		Of               mailingRow `gorm:"embedded"`
		Waiting, Sending int
	}
	err := s.people.view(ctx, "count mailings", func(tx *gorm.DB) error {
		return tx.Raw(`
			SELECT m.*, coalesce(o.waiting, 0) AS waiting, coalesce(o.sending, 0) AS sending
			FROM mailings m JOIN waves w ON w.id = m.wave LEFT JOIN (
				SELECT wave, kind, n, sum(CASE WHEN sending THEN 0 ELSE 1 END) AS waiting, sum(CASE WHEN sending THEN 1 ELSE 0 END) AS sending
				FROM outbox GROUP BY wave, kind, n
			) o ON o.wave = m.wave AND o.kind = m.kind AND o.n = m.n
			ORDER BY w.opens, m.wave, CASE m.kind WHEN 'incident' THEN 0 WHEN 'announced' THEN 1 WHEN 'opened' THEN 2 WHEN 'reminder' THEN 3 ELSE 4 END, m.n`).Scan(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	counts := make([]MailingCount, len(rows))
	for i, r := range rows {
		counts[i] = MailingCount{
			Mailing: Mailing{Wave: survey.WaveID(r.Of.Wave), Kind: r.Of.Kind, N: r.Of.N},
			Waiting: r.Waiting, Sending: r.Sending, Sent: r.Of.Sent, Refused: r.Of.Refused, Expired: r.Of.Expired, Unknown: r.Of.Unknown,
		}
	}
	return counts, nil
}

// StopMail remembers that a person wants no mail, or wants it again, and
// deletes what waits for them. It says nothing about answering. It fails when
// there is no such person.
func (s *Store) StopMail(ctx context.Context, person survey.PersonID, stop bool) error {
	return s.people.update(ctx, "stop or resume mail", func(tx *gorm.DB) error {
		if err := takePerson(tx, person); err != nil {
			return err
		}
		if !stop {
			return tx.Exec("DELETE FROM reminders_off WHERE person = ?", string(person)).Error
		}
		if err := tx.Exec("INSERT INTO reminders_off (person) VALUES (?) ON CONFLICT DO NOTHING", string(person)).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM outbox WHERE person = ? AND NOT sending", string(person)).Error
	})
}

// MailStopped says whether a person wants no mail.
func (s *Store) MailStopped(ctx context.Context, person survey.PersonID) (bool, error) {
	var stopped int64
	err := s.people.view(ctx, "ask about mail", func(tx *gorm.DB) error {
		if err := takePerson(tx, person); err != nil {
			return err
		}
		return tx.Raw("SELECT count(*) FROM reminders_off WHERE person = ?", string(person)).Scan(&stopped).Error
	})
	return stopped > 0, err
}

// ForgetPerson deletes a person: name, address, phone number, language, unit,
// mail that waits, and whether they want mail. Rosters of waves keep a random
// id that means nobody from then on. It is not taken out of them: the next
// release counts who left since the last one, and shows coarser figures because
// of it.
func (s *Store) ForgetPerson(ctx context.Context, person survey.PersonID) error {
	return s.people.update(ctx, "forget a person", func(tx *gorm.DB) error {
		if err := takePerson(tx, person); err != nil {
			return err
		}
		return tx.Exec("DELETE FROM people WHERE id = ?", string(person)).Error // mail goes with it
	})
}

func takePerson(tx *gorm.DB, person survey.PersonID) error {
	var there int64
	err := tx.Model(&personRow{}).Where("id = ?", string(person)).Count(&there).Error
	if err == nil && there == 0 {
		return survey.Fail(survey.NotFound, "error.store.person_missing", nil)
	}
	return err
}
