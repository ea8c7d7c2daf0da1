package respond_test

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"attune/handlers/respond"
	"attune/survey"
	"attune/survey/ticket"

	"github.com/chromedp/chromedp"
)

// arrive opens a personal link in a fresh page, and waits until the page has
// looked at what the phone holds.
func (ph *phone) arrive(token string) {
	ph.t.Helper()
	ph.do(chromedp.Navigate("about:blank")) // the same address with another fragment would load nothing
	ph.open("/a" + token)
	ph.until(`document.querySelector(".do > *, #say > *")`)
	if got := eval[string](ph, `location.href + JSON.stringify(history.state)`); strings.Contains(got, "NNN") || strings.Contains(got, "SSS") {
		ph.t.Errorf("the token is still in the address: %s", got)
	}
}

// press taps the button with these words.
func (ph *phone) press(words string) {
	ph.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button")].find((b) => b.checkVisibility() && b.textContent.startsWith(%q))`, words)
	ph.until(find)
	eval[any](ph, find+`.click()`)
}

func (ph *phone) says(words string) {
	ph.t.Helper()
	ph.until(fmt.Sprintf(`document.querySelector("main").innerText.includes(%q)`, words))
}

// answer fills the form with one option everywhere and sends it.
func (ph *phone) answer(option int) {
	ph.t.Helper()
	for screen := 1; screen <= 15; screen++ {
		ph.until(fmt.Sprintf(`document.querySelector(".progress")?.textContent === "%d of 15"`, screen))
		ph.do(chromedp.Tap(fmt.Sprintf("fieldset.q:not([hidden]) label:nth-of-type(%d)", option)))
	}
	ph.press("Send my answers")
}

// posts lists the paths of all posts, and fails for one with the token that
// is not for drawing.
func (ph *phone) posts(token string) string {
	ph.t.Helper()
	ph.mu.Lock()
	defer ph.mu.Unlock()
	var paths []string
	for _, post := range ph.bodies {
		path, body, _ := strings.Cut(post, " ")
		paths = append(paths, path)
		if strings.HasPrefix(path, "/draw") != strings.Contains(body, token) {
			ph.t.Errorf("%s carries %s", path, body)
		}
	}
	ph.bodies = nil
	return strings.Join(paths, " ")
}

func sheetIs(t *testing.T, sheets [][]byte, want ...byte) {
	t.Helper()
	if len(sheets) != len(want) {
		t.Fatalf("%d ballots, want %d", len(sheets), len(want))
	}
	for i, option := range want {
		if string(sheets[i]) != strings.Repeat(string(rune(option)), 15) {
			t.Errorf("ballot %v, want %d everywhere", sheets[i], option)
		}
	}
}

