package respond_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"attune/static"
	"attune/survey"
)

// phone is a real browser of a phone's size, in front of a real server whose
// connection can be cut.
type phone struct {
	t     *testing.T
	ctx   context.Context
	pages *pages
	url   string
	cut   atomic.Bool

	mu     sync.Mutex
	bodies []string       // of every post
	hosts  []string       // paths of posts and the host that they went to
	asked  map[string]int // by path
}

func newPhone(t *testing.T, p *pages, width int64) *phone {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is missing: the pages are tested in a real browser; install it")
	}
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	ph := &phone{t: t, pages: p, asked: make(map[string]int)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ph.mu.Lock()
		ph.asked[r.URL.Path]++
		ph.mu.Unlock()
		switch {
		case ph.cut.Load():
			panic(http.ErrAbortHandler) // the connection drops without an answer
		case strings.HasPrefix(r.URL.Path, "/static/"):
			site.ServeHTTP(w, r)
		default:
			// A worker looks for a newer version of itself with its own address as referrer.
			if r.Header.Get("Cookie") != "" || (r.Header.Get("Referer") != "" && r.URL.Path != "/a/worker.js") {
				t.Errorf("%s %s came with cookie %q, referrer %q", r.Method, r.URL, r.Header.Get("Cookie"), r.Header.Get("Referer"))
			}
			if r.Method == http.MethodPost {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				ph.mu.Lock()
				ph.bodies = append(ph.bodies, r.URL.Path+" "+string(body))
				ph.hosts = append(ph.hosts, r.URL.Path+" "+r.Host)
				ph.mu.Unlock()
				r.Body = io.NopCloser(bytes.NewReader(body))
			}
			p.handler.ServeHTTP(w, r)
		}
	}))
	ph.url = server.URL
	ctx, cancel := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true)))
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(func() {
		stop()
		cancel()
		server.CloseClientConnections()
		server.Close()
	})
	ph.ctx = ctx
	ph.do(chromedp.EmulateViewport(width, 640, chromedp.EmulateMobile, chromedp.EmulateTouch))
	return ph
}

func (ph *phone) do(steps ...chromedp.Action[chromedp.Void]) {
	ph.t.Helper()
	if err := chromedp.Do(ph.ctx, steps...); err != nil {
		ph.t.Fatal(err)
	}
}

// open shows a page and waits until its script has run.
func (ph *phone) open(path string) {
	ph.t.Helper()
	ph.do(chromedp.Navigate(ph.url + path))
	ph.until(`document.documentElement.classList.contains("scripted")`)
}

