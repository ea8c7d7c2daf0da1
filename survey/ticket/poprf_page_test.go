package ticket

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// bundlePath is what a phone loads. It is read and not imported: this package
// knows nothing of the pages.
const bundlePath = "../../static/bundles/ticket.js"

// strictCSP is the policy of every page (docs/architecture.md).
const strictCSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; " +
	"frame-ancestors 'none'; require-trusted-types-for 'script'"

// promise is what the test's phone was promised: a manifest, the key that
// stamps, and the root over its groups.
type promise struct {
	Manifest   string `json:"manifest"`
	PublicKey  string `json:"public_key"`
	GroupsRoot string `json:"groups_root"`
}

// leaves are three groups as they are served; rootOf3 and the paths in the
// tests follow RFC 6962, section 2.1, for three leaves.
func leaves() [3]string {
	return [3]string{
		`{"group":"north","headcount":7,"salt":"00","units":["Nord & Süd"],"way":"electronic"}`,
		`{"group":"south","headcount":9,"salt":"01","units":["South"],"way":"electronic"}`,
		`{"group":"east","headcount":5,"salt":"02","units":["East"],"way":"paper"}`,
	}
}

func leafHash(leaf string) []byte {
	sum := sha256.Sum256([]byte("\x00" + leaf))
	return sum[:]
}

func nodeHash(left, right []byte) []byte {
	sum := sha256.Sum256(append(append([]byte{1}, left...), right...))
	return sum[:]
}

// browserServer serves the page under the strict policy. Draws at
// /draw/published are stamped with the key that is promised, those at
// /draw/tagging with another one.
func browserServer(t *testing.T, published, tagging *IssuerKey) string {
	t.Helper()
	three := leaves()
	promised, err := json.Marshal(promise{
		Manifest:  `{"v":1,"wave":"2026-11"}`,
		PublicKey: hex.EncodeToString(published.PublicKey()),
		GroupsRoot: hex.EncodeToString(nodeHash(
			nodeHash(leafHash(three[0]), leafHash(three[1])), leafHash(three[2]))),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, `<!doctype html><html lang="en"><title>phone</title><script type="module" src="/page.js"></script>`)
	})
	serve := func(path, file, kind string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", kind)
			http.ServeFile(w, r, file)
		})
	}
	serve("/page.js", "testdata/page.js", "text/javascript; charset=utf-8")
	serve("/ticket.js", bundlePath, "text/javascript; charset=utf-8")
	serve("/testdata/rfc9497.json", "testdata/rfc9497.json", "application/json")
	serve("/testdata/derive.json", deriveGolden, "application/json")
	mux.HandleFunc("GET /promise", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "%s", promised) })
	for path, key := range map[string]*IssuerKey{"/draw/published": published, "/draw/tagging": tagging} {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			var info, blinded []byte
			if _, err := fmt.Fscanf(io.LimitReader(r.Body, 4096), "%x %x", &info, &blinded); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			evaluated, proof, err := key.Issue(info, blinded)
			if err != nil {
				http.Error(w, err.Error(), http.StatusUnprocessableEntity)
				return
			}
			fmt.Fprintf(w, "%x %x", evaluated, proof)
		})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", strictCSP)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// browser starts a real Chromium. Without one the test is skipped with a line
// that says how to get it, and fails under CI=true.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		const line = "this test needs chromium: apt-get install chromium"
		if os.Getenv("CI") == "true" {
			t.Fatal(line)
		}
		t.Skip(line)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// visit opens the page and waits until the bundle is loaded.
func visit(ctx context.Context, t *testing.T, url string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(20 * time.Second)
	for !ask[bool](ctx, t, "globalThis.ready === true") {
		if time.Now().After(deadline) {
			t.Fatalf("the page never loaded its bundle; policy violations: %v", ask[[]string](ctx, t, "globalThis.violations ?? []"))
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// ask evaluates a format with its arguments as JavaScript values, and waits
// for the promise that it gives.
func ask[T any](ctx context.Context, t *testing.T, format string, args ...any) T {
	t.Helper()
	values := make([]any, len(args))
	for i, arg := range args {
		raw, err := json.Marshal(arg)
		if err != nil {
			t.Fatal(err)
		}
		values[i] = string(raw)
	}
	expression := format
	if len(args) > 0 {
		expression = fmt.Sprintf(format, values...)
	}
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", strings.TrimSpace(expression), err)
	}
	return v
}

// slowed makes the processor of the page this many times slower.
func slowed(ctx context.Context, t *testing.T, times float64) {
	t.Helper()
	err := chromedp.Do(ctx, func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times})
		return chromedp.Void{}, err
	})
	if err != nil {
		t.Fatal(err)
	}
}
