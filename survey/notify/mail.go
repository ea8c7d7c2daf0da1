package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"attune/survey"

	gomail "github.com/wneessen/go-mail"
)

// Parcel is a message that is ready to go: mail, or a text for a number.
type Parcel struct {
	Mail         *gomail.Msg // nil: a text message
	Number, Text string
}

// Carrier takes messages to people: a mail server, a gateway for text
// messages, or a folder in a demonstration.
type Carrier interface {
	// Open begins a trip. Its error concerns no single message.
	Open(ctx context.Context) (Trip, error)
}

// Trip carries messages one after another.
type Trip interface {
	// Carry takes one message. It gives nil, a *Refusal, ErrLost or ErrUnsure,
	// after the last two of which the trip is over; or an error that is
	// survey.Unavailable, concerns no single message and says that this one has
	// not gone.
	Carry(ctx context.Context, p Parcel) error
	// Close ends the trip.
	Close()
}

// Refusal is a no to one message, of a mail server or of a gateway for text
// messages. It holds no address and no number: servers like to repeat them in
// what they say.
type Refusal struct {
	Code    int  // of the reply: RFC 5321, or of HTTP
	ForGood bool // there is no such mailbox; trying again is of no use
	Sender  bool // the server does not take mail from us at all
}

func (r *Refusal) Error() string { return fmt.Sprintf("a message was answered with %d", r.Code) }

var (
	// ErrLost says that the line broke before the message was handed over.
	ErrLost = errors.New("the line broke before a message was handed over")
	// ErrUnsure says that the line broke after the whole message was on it and
	// before the answer: it may have been delivered.
	ErrUnsure = errors.New("nobody said whether a message was taken")
)

// Encryption is how the line to the mail server is protected.
type Encryption string

// The ways. None is for a server on this machine only.
const (
	StartTLS Encryption = "starttls" // and nothing is sent when the server does not offer it
	TLS      Encryption = "tls"      // from the first byte
	None     Encryption = "none"
)

// MailConfig says how to reach a mail server.
type MailConfig struct {
	Host           string
	Port           int // 0: 587 with StartTLS, 465 with TLS, 25 with None
	Encryption     Encryption
	User, Password string         // no User: no authentication
	Roots          *x509.CertPool // nil: the system's
	Timeout        time.Duration  // for one message; 0: two minutes, since some servers look at mail before they answer
}

// Mail is a mail server, spoken to over SMTP.
type Mail struct{ cfg MailConfig }

// NewMail checks a configuration; it talks to nobody yet.
func NewMail(cfg MailConfig) (*Mail, error) {
	if cfg.Port == 0 {
		cfg.Port = map[Encryption]int{StartTLS: 587, TLS: 465, None: 25}[cfg.Encryption]
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 2 * time.Minute
	}
	switch cfg.Encryption {
	case StartTLS, TLS:
	case None:
		if ip := net.ParseIP(cfg.Host); cfg.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, fmt.Errorf("mail to %s without encryption: personal links would cross the network in the clear", cfg.Host)
		}
	default:
		return nil, fmt.Errorf("mail: no encryption is called %q", cfg.Encryption)
	}
	return &Mail{cfg: cfg}, nil
}

// connection is one line to the mail server.
type connection struct {
	client *gomail.Client
	mu     sync.Mutex
	line   net.Conn
}

