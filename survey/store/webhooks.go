package store

import (
	"context"
	"errors"
	"net/url"
	"time"

	"gorm.io/gorm"

	"attune/survey"
)

// Webhook is an address that is told when a wave moves on.
type Webhook struct {
	ID      string
	URL     string
	Secret  []byte // signs what goes there
	Private bool   // it may lead into the organisation's own network
	Created string // YYYY-MM-DD
}

// Host is the part of the address that may be shown: the rest may be a secret
// of the receiver.
func (w Webhook) Host() string {
	u, err := url.Parse(w.URL)
	if err != nil {
		return ""
	}
	return u.Host
}

// The states of a delivery.
const (
	DeliveryWaiting   = "waiting"
	DeliveryDelivered = "delivered" // the receiver took it; it is never sent again
	DeliveryFailed    = "failed"    // given up
)

// Delivery is one piece of news for one webhook.
type Delivery struct {
	ID      string // the same in every try
	Webhook string // its id
	Wave    survey.WaveID
	Event   survey.State // what the wave has become
	At      time.Time    // when that was noticed
	State   string
	Tries   int
	Due     time.Time // of the next try, while it waits
	Status  int       // HTTP status of the last answer; 0: there was none
}

type webhookRow struct {
	ID      string `gorm:"primaryKey"`
	URL     string `gorm:"column:url"`
	Secret  []byte
	Private bool
	Created string
}

func (webhookRow) TableName() string { return "webhooks" }

type newsRow struct {
	Wave  string `gorm:"primaryKey"`
	Event string `gorm:"primaryKey"`
	At    int64
}

func (newsRow) TableName() string { return "wave_news" }

type deliveryRow struct {
	ID      string `gorm:"primaryKey"`
	Webhook string
	Wave    string
	Event   string
	State   string
	Tries   int
	Due     int64
	Status  int
}

func (deliveryRow) TableName() string { return "deliveries" }

func (r deliveryRow) delivery(at int64) Delivery {
	return Delivery{
		ID: r.ID, Webhook: r.Webhook, Wave: survey.WaveID(r.Wave), Event: survey.State(r.Event), At: time.Unix(at, 0).UTC(),
		State: r.State, Tries: r.Tries, Due: time.Unix(r.Due, 0).UTC(), Status: r.Status,
	}
}

// AddWebhook stores a webhook under a new id, which it gives. It is told of
// what waves become from now on, and not of what they were before. It fails
// when the address has one already.
func (s *Store) AddWebhook(ctx context.Context, w Webhook) (string, error) {
	row := webhookRow{ID: s.cfg.NewID(), URL: w.URL, Secret: w.Secret, Private: w.Private, Created: w.Created}
	err := s.people.update(ctx, "add a webhook", func(tx *gorm.DB) error {
		if err := s.noteNews(tx); err != nil {
			return err
		}
		err := tx.Create(&row).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return survey.Fail(survey.Conflict, "error.webhook.taken", nil)
		}
		return err
	})
	return row.ID, err
}

// Webhooks lists all webhooks by the day on which they were added.
func (s *Store) Webhooks(ctx context.Context) ([]Webhook, error) {
	var rows []webhookRow
	err := s.people.view(ctx, "list webhooks", func(tx *gorm.DB) error { return tx.Order("created, id").Find(&rows).Error })
	if err != nil {
		return nil, err
	}
	hooks := make([]Webhook, len(rows))
	for i, r := range rows {
		hooks[i] = Webhook(r)
	}
	return hooks, nil
}

// RemoveWebhook forgets a webhook and what waits for it. It fails with NotFound
// when there is none with this id.
func (s *Store) RemoveWebhook(ctx context.Context, id string) error {
	return s.people.update(ctx, "remove a webhook", func(tx *gorm.DB) error {
		done := tx.Exec("DELETE FROM webhooks WHERE id = ?", id)
		if done.Error == nil && done.RowsAffected == 0 {
			return survey.Fail(survey.NotFound, "error.webhook.gone", nil)
		}
		return done.Error
	})
}

// newsOf lists what a wave in a state has become since it was planned. A void
// wave may have got to any state before; that was noted at the time.
func newsOf(state survey.State) []survey.State {
	switch state {
	case survey.Announced:
		return []survey.State{survey.Announced}
	case survey.Open:
		return []survey.State{survey.Announced, survey.Open}
	case survey.Closed:
		return []survey.State{survey.Announced, survey.Open, survey.Closed}
	case survey.Released:
		return []survey.State{survey.Announced, survey.Open, survey.Closed, survey.Released}
	case survey.Void:
		return []survey.State{survey.Void}
	}
	return nil
}

// NoteNews notes what waves have become since the last time, each once, and
// puts it into the outbox of every webhook. It writes only when there is news.
func (s *Store) NoteNews(ctx context.Context) error {
	var fresh []newsRow
	err := s.people.view(ctx, "look for news of waves", func(tx *gorm.DB) (err error) {
		fresh, err = freshNews(tx)
		return err
	})
	if err != nil || len(fresh) == 0 {
		return err
	}
	return s.people.update(ctx, "note news of waves", s.noteNews)
}

