package handlers

import (
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"attune/survey"

	"github.com/google/go-cmp/cmp"
)

var updateCalendar = flag.Bool("update-calendar", false, "write testdata/waves.ics anew")

// component is a part of a calendar as a strict reader sees it.
type component struct {
	name       string
	properties map[string][]property
	parts      []component
}

type property struct{ params, value string }

var contentLine = regexp.MustCompile(`^([A-Z][A-Z0-9-]*)((?:;[A-Z-]+=[A-Za-z0-9/_-]+)*):(.*)$`)

// readCalendar takes RFC 5545 at its word: line ends, folding, nesting.
func readCalendar(t *testing.T, raw string) component {
	t.Helper()
	if !strings.HasSuffix(raw, "\r\n") || strings.Contains(strings.ReplaceAll(raw, "\r\n", ""), "\n") || strings.Contains(strings.ReplaceAll(raw, "\r\n", ""), "\r") {
		t.Fatal("a line does not end with CRLF")
	}
	var lines []string
	for _, l := range strings.Split(strings.TrimSuffix(raw, "\r\n"), "\r\n") {
		if len(l) > 75 || !utf8.ValidString(l) || l == "" {
			t.Fatalf("a line of %d octets, cut within a character or empty: %q", len(l), l)
		}
		if strings.HasPrefix(l, " ") && len(lines) > 0 {
			lines[len(lines)-1] += l[1:]
			continue
		}
		lines = append(lines, l)
	}
	root := component{properties: make(map[string][]property)}
	stack := []*component{&root}
	for _, l := range lines {
		m := contentLine.FindStringSubmatch(l)
		if m == nil {
			t.Fatalf("no content line: %q", l)
		}
		top := stack[len(stack)-1]
		switch m[1] {
		case "BEGIN":
			stack = append(stack, &component{name: m[3], properties: make(map[string][]property)})
		case "END":
			if top.name != m[3] || len(stack) < 2 {
				t.Fatalf("END:%s within %s", m[3], top.name)
			}
			stack = stack[:len(stack)-1]
			stack[len(stack)-1].parts = append(stack[len(stack)-1].parts, *top)
		default:
			top.properties[m[1]] = append(top.properties[m[1]], property{m[2], m[3]})
		}
	}
	if len(stack) != 1 || len(root.parts) != 1 || root.parts[0].name != "VCALENDAR" || len(root.properties) > 0 {
		t.Fatalf("not one calendar: %+v", root)
	}
	return root.parts[0]
}

// one is the value of a property that must be there once.
func (c component) one(t *testing.T, name string) property {
	t.Helper()
	if len(c.properties[name]) != 1 {
		t.Fatalf("%s has %d times %s", c.name, len(c.properties[name]), name)
	}
	return c.properties[name][0]
}

// wantValid holds a calendar to what RFC 5545 sections 3.4, 3.6 and 3.6.1
// ask of it.
func wantValid(t *testing.T, cal component) {
	t.Helper()
	if v := cal.one(t, "VERSION").value; v != "2.0" {
		t.Errorf("version %s", v)
	}
	cal.one(t, "PRODID")
	if len(cal.parts) == 0 {
		t.Error("a calendar must have a component")
	}
	seen := make(map[string]bool)
	for _, e := range cal.parts {
		if e.name != "VEVENT" {
			continue
		}
		uid := e.one(t, "UID").value
		if seen[uid] {
			t.Errorf("the UID %s comes twice", uid)
		}
		seen[uid] = true
		if _, err := time.Parse("20060102T150405Z", e.one(t, "DTSTAMP").value); err != nil {
			t.Error(err)
		}
		start, end := e.one(t, "DTSTART"), e.one(t, "DTEND")
		layout := "20060102T150405Z"
		if start.params == ";VALUE=DATE" {
			layout = "20060102"
		}
		from, err := time.Parse(layout, start.value)
		if err != nil {
			t.Error(err)
		}
		to, err := time.Parse(layout, end.value)
		if err != nil || start.params != end.params || !to.After(from) {
			t.Errorf("%v to %v: %v", start, end, err)
		}
		for _, text := range []string{e.one(t, "SUMMARY").value} {
			if regexp.MustCompile(`(^|[^\\])[;,]`).MatchString(text) {
				t.Errorf("%q is not escaped", text)
			}
		}
	}
}

