package store

import (
	"testing"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
)

func TestATokenIsFoundByItsHashUntilItIsRevoked(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	root, err := s.EnsureOrganisation(ctx, "Harbour")
	must(t, err)
	token := Token{Name: "Intranet", Unit: root.ID, Hash: "aa", Created: "2026-11-02", Expires: "2026-11-10"}
	token.ID, err = s.AddToken(ctx, token)
	must(t, err)
	whole := Token{Name: "Archive", Hash: "bb", Created: "2026-11-02", Expires: "2027-11-02"}
	whole.ID, err = s.AddToken(ctx, whole)
	must(t, err)

	for _, step := range []struct{ day, used string }{
		{"2026-11-03", "2026-11-03"},
		{"2026-11-03", "2026-11-03"},
		{"2026-11-10", "2026-11-10"},
		{"2026-11-09", "2026-11-10"}, // a clock that was set back
		{"2026-11-11", "2026-11-10"}, // expired: found, so that it can be said, and not used
	} {
		token.Used = step.used
		got, err := s.UseToken(ctx, "aa", step.day)
		must(t, err)
		if diff := cmp.Diff(token, got); diff != "" {
			t.Errorf("on %s: %s", step.day, diff)
		}
	}
	all, err := s.Tokens(ctx)
	must(t, err)
	if diff := cmp.Diff([]Token{whole, token}, all); diff != "" {
		t.Error(diff)
	}

	gone, err := s.RemoveToken(ctx, token.ID)
	must(t, err)
	if diff := cmp.Diff(token, gone); diff != "" {
		t.Error(diff)
	}
	_, err = s.UseToken(ctx, "aa", "2026-11-04")
	wantCode(t, err, survey.NotFound, "error.token.gone")
	_, err = s.RemoveToken(ctx, token.ID)
	wantCode(t, err, survey.NotFound, "error.token.gone")
}

func TestATokenNeedsANameOfItsOwnAndAUnitThatIsThere(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	_, err := s.AddToken(ctx, Token{Name: "Intranet", Hash: "aa"})
	must(t, err)
	_, err = s.AddToken(ctx, Token{Name: "Intranet", Hash: "bb"})
	wantCode(t, err, survey.Conflict, "error.token.taken")
	_, err = s.AddToken(ctx, Token{Name: "Other", Hash: "bb", Unit: "nowhere"})
	wantCode(t, err, survey.NotFound, "error.store.unit_missing")
}
