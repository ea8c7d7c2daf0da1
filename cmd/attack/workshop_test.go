package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// workshop builds programs.
type workshop struct {
	dir, root, attacker string
}

func newWorkshop(t *testing.T) *workshop {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	w := &workshop{dir: t.TempDir(), root: root}
	w.attacker = filepath.Join(w.dir, "attack")
	w.run(t, "build", "-o", w.attacker, "./cmd/attack")
	return w
}

func (w *workshop) run(t *testing.T, args ...string) {
	t.Helper()
	c := exec.Command("go", args...)
	c.Dir = w.root
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// build makes the program with texts of its sources replaced. A text that does
// not stand there exactly once any more is for whoever changed it to plant
// anew.
func (w *workshop) build(t *testing.T, name string, replaces []replace) string {
	t.Helper()
	dir := filepath.Join(w.dir, strings.ReplaceAll(t.Name(), "/", "-"))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	sources := make(map[string]string)
	for _, r := range replaces {
		path := filepath.Join(w.root, filepath.FromSlash(r.file))
		if _, read := sources[path]; !read {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sources[path] = string(raw)
		}
		if n := strings.Count(sources[path], r.old); n != 1 {
			t.Fatalf("%q cannot be planted: this stands %d times in %s, not once. Change weakened_test.go along with the code:\n%s", name, n, r.file, r.old)
		}
		sources[path] = strings.Replace(sources[path], r.old, r.new, 1)
	}
	overlay := make(map[string]string)
	for path, text := range sources {
		file := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[path] = file
	}
	raw, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "attune")
	w.run(t, "build", "-ldflags=-s -w", "-overlay", list, "-o", program, "./cmd/attune")
	t.Cleanup(func() { _ = os.Remove(program) })
	return program
}

// looked checks that the attacker had something to look at: an attack that
// reads nothing finds nothing.
func (w *workshop) looked(t *testing.T, r *report) {
	t.Helper()
	least := map[string]int{together: 12000, "hr": 12000, "admin": 0, "manager of Hospital and Crisis": 800, "manager of Children and Families / Duty and Assessment": 250, everybody: 100}
	for _, v := range r.Views {
		if v.Cells < least[v.Role] {
			t.Errorf("%s: %d cells, want at least %d", v.Role, v.Cells, least[v.Role])
		}
		if v.Role == "admin" && v.Cells > 0 {
			t.Errorf("an administrator reads %d cells, want none", v.Cells)
		}
		delete(least, v.Role)
		if len(v.Blind) > 0 {
			t.Errorf("%s did not understand: %v", v.Role, v.Blind)
		}
	}
	if len(least) > 0 || len(r.Unread) > 0 {
		t.Errorf("views that are missing: %v; not read: %v", least, r.Unread)
	}
}

// running is a demonstration that runs.
type running struct {
	program, attacker, dir string
}

// demo starts a demonstration and waits until it listens.
func (w *workshop) demo(t *testing.T, program string) *running {
	t.Helper()
	d := &running{program: program, attacker: w.attacker, dir: t.TempDir()}
	ctx, cancel := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, program, "demo", "--listen", "127.0.0.1:0", "--data", d.dir)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 20 * time.Second
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait() // ends by the interrupt above
		close(ended)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	for deadline := time.Now().Add(2 * time.Minute); ; {
		if _, err := os.Stat(d.file()); err == nil {
			return d
		}
		select {
		case <-ended:
			t.Fatalf("the demonstration ended:\n%s", out.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the demonstration never listened")
		}
	}
}

func (d *running) file() string { return filepath.Join(d.dir, "demo.json") }

// advance moves the demonstration's clock.
func (d *running) advance(t *testing.T, to string) {
	t.Helper()
	if out, err := exec.Command(d.program, "demo", "advance", "--data", d.dir, "--to", to).CombinedOutput(); err != nil {
		t.Fatalf("advance to %s: %v\n%s", to, err, out)
	}
	if to != "release" {
		return
	}
	before, same, deadline := 0, 0, time.Now().Add(2*time.Minute)
	for {
		now := d.invited(t)
		if same++; now == 0 || now != before {
			same = 0
		}
		if same == 4 { // no more letters for two seconds
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nobody was written to about the results")
		}
		before = now
		time.Sleep(500 * time.Millisecond)
	}
}

// invited counts the letters that lead to a results page.
func (d *running) invited(t *testing.T) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "mail", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range files {
		if raw, err := os.ReadFile(file); err == nil && bytes.Contains(raw, []byte("/r/")) {
			count++
		}
	}
	return count
}

// attack runs the attacker as a process of its own, as whoever uses it does.
func (d *running) attack(t *testing.T) (code int, r *report) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	out, err := exec.Command(d.attacker, "--demo", d.file(), "--json", file).CombinedOutput()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("exit %d, no report:\n%s", code, out)
	}
	r = &report{}
	if err := json.Unmarshal(raw, r); err != nil {
		t.Fatal(err)
	}
	return code, r
}
