package notify_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
	"attune/survey/notify"
	"attune/survey/store"
)

// hangUp is an answer of an exchange that takes a message and breaks the line.
const hangUp = -1

// exchange is a gateway on a real line that can say something else about each
// number.
type exchange struct {
	mu     sync.Mutex
	answer func(number string) int
	asked  map[string]int      // how often, by number
	took   map[string][]string // texts, by number
	sms    *notify.SMS
	close  func()
}

func startExchange(t *testing.T) *exchange {
	t.Helper()
	e := &exchange{answer: func(string) int { return http.StatusOK }, asked: make(map[string]int), took: make(map[string][]string)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var fields map[string]string
		if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
			t.Error(err)
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		status := e.answer(fields["to"])
		e.asked[fields["to"]]++
		if status == hangUp || status < 300 {
			e.took[fields["to"]] = append(e.took[fields["to"]], fields["text"])
		}
		if status == hangUp {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte("about " + fields["to"]))
	}))
	e.close = server.Close
	t.Cleanup(server.Close)
	var err error
	e.sms, err = notify.NewSMS(notify.SMSConfig{URL: server.URL, Client: &http.Client{Timeout: 10 * time.Second}})
	must(t, err)
	return e
}

func (e *exchange) says(answer func(number string) int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer = answer
}

func (e *exchange) messages() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := 0
	for _, texts := range e.took {
		n += len(texts)
	}
	return n
}

// The numbers of two people without an address, whose languages are es and en.
const (
	spanishNumber = "+34612345675"
	englishNumber = "+353871234566"
)

// newTextOffice is an office in which two people of Links have a number and no
// address, one has both, and one has neither: five get mail and two a text.
func newTextOffice(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	people, err := o.db.People(t.Context())
	must(t, err)
	var plan survey.ImportPlan
	for _, p := range people {
		switch p.ID {
		case "l0":
			p.Phone = "+353870000000"
		case "l5":
			p.Email, p.Phone = "", spanishNumber
		case "l6":
			p.Email, p.Phone = "", englishNumber
		default:
			continue
		}
		plan.Update = append(plan.Update, p)
	}
	must(t, o.db.ApplyImport(t.Context(), plan))
	return o
}

func (o *office) texting(carrier notify.Carrier, e *exchange) *notify.Outbox {
	return o.outbox(carrier, func(c *notify.OutboxConfig) { c.Gateway = e.sms })
}

func tellsNoNumber(t *testing.T, err error) {
	t.Helper()
	if err != nil && (strings.Contains(err.Error(), "+3") || strings.Contains(err.Error(), "12345")) {
		t.Errorf("a number in %v", err)
	}
}

func TestOneTextMessageOnEachOccasionForWhoHasANumberAndNoAddress(t *testing.T) {
	o := newTextOffice(t)
	server, gateway := startMailServer(t), startExchange(t)
	results := func(c *notify.OutboxConfig) {
		c.Gateway = gateway.sms
		c.ResultsLink = func(_ context.Context, _ survey.WaveID, unit survey.UnitID) (string, error) {
			return serverURL + "/r/results-of-" + string(unit), nil
		}
	}
	box := o.outbox(server.mail(t), results)
	links, err := o.waves.PersonLinks(t.Context())
	must(t, err)
	face, err := o.waves.Face(t.Context(), o.wave)
	must(t, err)
	words := strings.Join(face.Fingerprint, " ")
	o.enqueue(box, notify.Announced, 0, 7)
	o.send(box, 7)
	o.open()
	for n, kind := range []notify.Kind{notify.Opened, notify.Reminder} {
		o.enqueue(box, kind, n, 7)
		o.enqueue(box, kind, n, 0)
		o.send(box, 7)
	}
	o.end()
	o.enqueue(box, notify.Results, 0, 12) // five on paper, too
	o.send(box, 12)
	// Another process, later: nothing goes twice.
	later := enter(t, o.dir, o.now)
	o.send(later.texting(server.mail(t), gateway), 0)

	if n := len(server.taken()); n != 5*4+5 {
		t.Errorf("%d mails", n)
	}
	if len(gateway.took) != 2 {
		t.Errorf("texts to %d numbers, want those of two people without an address", len(gateway.took))
	}
	for number, want := range map[string]struct {
		person survey.PersonID
		words  []string
	}{
		spanishNumber: {"l5", []string{"el 2 de noviembre se abre", "abierta hasta el 9 de noviembre", "sigue abierta hasta el 9", "ya se pueden ver los resultados"}},
		englishNumber: {"l6", []string{"opens on 2 November", "is open until 9 November", "Everybody gets this reminder", "the results of the survey are out"}},
	} {
		texts := gateway.took[number]
		if len(texts) != 4 {
			t.Fatalf("%s got %d texts, want one for each occasion", want.person, len(texts))
		}
		link := links[want.person]
		for i, text := range texts {
			leads := link.Token
			if i == 3 {
				leads = "results-of-links#" + link.Token
			}
			if !strings.Contains(text, want.words[i]) || !strings.HasPrefix(text, "Hillside <Services> & Co:") ||
				!strings.Contains(text, leads+"\n") || !strings.HasSuffix(text, " "+serverURL+"/u/"+link.Stop) {
				t.Errorf("%s", text)
			}
			if strings.Contains(text, words) != (i < 3) { // there is nothing to compare with results
				t.Errorf("the words %q stand in %s: %v", words, text, i < 3)
			}
			if strings.Contains(text, "Linkname") || strings.Contains(text, number) || strings.Contains(text, "Links") {
				t.Errorf("a name, a number or a team in %s", text)
			}
		}
	}
}

