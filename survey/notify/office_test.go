package notify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/static"
	"attune/survey"
	"attune/survey/notify"
	"attune/survey/store"
	"attune/survey/wave"
)

// serverURL is where the links of the tests lead.
const serverURL = "https://survey.example.org"

// office is an organisation with an announced wave, seen from one process.
type office struct {
	t     *testing.T
	dir   string
	now   *moving
	db    *store.Store
	waves *wave.Waves
	site  *static.Site
	wave  survey.WaveID
	team  survey.UnitID // of the people who answer with links
}

// moving is a time that moves by hand.
type moving struct {
	mu sync.Mutex
	at time.Time
}

func (m *moving) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *moving) pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = m.at.Add(d)
}

// nothing is a Releaser that releases an empty document.
type nothing struct{}

func (nothing) Release(context.Context, survey.ClosedWave) (survey.ReleaseDocument, error) {
	return survey.ReleaseDocument{JSON: []byte(`{"units":[]}`)}, nil
}

// enter opens another process on a folder.
func enter(t *testing.T, dir string, now *moving) *office {
	t.Helper()
	o := &office{t: t, dir: dir, now: now}
	var err error
	o.db, err = store.Open(t.Context(), store.Config{Dir: filepath.Join(dir, "data"), Now: now.now})
	must(t, err)
	t.Cleanup(func() { must(t, o.db.Close()) })
	library, err := survey.NewLibrary()
	must(t, err)
	o.waves, err = wave.New(wave.Config{
		Store: o.db, Library: library, Releaser: nothing{}, Keys: filepath.Join(dir, "keys"),
		Zone: time.UTC, Now: now.now, Rand: rand.Reader,
	})
	must(t, err)
	t.Cleanup(o.waves.Close)
	o.site, err = static.New()
	must(t, err)
	return o
}

// newOffice has eight people in Links, whose languages are en, fr, es in turn
// and the last of whom has no address, and five in Slips, who answer on paper.
func newOffice(t *testing.T) *office {
	t.Helper()
	o := enter(t, t.TempDir(), &moving{at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)})
	root, err := o.db.EnsureOrganisation(t.Context(), "Hillside <Services> & Co")
	must(t, err)
	plan := survey.ImportPlan{NewUnits: []survey.Unit{{ID: "links", Parent: root.ID, Name: "Links"}, {ID: "slips", Parent: root.ID, Name: "Slips"}}}
	for i := range 8 {
		p := survey.Person{ID: survey.PersonID(fmt.Sprintf("l%d", i)), Name: fmt.Sprintf("Linkname %d", i), Unit: "links", Active: true}
		if i < 7 {
			p.Email, p.Language = fmt.Sprintf("link%d@example.org", i), []string{"en", "fr", "es"}[i%3]
		}
		plan.Add = append(plan.Add, p)
	}
	for i := range 5 {
		plan.Add = append(plan.Add, survey.Person{ID: survey.PersonID(fmt.Sprintf("s%d", i)), Email: fmt.Sprintf("slip%d@example.org", i), Name: fmt.Sprintf("Slipname %d", i), Unit: "slips", Active: true})
	}
	must(t, o.db.ApplyImport(t.Context(), plan))
	o.team = "links"
	o.wave = o.announce(o.now.now().Add(time.Hour))
	return o
}

// announce plans and announces a wave that is open for a week.
func (o *office) announce(opens time.Time) survey.WaveID {
	o.t.Helper()
	w, err := o.waves.Plan(o.t.Context(), wave.Request{
		Packs: []string{"pulse"}, Opens: opens, Closes: opens.AddDate(0, 0, 7), Paper: []survey.UnitID{"slips"},
		Owner: "Ana Ruiz", Contact: "Extension 12", ResultsOn: opens.AddDate(0, 0, 14).Format(time.DateOnly),
	})
	must(o.t, err)
	_, err = o.waves.Announce(o.t.Context(), w.ID)
	must(o.t, err)
	return w.ID
}

// open lets the wave open.
func (o *office) open() {
	o.t.Helper()
	o.now.pass(time.Hour)
	must(o.t, o.waves.Tick(o.t.Context()))
}

// end lets the wave close and be released.
func (o *office) end() {
	o.t.Helper()
	o.now.pass(7 * 24 * time.Hour)
	must(o.t, o.waves.Tick(o.t.Context()))
	w, err := o.waves.Wave(o.t.Context(), o.wave)
	must(o.t, err)
	if w.State != survey.Released {
		o.t.Fatalf("the wave is %s", w.State)
	}
}

func (o *office) outbox(carrier notify.Carrier, change ...func(*notify.OutboxConfig)) *notify.Outbox {
	o.t.Helper()
	cfg := notify.OutboxConfig{
		Store: o.db, Waves: o.waves, Site: o.site, Carrier: carrier, From: "Attune <survey@hillside.example>",
		URL: serverURL, Language: "en", Now: o.now.now, Rand: rand.Reader,
	}
	for _, c := range change {
		c(&cfg)
	}
	box, err := notify.NewOutbox(cfg)
	must(o.t, err)
	return box
}

func (o *office) enqueue(box *notify.Outbox, kind notify.Kind, n, want int) {
	o.t.Helper()
	added, err := box.Enqueue(o.t.Context(), o.wave, kind, n)
	must(o.t, err)
	if added != want {
		o.t.Fatalf("%s %d: %d letters, want %d", kind, n, added, want)
	}
}

func (o *office) send(box *notify.Outbox, want int) {
	o.t.Helper()
	sent, err := box.Send(o.t.Context())
	must(o.t, err)
	if sent != want {
		o.t.Fatalf("%d messages sent, want %d", sent, want)
	}
}

// count gives the numbers of a mailing.
func (o *office) count(kind notify.Kind, n int) store.MailingCount {
	o.t.Helper()
	all, err := o.db.Mailings(o.t.Context())
	must(o.t, err)
	for _, c := range all {
		if c.Wave == o.wave && c.Kind == string(kind) && c.N == n {
			c.Mailing = store.Mailing{}
			return c
		}
	}
	o.t.Fatalf("no mailing %s %d", kind, n)
	return store.MailingCount{}
}

// letter is a message as its reader's program sees it.
type letter struct {
	header      netmail.Header
	subject     string
	plain, html string
}

func open(t *testing.T, raw []byte) letter {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	must(t, err)
	l := letter{header: m.Header}
	l.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	must(t, err)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	must(t, err)
	if kind != "multipart/alternative" {
		t.Fatalf("the message is %s", kind)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return l
		}
		must(t, err)
		var body io.Reader = part
		switch part.Header.Get("Content-Transfer-Encoding") {
		case "quoted-printable":
			body = quotedprintable.NewReader(part)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, part)
		}
		text, err := io.ReadAll(body)
		must(t, err)
		plain := strings.ReplaceAll(string(text), "\r\n", "\n")
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			l.html = plain
		} else {
			l.plain = plain
		}
	}
}
