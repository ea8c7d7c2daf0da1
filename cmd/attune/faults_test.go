package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/static"
)

// faults is what goes wrong: what people mistype, what programs send, what
// somebody tries who wants to see something in a log.
func (m *planting) faults() {
	v, code, form := m.visitor, m.typed(14), formOf(plantedSheets[0])
	compact := strings.ReplaceAll(m.codes[14], " ", "")
	for range 35 { // more than the bucket for wrong codes holds
		v.do("POST", "/p", "application/x-www-form-urlencoded", "code="+strings.ReplaceAll(m.wrong, " ", "")+"&"+form)
	}
	v.want("POST", "/p", "code="+strings.ReplaceAll(m.wrong, " ", "")+"&"+form, http.StatusTooManyRequests)
	v.want("POST", "/p", "code="+strings.ReplaceAll(m.mistyped, " ", "-")+"&"+form, http.StatusUnprocessableEntity)
	v.want("POST", "/p", "code="+plantedText+"&"+form, http.StatusUnprocessableEntity)
	v.want("POST", "/p", "code="+code+"&cs_connection=77", http.StatusUnprocessableEntity)
	v.want("POST", "/p", "code="+code+"&"+plantedText+"=1", http.StatusUnprocessableEntity)
	v.want("POST", "/p", "code="+code+"&cs_connection="+plantedText, http.StatusBadRequest)
	v.want("POST", "/p", "code="+code+"&code="+code, http.StatusBadRequest)
	v.want("POST", "/p", "code="+code+"&cs_connection=%zz", http.StatusBadRequest)
	v.want("POST", "/p", "code="+code+"&cs_connection=%ff%fe", http.StatusBadRequest)
	v.want("POST", "/p", "code="+code+"&step="+plantedText, http.StatusBadRequest)
	v.want("POST", "/p", form+"&pad="+strings.Repeat(plantedText, 20_000/len(plantedText)), http.StatusRequestEntityTooLarge)
	v.want("POST", "/p/withdraw", "code="+code+"&"+form, http.StatusBadRequest)
	v.want("POST", "/p/withdraw", "code="+m.mistyped, http.StatusUnprocessableEntity)
	for _, kind := range []string{"application/json", "multipart/form-data; boundary=planted", "text/plain", "\xff\xfe", ""} {
		if status, body := v.do("POST", "/p", kind, "code="+code+"&"+form); status != http.StatusUnsupportedMediaType {
			v.unexpected("a body of the type %q: %d %s; want 415", kind, status, body)
		}
	}
	v.want("PLANTED", "/p", "", http.StatusMethodNotAllowed)
	v.want("PUT", "/p", "code="+code, http.StatusMethodNotAllowed)
	for _, path := range []string{
		"/" + compact, "/p/" + compact, "/static/" + compact, "/console/" + compact, "/console/teams/" + compact,
		"/p%2f" + compact, "/%00" + plantedText, "/static/..%2f..%2f" + plantedText, "/console/export/download?wave=" + compact,
		"/p?lang=" + plantedText, "/log?" + compact, "/log.json?" + compact, "/p/leave?" + compact, "/console/teams/%ff%fe",
	} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			if status, body := v.do(method, path, "application/x-www-form-urlencoded", "code="+code); status >= 500 {
				v.unexpected("%s %s: %d %s", method, path, status, body)
			}
		}
	}
	v.do("POST", "/console/sign-in", "application/x-www-form-urlencoded", "email="+plantedEmail+"&password="+strings.ReplaceAll(plantedPassword, " ", "+"))
	v.do("POST", "/console/language", "application/x-www-form-urlencoded", "lang="+plantedText)
	m.brokenConnections(code, form)
}

