package survey_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"attune/survey"
)

// logOf chains bodies; each names its kind, except manifests.
func logOf(t *testing.T, bodies ...map[string]any) []survey.Entry {
	t.Helper()
	var log []survey.Entry
	prev := ""
	for i, body := range bodies {
		body["prev"] = prev
		raw, err := survey.Canonical(body)
		if err != nil {
			t.Fatal(err)
		}
		kind := survey.ManifestEntry
		if k, ok := body["kind"].(string); ok {
			kind = survey.EntryKind(k)
		}
		prev = survey.SHA256Hex(raw)
		log = append(log, survey.Entry{Seq: i + 1, Kind: kind, Wave: survey.WaveID(body["wave"].(string)), Body: raw, SHA256: prev})
	}
	if err := survey.VerifyChain(log); err != nil {
		t.Fatal(err)
	}
	return log
}

func promised(wave, client string) map[string]any {
	return map[string]any{"v": 1, "wave": wave, "client_sha256": client}
}

func entry(kind survey.EntryKind, wave string, more ...string) map[string]any {
	body := map[string]any{"v": 1, "kind": string(kind), "wave": wave}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i]] = more[i+1]
	}
	return body
}

func TestARecordGathersWhatTheLogSaysAboutAWave(t *testing.T) {
	log := logOf(t,
		promised("2026-11", "aa"),
		entry(survey.VoidEntry, "2026-12", "reason", "wrong dates"), // before its announcement
		entry(survey.AmendmentEntry, "2026-11", "what", survey.ClientAmendment, "from", "aa", "to", "bb"),
		promised("2027-01", ""),
		entry(survey.AmendmentEntry, "2026-11", "what", survey.ClientAmendment, "from", "bb", "to", "cc"),
		entry(survey.ReleaseEntry, "2026-11", "release_sha256", "dd"),
	)
	records, err := survey.Records(log)
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 3 || records[0].Wave != "2026-11" || records[1].Wave != "2026-12" || records[2].Wave != "2027-01" {
		t.Fatalf("%+v", records)
	}
	first := records[0]
	if first.Manifest.ClientSHA256 != "aa" || first.Client() != "cc" || strings.Join(first.Clients(), " ") != "aa bb cc" {
		t.Errorf("client %s, stands at %s, all %v", first.Manifest.ClientSHA256, first.Client(), first.Clients())
	}
	if first.Release.ReleaseSHA256 != "dd" || first.Void != nil || len(first.Entries) != 4 {
		t.Errorf("%+v", first)
	}
	if records[1].Void.Reason != "wrong dates" || records[1].Manifest != nil || records[1].Client() != "" {
		t.Errorf("%+v", records[1])
	}
	if records[2].Clients() != nil {
		t.Errorf("clients of a wave that promises none: %v", records[2].Clients())
	}
}

// A whole chain can still hold entries that make no sense. The error names
// the first of them.
func TestAnEntryThatMakesNoSenseWhereItStandsIsNamed(t *testing.T) {
	amends := func(from, to string) map[string]any {
		return entry(survey.AmendmentEntry, "w", "what", survey.ClientAmendment, "from", from, "to", to)
	}
	for name, bodies := range map[string][]map[string]any{
		"2 (manifest":   {promised("w", ""), promised("w", "")},
		"1 (release":    {entry(survey.ReleaseEntry, "w")},
		"1 (amendment":  {amends("", "aa")},
		"3 (release":    {promised("w", ""), entry(survey.VoidEntry, "w"), entry(survey.ReleaseEntry, "w")},
		"3 (void":       {promised("w", ""), entry(survey.VoidEntry, "w"), entry(survey.VoidEntry, "w")},
		"3 (amendment":  {promised("w", "aa"), entry(survey.ReleaseEntry, "w"), amends("aa", "bb")},
		"2 (manifest ":  {entry(survey.VoidEntry, "w"), promised("w", "")},
		"2 (amendment":  {promised("w", "aa"), amends("bb", "cc")},
		"3 (amendment ": {promised("w", "aa"), amends("aa", "bb"), amends("aa", "cc")},
		"2 (note":       {promised("w", ""), entry("note", "w")},
	} {
		if _, err := survey.Records(logOf(t, bodies...)); err == nil || !strings.HasPrefix(err.Error(), "log entry "+strings.TrimSpace(name)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The expected hash was made with a shell, not with this package:
// printf '{"phone.js":"%s","ticket.js":"%s"}' "$(printf phone | sha256sum | cut -c1-64)" "$(printf ticket | sha256sum | cut -c1-64)" | sha256sum
func TestTheHashOfTheClientCanBeWorkedOutByHand(t *testing.T) {
	bodies := map[string]string{"ticket.js": "ticket", "phone.js": "phone", "console.js": "no part of the promise"}
	files := survey.ClientOf(func(name string) ([]byte, error) {
		if body, ok := bodies[name]; ok {
			return []byte(body), nil
		}
		return nil, errors.New("no such file")
	})
	if len(files) != 2 || files[0].Name != "phone.js" || files[1].Name != "ticket.js" {
		t.Fatalf("%+v", files)
	}
	got, err := survey.ClientSHA256(survey.ClientSums(files))
	if err != nil {
		t.Fatal(err)
	}
	if got != clientByHand {
		t.Errorf("client %s", got)
	}
	if want := "/static/" + survey.SHA256Hex([]byte("phone"))[:12] + "/phone.js"; files[0].Path() != want {
		t.Errorf("path %s, want %s", files[0].Path(), want)
	}
	if none, err := survey.ClientSHA256(nil); err != nil || none != "" {
		t.Errorf("no files: %q, %v", none, err)
	}
	if raw, err := json.Marshal(survey.ClientSums(files)); err != nil || survey.SHA256Hex(raw) != got {
		t.Errorf("%s, %v", raw, err)
	}
}

const clientByHand = "0cebf6feee768bc266931f0377635bc0c88bb52a87f0a4247ccee7cafc6e843d"
