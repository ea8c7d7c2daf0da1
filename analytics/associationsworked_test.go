package analytics

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"attune/survey"
)

// comparedPacks are short.yaml and beside.yaml, which compares its answers
// with the scales of the first.
func comparedPacks(t testing.TB) []*survey.Pack {
	t.Helper()
	return []*survey.Pack{shortPack(t), packOf(t, "beside.yaml")}
}

// table reads the rows of a CSV file.
func table(t testing.TB, name string) [][]string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(bytes.NewReader(raw))
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// fromR are the numbers that testdata/associations.R printed under R 4.2.2
// with psych 2.2.9.
func fromR(t testing.TB) map[string]float64 {
	t.Helper()
	numbers := make(map[string]float64)
	for _, row := range table(t, "testdata/associations-reference.csv") {
		x, err := strconv.ParseFloat(row[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		numbers[row[0]] = x
	}
	return numbers
}

// comparedWave is a wave without ballots of teams with these headcounts.
func comparedWave(t testing.TB, packs []*survey.Pack, headcounts []int) survey.ClosedWave {
	t.Helper()
	var teams []team
	for i, n := range headcounts {
		teams = append(teams, team{fmt.Sprintf("t%02d", i+1), n, n})
	}
	w := waveOf(t, teams, "org", false, 5)
	w.Packs = packs
	for _, p := range packs {
		w.Manifest.Packs = append(w.Manifest.Packs, p.Ref())
	}
	return w
}

// worked is the wave of testdata/associations.csv: 130 people in 9 teams.
func worked(t testing.TB) survey.ClosedWave {
	t.Helper()
	packs := comparedPacks(t)
	rows := table(t, "testdata/associations.csv")
	headcounts := make([]int, 9)
	for _, row := range rows[1:] {
		at, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		headcounts[at-1]++
	}
	w := comparedWave(t, packs, headcounts)
	sheet, err := survey.NewSheet(packs)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		answers := make(survey.Answers)
		for i, cell := range row[1:] {
			if value, err := strconv.Atoi(cell); err == nil {
				answers[rows[0][i+1]] = value
			}
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

// compare draws ballots of an organisation: support in each team lowers the
// strain, somebody skips an item here and there.
func compare(w survey.ClosedWave, random *rand.Rand, rate, skip float64) {
	for _, g := range w.Groups {
		mood := random.IntN(3)
		for range g.Headcount {
			if random.Float64() >= rate {
				continue
			}
			own := random.IntN(3)
			ballot := make([]byte, 11)
			for i := range ballot {
				options := 5
				if i == 4 || i == 9 {
					options = 3
				}
				if random.Float64() >= skip {
					ballot[i] = byte(1 + min(options-1, max(0, mood+own+random.IntN(3)-2))) //nolint:gosec // 1 to 5
				}
			}
			w.Ballots[g.ID] = append(w.Ballots[g.ID], ballot)
		}
	}
}
