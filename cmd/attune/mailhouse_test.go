package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/static"
	"attune/survey"
)

// mailHost is the name under which phones reach the server of this test.
const mailHost = "survey.harbour.example"

// mailTeams are twenty people; everybody but one of Duty answers, and each
// team's people all choose the same option.
var mailTeams = []struct {
	path                   string
	people, answers, value int
}{
	{"North / Duty", 8, 7, 3},
	{"North / Ward", 6, 6, 2},
	{"South / Night", 6, 6, 4},
}

// mailWalk is an installation whose phones and mail are real.
type mailWalk struct {
	*place
	post  *postbox
	self  identity
	root  context.Context // the browser
	log   written
	watch watcher
	wire  *http.Client
}

func newMailWalk(t *testing.T) *mailWalk {
	t.Helper()
	list, n := "email,name,unit,language\n", 0
	for _, team := range mailTeams {
		for range team.people {
			n++
			list += fmt.Sprintf("staff%02d@harbour.example,Staff %d,%s,en\n", n, n, team.path)
		}
	}
	return startMailWalk(t, list, nil)
}

// startMailWalk is an installation with these people and settings beside those
// of mail.
func startMailWalk(t *testing.T, list string, settings map[string]string) *mailWalk {
	t.Helper()
	w := &mailWalk{place: newPlace(t), post: newPostbox(t), self: newIdentity(t, mailHost)}
	maps.Copy(w.env, w.post.environment(t.TempDir()))
	maps.Copy(w.env, settings)
	w.env["ATTUNE_PUBLIC_URL"] = "https://" + mailHost
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	w.attune("people", "import", file)
	// Waves four weeks apart. Announcing follows the release of the wave before.
	w.attune("programme", "add", "watch", "--packs", "pulse", "--repeat", "FREQ=WEEKLY;INTERVAL=4", "--starts", "+3d", "--opens-at", "08:00",
		"--open-days", "6", "--closes-at", "20:00", "--lead-days", "14", "--remind", "2d", "--owner", "Robin Lead", "--contact", "Sam Support, 555 0100")
	address := w.serveSecurely()
	w.wire = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: w.self.roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}}
	t.Cleanup(w.wire.CloseIdleConnections)
	w.root = trusting(t, map[string]string{mailHost: address}, w.self)
	return w
}

// serveSecurely is place.serve with TLS, and with a watcher before the pages.
// What the machine would hold as trusted authorities, the test hands over.
func (w *mailWalk) serveSecurely() (address string) {
	t := w.t
	t.Helper()
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	env, err := readEnvironment(func(name string) string { return w.env[name] }, site)
	if err != nil {
		t.Fatal(err)
	}
	env.messaging.mail.Roots = w.post.self.roots
	a := &app{env: env, site: site, data: w.dir, stdout: &w.log, stderr: &w.log}
	ctx, stop := context.WithCancel(context.Background())
	if w.in, err = a.open(ctx, settings{dir: w.dir, now: w.clock.Now, flush: 20 * time.Millisecond}); err != nil {
		stop()
		t.Fatal(err)
	}
	server, err := a.server(w.in, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	server.Handler = w.watch.before(server.Handler)
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{w.self.certificate}, MinVersion: tls.VersionTLS12}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "https://" + mailHost
	done := make(chan error, 1)
	go func() {
		done <- runServer(ctx, a, w.in, server, 20*time.Millisecond, func() error { return server.ServeTLS(listener, "", "") })
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("server: %v", err)
		}
		if err := w.in.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return listener.Addr().String()
}

// wave is the one wave in a state, once there is one.
func (w *mailWalk) wave(state survey.State) survey.Wave {
	w.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		all, err := w.in.waves.Waves(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if i := slices.IndexFunc(all, func(one survey.Wave) bool { return one.State == state }); i >= 0 {
			return all[i]
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("no wave is %s; there are %v. The server says %s", state, all, w.log.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// letters takes a mailing to everybody out of the box: signed in for, sent
// over TLS, with the same words for all, and nothing that is fetched or told
// when somebody reads it.
func (w *mailWalk) letters(subject string) []letter {
	t := w.t
	t.Helper()
	people := 0
	for _, team := range mailTeams {
		people += team.people
	}
	all := w.post.take(subject, people)
	for i, l := range all {
		if want := fmt.Sprintf("staff%02d@harbour.example", i+1); l.to != want { // exactly one each
			t.Errorf("letter %d of %q goes to %s; want %s", i, subject, l.to, want)
		}
		if !l.signedIn || !l.secured {
			t.Errorf("%q came signed in: %v, over TLS: %v", l.subject, l.signedIn, l.secured)
		}
		if got, want := l.words(t), all[0].words(t); got != want && !strings.Contains(subject, "results") {
			t.Errorf("%s and %s read other words:\n%s\n%s", all[0].to, l.to, want, got)
		}
		for _, never := range []string{"<img", "src=", "url(", "<script", "<link", "Staff "} {
			if strings.Contains(l.raw, never) || strings.Contains(l.html, never) {
				t.Errorf("%q has %q in it", l.subject, never)
			}
		}
		link := l.link(t)
		if !strings.HasPrefix(link, w.url+"/a#") && !strings.HasPrefix(link, w.url+"/r/") {
			t.Errorf("%q leads to %s", l.subject, link)
		}
		if !strings.HasPrefix(l.stop, w.url+"/u/") || !strings.Contains(l.raw, "List-Unsubscribe-Post: List-Unsubscribe=One-Click") {
			t.Errorf("%q is stopped at %q", l.subject, l.stop)
		}
	}
	return all
}

// team gives the place of somebody's team in mailTeams, and whether they answer.
func (w *mailWalk) team(address string) (team int, answers bool) {
	w.t.Helper()
	var n int
	if _, err := fmt.Sscanf(address, "staff%02d@", &n); err != nil {
		w.t.Fatal(err)
	}
	for i, one := range mailTeams {
		if n <= one.people {
			return i, n <= one.answers
		}
		n -= one.people
	}
	w.t.Fatalf("%s is in no team", address)
	return 0, false
}

// ownLinks holds that everybody's link is their own.
func (w *mailWalk) ownLinks(letters []letter) {
	w.t.Helper()
	seen := make(map[string]bool)
	for _, l := range letters {
		seen[l.token(w.t)] = true
	}
	if len(seen) != len(letters) {
		w.t.Errorf("%d people have %d links", len(letters), len(seen))
	}
}

// watcher writes down what reaches the server, whoever sends it: pages,
// scripts in the background, and scanners.
type watcher struct {
	mu   sync.Mutex
	seen []string
}

func (w *watcher) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what cannot be read, the page cannot read either
		r.Body = io.NopCloser(bytes.NewReader(body))
		address, err := url.QueryUnescape(r.RequestURI)
		w.mu.Lock()
		w.seen = append(w.seen, fmt.Sprint(r.Method, " ", r.RequestURI, " ", address, err, r.Header, string(body)))
		w.mu.Unlock()
		next.ServeHTTP(rw, r)
	})
}

func (w *watcher) mark() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.seen)
}

// since gives the requests since a mark that have a text in them.
func (w *watcher) since(mark int, text string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.seen[mark:]), func(s string) bool { return !strings.Contains(s, text) })
}
