package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// testAdminPages goes the way of an administrator who shapes the organisation.
func (h *tour) testAdminPages(t *testing.T) {
	v := h.guest(t)
	v.signIn("admin@example.org", "demo-administrator")
	for _, lang := range []string{"en", "fr"} { // French words are the longest
		v.open("/console/administration")
		v.follow("form.languages button[lang=" + lang + "]")
		v.judge("administration (" + lang + ")")
		v.organisation(lang)
		v.staffList(lang)
		v.users(lang)
		v.plansWave(lang)
		v.system(lang)
		v.branding(lang)
	}
	v.takesList()
	v.drags()
	v.open("/console/organisation")
	v.keyboardThrough(t, 40)
}

// system looks at the program itself, and asks for a test where no mail is set
// up.
func (v *guest) system(lang string) {
	v.t.Helper()
	v.open("/console/system")
	v.judge("system (" + lang + ")")
	v.eval(`const f = document.createElement("form"); f.method = "post"; f.action = "/console/system/mail"; document.body.append(f); f.submit()`)
	v.until(`document.querySelector(".fault")`)
	v.clean("test refused (" + lang + ")")
}

// organisation renames a unit and takes it back, is refused a move, sees what
// another would do, and does it.
func (v *guest) organisation(lang string) {
	v.t.Helper()
	in := func(name string) string { return name + " (" + lang + ")" }
	perinatal := string(demoUnit(v.t, v.tour.in, "Infant Mental Health / Perinatal"))
	page := "/console/organisation/" + perinatal
	v.open("/console/organisation")
	v.judge(in("organisation"))
	v.open(page)
	v.judge(in("unit"))
	v.eval(`document.querySelector("#rename-name").value = "a / b"`)
	v.follow("#rename button")
	v.until(`document.querySelector("#rename .fault")`)
	v.judge(in("rename refused"))
	v.eval(`document.querySelector("#rename-name").value = "Perinatal and infant"`)
	v.follow("#rename button")
	v.until(`document.querySelector(".done")`)
	v.judge(in("renamed"))
	v.follow(".done button")
	v.until(`document.querySelector(".done") && document.querySelector("[data-tree]").innerText.includes("Perinatal")`)
	v.open(page)
	v.eval(fmt.Sprintf(`document.querySelector("#move-to").value = %q`, string(demoUnit(v.t, v.tour.in, "Hospital and Crisis"))))
	v.follow("#move button")
	v.until(`document.querySelectorAll("#consequences li").length > 1`)
	v.judge(in("what a move would do"))
	v.follow("form.row button")
	v.follow(".done button") // and back
	v.clean(in("organisation"))
}

// staffList adds somebody, after a refusal, takes them off the list again, and
// sends a list with a fault and one without.
func (v *guest) staffList(lang string) {
	v.t.Helper()
	in := func(name string) string { return name + " (" + lang + ")" }
	v.open("/console/people")
	v.judge(in("people"))
	v.open("/console/people/new")
	v.eval(`document.querySelector("#email").value = "no address"`)
	v.follow(".fields button")
	v.until(`document.querySelector("#email-fault")`)
	v.judge(in("person refused"))
	v.eval(fmt.Sprintf(`document.querySelector("#email").value = "zoe.%s@example.org"; document.querySelector("#name").value = "Zoe Example"`, lang))
	v.follow(".fields button")
	v.until(`document.querySelector(".done")`)
	v.open("/console/people?q=zoe." + lang)
	v.follow("table.staff tbody a")
	v.judge(in("person"))
	v.eval(`document.querySelector("#name").value = "Zoe Sample"`)
	v.follow(".fields button")
	v.until(`document.querySelector(".done")`)
	v.open("/console/people?q=zoe." + lang)
	v.follow("table.staff tbody a")
	v.follow("#leave button")
	v.until(`document.querySelector(".done")`)
	v.open("/console/people/import")
	v.judge(in("staff list to send"))
	list := filepath.Join(v.t.TempDir(), "staff.csv")
	send := func(text string) {
		v.t.Helper()
		if err := os.WriteFile(list, []byte("email,name,unit,language\n"+text), 0o600); err != nil {
			v.t.Fatal(err)
		}
		v.choose(list)
		v.follow(".fields button")
	}
	send("nobody,Nobody,Adoption,xx\n")
	v.until(`document.querySelector("#faults")`)
	v.judge(in("staff list refused"))
	send("ana@example.org,Ana,Children and Families / Adoption,\n")
	v.until(`document.querySelector("#pending")`)
	v.judge(in("what a staff list would change"))
	v.follow("#pending a.button")
	v.clean(in("staff list"))
}

