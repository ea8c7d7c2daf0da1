package survey

import "sort"

// ImportPlan is what an import of a staff list will do. It is made before
// anything is changed, so that people can read it first.
type ImportPlan struct {
	NewUnits     []Unit   // parents before their children
	EmptiedUnits []Unit   // units that lose all their active people, in and under them
	Add          []Person // people who were not known
	Update       []Person // the whole new person for everybody of whom anything changes, moved people included
	Deactivate   []Person // active people whom the file does not name, with Active false
	Moves        []Move   // active people who change their unit; each is in Update too
	Renames      []LikelyRename

	NumbersSet     int // people who get a phone number, or another one, new people included
	NumbersRemoved int // people who lose theirs

	Reached map[Reach]int // everybody whom the file names, by how news will come to them
}

// Empty says whether the import changes nothing.
func (p ImportPlan) Empty() bool {
	return len(p.NewUnits)+len(p.EmptiedUnits)+len(p.Add)+len(p.Update)+len(p.Deactivate) == 0
}

// Move is one person's change of unit.
type Move struct {
	Person   Person // as they will be
	From, To UnitID
}

// RenameKind says what an emptied unit and a new one look like.
type RenameKind string

// A unit with another name under the same parent was likely renamed, one with
// the same name under another parent likely moved.
const (
	UnitRenamed RenameKind = "rename"
	UnitMoved   RenameKind = "move"
)

// LikelyRename is a unit that the import would empty while a new one takes at
// least half of its people. If it is the same unit, it has to be renamed or
// moved before the import: its trends go on then, and people without e-mail
// stay who they are.
type LikelyRename struct {
	Kind   RenameKind
	Old    Unit
	New    Unit
	People int     // how many of the old unit's people the new one gets
	Share  float64 // of the old unit's active people, from 0.5 to 1
}

// PlanImport compares a staff list (rows as ParsePeople gives them) with the
// tree and the people that there are, inactive ones included, and says what
// has to change so that the list is true. It changes nothing itself.
//
// A row is the person with its e-mail address; without an address the one
// without an address who has the same name in the same unit. An address that
// nobody has goes to an active person without one who has the same name in
// the same unit, if no row without an address is that person. Everybody else
// is new. A row of a file that lists no phone numbers leaves a person's as it
// is. Units that a path names and that do not exist are created. newID makes
// the random ids of new units and people.
//
// It fails with the rows whose unit begins with the organisation's own name,
// and when the tree has no organisation.
func PlanImport(tree Tree, people []Person, rows []PersonRow, newID func() string) (ImportPlan, []Fault) {
	if tree.Len() == 0 {
		return ImportPlan{}, []Fault{{Line: 1, Column: 1, Error: Fail(Conflict, "error.people.no_organisation", nil)}}
	}
	p := &importer{
		units: make(map[UnitID]Unit), children: make(map[childKey]UnitID), paths: make(map[string]UnitID),
		root: tree.Root(), newID: newID,
	}
	for _, u := range tree.Units() {
		p.units[u.ID] = u
		if !u.Direct {
			p.children[childKey{u.Parent, u.Name}] = u.ID
		}
	}
	units := make([]UnitID, len(rows))
	var faults []Fault
	for i, row := range rows {
		id, err := p.unit(row.Unit)
		if err != nil {
			faults = append(faults, Fault{Line: row.Line, Column: 1, Error: err})
		}
		units[i] = id
	}
	if len(faults) > 0 {
		return ImportPlan{}, faults
	}
	p.compare(people, rows, units, matchRows(people, rows, units))
	headcount := p.headcount(p.before)
	remaining := p.headcount(p.after)
	for _, u := range tree.Units() {
		if !u.Direct && headcount[u.ID] > 0 && remaining[u.ID] == 0 {
			p.plan.EmptiedUnits = append(p.plan.EmptiedUnits, u)
		}
	}
	p.plan.Renames = p.renames(tree, headcount)
	return p.plan, nil
}

type childKey struct {
	parent UnitID
	name   string
}

// personKey is the identity of a person without an e-mail address.
type personKey struct {
	name string
	unit UnitID
}

type importer struct {
	units    map[UnitID]Unit // those that there are, and the new ones
	children map[childKey]UnitID
	paths    map[string]UnitID // units already found, by path
	root     Unit
	newID    func() string

	plan          ImportPlan
	before, after []UnitID // the unit of every active person, as it is and as it will be
}