func TestALinkDrawsAnswersChangesAndTakesBack(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p, openWave(t, "2026-12", "pulse"))
	ph := newPhone(t, p, 360)

	// As a scanner of mail does, that runs the scripts and taps nothing.
	for range 2 {
		ph.arrive("#" + northToken + "1")
		ph.until(`document.querySelectorAll(".do button").length === 3`)
	}
	if d.touched() != 0 || ph.posts(northToken) != "" {
		t.Fatal("opening the link asked for something")
	}

	ph.press("Collect now, answer later")
	ph.says("Your ticket for this round is on this phone.")
	ph.says("answers of Children / <North> & Co (9 people)")
	seen := func(in string) string { return eval[string](ph, `document.querySelector("`+in+` .seen").textContent`) }
	named := "Your group: Children / <North> & Co (9 people)."
	small := "fewer people, so never for it alone" // 9 are fewer than survey.CountsMin
	if got := seen("#r-2026-11"); !strings.Contains(got, named) || strings.Count(got, small) != 1 || strings.Contains(seen("#r-2026-12"), named) {
		t.Errorf("what managers see is told as %q and %q", got, seen("#r-2026-12"))
	}
	if got := ph.posts(northToken); got != "/draw/offer /draw" {
		t.Errorf("collecting posts to %s", got)
	}

	// From here on the token is never sent, nor is it needed.
	ph.arrive("")
	ph.press("Answer now")
	ph.answer(3)
	ph.until(`document.querySelector(".received h1") === document.activeElement`)
	ph.says("Received. Thank you.")
	if got := seen(".received"); !strings.Contains(got, named) || strings.Count(got, small) != 1 {
		t.Errorf("afterwards what managers see is told as %q", got)
	}
	sheetIs(t, d.sheets("2026-11", 15), 3)
	if eval[int](ph, `document.querySelectorAll("#result, .result .scale").length`) == 0 {
		t.Error("no private result")
	}
	if eval[int](ph, `document.querySelectorAll("form, fieldset, input").length`) != 0 {
		t.Error("the answers are still in the page")
	}

	ph.arrive("#" + northToken + "1")
	ph.press("Change my answers")
	if eval[int](ph, `document.querySelectorAll("input:checked").length`) != 0 {
		t.Error("earlier answers are shown")
	}
	ph.answer(5)
	ph.says("They replaced your earlier ones.")
	sheetIs(t, d.sheets("2026-11", 15), 5)

	ph.press("Take my answers out")
	ph.says("Taken out.")
	sheetIs(t, d.sheets("2026-11", 15))
	ph.arrive("#" + northToken + "1")
	ph.press("Answer now")
	ph.answer(1)
	ph.says("Received. Thank you.")
	sheetIs(t, d.sheets("2026-11", 15), 1)
	if got := ph.posts("NNNN"); strings.Contains(got, "/draw") {
		t.Errorf("a phone with its ticket posts to %s", got)
	}

	ph.arrive("#" + northToken + "1")
	ph.press("Collect my ticket for the round that opens on")
	ph.says("come back with this phone")
	if d.drawn["2026-12"+northToken+"1"] == nil {
		t.Error("the next round's ticket was not drawn")
	}
	ph.clean(northToken)
}

func TestAServerThatTagsIsRefused(t *testing.T) {
	wave := openWave(t, "2026-11", "pulse")
	for name, c := range map[string]struct {
		spoil func(d *desk)
		say   string
	}{
		"tagging key": {func(d *desk) {
			key, err := ticket.GenerateIssuerKey(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			d.tagging = key
		}, "another key than the one promised"},
		"wrong path": {func(d *desk) { d.bentPath = true }, "could not prove that your team"},
		"other promise": {func(d *desk) {
			d.waves[0].ManifestSHA256 = survey.SHA256Hex([]byte("another"))
		}, "another promise than the one whose words"},
		"group on paper": {func(d *desk) { d.groups[northToken+"1"] = "g-paper" }, "could not prove that your team"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPages(t, wave)
			d := openDesk(t, p)
			c.spoil(d)
			ph := newPhone(t, p, 360)
			ph.arrive("#" + northToken + "1")
			ph.press("Collect my ticket and answer")
			ph.says("Do not answer here.")
			ph.says(c.say)
			if got := eval[string](ph, keptNames); strings.Contains(got, "ticket:") {
				t.Errorf("kept %s", got)
			}
			if eval[int](ph, `document.querySelectorAll("fieldset").length`) != 0 || len(d.sheets("2026-11", 15)) != 0 {
				t.Error("the form opened")
			}
			ph.clean(northToken)
		})
	}
}

// keptNames lists what the phone keeps of secrets, tickets and drafts.
const keptNames = `new Promise((done, fail) => {
	const asked = indexedDB.open("attune", 1);
	asked.onerror = () => fail(asked.error);
	asked.onupgradeneeded = () => asked.result.createObjectStore("secrets");
	asked.onsuccess = () => {
		const all = asked.result.transaction("secrets").objectStore("secrets").getAllKeys();
		all.onsuccess = () => { asked.result.close(); done(all.result.join(" ")); };
	};
})`