// users adds somebody, after a refusal, gives them a new password, signs them
// out and removes them.
func (v *guest) users(lang string) {
	v.t.Helper()
	in := func(name string) string { return name + " (" + lang + ")" }
	v.open("/console/users")
	v.judge(in("users"))
	v.eval(`document.querySelector("#email").value = "someone@example.org"`)
	v.follow("#new form button")
	v.until(`document.querySelector("#roles-fault")`)
	v.judge(in("user refused"))
	v.eval(`document.querySelector("input[value=auditor]").checked = true`)
	v.follow("#new form button")
	v.until(`document.querySelector("code.given")`)
	v.judge(in("one-time password, shown once"))
	path := value[string](v.ctx, v.t, `[...document.querySelectorAll("table.users a")].find((a) => a.innerText === "someone@example.org").pathname`)
	v.open(path)
	v.judge(in("user"))
	v.follow("form.fields button")
	v.eval(`document.querySelectorAll("main input[name=sure]").forEach((box) => { box.checked = true })`)
	v.follow("#password button")
	v.until(`document.querySelector("code.given")`)
	v.eval(`document.querySelectorAll("main input[name=sure]").forEach((box) => { box.checked = true })`)
	v.follow("#sessions button")
	v.until(`document.querySelector(".done")`)
	v.eval(`document.querySelector("#sure").checked = true`)
	v.follow("#remove button")
	v.until(`location.pathname === "/console/users" && document.querySelector(".done")`)
	v.clean(in("users"))
}

// plansWave makes a programme after a refusal, changes it, pauses it and lets it go on, plans a wave after a refusal,
// announces it and ends it.
func (v *guest) plansWave(lang string) {
	v.t.Helper()
	in := func(name string) string { return name + " (" + lang + ")" }
	id := "monthly-" + lang
	v.open("/console/programmes/new")
	v.follow("button[value=preview]")
	v.until(`document.querySelector("#owner-fault")`)
	v.judge(in("programme refused"))
	v.eval(fmt.Sprintf(`for (const [name, value] of Object.entries({name: %q, owner: "Ana Example", contact: "Extension 12", starts: %q, lead_days: "1"})) document.querySelector("#" + name).value = value; document.querySelectorAll("[name=pack]").forEach((p) => { p.checked = p.value === "belonging" })`,
		id, v.tour.in.now().AddDate(0, 2, 0).Format(time.DateOnly)))
	v.follow("button[value=preview]")
	v.until(`document.querySelector("#year li")`)
	v.judge(in("a year of a programme"))
	v.follow("button[value=save]")
	v.until(`document.querySelector(".done")`)
	v.open("/console/programmes/" + id + "/change")
	v.judge(in("programme to change"))
	v.eval(`document.querySelector("#owner").value = "Robin Example"`)
	v.follow("button[value=preview]")
	v.follow("button[value=save]")
	v.until(`document.querySelector(".done")`)
	v.open("/console/programmes")
	v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
	v.judge(in("programmes"))
	v.eval(fmt.Sprintf(`document.querySelector("#from-%s").value = "2027-07-01"; document.querySelector("#to-%s").value = "2027-07-31"`, id, id))
	v.follow(fmt.Sprintf(`form[action="/console/programmes/%s/pause"] button`, id))
	v.until(`document.querySelector(".done")`)
	v.follow(fmt.Sprintf(`form[action="/console/programmes/%s/resume"] button`, id))
	v.until(`document.querySelector(".done")`)
	v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
	v.follow(fmt.Sprintf(`form[action="/console/programmes/%s/stop"] button`, id))
	v.until(`document.querySelector(".done")`)

	v.open("/console/waves/plan")
	v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
	v.judge(in("plan a wave"))
	v.eval(`document.querySelectorAll("[name=pack]").forEach((p) => { p.checked = p.value === "belonging" }); document.querySelector("#contact").value = "Extension 12"; document.querySelector("#programme").value = "by-hand"`)
	v.eval(`for (const [id, length] of [["opens", 16], ["closes", 16], ["results", 10]]) { const f = document.querySelector("#" + id); f.value = new Date(Date.parse(f.value + (length === 16 ? "Z" : "")) + 30 * 86400000).toISOString().slice(0, length) }`)
	v.follow("form.fields button")
	v.until(`document.querySelector("#owner-fault")`)
	v.judge(in("plan refused"))
	v.eval(`document.querySelector("#owner").value = "Robin Example"`)
	v.follow("form.fields button")
	v.until(`document.querySelector("#announce")`)
	v.judge(in("wave before its announcement"))
	v.eval(`document.querySelector("#sure-announce").checked = true`)
	v.follow("#announce button")
	v.until(`document.querySelector("#void") && !document.querySelector("#announce")`)
	v.judge(in("wave after its announcement"))
	v.eval(`document.querySelector("#sure-void").checked = true; document.querySelector("#reason").value = "A test of the pages"`)
	v.follow("#void button")
	v.until(`!document.querySelector("#void")`)
	v.clean(in("waves by hand"))
}

