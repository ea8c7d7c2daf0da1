package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The demo as scripts rely on it: what stands in demo.json and when, that
// everything in it works, and that the clock can be moved on.
func TestTheDemoKeepsItsContract(t *testing.T) {
	t.Parallel()
	d := newDemoUnderTest(t)
	began := time.Now()
	d.start()
	t.Logf("the demo listens after %.1f s", time.Since(began).Seconds())
	d.isTheOrganisation()
	d.everybodySignsIn()
	d.ticketsWork()
	first := d.said.OpenWave
	d.comesBackFromABackup()

	// Close and release the open wave.
	codes := d.said.PaperTickets
	if out := d.attune("demo", "advance", "--to", "release"); !strings.Contains(out, "in the demo") {
		t.Errorf("advancing says %s", out)
	}
	d.waves(15, 0)
	d.reread()
	if d.said.OpenWave != "" || len(d.said.PaperTickets) != 0 {
		t.Errorf("after the release demo.json says that %q is open, with %d tickets", d.said.OpenWave, len(d.said.PaperTickets))
	}
	if received := d.answer(codes[len(codes)-1]); received {
		t.Error("a ticket is taken after the release")
	}
	if export := d.attune("export", "--wave", first, "-o", "-"); !strings.Contains(export, ",burnout,mean,") {
		t.Errorf("the export of %s has no figures:\n%.500s", first, export)
	}

	// Open the next one: with the same address, and tickets that work at once.
	d.attune("demo", "advance", "--to", "open")
	d.waves(15, 1)
	address := d.said.URL
	d.reread()
	if d.said.OpenWave == "" || d.said.OpenWave == first || d.said.URL != address {
		t.Errorf("after opening demo.json says %q at %s; before it was %q at %s", d.said.OpenWave, d.said.URL, first, address)
	}
	d.ticketsWork()
	if code, _, faults := d.try("demo", "advance", "--to", "open"); code != exitRefused || !strings.Contains(faults, "is still open") {
		t.Errorf("opening a second one exits with %d and says %s", code, faults)
	}
	if code, _, faults := d.try("demo", "advance", "--to", "yesterday"); code != exitUsage || !strings.Contains(faults, "use open, close, release") {
		t.Errorf("advancing to nowhere exits with %d and says %s", code, faults)
	}

	// Ctrl-C, and again on the same folder: the same organisation and waves.
	before := d.process.get("/log.json")
	d.stop()
	began = time.Now()
	d.start()
	t.Logf("on an earlier demo's folder it listens after %.1f s", time.Since(began).Seconds())
	if after := d.process.get("/log.json"); after != before {
		t.Errorf("started again, the public log is\n%s\nit was\n%s", after, before)
	}
	if strings.Contains(d.process.stdout.String(), "Making") {
		t.Errorf("started again, it makes everything anew:\n%s", d.process.stdout.String())
	}
	d.waves(15, 1)
	d.everybodySignsIn()
	d.ticketsWork()

	// A span passes the close of the open wave, which is released then.
	d.attune("demo", "advance", "--to", "+192h") // 8 days; a wave is open for 7
	d.process.wait("release the wave", func() bool { return strings.Count(d.attune("wave", "list"), " released ") == 16 })
	d.attune("verify")
	d.stop()

	// Without a server there is nothing to say about where it listens.
	d.attune("demo", "advance", "--to", "open")
	if _, err := os.Stat(d.file()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("demo.json is there although nobody listens (%v)", err)
	}
}

// demoUnderTest is a running demo and what it said about itself.
type demoUnderTest struct {
	*house
	process *process
	said    demoSays
}

// demoSays is demo.json, written down here from the design.
type demoSays struct {
	URL   string `json:"url"`
	Users []struct {
		Role, Unit, Email, Password string
	} `json:"users"`
	OpenWave    string `json:"open_wave"`
	Invitations []struct {
		Unit, Link string
	} `json:"invitations"`
	PaperTickets []demoSlip `json:"paper_tickets"`
}

