package survey

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// chained makes a log of one manifest and what became of it for every wave.
func chained(t testing.TB, waves ...WaveID) []Entry {
	t.Helper()
	var log []Entry
	add := func(kind EntryKind, wave WaveID, body func(prev string) any) {
		prev := ""
		if len(log) > 0 {
			prev = log[len(log)-1].SHA256
		}
		raw, err := Canonical(body(prev))
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, Entry{Seq: len(log) + 1, Kind: kind, Wave: wave, Body: raw, SHA256: SHA256Hex(raw)})
	}
	for i, wave := range waves {
		add(ManifestEntry, wave, func(prev string) any { return Manifest{V: 1, Wave: wave, K: 5, Prev: prev} })
		if i%3 == 2 {
			add(VoidEntry, wave, func(prev string) any { return VoidRecord{V: 1, Kind: VoidEntry, Wave: wave, Prev: prev} })
			continue
		}
		add(ReleaseEntry, wave, func(prev string) any { return ReleaseRecord{V: 1, Kind: ReleaseEntry, Wave: wave, Prev: prev} })
	}
	return log
}

func TestAnUnchangedLogVerifies(t *testing.T) {
	if err := VerifyChain(nil); err != nil {
		t.Errorf("an empty log: %v", err)
	}
	log := chained(t, "2026-09", "2026-10", "2026-11")
	for n := range log {
		if err := VerifyChain(log[:n+1]); err != nil {
			t.Errorf("the first %d entries: %v", n+1, err)
		}
	}
}

func TestTheFirstWrongEntryOfALogIsNamed(t *testing.T) {
	rehash := func(e *Entry) { e.SHA256 = SHA256Hex(e.Body) }
	for name, c := range map[string]struct {
		change func([]Entry) []Entry
		want   string
	}{
		"a changed text": {func(l []Entry) []Entry {
			l[2].Body = []byte(strings.Replace(string(l[2].Body), `"k":5`, `"k":3`, 1))
			return l
		}, "log entry 3 (manifest of wave 2026-10): its text hashes to"},
		"a changed text with its hash": {func(l []Entry) []Entry {
			l[2].Body = []byte(strings.Replace(string(l[2].Body), `"k":5`, `"k":3`, 1))
			rehash(&l[2])
			return l
		}, "log entry 4 (release of wave 2026-10) names"},
		"a missing entry":       {func(l []Entry) []Entry { return append(l[:1:1], l[2:]...) }, "log entry 3 stands at place 2: an entry is missing or was added"},
		"a missing first entry": {func(l []Entry) []Entry { return l[1:] }, "log entry 2 stands at place 1"},
		"a missing entry, recounted": {func(l []Entry) []Entry {
			l = append(l[:1:1], l[2:]...)
			for i := range l {
				l[i].Seq = i + 1
			}
			return l
		}, "log entry 2 (manifest of wave 2026-10) names"},
		"an entry twice":         {func(l []Entry) []Entry { return append(l[:2:2], l[1:]...) }, "log entry 2 stands at place 3"},
		"two entries swapped":    {func(l []Entry) []Entry { l[0], l[1] = l[1], l[0]; return l }, "log entry 2 stands at place 1"},
		"another wave's name":    {func(l []Entry) []Entry { l[1].Wave = "2026-10"; return l }, "log entry 2 is about wave 2026-09, the log says 2026-10"},
		"a void called release":  {func(l []Entry) []Entry { l[5].Kind = ReleaseEntry; return l }, "log entry 6 is a void, the log says release"},
		"a manifest called void": {func(l []Entry) []Entry { l[0].Kind = VoidEntry; return l }, "log entry 1 is a manifest, the log says void"},
		"a text that is no JSON": {func(l []Entry) []Entry { l[0].Body = []byte("{"); rehash(&l[0]); return l }, "log entry 1 (manifest of wave 2026-09): unexpected end"},
		"no text":                {func(l []Entry) []Entry { l[0].Body = nil; return l }, "log entry 1 (manifest of wave 2026-09): its text hashes to e3b0c442"},
	} {
		err := VerifyChain(c.change(chained(t, "2026-09", "2026-10", "2026-11")))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q…", name, err, c.want)
		}
	}
}

func TestAnyChangedByteOfALogIsNoticed(t *testing.T) {
	waves := []WaveID{"2026-09", "2026-10", "2026-11"}
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		log := chained(outer, waves...)
		e := &log[rapid.IntRange(0, len(log)-1).Draw(t, "entry")]
		at := rapid.IntRange(0, len(e.Body)-1).Draw(t, "byte")
		e.Body[at] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		if VerifyChain(log) == nil {
			t.Fatalf("entry %d with byte %d changed verifies", e.Seq, at)
		}
	})
}

// What the log, phones and auditors rely on: these names, this order, times in
// UTC. A change here is a change of the format.
func TestAManifestIsWrittenAsItWasAgreed(t *testing.T) {
	m := Manifest{
		V: 1, Wave: "2026-11", Programme: "pulse",
		Opens: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC), Closes: time.Date(2026, 11, 16, 17, 0, 0, 0, time.UTC),
		K: 5, KC: 6, Packs: []PackRef{{ID: "pulse", Version: "1.0.0", SHA256: "aa"}}, Slot: 64,
		ClientSHA256: "bb", TicketPublicKey: "cc", GroupsRoot: "dd", People: 120, RulesVersion: RulesVersion,
		Owner: "Ana <Duarte> & team", ResultsOn: "2026-12-01", Prev: "ee",
	}
	const want = `{"client_sha256":"bb","closes":"2026-11-16T17:00:00Z","groups_root":"dd","k":5,"kc":6,"opens":"2026-11-02T08:00:00Z",` +
		`"owner":"Ana <Duarte> & team","packs":[{"id":"pulse","sha256":"aa","version":"1.0.0"}],"people":120,"prev":"ee","programme":"pulse",` +
		`"results_on":"2026-12-01","rules_version":"1","slot":64,"ticket_public_key":"cc","v":1,"wave":"2026-11"}`
	if got, err := Canonical(m); err != nil || string(got) != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

// PRIVACY: "a void wave is a chained record without counts".
func TestAVoidRecordCarriesNoCounts(t *testing.T) {
	v := VoidRecord{V: 1, Kind: VoidEntry, Wave: "2026-11", Reason: "too_few", On: time.Date(2026, 11, 17, 0, 0, 0, 0, time.UTC), Prev: "ee"}
	const want = `{"kind":"void","on":"2026-11-17T00:00:00Z","prev":"ee","reason":"too_few","v":1,"wave":"2026-11"}`
	if got, err := Canonical(v); err != nil || string(got) != want {
		t.Errorf("%v\n got %s\nwant %s", err, got, want)
	}
}

// kc = ⌈1.5(k−1)⌉, by hand.
func TestABlockOfHiddenUnitsNeedsOneAndAHalfTimesKLessOne(t *testing.T) {
	for k, want := range map[int]int{5: 6, 6: 8, 7: 9, 8: 11, 10: 14, 20: 29} {
		if got := KC(k); got != want {
			t.Errorf("KC(%d) = %d, want %d", k, got, want)
		}
	}
}
