package handlers

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// withSystem gives the page a program with little room, whose mail server takes
// what goes to taken only.
func withSystem(taken string) func(*Config) {
	return func(c *Config) {
		c.System = System{
			Facts: func(context.Context) (SystemFacts, error) {
				return SystemFacts{
					Version: "attune v1", Database: "SQLite", Started: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC),
					Files: []SystemFile{{"people.db", 1<<20 + 1}}, Free: 2 << 20, MailServer: "mail.example:587",
				}, nil
			},
			TestMail: func(_ context.Context, to, _ string) (string, error) {
				if to != taken {
					return "", survey.Fail(survey.Conflict, "error.mail.unset", nil)
				}
				return "250 queued <as> 7", nil
			},
		}
	}
}

func TestTheSystemPageTellsOfTheProgramAndOfLittleRoom(t *testing.T) {
	doc, _ := newHouse(t, withSystem("")).as(adminMail).page(systemPath)
	said := spaced(doc.Find("main").Text())
	// One byte more than a mebibyte is 2 MB rounded up; 2 MB are free, which is
	// less than three times that.
	for _, want := range []string{"attune v1", "people.db2 MB", "Free on this disk2 MB", "The disk is nearly full", "mail.example:587", "Last backupnever", "Run attune backup FILE"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in %s", want, said)
		}
	}
}

func TestAClockThatWasPutBackIsTold(t *testing.T) {
	h := newHouse(t, withSystem(""))
	b := h.as(adminMail) // signing in is an entry of the log
	if doc, _ := b.page(systemPath); strings.Contains(doc.Text(), "has been put back") {
		t.Error("told of a clock that is right")
	}
	h.clock.at = h.clock.at.Add(-time.Hour)
	if doc, _ := b.page(systemPath); !strings.Contains(doc.Text(), "has been put back") {
		t.Error("not told")
	}
}

func TestATestGoesToWhoeverAsksAndSaysWhatTheServerAnswered(t *testing.T) {
	status, page := newHouse(t, withSystem(adminMail)).as(adminMail).post(systemPath+"/mail", nil)
	if status != http.StatusOK || !strings.Contains(page, adminMail+" and answered: 250 queued &lt;as&gt; 7") {
		t.Errorf("status %d", status)
	}
	status, page = newHouse(t, withSystem("somebody else")).as(adminMail).post(systemPath+"/mail", nil)
	if doc := parsed(t, page); status != http.StatusBadGateway || len(doc.Find("#messages .fault").Text()) < 30 {
		t.Errorf("status %d: a refusal without its reason", status)
	}
}
