package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/ticket"
)

// What is planted. None of it may be written anywhere.
const (
	plantedAddress   = "127.77.66.55" // loopback is a whole network; nobody else uses this address
	plantedForwarded = "198.51.100.77"
	plantedAgent     = "PlantedAgent/7.7"
	plantedReferer   = "planted-referer.example"
	plantedLanguage  = "x-plantedtongue"
	plantedCookie    = "planted-cookie-5150"
	plantedTrace     = "4bf92f3577b34da6a3ce929d0e0e4736"
	plantedText      = "planted-free-text"
	plantedHost      = "planted-host.example"
	plantedEmail     = "planted-sign-in@example.org"
	plantedPassword  = "planted pass word"
)

// plantedSheets are answers that nobody gives by chance, in the pack's order.
var plantedSheets = [][]int{
	{5, 1, 4, 2, 3, 5, 5, 1, 2, 4, 1, 3, 3, 5, 2},
	{2, 4, 4, 1, 5, 3, 2, 5, 1, 1, 3, 5, 4, 2, 5},
	{1, 3, 5, 5, 2, 4, 1, 2, 4, 3, 5, 1, 2, 4, 1},
}

// Nothing that is ever written, while a wave is open and after its release,
// has a code, an answer sheet, an address, a browser or anything else of a
// respondent in it: no file of the data and key folder at any moment, no
// output, and no fault of a request either.
func TestNothingWrittenTellsWhoAnswered(t *testing.T) {
	t.Parallel()
	m := inTime(t, 12*time.Second, func(open time.Duration) (*planting, bool) { return plant(t, open) })
	if n := m.files.count("ballots.db-journal"); n == 0 {
		t.Error("no journal of the ballots was seen: the sampler is too slow to show anything")
	}
	m.server.wait("release the wave", func() bool { return strings.Contains(m.server.get("/log.json"), `"kind":"release"`) })
	m.afterRelease()
	m.visitor.report()
	m.nothingFound("after the release")

	if code := m.server.interrupt(); code != exitDone {
		t.Errorf("the server ends with %d; want %d", code, exitDone)
	}
	m.nothingFound("after the server has ended")
	if want := "Attune answers on " + m.server.url + "\n"; m.server.stdout.String() != want || m.server.stderr.String() != "" {
		t.Errorf("the server wrote\n%s%s\nwant %s", m.server.stdout.String(), m.server.stderr.String(), want)
	}
	m.files.finish()
	m.onlyTheSlipsHaveCodes()
	m.plantedThingsAreFound()
}

// plant does everything that happens before a wave closes. It is false when
// that came too soon.
func plant(t *testing.T, open time.Duration) (*planting, bool) {
	h := newHouseIn(t, onDisk(t))
	h.importPeople([]crew{{"North / Duty", 9}, {"South / Ward", 8}})
	wave := h.announce(after(open/4), after(open*5/4))
	slips := filepath.Join(h.root, "slips", "tickets.csv")
	if err := os.Mkdir(filepath.Dir(slips), 0o700); err != nil {
		t.Fatal(err)
	}
	h.attune("tickets", "print", "--wave", string(wave.ID), "--format", "csv", "-o", slips)
	codes := readCodes(t, slips)
	m := &planting{
		t: t, house: h, wave: wave, slips: slips, codes: codes, search: newSearch(),
		wrong:    ticket.NewPaperCode(bytes.Repeat([]byte{7}, 32), wave.Tag, "planted", 0).String(),
		mistyped: mistype(codes[0]),
	}
	m.addMarkers()
	m.files = startSampler(t, h.dir, h.keys, h.temp)
	m.server = h.serve()
	m.visitor = newVisitor(t, m.server.url)

	m.beforeOpening()
	tooLate := !time.Now().Before(wave.Opens)
	m.nothingFound("before the wave opens")
	time.Sleep(time.Until(wave.Opens))
	m.server.wait("open the wave", func() bool {
		return strings.Contains(m.server.get("/p"), "cs_connection") || time.Now().After(wave.Closes)
	})
	m.answering()
	m.nothingFound("while people answer")
	m.faults()
	m.overTLS()
	m.nothingFound("after everything that goes wrong")
	left := time.Until(wave.Closes)
	if tooLate || left <= 0 {
		m.server.kill()
		m.files.finish()
		return nil, false
	}
	t.Logf("done %s before the close", left.Round(time.Second))
	m.visitor.report()
	return m, true
}

func readCodes(t *testing.T, file string) []string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, row := range rows[1:] {
		codes = append(codes, row[2])
	}
	if len(codes) != 17 { // 9 + 8 people
		t.Fatalf("%d codes; want 17", len(codes))
	}
	return codes
}

