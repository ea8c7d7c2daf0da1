package analytics

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"attune/survey"
)

// shortPack is the pack of testdata/short.yaml.
func shortPack(t testing.TB) *survey.Pack { return packOf(t, "short.yaml") }

// packOf reads a pack of testdata.
func packOf(t testing.TB, name string) *survey.Pack {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	p, faults, err := survey.ReadPack(raw)
	if err != nil || len(faults) > 0 {
		t.Fatalf("%v %v", faults, err)
	}
	return p
}

// world is an organisation that lives on from wave to wave: people join,
// leave and move, units are moved, founded and split. The same seed gives the
// same world.
type world struct {
	random *rand.Rand
	pack   *survey.Pack
	k      int
	units  []survey.Unit
	people []survey.Person
	skip   float64 // share of skipped items
	rate   float64 // share of people who answer
	next   int
}

func newWorld(seed uint64, pack *survey.Pack) *world {
	w := &world{random: rand.New(rand.NewPCG(seed, 4)), pack: pack, units: []survey.Unit{{ID: "org", Name: "org"}}}
	w.k = []int{5, 5, 5, 6, 8}[w.random.IntN(5)]
	w.skip = []float64{0, 0.05, 0.2, 0.5}[w.random.IntN(4)]
	w.rate = []float64{0.3, 0.6, 0.8, 0.95, 1}[w.random.IntN(5)]
	w.grow("org", 1+w.random.IntN(6))
	for len(w.people) < 2*w.k {
		w.hire("org")
	}
	return w
}

// grow founds units under a unit, down to as many levels.
func (w *world) grow(under survey.UnitID, levels int) {
	children := 1 + w.random.IntN(3)
	if levels > 2 {
		children = 1 + w.random.IntN(2) // deep trees stay small
	}
	for range children {
		id := w.found(under)
		if levels > 1 && w.random.IntN(4) > 0 {
			w.grow(id, levels-1)
		}
		if levels == 1 || w.random.IntN(3) == 0 {
			for range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 17, 25}[w.random.IntN(13)] {
				w.hire(id)
			}
		}
	}
}

func (w *world) found(under survey.UnitID) survey.UnitID {
	w.next++
	id := survey.UnitID(fmt.Sprintf("u%02d", w.next))
	w.units = append(w.units, survey.Unit{ID: id, Parent: under, Name: string(id)})
	return id
}

func (w *world) hire(unit survey.UnitID) {
	w.next++
	w.people = append(w.people, survey.Person{ID: survey.PersonID(fmt.Sprintf("p%04d", w.next)), Unit: unit, Active: true})
}

func (w *world) anyUnit() survey.UnitID { return w.units[w.random.IntN(len(w.units))].ID }

// reorganise lets something happen between two waves.
func (w *world) reorganise() {
	for range w.random.IntN(4) {
		switch w.random.IntN(6) {
		case 0: // somebody leaves
			if len(w.people) > 2*w.k {
				i := w.random.IntN(len(w.people))
				w.people = slices.Delete(w.people, i, i+1)
			}
		case 1: // a few join one team
			unit := w.anyUnit()
			for range 1 + w.random.IntN(5) {
				w.hire(unit)
			}
		case 2: // somebody moves
			w.people[w.random.IntN(len(w.people))].Unit = w.anyUnit()
		case 3: // a unit moves elsewhere with all that is in it
			i := w.random.IntN(len(w.units))
			if to := w.anyUnit(); i > 0 && !w.within(to, w.units[i].ID) {
				w.units[i].Parent = to
			}
		case 4: // a team is founded, or a team gets a team below it
			unit := w.found(w.anyUnit())
			for range w.random.IntN(9) {
				w.hire(unit)
			}
		case 5: // a whole team is emptied into another unit
			from, to := w.anyUnit(), w.anyUnit()
			for i := range w.people {
				if w.people[i].Unit == from {
					w.people[i].Unit = to
				}
			}
		}
	}
}

func (w *world) within(unit, ancestor survey.UnitID) bool {
	tree, err := survey.NewTree(w.units)
	return err != nil || tree.Within(unit, ancestor)
}

// roster is who belongs to which team.
func (w *world) roster() survey.Organisation {
	org, err := survey.Resolve(w.units, w.people)
	if err != nil {
		panic(err)
	}
	return org
}

// changesSince counts people who are in exactly one of a set of teams now and
// then.
func changesSince(then, now survey.Organisation) func(teams []survey.UnitID) (int, bool) {
	type move struct{ from, to survey.UnitID }
	moves := make(map[move]int)
	for id, team := range now.Team {
		if before := then.Team[id]; before != team {
			moves[move{before, team}]++
		}
	}
	for id, team := range then.Team {
		if _, is := now.Team[id]; !is {
			moves[move{team, ""}]++
		}
	}
	return func(teams []survey.UnitID) (int, bool) {
		people := 0
		for m, n := range moves {
			if slices.Contains(teams, m.from) != slices.Contains(teams, m.to) {
				people += n
			}
		}
		return people, true
	}
}

// wave closes a wave of the organisation as it is. Answers vary around a mood
// of each team; some teams are of one mind.
func (w *world) wave(number int, org survey.Organisation) (survey.ClosedWave, error) {
	groups, err := survey.FormGroups(org, "org", w.k, func(survey.UnitID) bool { return false })
	if err != nil {
		return survey.ClosedWave{}, err
	}
	opens := time.Date(2026, time.Month(number+1), 2, 8, 0, 0, 0, time.UTC)
	closed := survey.ClosedWave{
		Manifest: survey.Manifest{
			Wave: survey.WaveID(opens.Format("2006-01")), Programme: "short", K: w.k, KC: survey.KC(w.k),
			Opens: opens, Closes: opens.AddDate(0, 0, 10), Packs: []survey.PackRef{w.pack.Ref()},
		},
		ManifestSHA256: strings.Repeat("ab", 32), Units: org.Tree.Units(), Headcount: org.Headcount,
		Groups: groups, Packs: []*survey.Pack{w.pack}, Ballots: make(map[string][][]byte), Zone: "UTC",
	}
	for _, g := range groups {
		mood, of := w.random.IntN(5), 1+w.random.IntN(3)
		for range g.Headcount {
			if w.random.Float64() >= w.rate {
				continue
			}
			sheet := make([]byte, len(w.pack.Items))
			for i := range sheet {
				if w.random.Float64() >= w.skip {
					options := len(w.pack.Items[i].Options())
					at := min(4, max(0, mood+w.random.IntN(of)-of/2)) // of five
					sheet[i] = byte(at*options/5) + 1                 //nolint:gosec // a pack has at most 11
				}
			}
			closed.Ballots[g.ID] = append(closed.Ballots[g.ID], sheet)
		}
	}
	return closed, nil
}

// shortAnswers gives a sheet's valid measures of the short pack, scored anew:
// strain needs two of its three items and, because brief shares items with it,
// one of brief's two; brief likewise.
func shortAnswers(sheet []byte) map[string]bool {
	valid := map[string]bool{MeasureResponse: true}
	answered := 0
	for _, b := range sheet[:3] {
		if b > 0 {
			answered++
		}
	}
	both := answered >= 2 && (sheet[0] > 0 || sheet[1] > 0)
	valid["strain"], valid["brief"], valid["glad"] = both, both, sheet[3] > 0
	return valid
}
