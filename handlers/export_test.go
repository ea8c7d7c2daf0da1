package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"attune/analytics"
	"attune/survey"
)

func TestADownloadIsTheExportOfTheArchive(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	releases, _ := h.archive.Releases(context.Background())
	library, _ := survey.NewLibrary()
	words := analytics.Wording{Text: func(key string, args map[string]any) string { return h.site.Text("en", key, args) }, Language: "en", Library: library}
	for _, c := range []struct {
		wave, format, file, kind string
		releases                 []*analytics.Release
	}{
		{"2026-11", "csv", "attune-2026-11.csv", "text/csv; charset=utf-8", releases[len(releases)-1:]},
		{"2026-11", "json", "attune-2026-11.json", "application/json", releases[len(releases)-1:]},
		{"all", "xlsx", "attune-all.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", releases},
		{"all", "csv", "attune-all.csv", "text/csv; charset=utf-8", releases},
		{"all", "spss", "attune-all-spss.zip", "application/zip", releases},
		{"2026-11", "ddi", "attune-2026-11-ddi.xml", "application/xml", releases[len(releases)-1:]},
	} {
		r, _ := http.NewRequest(http.MethodGet, h.URL+"/console/export/download?wave="+c.wave+"&format="+c.format, nil)
		response, body := b.do(r)
		var want bytes.Buffer
		if err := analytics.Export(&want, c.format, c.releases, words); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusOK || body != want.String() {
			t.Errorf("%s as %s: status %d, %d bytes, want %d", c.wave, c.format, response.StatusCode, len(body), want.Len())
		}
		if got := response.Header.Get("Content-Disposition"); got != `attachment; filename="`+c.file+`"` {
			t.Errorf("Content-Disposition %q", got)
		}
		if got := response.Header.Get("Content-Type"); got != c.kind {
			t.Errorf("Content-Type %q", got)
		}
		if c.format == "xlsx" || c.format == "spss" { // packed: its contents are read in everyoutput_test.go
			continue
		}
		if strings.Contains(body, "[unit.") || strings.Contains(body, "[block.") || strings.Contains(body, "@") {
			t.Errorf("%s as %s: a missing text or an address", c.wave, c.format)
		}
	}
}

// The words of measures are those of the packs, in the reader's language.
func TestACodeBookNamesScalesAndQuestions(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	b.post("/console/language", url.Values{"language": {"fr"}, "back": {"/console/export"}})
	_, body := b.get("/console/export/download?wave=2026-11&format=ddi")
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatal(err)
	}
	pulse, err := library.Latest("pulse")
	if err != nil {
		t.Fatal(err)
	}
	var book struct {
		Vars []struct {
			Name       string `xml:"name,attr"`
			Categories []struct {
				Value string `xml:"catValu"`
				Label string `xml:"labl"`
				Text  string `xml:"txt"`
			} `xml:"catgry"`
		} `xml:"dataDscr>var"`
	}
	if err := xml.Unmarshal([]byte(body), &book); err != nil {
		t.Fatal(err)
	}
	said := make(map[string][2]string)
	for _, v := range book.Vars {
		for _, c := range v.Categories {
			said[v.Name+" "+c.Value] = [2]string{c.Label, c.Text}
		}
	}
	for _, scale := range pulse.Scales {
		if got := said["measure "+scale.ID]; got[0] != scale.Title.In("fr") || !strings.Contains(got[1], scale.Plain.In("fr")) || !strings.Contains(got[1], "De 1 à 5.") {
			t.Errorf("%s is called %q", scale.ID, got)
		}
	}
	if got := said["measure response"][0]; got != "Qui a répondu" {
		t.Errorf("the response is called %q", got)
	}
}

func TestADownloadHasNoFigureOfAHiddenUnit(t *testing.T) {
	h := newHouse(t)
	_, body := h.as(hrMail).get("/console/export/download?wave=all&format=csv")
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := make(map[string]int)
	for i, name := range rows[0] {
		column[name] = i
	}
	hidden := 0
	for _, row := range rows[1:] {
		if row[column["status"]] == "shown" {
			continue
		}
		hidden++
		for _, name := range []string{"value", "interval_low", "interval_high", "n"} {
			if row[column[name]] != "" {
				t.Errorf("%v has a %s", row, name)
			}
		}
	}
	if hidden == 0 {
		t.Error("nothing is hidden in the made-up waves: the test shows nothing")
	}
}

func TestADownloadThatDoesNotExistIsRefused(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	for query, want := range map[string]int{
		"wave=2031-01&format=csv": http.StatusNotFound, "format=csv": http.StatusNotFound,
		"wave=all&format=exe": http.StatusUnprocessableEntity, "wave=all": http.StatusUnprocessableEntity,
		"wave=..%2F..%2Fkeys&format=csv": http.StatusNotFound,
	} {
		if status, _ := b.get("/console/export/download?" + query); status != want {
			t.Errorf("%s: status %d, want %d", query, status, want)
		}
	}
}

func TestTheExportPageTellsWhetherTheFolderCanBeWritten(t *testing.T) {
	state := ScheduledExport{Folder: "/srv/figures", Formats: []string{"csv", "spss"}}
	h := newHouse(t, func(c *Config) { c.Scheduled = func() ScheduledExport { return state } })
	b := h.as(hrMail)
	doc, _ := b.page("/console/export")
	if said := doc.Find("#folder").Text(); !strings.Contains(said, "/srv/figures") || !strings.Contains(said, "CSV and SPSS (syntax and CSV)") || strings.Contains(said, "Last file") {
		t.Errorf("before the first file: %q", said)
	}
	state.Last, state.At = "attune-2026-11.csv", h.clock.now()
	state.Fault = survey.Fail(survey.Unavailable, "error.exportfolder.write", survey.Args{"folder": "/srv/figures", "file": "attune-2026-12.csv"})
	state.Fault.Err = errors.New("mount point 7 is gone")
	doc, body := b.page("/console/export")
	if said := doc.Find("#folder.fault").Text(); !strings.Contains(said, "attune-2026-12.csv could not be written") || !strings.Contains(said, "Last file: attune-2026-11.csv") || strings.Contains(body, "mount point 7") {
		t.Errorf("with a fault: %q", said)
	}
	if doc, _ := newHouse(t).as(hrMail).page("/console/export"); doc.Find("#folder").Length() != 0 || doc.Find("dl.formats dt button").Length() != len(analytics.Formats()) {
		t.Error("without a folder the page tells of one, or lacks a format")
	}
}