// mistype swaps the last character of a code for another.
func mistype(code string) string {
	last := "2"
	if strings.HasSuffix(code, last) {
		last = "3"
	}
	return code[:len(code)-1] + last
}

// planting is the whole test's state.
type planting struct {
	t        *testing.T
	house    *house
	wave     survey.Wave
	slips    string   // the file with the printed codes
	codes    []string // the first are used, the others never
	wrong    string   // has a right check symbol and no slip
	mistyped string
	search   *search
	files    *sampler
	server   *process
	visitor  visitor
	outputs  bytes.Buffer // of commands and of a second server
}

func (m *planting) addMarkers() {
	m.addVisitor()
	for i, code := range append([]string{m.wrong}, m.codes...) {
		m.addCode(fmt.Sprintf("code %d", i), code)
	}
	m.search.addText("the mistyped code", m.mistyped)
	m.search.addText("the mistyped code", strings.ReplaceAll(m.mistyped, " ", ""))
	for i, values := range plantedSheets {
		m.addSheet(fmt.Sprintf("sheet %d", i), values)
	}
}

// addVisitor adds what comes with every request of a visitor.
func (m *planting) addVisitor() {
	m.search.addText("the address", plantedAddress)
	m.search.addBinary("the address", net.ParseIP(plantedAddress).To16())
	for what, text := range map[string]string{
		"the forwarded address": plantedForwarded, "the browser": plantedAgent, "the referrer": plantedReferer,
		"the language": plantedLanguage, "the cookie": plantedCookie, "the trace": plantedTrace,
		"a free text": plantedText, "the host": plantedHost, "a sign-in": plantedEmail, "a password": plantedPassword,
	} {
		m.search.addText(what, text)
	}
}

func (m *planting) addCode(what, code string) {
	m.search.addText(what, code)
	for _, between := range []string{"", "-", "+", "%20"} {
		m.search.addText(what, strings.ReplaceAll(code, " ", between))
	}
	parsed, err := ticket.ParsePaperCode(code)
	if err != nil {
		m.t.Fatal(err)
	}
	m.search.addBinary("the secret of "+what, parsed.Secret[:])
	m.search.addText("the secret of "+what, strings.ReplaceAll(code, " ", "")[3:19])
	nullifier := parsed.Nullifier(string(m.wave.ID))
	m.search.addBinary("the nullifier of "+what, nullifier[:])
}

func (m *planting) addSheet(what string, values []int) {
	library, err := survey.NewLibrary()
	if err != nil {
		m.t.Fatal(err)
	}
	pack, err := library.Latest("pulse")
	if err != nil {
		m.t.Fatal(err)
	}
	sheet, err := survey.NewSheet([]*survey.Pack{pack})
	if err != nil {
		m.t.Fatal(err)
	}
	answers := make(survey.Answers)
	for i, item := range walkItems {
		answers[item] = values[i]
	}
	encoded, err := sheet.Encode(answers)
	if err != nil {
		m.t.Fatal(err)
	}
	m.search.addBinary(what, encoded)
	m.search.addText(what+" as a form", formOf(values))
	digits := strings.Trim(fmt.Sprint(values), "[]")
	for _, between := range []string{"", " ", ",", ", "} {
		m.search.addText(what+" as text", strings.ReplaceAll(digits, " ", between))
	}
}

// formOf writes answers as a browser posts them.
func formOf(values []int) string {
	var fields []string
	for i, item := range walkItems {
		fields = append(fields, fmt.Sprintf("%s=%d", item, values[i]))
	}
	return strings.Join(fields, "&")
}

// nothingFound looks through everything that was written since the last time.
func (m *planting) nothingFound(when string) {
	m.t.Helper()
	all := m.files.take()
	all = append(all,
		sample{"standard output", []byte(m.server.stdout.String())},
		sample{"standard error", []byte(m.server.stderr.String())},
		sample{"commands", m.outputs.Bytes()},
	)
	for _, s := range all {
		if found := m.search.in(s.raw); len(found) > 0 {
			m.t.Errorf("%s: %s has %v in it", when, filepath.Base(s.path), found)
		}
	}
	m.t.Logf("%s: looked through %d contents", when, len(all))
}

func (m *planting) beforeOpening() {
	v := m.visitor
	v.want("GET", "/p", "", http.StatusOK)
	v.want("POST", "/p", "code="+m.typed(0)+"&"+formOf(plantedSheets[0]), http.StatusUnprocessableEntity)
	v.want("POST", "/p", "step=code&code="+m.typed(1), http.StatusUnprocessableEntity)
	v.want("GET", "/p?code="+m.typed(0), "", http.StatusOK)
}