// takesList sends the demo's staff list as it is with one more person, and
// takes it.
func (v *guest) takesList() {
	v.t.Helper()
	v.open("/console/people/import")
	list := filepath.Join(v.t.TempDir(), "staff.csv")
	if err := os.WriteFile(list, []byte(demoList(v.t, v.tour.in)+"zoe@example.org,Zoe Example,Children and Families / Adoption,,\n"), 0o600); err != nil {
		v.t.Fatal(err)
	}
	v.choose(list)
	v.follow(".fields button")
	v.until(`document.querySelectorAll("#pending details").length === 1`)
	v.follow("#pending button")
	v.until(`document.querySelector(".done")`)
	v.clean("staff list taken")
}

// demoList writes everybody who is on the staff list.
func demoList(t *testing.T, in *installation) string {
	t.Helper()
	org, err := in.organisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	people, err := in.store.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	list := "email,name,unit,language,phone\n"
	for _, p := range people {
		if p.Active {
			list += strings.Join([]string{p.Email, p.Name, org.Tree.Path(p.Unit), p.Language, p.Phone}, ",") + "\n"
		}
	}
	return list
}

// drags takes a unit onto another one: that leads to what would follow.
func (v *guest) drags() {
	v.t.Helper()
	v.open("/console/organisation")
	v.until(`document.querySelector(".handle:not([hidden])")`)
	type point struct{ X, Y float64 }
	at := func(unit, part string) point {
		return value[point](v.ctx, v.t, fmt.Sprintf(`(() => { const r = document.querySelector('[data-unit="%s"] %s').getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2} })()`, unit, part))
	}
	unit := string(demoUnit(v.t, v.tour.in, "Children and Families / Adoption"))
	v.eval(fmt.Sprintf(`document.querySelector('[data-unit="%s"]').scrollIntoView({block: "center"})`, unit))
	from, to := at(unit, ".handle"), at(string(demoUnit(v.t, v.tour.in, "Children and Families / Court Work")), "a")
	do(v.ctx, v.t, chromedp.MouseEvent("mousePressed", from.X, from.Y, chromedp.ButtonLeft),
		chromedp.MouseEvent("mouseMoved", from.X, from.Y+20, chromedp.ButtonLeft), chromedp.MouseEvent("mouseMoved", to.X, to.Y, chromedp.ButtonLeft))
	v.leadsOn(chromedp.MouseEvent("mouseReleased", to.X, to.Y, chromedp.ButtonLeft), "drop")
	v.until(`document.querySelector("#consequences")`)
	v.clean("drag")
}
