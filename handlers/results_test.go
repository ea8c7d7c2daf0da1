package handlers

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"

	"github.com/PuerkitoBio/goquery"
)

func parsed(t *testing.T, body string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	must(t, err)
	return doc
}

// seenOf gives the page as somebody reads it, with single blanks.
func seenOf(doc *goquery.Document) string {
	return strings.Join(strings.Fields(doc.Find("body").Text()), " ")
}

// What everybody of a team reads, in three languages, and what must not stand
// there: other teams' numbers of answers, anybody's name, an open figure.
func TestResultsAreShownToEverybodyOfATeam(t *testing.T) {
	h := newStaffHouse(t)
	for lang, want := range map[string][]string{
		"en": {
			"Duty team: results of March 2026", "12 of 14 people answered.", "Burnout", "What happens next", "Ada Owner is responsible for what follows", "22 March 2026",
			"What your manager sees is exactly this", "Six signs of survival mode", "Children", "Riverside Services", "May 2026 opens on 4 May 2026", "Support line, extension 12",
		},
		"fr": {"Duty team : résultats de mars 2026", "12 personnes sur 14 ont répondu.", "Et maintenant", "Votre responsable voit exactement ceci", "mai 2026 ouvre le 4 mai 2026"},
		"es": {"Duty team: resultados de marzo", "Respondieron 12 de 14 personas.", "Qué pasa ahora", "Su responsable ve exactamente esto", "se abre el 4"},
	} {
		response, body := h.fetch(h.link(releasedWave, "Children / Duty team"), lang)
		doc := parsed(t, body)
		clean(t, "results in "+lang, doc, body)
		text := seenOf(doc)
		if response.StatusCode != http.StatusOK || doc.Find("html").AttrOr("lang", "") != lang {
			t.Fatalf("%s: status %d, lang %q", lang, response.StatusCode, doc.Find("html").AttrOr("lang", ""))
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the page lacks %q in\n%s", lang, w, text)
			}
		}
		if n := doc.Find(".words").First().Find("span").Length(); n != survey.FingerprintWords {
			t.Errorf("%s: %d words", lang, n)
		}
		for _, never := range []string{"Night crisis", "Day clinic", "Intake", "Long-term", "Person 1", "staff1@", "10 of 11", "7 of 8"} {
			if strings.Contains(body, never) {
				t.Errorf("%s: the page of the duty team has %q", lang, never)
			}
		}
		if response.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: a cookie was set", lang)
		}
	}
	if _, body := h.fetch(h.link(releasedWave, "Children / Duty team")+"?lang=fr", "en"); !strings.Contains(body, `<html lang="fr">`) {
		t.Error("?lang does not choose the language")
	}
}

// Every figure on the page is the archive's, and every figure that the
// archive has for the unit and those above stands there.
func TestResultsHaveTheSameFiguresAsTheArchive(t *testing.T) {
	h := newStaffHouse(t)
	release, err := h.archive.Release(context.Background(), releasedWave)
	must(t, err)
	_, body := h.fetch(h.link(releasedWave, "Hospital / Day clinic"), "en")
	doc := parsed(t, body)
	checked := 0
	doc.Find("section.scale").Each(func(_ int, s *goquery.Selection) {
		units := []survey.UnitID{h.units["Hospital / Day clinic"], h.units["Hospital"], release.Tree().Root().ID}
		s.Find("tbody tr").Each(func(i int, row *goquery.Selection) {
			cell, ok := release.Cell(string(units[i]), s.AttrOr("id", ""), analytics.StatisticMean)
			if !ok || cell.Status != analytics.StatusShown {
				t.Fatalf("the archive has no %s of %s", s.AttrOr("id", ""), units[i])
			}
			if got := row.Find("td").First().Text(); !strings.HasPrefix(got, number("en", cell.Value)) {
				t.Errorf("%s, row %d: %q, the archive has %v", s.AttrOr("id", ""), i, got, cell.Value)
			}
			checked++
		})
	})
	if checked != 9 { // three scales of pulse, three units
		t.Errorf("%d figures", checked)
	}
	if rows := doc.Find("#signs tbody tr").Length(); rows != 6 {
		t.Errorf("%d signs", rows)
	}
}

// A team that is too small is told with whom it is shown: names and
// headcounts, never how many of the others answered.
func TestResultsOfAHiddenTeamNameItsBlockByHeadcounts(t *testing.T) {
	h := newStaffHouse(t)
	_, body := h.fetch(h.link(releasedWave, "Children / Intake"), "en")
	text := seenOf(parsed(t, body))
	for _, want := range []string{"Intake is not shown on its own", "fewer than 5 people", "Intake (4) and Long-term team (9)", "Together: Intake (4) and Long-term team (9)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q in\n%s", want, text)
		}
	}
	// 4 people are fewer than k, so Intake shares a ballot box.
	for _, want := range []string{"Your group: Children / Intake; Children / Long-term team (13 people). Always shown as one", "only from 5 answers on", "(from 6 answers on)"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q in\n%s", want, text)
		}
	}
	for _, never := range []string{"3 of 4", "8 of 9", "12 of 14"} {
		if strings.Contains(text, never) {
			t.Errorf("the page tells %q of another team", never)
		}
	}
	if !strings.Contains(text, "11 of 13") { // 3 + 8 of 4 + 9: the block's own
		t.Errorf("the block's figure is not there: %s", text)
	}
}