// typed is a code as somebody types it, each in another way.
func (m *planting) typed(i int) string {
	switch code := m.codes[i]; i % 4 {
	case 0:
		return strings.ReplaceAll(code, " ", "+") // a blank in a form
	case 1:
		return strings.ReplaceAll(strings.ToLower(code), " ", "")
	case 2:
		return strings.ReplaceAll(code, " ", "-")
	default:
		return strings.ReplaceAll(strings.ToLower(code), " ", "%20")
	}
}

// answering is what goes well: first answers, a change of mind, a withdrawal.
func (m *planting) answering() {
	v := m.visitor
	for i := range 14 {
		form := "code=" + m.typed(i) + "&" + formOf(plantedSheets[i%len(plantedSheets)])
		if body := v.want("POST", "/p", form, http.StatusOK); !strings.Contains(body, `"received":true`) {
			v.unexpected("answering says %s", body)
		}
	}
	v.want("POST", "/p", "code="+m.typed(0)+"&"+formOf(plantedSheets[1]), http.StatusOK)
	v.want("POST", "/p/withdraw", "code="+m.typed(1), http.StatusOK)
	v.want("POST", "/p", "step=code&code="+m.typed(2), http.StatusOK)
	v.page("POST", "/p", "code="+m.typed(3)+"&"+formOf(plantedSheets[0]), http.StatusOK) // without script
	v.page("POST", "/p", "code="+m.typed(1)+"&"+formOf(plantedSheets[2]), http.StatusOK)
	// Somebody who goes away before the answer comes; sent again after that.
	form := "code=" + m.typed(4) + "&" + formOf(plantedSheets[1])
	v.raw("POST /p HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " + fmt.Sprint(len(form)) + "\r\n" + v.headers() + "\r\n" + form)
	v.want("POST", "/p", form, http.StatusOK)
}

// afterRelease asks everything that can be asked of a released wave.
func (m *planting) afterRelease() {
	v := m.visitor
	v.want("POST", "/p", "code="+m.typed(0)+"&"+formOf(plantedSheets[0]), http.StatusUnprocessableEntity)
	v.want("POST", "/p/withdraw", "code="+m.typed(2), http.StatusUnprocessableEntity)
	v.page("POST", "/p", "step=code&code="+m.typed(3), http.StatusUnprocessableEntity)
	id := string(m.wave.ID)
	for _, args := range [][]string{
		{"wave", "list"},
		{"wave", "show", id},
		{"export", "-o", "-"},
		{"export", "--format", "json", "-o", "-"},
		{"verify"},
		{"unit", "list"},
		{"tickets", "print", "--wave", id, "--format", "csv", "-o", "-"},
	} {
		_, out, faults := m.house.try(args...)
		m.outputs.WriteString(out + faults)
	}
	m.outputs.WriteString(m.server.get("/log.json") + m.server.get("/log") + m.server.get("/p"))
	if export := m.outputs.String(); !strings.Contains(export, "burnout") {
		m.t.Errorf("the export shows nothing:\n%s", export)
	}
}

// onlyTheSlipsHaveCodes walks over everything that the whole test has written.
func (m *planting) onlyTheSlipsHaveCodes() {
	m.t.Helper()
	for _, code := range m.codes {
		files := append(filesWith(m.t, []byte(code), m.house.root), filesWith(m.t, []byte(strings.ReplaceAll(code, " ", "")), m.house.root)...)
		if !slices.Equal(files, []string{m.slips}) {
			m.t.Errorf("a code stands in %v; want %s only", files, m.slips)
		}
	}
}

// plantedThingsAreFound shows that the same search in the same folders finds
// what is there, also for a moment only.
func (m *planting) plantedThingsAreFound() {
	t := m.t
	parsed, err := ticket.ParsePaperCode(m.codes[3])
	if err != nil {
		t.Fatal(err)
	}
	again := startSampler(t, m.house.dir, m.house.keys, m.house.temp)
	people, err := os.ReadFile(filepath.Join(m.house.dir, "people.db"))
	if err != nil {
		t.Fatal(err)
	}
	inside := slices.Concat(people[:len(people)/2], parsed.Secret[:], people[len(people)/2:])
	for path, raw := range map[string][]byte{
		filepath.Join(m.house.dir, "ballots.db-wal"): []byte("x " + strings.ToLower(m.codes[2])),
		filepath.Join(m.house.keys, "copy"):          inside,
		filepath.Join(m.house.temp, "etilqs_1"):      []byte("from " + plantedAddress + ":41000"),
	} {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	again.finish()
	var found []string
	for _, s := range again.take() {
		found = append(found, m.search.in(s.raw)...)
	}
	slices.Sort(found)
	want := []string{"code 3", "the address", "the secret of code 4, raw"} // code 0 is the wrong one
	for _, w := range want {
		if !slices.Contains(found, w) {
			t.Errorf("planted for a tenth of a second was %q; found were only %q", w, found)
		}
	}
}