type demoSlip struct{ Wave, Unit, Code string }

func newDemoUnderTest(t *testing.T) *demoUnderTest {
	t.Helper()
	h := newHouse(t)
	h.keys, h.env = filepath.Join(h.dir, "keys"), nil
	return &demoUnderTest{house: h}
}

func (d *demoUnderTest) file() string { return filepath.Join(d.dir, "demo.json") }

// start runs the demo on its folder. In the moment in which demo.json is there
// it is complete and the server answers.
func (d *demoUnderTest) start() {
	t := d.t
	t.Helper()
	d.process = begin(t, d.command("demo", "--listen", "127.0.0.1:0", "--data", d.dir))
	d.process.wait("write demo.json", func() bool {
		_, err := os.Stat(d.file())
		return err == nil
	})
	d.reread()
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(d.said.URL + "/p")
	if err != nil {
		t.Fatalf("demo.json is there and nobody listens: %v", err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(d.said.URL, "http://127.0.0.1:") {
		t.Fatalf("GET %s/p: %s", d.said.URL, response.Status)
	}
	d.process.url = d.said.URL
}

// reread reads demo.json, which must have every field of the contract.
func (d *demoUnderTest) reread() {
	t := d.t
	t.Helper()
	raw, err := os.ReadFile(d.file())
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatalf("demo.json: %v\n%s", err, raw)
	}
	for _, name := range []string{"url", "users", "open_wave", "invitations", "paper_tickets"} {
		if value := string(fields[name]); value == "" || value == "null" {
			t.Errorf("demo.json says %q for %q", value, name)
		}
	}
	d.said = demoSays{}
	if err := json.Unmarshal(raw, &d.said); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(d.file()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("demo.json has the mode %v (%v); want 0600", info.Mode(), err)
	}
}

// isTheOrganisation counts teams, people and waves.
func (d *demoUnderTest) isTheOrganisation() {
	t := d.t
	t.Helper()
	teams, departments, people := 0, 0, 0
	for _, m := range regexp.MustCompile(`(?m)^ *(\d+)  (.+)$`).FindAllStringSubmatch(d.attune("unit", "list"), -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.Contains(m[2], " / "):
			teams, people = teams+1, people+n
			if n < 4 || n > 18 {
				t.Errorf("%s has %d people; want 4 to 18", m[2], n)
			}
		case !strings.Contains(m[2], "(made up)"): // the organisation itself
			departments++
		}
	}
	if teams != 24 || departments != 3 || people < 210 || people > 230 {
		t.Errorf("%d people in %d teams of %d departments; want about 220 in 24 of 3", people, teams, departments)
	}
	d.waves(14, 1)
	if out := d.attune("wave", "list"); !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(d.said.OpenWave) + ` +open `).MatchString(out) {
		t.Errorf("demo.json says that %q is open; the waves are\n%s", d.said.OpenWave, out)
	}
	d.attune("verify")
	said := d.process.stdout.String()
	for _, want := range []string{"Making a year of made-up waves: 14 of 14", d.said.URL + "/console", "demo advance --data " + d.dir, "Ctrl-C"} {
		if !strings.Contains(said, want) {
			t.Errorf("the screen does not say %q:\n%s", want, said)
		}
	}
}

// waves counts the released and the open ones; there may be no others.
func (d *demoUnderTest) waves(released, open int) {
	d.t.Helper()
	out := d.attune("wave", "list")
	if r, o := strings.Count(out, " released "), strings.Count(out, " open "); r != released || o != open || strings.Count(out, "\n") != r+o {
		d.t.Errorf("%d waves are released and %d open; want %d and %d, and no others:\n%s", r, o, released, open, out)
	}
}

