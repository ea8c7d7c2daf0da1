package notify_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/notify"
	"attune/survey/wave"
)

// incidentOffice has offered the pack after an incident of day to everybody;
// Slips answer on paper, as a programme that runs says.
func incidentOffice(t *testing.T, day, contact string) (*office, survey.WaveID) {
	t.Helper()
	o := newTextOffice(t)
	must(t, o.waves.Void(t.Context(), o.wave, "not this one"))
	must(t, o.db.AddProgramme(t.Context(), survey.Programme{
		ID: "regular", Packs: []string{"pulse"}, Repeat: "FREQ=YEARLY", Starts: "2030-01-07", OpenDays: 7, K: 5,
		Owner: "Ana Ruiz", Contact: "Extension 12", Paper: []survey.UnitID{"slips"}, Active: true, Since: o.now.now(),
	}))
	tree, _, err := o.waves.Incidents().Units(t.Context())
	must(t, err)
	plan, err := o.waves.Incidents().Make(t.Context(), wave.Incident{
		Unit: tree.Root().ID, Day: day, Owner: "Ana Ruiz", ResultsOn: "2026-11-12", Contact: contact,
	})
	must(t, err)
	return o, plan.Waves[0]
}

// ticked lets the clock run and gives the numbers of letters sent.
func (o *office) ticked(box *notify.Outbox) int {
	o.t.Helper()
	clock := notify.Clock{Waves: o.waves, Store: o.db, Zone: time.UTC, Now: o.now.now, Outbox: box, Every: time.Second}
	sent := 0
	for range 3 {
		must(o.t, clock.Tick(o.t.Context()))
		n, err := box.Send(o.t.Context())
		must(o.t, err)
		sent += n
	}
	return sent
}

// Thirteen people: five mails and two texts in Links, whose eighth can only be
// reached by hand, and five mails in Slips, who answer on paper.
func TestAfterAnIncidentOneLetterWithContactsReachesEverybodyAlsoOnPaper(t *testing.T) {
	o, first := incidentOffice(t, "2026-11-02", "Sam Support, 555 0100")
	bag, gateway := make(bag), startExchange(t)
	box := o.texting(bag, gateway)
	if sent := o.ticked(box); sent != 12 || len(bag) != 10 || len(gateway.took) != 2 {
		t.Fatalf("%d letters, mail to %v, texts %v; want one for each of twelve", sent, slices.Collect(maps.Keys(bag)), gateway.took)
	}
	links, err := o.waves.PersonLinks(t.Context())
	must(t, err)
	for to, raw := range bag {
		l := open(t, raw)
		for _, want := range []string{"Sam Support, 555 0100", "Ana Ruiz", "2026"} {
			if !strings.Contains(l.plain, want) {
				t.Errorf("%s reads nothing of %q:\n%s", to, want, l.plain)
			}
		}
		if link := strings.Contains(l.plain, serverURL+"/a#"); link != strings.HasPrefix(to, "link") {
			t.Errorf("%s: a personal link is %v", to, link)
		}
		if strings.Contains(l.plain, "2026-11-02") || strings.Contains(l.plain, "2 November") {
			t.Errorf("the letter tells the day of the incident:\n%s", l.plain)
		}
	}
	english := open(t, bag["link0@example.org"])
	for _, want := range []string{ // day 3 to 5, 24 to 31, 77 to 83 after 2 November
		"From Thursday 5 November 2026, 09:00 to Saturday 7 November 2026, 17:00", "From Thursday 26 November 2026, 09:00", "From Monday 18 January 2027, 09:00",
		"It is voluntary", "Nothing is asked about what happened", links["l0"].Token,
	} {
		if !strings.Contains(english.plain, want) {
			t.Errorf("the letter does not say %q:\n%s", want, english.plain)
		}
	}
	golden(t, "incident.en.txt", "Subject: "+english.subject+"\n\n"+strings.NewReplacer(links["l0"].Token, "TOKEN", links["l0"].Stop, "STOP").Replace(english.plain))
	for number, texts := range gateway.took {
		if !strings.Contains(texts[0], "Sam Support, 555 0100") || !strings.Contains(texts[0], "/a#") {
			t.Errorf("%s got %s", number, texts[0])
		}
	}

	clear(bag)
	w, err := o.waves.Wave(t.Context(), first)
	must(t, err)
	o.now.pass(w.Opens.Sub(o.now.now()))
	if sent := o.ticked(box); sent != 7 || len(bag) != 5 {
		t.Errorf("%d messages when the first round opens, want one for each of the seven with a link: %v", sent, slices.Collect(maps.Keys(bag)))
	}
	for to, raw := range bag {
		if l := open(t, raw); strings.Contains(l.plain, "mail.incident") || strings.Contains(l.subject, "help after") {
			t.Errorf("%s got the letter twice", to)
		}
	}
}

// Offered on day 4, the first round is open at once: the letter says so, and no
// second message follows it on the heels.
func TestALetterAboutARoundThatIsOpenComesAlone(t *testing.T) {
	o, first := incidentOffice(t, "2026-10-29", "Sam Support, 555 0100")
	gateway := startExchange(t)
	if sent := o.ticked(o.texting(make(bag), gateway)); sent != 12 {
		t.Errorf("%d messages, want the twelve letters", sent)
	}
	if w, err := o.waves.Wave(t.Context(), first); err != nil || w.State != survey.Open {
		t.Errorf("the first round is %s, %v", w.State, err)
	}
}

func TestATextNeverHoldsHalfAContact(t *testing.T) {
	o, _ := incidentOffice(t, "2026-11-02", strings.Repeat("Sam Support, 555 0100. ", 20))
	gateway := startExchange(t)
	o.ticked(o.texting(make(bag), gateway))
	for number, texts := range gateway.took {
		if strings.Contains(texts[0], "555") || !strings.Contains(texts[0], "/a#") {
			t.Errorf("%s got %s", number, texts[0])
		}
	}
	if len(gateway.took) != 2 {
		t.Errorf("texts to %d numbers", len(gateway.took))
	}
}
