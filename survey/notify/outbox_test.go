package notify_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"attune/survey"
	"attune/survey/notify"
	"attune/survey/store"
)

func TestMailArrivesOnceAtEverybodyWhoAnswersWithALink(t *testing.T) {
	o := newOffice(t)
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	o.enqueue(box, notify.Announced, 0, 7) // eight in Links, one without an address; Slips answers on paper
	o.send(box, 7)
	o.open()
	o.enqueue(box, notify.Opened, 0, 7)
	o.send(box, 7)
	for i := range 7 {
		to := fmt.Sprintf("link%d@example.org", i)
		if n := server.receivers()[to]; n != 2 {
			t.Errorf("%s got %d messages, want the announcement and the opening", to, n)
		}
	}
	for _, d := range server.taken() {
		if d.from != "survey@hillside.example" || !d.signedIn || !d.secured {
			t.Errorf("from %s, signed in %v, encrypted %v", d.from, d.signedIn, d.secured)
		}
	}
	o.enqueue(box, notify.Announced, 0, 0)
	o.send(box, 0)
	o.end()
	o.enqueue(box, notify.Results, 0, 12) // everybody who was asked
	o.send(box, 12)
	if n := server.receivers()["slip0@example.org"]; n != 1 {
		t.Errorf("somebody who answered on paper got %d messages, want the results", n)
	}
	if diff := cmp.Diff(store.MailingCount{Sent: 12}, o.count(notify.Results, 0)); diff != "" {
		t.Error(diff)
	}
}

func TestTwoProcessesSendNothingTwice(t *testing.T) {
	o := newOffice(t)
	other := enter(t, o.dir, o.now)
	other.wave = o.wave
	server := startMailServer(t)
	boxes := []*notify.Outbox{o.outbox(server.mail(t)), other.outbox(server.mail(t))}
	o.open()
	var mu sync.Mutex
	added, sent := 0, 0
	var both sync.WaitGroup
	for _, box := range boxes {
		both.Go(func() {
			n, err := box.Enqueue(t.Context(), o.wave, notify.Reminder, 1)
			if err != nil {
				t.Error(err)
			}
			for range 4 { // one may see nothing due while the other is still adding
				m, err := box.Send(t.Context())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				sent += m
				mu.Unlock()
			}
			mu.Lock()
			added += n
			mu.Unlock()
		})
	}
	both.Wait()
	if added != 7 || sent != 7 || len(server.taken()) != 7 {
		t.Fatalf("%d letters, %d sent, %d arrived; want 7", added, sent, len(server.taken()))
	}
	for to, n := range server.receivers() {
		if n != 1 {
			t.Errorf("%s got %d messages", to, n)
		}
	}
}

// killer is a carrier that ends the program, as far as a test can see it, when
// the message after some others is on its way.
type killer struct {
	after   int
	carried []string
}

func (k *killer) Open(context.Context) (notify.Trip, error) { return k, nil }
func (k *killer) Close()                                    {}
func (k *killer) Carry(_ context.Context, p notify.Parcel) error {
	k.carried = append(k.carried, p.Mail.GetToString()...)
	if len(k.carried) > k.after {
		panic("killed")
	}
	return nil
}

func TestWhatWasOnItsWayAtACrashIsNeverSentAgain(t *testing.T) {
	for after := range 7 {
		o := newOffice(t)
		o.open()
		dying := &killer{after: after}
		box := o.outbox(dying)
		o.enqueue(box, notify.Opened, 0, 7)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("nobody was killed")
				}
			}()
			_, _ = box.Send(t.Context())
		}()
		server := startMailServer(t)
		o.send(o.outbox(server.mail(t)), 7-after-1) // the process that starts next
		got := server.receivers()
		for _, to := range dying.carried {
			if got[strings.Trim(to, "<>")] != 0 {
				t.Errorf("killed after %d: %s may have got the message twice", after, to)
			}
		}
		want := store.MailingCount{Sent: 6, Sending: 1}
		if diff := cmp.Diff(want, o.count(notify.Opened, 0)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestStoppingInTheMiddleLosesNoLetter(t *testing.T) {
	o := newOffice(t)
	o.open()
	server := startMailServer(t)
	ctx, stop := context.WithCancel(t.Context())
	server.answer(func(stage, _ string) error {
		if stage == "rcpt" && len(server.taken()) == 3 {
			stop()
			time.Sleep(50 * time.Millisecond) // the line is cut while the server thinks
		}
		return nil
	})
	box := o.outbox(server.mail(t))
	o.enqueue(box, notify.Opened, 0, 7)
	if _, err := box.Send(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	server.answer(nil)
	o.send(o.outbox(server.mail(t)), 4)
	for to, n := range server.receivers() {
		if n != 1 {
			t.Errorf("%s got %d messages", to, n)
		}
	}
}

func TestAMessageThatIsNotTakenIsTriedAfter1And5And30And120MinutesAndThenGivenUp(t *testing.T) {
	o := newOffice(t)
	o.open()
	server := startMailServer(t)
	tries := 0
	server.answer(func(stage, to string) error {
		if stage == "rcpt" && to == "link0@example.org" {
			tries++
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "link0@example.org: greylisted"}
		}
		return nil
	})
	box := o.outbox(server.mail(t))
	o.enqueue(box, notify.Opened, 0, 7)
	o.send(box, 6) // the others are not held up
	for i, wait := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute} {
		o.now.pass(wait - time.Second)
		o.send(box, 0)
		if tries != i+1 {
			t.Fatalf("tried %d times before %s had passed", tries, wait)
		}
		o.now.pass(time.Second)
		o.send(box, 0)
	}
	o.now.pass(2 * time.Hour)
	sent, err := box.Send(t.Context())
	if sent != 0 || !survey.IsKey(err, "error.mail.given_up") || strings.Contains(err.Error(), "@") {
		t.Fatalf("%d sent, %v", sent, err)
	}
	o.now.pass(24 * time.Hour)
	o.send(box, 0)
	if tries != 5 {
		t.Errorf("tried %d times, want once and after each of four waits", tries)
	}
	if diff := cmp.Diff(store.MailingCount{Sent: 6, Refused: 1}, o.count(notify.Opened, 0)); diff != "" {
		t.Error(diff)
	}
}

