package notify

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"attune/survey"
)

// maxSegments is how many parts a text message may have; each is paid for.
const maxSegments = 3

// The alphabet of text messages, GSM 03.38 (3GPP TS 23.038, 6.2.1). What stands
// in the extension table takes two places. One character that is in neither
// would turn the whole message into UCS-2, of which a part holds 67 characters
// in place of 153.
const (
	gsmAlphabet  = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtension = "^{}\\[~]|€"
)

// gsmLookalikes are what letters and marks become that Unicode does not take
// apart.
var gsmLookalikes = strings.NewReplacer(
	"’", "'", "‘", "'", "“", "\"", "”", "\"", "«", "\"", "»", "\"", "–", "-", "—", "-", "‑", "-", "…", "...",
	"\u00a0", " ", "\u202f", " ", "œ", "oe", "Œ", "OE", "ł", "l", "Ł", "L", "đ", "d", "ı", "i", "·", "-", "`", "'",
)

// gsm writes a text in the alphabet of text messages. Letters that it lacks
// lose their accent ("août" becomes "aout"); what has no letter in it is left
// out.
func gsm(text string) string {
	var b strings.Builder
	for _, r := range gsmLookalikes.Replace(norm.NFC.String(text)) {
		if !inGSM(r) {
			r, _ = utf8.DecodeRuneInString(norm.NFD.String(string(r)))
		}
		if inGSM(r) {
			b.WriteRune(r)
		}
	}
	return oneLine(b.String())
}

func inGSM(r rune) bool {
	return strings.ContainsRune(gsmAlphabet, r) || strings.ContainsRune(gsmExtension, r)
}

// segments counts the parts that a text message is sent in: 160 places when it
// is one, 153 in each of several. It is 0 for a text that is not written in the
// alphabet of text messages.
func segments(text string) int {
	places := 0
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmExtension, r):
			places += 2
		case strings.ContainsRune(gsmAlphabet, r):
			places++
		default:
			return 0
		}
	}
	if places <= 160 {
		return 1
	}
	return (places + 152) / 153
}

// text writes a text message of at most maxSegments parts: what it is about,
// the link, the words of the wave, and the page that stops messages. A long
// name of an organisation is cut to fit. ok is false when the server's address
// is too long for that.
func (w *writer) text(n news) (text string, ok bool) {
	say := func(key string, args survey.Args) string { return w.site.Text(n.lang, key, args) }
	key, link := "sms."+string(n.kind), n.link
	switch {
	case n.kind == Results && n.results != "":
		link = n.results
	case n.kind == Results:
		key = "sms.results_personal"
	case n.kind == Incident && n.onPaper:
		key = "sms.incident_paper"
	}
	name := []rune(gsm(n.face.Organisation))
	if len(name) == 0 { // written in letters that no text message has
		name = []rune(gsm(say("organisation.unnamed", nil)))
	}
	contact := gsm(n.face.Contact)
	write := func(name string) string {
		lines := []string{say(key, survey.Args{
			"organisation": name, "contact": contact, "opens": gsm(w.shortDay(n.lang, n.face.Opens)), "closes": gsm(w.shortDay(n.lang, n.face.Closes)), "link": link,
		})}
		if n.kind != Results && n.kind != Incident {
			lines = append(lines, say("sms.words", survey.Args{"words": strings.Join(n.face.Fingerprint, " ")}))
		}
		return strings.Join(append(lines, say("sms.stop", survey.Args{"stop": n.stopMail})), "\n")
	}
	text = write(string(name))
	if n.kind == Incident && segments(text) > maxSegments { // half a phone number is worse than none
		key += "_long"
		text = write(string(name))
	}
	for len(name) > 0 && segments(text) > maxSegments {
		name = name[:len(name)-1]
		text = write(string(name) + "...")
	}
	parts := segments(text)
	return text, parts > 0 && parts <= maxSegments
}

// shortDay writes a date in few words: "21 November".
func (w *writer) shortDay(lang string, t time.Time) string {
	return w.site.Text(lang, "sms.day", survey.Args{
		"day": t.Day(), "month": w.site.Text(lang, fmt.Sprintf("phone.month.%d", int(t.Month())), nil),
	})
}
