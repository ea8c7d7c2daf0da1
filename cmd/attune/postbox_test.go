package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The account with which the program signs in at the mail server.
const (
	postUser     = "attune"
	postPassword = "correct horse battery"
)

// postbox is a real mail server on this machine. It takes mail over STARTTLS
// from whoever signs in, and keeps it in memory.
type postbox struct {
	t    *testing.T
	port int
	self identity
	stop func() // from then on nobody answers

	mu      sync.Mutex
	letters []letter
	// refuses are addresses that do not exist here; the answer repeats them, as
	// many servers do.
	refuses map[string]bool
}

// letter is a message as it arrived, taken apart.
type letter struct {
	to, subject, text, html string
	stop                    string // of List-Unsubscribe
	raw                     string // the message, with its headers
	signedIn, secured       bool
}

func newPostbox(t *testing.T) *postbox {
	t.Helper()
	p := &postbox{t: t, self: newIdentity(t, "mail.harbour.example"), refuses: make(map[string]bool)}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &delivery{postbox: p, conn: c}, nil
	}))
	server.Domain = "mail.harbour.example"
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{p.self.certificate}, MinVersion: tls.VersionTLS12}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.port = listener.Addr().(*net.TCPAddr).Port
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with the test
	}()
	p.stop = sync.OnceFunc(func() {
		_ = server.Close()   // what is still under way is cut
		_ = listener.Close() // which Close misses when Serve has not begun yet
		<-done
	})
	t.Cleanup(p.stop)
	return p
}

// environment is how an operator sets this server up. The password stands in a
// file of the folder.
func (p *postbox) environment(folder string) map[string]string {
	p.t.Helper()
	password := filepath.Join(folder, "smtp-password")
	if err := os.WriteFile(password, []byte(postPassword+"\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return map[string]string{
		"ATTUNE_SMTP_HOST": "127.0.0.1", "ATTUNE_SMTP_PORT": strconv.Itoa(p.port), "ATTUNE_SMTP_TLS": "starttls",
		"ATTUNE_SMTP_USER": postUser, "ATTUNE_SMTP_PASSWORD_FILE": password, "ATTUNE_MAIL_FROM": "Attune <survey@harbour.example>",
	}
}

// refuse makes an address one that is not known here.
func (p *postbox) refuse(address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuses[address] = true
}

func (p *postbox) refused(address string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refuses[address]
}

// take waits for n letters whose whole subject has this form, and takes them
// out of the box, in the order of their addresses.
func (p *postbox) take(subject string, n int) []letter {
	p.t.Helper()
	form := regexp.MustCompile("^" + subject + "$")
	deadline := time.Now().Add(60 * time.Second)
	for {
		some := p.sorted(func(l letter) bool { return form.MatchString(l.subject) })
		if len(some) == n {
			return some
		}
		if len(some) > n || time.Now().After(deadline) {
			p.t.Fatalf("%d letters %q came; want %d. The others are about %q", len(some), subject, n, p.rest())
		}
		p.put(some)
		time.Sleep(10 * time.Millisecond)
	}
}

// sorted takes the letters out that are wanted.
func (p *postbox) sorted(wanted func(letter) bool) []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out, rest []letter
	for _, l := range p.letters {
		if wanted(l) {
			out = append(out, l)
		} else {
			rest = append(rest, l)
		}
	}
	p.letters = rest
	slices.SortFunc(out, func(a, b letter) int { return strings.Compare(a.to, b.to) })
	return out
}

func (p *postbox) put(letters []letter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.letters = append(p.letters, letters...)
}

// rest are the subjects of the letters in the box.
func (p *postbox) rest() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var subjects []string
	for _, l := range p.letters {
		subjects = append(subjects, l.subject)
	}
	return subjects
}

var anyLink = regexp.MustCompile(`https?://[^\s"<>]+`)

