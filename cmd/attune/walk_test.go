package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"attune/survey"

	"github.com/chromedp/chromedp"
)

// walkTeams are forty people. Court Work has fewer than k people and shares a
// box with its smallest sibling, Family Support. Night answers below k, so
// South shows no team.
var walkTeams = []struct {
	path    string
	people  int
	answers int // how many of them answer
}{
	{"North / Duty", 12, 10},
	{"North / Family Support", 9, 8},
	{"North / Court Work", 4, 3},
	{"South / Ward", 8, 7},
	{"South / Night", 7, 4},
}

// The whole job, from a staff list to the manager's page and HR's file, with
// every published figure held against an independent calculation.
func TestFromStaffListToTrendAndExport(t *testing.T) {
	p := newPlace(t)
	p.importWalkPeople()
	id := p.announceWalkWave()
	codes := p.walkCodes(id)
	p.serve(io.Discard)
	wave, err := p.in.waves.Wave(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	p.reach(wave.Opens, id, survey.Open)
	sheets := p.answerWalk(codes)
	p.reach(wave.Closes, id, survey.Released)

	want := expectWalk(sheets)
	compareExport(t, p.attune("export", "--wave", "all", "-o", "-"), want)
	p.compareManagerPage(want)
	p.attune("verify")
}

func (p *place) importWalkPeople() {
	p.t.Helper()
	list := "\ufeffemail;name;unit;language\r\n"
	n := 0
	for _, team := range walkTeams {
		for range team.people {
			n++
			list += fmt.Sprintf("staff%d@example.org;Staff %d;%s;en\r\n", n, n, team.path)
		}
	}
	file := filepath.Join(p.t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		p.t.Fatal(err)
	}
	if out := p.attune("people", "import", file, "--dry-run"); !strings.Contains(out, "40 people added") {
		p.t.Fatalf("dry run says:\n%s", out)
	}
	p.attune("people", "import", file)
	if out := p.attune("people", "import", file); !strings.Contains(out, "0 people added, 0 updated, 0 moved, 0 deactivated") {
		p.t.Fatalf("importing the same list again says:\n%s", out)
	}
	secret := filepath.Join(p.t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("a long enough password\n"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.attune("user", "add", "north@example.org", "--role", "manager", "--unit", "North", "--password-file", secret)
}

func (p *place) announceWalkWave() survey.WaveID {
	p.t.Helper()
	p.attune("wave", "plan", "--packs", "pulse", "--all-paper", "--opens", "+1h", "--closes", "+49h", "--owner", "Robin Lead",
		"--results-on", "+10d", "--contact", "Sam Support, 555 0100")
	fields := strings.Fields(p.attune("wave", "list"))
	id := survey.WaveID(fields[0])
	out := p.attune("wave", "announce", string(id))
	if !strings.Contains(out, "announced to 40 people") {
		p.t.Fatalf("announcing says:\n%s", out)
	}
	if code, _, _ := p.try("wave", "announce", string(id)); code != exitRefused {
		p.t.Fatalf("announcing again exits with %d; want %d", code, exitRefused)
	}
	return id
}

// walkCodes gives the printed codes by the names of their group.
func (p *place) walkCodes(id survey.WaveID) map[string][]string {
	p.t.Helper()
	pdf := filepath.Join(p.t.TempDir(), "tickets.pdf")
	p.attune("tickets", "print", "--wave", string(id), "-o", pdf)
	if raw, err := os.ReadFile(pdf); err != nil || !strings.HasPrefix(string(raw), "%PDF-") {
		p.t.Fatalf("tickets.pdf: %v, begins with %.8q", err, raw)
	}
	out := p.attune("tickets", "print", "--wave", string(id), "--format", "csv", "-o", "-")
	if again := p.attune("tickets", "print", "--wave", string(id), "--format", "csv", "-o", "-"); again != out {
		p.t.Fatal("printing again gives other slips")
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		p.t.Fatal(err)
	}
	codes := make(map[string][]string)
	for _, row := range rows[1:] {
		codes[row[1]] = append(codes[row[1]], row[2])
	}
	return codes
}

// sheet is one person's answers, by item id.
type sheet map[string]int

// answerWalk answers once in the browser and otherwise over HTTP, and gives
// what was answered, by group.
func (p *place) answerWalk(codes map[string][]string) map[string][]sheet {
	p.t.Helper()
	byGroup := make(map[string][]sheet)
	used := make(map[string]int)
	person := 0
	for _, team := range walkTeams {
		group := team.path
		if team.path != "North / Duty" && strings.HasPrefix(team.path, "North") {
			group = "North / Court Work + North / Family Support"
		}
		if len(codes[group]) == 0 {
			p.t.Fatalf("no codes for %q in %v", group, keysOf(codes))
		}
		for range team.answers {
			code := codes[group][used[group]]
			used[group]++
			answers := walkSheet(person)
			if person == 0 {
				p.answerInBrowser(code, answers)
			} else {
				p.post(code, answers)
			}
			byGroup[group] = append(byGroup[group], answers)
			person++
		}
	}
	// Somebody changes their mind, and somebody takes their answers back.
	changed := walkSheet(99)
	if body := p.post(codes["South / Ward"][0], changed); !strings.Contains(body, `"replaced":true`) {
		p.t.Fatalf("answering again says %s", body)
	}
	byGroup["South / Ward"][0] = changed
	p.send("/p/withdraw", url.Values{"code": {codes["North / Duty"][9]}})
	byGroup["North / Duty"] = byGroup["North / Duty"][:9]
	return byGroup
}

func keysOf[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// walkItems are the pulse pack's items as its file lists them.
var walkItems = []string{
	"cs_connection", "team_reactive", "burnout_recovery", "team_hypervigilant", "sts_mind", "team_frozen", "burnout_energy",
	"cs_good", "sts_tense", "team_avoidant", "burnout_wasted", "team_defensive", "sts_put_off", "team_dysregulated", "cs_why",
}

// walkSheet answers in a way that differs by person and item and leaves some
// blanks: person 5 skips two of three burnout items and has no burnout score.
func walkSheet(person int) sheet {
	a := make(sheet)
	for i, item := range walkItems {
		a[item] = 1 + (person*7+i*i+person*i/3)%5
	}
	if person%5 == 0 {
		delete(a, "burnout_recovery")
	}
	if person == 5 {
		delete(a, "burnout_energy")
	}
	return a
}

func (p *place) post(code string, answers sheet) string {
	p.t.Helper()
	form := url.Values{"code": {strings.ToLower(strings.ReplaceAll(code, " ", "-"))}}
	for item, v := range answers {
		form.Set(item, strconv.Itoa(v))
	}
	return p.send("/p", form)
}

func (p *place) send(path string, form url.Values) string {
	p.t.Helper()
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		p.t.Fatalf("POST %s: %s %s %v", path, response.Status, body, err)
	}
	return string(body)
}

// answerInBrowser goes through the phone page with a thumb, by QR code.
func (p *place) answerInBrowser(code string, answers sheet) {
	t := p.t
	ctx := browser(t)
	asPhone(ctx, t)
	do(ctx, t, chromedp.Navigate(p.url+"/p#"+strings.ReplaceAll(code, " ", "")))
	waitFor(ctx, t, `document.documentElement.classList.contains("scripted")`)
	if hash := value[string](ctx, t, "location.hash"); hash != "" {
		t.Errorf("the code stays in the address: %q", hash)
	}
	do(ctx, t, chromedp.Click(chromedp.CSS(".bar button.primary")))
	for _, item := range walkItems {
		waitFor(ctx, t, fmt.Sprintf("!document.getElementById('q-%s').hidden", item))
		if wide := value[bool](ctx, t, "document.documentElement.scrollWidth > innerWidth"); wide {
			t.Errorf("%s scrolls sideways on a phone", item)
		}
		if v, ok := answers[item]; ok {
			do(ctx, t, chromedp.Click(chromedp.CSS(fmt.Sprintf("#q-%s label:nth-of-type(%d)", item, v))))
			waitFor(ctx, t, fmt.Sprintf("document.getElementById('q-%s').hidden", item)) // a tap moves on by itself
			continue
		}
		do(ctx, t, chromedp.Click(chromedp.CSS(".bar button:nth-of-type(2)"))) // Skip
	}
	waitFor(ctx, t, "!document.getElementById('check').hidden")
	do(ctx, t, chromedp.Click(chromedp.CSS("#check button[type=submit]")))
	waitFor(ctx, t, "!document.getElementById('done').hidden")
	said := value[string](ctx, t, "document.getElementById('done').innerText")
	for _, want := range []string{"North / Duty", "Sam Support, 555 0100", "Robin Lead"} {
		if !strings.Contains(said, want) {
			t.Errorf("after sending the page does not say %q:\n%s", want, said)
		}
	}
	// Person 0: burnout_recovery skipped; compassion satisfaction is the mean
	// of items 0, 7 and 14: 1, 1+49%5 = 5 and 1+196%5 = 2, so 8/3 = 2.7.
	if !strings.Contains(said, "2.7") {
		t.Errorf("the private result lacks the compassion satisfaction of 2.7:\n%s", said)
	}
	for _, never := range []string{strings.ReplaceAll(code, " ", ""), code} {
		if strings.Contains(value[string](ctx, t, "location.href + document.documentElement.outerHTML"), never) {
			t.Error("the code still stands on the page after sending")
		}
	}
	if stored := value[int](ctx, t, "localStorage.length + sessionStorage.length + document.cookie.length"); stored != 0 {
		t.Errorf("the phone keeps %d things after answering; want none", stored)
	}
}

// compareManagerPage signs in as the manager of North and holds the chart's
// data and the table of every scale against the expected figures.
func (p *place) compareManagerPage(want map[string]figure) {
	t := p.t
	ctx := browser(t)
	do(ctx, t, chromedp.EmulateViewport(desktopWidth, desktopHeight),
		chromedp.Navigate(p.url+"/console/sign-in"),
		chromedp.SendKeys(chromedp.CSS("#email"), "north@example.org"),
		chromedp.SendKeys(chromedp.CSS("#password"), "a long enough password"),
		chromedp.Click(chromedp.CSS("form.card button")))
	waitFor(ctx, t, "document.querySelector('main') && location.pathname.startsWith('/console') && !location.pathname.endsWith('sign-in')")
	units, err := p.in.store.Units(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range units {
		path := fmt.Sprintf("%s/console/teams/%s", p.url, u.ID)
		switch u.Name {
		case "South", "Ward", "Night":
			value[bool](ctx, t, fmt.Sprintf("globalThis.status_ = 0, fetch(%q).then(r => { globalThis.status_ = r.status }), true", path))
			waitFor(ctx, t, "globalThis.status_")
			if status := value[int](ctx, t, "globalThis.status_"); status != http.StatusForbidden {
				t.Errorf("the manager of North gets %d for %s; want 403", status, u.Name)
			}
		case "North", "Duty":
			do(ctx, t, chromedp.Navigate(path))
			for _, scale := range []string{"burnout", "sts", "cs"} {
				f := want[u.Name+" "+scale]
				p.compareCard(ctx, u.Name, scale, f)
			}
		}
	}
}

func (p *place) compareCard(page context.Context, unit, scale string, want figure) {
	t := p.t
	card := fmt.Sprintf("document.getElementById(%q)", scale)
	row := value[[]string](page, t, "[..."+card+".querySelectorAll('table tbody tr:last-child td')].map(c => c.textContent.trim())")
	if len(row) < 4 || row[0] != want.text() || row[2] != strconv.Itoa(want.n) || row[3] != strconv.Itoa(want.invited) {
		t.Errorf("%s %s: the table says %q; want %s from %d of %d", unit, scale, row, want.text(), want.n, want.invited)
	}
	var chart struct {
		Option struct {
			Series []struct {
				Data []struct {
					Value any `json:"value"`
				} `json:"data"`
			} `json:"series"`
		} `json:"option"`
	}
	raw := value[string](page, t, card+".querySelector('script.chart').textContent")
	if err := json.Unmarshal([]byte(raw), &chart); err != nil || len(chart.Option.Series) == 0 {
		t.Fatalf("%s %s: chart data %.200s: %v", unit, scale, raw, err)
	}
	data := chart.Option.Series[0].Data
	if got := fmt.Sprint(data[len(data)-1].Value); got != fmt.Sprint(want.value) {
		t.Errorf("%s %s: the chart draws %s; want %v", unit, scale, got, want.value)
	}
	waitFor(page, t, card+".querySelector('.chart-place svg')")
	for _, never := range []string{"Ward", "Night", "@example.org"} {
		body := value[string](page, t, "document.querySelector('main').innerText")
		if strings.Contains(body, never) {
			t.Errorf("the page of %s says %q", unit, never)
		}
	}
}

// compareExport holds the means of an exported file against the expected
// figures: what is not expected must not be shown.
func compareExport(t *testing.T, export string, want map[string]figure) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(export)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := make(map[string]int)
	for i, name := range rows[0] {
		column[name] = i
	}
	seen := make(map[string]bool)
	for _, row := range rows[1:] {
		get := func(name string) string { return row[column[name]] }
		if get("statistic") != "mean" {
			continue
		}
		name := get("unit_name")
		if get("unit_level") == "block" {
			name = "block " + get("invited")
		}
		key := name + " " + get("measure")
		if seen[key] {
			t.Errorf("%s stands twice in the export", key)
		}
		seen[key] = true
		f, shown := want[key]
		switch {
		case shown && (get("status") != "shown" || get("value") != f.text() || get("n") != strconv.Itoa(f.n) || get("invited") != strconv.Itoa(f.invited)):
			t.Errorf("%s: the export says %s %s from %s of %s; want %s from %d of %d", key, get("status"), get("value"), get("n"), get("invited"), f.text(), f.n, f.invited)
		case !shown && (get("status") == "shown" || get("value") != "" || get("n") != "" || get("interval_low") != ""):
			t.Errorf("%s must not be shown; the export says %v", key, row)
		}
	}
	for key := range want {
		if !seen[key] {
			t.Errorf("%s is missing from the export", key)
		}
	}
}
