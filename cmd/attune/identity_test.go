package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// identity is a certificate that nobody has signed but itself, for this
// machine and some names.
type identity struct {
	cert, key   string // files, PEM
	certificate tls.Certificate
	roots       *x509.CertPool
	pin         string // of the public key, as Chromium takes it
}

func newIdentity(t *testing.T, names ...string) identity {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: names[0]}, DNSNames: names, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, &template, &template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(signed)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	pin := sha256.Sum256(parsed.RawSubjectPublicKeyInfo)
	folder := t.TempDir()
	self := identity{
		cert: filepath.Join(folder, "cert.pem"), key: filepath.Join(folder, "key.pem"), pin: base64.StdEncoding.EncodeToString(pin[:]),
		certificate: tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: private, Leaf: parsed}, roots: x509.NewCertPool(),
	}
	self.roots.AddCert(parsed)
	for path, block := range map[string]*pem.Block{self.cert: {Type: "CERTIFICATE", Bytes: signed}, self.key: {Type: "PRIVATE KEY", Bytes: encoded}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return self
}
