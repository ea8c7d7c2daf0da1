package main

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNumbersAreReadAsPagesShowThem(t *testing.T) {
	for text, want := range map[string]number{
		"2":                        {2, 0, exact},
		"2.25":                     {2.25, 2, exact},
		" 2.5\n":                   {2.5, 1, exact},
		"2 or less":                {2, 0, orLess},
		"4.5 or more":              {4.5, 1, orMore},
		"4 or more, at “often”":    {4, 0, orMore},
		"2.5, between “a” and “b”": {2.5, 1, exact},
	} {
		if got, ok := parseNumber(text); !ok || got != want {
			t.Errorf("%q: %+v %v, want %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "not shown", "-", "2.", ".5", "2.5.1", "40%", "1e3", "NaN", "99999999999999999999"} {
		if got, ok := parseNumber(text); ok {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}

func TestSharesAndIntervalsAreRead(t *testing.T) {
	if n, invited, ok := parseOf("44 of 77 partial"); !ok || n != 44 || invited != 77 {
		t.Errorf("44 of 77: %d %d %v", n, invited, ok)
	}
	if low, high, ok := parseInterval("1.7 to 2.3"); !ok || low.value != 1.7 || high.value != 2.3 {
		t.Errorf("1.7 to 2.3: %v %v %v", low, high, ok)
	}
	for _, text := range []string{"", "of 3", "3 of", "a of b", "2.3 to 1.7", "1.7 to", "1.7–2.3 to 4"} {
		_, _, of := parseOf(text)
		_, _, interval := parseInterval(text)
		if of || interval {
			t.Errorf("%q is read", text)
		}
	}
}

// What was rounded to so many decimals lies in the range that the number is
// read as.
func TestANumberStandsForAllThatIsRoundedToIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-1000, 1000).Draw(t, "x")
		decimals := rapid.IntRange(0, 4).Draw(t, "decimals")
		n, ok := parseNumber(fmt.Sprintf("%.*f", decimals, x))
		if !ok || n.decimals != decimals {
			t.Fatalf("%v: %+v %v", x, n, ok)
		}
		if r := n.rounding(); x < r.low-tiny || x > r.high+tiny {
			t.Fatalf("%v is not within %v", x, r)
		}
	})
}

func FuzzNumbers(f *testing.F) {
	for _, text := range []string{"2.5", "2 or less", "8 of 12", "1.7 to 2.3", "-0.5", "4 or more, x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := parseNumber(text); ok && (n.rounding().empty() || n.value != n.value || n.decimals > 9) {
			t.Errorf("%q: %+v", text, n)
		}
		if low, high, ok := parseInterval(text); ok && low.value > high.value {
			t.Errorf("%q: %v above %v", text, low, high)
		}
		if n, invited, ok := parseOf(text); ok && (n < 0 || invited < 0) {
			t.Errorf("%q: %d of %d", text, n, invited)
		}
		members(text)
		scaled(text)
	})
}

// Whatever a server sends, reading it ends, with figures or with a reason.
func FuzzOutputs(f *testing.F) {
	f.Add("/console/export/download?format=csv&wave=all", "text/csv", strings.Join(columns(), ",")+"\nw,u,U,team,o,m,mean,2.5,6,8,shown\n")
	f.Add("/console/export/download?format=json&wave=all", "application/json", `[{"wave_id":"w","unit_id":"u","measure":"m","statistic":"mean","value":2.5,"n":6}]`)
	f.Add("/log.json", "application/json", `{"entries":[{"kind":"release","wave":"w"}]}`)
	f.Add("/console/teams/u", "text/html", `<h1>U</h1><section id="m"><h2>M: 2 on a scale from 1 to 5</h2><script type="application/json">{"option":{"xAxis":[{"data":["Sep\n2026"]}],"series":[{"id":"own:0","data":[{"name":"2","value":2}]}]}}</script>
<table><thead><tr><th>Wave</th><th>Mean</th><th>Likely between</th><th>Answers</th></tr></thead><tbody><tr><th>September 2026</th><td>2</td><td>1 to 3</td><td>6</td></tr></tbody></table></section>`)
	f.Add("/console", "text/html", `<table><thead><tr><th>Unit</th><th>Answered</th><th>M, 1 to 5</th></tr></thead><tbody><tr><th class="level-1"><a href="/console/teams/u">U</a></th><td>8 of 9</td><td>2 or less</td></tr><tr><th>Together: A (3) and B (4)</th><td>6 of 7</td><td>3</td></tr></tbody></table>`)
	f.Fuzz(func(t *testing.T, path, kind, body string) {
		s, ok := read(page{path: path, kind: kind, body: []byte(body)})
		if !ok {
			return
		}
		r := &report{}
		r.attack("somebody", 1, []source{s})
	})
}
