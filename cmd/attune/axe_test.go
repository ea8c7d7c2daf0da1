package main

import (
	"crypto/rand"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/handlers"
	"attune/survey/store"
	"attune/survey/wave"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axe is axe-core as its authors publish it; make assets takes it from the
// locked package.
//
//go:embed testdata/axe.min.js
var axe string

// judgement runs every rule of WCAG 2.0, 2.1 and 2.2, levels A and AA, and
// axe's best practices. It gives one line a fault.
const judgement = `axe.run(document, %s).then((r) => ({
	faults: r.violations.flatMap((f) => f.nodes.map((n) => f.id + ": " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " "))),
	open: r.incomplete.flatMap((f) => f.nodes.map((n) => f.id + ": " + [...n.any, ...n.all, ...n.none].map((c) => c.message).join("; "))),
	passes: r.passes.length,
}))`

// Every rule; those that look at colours, since the others give the same in
// light and in dark; and those that look at words and their room.
const (
	everyRule = `{runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]}, rules: {"target-size": {enabled: true}}}`
	colours   = `{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}`
	names     = `{runOnly: {type: "rule", values: ["document-title", "html-has-lang", "html-lang-valid", "valid-lang", "button-name", "link-name", "input-button-name", "summary-name", "image-alt", "svg-img-alt", "label", "select-name", "empty-heading", "empty-table-header", "target-size"]}}`
)

type verdict struct {
	Faults []string `json:"faults"`
	Open   []string `json:"open"` // what axe leaves for people to look at
	Passes int      `json:"passes"`
}

// fewestPasses is what the barest page, an error, meets: far more than an
// empty document.
const fewestPasses = 12

// judge looks at the page as it stands, on a phone and on a desk, in light
// and dark: axe, then room for the text. Dark differs in colours, which a phone
// shows as a desk does. What the other languages change is names and the length
// of words, and no colour, so that they are looked at on a phone in light; axe
// asks French, whose words are the longest, for names, and pages of
// administrators and leaders are walked in English and French only.
func (v *guest) judge(name string) {
	v.t.Helper()
	sizes := [][2]int64{{desktopWidth, desktopHeight}, {phoneWidth, phoneHeight}}
	lang := value[string](v.ctx, v.t, "document.documentElement.lang")
	english := lang == "en"
	switch {
	case lang == "es":
		sizes = nil
	case !english:
		sizes = sizes[1:]
	}
	for _, size := range sizes {
		v.size(size[0], size[1])
		if !english {
			v.judgeIn("light", names, name)
			continue
		}
		v.judgeIn("light", everyRule, name)
		if size[0] == desktopWidth {
			v.judgeIn("dark", colours, name)
		}
	}
	if english { // styles are the same in every language
		for _, moving := range value[[]string](v.ctx, v.t, motion) {
			v.t.Errorf("%s: moves although no motion is wanted: %s", name, moving)
		}
	}
	v.prefers("light")
	v.fits(name, english)
	v.clean(name)
	v.tour.note(&v.tour.judged, value[string](v.ctx, v.t, "location.pathname"))
}

func (v *guest) judgeIn(scheme, rules, name string) {
	v.t.Helper()
	v.prefers(scheme)
	r := v.axe(rules)
	at := fmt.Sprintf("%s, %s, %d px", name, scheme, value[int](v.ctx, v.t, "innerWidth"))
	for _, fault := range r.Faults {
		v.t.Errorf("%s: %s", at, fault)
	}
	for _, open := range r.Open {
		v.tour.open[open]++
	}
	if rules == everyRule && r.Passes < fewestPasses {
		v.t.Errorf("%s: axe found only %d rules to hold", at, r.Passes)
	}
}

// unstuck puts the bar of a phone at the end of the page, where it also stands
// after scrolling: axe takes what a scroll uncovers for covered. The walk by
// keyboard looks at the bar as it is.
const unstuck = `const sheet = new CSSStyleSheet();
	sheet.replaceSync("body > .tabs { position: relative }");
	document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]`

// axe asks axe about the page as it stands. The protocol's own evaluation is
// bound by no content security policy, so that the page keeps its own.
func (v *guest) axe(rules string) verdict {
	v.t.Helper()
	if value[bool](v.ctx, v.t, "typeof axe === 'undefined'") {
		v.eval(axe)
		v.eval(unstuck)
	}
	r, err := chromedp.Run(v.ctx, chromedp.Evaluate[verdict](fmt.Sprintf(judgement, rules), chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatal(err)
	}
	return r
}

// motion names what would move. Every guest prefers reduced motion.
const motion = `[...document.querySelectorAll("*")].filter((e) => {
	const style = getComputedStyle(e);
	return style.animationName !== "none" || style.transitionDuration.split(", ").some((d) => parseFloat(d) > 0);
}).map((e) => e.localName + "." + e.className).concat(document.getAnimations().map(String))`

// fits looks for text that runs out of the page or is cut off: at 320 px,
// with text twice as large on a phone and on a desk. Tables may be wider than
// the page in a region of their own that scrolls.
func (v *guest) fits(name string, english bool) {
	v.t.Helper()
	type size struct{ width, height, text int64 }
	sizes := []size{{320, 640, 100}, {phoneWidth, phoneHeight, 200}}
	if english {
		sizes = append(sizes, size{desktopWidth, desktopHeight, 200})
	}
	for _, c := range sizes {
		v.size(c.width, c.height)
		v.textSize(c.text)
		for _, fault := range v.outOfRoom(c.width) {
			v.t.Errorf("%s, %d px, text at %d %%: %s", name, c.width, c.text, fault)
		}
	}
	v.textSize(100)
	v.asPhone()
}

// textSize sets the size of text as people do in their browser's settings,
// in percent.
func (v *guest) textSize(percent int64) {
	v.t.Helper()
	call(v, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: 16 * percent / 100, Fixed: 13 * percent / 100}})
}

