package notify

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
	"attune/survey/wave"
)

// autumn is when the programmes of these tests are added.
var autumn = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func at(s string) time.Time { // local time of Dublin
	t, err := time.ParseInLocation("2006-01-02 15:04", s, dublin)
	if err != nil {
		panic(err)
	}
	return t
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Fatal(diff)
	}
}

func TestAProgrammesWavesComeAndGoByThemselves(t *testing.T) {
	b := newBureau(t, autumn)
	b.add(firstTuesdays(autumn))
	for _, c := range []struct{ at, want, told string }{
		{"2026-11-17 07:59", "", ""},
		{"2026-11-17 08:00", "2026-12-01 wave 2026-12 announced", "announced"}, // 14 days before
		{"2026-12-01 07:59", "2026-12-01 wave 2026-12 announced", "announced"},
		{"2026-12-01 08:00", "2026-12-01 wave 2026-12 open", "announced opened"},
		{"2026-12-03 09:59", "2026-12-01 wave 2026-12 open", "announced opened"},
		{"2026-12-03 10:00", "2026-12-01 wave 2026-12 open", "announced opened reminder1"},
		{"2026-12-06 10:00", "2026-12-01 wave 2026-12 open", "announced opened reminder1 reminder2"},
		{"2026-12-08 19:59", "2026-12-01 wave 2026-12 open", "announced opened reminder1 reminder2"},
		// The next wave is announced right after the release, not 14 days before it opens.
		{"2026-12-08 20:00", "2026-12-01 wave 2026-12 released\n2027-01-05 wave 2027-01 announced", "announced opened reminder1 reminder2 results"},
	} {
		b.tick(at(c.at))
		if got := strings.Join(b.decisions("pulse"), "\n"); got != c.want {
			t.Fatalf("%s: %s\nwant %s", c.at, got, c.want)
		}
		if got := b.sent.told("2026-12"); got != c.told {
			t.Fatalf("%s: told %q, want %q", c.at, got, c.told)
		}
	}
	if got := b.sent.told("2027-01"); got != "announced" {
		t.Fatal(got)
	}
	w, err := b.waves.Wave(t.Context(), "2026-12")
	must(t, err)
	if w.Programme != "pulse" || w.ResultsOn != "2026-12-22" || w.Owner != "Ana Ruiz" || w.K != 5 || w.AllPaper {
		t.Fatalf("%+v", w)
	}
}

func TestAfterAShutdownWhatIsPastIsSkippedAndWhatHasHalfItsTimeIsOpened(t *testing.T) {
	for name, c := range map[string]struct {
		at   string
		want []string
		told string
	}{
		// Open for 7 days and 12 hours: half is on 5 December at 02:00... 08:00 + 90 hours.
		"at half time":       {"2026-12-05 02:00", []string{"2026-12-01 wave 2026-12 open"}, "opened"},
		"a second after":     {"2026-12-05 02:00", []string{"2026-12-01 programme.skipped.missed"}, ""},
		"after the close":    {"2026-12-20 12:00", []string{"2026-12-01 programme.skipped.missed"}, ""},
		"after three closes": {"2027-02-20 12:00", []string{"2026-12-01 programme.skipped.missed", "2027-01-05 programme.skipped.missed", "2027-02-02 programme.skipped.missed", "2027-03-02 wave 2027-03 announced"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBureau(t, autumn)
			b.add(firstTuesdays(autumn))
			when := at(c.at)
			if name == "a second after" {
				when = when.Add(time.Second)
			}
			b.tick(when)
			b.tick(when) // a wave that is late opens with the next tick
			b.tick(when)
			wantLines(t, b.decisions("pulse"), c.want...)
			// The reminder of 3 December was missed: who hears only now need not be reminded.
			if got := b.sent.told("2026-12"); got != c.told {
				t.Fatalf("told %q, want %q", got, c.told)
			}
		})
	}
}

func TestALateWaveKeepsItsDates(t *testing.T) {
	b := newBureau(t, autumn)
	b.add(firstTuesdays(autumn))
	b.tick(at("2026-12-04 12:00"))
	b.tick(at("2026-12-04 12:00"))
	face, err := b.waves.Face(t.Context(), "2026-12")
	must(t, err)
	if face.State != survey.Open || !face.Opens.Equal(at("2026-12-01 08:00")) || !face.Closes.Equal(at("2026-12-08 20:00")) {
		t.Fatalf("%s %s %s", face.State, face.Opens, face.Closes)
	}
	b.tick(at("2026-12-06 10:00"))
	if got := b.sent.told("2026-12"); got != "opened reminder2" {
		t.Fatal(got)
	}
}

