package survey_test

import (
	"strings"
	"sync"
	"testing"

	"attune/survey"
)

// ownPack is a small sound pack of an organisation.
func ownPack(version, question string) []byte {
	return []byte(strings.NewReplacer("VERSION", version, "QUESTION", question).Replace(`id: break-room
version: "VERSION"
title: {en: Break room}
languages: [en]
provenance: {en: {drafted: "a test"}}
licence: own
credit: Harbour (made up)
citation: [none]
disclaimer: {en: No diagnosis.}
audience: staff
confidentiality: anonymous
recall_window: {en: Choose.}
minutes: 1
responses:
  agree: [{value: 1, label: {en: "No"}}, {value: 2, label: {en: "Yes"}}]
default_response: agree
items:
  - {id: own_quiet, text: {en: QUESTION}, topic: sustains, rationale: A test.}
scales: []
`))
}

func TestAnOrganisationsOwnPackIsFoundAndTakenOutAgain(t *testing.T) {
	l, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	builtIn := len(l.All())
	for _, version := range []string{"1.10", "1.9"} {
		if _, faults, err := l.Add(ownPack(version, "It is quiet.")); err != nil || len(faults) > 0 {
			t.Fatal(faults, err)
		}
	}
	if p, err := l.Latest("break-room"); err != nil || p.Version != "1.10" {
		t.Errorf("%+v, %v; 1.10 is newer than 1.9", p, err)
	}
	if p, faults, err := l.Add(ownPack("1.9", "It is quiet.")); err != nil || len(faults) > 0 || p.Version != "1.9" {
		t.Error("the same file once more:", faults, err)
	}
	if got := len(l.All()); got != builtIn+2 {
		t.Errorf("%d packs, want %d", got, builtIn+2)
	}
	if err := l.Remove("break-room", "1.10"); err != nil {
		t.Fatal(err)
	}
	if p, err := l.Latest("break-room"); err != nil || p.Version != "1.9" || !l.Own("break-room", "1.9") || l.Own("break-room", "1.10") {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAnOwnPackNeverTakesAnothersPlace(t *testing.T) {
	l, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Add(ownPack("1.0", "It is quiet.")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.Add(ownPack("1.0", "It is loud.")); !survey.IsKey(err, "error.library.taken") {
		t.Errorf("another content under the same version: %v", err)
	}
	stolen := strings.Replace(string(ownPack("9.0", "It is quiet.")), "id: break-room", "id: pulse", 1)
	if _, _, err := l.Add([]byte(stolen)); !survey.IsKey(err, "error.library.builtin") {
		t.Errorf("a built-in pack's id: %v", err)
	}
	if err := l.Remove("pulse", "1.0"); !survey.IsKey(err, "error.library.not_own") {
		t.Errorf("a built-in pack is taken out: %v", err)
	}
	if _, faults, err := l.Add([]byte("id: x")); err != nil || len(faults) == 0 {
		t.Errorf("%v, %v; want the faults of the file", faults, err)
	}
}

func TestALibraryMayBeReadWhilePacksAreAdded(t *testing.T) {
	l, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			if _, _, err := l.Add(ownPack("1."+string(rune('0'+i)), "It is quiet.")); err != nil {
				t.Error(err)
			}
		})
		wait.Go(func() {
			if _, err := l.Latest("pulse"); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if err := l.Remove("break-room", "1.2"); err != nil {
		t.Error(err)
	}
}