// freshNews finds what is not noted yet.
func freshNews(tx *gorm.DB) ([]newsRow, error) {
	var waves []waveRow
	if err := tx.Select("id", "state").Order("opens, id").Find(&waves).Error; err != nil {
		return nil, err
	}
	var noted []newsRow
	if err := tx.Find(&noted).Error; err != nil {
		return nil, err
	}
	had := make(map[newsRow]bool, len(noted))
	for _, n := range noted {
		n.At = 0
		had[n] = true
	}
	var fresh []newsRow
	for _, w := range waves {
		for _, event := range newsOf(survey.State(w.State)) {
			if n := (newsRow{Wave: w.ID, Event: string(event)}); !had[n] {
				fresh = append(fresh, n)
			}
		}
	}
	return fresh, nil
}

// keptDeliveries is how long what became of a delivery can be looked up.
const keptDeliveries = 90 * 24 * time.Hour

func (s *Store) noteNews(tx *gorm.DB) error {
	fresh, err := freshNews(tx)
	if err != nil || len(fresh) == 0 {
		return err
	}
	var hooks []webhookRow
	if err := tx.Find(&hooks).Error; err != nil {
		return err
	}
	now := s.cfg.Now()
	var out []deliveryRow
	for i := range fresh {
		fresh[i].At = now.Unix()
		for _, h := range hooks {
			out = append(out, deliveryRow{ID: s.cfg.NewID(), Webhook: h.ID, Wave: fresh[i].Wave, Event: fresh[i].Event, State: DeliveryWaiting, Due: now.Unix()})
		}
	}
	if err := tx.CreateInBatches(fresh, insertBatch).Error; err != nil {
		return err
	}
	if err := tx.Exec("DELETE FROM deliveries WHERE state <> 'waiting' AND due < ?", now.Add(-keptDeliveries).Unix()).Error; err != nil || len(out) == 0 {
		return err
	}
	return tx.CreateInBatches(out, insertBatch).Error
}

// Deliveries lists the newest deliveries of a webhook, limit at most.
func (s *Store) Deliveries(ctx context.Context, webhook string, limit int) ([]Delivery, error) {
	var rows []struct {
		Of deliveryRow `gorm:"embedded"`
		At int64
	}
	err := s.people.view(ctx, "list deliveries", func(tx *gorm.DB) error {
		return tx.Raw(`SELECT d.*, n.at AS at FROM deliveries d JOIN wave_news n ON n.wave = d.wave AND n.event = d.event JOIN waves w ON w.id = d.wave
			WHERE d.webhook = ? ORDER BY n.at DESC, w.opens DESC,
			CASE d.event WHEN 'announced' THEN 3 WHEN 'open' THEN 2 WHEN 'closed' THEN 1 ELSE 0 END LIMIT ?`, webhook, limit).Scan(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	all := make([]Delivery, len(rows))
	for i, r := range rows {
		all[i] = r.Of.delivery(r.At)
	}
	return all, nil
}

// ClaimDelivery takes one delivery that is due, counts the try and puts the
// next one off by lease, so that no other process sends it meanwhile and it is
// not lost when this one is killed. ok is false when there is none. Whoever
// claims a delivery owes the store what became of it.
func (s *Store) ClaimDelivery(ctx context.Context, lease time.Duration) (d Delivery, hook Webhook, ok bool, err error) {
	now := s.cfg.Now().Unix()
	var due int64
	err = s.people.view(ctx, "look for deliveries", func(tx *gorm.DB) error {
		return tx.Raw("SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE state = 'waiting' AND due <= ? LIMIT 1) AS due", now).Scan(&due).Error
	})
	if err != nil || due == 0 {
		return Delivery{}, Webhook{}, false, err
	}
	err = s.people.update(ctx, "claim a delivery", func(tx *gorm.DB) error {
		ok = false
		var claimed []deliveryRow
		err := tx.Raw(`UPDATE deliveries SET tries = tries + 1, due = ? WHERE id IN (
				SELECT d.id FROM deliveries d JOIN wave_news n ON n.wave = d.wave AND n.event = d.event
				WHERE d.state = 'waiting' AND d.due <= ? ORDER BY d.due, n.at, d.wave,
					CASE d.event WHEN 'announced' THEN 0 WHEN 'open' THEN 1 WHEN 'closed' THEN 2 ELSE 3 END LIMIT 1
			) RETURNING *`, now+int64(lease/time.Second), now).Scan(&claimed).Error
		if err != nil || len(claimed) == 0 {
			return err
		}
		var to webhookRow
		if err := tx.Where("id = ?", claimed[0].Webhook).Take(&to).Error; err != nil {
			return err
		}
		var n newsRow
		if err := tx.Where("wave = ? AND event = ?", claimed[0].Wave, claimed[0].Event).Take(&n).Error; err != nil {
			return err
		}
		d, hook, ok = claimed[0].delivery(n.At), Webhook(to), true
		return nil
	})
	return d, hook, ok, err
}

// SettleDelivery writes down what became of a claimed delivery: delivered,
// failed for good, or waiting to be tried from due on. status is that of the
// answer; 0 for none. A delivery that is gone, because its webhook is, or that
// was delivered already, is left alone.
func (s *Store) SettleDelivery(ctx context.Context, id, state string, status int, due time.Time) error {
	return s.people.update(ctx, "settle a delivery", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE deliveries SET state = ?, status = ?, due = ? WHERE id = ? AND state = 'waiting'", state, status, due.Unix(), id).Error
	})
}
