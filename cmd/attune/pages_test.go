package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/handlers"
	"attune/handlers/respond"
	"attune/static"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/labstack/echo/v4"
)

// TestPages looks at every page of a demo in one real browser: that nobody is
// shut out of it (axe, keyboard, narrow screens, large text, no script), that
// it loads nothing from elsewhere and keeps nothing, and how much it weighs.
// The last part fails when a route has come that no part has looked at.
func TestPages(t *testing.T) {
	root := browser(t)
	do(root, t) // starts it: only then can it have visitors with cookies of their own
	in, base := runDemo(t)
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	h := &tour{in: in, site: site, base: base, root: root, open: make(map[string]int)}
	h.takeCodes(t)
	t.Run("the watch sees what it is for", h.testWatch)
	t.Run("the judge finds what it is for", h.testJudge)
	t.Run("scores in the browser are the shared vectors", h.testVectors)
	t.Run("the first visit is light", h.testWeight)
	t.Run("the first visit by link is light", h.testWeightByLink)
	t.Run("the whole form by keyboard", h.testKeyboardForm)
	t.Run("the console by keyboard", h.testKeyboardConsole)
	t.Run("the whole form without script", h.testNoScript)
	t.Run("respondents", h.testRespondentPages)
	t.Run("respondents with a link", h.testLinkPages)
	t.Run("kiosk", h.testKiosk)
	t.Run("everybody who works here", h.testStaffPages)
	t.Run("console", h.testConsolePages)
	t.Run("administration", h.testAdminPages)
	t.Run("leaders", h.testLeaderPages)
	t.Run("what is done about the results", h.testActionPages)
	t.Run("after an incident", h.testIncidentPages)
	t.Run("integrations", h.testIntegrationPages)
	t.Run("for a team meeting", h.testMeetingPages)
	t.Run("auditors", h.testAuditPages)
	t.Run("cookies", h.testCookies)
	t.Run("between waves", h.testBetweenWaves) // moves the clock: last
	t.Run("no route is left out", h.testRoutes)
	for _, open := range slices.Sorted(maps.Keys(h.open)) {
		t.Logf("left by axe for people to look at: %d × %s", h.open[open], open)
	}
}

// tour is the demo that all parts look at, and what they have seen of it.
type tour struct {
	in    *installation
	site  *static.Site
	base  string
	root  context.Context
	codes []string // printed codes that nobody has used

	mu     sync.Mutex
	asked  map[string]bool // "GET /p": what browsers asked for
	judged map[string]bool // "/p": the pages that axe has judged
	open   map[string]int  // what axe leaves for people to look at, and how often
}

func (h *tour) takeCodes(t *testing.T) {
	t.Helper()
	contents, err := (&demo{url: h.base}).describe(t.Context(), h.in)
	if err != nil {
		t.Fatal(err)
	}
	for _, ticket := range contents.PaperTickets {
		h.codes = append(h.codes, ticket.Code)
	}
}

// code gives a printed code that no other part uses.
func (h *tour) code(t *testing.T) string {
	t.Helper()
	if len(h.codes) == 0 {
		t.Fatal("the demo left too few codes")
	}
	code := h.codes[0]
	h.codes = h.codes[1:]
	return code
}

func (h *tour) note(set *map[string]bool, key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if *set == nil {
		*set = make(map[string]bool)
	}
	(*set)[key] = true
}

// guest is one person's browser: cookies and cache of its own, and a watch
// over everything it asks for and complains of.
type guest struct {
	t    *testing.T
	tour *tour
	ctx  context.Context

	mu      sync.Mutex
	faults  []string
	cookies []cookie
	bytes   map[network.RequestID]float64
	urls    map[network.RequestID]string
}

// cookie is one that was sent with a request or set by its answer. The
// browser may tell of it before it tells of the request.
type cookie struct {
	request network.RequestID
	how     string
}

// violations makes a page remember what its content security policy stopped.
const violations = `addEventListener("securitypolicyviolation", (e) => (globalThis.stopped ??= []).push(e.violatedDirective + " " + e.blockedURI + " " + e.sample), true)`

func (h *tour) guest(t *testing.T) *guest {
	t.Helper()
	ctx, cancel := chromedp.NewContext(h.root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	v := &guest{t: t, tour: h, ctx: ctx, bytes: make(map[network.RequestID]float64), urls: make(map[network.RequestID]string)}
	if err := chromedp.Listen(ctx, v.sees); err != nil {
		t.Fatal(err)
	}
	call(v, network.Enable, network.EnableParams{})
	call(v, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: violations})
	v.prefers("light")
	v.asPhone()
	return v
}

