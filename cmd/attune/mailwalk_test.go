package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"
	"attune/survey/store"
)

// From the mail that announces a wave to the ballot, the results and the next
// wave's ballot: with a mail server, a browser at phone size, the whole server
// with TLS, and a clock that is moved on.
func TestFromMailToBallotAndNextWave(t *testing.T) {
	t.Parallel()
	w := newMailWalk(t)
	first := w.wave(survey.Announced)
	announced := w.letters(`Test Harbour: your ticket for the next survey`)
	w.ownLinks(announced)
	w.scanned(announced)

	w.reach(first.Opens, first.ID, survey.Open)
	opened := w.letters(`Test Harbour: the survey is open`)
	mine := opened[0] // of North / Duty, whose first person has a phone and a browser
	if got, want := mine.token(t), announced[0].token(t); got != want {
		t.Error("the link in the second mail is another one")
	}
	phone := newPocket(w.root, t)
	w.answersAndChangesTheirMind(phone, mine)
	w.secondProfile(mine)
	for i, l := range opened[1:] {
		if team, answers := w.team(l.to); answers {
			w.answerByWire(l.token(t), first.ID, mailTeams[team].value, i == 0)
		}
	}

	// The reminder knows nothing of who answered.
	if err := w.clock.moveTo(time.Date(first.Opens.Year(), first.Opens.Month(), first.Opens.Day()+2, 10, 0, 0, 0, w.in.zone)); err != nil {
		t.Fatal(err)
	}
	w.letters(`Test Harbour: the survey is open until .+`)

	w.reach(first.Closes, first.ID, survey.Released)
	results := w.letters(`Test Harbour: results of the survey`)
	w.oneKeyATeam(results)
	second := w.wave(survey.Announced)
	if gap := second.Opens.Sub(first.Opens); gap < survey.MinGapDays*24*time.Hour {
		t.Errorf("the waves lie %s apart", gap)
	}
	w.letters(`Test Harbour: your ticket for the next survey`)
	w.seesResultsAndCollects(phone, results[0])

	// From here on the phone sends the link's token to nobody.
	from := w.watch.mark()
	w.reach(second.Opens, second.ID, survey.Open)
	again := w.letters(`Test Harbour: the survey is open`)
	w.answersWithTheTicket(phone, again[0], second.ID)
	if found := w.watch.since(from, mine.token(t)); len(found) > 0 {
		t.Errorf("the server saw the link's token again in %v", found)
	}
	if rest := w.post.rest(); len(rest) > 0 {
		t.Errorf("more mail than there is reason for: %q", rest)
	}
	w.settled()
	status := w.attune("mail", "status")
	if sent := regexp.MustCompile(`(?m)^\S+ +(announced|opened|reminder 1|results) +0 +0 +20 +0 +0 +0$`).FindAllString(status, -1); len(sent) != 6 {
		t.Errorf("mail status says\n%s", status)
	}
	w.attune("verify")
	w.testsMail()
	if said := w.log.String(); said != "" {
		t.Errorf("the server wrote\n%s", said)
	}
}

// scanned plays a scanner of mail: it fetches every link twice, GET and HEAD,
// and runs the scripts of the pages, and taps nothing. Not a byte changes, and
// everybody can still draw, as the rest of the test shows.
func (w *mailWalk) scanned(letters []letter) {
	t := w.t
	t.Helper()
	w.settled()
	before, from := w.databases(), w.watch.mark()
	for _, l := range letters {
		for _, link := range l.links() {
			for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodGet, http.MethodHead} {
				request, err := http.NewRequestWithContext(t.Context(), method, link, nil)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := w.wire.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				_ = answer.Body.Close()
				if answer.StatusCode != http.StatusOK || len(answer.Cookies()) > 0 {
					t.Errorf("%s %s: %s with cookies %v", method, link, answer.Status, answer.Cookies())
				}
			}
		}
	}
	scanner := newPocket(w.root, t)
	for _, l := range letters[:2] {
		for _, link := range l.links() {
			scanner.open(link)
			waitFor(scanner.ctx, t, `document.querySelector("button")`)
		}
	}
	if where, _ := posted(t, scanner.requests()); len(where) > 0 {
		t.Errorf("the scripts of scanned pages send %v by themselves", where)
	}
	if found := w.watch.since(from, "POST "); len(found) > 0 {
		t.Errorf("a scanner posted %v", found)
	}
	if w.databases() != before {
		t.Error("a scanner changed something")
	}
}

