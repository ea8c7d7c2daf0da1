package handlers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"attune/analytics"
)

// The planned wave opens at 08:00 UTC on 7 December. Where the organisation's
// clocks are eleven hours behind, that is the evening of the 6th, and no page
// may say the 7th.
func TestDatesAreThoseOfTheOrganisationsZone(t *testing.T) {
	niue := time.FixedZone("Niue", -11*60*60)
	h := newHouse(t, func(c *Config) {
		c.Zone = niue
		c.Archive = analytics.NewArchive(&synthetic{})
	})
	utc := regexp.MustCompile(`\b1?7 December 2026`) // as opening and closing stand in the store
	for email, paths := range map[string][]string{
		managerMail: {"/console", "/console/waves"},
		hrMail:      {"/console", "/console/waves"},
		adminMail:   {"/console", "/console/waves"},
	} {
		b := h.as(email)
		for _, path := range paths {
			_, body := b.page(path)
			if utc.MatchString(body) || !strings.Contains(body, "6 December 2026") {
				t.Errorf("%s as %s does not say 6 December, or says the 7th", path, email)
			}
		}
	}
}

// A moment becomes text in the organisation's zone. What is written in another
// is for programs, and is named here.
func TestMomentsAreWrittenInTheOrganisationsZoneOnly(t *testing.T) {
	programs := map[string]string{
		"adminlog.go":    "a file with moments in UTC, which says so with a Z",
		"calendar.go":    "calendars want UTC for moments and whole days for days",
		"packpreview.go": "a made-up wave",
		"promise.go":     "the day that an entry of the public log names",
	}
	format := regexp.MustCompile(`\.Format\(`)
	local := regexp.MustCompile(`\.In\((con|s\.con|a\.con)\.zone\)`)
	files, err := filepath.Glob("*.go")
	must(t, err)
	seen := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || programs[file] != "" {
			continue
		}
		raw, err := os.ReadFile(file)
		must(t, err)
		for i, line := range strings.Split(string(raw), "\n") {
			if !format.MatchString(line) {
				continue
			}
			seen++
			if !local.MatchString(line) && !strings.Contains(line, "In(zone)") {
				t.Errorf("%s:%d writes a moment in no zone of the organisation: %s", file, i+1, strings.TrimSpace(line))
			}
		}
	}
	if seen == 0 {
		t.Error("nothing was looked at")
	}
}
