package analytics

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
)

// Each fault is planted in a sound document with associations; the audit has
// to name it.
func TestTheAuditFindsWhatIsPlantedInFiguresOfProducts(t *testing.T) {
	tally, err := newTally(context.Background(), worked(t))
	if err != nil {
		t.Fatal(err)
	}
	sound := func() document {
		d, err := tally.draft(context.Background(), rules{plan: planFor}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return *d
	}
	find := func(d *document, measure, statistic string) *documentCell {
		for i := range d.Cells {
			if c := &d.Cells[i]; c.Unit == "org" && c.Measure == measure && c.Statistic == statistic {
				return c
			}
		}
		t.Fatalf("no %s %s", measure, statistic)
		return nil
	}
	const pair = "strain~core"
	for name, test := range map[string]struct {
		plant func(d *document)
		says  string
	}{
		"a coefficient to two decimals": {func(d *document) {
			c := find(d, pair, StatisticCorrelation)
			c.Value = number(math.Round(100**c.Value+5) / 100)
		}, "not on the grid"},
		"a coefficient of one": {func(d *document) {
			c := find(d, pair, StatisticCorrelation)
			c.Value, c.High = number(1), number(1)
		}, "not on the grid"},
		"a coefficient at the end without its mark": {func(d *document) {
			c := find(d, pair, StatisticCorrelation)
			c.Value, c.High = number(.9), number(1)
		}, "not on the grid"},
		"an interval of its own": {func(d *document) {
			c := find(d, pair, StatisticCorrelation)
			c.Low = number(math.Round(10**c.Low-1) / 10)
		}, "interval"},
		"no interval": {func(d *document) {
			c := find(d, pair, StatisticCorrelation)
			c.Low, c.High = nil, nil
		}, "interval"},
		"a slope whose interval leans to one side": {func(d *document) {
			c := find(d, "strain~held", StatisticSlope)
			c.Low = number(math.Round(10**c.Low-1) / 10)
		}, "interval"},
		"a slope without a reach": {func(d *document) {
			c := find(d, "strain~held", StatisticSlope)
			c.Low, c.High = number(*c.Value), number(*c.Value)
		}, "interval"},
		"an interval of alpha of its own": {func(d *document) {
			c := find(d, "strain", StatisticAlpha)
			c.Low = number(math.Round(10**c.Low-1) / 10)
		}, "interval"},
		"omega of three items": {func(d *document) {
			c := find(d, "strain", StatisticOmega)
			c.Status, c.Reason, c.Value, c.N = StatusShown, ReasonNone, number(.8), count(120)
		}, "interval"},
		"fewer than 60 cases": {func(d *document) {
			for i := range d.Cells {
				if c := &d.Cells[i]; strings.Contains(c.Measure, "~") {
					c.N = count(59)
				}
			}
		}, "at least 60"},
		"other people beside it": {func(d *document) {
			find(d, pair, StatisticCorrelation).N = count(109)
		}, "beside it"},
		"three people left over": {func(d *document) { // strain was scored by 130
			for i := range d.Cells {
				if c := &d.Cells[i]; c.Unit == "org" && c.Statistic == StatisticAlpha && c.Measure == "strain" {
					c.N = count(127)
				}
			}
		}, "3 people are left over"},
		"a comparison left out": {func(d *document) {
			d.Cells = slices.DeleteFunc(d.Cells, func(c documentCell) bool { return c.Measure == pair })
		}, "has no cell"},
		"a comparison that the pack does not make": {func(d *document) {
			d.Comparisons = d.Comparisons[1:]
		}, "nothing says"},
		"a coefficient of a team": {func(d *document) {
			i := slices.IndexFunc(d.Cells, func(c documentCell) bool { return c.Unit == "t01" && c.Measure == "thanked" })
			c := *find(d, pair, StatisticCorrelation)
			c.Unit, c.Invited = "t01", d.Cells[i].Invited
			c.Status, c.Reason, c.Value, c.N, c.Low, c.High = StatusSuppressed, ReasonProtected, nil, nil, nil, nil
			d.Cells = slices.Insert(d.Cells, i, c)
		}, "organisation alone"},
	} {
		t.Run(name, func(t *testing.T) {
			d := sound()
			test.plant(&d)
			r, err := open(d, "")
			if err == nil {
				err = audit(r).fault
			}
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the audit says %v, want %q", err, test.says)
			}
		})
	}
	r, err := open(sound(), "")
	if err != nil || audit(r).fault != nil {
		t.Fatalf("the sound document: %v %v", err, audit(r).fault)
	}
	for _, twice := range []documentAssociation{r.doc.Comparisons[0], {Outcome: "strain", Statistic: StatisticSlope}, {Outcome: "strain", Predictor: "core", Statistic: StatisticMean}} {
		d := sound()
		d.Comparisons = append(d.Comparisons, twice)
		if _, err := open(d, ""); err == nil {
			t.Errorf("%+v is accepted", twice)
		}
	}
}
