package notify_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/notify"
	"attune/survey/store"

	"github.com/google/go-cmp/cmp"
)

// receiver is another program's HTTP server. It answers with statuses in turn,
// 204 when there are none left, and checks every signature.
type receiver struct {
	*httptest.Server
	t      *testing.T
	secret string

	mu       sync.Mutex
	statuses []int
	got      []string // "EVENT WAVE TIME"
	ids      []string
	stamps   []string
}

func newReceiver(t *testing.T, statuses ...int) *receiver {
	t.Helper()
	r := &receiver{t: t, statuses: statuses}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// only is all that a message may be.
var only = regexp.MustCompile(`^\{"type":"([a-z.]+)","timestamp":"([0-9TZ:-]+)","data":\{"wave":"([0-9-]+)"\}\}$`)

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	id, stamp := q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp")
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.secret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, id+"."+stamp+"."+string(body))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); q.Header.Get("webhook-signature") != want || q.Method != http.MethodPost {
		r.t.Errorf("%s is signed %q, want %q", q.Method, q.Header.Get("webhook-signature"), want)
	}
	part := only.FindSubmatch(body)
	if part == nil {
		r.t.Errorf("the message is %s", body)
		return
	}
	r.got = append(r.got, string(part[1])+" "+string(part[3])+" "+string(part[2]))
	r.ids, r.stamps = append(r.ids, id), append(r.stamps, stamp)
	status := http.StatusNoContent
	if len(r.statuses) > 0 {
		status, r.statuses = r.statuses[0], r.statuses[1:]
	}
	if status == http.StatusFound {
		w.Header().Set("Location", r.URL+"/elsewhere")
	}
	w.WriteHeader(status)
}

func (r *receiver) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// hooked adds the receiver to an office.
func hooked(t *testing.T, o *office, r *receiver) (*notify.Webhooks, store.Webhook) {
	t.Helper()
	secret, w, err := notify.NewWebhook(rand.Reader, r.URL+"/hook?key=1", true, o.now.now())
	must(t, err)
	r.secret = secret
	w.ID, err = o.db.AddWebhook(t.Context(), w)
	must(t, err)
	return notify.NewWebhooks(o.db, o.now.now), w
}

func TestEveryStateOfAWaveIsToldOnceAndNothingElse(t *testing.T) {
	o := newOffice(t) // announced already: no news for a webhook that comes later
	r := newReceiver(t)
	hooks, w := hooked(t, o, r)
	clock := notify.Clock{Waves: o.waves, Now: o.now.now, Hooks: hooks}
	second := enter(t, o.dir, o.now) // another process on the folder
	others := notify.NewWebhooks(second.db, o.now.now)
	turn := func() {
		t.Helper()
		for range 2 {
			must(t, clock.Tick(t.Context()))
			for _, h := range []*notify.Webhooks{others, hooks} {
				_, err := h.Send(t.Context())
				must(t, err)
			}
		}
	}
	turn()
	if told := r.told(); len(told) != 0 {
		t.Fatalf("what was before the webhook was told: %v", told)
	}
	o.now.pass(time.Hour) // 10:00, the opening
	turn()
	o.now.pass(7 * 24 * time.Hour) // the close, and with it the release: void, since nobody answered
	turn()
	wave := string(o.wave)
	want := []string{"wave.opened " + wave + " 2026-11-02T10:00:00Z"}
	state := map[survey.State][]string{
		survey.Released: {"wave.closed", "wave.released"}, survey.Void: {"wave.void"},
	}
	end, err := o.waves.Wave(t.Context(), o.wave)
	must(t, err)
	for _, event := range state[end.State] {
		want = append(want, event+" "+wave+" 2026-11-09T10:00:00Z")
	}
	if diff := cmp.Diff(want, r.told()); diff != "" || len(want) < 2 {
		t.Errorf("%s ends as %s: %s", wave, end.State, diff)
	}
	if ids := slices.Clone(r.ids); len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(want) {
		t.Errorf("the messages share ids: %v", ids)
	}
	all, err := o.db.Deliveries(t.Context(), w.ID, 10)
	must(t, err)
	if len(all) != len(want) || all[0].State != store.DeliveryDelivered || all[0].Status != http.StatusNoContent || all[0].Tries != 1 {
		t.Errorf("deliveries are %+v", all)
	}
}

func TestAMessageIsTriedAgainWithOneIDUntilItIsTaken(t *testing.T) {
	o := newOffice(t)
	r := newReceiver(t, 500, http.StatusFound, 200)
	hooks, w := hooked(t, o, r)
	o.open()
	must(t, hooks.Note(t.Context()))
	send := func(sentWant, triesWant int, after time.Duration) {
		t.Helper()
		o.now.pass(after)
		sent, err := hooks.Send(t.Context())
		must(t, err)
		if got := len(r.told()); sent != sentWant || got != triesWant {
			t.Errorf("after %s: %d sent and %d tries, want %d and %d", after, sent, got, sentWant, triesWant)
		}
	}
	send(0, 1, 0)
	send(0, 1, 4*time.Second)
	send(0, 2, time.Second) // a redirect is a failure, and not followed
	send(0, 2, 4*time.Minute)
	send(1, 3, time.Minute)
	for range 5 { // taken: never again
		must(t, hooks.Note(t.Context()))
		send(0, 3, 12*time.Hour)
	}
	if r.ids[0] != r.ids[1] || r.ids[1] != r.ids[2] || !strings.HasPrefix(r.ids[0], "msg_") {
		t.Errorf("one message has the ids %v", r.ids)
	}
	if at, _ := strconv.ParseInt(r.stamps[2], 10, 64); at != o.now.now().Add(-60*time.Hour).Unix() {
		t.Errorf("the third try is stamped %v", r.stamps)
	}
	all, err := o.db.Deliveries(t.Context(), w.ID, 10)
	must(t, err)
	if len(all) != 1 || all[0].State != store.DeliveryDelivered || all[0].Tries != 3 || all[0].Status != 200 {
		t.Errorf("deliveries are %+v", all)
	}
}

