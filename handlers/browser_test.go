package handlers

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// chromium starts a real browser. Without one the test is skipped with a line
// that says how to get it, and fails under CI=true.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		const line = "this test needs chromium: apt-get install chromium"
		if os.Getenv("CI") == "true" {
			t.Fatal(line)
		}
		t.Skip(line)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// In a browser: charts start although nothing inline may run, the name that
// tries to break out does not, and no page is wider than a phone.
func TestChartsStartInABrowserUnderTheContentPolicy(t *testing.T) {
	h := newHouse(t)
	ctx := chromium(t)
	messages := chromedp.Console(ctx)
	spoken := make(chan string, 100)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			spoken <- m.String()
		}
	}()
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatal(err)
		}
	}
	do(chromedp.Navigate(h.URL+"/console/sign-in"), chromedp.SetValue("#email", hrMail), chromedp.SetValue("#password", password),
		chromedp.Submit("#email"), chromedp.WaitVisible("table.units"))
	for _, width := range []int64{1280, 360} {
		for path, charts := range map[string]int{
			"/console": 0, "/console/teams/evil": 5, "/console/teams/night": 5, "/console/units": 1, "/console/waves": 0, "/console/export": 0,
		} {
			do(chromedp.EmulateViewport(width, 800), chromedp.Navigate(h.URL+path))
			if charts > 0 {
				do(chromedp.WaitVisible(".chart-place svg"))
			}
			if n := seen[int](ctx, t, `document.querySelectorAll(".chart-place svg").length`); n != charts {
				t.Errorf("%s at %d: %d charts drawn, want %d", path, width, n, charts)
			}
			if n := seen[int](ctx, t, `document.querySelectorAll("img").length`); n != 0 {
				t.Errorf("%s at %d: %d images that nobody put there", path, width, n)
			}
			if w := seen[int](ctx, t, `document.documentElement.scrollWidth`); w > int(width) {
				t.Errorf("%s at %d is %d wide", path, width, w)
			}
		}
	}
	select {
	case message := <-spoken:
		t.Errorf("the browser complains: %s", message)
	default:
	}
}

func seen[T any](ctx context.Context, t *testing.T, script string) T {
	t.Helper()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatal(err)
	}
	return value
}
