package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attune/survey"
	"attune/survey/notify"
	"attune/survey/store"
	"attune/survey/wave"
)

const (
	leadMail = "lead@hillside.example"
	rootMail = "root@hillside.example"
)

// staffed is an office with a manager of Links and an administrator.
func staffed(t *testing.T) *office {
	t.Helper()
	o := newOffice(t)
	must(t, o.db.AddUser(t.Context(), store.User{Email: leadMail, Roles: []string{"manager"}, Unit: o.team}))
	must(t, o.db.AddUser(t.Context(), store.User{Email: rootMail, Roles: []string{"admin"}}))
	return o
}

// plan adds an action of the manager that is due on a day.
func (o *office) plan(due string) string {
	o.t.Helper()
	id, err := o.db.AddAction(o.t.Context(), survey.Action{Unit: o.team, Added: o.now.now(), AddedBy: leadMail, ActionState: survey.ActionState{
		Text: "No new cases for 4 weeks", Owner: "Ana Ruiz", Mail: leadMail, Due: due, Status: survey.ActionPlanned,
	}})
	must(o.t, err)
	return id
}

// tick makes what is due and sends it.
func (o *office) tick(box *notify.Outbox) {
	o.t.Helper()
	_, err := box.Remind(o.t.Context())
	must(o.t, err)
	_, err = box.Send(o.t.Context())
	must(o.t, err)
}

// subjects of what arrived, in the order in which it did.
func subjects(t *testing.T, server *mailServer) []string {
	t.Helper()
	var all []string
	for _, d := range server.taken() {
		all = append(all, d.to+": "+open(t, d.raw).subject)
	}
	return all
}

// Hour for hour over five weeks, so that nothing depends on when the server
// looked: seven days before, on the day, seven days after, each at eight.
func TestAnOpenActionIsRemindedOfThreeTimesEachOnce(t *testing.T) {
	o := staffed(t)
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	due := o.now.now().AddDate(0, 0, 10)
	id := o.plan(due.Format(time.DateOnly))
	var at []string
	for range 5 * 7 * 24 {
		before := len(server.taken())
		o.tick(box)
		if len(server.taken()) > before {
			at = append(at, o.now.now().Format("2006-01-02 15h"))
		}
		o.now.pass(time.Hour)
	}
	want := []string{}
	for _, days := range []int{-7, 0, 7} {
		want = append(want, due.AddDate(0, 0, days).Format("2006-01-02")+" 08h")
	}
	if diff := cmp.Diff(want, at); diff != "" {
		t.Error(diff)
	}
	said := []string{leadMail + ": An action is due on Thursday 12 November 2026", leadMail + ": An action is due now", leadMail + ": An action is late"}
	if diff := cmp.Diff(said, subjects(t, server)); diff != "" {
		t.Error(diff)
	}
	for _, d := range server.taken() {
		l := open(t, d.raw)
		stop, err := o.waves.ReminderStop(leadMail)
		must(t, err)
		for _, text := range []string{l.plain, l.html} {
			for _, want := range []string{serverURL + "/console/actions/" + id, serverURL + "/u/" + stop, "Links"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q lacks %s", l.subject, want)
				}
			}
			for _, never := range []string{"No new cases", "Ana Ruiz", "<img", "4 weeks"} {
				if strings.Contains(text, never) {
					t.Errorf("%q has %q in it", l.subject, never)
				}
			}
		}
		if got := l.header.Get("List-Unsubscribe"); got != "<"+serverURL+"/u/"+stop+">" || !d.signedIn || !d.secured {
			t.Errorf("%q: stopped at %q, signed in %v, over TLS %v", l.subject, got, d.signedIn, d.secured)
		}
	}
	count, err := o.db.NoticeCounts(t.Context())
	if diff := cmp.Diff(store.MailingCount{Sent: 3}, count); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestNobodyIsRemindedOfWhatIsNoLongerDue(t *testing.T) {
	for name, change := range map[string]func(*survey.ActionState){
		"done":                func(a *survey.ActionState) { a.Status, a.Evidence = survey.ActionDone, "seen" },
		"put off":             func(a *survey.ActionState) { a.Due = "2027-03-01" },
		"somebody else's now": func(a *survey.ActionState) { a.Mail = "" },
	} {
		t.Run(name, func(t *testing.T) {
			o := staffed(t)
			server := startMailServer(t)
			box := o.outbox(server.mail(t))
			id := o.plan(o.now.now().AddDate(0, 0, 3).Format(time.DateOnly))
			added, err := box.Remind(t.Context()) // waits in the outbox
			must(t, err)
			a, err := o.db.Action(t.Context(), id)
			must(t, err)
			state := a.ActionState
			change(&state)
			must(t, o.db.SaveAction(t.Context(), id, 1, survey.ActionEdit{ActionState: state, At: o.now.now()}, nil))
			o.now.pass(time.Hour)
			o.tick(box)
			count, err := o.db.NoticeCounts(t.Context())
			must(t, err)
			if added != 1 || len(server.taken()) != 0 || count != (store.MailingCount{Expired: 1}) {
				t.Errorf("%d made, %d sent, %+v", added, len(server.taken()), count)
			}
		})
	}
}