func TestOfSeveralMissedRemindersTheLastIsSentAndNoneAfterTheClose(t *testing.T) {
	b := newBureau(t, autumn)
	b.add(firstTuesdays(autumn))
	b.tick(at("2026-11-17 08:00"))
	b.tick(at("2026-12-01 08:00"))
	b.tick(at("2026-12-07 12:00")) // reminders of 3 and 6 December were missed
	b.tick(at("2026-12-07 12:01"))
	if got := b.sent.told("2026-12"); got != "announced opened reminder2" {
		t.Fatal(got)
	}

	b = newBureau(t, autumn)
	b.add(firstTuesdays(autumn))
	b.tick(at("2026-11-17 08:00"))
	b.tick(at("2026-12-01 08:00"))
	b.tick(at("2026-12-09 12:00"))
	if got := b.sent.told("2026-12"); got != "announced opened results" {
		t.Fatal(got)
	}
}

func TestNothingOpensInAPauseUnlessItIsLifted(t *testing.T) {
	pause, err := survey.NewPause("2026-12-01", "2027-01-10")
	must(t, err)
	b := newBureau(t, autumn)
	p := firstTuesdays(autumn)
	p.Pauses = []survey.Pause{pause}
	b.add(p)
	b.tick(at("2026-11-30 08:00"))
	wantLines(t, b.decisions("pulse"))
	b.tick(at("2026-12-01 08:00"))
	wantLines(t, b.decisions("pulse"), "2026-12-01 programme.skipped.pause")
	must(t, b.db.ChangeProgramme(t.Context(), "pulse", func(p *survey.Programme) error { p.Pauses = nil; return nil }))
	b.tick(at("2026-12-22 08:00"))
	wantLines(t, b.decisions("pulse"), "2026-12-01 programme.skipped.pause", "2027-01-05 wave 2027-01 announced")
}

func TestAStoppedProgrammeMakesNoMoreWavesAndNoneIsMissed(t *testing.T) {
	b := newBureau(t, autumn)
	b.add(firstTuesdays(autumn))
	b.tick(at("2026-11-17 08:00"))
	must(t, b.db.ChangeProgramme(t.Context(), "pulse", func(p *survey.Programme) error { p.Active = false; return nil }))
	b.tick(at("2026-12-01 08:00"))
	b.tick(at("2026-12-08 20:00"))
	b.tick(at("2027-03-08 20:00"))
	wantLines(t, b.decisions("pulse"), "2026-12-01 wave 2026-12 released") // the promised wave goes on
	must(t, b.db.ChangeProgramme(t.Context(), "pulse", func(p *survey.Programme) error {
		p.Active, p.Since = true, b.now.now()
		return nil
	}))
	b.tick(at("2027-03-23 08:00"))
	wantLines(t, b.decisions("pulse"), "2026-12-01 wave 2026-12 released", "2027-04-06 wave 2027-04 announced")
}

func TestAWaveTooCloseToAnotherIsSkippedWithTheReason(t *testing.T) {
	b := newBureau(t, autumn)
	b.add(firstTuesdays(autumn))
	w, err := b.waves.Plan(t.Context(), wave.Request{
		Packs: []string{"pulse"}, Opens: at("2026-11-16 09:00"), Closes: at("2026-11-20 09:00"),
		Owner: "Ana", Contact: "Extension 12", ResultsOn: "2026-12-01",
	})
	must(t, err)
	_, err = b.waves.Announce(t.Context(), w.ID)
	must(t, err)
	b.tick(at("2026-11-17 08:00"))
	wantLines(t, b.decisions("pulse"), "2026-12-01 error.wave.too_soon")
	all, err := b.db.Occurrences(t.Context(), "pulse")
	must(t, err)
	if args := all[0].Skipped.Args; args["pack"] != "pulse" || args["other"] != "2026-11" {
		t.Fatalf("the reason does not say what is too close: %v", args)
	}
	b.tick(at("2026-11-20 10:00")) // the wave by hand is released; it is no wave of this programme
	b.tick(at("2026-12-22 08:00"))
	wantLines(t, b.decisions("pulse"), "2026-12-01 error.wave.too_soon", "2027-01-05 wave 2027-01 announced")
}

func TestThreeWeeksAre21DaysAlsoWhenTheClocksChange(t *testing.T) {
	b := newBureau(t, autumn)
	p := firstTuesdays(autumn)
	p.Repeat, p.Starts, p.LeadDays = "FREQ=WEEKLY;INTERVAL=3", "2027-03-16", 2 // clocks go forward on 28 March
	b.add(p)
	for day := at("2027-03-14 08:00"); day.Before(at("2027-04-08 08:00")); day = day.AddDate(0, 0, 1) {
		b.tick(day)
	}
	wantLines(t, b.decisions("pulse"), "2027-03-16 wave 2027-03 released", "2027-04-06 wave 2027-04 open")
}

