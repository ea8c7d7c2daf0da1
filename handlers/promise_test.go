package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"attune/survey"
)

func TestAPromiseStandsInPlainWords(t *testing.T) {
	h := newStaffHouse(t)
	record := h.recordOf(announcedWave)
	entry, _ := record.Entry(survey.ManifestEntry)
	m := record.Manifest
	for lang, want := range map[string][]string{
		"en": {"The promise of May 2026", "46 people", "at least 5 people", "at least 6", "Ada Owner", "4 May 2026, 09:00", "nothing has been published yet"},
		"fr": {"La promesse de mai 2026", "46 personnes", "Ada Owner"},
		"es": {"La promesa de mayo", "46 personas", "Ada Owner"},
	} {
		response, body := h.fetch("/log/2026-05", lang)
		doc := parsed(t, body)
		clean(t, "promise in "+lang, doc, body)
		text := seenOf(doc)
		for _, w := range append(want, m.GroupsRoot, m.ClientSHA256, m.TicketPublicKey, m.Packs[0].SHA256, entry.SHA256) {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the promise lacks %q in\n%s", lang, w, text)
			}
		}
		if response.StatusCode != http.StatusOK || doc.Find(".words").First().Find("span").Length() != survey.FingerprintWords {
			t.Errorf("%s: status %d, or no words", lang, response.StatusCode)
		}
		if doc.Find(`a[href="/manifest/2026-05"], a[href="/log.json"]`).Length() != 2 {
			t.Errorf("%s: no way to the exact text", lang)
		}
	}
	for path, want := range map[string]string{
		"/log/2026-03": h.recordOf(releasedWave).Release.ReleaseSHA256,
		"/log/2026-04": "Reason: wrong dates",
	} {
		if _, body := h.fetch(path, "en"); !strings.Contains(body, want) {
			t.Errorf("%s lacks %q", path, want)
		}
	}
	for _, path := range []string{"/log/2031-01", "/log/2031-01/client.json", "/log/x"} {
		if response, body := h.fetch(path, "en"); response.StatusCode != http.StatusNotFound || !strings.Contains(body, "Nothing was promised under this name") {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
	}
	if h.log.String() != "" {
		t.Errorf("the server wrote %q", h.log.String())
	}
}

func (h *staffHouse) recordOf(id survey.WaveID) survey.Record {
	h.t.Helper()
	log, err := h.waves.Log(context.Background())
	must(h.t, err)
	records, err := survey.Records(log)
	must(h.t, err)
	for _, r := range records {
		if r.Wave == id {
			return r
		}
	}
	h.t.Fatalf("no record of %s", id)
	return survey.Record{}
}

// Reasons that the program gives by itself have words in every language.
func TestEveryReasonOfAVoidWaveHasItsWords(t *testing.T) {
	h := newStaffHouse(t)
	for _, reason := range []string{"too_few", "audit", "no_keys", "late"} {
		if !h.site.Has("promise.void." + reason) {
			t.Errorf("no words for %s", reason)
		}
	}
	if !h.site.Has("phone.log.kind." + string(survey.AmendmentEntry)) {
		t.Error("no word for an amendment")
	}
}

// The list names the promised files, and each is served at its address.
func TestThePromisedFilesAreListedAndServed(t *testing.T) {
	h := newStaffHouse(t)
	response, body := h.fetch("/log/2026-05/client.json", "en")
	var list clientList
	must(t, json.Unmarshal([]byte(body), &list))
	if response.StatusCode != http.StatusOK || list.SHA256 != h.recordOf(announcedWave).Manifest.ClientSHA256 || len(list.Files) == 0 {
		t.Fatalf("status %d, %+v", response.StatusCode, list)
	}
	sums := make(map[string]string)
	for _, f := range list.Files {
		response, body := h.fetch(f.Path, "en")
		if response.StatusCode != http.StatusOK || survey.SHA256Hex([]byte(body)) != f.SHA256 {
			t.Errorf("%s: status %d, or another content", f.Path, response.StatusCode)
		}
		sums[f.Name] = f.SHA256
	}
	if got, err := survey.ClientSHA256(sums); err != nil || got != list.SHA256 {
		t.Errorf("the files hash to %s, %v", got, err)
	}
}

// After an upgrade the promised files are still served by their hash, next to
// the new ones, and one that was changed on the disk is not.
func TestAPromisedFileOutlivesAnUpgrade(t *testing.T) {
	h := newStaffHouse(t)
	old := survey.ClientFile{Name: "ticket.js", Body: []byte("the bundle before the upgrade")}
	old.SHA256 = survey.SHA256Hex(old.Body)
	client, err := survey.ClientSHA256(survey.ClientSums([]survey.ClientFile{old}))
	must(t, err)
	if response, _ := h.fetch(old.Path(), "en"); response.StatusCode != http.StatusNotFound {
		t.Fatalf("status %d before it was kept", response.StatusCode)
	}
	must(t, h.store.KeepClient(context.Background(), client, []survey.ClientFile{old}))
	response, body := h.fetch(old.Path(), "en")
	if response.StatusCode != http.StatusOK || body != string(old.Body) ||
		!strings.HasPrefix(response.Header.Get("Content-Type"), "text/javascript") || !strings.Contains(response.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("status %d, %q, %v", response.StatusCode, body, response.Header)
	}
	for _, path := range []string{"/static/" + old.SHA256[:12] + "/phone.js", "/static/" + old.SHA256[:6] + "/ticket.js", "/static/" + old.SHA256 + "/ticket.js", "/static//ticket.js"} {
		if response, _ := h.fetch(path, "en"); response.StatusCode == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
	h.change("releases.db", "UPDATE assets SET body = CAST('evil' AS blob) WHERE client = ?", client)
	if response, body := h.fetch(old.Path(), "en"); response.StatusCode != http.StatusNotFound || strings.Contains(body, "evil") {
		t.Errorf("a changed file: status %d, %q", response.StatusCode, body)
	}
}