func TestADayThatIsMovedIsRemindedOfAnewAndAMissedMomentIsNot(t *testing.T) {
	o := staffed(t)
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	id := o.plan(o.now.now().AddDate(0, 0, 1).Format(time.DateOnly))
	o.now.pass(9 * 24 * time.Hour) // the server slept until eight days after
	o.tick(box)
	a, err := o.db.Action(t.Context(), id)
	must(t, err)
	state := a.ActionState
	state.Due = o.now.now().AddDate(0, 0, 5).Format(time.DateOnly)
	must(t, o.db.SaveAction(t.Context(), id, 1, survey.ActionEdit{ActionState: state, At: o.now.now()}, nil))
	o.now.pass(time.Hour)
	o.tick(box)
	want := []string{leadMail + ": An action is late", leadMail + ": An action is due on Monday 16 November 2026"}
	if diff := cmp.Diff(want, subjects(t, server)); diff != "" {
		t.Error(diff)
	}
}

func TestRemindersComeInTheLanguageOfWhoReadsThemAndCanBeStopped(t *testing.T) {
	o := staffed(t)
	server := startMailServer(t)
	box := o.outbox(server.mail(t), func(c *notify.OutboxConfig) { c.Language = "es" })
	must(t, o.db.AddUser(t.Context(), store.User{Email: "other@hillside.example", Roles: []string{"manager"}}))
	must(t, o.db.SetUserLanguage(t.Context(), leadMail, "fr"))
	due := o.now.now().Format(time.DateOnly)
	o.plan(due)
	other, err := o.db.AddAction(t.Context(), survey.Action{Unit: o.team, Added: o.now.now(), ActionState: survey.ActionState{Text: "x", Owner: "x", Mail: "other@hillside.example", Due: due, Status: survey.ActionPlanned}})
	must(t, err)
	o.tick(box)
	got := subjects(t, server)
	slices.Sort(got)
	if diff := cmp.Diff([]string{leadMail + ": Une action est à faire maintenant", "other@hillside.example: Una acción es para ahora"}, got); diff != "" {
		t.Error(diff)
	}
	must(t, o.db.StopReminders(t.Context(), leadMail, true))
	o.now.pass(7 * 24 * time.Hour)
	o.tick(box)
	if got := subjects(t, server); len(got) != 3 || !strings.HasPrefix(got[2], "other@") {
		t.Errorf("somebody who wants none is reminded: %q", got)
	}
	must(t, o.db.StopReminders(t.Context(), leadMail, false))
	must(t, o.db.RemoveAction(t.Context(), other))
	o.now.pass(time.Hour)
	o.tick(box)
	if got := subjects(t, server); len(got) != 4 || !strings.HasPrefix(got[3], leadMail) {
		t.Errorf("whoever wants them again hears nothing: %q", got)
	}
}

// results_on is fourteen days after the opening.
func TestAPromiseIsRemindedOfBeforeItsDayAndOnceItIsLate(t *testing.T) {
	o := staffed(t)
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	o.open()
	o.end()
	w, err := o.waves.Wave(t.Context(), o.wave)
	must(t, err)
	var at []string
	for range 30 {
		before := len(server.taken())
		o.tick(box)
		if len(server.taken()) > before {
			at = append(at, o.now.now().Format(time.DateOnly))
		}
		o.now.pass(24 * time.Hour)
	}
	on, err := time.Parse(time.DateOnly, w.ResultsOn)
	must(t, err)
	if diff := cmp.Diff([]string{on.AddDate(0, 0, -7).Format(time.DateOnly), on.AddDate(0, 0, 1).Format(time.DateOnly)}, at); diff != "" {
		t.Error(diff)
	}
	want := []string{leadMail + ": Results are promised for Monday 16 November 2026", leadMail + ": Results were promised, and are not shared yet"}
	if diff := cmp.Diff(want, subjects(t, server)); diff != "" {
		t.Error(diff)
	}
}

