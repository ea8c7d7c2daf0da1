package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// packs looks at the questionnaires, adds one and takes it out again.
func (v *guest) packs(lang string) {
	v.t.Helper()
	in := func(name string) string { return name + " (" + lang + ")" }
	v.open("/console/packs")
	v.judge(in("questionnaires"))
	v.open("/console/packs/pulse/1.0")
	v.until(`document.querySelector("iframe.phone")`)
	v.judge(in("questionnaire as on a phone"))
	v.open("/console/packs/pulse/1.0/phone?lang=" + lang)
	v.until(`document.querySelectorAll("fieldset.q").length === 15`)
	v.judge(in("preview by itself"))
	own, err := os.ReadFile(filepath.Join("testdata", "own.yaml"))
	if err != nil {
		v.t.Fatal(err)
	}
	bad := filepath.Join(v.t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, own[:len(own)/2], 0o600); err != nil {
		v.t.Fatal(err)
	}
	v.open("/console/packs")
	v.choose(bad)
	v.follow(".fields button[type=submit]")
	v.until(`document.querySelector("[role=alert] li")`)
	v.judge(in("questionnaire with faults"))
	v.choose(filepath.Join("testdata", "own.yaml"))
	v.follow(".fields button[type=submit]")
	v.until(`location.pathname === "/console/packs/break-room/1.0"`)
	v.judge(in("own questionnaire"))
	v.eval(`document.querySelectorAll("main input[name=sure]").forEach((box) => { box.checked = true })`)
	v.follow(`form[action$="/remove"] button`)
	v.until(fmt.Sprintf(`document.querySelector(".done").innerText.includes(%q)`, "Break room"))
	v.judge(in("questionnaire taken out"))
}

// choose picks a file in the form, as the browser's own dialogue would.
func (v *guest) choose(file string) {
	v.t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		v.t.Fatal(err)
	}
	do(v.ctx, v.t, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
}
