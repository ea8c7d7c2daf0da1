package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"attune/handlers"
	"attune/handlers/respond"
	"attune/static"
	"attune/survey/notify"
)

// defaultListen is loopback: a server that nobody else reaches until it is
// told so.
const defaultListen = "127.0.0.1:8080"

type serveCommand struct {
	Listen  string `default:"127.0.0.1:8080" help:"Address to listen on." placeholder:"ADDR"`
	TLSCert string `name:"tls-cert" help:"Certificate chain, PEM." placeholder:"F"`
	TLSKey  string `name:"tls-key" help:"Private key, PEM." placeholder:"F"`

	ExportDir     string   `name:"export-dir" help:"Write every release into this folder, once." placeholder:"DIR"`
	ExportFormats []string `name:"export-formats" help:"Formats of these files: csv, xlsx, spss, ddi, json." placeholder:"F,…"`

	BallotTLSCert string `name:"ballot-tls-cert" help:"Certificate chain of the host of ATTUNE_BALLOT_ORIGIN, PEM." placeholder:"F"`
	BallotTLSKey  string `name:"ballot-tls-key" help:"Its private key, PEM." placeholder:"F"`
}

func (c serveCommand) Run(ctx context.Context, a *app) error {
	if err := c.check(a.env); err != nil {
		return err
	}
	s := a.settings()
	if moved, err := clockOf(s.dir); err != nil || moved.path != "" {
		return errors.Join(err, usageError{fmt.Sprintf("%s holds a demo, whose clock can be moved; run it with attune demo --data %s", s.dir, s.dir)})
	}
	in, err := a.open(ctx, s)
	if err != nil {
		return err
	}
	if err := c.exports(a, in); err != nil {
		return errors.Join(err, in.Close())
	}
	server, err := a.server(in, nil, c.TLSCert != "" || a.env.publicURL != "")
	if err == nil {
		err = c.listen(ctx, a, in, server)
	}
	if closing := in.Close(); err == nil {
		err = closing
	}
	return err
}

func (c serveCommand) listen(ctx context.Context, a *app, in *installation, server *http.Server) error {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	if server.TLSConfig, err = c.certificates(); err != nil {
		return errors.Join(err, listener.Close())
	}
	a.printf("Attune answers on %s://%s\n", scheme, listener.Addr())
	return runServer(ctx, a, in, server, time.Second, func() error {
		if c.TLSCert != "" {
			return server.ServeTLS(listener, "", "")
		}
		return server.Serve(listener)
	})
}

// exports sets the export folder up; flags go before the environment.
func (c serveCommand) exports(a *app, in *installation) (err error) {
	dir, formats := c.ExportDir, c.ExportFormats
	if dir == "" {
		dir = a.env.exportDir
	}
	if len(formats) == 0 {
		formats = a.env.exportFormats
	}
	if dir == "" {
		if len(formats) > 0 {
			return usageError{"--export-formats says nothing without --export-dir"}
		}
		return nil
	}
	in.exports, err = a.newExportFolder(in, dir, formats)
	return err
}

// certificates loads the certificate of the pages and, where ballots go to a
// host of their own, that host's; browsers are shown the one of the name that
// they ask for.
func (c serveCommand) certificates() (*tls.Config, error) {
	if c.TLSCert == "" {
		return nil, nil //nolint:nilnil // plain HTTP needs none
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	for _, pair := range [][2]string{{c.TLSCert, c.TLSKey}, {c.BallotTLSCert, c.BallotTLSKey}} {
		if pair[0] == "" {
			continue
		}
		certificate, err := tls.LoadX509KeyPair(pair[0], pair[1])
		if err != nil {
			return nil, fmt.Errorf("certificate %s: %w", pair[0], err)
		}
		config.Certificates = append(config.Certificates, certificate)
	}
	return config, nil
}

// check refuses what would send answers in the clear. Phones also need a
// secure context, which browsers grant to https and to loopback only.
func (c serveCommand) check(env environment) error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return usageError{"--tls-cert and --tls-key go together; one of them is missing"}
	}
	if (c.BallotTLSCert == "") != (c.BallotTLSKey == "") || (c.BallotTLSCert != "" && c.TLSCert == "") {
		return usageError{"--ballot-tls-cert and --ballot-tls-key go together, beside --tls-cert and --tls-key; one of them is missing"}
	}
	if c.TLSCert != "" || env.publicURL != "" {
		return nil
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return usageError{fmt.Sprintf("--listen %q is no address; write 127.0.0.1:8080", c.Listen)}
	}
	if ip := net.ParseIP(host); host == "localhost" || (ip != nil && ip.IsLoopback()) {
		return nil
	}
	return usageError{fmt.Sprintf("plain HTTP on %s would show answers to the network; give --tls-cert and --tls-key, or set ATTUNE_PUBLIC_URL=https://… when a proxy in front does TLS", c.Listen)}
}

