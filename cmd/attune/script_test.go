package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The commands as a shell runs them: what they say, what they must not say,
// and their exit codes. The scripts call the program as it is shipped, with
//
//	exits CODE ARGUMENTS…
func TestScripts(t *testing.T) {
	t.Parallel()
	program := built.path(t)
	packs, err := filepath.Abs(filepath.Join("..", "..", "survey", "packs"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(program)+string(filepath.ListSeparator)+env.Getenv("PATH"))
			env.Setenv("ATTUNE_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("PACKS", packs)
			env.Setenv("ATTUNE_ORG_NAME", "Test Harbour")
			env.Setenv("ATTUNE_TIMEZONE", "Europe/Dublin")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":   scriptExits,
			"holds":   scriptHolds,
			"private": scriptPrivate,
		},
	})
}

// scriptExits runs the program and holds its exit code.
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE ARGUMENTS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	err = ts.Exec("attune", args[1:]...)
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		code = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("exit code %d; want %d", code, want)
	}
}

// scriptHolds says which entries a folder has: holds FOLDER NAME…
func scriptHolds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: holds FOLDER NAME…")
	}
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if len(names) != len(args)-1 {
		ts.Fatalf("%s holds %q; want %q", args[0], names, args[1:])
	}
	for i, name := range names {
		if name != args[i+1] {
			ts.Fatalf("%s holds %q; want %q", args[0], names, args[1:])
		}
	}
}

// scriptPrivate holds that only its owner may read a file: private FILE…
func scriptPrivate(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if open := info.Mode().Perm()&0o077 != 0; open != neg {
			ts.Fatalf("%s has the mode %v", name, info.Mode())
		}
	}
}
