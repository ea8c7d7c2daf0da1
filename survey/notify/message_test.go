package notify_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"
	gomail "github.com/wneessen/go-mail"

	"attune/survey"
	"attune/survey/notify"
	"attune/survey/wave"
)

var update = flag.Bool("update", false, "write the golden files anew")

// bag is a carrier that keeps what it carries, by address.
type bag map[string][]byte

func (b bag) Open(context.Context) (notify.Trip, error) { return b, nil }
func (bag) Close()                                      {}
func (b bag) Carry(_ context.Context, p notify.Parcel) error {
	var raw bytes.Buffer
	_, err := p.Mail.WriteTo(&raw)
	b[p.Mail.GetAddrHeader(gomail.HeaderTo)[0].Address] = raw.Bytes()
	return err
}

// mailing is one sent mailing with what its test needs to know.
type mailing struct {
	kind    notify.Kind
	letters map[string]letter // by address
	raw     bag
	links   map[string]wave.PersonLink // by address
	words   string
}

func mailings(t *testing.T, withResults bool) []mailing {
	t.Helper()
	o := newOffice(t)
	var all []mailing
	face, err := o.waves.Face(t.Context(), o.wave)
	must(t, err)
	for _, kind := range []notify.Kind{notify.Announced, notify.Opened, notify.Reminder, notify.Results} {
		m := mailing{kind: kind, letters: make(map[string]letter), raw: make(bag), links: make(map[string]wave.PersonLink), words: strings.Join(face.Fingerprint, " ")}
		box := o.outbox(m.raw, func(c *notify.OutboxConfig) {
			if withResults {
				c.ResultsLink = func(_ context.Context, w survey.WaveID, unit survey.UnitID) (string, error) {
					return serverURL + "/r/" + string(w) + string(unit), nil
				}
			}
		})
		switch kind {
		case notify.Opened:
			o.open()
		case notify.Results:
			o.end()
			o.announce(o.now.now().AddDate(0, 0, 21))
		}
		n := 0
		if kind == notify.Reminder {
			n = 1
		}
		_, err := box.Enqueue(t.Context(), o.wave, kind, n)
		must(t, err)
		_, err = box.Send(t.Context())
		must(t, err)
		links, err := o.waves.PersonLinks(t.Context())
		must(t, err)
		people, err := o.db.People(t.Context())
		must(t, err)
		for _, p := range people {
			if p.Email != "" {
				m.links[p.Email] = links[p.ID]
			}
		}
		for to, raw := range m.raw {
			m.letters[to] = open(t, raw)
		}
		all = append(all, m)
	}
	return all
}

