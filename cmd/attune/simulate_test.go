package main

import (
	"bytes"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"attune/analytics"
)

// The page shows the long run; the tables of a shorter one must be the same
// but for chance. What chance cannot explain is a page that nobody wrote anew
// (analytics holds the figures themselves against a golden file).
func TestTheDocumentedTablesAreThoseOfTheCode(t *testing.T) {
	raw, err := os.ReadFile("../../docs/decisions/signs-thresholds.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(raw), "<!-- signs: attune simulate signs -->\n")
	documented, _, ends := strings.Cut(rest, "<!-- end of signs -->")
	if !found || !ends {
		t.Fatal("the page has no place for the tables")
	}
	var out bytes.Buffer
	if err := writeSimulation(&out, analytics.SimulateSigns(1, 300)); err != nil {
		t.Fatal(err)
	}
	page, code := strings.Split(strings.TrimSpace(documented), "\n"), strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(page) != len(code) {
		t.Fatalf("%d lines on the page, %d from the code: write them anew with `attune simulate signs`", len(page), len(code))
	}
	if page[0] != "Seed 1, 4000 teams in each row." {
		t.Errorf("the page begins with %q", page[0])
	}
	figures := 0
	for i := 1; i < len(page); i++ {
		written, made := strings.Split(page[i], "|"), strings.Split(code[i], "|")
		if len(written) != len(made) {
			t.Fatalf("%q on the page, %q from the code", page[i], code[i])
		}
		for j := range written {
			a, isPercent := percent(written[j])
			b, _ := percent(made[j])
			switch {
			case !isPercent && strings.TrimSpace(written[j]) != strings.TrimSpace(made[j]) && !delayed(written[j], made[j]):
				t.Errorf("%q on the page, %q from the code", page[i], code[i])
			// Four standard errors of a share of 300, and one point.
			case isPercent && math.Abs(a-b) > 1+400*math.Sqrt(a/100*(1-a/100)/300):
				t.Errorf("%.1f %% on the page, %.1f %% from the code: %s", a, b, page[i])
			case isPercent:
				figures++
			}
		}
	}
	if figures < 150 { // 75 + 75 + 15 + 10 shares
		t.Errorf("only %d figures compared", figures)
	}
}

func percent(cell string) (value float64, ok bool) {
	text, ok := strings.CutSuffix(strings.TrimSpace(cell), " %")
	if !ok {
		return 0, false
	}
	value, err := strconv.ParseFloat(text, 64)
	return value, err == nil
}

// delayed says whether two cells are numbers of waves that differ by chance.
func delayed(a, b string) bool {
	x, errX := strconv.ParseFloat(strings.TrimSpace(a), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(b), 64)
	return errX == nil && errY == nil && strings.Contains(a, ".") && math.Abs(x-y) <= .6
}