// server wires pages to an installation. demo is nil in a real one.
func (a *app) server(in *installation, demo *handlers.Demo, secure bool) (*http.Server, error) {
	respondents, err := respond.New(respond.Config{
		Waves: in.waves, Site: a.site, Language: a.env.language, Spoken: func() static.Spoken { return a.spoken(in) }, Now: in.now,
		BallotOrigin: a.env.ballotOrigin, PublicURL: a.env.publicURL,
	})
	if err != nil {
		return nil, err
	}
	var scheduled func() handlers.ScheduledExport
	if in.exports != nil {
		scheduled = in.exports.Scheduled
	}
	life, end := context.WithCancel(context.Background())
	pages, err := handlers.New(handlers.Config{
		Life:      life,
		Scheduled: scheduled,
		Library:   in.library, Shelf: in.shelf, Hooks: in.hooks,
		Store: in.store, Archive: in.archive, Waves: in.waves, Site: a.site, Respond: respondents,
		Language: a.env.language, Zone: in.zone, Now: in.now, Rand: rand.Reader, Secure: secure,
		Log: slog.New(slog.NewTextHandler(a.stderr, nil)), Demo: demo,
		PublicURL: a.env.publicURL, Named: a.env.organisation,
		System:   a.system(in, in.shelf.dir, in.now()),
		Messages: handlers.Messages{Mail: a.env.messaging.mail != nil || demo != nil, Texts: a.env.messaging.sms != nil || demo != nil},
	})
	if err != nil {
		end()
		return nil, err
	}
	server := &http.Server{
		Handler:           pages,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(withoutAddresses{a.stderr}, "", 0),
	}
	server.RegisterOnShutdown(end)
	return server, nil
}

// spoken is which languages an installation speaks now.
func (a *app) spoken(in *installation) static.Spoken {
	b := in.store.Branding()
	return a.site.Spoken(b.Offered(in.now()), cmp.Or(b.Language, a.env.language))
}

// withoutAddresses lets through only what net/http says about the listener:
// its other lines carry the addresses of clients.
type withoutAddresses struct{ to io.Writer }

func (w withoutAddresses) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("http: Accept error:")) {
		return w.to.Write(line)
	}
	return len(line), nil
}

// runServer serves until ctx ends, with the clock beside it, and then lets
// requests that are under way finish.
func runServer(ctx context.Context, a *app, in *installation, server *http.Server, tick time.Duration, serve func() error) error {
	ticking, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	clock := notify.Clock{Waves: in.waves, Store: in.store, Zone: in.zone, Now: in.now, Every: tick, Fault: func(err error) {
		_, _ = fmt.Fprintln(a.stderr, "attune:", a.explain(err))
	}}
	clock.Hooks = in.hooks
	if in.outbox != nil {
		clock.Outbox = in.outbox
	}
	go func() {
		defer close(done)
		clock.Run(ticking)
	}()
	written := make(chan struct{})
	go func() {
		defer close(written)
		if in.exports != nil {
			in.exports.run(ticking)
		}
	}()
	failed := make(chan error, 1)
	go func() { failed <- serve() }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		err = server.Shutdown(closing)
		cancel()
	}
	stop()
	<-done
	<-written
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