// brokenConnections sends what is no request.
func (m *planting) brokenConnections(code, form string) {
	v := m.visitor
	body := "code=" + code + "&" + form
	for _, text := range []string{
		"\x00\x01\x02" + plantedText + "\r\n\r\n",
		"GET /" + plantedText + " HTTP/9.9\r\n" + v.headers() + "\r\n",
		"GET /p HTTP/1.1\r\n" + plantedText + "\r\n\r\n",
		"GET /p HTTP/1.1\r\nHost: " + plantedHost + "\r\nHost: " + plantedHost + "\r\n\r\n",
		"GET http://" + plantedHost + "/p HTTP/1.1\r\n" + v.headers() + "\r\n",
		"CONNECT " + plantedHost + ":443 HTTP/1.1\r\n" + v.headers() + "\r\n",
		"OPTIONS * HTTP/1.1\r\n" + v.headers() + "\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + plantedText,
		"GET /p HTTP/1.1\r\n" + v.headers() + "X-Long: " + strings.Repeat(plantedText, 2000) + "\r\n\r\n",
		"POST /p HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: -5\r\n" + v.headers() + "\r\n" + body,
		"POST /p HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n" + v.headers() + "\r\n" + body, // the rest never comes
		"POST /p HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n" + v.headers() + "\r\nplanted\r\n" + body,
		"POST /p HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\nTransfer-Encoding: " + plantedText + "\r\n" + v.headers() + "\r\n",
		"POST /p HTTP/1.1\r\nExpect: " + plantedText + "\r\nContent-Length: 3\r\n" + v.headers() + "\r\nabc",
		"POST /p?" + body + " HTTP/1.1\r\n" + v.headers(), // the head never ends
	} {
		v.raw(text)
	}
	conn := v.dial()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if err := tls.Client(conn, &tls.Config{ServerName: plantedHost, InsecureSkipVerify: true}).Handshake(); err == nil {
		m.t.Error("TLS works on the plain port")
	}
	_ = conn.Close()
}

// overTLS answers, and fails to, on a second server that does TLS itself. It is
// there that net/http by itself would write down who could not.
func (m *planting) overTLS() {
	cert, key := m.certificate()
	p := m.house.serve("--tls-cert", cert, "--tls-key", key)
	v := newVisitor(m.t, p.url)
	v.wrong = m.visitor.wrong
	body := v.want("POST", "/p", "code="+m.typed(5)+"&"+formOf(plantedSheets[2]), http.StatusOK)
	if !strings.Contains(body, `"replaced":true`) {
		v.unexpected("answering again on the second server says %s", body)
	}
	v.raw("GET /p HTTP/1.1\r\n" + v.headers() + "\r\n") // not TLS
	v.raw("\x16\x03\x01" + plantedText)                 // half a greeting
	conn := v.dial()
	err := tls.Client(conn, &tls.Config{ServerName: plantedHost}).Handshake() // does not trust the certificate
	if err == nil {
		m.t.Error("a certificate of nobody was trusted")
	}
	_ = conn.Close()
	if code := p.interrupt(); code != exitDone {
		m.t.Errorf("the second server ends with %d; want %d", code, exitDone)
	}
	if p.stderr.String() != "" {
		m.t.Errorf("the second server wrote\n%s", p.stderr.String())
	}
	m.outputs.WriteString(p.stdout.String() + p.stderr.String())
}

// certificate writes one that nobody has signed but itself.
func (m *planting) certificate() (cert, key string) {
	m.t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		m.t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	signed, err := x509.CreateCertificate(rand.Reader, &template, &template, &private.PublicKey, private)
	if err != nil {
		m.t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		m.t.Fatal(err)
	}
	cert, key = filepath.Join(m.house.root, "cert.pem"), filepath.Join(m.house.root, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: signed}, key: {Type: "PRIVATE KEY", Bytes: encoded}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			m.t.Fatal(err)
		}
	}
	return cert, key
}

// A page that panics where nothing of ours recovers it leaves no address and
// no stack with arguments.
func TestAPanicWritesNothingAboutTheRequest(t *testing.T) {
	p := newPlace(t)
	var log written
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	a := &app{env: environment{zone: time.UTC, language: "en"}, site: site, stdout: &log, stderr: &log}
	in, err := a.open(t.Context(), settings{dir: p.dir, organisation: "Test Harbour", now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	server, err := a.server(in, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	server.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(plantedText) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if response, err := http.Get("http://" + listener.Addr().String() + "/p"); err == nil {
		response.Body.Close()
		t.Errorf("a panic is answered with %s", response.Status)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
	if log.String() != "" {
		t.Errorf("a panic wrote\n%s", log.String())
	}
}
