package notify

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"time"

	"attune/static"
	"attune/survey"

	gomail "github.com/wneessen/go-mail"
)

// block is one part of a message. Text and HTML are made of the same blocks,
// so that both say the same.
type block struct {
	Text    string
	Link    string // a button: Text is what stands on it
	Stop    string // the page that stops mail, behind Text
	Heading bool
	Words   bool // a fingerprint
}

// content is a message before it has an envelope.
type content struct {
	Subject string
	Blocks  []block
	Accent  string // of buttons, "#rrggbb": the same for everybody; empty: Attune's own
}

// news is all that a message to one person depends on.
type news struct {
	kind     Kind
	lang     string
	face     survey.OpenWave
	link     string    // the personal link
	results  string    // the page of results, with the token behind #; may be empty
	next     time.Time // opening of a wave that the person can draw a ticket for; zero when there is none
	stopMail string    // the page that stops mail
	rounds   []round   // of a letter after an incident
	onPaper  bool      // the person answers on paper; known for letters after an incident only
}

// round is one time at which people are asked, in the organisation's zone.
type round struct{ opens, closes time.Time }

// writer makes messages.
type writer struct {
	site  *static.Site
	pages *static.Pages
	from  *netmail.Address
	now   func() time.Time
	rand  io.Reader

	accent func() string // the organisation's colour, or nothing
}

func newWriter(site *static.Site, from string, now func() time.Time, rand io.Reader) (*writer, error) {
	address, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, survey.Fail(survey.Invalid, "error.mail.address", survey.Args{"address": from})
	}
	pages, err := site.Pages("mail", nil)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return &writer{site: site, pages: pages, from: address, now: now, rand: rand}, nil
}

// compose writes the message of a mailing. Nothing in it depends on whether
// the person drew a ticket or answered: nothing here could know.
func (w *writer) compose(n news) content {
	say := func(key string, args survey.Args) string { return w.site.Text(n.lang, key, args) }
	face := n.face
	args := survey.Args{
		"organisation": face.Organisation, "owner": face.Owner, "contact": face.Contact, "k": face.Manifest.K,
		"opens": w.moment(n.lang, face.Opens), "closes": w.moment(n.lang, face.Closes),
		"day": w.day(n.lang, face.Closes), "results_on": w.date(n.lang, face.ResultsOn),
	}
	c := content{Subject: say("mail."+string(n.kind)+".subject", args)}
	add := func(blocks ...block) { c.Blocks = append(c.Blocks, blocks...) }
	p := func(key string) block { return block{Text: say(key, args)} }

	add(p("mail.greeting"), p("mail."+string(n.kind)+".lead"))
	switch n.kind {
	case Results:
		w.addResults(n, args, add)
	case Incident:
		w.addIncident(n, args, add)
	default:
		how, button := "mail.open.how", "mail.open.button"
		if n.kind == Announced {
			how, button = "mail.announced.how", "mail.announced.button"
		}
		add(p(how), block{Text: say(button, nil), Link: n.link}, p("mail.private"),
			p("mail.dates"), p("mail.owner"), p("mail.nobody"),
			block{Text: say("mail.true.title", nil), Heading: true},
			p("mail.true.stored"), p("mail.true.figures"), p("mail.true.not"),
			p("mail.words"), block{Text: strings.Join(face.Fingerprint, " "), Words: true})
	}
	add(p("mail.foot"), block{Text: say("mail.stop", nil), Stop: n.stopMail})
	return c
}

func (w *writer) addResults(n news, args survey.Args, add func(...block)) {
	say := func(key string, args survey.Args) string { return w.site.Text(n.lang, key, args) }
	private := "mail.results.private"
	if n.results == "" {
		add(block{Text: say("mail.results.personal", args)}, block{Text: say("mail.results.personal_button", nil), Link: n.link})
		private = "mail.private"
	} else {
		add(block{Text: say("mail.results.button", nil), Link: n.results}, block{Text: say("mail.owner", args)})
		if !n.next.IsZero() {
			add(block{Text: say("mail.results.next", survey.Args{"opens": w.moment(n.lang, n.next)})})
		}
	}
	add(block{Text: say(private, nil)}, block{Text: say("mail.contact", args)})
}

