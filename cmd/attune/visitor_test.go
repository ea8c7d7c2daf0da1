package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// visitor sends requests that carry every marker, from an address of its own.
type visitor struct {
	t      *testing.T
	base   string
	client *http.Client
	wrong  *[]string // answers that are not those expected; a wave that closes too soon gives such answers
}

func newVisitor(t *testing.T, base string) visitor {
	v := visitor{t: t, base: base, wrong: new([]string)}
	v.client = &http.Client{
		Transport: &http.Transport{
			DialContext: v.dialer().DialContext, DisableKeepAlives: true,
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       20 * time.Second,
	}
	return v
}

func (v visitor) dialer() *net.Dialer {
	return &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(plantedAddress)}}
}

func (v visitor) dial() net.Conn {
	v.t.Helper()
	_, host, _ := strings.Cut(v.base, "://")
	conn, err := v.dialer().Dial("tcp", host)
	if err != nil {
		v.t.Fatal(err)
	}
	return conn
}

func (v visitor) marked() http.Header {
	return http.Header{
		"User-Agent": {plantedAgent}, "X-Forwarded-For": {plantedForwarded}, "Forwarded": {"for=" + plantedForwarded},
		"X-Real-Ip": {plantedForwarded}, "Referer": {"http://" + plantedReferer + "/ward"},
		"Accept-Language": {plantedLanguage + ", en;q=0.5"}, "Cookie": {"attune_console=" + plantedCookie + "; other=" + plantedCookie},
		"Traceparent": {"00-" + plantedTrace + "-00f067aa0ba902b7-01"}, "X-Request-Id": {plantedText},
	}
}

// headers are the markers as text, for requests that no client would send.
func (v visitor) headers() string {
	var b strings.Builder
	b.WriteString("Host: " + plantedHost + "\r\n")
	_ = v.marked().Write(&b) // a Builder never fails
	return b.String()
}

func (v visitor) do(method, path, kind, body string) (status int, answer string) {
	v.t.Helper()
	return v.send(method, path, kind, "application/json", body)
}

func (v visitor) send(method, path, kind, accept, body string) (status int, answer string) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header = v.marked()
	request.Header.Set("Accept", accept)
	if kind != "" {
		request.Header["Content-Type"] = []string{kind}
	}
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return response.StatusCode, string(raw)
}

// want posts a form as the phone's script does and holds the status.
func (v visitor) want(method, path, form string, status int) string {
	v.t.Helper()
	got, body := v.do(method, path, "application/x-www-form-urlencoded", form)
	if got != status {
		v.unexpected("%s %s %.80s: %d %s; want %d", method, path, form, got, body, status)
	}
	return body
}

// page is want without script.
func (v visitor) page(method, path, form string, status int) {
	v.t.Helper()
	if got, body := v.send(method, path, "application/x-www-form-urlencoded", "text/html", form); got != status {
		v.unexpected("%s %s %.80s: %d %s; want %d", method, path, form, got, body, status)
	}
}

func (v visitor) unexpected(format string, args ...any) {
	*v.wrong = append(*v.wrong, fmt.Sprintf(format, args...))
}

// report fails the test for every answer that was not the one expected.
func (v visitor) report() {
	v.t.Helper()
	for _, answer := range *v.wrong {
		v.t.Error(answer)
	}
	*v.wrong = nil
}

// raw writes to a connection, looks at the first bytes of an answer for a
// moment, and breaks the connection off.
func (v visitor) raw(text string) {
	v.t.Helper()
	conn := v.dial()
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(50 * time.Millisecond))
	_, _ = io.WriteString(conn, text) // the server may hang up in the middle
	_, _ = conn.Read(make([]byte, 64))
	_ = conn.(*net.TCPConn).SetLinger(0) // a reset, not a goodbye
}