// outOfRoom gives charts two frames to take their new width.
func (v *guest) outOfRoom(width int64) []string {
	v.t.Helper()
	settled := "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))).then(() => " + fmt.Sprintf(outOfRoom, width) + ")"
	faults, err := chromedp.Run(v.ctx, chromedp.Evaluate[[]string](settled, chromedp.EvalAwaitPromise))
	if err != nil {
		v.t.Fatal(err)
	}
	return faults
}

// outOfRoom names the elements whose own text runs out of a page of %d px or
// is cut off by a box that is too small, and says when the page scrolls
// sideways. Text that is there for screen readers only is one pixel small.
const outOfRoom = `((width) => {
	const faults = [];
	const page = document.documentElement.scrollWidth;
	if (page > width) faults.push("the page is " + page + " px wide");
	for (const e of document.body.querySelectorAll("*")) {
		if (!e.checkVisibility() || e.closest("svg, .skip")) continue;
		if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
		const box = e.getBoundingClientRect();
		if (box.width <= 1) continue;
		const name = e.localName + "." + e.className + " “" + e.textContent.trim().slice(0, 30) + "”";
		const text = document.createRange();
		text.selectNodeContents(e);
		const at = text.getBoundingClientRect();
		if (!e.closest(".scroll") && (at.left < -1 || at.right > width + 1)) faults.push(name + " lies from " + at.left + " to " + at.right);
		for (let box = e; box !== document.body; box = box.parentElement) {
			const style = getComputedStyle(box);
			if (box.clientWidth <= 1) break;
			if (/hidden|clip/.test(style.overflowX) && box.scrollWidth > box.clientWidth + 1 || /hidden|clip/.test(style.overflowY) && box.scrollHeight > box.clientHeight + 1) faults.push(name + " is cut off");
		}
	}
	const bar = document.querySelector(".bar");
	if (bar && getComputedStyle(bar).position === "sticky" && bar.offsetHeight > innerHeight / 2) faults.push("the bar takes " + bar.offsetHeight + " px of " + innerHeight);
	return faults;
})(%d)`