// feed fetches the calendar as a program does: without a cookie.
func (h *house) feed(path string, header http.Header) (*http.Response, string) {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodGet, h.URL+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer, string(body)
}

// withProgramme adds a monthly programme, of which one date has an announced
// wave and one was skipped, and a wave that was announced by hand.
func (h *house) withProgramme() {
	h.t.Helper()
	ctx := h.t.Context()
	p := survey.Programme{
		ID: "pulse", Packs: []string{"pulse"}, Repeat: "FREQ=MONTHLY;BYDAY=1TU;COUNT=4", Starts: "2026-12-01",
		OpensAt: 8 * 60, OpenDays: 7, ClosesAt: 20 * 60, LeadDays: 14, ResultsDays: 14,
		Owner: "Ada Owner", Contact: "Support line, extension 12", K: 5, Active: true, Since: h.clock.at,
		Pauses: []survey.Pause{{From: "2027-02-01", To: "2027-02-07"}},
	}
	if err := h.store.AddProgramme(ctx, p); err != nil {
		h.t.Fatal(err)
	}
	next, err := p.Next(time.UTC, h.clock.at, 1)
	if err != nil {
		h.t.Fatal(err)
	}
	w := survey.Wave{
		ID: "2026-12-2", Programme: p.ID, State: survey.Planned, Scope: orgID, Opens: next[0].Opens, Closes: next[0].Closes,
		ResultsOn: next[0].ResultsOn, Owner: p.Owner, Contact: p.Contact, K: 5, Tag: "7KQ",
	}
	if err := h.store.CreateOccurrence(ctx, w, next[0].Date); err != nil {
		h.t.Fatal(err)
	}
	hand := w
	hand.ID, hand.Programme, hand.Tag = "2026-11", "incident", "8KQ"
	hand.Opens, hand.Closes, hand.ResultsOn = h.clock.at.Add(-time.Hour), h.clock.at.AddDate(0, 0, 5), "2026-12-11"
	if err := h.store.CreateWave(ctx, hand); err != nil {
		h.t.Fatal(err)
	}
	for _, step := range []struct {
		id       survey.WaveID
		from, to survey.State
	}{{w.ID, survey.Planned, survey.Announced}, {hand.ID, survey.Planned, survey.Announced}, {hand.ID, survey.Announced, survey.Open}} {
		if err := h.store.SetWaveState(ctx, step.id, step.from, step.to); err != nil {
			h.t.Fatal(err)
		}
	}
}

func TestTheCalendarHoldsTheDatesOfWaves(t *testing.T) {
	h := newHouse(t)
	h.withProgramme()
	answer, body := h.feed("/waves.ics", nil)
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/calendar; charset=utf-8" || len(answer.Cookies()) > 0 {
		t.Fatalf("%d %v", answer.StatusCode, answer.Header)
	}
	wantValid(t, readCalendar(t, body))
	golden := filepath.Join("testdata", "waves.ics")
	if *updateCalendar {
		if err := os.WriteFile(golden, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), body); diff != "" {
		t.Fatal(diff)
	}
	// The wave 2026-12 was planned by hand and promised to nobody; the pause in
	// February has no wave.
	for _, secret := range []string{"Ada", "extension", "Riverside", "Children", "2026-12-2", "20261207", "20270202"} {
		if strings.Contains(body, secret) {
			t.Errorf("the calendar tells %q", secret)
		}
	}
}

func TestAnEventKeepsItsUIDWhenItsWaveIsAnnounced(t *testing.T) {
	h := newHouse(t)
	h.withProgramme()
	uids := func() map[string]string { // by start
		_, body := h.feed("/waves.ics", nil)
		found := make(map[string]string)
		for _, e := range readCalendar(t, body).parts {
			found[e.one(t, "DTSTART").value] = e.one(t, "UID").value
		}
		return found
	}
	before := uids()
	if before["20270105T080000Z"] == "" {
		t.Fatal(before)
	}
	w := survey.Wave{
		ID: "2027-01", Programme: "pulse", State: survey.Planned, Scope: orgID, Opens: time.Date(2027, 1, 5, 8, 0, 0, 0, time.UTC),
		Closes: time.Date(2027, 1, 12, 20, 0, 0, 0, time.UTC), ResultsOn: "2027-01-26", Owner: "Ada Owner", Contact: "Support line", K: 5, Tag: "9KQ",
	}
	if err := h.store.CreateOccurrence(t.Context(), w, "2027-01-05"); err != nil {
		t.Fatal(err)
	}
	if err := h.store.SetWaveState(t.Context(), w.ID, survey.Planned, survey.Announced); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, uids()); diff != "" {
		t.Fatal(diff)
	}
}

