package main

import (
	"fmt"
	"testing"
)

// testIncidentPages goes the way of an administrator after a serious incident:
// it is refused, sees what would happen, offers, prints the sheet and ends the
// offer, in every language. The pages have no script at all.
func (h *tour) testIncidentPages(t *testing.T) {
	duty := string(demoUnit(t, h.in, "Children and Families / Duty and Assessment"))
	v := h.guest(t)
	v.signIn("admin@example.org", "demo-administrator")
	for i, lang := range []string{"en", "fr"} {
		in := func(name string) string { return name + " (" + lang + ")" }
		v.open("/console/incidents?unit=" + duty)
		v.follow("form.languages button[lang=" + lang + "]")
		v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
		v.judge(in("after an incident"))
		v.eval(fmt.Sprintf(`document.querySelector("#unit").value = %q; document.querySelector("#owner").value = "Robin Lead"; document.querySelector("#contact").value = "Sam Support, 555 0100"; document.querySelector("#results").value = document.querySelector("#day").value`, duty))
		v.follow("#offer button")
		v.until(`document.querySelector(".fault")`) // results before the first close
		v.judge(in("offer refused"))
		v.eval(`const d = document.querySelector("#day"); const later = new Date(d.valueAsNumber + 10 * 86400000); document.querySelector("#results").valueAsDate = later`)
		v.follow("#offer button")
		v.until(`document.querySelectorAll("#asked tbody tr").length === 3`)
		v.judge(in("what will happen"))
		v.follow("form.row button:not(.quiet)")
		offer := fmt.Sprintf("incident-%d", i+1)
		v.until(fmt.Sprintf(`document.querySelector("#%s tbody tr")`, offer))
		v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
		v.judge(in("offered"))
		v.open("/console/incidents/" + offer + "/sheet?lang=" + lang)
		v.judge(in("sheet"))
		v.open("/console/incidents")
		v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
		v.eval(`document.querySelectorAll("main input[name=sure]").forEach((box) => { box.checked = true })`)
		v.follow(fmt.Sprintf(`form[action="/console/incidents/%s/end"] button`, offer))
		v.until(`document.querySelector("[role=status]")`)
		v.clean(in("offer ended"))
	}
	v.open("/console/incidents")
	v.keyboardThrough(t, 12)
}