// The next wave's ticket: the section carries what the script needs and stays
// hidden without it; the token of a person never reaches the server.
func TestResultsOfferTheTicketOfTheNextWave(t *testing.T) {
	h := newStaffHouse(t)
	face, err := h.waves.Face(context.Background(), announcedWave)
	must(t, err)
	_, body := h.fetch(h.link(releasedWave, "Children / Duty team"), "en")
	doc := parsed(t, body)
	section := doc.Find("section#collect")
	if section.AttrOr("data-wave", "") != string(announcedWave) || section.AttrOr("data-manifest-sha256", "") != face.ManifestSHA256 {
		t.Errorf("the section is for %q, %q", section.AttrOr("data-wave", ""), section.AttrOr("data-manifest-sha256", ""))
	}
	if _, hidden := section.Attr("hidden"); !hidden {
		t.Error("the section shows without script")
	}
	for _, name := range []string{"tickets", "lang", "label", "busy", "collected", "memory", "unreachable", "unable", "refuse", "refuse-manifest", "refuse-group", "refuse-stamp"} {
		if section.AttrOr("data-"+name, "") == "" {
			t.Errorf("the section lacks data-%s", name)
		}
	}
	for name, path := range map[string]string{"ticket.js": section.AttrOr("data-tickets", ""), "collect.js": doc.Find("script[src]").AttrOr("src", "")} {
		if want, _ := h.site.Asset(name); path != want { // none where there is no such file
			t.Errorf("the page loads %q, want %q", path, want)
		}
	}
	if !strings.Contains(section.Text(), strings.Join(face.Fingerprint, " ")) {
		t.Error("the section lacks the next wave's words")
	}

	h.clock.at = face.Closes
	_, body = h.fetch(h.link(releasedWave, "Children / Duty team"), "en")
	if doc := parsed(t, body); doc.Find("#collect, script").Length() > 0 {
		t.Error("a ticket is offered although no wave gives out any")
	}
}

func TestResultsCannotBeGuessed(t *testing.T) {
	h := newStaffHouse(t)
	good := h.link(releasedWave, "Children / Duty team")
	if len(good) != len("/r/")+22 { // 128 bits in base64
		t.Errorf("the link is %q", good)
	}
	again := h.link(releasedWave, "Children / Duty team")
	if again != good || h.link(releasedWave, "Children / Intake") == good || h.link(announcedWave, "Children / Duty team") == good {
		t.Error("a link is not one for each release and unit")
	}
	random := make([]byte, 16)
	_, _ = rand.Read(random)
	var first string
	for _, path := range []string{
		"/r/" + base64.RawURLEncoding.EncodeToString(random),
		"/r/" + string(h.units["Children / Duty team"]), "/r/x", "/r/" + strings.Repeat("A", 22),
		good[:len(good)-1], good + "A",
		h.link(announcedWave, "Children / Duty team"), // not released
		h.link(voidWave, "Children / Duty team"),
	} {
		response, body := h.fetch(path, "en")
		if first == "" {
			first = body
		}
		if response.StatusCode != http.StatusNotFound || body != first {
			t.Errorf("%s: status %d, or another page than for a random key", path, response.StatusCode)
		}
	}
	if !strings.Contains(first, "There are no results at this address") || strings.Contains(first, "Duty") {
		t.Errorf("the page says\n%s", first)
	}
	clean(t, "missing results", parsed(t, first), first)
}

func TestResultsAreOpenedUnseen(t *testing.T) {
	h := newStaffHouse(t)
	good := h.link(releasedWave, "Children / Duty team")
	response, _ := h.fetch(good, "en")
	for name, want := range map[string]string{
		"Content-Security-Policy": contentPolicy, "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	h.fetch("/r/nothing", "en")
	if log := h.log.String(); log != "" {
		t.Errorf("the server wrote %q", log)
	}
}

// A release that somebody changed is not shown, and the page says only that
// something is wrong on our side.
func TestResultsThatWereChangedAreNotShown(t *testing.T) {
	h := newStaffHouse(t)
	good := h.link(releasedWave, "Children / Duty team")
	h.change("releases.db", "UPDATE releases SET document = CAST(replace(document, 'Duty', 'Dirty') AS blob)")
	response, body := h.fetch(good, "en")
	if response.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "Dirty") || !strings.Contains(body, "a fault on our side") {
		t.Errorf("status %d\n%s", response.StatusCode, body)
	}
	if log := h.log.String(); log != "" {
		t.Errorf("the server wrote %q", log)
	}
}
