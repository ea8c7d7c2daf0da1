package handlers

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// done lists the log as ACTION SUBJECT, the oldest first.
func (h *house) done() (all []string) {
	h.t.Helper()
	var chain survey.AdminChain
	err := h.store.EachDeed(h.t.Context(), survey.AdminFilter{}, func(e survey.AdminEntry) error {
		all = append(all, strings.TrimSpace(e.Who+" "+string(e.Action)+" "+e.Subject))
		return chain.Next(e)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

func TestWhatUsersDoIsWrittenDown(t *testing.T) {
	h := newHouse(t)
	stranger := h.browser()
	for range 3 {
		stranger.post("/console/sign-in", url.Values{"email": {"typed-here@example.org"}, "password": {"my secret, in the wrong field"}})
	}
	b := h.as(hrMail)
	b.get("/console/export/download?wave=2026-11&format=csv")
	b.get("/console/export/download?wave=all&format=exe") // refused: nothing left the server
	auditors := h.as(auditorMail)
	auditors.get("/console/audit/attune-audit.json")
	auditors.get(deedsPath + "/attune-actions.csv")
	fresh := h.as(freshMail)
	fresh.post("/console/password", url.Values{"current": {password}, "new": {"a password of my own"}, "again": {"a password of my own"}})
	h.wantDone(
		hrMail+" access.signed_in", hrMail+" export.downloaded 2026-11", auditorMail+" access.signed_in", auditorMail+" export.evidence",
		auditorMail+" export.actions", freshMail+" access.signed_in", freshMail+" access.password",
	)
	_, body := auditors.page(deedsPath)
	for _, want := range []string{hrMail, "Exported figures: 2026-11", "as csv", "tries to sign in that were refused before: 3", "Chose a new password", "auditor"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, secret := range []string{"typed-here", "wrong field", "127.0.0.1", "Go-http-client", password} {
		if strings.Contains(body, secret) {
			t.Errorf("the page has %q", secret)
		}
	}
	if n := strings.Count(body, "were refused before"); n != 1 {
		t.Errorf("the refused tries are told %d times", n)
	}
}

func (h *house) wantDone(want ...string) {
	h.t.Helper()
	if got := strings.Join(h.done(), "\n"); got != strings.Join(want, "\n") {
		h.t.Errorf("written down:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

func TestWhatCannotBeWrittenDownIsNotGivenOut(t *testing.T) {
	h := newStaffHouse(t)
	b := h.as(hrMail)
	db, err := sql.Open("sqlite3", filepath.Join(h.dir, "data", "people.db")+"?_busy_timeout=5000")
	must(t, err)
	_, err = db.Exec("DROP TABLE admin_log")
	must(t, err)
	must(t, db.Close())
	if status, body := b.get("/console/export/download?wave=all&format=csv"); status != http.StatusInternalServerError || strings.Contains(body, "wave_id") {
		t.Errorf("the export: status %d", status)
	}
	if status, _ := h.browser().post("/console/sign-in", url.Values{"email": {hrMail}, "password": {password}}); status != http.StatusInternalServerError {
		t.Errorf("a sign-in that cannot be written down: status %d", status)
	}
}

func TestTheLogIsForAuditorsAndAdministrators(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{deedsPath, deedsPath + "/attune-actions.csv"} {
		for who, want := range map[string]int{adminMail: 200, auditorMail: 200, hrMail: 403, managerMail: 403} {
			if status, _ := h.as(who).get(path); status != want {
				t.Errorf("%s as %s: status %d, want %d", path, who, status, want)
			}
		}
		if status, _ := h.browser().get(path); status != http.StatusSeeOther {
			t.Errorf("%s signed out: status %d", path, status)
		}
	}
}

func TestTheLogIsChosenByKindAndDayAndTurnedPageByPage(t *testing.T) {
	h := newHouse(t)
	today := h.clock.at
	h.clock.at = today.AddDate(0, 0, -1)
	note := func(action survey.DeedName, subject string) {
		if err := h.store.AddDeed(t.Context(), survey.Deed{Who: "root", Roles: []string{survey.CommandRole}, Action: action, Subject: subject}); err != nil {
			t.Fatal(err)
		}
	}
	for range deedsOnPage {
		note(survey.DidContacts, "")
	}
	h.clock.at = today
	b := h.as(auditorMail)
	note(survey.DidUnitRenamed, evilName)
	doc, _ := b.page(deedsPath)
	if n := doc.Find("tbody tr").Length(); n != deedsOnPage {
		t.Errorf("%d entries on the first page", n)
	}
	if first := doc.Find("tbody tr").First().Text(); !strings.Contains(first, evilName) || !strings.Contains(first, "command on the server") {
		t.Errorf("the newest is %q", first)
	}
	older, _ := doc.Find(`a[href*="before="]`).Attr("href")
	doc, _ = b.page(older)
	if n := doc.Find("tbody tr").Length(); n != 2 { // 52 in all, with the sign-in
		t.Errorf("%d entries on the second page", n)
	}
	if doc.Find(`a[href*="before="]`).Length() != 0 {
		t.Error("a third page is offered")
	}
	day := today.Format(time.DateOnly)
	for query, want := range map[string]int{"?kind=contacts": deedsOnPage, "?kind=unit": 1, "?kind=access": 1, "?from=" + day: 2, "?kind=unit&to=" + today.AddDate(0, 0, -1).Format(time.DateOnly): 0, "?to=" + day + "&kind=unit": 1, "?from=2031-01-01": 0, "?kind=nothing": 0} {
		doc, _ := b.page(deedsPath + query)
		if n := doc.Find("tbody tr").Length(); n != want {
			t.Errorf("%s: %d entries, want %d", query, n, want)
		}
	}
	if status, body := b.get(deedsPath + "?from=soon"); status != http.StatusUnprocessableEntity || !strings.Contains(body, "is no date") {
		t.Errorf("a wrong day: status %d", status)
	}
}

func TestTheLogAsAFileHasEveryEntryAndRunsNothing(t *testing.T) {
	h := newHouse(t)
	b := h.as(auditorMail)
	d := survey.Deed{Who: "=cmd()", Roles: []string{"admin", "hr"}, Action: survey.DidUnitRenamed, Subject: "@SUM(A1)", Details: map[string]string{"to": "North"}}
	if err := h.store.AddDeed(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	_, body := b.get(deedsPath + "/attune-actions.csv")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(rows[0], ",") != "seq,at,who,roles,action,subject,details,said,sha256" || len(rows) != 4 {
		t.Fatalf("%d rows under %v", len(rows), rows[0])
	}
	renamed := rows[2]
	var details map[string]string
	if err := json.Unmarshal([]byte(renamed[6]), &details); err != nil || details["to"] != "North" {
		t.Errorf("details %q", renamed[6])
	}
	if renamed[2] != "'=cmd()" || renamed[5] != "'@SUM(A1)" || renamed[3] != "admin hr" || len(renamed[8]) != 64 {
		t.Errorf("row %q", renamed)
	}
}

func TestEveryActionAndKindHasItsWordsInEveryLanguage(t *testing.T) {
	h := newHouse(t)
	for _, lang := range h.site.Languages() {
		s := speech{con: &console{site: h.site}, lang: lang}
		for _, a := range survey.DeedNames() {
			d := survey.Deed{Action: a, Subject: "SUBJECT", Details: make(map[string]string)}
			for _, name := range survey.DetailsOf(a) {
				d.Details[name] = "VALUE"
			}
			said := strings.Join(append(s.details(d), s.deed(d)), "; ")
			if !h.site.Has("adminlog."+string(a)) || strings.ContainsAny(said, "{}[]") || strings.Count(said, "VALUE") != len(d.Details) {
				t.Errorf("%s in %s: %q", a, lang, said)
			}
		}
		for _, kind := range survey.DeedKinds() {
			if !h.site.Has("adminlog.kind." + kind) {
				t.Errorf("the kind %s has no words", kind)
			}
		}
	}
}
