package handlers

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// readMeetings holds the print for a meeting and the text for the team against
// the unit's own page, whose headings and findings readTeams holds against the
// releases: they tell the same in the same words, and have no other number.
func (h *yearHouse) readMeetings(t *testing.T, lang string, told, want sheet) {
	s := h.voice(t, lang)
	for email, v := range h.people {
		b := h.as(email)
		b.post("/console/language", url.Values{"language": {lang}})
		for _, unit := range h.units {
			path := teamPath(unit)
			if status, _ := b.get(path); status != 200 || !v.readsFigures() {
				continue
			}
			page, _ := b.page(path)
			paper, _ := b.page(path + "?print=1")
			draft, _ := b.page(path + "/share?in=" + lang)
			letter := draft.Find("#text").Text()
			lines := make(map[string]bool)
			for line := range strings.Lines(letter) {
				lines[spaced(strings.TrimPrefix(line, "- "))] = true
			}
			may := make(sheet)
			finding := text(page.Find(".finding").First())
			for _, n := range numbers.FindAllString(finding, -1) {
				may.may(n)
			}
			want.put(finding, email, unit, "print", "finding")
			told.put(text(paper.Find(".finding").First()), email, unit, "print", "finding")
			page.Find("#figures > section.card").Each(func(_ int, card *goquery.Selection) {
				id, heading := card.AttrOr("id", ""), text(card.Find("h2").First())
				if id == "needs" {
					return
				}
				want.put(heading, email, unit, "print", id)
				told.put(text(paper.Find("section#"+id+" h2")), email, unit, "print", id)
				if !lines[heading+"."] {
					t.Errorf("%s %s: the text for the team lacks %q", email, unit, heading)
				}
				delete(lines, heading+".")
				for _, n := range numbers.FindAllString(heading, -1) {
					may.may(n)
				}
			})
			if n := paper.Find("section[id]").Length(); n > page.Find("#figures > section.card").Length()+1 { // and the signs
				t.Errorf("%s %s: the print has %d parts", email, unit, n)
			}
			heading := text(page.Find("#states h2"))
			for _, n := range numbers.FindAllString(heading, -1) {
				may.may(n)
			}
			for _, known := range []string{s.say("teamtext.partial", nil)} {
				letter = strings.ReplaceAll(letter, known, "")
			}
			doc, err := goquery.NewDocumentFromReader(strings.NewReader("<p>" + letter + "</p>"))
			must(t, err)
			h.noOther(t, s, email+" "+string(unit)+" text for the team", doc.Selection, may)
		}
	}
}
