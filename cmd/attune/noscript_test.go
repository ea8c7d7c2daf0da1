package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// withoutScript does something to a page while no script may run, and lets
// the test look at the page afterwards. A page that was loaded meanwhile does
// not make up for its scripts.
func (v *guest) withoutScript(step chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	call(v, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	v.leadsOn(step, "without script")
	call(v, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
	if value[bool](v.ctx, v.t, `document.documentElement.classList.contains("scripted")`) {
		v.t.Fatal("a script has run")
	}
}

// press presses a button that sends a form, with no script running.
func (v *guest) press(selector string) {
	v.t.Helper()
	v.eval(fmt.Sprintf(`document.querySelector(%q).scrollIntoView({block: "center"})`, selector))
	at := value[[2]float64](v.ctx, v.t, fmt.Sprintf(`(() => { const b = document.querySelector(%q).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2] })()`, selector))
	v.withoutScript(chromedp.MouseClickXY(at[0], at[1]))
}

// testNoScript answers, mends, sees the key and withdraws in a browser that
// runs no script.
func (h *tour) testNoScript(t *testing.T) {
	for _, lang := range []string{"en", "fr", "es"} {
		v := h.guest(t)
		in := func(name string) string { return name + " without script (" + lang + ")" }
		says := func(selector string) string {
			return value[string](v.ctx, t, fmt.Sprintf("document.querySelector(%q).innerText", selector))
		}
		text := func(key string) string { return h.site.Text(lang, key, nil) }
		chosen := func() int { return value[int](v.ctx, t, `document.querySelectorAll("input:checked").length`) }

		v.withoutScript(chromedp.Navigate(h.base + "/p?lang=" + lang))
		if shown := value[int](v.ctx, t, `[...document.querySelectorAll("fieldset.q")].filter((q) => q.checkVisibility()).length`); shown != len(walkItems) {
			t.Errorf("%d questions stand on the page, want all %d", shown, len(walkItems))
		}
		v.judge(in("form"))

		// Every question but the last is answered; the code is forgotten, then
		// mistyped: the form comes back with the answers each time.
		for i := range len(walkItems) - 1 {
			v.eval(fmt.Sprintf(`document.querySelectorAll("fieldset.q")[%d].querySelectorAll("input")[%d].click()`, i, i%5))
		}
		code := h.code(t)
		for name, typed := range map[string]string{"no code": "", "another alphabet": "åäö", "mistyped code": swapped(code), "code of nobody": "A7K2 " + strings.Repeat("2345 ", 4)} {
			v.eval(fmt.Sprintf("document.querySelector('#code').value = %q", typed))
			v.press("#check [type=submit]")
			if got := says("#problem"); !strings.Contains(got, text("phone.js.problem")) || len(got) < 40 {
				t.Errorf("%s: the refusal says %q", in(name), got)
			}
			if got := chosen(); got != len(walkItems)-1 {
				t.Errorf("%s: %d answers came back, want %d", in(name), got, len(walkItems)-1)
			}
			if got := value[string](v.ctx, t, `document.querySelector("#code").value`); strings.TrimSpace(got) != strings.TrimSpace(typed) {
				t.Errorf("%s: the code came back as %q", in(name), got)
			}
			v.clean(in(name))
		}
		v.judge(in("refused"))

		v.eval(fmt.Sprintf("document.querySelector('#code').value = %q", code))
		v.press("#check [type=submit]")
		if got := says("h1"); got != text("phone.received") {
			t.Fatalf("after sending the page says %q", says("main"))
		}
		if keys := value[int](v.ctx, t, `document.querySelectorAll("section.scale table").length`); keys != 3 {
			t.Errorf("%d scales have a key, want 3", keys)
		}
		v.judge(in("received, with the key"))

		v.press("main form button")
		if got := says("h1"); got != text("phone.withdrawn.title") {
			t.Errorf("after withdrawing the page says %q", says("main"))
		}
		v.judge(in("withdrawn"))
	}
}

// swapped exchanges two neighbours of a code, as people do.
func swapped(code string) string {
	b := []byte(strings.ReplaceAll(code, " ", ""))
	for i := 4; i+1 < len(b); i++ {
		if b[i] != b[i+1] {
			b[i], b[i+1] = b[i+1], b[i]
			return string(b)
		}
	}
	return string(b)
}
