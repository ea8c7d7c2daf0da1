package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEverybodyIsReceivedAndTheLastLineIsTheReport(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	var out, faults bytes.Buffer
	if code := run(t.Context(), []string{"--respondents", "12", "--concurrency", "5", "--limit", "5m"}, &out, &faults); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out.String(), faults.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	last := lines[len(lines)-1]
	var got map[string]float64
	if err := json.Unmarshal([]byte(last), &got); err != nil {
		t.Fatalf("%q: %v", last, err)
	}
	want := []string{ // the contract of DESIGN.md
		"cast_p50_ms", "cast_p99_ms", "crypto_ms_per_respondent", "errors", "ratio",
		"respondents_per_s", "server_cpu_ms_per_respondent", "server_rss_mb",
	}
	var names []string
	for name, value := range got {
		names = append(names, name)
		if positive := name != "errors"; positive != (value > 0) {
			t.Errorf("%s is %v", name, value)
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestReadersOfADemonstrationGetTheirPages(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out, faults bytes.Buffer
	if code := run(t.Context(), []string{"--readers", "4", "--pages", "6", "--think", "1ms", "--limit", "5m"}, &out, &faults); code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out.String(), faults.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var got readers
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
		t.Fatal(err)
	}
	kinds := 0
	for _, kind := range got.ByPage {
		kinds += kind.Pages
	}
	if got.All.Pages != 24 || kinds != 24 || got.Floor.Pages != 24 || got.Errors != 0 || len(got.ByPage) < 2 ||
		got.All.P50 <= 0 || got.All.P50 > got.All.P95 || got.All.P95 > got.All.P99 || got.All.P99 > got.All.Max || got.First.Pages == 0 || got.RatioP99 <= 0 {
		t.Errorf("%+v", got)
	}
}

func TestWhatIsTooMuchOrNotThisMachineIsRefused(t *testing.T) {
	links := filepath.Join(t.TempDir(), "links.csv")
	if err := os.WriteFile(links, []byte("unit,name,link\nA,Ana,http://127.0.0.1:8080/a#token\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"too many":             {"--respondents", "50001"},
		"fewer than a team":    {"--respondents", "4"},
		"too many at once":     {"--concurrency", "1025"},
		"nobody at once":       {"--concurrency", "0"},
		"for too long":         {"--limit", "31m"},
		"for no time":          {"--limit", "0s"},
		"a word too many":      {"now"},
		"links without server": {"--links", links},
		"server without links": {"--url", "http://127.0.0.1:8080"},
		"another machine":      {"--url", "http://192.0.2.1:8080", "--links", links},
		"a name":               {"--url", "http://localhost:8080", "--links", links},
		"no address":           {"--url", "127.0.0.1:8080", "--links", links},
		"a path":               {"--url", "http://127.0.0.1:8080/a", "--links", links},
		"both servers":         {"--url", "http://127.0.0.1:8080", "--links", links, "--server", "attune"},
		"a process of nobody":  {"--pid", "1"},
	} {
		var out, faults bytes.Buffer
		if code := run(t.Context(), args, &out, &faults); code != 2 || faults.Len() == 0 {
			t.Errorf("%s: exit %d, %q", name, code, faults.String())
		}
	}
	var out, faults bytes.Buffer
	if code := run(t.Context(), []string{"--url", "http://127.0.0.1:1", "--links", links, "--respondents", "5"}, &out, &faults); code != 1 {
		t.Errorf("fewer links than respondents: exit %d, %q", code, faults.String())
	}
}

func TestLinksAreReadFromTheirColumn(t *testing.T) {
	for given, want := range map[string][]string{
		"unit,name,link\nA,Ana,https://x.org/a#one\nA,\"Bo, B.\",/a#two\n": {"one", "two"},
		"link\n#one\n":                  {"one"},
		"unit,name\nA,Ana\n":            nil,
		"link\nhttps://x.org/a\n":       nil,
		"link\n":                        nil,
		"":                              nil,
		"unit,name,link\nA,Ana,a,b#c\n": nil,
	} {
		got, err := readLinks(strings.NewReader(given))
		if diff := cmp.Diff(want, got); diff != "" || (want == nil) != (err != nil) {
			t.Errorf("%q: %v %s", given, err, diff)
		}
	}
}

func TestAPageTellsItsFilesAndItsOpenWaves(t *testing.T) {
	page := []byte(`<link rel="stylesheet" href="/static/aa/phone.css"><script type="module" src="/static/bb/link.js"></script>
<script type="application/json" id="data">{"waves":[{"id":"2026-11","open":true},{"id":"2026-12","open":false}],"tickets":"/static/cc/ticket.js","worker":"/a/worker.js","cast":"/cast"}</script>
<link href="/static/aa/phone.css">`)
	want := []string{"/a/worker.js", "/static/aa/phone.css", "/static/bb/link.js", "/static/cc/ticket.js"}
	if diff := cmp.Diff(want, files(page)); diff != "" {
		t.Error(diff)
	}
	open, err := announced(page)
	if err != nil || len(open) != 1 || open[0] != "2026-11" {
		t.Errorf("%v %v", open, err)
	}
}

// The line is one of proc(5), with a name that tries to mislead: utime 150 and
// stime 50 ticks of 10 ms, rss 300 pages.
func TestTheUsageOfAProcessIsReadFromItsStat(t *testing.T) {
	line := "4242 (at) tune (x) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 9 0 100 200000 300 18446744073709551615"
	got, err := parseStat(line)
	if err != nil || got.processor != 2*time.Second || got.memory != int64(300*os.Getpagesize()) {
		t.Errorf("%+v %v", got, err)
	}
	for _, bad := range []string{"", "4242", "4242 (attune) S 1 2", strings.Replace(line, " 150 ", " x ", 1)} {
		if _, err := parseStat(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestAQuantileIsTheSmallestValueThatAShareDoesNotExceed(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[99-i] = time.Duration(i + 1)
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		if got := quantile(hundred, q); got != want {
			t.Errorf("%v: %d, want %d", q, got, want)
		}
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("nothing has a median")
	}
}

func TestTheStaffListHasTeamsOfASizeOfTheirOwn(t *testing.T) {
	for _, people := range []int{5, 16, 31, 32, 1000} {
		size := make(map[string]int)
		for _, row := range strings.Split(strings.TrimSpace(string(staff(people))), "\n")[1:] {
			size[strings.Split(row, ",")[2]]++
		}
		total := 0
		for team, n := range size {
			total += n
			if n < smallestRoster || n > 32 {
				t.Errorf("%d people: %s has %d", people, team, n)
			}
		}
		if total != people {
			t.Errorf("%d people, want %d", total, people)
		}
	}
}
