package handlers

import (
	"context"
	"math"

	"attune/analytics"
	"attune/survey"
)

// verdict is what a trend shows, in words: one of a few names, why, and what
// could not have shown.
type verdict struct {
	Kind string // of the verdict, for its shape
	Name string
	Text []string // sentences
}

// happened lists the events of a unit and of those above it, by day.
func (con *console) happened(ctx context.Context, tree survey.Tree, unit survey.UnitID) ([]survey.Event, error) {
	return con.events.Events(ctx, append([]survey.UnitID{unit}, tree.Ancestors(unit)...))
}

// begunAnew notes where an event lets the usual range begin anew.
func (s speech) begunAnew(figures []figure, events []survey.Event) {
	for i := 1; i < len(figures); i++ {
		for _, e := range events {
			if e.Anew && figures[i-1].release.Opens() < e.Day && e.Day <= figures[i].release.Opens() && figures[i].Break == "" {
				figures[i].Break = s.say("trend.break.event", survey.Args{"kind": lower(s.say("event.kind."+string(e.Kind), nil)), "day": s.date(e.Day)})
			}
		}
	}
}

// points are the waves of over, as trends and signs take them. A wave in
// which the unit lay in another part than the viewer's is a gap.
func (s speech) points(line []sight, unit string, m measure) []analytics.Point {
	return along(line, seriesOf(line, unit, m, analytics.StatisticMean))
}

// along is a series as far as a line goes.
func along(line []sight, series []analytics.Point) []analytics.Point {
	waves := make(map[survey.WaveID]analytics.Point, len(series))
	for _, p := range series {
		waves[p.Wave] = p
	}
	var points []analytics.Point
	for _, at := range line {
		p, ok := waves[at.release.Wave()]
		if !ok {
			continue
		}
		if !at.mine {
			p = analytics.Point{Wave: p.Wave, OpensOn: p.OpensOn, Break: p.Break}
		}
		points = append(points, p)
	}
	return points
}

// seriesOf reads one measure of a unit in all releases that a line is among;
// nothing where there is no line.
func seriesOf(line []sight, unit string, m measure, statistic string) []analytics.Point {
	if len(line) == 0 {
		return nil
	}
	return analytics.SeriesOf(line[0].among, survey.UnitID(unit), m.id, statistic)
}

// trendOf judges the means of a measure up to the latest wave.
func (s speech) trendOf(line []sight, unit survey.UnitID, m measure, events []survey.Event) analytics.Trend {
	return s.judged(line, seriesOf(line, string(unit), m, analytics.StatisticMean), m, events)
}

// judged is the trend of a series as far as a line goes.
func (s speech) judged(line []sight, series []analytics.Point, m measure, events []survey.Event) analytics.Trend {
	return analytics.TrendOf(along(line, series), s.bounds(line, m), m.direction, events)
}

// bounds are the range and the response category of a measure, as its latest
// wave says them.
func (s speech) bounds(line []sight, m measure) analytics.Measure {
	if scale, ok := line[len(line)-1].release.Measure(m.id); ok {
		return scale
	}
	// Asked in earlier waves only, or a release older than audits.
	return analytics.Measure{Low: m.low, High: m.high, Category: axisStep(m)}
}

// verdict puts a trend in words. Ends of the usual range are rounded outward
// to tenths, like those of every interval.
func (s speech) verdict(t analytics.Trend) verdict {
	v := verdict{Kind: string(t.Verdict), Name: s.say("trend.name."+string(t.Verdict), nil)}
	say := func(key string, args survey.Args) { v.Text = append(v.Text, s.say(key, args)) }
	usual := survey.Args{"low": s.num(math.Floor(10*t.Limits.Low) / 10), "high": s.num(math.Ceil(10*t.Limits.High) / 10)}
	switch t.Verdict {
	case analytics.VerdictTooEarly:
		say("trend.too_early", survey.Args{"n": t.Published, "least": analytics.TrendFrom})
		return v
	case analytics.VerdictCannotSay:
		say("trend.cannot_say", nil)
		return v
	case analytics.VerdictSteady:
		say("trend.steady", usual)
	default:
		say("trend.rule."+string(t.Rule), usual)
	}
	smallest := survey.Args{"by": s.num(math.Ceil(10*t.Smallest-1e-9) / 10)}
	if t.Rule == analytics.RuleRun {
		say("trend.smallest.run", smallest)
	} else {
		say("trend.smallest", smallest)
	}
	switch {
	case t.NoRise && t.NoFall:
		say("trend.no_change", nil)
	case t.NoRise:
		say("trend.no_rise", nil)
	case t.NoFall:
		say("trend.no_fall", nil)
	}
	if t.Trial {
		say("trend.trial", survey.Args{"n": t.Published, "most": analytics.TrendBaseline})
	}
	return v
}
