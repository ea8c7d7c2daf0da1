package analytics

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"attune/survey"
)

// BenchmarkEverything judges one release of 1,000 units with sixty waves
// behind it (trends, states of signs, survival mode, comparison with the wave
// of an event, shrinkage), and reads the same cells without judging them. The
// ratio of the two times is reported: the machine's speed falls out of it.
func BenchmarkEverything(b *testing.B) {
	const units, waves = 1000, 60
	archive := NewArchive(longHistory(b, units, waves))
	releases, err := archive.Releases(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	latest := releases[len(releases)-1]
	scales := []string{"burnout", "sts", "cs"}
	signs := []string{"team_reactive", "team_avoidant", "team_defensive", "team_dysregulated", "team_hypervigilant", "team_frozen"}
	read := func(judge func(measure string, points []Point)) {
		for _, u := range latest.Units() {
			for _, measure := range slices.Concat(scales, signs) {
				points, err := archive.Series(b.Context(), u.ID, measure, StatisticMean)
				if err != nil {
					b.Fatal(err)
				}
				judge(measure, points)
			}
		}
	}
	cells := 0
	started := time.Now()
	read(func(_ string, points []Point) { cells += len(points) })
	reading := time.Since(started)
	day := releases[waves/2].Opens()
	b.ReportAllocs()
	for b.Loop() {
		var states [][]SignState
		read(func(measure string, points []Point) {
			m, _ := latest.Measure(measure)
			if slices.Contains(signs, measure) {
				states = append(states, SignStates(points))
			} else {
				TrendOf(points, m, survey.HigherWorse, nil)
				ChangeOf(points, m, survey.HigherWorse, day)
			}
			if measure == signs[len(signs)-1] {
				last := make([]SignState, len(states))
				for i, s := range states {
					last[i] = s[len(s)-1]
				}
				SurvivalMode(last, VerdictSteady)
				states = states[:0]
			}
		})
		for _, u := range latest.Units() {
			latest.Pool(u.ID, "burnout")
		}
	}
	if least := units * waves * len(scales); cells < least {
		b.Fatalf("%d cells, want at least %d", cells, least)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/reading.Seconds(), "times-reading")
	b.ReportMetric(float64(cells), "cells")
}

// longHistory are the releases of monthly waves of one organisation, each made
// by the real Releaser of answers of its own.
func longHistory(b *testing.B, units, waves int) *shelf {
	b.Helper()
	w := wide(units)
	pulse := pulseOf(b)
	w.Packs, w.Manifest.Packs = []*survey.Pack{pulse}, []survey.PackRef{pulse.Ref()}
	random := rand.New(rand.NewPCG(3, 3))
	history := &shelf{docs: make(map[survey.WaveID]survey.StoredRelease)}
	first := time.Date(2021, time.January, 4, 8, 0, 0, 0, time.UTC)
	for month := range waves {
		w.Manifest.Opens = first.AddDate(0, month, 0)
		w.Manifest.Closes = w.Manifest.Opens.AddDate(0, 0, 7)
		w.Manifest.Wave = survey.WaveID(w.Manifest.Opens.Format("2006-01"))
		w.Ballots = make(map[string][][]byte)
		for i, n := range answered(w) {
			for range n {
				sheet := make([]byte, len(pulse.Items))
				for at := range sheet {
					sheet[at] = byte(1 + random.IntN(5)) //nolint:gosec // 1 to 5
				}
				w.Ballots[w.Groups[i].ID] = append(w.Ballots[w.Groups[i].ID], sheet)
			}
		}
		doc, err := NewReleaser().Release(b.Context(), w)
		if err != nil || doc.Void != "" {
			b.Fatal(doc.Void, err)
		}
		history.ids = append(history.ids, w.Manifest.Wave)
		history.docs[w.Manifest.Wave] = survey.StoredRelease{Wave: w.Manifest.Wave, SHA256: survey.SHA256Hex(doc.JSON), JSON: doc.JSON}
	}
	return history
}