func TestACalendarProgramIsToldWhenNothingHasChanged(t *testing.T) {
	h := newHouse(t)
	h.withProgramme()
	first, _ := h.feed("/waves.ics", nil)
	tag := first.Header.Get("Etag")
	h.clock.at = h.clock.at.Add(time.Hour) // the same day
	if again, body := h.feed("/waves.ics", http.Header{"If-None-Match": {tag}}); again.StatusCode != http.StatusNotModified || body != "" {
		t.Fatalf("%d %q", again.StatusCode, body)
	}
	if other, _ := h.feed("/waves.ics", http.Header{"If-None-Match": {tag}, "Accept-Language": {"fr"}}); other.StatusCode != http.StatusOK || !strings.Contains(other.Header.Get("Vary"), "Accept-Language") {
		t.Fatalf("the French feed is %d, Vary %q", other.StatusCode, other.Header.Get("Vary"))
	}
	if err := h.store.SetWaveState(t.Context(), "2026-11", survey.Open, survey.Void); err != nil {
		t.Fatal(err)
	}
	if changed, body := h.feed("/waves.ics", http.Header{"If-None-Match": {tag}}); changed.StatusCode != http.StatusOK || strings.Contains(body, "incident") {
		t.Fatalf("%d: a void wave is still there", changed.StatusCode)
	}
}

func TestAWaveStaysUntilItsResultsAreShared(t *testing.T) {
	h := newHouse(t)
	h.withProgramme()
	if err := h.store.SetWaveState(t.Context(), "2026-11", survey.Open, survey.Released); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[int]bool{11: true, 12: false} { // results on 11 December
		h.clock.at = time.Date(2026, 12, day, 12, 0, 0, 0, time.UTC)
		if _, body := h.feed("/waves.ics", nil); strings.Contains(body, "incident") != want {
			t.Errorf("on 12-%d: %v, want %v", day, !want, want)
		}
	}
}

func TestAnEmptyCalendarIsValid(t *testing.T) {
	h := newHouse(t)
	_, body := h.feed("/waves.ics", nil)
	cal := readCalendar(t, body)
	wantValid(t, cal)
	if len(cal.parts) != 1 || cal.parts[0].name != "VTIMEZONE" {
		t.Fatalf("%+v", cal.parts)
	}
}

func TestLinesOfACalendarAreFoldedBetweenCharacters(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("a", 67), strings.Repeat("a", 68), strings.Repeat("a", 300),
		strings.Repeat("é", 200), strings.Repeat("日本", 100), "x" + strings.Repeat("𝒳", 90),
	} {
		var b calendarText
		b.line("BEGIN", "VCALENDAR")
		b.text("SUMMARY", text+`; a, b\c`+"\n")
		b.line("END", "VCALENDAR")
		got := readCalendar(t, b.String()).one(t, "SUMMARY").value
		if want := text + `\; a\, b\\c\n`; got != want {
			t.Errorf("%q\nwant %q", got, want)
		}
	}
}

func TestTheCalendarSpeaksEveryLanguage(t *testing.T) {
	h := newHouse(t)
	h.withProgramme()
	var summaries []string
	for _, lang := range []string{"en", "fr", "es"} {
		_, body := h.feed("/waves.ics?lang="+lang, nil)
		cal := readCalendar(t, body)
		wantValid(t, cal)
		summaries = append(summaries, cal.parts[0].one(t, "SUMMARY").value)
	}
	if want := []string{"Survey open (incident)", "Enquête ouverte (incident)", "Encuesta abierta (incident)"}; !slices.Equal(summaries, want) {
		t.Fatal(summaries)
	}
}
