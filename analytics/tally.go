package analytics

import (
	"context"
	"fmt"
	"slices"
	"time"

	"attune/survey"
)

// Releaser makes the release of a closed wave. It is the one place that
// opened ballots go to.
type Releaser struct{}

// NewReleaser makes a Releaser.
func NewReleaser() *Releaser { return &Releaser{} }

// Release scores the ballots of a closed wave, plans what may be published,
// audits the figures as they will be shown, and gives the release document,
// or the reason why the wave is void. The same wave always gives the same
// bytes, in whatever order its ballots lie.
//
// It fails when a ballot cannot be read with the wave's packs, when groups,
// tree and headcounts do not fit together, when the programme's previous
// release cannot be read, and when the wave's limits are below the rules.
// Nothing is ever left out silently.
func (*Releaser) Release(ctx context.Context, w survey.ClosedWave) (survey.ReleaseDocument, error) {
	t, err := newTally(ctx, w)
	if err != nil {
		return survey.ReleaseDocument{}, err
	}
	return t.Release(ctx)
}

// Tally holds the sums of one wave, group by group: what is left of its
// ballots once each has been scored. It exists in memory only, while a
// release is made; all its fields are unexported, and Release is its one
// exit.
type Tally struct {
	manifest       survey.Manifest
	manifestSHA256 string
	opens, closes  string // YYYY-MM-DD in the organisation's zone
	field          *field
	measures       []measure
	sums           []sums   // group by group, a group's measures side by side
	families       []family // of associations
	reliabilities  []reliability
	lots           lots
	last           *Release // of the programme; nil when there is none
	weights        weights
	changed        func(teams []survey.UnitID) (people int, known bool)
}

// sums are what a set of ballots gives for one measure. They are whole
// numbers, so that no order of adding makes a difference.
type sums struct {
	n      int        // valid answers
	sum    int64      // of the scores, in 1/den of a response category
	square uint64     // of their squares, in 1/den² of a category squared
	bands  [bands]int // answers in each band of an item
}

func (s *sums) add(o sums) {
	s.n += o.n
	s.sum += o.sum
	s.square += o.square
	for i := range s.bands {
		s.bands[i] += o.bands[i]
	}
}

// newTally reads and scores every ballot.
func newTally(ctx context.Context, w survey.ClosedWave) (*Tally, error) {
	if w.Manifest.K < survey.MinK || w.Manifest.KC < survey.KC(w.Manifest.K) {
		return nil, survey.Fail(survey.Invalid, "error.release.limits", survey.Args{
			"wave": w.Manifest.Wave, "k": w.Manifest.K, "kc": w.Manifest.KC, "min": survey.MinK,
		})
	}
	zone, err := time.LoadLocation(w.Zone)
	if err != nil {
		return nil, fmt.Errorf("release of wave %s: %w", w.Manifest.Wave, err)
	}
	f, err := newField(w)
	if err != nil {
		return nil, fmt.Errorf("release of wave %s: %w", w.Manifest.Wave, err)
	}
	measures, err := measuresOf(w.Packs)
	if err != nil {
		return nil, err
	}
	sheet, err := survey.NewSheet(w.Packs)
	if err != nil {
		return nil, err
	}
	t := &Tally{
		manifest: w.Manifest, manifestSHA256: w.ManifestSHA256,
		opens:  w.Manifest.Opens.In(zone).Format(time.DateOnly),
		closes: w.Manifest.Closes.In(zone).Format(time.DateOnly),
		field:  f, measures: measures, sums: make([]sums, len(w.Groups)*len(measures)), changed: w.Changed,
		lots: newLots(w.ManifestSHA256),
	}
	t.families = familiesOf(w.Packs, measures, t.limit)
	t.reliabilities = reliabilitiesOf(measures, w.Manifest.K)
	if len(w.Previous) > 0 {
		last, err := decode(w.Previous)
		if err != nil {
			return nil, fmt.Errorf("release of wave %s: the release before it: %w", w.Manifest.Wave, err)
		}
		t.follow(last)
	}
	return t, t.fill(ctx, sheet, w)
}

// follow sets the programme's last release.
func (t *Tally) follow(last *Release) {
	t.last, t.weights = last, weightsAfter(t.field, last)
}

