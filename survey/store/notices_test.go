package store

import (
	"testing"
	"time"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
)

func noticeOf(email, day string) Notice {
	return Notice{Kind: NoticeAction, About: "a", Day: day, Moment: survey.RemindOn, Email: email}
}

func TestANoticeIsMadeOnceAndClaimedByOne(t *testing.T) {
	s, c := open(t, t.TempDir())
	ctx := t.Context()
	_, err := s.EnsureOrganisation(ctx, "Org")
	must(t, err)
	must(t, s.AddUser(ctx, User{Email: "ana@example.org"}))
	must(t, s.SetUserLanguage(ctx, "Ana@example.org", "fr"))
	n := noticeOf("ana@example.org", "2026-12-01")
	for i, want := range []int{1, 0} {
		added, err := s.AddNotices(ctx, []Notice{n, noticeOf("stranger@example.org", "2026-12-01")})
		must(t, err)
		if added != want {
			t.Errorf("time %d: %d made, want %d", i, added, want)
		}
	}
	if _, ok, err := s.ClaimLetter(ctx, survey.ByText); ok || err != nil {
		t.Error("a notice goes as a text message:", err)
	}
	got, ok, err := s.ClaimLetter(ctx, survey.ByMail)
	must(t, err)
	if diff := cmp.Diff(Letter{Notice: &n, Email: "ana@example.org", Language: "fr"}, got); !ok || diff != "" {
		t.Fatal(diff)
	}
	if _, ok, err := s.ClaimLetter(ctx, survey.ByMail); ok || err != nil {
		t.Error("claimed twice:", err)
	}
	must(t, s.PostponeLetter(ctx, got, c.at.Add(time.Minute), true))
	if _, ok, _ := s.ClaimLetter(ctx, survey.ByMail); ok {
		t.Error("claimed before it is due again")
	}
	c.at = c.at.Add(time.Minute)
	got, ok, err = s.ClaimLetter(ctx, survey.ByMail)
	must(t, err)
	if !ok || got.Tries != 1 {
		t.Errorf("claimed %v, after %d tries", ok, got.Tries)
	}
	must(t, s.SettleLetter(ctx, got, LetterSent))
	must(t, s.SettleLetter(ctx, got, LetterRefused)) // too late: it has come to its end
	if added, err := s.AddNotices(ctx, []Notice{n}); added != 0 || err != nil {
		t.Error("made again after it was sent:", added, err)
	}
	count, err := s.NoticeCounts(ctx)
	if diff := cmp.Diff(MailingCount{Sent: 1}, count); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestEveryEndOfANoticeIsCounted(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	must(t, s.AddUser(ctx, User{Email: "ana@example.org"}))
	for i, outcome := range []Outcome{LetterSent, LetterRefused, LetterUnknown, LetterExpired} {
		n := noticeOf("ana@example.org", start.AddDate(0, 0, i).Format(time.DateOnly))
		_, err := s.AddNotices(ctx, []Notice{n})
		must(t, err)
		l, ok, err := s.ClaimLetter(ctx, survey.ByMail)
		must(t, err)
		if !ok {
			t.Fatal("nothing to claim")
		}
		must(t, s.SettleLetter(ctx, l, outcome))
	}
	_, err := s.AddNotices(ctx, []Notice{noticeOf("ana@example.org", "2027-01-01"), noticeOf("ana@example.org", "2027-01-02")})
	must(t, err)
	_, _, err = s.ClaimLetter(ctx, survey.ByMail)
	must(t, err)
	count, err := s.NoticeCounts(ctx)
	if diff := cmp.Diff(MailingCount{Waiting: 1, Sending: 1, Sent: 1, Refused: 1, Expired: 1, Unknown: 1}, count); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestWhoWantsNoRemindersGetsNoneUntilTheyDoAgain(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	must(t, s.AddUser(ctx, User{Email: "ana@example.org"}))
	waiting := noticeOf("ana@example.org", "2026-12-01")
	_, err := s.AddNotices(ctx, []Notice{waiting})
	must(t, err)
	stopped := func(want bool) {
		t.Helper()
		if got, err := s.RemindersStopped(ctx, "ana@example.org"); err != nil || got != want {
			t.Errorf("stopped: %v %v, want %v", got, err, want)
		}
	}
	stopped(false)
	must(t, s.StopReminders(ctx, "ana@example.org", true))
	must(t, s.SetUserLanguage(ctx, "ana@example.org", "es")) // which is another wish
	stopped(true)
	if _, ok, _ := s.ClaimLetter(ctx, survey.ByMail); ok {
		t.Error("what waited is sent")
	}
	if added, err := s.AddNotices(ctx, []Notice{noticeOf("ana@example.org", "2026-12-02")}); added != 0 || err != nil {
		t.Error("a new one is made:", added, err)
	}
	must(t, s.StopReminders(ctx, "ana@example.org", false))
	stopped(false)
	if l, ok, err := s.ClaimLetter(ctx, survey.ByMail); !ok || err != nil || l.Language != "es" {
		t.Error("what waited is lost:", l, err)
	}
	wantCode(t, s.StopReminders(ctx, "nobody@example.org", true), survey.NotFound, "error.store.user_missing")
	_, err = s.RemindersStopped(ctx, "nobody@example.org")
	wantCode(t, err, survey.NotFound, "error.store.user_missing")
}

func TestAUserWhoIsGoneTakesTheirRemindersAlong(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	must(t, s.AddUser(ctx, User{Email: "ana@example.org"}))
	must(t, s.StopReminders(ctx, "ana@example.org", false))
	_, err := s.AddNotices(ctx, []Notice{noticeOf("ana@example.org", "2026-12-01")})
	must(t, err)
	must(t, s.people.write.Exec("DELETE FROM users").Error)
	if count, err := s.NoticeCounts(ctx); err != nil || count != (MailingCount{}) {
		t.Error(count, err)
	}
	checkForeignKeys(t, s)
}
