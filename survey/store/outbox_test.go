package store

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gorm.io/gorm"

	"attune/survey"
)

// withPeople is a store with an open wave "w" and people, one of them without
// an address and one inactive.
func withPeople(t *testing.T) (*Store, *clock) {
	t.Helper()
	s, c := open(t, filepath.Join(t.TempDir(), "data"))
	root, err := s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	var plan survey.ImportPlan
	for _, p := range []survey.Person{
		{ID: "p1", Email: "marker-ana@example.org", Phone: "+353870000777", Name: "Ana", Language: "es", Active: true},
		{ID: "p2", Email: "ben@example.org", Name: "Ben", Active: true},
		{ID: "p3", Name: "Cy", Active: true},
		{ID: "p4", Email: "dee@example.org", Name: "Dee"},
	} {
		p.Unit = root.ID
		plan.Add = append(plan.Add, p)
	}
	must(t, s.ApplyImport(t.Context(), plan))
	must(t, s.CreateWave(t.Context(), planned("w", root.ID, "")))
	must(t, s.SetWaveState(t.Context(), "w", survey.Planned, survey.Announced))
	must(t, s.SetWaveState(t.Context(), "w", survey.Announced, survey.Open))
	return s, c
}

var everybody = []survey.PersonID{"p1", "p2", "p3", "p4", "p1"}

func claim(t *testing.T, s *Store) Letter {
	t.Helper()
	l, ok, err := s.ClaimLetter(t.Context(), survey.ByMail)
	must(t, err)
	if !ok {
		t.Fatal("no letter is due")
	}
	return l
}

func nothingDue(t *testing.T, s *Store) {
	t.Helper()
	l, ok, err := s.ClaimLetter(t.Context(), survey.ByMail)
	must(t, err)
	if ok {
		t.Fatalf("claimed %+v", l)
	}
}

func counts(t *testing.T, s *Store) []MailingCount {
	t.Helper()
	all, err := s.Mailings(t.Context())
	must(t, err)
	return all
}

func TestAMailingIsMadeOnceForWhoCanBeReached(t *testing.T) {
	s, _ := withPeople(t)
	m := Mailing{Wave: "w", Kind: MailOpened}
	added, err := s.AddMailing(t.Context(), m, everybody)
	must(t, err)
	if added != 2 { // p1 and p2: p3 has no address, p4 is not active
		t.Fatalf("%d letters", added)
	}
	for range 2 { // while letters wait, and after all have gone
		added, err = s.AddMailing(t.Context(), m, everybody)
		must(t, err)
		if added != 0 {
			t.Fatalf("%d letters once more", added)
		}
		for range 2 {
			if l, ok, err := s.ClaimLetter(t.Context(), survey.ByMail); err == nil && ok {
				must(t, s.SettleLetter(t.Context(), l, LetterSent))
			}
		}
	}
	if diff := cmp.Diff([]MailingCount{{Mailing: m, Sent: 2}}, counts(t, s)); diff != "" {
		t.Error(diff)
	}
	_, err = s.AddMailing(t.Context(), Mailing{Wave: "none", Kind: MailOpened}, everybody)
	wantCode(t, err, survey.NotFound, "error.store.wave_missing")
}

func TestATextMessageIsForWhoHasANumberAndNoAddress(t *testing.T) {
	s, _ := withPeople(t) // Ana has both, Ben an address, Cy neither, Dee is inactive
	people, err := s.People(t.Context())
	must(t, err)
	var plan survey.ImportPlan
	for _, p := range people {
		if p.ID == "p3" || p.ID == "p4" {
			p.Email, p.Phone = "", "+35387000000"+string(p.ID[1])
			plan.Update = append(plan.Update, p)
		}
	}
	must(t, s.ApplyImport(t.Context(), plan))
	added, err := s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: MailOpened}, everybody)
	must(t, err)
	if added != 3 { // Ana and Ben by mail, Cy by text
		t.Errorf("%d letters", added)
	}
	l, ok, err := s.ClaimLetter(t.Context(), survey.ByText)
	must(t, err)
	if !ok || l.Person != "p3" || l.Phone != "+353870000003" || l.Email != "" {
		t.Fatalf("%+v", l)
	}
	if _, ok, err := s.ClaimLetter(t.Context(), survey.ByText); err != nil || ok {
		t.Fatalf("%v, %v", ok, err)
	}
	for range 2 {
		if l := claim(t, s); l.Person == "p3" {
			t.Fatal("mail to somebody without an address")
		}
	}
	nothingDue(t, s)
}

