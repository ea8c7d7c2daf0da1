package notify_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"attune/survey/notify"
)

// The account of the test's mail server.
const (
	serverUser     = "attune"
	serverPassword = "correct horse"
)

// delivery is a message that the server took.
type delivery struct {
	from, to string
	raw      []byte
	signedIn bool
	secured  bool
}

// mailServer is a real SMTP server on this machine.
type mailServer struct {
	host  string
	port  int
	roots *x509.CertPool

	loginOnly bool

	mu          sync.Mutex
	deliveries  []delivery
	connections int
	signIns     []string // mechanisms
	// on is asked at each stage, "mail", "rcpt", "data" (before the content)
	// or "end" (after it), and gives the reply; errDrop cuts the line.
	on func(stage, to string) error
}

var errDrop = errors.New("cut the line")

type serverOption func(*smtp.Server, *serverSettings)

type serverSettings struct{ implicit, plain, loginOnly bool }

// implicitTLS makes a server that speaks TLS from the first byte.
func implicitTLS(_ *smtp.Server, s *serverSettings) { s.implicit = true }

// withoutTLS makes a server that cannot encrypt, and takes passwords anyway.
func withoutTLS(server *smtp.Server, s *serverSettings) {
	s.plain, server.AllowInsecureAuth = true, true
}

func startMailServer(t *testing.T, options ...serverOption) *mailServer {
	t.Helper()
	m := &mailServer{host: "127.0.0.1"}
	certificate := m.certificate(t)
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.connections++
		return &session{server: m, conn: c}, nil
	}))
	server.Domain = "mail.example.org"
	server.ErrorLog = log.New(io.Discard, "", 0)
	var settings serverSettings
	for _, o := range options {
		o(server, &settings)
	}
	m.loginOnly = settings.loginOnly
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	m.port = listener.Addr().(*net.TCPAddr).Port
	secure := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	switch {
	case settings.implicit:
		listener = tls.NewListener(listener, secure)
	case !settings.plain:
		server.TLSConfig = secure
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = listener.Close() // Close above misses it when Serve has not begun yet, and Serve would wait for ever
		<-done
	})
	return m
}

// certificate is made for this test and signed by nobody else.
func (m *mailServer) certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	parsed, err := x509.ParseCertificate(raw)
	must(t, err)
	m.roots = x509.NewCertPool()
	m.roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// mail speaks to the server in the usual way: STARTTLS and a password.
func (m *mailServer) mail(t *testing.T, change ...func(*notify.MailConfig)) *notify.Mail {
	t.Helper()
	cfg := notify.MailConfig{
		Host: m.host, Port: m.port, Encryption: notify.StartTLS, User: serverUser, Password: serverPassword,
		Roots: m.roots, Timeout: 5 * time.Second,
	}
	for _, c := range change {
		c(&cfg)
	}
	mail, err := notify.NewMail(cfg)
	must(t, err)
	return mail
}

// answer sets how the server answers from now on.
func (m *mailServer) answer(on func(stage, to string) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.on = on
}

func (m *mailServer) taken() []delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]delivery(nil), m.deliveries...)
}

// receivers counts the messages that each address got.
func (m *mailServer) receivers() map[string]int {
	got := make(map[string]int)
	for _, d := range m.taken() {
		got[d.to]++
	}
	return got
}

type session struct {
	server   *mailServer
	conn     *smtp.Conn
	from, to string
	signedIn bool
}

func (s *session) stage(stage string) error {
	s.server.mu.Lock()
	on := s.server.on
	s.server.mu.Unlock()
	if on == nil {
		return nil
	}
	err := on(stage, s.to)
	if errors.Is(err, errDrop) {
		_ = s.conn.Conn().Close()
	}
	return err
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from, s.to = from, ""
	return s.stage("mail")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.stage("rcpt")
}

func (s *session) Data(r io.Reader) error {
	if err := s.stage("data"); err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	end := s.stage("end")
	if end != nil && !errors.Is(end, errDrop) {
		return end
	}
	_, secured := s.conn.TLSConnectionState()
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.deliveries = append(s.server.deliveries, delivery{s.from, s.to, bytes.Clone(raw), s.signedIn, secured})
	return end
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) AuthMechanisms() []string {
	if s.server.loginOnly {
		return []string{sasl.Login}
	}
	return []string{sasl.Plain, sasl.Login}
}

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	s.server.mu.Lock()
	s.server.signIns = append(s.server.signIns, mechanism)
	s.server.mu.Unlock()
	check := func(user, password string) error {
		if user != serverUser || password != serverPassword {
			return smtp.ErrAuthFailed
		}
		s.signedIn = true
		return nil
	}
	if mechanism == sasl.Login {
		return &login{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// login is the server's side of AUTH LOGIN, which the library leaves out.
type login struct {
	check func(user, password string) error
	user  []byte
	step  int
}

func (l *login) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch {
	case l.step == 1:
		return []byte("Username:"), false, nil
	case l.step == 2:
		l.user = response
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(string(l.user), string(response))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
