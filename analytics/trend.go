package analytics

import (
	"math"
	"slices"

	"attune/analytics/stats"
	"attune/survey"
)

// Verdict says what a trend shows in its latest wave.
type Verdict string

// The verdicts of a trend.
const (
	VerdictBetter    Verdict = "better"     // outside the limits, the way the scale improves
	VerdictWorse     Verdict = "worse"      // outside the limits, the other way
	VerdictWatch     Verdict = "watch"      // a pattern that chance seldom makes, or outside the limits of a scale without a better side
	VerdictSteady    Verdict = "steady"     // nothing that chance would not explain
	VerdictTooEarly  Verdict = "too_early"  // fewer than TrendFrom published waves
	VerdictCannotSay Verdict = "cannot_say" // the latest wave is not published, or no two adjacent ones are
)

// Rule is a pattern that chance seldom makes.
type Rule string

// The rules, in the order in which they are tried (ANALYTICS, "Trend: XmR").
const (
	RuleNone  Rule = ""
	RuleLimit Rule = "limit" // a point outside the limits
	RuleRun   Rule = "run"   // seven points, six differences of one sign
	RuleOuter Rule = "outer" // two of three points between inner and outer limit, all three on one side of the mean
	RuleSide  Rule = "side"  // seven points on one side of the mean
)

// Published points of a trend (ANALYTICS, "Trend: XmR").
const (
	TrendBaseline = 12 // make the limits, which are then locked
	TrendFrom     = 6  // fewer are too early to tell
)

// Points that the rules look at.
const (
	runPoints   = 7
	sidePoints  = 7
	outerPoints = 3
	outerNear   = 2 // of outerPoints
)

// Floors of the mean moving range in response categories: displayed values are
// stepped, so that several neighbours are often equal and their ranges 0.
const (
	rangeFloorCoarse = 0.45 // fewer than stepMiddleFrom answers
	rangeFloorMiddle = 0.30
	rangeFloorFine   = 0.20 // stepFineFrom answers and more
)

// same is how far two figures may differ and still be one: what binary
// fractions add to values with few decimals, in response categories.
const same = 1e-9

// Stretch is a part of a series with limits of its own. It begins at the
// start, after a Break, with another version of the pack, and with the first
// wave that opens on or after the day of an event that begins anew.
type Stretch struct {
	From, To  int       // the first point, and one past the last
	Published int       // points with a shown value
	Limits    stats.XmR // in the reporting unit; of displayed values
	Known     bool      // Limits are set: TrendFrom published points, two of them adjacent
	Trial     bool      // made of fewer than TrendBaseline points, and still changing with each wave
}

// Trend is what a series of displayed means shows.
type Trend struct {
	Verdict Verdict
	Rule    Rule // the first rule that holds for the latest point
	// Smallest is the smallest change, in the reporting unit, that this rule
	// could have shown here: from the mean for RuleLimit, RuleOuter and
	// RuleSide, over six waves for RuleRun. With RuleNone it is that of
	// RuleLimit, which alone makes better and worse. 0 without limits.
	Smallest float64
	// NoRise and NoFall say that a limit lies where no displayed value can
	// be, so that RuleLimit can never show a change that way.
	NoRise, NoFall bool
	Published      int       // points with a shown value since the trend began anew
	Trial          bool      // the limits are of fewer than TrendBaseline points
	Limits         stats.XmR // of the last stretch; zero where they are not known
	Known          bool      // Limits are set
	Stretches      []Stretch // in order, without gaps between them
	Rules          []Rule    // by point: the first rule that holds there
}

// TrendOf judges a series of means with a chart of individual values and
// moving ranges (XmR; see stats.XmROf). points are one unit's or block's means
// of one measure, by opening date, as Archive.Series gives them; m is that
// measure in the latest release. Only shown values count; whatever is not
// shown is a gap, over which no moving range reaches and after which runs
// start again.
//
// Every figure in the result is a function of displayed values and published
// numbers of answers. It never fails: what cannot be told is a verdict.
func TrendOf(points []Point, m Measure, direction survey.Direction, events []survey.Event) Trend {
	category := m.Category
	if !(category > 0) {
		category = 1
	}
	t := Trend{Verdict: VerdictCannotSay, Rules: make([]Rule, len(points))}
	for from := 0; from < len(points); {
		to := from + 1
		for to < len(points) && !begins(points, to, events) {
			to++
		}
		t.Stretches = append(t.Stretches, stretchOf(points, from, to, category))
		from = to
	}
	for _, s := range t.Stretches {
		for i := s.From; s.Known && i < s.To; i++ {
			t.Rules[i] = ruleAt(points, s, i, category)
		}
	}
	if len(points) == 0 {
		return t
	}
	last := t.Stretches[len(t.Stretches)-1]
	t.Published, t.Trial, t.Known, t.Limits = last.Published, last.Trial, last.Known, last.Limits
	switch latest := points[len(points)-1]; {
	case !published(latest):
	case last.Published < TrendFrom:
		t.Verdict = VerdictTooEarly
	case last.Known:
		t.judge(latest.Cell, m, direction, category)
	}
	return t
}

// begins says whether a series begins anew at a point: the teams behind it
// changed, or the questions, or an event says so.
func begins(points []Point, at int, events []survey.Event) bool {
	p := points[at]
	if p.Break {
		return true
	}
	for _, e := range events {
		if e.Anew && points[at-1].OpensOn < e.Day && e.Day <= p.OpensOn {
			return true
		}
	}
	if p.Cell.PackVersion == "" {
		return false
	}
	for i := at - 1; i >= 0; i-- { // the last wave that asked
		if before := points[i].Cell; before.PackVersion != "" {
			return before.Pack != p.Cell.Pack || before.PackVersion != p.Cell.PackVersion
		}
	}
	return false
}

