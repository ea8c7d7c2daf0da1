package survey

// PersonID names a person for good; it is random.
type PersonID string

// Person is somebody who may be invited. Identity is the e-mail address, or
// name and unit when there is none.
type Person struct {
	ID       PersonID
	Email    string // lower case; may be empty
	Name     string
	Phone    string // + and 8 to 15 digits; may be empty
	Language string // a language code; empty: the organisation's
	Unit     UnitID // the unit the person belongs to directly
	Active   bool   // false after the person was missing from an imported file
}

// Reach is how news of a wave comes to somebody.
type Reach string

// The ways. ByHand is a printed link.
const (
	ByMail Reach = "mail"
	ByText Reach = "text"
	ByHand Reach = "hand"
)

// Reach has one rule: whoever has an e-mail address gets mail, also with a
// phone number; whoever has a number only gets text messages.
func (p Person) Reach() Reach {
	switch {
	case p.Email != "":
		return ByMail
	case p.Phone != "":
		return ByText
	}
	return ByHand
}

// Organisation is the tree with the people in it, ready for a wave: every
// person stands in a leaf.
type Organisation struct {
	Tree      Tree
	Team      map[PersonID]UnitID // active people only
	Headcount map[UnitID]int      // per unit, everybody in or under it
}

// Resolve places people in teams. Staff who belong directly to a unit that
// has sub-units form the team "NAME, directly" with an id of its own; units
// that have nobody in or under them stay in the tree. Inactive people are
// left out. It fails when a person's unit is not in units.
func Resolve(units []Unit, people []Person) (Organisation, error) {
	plain, err := NewTree(units)
	if err != nil {
		return Organisation{}, err
	}
	all := append([]Unit(nil), units...)
	added := make(map[UnitID]bool)
	org := Organisation{Team: make(map[PersonID]UnitID), Headcount: make(map[UnitID]int)}
	for _, p := range people {
		if !p.Active {
			continue
		}
		unit, ok := plain.Unit(p.Unit)
		if !ok {
			return Organisation{}, Fail(NotFound, "error.person.unit_missing", Args{"unit": p.Unit})
		}
		team := unit.ID
		if !plain.IsLeaf(unit.ID) {
			team = unit.ID + directSuffix
			if !added[team] {
				added[team] = true
				all = append(all, Unit{ID: team, Parent: unit.ID, Name: unit.Name, Direct: true})
			}
		}
		org.Team[p.ID] = team
	}
	if org.Tree, err = NewTree(all); err != nil {
		return Organisation{}, err
	}
	for _, team := range org.Team {
		org.Headcount[team]++
		for _, up := range org.Tree.Ancestors(team) {
			org.Headcount[up]++
		}
	}
	return org, nil
}
