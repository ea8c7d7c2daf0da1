package notify

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"attune/static"
	"attune/survey"
)

func newTextWriter(t *testing.T) *writer {
	t.Helper()
	site, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	return &writer{site: site}
}

// tenWords are as long as every fingerprint: each word has four letters.
var tenWords = strings.Fields("able acid aged also area army away baby back ball")

// newsOf is a message with links as long as real ones: tokens have 22
// characters.
func newsOf(kind Kind, lang, organisation, url string) news {
	token := strings.Repeat("t", 22)
	return news{
		kind: kind, lang: lang, link: url + "/a#" + token, stopMail: url + "/u/" + token, results: url + "/r/" + token + "#" + token,
		face: survey.OpenWave{
			Organisation: organisation, Fingerprint: tenWords,
			Opens: time.Date(2026, 9, 23, 8, 0, 0, 0, time.UTC), Closes: time.Date(2026, 9, 30, 8, 0, 0, 0, time.UTC), // months do not come longer
		},
	}
}

// The numbers stand in docs/operating.md: what an organisation pays for one
// person and one wave.
func TestATextMessageTakesTwoOrThreeSegments(t *testing.T) {
	w := newTextWriter(t)
	for lang, want := range map[string]map[Kind]int{
		"en": {Announced: 3, Opened: 2, Reminder: 3, Results: 2},
		"fr": {Announced: 3, Opened: 3, Reminder: 3, Results: 2},
		"es": {Announced: 3, Opened: 3, Reminder: 3, Results: 2},
	} {
		for kind, segmentsWanted := range want {
			text, ok := w.text(newsOf(kind, lang, "Hillside Family Services", "https://survey.hillside.example"))
			if got := segments(text); !ok || got != segmentsWanted {
				t.Errorf("%s %s has %d characters in %d segments, want %d:\n%s", lang, kind, utf8.RuneCountInString(text), got, segmentsWanted, text)
			}
		}
	}
}

func TestATextMessageIsThreeSegmentsAtMostAndItsLinksAreWhole(t *testing.T) {
	w := newTextWriter(t)
	rapid.Check(t, func(t *rapid.T) {
		organisation := rapid.OneOf(rapid.StringMatching(`[A-Zé][a-zé’ôç ]{0,400}`), rapid.String()).Draw(t, "organisation")
		url := "https://" + strings.Repeat("s", rapid.IntRange(1, maxTextURL-len("https://.example.org")).Draw(t, "host")) + ".example.org"
		kind := rapid.SampledFrom([]Kind{Announced, Opened, Reminder, Results}).Draw(t, "kind")
		n := newsOf(kind, rapid.SampledFrom(survey.PeopleLanguages()).Draw(t, "language"), organisation, url)
		n.face.Opens = n.face.Opens.AddDate(0, rapid.IntRange(0, 11).Draw(t, "months"), 0)
		n.face.Closes = n.face.Opens.AddDate(0, 0, 7)
		link := n.link
		if rapid.Bool().Draw(t, "no page of results") {
			n.results = ""
		} else if kind == Results {
			link = n.results
		}
		text, ok := w.text(n)
		if parts := segments(text); !ok || parts < 1 || parts > 3 {
			t.Fatalf("%v, %d segments: %s", ok, parts, text)
		}
		if !strings.Contains(text, " "+link+"\n") || !strings.HasSuffix(text, " "+n.stopMail) || (kind != Results && !strings.Contains(text, strings.Join(tenWords, " "))) {
			t.Fatalf("the link, the words or the page that stops messages are not whole in %s", text)
		}
		if strings.ContainsAny(text, "{}") && !strings.ContainsAny(organisation, "{}") {
			t.Fatalf("a place was not filled in %s", text)
		}
	})
}

func TestALinkThatTextMessagesCannotHoldIsNotSentInPieces(t *testing.T) {
	w := newTextWriter(t)
	for _, url := range []string{"https://" + strings.Repeat("x", 300), "https://enquête.example"} {
		if text, ok := w.text(newsOf(Opened, "en", "Hillside", url)); ok {
			t.Errorf("%s", text)
		}
	}
}

// One character outside of the alphabet more than doubles the price.
func TestTheWordsOfTextMessagesAreInTheirAlphabet(t *testing.T) {
	for _, lang := range survey.PeopleLanguages() {
		raw, err := os.ReadFile(fmt.Sprintf("../../static/locales/%s/mail.json", lang))
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]string
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatal(err)
		}
		found := 0
		for key, text := range texts {
			if strings.HasPrefix(key, "sms.") {
				found++
				if key != "sms.test" && segments(text) == 0 {
					t.Errorf("%s %s: %s", lang, key, text)
				}
			}
		}
		if found < 8 {
			t.Errorf("%s has only %d texts", lang, found)
		}
	}
}

// The places are those of 3GPP TS 23.038: 160 in one part, 153 in each of
// several, and two for what stands in the extension table.
func TestSegmentsAreCountedAsThePhoneCompanyDoes(t *testing.T) {
	for text, want := range map[string]int{
		"": 1, strings.Repeat("a", 160): 1, strings.Repeat("é", 161): 2, strings.Repeat("a", 306): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2, "á": 0, "’": 0, "日": 0,
	} {
		if got := segments(text); got != want {
			t.Errorf("%.10s… with %d characters: %d segments, want %d", text, utf8.RuneCountInString(text), got, want)
		}
	}
}

func TestNamesAreWrittenInTheAlphabetOfTextMessages(t *testing.T) {
	for name, want := range map[string]string{
		"Hillside & Co": "Hillside & Co", "Acogida Número Ocho": "Acogida Numero Ocho", "L’Œuvre – “août”": "L'OEuvre - \"aout\"",
		"Être\u00a0là": "Etre là", "Zażółć": "Zazolc", "日本": "", "Cafe\u0301\n1": "Café 1",
	} {
		if got := gsm(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
