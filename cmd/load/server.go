package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"attune/survey"
)

// smallestRoster is a team of its own at k = 5.
const smallestRoster = 5

// server is what the respondents answer to.
type server struct {
	url    string
	tokens []string
	files  []string // of the page
	pid    int      // 0: not known

	child  *exec.Cmd // nil: not ours
	folder string    // ours to remove; empty: none
	ended  chan struct{}
}

// serverFor takes the server at the given address, or starts one.
func serverFor(ctx context.Context, o options, progress io.Writer) (*server, error) {
	if o.url == "" {
		return startServer(ctx, o, progress)
	}
	file, err := os.Open(o.links)
	if err != nil {
		return nil, fmt.Errorf("links: %w", err)
	}
	defer func() { _ = file.Close() }()
	tokens, err := readLinks(file)
	if err != nil {
		return nil, fmt.Errorf("links in %s: %w", o.links, err)
	}
	if len(tokens) < o.respondents {
		return nil, fmt.Errorf("%s holds %d links; ask for at most so many respondents", o.links, len(tokens))
	}
	return &server{url: strings.TrimSuffix(o.url, "/"), tokens: tokens[:o.respondents], pid: o.pid}, nil
}

// startServer builds the program, makes an installation with a staff list of
// as many people as are to answer, opens a wave to them, and serves it.
func startServer(ctx context.Context, o options, progress io.Writer) (*server, error) {
	folder, err := os.MkdirTemp("", "attune-load-")
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder}
	if err := s.start(ctx, o, progress); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *server) start(ctx context.Context, o options, progress io.Writer) error {
	program := o.server
	if program == "" {
		program = filepath.Join(s.folder, "attune")
		say(progress, "building the server")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "attune/cmd/attune").CombinedOutput(); err != nil { //nolint:gosec // our own program into our own folder
			return fmt.Errorf("build the server: %w\n%s", err, out)
		}
	}
	command := func(args ...string) *exec.Cmd {
		c := exec.CommandContext(ctx, program, args...) //nolint:gosec // the program that was built, or that the operator named
		c.Dir, c.Env = s.folder, []string{
			"ATTUNE_DATA=" + filepath.Join(s.folder, "data"), "ATTUNE_ORG_NAME=Load", "TMPDIR=" + s.folder, "HOME=" + s.folder,
		}
		return c
	}
	tell := func(args ...string) (string, error) {
		c := command(args...)
		var out, faults bytes.Buffer
		c.Stdout, c.Stderr = &out, &faults
		if err := c.Run(); err != nil {
			return "", fmt.Errorf("attune %s: %w\n%s%s", strings.Join(args, " "), err, out.String(), faults.String())
		}
		return out.String(), nil
	}
	roster := filepath.Join(s.folder, "people.csv")
	if err := os.WriteFile(roster, staff(o.respondents), 0o600); err != nil {
		return err
	}
	say(progress, "importing %d people and announcing a wave to them", o.respondents)
	if _, err := tell("people", "import", roster); err != nil {
		return err
	}
	planned, err := tell("wave", "plan", "--packs", "pulse", "--opens", "now", "--closes", "+12h",
		"--owner", "Load", "--results-on", "+10d", "--contact", "Nobody, this is a test")
	if err != nil {
		return err
	}
	words := strings.Fields(planned) // "Wave 2026-11 is planned: …"
	if len(words) < 2 {
		return fmt.Errorf("attune wave plan said %q, which names no wave", planned)
	}
	if _, err := tell("wave", "announce", words[1]); err != nil {
		return err
	}
	links, err := tell("links", "print", "--format", "csv", "-o", "-")
	if err != nil {
		return err
	}
	if s.tokens, err = readLinks(strings.NewReader(links)); err != nil {
		return fmt.Errorf("links: %w", err)
	}
	return s.serve(command("serve", "--listen", "127.0.0.1:0"))
}

// staff makes a staff list of teams of about 16, eight to a department.
func staff(people int) []byte {
	var list bytes.Buffer
	list.WriteString("email,name,unit,language\n")
	teams := max(1, people/16)
	for i := range people {
		team := i % teams
		fmt.Fprintf(&list, "staff%d@example.org,Staff %d,Department %d / Team %d,en\n", i, i, team/8+1, team+1)
	}
	return list.Bytes()
}