func TestMailReadsAsItWasWrittenInThreeLanguages(t *testing.T) {
	for _, withResults := range []bool{true, false} {
		for _, m := range mailings(t, withResults) {
			if !withResults && m.kind != notify.Results {
				continue
			}
			for i, lang := range []string{"en", "fr", "es"} {
				to := fmt.Sprintf("link%d@example.org", i)
				l, link := m.letters[to], m.links[to]
				same := strings.NewReplacer(link.Token, "TOKEN", link.Stop, "STOP", m.words, "TEN WORDS")
				name := fmt.Sprintf("%s.%s", m.kind, lang)
				if !withResults {
					name = fmt.Sprintf("%s-without-page.%s", m.kind, lang)
				}
				golden(t, name+".txt", "Subject: "+l.subject+"\n\n"+same.Replace(l.plain))
				if m.kind == notify.Opened && lang == "en" {
					golden(t, name+".html", same.Replace(l.html))
				}
			}
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "mail", name)
	if *update {
		must(t, os.MkdirAll(filepath.Dir(file), 0o700))
		must(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-file +mail):\n%s", name, diff)
	}
}

func TestMailHoldsTheLinkInItsFragmentAndNothingThatTracks(t *testing.T) {
	for _, m := range mailings(t, true) {
		if len(m.letters) < 7 {
			t.Fatalf("%s: %d letters", m.kind, len(m.letters))
		}
		for to, l := range m.letters {
			link := m.links[to]
			for part, text := range map[string]string{"text": l.plain, "html": l.html} {
				for i := strings.Index(text, link.Token); i >= 0; {
					if !regexp.MustCompile(`https://survey\.example\.org/(a|r/[0-9a-z-]+)#$`).MatchString(text[:i]) {
						t.Errorf("%s %s: the token stands outside of a fragment", m.kind, part)
					}
					next := strings.Index(text[i+1:], link.Token)
					if next < 0 {
						break
					}
					i += 1 + next
				}
				if !strings.Contains(text, "#"+link.Token) {
					t.Errorf("%s %s: no personal link", m.kind, part)
				}
				for other, l := range m.links {
					if other != to && (strings.Contains(text, l.Token) || strings.Contains(text, l.Stop)) {
						t.Errorf("%s: %s got the link of %s", m.kind, to, other)
					}
				}
				for _, wrong := range []string{"?", "utm", "example.org/p", "name 0", "@example.org"} {
					for _, url := range regexp.MustCompile(`https?://\S+`).FindAllString(text, -1) {
						if strings.Contains(url, wrong) {
							t.Errorf("%s %s: %q in %s", m.kind, part, wrong, url)
						}
					}
				}
				if bracket := regexp.MustCompile(`\[[a-z_.]+\]|\{[a-z_]+\}`).FindString(text + l.subject); bracket != "" {
					t.Errorf("%s %s: %s has no text", m.kind, part, bracket)
				}
				if !strings.Contains(text, "Extension 12") {
					t.Errorf("%s %s: no local contact", m.kind, part)
				}
				if m.kind != notify.Results && !strings.Contains(text, m.words) {
					t.Errorf("%s %s: no fingerprint", m.kind, part)
				}
			}
			page, err := goquery.NewDocumentFromReader(strings.NewReader(l.html))
			must(t, err)
			if n := page.Find("img, script, link, iframe, object, form, input, style, svg, video, base, meta[http-equiv]").Length(); n != 0 {
				t.Errorf("%s: %d elements that load something or run", m.kind, n)
			}
			if strings.Contains(l.html, "url(") || strings.Contains(l.html, "@import") || strings.Contains(l.html, "background-image") {
				t.Errorf("%s: a style that loads something", m.kind)
			}
			page.Find("a").Each(func(_ int, a *goquery.Selection) {
				if href := a.AttrOr("href", ""); !strings.HasPrefix(href, serverURL+"/") {
					t.Errorf("%s: a link to %s", m.kind, href)
				}
			})
			if lang := page.Find("html").AttrOr("lang", ""); lang != l.header.Get("Content-Language") || page.Find("title").Text() != l.subject {
				t.Errorf("%s: language %q, title %q", m.kind, lang, page.Find("title").Text())
			}
		}
	}
}

func TestHeadersAreCompleteAndNameNobody(t *testing.T) {
	host, err := os.Hostname()
	must(t, err)
	ids := make(map[string]bool)
	for _, m := range mailings(t, true) {
		for to, l := range m.letters {
			date, err := l.header.Date()
			if err != nil || date.Year() != 2026 {
				t.Errorf("%s: date %v %v", m.kind, date, err)
			}
			id := l.header.Get("Message-Id")
			if !regexp.MustCompile(`^<[0-9a-f]{32}@hillside\.example>$`).MatchString(id) || ids[id] {
				t.Errorf("%s: id %q", m.kind, id)
			}
			ids[id] = true
			if receivers, err := l.header.AddressList("To"); err != nil || len(receivers) != 1 || receivers[0].Address != to || receivers[0].Name != "" {
				t.Errorf("%s: to %v", m.kind, receivers)
			}
			for name, want := range map[string]string{
				"From":                  `"Attune" <survey@hillside.example>`,
				"Auto-Submitted":        "auto-generated",
				"List-Unsubscribe":      "<" + serverURL + "/u/" + m.links[to].Stop + ">",
				"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
				"Mime-Version":          "1.0",
			} {
				if got := l.header.Get(name); got != want {
					t.Errorf("%s: %s is %q, want %q", m.kind, name, got, want)
				}
			}
			for name, values := range l.header {
				for _, v := range values {
					if len(host) > 3 && strings.Contains(v, host) || strings.Contains(v, m.links[to].Token) || strings.Contains(v, "go-mail") || strings.Contains(v, "name 0") {
						t.Errorf("%s: %s is %q", m.kind, name, v)
					}
				}
			}
			if strings.ContainsAny(l.subject, "\r\n") || strings.Contains(l.subject, "burn") {
				t.Errorf("%s: subject %q", m.kind, l.subject)
			}
		}
	}
}

func TestEverybodyGetsTheSameWords(t *testing.T) {
	for _, m := range mailings(t, true) {
		seen := make(map[string]string) // by language
		for to, l := range m.letters {
			lang := l.header.Get("Content-Language") + to[:4] // who answers on paper has no next ticket
			same := strings.NewReplacer(m.links[to].Token, "TOKEN", m.links[to].Stop, "STOP", "/r/"+"2026-11links", "/r/X", "/r/"+"2026-11slips", "/r/X").Replace(l.subject + l.plain + l.html)
			if seen[lang] == "" {
				seen[lang] = same
			}
			if diff := cmp.Diff(seen[lang], same); diff != "" {
				t.Errorf("%s to %s differs:\n%s", m.kind, to, diff)
			}
		}
	}
}

func TestWhoeverDrewATicketOrNotGetsTheSameReminder(t *testing.T) {
	o := newOffice(t)
	o.open()
	links, err := o.waves.PersonLinks(t.Context())
	must(t, err)
	text := func(n int) string {
		b := make(bag)
		box := o.outbox(b)
		o.enqueue(box, notify.Reminder, n, 7)
		o.send(box, 7)
		return open(t, b["link0@example.org"]).plain
	}
	before := text(1)
	// Any group element will do: this is the generator, RFC 9496 appendix A.1.
	blinded, err := hex.DecodeString("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
	must(t, err)
	_, err = o.waves.Draw(t.Context(), links["l0"].Token, o.wave, blinded)
	must(t, err)
	if diff := cmp.Diff(before, text(2)); diff != "" {
		t.Error(diff)
	}
}

func TestASenderThatIsNoAddressIsRefused(t *testing.T) {
	o := newOffice(t)
	for _, from := range []string{"", "Attune", "a@b\r\nBcc: c@d"} {
		_, err := notify.NewOutbox(notify.OutboxConfig{
			Store: o.db, Waves: o.waves, Site: o.site, Carrier: make(bag), From: from, URL: serverURL, Now: time.Now, Rand: bytes.NewReader(nil),
		})
		if !survey.IsKey(err, "error.mail.address") {
			t.Errorf("%q: %v", from, err)
		}
	}
	if _, err := netmail.ParseAddress("Attune <survey@hillside.example>"); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyWhoCanDrawTheNextTicketIsToldOfIt(t *testing.T) {
	opens := regexp.MustCompile(`\b30 (de )?[Nn]ov`) // the next wave's day, in three languages; no token of a link has blanks
	for _, m := range mailings(t, true) {
		if m.kind != notify.Results {
			continue
		}
		for to, l := range m.letters {
			told := opens.MatchString(l.plain)
			if paper := strings.HasPrefix(to, "slip"); told == paper {
				t.Errorf("%s: told of the next ticket is %v", to, told)
			}
		}
	}
}
