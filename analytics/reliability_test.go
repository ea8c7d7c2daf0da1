package analytics

import (
	"context"
	"math"
	"strconv"
	"testing"

	"attune/analytics/stats"
	"attune/survey"
)

// six is the wave of stats/testdata/items.csv: 150 people in 12 teams, six
// items. The first skip people leave out the last item, which the scale needs.
func six(t testing.TB, skip int) survey.ClosedWave {
	t.Helper()
	rows := table(t, "stats/testdata/items.csv")[1:]
	headcounts := make([]int, 12)
	for _, row := range rows {
		at, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		headcounts[at-1]++
	}
	packs := []*survey.Pack{packOf(t, "six.yaml")}
	w := comparedWave(t, packs, headcounts)
	sheet, err := survey.NewSheet(packs)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		answers := make(survey.Answers)
		for j, item := range packs[0].Items {
			if answers[item.ID], err = strconv.Atoi(row[j+1]); err != nil {
				t.Fatal(err)
			}
		}
		if i < skip {
			delete(answers, "i6")
		}
		ballot, err := sheet.Encode(answers)
		if err != nil {
			t.Fatal(err)
		}
		at, _ := strconv.Atoi(row[0])
		id := w.Groups[at-1].ID
		w.Ballots[id] = append(w.Ballots[id], ballot)
	}
	return w
}

// fromStats are the numbers that stats/testdata/reference.R printed under R
// 4.2.2 with psych 2.2.9.
func fromStats(t testing.TB, name string) float64 {
	t.Helper()
	for _, row := range table(t, "stats/testdata/reference.csv") {
		if row[0] != name {
			continue
		}
		x, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	t.Fatalf("R gave no %s", name)
	return 0
}

// From ballots to the release: before anything is rounded alpha is R's to
// 1e-9 and omega to 1e-4, by psych's minimum residuals and by factanal's
// maximum likelihood; what is released is R's on the grid of tenths.
func TestAReleasedOmegaIsThatOfPsych(t *testing.T) {
	w := six(t, 0)
	tally, err := newTally(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	sums := tally.reliabilities[0].cases.sums
	correlations, ok := sums.Pearsons([]int{0, 1, 2, 3, 4, 5})
	omega, okOmega := stats.OmegaOf(correlations)
	alpha, okAlpha := sums.Alpha()
	if !ok || !okOmega || !okAlpha {
		t.Fatal("no alpha or no omega")
	}
	for _, test := range []struct {
		name           string
		got, tolerance float64
	}{{"alpha", alpha, 1e-9}, {"omega", omega, 1e-4}, {"omega_ml", omega, 1e-4}} {
		if want := fromStats(t, test.name); math.Abs(test.got-want) > test.tolerance*want {
			t.Errorf("%s: %.12g, R has %.12g", test.name, test.got, want)
		}
	}
	r, _ := release(t, w)
	for statistic, name := range map[string]string{StatisticAlpha: "alpha", StatisticOmega: "omega"} {
		c, ok := r.Cell("org", "trait", statistic)
		if want := math.Round(10*fromStats(t, name)) / 10; !ok || c.Status != StatusShown || c.Value != want || c.N != 150 {
			t.Errorf("%s: %+v, want %v of 150 people", statistic, c, want)
		}
	}
	if a, ok := r.Audit(); !ok || a.Result != AuditPassed {
		t.Errorf("%+v", a)
	}
}

// Omega needs 100 people who answered every item, alpha 30: with 51 of 150
// who left one out, alpha of the other 99 is there and omega is not.
func TestAReleasedOmegaNeedsAHundredPeople(t *testing.T) {
	for skip, want := range map[int]Status{50: StatusShown, 51: StatusSuppressed} {
		r, _ := release(t, six(t, skip))
		omega, _ := r.Cell("org", "trait", StatisticOmega)
		alpha, _ := r.Cell("org", "trait", StatisticAlpha)
		if omega.Status != want || alpha.Status != StatusShown || alpha.N != 150-skip {
			t.Errorf("%d left out: omega %+v, alpha %+v", skip, omega, alpha)
		}
	}
}
