package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"attune/survey"

	"github.com/chromedp/chromedp"
)

// sourceTeams are seventy people in four departments. A team whose base is 4
// experiences support often, one whose base is 2 rarely. East is one team of
// eight: fewer than the ten that thoughts of leaving take.
var sourceTeams = []sourceTeam{
	{"North / Duty", 14, 4},
	{"North / Ward", 12, 2},
	{"South / Day", 13, 4},
	{"South / Night", 12, 2},
	{"East / Clinic", 8, 2},
	{"West / Home", 11, 4},
}

type sourceTeam struct {
	path         string
	people, base int
}

// The source documents, row by row as CONTENT.md lists them, each from setting
// it up to seeing its result: one organisation, one browser and a clock that is
// moved on, with every ballot cast over the wire. What follows a serious
// incident has a walk of its own:
// TestFromAnOfferAfterAnIncidentToTheNeedsOnThePage.
func TestTheSourceDocumentsAreWalkedFromSettingUpToTheResult(t *testing.T) {
	w := newSourceWalk(t)
	for _, row := range []struct {
		name string
		walk func(t *testing.T)
	}{
		{"the briefing", w.briefing},
		{"the competencies framework", w.competencies},
		{"the impact map", w.impactMap},
		{"the workforce abstracts: supports", w.associations},
		{"the organisational policies", w.policies},
		{"the workforce abstracts: training", w.training},
	} {
		if !t.Run(row.name, row.walk) {
			return // each row stands on the clock of the one before
		}
	}
	w.t = t
	w.attune("verify")
	if said := w.log.String(); said != "" {
		t.Errorf("the server wrote\n%s", said)
	}
}

// sourceWalk is the installation of all rows. t is that of the row under way.
type sourceWalk struct {
	*place
	log    written
	desk   context.Context // the tab of somebody who leads the house and works in HR
	root   context.Context // the browser
	tokens map[string][]string
	units  map[string]survey.UnitID
}

