package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestOtherMachinesNeedAWordAndHTTPS(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--url", "https://attune.example.org", "--user", "a@b:c"}, "--this-server-is-mine"},
		{[]string{"--url", "http://attune.example.org", "--this-server-is-mine", "--user", "a@b:c"}, "https only"},
		{[]string{"--url", "https://attune.example.org", "--this-server-is-mine", "--user", "a@b:c"}, ""},
		{[]string{"--url", "http://127.0.0.1:8080", "--user", "a@b:c"}, ""},
		{[]string{"--url", "http://localhost:8080/", "--user", "a@b:c:d"}, ""},
		{[]string{"--url", "http://127.0.0.1:8080"}, "at least one --user"},
		{[]string{"--url", "localhost", "--user", "a@b:c"}, "no address"},
		{[]string{}, "--demo"},
		{[]string{"--demo", "x", "--url", "http://127.0.0.1"}, "--demo"},
		{[]string{"--demo", filepath.Join(t.TempDir(), "none.json")}, "attune demo"},
		{[]string{"--url", "http://127.0.0.1", "--user", "nopassword"}, "EMAIL:PASSWORD"},
		{[]string{"--url", "http://127.0.0.1", "--user", "a@b:c", "more"}, "not understood"},
	} {
		var faults bytes.Buffer
		_, err := parse(c.args, &faults)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
	}
}

// A demonstration's file cannot lead the attacker to another machine.
func TestADemosFileLeadsToThisMachineOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "demo.json")
	if err := os.WriteFile(file, []byte(`{"url":"http://192.0.2.1","users":[{"role":"hr","email":"a@b","password":"c"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := parse([]string{"--demo", file}, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), "not this machine") {
		t.Errorf("%v", err)
	}
}

func TestAServerThatCannotBeReadIsNoResult(t *testing.T) {
	var out, faults bytes.Buffer
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	if code := run(t.Context(), []string{"--url", closed.URL, "--user", "a@b:c"}, &out, &faults); code != exitUsage || !strings.Contains(faults.String(), "cannot be reached") {
		t.Errorf("nobody listens: exit %d, %s", code, faults.String())
	}
	faults.Reset()
	refuses := httptest.NewServer(http.NotFoundHandler())
	defer refuses.Close()
	if code := run(t.Context(), []string{"--url", refuses.URL, "--user", "a@b:c"}, &out, &faults); code != exitUsage || !strings.Contains(faults.String(), "could not sign in") {
		t.Errorf("nobody is let in: exit %d, %s", code, faults.String())
	}
	if out.Len() > 0 {
		t.Errorf("a report about nothing: %s", out.String())
	}
}

// The attacker is worth what it does not know.
func TestTheAttackerImportsNothingOfOurs(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(out)) {
		if strings.HasPrefix(path, "attune/") && path != "attune/cmd/attack" {
			t.Errorf("it imports %s", path)
		}
	}
}