// readLinks reads the tokens out of what attune links print writes.
func readLinks(r io.Reader) ([]string, error) {
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 || !slices.Contains(rows[0], "link") {
		return nil, errors.New(`no links: want CSV with a column "link"`)
	}
	at := slices.Index(rows[0], "link")
	var tokens []string
	for _, row := range rows[1:] {
		_, token, ok := strings.Cut(row[at], "#")
		if !ok {
			return nil, fmt.Errorf("%q is no personal link: it has no part behind a #", row[at])
		}
		tokens = append(tokens, token)
	}
	return tokens, nil
}

var listens = regexp.MustCompile(`(?:^Attune answers on|Attune runs with a made-up organisation:) (http://127\.0\.0\.1:\d+)\s*$`)

// serve starts the server and waits until it says where it listens.
func (s *server) serve(c *exec.Cmd) error {
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	c.Stderr = os.Stderr
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 15 * time.Second
	if err := c.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	s.child, s.pid, s.ended = c, c.Process.Pid, make(chan struct{})
	lines := bufio.NewScanner(out)
	for s.url == "" && lines.Scan() {
		if found := listens.FindStringSubmatch(lines.Text()); found != nil {
			s.url = found[1]
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, out) // until it ends
		_ = c.Wait()                    // how it ended is nobody's concern here
		close(s.ended)
	}()
	if s.url == "" {
		return errors.New("the server ended before it said where it listens")
	}
	return nil
}

// end ends our own server and removes its folder. Another's is left alone.
func (s *server) end() {
	if s.child != nil {
		_ = s.child.Process.Signal(os.Interrupt) // fails only for one that has ended
		select {
		case <-s.ended:
		case <-time.After(20 * time.Second):
			_ = s.child.Process.Kill() // as above
			<-s.ended
		}
	}
	if s.folder != "" {
		_ = os.RemoveAll(s.folder) // a folder that is left behind harms nobody
	}
}

// openRound waits until the server has an open wave and reads its promise.
func (s *server) openRound(ctx context.Context) (round, error) {
	v := newVisit(ctx, s.url)
	defer v.leave()
	for {
		page, err := v.get(linkPage, false)
		if err != nil {
			return round{}, err
		}
		open, err := announced(page)
		if err != nil {
			return round{}, err
		}
		if len(open) == 0 {
			select {
			case <-ctx.Done():
				return round{}, fmt.Errorf("%s has no open wave: %w", s.url, ctx.Err())
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		s.files = files(page)
		raw, err := v.get("/manifest/"+string(open[0]), false)
		if err != nil {
			return round{}, err
		}
		var manifest survey.Manifest
		if err := json.Unmarshal(raw, &manifest); err != nil {
			return round{}, fmt.Errorf("manifest of wave %s: %w", open[0], err)
		}
		sheet, err := filledIn(manifest)
		return round{open[0], sheet}, err
	}
}

// usage is what a process has used.
type usage struct {
	processor time.Duration
	memory    int64 // resident, bytes
}

// used reads the usage of the server's process; nothing when it is not known.
func (s *server) used() (usage, error) {
	if s.pid == 0 {
		return usage{}, nil
	}
	return usedBy(s.pid)
}

func usedBy(pid int) (usage, error) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return usage{}, fmt.Errorf("the usage of a process: %w", err)
	}
	return parseStat(string(raw))
}

// machineLoad is how many processes wanted to run, on average over the last
// minute; 0 where the system does not tell.
func machineLoad() float64 {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(raw), " ")
	load, _ := strconv.ParseFloat(first, 64) // 0 for what is no number
	return load
}

// parseStat reads proc(5)'s stat: the fields behind the name in brackets begin
// with the third; utime is the 14th, stime the 15th, both in ticks of 10 ms,
// rss the 24th in pages.
func parseStat(stat string) (usage, error) {
	end := strings.LastIndex(stat, ")")
	fields := strings.Fields(stat[end+1:])
	if end < 0 || len(fields) < 22 {
		return usage{}, fmt.Errorf("%q is no process's stat", stat)
	}
	var n [3]int64
	for i, field := range []int{14, 15, 24} {
		var err error
		if n[i], err = strconv.ParseInt(fields[field-3], 10, 64); err != nil {
			return usage{}, fmt.Errorf("a process's stat: %w", err)
		}
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux that Go runs on
	return usage{time.Duration(n[0]+n[1]) * tick, n[2] * int64(syscall.Getpagesize())}, nil
}
