package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/static"
	"attune/survey"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

var takeScreenshots = flag.Bool("screenshots", false, "write docs/screenshots from a fresh demo")

// looks are the ways in which every page is shown.
func looks() []look {
	return []look{{"phone", "light"}, {"phone", "dark"}, {"desk", "light"}, {"desk", "dark"}}
}

// look is a size and a preference of colours.
type look struct{ size, scheme string }

func (l look) String() string { return l.size + "-" + l.scheme }

// put makes the tab look that way.
func (l look) put(ctx context.Context, t *testing.T) {
	t.Helper()
	do(ctx, t, chromedp.EmulateReset())
	inColours(ctx, t, l.scheme)
	if l.size == "phone" {
		asPhone(ctx, t)
		return
	}
	do(ctx, t, chromedp.EmulateViewport(desktopWidth, desktopHeight))
}

// shown is a page of somebody's main way, and what of it is shown.
type shown struct{ name, path, at string }

// TestScreenshots makes the pictures of README and docs from a running demo:
// make screenshots. docs/screenshots/README.md says what they show.
func TestScreenshots(t *testing.T) {
	if !*takeScreenshots {
		t.Skip("only with -screenshots")
	}
	folder := filepath.Join("..", "..", "docs", "screenshots")
	in, base := runDemo(t)
	open, err := in.waves.OpenWaves(t.Context())
	if err != nil || len(open) != 1 {
		t.Fatalf("%d open waves, %v", len(open), err)
	}
	ways, err := demoWaysIn(t.Context(), in, open[0].ID, true)
	if err != nil {
		t.Fatal(err)
	}
	unit := "/console/teams/" + string(demoUnit(t, in, "Children and Families / Duty and Assessment"))
	ctx := browser(t)
	for i, l := range looks() {
		l.put(ctx, t)
		do(ctx, t, chromedp.Navigate("about:blank")) // another slip is more than another place on the page
		do(ctx, t, chromedp.Navigate(base+"/p#"+strings.ReplaceAll(ways.leftSlips[i].Code, " ", "")))
		waitFor(ctx, t, `document.documentElement.classList.contains("scripted")`)
		picture(ctx, t, folder, "staff-start-"+l.String())
		do(ctx, t, chromedp.Click(chromedp.CSS(".bar button.primary")))
		picture(ctx, t, folder, "staff-question-"+l.String())
		answerAll(ctx, t)
		picture(ctx, t, folder, "staff-received-"+l.String())
		value[bool](ctx, t, "document.querySelector('#result .scale').scrollIntoView(), true")
		picture(ctx, t, folder, "staff-result-"+l.String())
	}
	for _, of := range []struct {
		role, email, password string
		pages                 []shown
	}{
		{"manager", "duty@example.org", "demo-duty-team", []shown{
			{"home", "/console", ""},
			{"unit", unit, ""},
			{"trend", unit, "burnout"},
			{"signs", unit, "signs"},
			{"plan", unit + "/actions", ""},
			{"meeting", unit + "?print=1", ""},
			{"text", unit + "/share", ""},
		}},
		{"hr", "hr@example.org", "demo-hr-export", []shown{
			{"overview", "/console", ""},
			{"units", "/console/units", ""},
			{"associations", "/console/associations", ""},
			{"export", "/console/export", ""},
		}},
		{"admin", "admin@example.org", "demo-administrator", []shown{
			{"now", "/console/administration", ""},
			{"organisation", "/console/organisation", ""},
			{"programmes", "/console/programmes", ""},
			{"system", "/console/system", ""},
		}},
		{"auditor", "auditor@example.org", "demo-works-council", []shown{
			{"audit", "/console/audit", ""},
		}},
	} {
		signIn(ctx, t, base, of.email, of.password)
		for _, l := range looks() {
			l.put(ctx, t)
			for _, one := range of.pages {
				do(ctx, t, chromedp.Navigate(base+one.path))
				waitFor(ctx, t, `document.readyState === "complete" && [...document.querySelectorAll(".chart-place")].slice(0, 2).every((place) => place.hidden || place.querySelector("svg"))`)
				if one.at != "" {
					value[bool](ctx, t, fmt.Sprintf("document.getElementById(%q).scrollIntoView(), true", one.at))
				}
				picture(ctx, t, folder, of.role+"-"+one.name+"-"+l.String())
			}
		}
	}
}

// runDemo makes a demo and serves it until the test ends.
func runDemo(t *testing.T) (*installation, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d, in := madeDemo(t, "http://"+listener.Addr().String())
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.serve(ctx, in, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("demo: %v", err)
		}
	})
	return in, d.url
}

// madeDemo makes a demo for this address and opens it until the test ends.
func madeDemo(t *testing.T, address string) (*demo, *installation) {
	t.Helper()
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	a := &app{env: environment{zone: time.UTC, language: "en"}, site: site, stdout: io.Discard, stderr: os.Stderr}
	d := &demo{app: a, dir: filepath.Join(t.TempDir(), "demo"), url: address}
	if err := d.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	in, err := a.open(t.Context(), settings{dir: d.dir, now: d.clock.Now, flush: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Errorf("demo: %v", err)
		}
	})
	return d, in
}

func demoUnit(t *testing.T, in *installation, path string) survey.UnitID {
	t.Helper()
	id, err := in.unit(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// answerAll answers every question from the first one on and sends.
func answerAll(ctx context.Context, t *testing.T) {
	t.Helper()
	for i := range walkItems {
		item := value[string](ctx, t, "document.querySelector('fieldset.q:not([hidden])').id")
		do(ctx, t, chromedp.Click(chromedp.CSS(fmt.Sprintf("#%s label:nth-of-type(%d)", item, 2+i%3))))
		waitFor(ctx, t, fmt.Sprintf("document.getElementById(%q).hidden", item)) // a tap moves on by itself
	}
	waitFor(ctx, t, "!document.getElementById('check').hidden")
	do(ctx, t, chromedp.Click(chromedp.CSS("#check button[type=submit]")))
	waitFor(ctx, t, "!document.getElementById('done').hidden")
}

// signIn signs in at the console; a session from before is ended first.
func signIn(ctx context.Context, t *testing.T, base, email, password string) {
	t.Helper()
	u, err := url.JoinPath(base, "/console/sign-in")
	if err != nil {
		t.Fatal(err)
	}
	do(ctx, t, chromedp.Navigate(u),
		chromedp.SetValue(chromedp.CSS("#email"), email),
		chromedp.SetValue(chromedp.CSS("#password"), password),
		chromedp.Click(chromedp.CSS("form.card button")))
	waitFor(ctx, t, "location.pathname.startsWith('/console') && !location.pathname.endsWith('sign-in') && document.querySelector('main')")
}

// picture writes what the tab shows, as WebP: a third of the same as PNG.
func picture(ctx context.Context, t *testing.T, folder, name string) {
	t.Helper()
	time.Sleep(400 * time.Millisecond) // the fade, and the chart's first drawing
	taken, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".webp"), taken.Data, 0o600); err != nil {
		t.Fatal(err)
	}
}
