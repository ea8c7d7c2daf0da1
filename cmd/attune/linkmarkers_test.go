package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/wave"
)

// goneAddress is somebody's whom the mail server does not know, and whose
// address it repeats when it says so.
const goneAddress = "staff3@example.org"

// Nothing that is ever written, while a wave is announced and open and after
// its release, has a link's token, a ticket, an answer sheet or anything else
// of a respondent in it. What may be written, and why, says mayStand.
func TestNothingWrittenTellsWhoDrewOrAnsweredByLink(t *testing.T) {
	t.Parallel()
	m := inTime(t, 12*time.Second, func(open time.Duration) (*linkPlanting, bool) { return plantLinks(t, open) })
	if n := m.files.count("ballots.db-journal"); n == 0 {
		t.Error("no journal of the ballots was seen: the sampler is too slow to show anything")
	}
	m.server.wait("release the wave", func() bool { return strings.Contains(m.server.get("/log.json"), `"kind":"release"`) })
	m.post.take("Test Harbour: results of the survey", len(m.people)-4) // one is unknown there, one wants no mail, two get texts
	m.gateway.take("the results of the survey are out", []string{staffNumber(16)})
	m.afterRelease()
	m.visitor.report()
	m.nothingFound("after the release")

	if code := m.server.interrupt(); code != exitDone {
		t.Errorf("the server ends with %d; want %d", code, exitDone)
	}
	m.nothingFound("after the server has ended")
	if want := "Attune answers on " + m.server.url + "\n"; m.server.stdout.String() != want {
		t.Errorf("the server wrote %s; want %s", m.server.stdout.String(), want)
	}
	// Of the mail that could not be delivered it tells the number only.
	const given = "attune: 1 messages were given up, because the mail server does not take them."
	said := m.server.stderr.String()
	if !strings.Contains(said, given) {
		t.Errorf("nothing is said about mail that was given up:\n%s", said)
	}
	for line := range strings.Lines(said) {
		if !strings.HasPrefix(line, given) {
			t.Errorf("the server wrote %s", line)
		}
	}
	m.files.finish()
	for _, place := range []string{"people.db", "links.key"} {
		if !m.stood[place] {
			t.Errorf("what may stand in %s was not found there: the search looks for something else", place)
		}
	}
	m.onlyPrintedLinksHaveTokens()
	m.plantedTicketsAreFound()
	if m.gateway.refused == 0 {
		t.Error("no text was refused, with the number in the answer")
	}
}

// linkPlanting is the whole test's state.
type linkPlanting struct {
	*planting
	post    *postbox
	gateway *exchange
	people  []survey.Person
	links   map[survey.PersonID]wave.PersonLink
	results string // the key of a page of results
	printed string // the file with the printed links
	phones  []*wirePhone
	stood   map[string]bool // files in which something stood that may stand there
}

// What markers are about. Everything else may stand nowhere.
const (
	someonesAddress = "the staff list: the address of "
	someonesNumber  = "the staff list: the phone number of "
	someonesID      = "the staff list: the id of "
	keyOfLinks      = "the key of links"
)

// mayStand says which markers may stand in which files.
//
// The staff list is people.db: addresses, phone numbers, and ids, under which the roster and
// the letters that wait are filed too. SQLite's journal of that file holds
// pages of it while they change. Neither tells who drew or answered: a letter
// goes to everybody, and its row is gone once it is sent.
//
// The tokens of links are made from a key in the key folder, and stand nowhere
// at all; so are those that stop mail, and those of pages of results.
//
// Tickets, ballots and whatever comes with a request may stand nowhere: they
// are on disk sealed only, under keys of the key folder.
func mayStand(what, file string) bool {
	switch {
	case strings.HasPrefix(what, someonesAddress), strings.HasPrefix(what, someonesNumber), strings.HasPrefix(what, someonesID):
		return file == "people.db" || file == "people.db-journal"
	case strings.HasPrefix(what, keyOfLinks):
		return file == "links.key"
	}
	return false
}