// fill counts the ballots of every group.
func (t *Tally) fill(ctx context.Context, sheet survey.Sheet, w survey.ClosedWave) error {
	var options []byte // of each item
	for _, item := range sheet.Items() {
		options = append(options, byte(len(item.Options()))) //nolint:gosec // a pack has at most 11
	}
	known := make(map[string]bool, len(w.Groups))
	at := scratch{make([]int64, len(t.measures)), make([]bool, len(t.measures)), make([]bool, len(t.measures))}
	for i, g := range w.Groups {
		if err := ctx.Err(); err != nil {
			return err
		}
		known[g.ID] = true
		if len(w.Ballots[g.ID]) > g.Headcount {
			return survey.Fail(survey.Conflict, "error.release.too_many", survey.Args{
				"wave": w.Manifest.Wave, "group": g.ID, "ballots": len(w.Ballots[g.ID]), "people": g.Headcount,
			})
		}
		for _, b := range w.Ballots[g.ID] {
			if !readable(b, options) {
				fault := survey.Fail(survey.Conflict, "error.release.sheet", survey.Args{"wave": t.manifest.Wave, "group": g.ID})
				_, fault.Err = sheet.Decode(b)
				return fault
			}
			t.count(t.sums[i*len(t.measures):][:len(t.measures)], b, at)
		}
	}
	for id, ballots := range w.Ballots {
		if !known[id] {
			return survey.Fail(survey.Conflict, "error.release.group", survey.Args{
				"wave": w.Manifest.Wave, "group": id, "ballots": len(ballots),
			})
		}
	}
	t.settle()
	return nil
}

// settle sets the numbers of complete cases apart from those of the measures
// and from one another.
func (t *Tally) settle() {
	k := t.manifest.K
	var taken []int
	for i := range t.measures {
		n := 0
		for _, answers := range t.answers(i) {
			n += answers
		}
		if n >= k {
			taken = append(taken, n)
		}
	}
	set := func(c *cases) {
		c.settle(taken, k)
		if n := c.n(); n >= k {
			taken = append(taken, n)
		}
	}
	for _, f := range t.families {
		set(f.cases)
	}
	for _, r := range t.reliabilities {
		set(r.cases)
	}
}

// readable holds a ballot's bytes against the number of options of each item.
func readable(ballot, options []byte) bool {
	if len(ballot) != len(options) {
		return false
	}
	for i, b := range ballot {
		if b > options[i] {
			return false
		}
	}
	return true
}

// scratch is what one ballot gives, by measure.
type scratch struct {
	scores []int64
	valid  []bool
	whole  []bool // valid, and so are the linked measures
}

// count adds one ballot to its group's sums and to the complete cases.
func (t *Tally) count(group []sums, ballot []byte, at scratch) {
	for i, m := range t.measures {
		at.scores[i], at.valid[i] = m.score(ballot)
	}
	group[0].n++ // MeasureResponse: every ballot is one
	for i, m := range t.measures {
		ok := at.valid[i]
		for _, other := range m.linked {
			ok = ok && at.valid[other]
		}
		at.whole[i] = ok
		if !ok {
			continue
		}
		score := at.scores[i]
		s := &group[i]
		s.n++
		s.sum += score
		s.square += uint64(score) * uint64(score) //nolint:gosec // scores are not negative: option values begin at 0
		if m.banded {
			s.bands[bandOf(score-m.bounds.bottom())]++ // den is 1
		}
	}
	lot := t.lots.of(ballot)
	for _, f := range t.families {
		f.cases.add(ballot, at.scores, at.whole, lot)
	}
	for _, r := range t.reliabilities {
		r.cases.add(ballot, at.scores, at.whole, lot)
	}
}

// answers counts a measure's valid answers by group.
func (t *Tally) answers(measure int) []int {
	counts := make([]int, len(t.sums)/len(t.measures))
	for g := range counts {
		counts[g] = t.sums[g*len(t.measures)+measure].n
	}
	return counts
}

// of adds up a measure over the groups of a set.
func (t *Tally) of(measure int) func(set) sums {
	return func(s set) sums {
		var total sums
		for _, g := range s.groups {
			total.add(t.sums[g*len(t.measures)+measure])
		}
		return total
	}
}

// changes says of a set whether 1 to k−1 people of its roster changed since
// the programme's last release. A unit that has other teams than it had then
// counts as such: how many people came and went with them cannot be told from
// its teams of today, and what is not known must not make figures finer. Sets
// come back for every measure, so answers are kept.
func (t *Tally) changes() func(set) bool {
	asked := make(map[string]bool)
	return func(s set) bool {
		few, ok := asked[s.id]
		if !ok {
			few = t.otherTeams(s) || t.fewPeople(s)
			asked[s.id] = few
		}
		return few
	}
}

func (t *Tally) fewPeople(s set) bool {
	if t.changed == nil {
		return false
	}
	people, known := t.changed(slices.Clone(s.teams))
	return known && people >= 1 && people < t.manifest.K
}

// otherTeams says whether a unit had other teams with people in the last
// release. A block has the same by its id.
func (t *Tally) otherTeams(s set) bool {
	if t.last == nil || s.block {
		return false
	}
	then := t.last.staffed[survey.UnitID(s.id)]
	if len(then) == 0 {
		return false // a new unit, or not asked
	}
	now := slices.Clone(s.teams)
	slices.Sort(now)
	return !slices.Equal(then, now)
}