// The database asks in SQL what survey.Person.Reach says in Go.
func TestTheOutboxAndTheStaffListAgreeOnHowSomebodyIsReached(t *testing.T) {
	s, _ := withPeople(t)
	for _, p := range []survey.Person{{}, {Email: "a@example.org"}, {Phone: "+353870000001"}, {Email: "a@example.org", Phone: "+353870000001"}} {
		for _, by := range []survey.Reach{survey.ByMail, survey.ByText, survey.ByHand} {
			var is bool
			err := s.people.view(t.Context(), "ask", func(tx *gorm.DB) error {
				return tx.Raw("SELECT "+reached(by)+" FROM (SELECT ? AS email, ? AS phone) AS p", p.Email, p.Phone).Scan(&is).Error
			})
			must(t, err)
			if want := p.Reach() == by; is != want {
				t.Errorf("%+v is reached by %s: %v, want %v", p, by, is, want)
			}
		}
	}
}

func TestALetterIsClaimedByOneProcessOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, _ := open(t, dir)
	root, err := s.EnsureOrganisation(t.Context(), "Org")
	must(t, err)
	var plan survey.ImportPlan
	var people []survey.PersonID
	for i := range 40 {
		id := survey.PersonID(strings.Repeat("x", i+1))
		people = append(people, id)
		plan.Add = append(plan.Add, survey.Person{ID: id, Email: string(id) + "@example.org", Unit: root.ID, Active: true})
	}
	must(t, s.ApplyImport(t.Context(), plan))
	must(t, s.CreateWave(t.Context(), planned("w", root.ID, "")))
	must(t, s.SetWaveState(t.Context(), "w", survey.Planned, survey.Open))
	_, err = s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: MailReminder, N: 1}, people)
	must(t, err)
	other, _ := open(t, dir)
	var mu sync.Mutex
	claimed := make(map[survey.PersonID]int)
	var wg sync.WaitGroup
	for _, process := range []*Store{s, other, s, other} {
		wg.Go(func() {
			for {
				l, ok, err := process.ClaimLetter(t.Context(), survey.ByMail)
				if err != nil || !ok {
					if err != nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				claimed[l.Person]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for _, id := range people {
		if claimed[id] != 1 {
			t.Errorf("%s was claimed %d times", id, claimed[id])
		}
	}
}

func TestAClaimedLetterIsNeverClaimedAgainAfterACrash(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s, c := withPeople(t)
	_, err := s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: MailOpened}, everybody)
	must(t, err)
	first := claim(t, s)
	// What a process leaves that is killed now is what lies on the disk now.
	raw, err := os.ReadFile(filepath.Join(s.cfg.Dir, peopleFile))
	must(t, err)
	must(t, os.MkdirAll(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, peopleFile), raw, 0o600))
	after, _ := open(t, dir)
	second := claim(t, after)
	if second.Person == first.Person {
		t.Fatal("the same letter")
	}
	must(t, after.SettleLetter(t.Context(), second, LetterSent))
	nothingDue(t, after)
	if diff := cmp.Diff([]MailingCount{{Mailing: first.Mailing, Sending: 1, Sent: 1}}, counts(t, after)); diff != "" {
		t.Error(diff)
	}
	// When the wave ends, nothing of it is left but numbers.
	must(t, after.SetWaveState(t.Context(), "w", survey.Open, survey.Void))
	must(t, after.SweepOutbox(t.Context()))
	if diff := cmp.Diff([]MailingCount{{Mailing: first.Mailing, Sent: 1, Unknown: 1}}, counts(t, after)); diff != "" {
		t.Error(diff)
	}
	_ = c
}

func TestAPostponedLetterIsDueLater(t *testing.T) {
	s, c := withPeople(t)
	_, err := s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: MailOpened}, []survey.PersonID{"p1"})
	must(t, err)
	l := claim(t, s)
	if l.Email != "marker-ana@example.org" || l.Language != "es" || l.Tries != 0 {
		t.Fatalf("%+v", l)
	}
	must(t, s.PostponeLetter(t.Context(), l, c.at.Add(time.Minute), true))
	nothingDue(t, s)
	c.at = c.at.Add(time.Minute)
	l = claim(t, s)
	if l.Tries != 1 {
		t.Fatalf("%d tries", l.Tries)
	}
	must(t, s.PostponeLetter(t.Context(), l, c.at, false))
	if l = claim(t, s); l.Tries != 1 {
		t.Fatalf("%d tries after one that does not count", l.Tries)
	}
}

func TestALetterGoesOnlyWhileWhatItSaysIsTrue(t *testing.T) {
	for _, test := range []struct {
		kind   string
		state  survey.State
		closed bool // by the clock
		goes   bool
	}{
		{MailAnnounced, survey.Announced, false, true},
		{MailAnnounced, survey.Open, false, false},
		{MailOpened, survey.Announced, false, false},
		{MailOpened, survey.Open, false, true},
		{MailOpened, survey.Open, true, false},
		{MailReminder, survey.Open, false, true},
		{MailReminder, survey.Closed, false, false},
		{MailResults, survey.Closed, false, false},
		{MailResults, survey.Released, true, true},
		{MailResults, survey.Void, false, false},
	} {
		s, c := withPeople(t)
		if test.state != survey.Open {
			must(t, s.SetWaveState(t.Context(), "w", survey.Open, test.state))
		}
		if test.closed {
			c.at = start.AddDate(0, 0, 14) // planned: the wave closes 14 days after start
		}
		_, err := s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: test.kind}, everybody)
		must(t, err)
		_, goes, err := s.ClaimLetter(t.Context(), survey.ByMail)
		must(t, err)
		if goes != test.goes {
			t.Errorf("%s in a wave that is %s, past its close %v: goes is %v", test.kind, test.state, test.closed, goes)
		}
	}
}