// published says whether a point has a value that may count.
func published(p Point) bool {
	c := p.Cell
	return p.Present && c.Status == StatusShown && c.N > 0 && !math.IsNaN(c.Value) && !math.IsInf(c.Value, 0)
}

// stretchOf works out the limits of a stretch from its first TrendBaseline
// published points.
func stretchOf(points []Point, from, to int, category float64) Stretch {
	s := Stretch{From: from, To: to}
	var values []float64
	var follows []bool
	var answers []int
	for i := from; i < to; i++ {
		if !published(points[i]) {
			continue
		}
		if s.Published++; s.Published > TrendBaseline {
			continue
		}
		values = append(values, points[i].Cell.Value)
		follows = append(follows, i > from && published(points[i-1]))
		answers = append(answers, points[i].Cell.N)
	}
	s.Trial = s.Published < TrendBaseline
	if s.Published >= TrendFrom {
		s.Limits, s.Known = stats.XmROf(values, follows, category*middleFloor(answers))
	}
	return s
}

// middleFloor is the floor for waves with these numbers of answers, of which
// there is one at least: that of the middle wave (the lower of two), so that
// one odd wave does not set it.
func middleFloor(answers []int) float64 {
	slices.Sort(answers)
	return rangeFloor(answers[(len(answers)-1)/2])
}

// rangeFloor is the floor of the mean moving range for values of n answers, in
// response categories.
func rangeFloor(n int) float64 {
	switch {
	case n >= stepFineFrom:
		return rangeFloorFine
	case n >= stepMiddleFrom:
		return rangeFloorMiddle
	default:
		return rangeFloorCoarse
	}
}

// ruleAt is the first rule that holds for the points up to this one.
func ruleAt(points []Point, s Stretch, at int, category float64) Rule {
	if !published(points[at]) {
		return RuleNone
	}
	var run []float64 // the values up to this point, back to the last gap
	for i := at; i >= s.From && published(points[i]) && len(run) < max(runPoints, sidePoints, outerPoints); i-- {
		run = append(run, points[i].Cell.Value)
	}
	tie := same * category
	switch l := s.Limits; {
	case run[0] > l.High+tie || run[0] < l.Low-tie:
		return RuleLimit
	case rising(run, tie) != 0:
		return RuleRun
	case outer(run, l, tie):
		return RuleOuter
	case len(run) >= sidePoints && oneSide(run[:sidePoints], l.Centre, tie) != 0:
		return RuleSide
	}
	return RuleNone
}

// rising is +1 or −1 where all differences of the last runPoints values have
// this sign, else 0.
func rising(run []float64, tie float64) int {
	if len(run) < runPoints {
		return 0
	}
	sign := 0
	for i := range runPoints - 1 {
		s := side(run[i]-run[i+1], tie)
		if s == 0 || sign != 0 && s != sign {
			return 0
		}
		sign = s
	}
	return sign
}

// outer says whether outerNear of the last outerPoints values lie between the
// inner and the outer limit, and all of them on one side of the mean.
func outer(run []float64, l stats.XmR, tie float64) bool {
	if len(run) < outerPoints || oneSide(run[:outerPoints], l.Centre, tie) == 0 {
		return false
	}
	near := 0
	for _, v := range run[:outerPoints] {
		beyondInner := v > l.InnerHigh+tie || v < l.InnerLow-tie
		beyondOuter := v > l.High+tie || v < l.Low-tie
		if beyondInner && !beyondOuter {
			near++
		}
	}
	return near >= outerNear
}

// oneSide is +1 or −1 where all values lie above or below the mean, else 0: a
// tie with the mean is on no side.
func oneSide(values []float64, centre, tie float64) int {
	sign := 0
	for i, v := range values {
		s := side(v-centre, tie)
		if s == 0 || i > 0 && s != sign {
			return 0
		}
		sign = s
	}
	return sign
}

func side(difference, tie float64) int {
	switch {
	case difference > tie:
		return 1
	case difference < -tie:
		return -1
	}
	return 0
}

// judge gives the verdict of the latest point, which is published and has
// limits.
func (t *Trend) judge(latest Cell, m Measure, direction survey.Direction, category float64) {
	t.Rule = t.Rules[len(t.Rules)-1]
	up := latest.Value > t.Limits.Centre
	switch {
	case t.Rule == RuleNone:
		t.Verdict = VerdictSteady
	case t.Rule != RuleLimit || direction != survey.HigherBetter && direction != survey.HigherWorse:
		t.Verdict = VerdictWatch
	case up == (direction == survey.HigherBetter):
		t.Verdict = VerdictBetter
	default:
		t.Verdict = VerdictWorse
	}
	step := float64(stepMilli(latest.N, false)) * category / 1000
	switch t.Rule {
	case RuleRun:
		t.Smallest = (runPoints - 1) * step
	case RuleOuter:
		t.Smallest = t.Limits.InnerHigh - t.Limits.Centre
	case RuleSide:
		t.Smallest = step
	default:
		t.Smallest = t.Limits.High - t.Limits.Centre
	}
	if m.High > m.Low { // a clamped mean stays 1/n of the range away from the ends
		edge := (m.High - m.Low) / float64(latest.N)
		t.NoRise = t.Limits.High >= m.High-edge-same*category
		t.NoFall = t.Limits.Low <= m.Low+edge+same*category
	}
}