func eval[T any](ph *phone, script string) T {
	ph.t.Helper()
	v, err := chromedp.Run(ph.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		ph.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// before runs a script in every page from now on, before its own.
func (ph *phone) before(script string) {
	ph.t.Helper()
	ph.do(func(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, tab, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return chromedp.Void{}, err
	})
}

// until waits for a condition of the page, or the promise of one.
func (ph *phone) until(condition string) {
	ph.t.Helper()
	for range 500 {
		// A page that is being replaced cannot be asked for a moment.
		met, err := chromedp.Run(ph.ctx, chromedp.Evaluate[bool]("(async () => !!(await ("+condition+")))()", chromedp.EvalAwaitPromise))
		if err == nil && met {
			return
		}
		if err != nil && ph.ctx.Err() != nil {
			ph.t.Fatalf("%s: %v", condition, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	ph.t.Fatalf("never: %s\n%s", condition, eval[string](ph, "document.body.innerText"))
}

// at waits for a screen (0 is the intro) with the focus on its heading.
func (ph *phone) at(screen int) {
	ph.t.Helper()
	ph.until(fmt.Sprintf(`(() => {
		const panels = [...document.querySelectorAll("#intro, fieldset.q, #check")];
		const shown = panels.filter((p) => !p.hidden);
		return shown.length === 1 && shown[0] === panels[%d] && shown[0].contains(document.activeElement) && document.activeElement.tabIndex === -1;
	})()`, screen))
}

const (
	onward  = ".bar button:nth-of-type(2)"
	back    = ".bar button:nth-of-type(1)"
	leaving = ".bar a"
)

// clean holds the page against traces: cookies, storage, an address with a
// code in it, and anything that the content security policy had to stop.
func (ph *phone) clean(code string) {
	ph.t.Helper()
	if got := eval[string](ph, `document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage)`); got != "" {
		ph.t.Errorf("kept on the phone: %q", got)
	}
	if got := eval[string](ph, `location.href + JSON.stringify(history.state)`); strings.Contains(got, code[:4]) {
		ph.t.Errorf("the address or its history carries the code: %s", got)
	}
	violations := eval[string](ph, `new Promise((done) => {
		const seen = [];
		new ReportingObserver((reports) => seen.push(...reports.map((r) => JSON.stringify(r.body))), {types: ["csp-violation"], buffered: true}).observe();
		setTimeout(() => done(seen.join(" ")), 50);
	})`)
	if violations != "" {
		ph.t.Errorf("the content security policy was broken: %s", violations)
	}
}

func TestAPersonAnswersOnAPhone(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	p := newPages(t, wave)
	code := p.waves.code("A7K", "2026-11", 0)
	ph := newPhone(t, p, 360)

	// The QR code: the code goes from the address into the field at once.
	ph.open("/p#" + strings.ReplaceAll(code, " ", ""))
	ph.clean(code)
	if got := eval[string](ph, `document.getElementById("code").value`); strings.ReplaceAll(code, " ", "") != got {
		t.Errorf("the field holds %q", got)
	}
	ph.do(chromedp.Click(onward))
	ph.at(1)

	// The keyboard selects without moving on; Enter and the button move on.
	ph.do(chromedp.Focus("fieldset.q:not([hidden]) input"), chromedp.KeyEvent(" "), chromedp.Sleep(300*time.Millisecond))
	if got := eval[string](ph, `document.querySelector("fieldset.q:not([hidden]) input:checked").value`); got != "1" {
		t.Errorf("the keyboard chose %q", got)
	}
	if got := eval[string](ph, `document.querySelector(".progress").textContent`); got != "1 of 15" {
		t.Errorf("after a key the page is at %q", got)
	}
	ph.do(chromedp.KeyEvent("\r"))
	ph.at(2)

	// A tap chooses and moves on; Back and the phone's own way back return.
	ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(4)"))
	ph.at(3)
	ph.do(chromedp.Click(back))
	ph.at(2)
	if got := eval[string](ph, `document.querySelector("fieldset.q:not([hidden]) input:checked").value`); got != "4" {
		t.Errorf("the tap chose %q", got)
	}
	eval[any](ph, `history.back()`)
	ph.at(1)
	eval[any](ph, `history.forward()`)
	ph.at(2)
	ph.do(chromedp.Click(".button.link"), chromedp.Click(onward)) // clear the answer, then skip
	ph.at(3)
	for screen := 3; screen <= 15; screen++ {
		ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(5)"))
		ph.at(screen + 1)
	}
	if got := eval[string](ph, `document.querySelector("#check p").textContent`); got != "You answered 14 of 15 questions." {
		t.Errorf("the last screen says %q", got)
	}

	// A skipped question can be answered from the last screen.
	ph.do(chromedp.Click(".skipped button"))
	ph.at(2)
	ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(2)"))
	ph.at(16)

	// Without a connection nothing is lost, and trying again sends it.
	ph.cut.Store(true)
	ph.do(chromedp.Click("#check [type=submit]"))
	ph.until(`document.getElementById("problem") && document.activeElement.id === "problem"`)
	if got := eval[string](ph, `document.getElementById("problem").innerText`); !strings.Contains(got, "still on this phone") {
		t.Errorf("a failed connection is told as %q", got)
	}
	if len(p.waves.ballots) != 0 {
		t.Fatal("a ballot arrived over a cut connection")
	}
	ph.cut.Store(false)
	ph.do(chromedp.Click("#check [type=submit]"))
	ph.until(`document.querySelector("#received h1") === document.activeElement`)
	ballot := p.waves.ballots[code]
	items := wave.Packs[0].Items
	if len(ballot) != 15 || ballot[items[0].ID] != 1 || ballot[items[1].ID] != 2 || ballot[items[2].ID] != 5 {
		t.Errorf("cast %v", ballot)
	}

	if got := eval[string](ph, `document.querySelector("#received .seen").textContent`); !strings.Contains(got, "Your group: ") || eval[int](ph, `document.querySelectorAll(".seen").length`) != 1 {
		t.Errorf("afterwards what managers see is told as %q", got)
	}

	// The result is the one that the server's rules give.
	for i, scale := range wave.Packs[0].Scales {
		score, ok := scale.Score(wave.Packs[0], ballot)
		if !ok {
			t.Fatal("no score")
		}
		want := strings.TrimSuffix(fmt.Sprintf("%.1f", score), ".0") + " on a scale from 1 to 5"
		if got := eval[string](ph, fmt.Sprintf(`document.querySelectorAll("#result .value")[%d].textContent`, i)); got != want {
			t.Errorf("%s: the phone says %q, want %q", scale.ID, got, want)
		}
	}
	if eval[int](ph, `document.querySelectorAll("form, fieldset, input").length`) != 0 {
		t.Error("the answers are still in the page")
	}
	ph.clean(code)

	ph.do(chromedp.Click("#withdraw"))
	ph.until(`document.getElementById("withdraw-said").textContent`)
	if len(p.waves.ballots) != 0 {
		t.Error("the ballot is still in the box")
	}
	ph.do(chromedp.Click(leaving))
	ph.until(`document.querySelector("#left h1") === document.activeElement`)
	if text := eval[string](ph, `document.body.innerText`); strings.Contains(text, "on a scale") || !strings.Contains(text, wave.Contact) {
		t.Errorf("after leaving the page shows %q", text)
	}
}

func TestLeavingWipesTheAnswersAtOnce(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	code := p.waves.code("A7K", "2026-11", 0)
	ph := newPhone(t, p, 360)
	ph.open("/p#" + strings.ReplaceAll(code, " ", ""))
	ph.do(chromedp.Click(onward))
	ph.at(1)
	ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(4)"))
	ph.at(2)
	ph.cut.Store(true) // leaving needs no connection
	ph.do(chromedp.Click(leaving))
	ph.until(`document.querySelector("#left h1") === document.activeElement`)
	eval[any](ph, `history.back()`)
	time.Sleep(200 * time.Millisecond)
	if eval[int](ph, `document.querySelectorAll("form, fieldset, input").length`) != 0 || len(p.waves.ballots) != 0 {
		t.Error("answers are left")
	}
	ph.clean(code)
}

func TestARefusedCodeIsMendedWithoutLosingAnswers(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	code := p.waves.code("A7K", "2026-11", 0)
	ph := newPhone(t, p, 320)
	ph.open("/p?lang=fr")
	ph.do(chromedp.Click(onward))
	ph.at(1)
	ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(3)"))
	ph.at(2)
	for screen := 2; screen <= 15; screen++ {
		ph.do(chromedp.Click(onward))
		ph.at(screen + 1)
	}
	ph.do(chromedp.SendKeys("#code", "A7K1"), chromedp.Click("#check [type=submit]"))
	ph.until(`document.activeElement.id === "problem"`)
	if got := eval[string](ph, `document.getElementById("problem").innerText`); !strings.Contains(got, "faute de frappe") {
		t.Errorf("the refusal says %q", got)
	}
	ph.do(chromedp.Click("#problem a"))
	ph.until(`document.activeElement.id === "code" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	ph.do(chromedp.SetValue("#code", code), chromedp.KeyEvent("\r"))
	ph.until(`document.querySelector("#received h1") === document.activeElement`)
	if got := p.waves.ballots[code]; len(got) != 1 {
		t.Errorf("cast %v", got)
	}
}

// A form that was posted without script comes back as a page; with script
// that page opens at the last screen, and its summary leads to what is wrong.
func TestAPageThatCameBackOpensAtWhatIsWrong(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	p := newPages(t, wave)
	code := p.waves.code("A7K", "2026-11", 0)
	ph := newPhone(t, p, 360)
	for _, c := range []struct {
		refuse error
		at     int
	}{
		{survey.Fail(survey.Invalid, "paper.mistyped", nil), 16},
		{survey.Fail(survey.Invalid, "error.answer.value", survey.Args{"item": wave.Packs[0].Items[4].ID, "value": 3}), 5},
	} {
		p.waves.refuse = c.refuse
		ph.open("/p")
		eval[any](ph, `document.getElementById("code").value = "`+code+`"; document.querySelectorAll("input[type=radio]")[1].checked = true; HTMLFormElement.prototype.submit.call(document.getElementById("answer"))`)
		ph.until(`document.title.includes(" – ") && document.documentElement.classList.contains("scripted") && document.querySelector("#check > #problem")`)
		ph.do(chromedp.Click("#problem a"))
		ph.until(fmt.Sprintf(`[...document.querySelectorAll("#intro, fieldset.q, #check")].findIndex((p) => !p.hidden) === %d`, c.at))
		if c.at == 16 {
			ph.until(`document.activeElement.id === "code"`)
		}
		if got := eval[int](ph, `document.querySelectorAll("input:checked").length`); got != 1 {
			t.Errorf("%d answers came back", got)
		}
	}
}

func TestEveryScreenFitsANarrowPhoneAndLargeText(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	ph := newPhone(t, p, 320)
	for _, lang := range []string{"en", "fr", "es"} {
		for _, size := range []string{"100%", "200%"} {
			ph.open("/p?lang=" + lang)
			eval[any](ph, `document.documentElement.style.fontSize = "`+size+`"`)
			for screen := 0; screen <= 16; screen++ {
				if screen > 0 {
					eval[any](ph, `document.querySelector("`+onward+`").click()`)
					ph.at(screen)
				}
				if got := eval[int](ph, `document.documentElement.scrollWidth`); got > 320 {
					t.Errorf("%s %s, screen %d is %d px wide", lang, size, screen, got)
				}
				// STYLE "Look": answers at least 56 px high; 44 px for every
				// other target is WCAG 2.2, 2.5.5.
				small := eval[string](ph, `[...document.querySelectorAll("label.a, button, .bar a, #code")].filter((e) => {
					const box = e.getBoundingClientRect();
					return box.height > 0 && box.height < (e.matches("label.a") ? 56 : 44);
				}).map((e) => e.textContent).join(", ")`)
				if small != "" {
					t.Errorf("%s %s, screen %d: too small for a thumb: %s", lang, size, screen, small)
				}
			}
		}
	}
}
