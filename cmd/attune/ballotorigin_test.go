package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The hosts of this test: the pages, the ballots, and somebody else's name
// that leads to the same machine.
const (
	pageHost   = "attune.harbour.example"
	ballotHost = "ballot.harbour.example"
	otherHost  = "other.elsewhere.example"
)

// With ATTUNE_BALLOT_ORIGIN ballots go to a host name and a certificate of
// their own, from the pages of exactly one origin and with nothing that tells
// who sends them. Whoever watches names in the network sees a visit to the
// ballots' host beside one to the pages, and the host of the ballots could be
// another machine.
func TestBallotsGoToTheirOwnHost(t *testing.T) {
	t.Parallel()
	b := newBallotHouse(t)
	b.certificates()
	b.fromOutside()

	phone := newPocket(b.root, t)
	b.cookies(phone)
	link := "https://" + pageHost + "/a#" + b.tokens[0]
	phone.open(link)
	phone.tap("Collect my ticket and answer")
	phone.fill(2)
	phone.says("Received. Thank you.")
	phone.tap("Take my answers out")
	phone.says("Taken out.")
	phone.open("https://" + pageHost + "/a")
	phone.tap("Answer now")
	phone.fill(3)
	phone.says("Received. Thank you.")
	if violated := value[string](phone.ctx, t, `globalThis.violated ?? ""`); violated != "" {
		t.Errorf("against the content security policy: %s", violated)
	}
	b.castsAreAlone(phone)
	b.otherPages(phone)

	if code := b.server.interrupt(); code != exitDone {
		t.Errorf("the server ends with %d; want %d", code, exitDone)
	}
	if said := b.server.stderr.String(); said != "" {
		t.Errorf("the server wrote\n%s", said)
	}
}

// ballotHouse is the program as it is shipped, with TLS for two hosts.
type ballotHouse struct {
	*house
	pages, ballots identity
	server         *process
	address        string // where it listens
	root           context.Context
	wave           survey.Wave
	tokens         []string
}

func newBallotHouse(t *testing.T) *ballotHouse {
	t.Helper()
	b := &ballotHouse{house: newHouse(t), pages: newIdentity(t, pageHost, otherHost), ballots: newIdentity(t, ballotHost)}
	b.env = append(b.env, "ATTUNE_PUBLIC_URL=https://"+pageHost, "ATTUNE_BALLOT_ORIGIN=https://"+ballotHost)
	b.importPeople([]crew{{"North / Duty", 6}})
	out := b.attune("wave", "plan", "--packs", "pulse", "--opens", "+1s", "--closes", "+2h",
		"--owner", "Robin Lead", "--results-on", "+10d", "--contact", "Sam Support, 555 0100")
	id := survey.WaveID(strings.Fields(out)[1]) // "Wave 2026-11 is planned: …"
	b.attune("wave", "announce", string(id))
	b.look(func(in *installation) error {
		links, err := in.waves.Links(t.Context())
		if err != nil {
			return err
		}
		for _, token := range links {
			b.tokens = append(b.tokens, token)
		}
		b.wave, err = in.waves.Wave(t.Context(), id)
		return err
	})
	b.server = b.house.serve("--tls-cert", b.pages.cert, "--tls-key", b.pages.key, "--ballot-tls-cert", b.ballots.cert, "--ballot-tls-key", b.ballots.key)
	b.address = strings.TrimPrefix(b.server.url, "https://")
	hosts := map[string]string{pageHost: b.address, ballotHost: b.address, otherHost: b.address}
	b.root = trusting(t, hosts, b.pages, b.ballots)
	b.server.wait("open the wave", func() bool {
		_, _, body := b.ask(http.MethodGet, pageHost, "/a", "", "")
		return strings.Contains(body, "cs_connection")
	})
	return b
}

