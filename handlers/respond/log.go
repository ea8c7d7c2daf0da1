package respond

import (
	"net/http"

	"attune/survey"
)

// logPage lists the public log, newest first.
type logPage struct {
	frame
	Entries []logEntry
}

type logEntry struct {
	Seq         int
	Kind        string // in words
	Wave        survey.WaveID
	SHA256      string
	Fingerprint []string // of a manifest; none for other kinds
}

func (s *server) showLog(w http.ResponseWriter, r *http.Request) {
	log, err := s.waves.Log(r.Context())
	if err != nil {
		s.refuse(w, r, http.StatusServiceUnavailable, "phone.error.fault", nil)
		return
	}
	page := logPage{frame: s.frame(r, "", "phone.log.title")}
	for i := len(log) - 1; i >= 0; i-- {
		e := log[i]
		entry := logEntry{Seq: e.Seq, Kind: s.kind(s.lang(r), e.Kind), Wave: e.Wave, SHA256: e.SHA256}
		if e.Kind == survey.ManifestEntry {
			words, err := survey.Fingerprint(e.SHA256)
			if err != nil {
				panic(err) // a log whose hashes are no hashes; guard answers
			}
			entry.Fingerprint = words
		}
		page.Entries = append(page.Entries, entry)
	}
	s.render(w, r, http.StatusOK, "log", page)
}

// kind names a kind of entry; one that has no name yet is shown as it is.
func (s *server) kind(lang string, k survey.EntryKind) string {
	if key := "phone.log.kind." + string(k); s.site.Has(key) {
		return s.text(lang, key, nil)
	}
	return string(k)
}

// showLogJSON gives every entry with its exact text, so that anybody can hash
// it and follow the chain.
func (s *server) showLogJSON(w http.ResponseWriter, r *http.Request) {
	log, err := s.waves.Log(r.Context())
	if err != nil {
		p := problem{Status: http.StatusServiceUnavailable, Message: s.text(s.lang(r), "phone.error.fault", nil)}
		writeProblem(w, r, p)
		return
	}
	type entry struct {
		Seq    int              `json:"seq"`
		Kind   survey.EntryKind `json:"kind"`
		Wave   survey.WaveID    `json:"wave"`
		SHA256 string           `json:"sha256"`
		Body   string           `json:"body"`
	}
	entries := make([]entry, 0, len(log))
	for _, e := range log {
		entries = append(entries, entry{e.Seq, e.Kind, e.Wave, e.SHA256, string(e.Body)})
	}
	writeJSON(w, r, http.StatusOK, struct {
		Entries []entry `json:"entries"`
	}{entries})
}