// A judge that finds nothing would let everything pass.
func (h *tour) testJudge(t *testing.T) {
	v := h.guest(t)
	for rule, plant := range map[string]string{
		"html-has-lang":  `document.documentElement.removeAttribute("lang")`,
		"label":          `document.querySelector("#code").parentNode.querySelector("label").remove()`,
		"color-contrast": `document.querySelector("h1").style.color = "#bbb"`,
		"target-size":    `for (let i = 0; i < 3; i++) document.querySelector("main").append(Object.assign(document.createElement("button"), {textContent: "x", style: "min-height: 0; font-size: 9px; padding: 0; border: 0"}))`,
		"heading-order":  `document.querySelector("main").insertAdjacentElement("beforeend", document.createElement("h6")).textContent = "Here"`,
	} {
		v.open("/p/withdraw")
		if found := v.axe(everyRule).Faults; len(found) != 0 {
			t.Errorf("before anything was planted: %q", found)
		}
		v.eval(plant)
		if found := v.axe(everyRule).Faults; !slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, rule+":") }) {
			t.Errorf("%s was not found, only %q", rule, found)
		}
	}
	v.open("/p")
	v.eval(`const style = new CSSStyleSheet(); style.replaceSync("#intro h1 { transition: color 1s }"); document.adoptedStyleSheets = [style]`)
	if found := value[[]string](v.ctx, t, motion); len(found) != 1 {
		t.Errorf("one heading fades, %q was found", found)
	}
	for fault, plant := range map[string]string{
		"px wide":    `document.querySelector("h1").style.whiteSpace = "nowrap"; document.querySelector("h1").style.width = "400px"`,
		"lies from":  `document.querySelector("h1").style.marginLeft = "-20px"`,
		"is cut off": `document.querySelector("h1").style = "height: 9px; overflow: hidden"`,
	} {
		v.open("/p/withdraw")
		v.size(320, 640)
		v.eval(plant)
		if found := v.outOfRoom(320); !slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, fault) }) {
			t.Errorf("%q was not found, only %q", fault, found)
		}
	}
}

// answerOnward answers from the question that is shown to the last screen, and
// skips the last question.
const answerOnward = `const next = document.querySelectorAll(".bar button")[1];
	for (let q; (q = document.querySelector("fieldset.q:not([hidden])")); next.click()) if (q.nextElementSibling.matches("fieldset")) q.querySelectorAll("input")[q.id.length % 5].click()`

// testRespondentPages goes the way of a respondent, with mistakes, in every
// language.
func (h *tour) testRespondentPages(t *testing.T) {
	for _, lang := range []string{"en", "fr", "es"} {
		v := h.guest(t)
		in := func(name string) string { return name + " (" + lang + ")" }
		v.open("/p?lang=" + lang)
		v.until(`document.documentElement.classList.contains("scripted")`)
		v.judge(in("beginning"))
		v.click(".bar button.primary")
		v.judge(in("question"))
		v.click("fieldset.q:not([hidden]) label:nth-of-type(5)")
		v.until(`document.querySelector(".progress").textContent.startsWith("2")`)
		// Back to the answered one, then onward by answering all but the last.
		v.click(".bar button:first-of-type")
		v.until(`document.querySelector("fieldset.q:not([hidden]) input:checked")`)
		v.judge(in("question with an answer"))
		v.eval(answerOnward)
		v.judge(in("last screen"))
		v.click("#check [type=submit]")
		v.until(`document.querySelector("#problem")`)
		v.judge(in("refused without a code"))
		do(v.ctx, t, chromedp.SendKeys(chromedp.CSS("#code"), h.code(t)), chromedp.Click(chromedp.CSS("#check [type=submit]")))
		v.until(`document.querySelector("#received h1") === document.activeElement`)
		v.judge(in("received, with the result"))
		v.helpedAtSite(lang)
		v.click("#withdraw")
		v.until(`document.querySelector("#withdraw-said").textContent`)
		v.judge(in("withdrawn on the result"))
		v.click(".bar a")
		v.until(`document.querySelector("#left h1") === document.activeElement`)
		v.judge(in("left"))

		v.open("/p/withdraw?lang=" + lang)
		v.judge(in("withdraw"))
		do(v.ctx, t, chromedp.SendKeys(chromedp.CSS("#code"), "ABCD"))
		v.follow("#withdraw-form button")
		v.judge(in("withdraw, refused"))
		v.open("/p/leave?lang=" + lang)
		v.judge(in("leave"))
		v.helped(lang)
		v.open("/log?lang=" + lang)
		v.judge(in("public log"))
		v.post("/p/leave?lang="+lang, nil)
		v.judge(in("a method that no page has"))
	}
	v := h.guest(t)
	v.open("/log.json")
	v.clean("/log.json")
}

