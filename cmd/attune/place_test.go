package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/static"
	"attune/survey"
)

// place is one installation under test: a data folder, its commands as a
// shell would run them, and a server whose clock the test moves. The clock is
// the demo's: it moves commands and server alike.
type place struct {
	t     *testing.T
	dir   string
	env   map[string]string
	clock *clock
	in    *installation
	url   string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, dir: filepath.Join(t.TempDir(), "data"), env: map[string]string{
		"ATTUNE_ORG_NAME": "Test Harbour", "ATTUNE_TIMEZONE": "Europe/Dublin", "ATTUNE_LANGUAGE": "en",
	}}
	if err := os.Mkdir(p.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(filepath.Join(p.dir, clockFile), clockState{}); err != nil {
		t.Fatal(err)
	}
	var err error
	if p.clock, err = clockOf(p.dir); err != nil {
		t.Fatal(err)
	}
	return p
}

// attune runs a command that must succeed and gives its standard output.
func (p *place) attune(args ...string) string {
	p.t.Helper()
	code, out, faults := p.try(args...)
	if code != exitDone {
		p.t.Fatalf("attune %s: exit %d\n%s%s", strings.Join(args, " "), code, out, faults)
	}
	return out
}

// try runs a command and gives its exit code and what it wrote.
func (p *place) try(args ...string) (code int, out, faults string) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"--data", p.dir}, args...)
	code = run(p.t.Context(), args, func(name string) string { return p.env[name] }, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

// serve starts the server on a free port of loopback until the test ends.
// What it writes goes to log.
func (p *place) serve(log io.Writer) {
	p.t.Helper()
	site, err := static.New()
	if err != nil {
		p.t.Fatal(err)
	}
	env, err := readEnvironment(func(name string) string { return p.env[name] }, site)
	if err != nil {
		p.t.Fatal(err)
	}
	a := &app{env: env, site: site, data: p.dir, stdout: log, stderr: log}
	ctx, stop := context.WithCancel(context.Background())
	p.in, err = a.open(ctx, settings{dir: p.dir, now: p.clock.Now, flush: 20 * time.Millisecond})
	if err != nil {
		stop()
		p.t.Fatal(err)
	}
	server, err := a.server(p.in, nil, false)
	if err != nil {
		p.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	p.url = "http://" + listener.Addr().String()
	done := make(chan error, 1)
	go func() {
		done <- runServer(ctx, a, p.in, server, 20*time.Millisecond, func() error { return server.Serve(listener) })
	}()
	p.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			p.t.Errorf("server: %v", err)
		}
		if err := p.in.Close(); err != nil {
			p.t.Errorf("close: %v", err)
		}
	})
}

// reach moves the clock to t and waits until the server's clock has led the
// wave into a state.
func (p *place) reach(t time.Time, id survey.WaveID, want survey.State) {
	p.t.Helper()
	if err := p.clock.moveTo(t); err != nil {
		p.t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		w, err := p.in.waves.Wave(p.t.Context(), id)
		if err != nil {
			p.t.Fatal(err)
		}
		if w.State == want {
			return
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("wave %s is %s; want %s", id, w.State, want)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
