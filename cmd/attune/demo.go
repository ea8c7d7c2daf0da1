package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"attune/handlers"
	"attune/survey"
)

// demoFile tells scripts everything about a running demo.
const demoFile = "demo.json"

// demoTick is how soon a demo sees that its clock was moved.
const demoTick = 250 * time.Millisecond

type demoCommand struct {
	Serve   demoRun     `cmd:"" name:"run" default:"withargs" help:"Make the demo and serve it."`
	Advance demoAdvance `cmd:"" help:"Move the clock of a demo on."`
}

type demoRun struct {
	Listen string `default:"127.0.0.1:8080" help:"Address to listen on; port 0 takes a free one." placeholder:"ADDR"`
}

// demo is a folder with the made-up organisation in it.
type demo struct {
	app   *app
	dir   string
	clock *clock
	url   string
}

func (c demoRun) Run(ctx context.Context, a *app) (err error) {
	if err := (serveCommand{Listen: c.Listen}).check(environment{}); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen) // before the work: a taken port is told at once
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another with --listen 127.0.0.1:0", c.Listen, err)
	}
	defer func() { _ = listener.Close() }() // closed by the server as a rule
	d := &demo{app: a, dir: a.data, url: "http://" + listener.Addr().String()}
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "attune-demo-"); err != nil {
			return fmt.Errorf("make a folder for the demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	}
	if err := d.prepare(ctx); err != nil {
		return err
	}
	in, err := a.open(ctx, settings{dir: d.dir, now: d.clock.Now, flush: flushEvery, demoURL: d.url})
	if err != nil {
		return err
	}
	err = d.serve(ctx, in, listener)
	if closing := in.Close(); err == nil {
		err = closing
	}
	return err
}

// prepare makes the demo, or takes an earlier one over. A demo that was
// interrupted while it was made is not taken over: it has no clock file.
func (d *demo) prepare(ctx context.Context) error {
	entries, err := os.ReadDir(d.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("demo folder: %w", err)
	}
	if _, err := os.Stat(filepath.Join(d.dir, clockFile)); errors.Is(err, fs.ErrNotExist) {
		if len(entries) > 0 {
			return fmt.Errorf("the folder %s is not empty and holds no demo; give an empty or a new one with --data", d.dir)
		}
		if err := d.build(ctx, time.Now()); err != nil {
			return err
		}
	} else if err != nil {
		return fmt.Errorf("demo folder: %w", err)
	}
	if err := d.silence(); err != nil { // of one that was killed
		return err
	}
	d.clock, err = clockOf(d.dir)
	return err
}

func (d *demo) serve(ctx context.Context, in *installation, listener net.Listener) error {
	controls := &handlers.Demo{Mail: filepath.Join(d.dir, mailFolder), Advance: func(ctx context.Context, to string) error { return d.advance(ctx, in, to) }}
	for _, u := range demoUsers() {
		controls.SignIns = append(controls.SignIns, handlers.SignIn{Role: u.Role, Unit: u.Unit, Email: u.Email, Password: u.Password})
	}
	server, err := d.app.server(in, controls, false)
	if err != nil {
		return err
	}
	if err := in.waves.Tick(ctx); err != nil {
		return err
	}
	contents, err := d.describe(ctx, in)
	if err != nil {
		return err
	}
	err = runServer(ctx, d.app, in, server, demoTick, func() error {
		d.welcome(contents)
		if err := writeJSON(filepath.Join(d.dir, demoFile), contents); err != nil {
			return err
		}
		return server.Serve(listener)
	})
	return errors.Join(err, d.silence())
}

// silence removes the file that says where the demo listens.
func (d *demo) silence() error {
	if err := os.Remove(filepath.Join(d.dir, demoFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("demo folder: %w", err)
	}
	return nil
}

// demoContents is what stands in demo.json.
type demoContents struct {
	URL          string       `json:"url"`
	Users        []demoUser   `json:"users"`
	OpenWave     string       `json:"open_wave"`
	Invitations  []invitation `json:"invitations"`
	PaperTickets []demoTicket `json:"paper_tickets"`
}

type invitation struct {
	Unit string `json:"unit"`
	Link string `json:"link"`
}

type demoTicket struct {
	Wave string `json:"wave"`
	Unit string `json:"unit"`
	Code string `json:"code"`
}

func (d *demo) describe(ctx context.Context, in *installation) (demoContents, error) {
	c := demoContents{URL: d.url, Users: demoUsers(), Invitations: []invitation{}, PaperTickets: []demoTicket{}}
	open, err := in.waves.OpenWaves(ctx)
	if err != nil || len(open) == 0 {
		return c, err
	}
	c.OpenWave = string(open[0].ID)
	ways, err := demoWaysIn(ctx, in, open[0].ID, true)
	if err != nil {
		return c, err
	}
	for _, l := range ways.leftLinks {
		c.Invitations = append(c.Invitations, invitation{Unit: l.Unit, Link: d.url + "/a#" + l.Token})
	}
	for _, s := range ways.leftSlips {
		c.PaperTickets = append(c.PaperTickets, demoTicket{Wave: c.OpenWave, Unit: strings.Join(s.Teams, " + "), Code: s.Code})
	}
	return c, nil
}

// welcome says what to do next.
func (d *demo) welcome(c demoContents) {
	a := d.app
	a.printf("Attune runs with a made-up organisation: %s\n\n", c.URL)
	if len(c.Invitations) > 0 && len(c.PaperTickets) > 0 {
		link, slip := c.Invitations[0], c.PaperTickets[0]
		a.printf("1. Answer as one of the staff, with a personal link of “%s”:\n   %s\n   or with a paper ticket of “%s”:\n   %s/p#%s\n\n",
			link.Unit, link.Link, slip.Unit, c.URL, strings.ReplaceAll(slip.Code, " ", ""))
	}
	a.printf("2. Sign in at %s/console\n", c.URL)
	for _, u := range c.Users {
		unit := u.Unit
		if unit == "" {
			unit = "everything"
		}
		a.printf("   %-8s %-22s %-20s %s\n", u.Role, u.Email, u.Password, unit)
	}
	a.printf("\n3. Close and release the open wave with the button on the console's page of waves, or with\n   %s demo advance --data %s --to release\n   and see the new figures on the team's page.\n\nCtrl-C ends the demo.\n", program(), d.dir)
}

// program is how whoever started this would start it again.
func program() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/attune"
	}
	return "attune"
}

