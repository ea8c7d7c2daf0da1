package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/survey"
)

// slow is a piece of work that waits for a test before each step.
func slow(next <-chan int, of int) func(step func(done, of int) error) (madeFile, error) {
	return func(step func(done, of int) error) (madeFile, error) {
		for done := range next {
			if err := step(done, of); err != nil {
				return madeFile{}, err
			}
		}
		return madeFile{"attune-all.csv", "text/csv; charset=utf-8", []byte("figures\n")}, nil
	}
}

func allCSV() exportRequest { return exportRequest{Wave: allWaves, Format: "csv"} }

func TestOneJobAtATimeAndACancelledOneLeavesNothing(t *testing.T) {
	j := newJobs(t.Context())
	next := make(chan int)
	over, err := j.start(allCSV(), hrMail, slow(next, 10))
	must(t, err)
	next <- 4
	if _, err := j.start(allCSV(), adminMail, slow(next, 10)); !survey.IsKey(err, "error.job.busy") {
		t.Errorf("a second job: %v", err)
	}
	j.stop()
	next <- 5
	<-over
	if s, ok := j.state(); !ok || s.Running || !s.Cancelled || s.File != nil {
		t.Errorf("after it was cancelled: %+v", s)
	}
	// Cancelled after its last step: there is no file either.
	next = make(chan int)
	over, err = j.start(allCSV(), hrMail, slow(next, 10))
	must(t, err)
	next <- 10
	j.stop()
	close(next)
	<-over
	if s, _ := j.state(); !s.Cancelled || s.File != nil {
		t.Errorf("cancelled at its end: %+v", s)
	}
	next = make(chan int)
	over, err = j.start(allCSV(), hrMail, slow(next, 10))
	must(t, err)
	close(next)
	<-over
	j.stop() // of what is over nothing is taken away
	if s, ok := j.state(); !ok || s.File == nil || string(s.File.Body) != "figures\n" {
		t.Errorf("what it made: %+v", s)
	}
	j.forget(j.current)
	if _, ok := j.state(); ok {
		t.Error("it is kept for ever")
	}
}

func TestAJobEndsWithTheServerAndAFaultInItEndsNothingElse(t *testing.T) {
	life, end := context.WithCancel(t.Context())
	j := newJobs(life)
	next := make(chan int)
	over, err := j.start(allCSV(), hrMail, slow(next, 10))
	must(t, err)
	end()
	next <- 1
	<-over
	if s, _ := j.state(); !s.Cancelled {
		t.Errorf("after the server's end: %+v", s)
	}
	j = newJobs(t.Context())
	over, err = j.start(allCSV(), hrMail, func(func(done, of int) error) (madeFile, error) { panic("no memory") })
	must(t, err)
	<-over
	if s, _ := j.state(); s.Err == nil || s.Cancelled || s.File != nil {
		t.Errorf("after a panic: %+v", s)
	}
}

// jobHouse is a house whose jobs a test can get at.
func jobHouse(t *testing.T) (*house, *console) {
	t.Helper()
	var cfg Config
	h := newHouse(t, func(c *Config) { cfg = *c })
	con, err := newConsole(cfg)
	must(t, err)
	h.Config.Handler = con.routes(cfg.Respond, http.NotFoundHandler())
	return h, con
}

