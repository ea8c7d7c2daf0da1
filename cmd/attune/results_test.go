package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"attune/survey"

	"github.com/chromedp/chromedp"
)

// The way of somebody who gets the results mail: the link is opened on a
// phone, the team's figures stand there, one tap collects the ticket of the
// next wave, and the token is in no address and no request but that one.
func TestResultsAreOpenedAndTheNextTicketCollectedOnAPhone(t *testing.T) {
	ctx := browser(t)
	p := newPlace(t)
	p.importWalkPeople()
	id := p.announceWalkWave()
	codes := p.walkCodes(id)
	p.serve(io.Discard)
	wave, err := p.in.waves.Wave(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	p.reach(wave.Opens, id, survey.Open)
	n := 0
	for _, group := range keysOf(codes) {
		for _, code := range codes[group][1:] {
			p.post(code, walkSheet(n))
			n++
		}
	}
	p.reach(wave.Closes, id, survey.Released)
	next := p.announceByLink(30 * 24 * time.Hour)

	link, token := p.resultsOf(id, "North / Duty")
	asPhone(ctx, t)
	do(ctx, t, chromedp.Navigate(p.url+link+"#"+token))
	waitFor(ctx, t, "document.querySelector('#collect button')")
	if hash := value[string](ctx, t, "location.hash"); hash != "" {
		t.Errorf("the token stays in the address: %q", hash)
	}
	if strings.Contains(value[string](ctx, t, "document.documentElement.outerHTML"), token) {
		t.Error("the token stands on the page")
	}
	if wide := value[bool](ctx, t, "document.documentElement.scrollWidth > innerWidth"); wide {
		t.Error("the page scrolls sideways on a phone")
	}
	said := value[string](ctx, t, "document.body.innerText")
	for _, want := range []string{"Duty", "11 of 12 people answered", "Robin Lead", "Sam Support, 555 0100", strings.Join(next.Fingerprint[:2], " ")} {
		if !strings.Contains(strings.Join(strings.Fields(said), " "), want) {
			t.Errorf("the page does not say %q:\n%s", want, said)
		}
	}
	do(ctx, t, chromedp.Click(chromedp.CSS("#collect button")))
	waitFor(ctx, t, "document.querySelector('#collect [role=status]').textContent.includes('is on this phone')")

	// The ticket stays: with the link again the page knows it, and without a
	// token it offers nothing.
	do(ctx, t, chromedp.Navigate(p.url+"/log"), chromedp.Navigate(p.url+link+"#"+token))
	waitFor(ctx, t, "document.querySelector('#collect [role=status]')?.textContent.includes('is on this phone')")
	do(ctx, t, chromedp.Navigate(p.url+"/log"), chromedp.Navigate(p.url+link))
	waitFor(ctx, t, "document.readyState === 'complete'")
	if !value[bool](ctx, t, "document.getElementById('collect').hidden") {
		t.Error("a ticket is offered without a personal link")
	}
}

// resultsOf gives the path of a team's results and the token of somebody in it.
func (p *place) resultsOf(id survey.WaveID, path string) (link, token string) {
	p.t.Helper()
	ctx := p.t.Context()
	unit, err := p.in.unit(ctx, path)
	if err != nil {
		p.t.Fatal(err)
	}
	if link, err = p.in.waves.ResultsLink(ctx, id, unit); err != nil {
		p.t.Fatal(err)
	}
	tokens, err := p.in.waves.Links(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	people, err := p.in.store.People(ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, person := range people {
		if person.Unit == unit {
			return link, tokens[person.ID]
		}
	}
	p.t.Fatalf("nobody belongs to %s", path)
	return "", ""
}