func TestWithoutAGatewayTextsWaitUntilThereIsOneAndMailGoes(t *testing.T) {
	o := newTextOffice(t)
	box := o.outbox(startMailServer(t).mail(t))
	o.open()
	o.enqueue(box, notify.Opened, 0, 7)
	o.send(box, 5)
	if diff := cmp.Diff(store.MailingCount{Sent: 5, Waiting: 2}, o.count(notify.Opened, 0)); diff != "" {
		t.Error(diff)
	}
	gateway := startExchange(t)
	o.send(o.texting(nil, gateway), 2)
	if diff := cmp.Diff(map[string]int{spanishNumber: 1, englishNumber: 1}, gateway.asked); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutAMailServerMailWaitsAndTextsGo(t *testing.T) {
	o := newTextOffice(t)
	box := o.texting(nil, startExchange(t))
	o.open()
	o.enqueue(box, notify.Opened, 0, 7)
	o.send(box, 2)
	if diff := cmp.Diff(store.MailingCount{Sent: 2, Waiting: 5}, o.count(notify.Opened, 0)); diff != "" {
		t.Error(diff)
	}
	if _, err := box.Test(t.Context(), "ops@example.org", "en"); !survey.IsKey(err, "error.mail.unset") {
		t.Errorf("%v", err)
	}
}

func TestTextsThatAreNoLongerTrueAreNotSentWhenAGatewayIsSetLater(t *testing.T) {
	o := newTextOffice(t)
	o.enqueue(o.outbox(startMailServer(t).mail(t)), notify.Announced, 0, 7)
	o.open()
	o.end()
	gateway := startExchange(t)
	o.send(o.texting(nil, gateway), 0)
	if gateway.messages() != 0 {
		t.Error("told of a ticket for a wave that is over")
	}
}

func TestWhoStoppedMessagesGetsNoText(t *testing.T) {
	o := newTextOffice(t)
	gateway := startExchange(t)
	box := o.texting(nil, gateway)
	o.enqueue(box, notify.Announced, 0, 7)
	must(t, o.db.StopMail(t.Context(), "l5", true))
	o.send(box, 1)
	o.open()
	o.enqueue(box, notify.Opened, 0, 6)
	o.send(box, 1)
	if gateway.asked[spanishNumber] != 0 {
		t.Error("a text to somebody who wants none")
	}
}

func TestANumberThatIsRefusedIsTriedAfter1And5And30And120MinutesAndStopsNobodyElse(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError} {
		o := newTextOffice(t)
		gateway := startExchange(t)
		gateway.says(func(number string) int {
			if number == spanishNumber {
				return status
			}
			return http.StatusAccepted
		})
		box := o.texting(nil, gateway)
		o.open()
		o.enqueue(box, notify.Opened, 0, 7)
		o.send(box, 1)
		for i, wait := range []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute} {
			o.now.pass(wait - time.Second)
			o.send(box, 0)
			if gateway.asked[spanishNumber] != i+1 {
				t.Fatalf("tried %d times before %s had passed", gateway.asked[spanishNumber], wait)
			}
			o.now.pass(time.Second)
			o.send(o.texting(nil, gateway), 0) // a restart forgets no wait
		}
		o.now.pass(2 * time.Hour)
		sent, err := box.Send(t.Context())
		tellsNoNumber(t, err)
		if sent != 0 || !survey.IsKey(err, "error.sms.given_up") {
			t.Fatalf("%d sent, %v", sent, err)
		}
		o.now.pass(24 * time.Hour)
		o.send(box, 0)
		if diff := cmp.Diff(store.MailingCount{Sent: 1, Refused: 1, Waiting: 5}, o.count(notify.Opened, 0)); diff != "" {
			t.Errorf("%d: %s", status, diff)
		}
	}
}

