package wave

import (
	"testing"

	"attune/survey"
	"attune/survey/store"
)

// A token stops reminders to one user and nothing else: it is no token of
// somebody who is asked, also for an address that is the same.
func TestATokenStopsRemindersToItsOwnUserOnly(t *testing.T) {
	h := newHouse(t, []team{{"A", 5}})
	ctx := t.Context()
	for _, email := range []string{"ana@example.org", "ben@example.org"} {
		if err := h.db.AddUser(ctx, store.User{Email: email}); err != nil {
			t.Fatal(err)
		}
	}
	tokens := make(map[string]bool)
	for _, email := range []string{"ana@example.org", "ben@example.org", "gone@example.org"} {
		token, err := h.ReminderStop(email)
		if err != nil || len(token) != 22 || tokens[token] {
			t.Fatalf("%s: token %q, %v", email, token, err)
		}
		tokens[token] = true
		got, err := h.ReminderHolder(ctx, token)
		if want := email; want != "gone@example.org" && (got != want || err != nil) {
			t.Errorf("%s: found %q, %v", email, got, err)
		}
		if email == "gone@example.org" && !survey.IsKey(err, "unsubscribe.link") {
			t.Errorf("somebody who is no user: %q, %v", got, err)
		}
		if _, err := h.Unsubscriber(ctx, token); !survey.IsCode(err, survey.NotFound) {
			t.Errorf("%s: the token stops mail of a person: %v", email, err)
		}
	}
	links, err := h.PersonLinks(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if _, err := h.ReminderHolder(ctx, link.Stop); !survey.IsCode(err, survey.NotFound) {
			t.Errorf("a person's token stops reminders: %v", err)
		}
	}
	if _, err := h.ReminderHolder(ctx, ""); !survey.IsCode(err, survey.NotFound) {
		t.Errorf("no token: %v", err)
	}
}
