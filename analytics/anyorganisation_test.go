package analytics

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"attune/survey"
)

// What is checked, wave by wave, from the published cells and the ballots
// alone, with no code of planner or audit:
//
//   - Within one measure. A ballot that answered it is in the cells of every
//     shown unit or block that holds its group, whatever their statistic. Sets
//     of ballots in exactly the same cells are 0 or at least k; of counts and
//     standard deviations by themselves, 0 or at least 10. Every linear
//     combination of the measure's sums is constant on these sets, so it is
//     about at least k people (the brute-force test shows that by trying all).
//   - Across measures. No two published measures share an item, except scales
//     with one common set of ballots (short.yaml has such a pair); and the
//     cells of all measures together still split the ballots into sets of at
//     least k.
//   - Figures made of products. Complete cases are a set of their own: their
//     number differs from no number of the organisation by 1 to k−1.
//   - Across waves. Ballots of two waves are not linked, so sums of different
//     waves are sums over different ballots, each held to the rule above. What
//     an onlooker could link is the roster: where 1 to k−1 people of a block
//     changed since the last release, its means are checked to lie on the
//     coarser grid.
//
// Every twentieth organisation goes through the real gate with its JSON; the
// others are drafted, opened and audited without being written, which is what
// costs most.
func TestNoGroupBelowKIsDeterminedInAnyOrganisation(t *testing.T) {
	const waves, shards, gateEach = 5, 2, 20
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // much garbage, little of it at a time
	pack := shortPack(t)
	tallies := make([]seen, shards)
	t.Run("organisations", func(t *testing.T) {
		for shard := range shards {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				for seed := shard; seed < anyOrganisations; seed += shards {
					live(t, newWorld(uint64(seed), pack), waves, seed%gateEach == 0, &tallies[shard]) //nolint:gosec // not negative
				}
			})
		}
	})
	var all seen
	for _, s := range tallies {
		all.released += s.released
		all.void += s.void
		all.values += s.values
		all.blocks += s.blocks
		all.coarse += s.coarse
		all.products += s.products
	}
	t.Logf("%d organisations, %d waves released, %d void: %d values, %d blocks, %d means on the coarser grid, %d figures made of products; no group below k is determined",
		anyOrganisations, all.released, all.void, all.values, all.blocks, all.coarse, all.products)
	if all.released < anyOrganisations*waves/2 || all.coarse == 0 || all.products < anyOrganisations/10 {
		t.Errorf("the test sees too little")
	}
}

// seen counts what a property test went through.
type seen struct{ released, void, values, blocks, coarse, products int }

// live lets one organisation go through its waves.
func live(t *testing.T, w *world, waves int, gate bool, count *seen) {
	var last *Release
	var then survey.Organisation
	for number := range waves {
		org := w.roster()
		closed, err := w.wave(number, org)
		if err != nil {
			t.Fatal(err)
		}
		if last != nil {
			closed.Changed = changesSince(then, org)
		}
		r := released(t, closed, last, gate)
		if r == nil {
			count.void++
		} else {
			if err := isolated(r, closed); err != nil {
				t.Fatalf("wave %d of %s: %v", number, closed.Units[0].ID, err)
			}
			for id := range columnsOf(r) {
				if ofProducts(id.statistic) {
					checkCases(t, r, id)
					if c, _ := r.Cell("org", id.measure, id.statistic); c.Status == StatusShown {
						count.products++
					}
				}
			}
			count.released++
			count.blocks += len(r.doc.Blocks)
			count.values += shownCells(r)
			count.coarse += coarse(t, r, last, closed)
			last, then = r, org
		}
		w.reorganise()
	}
}

