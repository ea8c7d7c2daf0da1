package survey

import "strings"

// CheckName says whether a unit may be called name: not empty, without a slash,
// which separates the names of a path (the organisation's own name may have
// one), and unlike the units beside it.
func (t Tree) CheckName(unit UnitID, name string) error {
	u, ok := t.Unit(unit)
	switch {
	case !ok:
		return Fail(NotFound, "error.store.unit_missing", Args{"unit": unit})
	case name == "" || u.Parent != "" && strings.Contains(name, "/"):
		return Fail(Invalid, "error.store.unit_name", Args{"name": name})
	case u.Parent == "":
		return nil
	}
	return t.checkBeside(u.Parent, name, unit)
}

// CheckAdd says whether a unit called name may be hung under parent.
func (t Tree) CheckAdd(parent UnitID, name string) error {
	_, ok := t.Unit(parent)
	switch {
	case !ok:
		return Fail(NotFound, "error.store.unit_missing", Args{"unit": parent})
	case name == "" || strings.Contains(name, "/"):
		return Fail(Invalid, "error.store.unit_name", Args{"name": name})
	}
	return t.checkBeside(parent, name, "")
}

// CheckMove says whether a unit may be hung under parent: the organisation
// itself may not, nor any unit under itself or what lies under it, nor beside
// one of its name.
func (t Tree) CheckMove(unit, parent UnitID) error {
	u, ok := t.Unit(unit)
	if !ok {
		return Fail(NotFound, "error.store.unit_missing", Args{"unit": unit})
	}
	above, ok := t.Unit(parent)
	switch {
	case !ok:
		return Fail(NotFound, "error.store.unit_missing", Args{"unit": parent})
	case u.Parent == "":
		return Fail(Invalid, "error.store.unit_root", Args{"unit": u.Name})
	case t.Within(parent, unit):
		return Fail(Invalid, "error.store.unit_ring", Args{"unit": u.Name, "parent": above.Name})
	}
	return t.checkBeside(parent, u.Name, unit)
}

// checkBeside fails when a unit other than self has this name under parent.
func (t Tree) checkBeside(parent UnitID, name string, self UnitID) error {
	for _, child := range t.children[parent] {
		u, _ := t.Unit(child)
		if child != self && u.Name == name && !u.Direct {
			above, _ := t.Unit(parent)
			return Fail(Conflict, "error.store.unit_twice", Args{"unit": name, "parent": above.Name})
		}
	}
	return nil
}
