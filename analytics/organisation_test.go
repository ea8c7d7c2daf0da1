package analytics

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"attune/survey"
)

// team is a line of a test organisation: a path below the organisation, the
// people invited, and how many of them gave a valid answer.
type team struct {
	path   string
	people int
	valid  int
}

// tester is what *testing.T and *rapid.T share.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

// waveOf builds a closed wave without ballots from teams; unit ids are the
// paths, "org" is the root. A path that ends in "-d" is a direct team. With
// merge the groups are formed by the real rule, otherwise each team with
// people is a group of its own.
func waveOf(t tester, teams []team, scope survey.UnitID, merge bool, k int) survey.ClosedWave {
	t.Helper()
	units := []survey.Unit{{ID: "org", Name: "Organisation"}}
	seen := map[survey.UnitID]bool{"org": true}
	headcount := make(map[survey.UnitID]int)
	for _, line := range teams {
		parent, path := survey.UnitID("org"), ""
		headcount["org"] += line.people
		for _, name := range strings.Split(line.path, "/") {
			path = strings.TrimPrefix(path+"/"+name, "/")
			id := survey.UnitID(path)
			if !seen[id] {
				seen[id] = true
				units = append(units, survey.Unit{ID: id, Parent: parent, Name: strings.ToUpper(name), Direct: strings.HasSuffix(name, "-d")})
			}
			headcount[id] += line.people
			parent = id
		}
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		t.Fatalf("tree: %v", err)
	}
	w := survey.ClosedWave{
		Manifest: survey.Manifest{
			Wave: "2026-11", Programme: "pulse", K: k, KC: survey.KC(k),
			Opens: time.Date(2026, 11, 2, 23, 30, 0, 0, time.UTC), Closes: time.Date(2026, 11, 16, 17, 0, 0, 0, time.UTC),
		},
		ManifestSHA256: strings.Repeat("ab", 32),
		Units:          units, Headcount: headcount, Ballots: make(map[string][][]byte), Zone: "Europe/Berlin",
	}
	if merge {
		org := survey.Organisation{Tree: tree, Headcount: headcount}
		w.Groups, err = survey.FormGroups(org, scope, k, func(survey.UnitID) bool { return false })
		if err != nil {
			t.Fatalf("groups: %v", err)
		}
		return w
	}
	for _, id := range tree.Teams(scope) {
		if headcount[id] > 0 {
			u, _ := tree.Unit(id)
			w.Groups = append(w.Groups, survey.Group{ID: string(id), Parent: u.Parent, Units: []survey.UnitID{id}, Headcount: headcount[id]})
		}
	}
	return w
}

// counts gives the valid answers by group.
func counts(w survey.ClosedWave, teams []team) []int {
	valid := make(map[survey.UnitID]int)
	for _, line := range teams {
		valid[survey.UnitID(line.path)] += line.valid
	}
	n := make([]int, len(w.Groups))
	for i, g := range w.Groups {
		for _, u := range g.Units {
			n[i] += valid[u]
		}
	}
	return n
}

// organisations draws teams of up to three levels, some empty, some tiny,
// with any response rate.
func organisations() *rapid.Generator[[]team] {
	return rapid.Custom(func(t *rapid.T) []team {
		var teams []team
		people := func() (int, int) {
			p := rapid.SampledFrom([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 14, 20, 30}).Draw(t, "people")
			return p, rapid.IntRange(0, p).Draw(t, "valid")
		}
		add := func(path string) {
			p, v := people()
			teams = append(teams, team{path, p, v})
		}
		for d := range rapid.IntRange(1, 4).Draw(t, "departments") {
			department := "d" + string(rune('1'+d))
			switch rapid.IntRange(0, 5).Draw(t, "shape") {
			case 0: // a team directly under the organisation
				add(department)
			case 1: // one more level
				for s := range rapid.IntRange(1, 3).Draw(t, "services") {
					for i := range rapid.IntRange(1, 4).Draw(t, "teams") {
						add(department + "/s" + string(rune('1'+s)) + "/t" + string(rune('1'+i)))
					}
				}
				add(department + "/x-d")
			default:
				for i := range rapid.IntRange(1, 5).Draw(t, "teams") {
					add(department + "/t" + string(rune('1'+i)))
				}
			}
		}
		return teams
	})
}

// scopes draws the organisation or a department that has people enough for a
// wave of its own.
func scopes(teams []team) *rapid.Generator[survey.UnitID] {
	people := make(map[survey.UnitID]int)
	for _, line := range teams {
		department, _, _ := strings.Cut(line.path, "/")
		people[survey.UnitID(department)] += line.people
	}
	scopes := []survey.UnitID{"org"}
	for _, department := range slices.Sorted(maps.Keys(people)) {
		if people[department] >= 5 {
			scopes = append(scopes, department)
		}
	}
	return rapid.SampledFrom(scopes)
}

func peopleIn(teams []team) int {
	sum := 0
	for _, line := range teams {
		sum += line.people
	}
	return sum
}

// pulse is the built-in monthly pack.
func pulse(t tester) *survey.Pack {
	t.Helper()
	library, err := survey.NewLibrary()
	if err != nil {
		t.Fatalf("library: %v", err)
	}
	p, err := library.Latest("pulse")
	if err != nil {
		t.Fatalf("pulse: %v", err)
	}
	return p
}

// withPack sets a wave's pack and its reference in the manifest.
func withPack(w survey.ClosedWave, p *survey.Pack) survey.ClosedWave {
	w.Packs = []*survey.Pack{p}
	w.Manifest.Packs = []survey.PackRef{p.Ref()}
	return w
}

// encode writes answers as a ballot of the pack.
func encode(t tester, p *survey.Pack, a survey.Answers) []byte {
	t.Helper()
	sheet, err := survey.NewSheet([]*survey.Pack{p})
	if err != nil {
		t.Fatalf("sheet: %v", err)
	}
	b, err := sheet.Encode(a)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	return b
}

// fill gives every group a ballot for each valid answer of its teams, with
// random answers around a mood of the group, and some items skipped. It
// returns the answers by team for tests that count on their own.
func fill(t tester, w survey.ClosedWave, p *survey.Pack, teams []team, seed uint64) map[survey.UnitID][]survey.Answers {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	given := make(map[survey.UnitID][]survey.Answers)
	valid := make(map[survey.UnitID]int)
	for _, line := range teams {
		valid[survey.UnitID(line.path)] = line.valid
	}
	for _, g := range w.Groups {
		mood := random.IntN(7) - 1 // −1 and 5 make nearly everybody alike
		for _, u := range g.Units {
			for range valid[u] {
				a := make(survey.Answers)
				for _, item := range p.Items {
					if random.IntN(10) > 0 {
						a[item.ID] = min(max(mood+random.IntN(3), item.Min()), item.Max())
					}
				}
				given[u] = append(given[u], a)
				w.Ballots[g.ID] = append(w.Ballots[g.ID], encode(t, p, a))
			}
		}
	}
	return given
}

// randomAnswers answers about three in four items.
func randomAnswers(random *rand.Rand, p *survey.Pack) survey.Answers {
	a := make(survey.Answers)
	for _, item := range p.Items {
		if options := item.Options(); random.IntN(4) > 0 {
			a[item.ID] = options[random.IntN(len(options))].Value
		}
	}
	return a
}