func TestAnAddressThatDoesNotExistIsGivenUpAtOnceAndStopsNobodyElse(t *testing.T) {
	o := newOffice(t)
	o.open()
	server := startMailServer(t)
	server.answer(func(stage, to string) error {
		if stage == "rcpt" && (to == "link1@example.org" || to == "link4@example.org") {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + to + ">: unknown"}
		}
		return nil
	})
	box := o.outbox(server.mail(t))
	o.enqueue(box, notify.Opened, 0, 7)
	sent, err := box.Send(t.Context())
	if sent != 5 || !survey.IsKey(err, "error.mail.given_up") {
		t.Fatalf("%d sent, %v", sent, err)
	}
	if strings.Contains(fmt.Sprint(err), "link") {
		t.Errorf("the error names somebody: %v", err)
	}
	o.now.pass(3 * time.Hour)
	o.send(box, 0)
}

func TestAServerThatTakesNothingFromUsGivesNobodyUp(t *testing.T) {
	for name, refuse := range map[string]func(stage, to string) error{
		"sender": func(stage, _ string) error {
			if stage == "mail" {
				return &smtp.SMTPError{Code: 553, Message: "not your address"}
			}
			return nil
		},
		"relay": func(stage, to string) error {
			if stage == "rcpt" {
				return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: to + ": relay access denied"}
			}
			return nil
		},
		"content": func(stage, to string) error {
			if stage == "end" {
				return &smtp.SMTPError{Code: 554, Message: "looks like advertising, " + to}
			}
			return nil
		},
	} {
		o := newOffice(t)
		o.open()
		server := startMailServer(t)
		server.answer(refuse)
		box := o.outbox(server.mail(t))
		o.enqueue(box, notify.Opened, 0, 7)
		_, err := box.Send(t.Context())
		if strings.Contains(fmt.Sprint(err), "link") {
			t.Errorf("%s: the error names somebody: %v", name, err)
		}
		server.answer(nil) // the operator mends it
		o.now.pass(time.Minute)
		o.send(box, 7)
	}
}

func TestBrokenLinesLoseAndDoubleNothing(t *testing.T) {
	for _, stage := range []string{"mail", "rcpt"} {
		o := newOffice(t)
		o.open()
		server := startMailServer(t)
		broke := false
		server.answer(func(at, _ string) error {
			if at == stage && len(server.taken()) == 2 && !broke {
				broke = true
				return errDrop
			}
			return nil
		})
		box := o.outbox(server.mail(t))
		o.enqueue(box, notify.Opened, 0, 7)
		o.send(box, 6) // over a second line
		o.now.pass(time.Minute)
		o.send(box, 1)
		for to, n := range server.receivers() {
			if n != 1 {
				t.Errorf("cut at %s: %s got %d messages", stage, to, n)
			}
		}
	}
}

