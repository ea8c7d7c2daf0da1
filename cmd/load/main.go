// Command load plays whole respondents against a server on this machine: the
// page and its files, the ticket, the ballot, the wait until it is received.
// Its last line is JSON: how many per second, how long they waited, and what
// one of them costs the server beside the bare cryptography of one.
//
// With --readers N it lets people read the console of a demonstration instead:
// managers and HR, page after page. Its last line says how long pages took.
//
// It starts a server of its own on a fresh folder with a made-up staff list,
// or takes one that runs: --url U --links FILE [--pid P]. It talks to loopback
// only, is bounded in number and time, and ends by itself, with its server.
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
	"syscall"
	"time"
)

// What one run may at most ask of a machine.
const (
	maxRespondents = 50_000
	maxConcurrency = 1_024
	maxPages       = 1_000
	maxTime        = 30 * time.Minute
)

// options are the words of the command line.
type options struct {
	respondents int
	concurrency int
	returning   bool // phones hold the page's files from an earlier round
	limit       time.Duration
	server      string // a program that was built before; empty: build one
	url         string // a server that runs; empty: start one
	links       string // CSV with a column "link", for url
	pid         int    // of the server at url; 0: not known

	readers int           // people who read the console; 0: nobody, people answer instead
	pages   int           // of each reader
	think   time.Duration // how long a reader looks at a page
	demo    string        // demo.json of a demonstration that runs; empty: start one
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is main without the process around it: 0 done, 1 something failed, 2
// usage.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "load:", err)
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	var last any
	failed := 0
	if o.readers > 0 {
		r, readErr := read(ctx, o, stdout)
		last, failed, err = r, r.Errors, readErr
	} else {
		r, measureErr := measure(ctx, o, stdout)
		last, failed, err = r, r.Errors, measureErr
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "load:", err)
		return 1
	}
	line, err := json.Marshal(last)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "load:", err)
		return 1
	}
	_, _ = fmt.Fprintf(stdout, "%s\n", line)
	if failed > 0 {
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("load", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.respondents, "respondents", 500, "how many people answer")
	f.IntVar(&o.concurrency, "concurrency", 64, "how many of them at once")
	f.BoolVar(&o.returning, "returning", false, "phones hold the page's files from an earlier round")
	f.DurationVar(&o.limit, "limit", 10*time.Minute, "the longest that the whole may take")
	f.StringVar(&o.server, "server", "", "program to start; it is built when none is given")
	f.StringVar(&o.url, "url", "", "a server on this machine that runs already, with an open wave")
	f.StringVar(&o.links, "links", "", "with --url: personal links as attune links print --format csv writes them")
	f.IntVar(&o.pid, "pid", 0, "with --url: the server's process, to count its processor time and memory")
	f.IntVar(&o.readers, "readers", 0, "how many people read the console of a demonstration, instead of answering")
	f.IntVar(&o.pages, "pages", 20, "with --readers: how many pages each opens")
	f.DurationVar(&o.think, "think", time.Second, "with --readers: how long each looks at a page, on average")
	f.StringVar(&o.demo, "demo", "", "with --readers: DATA/demo.json of a demonstration that runs already")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q is no option; see load --help", f.Arg(0))
	case o.respondents < smallestRoster || o.respondents > maxRespondents:
		return o, fmt.Errorf("--respondents is %d; give %d to %d", o.respondents, smallestRoster, maxRespondents)
	case o.concurrency < 1 || o.concurrency > maxConcurrency:
		return o, fmt.Errorf("--concurrency is %d; give 1 to %d", o.concurrency, maxConcurrency)
	case o.limit <= 0 || o.limit > maxTime:
		return o, fmt.Errorf("--limit is %s; give at most %s", o.limit, maxTime)
	case o.readers < 0 || o.readers > maxConcurrency:
		return o, fmt.Errorf("--readers is %d; give 1 to %d", o.readers, maxConcurrency)
	case o.pages < 1 || o.pages > maxPages:
		return o, fmt.Errorf("--pages is %d; give 1 to %d", o.pages, maxPages)
	case o.think < 0 || o.think > time.Minute:
		return o, fmt.Errorf("--think is %s; give at most a minute", o.think)
	case o.demo != "" && o.readers == 0:
		return o, errors.New("--demo is for --readers; say how many there are")
	case o.demo != "" && o.server != "":
		return o, errors.New("--server starts a demonstration, --demo takes one that runs: give one of them")
	case o.readers > 0 && o.url != "":
		return o, errors.New("--readers read a demonstration: give --demo instead of --url")
	case o.demo != "":
		return o, nil // its address is looked at when it is known
	case (o.url == "") != (o.links == ""):
		return o, errors.New("--url and --links go together: the links say who may answer on that server")
	case o.url == "" && o.pid != 0:
		return o, errors.New("--pid is the process of a server at --url; leave it out")
	case o.url != "" && o.server != "":
		return o, errors.New("--server starts a server, --url takes one that runs: give one of them")
	}
	if o.url != "" {
		return o, onThisMachine(o.url)
	}
	return o, nil
}

// onThisMachine refuses every server but one on loopback: load is no tool to
// press other people's servers with.
func onThisMachine(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.Host == "" || (u.Path != "" && u.Path != "/") {
		return fmt.Errorf("--url is %q; give an address such as http://127.0.0.1:8080", address)
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--url is %q, which is not this machine's loopback; load talks to 127.0.0.1 or [::1] only", address)
	}
	return nil
}
