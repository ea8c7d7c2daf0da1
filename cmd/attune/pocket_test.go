package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// trusting is a browser for which some host names lead to an address of this
// machine, and which takes these certificates for good.
func trusting(t *testing.T, hosts map[string]string, selves ...identity) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		const line = "this test needs chromium: apt-get install chromium"
		if os.Getenv("CI") == "true" {
			t.Fatal(line)
		}
		t.Skip(line)
	}
	var rules, pins []string
	for _, name := range slices.Sorted(maps.Keys(hosts)) {
		rules = append(rules, "MAP "+name+" "+hosts[name])
	}
	for _, self := range selves {
		pins = append(pins, self.pin)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("lang", "en"),
		chromedp.Flag("host-resolver-rules", strings.Join(rules, ",")),
		chromedp.Flag("ignore-certificate-errors-spki-list", strings.Join(pins, ",")),
	)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	do(ctx, t, chromedp.Navigate("about:blank")) // starts it
	return ctx
}

// pocket is one person's phone: a browser profile of its own, whose requests
// are all written down as the browser itself sees them.
type pocket struct {
	t   *testing.T
	ctx context.Context

	mu   sync.Mutex
	sent []*wireRequest
	byID map[network.RequestID]*wireRequest
}

// wireRequest is a request and its answer.
type wireRequest struct {
	method, url, body string
	headers           network.Headers // as the page set them
	wire              network.Headers // as they went out
	answered          network.Headers
	status            int64
	certificate       []string // names in the certificate of whoever answered
}

// newPocket gives somebody a phone of 360×740.
func newPocket(root context.Context, t *testing.T) *pocket {
	t.Helper()
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &pocket{t: t, ctx: ctx, byID: make(map[network.RequestID]*wireRequest)}
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	do(ctx, t, func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, tab, network.Enable, network.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, tab, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
			Source: `addEventListener("securitypolicyviolation", (e) => { globalThis.violated = (globalThis.violated ?? "") + e.violatedDirective + " " + e.blockedURI + "; " })`,
		})
		return chromedp.Void{}, err
	})
	asPhone(ctx, t)
	return p
}

func (p *pocket) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	of := func(id network.RequestID) *wireRequest { // the events of a request come in any order
		if p.byID[id] == nil {
			p.byID[id] = &wireRequest{}
		}
		return p.byID[id]
	}
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		r := of(e.RequestID)
		r.method, r.url, r.headers = e.Request.Method, e.Request.URL, e.Request.Headers
		for _, part := range e.Request.PostDataEntries {
			r.body += string(part.Bytes)
		}
		p.sent = append(p.sent, r)
	case *network.EventRequestWillBeSentExtraInfo:
		of(e.RequestID).wire = e.Headers
	case *network.EventResponseReceivedExtraInfo:
		of(e.RequestID).answered, of(e.RequestID).status = e.Headers, e.StatusCode
	case *network.EventResponseReceived:
		if d := e.Response.SecurityDetails; d != nil {
			of(e.RequestID).certificate = d.SanList
		}
	}
}

// requests gives what was sent since the last look.
func (p *pocket) requests() []wireRequest {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []wireRequest
	for _, r := range p.sent {
		all = append(all, *r)
	}
	p.sent = nil
	return all
}

// posted are the posts of some requests: "HOST/PATH", each with its body.
func posted(t *testing.T, all []wireRequest) (where []string, posts []wireRequest) {
	t.Helper()
	for _, r := range all {
		if r.method == http.MethodGet {
			continue
		}
		u, err := url.Parse(r.url)
		if err != nil {
			t.Fatal(err)
		}
		if r.body == "" {
			t.Errorf("the browser does not say what it sent to %s", r.url)
		}
		where, posts = append(where, u.Host+u.Path), append(posts, r)
	}
	return where, posts
}

// with names the requests that have a text anywhere in them.
func with(text string, all []wireRequest) []string {
	var found []string
	for _, r := range all {
		if strings.Contains(fmt.Sprint(r.method, r.url, r.body, r.headers, r.wire), text) {
			found = append(found, r.method+" "+r.url)
		}
	}
	return found
}

// open follows a link.
func (p *pocket) open(link string) {
	p.t.Helper()
	do(p.ctx, p.t, chromedp.Navigate("about:blank"), chromedp.Navigate(link))
	waitFor(p.ctx, p.t, `document.readyState === "complete"`)
	if _, token, ok := strings.Cut(link, "#"); ok {
		waitFor(p.ctx, p.t, `location.hash === ""`)
		if got := value[string](p.ctx, p.t, "location.href + JSON.stringify(history.state) + document.documentElement.outerHTML"); strings.Contains(got, token) {
			p.t.Errorf("the token still stands in the address or the page of %.40s", link)
		}
	}
}

func (p *pocket) tap(words string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button")].find((b) => b.checkVisibility() && b.textContent.startsWith(%q))`, words)
	waitFor(p.ctx, p.t, find)
	value[bool](p.ctx, p.t, find+`.click() ?? true`)
}

func (p *pocket) says(words string) {
	p.t.Helper()
	waitFor(p.ctx, p.t, fmt.Sprintf(`document.querySelector("main")?.innerText.includes(%q)`, words))
}

// fill answers every question with one option, counted from 0, and sends.
func (p *pocket) fill(option int) {
	p.t.Helper()
	waitFor(p.ctx, p.t, `document.querySelector("fieldset.q:not([hidden])")`)
	value[bool](p.ctx, p.t, fmt.Sprintf(`(() => {
		const next = document.querySelectorAll(".bar button")[1];
		for (let q; (q = document.querySelector("fieldset.q:not([hidden])")); next.click()) q.querySelectorAll("input")[%d].click();
		return true;
	})()`, option))
	p.tap("Send my answers")
}

// clean holds the phone to what it may keep in plain sight, and the page to
// its content security policy.
func (p *pocket) clean() {
	p.t.Helper()
	if got := value[string](p.ctx, p.t, `document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage) + (globalThis.violated ?? "")`); got != "" {
		p.t.Errorf("kept on the phone, or against the policy: %s", got)
	}
	if wide := value[bool](p.ctx, p.t, "document.documentElement.scrollWidth > innerWidth"); wide {
		p.t.Error("the page scrolls sideways on a phone")
	}
}