// plantLinks does everything that happens before a wave closes. It is false
// when that came too soon.
func plantLinks(t *testing.T, open time.Duration) (*linkPlanting, bool) {
	h := newHouseIn(t, onDisk(t))
	m := &linkPlanting{planting: &planting{t: t, house: h, search: newSearch()}, post: newPostbox(t), gateway: newExchange(t), stood: make(map[string]bool)}
	m.post.refuse(goneAddress)
	settings := filepath.Join(h.root, "settings")
	if err := os.Mkdir(settings, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, value := range m.post.environment(settings) {
		h.env = append(h.env, name+"="+value)
	}
	h.env = append(h.env, "ATTUNE_PUBLIC_URL=https://"+mailHost, "SSL_CERT_FILE="+m.post.self.cert)
	for name, value := range m.gateway.environment() {
		h.env = append(h.env, name+"="+value)
	}
	m.gateway.refuse(staffNumber(17))
	h.importList(listWithNumbers())
	out := h.attune("wave", "plan", "--packs", "pulse", "--opens", after(open/3), "--closes", after(open*4/3),
		"--owner", "Robin Lead", "--results-on", "+10d", "--contact", "Sam Support, 555 0100")
	id := survey.WaveID(strings.Fields(out)[1]) // "Wave 2026-11 is planned: …"
	h.attune("wave", "announce", string(id))
	m.readLinks(id)
	m.files = startSampler(t, h.dir, h.keys, h.temp)
	m.server = h.serve()
	m.visitor = newVisitor(t, m.server.url)

	m.drawing(0, 9)
	m.nothingFound("before the wave opens")
	tooLate := !time.Now().Before(m.wave.Opens)
	time.Sleep(time.Until(m.wave.Opens))
	m.server.wait("open the wave", func() bool {
		return strings.Contains(m.server.get("/a"), "cs_connection") || time.Now().After(m.wave.Closes)
	})
	if tooLate || time.Now().After(m.wave.Closes) {
		m.end()
		return nil, false
	}
	m.drawing(9, 14)
	m.answering()
	m.nothingFound("while people answer")
	m.faults()
	m.nothingFound("after everything that goes wrong")
	left := time.Until(m.wave.Closes)
	if left <= 0 {
		m.end()
		return nil, false
	}
	t.Logf("done %s before the close", left.Round(time.Second))
	m.visitor.report()
	return m, true
}

// staffNumber is the phone number of Staff n.
func staffNumber(n int) string { return fmt.Sprintf("+3538755501%02d", n) }

// listWithNumbers has nine people in Duty and eight in Ward. Everybody has a
// number; the last two have no address.
func listWithNumbers() string {
	list := "email,name,unit,language,phone\n"
	for n := 1; n <= 17; n++ {
		email, unit := fmt.Sprintf("staff%d@example.org", n), "North / Duty"
		if n > 9 {
			unit = "South / Ward"
		}
		if n > 15 {
			email = ""
		}
		list += fmt.Sprintf("%s,Staff %d,%s,en,%s\n", email, n, unit, staffNumber(n))
	}
	return list
}

func (m *linkPlanting) end() {
	m.server.kill()
	m.files.finish()
}

// readLinks learns what is secret of everybody, and what is to be looked for.
func (m *linkPlanting) readLinks(id survey.WaveID) {
	t := m.t
	t.Helper()
	m.house.look(func(in *installation) (err error) {
		ctx := t.Context()
		if m.wave, err = in.waves.Wave(ctx, id); err != nil {
			return err
		}
		if m.people, err = in.store.People(ctx); err != nil {
			return err
		}
		if m.links, err = in.waves.PersonLinks(ctx); err != nil {
			return err
		}
		m.results, err = in.waves.ResultsKey(ctx, id, m.people[0].Unit)
		return err
	})
	key, err := os.ReadFile(filepath.Join(m.house.keys, "links.key"))
	if err != nil {
		t.Fatal(err)
	}
	m.addVisitor()
	m.search.addBinary(keyOfLinks, key)
	m.search.addText("the key of a page of results", m.results)
	m.search.addText("the password of the mail account", postPassword)
	m.search.addText("the token of the gateway", exchangeToken)
	for i, p := range m.people {
		if p.Email != "" {
			m.search.addText(someonesAddress+p.Email, p.Email)
		}
		m.search.addText(someonesNumber+p.Name, strings.TrimPrefix(p.Phone, "+"))
		m.search.addText(someonesID+p.Name, string(p.ID))
		m.search.addText(fmt.Sprintf("link %d", i), m.links[p.ID].Token)
		m.search.addText(fmt.Sprintf("the link %d that stops mail", i), m.links[p.ID].Stop)
	}
	for i, values := range plantedSheets {
		m.addSheet(fmt.Sprintf("sheet %d", i), values)
	}
}

// phone is one of somebody's requests, from the address of the visitor and
// with all that a visitor says.
func (m *linkPlanting) phone(i int) *wirePhone {
	v := m.visitor
	return &wirePhone{
		t: m.t, token: m.links[m.people[i].ID].Token, wave: m.wave.ID, fault: v.unexpected,
		post: func(path, body string) (int, string) {
			return v.do(http.MethodPost, path, "text/plain;charset=UTF-8", body)
		},
	}
}

// drawing collects tickets and looks for all that belongs to them from then on.
func (m *linkPlanting) drawing(from, to int) {
	m.t.Helper()
	for i := from; i < to; i++ {
		p := m.phone(i)
		p.draw()
		m.phones = append(m.phones, p)
		m.addTicket(i, p)
	}
}

func (m *linkPlanting) addTicket(i int, p *wirePhone) {
	of := func(what string) string { return fmt.Sprintf("%s of ticket %d", what, i) }
	hash := sha256.Sum256(p.blinded) // what the issuance state remembers, sealed
	for what, raw := range map[string][]byte{
		"the input": p.input, "the blinded element": p.blinded, "its hash": hash[:], "the stamp": p.stamp, "the proof": p.proof, "the output": p.out,
	} {
		m.search.addBinary(of(what), raw)
	}
}

// answering is what goes well: first answers, a change of mind, a withdrawal,
// and somebody who goes away before the answer comes.
func (m *linkPlanting) answering() {
	m.t.Helper()
	sheet := func(i int) []int { return plantedSheets[i%len(plantedSheets)] }
	for i, p := range m.phones {
		p.cast(sheet(i))
	}
	m.phones[0].cast(sheet(1))
	m.phones[1].withdraw()
	m.phones[2].withdraw()
	m.phones[2].cast(sheet(0))
	body := toJSON(m.t, m.phones[3].ballot(sheet(1)))
	m.visitor.raw("POST /cast HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n" + m.visitor.headers() + "\r\n" + body)
	m.phones[3].cast(sheet(1))
}

// faults is what goes wrong with links and tickets: what people try, what
// programs send, and what somebody sends who wants to see something in a log.
func (m *linkPlanting) faults() {
	t, v := m.t, m.visitor
	t.Helper()
	second := m.phone(0)
	second.offer()
	second.blind()
	m.search.addBinary("the blinded element of a second phone", second.blinded)
	second.ask("/draw", second.drawRequest(), http.StatusConflict, nil)
	unknown := m.phone(0)
	unknown.token = strings.Repeat("planted-", 2) + "tokenX" // 22 characters
	m.search.addText("the unknown token", unknown.token)
	unknown.ask("/draw/offer", tokenAndWave{unknown.token, m.wave.ID}, http.StatusNotFound, nil)
	malformed := second.drawRequest()
	malformed.Blinded = bytes.Repeat([]byte{0xff}, 32)
	second.ask("/draw", malformed, http.StatusUnprocessableEntity, nil)

	ballot := m.phones[4].ballot(plantedSheets[0])
	forged := ballot
	forged.Output = slices.Concat(ballot.Output[:63], []byte{ballot.Output[63] ^ 1})
	elsewhere := ballot
	elsewhere.Group = plantedText
	for _, p := range m.phones { // of the other team, when one of it has drawn
		if p.group != ballot.Group {
			elsewhere.Group = p.group
		}
	}
	short := ballot
	short.Sheet = ballot.Sheet[1:]
	for _, wrong := range []survey.TicketBallot{forged, elsewhere, short} {
		m.phones[4].ask("/cast", wrong, http.StatusUnprocessableEntity, nil)
	}
	whole := toJSON(t, ballot)
	token := m.links[m.people[5].ID].Token
	stop := m.links[m.people[5].ID].Stop
	v.want("POST", "/cast", whole, http.StatusUnsupportedMediaType) // as a form
	for _, bad := range []struct {
		path, body string
		status     int
	}{
		{"/cast", whole + strings.Repeat(" ", 9<<10), http.StatusRequestEntityTooLarge},
		{"/cast", whole[:len(whole)-9], http.StatusBadRequest},
		{"/cast", strings.Replace(whole, "{", `{"`+plantedText+`":1,`, 1), http.StatusBadRequest},
		{"/draw", toJSON(t, second.drawRequest()) + "{}", http.StatusBadRequest},
		{"/draw/offer", `{"token":"` + token + `","wave":"` + plantedText + `"}`, http.StatusNotFound},
	} {
		if status, answer := v.do("POST", bad.path, "text/plain", bad.body); status != bad.status {
			v.unexpected("POST %s %.60s: %d %s; want %d", bad.path, bad.body, status, answer, bad.status)
		}
	}
	for _, path := range []string{
		"/a/" + token, "/a?token=" + token, "/a?" + token, "/draw?" + token, "/cast/" + token, "/u/" + token, "/r/" + token, "/u/" + stop + "/x",
		"/" + token, "/static/" + token, "/manifest/" + token, "/console/" + token, "/log/" + token, "/kiosk/" + token, "/a%2f" + token,
	} {
		for _, method := range []string{"GET", "HEAD", "POST"} {
			if status, body := v.do(method, path, "text/plain", toJSON(t, second.drawRequest())); status >= 500 {
				v.unexpected("%s %s: %d %s", method, path, status, body)
			}
		}
	}
	body := toJSON(t, second.drawRequest())
	for _, text := range []string{
		"GET /a#" + token + " HTTP/1.1\r\n" + v.headers() + "\r\n",
		"POST /draw HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 900\r\n" + v.headers() + "\r\n" + body, // the rest never comes
		"POST /draw HTTP/1.1\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n" + v.headers() + "\r\nplanted\r\n" + body,
		"POST /cast HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: -5\r\n" + v.headers() + "\r\n" + whole,
		"GET /a HTTP/1.1\r\n" + v.headers() + "X-Long: " + strings.Repeat(token, 1000) + "\r\n\r\n",
		"POST /draw?" + body + " HTTP/1.1\r\n" + v.headers(), // the head never ends
		"GET /" + token + " HTTP/9.9\r\n\r\n",
	} {
		v.raw(text)
	}
	// Somebody wants no more mail, with the button of their mail program.
	tired := slices.IndexFunc(m.people, func(p survey.Person) bool { return p.Email != goneAddress })
	v.page("POST", "/u/"+m.links[m.people[tired].ID].Stop, "List-Unsubscribe=One-Click", http.StatusOK)
}

// afterRelease asks everything that can be asked of a released wave.
func (m *linkPlanting) afterRelease() {
	t := m.t
	t.Helper()
	late := m.phone(16)
	late.ask("/draw/offer", tokenAndWave{late.token, m.wave.ID}, http.StatusConflict, nil)
	m.phones[0].ask("/draw", m.phones[0].drawRequest(), http.StatusConflict, nil)
	m.phones[0].ask("/cast", m.phones[0].ballot(plantedSheets[0]), http.StatusConflict, nil)
	m.outputs.WriteString(m.server.get("/r/"+m.results) + m.server.get("/log.json") + m.server.get("/log") + m.server.get("/a"))
	id := string(m.wave.ID)
	m.printed = filepath.Join(m.house.root, "settings", "links.csv")
	for _, args := range [][]string{
		{"wave", "list"},
		{"wave", "show", id},
		{"export", "-o", "-"},
		{"export", "--format", "json", "-o", "-"},
		{"verify"},
		{"unit", "list"},
		{"mail", "status"},
		{"mail", "test", "nobody@harbour.example"},
		{"sms", "test", "+353875550199"},
		{"links", "print", "--format", "csv", "-o", m.printed},
	} {
		code, out, faults := m.house.try(args...)
		if code != exitDone {
			t.Errorf("attune %s: %d %s", strings.Join(args, " "), code, faults)
		}
		m.outputs.WriteString(out + faults)
	}
	if said := m.outputs.String(); !strings.Contains(said, "burnout") || !strings.Contains(said, "The mail server took the message") {
		t.Errorf("the commands show nothing:\n%s", said)
	}
}

// nothingFound looks through everything that was written since the last time.
func (m *linkPlanting) nothingFound(when string) {
	m.t.Helper()
	all := m.files.take()
	all = append(all,
		sample{"standard output", []byte(m.server.stdout.String())},
		sample{"standard error", []byte(m.server.stderr.String())},
		sample{"commands", m.outputs.Bytes()},
	)
	for _, s := range all {
		if wrong := m.wrongly(s); len(wrong) > 0 {
			m.t.Errorf("%s: %s has %v in it", when, filepath.Base(s.path), wrong)
		}
	}
	m.t.Logf("%s: looked through %d contents", when, len(all))
}

// wrongly names the markers in a content that may not stand there.
func (m *linkPlanting) wrongly(s sample) []string {
	var wrong []string
	for _, what := range m.search.in(s.raw) {
		if file := filepath.Base(s.path); mayStand(what, file) {
			m.stood[file] = true
		} else {
			wrong = append(wrong, what)
		}
	}
	return wrong
}

// onlyPrintedLinksHaveTokens walks over everything that the whole test has
// written: links stand where the operator had them printed.
func (m *linkPlanting) onlyPrintedLinksHaveTokens() {
	m.t.Helper()
	for _, p := range m.people {
		if files := filesWith(m.t, []byte(m.links[p.ID].Token), m.house.root); !slices.Equal(files, []string{m.printed}) {
			m.t.Errorf("the link of %s stands in %v; want %s only", p.Name, files, m.printed)
		}
	}
}

// plantedTicketsAreFound shows that the same search in the same folders finds
// what is there, also what may stand in other files.
func (m *linkPlanting) plantedTicketsAreFound() {
	t := m.t
	t.Helper()
	again := startSampler(t, m.house.dir, m.house.keys, m.house.temp)
	plants := map[string][]byte{
		filepath.Join(m.house.dir, "people.db-wal"):       []byte("x" + m.links[m.people[2].ID].Token),
		filepath.Join(m.house.dir, "ballots.db-journal"):  []byte("who: " + m.people[4].Email),
		filepath.Join(m.house.dir, "releases.db-journal"): []byte("to " + m.people[5].Phone),
		filepath.Join(m.house.keys, "copy"):               slices.Concat([]byte("xyz"), m.phones[7].out),
		filepath.Join(m.house.temp, "etilqs_1"):           m.phones[8].blinded,
	}
	for path, raw := range plants {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(100 * time.Millisecond)
	again.finish()
	var found []string
	for _, s := range again.take() {
		found = append(found, m.wrongly(s)...)
	}
	for path := range plants {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		"link 2", someonesAddress + m.people[4].Email, someonesNumber + m.people[5].Name, "the output of ticket 7, raw", "the blinded element of ticket 8, raw",
	} {
		if !slices.Contains(found, want) {
			t.Errorf("planted was %q; found were only %q", want, found)
		}
	}
}
