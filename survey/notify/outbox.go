package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"attune/static"
	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"
)

// tripSize is how many messages one connection to the mail server carries.
const tripSize = 50

// maxTextURL is the longest address of a server whose links fit into a text
// message of maxSegments parts, in every language.
const maxTextURL = 80

// lostInARow is how many broken lines, with no message between them, make
// Send give up for now.
const lostInARow = 3

// lang is the language of a message to somebody who would like it in wish: that
// one where the organisation offers it, else its own.
func (o *Outbox) lang(wish string) string {
	b := o.cfg.Store.Branding()
	return o.cfg.Site.Spoken(b.Offered(o.cfg.Now()), cmp.Or(b.Language, o.cfg.Language)).Pick(wish)
}

// backOff says how long a message waits after each time that the mail server,
// or the gateway, did not take it; after the last it is given up. The first
// three are also the waits after the server itself was not there.
func backOff(tries int) (wait time.Duration, ok bool) {
	waits := []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}
	if tries >= len(waits) {
		return 0, false
	}
	return waits[tries], true
}

// OutboxConfig is what an Outbox needs; ResultsLink may be nil, and one of
// Carrier and Gateway.
type OutboxConfig struct {
	Store    *store.Store
	Waves    *wave.Waves
	Site     *static.Site
	Carrier  Carrier        // nil: no mail; what waits to go that way stays in the outbox
	Gateway  Carrier        // nil: no text messages; what waits to go that way stays in the outbox
	From     string         // the sender of mail: "Attune <survey@example.org>"
	URL      string         // of the server, as phones open it, without a slash at the end
	Language string         // of people who have none, until the organisation chooses one
	Zone     *time.Location // of days on which something is due; nil: UTC
	Now      func() time.Time
	Rand     io.Reader // ids of messages; crypto/rand

	// ResultsLink gives the page of results of a unit, the same for everybody
	// there. The person's token is added behind a #, which browsers do not
	// send, so that the page can collect the next ticket. Without it a mail
	// about results carries the personal link.
	ResultsLink func(ctx context.Context, wave survey.WaveID, unit survey.UnitID) (string, error)
}

// Outbox tells people about waves. It knows whom a wave asks and nothing about
// who answered: everybody gets the same words at the same time.
//
// A letter is sent at most once. It is claimed in the database before it goes
// out; if the program is killed between that and the answer of the mail
// server, nobody can say whether it went, and it is not sent again.
type Outbox struct {
	cfg    OutboxConfig
	writer *writer

	sending sync.Mutex // one Send at a time in a process
	lines   []*line

	planning sync.Mutex
	reminded time.Time // when the plans were last looked through
}

