package store

import (
	"context"
	"errors"
	"testing"
	"time"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
)

func mark(t *testing.T, b survey.Branding) string {
	t.Helper()
	m, err := b.Mark()
	must(t, err)
	return m
}

func TestBrandingIsKeptWithWhatItWasBefore(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	ctx := t.Context()
	if diff := cmp.Diff(survey.Branding{}, s.Branding()); diff != "" {
		t.Fatalf("before any change: %s", diff)
	}
	first := survey.Branding{
		Accent: "#0b5a64", Logo: survey.Logo{PNG: []byte("picture"), Width: 40, Height: 20, SHA256: survey.SHA256Hex([]byte("picture"))}, Languages: []string{"en", "fr"}, Language: "fr",
		Leaving: []survey.Leaving{{Language: "es", Until: time.Date(2026, 6, 20, 23, 0, 0, 0, time.UTC)}},
	}
	must(t, s.Rebrand(ctx, func(b *survey.Branding) error { *b = first; return nil }))
	second := first
	second.Logo = survey.Logo{}
	must(t, s.Rebrand(ctx, func(b *survey.Branding) error { b.Logo = survey.Logo{}; return nil }))
	want := func(is survey.Branding) {
		t.Helper()
		if diff := cmp.Diff(is, s.Branding()); diff != "" {
			t.Error(diff)
		}
		other, _ := open(t, dir) // from the disk
		if diff := cmp.Diff(is, other.Branding()); diff != "" {
			t.Errorf("on the disk: %s", diff)
		}
	}
	want(second)
	// Undone twice it is done again; with the mark of something else, nothing is.
	wantCode(t, s.UndoBranding(ctx, mark(t, first)), survey.Conflict, "error.branding.changed")
	want(second)
	must(t, s.UndoBranding(ctx, mark(t, second)))
	want(first)
	must(t, s.UndoBranding(ctx, mark(t, first)))
	want(second)
}

func TestARefusedChangeOfTheBrandingLeavesItAloneAndIsNotNoted(t *testing.T) {
	s := newStore(t)
	must(t, s.Rebrand(t.Context(), func(b *survey.Branding) error { b.Accent = "#0b5a64"; return nil }))
	before := s.Branding()
	no := errors.New("no")
	ctx := Noting(context.WithoutCancel(t.Context()), deedOf(survey.DidAccent, ""))
	if err := s.Rebrand(ctx, func(b *survey.Branding) error { b.Accent = "#000000"; return no }); !errors.Is(err, no) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, s.Branding()); diff != "" {
		t.Error(diff)
	}
	if got := subjects(t, s, survey.AdminFilter{}); len(got) != 0 {
		t.Errorf("noted: %v", got)
	}
	must(t, s.Rebrand(ctx, func(b *survey.Branding) error { b.Accent = "#000000"; return nil }))
	if got := subjects(t, s, survey.AdminFilter{Kind: "branding"}); len(got) != 1 {
		t.Errorf("%d entries of a change, want 1", len(got))
	}
}
