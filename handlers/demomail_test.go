package handlers

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const demoLetter = "Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nSubject: =?UTF-8?q?L=E2=80=99enqu=C3=AAte?=\r\nTo: <ana@example.org>\r\n" +
	"Content-Type: multipart/alternative;\r\n boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n" +
	"Content-Type: text/plain; charset=UTF-8\r\n\r\nhttps://survey.example.org/a#token and a long =\r\nline <b>\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>html</p>\r\n--b--\r\n"

func TestADemonstrationShowsItsMailAndNoOtherFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	h := newHouse(t, func(c *Config) {
		withDemo(nil)(c)
		c.Demo.Mail = dir
	})
	b := h.as(adminMail)
	if status, page := b.get("/console/demo/mail"); status != http.StatusOK || !strings.Contains(page, "No mail yet") {
		t.Errorf("without a folder: status %d", status)
	}
	must(t, os.MkdirAll(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "20261102T100000-a.eml"), []byte(demoLetter), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "20261102T100000-b.eml.part"), []byte("half"), 0o600))
	must(t, os.WriteFile(filepath.Join(filepath.Dir(dir), "secret.eml"), []byte("Subject: secret\r\n\r\n"), 0o600))
	_, list := b.get("/console/demo/mail")
	if !strings.Contains(list, "L’enquête") || !strings.Contains(list, "ana@example.org") || strings.Contains(list, "part") {
		t.Error("the list is not what lies in the folder")
	}
	_, page := b.get("/console/demo/mail/20261102T100000-a.eml")
	if !strings.Contains(page, "https://survey.example.org/a#token and a long line &lt;b&gt;") || strings.Contains(page, "<p>html</p>") {
		t.Errorf("the text is not shown as it is")
	}
	for _, wrong := range []string{"..%2Fsecret.eml", "%2e%2e%2fsecret.eml", "none.eml", "secret", "a%00.eml"} {
		if status, page := b.get("/console/demo/mail/" + wrong); status != http.StatusNotFound || strings.Contains(page, "secret</h1>") {
			t.Errorf("%s: status %d", wrong, status)
		}
	}
	for name, who := range map[string]*browser{"nobody": h.browser(), "auditor": h.as(auditorMail)} {
		if status, _ := who.get("/console/demo/mail"); status == http.StatusOK {
			t.Errorf("%s reads the mail", name)
		}
	}
}

// A mailing to many leaves the one before it on the list.
func TestALargeMailingDoesNotHideTheOneBefore(t *testing.T) {
	dir := t.TempDir()
	h := newHouse(t, withDemo(nil), func(c *Config) { c.Demo.Mail = dir })
	letter := func(subject string) string {
		return strings.Replace(demoLetter, "=?UTF-8?q?L=E2=80=99enqu=C3=AAte?=", subject, 1)
	}
	for i := range 2 * mailListed {
		must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("20261103T100000-%03d.eml", i)), []byte(letter("open")), 0o600))
	}
	must(t, os.WriteFile(filepath.Join(dir, "20261102T100000-a.eml"), []byte(letter("results")), 0o600))
	_, list := h.as(hrMail).get("/console/demo/mail")
	if n := strings.Count(list, ">open</a>"); n != mailListed || !strings.Contains(list, ">results</a>") {
		t.Errorf("%d of the large mailing are listed, want %d and the results", n, mailListed)
	}
}

func TestARealInstallationShowsNoMail(t *testing.T) {
	h := newHouse(t)
	if status, _ := h.as(adminMail).get("/console/demo/mail"); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
}
