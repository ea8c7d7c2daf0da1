package handlers

import (
	"attune/analytics"
	"attune/survey"
)

// scope is what the viewer may see of the organisation.
func (v viewer) scope() analytics.Part {
	switch {
	case v.everything():
		return analytics.Whole()
	case v.has(manager):
		return analytics.PartOf(v.Unit)
	}
	return analytics.Part{}
}

// root is the top of what the viewer may see in a tree. ok is false when the
// tree has nothing for them.
func (v viewer) root(tree survey.Tree) (survey.UnitID, bool) { return v.scope().Root(tree) }

// sees says whether a unit belongs to the viewer's own part of a tree: their
// own unit and everything under it.
func (v viewer) sees(tree survey.Tree, unit survey.UnitID) bool { return v.scope().Holds(tree, unit) }

// seesBlock says whether the viewer may see a combined block: it has a unit
// of their own part in it.
func (v viewer) seesBlock(tree survey.Tree, b analytics.Block) bool {
	return v.scope().HoldsBlock(tree, b)
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
