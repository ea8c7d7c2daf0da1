package handlers

import (
	"attune/analytics"
	"attune/survey"
)

// root is the top of what the viewer may see in a tree. ok is false when the
// tree has nothing for them.
func (v viewer) root(tree survey.Tree) (survey.UnitID, bool) {
	if v.everything() {
		return tree.Root().ID, tree.Len() > 0
	}
	if v.Unit == "" || !v.has(manager) {
		return "", false
	}
	_, ok := tree.Unit(v.Unit)
	return v.Unit, ok
}

// sees says whether a unit belongs to the viewer's own part of a tree: their
// own unit and everything under it.
func (v viewer) sees(tree survey.Tree, unit survey.UnitID) bool {
	root, ok := v.root(tree)
	return ok && tree.Within(unit, root)
}

// seesBlock says whether the viewer may see a combined block: it has a unit
// of their own part in it.
func (v viewer) seesBlock(tree survey.Tree, b analytics.Block) bool {
	for _, unit := range b.Units {
		if v.sees(tree, unit) {
			return true
		}
	}
	return false
}

// seen keeps the releases in which the unit belongs to the viewer's part, by
// opening date. It fails with Forbidden when there is none: what exists
// elsewhere is not told apart from what does not exist.
func (v viewer) seen(releases []*analytics.Release, unit survey.UnitID) ([]*analytics.Release, error) {
	var mine []*analytics.Release
	for _, r := range releases {
		if v.sees(r.Tree(), unit) {
			mine = append(mine, r)
		}
	}
	if len(mine) > 0 {
		return mine, nil
	}
	if v.everything() {
		return nil, survey.Fail(survey.NotFound, "error.console.unit", nil)
	}
	return nil, survey.Fail(survey.Forbidden, "error.console.part", nil)
}
