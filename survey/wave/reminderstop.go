package wave

import (
	"context"
	"crypto/subtle"

	"attune/survey"
)

// remindDomain keeps the tokens that stop reminders to users apart from those
// of people who are asked: nothing connects the two.
const remindDomain = "attune/v1 reminders\x00"

// ReminderStop is the token that stops reminders to a user, by their e-mail
// address. It is made from the key of personal links and stored nowhere.
func (w *Waves) ReminderStop(email string) (string, error) {
	key, err := w.linkKey()
	if err != nil {
		return "", err
	}
	return personToken(key, remindDomain, survey.PersonID(email)), nil
}

// ReminderHolder finds whose token to stop reminders it is. It fails with
// NotFound for every other token.
func (w *Waves) ReminderHolder(ctx context.Context, token string) (email string, err error) {
	users, err := w.cfg.Store.Users(ctx)
	if err != nil {
		return "", err
	}
	for _, u := range users { // all of them: how long it takes tells nothing
		own, err := w.ReminderStop(u.Email)
		if err != nil {
			return "", err
		}
		if subtle.ConstantTimeCompare([]byte(own), []byte(token)) == 1 {
			email = u.Email
		}
	}
	if email == "" {
		return "", survey.Fail(survey.NotFound, "unsubscribe.link", nil)
	}
	return email, nil
}