func newSourceWalk(t *testing.T) *sourceWalk {
	t.Helper()
	w := &sourceWalk{place: newPlace(t), tokens: make(map[string][]string), units: make(map[string]survey.UnitID)}
	list, n := "email,name,unit,language\n", 0
	for _, team := range sourceTeams {
		for range team.people {
			n++
			list += fmt.Sprintf("staff%02d@harbour.example,Staff %d,%s,en\n", n, n, team.path)
		}
	}
	people, secret := filepath.Join(t.TempDir(), "people.csv"), filepath.Join(t.TempDir(), "password")
	for file, text := range map[string]string{people: list, secret: "correct horse battery\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.attune("people", "import", people)
	w.attune("user", "add", "alex@harbour.example", "--role", "manager", "--role", "hr", "--unit", "Test Harbour", "--password-file", secret)
	w.serve(&w.log)
	links, err := demoTokens(t.Context(), w.in)
	if err != nil {
		t.Fatal(err)
	}
	w.tokens = links
	units, err := w.in.store.Units(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		w.units[u.Name] = u.ID
	}
	w.root = browser(t)
	do(w.root, t) // starts it
	desk, cancel := chromedp.NewContext(w.root, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	w.desk = desk
	asPhone(desk, t)
	return w
}

// begins makes t the test that is under way, and signs in: days have passed
// since the row before.
func (w *sourceWalk) begins(t *testing.T) {
	t.Helper()
	w.t = t
	w.signIn()
}

func (w *sourceWalk) signIn() {
	w.t.Helper()
	signIn(w.desk, w.t, w.url, "alex@harbour.example", "correct horse battery")
}

// round asks the packs from an hour from now on, for two days.
type round struct {
	packs, programme, unit string
}

// ask plans, announces and opens a wave.
func (w *sourceWalk) ask(r round) survey.Wave {
	w.t.Helper()
	args := []string{
		"wave", "plan", "--packs", r.packs, "--opens", "+1h", "--closes", "+49h", "--owner", "Robin Lead",
		"--results-on", "+10d", "--contact", "Sam Support, 555 0100",
	}
	if r.programme != "" {
		args = append(args, "--programme", r.programme)
	}
	if r.unit != "" {
		args = append(args, "--unit", r.unit)
	}
	id := survey.WaveID(strings.Fields(w.attune(args...))[1]) // "Wave 2026-11 is planned: …"
	w.attune("wave", "announce", string(id))
	wave, err := w.in.waves.Wave(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	w.reach(wave.Opens, id, survey.Open)
	return wave
}

// answered is what one person of a team answers to an item, which is the i-th
// of its pack; below 0: nothing. Who answers nothing at all sends no ballot.
type answered func(team sourceTeam, person int, pack string, item survey.Item, i int) int

// answer casts what everybody answers, by their links, over the wire.
func (w *sourceWalk) answer(wave survey.Wave, of answered) {
	w.t.Helper()
	face, err := w.in.waves.Face(w.t.Context(), wave.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	sheet, err := survey.NewSheet(face.Packs)
	if err != nil {
		w.t.Fatal(err)
	}
	var everybody sync.WaitGroup // the server writes the ballots that come together at once
	for _, team := range sourceTeams {
		for person := range team.people {
			answers := make(survey.Answers)
			for _, pack := range face.Packs {
				for i, item := range pack.Items {
					if v := of(team, person, pack.ID, item, i); v >= 0 {
						answers[item.ID] = v
					}
				}
			}
			if len(answers) == 0 {
				continue
			}
			filled, err := sheet.Encode(answers)
			if err != nil {
				w.t.Fatal(err)
			}
			everybody.Go(func() {
				phone := &wirePhone{t: w.t, token: w.tokens[team.path][person], wave: wave.ID, post: w.post}
				phone.draw()
				ballot := phone.ballot(nil)
				copy(ballot.Sheet, filled)
				phone.ask("/cast", ballot, http.StatusOK, nil)
			})
		}
	}
	everybody.Wait()
}

func (w *sourceWalk) post(path, body string) (int, string) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Error(err)
		return 0, ""
	}
	request.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	request.Close = true // minutes lie between two waves: the server closes what is idle
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Error(err)
		return 0, ""
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Error(err)
	}
	return answer.StatusCode, string(raw)
}

// release closes a wave and waits for its figures.
func (w *sourceWalk) release(wave survey.Wave) {
	w.t.Helper()
	w.reach(wave.Closes, wave.ID, survey.Released)
	w.signIn()
}

// pass lets days go by.
func (w *sourceWalk) pass(days int) {
	w.t.Helper()
	if err := w.clock.moveTo(w.clock.Now().Add(time.Duration(days) * 24 * time.Hour)); err != nil {
		w.t.Fatal(err)
	}
	w.signIn()
}

// open shows a page of the console.
func (w *sourceWalk) open(path string) {
	w.t.Helper()
	do(w.desk, w.t, chromedp.Navigate(w.url+path))
	want, _, _ := strings.Cut(path, "?")
	if got := value[string](w.desk, w.t, "location.pathname"); got != want {
		w.t.Fatalf("%s led to %s", path, got)
	}
	if wide := value[bool](w.desk, w.t, "document.documentElement.scrollWidth > innerWidth"); wide {
		w.t.Errorf("%s scrolls sideways on a phone", path)
	}
}

// unit opens the page of a unit, or one below it.
func (w *sourceWalk) unit(name, below string) {
	w.t.Helper()
	w.open("/console/teams/" + string(w.units[name]) + below)
}

// texts are the texts of all elements, each on one line.
func texts(ctx context.Context, t *testing.T, selector string) []string {
	t.Helper()
	return value[[]string](ctx, t, fmt.Sprintf(`[...document.querySelectorAll(%q)].map((e) => e.textContent.trim().replace(/\s+/g, " "))`, selector))
}

func (w *sourceWalk) texts(selector string) []string {
	w.t.Helper()
	return texts(w.desk, w.t, selector)
}

// finish closes an audit, with the box that says that it is for good.
func (w *sourceWalk) finish() {
	w.t.Helper()
	value[bool](w.desk, w.t, `document.getElementById("sure").click(), true`)
	w.follow(`form[action$="/finish"] button`)
}

// follow clicks and waits for the page that it leads to.
func (w *sourceWalk) follow(selector string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.desk, time.Minute)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		w.t.Fatalf("%s: %v", selector, err)
	}
}

// want compares what elements of the page say with what they have to say.
func (w *sourceWalk) want(selector string, want ...string) {
	w.t.Helper()
	if got := w.texts(selector); !slices.Equal(got, want) {
		w.t.Errorf("%s: %s says %q; want %q", value[string](w.desk, w.t, "location.pathname"), selector, got, want)
	}
}

// says wants words in the text of an element.
func (w *sourceWalk) says(selector string, words ...string) {
	w.t.Helper()
	said := strings.Join(w.texts(selector), " ")
	for _, one := range words {
		if !strings.Contains(said, one) {
			w.t.Errorf("%s: %s does not say %q:\n%s", value[string](w.desk, w.t, "location.pathname"), selector, one, said)
		}
	}
}