// released makes a wave's release, nil for a void wave.
func released(t *testing.T, w survey.ClosedWave, last *Release, gate bool) *Release {
	tally, err := newTally(context.Background(), w)
	if err != nil {
		t.Fatal(err)
	}
	if last != nil {
		tally.follow(last)
	}
	if gate {
		doc, err := tally.Release(context.Background())
		if err != nil || doc.Void == VoidAudit {
			t.Fatalf("%s %v", doc.Void, err)
		}
		if doc.Void != "" {
			return nil
		}
		r, err := decode(doc.JSON)
		if err != nil {
			t.Fatal(err)
		}
		if a, _ := r.Audit(); a.Result != AuditPassed {
			t.Fatalf("the planner failed its audit: %+v", a)
		}
		return r
	}
	d, err := tally.draft(context.Background(), rules{plan: planFor}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d == nil {
		return nil
	}
	r, err := open(*d, "")
	if err != nil {
		t.Fatal(err)
	}
	if found := audit(r); found.fault != nil {
		t.Fatalf("the planner failed its audit: %v", found.fault)
	}
	return r
}

func columnsOf(r *Release) map[columnID]bool {
	columns := make(map[columnID]bool)
	for i := range r.cells {
		columns[columnID{r.cells[i].Measure, r.cells[i].Statistic}] = true
	}
	return columns
}

func shownCells(r *Release) int {
	shown := 0
	for i := range r.cells {
		if r.cells[i].Status == StatusShown {
			shown++
		}
	}
	return shown
}

// coarse checks the grid of every mean, and gives the number of those that
// stand on a coarser one because a few people changed.
func coarse(t *testing.T, r, last *Release, w survey.ClosedWave) int {
	found := 0
	for i := range r.cells {
		c := &r.cells[i]
		if c.Statistic != StatisticMean || c.Status != StatusShown {
			continue
		}
		step, people, few := 500.0, 0, false
		if last != nil {
			now, then := r.teamsOf(c.Unit), last.teamsOf(c.Unit)
			few = len(then) > 0 && !slices.Equal(now, then)
			people, _ = w.Changed(now)
		}
		few = few || people > 0 && people < r.K()
		switch { // PRIVACY, section 6, "Values"
		case c.N >= 40 || (c.N >= 20 && !few):
			step = 100
		case c.N >= 20 || (c.N >= 10 && !few):
			step = 250
		}
		m, _ := r.Measure(c.Measure)
		if steps := 1000 * (c.Value - m.Low) / (step * m.Category); math.Abs(steps-math.Round(steps)) > 1e-9 || r.Step(*c) != step*m.Category/1000 {
			t.Fatalf("%s of %s: %v, step %v, %d changed", c.Measure, c.Unit, c.Value, r.Step(*c), people)
		}
		if few && c.N >= 10 && c.N < 40 {
			found++
		}
	}
	return found
}

// teamsOf lists the teams with people in a unit or block, by id.
func (r *Release) teamsOf(id string) []survey.UnitID {
	if b, ok := r.Block(id); ok {
		return slices.Sorted(slices.Values(b.Units))
	}
	return r.staffed[survey.UnitID(id)]
}

// isolated looks for a set of fewer than k ballots that a release tells apart.
func isolated(r *Release, w survey.ClosedWave) error {
	holders := make(map[survey.UnitID][]string) // by team: the units and blocks that hold it
	for _, u := range r.Units() {
		if r.Tree().IsLeaf(u.ID) {
			holders[u.ID] = append(holders[u.ID], string(u.ID))
			for _, up := range r.Tree().Ancestors(u.ID) {
				holders[u.ID] = append(holders[u.ID], string(up))
			}
		}
	}
	for _, b := range r.doc.Blocks {
		for _, team := range b.Units {
			holders[team] = append(holders[team], b.ID)
		}
	}
	shown := make(map[string][]string) // by measure and statistic: the units and blocks
	for i := range r.cells {
		c := &r.cells[i]
		if c.Status != StatusShown {
			continue
		}
		item, _, _ := strings.Cut(c.Measure, ":")
		shown[item] = append(shown[item], c.Unit)
		shown[item+" "+c.Statistic] = append(shown[item+" "+c.Statistic], c.Unit)
		shown["all"] = append(shown["all"], c.Unit)
	}
	for key, units := range shown {
		measure, statistic, _ := strings.Cut(key, " ")
		if measure == "all" {
			measure = MeasureResponse
		}
		least := r.K()
		if statistic == StatisticSD || statistic == StatisticCount {
			least = 10
		}
		in := make(map[string]bool, len(units))
		for _, u := range units {
			in[u] = true
		}
		atoms := make(map[string]int)
		for _, g := range w.Groups {
			atom, first := "", true
			for _, team := range g.Units {
				cells := ""
				for _, holder := range holders[team] {
					if in[holder] && !(g.Merged() && holder == string(team)) {
						cells += holder + " "
					}
				}
				if !first && len(cells) != len(atom) && len(g.Units) > 1 {
					return fmt.Errorf("%s: cells split group %s", key, g.ID)
				}
				atom, first = cells, false
			}
			for _, sheet := range w.Ballots[g.ID] {
				if atom != "" && shortAnswers(sheet)[measure] {
					atoms[atom]++
				}
			}
		}
		for cells, n := range atoms {
			if n < least {
				return fmt.Errorf("%s: %d ballots are told apart by %s", key, n, cells)
			}
		}
	}
	return nil
}
