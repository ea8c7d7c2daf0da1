package respond

import (
	"net/http"
	"strings"
	"sync"

	"attune/survey"
)

// promises keeps manifests, which never change once they are published.
type promises struct {
	mu     sync.Mutex
	byWave map[survey.WaveID][]byte
}

// showManifest gives the exact bytes of a wave's manifest, which a phone
// hashes. They are the same for everybody who asks.
func (s *server) showManifest(w http.ResponseWriter, r *http.Request) {
	id := survey.WaveID(strings.TrimPrefix(r.URL.Path, manifestPath))
	raw, err := s.manifest(r, id)
	switch {
	case err != nil:
		s.refuse(w, r, http.StatusServiceUnavailable, "phone.error.fault", nil)
	case raw == nil:
		s.refuse(w, r, http.StatusNotFound, "ticket.wave", nil)
	default:
		writeBody(w, r, http.StatusOK, "application/json", raw)
	}
}

// manifest finds a wave's manifest in the public log; nil when there is none.
func (s *server) manifest(r *http.Request, id survey.WaveID) ([]byte, error) {
	s.promises.mu.Lock()
	defer s.promises.mu.Unlock()
	if raw, ok := s.promises.byWave[id]; ok {
		return raw, nil
	}
	log, err := s.waves.Log(r.Context())
	if err != nil {
		return nil, err
	}
	s.promises.byWave = make(map[survey.WaveID][]byte)
	for _, e := range log {
		if e.Kind == survey.ManifestEntry {
			s.promises.byWave[e.Wave] = e.Body
		}
	}
	return s.promises.byWave[id], nil
}