func TestARefusalThatCanBeMendedIsAFaultUntilItIsTooLate(t *testing.T) {
	start := func(t *testing.T) *bureau {
		b := enterBureau(t, t.TempDir(), &hour{at: autumn}, &releaser{}, &messages{})
		b.staff(4) // k is 5
		b.add(firstTuesdays(autumn))
		for range 2 {
			b.now.set(at("2026-11-20 08:00"))
			err := b.clock.Tick(t.Context())
			if !survey.IsKey(err, "error.wave.too_few_people") || !strings.Contains(err.Error(), "programme pulse, opening on 2026-12-01") {
				t.Fatal(err)
			}
		}
		wantLines(t, b.decisions("pulse")) // no planned wave is left lying about
		return b
	}
	t.Run("mended", func(t *testing.T) {
		b := start(t)
		b.staff(6)
		b.tick(at("2026-11-21 08:00"))
		wantLines(t, b.decisions("pulse"), "2026-12-01 wave 2026-12 announced")
	})
	t.Run("never mended", func(t *testing.T) {
		b := start(t)
		b.tick(at("2026-12-06 08:00"))
		wantLines(t, b.decisions("pulse"), "2026-12-01 error.wave.too_few_people")
	})
}

func TestAReleaseThatIsStuckHoldsTheNextAnnouncementUpToItsLeadOnly(t *testing.T) {
	r := &releaser{}
	b := enterBureau(t, t.TempDir(), &hour{at: autumn}, r, &messages{})
	b.staff(6)
	p := firstTuesdays(autumn)
	p.LeadDays = 20
	b.add(p)
	b.tick(at("2026-11-11 08:00"))
	b.tick(at("2026-12-01 08:00"))
	r.set(true)
	for _, c := range []struct{ at, want string }{
		{"2026-12-09 12:00", "2026-12-01 wave 2026-12 closed"},
		{"2026-12-16 08:00", "2026-12-01 wave 2026-12 closed 2027-01-05 wave 2027-01 announced"}, // 20 days before
	} {
		b.now.set(at(c.at))
		if err := b.clock.Tick(t.Context()); !errors.Is(err, errStuck) {
			t.Fatal(err)
		}
		if got := strings.Join(b.decisions("pulse"), " "); got != c.want {
			t.Fatalf("%s: %s", c.at, got)
		}
	}
}

func TestEachWaveAsksTheModuleWhoseTurnItIs(t *testing.T) {
	p := firstTuesdays(autumn)
	p.Modules = []string{"a", "b"}
	o := p.On(autumn, dublin)
	for made, want := range []string{"pulse a", "pulse b", "pulse a"} {
		if got := strings.Join(wave.OccurrenceRequest(p, o, made).Packs, " "); got != want {
			t.Errorf("wave %d: %s, want %s", made, got, want)
		}
	}
	// The turn goes on with waves, not with dates: a pause takes nobody's turn.
	b := newBureau(t, autumn)
	p = firstTuesdays(autumn)
	p.Packs, p.Modules, p.Pauses = []string{"pulse"}, nil, []survey.Pause{{From: "2027-01-01", To: "2027-01-31"}}
	b.add(p)
	b.tick(at("2026-11-17 08:00"))
	b.tick(at("2027-01-20 08:00"))
	all, err := b.db.Occurrences(t.Context(), "pulse")
	must(t, err)
	made := 0
	for _, d := range all {
		if d.Wave != "" {
			made++
		}
	}
	if len(all) != 3 || made != 2 { // December, the pause, February
		t.Fatalf("%d dates, %d waves", len(all), made)
	}
}

func TestAPanicInOneStepIsAFaultAndNotTheEnd(t *testing.T) {
	b := newBureau(t, autumn)
	b.add(firstTuesdays(autumn))
	b.sent.panic = true
	b.now.set(at("2026-11-17 08:00"))
	if err := b.clock.Tick(t.Context()); err == nil || !strings.Contains(err.Error(), "make mailings: panic: no paper") {
		t.Fatal(err)
	}
	wantLines(t, b.decisions("pulse"), "2026-12-01 wave 2026-12 announced")
	b.sent.panic = false
	b.tick(at("2026-11-17 08:01"))
	if got := b.sent.told("2026-12"); got != "announced" {
		t.Fatal(got)
	}
}

func TestWithoutAnOutboxNobodyIsToldAndNothingIsLost(t *testing.T) {
	b := newBureau(t, autumn)
	b.add(firstTuesdays(autumn))
	with := b.clock.Outbox
	b.clock.Outbox = nil
	b.tick(at("2026-11-17 08:00"))
	b.clock.Outbox = with // mail was set up later
	b.tick(at("2026-11-18 08:00"))
	if got := b.sent.told("2026-12"); got != "announced" {
		t.Fatal(got)
	}
}

func TestAWaveByHandHasMessagesAndNoReminders(t *testing.T) {
	b := newBureau(t, autumn)
	w, err := b.waves.Plan(context.Background(), wave.Request{
		Packs: []string{"pulse"}, Opens: at("2026-11-16 09:00"), Closes: at("2026-11-30 09:00"),
		Owner: "Ana", Contact: "Extension 12", ResultsOn: "2026-12-01",
	})
	must(t, err)
	b.tick(at("2026-11-03 09:00"))
	_, err = b.waves.Announce(t.Context(), w.ID)
	must(t, err)
	for _, when := range []string{"2026-11-03 09:00", "2026-11-16 09:00", "2026-11-25 09:00", "2026-11-30 09:00"} {
		b.tick(at(when))
	}
	if got := b.sent.told(w.ID); got != "announced opened results" {
		t.Fatal(got)
	}
}
