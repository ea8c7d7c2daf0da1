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

	"github.com/chromedp/chromedp"
)

var takeScreenshots = flag.Bool("screenshots", false, "write docs/screenshots from a fresh demo")

// TestScreenshots makes the pictures of README and docs from a running demo:
// make screenshots.
func TestScreenshots(t *testing.T) {
	if !*takeScreenshots {
		t.Skip("only with -screenshots")
	}
	folder := filepath.Join("..", "..", "docs", "screenshots")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	in, base := runDemo(t)
	open, err := in.waves.OpenWaves(t.Context())
	if err != nil || len(open) != 1 {
		t.Fatalf("%d open waves, %v", len(open), err)
	}
	ways, err := demoWaysIn(t.Context(), in, open[0].ID, true)
	if err != nil {
		t.Fatal(err)
	}
	duty := demoUnit(t, in, "Children and Families / Duty and Assessment")
	ctx := browser(t)
	for i, scheme := range []string{"light", "dark"} {
		inColours(ctx, t, scheme)
		asPhone(ctx, t)
		do(ctx, t, chromedp.Navigate(base+"/p#"+strings.ReplaceAll(ways.leftSlips[i].Code, " ", "")))
		waitFor(ctx, t, `document.documentElement.classList.contains("scripted")`)
		picture(ctx, t, folder, "phone-start-"+scheme)
		do(ctx, t, chromedp.Click(chromedp.CSS(".bar button.primary")))
		picture(ctx, t, folder, "phone-question-"+scheme)
		answerAll(ctx, t)
		picture(ctx, t, folder, "phone-received-"+scheme)
		value[bool](ctx, t, "document.querySelector('#result .scale').scrollIntoView(), true")
		picture(ctx, t, folder, "phone-result-"+scheme)

		do(ctx, t, chromedp.EmulateReset())
		inColours(ctx, t, scheme)
		do(ctx, t, chromedp.EmulateViewport(desktopWidth, desktopHeight))
		signIn(ctx, t, base, "duty@example.org", "demo-duty-team")
		do(ctx, t, chromedp.Navigate(base+"/console/teams/"+string(duty)+"/share"))
		picture(ctx, t, folder, "share-"+scheme)
		do(ctx, t, chromedp.Navigate(base+"/console/teams/"+string(duty)+"?print=1"))
		picture(ctx, t, folder, "meeting-"+scheme)
		do(ctx, t, chromedp.Navigate(base+"/console/teams/"+string(duty)))
		waitFor(ctx, t, "document.querySelector('.chart-place svg')")
		picture(ctx, t, folder, "team-"+scheme)
		value[bool](ctx, t, "document.getElementById('signs').scrollIntoView(), true")
		picture(ctx, t, folder, "signs-"+scheme)
		asPhone(ctx, t)
		do(ctx, t, chromedp.Reload())
		waitFor(ctx, t, "document.querySelector('.chart-place svg')")
		picture(ctx, t, folder, "team-phone-"+scheme)
		signIn(ctx, t, base, "hospital@example.org", "demo-hospital")
		picture(ctx, t, folder, "home-phone-"+scheme)
		do(ctx, t, chromedp.EmulateReset())
		inColours(ctx, t, scheme)
		do(ctx, t, chromedp.EmulateViewport(desktopWidth, desktopHeight))
		picture(ctx, t, folder, "home-"+scheme)
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

func picture(ctx context.Context, t *testing.T, folder, name string) {
	t.Helper()
	time.Sleep(300 * time.Millisecond) // the fade, and the chart's first drawing
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600); err != nil {
		t.Fatal(err)
	}
}
