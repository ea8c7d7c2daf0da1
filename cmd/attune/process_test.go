package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/static"
	"attune/survey"
)

// built is the program as it is shipped. It is made once for all tests that
// start it: nothing but a variable outlives a single test.
var built binary

type binary struct {
	once sync.Once
	dir  string
	err  error
}

// path builds the program when nobody has yet.
func (b *binary) path(t testing.TB) string {
	t.Helper()
	b.once.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "attune-built-"); b.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", filepath.Join(b.dir, "attune"), ".").CombinedOutput(); err != nil {
			b.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if b.err != nil {
		t.Fatalf("build the program: %v", b.err)
	}
	return filepath.Join(b.dir, "attune")
}

func (b *binary) remove() {
	if b.dir != "" {
		_ = os.RemoveAll(b.dir) // a folder that is left behind harms nobody
	}
}

// house is an installation whose commands and server are processes of their
// own, with the clock of this machine.
type house struct {
	t    *testing.T
	root string // holds everything below, and nothing else
	dir  string // the data folder
	keys string // the key folder, outside the data folder
	temp string // for temporary files of the program
	env  []string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	return newHouseIn(t, t.TempDir())
}

// onDisk is a folder on a disk, even where the folders of tests lie in memory:
// there a journal is gone before anybody could have read it.
func onDisk(t *testing.T) string {
	t.Helper()
	root, err := os.MkdirTemp("/var/tmp", "attune-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(root); err != nil {
			t.Error(err)
		}
	})
	return root
}

func newHouseIn(t *testing.T, root string) *house {
	t.Helper()
	h := &house{
		t: t, root: root, dir: filepath.Join(root, "data"), keys: filepath.Join(root, "keys"), temp: filepath.Join(root, "tmp"),
		env: []string{"ATTUNE_ORG_NAME=Test Harbour", "ATTUNE_TIMEZONE=Europe/Dublin"},
	}
	if err := os.Mkdir(h.temp, 0o700); err != nil {
		t.Fatal(err)
	}
	return h
}

// copy gives a second installation with the same files.
func (h *house) copy() *house {
	h.t.Helper()
	c := newHouse(h.t)
	for from, to := range map[string]string{h.dir: c.dir, h.keys: c.keys} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			h.t.Fatal(err)
		}
		if err := os.Chmod(to, 0o700); err != nil {
			h.t.Fatal(err)
		}
	}
	return c
}

// command is the program with the environment of this installation and
// nothing else.
func (h *house) command(args ...string) *exec.Cmd {
	h.t.Helper()
	c := exec.Command(built.path(h.t), args...)
	c.Dir = h.root
	c.Env = append([]string{"ATTUNE_DATA=" + h.dir, "ATTUNE_KEYS=" + h.keys, "TMPDIR=" + h.temp, "HOME=" + h.root}, h.env...)
	return c
}