// post sends a form as a page of ours would, and shows the answer.
func (v *guest) post(path string, fields url.Values) {
	v.t.Helper()
	raw, err := json.Marshal(fields)
	if err != nil {
		v.t.Fatal(err)
	}
	send := fmt.Sprintf(`const form = Object.assign(document.createElement("form"), {method: "post", action: %q});
		for (const [name, [value]] of Object.entries(%s ?? {})) form.append(Object.assign(document.createElement("input"), {name, value}));
		document.body.append(form);
		form.submit()`, path, raw)
	v.leadsOn(chromedp.Evaluate[chromedp.Void]("{"+send+"}"), "post "+path)
}

// testConsolePages looks at every page of the console as each role sees it.
// The pages differ in their texts only between languages, so the other
// languages see those with the most words and figures.
func (h *tour) testConsolePages(t *testing.T) {
	t.Run("signing in", h.testSigningIn)
	duty := "/console/teams/" + string(demoUnit(t, h.in, "Children and Families / Duty and Assessment"))
	hidden := "/console/teams/" + string(demoUnit(t, h.in, "Children and Families / Family Time"))
	department := "/console/teams/" + string(demoUnit(t, h.in, "Hospital and Crisis"))

	v := h.guest(t)
	v.signIn("hr@example.org", "demo-hr-export")
	v.judge("overview of everything")
	v.open("/console/waves")
	v.judge("waves")
	v.open("/console/associations")
	v.judge("associations")
	v.open("/console/export")
	v.judge("export")
	v.fetched("/console/export/download?wave=all&format=csv")
	v.makesFile()
	v.open("/console/nothing")
	v.judge("404")
	v.open("/nothing")
	v.judge("404 outside of the console")
	for _, lang := range []string{"en", "fr", "es"} {
		v.open("/console")
		v.follow("form.languages button[lang=" + lang + "]")
		for name, path := range map[string]string{"shown team": duty, "hidden team": hidden, "department": department} {
			if lang != "en" && path == department {
				continue // the same words as the shown team's
			}
			v.open(path)
			v.eval(`document.querySelectorAll("main details").forEach((d) => { d.open = true })`)
			if charts := value[int](v.ctx, t, `document.querySelectorAll("script.chart").length`); charts > 0 {
				v.until(fmt.Sprintf(`document.querySelectorAll(".chart-place svg").length === %d`, charts))
			} else if path == duty {
				t.Error("a shown team has no chart")
			}
			v.judge(name + " (" + lang + ")")
			if lang == "en" && path == duty {
				v.saves()
			}
		}
		v.open(duty + "/answers")
		v.judge("how the answers are spread (" + lang + ")")
		v.open("/console/units?measure=cs")
		v.judge("units over time (" + lang + ")")
	}

	v = h.guest(t)
	v.signIn("admin@example.org", "demo-administrator")
	for _, lang := range []string{"en", "fr"} {
		v.open("/console/packs")
		v.follow("form.languages button[lang=" + lang + "]")
		v.packs(lang)
	}
	v.open("/console/contacts")
	v.judge("contacts")
	v.contactList()

	v = h.guest(t)
	v.signIn("duty@example.org", "demo-duty-team")
	v.judge("overview of a team")
	v.open(hidden)
	v.judge("403")
	for _, lang := range []string{"en", "fr"} {
		v.open("/console")
		v.follow("form.languages button[lang=" + lang + "]")
		v.events(duty, lang)
	}
	v = h.guest(t)
	v.signIn("auditor@example.org", "demo-works-council")
	v.judge("overview of an auditor")
}

