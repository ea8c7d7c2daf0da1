package analytics

import (
	"attune/analytics/stats"
	"attune/survey"
)

// BenchmarkKind says what a unit's value may be held against.
type BenchmarkKind string

// The kinds of benchmarks.
const (
	BenchmarkPast         BenchmarkKind = "past"         // the centre of the unit's own trend
	BenchmarkOrganisation BenchmarkKind = "organisation" // the organisation's value in the same wave, the unit in it
	BenchmarkNorm         BenchmarkKind = "norm"         // a named norm set of the pack
)

// benchmarkFrom is the fewest answers of the organisation's value as a
// benchmark (ANALYTICS, "Events, benchmarks").
const benchmarkFrom = 25

// T scores are given on the ProQOL 5 only. The literature's norm of its
// secondary traumatic stress mixes two codings of the responses, so that scale
// has none (ANALYTICS, "Events, benchmarks").
const (
	tPack    = "proqol5"
	tWithout = "sts"
)

// Benchmark is one value to hold a unit's against, in the reporting unit.
type Benchmark struct {
	Kind  BenchmarkKind
	Value float64
	N     int          // answers; of a past, the published waves
	Norm  *survey.Norm // of BenchmarkNorm
	T     float64      // the unit's T score against it; 0 for none
}

// Benchmarks lists what the latest shown value of a unit may be held against:
// its own past where the trend has limits, the organisation in release r, and
// the norm sets that pack names for the scale. There is no organisation
// without the unit: it could be subtracted. pack is the one that r was
// answered with, nil where it is not known; trend is the unit's.
func Benchmarks(r *Release, pack *survey.Pack, unit survey.UnitID, measure string, trend Trend) []Benchmark {
	own, ok := r.Cell(string(unit), measure, StatisticMean)
	if !ok || !published(Point{Present: true, Cell: own}) {
		return nil
	}
	var all []Benchmark
	if trend.Known {
		all = append(all, Benchmark{Kind: BenchmarkPast, Value: trend.Limits.Centre, N: min(trend.Published, TrendBaseline)})
	}
	root := r.tree.Root().ID
	if c, ok := r.Cell(string(root), measure, StatisticMean); ok && unit != root && c.Status == StatusShown && c.N >= benchmarkFrom {
		all = append(all, Benchmark{Kind: BenchmarkOrganisation, Value: c.Value, N: c.N})
	}
	if pack == nil || pack.ID != own.Pack || pack.Version != own.PackVersion {
		return all
	}
	for i, norm := range pack.Norms {
		if norm.Scale != measure {
			continue
		}
		b := Benchmark{Kind: BenchmarkNorm, Value: norm.Mean, N: norm.N, Norm: &pack.Norms[i]}
		if pack.ID == tPack && norm.Scale != tWithout {
			b.T, _ = stats.T(own.Value, norm.Mean, norm.SD)
		}
		all = append(all, b)
	}
	return all
}
