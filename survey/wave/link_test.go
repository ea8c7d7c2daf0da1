package wave

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
)

func TestALinkIsTheSameInEveryWaveAfterEveryStartAndInEveryProcess(t *testing.T) {
	a := newHouse(t, twoTeams())
	b := process(t, a.dir, start)
	var (
		wait sync.WaitGroup
		got  [8]map[survey.PersonID]string
		errs [8]error
	)
	for i := range got { // the first use makes the key: two processes at once
		wait.Go(func() { got[i], errs[i] = []*house{a, b}[i%2].Links(t.Context()) })
	}
	wait.Wait()
	must(t, errors.Join(errs[:]...))
	for _, links := range got[1:] {
		if diff := cmp.Diff(got[0], links); diff != "" {
			t.Fatal(diff)
		}
	}
	form, seen := regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`), make(map[string]bool) // 128 bits
	for _, token := range got[0] {
		if !form.MatchString(token) || seen[token] {
			t.Errorf("token %q", token)
		}
		seen[token] = true
	}
	if len(seen) != 13 { // 7 + 6
		t.Errorf("%d links", len(seen))
	}

	w := a.announce(electronic(day))
	a.opens(w)
	a.clock.set(w.Closes)
	a.tick() // too few ballots or not, the wave ends
	a.announce(electronic(40 * day))
	again := process(t, copyFolder(t, a.dir), start)
	for _, h := range []*house{a, again} {
		links, err := h.Links(t.Context())
		must(t, err)
		if diff := cmp.Diff(got[0], links); diff != "" {
			t.Fatal(diff)
		}
	}
	if other, err := newHouse(t, twoTeams()).Links(t.Context()); err != nil || cmp.Equal(got[0], other) {
		t.Errorf("another installation has the same links (%v)", err)
	}
}

func TestNoFileHoldsALink(t *testing.T) {
	h := newHouse(t, twoTeams())
	w := h.announce(electronic(day))
	h.opens(w)
	all := make(map[string][]byte)
	for email, p := range h.phones() {
		raw, err := base64.RawURLEncoding.DecodeString(p.token)
		must(t, err)
		for form, mark := range marks("link of "+email, raw) {
			all[form] = mark
		}
		h.castTicket(h.ticket(p, w.ID), h.answers(1))
		_, _ = h.draw(p.lost(1), w.ID) // refused
	}
	if found, files, err := search(h.dir, all); err != nil || len(found) > 0 || files < 5 { // the key folder too
		t.Fatalf("%d files, %v: %v", files, found, err)
	}
}

func TestTheKeyOfLinksIsForItsOwnerOnlyAndInNoName(t *testing.T) {
	h := newHouse(t, twoTeams())
	_, err := h.Links(t.Context())
	must(t, err)
	info, err := os.Stat(filepath.Join(h.dir, "keys", linkKeyFile))
	must(t, err)
	if info.Mode().Perm() != 0o600 || info.Size() != keyBytes {
		t.Errorf("mode %o, %d bytes", info.Mode().Perm(), info.Size())
	}
	left, err := os.ReadDir(filepath.Join(h.dir, "keys"))
	must(t, err)
	for _, file := range left {
		if file.Name() != linkKeyFile {
			t.Errorf("%s is left", file.Name())
		}
	}
	must(t, os.WriteFile(filepath.Join(h.dir, "keys", linkKeyFile), []byte("short"), 0o600))
	if _, err := h.Links(t.Context()); err == nil {
		t.Error("a damaged key makes links that nobody holds")
	}
}
