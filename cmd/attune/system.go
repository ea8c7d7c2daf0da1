package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"attune/handlers"
)

// buildVersion is the version of the module that this program was built from.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development build"
}

// system tells the page about the program what there is.
func (a *app) system(in *installation, dir string, started time.Time) handlers.System {
	s := handlers.System{Facts: func(context.Context) (handlers.SystemFacts, error) {
		facts := handlers.SystemFacts{
			Version: "attune " + buildVersion(), Go: runtime.Version(), Database: "SQLite", Started: started,
			Free: free(dir), MailFrom: a.env.messaging.from,
		}
		for _, name := range []string{"people.db", "ballots.db", "releases.db"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return facts, err
			}
			facts.Files = append(facts.Files, handlers.SystemFile{Name: name, Bytes: info.Size()})
		}
		if mail := a.env.messaging.mail; mail != nil {
			facts.MailServer, facts.MailSecured = mail.Host, string(mail.Encryption)
			if mail.Port != 0 {
				facts.MailServer = net.JoinHostPort(mail.Host, strconv.Itoa(mail.Port))
			}
		}
		if sms := a.env.messaging.sms; sms != nil {
			if u, err := url.Parse(sms.URL); err == nil {
				facts.Gateway = u.Host // an address can hold a token in its path
			}
		}
		return facts, nil
	}}
	if in.outbox != nil && in.outbox.Mails() {
		s.TestMail = in.outbox.Test
	}
	return s
}