// sees notes what must not happen: a request to another host, a cookie on the
// way to or from a respondent's page, an exception, a line on the console.
func (v *guest) sees(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		v.urls[e.RequestID] = e.Request.URL
		v.request(e.Request.Method, e.Request.URL)
	case *network.EventRequestWillBeSentExtraInfo:
		if hasHeader(e.Headers, "Cookie") {
			v.cookies = append(v.cookies, cookie{e.RequestID, "was sent with"})
		}
	case *network.EventResponseReceivedExtraInfo:
		if hasHeader(e.Headers, "Set-Cookie") {
			v.cookies = append(v.cookies, cookie{e.RequestID, "was set by"})
		}
	case *network.EventLoadingFinished:
		v.bytes[e.RequestID] = e.EncodedDataLength
	case *runtime.EventExceptionThrown:
		v.faults = append(v.faults, fmt.Sprintf("exception: %s %v", e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		v.faults = append(v.faults, fmt.Sprintf("console.%s was called", e.Type))
	case *log.EventEntryAdded:
		// That a form was refused stands on the page; the browser repeats it.
		if e.Entry.Source != log.EntrySourceNetwork || !strings.Contains(e.Entry.Text, "responded with a status of 4") {
			v.faults = append(v.faults, fmt.Sprintf("the browser says: %s", e.Entry.Text))
		}
	}
}

func (v *guest) request(method, address string) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Scheme == "http" && "http://"+u.Host != v.tour.base, u.Scheme != "http" && u.Scheme != "data" && u.Scheme != "about":
		v.faults = append(v.faults, "asked for "+address)
	case u.Scheme == "http":
		v.tour.note(&v.tour.asked, method+" "+u.Path)
	}
}

func hasHeader(h network.Headers, name string) bool {
	for key := range h {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// clean fails the test with everything that the watch saw since the last time.
func (v *guest) clean(where string) {
	v.t.Helper()
	for _, fault := range v.complaints() {
		v.t.Errorf("%s: %s", where, fault)
	}
}

func (v *guest) complaints() []string {
	v.t.Helper()
	found := value[[]string](v.ctx, v.t, `globalThis.stopped?.splice(0) ?? []`)
	for i, stopped := range found {
		found[i] = "the content security policy stopped " + stopped
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	found = append(found, v.faults...)
	v.faults = nil
	v.cookies = slices.DeleteFunc(v.cookies, func(c cookie) bool {
		address, known := v.urls[c.request]
		if known && !strings.HasPrefix(address, v.tour.base+"/console") {
			found = append(found, "a cookie "+c.how+" "+address)
		}
		return known
	})
	return found
}

// call sends a command of the browser's protocol.
func call[P, R any](v *guest, command cdp.Command[P, R], params P) R {
	v.t.Helper()
	r, err := chromedp.Call(v.ctx, command, params)
	if err != nil {
		v.t.Fatalf("%s: %v", command.Method, err)
	}
	return r
}

func (v *guest) open(path string) {
	v.t.Helper()
	do(v.ctx, v.t, chromedp.Navigate(v.tour.base+path))
	want, _, _ := strings.Cut(path, "?")
	if got := value[string](v.ctx, v.t, "location.pathname"); got != want {
		v.t.Fatalf("%s led to %s", path, got)
	}
}

// eval runs a statement on the page for its effect.
func (v *guest) eval(statement string) {
	v.t.Helper()
	value[bool](v.ctx, v.t, "(() => { "+statement+" })(), true")
}

func (v *guest) until(expression string) {
	v.t.Helper()
	waitFor(v.ctx, v.t, expression)
}

// follow clicks and waits for the page that it leads to.
func (v *guest) follow(selector string) {
	v.t.Helper()
	v.leadsOn(chromedp.Click(chromedp.CSS(selector)), selector)
}

// leadsOn takes a step that leads to another page, and waits for that.
func (v *guest) leadsOn(step chromedp.Action[chromedp.Void], what string) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, time.Minute)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, step); err != nil {
		v.t.Fatalf("%s: %v", what, err)
	}
}

func (v *guest) click(selector string) {
	v.t.Helper()
	do(v.ctx, v.t, chromedp.Click(chromedp.CSS(selector)))
}

func (v *guest) asPhone() { v.size(phoneWidth, phoneHeight) }

func (v *guest) size(width, height int64) {
	v.t.Helper()
	if width < 600 {
		do(v.ctx, v.t, chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch))
		return
	}
	do(v.ctx, v.t, chromedp.EmulateViewport(width, height))
}

