package handlers

import (
	"context"
	"math"
	"slices"

	"attune/analytics"
	"attune/survey"
)

// scaleOver is a scale of a unit over its waves, as comparisons of before and
// after take it.
type scaleOver struct {
	measure
	points []analytics.Point
	bounds analytics.Measure
}

// scalesOver reads all scales that a unit was asked about in the viewer's part.
func (s speech) scalesOver(ctx context.Context, v viewer, unit survey.UnitID) ([]scaleOver, error) {
	releases, err := s.con.archive.Releases(ctx)
	if err != nil {
		return nil, err
	}
	line, err := v.sights(releases, unit)
	if err != nil {
		return nil, err
	}
	scales, _ := s.measures(line)
	var over []scaleOver
	for _, m := range scales {
		points := s.points(line, string(unit), m)
		if slices.ContainsFunc(points, func(p analytics.Point) bool { return p.Present }) {
			over = append(over, scaleOver{m, points, s.bounds(line, m)})
		}
	}
	return over, nil
}

// changes says for each scale whether it is better or worse after a day than
// before it, or that this cannot be said, with the means of both sides. Scales
// without a wave on a side share one sentence, and few are all of them where it
// has no room for every name.
func (s speech) changes(scales []scaleOver, day string) (changes []string, uncompared string, few []string) {
	for _, m := range scales {
		c := analytics.ChangeOf(m.points, m.bounds, m.direction, day)
		if c.WavesBefore == 0 {
			few = append(few, m.title)
			continue
		}
		key := "event.change." + string(c.Verdict)
		if c.Smallest == 0 { // too few waves to know how far they swing
			key = "event.change.early"
		}
		changes = append(changes, s.say(key, survey.Args{
			"measure": m.title, "before": s.num(round2(c.Before)), "after": s.num(round2(c.After)),
			"smallest": s.num(math.Ceil(10*c.Smallest-1e-9) / 10),
		}))
	}
	if len(few) > 0 {
		uncompared = s.say("event.change.few", survey.Args{"measures": s.list(s.firstOf(few))})
	}
	if len(few) <= namedAtOnce+1 {
		few = nil // all of them are named in the sentence
	}
	return changes, uncompared, few
}

// namedAtOnce is how many names a sentence takes before it says how many more
// there are.
const namedAtOnce = 3

// firstOf shortens a list of names that would make a sentence without end; one
// more is named, because "1 more" is no shorter.
func (s speech) firstOf(names []string) []string {
	if len(names) <= namedAtOnce+1 {
		return names
	}
	return append(slices.Clone(names[:namedAtOnce]), s.say("feel.few.more", survey.Args{"n": len(names) - namedAtOnce}))
}
