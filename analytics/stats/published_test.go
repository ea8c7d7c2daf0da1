package stats_test

import (
	"fmt"
	"math"
	"testing"

	"attune/analytics/stats"
)

// publishedSheets are 107 complete ProQOL 5 sheets as ANALYTICS ("Scoring")
// has them: figures only, the sheets are not part of this project. So nothing
// can compute them again; what can be held is that they are possible, that
// they belong together, and what follows from them.
func publishedSheets() (n, items int, scales []struct {
	id              string
	mean, sd, alpha float64
}, correlations [3]float64,
) {
	return 107, 10, []struct {
		id              string
		mean, sd, alpha float64
	}{{"cs", 37.9439, 7.9596, .9329}, {"bo", 27.4673, 6.3903, .8188}, {"sts", 23.1869, 6.8490, .8347}}, [3]float64{-.773, -.463, .686} // CS–BO, CS–STS, BO–STS
}

// Scores are whole numbers, so 107 means are a whole number, and so is the sum
// of the squares; four decimals tell both (the GRIM and GRIMMER tests of Brown
// and Heathers 2017). A correlation is no larger than the reliabilities allow,
// and the three of them belong to one set of people.
func TestThePublishedFiguresOfProQOLBelongTogether(t *testing.T) {
	n, items, scales, r := publishedSheets()
	whole := func(name string, x, tolerance float64) {
		t.Helper()
		if math.Abs(x-math.Round(x)) > tolerance {
			t.Errorf("%s: %.4f is no whole number", name, x)
		}
	}
	for _, s := range scales {
		sum := math.Round(s.mean * float64(n))
		whole(s.id+" sum", s.mean*float64(n), .00005*float64(n))
		squares := s.sd*s.sd*float64(n-1) + sum*sum/float64(n)
		whole(s.id+" sum of squares", squares, 2*s.sd*.00005*float64(n-1))
		// alpha = k/(k−1)·(1 − Σ s_i²/s²): the variances of ten items from 1 to 5.
		variances := s.sd * s.sd * (1 - s.alpha*float64(items-1)/float64(items))
		if most := 4 * float64(items) * float64(n) / float64(n-1); variances <= 0 || variances > most {
			t.Errorf("%s: the items have a variance of %.2f together, at most %.2f is possible", s.id, variances, most)
		}
	}
	for i, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
		if most := math.Sqrt(scales[pair[0]].alpha * scales[pair[1]].alpha); math.Abs(r[i]) > most {
			t.Errorf("r %v is more than the reliabilities allow, %.3f", r[i], most)
		}
	}
	if det := 1 + 2*r[0]*r[1]*r[2] - r[0]*r[0] - r[1]*r[1] - r[2]*r[2]; det <= 0 {
		t.Errorf("no people have these three correlations: determinant %.4f", det)
	}
}

// What follows from the published figures is R's: Feldt's intervals of the
// alphas and Fisher's of the correlations.
func TestIntervalsOfThePublishedFiguresAreThoseOfR(t *testing.T) {
	ref := readReference(t)
	n, items, scales, correlations := publishedSheets()
	for _, s := range scales {
		low, high, ok := stats.Feldt(s.alpha, n, items)
		if !ok {
			t.Fatal(s.id)
		}
		ref.near(t, "feldt_"+s.id+"_low", low)
		ref.near(t, "feldt_"+s.id+"_high", high)
	}
	for _, r := range correlations {
		low, high, ok := stats.Fisher(r, float64(n))
		if !ok {
			t.Fatal(r)
		}
		ref.near(t, fmt.Sprintf("fisher_%g_low", r), low)
		ref.near(t, fmt.Sprintf("fisher_%g_high", r), high)
	}
}