type demoAdvance struct {
	To string `required:"" help:"open, close, release, or a span such as +36h." placeholder:"WHEN"`
}

func (c demoAdvance) Run(ctx context.Context, a *app) error {
	moved, err := clockOf(a.data)
	if err != nil {
		return err
	}
	if a.data == "" || moved.path == "" {
		return usageError{"name the folder of a demo with --data; only a demo's clock can be moved"}
	}
	in, err := a.open(ctx, settings{dir: a.data, now: moved.Now, flush: 0})
	if err != nil {
		return err
	}
	d := &demo{app: a, dir: a.data, clock: moved, url: runningURL(a.data)}
	err = d.advance(ctx, in, c.To)
	if err == nil {
		a.printf("It is %s in the demo.\n", in.moment(moved.Now()))
	}
	if closing := in.Close(); err == nil {
		err = closing
	}
	return err
}

// advance moves the clock and lets the waves follow.
func (d *demo) advance(ctx context.Context, in *installation, to string) error {
	var err error
	switch {
	case to == "open":
		err = d.openNext(ctx, in)
	case to == "close" || to == "release":
		err = d.closeOpen(ctx, in)
	case strings.HasPrefix(to, "+"):
		var t time.Time
		if t, err = parseWhen(to, in.now(), in.zone); err == nil {
			err = d.clock.moveTo(t)
		}
	default:
		err = usageError{fmt.Sprintf("%q is nowhere to move the clock to; use open, close, release or a span such as +36h", to)}
	}
	if err != nil {
		return err
	}
	if err := in.waves.Tick(ctx); err != nil {
		return err
	}
	if d.url == "" { // nobody listens
		return nil
	}
	contents, err := d.describe(ctx, in)
	if err != nil {
		return err
	}
	return writeJSON(filepath.Join(d.dir, demoFile), contents)
}

// closeOpen moves to the close of the open wave; it is released at once.
func (d *demo) closeOpen(ctx context.Context, in *installation) error {
	open, err := in.waves.OpenWaves(ctx)
	if err != nil {
		return err
	}
	if len(open) == 0 {
		return survey.Fail(survey.Conflict, "error.demo.none_open", nil)
	}
	if err := d.clock.moveTo(open[0].Closes); err != nil {
		return err
	}
	return d.reach(ctx, in, open[0].ID, survey.State.Final)
}

// reachWithin bounds how long a wave may take to follow the moved clock.
const reachWithin = 30 * time.Second

// reach leads the waves on until one is where it should be. A single tick is
// not enough: it does nothing while another process, the running demo for one,
// is at the same work.
func (d *demo) reach(ctx context.Context, in *installation, id survey.WaveID, there func(survey.State) bool) error {
	for deadline := time.Now().Add(reachWithin); ; {
		if err := in.waves.Tick(ctx); err != nil {
			return err
		}
		w, err := in.waves.Wave(ctx, id)
		if err != nil || there(w.State) {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("wave %s is still %s after %s; see what the running demo says", id, w.State, reachWithin)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(demoTick / 5):
		}
	}
}

// openNext plans and announces the next month's wave, moves to its opening
// and lets the made-up staff answer.
func (d *demo) openNext(ctx context.Context, in *installation) error {
	all, err := in.waves.Waves(ctx)
	if err != nil {
		return err
	}
	var last survey.Wave
	for _, w := range all { // by opening date
		if w.State == survey.Open {
			return survey.Fail(survey.Conflict, "error.demo.one_open", survey.Args{"wave": w.ID})
		}
		last = w
	}
	if last.State != survey.Announced {
		if last, err = d.announceNext(ctx, in, len(all), last); err != nil {
			return err
		}
	}
	if err := d.clock.moveTo(last.Opens); err != nil {
		return err
	}
	if err := d.reach(ctx, in, last.ID, func(s survey.State) bool { return s == survey.Open }); err != nil {
		return err
	}
	return castDemo(ctx, in, last.ID, len(all), demoTeams(), true)
}

func (d *demo) announceNext(ctx context.Context, in *installation, number int, last survey.Wave) (survey.Wave, error) {
	opens := last.Opens.In(in.zone).AddDate(0, 1, 0)
	if now := in.now(); !opens.After(now) {
		opens = now.Add(time.Hour)
	}
	request, err := demoWave(ctx, in, number, opens)
	if err != nil {
		return survey.Wave{}, err
	}
	planned, err := in.waves.Plan(ctx, request)
	if err != nil {
		return survey.Wave{}, err
	}
	_, err = in.waves.Announce(ctx, planned.ID)
	return planned, err
}

// runningURL is where a demo on this folder says that it listens.
func runningURL(dir string) string {
	var c demoContents
	raw, err := os.ReadFile(filepath.Join(dir, demoFile)) //nolint:gosec // the demo's own folder
	if err != nil || json.Unmarshal(raw, &c) != nil {
		return ""
	}
	return c.URL
}
