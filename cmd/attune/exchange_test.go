package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// exchangeToken is what the program signs in with at the gateway.
const exchangeToken = "exchange-token"

// exchange is a gateway for text messages, a real HTTP server.
type exchange struct {
	t   *testing.T
	url string

	mu      sync.Mutex
	texts   []text
	refuses map[string]bool // numbers that are no good; the answer repeats them, as many gateways do
	refused int             // how often that was said
}

// text is a message that the gateway took.
type text struct{ to, from, words string }

func newExchange(t *testing.T) *exchange {
	t.Helper()
	e := &exchange{t: t, refuses: make(map[string]bool)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var fields struct{ To, Text, From string }
		if err := json.NewDecoder(r.Body).Decode(&fields); err != nil || r.Header.Get("Authorization") != "Bearer "+exchangeToken {
			t.Errorf("the gateway got %v, signed in with %q", err, r.Header.Get("Authorization"))
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.refuses[fields.To] {
			e.refused++
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte("no such number: " + fields.To + ", " + fields.Text))
			return
		}
		e.texts = append(e.texts, text{to: fields.To, from: fields.From, words: fields.Text})
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// environment is how an operator sets this gateway up.
func (e *exchange) environment() map[string]string {
	return map[string]string{"ATTUNE_SMS_URL": e.url, "ATTUNE_SMS_TOKEN": exchangeToken, "ATTUNE_SMS_FROM": "Harbour"}
}

// refuse makes a number one that is no good.
func (e *exchange) refuse(number string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refuses[number] = true
}

// take waits until one text of this form has come to each of these numbers,
// and takes them out, in the order of the numbers.
func (e *exchange) take(form string, numbers []string) []text {
	e.t.Helper()
	words := regexp.MustCompile(form)
	deadline := time.Now().Add(60 * time.Second)
	for {
		some := e.matching(words, len(numbers))
		if some == nil && time.Now().Before(deadline) {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		var to []string
		for _, one := range some {
			to = append(to, one.to)
			if one.from != "Harbour" {
				e.t.Errorf("a text comes from %s", one.from)
			}
		}
		if slices.Sort(to); !slices.Equal(to, numbers) {
			e.t.Fatalf("texts %q came to %v; want one to each of %v", form, to, numbers)
		}
		slices.SortFunc(some, func(a, b text) int { return strings.Compare(a.to, b.to) })
		return some
	}
}

// matching takes out the texts of a form, or nothing while they are fewer than
// n.
func (e *exchange) matching(words *regexp.Regexp, n int) []text {
	e.mu.Lock()
	defer e.mu.Unlock()
	var some, rest []text
	for _, one := range e.texts {
		if words.MatchString(one.words) {
			some = append(some, one)
		} else {
			rest = append(rest, one)
		}
	}
	if len(some) < n {
		return nil
	}
	e.texts = rest
	return some
}

// left is how many texts came that nobody took.
func (e *exchange) left() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.texts)
}

// links gives the personal link of a text, or the page of results, and the page
// that stops messages.
func (m text) links(t *testing.T) (link, stop string) {
	t.Helper()
	all := anyLink.FindAllString(m.words, -1)
	if len(all) != 2 || !strings.Contains(all[0], "#") || !strings.Contains(all[1], "/u/") {
		t.Fatalf("a text has the links %q", all)
	}
	return all[0], all[1]
}
