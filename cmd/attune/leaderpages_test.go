package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// testLeaderPages goes the way of a manager who answers for a
// department: it starts, answers, is refused, goes back, closes and starts
// anew, and reads the guides beside it. The pages have no script at all, so
// every step works without.
func (h *tour) testLeaderPages(t *testing.T) {
	hospital := string(demoUnit(t, h.in, "Hospital and Crisis"))
	v := h.guest(t)
	v.signIn("hospital@example.org", "demo-hospital")
	for _, lang := range []string{"en", "fr"} {
		in := func(name string) string { return name + " (" + lang + ")" }
		v.open("/console/guides")
		v.follow("form.languages button[lang=" + lang + "]")
		v.judge(in("guides"))
		v.open("/console/guides/scale_reflective_supervision")
		v.judge(in("guide"))
		v.open("/console/leaders/packs/policy-audit")
		v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
		v.judge(in("policy audit to read"))

		start := func() {
			v.open("/console/leaders")
			v.eval(`document.querySelector("#unit-policy-audit").value = "` + hospital + `"`)
			v.follow("#policy-audit form button")
		}
		start()
		v.judge(in("audit just started"))
		v.follow("[role=status] button") // taken back
		start()
		audit := value[string](v.ctx, t, "location.pathname")
		v.open(audit + "/blocks/reflective_practice")
		v.judge(in("block"))
		do(v.ctx, t, chromedp.SendKeys(chromedp.CSS("#number-regular_supervision"), "often"), chromedp.Click(chromedp.CSS("#regular_supervision input[value=partly]")))
		v.follow("#regular_supervision form.fields button")
		v.judge(in("answer refused"))
		do(v.ctx, t, chromedp.SendKeys(chromedp.CSS("#number-regular_supervision"), kb.End+strings.Repeat(kb.Backspace, len("often"))+"4"))
		v.follow("#regular_supervision form.fields button")
		v.until(`document.querySelector("#regular_supervision [role=status]")`)
		v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
		v.judge(in("answer saved"))
		v.follow("#regular_supervision details button")
		v.until(`!document.querySelector("#regular_supervision input:checked")`)
		do(v.ctx, t, chromedp.Click(chromedp.CSS("#peer_reflection input[value=in_place]")))
		v.follow("#peer_reflection form.fields button")
		v.open(audit)
		v.judge(in("audit with an answer"))
		v.follow(`main a[href$="/experience"]`)
		v.judge(in("policy and experience"))
		v.open(audit)
		v.eval(`document.querySelectorAll("main input[name=sure]").forEach((box) => { box.checked = true })`)
		v.follow(`form[action$="/finish"] button`)
		v.judge(in("audit closed"))
		v.open("/console/leaders")
		v.judge(in("leaders"))
	}
	a := h.guest(t) // an administrator may open the audits of all units
	a.signIn("admin@example.org", "demo-administrator")
	a.open("/console/leaders/audits/demo-audit-2")
	a.judge("the demo's own audit, with the one before")
	v.open("/console/leaders")
	v.eval(`document.querySelector("#unit-policy-audit").value = "` + hospital + `"`)
	v.follow("#policy-audit button")
	v.follow(`main .links a[href*="/blocks/"]`)
	v.keyboardThrough(t, 30)
	v.open("/console/leaders")
	v.keyboardThrough(t, 8)
	v.open("/console/guides/sign_frozen")
	v.keyboardThrough(t, 6)
}

// keyboardThrough walks through the page in view with the tab key and wants at
// least so many stops, each in sight and with a ring.
func (v *guest) keyboardThrough(t *testing.T, least int) {
	t.Helper()
	stops := 0
	for s := v.tab(); s.Name != ""; s = v.tab() {
		if stops++; stops > 200 {
			t.Fatal("the page never lets the focus out")
		}
	}
	if stops < least {
		t.Errorf("only %d stops, want %d", stops, least)
	}
}
