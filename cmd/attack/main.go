// Command attack tries to find out more about single people from a running
// Attune than it says it tells: it signs in as every role it is given, reads
// everything that they can reach, and works on the numbers as somebody would
// who has time, all exports and a computer algebra.
//
// It is an outsider. It imports nothing of Attune's, reads no data folder and
// no key, and knows rules only as far as pages and documents tell them.
//
//	attack --demo DATA/demo.json
//	attack --url U --this-server-is-mine --user EMAIL:PASSWORD …
//
// Exit 0: nothing found, 1: found, 2: usage, or the server could not be read.
// docs/attack.md says what each finding means and what it cannot see.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const (
	exitNothing = 0
	exitFound   = 1
	exitUsage   = 2
)

// options are the words of the command line.
type options struct {
	demo  string // demo.json of a running demonstration
	url   string
	users users
	mine  bool // the consent that a server other than this machine's own needs
	json  string
	limit time.Duration
}

// users are sign-ins, each EMAIL:PASSWORD.
type users []user

type user struct{ Role, Email, Password string }

func (u *users) String() string { return fmt.Sprint(len(*u), " users") } // never a password

func (u *users) Set(text string) error {
	email, password, ok := strings.Cut(text, ":")
	if !ok || email == "" || password == "" {
		return errors.New("give it as EMAIL:PASSWORD")
	}
	*u = append(*u, user{Role: email, Email: email, Password: password})
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return exitNothing
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "attack:", err)
		return exitUsage
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	r, err := attack(ctx, o)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "attack:", err)
		return exitUsage
	}
	r.write(stdout)
	if o.json != "" {
		if err := r.writeJSON(o.json); err != nil {
			_, _ = fmt.Fprintln(stderr, "attack:", err)
			return exitUsage
		}
	}
	if len(r.Findings) > 0 {
		return exitFound
	}
	return exitNothing
}

// attack reads the server and works on what it got.
func attack(ctx context.Context, o options) (*report, error) {
	began := time.Now()
	loot, err := crawl(ctx, o.url, o.users)
	if err != nil {
		return nil, err
	}
	r := &report{URL: o.url, Seconds: seconds{Reading: time.Since(began).Seconds()}}
	began = time.Now()
	investigate(loot, r)
	r.Seconds.Working = time.Since(began).Seconds()
	return r, nil
}

// parse reads and checks the command line.
func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("attack", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.demo, "demo", "", "attack the demonstration that wrote this `demo.json`")
	f.StringVar(&o.url, "url", "", "attack the server at this `address`")
	f.Var(&o.users, "user", "sign in as `EMAIL:PASSWORD`; repeat it for each role")
	f.BoolVar(&o.mine, "this-server-is-mine", false, "with --url: I run this server, or was asked by whoever does; without it nothing is sent to another machine")
	f.StringVar(&o.json, "json", "", "write the report as JSON to this `file` as well")
	f.DurationVar(&o.limit, "limit", 5*time.Minute, "give up after so long")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is not understood; see --help", f.Arg(0))
	case (o.demo == "") == (o.url == ""):
		return o, errors.New("name a demonstration with --demo DATA/demo.json, or a server with --url and --user")
	case o.limit <= 0:
		return o, errors.New("--limit must be longer than nothing")
	case o.demo != "":
		if len(o.users) > 0 {
			return o, errors.New("--demo names its users itself; --user goes with --url")
		}
		return o, o.readDemo()
	case len(o.users) == 0:
		return o, errors.New("--url needs at least one --user EMAIL:PASSWORD")
	}
	return o, o.allowed()
}

// readDemo takes address and users from a demonstration's file.
func (o *options) readDemo() error {
	raw, err := os.ReadFile(o.demo)
	if err != nil {
		return fmt.Errorf("%w; start the demonstration with: go run ./cmd/attune demo --data DATA", err)
	}
	var d struct {
		URL   string `json:"url"`
		Users []struct{ Role, Unit, Email, Password string }
	}
	if err := json.Unmarshal(raw, &d); err != nil || d.URL == "" || len(d.Users) == 0 {
		return fmt.Errorf("%s is not the file of a running demonstration", o.demo)
	}
	o.url = d.URL
	for _, u := range d.Users {
		role := u.Role
		if u.Unit != "" {
			role += " of " + u.Unit
		}
		o.users = append(o.users, user{role, u.Email, u.Password})
	}
	return o.allowed()
}

// allowed keeps the attacker on this machine. On any other it needs a word: it
// signs in with real passwords, reads everything and asks for thousands of
// pages, which nobody should do to somebody else's server.
func (o *options) allowed() error {
	u, err := url.Parse(o.url)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("%q is no address of a server; write it like https://attune.example.org", o.url)
	}
	o.url = strings.TrimSuffix(u.Scheme+"://"+u.Host, "/")
	ip := net.ParseIP(u.Hostname())
	switch {
	case u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback()):
		return nil
	case !o.mine:
		return fmt.Errorf("%s is not this machine; say --this-server-is-mine if you run it, or were asked by whoever does", u.Host)
	case u.Scheme != "https":
		return fmt.Errorf("%s is not this machine: passwords travel by https only", u.Host)
	}
	return nil
}
