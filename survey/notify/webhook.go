package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// What a message to a webhook may take.
const (
	hookTimeout = 10 * time.Second
	hookLease   = 2 * time.Minute // longer than one try can last
	maxHookURL  = 500
	hookSecret  = 32 // bytes
)

// hookWaits are between the tries of one message: 8 tries within 24 hours.
func hookWaits() []time.Duration {
	return []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 8 * time.Hour, 8 * time.Hour,
	}
}

// HookTest is the event of a message that only tries a webhook out.
const HookTest survey.State = "test"

// Webhooks tells other programs what has become of a wave: its id, the event
// and when that was noticed, and nothing else. Messages are signed as Standard
// Webhooks says (https://www.standardwebhooks.com, version 1).
//
// A message has one id in all of its tries. Once the receiver took it, with a
// status from 200 to 299, it is never sent again; if this program is killed
// between that answer and its note of it, the receiver gets the same id twice.
type Webhooks struct {
	store   *store.Store
	now     func() time.Time
	guarded *http.Client // reaches public addresses only
	open    *http.Client // reaches everything
	sending sync.Mutex   // one Send at a time in a process
}

// NewWebhooks makes the sender.
func NewWebhooks(s *store.Store, now func() time.Time) *Webhooks {
	return &Webhooks{store: s, now: now, guarded: hookClient(publicOnly), open: hookClient(nil)}
}

// NewWebhook checks an address and makes the secret that signs its messages,
// "whsec_" and base64, which is to be shown once. It fails for an address that
// is not https, unless it leads to this machine, and for one that names the
// organisation's own network, unless private allows that.
func NewWebhook(random io.Reader, address string, private bool, today time.Time) (secret string, w store.Webhook, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || len(address) > maxHookURL || (u.Scheme != "https" && u.Scheme != "http") {
		return "", w, survey.Fail(survey.Invalid, "error.webhook.address", survey.Args{"most": maxHookURL})
	}
	ip, notIP := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || notIP == nil && ip.IsLoopback()
	if u.Scheme == "http" && !here {
		return "", w, survey.Fail(survey.Invalid, "error.webhook.https", nil)
	}
	if !private && (here || notIP == nil && !isPublic(ip)) {
		return "", w, errPrivate(u.Host)
	}
	raw := make([]byte, hookSecret)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", w, fmt.Errorf("webhook: %w", err)
	}
	w = store.Webhook{URL: address, Secret: raw, Private: private, Created: today.Format(time.DateOnly)}
	return "whsec_" + base64.StdEncoding.EncodeToString(raw), w, nil
}

// New is NewWebhook for whoever works on a page: private addresses are left to
// the command line.
func (h *Webhooks) New(address string) (secret string, w store.Webhook, err error) {
	return NewWebhook(rand.Reader, address, false, h.now())
}

// Note notes what has become of waves, for every webhook, once.
func (h *Webhooks) Note(ctx context.Context) error { return h.store.NoteNews(ctx) }

// Send sends what is due and gives how many messages were taken. A message that
// is not taken is tried again after 5 seconds, 5 and 30 minutes, 2, 5, 8 and 8
// hours, and then given up, which is an error.
func (h *Webhooks) Send(ctx context.Context) (sent int, err error) {
	if !h.sending.TryLock() {
		return 0, nil
	}
	defer h.sending.Unlock()
	var faults []error
	for ctx.Err() == nil {
		d, to, ok, err := h.store.ClaimDelivery(ctx, hookLease)
		if err != nil || !ok {
			return sent, errors.Join(append(faults, err)...)
		}
		status, err := h.post(ctx, to, d)
		after := context.WithoutCancel(ctx)
		waits := hookWaits()
		switch {
		case err == nil:
			sent++
			err = h.store.SettleDelivery(after, d.ID, store.DeliveryDelivered, status, h.now())
		case d.Tries > len(waits):
			faults = append(faults, survey.Fail(survey.Conflict, "error.webhook.given_up", survey.Args{"host": to.Host(), "wave": d.Wave}))
			err = h.store.SettleDelivery(after, d.ID, store.DeliveryFailed, status, h.now())
		default:
			err = h.store.SettleDelivery(after, d.ID, store.DeliveryWaiting, status, h.now().Add(waits[d.Tries-1]))
		}
		if err != nil {
			return sent, errors.Join(append(faults, err)...)
		}
	}
	return sent, errors.Join(faults...)
}

// Test sends one message about no wave at once, and gives the status of the
// answer. It fails when the receiver cannot be reached or does not take it.
func (h *Webhooks) Test(ctx context.Context, to store.Webhook) (status int, err error) {
	now := h.now()
	return h.post(ctx, to, store.Delivery{ID: "test_" + strconv.FormatInt(now.UnixNano(), 36), Event: HookTest, At: now})
}

// hookNews is the body: an event, a wave and a time.
type hookNews struct {
	Type      string `json:"type"`
	Timestamp string `json:"timestamp"`
	Data      struct {
		Wave *survey.WaveID `json:"wave"` // null in a test
	} `json:"data"`
}

// eventName is what an event is called in messages.
func eventName(event survey.State) string {
	switch event {
	case HookTest:
		return string(event)
	case survey.Open:
		return "wave.opened"
	}
	return "wave." + string(event)
}

// post sends one message. Every status but 200 to 299 is an error, also one
// that leads elsewhere: no redirect is followed.
func (h *Webhooks) post(ctx context.Context, to store.Webhook, d store.Delivery) (status int, err error) {
	m := hookNews{Type: eventName(d.Event), Timestamp: d.At.UTC().Format(time.RFC3339)}
	if d.Event != HookTest {
		m.Data.Wave = &d.Wave
	}
	body, err := json.Marshal(m)
	if err != nil {
		return 0, fmt.Errorf("webhook message: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("webhook message: %w", err)
	}
	id, at := "msg_"+d.ID, strconv.FormatInt(h.now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Attune")
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", at)
	r.Header.Set("webhook-signature", signature(to.Secret, id, at, body))
	client := h.guarded
	if to.Private {
		client = h.open
	}
	response, err := client.Do(r)
	host := to.Host()
	switch {
	case errors.Is(err, errNotPublic):
		return 0, errPrivate(host)
	case err != nil: // its text holds the whole address, which may be a secret
		return 0, survey.Fail(survey.Conflict, "error.webhook.unreachable", survey.Args{"host": host})
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 4<<10)) // what it says does not matter
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return response.StatusCode, survey.Fail(survey.Conflict, "error.webhook.answer", survey.Args{"host": host, "status": response.StatusCode})
	}
	return response.StatusCode, nil
}

func errPrivate(host string) error {
	return survey.Fail(survey.Invalid, "error.webhook.private", survey.Args{"host": host})
}

// signature signs a message: HMAC-SHA256 of ID.TIMESTAMP.BODY.
func signature(secret []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	_, _ = io.WriteString(mac, strings.Join([]string{id, timestamp, string(body)}, ".")) // a hash takes everything
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