// try runs a command and gives its exit code and what it wrote.
func (h *house) try(args ...string) (code int, out, faults string) {
	h.t.Helper()
	var stdout, stderr bytes.Buffer
	c := h.command(args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		h.t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// attune runs a command that must succeed and gives its standard output.
func (h *house) attune(args ...string) string {
	h.t.Helper()
	code, out, faults := h.try(args...)
	if code != exitDone {
		h.t.Fatalf("attune %s: exit %d\n%s%s", strings.Join(args, " "), code, out, faults)
	}
	return out
}

// crew is a team of a made-up organisation.
type crew struct {
	path   string
	people int
}

func (h *house) importPeople(teams []crew) {
	h.t.Helper()
	list := "email,name,unit,language\n"
	n := 0
	for _, team := range teams {
		for range team.people {
			n++
			list += fmt.Sprintf("staff%d@example.org,Staff %d,%s,en\n", n, n, team.path)
		}
	}
	h.importList(list)
}

// importList imports a staff list, which is gone after.
func (h *house) importList(list string) {
	h.t.Helper()
	file := filepath.Join(h.root, "people.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.attune("people", "import", file)
}

// announce plans and announces a wave and gives it as it is stored.
func (h *house) announce(opens, closes string) survey.Wave {
	h.t.Helper()
	out := h.attune("wave", "plan", "--packs", "pulse", "--all-paper", "--opens", opens, "--closes", closes,
		"--owner", "Robin Lead", "--results-on", "+10d", "--contact", "Sam Support, 555 0100")
	id := strings.Fields(out)[1] // "Wave 2026-11 is planned: …"
	h.attune("wave", "announce", id)
	var w survey.Wave
	h.look(func(in *installation) (err error) {
		w, err = in.waves.Wave(h.t.Context(), survey.WaveID(id))
		return err
	})
	return w
}

// inTime makes what needs a wave that is open, on a wave that is open for so
// long. Where the machine is too slow for that, try says so, and has another go
// with more time.
func inTime[T any](t *testing.T, open time.Duration, try func(open time.Duration) (T, bool)) T {
	t.Helper()
	for range 3 {
		if made, ok := try(open); ok {
			return made
		}
		t.Logf("this machine is too slow for a wave of %s", open)
		open *= 3
	}
	t.Fatalf("this machine is too slow even for a wave of %s", open/3)
	panic("not reached")
}

// after writes a moment so long from now for the command line.
func after(d time.Duration) string { return "+" + d.String() }

// tickets prints the codes of a wave, by the names of their group.
func (h *house) tickets(id survey.WaveID) map[string][]string {
	h.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(h.attune("tickets", "print", "--wave", string(id), "--format", "csv", "-o", "-"))).ReadAll()
	if err != nil {
		h.t.Fatal(err)
	}
	codes := make(map[string][]string)
	for _, row := range rows[1:] {
		codes[row[1]] = append(codes[row[1]], row[2])
	}
	return codes
}

// writing says whether something is being written to a database: its journal
// is empty at all other times.
func (h *house) writing(database string) bool {
	info, err := os.Stat(filepath.Join(h.dir, database+"-journal"))
	return err == nil && info.Size() > 0
}

// look reads the data folder in this process, through the program's own code.
func (h *house) look(at func(in *installation) error) {
	h.t.Helper()
	site, err := static.New()
	if err != nil {
		h.t.Fatal(err)
	}
	a := &app{env: environment{zone: time.UTC, language: "en", keys: h.keys}, site: site, stderr: h.t.Output()}
	in, err := a.open(h.t.Context(), settings{dir: h.dir, organisation: "Test Harbour", now: time.Now})
	if err != nil {
		h.t.Fatal(err)
	}
	err = errors.Join(at(in), in.Close())
	if err != nil {
		h.t.Fatal(err)
	}
}

// process is the program while it runs.
type process struct {
	t              *testing.T
	cmd            *exec.Cmd
	stdout, stderr written
	ended          chan struct{} // closed when it has
	url            string
}

// begin starts the program and does not wait for anything.
func begin(t *testing.T, c *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: c, ended: make(chan struct{})}
	c.Stdout, c.Stderr = &p.stdout, &p.stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = c.Wait() // a killed process is no fault; who cares looks at its state
		close(p.ended)
	}()
	t.Cleanup(p.kill)
	return p
}

// serve starts the server on a free port and waits until it listens.
func (h *house) serve(flags ...string) *process {
	h.t.Helper()
	p := begin(h.t, h.command(append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...)...))
	answers := regexp.MustCompile(`^Attune answers on (https?://\S+)\n`)
	p.wait("say where it listens", func() bool {
		if m := answers.FindStringSubmatch(p.stdout.String()); m != nil {
			p.url = m[1]
		}
		return p.url != ""
	})
	return p
}

// wait polls until the process has done something.
func (p *process) wait(what string, done func() bool) {
	p.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !done() {
		select {
		case <-p.ended:
			p.t.Fatalf("the program ended before it came to %s:\n%s%s", what, p.stdout.String(), p.stderr.String())
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("the program never came to %s:\n%s%s", what, p.stdout.String(), p.stderr.String())
		}
	}
}

// kill ends the process as a power cut does, with SIGKILL. A process that has
// ended already stays so.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // fails only for one that has ended
	<-p.ended
}

// interrupt ends the process as Ctrl-C does and gives its exit code.
func (p *process) interrupt() int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		p.t.Fatalf("the program goes on after an interrupt:\n%s%s", p.stdout.String(), p.stderr.String())
	}
	return p.cmd.ProcessState.ExitCode()
}

// get fetches a page that must be there.
func (p *process) get(path string) string {
	p.t.Helper()
	response, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("GET %s: %s %v", path, response.Status, err)
	}
	return body.String()
}

// written is what a process wrote so far.
type written struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *written) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *written) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}