func TestAGatewayThatTakesNothingFromUsIsLeftInPeaceAndMailGoesOn(t *testing.T) {
	for _, status := range []int{http.StatusFound, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		o := newTextOffice(t)
		server, gateway := startMailServer(t), startExchange(t)
		gateway.says(func(string) int { return status })
		box := o.texting(server.mail(t), gateway)
		o.open()
		o.enqueue(box, notify.Opened, 0, 7)
		sent, err := box.Send(t.Context())
		tellsNoNumber(t, err)
		if sent != 5 || !survey.IsKey(err, "error.sms.refused") {
			t.Fatalf("%d: %d sent, %v", status, sent, err)
		}
		o.send(box, 0) // rests
		o.now.pass(time.Minute)
		gateway.says(func(string) int { return http.StatusOK })
		o.send(box, 2)
		if n := gateway.asked[spanishNumber] + gateway.asked[englishNumber]; n != 3 {
			t.Errorf("%d: asked %d times, want once in vain", status, n)
		}
		if diff := cmp.Diff(store.MailingCount{Sent: 7}, o.count(notify.Opened, 0)); diff != "" {
			t.Errorf("%d: %s", status, diff)
		}
	}
}

func TestAGatewayThatIsNotThereGivesNobodyUp(t *testing.T) {
	o := newTextOffice(t)
	gone := startExchange(t)
	gone.close()
	o.open()
	box := o.texting(nil, gone)
	o.enqueue(box, notify.Opened, 0, 7)
	for range 12 { // more often than any message is tried
		sent, err := box.Send(t.Context())
		tellsNoNumber(t, err)
		if sent != 0 || !survey.IsKey(err, "error.sms.reach") {
			t.Fatalf("%d sent, %v", sent, err)
		}
		o.now.pass(30 * time.Minute)
	}
	o.send(o.texting(nil, startExchange(t)), 2)
}

func TestATextWhoseAnswerWasLostIsNotSentAgain(t *testing.T) {
	for _, answer := range []int{hangUp, http.StatusBadGateway, http.StatusGatewayTimeout} {
		o := newTextOffice(t)
		gateway := startExchange(t)
		gateway.says(func(number string) int {
			if number == spanishNumber {
				return answer
			}
			return http.StatusOK
		})
		box := o.texting(nil, gateway)
		o.open()
		o.enqueue(box, notify.Opened, 0, 7)
		o.send(box, 1)
		o.now.pass(5 * time.Hour)
		o.send(o.texting(nil, gateway), 0)
		if gateway.asked[spanishNumber] != 1 {
			t.Errorf("%d: sent %d times", answer, gateway.asked[spanishNumber])
		}
		if diff := cmp.Diff(store.MailingCount{Sent: 1, Unknown: 1, Waiting: 5}, o.count(notify.Opened, 0)); diff != "" {
			t.Errorf("%d: %s", answer, diff)
		}
	}
}

func TestATextThatWasOnItsWayAtACrashIsNeverSentAgain(t *testing.T) {
	o := newTextOffice(t)
	gateway := startExchange(t)
	o.open()
	o.enqueue(o.texting(nil, gateway), notify.Opened, 0, 7)
	if _, ok, err := o.db.ClaimLetter(t.Context(), survey.ByText); err != nil || !ok { // by a process that is killed now
		t.Fatal(ok, err)
	}
	next := enter(t, o.dir, o.now)
	o.send(next.texting(nil, gateway), 1)
	o.now.pass(24 * time.Hour)
	o.send(next.texting(nil, gateway), 0)
	if n := gateway.messages(); n != 1 {
		t.Errorf("%d texts", n)
	}
	if diff := cmp.Diff(store.MailingCount{Sent: 1, Sending: 1, Waiting: 5}, o.count(notify.Opened, 0)); diff != "" {
		t.Error(diff)
	}
}

func TestTwoProcessesSendNoTextTwice(t *testing.T) {
	o := newTextOffice(t)
	other := enter(t, o.dir, o.now)
	gateway := startExchange(t)
	o.open()
	o.enqueue(o.texting(nil, gateway), notify.Opened, 0, 7)
	var both sync.WaitGroup
	for _, box := range []*notify.Outbox{o.texting(nil, gateway), other.texting(nil, gateway)} {
		both.Go(func() {
			if _, err := box.Send(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if diff := cmp.Diff(map[string]int{spanishNumber: 1, englishNumber: 1}, gateway.asked); diff != "" {
		t.Error(diff)
	}
}