// Open connects and signs in.
func (m *Mail) Open(ctx context.Context) (Trip, error) {
	c := &connection{}
	secure := &tls.Config{ServerName: m.cfg.Host, RootCAs: m.cfg.Roots, MinVersion: tls.VersionTLS12}
	options := []gomail.Option{
		gomail.WithPort(m.cfg.Port), gomail.WithTimeout(m.cfg.Timeout), gomail.WithTLSConfig(secure),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			return c.dial(ctx, network, address, m.cfg.Encryption, secure)
		}),
	}
	switch m.cfg.Encryption {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		options = append(options, gomail.WithSSL())
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if m.cfg.User != "" {
		options = append(options, gomail.WithUsername(m.cfg.User), gomail.WithPassword(m.cfg.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1,
				gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	client, err := gomail.NewClient(m.cfg.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	c.client = client
	if err := client.DialWithContext(ctx); err != nil {
		c.hangUp()
		return nil, survey.Fail(survey.Unavailable, "error.mail.connect", survey.Args{"reason": oneLine(err.Error())})
	}
	return c, nil
}

func (c *connection) dial(ctx context.Context, network, address string, encryption Encryption, secure *tls.Config) (net.Conn, error) {
	line, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if encryption == TLS {
		wrapped := tls.Client(line, secure)
		if err := wrapped.HandshakeContext(ctx); err != nil {
			return nil, errors.Join(err, line.Close())
		}
		line = wrapped
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.line = line
	return line, nil
}

func (c *connection) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil {
		_ = c.line.Close() // it is broken, or about to be
		c.line = nil
	}
}

// Carry hands one message over. When ctx ends the line is cut.
func (c *connection) Carry(ctx context.Context, p Parcel) error {
	stop := context.AfterFunc(ctx, c.hangUp)
	err := c.client.Send(p.Mail)
	stop()
	outcome := judge(p.Mail, err)
	if outcome != nil && !errors.As(outcome, new(*Refusal)) {
		c.hangUp() // a reply to the broken message must not be taken for one to the next
	}
	return outcome
}

// judge sorts what went wrong with a message.
func judge(m *gomail.Msg, err error) error {
	if err == nil || m.IsDelivered() { // what fails after the reply concerns the next message
		return nil
	}
	var fault *gomail.SendError
	if !errors.As(err, &fault) {
		return ErrLost
	}
	code := fault.ErrorCode()
	switch {
	case fault.Reason == gomail.ErrSMTPDataClose && code == 0:
		return ErrUnsure
	case code == 0, code == 421: // RFC 5321: 421 closes the line
		return ErrLost
	}
	policy := strings.HasPrefix(fault.EnhancedStatusCode(), "5.7.") // about us, not about the mailbox
	return &Refusal{
		Code:    code,
		ForGood: fault.Reason == gomail.ErrSMTPRcptTo && code >= 500 && !policy,
		Sender:  fault.Reason == gomail.ErrSMTPMailFrom,
	}
}

// serverSaid is what the mail server answered, without what the client adds to
// it: the step, the recipients and the message's id.
func serverSaid(err error) string {
	said := err.Error()
	if fault := new(gomail.SendError); errors.As(err, &fault) {
		said = strings.TrimPrefix(said, fault.Reason.String()+": ")
		said, _, _ = strings.Cut(said, ", affected ")
	}
	return oneLine(strings.ReplaceAll(said, `"`, ""))
}

// Close says goodbye, without waiting for long.
func (c *connection) Close() {
	timer := time.AfterFunc(5*time.Second, c.hangUp)
	defer timer.Stop()
	_ = c.client.Close() // everything that counts was answered before
	c.hangUp()
}

// Folder writes messages as files, one each, in place of sending them. A
// demonstration does so.
type Folder struct {
	Dir string
	Now func() time.Time
}

// Open makes the folder.
func (f Folder) Open(context.Context) (Trip, error) {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder for mail: %w", err)
	}
	return f, nil
}

// Carry writes a file whose name begins with the time, so that names sort.
func (f Folder) Carry(_ context.Context, p Parcel) error {
	id := strings.Trim(p.Mail.GetMessageID(), "<>")
	id, _, _ = strings.Cut(id, "@")
	name := f.Now().UTC().Format("20060102T150405") + "-" + id + ".eml"
	path := filepath.Join(f.Dir, name)
	file, err := os.OpenFile(path+".part", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // a random name in the demo's own folder
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	_, err = p.Mail.WriteTo(file)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%w: %w", ErrLost, err), os.Remove(path+".part"))
	}
	return nil
}

// Close has nothing to do.
func (Folder) Close() {}