func TestASecondPhoneIsToldThatTheTicketIsCollected(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	d.drawn["2026-11"+northToken+"1"] = []byte("the first phone's")
	ph := newPhone(t, p, 320)
	ph.arrive("#" + northToken + "1")
	ph.press("Collect now, answer later")
	ph.says("was collected before, with another phone or browser")
	ph.says("the next round starts afresh")
	if got := eval[string](ph, keptNames); strings.Contains(got, "ticket:") {
		t.Errorf("kept %s", got)
	}
}

func TestWithoutStorageTheTicketIsDrawnWhenTheAnswersAreSent(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	ph := newPhone(t, p, 360)
	ph.before(`Object.defineProperty(globalThis, "indexedDB", { get() { throw new DOMException("denied", "SecurityError"); } })`)
	ph.arrive("#" + northToken + "1")
	ph.says("This browser lets us keep nothing")
	ph.press("Answer now")
	for screen := 1; screen < 15; screen++ {
		ph.until(fmt.Sprintf(`document.querySelector(".progress")?.textContent === "%d of 15"`, screen))
		ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(2)"))
	}
	if d.touched() != 0 {
		t.Error("drawn before the answers were sent")
	}
	ph.until(`document.querySelector(".progress")?.textContent === "15 of 15"`)
	ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(2)"))
	ph.press("Send my answers")
	ph.says("Received. Thank you.")
	sheetIs(t, d.sheets("2026-11", 15), 2)
	ph.press("Take my answers out")
	ph.says("Taken out.")
	sheetIs(t, d.sheets("2026-11", 15))
	ph.clean(northToken)
}

func TestABallotWithoutConnectionGoesByItself(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	ph := newPhone(t, p, 360)
	ph.arrive("#" + northToken + "1")
	ph.press("Collect now, answer later")
	ph.says("Your ticket for this round is on this phone.")
	ph.until(`caches.keys().then((names) => names.includes("attune-a"))`)
	ph.until(`caches.open("attune-a").then((kept) => kept.match("/a")).then(Boolean)`)
	ph.until(`caches.open("attune-a").then((kept) => kept.keys()).then((all) => all.length === 4)`) // page, style, script, ticket client
	ph.mu.Lock()
	for path, times := range ph.asked {
		if times > 1 { // the worker takes from the browser's own cache
			t.Errorf("%s was loaded %d times", path, times)
		}
	}
	ph.mu.Unlock()

	// The page opens without a connection, and takes the answers.
	ph.cut.Store(true)
	ph.arrive("#" + northToken + "1")
	ph.press("Answer now")
	ph.answer(4)
	ph.says("Not sent yet")
	ph.says("kept on this phone, encrypted")
	if eval[int](ph, `document.querySelectorAll(".result .scale").length`) == 0 {
		t.Error("no private result without a connection")
	}
	ph.arrive("")
	ph.says("Not sent yet")
	sheetIs(t, d.sheets("2026-11", 15))

	// It goes when the network is back, while the page is open.
	ph.cut.Store(false)
	eval[any](ph, `dispatchEvent(new Event("online"))`)
	ph.says("Your answers are in this round.")
	sheetIs(t, d.sheets("2026-11", 15), 4)
	if got := eval[string](ph, keptNames); strings.Contains(got, "draft:") {
		t.Errorf("kept %s", got)
	}

	// It goes when the page is opened again, too.
	ph.cut.Store(true)
	ph.press("Change my answers")
	ph.answer(1)
	ph.says("Not sent yet")
	ph.cut.Store(false)
	ph.arrive("")
	ph.says("Your answers are in this round.")
	sheetIs(t, d.sheets("2026-11", 15), 1)

	// And by itself after a while, with what is on the screen.
	ph.cut.Store(true)
	ph.press("Change my answers")
	ph.answer(2)
	ph.says("Not sent yet")
	ph.cut.Store(false)
	ph.says("Received. Thank you.")
	sheetIs(t, d.sheets("2026-11", 15), 2)

	kept := eval[string](ph, `(async () => {
		let all = "";
		for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) all += request.url + " " + (await (await caches.match(request)).text());
		return all;
	})()`)
	for _, secret := range []string{northToken, "#north", "/cast", "draw"} {
		if strings.Contains(strings.ReplaceAll(kept, `"cast":"/cast"`, ""), secret+"1") || strings.Contains(kept, "#north") {
			t.Errorf("the worker keeps %s", secret)
		}
	}
	ph.clean(northToken)
}

