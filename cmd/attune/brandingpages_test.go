package main

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"attune/survey"
)

// aLogo is a black picture, 900 pixels wide and 300 high.
func aLogo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 900, 300))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withLogo gives the demo a logo for one part.
func (h *tour) withLogo(t *testing.T) {
	t.Helper()
	logo, err := survey.ReadLogo(aLogo(t))
	if err != nil {
		t.Fatal(err)
	}
	set := func(logo survey.Logo) {
		err := h.in.store.Rebrand(context.Background(), func(b *survey.Branding) error { b.Logo = logo; return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	set(logo)
	t.Cleanup(func() { set(survey.Logo{}) })
}

// branding tries a colour that cannot be read and takes the shade that is
// offered, adds a logo, changes languages and the name, and takes all of it
// back: the other parts see the demo as it was.
func (v *guest) branding(lang string) {
	v.t.Helper()
	in := func(name string) string { return name + " (" + lang + ")" }
	v.open("/console/branding")
	v.judge(in("branding"))
	if lang != "fr" { // once is enough, in the longest words
		return
	}
	v.eval(`document.querySelector("#accent").value = "#ffd500"`)
	v.follow("[data-accent] button:not(.quiet)")
	v.until(`document.querySelector("#colour-fault button")`)
	v.judge(in("colour refused"))
	v.follow("#colour-fault button")
	v.until(`document.querySelector("link[href^='/brand/']") && document.querySelector(".done")`)
	v.judge(in("colour")) // axe measures it
	v.prefers("dark")
	v.judge(in("colour, dark"))
	v.prefers("light")

	logo := filepath.Join(v.t.TempDir(), "logo.png")
	if err := os.WriteFile(logo, aLogo(v.t), 0o600); err != nil {
		v.t.Fatal(err)
	}
	v.choose(logo)
	v.follow("#logo form.fields button")
	v.until(`document.querySelector("header img.logo")?.naturalWidth === 480`)
	v.judge(in("logo"))
	v.open("/console/sign-in")
	v.until(`document.querySelector("header img.logo")?.naturalWidth === 480`)
	v.judge(in("sign-in with colour and logo"))
	v.open("/console/branding")
	v.follow(`form[action="/console/branding/logo/remove"] button`)
	v.until(`document.querySelector(".done")`)
	v.follow(".done button") // back it is
	v.until(`document.querySelector("header img.logo")`)
	v.follow(`form[action="/console/branding/logo/remove"] button`)
	v.follow("[data-accent] button[value=own]")
	v.until(`!document.querySelector("link[href^='/brand/']")`)

	// The script shows a colour at once, and the next one in its place.
	for _, colour := range []string{"8a1c4a", "1c4a8a"} {
		v.eval(`const f = document.querySelector("#accent"); f.value = "` + colour + `"; f.dispatchEvent(new Event("input"))`)
		v.until(`[...document.querySelectorAll("link[data-sample]")].map((l) => new URL(l.href).pathname).join() === "/console/branding/sample/` + colour + `"
			&& getComputedStyle(document.querySelector(".sample-light")).getPropertyValue("--accent") === "#` + colour + `"`)
	}

	v.follow("#languages button")
	v.until(`document.querySelector(".done")`)
	v.follow("#name button")
	v.until(`document.querySelector(".done")`)
	v.clean(in("branding"))
}