// certificates holds that each name shows its own certificate.
func (b *ballotHouse) certificates() {
	t := b.t
	t.Helper()
	for name, self := range map[string]identity{pageHost: b.pages, ballotHost: b.ballots} {
		conn, err := tls.Dial("tcp", b.address, &tls.Config{ServerName: name, RootCAs: self.roots, MinVersion: tls.VersionTLS12})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if names := conn.ConnectionState().PeerCertificates[0].DNSNames; names[0] != name {
			t.Errorf("%s shows the certificate of %v", name, names)
		}
		_ = conn.Close()
	}
}

// ask sends a request under a host name, as a page of an origin does.
func (b *ballotHouse) ask(method, host, path, origin, body string) (status int, headers http.Header, answer string) {
	t := b.t
	t.Helper()
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, b.address)
		},
	}}
	request, err := http.NewRequestWithContext(t.Context(), method, "https://"+host+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	if body != "" {
		request.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, string(raw)
}

// fromOutside casts a real ballot as pages of several origins would. Only
// those of the public address are heard, and no answer ever invites another.
func (b *ballotHouse) fromOutside() {
	t := b.t
	t.Helper()
	public := "https://" + pageHost
	phone := &wirePhone{t: t, token: b.tokens[1], wave: b.wave.ID, post: func(path, body string) (int, string) {
		host, origin := pageHost, public
		if strings.HasPrefix(path, "/cast") {
			host = ballotHost
		}
		status, headers, answer := b.ask(http.MethodPost, host, path, origin, body)
		allowed := headers["Access-Control-Allow-Origin"]
		if host == ballotHost && !slices.Equal(allowed, []string{public}) {
			t.Errorf("%s allows %q; want exactly %s", path, allowed, public)
		}
		if host == pageHost && len(allowed) > 0 {
			t.Errorf("%s allows %q; only casting is for another origin", path, allowed)
		}
		for _, never := range []string{"Access-Control-Allow-Credentials", "Set-Cookie"} {
			if got := headers.Get(never); got != "" {
				t.Errorf("%s answers with %s: %s", path, never, got)
			}
		}
		return status, answer
	}}
	phone.draw()
	ballot := toJSON(t, phone.ballot(plantedSheets[0]))
	for _, origin := range []string{
		"https://" + otherHost, "http://" + pageHost, public + ":8443", "https://" + pageHost + ".elsewhere.example", "https://x." + pageHost,
	} {
		for _, path := range []string{"/cast", "/cast/withdraw"} {
			status, headers, answer := b.ask(http.MethodPost, ballotHost, path, origin, ballot)
			if allowed := headers["Access-Control-Allow-Origin"]; status != http.StatusForbidden || !slices.Equal(allowed, []string{public}) {
				t.Errorf("%s from a page of %s: %d, allows %q: %s", path, origin, status, allowed, answer)
			}
			if status, headers, _ := b.ask(http.MethodOptions, ballotHost, path, origin, ""); status < 400 || headers.Get("Access-Control-Allow-Methods") != "" {
				t.Errorf("asked first by a page of %s, %s answers %d and allows %q", origin, path, status, headers.Get("Access-Control-Allow-Methods"))
			}
		}
		if status, headers, _ := b.ask(http.MethodPost, ballotHost, "/draw", origin, toJSON(t, phone.drawRequest())); status != http.StatusForbidden || headers.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("a draw from a page of %s: %d", origin, status)
		}
	}
	if answer := phone.cast(plantedSheets[0]); !strings.Contains(answer, `"replaced":false`) {
		t.Errorf("after refused ballots the first says %s", answer)
	}
}

// cookies gives the phone cookies of both hosts, as a sign-in would. None of
// them may go out with a ballot.
func (b *ballotHouse) cookies(phone *pocket) {
	b.t.Helper()
	do(phone.ctx, b.t, func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		for _, host := range []string{pageHost, ballotHost} {
			secure := true
			if _, err := cdp.Call(ctx, tab, network.SetCookie, network.SetCookieParams{
				Name: "attune_console", Value: plantedCookie, URL: "https://" + host + "/", Secure: &secure, SameSite: network.CookieSameSiteNone,
			}); err != nil {
				return chromedp.Void{}, err
			}
		}
		return chromedp.Void{}, nil
	})
}

