package handlers

import (
	"bytes"
	"context"
	crand "crypto/rand"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"attune/analytics"
	"attune/static"
	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"
)

// benchHouse is a console of the made-up organisation with eight released
// waves; HR is signed in.
type benchHouse struct {
	con     *console
	handler http.Handler
	session *http.Cookie
}

func newBenchHouse(b *testing.B) *benchHouse {
	b.Helper()
	ctx := context.Background()
	released, err := releasedOnce()
	must(b, err)
	site, err := static.New()
	must(b, err)
	library, err := survey.NewLibrary()
	must(b, err)
	now := func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }
	db, err := store.Open(ctx, store.Config{Dir: b.TempDir(), Now: now})
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	_, err = db.EnsureOrganisation(ctx, orgUnits()[0].Name)
	must(b, err)
	waves, err := wave.New(wave.Config{Store: db, Library: library, Releaser: analytics.NewReleaser(), Keys: b.TempDir(), Zone: time.UTC, Now: now, Rand: crand.Reader})
	must(b, err)
	b.Cleanup(waves.Close)
	h := &benchHouse{}
	h.con, err = newConsole(Config{
		Store: db, Archive: analytics.NewArchive(released), Waves: waves, Site: site, Library: library, Language: "en", Zone: time.UTC,
		Now: now, Rand: crand.Reader, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Respond: http.NotFoundHandler(),
	})
	must(b, err)
	h.handler = h.con.routes(http.NotFoundHandler(), http.NotFoundHandler())
	must(b, db.AddUser(ctx, store.User{Email: hrMail, Roles: []string{hr}}))
	token := make([]byte, tokenBytes)
	_, _ = crand.Read(token)
	must(b, db.CreateSession(ctx, store.Session{TokenHash: survey.SHA256Hex(token), Email: hrMail, Expires: now().AddDate(1, 0, 0)}))
	h.session = &http.Cookie{Name: sessionCookie, Value: base64.RawURLEncoding.EncodeToString(token)}
	return h
}

// get asks for an address and gives how long its answer is.
func (h *benchHouse) get(b *testing.B, path string) int {
	b.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(h.session)
	w := httptest.NewRecorder()
	w.Body = new(bytes.Buffer)
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatalf("GET %s: status %d", path, w.Code)
	}
	return w.Body.Len()
}

// BenchmarkPages asks for the pages of figures, and for some without, as HR:
// as the first reader and as everybody after. Beside the time it reports how
// often a page takes what a file of the server takes, which goes the same way
// without a session: the machine's speed falls out of it.
func BenchmarkPages(b *testing.B) {
	h := newBenchHouse(b)
	file, err := h.con.site.Asset("console.css")
	must(b, err)
	const asked = 2000
	began := time.Now()
	for range asked {
		h.get(b, file)
	}
	floor := time.Since(began).Seconds() / asked
	team := teamPath(dutyID)
	for _, page := range []struct{ name, path string }{
		{"home", "/console"},
		{"units", heatPath},
		{"unit", team},
		{"print", team + "?print=1"},
		{"answers", team + "/answers"},
		{"share", team + "/share"},
		{"events", team + "/events"},
		{"actions", "/console/actions"},
		{"waves", "/console/waves"},
	} {
		for _, reader := range []struct {
			name string
			room int
		}{{"first", 0}, {"next", keptRoom}} {
			b.Run(page.name+"/"+reader.name, func(b *testing.B) {
				h.con.kept.room = reader.room
				h.get(b, page.path)
				b.ReportAllocs()
				size := 0
				for b.Loop() {
					size = h.get(b, page.path)
				}
				b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/floor, "times-a-file")
				b.ReportMetric(float64(size), "bytes")
			})
		}
	}
}
