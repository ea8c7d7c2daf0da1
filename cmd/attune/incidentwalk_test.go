package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"attune/survey"
)

// After a serious incident: a manager offers the pack, everybody in the unit
// gets the letter, they answer with the link in it, and the needs stand on the
// unit's page, with the real mail server, server, phone and clock.
func TestFromAnOfferAfterAnIncidentToTheNeedsOnThePage(t *testing.T) {
	t.Parallel()
	list := "email,name,unit,language\n"
	for i := range 12 {
		list += fmt.Sprintf("duty%02d@harbour.example,Duty %d,North / Duty,en\nward%02d@harbour.example,Ward %d,North / Ward,en\n", i, i, i, i)
	}
	w := startMailWalk(t, list, nil)
	w.attune("programme", "stop", "watch")
	w.attune("wave", "void", string(w.wave(survey.Announced).ID), "--reason", "only the incident here")
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("correct horse battery\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.attune("user", "add", "north@harbour.example", "--role", "manager", "--unit", "North / Duty", "--password-file", secret)

	desk, cancel := chromedp.NewContext(w.root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	signIn(desk, t, w.url, "north@harbour.example", "correct horse battery")
	do(desk, t, chromedp.Navigate(w.url+"/console/incidents"),
		chromedp.SetValue(chromedp.CSS("#contact"), "Sam Support, 555 0100"), chromedp.SetValue(chromedp.CSS("#owner"), "Robin Lead"),
		chromedp.Click(chromedp.CSS("#offer button")))
	waitFor(desk, t, `document.querySelectorAll("#asked tbody tr").length === 3`)
	if before := w.post.sorted(func(l letter) bool { return strings.Contains(l.subject, "incident") }); len(before) > 0 {
		t.Fatalf("%d letters before the tap", len(before))
	}
	do(desk, t, chromedp.Click(chromedp.CSS("form.row button:not(.quiet)")))
	waitFor(desk, t, `document.querySelector("#incident-1 tbody tr")`)

	letters := w.post.take("Test Harbour: help after an incident", 12)
	for _, l := range letters {
		if !strings.HasPrefix(l.to, "duty") || !strings.Contains(l.text, "Sam Support, 555 0100") || !strings.Contains(l.text, "It is voluntary") {
			t.Errorf("%s got\n%s", l.to, l.text)
		}
	}
	first := w.wave(survey.Announced)
	w.reach(first.Opens, first.ID, survey.Open)
	opened := w.post.take("Test Harbour: the survey is open", 12)

	phone := newPocket(w.root, t)
	phone.open(opened[0].link(t))
	phone.tap("Collect my ticket and answer")
	phone.fill(1)
	phone.says("Received. Thank you.")
	phone.clean()
	for _, l := range opened[1:] {
		w.needsByWire(l.token(t), first)
	}
	w.reach(first.Closes, first.ID, survey.Released)

	signIn(desk, t, w.url, "north@harbour.example", "correct horse battery") // days have passed
	do(desk, t, chromedp.Navigate(w.url+"/console/incidents"), chromedp.Click(chromedp.CSS(`#incident-1 a[href$="#needs"]`)))
	waitFor(desk, t, `document.querySelector("#needs tbody tr")`)
	// Twelve people choose the second of three answers, a 2, and the second of
	// five, a 2: far from the ends, and on the steps of a quarter.
	rows := value[[]string](desk, t, `[...document.querySelectorAll("#needs tbody tr")].map((row) => row.cells[1].textContent.trim().replace(/\s+/g, " "))`)
	if want := slices.Repeat([]string{"2 12 of 12"}, 8); !slices.Equal(rows, want) {
		t.Errorf("the page shows %q; want %q", rows, want)
	}
	// Everybody who was asked reads the same on the page of results.
	phone.open(w.post.take("Test Harbour: results of the survey", 12)[0].link(t))
	waitFor(phone.ctx, t, `document.querySelector("#needs tbody tr")`)
	rows = value[[]string](phone.ctx, t, `[...document.querySelectorAll("#needs tbody tr")].map((row) => row.cells[1].textContent.trim())`)
	if want := slices.Repeat([]string{"2"}, 8); !slices.Equal(rows, want) {
		t.Errorf("the page of results shows %q; want %q", rows, want)
	}
	phone.clean()
	if said := w.log.String(); said != "" {
		t.Errorf("the server wrote\n%s", said)
	}
	w.attune("verify")
}

// needsByWire is one of the others, who chooses the second option everywhere.
func (w *mailWalk) needsByWire(token string, round survey.Wave) {
	w.t.Helper()
	phone := &wirePhone{t: w.t, token: token, wave: round.ID, post: func(path, body string) (int, string) {
		answer, err := w.wire.Post(w.url+path, "text/plain;charset=UTF-8", strings.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		raw, err := io.ReadAll(answer.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		return answer.StatusCode, string(raw)
	}}
	phone.draw()
	ballot := phone.ballot(nil)
	copy(ballot.Sheet, slices.Repeat([]byte{2}, 8)) // a byte an item: one more than the option's place, from 0
	phone.ask("/cast", ballot, http.StatusOK, nil)
}
