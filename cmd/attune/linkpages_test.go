package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// fetched asks for what is no page, from a page of ours.
func (v *guest) fetched(path string) {
	v.t.Helper()
	v.eval(fmt.Sprintf(`globalThis.answered = 0; fetch(%q).then((r) => { globalThis.answered = r.status })`, path))
	v.until("globalThis.answered")
	if status := value[int](v.ctx, v.t, "globalThis.answered"); status != 200 {
		v.t.Errorf("%s: status %d", path, status)
	}
	v.clean(path)
}

// tapOn taps the button that reads text, once it is there.
func (v *guest) tapOn(text string) {
	v.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button")].find((b) => b.checkVisibility() && b.textContent === %q)`, text)
	v.until(find)
	v.eval(find + ".click()")
}

// testLinkPages goes the way of somebody with a personal link.
func (h *tour) testLinkPages(t *testing.T) {
	contents, err := (&demo{url: h.base}).describe(t.Context(), h.in)
	if err != nil || len(contents.Invitations) < 3 {
		t.Fatalf("%d personal links, %v", len(contents.Invitations), err)
	}
	for i, lang := range []string{"en", "fr", "es"} {
		v := h.guest(t)
		in := func(name string) string { return name + " (" + lang + ")" }
		text := func(key string) string { return h.site.Text(lang, key, nil) }
		v.withoutScript(chromedp.Navigate(h.base + "/a?lang=" + lang))
		v.judge(in("link without script"))
		v.open("/a?lang=" + lang)
		v.until(`document.querySelector("#say > *")`)
		v.judge(in("no link"))
		do(v.ctx, t, chromedp.Navigate("about:blank"))
		_, token, _ := strings.Cut(contents.Invitations[i].Link, "#")
		v.open("/a?lang=" + lang + "#" + token)
		v.until(`document.querySelector(".do button")`)
		v.judge(in("link"))
		v.tapOn(text("link.js.collect_answer"))
		v.until(`document.querySelector("fieldset.q:not([hidden])")`)
		v.judge(in("question behind a link"))
		v.eval(answerOnward)
		v.judge(in("last screen behind a link"))
		v.click(".check [type=submit]")
		v.until(`document.activeElement === document.querySelector(".received h1")`)
		v.until(`document.querySelector(".keep a")`)
		v.judge(in("received by link"))
		v.tapOn(text("past.keep"))
		v.until(fmt.Sprintf(`document.querySelector(".keep").innerText.includes(%q)`, text("past.kept")))
		v.tapOn(text("link.js.back_out"))
		v.until(fmt.Sprintf(`document.querySelector(".out").innerText.includes(%q)`, text("link.js.taken_out")))
		v.judge(in("taken out"))
		v.click(".bar a")
		v.until(`document.activeElement === document.querySelector("#left h1")`)
		v.judge(in("left behind a link"))
		v.fetched("/a/worker.js")
		v.keptResults(lang, in, text)
	}
}

// keptResults goes over the results that somebody kept on this phone.
func (v *guest) keptResults(lang string, in, text func(string) string) {
	v.t.Helper()
	v.withoutScript(chromedp.Navigate(v.tour.base + "/a/past?lang=" + lang))
	v.judge(in("kept results without script"))
	v.open("/a/past?lang=" + lang)
	const row = `document.querySelector("#kept tbody tr")`
	v.until(row)
	// The pulse has three scales, and every question was answered.
	if tables := value[int](v.ctx, v.t, `document.querySelectorAll("#kept table").length`); tables != 3 {
		v.t.Errorf("%s: %d scales, want 3", in("kept results"), tables)
	}
	v.judge(in("kept results"))
	v.eval(`URL.createObjectURL = (file) => { file.text().then((text) => { globalThis.saved = text }); return "data:,"; }`)
	v.tapOn(text("past.file"))
	v.until("globalThis.saved")
	if lines := value[int](v.ctx, v.t, `globalThis.saved.trimEnd().split("\r\n").length`); lines != 4 {
		v.t.Errorf("%s: the file has %d lines, want a heading and 3", in("kept results"), lines)
	}
	v.tapOn(text("past.erase"))
	v.until(fmt.Sprintf(`document.querySelector("#kept").innerText.includes(%q)`, text("past.erased")))
	v.judge(in("erased results"))
	v.tapOn(text("past.undo"))
	v.until(row)
	v.tapOn(text("past.erase"))
	v.until("!" + row)
	v.open("/a/past?lang=" + lang)
	v.until(fmt.Sprintf(`document.querySelector("#kept").innerText.includes(%q)`, text("past.none")))
	v.judge(in("no kept results"))
	v.click(".bar a")
	v.until(`document.activeElement === document.querySelector("#left h1")`)
	v.judge(in("left kept results"))
}

// testKiosk looks at the page of a shared tablet.
func (h *tour) testKiosk(t *testing.T) {
	for _, lang := range []string{"en", "fr", "es"} {
		v := h.guest(t)
		v.open("/kiosk?lang=" + lang)
		v.until(`document.documentElement.classList.contains("scripted")`)
		v.judge("kiosk (" + lang + ")")
		v.click(".bar button.primary")
		v.judge("question at the kiosk (" + lang + ")")
	}
	v := h.guest(t)
	open, err := h.in.waves.OpenWaves(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, wave := range open {
		v.open("/kiosk/" + string(wave.ID))
		v.until(`document.documentElement.classList.contains("scripted")`)
		v.judge("kiosk of a wave")
	}
}
