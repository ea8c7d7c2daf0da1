package survey

import "sort"

// passage counts the people who go from an emptied unit to a new one.
type passage struct {
	from, to UnitID
	people   int
	order    int // where the new unit stands in the plan
}

// renames finds the emptied units that look as if they had been renamed or
// moved. It goes down the tree: under a unit that has become another one, a
// sub-unit with the same name has become its namesake there, and goes without
// saying. A new unit stands for one old unit only, the one that sends most
// people; the first in the tree when they send as many.
func (p *importer) renames(tree Tree, headcount map[UnitID]int) []LikelyRename {
	passages := p.passages()
	sort.Slice(passages, func(i, j int) bool {
		a, b := passages[i], passages[j]
		if a.people != b.people {
			return a.people > b.people
		}
		if a.from != b.from {
			return tree.Position(a.from) < tree.Position(b.from)
		}
		return a.order < b.order
	})
	byDepth := make(map[int][]passage)
	deepest := 0
	for _, c := range passages {
		if 2*c.people >= headcount[c.from] {
			depth := tree.Depth(c.from)
			byDepth[depth] = append(byDepth[depth], c)
			deepest = max(deepest, depth)
		}
	}
	var found []LikelyRename
	became := make(map[UnitID]UnitID) // what an emptied unit is likely called now
	taken := make(map[UnitID]bool)
	for depth := 1; depth <= deepest; depth++ {
		for _, c := range byDepth[depth] {
			if _, done := became[c.from]; done || taken[c.to] {
				continue
			}
			old, now := p.units[c.from], p.units[c.to]
			parent := old.Parent
			if to, ok := became[parent]; ok {
				parent = to
			}
			sameParent, sameName := parent == now.Parent, old.Name == now.Name
			if !sameParent && !sameName {
				continue
			}
			became[c.from], taken[c.to] = c.to, true
			if sameParent && sameName {
				continue
			}
			kind := UnitRenamed
			if sameName {
				kind = UnitMoved
			}
			found = append(found, LikelyRename{
				Kind: kind, Old: old, New: now,
				People: c.people, Share: float64(c.people) / float64(headcount[c.from]),
			})
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return tree.Position(found[i].Old.ID) < tree.Position(found[j].Old.ID) })
	return found
}

// passages counts who goes from which emptied to which new unit, in and under
// both. People without an e-mail address cannot be followed; one who is left
// out and one who is new are taken for the same when nobody else of either
// has that name.
func (p *importer) passages() []passage {
	emptied := make(map[UnitID]bool, len(p.plan.EmptiedUnits))
	for _, u := range p.plan.EmptiedUnits {
		emptied[u.ID] = true
	}
	fresh := make(map[UnitID]bool, len(p.plan.NewUnits))
	order := make(map[UnitID]int, len(p.plan.NewUnits))
	for i, u := range p.plan.NewUnits {
		fresh[u.ID], order[u.ID] = true, i
	}
	if len(emptied) == 0 || len(fresh) == 0 {
		return nil
	}
	type way struct{ from, to UnitID }
	count := make(map[way]int)
	walk := func(from, to UnitID) {
		for _, old := range p.among(from, emptied) {
			for _, now := range p.among(to, fresh) {
				count[way{old, now}]++
			}
		}
	}
	for _, m := range p.plan.Moves {
		walk(m.From, m.To)
	}
	gone, come := onlyByName(p.plan.Deactivate), onlyByName(p.plan.Add)
	for name, from := range gone {
		if to, ok := come[name]; ok && from != "" && to != "" {
			walk(from, to)
		}
	}
	passages := make([]passage, 0, len(count))
	for w, n := range count {
		passages = append(passages, passage{from: w.from, to: w.to, people: n, order: order[w.to]})
	}
	return passages
}

// among lists those of unit and its ancestors that are in set.
func (p *importer) among(unit UnitID, set map[UnitID]bool) []UnitID {
	var found []UnitID
	for u, ok := p.units[unit]; ok; u, ok = p.units[u.Parent] {
		if set[u.ID] {
			found = append(found, u.ID)
		}
	}
	return found
}

// onlyByName gives the units of people without an e-mail address by name, ""
// for a name that several have.
func onlyByName(people []Person) map[string]UnitID {
	units := make(map[string]UnitID)
	for _, person := range people {
		if person.Email != "" {
			continue
		}
		if _, twice := units[person.Name]; twice {
			units[person.Name] = ""
			continue
		}
		units[person.Name] = person.Unit
	}
	return units
}