func TestMailAboutResultsOutlivesTheWaveAndIsGivenUpAfterTwoWeeks(t *testing.T) {
	s, c := withPeople(t)
	reminder, results := Mailing{Wave: "w", Kind: MailReminder, N: 1}, Mailing{Wave: "w", Kind: MailResults}
	for _, m := range []Mailing{reminder, results} {
		_, err := s.AddMailing(t.Context(), m, everybody)
		must(t, err)
	}
	must(t, s.SetWaveState(t.Context(), "w", survey.Open, survey.Released))
	must(t, s.SweepOutbox(t.Context()))
	if diff := cmp.Diff([]MailingCount{{Mailing: reminder, Expired: 2}, {Mailing: results, Waiting: 2}}, counts(t, s)); diff != "" {
		t.Error(diff)
	}
	must(t, s.SettleLetter(t.Context(), claim(t, s), LetterRefused))
	c.at = c.at.Add(unsettledAfter + time.Second)
	must(t, s.SweepOutbox(t.Context()))
	if diff := cmp.Diff([]MailingCount{{Mailing: reminder, Expired: 2}, {Mailing: results, Refused: 1, Expired: 1}}, counts(t, s)); diff != "" {
		t.Error(diff)
	}
}

func TestWhoWantsNoMailGetsNoneAndMayChangeTheirMind(t *testing.T) {
	s, _ := withPeople(t)
	_, err := s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: MailOpened}, everybody)
	must(t, err)
	for range 2 { // mail programs post twice
		must(t, s.StopMail(t.Context(), "p1", true))
	}
	stopped, err := s.MailStopped(t.Context(), "p1")
	must(t, err)
	if l := claim(t, s); !stopped || l.Person != "p2" {
		t.Fatalf("stopped %v, claimed %s", stopped, l.Person)
	}
	nothingDue(t, s)
	added, err := s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: MailReminder, N: 1}, everybody)
	must(t, err)
	if added != 1 {
		t.Fatalf("%d letters", added)
	}
	must(t, s.StopMail(t.Context(), "p1", false))
	added, err = s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: MailReminder, N: 2}, everybody)
	must(t, err)
	if added != 2 {
		t.Fatalf("%d letters after coming back", added)
	}
	wantCode(t, s.StopMail(t.Context(), "nobody", true), survey.NotFound, "error.store.person_missing")
}

func TestAForgottenPersonIsInNoFile(t *testing.T) {
	s, _ := withPeople(t)
	must(t, s.FreezeRoster(t.Context(), "w", nil, map[survey.PersonID]survey.UnitID{"p1": "u", "p2": "u"}, nil))
	_, err := s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: MailOpened}, everybody)
	must(t, err)
	must(t, s.StopMail(t.Context(), "p1", true))
	must(t, s.StopMail(t.Context(), "p1", false))
	_, err = s.AddMailing(t.Context(), Mailing{Wave: "w", Kind: MailReminder, N: 1}, everybody)
	must(t, err)
	must(t, s.ForgetPerson(t.Context(), "p1"))
	people, err := s.People(t.Context())
	must(t, err)
	for _, p := range people {
		if p.ID == "p1" {
			t.Fatal("still listed")
		}
	}
	for range 2 {
		if l := claim(t, s); l.Person != "p2" {
			t.Fatalf("a letter to %s", l.Person)
		}
	}
	nothingDue(t, s)
	checkForeignKeys(t, s)
	for _, gone := range []string{"marker-ana", "353870000777"} {
		if file := fileWith(t, s.cfg.Dir, []byte(gone)); file != "" {
			t.Errorf("%s is still in %s", gone, file)
		}
	}
	roster, err := s.Roster(t.Context(), "w")
	must(t, err)
	if len(roster) != 2 { // the headcount of a promised group does not change
		t.Errorf("roster %v", roster)
	}
	wantCode(t, s.ForgetPerson(t.Context(), "p1"), survey.NotFound, "error.store.person_missing")
}

func TestTheOutboxKnowsNothingOfAnswering(t *testing.T) {
	s, _ := withPeople(t)
	var columns []string
	must(t, s.people.read.Raw("SELECT name FROM pragma_table_info('outbox') UNION ALL SELECT name FROM pragma_table_info('reminders_off')").Scan(&columns).Error)
	want := []string{"wave", "kind", "n", "person", "sending", "tries", "due", "person"}
	if diff := cmp.Diff(want, columns); diff != "" {
		t.Errorf("a column that tells more than who is written to (-want +got):\n%s", diff)
	}
}
