package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
	"gorm.io/gorm"
)

func deedOf(action survey.DeedName, subject string) survey.Deed {
	return survey.Deed{Who: "ada@example.org", Roles: []string{"admin"}, Action: action, Subject: subject}
}

// subjects reads the whole log, the oldest first, and checks its chain.
func subjects(t *testing.T, s *Store, f survey.AdminFilter) []string {
	t.Helper()
	var all []string
	var chain survey.AdminChain
	must(t, s.EachDeed(t.Context(), survey.AdminFilter{}, chain.Next))
	must(t, s.EachDeed(t.Context(), f, func(e survey.AdminEntry) error {
		all = append(all, e.Subject)
		return nil
	}))
	return all
}

func TestAChangeAndItsEntryAreKeptTogetherOrNotAtAll(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	user := User{Email: "new@example.org", Roles: []string{"hr"}}
	must(t, s.AddUser(Noting(ctx, deedOf(survey.DidUserAdded, "new@example.org")), user))
	refused := Noting(ctx, deedOf(survey.DidUserAdded, "twice"))
	wantCode(t, s.AddUser(refused, user), survey.Conflict, "error.store.user_exists")
	if diff := cmp.Diff([]string{"new@example.org"}, subjects(t, s, survey.AdminFilter{})); diff != "" {
		t.Error(diff)
	}

	// A deed that cannot be kept takes the change with it.
	bad := deedOf(survey.DidUserAdded, "x")
	bad.Details = map[string]string{"value": "3.5"}
	if err := s.AddUser(Noting(ctx, bad), User{Email: "other@example.org", Roles: []string{"hr"}}); err == nil {
		t.Error("a user was added with a deed that may not be kept")
	}
	_, err := s.UserByEmail(ctx, "other@example.org")
	wantCode(t, err, survey.NotFound, "error.store.user_missing")
}

func TestADeedIsNotedOnceAndOnlyWithWhatIsKept(t *testing.T) {
	s := newStore(t)
	ctx := Noting(t.Context(), deedOf(survey.DidOwnPassword, "once"))
	fault := errors.New("stopped")
	err := s.people.update(ctx, "fail", func(*gorm.DB) error { return fault })
	if !errors.Is(err, fault) {
		t.Fatal(err)
	}
	if got := subjects(t, s, survey.AdminFilter{}); got != nil {
		t.Errorf("noted with a change that failed: %v", got)
	}
	for range 2 {
		must(t, s.people.update(ctx, "succeed", func(*gorm.DB) error { return nil }))
	}
	if diff := cmp.Diff([]string{"once"}, subjects(t, s, survey.AdminFilter{})); diff != "" {
		t.Error(diff)
	}
}

func TestTheLogIsReadInBoundedPartsByKindAndDate(t *testing.T) {
	s, c := open(t, t.TempDir())
	ctx := t.Context()
	for i := range 7 {
		c.at = start.AddDate(0, 0, i)
		action := survey.DidExported
		if i%2 == 1 {
			action = survey.DidContacts
		}
		must(t, s.AddDeed(ctx, deedOf(action, fmt.Sprint(i))))
	}
	read := func(f survey.AdminFilter, before, limit int) (got []string) {
		t.Helper()
		entries, err := s.AdminLog(ctx, f, before, limit)
		must(t, err)
		for _, e := range entries {
			got = append(got, e.Subject)
		}
		return got
	}
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	for _, part := range []struct {
		name string
		got  []string
		want []string
	}{
		{"the newest", read(survey.AdminFilter{}, 0, 3), []string{"6", "5", "4"}},
		{"what comes next", read(survey.AdminFilter{}, 5, 3), []string{"3", "2", "1"}}, // entry 5 is "4"
		{"a kind", read(survey.AdminFilter{Kind: "contacts"}, 0, 9), []string{"5", "3", "1"}},
		{"days", read(survey.AdminFilter{From: day(2), To: day(4)}, 0, 9), []string{"3", "2"}},
		{"all of a kind, the oldest first", subjects(t, s, survey.AdminFilter{Kind: "export"}), []string{"0", "2", "4", "6"}},
		{"none", read(survey.AdminFilter{Kind: "nothing"}, 0, 9), nil},
		{"no more than asked", read(survey.AdminFilter{}, 0, 0), nil},
	} {
		if diff := cmp.Diff(part.want, part.got); diff != "" {
			t.Errorf("%s: %s", part.name, diff)
		}
	}
}

func TestTheLogShowsWhatWasChangedInItsFile(t *testing.T) {
	for name, change := range map[string]string{
		"a text":           "UPDATE admin_log SET body = CAST(replace(body, 'ada@', 'eva@') AS blob) WHERE seq = 2",
		"one is taken out": "DELETE FROM admin_log WHERE seq = 2",
		"the first ones":   "DELETE FROM admin_log WHERE seq < 3",
		"other numbers":    "DELETE FROM admin_log WHERE seq = 1; UPDATE admin_log SET seq = seq - 1",
	} {
		s := newStore(t)
		for i := range 4 {
			must(t, s.AddDeed(t.Context(), deedOf(survey.DidExported, fmt.Sprint(i))))
		}
		must(t, s.people.write.Exec(change).Error)
		var chain survey.AdminChain
		if err := s.EachDeed(t.Context(), survey.AdminFilter{}, chain.Next); err == nil {
			t.Errorf("%s: it was not found", name)
		}
	}
}

func TestManyDeedsAtOnceMakeOneChain(t *testing.T) {
	s := newStore(t)
	done := make(chan error)
	for i := range 8 {
		go func() { done <- s.AddDeed(t.Context(), deedOf(survey.DidExported, fmt.Sprint(i))) }()
	}
	for range 8 {
		must(t, <-done)
	}
	if n := len(subjects(t, s, survey.AdminFilter{})); n != 8 {
		t.Errorf("%d entries, want 8", n)
	}
}
