package handlers

import (
	"context"
	crand "crypto/rand"
	"fmt"
	"slices"
	"testing"

	"attune/analytics"
	"attune/survey"
	"attune/survey/store"
)

// yearHouse is a server with five released waves, all made by the real
// pipeline on a real store. Between them a clinic moves to another department
// and back, a team falls below k for one wave and one answers at an end of
// every scale, so that every kind of cell and of break is there.
type yearHouse struct {
	*staffHouse
	releases []*analytics.Release
	people   map[string]viewer // by e-mail: everybody who may see figures
}

const (
	yearWaves   = 5
	dayClinic   = "Hospital / Day clinic"
	nightTeam   = "Hospital / Night crisis team"
	movedOut    = 2 // the wave before which the clinic moves to Children
	movedBack   = 4 // and back
	nightHidden = 1 // the wave in which too few of the night team answer
	dutyAtEnd   = 3 // the wave in which all of the duty team give the last answer
)

func newYearHouse(t *testing.T) *yearHouse {
	t.Helper()
	h := &yearHouse{people: make(map[string]viewer)}
	h.staffHouse = newStaffHouseWith(t, func(ctx context.Context, s *staffHouse) {
		for i := range yearWaves {
			switch i {
			case movedOut:
				must(t, s.store.MoveUnit(ctx, s.units[dayClinic], s.units["Children"]))
			case movedBack:
				must(t, s.store.MoveUnit(ctx, s.units[dayClinic], s.units["Hospital"]))
			}
			face := s.announce(ctx, s.clock.at.AddDate(0, 0, 28), true)
			s.clock.at = face.Opens
			must(t, s.waves.Tick(ctx))
			s.answerYear(ctx, i, face)
			s.clock.at = face.Closes
			must(t, s.waves.Tick(ctx))
		}
	})
	ctx := context.Background()
	var err error
	h.releases, err = h.archive.Releases(ctx)
	must(t, err)
	if len(h.releases) != yearWaves {
		t.Fatalf("%d releases of %d waves", len(h.releases), yearWaves)
	}
	hash, err := HashPassword(crand.Reader, password)
	must(t, err)
	for path, unit := range h.units {
		u := store.User{Email: fmt.Sprintf("lead.%s@riverside.example", unit), Roles: []string{manager}, Unit: unit, PasswordHash: hash}
		if path != "" && unit != h.root() {
			must(t, h.store.AddUser(ctx, u))
			h.people[u.Email] = viewer{User: u}
		}
	}
	// Whoever is an administrator too sees what the other role shows, no more.
	for _, u := range []store.User{
		{Email: "admin.hr@riverside.example", Roles: []string{admin, hr}},
		{Email: "admin.lead@riverside.example", Roles: []string{admin, manager}, Unit: h.units["Children"]},
	} {
		u.PasswordHash = hash
		must(t, h.store.AddUser(ctx, u))
		h.people[u.Email] = viewer{User: u}
	}
	h.people[hrMail] = viewer{User: store.User{Email: hrMail, Roles: []string{hr}}}
	return h
}

func (h *yearHouse) root() survey.UnitID { return h.releases[0].Tree().Root().ID }

// answerYear fills in one wave's slips.
func (h *staffHouse) answerYear(ctx context.Context, month int, face survey.OpenWave) {
	h.t.Helper()
	slips, err := h.waves.Slips(ctx, face.ID, "")
	must(h.t, err)
	codes := make(map[survey.UnitID][]string) // by the teams of a group
	for _, s := range slips {
		for _, team := range h.teamsOf(ctx, face.ID, s.Group) {
			codes[h.byName(team)] = append(codes[h.byName(team)], s.Code)
		}
	}
	used := make(map[string]bool)
	for _, team := range staffTeams() {
		answering := team.answers
		if team.path == nightTeam && month == nightHidden {
			answering = 4
		}
		free := codes[h.units[team.path]]
		for i := range answering {
			at := slices.IndexFunc(free, func(code string) bool { return !used[code] })
			used[free[at]] = true
			a := survey.Answers{}
			for j, item := range face.Packs[0].Items {
				a[item.ID] = item.Options()[(h.cast+i+j+month)%4].Value
				if team.path == "Children / Duty team" && month == dutyAtEnd {
					a[item.ID] = item.Options()[4].Value
				}
			}
			_, err := h.waves.CastPaper(ctx, free[at], a)
			must(h.t, err)
		}
		h.cast += team.answers
	}
}

// byName finds a team by the last part of its path: the clinic's path changes.
func (h *staffHouse) byName(path string) survey.UnitID {
	for known, id := range h.units {
		if lastName(known) == lastName(path) {
			return id
		}
	}
	h.t.Fatalf("no unit %s", path)
	return ""
}

func lastName(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[i+2:]
		}
	}
	return path
}

// The fixture has what the comparison is for; else it would show nothing.
func TestTheYearHasEveryKindOfCell(t *testing.T) {
	h := newYearHouse(t)
	had := make(map[string]int)
	for _, r := range h.releases {
		for _, c := range r.Cells() {
			kind := string(c.Status)
			if c.Status == analytics.StatusShown && c.Reason != analytics.ReasonNone {
				kind = "clamped"
			}
			if c.Statistic == analytics.StatisticMean || c.Statistic == analytics.StatisticCoverage {
				had[kind]++
			}
			if _, block := r.Block(c.Unit); block {
				had["block"]++
			}
		}
	}
	for _, kind := range []string{"shown", "clamped", "combined", "block"} {
		if had[kind] == 0 {
			t.Errorf("no cell is %s: %v", kind, had)
		}
	}
	broken := 0
	for _, unit := range []string{"Children", "Hospital"} {
		points, err := h.archive.Series(context.Background(), h.units[unit], "burnout", analytics.StatisticMean)
		must(t, err)
		for _, p := range points {
			if p.Break {
				broken++
			}
		}
	}
	if broken != 4 { // the clinic leaves and comes back, for both departments
		t.Errorf("%d breaks", broken)
	}
}