func TestAMessageIsGivenUpWithinADay(t *testing.T) {
	o := newOffice(t)
	r := newReceiver(t)
	hooks, w := hooked(t, o, r)
	r.Close() // nobody is there
	o.open()
	must(t, hooks.Note(t.Context()))
	start, given := o.now.now(), 0
	for range 3 * 24 * 60 {
		_, err := hooks.Send(t.Context())
		if err != nil {
			if !survey.IsKey(err, "error.webhook.given_up") || strings.Contains(err.Error(), "key=1") {
				t.Fatal(err)
			}
			given++
			if passed := o.now.now().Sub(start); passed < 20*time.Hour || passed > 24*time.Hour {
				t.Errorf("given up after %s", passed)
			}
		}
		o.now.pass(time.Minute)
	}
	all, err := o.db.Deliveries(t.Context(), w.ID, 10)
	must(t, err)
	if given != 1 || len(all) != 1 || all[0].State != store.DeliveryFailed || all[0].Tries != 8 || all[0].Status != 0 {
		t.Errorf("given up %d times: %+v", given, all)
	}
}

// A process that was killed in the middle of a try leaves its message to the
// next one, once its time is over.
func TestAMessageOutlivesTheProcessThatSentIt(t *testing.T) {
	o := newOffice(t)
	r := newReceiver(t)
	hooks, _ := hooked(t, o, r)
	o.open()
	must(t, hooks.Note(t.Context()))
	if _, _, ok, err := o.db.ClaimDelivery(t.Context(), 2*time.Minute); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if sent, err := hooks.Send(t.Context()); sent != 0 || err != nil {
		t.Errorf("%d sent while another process has it: %v", sent, err)
	}
	o.now.pass(2 * time.Minute)
	if sent, err := hooks.Send(t.Context()); sent != 1 || err != nil {
		t.Errorf("%d sent: %v", sent, err)
	}
}

func TestAWebhookLeadsToPublicAddressesUnlessToldOtherwise(t *testing.T) {
	o := newOffice(t)
	for address, want := range map[string]string{
		"https://hooks.example.org/x?key=1": "", "https://8.8.8.8/": "", "https://[2606:4700::1111]/": "",
		"http://hooks.example.org/": "error.webhook.https", "http://10.0.0.1/": "error.webhook.https",
		"http://127.0.0.1:9000/": "error.webhook.private", "https://localhost/": "error.webhook.private", "https://[::1]/": "error.webhook.private",
		"https://10.1.2.3/": "error.webhook.private", "https://192.168.1.1/": "error.webhook.private", "https://169.254.169.254/latest": "error.webhook.private",
		"https://100.64.0.1/": "error.webhook.private", "https://[fd00::1]/": "error.webhook.private", "https://[::ffff:10.0.0.1]/": "error.webhook.private",
		"https://[64:ff9b::a00:1]/": "error.webhook.private", "https://[::10.0.0.1]/": "error.webhook.private", "https://0.0.0.0/": "error.webhook.private",
		"https://[fe80::1%25eth0]/": "error.webhook.private", "https://255.255.255.255/": "error.webhook.private", "https://224.0.0.1/": "error.webhook.private",
		"ftp://hooks.example.org/": "error.webhook.address", "https://": "error.webhook.address", "hooks": "error.webhook.address",
		"https://me:secret@hooks.example.org/": "error.webhook.address", "https://hooks.example.org/#x": "error.webhook.address",
		"https://hooks.example.org/" + strings.Repeat("x", 500): "error.webhook.address",
	} {
		_, _, err := notify.NewWebhook(rand.Reader, address, false, o.now.now())
		if want == "" && err != nil || want != "" && !survey.IsKey(err, want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
	}
	// A name that leads to this machine passes the form and is stopped when it
	// is called, whatever it resolved to before.
	called := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	t.Cleanup(inside.Close)
	_, w, err := notify.NewWebhook(rand.Reader, "https://hooks.example.org/", false, o.now.now())
	must(t, err)
	w.URL = strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)
	hooks := notify.NewWebhooks(o.db, o.now.now)
	if _, err := hooks.Test(t.Context(), w); !survey.IsKey(err, "error.webhook.private") || called {
		t.Errorf("the call inside: %v, arrived: %t", err, called)
	}
	w.Private = true
	if status, err := hooks.Test(t.Context(), w); status != 200 || err != nil || !called {
		t.Errorf("the call inside that is allowed: status %d, %v", status, err)
	}
	unknown := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(unknown.Close)
	w.URL = unknown.URL
	if _, err := hooks.Test(t.Context(), w); !survey.IsKey(err, "error.webhook.unreachable") {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
}
