package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"attune/survey"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// handset is one person's phone: a browser of its own, with its own storage.
type handset struct {
	t   *testing.T
	ctx context.Context
	url string
	mu  sync.Mutex
	// sent are the paths of posts since the last look.
	sent  []string
	token string
}

// handset gives somebody a phone, and listens to what it sends.
func (p *place) handset(root context.Context, token string) *handset {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	p.t.Cleanup(cancel)
	h := &handset{t: p.t, ctx: ctx, url: p.url, token: token}
	err := chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok && e.Request.Method == http.MethodPost {
			path := strings.TrimPrefix(e.Request.URL, h.url)
			path, _, _ = strings.Cut(path, "?")
			h.mu.Lock()
			h.sent = append(h.sent, path)
			h.mu.Unlock()
		}
	})
	if err != nil {
		p.t.Fatal(err)
	}
	do(ctx, p.t, func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, tab, network.Enable, network.EnableParams{}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, tab, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
			Source: `addEventListener("securitypolicyviolation", (e) => { globalThis.violated = (globalThis.violated ?? "") + e.violatedDirective + " " + e.blockedURI + "; " })`,
		})
		return chromedp.Void{}, err
	})
	asPhone(ctx, p.t)
	return h
}

// open shows a path, with the link's token behind it where there is one.
func (h *handset) open(path string) {
	h.t.Helper()
	do(h.ctx, h.t, chromedp.Navigate("about:blank"), chromedp.Navigate(h.url+path))
	waitFor(h.ctx, h.t, `document.querySelector(".do > *, #say > *, #collect button, #collect [role=status]")`)
	if got := value[string](h.ctx, h.t, "location.href"); h.token != "" && strings.Contains(got, h.token) {
		h.t.Errorf("the token is still in the address: %s", got)
	}
}

func (h *handset) tap(words string) {
	h.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button")].find((b) => b.checkVisibility() && b.textContent.startsWith(%q))`, words)
	waitFor(h.ctx, h.t, find)
	value[bool](h.ctx, h.t, find+`.click() ?? true`)
}

func (h *handset) says(words string) {
	h.t.Helper()
	waitFor(h.ctx, h.t, fmt.Sprintf(`document.querySelector("main").innerText.includes(%q)`, words))
}

// fill answers every question with one option and sends the form.
func (h *handset) fill(option int) {
	h.t.Helper()
	waitFor(h.ctx, h.t, `document.querySelector("fieldset.q:not([hidden])")`)
	value[bool](h.ctx, h.t, fmt.Sprintf(`(() => {
		const next = document.querySelectorAll(".bar button")[1];
		for (let q; (q = document.querySelector("fieldset.q:not([hidden])")); next.click()) q.querySelectorAll("input")[%d].click();
		return true;
	})()`, option))
	h.tap("Send my answers")
}

// only holds what was sent since the last look to these paths.
func (h *handset) only(paths ...string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if got, want := strings.Join(h.sent, " "), strings.Join(paths, " "); got != want {
		h.t.Errorf("sent %q, want %q", got, want)
	}
	h.sent = nil
}

func (h *handset) clean() {
	h.t.Helper()
	if got := value[string](h.ctx, h.t, `document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage) + (globalThis.violated ?? "")`); got != "" {
		h.t.Errorf("kept on the phone, or against the policy: %s", got)
	}
}

// electronic plans and announces a wave that is answered by personal link.
func (p *place) electronic(opens, closes string) survey.Wave {
	p.t.Helper()
	p.attune("wave", "plan", "--packs", "pulse", "--opens", opens, "--closes", closes, "--owner", "Robin Lead",
		"--results-on", "+60d", "--contact", "Sam Support, 555 0100")
	for line := range strings.Lines(p.attune("wave", "list")) {
		id, rest, _ := strings.Cut(line, " ")
		if !strings.Contains(rest, "planned") {
			continue
		}
		p.attune("wave", "announce", id)
		wave, err := p.in.waves.Wave(p.t.Context(), survey.WaveID(id))
		if err != nil {
			p.t.Fatal(err)
		}
		return wave
	}
	p.t.Fatal("nothing is planned")
	return survey.Wave{}
}

