package main

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// testActionPages goes the way of a manager: from a guide into the plan, under
// way with a mark, back, and away; then shares what was promised and tells
// staff about it. No page has a script of its own, so every step works without.
func (h *tour) testActionPages(t *testing.T) {
	duty := "/console/teams/" + string(demoUnit(t, h.in, demoActing))
	v := h.guest(t)
	v.signIn("duty@example.org", "demo-duty-team")
	v.open(duty)
	v.follow(`#guided a[href*="/actions/new"]`)
	v.judge("new action, from a finding")
	v.eval(`document.querySelector("#mail").value = "nobody@example.org"`)
	do(v.ctx, t, chromedp.SendKeys(chromedp.CSS("#owner"), "Ana Lead"))
	v.follow("form.write button[type=submit]")
	v.until(`document.querySelector(".fault").innerText.includes("nobody@example.org")`)
	v.judge("action refused")
	v.eval(`document.querySelector("#mail").value = ""`)
	v.follow("form.write button[type=submit]")
	action := value[string](v.ctx, t, "location.pathname")
	do(v.ctx, t, chromedp.Click(chromedp.CSS("#change input[value=under_way]")), chromedp.Click(chromedp.CSS("#mark")))
	v.follow("#change button[type=submit]")
	v.until(fmt.Sprintf(`document.querySelector("main").innerText.includes(%q)`, h.site.Text("en", "actions.marked.under_way", nil)))
	for _, comment := range []string{"It began.", "It began today."} {
		do(v.ctx, t, chromedp.SendKeys(chromedp.CSS("#comment"), comment))
		v.follow("#comments button")
		if comment == "It began." {
			v.follow("[role=status] button") // taken back
		}
	}
	v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
	v.judge("action under way")
	v.keyboardThrough(t, 12)
	v.follow("#history button")
	v.until(`document.querySelector("#change input[value=planned]:checked")`)

	v.open(duty + "/actions")
	v.follow("#promises .card > form:not(.pick) button") // takes back that results were shared
	v.follow("#promises form.pick button")
	v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
	v.judge("plan of a unit")
	v.keyboardThrough(t, 12)
	v.follow(`#promises a[href*="/notes/"]`)
	note := value[string](v.ctx, t, "location.pathname")
	v.follow("form.write button[type=submit]")
	v.follow(`#publish a[href$="/preview"]`)
	v.judge("as staff will see it")
	v.open(note)
	v.follow(`form[action$="/withdraw"] button`)
	v.follow(`form[action$="/publish"] button`)
	v.until(`document.querySelector("#published")`)
	v.judge("what staff are told")
	for _, lang := range []string{"fr", "es"} {
		v.follow("form.languages button[lang=" + lang + "]")
		v.judge("what staff are told (" + lang + ")")
		v.open("/console/actions?status=all")
		v.judge("plan of everything (" + lang + ")")
		v.open(action)
		v.judge("action (" + lang + ")")
		v.open(note)
	}
	v.open(action)
	v.eval(`document.querySelector("#remove").open = true`)
	v.click("#sure")
	v.follow("#remove button")
	v.until(fmt.Sprintf(`document.querySelector("[role=status]").innerText === %q`, h.site.Text("es", "actions.done.removed", nil)))
	v.clean("plan")
}