func TestARefusedBallotIsNotKept(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	openDesk(t, p)
	ph := newPhone(t, p, 360)
	ph.arrive("#" + northToken + "1")
	ph.press("Collect my ticket and answer")
	ph.until(`document.querySelector(".progress")?.textContent === "1 of 15"`)
	p.waves.refuse = survey.Fail(survey.Conflict, "ticket.closed", survey.Args{"closes": "20 November"})
	ph.answer(4)
	ph.says("This round closed on 20 November.")
	if got := eval[string](ph, keptNames); strings.Contains(got, "draft:") {
		t.Errorf("kept %s", got)
	}
}

func TestTwoPeopleOnOnePhoneKeepTheirTicketsApart(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	ph := newPhone(t, p, 360)
	ph.open("/a")
	ph.says("To answer you need your personal link")
	for i, token := range []string{northToken + "1", southToken + "1"} {
		ph.arrive("#" + token)
		ph.press("Collect my ticket and answer")
		ph.answer(2)
		ph.says("Received. Thank you.")
		if got := len(d.sheets("2026-11", 15)); got != i+1 {
			t.Errorf("%d ballots after %d people", got, i+1)
		}
	}
	ph.arrive("")
	ph.says("Tickets of several people are on this phone.")
	if eval[int](ph, `document.querySelectorAll(".do button").length`) != 0 {
		t.Error("anybody could answer for them")
	}

	// A second link in the same window starts anew, without the answers.
	ph.arrive("#" + northToken + "1")
	ph.press("Change my answers")
	ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(1)"))
	ph.until(`document.querySelector(".progress")?.textContent === "2 of 15"`)
	eval[any](ph, `location.hash = "`+southToken+`2"`)
	ph.until(`!document.querySelector("fieldset")`)
	ph.press("Collect now, answer later")
	ph.says("Your ticket for this round is on this phone.")
}

func TestLeavingWipesTheAnswersAndKeepsTheTicket(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	openDesk(t, p)
	ph := newPhone(t, p, 360)
	ph.arrive("#" + northToken + "1")
	ph.press("Collect my ticket and answer")
	ph.until(`document.querySelector(".progress")?.textContent === "1 of 15"`)
	ph.do(chromedp.Tap("fieldset.q:not([hidden]) label:nth-of-type(1)"), chromedp.Sleep(300*time.Millisecond), chromedp.Click(leaving))
	ph.says("You have left the survey")
	if eval[int](ph, `document.querySelectorAll("form, fieldset, input").length`) != 0 {
		t.Error("the answers are still in the page")
	}
	ph.arrive("")
	ph.press("Answer now")
}

func TestABallotGoesToTheHostForBallots(t *testing.T) {
	p := newPages(t, openWave(t, "2026-11", "pulse"))
	d := openDesk(t, p)
	ph := newPhone(t, p, 360)
	ballots := strings.Replace(ph.url, "127.0.0.1", "localhost", 1) // another origin, the same server
	handler, err := respond.New(respond.Config{Waves: p.waves, Site: p.site, Now: p.now, PublicURL: ph.url, BallotOrigin: ballots})
	if err != nil {
		t.Fatal(err)
	}
	p.handler = handler
	ph.arrive("#" + northToken + "1")
	ph.press("Collect my ticket and answer")
	ph.answer(4)
	ph.says("Received. Thank you.")
	sheetIs(t, d.sheets("2026-11", 15), 4)
	ph.press("Take my answers out")
	ph.says("Taken out.")
	sheetIs(t, d.sheets("2026-11", 15))
	ph.mu.Lock()
	defer ph.mu.Unlock()
	for _, host := range ph.hosts {
		path, host, _ := strings.Cut(host, " ")
		if strings.HasPrefix(path, "/cast") != strings.HasPrefix(host, "localhost:") {
			t.Errorf("%s went to %s", path, host)
		}
	}
}
