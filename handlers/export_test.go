package handlers

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strings"
	"testing"

	"attune/analytics"
)

func TestADownloadIsTheExportOfTheArchive(t *testing.T) {
	h := newHouse(t)
	b := h.as(hrMail)
	releases, _ := h.archive.Releases(context.Background())
	text := func(key string, args map[string]any) string { return h.site.Text("en", key, args) }
	for _, c := range []struct {
		wave, format, file, kind string
		releases                 []*analytics.Release
	}{
		{"2026-11", "csv", "attune-2026-11.csv", "text/csv; charset=utf-8", releases[len(releases)-1:]},
		{"2026-11", "json", "attune-2026-11.json", "application/json", releases[len(releases)-1:]},
		{"all", "xlsx", "attune-all.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", releases},
		{"all", "csv", "attune-all.csv", "text/csv; charset=utf-8", releases},
	} {
		r, _ := http.NewRequest(http.MethodGet, h.URL+"/console/export/download?wave="+c.wave+"&format="+c.format, nil)
		response, body := b.do(r)
		var want bytes.Buffer
		if err := analytics.Export(&want, c.format, c.releases, text); err != nil {
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
		if c.format == "xlsx" { // packed: its contents are read in everyoutput_test.go
			continue
		}
		if strings.Contains(body, "[unit.") || strings.Contains(body, "[block.") || strings.Contains(body, "@") {
			t.Errorf("%s as %s: a missing text or an address", c.wave, c.format)
		}
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
