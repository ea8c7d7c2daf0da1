package stats_test

import (
	"math"
	"slices"
	"testing"

	"attune/analytics/stats"

	"pgregory.net/rapid"
)

// The exact sums must give what the functions on people give, which R checks
// (reference_test.go): 150 people, six items.
func TestExactSumsGiveWhatPeopleGive(t *testing.T) {
	s := readSurvey(t)
	p := stats.NewProducts(6)
	for _, row := range s.rows {
		values := make([]int64, 6)
		for i, v := range row {
			values[i] = int64(v)
		}
		p.Add(values)
	}
	near := func(name string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %.15g, from the people %.15g", name, got, want)
		}
	}
	alpha, ok := p.Alpha()
	want, _ := stats.Alpha(s.rows)
	if !ok {
		t.Fatal("no alpha")
	}
	near("alpha", alpha, want)
	r, ok := p.Pearsons([]int{0, 1, 2, 3, 4, 5})
	if !ok {
		t.Fatal("no correlations")
	}
	for i := range r {
		for j := range r {
			want, _ := stats.Pearson(s.column(i), s.column(j))
			near("correlation", r[i][j], want)
		}
	}
	omega, ok := stats.OmegaOf(r)
	want, _ = stats.Omega(s.rows)
	if !ok {
		t.Fatal("no omega")
	}
	near("omega", omega, want)
	slopes, ok := stats.SlopesOf([][]float64{{1, r[4][5]}, {r[5][4], 1}}, []float64{r[3][4], r[3][5]}, len(s.rows), 1)
	direct, _ := stats.Slopes(s.column(3), [][]float64{s.column(4), s.column(5)}, 1)
	if !ok {
		t.Fatal("no slopes")
	}
	for i := range slopes {
		near("slope", slopes[i].Beta, direct[i].Beta)
		near("se", slopes[i].SE, direct[i].SE)
		near("tolerance", slopes[i].Tolerance, 1-r[4][5]*r[4][5])
	}
}

func TestExactSumsKnowNoOrderAndForgetWhoIsTakenOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		person := rapid.SliceOfN(rapid.Int64Range(0, 12_600), 3, 3)
		people := rapid.SliceOfN(person, 4, 30).Draw(t, "people")
		other := person.Draw(t, "somebody else")
		forwards, backwards := stats.NewProducts(3), stats.NewProducts(3)
		for _, values := range people {
			forwards.Add(values)
		}
		backwards.Add(other)
		slices.Reverse(people)
		for _, values := range people {
			backwards.Add(values)
		}
		backwards.Remove(other)
		for i := range 3 {
			for j := range 3 {
				a, okA := forwards.Pearson(i, j)
				b, okB := backwards.Pearson(i, j)
				if a != b || okA != okB {
					t.Errorf("%d with %d: %v and %v", i, j, a, b)
				}
			}
		}
		a, okA := forwards.Alpha()
		b, okB := backwards.Alpha()
		if a != b || okA != okB || forwards.N() != len(people) {
			t.Errorf("alpha %v and %v", a, b)
		}
	})
}

func TestExactSumsOfWhatDoesNotVaryGiveNothing(t *testing.T) {
	p := stats.NewProducts(2)
	for i := range int64(10) {
		p.Add([]int64{7, i})
	}
	if _, ok := p.Pearson(0, 1); ok {
		t.Error("a correlation with a constant")
	}
	if _, ok := p.Pearsons([]int{1, 0}); ok {
		t.Error("correlations with a constant")
	}
	if _, ok := stats.NewProducts(2).Alpha(); ok {
		t.Error("alpha of nobody")
	}
}
