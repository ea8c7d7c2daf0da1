package store

import (
	"testing"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestContactsAreReplacedTogetherOrNotAtAll(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	organisation, err := s.EnsureOrganisation(ctx, "Harbour")
	must(t, err)
	first := []survey.Contact{
		{Site: organisation.ID, Tier: survey.TierToday, Language: "fr", Name: "Ana", Reach: "12", Hours: "8–20", WhenICall: "She listens.", Order: 1},
		{Tier: survey.TierAny, Name: "Room", Reach: "0.10", Order: 2},
	}
	want := func(list []survey.Contact) {
		t.Helper()
		got, err := s.Contacts(ctx)
		must(t, err)
		if diff := cmp.Diff(list, got, cmpopts.IgnoreFields(survey.Contact{}, "ID"), cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	}
	want(nil)
	must(t, s.ReplaceContacts(ctx, first))
	want(first)
	err = s.ReplaceContacts(ctx, []survey.Contact{{Tier: survey.TierAny, Name: "x", Reach: "y"}, {Site: "elsewhere", Tier: survey.TierAny, Name: "x", Reach: "y"}})
	wantCode(t, err, survey.NotFound, "error.store.unit_missing")
	err = s.ReplaceContacts(ctx, []survey.Contact{{Tier: "now", Name: "x", Reach: "y"}})
	wantCode(t, err, survey.Invalid, "error.contact.tier")
	want(first)
	must(t, s.ReplaceContacts(ctx, first[1:]))
	want(first[1:])
	must(t, s.ReplaceContacts(ctx, nil))
	want(nil)
}
