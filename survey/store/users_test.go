package store

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
)

func TestAUserIsFoundByAddressInAnyCase(t *testing.T) {
	s := withStaff(t, "Ana: North")
	want := User{Email: "mia@example.org", PasswordHash: "h1", Roles: []string{"manager", "hr"}, Unit: unitAt(t, s, "North"), MustChange: true}
	given := want
	given.Email = " Mia@Example.org"
	must(t, s.AddUser(t.Context(), given))
	got, err := s.UserByEmail(t.Context(), "MIA@example.org ")
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	must(t, s.AddUser(t.Context(), User{Email: "adam@example.org", PasswordHash: "h2"}))
	all, err := s.Users(t.Context())
	must(t, err)
	if diff := cmp.Diff([]User{{Email: "adam@example.org", PasswordHash: "h2", Roles: []string{}}, want}, all); diff != "" {
		t.Fatal(diff)
	}
}

func TestAnAddressBelongsToOneUser(t *testing.T) {
	s := withStaff(t)
	must(t, s.AddUser(t.Context(), User{Email: "mia@example.org", PasswordHash: "h1"}))
	wantCode(t, s.AddUser(t.Context(), User{Email: "MIA@example.org", PasswordHash: "h2"}), survey.Conflict, "error.store.user_exists")
	got, err := s.UserByEmail(t.Context(), "mia@example.org")
	must(t, err)
	if got.PasswordHash != "h1" {
		t.Fatal("the first user was replaced")
	}
}

func TestAUserOfAMissingUnitIsRefused(t *testing.T) {
	s := withStaff(t)
	wantCode(t, s.AddUser(t.Context(), User{Email: "mia@example.org", Unit: "nowhere"}), survey.NotFound, "error.store.unit_missing")
	_, err := s.UserByEmail(t.Context(), "mia@example.org")
	wantCode(t, err, survey.NotFound, "error.store.user_missing")
	if err := s.AddUser(t.Context(), User{Email: "  "}); err == nil {
		t.Fatal("a user without an address was stored")
	}
}

func TestAPasswordIsReplaced(t *testing.T) {
	s := withStaff(t)
	must(t, s.AddUser(t.Context(), User{Email: "mia@example.org", PasswordHash: "h1", MustChange: true}))
	must(t, s.SetPassword(t.Context(), "Mia@example.org", "h2", false))
	got, err := s.UserByEmail(t.Context(), "mia@example.org")
	must(t, err)
	if got.PasswordHash != "h2" || got.MustChange {
		t.Fatalf("%+v", got)
	}
	wantCode(t, s.SetPassword(t.Context(), "noah@example.org", "h", false), survey.NotFound, "error.store.user_missing")
}

func TestASessionEndsWhenItExpires(t *testing.T) {
	s, c := open(t, filepath.Join(t.TempDir(), "data"))
	_, err := s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	must(t, s.AddUser(t.Context(), User{Email: "mia@example.org"}))
	must(t, s.CreateSession(t.Context(), Session{TokenHash: "t1", Email: "Mia@example.org", Expires: start.Add(time.Hour)}))
	c.at = start.Add(time.Hour - time.Second)
	user, err := s.SessionUser(t.Context(), "t1")
	must(t, err)
	if user.Email != "mia@example.org" {
		t.Fatalf("%+v", user)
	}
	must(t, s.DeleteExpiredSessions(t.Context()))
	_, err = s.SessionUser(t.Context(), "t1")
	must(t, err)

	c.at = start.Add(time.Hour)
	_, err = s.SessionUser(t.Context(), "t1")
	wantCode(t, err, survey.NotFound, "error.store.session_missing")
	must(t, s.DeleteExpiredSessions(t.Context()))
	c.at = start // even with the clock set back
	_, err = s.SessionUser(t.Context(), "t1")
	wantCode(t, err, survey.NotFound, "error.store.session_missing")
}

func TestSessionsAreDeletedOneByOneOrAllOfAUser(t *testing.T) {
	s, _ := open(t, filepath.Join(t.TempDir(), "data"))
	for _, email := range []string{"mia@example.org", "noah@example.org"} {
		must(t, s.AddUser(t.Context(), User{Email: email}))
		for _, n := range []string{"1", "2"} {
			must(t, s.CreateSession(t.Context(), Session{TokenHash: email + n, Email: email, Expires: start.Add(time.Hour)}))
		}
	}
	wantCode(t, s.CreateSession(t.Context(), Session{TokenHash: "x", Email: "olga@example.org"}), survey.NotFound, "error.store.user_missing")
	must(t, s.DeleteSessionsOf(t.Context(), "MIA@example.org"))
	must(t, s.DeleteSession(t.Context(), "noah@example.org1"))
	must(t, s.DeleteSession(t.Context(), "noah@example.org1")) // has ended already
	for token, there := range map[string]bool{
		"mia@example.org1": false, "mia@example.org2": false, "noah@example.org1": false, "noah@example.org2": true,
	} {
		if _, err := s.SessionUser(t.Context(), token); (err == nil) != there {
			t.Errorf("session %s: %v", token, err)
		}
	}
}