func TestAMessageWhoseAnswerWasLostIsNotSentAgain(t *testing.T) {
	for stage, arrived := range map[string]int{"data": 6, "end": 7} { // before the server has read it, and after
		o := newOffice(t)
		o.open()
		server := startMailServer(t)
		broke := false
		server.answer(func(at, _ string) error {
			if at == stage && len(server.taken()) == 2 && !broke {
				broke = true
				return errDrop
			}
			return nil
		})
		box := o.outbox(server.mail(t))
		o.enqueue(box, notify.Opened, 0, 7)
		o.send(box, 6)
		o.now.pass(3 * time.Hour)
		o.send(box, 0)
		if got := server.receivers(); len(got) != arrived || len(server.taken()) != arrived {
			t.Errorf("cut at %s: %v", stage, got)
		}
		if diff := cmp.Diff(store.MailingCount{Sent: 6, Unknown: 1}, o.count(notify.Opened, 0)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestASlowServerIsWaitedForAndATooSlowOneIsNotSentTheSameAgain(t *testing.T) {
	o := newOffice(t)
	o.open()
	server := startMailServer(t)
	slow := 900 * time.Millisecond
	server.answer(func(stage, to string) error {
		if stage == "end" && to == "link0@example.org" {
			time.Sleep(slow)
		}
		return nil
	})
	box := o.outbox(server.mail(t))
	o.enqueue(box, notify.Opened, 0, 7)
	o.send(box, 7)
	hasty := o.outbox(server.mail(t, func(c *notify.MailConfig) { c.Timeout = 400 * time.Millisecond }))
	o.enqueue(hasty, notify.Reminder, 1, 7)
	o.send(hasty, 6)
	time.Sleep(2 * slow)
	if n := server.receivers()["link0@example.org"]; n != 2 {
		t.Errorf("link0 got %d messages, want one a mailing", n)
	}
}

func TestAServerThatIsNotThereIsLeftInPeaceAndNobodyGivenUp(t *testing.T) {
	o := newOffice(t)
	o.open()
	server := startMailServer(t)
	wrong := server.mail(t, func(c *notify.MailConfig) { c.Password = "wrong" })
	box := o.outbox(wrong)
	o.enqueue(box, notify.Opened, 0, 7)
	for _, wait := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		sent, err := box.Send(t.Context())
		if sent != 0 || !survey.IsKey(err, "error.mail.connect") || strings.Contains(err.Error(), serverPassword) {
			t.Fatalf("%d sent, %v", sent, err)
		}
		o.now.pass(wait - time.Second)
		o.send(box, 0) // it does not even try
		o.now.pass(time.Second)
	}
	o.send(o.outbox(server.mail(t)), 7)
}

func TestNothingOfAWaveThatEndedIsSentOrKept(t *testing.T) {
	o := newOffice(t)
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	o.enqueue(box, notify.Announced, 0, 7)
	must(t, o.waves.Void(t.Context(), o.wave, "a test"))
	o.send(box, 0)
	if diff := cmp.Diff(store.MailingCount{Expired: 7}, o.count(notify.Announced, 0)); diff != "" {
		t.Error(diff)
	}
	if len(server.taken()) != 0 {
		t.Error("mail about a wave that is void")
	}
}

func TestNoFileTellsWhoWasWrittenToAfterTheMailWent(t *testing.T) {
	o := newOffice(t)
	o.open()
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	o.enqueue(box, notify.Opened, 0, 7)
	o.send(box, 7)
	all, err := o.db.Mailings(t.Context())
	must(t, err)
	for _, c := range all {
		if c.Waiting != 0 || c.Sending != 0 {
			t.Errorf("%+v", c)
		}
	}
	// Neither does any file hold what was in the mail.
	links, err := o.waves.PersonLinks(t.Context())
	must(t, err)
	must(t, filepath.WalkDir(o.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, l := range links {
			if strings.Contains(string(raw), l.Token) || strings.Contains(string(raw), l.Stop) {
				t.Errorf("%s holds somebody's link", path)
			}
		}
		return err
	}))
}

func TestWhoStoppedMailGetsNoneOfAnyKindAndCanStillDrawATicket(t *testing.T) {
	o := newOffice(t)
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	links, err := o.waves.PersonLinks(t.Context())
	must(t, err)
	person, err := o.waves.Unsubscriber(t.Context(), links["l0"].Stop)
	must(t, err)
	must(t, o.db.StopMail(t.Context(), person, true))
	o.enqueue(box, notify.Announced, 0, 6)
	o.send(box, 6)
	if _, err := o.waves.Offer(t.Context(), links["l0"].Token, o.wave); err != nil {
		t.Errorf("the personal link: %v", err)
	}
	o.open()
	o.enqueue(box, notify.Reminder, 1, 6)
	o.send(box, 6)
	o.end()
	o.enqueue(box, notify.Results, 0, 11)
	o.send(box, 11)
	if n := server.receivers()["link0@example.org"]; n != 0 {
		t.Errorf("%d messages", n)
	}
}

func TestTheMailTestSaysWhatTheServerAnswered(t *testing.T) {
	o := newOffice(t)
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	answer, err := box.Test(t.Context(), "ops@example.org", "fr")
	must(t, err)
	if !strings.Contains(answer, "OK") {
		t.Errorf("the server answered %q", answer)
	}
	l := open(t, server.taken()[0].raw)
	if l.subject != "Attune : message d’essai" || l.header.Get("List-Unsubscribe") != "" || strings.Contains(l.plain, "#") {
		t.Errorf("%+v", l)
	}
	server.answer(func(stage, _ string) error {
		if stage == "rcpt" {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
		}
		return nil
	})
	if _, err = box.Test(t.Context(), "ops@example.org", "en"); !survey.IsKey(err, "error.mail.refused") || !strings.Contains(err.Error(), "no such mailbox") {
		t.Errorf("%v", err)
	}
	if _, err = box.Test(t.Context(), "no address", "en"); !survey.IsKey(err, "error.mail.address") {
		t.Errorf("%v", err)
	}
}
