package stats_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"attune/analytics/stats"
)

// reference are the numbers that testdata/reference.R printed under R 4.2.2
// with psych 2.2.9.
type reference map[string]float64

func readReference(t *testing.T) reference {
	t.Helper()
	r := make(reference)
	for _, row := range readCSV(t, "testdata/reference.csv") {
		r[row[0]] = number(t, row[1])
	}
	return r
}

// near fails unless got equals R's number to 1e-9, relatively.
func (r reference) near(t *testing.T, name string, got float64) {
	t.Helper()
	r.within(t, name, got, 1e-9)
}

func (r reference) within(t *testing.T, name string, got, tolerance float64) {
	t.Helper()
	want, ok := r[name]
	if !ok {
		t.Fatalf("R gave no %s", name)
	}
	if math.Abs(got-want) > tolerance*max(math.Abs(want), 1e-9) {
		t.Errorf("%s: %.15g, R has %.15g", name, got, want)
	}
}

// survey is the made-up survey of testdata/items.csv: 150 people in 12 teams,
// six items.
type survey struct {
	rows         [][]float64
	teams        [][]float64 // score by team
	score, other []float64   // the means of items 1 to 3 and 4 to 6
	size         []int
}

func readSurvey(t *testing.T) survey {
	t.Helper()
	var s survey
	for _, line := range readCSV(t, "testdata/items.csv")[1:] {
		row := make([]float64, 6)
		for i := range row {
			row[i] = number(t, line[i+1])
		}
		score := (row[0] + row[1] + row[2]) / 3
		team := int(number(t, line[0]))
		if team > len(s.teams) {
			s.teams = append(s.teams, nil)
		}
		s.teams[team-1] = append(s.teams[team-1], score)
		s.rows, s.score, s.other = append(s.rows, row), append(s.score, score), append(s.other, (row[3]+row[4]+row[5])/3)
	}
	for _, team := range s.teams {
		s.size = append(s.size, len(team))
	}
	return s
}

func (s survey) column(j int) []float64 {
	column := make([]float64, len(s.rows))
	for i, row := range s.rows {
		column[i] = row[j]
	}
	return column
}

func TestMomentsAndIntervalsOfAMeanAreThoseOfR(t *testing.T) {
	r, s := readReference(t), readSurvey(t)
	mean, ok := stats.Mean(s.score)
	sd, okSD := stats.SD(s.score)
	if !ok || !okSD {
		t.Fatal("no mean or no standard deviation")
	}
	r.near(t, "mean", mean)
	r.near(t, "sd", sd)
	half := stats.HalfWidth(sd, len(s.score))
	r.near(t, "t_low", mean-half)
	r.near(t, "t_high", mean+half)
}

func TestCorrelationsAreThoseOfR(t *testing.T) {
	r, s := readReference(t), readSurvey(t)
	pearson, ok := stats.Pearson(s.score, s.other)
	if !ok {
		t.Fatal("no correlation")
	}
	r.near(t, "pearson", pearson)
	low, high, ok := stats.Fisher(pearson, float64(len(s.score)))
	if !ok {
		t.Fatal("no interval")
	}
	r.near(t, "fisher_low", low)
	r.near(t, "fisher_high", high)
	p, ok := stats.FisherP(.4, 20)
	if !ok {
		t.Fatal("no p")
	}
	r.near(t, "fisher_p_4_20", p)
}

func TestIntraclassCorrelationIsThatOfAnovaInR(t *testing.T) {
	r, s := readReference(t), readSurvey(t)
	icc, ok := stats.ICC(s.teams)
	if !ok {
		t.Fatal("no ICC")
	}
	r.near(t, "icc", icc)
	// By hand: sizes 4 5 6 8 9 11 12 14 16 19 21 25, Σn = 150, Σn² = 2366.
	want := 1 + (2366.0/150-1)*icc
	if got := stats.DesignEffect(icc, s.size); math.Abs(got-want) > 1e-12 {
		t.Errorf("design effect %g, want %g", got, want)
	}
}

func TestSlopesAreThoseOfLmInR(t *testing.T) {
	r, s := readReference(t), readSurvey(t)
	slopes, ok := stats.Slopes(s.score, [][]float64{s.column(3), s.column(4), s.column(5)}, 1)
	if !ok {
		t.Fatal("no slopes")
	}
	for i, slope := range slopes {
		r.near(t, fmt.Sprint("slope_", i+1), slope.Beta)
		r.near(t, fmt.Sprint("slope_se_", i+1), slope.SE)
		r.near(t, fmt.Sprint("slope_p_", i+1), slope.P)
		r.near(t, fmt.Sprint("slope_low_", i+1), slope.Low)
		if mirrored := 2*slope.Beta - slope.Low; math.Abs(mirrored-slope.High) > 1e-12 {
			t.Errorf("upper end %g, want %g", slope.High, mirrored)
		}
	}
}

func TestHolmIsThatOfR(t *testing.T) {
	r := readReference(t)
	for i, p := range stats.Holm([]float64{.01, .04, .03, .005, .5}) {
		r.near(t, fmt.Sprint("holm_", i+1), p)
	}
}

func TestReliabilityIsThatOfPsych(t *testing.T) {
	r, s := readReference(t), readSurvey(t)
	alpha, ok := stats.Alpha(s.rows)
	if !ok {
		t.Fatal("no alpha")
	}
	r.near(t, "alpha", alpha)
	low, high, ok := stats.Feldt(.74, 30, 3)
	if !ok {
		t.Fatal("no interval")
	}
	r.near(t, "feldt_low", low)
	r.near(t, "feldt_high", high)
	omega, ok := stats.Omega(s.rows)
	if !ok {
		t.Fatal("no omega")
	}
	// The tolerance of ANALYTICS, "Scoring": both search for the same minimum.
	r.within(t, "omega", omega, 1e-4)
	r.within(t, "omega_ml", omega, 1e-4) // factanal's maximum likelihood
}

func TestWilsonIsPropTestOfR(t *testing.T) {
	r := readReference(t)
	for _, c := range [][2]int{{3, 10}, {5, 15}, {1, 8}, {0, 7}, {12, 12}} {
		low, high, ok := stats.Wilson(c[0], c[1])
		if !ok {
			t.Fatal(c)
		}
		r.near(t, fmt.Sprintf("wilson_%d_%d_low", c[0], c[1]), low)
		r.near(t, fmt.Sprintf("wilson_%d_%d_high", c[0], c[1]), high)
	}
}

func TestCountsAreThoseOfPhyperInR(t *testing.T) {
	r := readReference(t)
	for _, c := range [][3]int{{3, 9, 12}, {5, 15, 20}, {4, 10, 30}, {0, 12, 40}, {40, 60, 200}} {
		low, high, ok := stats.Count(c[0], c[1], c[2])
		if !ok {
			t.Fatal(c)
		}
		name := fmt.Sprintf("count_%d_%d_%d", c[0], c[1], c[2])
		r.near(t, name+"_low", float64(low))
		r.near(t, name+"_high", float64(high))
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
