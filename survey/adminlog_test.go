package survey

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// chain writes deeds one behind the other, as the store does.
func chain(t interface{ Fatal(...any) }, deeds ...Deed) []AdminEntry {
	var log []AdminEntry
	last, prev := 0, ""
	for i, d := range deeds {
		e, err := NewAdminEntry(d, time.Date(2026, 11, 2, 9, 0, i, 999, time.UTC), last, prev)
		if err != nil {
			t.Fatal(err)
		}
		log, last, prev = append(log, e), e.Seq, e.SHA256
	}
	return log
}

func verify(log []AdminEntry) error {
	var c AdminChain
	for _, e := range log {
		if err := c.Next(e); err != nil {
			return err
		}
	}
	return nil
}

func TestAnEntryKeepsWhatWasDoneInWholeSeconds(t *testing.T) {
	d := Deed{Who: "ada@example.org", Roles: []string{"manager", "hr"}, Action: DidUserAdded, Subject: "new@example.org", Details: map[string]string{"roles": "hr", "unit": ""}}
	e := chain(t, d)[0]
	want := Deed{Who: "ada@example.org", Roles: []string{"hr", "manager"}, Action: DidUserAdded, Subject: "new@example.org", Details: map[string]string{"roles": "hr"}}
	if diff := cmp.Diff(want, e.Deed); diff != "" {
		t.Error(diff)
	}
	if !e.At.Equal(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)) || e.Seq != 1 {
		t.Errorf("entry %d at %s", e.Seq, e.At)
	}
	const body = `{"action":"user.added","at":"2026-11-02T09:00:00Z","details":{"roles":"hr"},"prev":"","roles":["hr","manager"],"seq":1,"subject":"new@example.org","v":1,"who":"ada@example.org"}`
	if string(e.Body) != body {
		t.Errorf("body %s", e.Body)
	}
}

func TestNothingIsKeptThatAnActionMayNotCarry(t *testing.T) {
	somebody := []string{"hr"}
	for name, d := range map[string]Deed{
		"an unknown action":     {Who: "a", Roles: somebody, Action: "export.everything"},
		"a figure":              {Who: "a", Roles: somebody, Action: DidExported, Details: map[string]string{"value": "3.5"}},
		"a name in the import":  {Who: "a", Roles: somebody, Action: DidPeopleImported, Details: map[string]string{"person": "Ana"}},
		"nobody":                {Roles: somebody, Action: DidExported},
		"somebody with no role": {Who: "a", Action: DidExported},
	} {
		if _, err := NewAdminEntry(d, time.Time{}, 0, ""); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	e := chain(t, Deed{Who: "a", Roles: somebody, Action: DidExported, Subject: strings.Repeat("é", 5000)})[0]
	if n := len([]rune(e.Subject)); n != maxDeed {
		t.Errorf("a subject of %d characters, want it cut to %d", n, maxDeed)
	}
}

// Whatever is changed, taken out, put in or exchanged in the middle is found;
// what is taken off the end is found by whoever noted the last hash.
func TestTheChainFindsEveryChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "entries")
		deeds := make([]Deed, n)
		for i := range deeds {
			deeds[i] = Deed{Who: "a", Roles: []string{"hr"}, Action: rapid.SampledFrom(DeedNames()).Draw(t, "action"), Subject: rapid.String().Draw(t, "subject")}
		}
		log := chain(t, deeds...)
		if err := verify(log); err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, n-2).Draw(t, "at")
		other := append([]AdminEntry(nil), log...)
		switch rapid.SampledFrom([]string{"text", "hash", "out", "twice", "order", "rewritten"}).Draw(t, "how") {
		case "text":
			other[at].Body = []byte(strings.Replace(string(log[at].Body), `"who":"a"`, `"who":"b"`, 1))
		case "hash":
			other[at].SHA256 = log[at+1].SHA256
		case "out":
			other = append(other[:at], other[at+1:]...)
		case "twice":
			other = append(other[:at+1], log[at:]...)
		case "order":
			other[at], other[at+1] = log[at+1], log[at]
		case "rewritten": // with a hash that fits: the next entry does not name it
			other[at].Body = []byte(strings.Replace(string(log[at].Body), `"who":"a"`, `"who":"b"`, 1))
			other[at].SHA256 = SHA256Hex(other[at].Body)
		}
		if verify(other) == nil {
			t.Fatal("the change was not found")
		}
	})
}

func TestEveryActionHasAKind(t *testing.T) {
	for _, a := range DeedNames() {
		if kind, what, found := strings.Cut(string(a), "."); !found || kind == "" || what == "" {
			t.Errorf("%q is not KIND.WHAT", a)
		}
	}
}