// everybodySignsIn signs in as each user over HTTP and looks at the console.
func (d *demoUnderTest) everybodySignsIn() {
	t := d.t
	t.Helper()
	var roles []string
	for _, u := range d.said.Users {
		roles = append(roles, u.Role)
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := http.Client{Jar: jar, Timeout: 20 * time.Second}
		response, err := client.PostForm(d.said.URL+"/console/sign-in", url.Values{"email": {u.Email}, "password": {u.Password}})
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK || response.Request.URL.Path == "/console/sign-in" {
			t.Errorf("%s %s gets %s and is led to %s", u.Role, u.Email, response.Status, response.Request.URL.Path)
		}
		if u.Role == "manager" && u.Unit == "" {
			t.Errorf("the manager %s has no unit", u.Email)
		}
	}
	for _, role := range []string{"admin", "manager", "hr", "auditor"} {
		if !slices.Contains(roles, role) {
			t.Errorf("demo.json has no %s", role)
		}
	}
}

// ticketsWork answers with some of the tickets: the first, one in the middle,
// and the last.
func (d *demoUnderTest) ticketsWork() {
	t := d.t
	t.Helper()
	slips := d.said.PaperTickets
	if len(slips) < 10 {
		t.Fatalf("%d tickets are left to try; want at least 10", len(slips))
	}
	for _, i := range d.said.Invitations {
		if i.Unit == "" || !strings.HasPrefix(i.Link, d.said.URL+"/") || !strings.Contains(i.Link, "#") {
			t.Errorf("an invitation is for %q, with the link %q: what identifies it belongs behind a #", i.Unit, i.Link)
		}
	}
	for _, i := range []int{0, len(slips) / 2, len(slips) - 1} {
		if slips[i].Wave != d.said.OpenWave || slips[i].Unit == "" {
			t.Errorf("a ticket is for the wave %q and the unit %q", slips[i].Wave, slips[i].Unit)
		}
		if !d.answer(slips[i]) {
			t.Errorf("the ticket %s of %s is not received", slips[i].Code, slips[i].Unit)
		}
	}
}

func (d *demoUnderTest) answer(slip demoSlip) (received bool) {
	d.t.Helper()
	received, _, err := postBallot(d.t.Context(), d.said.URL, url.Values{"code": {slip.Code}, "cs_connection": {"4"}, "sts_mind": {"2"}})
	if err != nil {
		d.t.Fatal(err)
	}
	return received
}

// stop presses Ctrl-C: a good end, and nothing that says it still listens.
func (d *demoUnderTest) stop() {
	d.t.Helper()
	if code := d.process.interrupt(); code != exitDone || d.process.stderr.String() != "" {
		d.t.Errorf("the demo ends with %d; want %d. It said: %s", code, exitDone, d.process.stderr.String())
	}
	if _, err := os.Stat(d.file()); !errors.Is(err, fs.ErrNotExist) {
		d.t.Errorf("demo.json is still there after the end (%v)", err)
	}
}

// Without --data the demo lives in a temporary folder, which is gone after
// Ctrl-C: also when it comes while the demo is being made.
func TestTheDemoRemovesItsTemporaryFolder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		when string // the file that has to be there
		code int
		says string
	}{
		{"listening", "demo.json", exitDone, ""},
		{"while it is made", "releases.db", exitRefused, "attune: interrupted\n"},
	} {
		h := newHouse(t)
		command := h.command("demo", "--listen", "127.0.0.1:0")
		command.Env = []string{"TMPDIR=" + h.temp, "HOME=" + h.root}
		p := begin(t, command)
		p.wait("make its folder", func() bool {
			found, err := filepath.Glob(filepath.Join(h.temp, "attune-demo-*", c.when))
			return err == nil && len(found) == 1
		})
		if code := p.interrupt(); code != c.code || p.stderr.String() != c.says {
			t.Errorf("%s: interrupted, it ends with %d and says %q; want %d and %q", c.name, code, p.stderr.String(), c.code, c.says)
		}
		left, err := os.ReadDir(h.temp)
		if err != nil || len(left) != 0 {
			t.Errorf("%s: the temporary folder still holds %v (%v)", c.name, left, err)
		}
	}
}