// addIncident puts help first: contacts and what leaders take on reach
// everybody, also who never opens the link.
func (w *writer) addIncident(n news, args survey.Args, add func(...block)) {
	p := func(key string) block { return block{Text: w.site.Text(n.lang, key, args)} }
	add(p("mail.incident.contact"), p("mail.incident.leaders"), p("mail.incident.leaders_later"), p("mail.incident.offer"))
	for _, r := range n.rounds {
		add(block{Text: w.site.Text(n.lang, "mail.incident.round", survey.Args{"opens": w.moment(n.lang, r.opens), "closes": w.moment(n.lang, r.closes)})})
	}
	if n.onPaper {
		add(p("mail.incident.paper"))
		return
	}
	add(p("mail.incident.ticket"), p("mail.announced.how"), block{Text: w.site.Text(n.lang, "mail.announced.button", nil), Link: n.link}, p("mail.private"),
		block{Text: w.site.Text(n.lang, "mail.true.title", nil), Heading: true}, p("mail.true.stored"), p("mail.true.figures"), p("mail.true.not"))
}

// plain writes the text part: paragraphs, each link on a line of its own.
func (c content) plain() string {
	var b strings.Builder
	for _, part := range c.Blocks {
		switch {
		case part.Link != "":
			fmt.Fprintf(&b, "%s\n%s\n\n", part.Text, part.Link)
		case part.Stop != "":
			fmt.Fprintf(&b, "%s\n%s\n\n", part.Text, part.Stop)
		case part.Heading:
			fmt.Fprintf(&b, "%s\n%s\n\n", part.Text, strings.Repeat("-", len([]rune(part.Text))))
		default:
			fmt.Fprintf(&b, "%s\n\n", part.Text)
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// message puts content into an envelope. stopMail is empty for a message that
// is no part of a mailing.
func (w *writer) message(lang, to string, c content, stopMail string) (*gomail.Msg, error) {
	if w.accent != nil {
		c.Accent = w.accent()
	}
	var html bytes.Buffer
	if err := w.pages.Render(&html, lang, "message", c); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	// The library's own Message-ID would name this machine.
	var id [16]byte
	if _, err := io.ReadFull(w.rand, id[:]); err != nil {
		return nil, fmt.Errorf("id of a message: %w", err)
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, w.from)
	if err := m.SetAddrHeader(gomail.HeaderTo, to); err != nil {
		return nil, survey.Fail(survey.Invalid, "error.mail.address", survey.Args{"address": to})
	}
	m.Subject(oneLine(c.Subject))
	m.SetDateWithValue(w.now())
	m.SetMessageIDWithValue(hex.EncodeToString(id[:]) + w.from.Address[strings.LastIndex(w.from.Address, "@"):])
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies
	m.SetGenHeader("Content-Language", lang)
	if stopMail != "" {
		m.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+stopMail+">")
		if strings.HasPrefix(stopMail, "https://") { // RFC 8058 asks for https
			m.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
		}
	}
	m.SetBodyString(gomail.TypeTextPlain, c.plain())
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return m, nil
}

// oneLine keeps a name from breaking out of its header.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// day writes a date in words: "Friday 21 November 2026".
func (w *writer) day(lang string, t time.Time) string {
	return w.site.Text(lang, "phone.day", survey.Args{
		"weekday": w.site.Text(lang, fmt.Sprintf("phone.weekday.%d", int(t.Weekday())), nil),
		"day":     t.Day(),
		"month":   w.site.Text(lang, fmt.Sprintf("phone.month.%d", int(t.Month())), nil),
		"year":    t.Year(),
	})
}

// moment writes a date and the time of day in the zone that t has.
func (w *writer) moment(lang string, t time.Time) string {
	return w.site.Text(lang, "phone.moment", survey.Args{"day": w.day(lang, t), "time": t.Format("15:04")})
}

// date writes a date that is kept as YYYY-MM-DD; anything else is shown as it
// is.
func (w *writer) date(lang, date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return w.day(lang, t)
}