// NewOutbox fails on a configuration that lacks something or has a sender
// that is no address.
func NewOutbox(cfg OutboxConfig) (*Outbox, error) {
	if cfg.Store == nil || cfg.Waves == nil || cfg.Site == nil || (cfg.Carrier == nil && cfg.Gateway == nil) || cfg.Now == nil || cfg.Rand == nil {
		return nil, errors.New("outbox: Store, Waves, Site, Carrier or Gateway, Now and Rand are all needed")
	}
	if u, err := url.Parse(cfg.URL); err != nil || u.Host == "" || strings.HasSuffix(cfg.URL, "/") {
		return nil, fmt.Errorf("outbox: %q is not the address of a server", cfg.URL)
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	o := &Outbox{cfg: cfg, writer: &writer{site: cfg.Site}} // which is all that text messages need
	if cfg.Carrier != nil {
		var err error
		if o.writer, err = newWriter(cfg.Site, cfg.From, cfg.Now, cfg.Rand); err != nil {
			return nil, err
		}
		o.writer.accent = func() string { return cfg.Store.Branding().Accent }
		o.lines = append(o.lines, mailLine(cfg.Carrier))
	}
	if cfg.Gateway != nil {
		if len(cfg.URL) > maxTextURL {
			return nil, fmt.Errorf("outbox: the address %s is longer than %d characters, which is too long for links in text messages", cfg.URL, maxTextURL)
		}
		o.lines = append(o.lines, textLine(cfg.Gateway))
	}
	return o, nil
}

// Enqueue makes a mailing to everybody whom an announced wave asks: about
// results, and after an incident, to all of them, about tickets to those whose group answers with
// personal links. People who have neither an e-mail address nor a phone number,
// or who want no messages, are left out. n numbers the reminders and is 0 for
// the other kinds. A mailing is made once: calling again, from another process
// too, adds nothing.
func (o *Outbox) Enqueue(ctx context.Context, id survey.WaveID, kind Kind, n int) (added int, err error) {
	asked, err := o.cfg.Waves.Asked(ctx, id)
	if err != nil {
		return 0, err
	}
	var people []survey.PersonID
	for _, a := range asked {
		if kind == Results || kind == Incident || a.Way == survey.Electronic {
			people = append(people, a.Person)
		}
	}
	return o.cfg.Store.AddMailing(ctx, store.Mailing{Wave: id, Kind: string(kind), N: n}, people)
}

// Send sends what is due and gives how many messages the mail server and the
// gateway took. A message that they do not take is tried again after 1, 5, 30
// and 120 minutes and then given up; the others are not held up by it. What is
// no longer true, of a wave that has ended for example, is deleted unsent.
//
// An error tells of a mail server or a gateway that is not there or takes
// nothing from us, in which case Send also leaves it alone for a while, or how
// many messages were given up. No error holds an address or a number.
func (o *Outbox) Send(ctx context.Context) (sent int, err error) {
	if !o.sending.TryLock() {
		return 0, nil
	}
	defer o.sending.Unlock()
	if err := o.cfg.Store.SweepOutbox(ctx); err != nil {
		return 0, err
	}
	for _, l := range o.lines {
		n, fault := o.sendAll(ctx, l)
		sent, err = sent+n, errors.Join(err, fault)
	}
	return sent, err
}

// sendAll sends what is due on one line.
func (o *Outbox) sendAll(ctx context.Context, l *line) (sent int, err error) {
	if o.cfg.Now().Before(l.rest) {
		return 0, nil
	}
	r := &run{o: o, line: l, known: make(map[survey.WaveID]*known)}
	for more := true; more && err == nil && ctx.Err() == nil; {
		more, err = r.trip(ctx)
	}
	if err != nil && ctx.Err() == nil && survey.IsCode(err, survey.Unavailable) {
		wait, _ := backOff(min(l.misses, 2))
		l.rest, l.misses = o.cfg.Now().Add(wait), l.misses+1
	} else if r.sent > 0 {
		l.misses = 0
	}
	if r.givenUp > 0 {
		err = errors.Join(err, survey.Fail(survey.Conflict, l.words.givenUp, survey.Args{"count": r.givenUp}))
	}
	return r.sent, err
}

// run is one call of Send, on one line.
type run struct {
	o             *Outbox
	line          *line
	links         map[survey.PersonID]wave.PersonLink
	known         map[survey.WaveID]*known
	reminders     map[store.Notice]string // those that are due, with their units; nil: not looked up yet
	sent, givenUp int
	lost          int // lines that broke since a message was taken
}

// known is what all messages of one wave share. The maps are made for mail
// about results only.
type known struct {
	face survey.OpenWave
	team map[survey.PersonID]survey.UnitID // empty when the roster is gone
	next map[survey.PersonID]time.Time     // opening of the wave that somebody can draw a ticket for

	rounds []round // for letters after an incident only: what is still to come
	paper  map[survey.PersonID]bool
}

// trip sends up to tripSize messages over one connection. more says whether
// there may be others. Each message is claimed only when its turn has come, so
// that a crash leaves one message in doubt and not fifty.
func (r *run) trip(ctx context.Context) (more bool, err error) {
	var trip Trip
	defer func() {
		if trip != nil {
			trip.Close()
		}
	}()
	for range tripSize {
		letter, ok, err := r.o.cfg.Store.ClaimLetter(ctx, r.line.by)
		if err != nil || !ok {
			return false, err
		}
		message, err := r.write(ctx, letter)
		if outcome, unsent := r.unsent(err); unsent {
			if err := r.o.cfg.Store.SettleLetter(ctx, letter, outcome); err != nil {
				return false, err
			}
			continue
		}
		if err == nil && trip == nil {
			trip, err = r.line.carrier.Open(ctx)
		}
		if err != nil || ctx.Err() != nil { // nothing of it has left this machine
			return false, errors.Join(err, r.back(ctx, letter, 0, false))
		}
		carried := trip.Carry(ctx, message)
		if err := r.settle(ctx, letter, carried); err != nil {
			return false, err
		}
		if broken(carried) {
			r.lost++
			if r.lost >= lostInARow {
				return false, survey.Fail(survey.Unavailable, r.line.words.lost, survey.Args{"times": r.lost})
			}
			return true, nil
		}
		r.lost = 0
	}
	return true, nil
}

func broken(carried error) bool {
	return carried != nil && !errors.As(carried, new(*Refusal))
}

// settle writes down what became of a letter, also when ctx has just ended.
func (r *run) settle(ctx context.Context, l store.Letter, carried error) error {
	after := context.WithoutCancel(ctx)
	var refusal *Refusal
	switch {
	case carried == nil:
		r.sent++
		return r.o.cfg.Store.SettleLetter(after, l, store.LetterSent)
	case errors.Is(carried, ErrUnsure):
		return r.o.cfg.Store.SettleLetter(after, l, store.LetterUnknown)
	case errors.As(carried, &refusal) && refusal.Sender:
		return errors.Join(survey.Fail(survey.Unavailable, "error.mail.sender", survey.Args{"code": refusal.Code}), r.back(ctx, l, 0, false))
	case ctx.Err() != nil: // cut by us
		return r.back(ctx, l, 0, false)
	case survey.IsCode(carried, survey.Unavailable): // a gateway that is not there, or takes nothing from us
		return errors.Join(carried, r.back(ctx, l, 0, false))
	}
	wait, again := backOff(l.Tries)
	if !again || (refusal != nil && refusal.ForGood) {
		r.givenUp++
		return r.o.cfg.Store.SettleLetter(after, l, store.LetterRefused)
	}
	return r.back(ctx, l, wait, true)
}

// back puts a letter back that has surely not been delivered.
func (r *run) back(ctx context.Context, l store.Letter, wait time.Duration, counts bool) error {
	return r.o.cfg.Store.PostponeLetter(context.WithoutCancel(ctx), l, r.o.cfg.Now().Add(wait), counts)
}

// errUnwritable says that one letter has no address or number that a message
// could go to. It must not hold up the others.
var errUnwritable = errors.New("there is no way to write to this person")

// errNeedless says that there is no more reason to send a notice.
var errNeedless = errors.New("there is no more reason to send this")

// unsent says what becomes of a letter whose message was not made: only one
// that cannot be written at all is given up.
func (r *run) unsent(err error) (outcome store.Outcome, unsent bool) {
	switch {
	case errors.Is(err, errUnwritable):
		r.givenUp++
		return store.LetterRefused, true
	case errors.Is(err, errNeedless):
		return store.LetterExpired, true
	}
	return 0, false
}

// write makes the message of a letter.
func (r *run) write(ctx context.Context, l store.Letter) (Parcel, error) {
	if l.Notice != nil {
		return r.writeNotice(ctx, *l.Notice, l)
	}
	k, err := r.wave(ctx, l)
	if err != nil {
		return Parcel{}, err
	}
	link, ok := r.links[l.Person]
	if !ok { // became active after the list was made
		if r.links, err = r.o.cfg.Waves.PersonLinks(ctx); err != nil {
			return Parcel{}, err
		}
		link = r.links[l.Person]
	}
	if link.Token == "" {
		return Parcel{}, errUnwritable
	}
	n := news{
		rounds: k.rounds, onPaper: k.paper[l.Person],
		kind: Kind(l.Kind), lang: r.o.lang(l.Language), face: k.face, next: k.next[l.Person],
		link: r.o.cfg.URL + "/a#" + link.Token, stopMail: r.o.cfg.URL + "/u/" + link.Stop,
	}
	if n.results, err = r.results(ctx, l, k, link.Token); err != nil {
		return Parcel{}, err
	}
	return r.pack(l, n)
}

// results is the page of results for one person, or nothing.
func (r *run) results(ctx context.Context, l store.Letter, k *known, token string) (string, error) {
	unit, ok := k.team[l.Person]
	if r.o.cfg.ResultsLink == nil || Kind(l.Kind) != Results || !ok {
		return "", nil
	}
	link, err := r.o.cfg.ResultsLink(ctx, l.Wave, unit)
	if err != nil || link == "" {
		return "", err
	}
	return link + "#" + token, nil
}

// wave loads what the messages of a letter's wave share, once a run.
func (r *run) wave(ctx context.Context, l store.Letter) (*known, error) {
	k, ok := r.known[l.Wave]
	if !ok {
		face, err := r.o.cfg.Waves.Face(ctx, l.Wave)
		if err != nil {
			return nil, err
		}
		k = &known{face: face}
		r.known[l.Wave] = k
	}
	if Kind(l.Kind) == Incident && k.paper == nil {
		return k, r.rounds(ctx, k)
	}
	if Kind(l.Kind) != Results || k.team != nil {
		return k, nil
	}
	k.team, k.next = make(map[survey.PersonID]survey.UnitID), make(map[survey.PersonID]time.Time)
	asked, err := r.asked(ctx, l.Wave)
	if err != nil {
		return nil, err
	}
	for _, a := range asked {
		k.team[a.Person] = a.Team
	}
	return k, r.nextOpenings(ctx, k.next)
}

// rounds notes what a letter after an incident tells: when people are asked,
// and who of them on paper.
func (r *run) rounds(ctx context.Context, k *known) error {
	all, err := r.o.cfg.Waves.Waves(ctx)
	if err != nil {
		return err
	}
	k.rounds = nil
	for _, w := range all { // by opening
		if w.Programme != k.face.Manifest.Programme || (w.State != survey.Announced && w.State != survey.Open) {
			continue
		}
		k.rounds = append(k.rounds, round{opens: w.Opens.In(k.face.Zone), closes: w.Closes.In(k.face.Zone)})
	}
	asked, err := r.asked(ctx, k.face.ID)
	if err != nil {
		return err
	}
	k.paper = make(map[survey.PersonID]bool)
	for _, a := range asked {
		k.paper[a.Person] = a.Way == survey.Paper
	}
	return nil
}

// asked is empty when a later wave was announced and the roster is gone.
func (r *run) asked(ctx context.Context, id survey.WaveID) ([]wave.Asked, error) {
	asked, err := r.o.cfg.Waves.Asked(ctx, id)
	if survey.IsCode(err, survey.NotFound) {
		return nil, nil
	}
	return asked, err
}

// nextOpenings notes who can draw a ticket for a wave that has not opened yet.
func (r *run) nextOpenings(ctx context.Context, into map[survey.PersonID]time.Time) error {
	all, err := r.o.cfg.Waves.Waves(ctx)
	if err != nil {
		return err
	}
	for _, w := range slices.Backward(all) { // by opening date: the earliest is noted last
		if w.State != survey.Announced {
			continue
		}
		face, err := r.o.cfg.Waves.Face(ctx, w.ID)
		if err != nil {
			return err
		}
		asked, err := r.asked(ctx, w.ID)
		if err != nil {
			return err
		}
		for _, a := range asked {
			if a.Way == survey.Electronic {
				into[a.Person] = face.Opens
			}
		}
	}
	return nil
}

// Mails says whether mail is set up; text messages may be without it.
func (o *Outbox) Mails() bool { return o.cfg.Carrier != nil }

// Test sends a message without a link to one address, at once, and gives what
// the mail server answered.
func (o *Outbox) Test(ctx context.Context, address, lang string) (answer string, err error) {
	if o.cfg.Carrier == nil {
		return "", survey.Fail(survey.Conflict, "error.mail.unset", nil)
	}
	say := func(key string) string { return o.cfg.Site.Text(lang, key, nil) }
	m, err := o.writer.message(lang, address, content{
		Subject: say("mail.test.subject"), Blocks: []block{{Text: say("mail.greeting")}, {Text: say("mail.test.body")}},
	}, "")
	if err != nil {
		return "", err
	}
	trip, err := o.cfg.Carrier.Open(ctx)
	if err != nil {
		return "", err
	}
	defer trip.Close()
	if err := trip.Carry(ctx, Parcel{Mail: m}); err != nil {
		if said := m.SendError(); said != nil { // the operator typed the address: here it may be repeated
			err = said
		}
		return "", survey.Fail(survey.Unavailable, "error.mail.refused", survey.Args{"answer": serverSaid(err)})
	}
	return oneLine(m.ServerResponse()), nil
}
