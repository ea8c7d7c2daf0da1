package analytics

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"attune/survey"
)

// naivePlan is a planner that forgets the remainders: every node with k
// answers is a set, and nothing is combined.
func naivePlan(f *field, count []int, l limit, _ weights, may []bool) plan {
	shown := thresholdOnly(f, sumNodes(f, count), l.k)
	for i := range shown {
		shown[i] = shown[i] && (may == nil || may[i])
	}
	d := drawing{field: f, limit: limit{k: 1, kc: 1, minLevel: l.minLevel}, shown: shown, n: sumNodes(f, count), plan: plan{
		places: make([]place, f.tree.Len()), shown: shown,
	}}
	d.draw()
	return d.plan
}

func tallyOf(t *testing.T, teams []team) *Tally {
	t.Helper()
	p := pulse(t)
	w := withPack(waveOf(t, teams, "org", true, 5), p)
	fill(t, w, p, teams, 5)
	tally, err := newTally(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

// A team of four beside one of twelve: 4 are left over when the planner
// forgets to look. The gate falls back to the organisation.
func TestTheGateFallsBackToTheOrganisation(t *testing.T) {
	tally := tallyOf(t, []team{{"a/x", 12, 12}, {"a/y", 9, 4}, {"b", 9, 9}})
	doc, err := tally.release(context.Background(), rules{plan: naivePlan, audit: audit})
	if err != nil || doc.Void != "" {
		t.Fatalf("%s %v", doc.Void, err)
	}
	r, err := decode(doc.JSON)
	if err != nil {
		t.Fatal(err)
	}
	if a, ok := r.Audit(); !ok || a.Result != AuditOrganisationOnly || a.Version != AuditVersion {
		t.Errorf("audit %+v", a)
	}
	for _, c := range r.Cells() {
		if c.Status == StatusShown && c.Unit != "org" {
			t.Errorf("%s of %s is shown", c.Measure, c.Unit)
		}
	}
	if c, _ := r.Cell("org", MeasureResponse, StatisticCoverage); c.N != 25 {
		t.Errorf("the organisation: %+v", c)
	}
}

// When not even the organisation passes, nothing is published.
func TestTheGateVoidsAWaveThatDoesNotPass(t *testing.T) {
	tally := tallyOf(t, []team{{"a", 12, 12}, {"b", 9, 9}})
	never := func(*Release) verdict { return verdict{fault: context.Canceled} }
	doc, err := tally.release(context.Background(), rules{plan: planFor, audit: never})
	if err != nil || doc.Void != VoidAudit || doc.JSON != nil {
		t.Errorf("%+v %v", doc, err)
	}
	tally = tallyOf(t, []team{{"a", 12, 3}, {"b", 9, 2}})
	if doc, err := tally.Release(context.Background()); err != nil || doc.Void != VoidTooFew {
		t.Errorf("five ballots in two teams, none of which can be shown: %+v %v", doc, err)
	}
}

// Each fault is planted in a sound document, as a broken planner or a tampered
// document would have it; the audit has to name it.
func TestTheAuditFindsWhatIsPlanted(t *testing.T) {
	teams := []team{{"a/x", 30, 26}, {"a/y", 20, 15}, {"a/z", 9, 3}, {"b/x", 25, 22}, {"b/y", 9, 4}, {"b/z", 12, 9}, {"c/x", 3, 3}, {"c/y", 4, 4}, {"c/z", 40, 33}}
	tally := tallyOf(t, teams)
	sound := func() document {
		d, err := tally.draft(context.Background(), rules{plan: planFor}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return *d
	}
	find := func(d *document, unit, measure, statistic string) *documentCell {
		for i := range d.Cells {
			if c := &d.Cells[i]; c.Unit == unit && c.Measure == measure && c.Statistic == statistic {
				return c
			}
		}
		t.Fatalf("no %s %s of %s", measure, statistic, unit)
		return nil
	}
	block := survey.BlockID([]survey.UnitID{"a/y", "a/z"})
	tests := map[string]struct {
		plant func(d *document)
		says  string
	}{
		"a department that answers to another n": {func(d *document) {
			*find(d, "b", MeasureResponse, StatisticCoverage).N--
		}, "left over"},
		"a hidden team shown": {func(d *document) {
			c := find(d, "a/y", MeasureResponse, StatisticCoverage)
			c.Status, c.Block, c.N, c.Value = StatusShown, "", count(15), number(0.75)
		}, "left over"},
		"a small remainder without a block": {func(d *document) { // a without a/x and a/y is a/z, 3 answers
			d.Cells = slices.DeleteFunc(d.Cells, func(c documentCell) bool { return c.Unit == block && c.Measure == MeasureResponse })
			c := find(d, "a/y", MeasureResponse, StatisticCoverage)
			c.Status, c.Block, c.N, c.Value = StatusShown, "", count(15), number(0.75)
			c = find(d, "a/z", MeasureResponse, StatisticCoverage)
			c.Status, c.Reason, c.Block = StatusSuppressed, ReasonProtected, ""
		}, "3 answers are left over"},
		"a block that vanished": {func(d *document) {
			c := find(d, block, MeasureResponse, StatisticCoverage)
			c.Measure = "other"
		}, ""},
		"an unclamped mean": {func(d *document) {
			find(d, "a/x", "burnout", StatisticMean).Value = number(5)
			find(d, "a/x", "burnout", StatisticMean).High = number(5)
		}, "parts' values"}, // its department is checked first, and goes by the clamped sum
		"a mean off its grid": {func(d *document) {
			c := find(d, "org", "burnout", StatisticMean)
			c.Value = number(*c.Value + 0.05)
		}, "not on the grid"},
		"a mark in the middle": {func(d *document) {
			find(d, "org", "burnout", StatisticMean).Reason = ReasonClampedLow
		}, "is marked"},
		"a parent of unclamped parts": {func(d *document) {
			c := find(d, "org", "burnout", StatisticMean)
			c.Value, c.Low, c.High = number(1.2), number(1.1), number(1.3)
		}, "parts' values"},
		"an interval around the exact mean": {func(d *document) {
			c := find(d, "org", "burnout", StatisticMean)
			c.Low = number(*c.Low + 0.1)
		}, "interval"},
		"a coverage of its own": {func(d *document) {
			find(d, "a/x", MeasureResponse, StatisticCoverage).Value = number(0.5)
		}, "is not"},
		"an unclamped count": {func(d *document) {
			find(d, "c/z", "team_frozen:high", StatisticCount).Value = number(0)
		}, ""},
		"a count without its parts": {func(d *document) {
			c := find(d, "org", "team_frozen:low", StatisticCount)
			c.Value = number(*c.Value + 1)
		}, "its parts have"},
		"a spread that forces everybody to the middle": {func(d *document) {
			for i := range d.Cells {
				if c := &d.Cells[i]; c.Statistic == StatisticSD && c.Status == StatusShown {
					c.Value = number(0.1)
				}
			}
		}, ""},
		"a measure shown where the answers are not": {func(d *document) {
			for _, unit := range []string{"a/x", "a", "org", "a/y", "a/z", block} {
				c := find(d, unit, MeasureResponse, StatisticCoverage)
				c.Status, c.Reason, c.Block, c.N, c.Value = StatusSuppressed, ReasonProtected, "", nil, nil
			}
		}, ""},
		"other people invited": {func(d *document) {
			find(d, "a/x", "burnout", StatisticMean).Invited++
		}, "invited"},
		"a level that the pack forbids": {func(d *document) {
			for i := range d.Measures {
				d.Measures[i].MinLevel = minLevelOrganisation
			}
		}, "level"},
		"a combined unit in a block that is not its own": {func(d *document) {
			find(d, "a/z", "burnout", StatisticMean).Block = survey.BlockID([]survey.UnitID{"c/x", "c/y"})
		}, ""},
	}
	if r, err := open(sound(), ""); err != nil || audit(r).fault != nil {
		t.Fatalf("the sound document: %v %v", err, audit(r).fault)
	}
	for name, test := range tests {
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
}

// A merged group needs k only, so that a document must not call anything a
// group that was none when the wave was announced.
func TestOnlyGroupsOfTheManifestMayBeCalledSo(t *testing.T) {
	tally := tallyOf(t, []team{{"a/x", 12, 12}, {"a/y", 9, 3}, {"a/z", 9, 4}})
	d, err := tally.draft(context.Background(), rules{plan: planFor}, nil)
	if err != nil || len(d.Blocks) == 0 {
		t.Fatalf("%v %v", d, err)
	}
	d.Blocks[0].Group = true
	r, err := open(*d, "")
	if err != nil {
		t.Fatal(err)
	}
	if tally.sameGroups(r) {
		t.Error("a block of hidden teams passes for a group")
	}
}

func TestAReleaseCarriesItsAudit(t *testing.T) {
	w, _, _ := mixedWave(t)
	r, raw := release(t, w)
	a, ok := r.Audit()
	if !ok || a.Result != AuditPassed || a.Version != AuditVersion || a.Checks.Cells != len(r.Cells()) || a.Checks.Residuals == 0 || a.Checks.Values == 0 || a.Checks.Intervals == 0 || a.Checks.Products == 0 {
		t.Errorf("%+v", a)
	}
	for name, spoilt := range map[string]string{
		"no audit":       strings.Replace(string(raw), string(raw[:bytes.Index(raw, []byte(`"blocks"`))]), "{", 1),
		"a failed one":   strings.Replace(string(raw), `"result":"passed"`, `"result":"failed"`, 1),
		"another method": strings.Replace(string(raw), `"method_version":"3"`, `"method_version":"4"`, 1),
		"an older one":   strings.Replace(string(raw), `"method_version":"3"`, `"method_version":"1"`, 1),
	} {
		if spoilt == string(raw) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := decode([]byte(spoilt)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// What was shown last time is shown again where that is possible: b and c are
// alike but for c's one answer more, and d needs one of them.
func TestAUnitThatWasShownLastTimeIsPreferred(t *testing.T) {
	p := pulse(t)
	first := []team{{"a", 20, 20}, {"b", 9, 8}, {"c", 9, 6}, {"d", 6, 3}}
	w := withPack(waveOf(t, first, "org", true, 5), p)
	fill(t, w, p, first, 1)
	before, raw := release(t, w)
	shown := func(r *Release, unit string) bool {
		c, _ := r.Cell(unit, MeasureResponse, StatisticCoverage)
		return c.Status == StatusShown
	}
	if !shown(before, "b") || shown(before, "c") {
		t.Fatal("the larger of b and c is meant to be shown first")
	}
	second := []team{{"a", 20, 20}, {"b", 9, 7}, {"c", 9, 8}, {"d", 6, 3}}
	for _, previous := range [][]byte{nil, raw} {
		w := withPack(waveOf(t, second, "org", true, 5), p)
		w.Previous = previous
		fill(t, w, p, second, 2)
		r, _ := release(t, w)
		if shown(r, "b") != (previous != nil) || shown(r, "c") != (previous == nil) {
			t.Errorf("after a release %v: b %v, c %v", previous != nil, shown(r, "b"), shown(r, "c"))
		}
	}
	w.Previous = []byte("{}")
	if _, err := NewReleaser().Release(context.Background(), w); err == nil {
		t.Error("a previous release that cannot be read is passed over in silence")
	}
}
