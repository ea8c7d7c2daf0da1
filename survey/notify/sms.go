package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"sync/atomic"
	"time"

	"attune/survey"
)

// phoneNumber is E.164: + and at most 15 digits. Staff lists ask for 8 of them.
var phoneNumber = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// SMSConfig says how to reach a gateway for text messages. One provider is
// known, a generic one that most gateways are close to: a POST of one JSON
// object with the text fields To, Text and, when Sender is set, From; signed
// in with "Authorization: Bearer TOKEN"; any answer from 200 to 299 means that
// the gateway has the message.
type SMSConfig struct {
	URL    string // https, or http on this machine
	Token  string
	Sender string // a number or a name; empty: the gateway's own

	To, Text, From string // names of the fields; empty: "to", "text" and "from"

	Client *http.Client // nil: one with a timeout of 30 s
}

// SMS is a gateway for text messages.
type SMS struct{ cfg SMSConfig }

// NewSMS checks a configuration; it talks to nobody yet.
func NewSMS(cfg SMSConfig) (*SMS, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("gateway for text messages: %q is no address", cfg.URL)
	}
	ip := net.ParseIP(u.Hostname())
	if local := u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback()); u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return nil, errors.New("gateway for text messages: the address must begin with https://, because numbers and personal links go there")
	}
	for field, name := range map[*string]string{&cfg.To: "to", &cfg.Text: "text", &cfg.From: "from"} {
		if *field == "" {
			*field = name
		}
	}
	if cfg.To == cfg.Text || cfg.To == cfg.From || cfg.Text == cfg.From {
		return nil, errors.New("gateway for text messages: two fields have the same name")
	}
	client := http.Client{Timeout: 30 * time.Second}
	if cfg.Client != nil {
		client = *cfg.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the token is for this address
	cfg.Client = &client
	return &SMS{cfg: cfg}, nil
}

// Send hands one text message over. Its errors do not repeat the text, nor a
// number that is one.
func (s *SMS) Send(ctx context.Context, number, text string) error {
	if !phoneNumber.MatchString(number) {
		return survey.Fail(survey.Invalid, "error.sms.number", survey.Args{"number": number})
	}
	_, status, err := s.post(ctx, number, text)
	if err != nil {
		return unreachable(err)
	}
	if status < 200 || status > 299 {
		return refused(status)
	}
	return nil
}

// Open begins a trip. Whether a gateway is there shows with the first message.
func (s *SMS) Open(context.Context) (Trip, error) { return s, nil }

// Close lets the lines go: an old one may be dead without our knowing.
func (s *SMS) Close() { s.cfg.Client.CloseIdleConnections() }

// Carry hands one text message over. It may be sent again only when the gateway
// surely does not have it: when no line to it came about, or when it said so
// itself.
func (s *SMS) Carry(ctx context.Context, p Parcel) error {
	connected, status, err := s.post(ctx, p.Number, p.Text)
	switch {
	case err != nil && connected:
		return ErrUnsure
	case err != nil:
		return unreachable(err)
	case status >= 200 && status <= 299:
		return nil
	case status < 400: // the address is another one by now
		return refused(status)
	}
	switch status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusGatewayTimeout: // of a machine in front of it, which does not know
		return ErrUnsure
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusTooManyRequests, http.StatusServiceUnavailable: // about us, not about the number
		return refused(status)
	}
	return &Refusal{Code: status}
}

func refused(status int) error {
	return survey.Fail(survey.Unavailable, "error.sms.refused", survey.Args{"status": status})
}

func unreachable(err error) error {
	var broken *url.Error
	if errors.As(err, &broken) { // its own text repeats the address, which may hold an account
		err = broken.Err
	}
	return survey.Fail(survey.Unavailable, "error.sms.reach", survey.Args{"reason": err.Error()})
}

// post asks the gateway once. connected says whether there was a line, so that
// the message may have arrived although err says otherwise.
func (s *SMS) post(ctx context.Context, number, text string) (connected bool, status int, err error) {
	fields := map[string]string{s.cfg.To: number, s.cfg.Text: text}
	if s.cfg.Sender != "" {
		fields[s.cfg.From] = s.cfg.Sender
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return false, 0, fmt.Errorf("text message: %w", err)
	}
	var got atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return false, 0, fmt.Errorf("text message: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if s.cfg.Token != "" {
		request.Header.Set("Authorization", "Bearer "+s.cfg.Token)
	}
	response, err := s.cfg.Client.Do(request)
	if err != nil {
		return got.Load(), 0, err
	}
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that the line can be used again
	_ = response.Body.Close()                          // its status has said everything
	return true, response.StatusCode, nil
}