func TestAPromiseThatIsKeptIsNoMoreRemindedOf(t *testing.T) {
	for with, want := range map[string]int{"links": 0, "slips": 1, "": 0} {
		o := staffed(t)
		server := startMailServer(t)
		box := o.outbox(server.mail(t))
		o.open()
		o.end()
		units, err := o.db.Units(t.Context())
		must(t, err)
		unit := survey.UnitID(with)
		for _, u := range units {
			if with == "" && u.Parent == "" {
				unit = u.ID
			}
		}
		must(t, o.db.ShareResults(t.Context(), survey.Sharing{Wave: o.wave, Unit: unit, Day: o.now.now().Format(time.DateOnly)}))
		o.tick(box)
		if got := len(server.taken()); got != want {
			t.Errorf("shared with %q: %d reminders, want %d", unit, got, want)
		}
	}
}

func TestTheOwnerHearsOfAPromiseWhereTheWaveNamesTheirAddress(t *testing.T) {
	o := staffed(t)
	const owner = "ana@hillside.example"
	must(t, o.db.AddUser(t.Context(), store.User{Email: owner, Roles: []string{"hr"}}))
	w, err := o.waves.Plan(t.Context(), wave.Request{
		Packs: []string{"pulse"}, Opens: o.now.now().AddDate(0, 1, 0), Closes: o.now.now().AddDate(0, 1, 7), Paper: []survey.UnitID{"slips"},
		Owner: "Ana Ruiz <Ana@hillside.example>", Contact: "Extension 12", ResultsOn: o.now.now().AddDate(0, 1, 10).Format(time.DateOnly),
	})
	must(t, err)
	o.now.pass(time.Minute)
	_, err = o.waves.Announce(t.Context(), w.ID)
	must(t, err)
	for _, days := range []int{31, 8} {
		o.now.pass(time.Duration(days) * 24 * time.Hour)
		must(t, o.waves.Tick(t.Context()))
	}
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	o.tick(box)
	if got := server.receivers(); len(got) != 2 || got[owner] != 1 || got[leadMail] != 1 {
		t.Errorf("%v, want the owner and the manager", got)
	}
	units, err := o.db.Units(t.Context())
	must(t, err)
	for _, u := range units {
		if u.Parent == "" {
			must(t, o.db.ShareResults(t.Context(), survey.Sharing{Wave: w.ID, Unit: u.ID, Day: w.ResultsOn}))
		}
	}
	o.now.pass(7 * 24 * time.Hour) // when it would be late
	o.tick(box)
	if got := server.receivers(); got[owner] != 1 || got[leadMail] != 1 {
		t.Errorf("kept and reminded of: %v", got)
	}
}

func TestWithoutAManagerAdministratorsHearOfAPromise(t *testing.T) {
	o := newOffice(t)
	must(t, o.db.AddUser(t.Context(), store.User{Email: rootMail, Roles: []string{"admin"}}))
	must(t, o.db.AddUser(t.Context(), store.User{Email: "audit@hillside.example", Roles: []string{"auditor"}}))
	server := startMailServer(t)
	box := o.outbox(server.mail(t))
	o.open()
	o.end()
	o.tick(box)
	if got := subjects(t, server); len(got) != 1 || !strings.HasPrefix(got[0], rootMail+": ") {
		t.Errorf("%q", got)
	}
}

func TestTwoProcessesRemindNobodyTwice(t *testing.T) {
	o := staffed(t)
	other := enter(t, o.dir, o.now)
	server := startMailServer(t)
	for i := range 5 {
		o.plan(o.now.now().AddDate(0, 0, i).Format(time.DateOnly))
	}
	var both sync.WaitGroup
	for _, box := range []*notify.Outbox{o.outbox(server.mail(t)), other.outbox(server.mail(t))} {
		both.Go(func() {
			for range 3 {
				if _, err := box.Remind(t.Context()); err != nil {
					t.Error(err)
				}
				if _, err := box.Send(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	both.Wait()
	links := make(map[string]int)
	for _, d := range server.taken() {
		l := open(t, d.raw)
		for _, line := range strings.Split(l.plain, "\n") {
			if strings.Contains(line, "/console/actions/") {
				links[line]++
			}
		}
	}
	if len(links) != 5 || len(server.taken()) != 5 {
		t.Errorf("%d messages about %d actions, want 5: %s", len(server.taken()), len(links), fmt.Sprint(links))
	}
}
