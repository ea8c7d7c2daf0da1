package notify

import (
	"context"
	"errors"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// enqueueDue makes the mailings whose moment has come. A mailing that was made
// is recorded with the outbox, so that each is made once. Whoever hears late
// hears the newest word only: after an announcement that nobody was told of in
// time comes the opening, and of several missed reminders the last.
func (c Clock) enqueueDue(ctx context.Context) error {
	waves, err := c.Waves.Waves(ctx)
	if err != nil {
		return err
	}
	made, err := c.Store.MailingsMade(ctx)
	if err != nil {
		return err
	}
	programmes, err := c.Store.Programmes(ctx)
	if err != nil {
		return err
	}
	byID := make(map[string]survey.Programme, len(programmes))
	for _, p := range programmes {
		byID[p.ID] = p
	}
	letters := letters(waves, made)
	var faults []error
	for _, w := range waves {
		was := func(kind Kind, n int) bool { return made[store.Mailing{Wave: w.ID, Kind: string(kind), N: n}] }
		faults = append(faults, c.enqueue(ctx, w, c.remindersPassed(byID[w.Programme], w), letters[w.Programme] == w.ID, was))
	}
	return errors.Join(faults...)
}

// remindersPassed counts the reminders of a wave whose moment has come.
func (c Clock) remindersPassed(p survey.Programme, w survey.Wave) int {
	passed := 0
	if p.ID == "" { // a wave that was planned by hand
		return passed
	}
	for _, at := range p.On(day(w.Opens.In(c.Zone)), c.Zone).Reminders {
		if at.Before(w.Closes) && !c.Now().Before(at) {
			passed++
		}
	}
	return passed
}

// day is a date without its hour, in UTC.
func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// letters names, for every offer after an incident whose letter has not been
// made, the wave that it is made with: the first that has not closed. There is
// one letter for all rounds.
func letters(waves []survey.Wave, made map[store.Mailing]bool) map[string]survey.WaveID {
	first := make(map[string]survey.WaveID)
	for _, w := range waves { // by opening
		if survey.IsIncident(w.Programme) && first[w.Programme] == "" && (w.State == survey.Announced || w.State == survey.Open) {
			first[w.Programme] = w.ID
		}
	}
	for _, w := range waves {
		if made[store.Mailing{Wave: w.ID, Kind: string(Incident)}] {
			delete(first, w.Programme)
		}
	}
	return first
}

// enqueue makes at most one mailing of a wave. The letter after an incident
// takes the place of the announcement, and of the word that the wave is open
// where it is open already.
func (c Clock) enqueue(ctx context.Context, w survey.Wave, reminder int, letter bool, was func(Kind, int) bool) error {
	now, kind, n := c.Now(), Kind(""), 0
	switch {
	case letter && now.Before(w.Closes):
		kind = Incident
		if w.State == survey.Open {
			if _, err := c.Store.AddMailing(ctx, store.Mailing{Wave: w.ID, Kind: string(Opened)}, nil); err != nil {
				return err
			}
		}
	case w.State == survey.Announced && survey.IsIncident(w.Programme):
		return nil
	case w.State == survey.Announced && now.Before(w.Opens) && !was(Announced, 0):
		kind = Announced
	case w.State == survey.Open && now.Before(w.Closes) && !was(Opened, 0):
		kind = Opened
		if reminder > 0 && !was(Reminder, reminder) {
			// Told so late, nobody has to be reminded of it in the same hour: the
			// reminder counts as made, to nobody.
			if _, err := c.Store.AddMailing(ctx, store.Mailing{Wave: w.ID, Kind: string(Reminder), N: reminder}, nil); err != nil {
				return err
			}
		}
	case w.State == survey.Open && now.Before(w.Closes) && reminder > 0 && !was(Reminder, reminder):
		kind, n = Reminder, reminder
	case w.State == survey.Released && now.Before(w.Closes.AddDate(0, 0, survey.ReleaseWithinDays)) && !was(Results, 0):
		kind = Results
	default:
		return nil
	}
	_, err := c.Outbox.Enqueue(ctx, w.ID, kind, n)
	return err
}