// links are the addresses in both parts and in the header, each once, sorted.
func (l letter) links() []string {
	all := make(map[string]bool)
	for _, part := range []string{l.text, l.html, l.stop} {
		for _, link := range anyLink.FindAllString(part, -1) {
			all[link] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// link is the one address in the letter beside the one that stops mail. It
// stands in the text once, and in the HTML behind one button and beneath it.
func (l letter) link(t *testing.T) string {
	t.Helper()
	links := slices.DeleteFunc(l.links(), func(link string) bool { return link == l.stop })
	if len(links) != 1 {
		t.Fatalf("%q to %s has the links %v; want one", l.subject, l.to, links)
	}
	if in, tapped := strings.Count(l.text, links[0]), strings.Count(l.html, `<a href="`+links[0]+`"`); in != 1 || tapped != 1 {
		t.Errorf("%q has its link %d times in the text and %d times to tap; want 1 and 1", l.subject, in, tapped)
	}
	return links[0]
}

// token is what stands behind the # of the link.
func (l letter) token(t *testing.T) string {
	t.Helper()
	_, token, _ := strings.Cut(l.link(t), "#")
	if len(token) != 22 { // 128 bits in base 64
		t.Fatalf("%q to %s has the token %q", l.subject, l.to, token)
	}
	return token
}

// words is the letter without what is one person's own.
func (l letter) words(t *testing.T) string {
	t.Helper()
	own := strings.NewReplacer(l.link(t), "LINK", l.stop, "STOP", l.to, "TO")
	return own.Replace(l.subject + "\n" + l.text + "\n" + l.html)
}

// delivery is one conversation with the mail server.
type delivery struct {
	postbox  *postbox
	conn     *smtp.Conn
	to       string
	signedIn bool
}

func (d *delivery) AuthMechanisms() []string { return []string{sasl.Plain} }

func (d *delivery) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != postUser || password != postPassword {
			return smtp.ErrAuthFailed
		}
		d.signedIn = true
		return nil
	}), nil
}

func (d *delivery) Mail(string, *smtp.MailOptions) error {
	if !d.signedIn {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (d *delivery) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	if d.postbox.refused(to) {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody here is called " + to}
	}
	return nil
}

func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	l, err := takeApart(raw)
	if err != nil {
		d.postbox.t.Errorf("a message to %s: %v", d.to, err)
		return err
	}
	_, l.secured = d.conn.TLSConnectionState()
	l.signedIn = d.signedIn
	if l.to != d.to {
		d.postbox.t.Errorf("a message goes to %s and is written to %s", d.to, l.to)
	}
	d.postbox.mu.Lock()
	defer d.postbox.mu.Unlock()
	d.postbox.letters = append(d.postbox.letters, l)
	return nil
}

func (d *delivery) Reset()        { d.to = "" }
func (d *delivery) Logout() error { return nil }

// takeApart reads a message of exactly a text and an HTML part.
func takeApart(raw []byte) (letter, error) {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return letter{}, err
	}
	l := letter{raw: string(raw), stop: strings.Trim(m.Header.Get("List-Unsubscribe"), "<>")}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		return l, errors.Join(err, errors.New("not one receiver"))
	}
	l.to = to[0].Address
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return l, errors.Join(err, errors.New("not multipart/alternative but "+kind))
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for _, want := range []struct {
		kind string
		into *string
	}{{"text/plain", &l.text}, {"text/html", &l.html}} {
		part, err := parts.NextRawPart()
		if err != nil {
			return l, err
		}
		if kind := part.Header.Get("Content-Type"); !strings.HasPrefix(kind, want.kind) {
			return l, errors.New("a part is " + kind + " and not " + want.kind)
		}
		var body io.Reader = part
		if part.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(part)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			return l, err
		}
		*want.into = string(content)
	}
	if _, err := parts.NextRawPart(); !errors.Is(err, io.EOF) {
		return l, errors.New("there are more than two parts")
	}
	return l, nil
}
