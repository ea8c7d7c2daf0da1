package analytics

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"attune/survey"
)

// Documents is all that an Archive can reach: stored release documents. It is
// a wall: whoever holds an Archive has no way to a ballot, a ticket, anybody's
// participation or an unreleased figure.
type Documents interface {
	// ReleaseIDs lists the waves that have a release, in any order.
	ReleaseIDs(ctx context.Context) ([]survey.WaveID, error)
	// ReleaseDocument reads one of them.
	ReleaseDocument(ctx context.Context, id survey.WaveID) (survey.StoredRelease, error)
}

// Archive reads stored releases. Every document is verified against its hash
// and decoded once; a release never changes. It is safe for concurrent use.
type Archive struct {
	documents Documents

	mu   sync.RWMutex
	read map[survey.WaveID]*Release
}

// NewArchive makes an Archive over documents.
func NewArchive(d Documents) *Archive {
	return &Archive{documents: d, read: make(map[survey.WaveID]*Release)}
}

// Releases lists all releases by opening date. It fails with the name of the
// wave when a document does not match its hash or cannot be read.
func (a *Archive) Releases(ctx context.Context) ([]*Release, error) {
	ids, err := a.documents.ReleaseIDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	releases := make([]*Release, 0, len(ids))
	for _, id := range ids {
		r, err := a.Release(ctx, id)
		if err != nil {
			return nil, err
		}
		releases = append(releases, r)
	}
	sort.Slice(releases, func(i, j int) bool {
		x, y := releases[i], releases[j]
		if x.Opens() != y.Opens() {
			return x.Opens() < y.Opens()
		}
		if len(x.Wave()) != len(y.Wave()) { // "2026-11-2" before "2026-11-10"
			return len(x.Wave()) < len(y.Wave())
		}
		return x.Wave() < y.Wave()
	})
	return releases, nil
}

// Release reads one release. It fails with the wave's name when its document
// does not match its hash or cannot be read.
func (a *Archive) Release(ctx context.Context, id survey.WaveID) (*Release, error) {
	a.mu.RLock()
	r, ok := a.read[id]
	a.mu.RUnlock()
	if ok {
		return r, nil
	}
	stored, err := a.documents.ReleaseDocument(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read release of wave %s: %w", id, err)
	}
	if got := survey.SHA256Hex(stored.JSON); got != stored.SHA256 {
		return nil, damaged(id, fmt.Errorf("it hashes to %s, stored is %s", got, stored.SHA256))
	}
	r, err = decode(stored.JSON)
	if err != nil {
		return nil, damaged(id, err)
	}
	if r.Wave() != id || stored.Wave != id {
		return nil, damaged(id, errors.New("it is the release of wave "+string(r.Wave())))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if other, ok := a.read[id]; ok { // somebody else was faster
		return other, nil
	}
	a.read[id] = r
	return r, nil
}

func damaged(id survey.WaveID, cause error) error {
	fault := survey.Fail(survey.Conflict, "error.release.damaged", survey.Args{"wave": id})
	fault.Err = cause
	return fault
}

// Point is one wave of a series. Present is false where the release has no
// cell for the unit and measure: a gap, never a zero. A present cell that is
// not shown is a gap as well, one with a reason.
type Point struct {
	Wave    survey.WaveID
	OpensOn string // YYYY-MM-DD
	Cell    Cell
	Present bool
	// Break is true where the unit is another set of teams than the last time
	// it was asked: what follows is no continuation of what was before.
	Break bool
}

// Series gives the series of a unit or block over all releases: SeriesOf.
func (a *Archive) Series(ctx context.Context, unit survey.UnitID, measure, statistic string) ([]Point, error) {
	releases, err := a.Releases(ctx)
	if err != nil {
		return nil, err
	}
	return SeriesOf(releases, unit, measure, statistic), nil
}

// SeriesOf gives a unit's or block's cells of one measure over releases that
// stand by opening date, as Releases gives them. It covers the programmes that
// have the measure in any of their waves: a wave of such a programme without
// the measure is a gap, a wave of another programme (an incident, say) is no
// part of the series.
//
// A unit is the same as long as the same teams with people in them lie under
// it, each by the release's own tree. A block is the same by its id. An offer
// after an incident asks some of the people only: that is no other set of
// teams for the regular waves after it.
func SeriesOf(releases []*Release, unit survey.UnitID, measure, statistic string) []Point {
	programmes := make(map[string]bool)
	for _, r := range releases {
		if programmes[r.Programme()] {
			continue
		}
		if _, asked := r.Cell(string(r.tree.Root().ID), measure, statistic); asked {
			programmes[r.Programme()] = true
		}
	}
	var points []Point
	before := make(map[string][]survey.UnitID)
	for _, r := range releases {
		if !programmes[r.Programme()] {
			continue
		}
		p := Point{Wave: r.Wave(), OpensOn: r.Opens()}
		p.Cell, p.Present = r.Cell(string(unit), measure, statistic)
		if teams := r.staffed[unit]; len(teams) > 0 {
			chain := "" // of all regular programmes
			if survey.IsIncident(r.Programme()) {
				chain = r.Programme()
			}
			p.Break = before[chain] != nil && !slices.Equal(before[chain], teams)
			before[chain] = teams
		}
		points = append(points, p)
	}
	return points
}

// readStaffed lists, for every unit that was asked, the teams under it that
// have people who were asked, by id. Blocks have none: their ids are their
// teams.
func (r *Release) readStaffed() {
	r.staffed = make(map[survey.UnitID][]survey.UnitID, len(r.units))
	var teams []survey.UnitID
	for _, u := range r.doc.Units {
		if u.Invited > 0 && r.tree.IsLeaf(u.ID) {
			teams = append(teams, u.ID)
		}
	}
	slices.Sort(teams)
	for _, team := range teams {
		for _, unit := range append([]survey.UnitID{team}, r.tree.Ancestors(team)...) {
			if r.doc.Units[r.units[unit]].Invited > 0 {
				r.staffed[unit] = append(r.staffed[unit], team)
			}
		}
	}
}
