package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// An auditor checks a bundle on a machine of their own, without a data folder.
func TestVerifyChecksABundle(t *testing.T) {
	log := []survey.AdminEntry{}
	prev := ""
	for i := range 3 {
		e, err := survey.NewAdminEntry(survey.Deed{Who: "ana@example.org", Roles: []string{"hr"}, Action: survey.DidExported, Subject: "all"}, time.Unix(0, 0), i, prev)
		if err != nil {
			t.Fatal(err)
		}
		log, prev = append(log, e), e.SHA256
	}
	written := func(deeds ...survey.AdminEntry) string {
		t.Helper()
		var bundle bytes.Buffer
		err := survey.Evidence{Deeds: func(do func(survey.AdminEntry) error) error {
			for _, e := range deeds {
				if err := do(e); err != nil {
					return err
				}
			}
			return nil
		}}.Write(&bundle)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "evidence.zip")
		if err := os.WriteFile(path, bundle.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"whole", []string{"--bundle", written(log...)}, exitDone, "3 entries of the administrative log.\nLast entry of the public log: none\nLast entry of the administrative log: " + prev},
		{"one taken out", []string{"--bundle", written(log[0], log[2])}, exitRefused, "an entry is missing"},
		{"no bundle", []string{"--bundle", filepath.Join("testdata", "own.yaml")}, exitRefused, "it is no bundle"},
		{"no file", []string{"--bundle", "nowhere.zip"}, exitRefused, "nowhere.zip"},
		{"two things at once", []string{"--bundle", "a.zip", "--url", "http://127.0.0.1:1"}, exitUsage, "give one of them"},
	} {
		var out, complaints bytes.Buffer
		code := run(t.Context(), append([]string{"verify"}, c.args...), func(string) string { return "" }, &out, &complaints)
		if code != c.code || !strings.Contains(out.String()+complaints.String(), c.says) {
			t.Errorf("%s: exit %d\n%s%s", c.name, code, out.String(), complaints.String())
		}
	}
}
