package main

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// set is a group of people that a column tells a number about.
type set struct {
	teams []int // places in family.teams, rising
	n     int   // answers, or unknown
	cell  *cell // one of the cells about it
	also  []*cell
}

// family is a column as sets of teams. Teams that no set tells apart are one
// atom for everybody who reads it.
type family struct {
	teams []string
	sets  []set // the larger first; no two of the same teams
	tree  *tree // once it has been looked for
}

// tree is how the sets of a family lie in each other.
type tree struct {
	whole  bool    // any two sets lie one in the other or apart
	inside [][]int // by set: the largest sets in it
	left   [][]int // by set: its teams that lie in none of those
}

// newFamily lays the shown cells of a column out as sets. A cell about the same
// teams as another is the same set; where the two tell different numbers of
// answers, unlike says so.
func newFamily(cells []*cell) (f family, unlike []string) {
	at := make(map[string]int)
	for _, c := range cells {
		for _, t := range c.teams {
			if _, known := at[t]; !known {
				at[t] = len(f.teams)
				f.teams = append(f.teams, t)
			}
		}
	}
	byTeams := make(map[string]int)
	for _, c := range cells {
		if !c.shown() || len(c.teams) == 0 {
			continue
		}
		key := strings.Join(c.teams, "\x00")
		if i, known := byTeams[key]; known {
			s := &f.sets[i]
			s.also = append(s.also, c)
			if s.n == unknown {
				s.n = c.n
			}
			if c.n != unknown && c.n != s.n {
				unlike = append(unlike, fmt.Sprintf("%s and %s are the same teams, with %d and %d answers", s.cell.name, c.name, s.n, c.n))
			}
			continue
		}
		s := set{n: c.n, cell: c}
		for _, t := range c.teams {
			s.teams = append(s.teams, at[t])
		}
		slices.Sort(s.teams)
		byTeams[key] = len(f.sets)
		f.sets = append(f.sets, s)
	}
	sort.SliceStable(f.sets, func(i, j int) bool { return len(f.sets[i].teams) > len(f.sets[j].teams) })
	return f, unlike
}

// within says whether every team of a is in b; both rise.
func within(a, b []int) bool {
	i := 0
	for _, t := range b {
		if i < len(a) && a[i] == t {
			i++
		}
	}
	return i == len(a)
}

// lie finds out how the sets lie in each other, in time linear in their teams:
// the larger first, each set's teams must all lie in the same smallest set so
// far.
func (f *family) lie() *tree {
	if f.tree != nil {
		return f.tree
	}
	t := &tree{whole: true, inside: make([][]int, len(f.sets)), left: make([][]int, len(f.sets))}
	f.tree = t
	const none = -1
	smallest := make([]int, len(f.teams)) // by team: the smallest set that it lies in
	for i := range smallest {
		smallest[i] = none
	}
	for i, s := range f.sets {
		parent := smallest[s.teams[0]]
		for _, team := range s.teams {
			t.whole = t.whole && smallest[team] == parent
			smallest[team] = i
		}
		if parent != none {
			t.inside[parent] = append(t.inside[parent], i)
		}
	}
	for team, i := range smallest {
		if i != none {
			t.left[i] = append(t.left[i], team)
		}
	}
	if !t.whole { // nothing of it holds
		t.inside, t.left = make([][]int, len(f.sets)), make([][]int, len(f.sets))
	}
	return t
}

// isTree says whether any two sets either lie one in the other or apart.
func (f *family) isTree() bool { return f.lie().whole }

// children are the largest sets inside a set, of a tree of sets.
func (f *family) children(i int) []int { return f.lie().inside[i] }

// remainder are the teams of a set that lie in none of its children.
func (f *family) remainder(i int) []int { return f.lie().left[i] }

// groups counts the groups of people that no set splits.
func (f *family) groups() int {
	if !f.isTree() {
		return len(f.atoms())
	}
	count := 0
	for _, teams := range f.lie().left {
		if len(teams) > 0 {
			count++
		}
	}
	return count
}

// group is a group of people whose numbers follow from what is shown.
type group struct {
	teams  []int
	n      int
	how    string // the sets that are added and taken away
	direct bool   // it is shown itself
}

// determined lists the groups that sums and differences of a family's sets are
// about: of a tree what is left of each set without those inside it, else
// whatever elimination isolates. Any other sum or difference is about one of
// these and more. Groups of nobody are left out.
func (f *family) determined() []group {
	for i := range f.sets {
		if f.sets[i].n == unknown {
			return f.known().determined()
		}
	}
	if f.isTree() {
		return f.residuals()
	}
	return f.eliminated()
}

// known leaves out the sets whose number of answers nobody tells.
func (f *family) known() *family {
	return &family{teams: f.teams, sets: slices.DeleteFunc(slices.Clone(f.sets), func(s set) bool { return s.n == unknown })}
}

func (f *family) residuals() []group {
	var all []group
	for i := range f.sets {
		inside := f.children(i)
		g := group{teams: f.remainder(i), n: f.sets[i].n, how: f.sets[i].cell.name, direct: len(inside) == 0}
		for _, j := range inside {
			g.n -= f.sets[j].n
			g.how += " − " + f.sets[j].cell.name
		}
		if g.n != 0 {
			all = append(all, g)
		}
	}
	return all
}

// names are the teams of a group for a reader.
func (f *family) names(teams []int, titles map[string]string) string {
	var names []string
	for _, t := range teams {
		name := titles[f.teams[t]]
		if name == "" {
			name = strings.TrimPrefix(f.teams[t], "name:")
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}
