package handlers

import (
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// The age of the last backup comes from the administrative log alone. Its
// entry is written after the file, so that a restored installation has the
// entry of the restore instead, which names the moment of the backup.
func TestTheSystemPageTellsTheAgeOfTheLastBackup(t *testing.T) {
	h := newHouse(t, withSystem(""))
	b := h.as(adminMail)
	told := func() string {
		t.Helper()
		doc, _ := b.page(systemPath)
		return spaced(doc.Find("#data").Text())
	}
	noted := func(d survey.Deed) {
		t.Helper()
		d.Who, d.Roles = "root", []string{survey.CommandRole}
		if err := h.store.AddDeed(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	want := func(said string, is []string, isNot ...string) {
		t.Helper()
		for _, text := range is {
			if !strings.Contains(said, text) {
				t.Errorf("%q is missing in %s", text, said)
			}
		}
		for _, text := range isNot {
			if strings.Contains(said, text) {
				t.Errorf("%q stands in %s", text, said)
			}
		}
	}
	const never, old, from = "was ever made", "more than a week", "was restored from it"
	want(told(), []string{"Last backupnever", never}, old, from)

	noted(survey.Deed{Action: survey.DidBackup, Subject: "a.zip"})
	made := h.clock.at
	h.clock.at = made.Add(90 * time.Minute)
	want(told(), []string{"less than 2 hours ago"}, never, old, from)
	h.clock.at = made.Add(7 * 24 * time.Hour) // a week to the second is not more
	b = h.as(adminMail)                       // the session has ended by then
	want(told(), []string{"7 days ago"}, never, old, from)
	h.clock.at = h.clock.at.Add(time.Second)
	want(told(), []string{"7 days ago", old}, never, from)

	// Restored from a backup that was made two days before: as old as that.
	noted(survey.Deed{Action: survey.DidRestore, Subject: "a.zip", Details: map[string]string{"made": h.clock.at.Add(-49 * time.Hour).Format(time.RFC3339)}})
	want(told(), []string{"2 days ago", from}, never, old)
	h.clock.at = h.clock.at.Add(6 * 24 * time.Hour)
	b = h.as(adminMail)
	want(told(), []string{"8 days ago", from, old}, never)
}
