package analytics

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"attune/survey"
)

// VoidTooFew is the reason of a wave with fewer than k ballots in all.
const VoidTooFew = "too_few"

// Releaser makes the release of a closed wave. It is the one place that
// opened ballots go to.
type Releaser struct{}

// NewReleaser makes a Releaser.
func NewReleaser() *Releaser { return &Releaser{} }

// Release scores the ballots of a closed wave, plans what may be published
// and gives the release document, or the reason why the wave is void. The
// same wave always gives the same bytes, in whatever order its ballots lie.
//
// It fails when a ballot cannot be read with the wave's packs, when groups,
// tree and headcounts do not fit together, and when the wave's limits are
// below the rules. Nothing is ever left out silently.
func (*Releaser) Release(ctx context.Context, w survey.ClosedWave) (survey.ReleaseDocument, error) {
	t, err := newTally(ctx, w)
	if err != nil {
		return survey.ReleaseDocument{}, err
	}
	return t.Release(ctx)
}

// Tally holds the scores of every ballot of one wave. It exists in memory
// only, while a release is made; all its fields are unexported, and Release
// is its one exit.
type Tally struct {
	manifest       survey.Manifest
	manifestSHA256 string
	opens, closes  string // YYYY-MM-DD in the organisation's zone
	field          *field
	measures       []measure
	scores         [][]score // by group: ballots × measures, a ballot's scores side by side
	changed        func(teams []survey.UnitID) (people int, known bool)
}

// newTally reads and scores every ballot.
func newTally(ctx context.Context, w survey.ClosedWave) (*Tally, error) {
	if w.Manifest.K < survey.MinK || w.Manifest.KC < survey.KC(w.Manifest.K) {
		return nil, survey.Fail(survey.Invalid, "error.release.limits", survey.Args{
			"wave": w.Manifest.Wave, "k": w.Manifest.K, "kc": w.Manifest.KC, "min": survey.MinK})
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
		field:  f, measures: measures, scores: make([][]score, len(w.Groups)), changed: w.Changed,
	}
	known := make(map[string]bool, len(w.Groups))
	for i, g := range w.Groups {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		known[g.ID] = true
		if len(w.Ballots[g.ID]) > g.Headcount {
			return nil, survey.Fail(survey.Conflict, "error.release.too_many", survey.Args{
				"wave": w.Manifest.Wave, "group": g.ID, "ballots": len(w.Ballots[g.ID]), "people": g.Headcount})
		}
		if t.scores[i], err = t.count(sheet, g, w.Ballots[g.ID]); err != nil {
			return nil, err
		}
	}
	for id, ballots := range w.Ballots {
		if !known[id] {
			return nil, survey.Fail(survey.Conflict, "error.release.group", survey.Args{
				"wave": w.Manifest.Wave, "group": id, "ballots": len(ballots)})
		}
	}
	return t, nil
}

// count scores the ballots of one group.
func (t *Tally) count(sheet survey.Sheet, g survey.Group, ballots [][]byte) ([]score, error) {
	scores := make([]score, 0, len(ballots)*len(t.measures))
	for _, b := range ballots {
		answers, err := sheet.Decode(b)
		if err != nil {
			fault := survey.Fail(survey.Conflict, "error.release.sheet", survey.Args{"wave": t.manifest.Wave, "group": g.ID})
			fault.Err = err
			return nil, fault
		}
		for _, m := range t.measures {
			s := score{num: 1, of: 1} // MeasureResponse: every ballot is one
			if m.score != nil {
				if s, err = m.score(answers); err != nil {
					return nil, err
				}
			}
			scores = append(scores, s)
		}
	}
	return scores, nil
}

// Release plans and rounds, and gives the document. It is the only way out of
// a Tally.
func (t *Tally) Release(ctx context.Context) (survey.ReleaseDocument, error) {
	ballots := 0
	for _, scores := range t.scores {
		ballots += len(scores) / len(t.measures)
	}
	if ballots < t.manifest.K {
		return survey.ReleaseDocument{Void: VoidTooFew}, nil
	}
	b := newBuilder(t.field, len(t.measures))
	changed := t.changes()
	for i, m := range t.measures {
		if err := ctx.Err(); err != nil {
			return survey.ReleaseDocument{}, err
		}
		p := planFor(t.field, t.validAnswers(i), limit{
			k: max(t.manifest.K, m.minN), kc: max(t.manifest.KC, m.minN), minLevel: m.minLevel,
		})
		if m.statistic == StatisticCoverage {
			b.addCoverage(m, p)
			continue
		}
		b.addMeans(m, p, figuresOf(p.sets, t.sums(i), m.bounds, changed))
	}
	json, err := b.document(t).encode()
	if err != nil {
		return survey.ReleaseDocument{}, err
	}
	// What cannot be read back must not be stored: ballots and keys are
	// destroyed right after.
	if _, err := decode(json); err != nil {
		return survey.ReleaseDocument{}, fmt.Errorf("release of wave %s: %w", t.manifest.Wave, err)
	}
	return survey.ReleaseDocument{JSON: json}, nil
}

// validAnswers counts a measure's valid answers by group.
func (t *Tally) validAnswers(measure int) []int {
	counts := make([]int, len(t.scores))
	for g, scores := range t.scores {
		for i := measure; i < len(scores); i += len(t.measures) {
			if scores[i].of > 0 {
				counts[g]++
			}
		}
	}
	return counts
}

// sums gives the exact sum of a measure over groups. Numerators are added by
// denominator first, so that no fraction is rounded and none has to be
// reduced for each ballot.
func (t *Tally) sums(measure int) func(groups []int) *big.Rat {
	return func(groups []int) *big.Rat {
		byOf := make(map[int32]int64)
		for _, g := range groups {
			scores := t.scores[g]
			for i := measure; i < len(scores); i += len(t.measures) {
				if s := scores[i]; s.of > 0 {
					byOf[s.of] += int64(s.num)
				}
			}
		}
		sum := new(big.Rat)
		for of, num := range byOf {
			sum.Add(sum, big.NewRat(num, int64(of)))
		}
		return sum
	}
}

// changes says of a set whether 1 to k−1 people of its roster changed since
// the programme's last release. Sets come back for every measure, so answers
// are kept.
func (t *Tally) changes() func(set) bool {
	asked := make(map[string]bool)
	return func(s set) bool {
		if t.changed == nil {
			return false
		}
		few, ok := asked[s.id]
		if !ok {
			people, known := t.changed(append([]survey.UnitID(nil), s.teams...))
			few = known && people >= 1 && people < t.manifest.K
			asked[s.id] = few
		}
		return few
	}
}
