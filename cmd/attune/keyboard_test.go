package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stop is where the focus is.
type stop struct {
	Name   string   `json:"name"`
	Text   string   `json:"text"`
	Faults []string `json:"faults"`
}

// focused describes the focused element and what is wrong with it: no ring
// that can be seen, out of sight, behind something else, before its
// predecessor in the document. A radio button wears its ring on its row.
const focused = `(() => {
	const e = document.activeElement;
	if (!e || e === document.body) { globalThis.before = null; return {name: "", text: "", faults: []}; }
	const worn = e.closest("label.a") ?? e;
	const faults = [];
	const style = getComputedStyle(worn);
	const clear = (c) => c === "transparent" || /, 0\)$/.test(c);
	if (e.tabIndex >= 0 && (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2 || clear(style.outlineColor))) faults.push("has no ring");
	if (e.tabIndex > 0) faults.push("has an order of its own");
	const box = worn.getBoundingClientRect();
	const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
	const whole = Math.min(box.height, innerHeight / 2);
	if (bottom - top < whole - 1 || box.left < -1 || box.right > innerWidth + 1) faults.push("is out of sight: " + JSON.stringify(box));
	const over = document.elementFromPoint(Math.max(box.left, 0) + Math.min(box.width, innerWidth) / 2, (top + bottom) / 2);
	if (over && over !== worn && !worn.contains(over) && !over.contains(worn)) faults.push("lies behind " + over.localName + "." + over.className);
	if (globalThis.before?.isConnected && e.tabIndex >= 0 && globalThis.before.tabIndex >= 0 && !(globalThis.before.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING) && globalThis.before !== e) faults.push("comes before " + globalThis.before.outerHTML.slice(0, 60));
	globalThis.before = e;
	const name = e.id ? "#" + e.id : e.name ? e.name + "=" + e.value : e.localName;
	return {name, text: (e.innerText ?? "").trim(), faults};
})()`

// tab presses the tab key and gives where it led.
func (v *guest) tab() stop {
	v.t.Helper()
	v.keys(kb.Tab)
	return v.focus()
}

func (v *guest) focus() stop {
	v.t.Helper()
	s := value[stop](v.ctx, v.t, focused)
	for _, fault := range s.Faults {
		v.t.Errorf("focus on %s “%s” %s", s.Name, s.Text, fault)
	}
	return s
}

// keys presses keys one after the other. As with real keys, one that the page
// has handled types nothing more, although the focus may have moved.
func (v *guest) keys(keys string) {
	v.t.Helper()
	do(v.ctx, v.t, chromedp.KeyEvent(keys, func(key *input.DispatchKeyEventParams) {
		if key.Type == kb.KeyDown {
			key.Type = kb.KeyRawDown
		}
	}))
}

// tabTo presses the tab key until the focus is on an element that reads text
// or is called it.
func (v *guest) tabTo(text string) {
	v.t.Helper()
	var passed []string
	for range 40 {
		s := v.tab()
		if s.Text == text || s.Name == text {
			return
		}
		passed = append(passed, s.Name+" "+s.Text)
	}
	v.t.Fatalf("the tab key never came to %q, only to %q", text, passed)
}