// saves takes every chart and table of the page along as a picture and as a
// file, and holds what was made against what the page shows.
func (v *guest) saves() {
	v.t.Helper()
	v.eval(`globalThis.made = []; URL.createObjectURL = (file) => { globalThis.made.push(file); return "data:,"; }`)
	v.eval(`document.querySelectorAll(".save button").forEach((b) => b.click())`)
	buttons := value[int](v.ctx, v.t, `document.querySelectorAll(".save button").length`)
	if buttons < 2*5 { // three scales, the signs and who answered
		v.t.Errorf("%d buttons to save, want two for each of five parts", buttons)
	}
	v.until(fmt.Sprintf(`globalThis.made.length === %d`, buttons))
	v.eval(`Promise.all(globalThis.made.map((f) => f.type === "image/png" ? createImageBitmap(f).then((i) => i.width * i.height > 400000) : f.text().then((t) => t.includes("Oct")))).then((all) => { globalThis.sound = all })`)
	v.until(`globalThis.sound`)
	if sound := value[[]bool](v.ctx, v.t, `globalThis.sound`); slices.Contains(sound, false) {
		v.t.Errorf("pictures and files that are too small or lack the latest wave: %v", sound)
	}
	v.clean("saving")
}

func (h *tour) testSigningIn(t *testing.T) {
	const email, once, own = "new@example.org", "given out once", "a password of my own"
	hash, err := handlers.HashPassword(rand.Reader, once)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.in.store.AddUser(t.Context(), store.User{Email: email, PasswordHash: hash, Roles: []string{"hr"}, MustChange: true}); err != nil {
		t.Fatal(err)
	}
	v := h.guest(t)
	for _, lang := range []string{"en", "fr", "es"} {
		v.open("/?lang=" + lang)
		v.judge("front (" + lang + ")")
	}
	v.open("/console/sign-in")
	v.judge("sign-in")
	do(v.ctx, t, chromedp.SendKeys(chromedp.CSS("#email"), email), chromedp.SendKeys(chromedp.CSS("#password"), "wrong"))
	v.follow("form.card button")
	v.judge("sign-in, refused")
	v.signIn(email, once)
	v.until(`location.pathname === "/console/password"`)
	v.judge("one-time password")
	typed := func(current, again string) {
		do(v.ctx, t, chromedp.SendKeys(chromedp.CSS("#current"), current), chromedp.SendKeys(chromedp.CSS("#new"), own), chromedp.SendKeys(chromedp.CSS("#again"), again))
		v.follow("form.card button")
	}
	typed(once, "another password")
	v.judge("new password, refused")
	typed(once, own)
	v.until(`location.pathname === "/console"`)
	v.follow(".sign-out button")
	v.until(`location.pathname === "/console/sign-in"`)
	v.clean("sign-out")
}

// testBetweenWaves closes the demo's wave with the button for it, and opens
// two waves at once: then the answer page asks for the code first.
func (h *tour) testBetweenWaves(t *testing.T) {
	v := h.guest(t)
	v.signIn("admin@example.org", "demo-administrator")
	v.open("/console/waves")
	v.follow("button[name=to][value=release]") // days later the session is over
	v.signIn("admin@example.org", "demo-administrator")
	v.open("/console/waves")
	v.judge("waves, none open")
	v.open("/p")
	v.judge("no wave is open")

	opens := h.in.now().Add(20 * 24 * time.Hour) // 27 days after the last opening
	for i, unit := range []string{"Hospital and Crisis", "Infant Mental Health"} {
		w, err := h.in.waves.Plan(t.Context(), wave.Request{
			Packs: []string{demoPack}, Opens: opens, Closes: opens.Add(24 * time.Hour), AllPaper: true, Unit: demoUnit(t, h.in, unit),
			Programme: fmt.Sprint("part-", i), Owner: "Robin Lead", ResultsOn: opens.AddDate(0, 0, 9).Format(time.DateOnly), Contact: "Sam Support, 555 0100",
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.in.waves.Announce(t.Context(), w.ID); err != nil {
			t.Fatal(err)
		}
	}
	v.open("/console/waves")
	v.judge("waves, two announced")
	v.post("/console/demo/advance", url.Values{"to": {fmt.Sprintf("+%dh", 20*24+1)}})
	for _, lang := range []string{"en", "fr", "es"} {
		v.open("/p?lang=" + lang)
		v.until(`document.querySelector("#code-form")`)
		v.judge("several waves (" + lang + ")")
		v.open("/kiosk?lang=" + lang)
		v.judge("several waves at the kiosk (" + lang + ")")
	}
	v.open("/p")
	do(v.ctx, t, chromedp.SendKeys(chromedp.CSS("#code"), "ABCD"))
	v.follow("#code-form button")
	v.judge("several waves, refused")
}