// prefers sets the colours that the visitor prefers. Motion is always
// unwanted: that rules out that axe measures a colour halfway.
func (v *guest) prefers(scheme string) {
	v.t.Helper()
	call(v, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// A watch that sees nothing would let everything pass.
func (h *tour) testWatch(t *testing.T) {
	v := h.guest(t)
	for _, planted := range []struct{ what, script string }{ // the cookie last: it stays
		{"content security policy", `document.head.append(Object.assign(document.createElement("style"), {textContent: "p { color: red }"}))`},
		{"asked for", `location.href = "http://elsewhere.invalid/"`},
		{"console.", `console.log("here")`},
		{"exception", `setTimeout(() => { throw new Error("here") })`},
		{"a cookie was sent with", `document.cookie = "planted=1"; fetch("/log.json")`},
	} {
		v.open("/p")
		v.clean("/p")
		v.eval(planted.script)
		seen := func(fault string) bool { return strings.Contains(fault, planted.what) }
		for start := time.Now(); !slices.ContainsFunc(v.complaints(), seen); time.Sleep(20 * time.Millisecond) {
			if time.Since(start) > 5*time.Second {
				t.Fatalf("%s was not noticed", planted.what)
			}
		}
	}
}

// testCookies looks at the cookies of somebody who signed in, chose a language
// and then opened the answer page in the same browser: that one gets none.
func (h *tour) testCookies(t *testing.T) {
	v := h.guest(t)
	v.signIn("duty@example.org", "demo-duty-team")
	v.follow("form.languages button[lang=fr]")
	v.open("/p")
	v.open("/log")
	v.clean("answer page of somebody who is signed in")
	if kept := value[string](v.ctx, t, "document.cookie"); kept != "" {
		t.Errorf("scripts can read the cookies %q", kept)
	}
	cookies := call(v, network.GetCookies, network.GetCookiesParams{URLs: []string{h.base + "/console"}}).Cookies
	if len(cookies) != 2 {
		t.Errorf("%d cookies, want the session and the language", len(cookies))
	}
	for _, c := range cookies {
		if c.Path != "/console" || !c.HTTPOnly || c.SameSite != network.CookieSameSiteStrict || strings.HasPrefix(c.Domain, ".") {
			t.Errorf("cookie %s: path %s, http only %t, same site %q, domain %q", c.Name, c.Path, c.HTTPOnly, c.SameSite, c.Domain)
		}
	}
	if other := call(v, network.GetCookies, network.GetCookiesParams{URLs: []string{h.base + "/p", h.base + "/"}}).Cookies; len(other) != 0 {
		t.Errorf("%d cookies travel outside of the console", len(other))
	}
}

func (v *guest) signIn(email, password string) {
	v.t.Helper()
	signIn(v.ctx, v.t, v.tour.base, email, password)
}

// notPages are the routes whose answers are no pages, so that axe has nothing
// to judge there. They still have to be asked for under the watch.
var notPages = []string{
	"/static/*", "/brand/:hash/accent.css", "/brand/:hash/logo.png", "/console/branding/sample/:colour", "/a/worker.js", "/a/past.json", "/log.json", "/log/:wave/client.json", "/manifest/*", "/waves.ics",
	"/console/export/download", "/console/export/progress", "/console/export/file", "/console/contacts/attune-contacts.csv", "/console/audit/attune-audit.json", "/console/audit/evidence.zip", "/console/audit/actions/attune-actions.csv", "/console/waves/:wave/poster.pdf",
	"/api/*", "/api/v1", "/api/v1/openapi.yaml", "/api/v1/openapi.json", "/api/v1/waves", "/api/v1/waves/:wave", "/api/v1/waves/:wave/units",
	"/api/v1/waves/:wave/rows", "/api/v1/units/:unit/verdicts", "/api/v1/packs", "/api/v1/packs/:pack/:version",
}

// testRoutes holds the router's own list against what was looked at. A new
// page belongs into testRespondentPages or testConsolePages.
func (h *tour) testRoutes(t *testing.T) {
	a := &app{env: environment{language: "en"}, site: h.site, stdout: io.Discard, stderr: io.Discard}
	server, err := a.server(h.in, &handlers.Demo{}, false)
	if err != nil {
		t.Fatal(err)
	}
	router, ok := server.Handler.(*echo.Echo)
	if !ok {
		t.Fatalf("the server's handler is %T", server.Handler)
	}
	patternsOf := func(seen map[string]bool, key func(string) (method, path string)) map[string]bool {
		patterns := make(map[string]bool)
		for s := range seen {
			method, path := key(s)
			c := router.NewContext(httptest.NewRequest(method, "/", nil), nil)
			router.Router().Find(method, path, c)
			patterns[method+" "+c.Path()] = true
		}
		return patterns
	}
	asked := patternsOf(h.asked, func(s string) (string, string) { method, path, _ := strings.Cut(s, " "); return method, path })
	judged := patternsOf(h.judged, func(s string) (string, string) { return http.MethodGet, s })
	for _, r := range router.Routes() {
		if r.Method != http.MethodGet && r.Method != http.MethodPost || slices.Contains(respond.Routes(), r.Path) && !takes(router, r) {
			continue
		}
		key := r.Method + " " + r.Path
		if !asked[key] {
			t.Errorf("no browser asked for %s", key)
		}
		if r.Method == http.MethodGet && !slices.Contains(notPages, r.Path) && !judged[key] {
			t.Errorf("axe has not judged %s", key)
		}
	}
}

// takes asks the respondents' handler, which is mounted for every method,
// whether it takes the one of the route.
func takes(router *echo.Echo, r *echo.Route) bool {
	w := httptest.NewRecorder()
	router.ServeHTTP(w, httptest.NewRequest(http.MethodPut, r.Path, nil))
	return slices.Contains(strings.Split(w.Header().Get("Allow"), ", "), r.Method)
}
