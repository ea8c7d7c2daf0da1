package handlers

import (
	"slices"
	"strings"

	"attune/analytics"
	"attune/survey"
)

// askedTable is what was asked of a unit, one pack after the other, each with
// the latest wave that asked it.
type askedTable struct {
	Heading string
	Modules []askedModule
}

type askedModule struct {
	link
	Last string // "Last asked in March 2026"
}

// askedOf are the releases of waves that asked somebody of the unit; all of
// them when none did.
func askedOf(releases []*analytics.Release, unit survey.UnitID) []*analytics.Release {
	asked := slices.DeleteFunc(slices.Clone(releases), func(r *analytics.Release) bool {
		u, ok := r.Unit(unit)
		return !ok || u.Invited == 0
	})
	if len(asked) == 0 {
		return releases
	}
	return asked
}

// waveAmong finds the release that is asked for; the latest when none is. It
// fails with NotFound for a wave that is none of them: what is not released, or
// belongs to somebody else, is not told apart from what does not exist.
func waveAmong(releases []*analytics.Release, wave string) (int, error) {
	if wave == "" {
		return len(releases) - 1, nil
	}
	at := slices.IndexFunc(releases, func(r *analytics.Release) bool { return string(r.Wave()) == wave })
	if at < 0 {
		return 0, survey.Fail(survey.NotFound, "error.asked.wave", survey.Args{"wave": wave})
	}
	return at, nil
}

// waveChoices are the waves to choose from, the latest first, each with what
// it asked.
func (s speech) waveChoices(releases []*analytics.Release, chosen int) []choice {
	var all []choice
	for i, r := range slices.Backward(releases) {
		name := s.wave(r.Wave())
		var packs []string
		for _, ref := range r.Packs() {
			if pack, err := s.con.library.Find(ref); err == nil {
				packs = append(packs, shortTitle(pack.Title.In(s.lang)))
			}
		}
		if len(packs) > 0 {
			name = s.say("asked.choice", survey.Args{"wave": name, "packs": strings.Join(packs, ", ")})
		}
		all = append(all, choice{string(r.Wave()), name, i == chosen})
	}
	return all
}

// shortTitle is the title of a pack up to its colon.
func shortTitle(title string) string {
	short, _, _ := strings.Cut(title, ":")
	return strings.TrimSpace(short)
}

// asked lists every pack that a unit was asked, the one asked last first, with
// the way to its answers.
func (s speech) asked(line []sight, unit survey.UnitID) askedTable {
	var mine []*analytics.Release
	for _, at := range line {
		if at.mine {
			mine = append(mine, at.release)
		}
	}
	var t askedTable
	had := make(map[string]bool)
	for _, r := range slices.Backward(askedOf(mine, unit)) {
		for _, ref := range r.Packs() {
			pack, err := s.con.library.Find(ref)
			if err != nil || had[ref.ID] {
				continue // of another installation: its figures are in the export
			}
			had[ref.ID] = true
			last := s.say("asked.last", survey.Args{"wave": s.wave(r.Wave())})
			t.Modules = append(t.Modules, askedModule{link{spreadOf(unit, r.Wave()) + "#pack-" + pack.ID, shortTitle(pack.Title.In(s.lang))}, last})
		}
	}
	if len(t.Modules) > 0 {
		t.Heading = s.say("asked.heading", survey.Args{"modules": len(t.Modules), "wave": s.wave(line[len(line)-1].release.Wave())})
	}
	return t
}