// castsAreAlone holds what went out: the draw to the pages' host, the ballots
// to theirs, which shows its own certificate, without anything beside them.
func (b *ballotHouse) castsAreAlone(phone *pocket) {
	t := b.t
	t.Helper()
	all := phone.requests()
	where, posts := posted(t, all)
	want := []string{
		pageHost + "/draw/offer", pageHost + "/draw", ballotHost + "/cast", ballotHost + "/cast/withdraw", ballotHost + "/cast",
	}
	if !slices.Equal(where, want) {
		t.Fatalf("the phone posted to %v; want %v", where, want)
	}
	for _, r := range posts {
		header := func(name string) string {
			for key, v := range r.wire {
				if strings.EqualFold(key, name) {
					return fmt.Sprint(v)
				}
			}
			return ""
		}
		if r.wire == nil || r.answered == nil || header("Origin") != "https://"+pageHost {
			t.Errorf("%s went out with %v and was answered with %v", r.url, r.wire, r.answered)
		}
		for _, never := range []string{"Cookie", "Referer", "Authorization"} {
			if got := header(never); got != "" {
				t.Errorf("%s goes with %s: %s", r.url, never, got)
			}
		}
	}
	for _, r := range posts[2:] {
		if !slices.Equal(r.certificate, []string{ballotHost, "127.0.0.1"}) {
			t.Errorf("%s is answered under the certificate of %v", r.url, r.certificate)
		}
		if got := with(b.tokens[0], []wireRequest{r}); len(got) > 0 {
			t.Errorf("a ballot carries the link's token: %v", got)
		}
	}
	for _, r := range all { // and nothing else is ever asked of the ballots' host
		if strings.Contains(r.url, ballotHost) && r.method != http.MethodPost {
			t.Errorf("the phone asks the ballots' host: %s %s", r.method, r.url)
		}
	}
	if got := fmt.Sprint(all[0].answered); !strings.Contains(got, "connect-src 'self' https://"+ballotHost+";") || !strings.Contains(got, "form-action 'self' https://"+ballotHost+";") {
		t.Errorf("the page's policy does not name the ballots' host once each: %s", got)
	}
}

// otherPages lets a page of another origin, in the browser that holds the
// ticket, try to send a ballot.
func (b *ballotHouse) otherPages(phone *pocket) {
	t := b.t
	t.Helper()
	phone.open("https://" + otherHost + "/a")
	phone.requests()
	value[string](phone.ctx, t, `(globalThis.tried = "", Promise.allSettled([
		fetch("https://`+ballotHost+`/cast", {method: "POST", body: "{}"}),
		fetch("https://`+ballotHost+`/cast", {method: "POST", body: "{}", mode: "no-cors"}),
		fetch("https://`+ballotHost+`/cast", {method: "POST", body: "{}", headers: {"Content-Type": "application/json"}}),
	]).then((all) => { globalThis.tried = all.map((one) => one.status + " " + (one.value ? one.value.type + one.value.status : "")).join(", ") }), "")`)
	waitFor(phone.ctx, t, "globalThis.tried")
	tried := value[string](phone.ctx, t, "globalThis.tried")
	for _, one := range strings.Split(tried, ", ") {
		if !strings.HasPrefix(one, "rejected") {
			t.Errorf("a page of another origin is answered: %s", tried)
		}
	}
	var answers []int64
	for _, r := range phone.requests() {
		if r.method == http.MethodPost {
			answers = append(answers, r.status)
		}
	}
	// The two that a browser sends without asking first are refused by the
	// server too; of the third it never says more than that it may not be sent.
	if len(answers) < 2 || answers[0] != http.StatusForbidden || answers[1] != http.StatusForbidden {
		t.Errorf("a page of another origin is answered with %d", answers)
	}
}