// unit finds the unit with this path, as Tree.ByPath does, or creates what is
// missing of it.
func (p *importer) unit(path string) (UnitID, *Error) {
	if id, ok := p.paths[path]; ok {
		return id, nil
	}
	names := SplitPath(path)
	at := p.root.ID
	if len(names) > 0 && names[0] == p.root.Name {
		if len(names) == 1 {
			names = nil
		} else if _, ok := p.children[childKey{at, names[0]}]; !ok {
			return "", Fail(Invalid, "error.people.organisation_first", Args{"unit": excerpt(path), "organisation": p.root.Name})
		}
	}
	for _, name := range names {
		key := childKey{at, name}
		id, ok := p.children[key]
		if !ok {
			u := Unit{ID: UnitID(p.newID()), Parent: at, Name: name}
			id = u.ID
			p.units[id], p.children[key] = u, id
			p.plan.NewUnits = append(p.plan.NewUnits, u)
		}
		at = id
	}
	p.paths[path] = at
	return at, nil
}

// matchRows gives for every row the place of its person in people, -1 for a
// new one. No person is matched twice.
func matchRows(people []Person, rows []PersonRow, units []UnitID) []int {
	byEmail := make(map[string]int, len(people))
	byName := make(map[personKey][]int)
	for i, person := range people {
		if person.Email != "" {
			byEmail[person.Email] = i
			continue
		}
		key := personKey{person.Name, person.Unit}
		byName[key] = append(byName[key], i)
	}
	for _, same := range byName { // whoever is active is meant first
		sort.SliceStable(same, func(a, b int) bool { return people[same[a]].Active && !people[same[b]].Active })
	}
	match := make([]int, len(rows))
	take := func(row int, mayReturn bool) {
		key := personKey{rows[row].Name, units[row]}
		if same := byName[key]; len(same) > 0 && (mayReturn || people[same[0]].Active) {
			match[row], byName[key] = same[0], same[1:]
		}
	}
	for r, row := range rows {
		match[r] = -1
		if i, ok := byEmail[row.Email]; ok && row.Email != "" {
			match[r] = i
		}
	}
	for r, row := range rows {
		if row.Email == "" {
			take(r, true)
		}
	}
	for r, row := range rows {
		if row.Email != "" && row.Name != "" && match[r] < 0 {
			take(r, false)
		}
	}
	return match
}

// compare fills the plan with what happens to people.
func (p *importer) compare(people []Person, rows []PersonRow, units []UnitID, match []int) {
	named := make([]bool, len(people))
	p.plan.Reached = make(map[Reach]int)
	for r, row := range rows {
		next := Person{Email: row.Email, Name: row.Name, Phone: row.Phone, Language: row.Language, Unit: units[r], Active: true}
		p.after = append(p.after, next.Unit)
		if match[r] < 0 {
			next.ID = PersonID(p.newID())
			p.countReach("", next)
			p.plan.Add = append(p.plan.Add, next)
			continue
		}
		old := people[match[r]]
		named[match[r]] = true
		if !row.PhoneListed {
			next.Phone = old.Phone
		}
		p.countReach(old.Phone, next)
		if next.ID = old.ID; next == old {
			continue
		}
		p.plan.Update = append(p.plan.Update, next)
		if old.Active && old.Unit != next.Unit {
			p.plan.Moves = append(p.plan.Moves, Move{Person: next, From: old.Unit, To: next.Unit})
		}
	}
	for i, old := range people {
		if !old.Active {
			continue
		}
		p.before = append(p.before, old.Unit)
		if !named[i] {
			old.Active = false
			p.plan.Deactivate = append(p.plan.Deactivate, old)
		}
	}
}

// countReach counts how somebody will be reached, and whether their number,
// which was before, changes.
func (p *importer) countReach(before string, next Person) {
	p.plan.Reached[next.Reach()]++
	switch {
	case before == next.Phone:
	case next.Phone == "":
		p.plan.NumbersRemoved++
	default:
		p.plan.NumbersSet++
	}
}

// headcount counts people in and under every unit.
func (p *importer) headcount(people []UnitID) map[UnitID]int {
	count := make(map[UnitID]int, len(p.units))
	for _, unit := range people {
		for u, ok := p.units[unit]; ok; u, ok = p.units[u.Parent] {
			count[u.ID]++
		}
	}
	return count
}
