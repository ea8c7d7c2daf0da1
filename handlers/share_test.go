package handlers

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// The text for the team and the print for a meeting say of every scale what
// the unit's page says, whose cells are held against the release elsewhere;
// and what they say besides holds no number.
func TestWhatIsSharedSaysWhatTheUnitsPageSays(t *testing.T) {
	h := newYearHouse(t)
	for email := range h.people {
		b := h.as(email)
		for _, unit := range h.units {
			path := "/console/teams/" + string(unit)
			if status, _ := b.get(path); status != 200 {
				for _, other := range []string{path + "/share", path + "?print=1"} {
					if status, _ := b.get(other); status == 200 {
						t.Errorf("%s opens %s and may not open %s", email, other, path)
					}
				}
				continue
			}
			own, _ := b.page(path)
			share, _ := b.page(path + "/share")
			paper, _ := b.page(path + "?print=1")
			said, told := share.Find("textarea").Text(), paper.Find(".meeting").Text()
			allowed := text(own.Find("h1")) + " " + text(own.Find(".finding"))
			heads := own.Find("#figures > .card > h2, #states h2")
			if heads.Length() == 0 {
				t.Errorf("%s: nothing was found", path)
			}
			heads.Each(func(_ int, head *goquery.Selection) {
				if head.Closest("#needs").Length() > 0 {
					return
				}
				if !strings.Contains(spaced(said), text(head)) || !strings.Contains(spaced(told), text(head)) {
					t.Errorf("%s: %q is not shared or not printed", path, text(head))
				}
				allowed += " " + text(head)
			})
			number := regexp.MustCompile(`\d+(?:\.\d+)?`)
			has := make(map[string]bool)
			for _, n := range number.FindAllString(allowed, -1) {
				has[n] = true
			}
			for _, n := range number.FindAllString(said, -1) {
				if !has[n] && n != "60" && n != "100" { // “fewer than 60 in 100”
					t.Errorf("%s: the text has the number %s, which the unit's page does not find: %s", path, n, said)
				}
			}
		}
	}
}

func TestTheTextForTheTeamNamesWhoDoesWhatUntilWhen(t *testing.T) {
	h := newHouse(t)
	b := h.as(managerMail)
	path := "/console/teams/" + string(dutyID) + "/share"
	doc, _ := b.page(path)
	if said := doc.Find("textarea").Text(); !strings.Contains(said, "____ sees to it until ____") {
		t.Errorf("without a plan there is no room to write one: %s", said)
	}
	b.adds(dutyID, "Two people on every night shift")
	for lang, want := range map[string]string{
		"en": "What we do not know:", "fr": "Ce que nous ne savons pas", "es": "Lo que no sabemos:",
	} {
		doc, _ := b.page(path + "?in=" + lang)
		said := doc.Find("textarea").Text()
		if !strings.Contains(said, want) || !strings.Contains(said, "- Two people on every night shift") || strings.Contains(said, "____ sees") {
			t.Errorf("%s: %s", lang, said)
		}
		if doc.Find("html").AttrOr("lang", "") != "en" || doc.Find("textarea").AttrOr("lang", "") != lang {
			t.Errorf("%s: the page's own language changed, or the text's is not said", lang)
		}
		mail, err := url.Parse(doc.Find("a[data-mail]").AttrOr("href", ""))
		if err != nil || mail.Scheme != "mailto" || mail.Query().Get("body") != said || strings.Contains(mail.RawQuery, "+") {
			t.Errorf("%s: the mail is %q (%v)", lang, mail, err)
		}
		if doc.Find("main form[method=post], main textarea[name]").Length() > 0 {
			t.Error("the text is sent somewhere")
		}
		doc.Find("[data-copy], [data-print]").Each(func(_ int, button *goquery.Selection) {
			if _, hidden := button.Attr("hidden"); !hidden {
				t.Error("a button that needs script is there without it")
			}
		})
	}
}