// testKeyboardForm answers, skips, goes back, mends a code, sends, withdraws
// and leaves without a pointer.
func (h *tour) testKeyboardForm(t *testing.T) {
	v := h.guest(t)
	text := func(key string) string { return h.site.Text("en", key, nil) }
	screen := func() int {
		return value[int](v.ctx, t, `[...document.querySelectorAll("#intro, fieldset.q, #check")].findIndex((p) => !p.hidden)`)
	}
	// at says that a screen is shown and that its heading has the focus, so
	// that a screen reader reads it out.
	at := func(want int) {
		t.Helper()
		v.until(fmt.Sprintf(`[...document.querySelectorAll("#intro, fieldset.q, #check")].findIndex((p) => !p.hidden && p.contains(document.activeElement) && document.activeElement.tabIndex === -1) === %d`, want))
		v.focus()
	}
	v.open("/p")
	v.until(`document.documentElement.classList.contains("scripted")`)
	v.tabTo(text("phone.js.start"))
	v.keys(kb.Enter)
	for q := 1; q <= len(walkItems); q++ {
		at(q)
		switch q % 4 {
		case 0: // skipped: past the answers and Back
			v.tab()
			v.tabTo(text("phone.js.skip"))
			v.keys(" ")
		case 1: // the space key takes the first answer
			v.tab()
			v.keys(" ")
			v.focus()
			v.keys(kb.Enter)
		default: // arrows move within the answers, which stays on the screen
			v.tab()
			for range q % 4 {
				v.keys(kb.ArrowDown)
				v.focus()
			}
			if screen() != q {
				t.Errorf("choosing an answer left question %d", q)
			}
			v.tabTo(text("phone.js.next"))
			v.keys(kb.Enter)
		}
	}
	last := len(walkItems) + 1
	at(last)
	v.tabTo(text("phone.js.back"))
	v.keys(kb.Enter)
	at(last - 1)
	v.tabTo(text("phone.js.next"))
	v.keys(kb.Enter)
	at(last)

	v.tabTo("#code")
	v.keys("ABCD" + kb.Enter)
	v.until(`document.activeElement.id === "problem"`)
	v.focus()
	if s := v.tab(); !strings.Contains(s.Text, "ABCD") && s.Text == "" {
		t.Errorf("the summary of errors is followed by %+v", s)
	}
	v.keys(kb.Enter)
	v.until(`document.activeElement.id === "code"`)
	v.keys(kb.End + strings.Repeat(kb.Backspace, len("ABCD")) + h.code(t))
	v.tabTo(text("phone.js.send"))
	v.keys(kb.Enter)
	v.until(`document.querySelector("#received h1") === document.activeElement`)
	v.focus()
	v.tabTo("#withdraw")
	v.keys(kb.Enter)
	v.until(`document.querySelector("#withdraw-said").textContent`)
	v.tabTo(text("phone.leave"))
	v.keys(kb.Enter)
	v.until(`document.querySelector("#left h1") === document.activeElement`)
	v.clean("keyboard")
}

// testKeyboardConsole signs in and walks through whole pages with the tab key
// alone, on a desk and on a phone.
func (h *tour) testKeyboardConsole(t *testing.T) {
	v := h.guest(t)
	v.size(desktopWidth, desktopHeight)
	text := func(key string) string { return h.site.Text("en", key, nil) }
	v.open("/console/sign-in")
	if s := v.tab(); s.Text != text("console.skip") {
		t.Errorf("the first stop is %+v, want the way past the head", s)
	}
	v.tabTo("#email")
	v.keys("duty@example.org")
	v.tabTo("#password")
	v.keys("demo-duty-team" + kb.Enter)
	v.until(`location.pathname === "/console" && document.querySelector(".sign-out")`)
	duty := "/console/teams/" + string(demoUnit(t, h.in, "Children and Families / Duty and Assessment"))
	for _, size := range [][2]int64{{desktopWidth, desktopHeight}, {phoneWidth, phoneHeight}} {
		v.size(size[0], size[1])
		for path, least := range map[string]int{"/console": 6, duty: 12, "/console/waves": 6, "/console/password": 8} {
			v.open(path)
			stops := 0
			for s := v.tab(); s.Name != ""; s = v.tab() {
				if s.Name == "summary" {
					v.keys(kb.Enter) // its table opens and is the next stop
				}
				if stops++; stops > 600 { // a team asked about many scales has a table with its reasons for each
					t.Fatalf("%s never lets the focus out", path)
				}
			}
			if stops < least {
				t.Errorf("%s at %d px: only %d stops", path, size[0], stops)
			}
		}
	}
	v.open(duty)
	v.tab()
	v.keys(kb.Enter)
	v.until(`location.hash === "#content"`)
	if s := v.tab(); !value[bool](v.ctx, t, `document.querySelector("main").contains(document.activeElement)`) {
		t.Errorf("past the head comes %+v", s)
	}
	v.clean("keyboard")
}
