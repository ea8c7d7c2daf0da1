package notify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"attune/survey"
	"attune/survey/notify"
)

func TestMailGoesOverEveryKindOfLine(t *testing.T) {
	for name, test := range map[string]struct {
		server  []serverOption
		mail    func(*notify.MailConfig)
		secured bool
	}{
		"STARTTLS":         {nil, func(*notify.MailConfig) {}, true},
		"TLS":              {[]serverOption{implicitTLS}, func(c *notify.MailConfig) { c.Encryption = notify.TLS }, true},
		"none, loopback":   {[]serverOption{withoutTLS}, func(c *notify.MailConfig) { c.Encryption = notify.None }, false},
		"no password":      {nil, func(c *notify.MailConfig) { c.User = "" }, true},
		"password by name": {[]serverOption{loginOnly}, func(*notify.MailConfig) {}, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			server := startMailServer(t, test.server...)
			_, err := o.outbox(server.mail(t, test.mail)).Test(t.Context(), "ops@example.org", "en")
			must(t, err)
			got := server.taken()
			if len(got) != 1 || got[0].secured != test.secured || got[0].signedIn != (name != "no password") {
				t.Errorf("secured %v, signed in %v", got[0].secured, got[0].signedIn)
			}
			if name == "password by name" && server.signIns[0] != "LOGIN" {
				t.Errorf("signed in with %v", server.signIns)
			}
		})
	}
}

// loginOnly makes a server that knows no other way to sign in than AUTH LOGIN.
func loginOnly(_ *smtp.Server, s *serverSettings) { s.loginOnly = true }

func TestNothingIsSentToAServerThatCannotEncryptOrIsSomebodyElse(t *testing.T) {
	o := newOffice(t)
	plain := startMailServer(t, withoutTLS)
	stranger := startMailServer(t)
	stranger.roots = plain.roots
	for name, mail := range map[string]*notify.Mail{
		"cannot encrypt": plain.mail(t),
		"somebody else":  stranger.mail(t),
	} {
		_, err := o.outbox(mail).Test(t.Context(), "ops@example.org", "en")
		if !survey.IsKey(err, "error.mail.connect") || !strings.Contains(err.Error(), "TLS") && !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(plain.signIns)+len(stranger.signIns)+len(plain.taken())+len(stranger.taken()) != 0 {
		t.Error("the password or a message went out all the same")
	}
	for _, cfg := range []notify.MailConfig{
		{Host: "mail.example.org", Encryption: notify.None},
		{Host: "192.0.2.1", Encryption: notify.None},
		{Host: "mail.example.org", Encryption: "sometimes"},
	} {
		if _, err := notify.NewMail(cfg); err == nil {
			t.Errorf("%+v is accepted", cfg)
		}
	}
}

func TestADemonstrationWritesMailIntoAFolder(t *testing.T) {
	o := newOffice(t)
	o.open()
	dir := filepath.Join(t.TempDir(), "mail")
	box := o.outbox(notify.Folder{Dir: dir, Now: o.now.now})
	o.enqueue(box, notify.Opened, 0, 7)
	o.send(box, 7)
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != 7 {
		t.Fatalf("%d files", len(entries))
	}
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		if info.Mode().Perm() != 0o600 || !strings.HasSuffix(e.Name(), ".eml") || !strings.HasPrefix(e.Name(), "20261102T100000-") {
			t.Errorf("%s %s", info.Mode(), e.Name())
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		must(t, err)
		if l := open(t, raw); !strings.Contains(l.plain, serverURL+"/a#") {
			t.Errorf("%s has no link", e.Name())
		}
	}
}

func TestHangingUpDoesNotWaitForAServerThatSleeps(t *testing.T) {
	o := newOffice(t)
	o.open()
	server := startMailServer(t)
	server.answer(func(stage, _ string) error {
		if stage == "rcpt" {
			time.Sleep(time.Second)
		}
		return nil
	})
	box := o.outbox(server.mail(t, func(c *notify.MailConfig) { c.Timeout = 100 * time.Millisecond }))
	o.enqueue(box, notify.Opened, 0, 7)
	began := time.Now()
	_, err := box.Send(t.Context())
	if !survey.IsKey(err, "error.mail.lost") || time.Since(began) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(began), err)
	}
	server.answer(nil)
	o.now.pass(time.Minute)
	o.send(o.outbox(server.mail(t)), 7)
}
