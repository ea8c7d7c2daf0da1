package main

import (
	"database/sql"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/static"
	"attune/survey"
	"attune/survey/wave"
)

// announceByLink announces a wave whose people answer with personal links.
func (p *place) announceByLink(in time.Duration) survey.OpenWave {
	p.t.Helper()
	opens := p.clock.Now().Add(in)
	planned, err := p.in.waves.Plan(p.t.Context(), wave.Request{
		Packs: []string{"pulse"}, Opens: opens, Closes: opens.Add(48 * time.Hour), Owner: "Robin Lead",
		ResultsOn: opens.AddDate(0, 0, 10).Format(time.DateOnly), Contact: "Sam Support, 555 0100",
	})
	if err != nil {
		p.t.Fatal(err)
	}
	face, err := p.in.waves.Announce(p.t.Context(), planned.ID)
	if err != nil {
		p.t.Fatal(err)
	}
	return face
}

// alter changes releases.db behind the program's back.
func (p *place) alter(statement string, args ...any) {
	p.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(p.dir, "releases.db")+"?_busy_timeout=5000")
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	done, err := db.Exec(statement, args...)
	if err != nil {
		p.t.Fatal(err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		p.t.Fatalf("%s: %d rows, %v", statement, n, err)
	}
}

// From outside, without a data folder: everything agrees, and each kind of
// change is found and named.
func TestVerifyFromOutsideFindsWhatAServerChanged(t *testing.T) {
	p := newPlace(t)
	p.importWalkPeople()
	p.serve(io.Discard)
	face := p.announceByLink(time.Hour)
	file := survey.ClientOf(siteOf(t).Content)[0]

	out := p.attune("verify", "--url", p.url)
	for _, want := range []string{"all 1 entries", "1 manifests", face.ManifestSHA256} {
		if !strings.Contains(out, want) {
			t.Errorf("verify says %q, want %q", out, want)
		}
	}
	p.attune("verify")

	for name, c := range map[string]struct {
		change func(path string, body []byte) []byte
		names  []string
	}{
		"a manifest": {func(path string, body []byte) []byte {
			if path == "/manifest/"+string(face.ID) {
				return []byte(strings.Replace(string(body), "Robin Lead", "Other Lead", 1))
			}
			return body
		}, []string{"manifest of wave " + string(face.ID), "log entry 1"}},
		"the log": {func(path string, body []byte) []byte {
			if path == "/log.json" {
				return []byte(strings.Replace(string(body), "Robin Lead", "Other Lead", 1))
			}
			return body
		}, []string{"log entry 1 (manifest of wave " + string(face.ID) + ")"}},
		"a promised file": {func(path string, body []byte) []byte {
			if path == file.Path() {
				return append(body, " // and one more line"...)
			}
			return body
		}, []string{"file " + file.Name + " of wave " + string(face.ID), file.Path()}},
		"what the list of files says": {func(path string, body []byte) []byte {
			if strings.HasSuffix(path, "/client.json") {
				return []byte(strings.Replace(string(body), `"name":"`+file.Name+`"`, `"name":"other.js"`, 1))
			}
			return body
		}, []string{"files of wave " + string(face.ID)}},
		"a page that loads another program": {func(path string, body []byte) []byte {
			if path == "/a" {
				return append(body, `<script src="/static/000000000000/evil.js"></script>`...)
			}
			if path == "/static/000000000000/evil.js" {
				return []byte("evil")
			}
			return body
		}, []string{"page /a loads /static/000000000000/evil.js"}},
	} {
		t.Run(name, func(t *testing.T) {
			liar := httptest.NewServer(lying(t, p.url, c.change))
			t.Cleanup(liar.Close)
			code, out, faults := p.try("verify", "--url", liar.URL)
			if code != exitRefused || out != "" {
				t.Fatalf("exit %d, %q", code, out)
			}
			for _, want := range c.names {
				if !strings.Contains(faults, want) {
					t.Errorf("verify says %q, want %q named", faults, want)
				}
			}
		})
	}
	for _, address := range []string{"", "survey.example.org", "ftp://x", "http://"} {
		if code, _, _ := p.try("verify", "--url="+address); address != "" && code != exitUsage {
			t.Errorf("%q: exit %d", address, code)
		}
	}
}

// lying is a server that gives out something else than the one behind it.
func lying(t *testing.T, behind string, change func(path string, body []byte) []byte) http.Handler {
	t.Helper()
	target, err := url.Parse(behind)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding")
		recorded := httptest.NewRecorder()
		proxy.ServeHTTP(recorded, r)
		body := change(r.URL.Path, recorded.Body.Bytes())
		status := recorded.Code
		if string(body) != recorded.Body.String() {
			status = http.StatusOK
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})
}

// Inside, verify names a file that was changed on the disk, and a release.
func TestVerifyNamesWhatWasChangedOnTheDisk(t *testing.T) {
	p := newPlace(t)
	p.importWalkPeople()
	p.serve(io.Discard)
	face := p.announceByLink(time.Hour)
	p.alter("UPDATE assets SET body = CAST('evil' AS blob) WHERE name = 'ticket.js'")
	code, _, faults := p.try("verify")
	if code != exitRefused || !strings.Contains(faults, "file ticket.js") || !strings.Contains(faults, face.Manifest.ClientSHA256) {
		t.Errorf("exit %d, %q", code, faults)
	}
	code, _, faults = p.try("verify", "--url", p.url)
	if code != exitDone { // the running program's own file is the promised one, and it is what is given out
		t.Errorf("from outside: exit %d, %q", code, faults)
	}
}

func TestThePosterIsPrinted(t *testing.T) {
	p := newPlace(t)
	p.importWalkPeople()
	id := p.announceWalkWave()
	file := filepath.Join(t.TempDir(), "poster.pdf")
	p.attune("poster", "print", "--wave", string(id), "-o", file, "--url", "https://survey.example.org/")
	if raw, err := os.ReadFile(file); err != nil || !strings.HasPrefix(string(raw), "%PDF-") {
		t.Fatalf("poster.pdf: %v, begins with %.8q", err, raw)
	}
	if code, _, faults := p.try("poster", "print", "--wave", "2031-01", "-o", "-"); code != exitRefused || !strings.Contains(faults, "2031-01") {
		t.Errorf("a wave that does not exist: exit %d, %q", code, faults)
	}
}

func siteOf(t *testing.T) *static.Site {
	t.Helper()
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	return site
}
