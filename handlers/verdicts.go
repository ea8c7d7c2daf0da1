package handlers

import (
	"context"
	"math"

	"attune/analytics"
	"attune/handlers/api"
	"attune/survey"
	"attune/survey/store"
)

// viewerOf is somebody who sees exactly what a token does.
func viewerOf(t store.Token) viewer {
	if t.Unit == "" {
		return viewer{User: store.User{Roles: []string{hr}}}
	}
	return viewer{User: store.User{Roles: []string{manager}, Unit: t.Unit}}
}

// verdicts are the page of a unit in keys, for the HTTP API: the same trends,
// signs and answer to whether it shows survival mode, from the same functions.
func (con *console) verdicts(ctx context.Context, t store.Token, unit survey.UnitID) (api.Verdicts, error) {
	v := viewerOf(t)
	releases, err := con.archive.Releases(ctx)
	if err != nil {
		return api.Verdicts{}, err
	}
	line, err := v.sights(releases, unit)
	if err != nil {
		return api.Verdicts{}, err
	}
	line, _ = apart(line)
	latest := line[len(line)-1].release
	s := con.in(con.spoken().Default)
	events, err := con.happened(ctx, latest.Tree(), unit)
	if err != nil {
		return api.Verdicts{}, err
	}
	scales, signs := s.measures(line)
	found := api.Verdicts{UnitID: string(unit), WaveID: string(latest.Wave()), Trends: []api.TrendVerdict{}, Signs: []api.SignVerdict{}}
	for _, m := range scales {
		if asked(s.points(line, string(unit), m)) {
			found.Trends = append(found.Trends, trendVerdict(m, s.trendOf(line, unit, m, events)))
		}
	}
	var states []analytics.SignState
	for _, m := range signs {
		points := s.points(line, string(unit), m)
		if !asked(points) {
			continue
		}
		all := analytics.SignStates(points)
		states = append(states, all[len(all)-1])
		found.Signs = append(found.Signs, api.SignVerdict{Measure: m.id, State: string(all[len(all)-1])})
	}
	if len(states) > 0 {
		mode := string(analytics.SurvivalMode(states, s.stress(line, unit, scales, events)))
		found.Mode = &mode
	}
	return found, nil
}

// asked says whether any wave of a series asked its measure.
func asked(points []analytics.Point) bool {
	for _, p := range points {
		if p.Present && p.Cell.PackVersion != "" {
			return true
		}
	}
	return false
}

// trendVerdict writes the usual range of the last stretch as the chart does: in
// tenths that are rounded outward, within the scale.
func trendVerdict(m measure, t analytics.Trend) api.TrendVerdict {
	out := api.TrendVerdict{
		Measure: m.id, PackID: m.pack, Verdict: string(t.Verdict), Rule: string(t.Rule), Published: t.Published, Trial: t.Trial,
	}
	if t.Known {
		low, high := max(m.low, math.Floor(10*t.Limits.Low)/10), min(m.high, math.Ceil(10*t.Limits.High)/10)
		out.UsualLow, out.UsualHigh = &low, &high
	}
	return out
}