// settled waits until the server has written down what became of all messages:
// it does so after the mail server has answered, which is after the message
// came here.
func (w *mailWalk) settled() {
	w.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for {
		all, err := w.in.store.Mailings(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if !slices.ContainsFunc(all, func(m store.MailingCount) bool { return m.Waiting+m.Sending > 0 }) {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("messages are still under way: %+v", all)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// databases is a hash over every database file.
func (w *mailWalk) databases() string {
	w.t.Helper()
	hash := sha256.New()
	names, err := filepath.Glob(filepath.Join(w.dir, "*.db"))
	if err != nil || len(names) < 3 {
		w.t.Fatalf("%d databases, %v", len(names), err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			w.t.Fatal(err)
		}
		hash.Write(raw)
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// answersAndChangesTheirMind draws, answers, edits, withdraws and answers
// again, all on one phone: what counts in the end is option 2, a 3.
func (w *mailWalk) answersAndChangesTheirMind(phone *pocket, l letter) {
	t := w.t
	t.Helper()
	phone.open(l.link(t))
	phone.tap("Collect my ticket and answer")
	phone.fill(4)
	phone.says("Received. Thank you.")
	phone.says("(8 people)")
	phone.clean()
	drawing := phone.requests()
	where, posts := posted(t, drawing)
	w.want(where, "/draw/offer", "/draw", "/cast")
	if found := with(l.token(t), drawing); len(found) != 2 || len(with(l.token(t), posts[:2])) != 2 {
		t.Errorf("the link's token went out with %v; want the two requests of the draw", found)
	}

	phone.open(w.url + "/a") // the token was needed once
	phone.tap("Change my answers")
	phone.fill(0)
	phone.says("They replaced your earlier ones.")
	phone.tap("Take my answers out")
	phone.says("Taken out.")
	phone.open(l.link(t)) // somebody who opens the mail once more
	phone.tap("Answer now")
	phone.fill(2)
	phone.says("Received. Thank you.")
	phone.clean()
	after := phone.requests()
	where, _ = posted(t, after)
	w.want(where, "/cast", "/cast/withdraw", "/cast")
	if found := with(l.token(t), after); len(found) > 0 {
		t.Errorf("a phone that holds its ticket sends the link's token with %v", found)
	}
}

// secondProfile opens the same link in another browser, which is told the
// truth: one ticket, and it is gone.
func (w *mailWalk) secondProfile(l letter) {
	w.t.Helper()
	other := newPocket(w.root, w.t)
	other.open(l.link(w.t))
	other.tap("Collect my ticket and answer")
	other.says("Your ticket for this round was collected before, with another phone or browser. Use that one to answer.")
	where, posts := posted(w.t, other.requests())
	w.want(where, "/draw/offer", "/draw")
	if status := posts[len(posts)-1].status; status != http.StatusConflict {
		w.t.Errorf("drawing again is answered with %d; want 409", status)
	}
}

func (w *mailWalk) want(where []string, paths ...string) {
	w.t.Helper()
	for i := range paths {
		paths[i] = mailHost + paths[i]
	}
	if !slices.Equal(where, paths) {
		w.t.Errorf("the phone posted to %v; want %v", where, paths)
	}
}

// answerByWire is one of the others, who all choose the same option.
func (w *mailWalk) answerByWire(token string, id survey.WaveID, value int, twice bool) {
	w.t.Helper()
	phone := &wirePhone{t: w.t, token: token, wave: id, post: func(path, body string) (int, string) {
		answer, err := w.wire.Post(w.url+path, "text/plain;charset=UTF-8", strings.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		raw, err := io.ReadAll(answer.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		return answer.StatusCode, string(raw)
	}}
	values := slices.Repeat([]int{value}, len(walkItems))
	phone.draw()
	if twice { // a lost answer: the same element again gives the same stamp
		first := bytes.Clone(phone.stamp)
		var again survey.Drawn
		phone.ask("/draw", phone.drawRequest(), http.StatusOK, &again)
		if !bytes.Equal(again.Evaluated, first) {
			w.t.Error("the same element was stamped in two ways")
		}
	}
	phone.cast(values)
}

// oneKeyATeam holds the page of results to one address a team, the same for
// everybody there.
func (w *mailWalk) oneKeyATeam(results []letter) {
	t := w.t
	t.Helper()
	pages := make(map[string]map[int]bool)
	for _, l := range results {
		page, _, _ := strings.Cut(l.link(t), "#")
		team, _ := w.team(l.to)
		if pages[page] == nil {
			pages[page] = make(map[int]bool)
		}
		pages[page][team] = true
		if !strings.Contains(l.text, "you can collect your ticket for it now, in one tap") {
			t.Errorf("the results mail says nothing of the next ticket:\n%s", l.text)
		}
	}
	if len(pages) != len(mailTeams) {
		t.Errorf("%d pages of results for %d teams", len(pages), len(mailTeams))
	}
	for page, teams := range pages {
		if len(teams) != 1 {
			t.Errorf("%s is for %d teams", page, len(teams))
		}
	}
}

// seesResultsAndCollects opens the results mail of somebody in Duty and taps
// once.
func (w *mailWalk) seesResultsAndCollects(phone *pocket, l letter) {
	t := w.t
	t.Helper()
	phone.open(l.link(t))
	waitFor(phone.ctx, t, `document.querySelector("#collect button")`)
	// Seven of Duty's eight people answered, all with the middle of five
	// options: the mean is 3 in the team, on every scale. With six in Ward who
	// chose 2, North has (7·3 + 6·2)/13 = 2.54, and with six in Night who chose
	// 4, all together (7·3 + 6·2 + 6·4)/19 = 3; the steps are 0.5 below ten
	// people and 0.25 below twenty.
	for _, scale := range []string{"burnout", "sts", "cs"} {
		rows := value[[]string](phone.ctx, t, fmt.Sprintf(`[...document.querySelectorAll("#%s tbody tr")].map((row) => [...row.cells].map((cell) => cell.textContent.split(",")[0].trim()).join(" | ").replace(/\s+/g, " "))`, scale))
		if want := []string{"Duty | 3 | 7 of 8", "North | 2.5 | 13 of 14", "Test Harbour | 3 | 19 of 20"}; !slices.Equal(rows, want) {
			t.Errorf("the page of Duty says %q for %s; want %q", rows, scale, want)
		}
	}
	said := value[string](phone.ctx, t, "document.body.innerText")
	for _, want := range []string{"Robin Lead", "Sam Support, 555 0100"} {
		if !strings.Contains(said, want) {
			t.Errorf("the page of results does not say %q:\n%s", want, said)
		}
	}
	for _, never := range []string{"Ward", "Night", "South"} { // other people's teams
		if strings.Contains(said, never) {
			t.Errorf("the page of Duty's results names %s", never)
		}
	}
	if where, _ := posted(t, phone.requests()); len(where) > 0 {
		t.Errorf("the page of results posts to %v by itself", where)
	}
	phone.tap("Collect my ticket for the round that opens on")
	phone.says("Your ticket for this round is on this phone.")
	where, posts := posted(t, phone.requests())
	w.want(where, "/draw/offer", "/draw")
	if found := with(l.token(t), posts); len(found) != 2 {
		t.Errorf("the token went out with %v; want both requests of the draw", found)
	}
	phone.clean()
}

// answersWithTheTicket answers the next wave, from the link in the mail that
// says that it is open.
func (w *mailWalk) answersWithTheTicket(phone *pocket, l letter, id survey.WaveID) {
	t := w.t
	t.Helper()
	phone.open(l.link(t))
	phone.says("Answering does not use your link any more.")
	phone.tap("Answer now")
	phone.fill(1)
	phone.says("Received. Thank you.")
	phone.clean()
	all := phone.requests()
	where, posts := posted(t, all)
	w.want(where, "/cast")
	if len(posts) > 0 && !strings.Contains(posts[0].body, `"wave":"`+string(id)+`"`) {
		t.Errorf("the ballot is not for wave %s: %s", id, posts[0].body)
	}
	if found := with(l.token(t), all); len(found) > 0 {
		t.Errorf("the phone sends the link's token again with %v", found)
	}
}
