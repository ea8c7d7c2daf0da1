package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// leafOfPDF is one page in a PDF as Chromium writes it: "/Type /Page", not
// "/Type /Pages".
var leafOfPDF = regexp.MustCompile(`/Type\s*/Page[^s]`)

// testMeetingPages prints units for a team meeting: two sides of paper at most,
// in every language.
func (h *tour) testMeetingPages(t *testing.T) {
	h.withLogo(t) // which takes room
	v := h.guest(t)
	v.signIn("hr@example.org", "demo-hr-export")
	for _, lang := range []string{"en", "fr", "es"} {
		v.open("/console")
		v.follow("form.languages button[lang=" + lang + "]")
		for _, path := range []string{"Children and Families / Duty and Assessment", "Children and Families / Family Time", "Hospital and Crisis", "Hospital and Crisis / Night Crisis"} {
			at := "/console/teams/" + string(demoUnit(t, h.in, path))
			v.open(at + "?print=1")
			if lang == "en" && path == "Hospital and Crisis" {
				v.judge("print for a meeting")
				v.open(at + "/share")
				v.judge("text for the team")
				v.open(at + "?print=1")
			}
			pdf := call(v, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true)}).Data
			if n := len(leafOfPDF.FindAll(pdf, -1)); n < 1 || n > 2 {
				t.Errorf("%s (%s): %d pages, want one or two", path, lang, n)
			}
			if folder := os.Getenv("ATTUNE_TEST_PDF"); folder != "" {
				if err := os.WriteFile(filepath.Join(folder, lang+"-"+filepath.Base(path)+".pdf"), pdf, 0o600); err != nil {
					t.Error(err)
				}
			}
		}
		v.open("/console/teams/" + string(demoUnit(t, h.in, "Hospital and Crisis")) + "/share?in=" + lang)
		v.eval(`const text = document.getElementById("text"); text.value = "Hello & welcome"; text.dispatchEvent(new Event("input"))`)
		if mail := value[string](v.ctx, t, `document.querySelector("[data-mail]").href`); !regexp.MustCompile(`body=Hello%20%26%20welcome(&|$)`).MatchString(mail) {
			t.Errorf("the mail does not have what was written: %s", mail)
		}
		v.clean("text for the team (" + lang + ")")
	}
	// A list is filtered, put in order by name, and as it came again.
	v.open("/console")
	v.follow("form.languages button[lang=en]")
	v.size(desktopWidth, desktopHeight)
	names := func() []string {
		return value[[]string](v.ctx, t, `[...document.querySelectorAll("#units tbody tr:not([hidden]) th")].map((e) => e.textContent.trim())`)
	}
	came := names()
	v.keys("/")
	v.until(`document.activeElement.matches("input[type=search]")`)
	v.keys("night")
	v.until(`document.querySelectorAll("#units tbody tr:not([hidden])").length === 1`)
	v.focus()
	v.eval(`const field = document.querySelector("input[type=search]"); field.value = ""; field.dispatchEvent(new Event("input"))`)
	for _, want := range []string{"ascending", "descending", ""} {
		v.click("#units th a.sort")
		if got := value[string](v.ctx, t, `document.querySelector("#units th:has(.sort)").getAttribute("aria-sort") ?? ""`); got != want {
			t.Errorf("put in order %q, want %q", got, want)
		}
		first := names()[0]
		if (want == "ascending" && first != "Adoption") || (want == "" && first != came[0]) {
			t.Errorf("in order %q the first is %q", want, first)
		}
	}
	v.clean("the list of units")
}
