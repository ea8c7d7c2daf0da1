package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// errNotPublic says that an address leads into a network of one's own.
var errNotPublic = errors.New("the address is not public")

// hookClient posts messages. check, when set, looks at every address after its
// name was resolved and right before it is called, so that a name cannot lead
// elsewhere in between. No proxy is asked: it would resolve names by itself.
func hookClient(check func(ctx context.Context, network, address string, c syscall.RawConn) error) *http.Client {
	dialer := &net.Dialer{Timeout: hookTimeout / 2, ControlContext: check}
	return &http.Client{
		Timeout:       hookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: nil, DialContext: dialer.DialContext, DisableKeepAlives: true, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: hookTimeout / 2, ResponseHeaderTimeout: hookTimeout, MaxResponseHeaderBytes: 16 << 10,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, IdleConnTimeout: time.Second,
		},
	}
}

// publicOnly refuses every address that is not a public one.
func publicOnly(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !isPublic(at.Addr()) {
		return errNotPublic
	}
	return nil
}

// reserved are ranges that netip does not know as private and that no receiver
// on the internet has. Source: IANA special-purpose address registries.
func reserved() []netip.Prefix {
	var ranges []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4",
		"::/8", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		ranges = append(ranges, netip.MustParsePrefix(text))
	}
	return ranges
}

// isPublic says whether an address belongs to the internet.
func isPublic(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, r := range reserved() {
		if r.Contains(ip) {
			return false
		}
	}
	return true
}