// files is a hash over every database file.
func (p *place) files() string {
	p.t.Helper()
	hash := sha256.New()
	names, err := filepath.Glob(filepath.Join(p.dir, "*.db"))
	if err != nil || len(names) < 3 {
		p.t.Fatalf("%d databases, %v", len(names), err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			p.t.Fatal(err)
		}
		hash.Write(raw)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// The way of a personal link through two waves, with a real server and real
// phones.
func TestALinkCarriesAPersonThroughTwoWaves(t *testing.T) {
	root := browser(t)
	do(root, t, chromedp.Navigate("about:blank")) // starts it
	p := newPlace(t)
	p.importWalkPeople()
	p.serve(io.Discard)
	first := p.electronic("+1h", "+49h")
	tokens, duty := p.tokensOf("North / Duty")
	if len(tokens) != 12 {
		t.Fatalf("%d links, want those of twelve people", len(tokens))
	}

	// A scanner of mail fetches every link twice, GET and HEAD, runs the
	// scripts of some, and taps nothing: not a byte changes.
	before := p.files()
	for _, token := range tokens {
		for range 2 {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				request, err := http.NewRequestWithContext(t.Context(), method, p.url+"/a#"+token, nil)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := http.DefaultClient.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				if answer.StatusCode != http.StatusOK {
					t.Errorf("%s /a: %d", method, answer.StatusCode)
				}
			}
		}
	}
	scanner := p.handset(root, tokens[0])
	for _, token := range tokens[:2] {
		scanner.open("/a#" + token)
		waitFor(scanner.ctx, t, `document.querySelector(".do button")`)
	}
	scanner.only()
	if p.files() != before {
		t.Error("a scanner changed something")
	}

	// Collected before the wave opens, answered after.
	early := p.handset(root, tokens[0])
	early.open("/a#" + tokens[0])
	early.tap("Collect my ticket for the round that opens on")
	early.says("come back with this phone")
	early.only("/draw/offer", "/draw")
	p.reach(first.Opens, first.ID, survey.Open)
	early.open("/a#" + tokens[0])
	early.says("(12 people)")
	early.tap("Answer now")
	early.fill(3)
	early.says("Received. Thank you.")
	early.tap("Take my answers out")
	early.says("Taken out.")
	early.open("/a")
	early.tap("Answer now")
	early.fill(2)
	early.says("Received. Thank you.")
	early.open("/a")
	early.tap("Change my answers")
	early.fill(4)
	early.says("They replaced your earlier ones.")
	early.only("/cast", "/cast/withdraw", "/cast", "/cast")

	// A second phone of the same person gets nothing.
	second := p.handset(root, tokens[0])
	second.open("/a#" + tokens[0])
	second.tap("Collect my ticket and answer")
	second.says("was collected before, with another phone or browser")
	second.only("/draw/offer", "/draw")

	// Seven others draw and cast in one session; the scanned link is one of theirs.
	for _, token := range tokens[1:8] {
		other := p.handset(root, token)
		other.open("/a#" + token)
		other.tap("Collect my ticket and answer")
		other.fill(1)
		other.says("Received. Thank you.")
		other.only("/draw/offer", "/draw", "/cast")
		other.clean()
	}
	p.reach(first.Closes, first.ID, survey.Released)
	release, err := p.in.archive.Release(t.Context(), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	cell, ok := release.Cell(string(duty), "burnout", "mean")
	if !ok || cell.N != 8 { // eight people answered, one of them three times
		t.Errorf("the team's figure is about %d people: %+v", cell.N, cell)
	}
	do(early.ctx, t, chromedp.Navigate(p.url+"/a"))
	early.says("No round is open or announced now")

	// The results page collects the next wave's ticket.
	next := p.electronic("+22d", "+24d")
	key, err := p.in.waves.ResultsKey(t.Context(), first.ID, duty)
	if err != nil {
		t.Fatal(err)
	}
	early.open("/r/" + key + "#" + tokens[0])
	early.only()
	early.tap("Collect my ticket for the round that opens on")
	early.says("Your ticket for this round is on this phone.")
	early.only("/draw/offer", "/draw")
	p.reach(next.Opens, next.ID, survey.Open)
	early.open("/a#" + tokens[0])
	early.tap("Answer now")
	early.fill(0)
	early.says("Received. Thank you.")
	early.only("/cast")
	early.clean()
	p.attune("verify")
}

// tokensOf gives the links of a team's people, and the team.
func (p *place) tokensOf(path string) ([]string, survey.UnitID) {
	p.t.Helper()
	people, err := p.in.store.People(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	links, err := p.in.waves.Links(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	team := demoUnit(p.t, p.in, path)
	var tokens []string
	for _, person := range people {
		if person.Unit == team {
			tokens = append(tokens, links[person.ID])
		}
	}
	return tokens, team
}
