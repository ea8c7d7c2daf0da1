package handlers

import (
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// missingText is how static.Text writes a key that has no text.
var missingText = regexp.MustCompile(`\[[a-z_]+(\.[a-zA-Z_0-9-]+)+\]`)

// unfilled is a placeholder that nothing was put into.
var unfilled = regexp.MustCompile(`\{[a-z_0-9]+\}`)

// notANumber is how Go writes what is no number to show.
var notANumber = regexp.MustCompile(`\bNaN\b|[+-]Inf\b`)

// clean fails for what no page of the console may have, whatever it shows.
func clean(t *testing.T, path string, doc *goquery.Document, body string) {
	t.Helper()
	if key := missingText.FindString(body); key != "" {
		t.Errorf("%s shows %s: the text is missing", path, key)
	}
	if name := unfilled.FindString(doc.Find("body").Clone().Find("script").Remove().End().Text()); name != "" {
		t.Errorf("%s shows an unfilled %s", path, name)
	}
	doc.Find("script").Each(func(_ int, s *goquery.Selection) {
		if kind, _ := s.Attr("type"); kind != "application/json" && strings.TrimSpace(s.Text()) != "" {
			t.Errorf("%s has an inline script: %.80s", path, s.Text())
		}
	})
	if odd := notANumber.FindString(doc.Find("body").Text()); odd != "" {
		t.Errorf("%s shows %q", path, odd)
	}
	if doc.Find("style, [style], iframe, object, embed, base").Length() > 0 {
		t.Errorf("%s has a style, a frame or a base of its own", path)
	}
	doc.Find("*").Each(func(_ int, s *goquery.Selection) {
		for _, a := range s.Get(0).Attr {
			if strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: <%s> has a handler %s", path, s.Get(0).Data, a.Key)
			}
			if (a.Key == "src" || a.Key == "href" || a.Key == "action") && !strings.HasPrefix(a.Val, "/") &&
				!strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "?lang=") && a.Val != "data:," && !strings.HasPrefix(a.Val, "mailto:?") || strings.HasPrefix(a.Val, "//") {
				t.Errorf("%s points elsewhere: %s=%q", path, a.Key, a.Val)
			}
		}
	})
	if doc.Find(`img:not(.logo[src^="/brand/"])`).Length() > 0 {
		t.Errorf("%s has an image that nobody put there", path)
	}
	// Only their own address is told to somebody's password manager.
	own := len(doc.Find(`input[autocomplete="username"][type="hidden"], input[autocomplete="username"][hidden]`).Nodes)
	// Pages about people who sign in mark where their names stand.
	own += strings.Count(doc.Find(".users").Text(), "@riverside.example")
	own += strings.Count(doc.Find("table.staff").Text(), "@riverside.example") // the staff list, for administrators
	own += len(doc.Find(`input#mail[type="email"][value*="@"]`).Nodes)         // the field that says whom an action reminds
	if strings.Count(body, "@riverside.example") > own && doc.Find(".demo").Length() == 0 {
		t.Errorf("%s shows an e-mail address", path)
	}
}
