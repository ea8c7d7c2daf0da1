package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// From the text message that announces a wave to the ballot and the results:
// with a gateway, a browser at phone size and the whole server. Duty's eight
// people have a number and no address; Ward's six have both, and get mail.
func TestFromTextMessageToBallotAndResults(t *testing.T) {
	t.Parallel()
	const duty, ward = 8, 6
	gateway := newExchange(t)
	list := "email,name,unit,language,phone\n"
	var numbers []string
	for i := range duty {
		numbers = append(numbers, fmt.Sprintf("+35387555010%d", i))
		list += fmt.Sprintf(",Staff %d,North / Duty,%s,%s\n", i, []string{"en", "fr", "es"}[max(0, i-5)], numbers[i])
	}
	for i := range ward {
		list += fmt.Sprintf("ward%d@harbour.example,Ward %d,North / Ward,en,+35387555020%d\n", i, i, i)
	}
	w := startMailWalk(t, list, gateway.environment())

	first := w.wave(survey.Announced)
	// The last two read French and Spanish.
	announced := gateway.take(`(?s)^Test Harbour( : un court questionnaire ouvre le \d|: a short survey opens on \d|: el \d+ de \w+ se abre una encuesta)`, numbers)
	w.post.take(`Test Harbour: your ticket for the next survey`, ward)

	w.reach(first.Opens, first.ID, survey.Open)
	const opened = `questionnaire est ouvert jusqu'au|survey is open until|encuesta corta abierta hasta`
	texts := gateway.take(opened, numbers)
	letters := w.post.take(`Test Harbour: the survey is open`, ward)
	seen := make(map[string]bool)
	for i, one := range texts {
		link, _ := one.links(t)
		before, _ := announced[i].links(t)
		if seen[link] = true; link != before || !strings.HasPrefix(link, w.url+"/a#") {
			t.Errorf("%s got the link %s, and %s before", one.to, link, before)
		}
	}
	if len(seen) != duty {
		t.Errorf("%d people have %d links", duty, len(seen))
	}

	phone := newPocket(w.root, t)
	mine, _ := texts[0].links(t)
	phone.open(mine)
	face, err := w.in.waves.Face(t.Context(), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Join(face.Fingerprint, " ")
	if shown := value[string](phone.ctx, t, `document.querySelector(".words").textContent.trim().replace(/\s+/g, " ")`); shown != words || !strings.Contains(texts[0].words, words) {
		t.Errorf("the page shows the words %q, the text %q", shown, texts[0].words)
	}
	phone.tap("Collect my ticket and answer")
	phone.fill(2)
	phone.says("Received. Thank you.")
	phone.clean()
	for _, one := range texts[1:] {
		link, _ := one.links(t)
		_, token, _ := strings.Cut(link, "#")
		w.answerByWire(token, first.ID, 3, false)
	}
	for _, l := range letters {
		w.answerByWire(l.token(t), first.ID, 2, false)
	}

	// Somebody has had enough messages.
	_, stop := texts[1].links(t)
	tired := newPocket(w.root, t)
	tired.open(stop)
	tired.tap("Stop the messages")
	tired.says("No more messages from this survey come to you.")
	others := slices.Concat(numbers[:1], numbers[2:])

	if err := w.clock.moveTo(time.Date(first.Opens.Year(), first.Opens.Month(), first.Opens.Day()+2, 10, 0, 0, 0, w.in.zone)); err != nil {
		t.Fatal(err)
	}
	gateway.take(`Ce rappel va|Everybody gets this reminder|Este recordatorio va`, others)
	w.post.take(`Test Harbour: the survey is open until .+`, ward)

	w.reach(first.Closes, first.ID, survey.Released)
	results := gateway.take(`résultats|results|resultados`, others)
	w.post.take(`Test Harbour: results of the survey`, ward)
	page, _ := results[0].links(t)
	phone.open(page)
	waitFor(phone.ctx, t, `document.querySelector("#collect button")`)
	// All of Duty chose the middle of five options.
	if row := value[string](phone.ctx, t, `document.querySelector("#burnout tbody tr").innerText.replace(/\s+/g, " ")`); !strings.HasPrefix(row, "Duty 3") {
		t.Errorf("the page of Duty begins with %q", row)
	}
	gateway.take(`(?s)^Test Harbour( : un court questionnaire ouvre le|: a short survey opens on|: el \d+ de \w+ se abre)`, others) // the next wave
	w.post.take(`Test Harbour: your ticket for the next survey`, ward)
	w.settled()
	if n := gateway.left() + len(w.post.rest()); n > 0 {
		t.Errorf("%d more messages than there is reason for", n)
	}
	status := w.attune("mail", "status")
	if sent := regexp.MustCompile(`(?m)^\S+ +(announced|opened|reminder 1|results) +0 +0 +1[34] +0 +0 +0$`).FindAllString(status, -1); len(sent) != 5 {
		t.Errorf("mail status says\n%s", status)
	}

	// A number stands in the staff list, goes to the gateway, and is nowhere else.
	for _, number := range append(numbers, "+353875550200") {
		digits := strings.TrimPrefix(number, "+")
		if files := filesWith(t, []byte(digits), w.dir); !slices.Equal(files, []string{filepath.Join(w.dir, "people.db")}) {
			t.Errorf("a number stands in %v", files)
		}
		if found := w.watch.since(0, digits); len(found) > 0 {
			t.Errorf("a number came to the server in %v", found)
		}
	}
	if said := w.log.String(); said != "" {
		t.Errorf("the server wrote\n%s", said)
	}
}