func TestAFileThatTakesLongSaysHowFarItIsAndIsFoundAgain(t *testing.T) {
	h, con := jobHouse(t)
	b := h.as(hrMail)
	next := make(chan int)
	over, err := con.jobs.start(allCSV(), hrMail, slow(next, 8))
	must(t, err)
	next <- 2
	next <- 4 // taken only when the step before is told
	doc, _ := b.page(exportJobPath)
	if doc.Find("progress").Length() != 1 || doc.Find("[data-job]").Length() != 1 || !strings.Contains(doc.Find("noscript").Text(), "refresh") {
		t.Errorf("while it runs: %s", text(doc.Find("main")))
	}
	var told struct {
		Running bool   `json:"running"`
		Said    string `json:"said"`
		Percent int    `json:"percent"`
	}
	_, body := b.get("/console/export/progress")
	must(t, json.Unmarshal([]byte(body), &told))
	if !told.Running || told.Percent < 22 || told.Percent > 45 || !strings.Contains(told.Said, "of 8 lines are written") { // 90 · 2/8 to 90 · 4/8
		t.Errorf("progress: %s", body)
	}
	if status, _ := b.post("/console/export/make", url.Values{"wave": {"all"}, "format": {"json"}}); status != http.StatusSeeOther {
		t.Errorf("a second file: status %d", status)
	}
	if doc, _ = b.page(exportJobPath + "?busy=1"); !strings.Contains(text(doc.Find("[role=alert]")), "One is made at a time") {
		t.Errorf("a second file: %s", text(doc.Find("main")))
	}
	close(next)
	<-over
	if doc, _ = b.page("/console/export"); !strings.Contains(text(doc.Find(".done a")), "the file is ready") {
		t.Errorf("not found again: %s", text(doc.Find("main")))
	}
	doc, _ = b.page(exportJobPath)
	if doc.Find("progress").Length() != 0 || doc.Find("a[href='/console/export/file']").Length() != 1 {
		t.Errorf("when it is there: %s", text(doc.Find("main")))
	}
	if status, body := b.get("/console/export/file"); status != http.StatusOK || body != "figures\n" {
		t.Errorf("the file: status %d, %q", status, body)
	}
	h.wantDone(hrMail+" access.signed_in", hrMail+" export.downloaded all")
	if strings.Contains(h.log.String(), hrMail) {
		t.Error("the log names who asked")
	}
}

func TestAFileBelongsToWhoeverAskedForItAndCanBeCancelled(t *testing.T) {
	h, con := jobHouse(t)
	next := make(chan int)
	_, err := con.jobs.start(allCSV(), "somebody@else.example", slow(next, 8))
	must(t, err)
	b := h.as(hrMail)
	b.post("/console/export/cancel", nil) // not theirs
	if doc, body := b.page(exportJobPath); !strings.Contains(text(doc.Find("[role=alert]")), "Another file is being made") || strings.Contains(body, "somebody@else") {
		t.Errorf("somebody else's: %s", text(doc.Find("main")))
	}
	if s, _ := con.jobs.state(); !s.Running {
		t.Fatal("somebody else has cancelled it")
	}
	close(next)
	for s, _ := con.jobs.state(); s.Running; s, _ = con.jobs.state() {
	}
	if status, _ := b.get("/console/export/file"); status != http.StatusNotFound {
		t.Errorf("somebody else's file: status %d", status)
	}
	next = make(chan int)
	over, err := con.jobs.start(allCSV(), hrMail, slow(next, 8))
	must(t, err)
	b.post("/console/export/cancel", nil)
	next <- 1
	<-over
	if doc, _ := b.page(exportJobPath); !strings.Contains(text(doc.Find("main")), "cancelled. Nothing was made") {
		t.Errorf("after it was cancelled: %s", text(doc.Find("main")))
	}
	over, err = con.jobs.start(allCSV(), hrMail, func(func(done, of int) error) (madeFile, error) { return madeFile{}, errors.New("disk") })
	must(t, err)
	<-over
	if doc, _ := b.page(exportJobPath); !strings.Contains(text(doc.Find("main")), "could not be made") || strings.Contains(text(doc.Find("main")), "disk") {
		t.Errorf("after a fault: %s", text(doc.Find("main")))
	}
}

func TestAFileOfTheFormIsTheOneOfThePlainAddress(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	for _, format := range []string{"csv", "xlsx"} {
		_, plain := b.get("/console/export/download?wave=all&format=" + format)
		status, made := b.post("/console/export/make", url.Values{"wave": {"all"}, "format": {format}})
		for status == http.StatusSeeOther { // a machine on which nothing is there at once
			if doc, _ := b.page(exportJobPath); doc.Find("progress").Length() == 0 {
				status, made = b.get("/console/export/file")
			}
		}
		if status != http.StatusOK || made != plain {
			t.Errorf("%s: status %d, %d bytes, want %d", format, status, len(made), len(plain))
		}
	}
	for _, form := range []url.Values{{"wave": {"all"}, "format": {"exe"}}, {"wave": {"1999-01"}, "format": {"csv"}}} {
		if status, _ := b.post("/console/export/make", form); status != http.StatusUnprocessableEntity && status != http.StatusNotFound {
			t.Errorf("%v: status %d", form, status)
		}
	}
}
