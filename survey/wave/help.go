package wave

import (
	"context"

	"attune/survey"
)

// Help lists the support contacts that are there for everybody, whatever
// their team.
func (w *Waves) Help(ctx context.Context) (survey.Help, error) {
	return w.helpOf(ctx)
}

// helpOf lists the contacts of some units, each with what lies above it.
func (w *Waves) helpOf(ctx context.Context, lines ...[]survey.UnitID) (survey.Help, error) {
	contacts, err := w.cfg.Store.Contacts(ctx)
	if err != nil {
		return nil, err
	}
	return survey.HelpFor(contacts, lines...), nil
}

// line is a unit and what lies above it, nearest first.
func line(tree survey.Tree, unit survey.UnitID) []survey.UnitID {
	return append([]survey.UnitID{unit}, tree.Ancestors(unit)...)
}

// helped adds the contacts of everybody whom an open wave asks, as they are
// now: unlike the rest of its face they may change while it is open.
func (w *Waves) helped(ctx context.Context, face survey.OpenWave, scope survey.UnitID) (survey.OpenWave, error) {
	units, err := w.cfg.Store.Units(ctx)
	if err != nil {
		return face, err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return face, err
	}
	face.Help, err = w.helpOf(ctx, line(tree, scope))
	return face, err
}

// receipt is what somebody of a group is told after the ballot was committed.
// That stands whatever happens now: when the contacts cannot be read, the
// receipt has the wave's own contact only.
func (w *Waves) receipt(ctx context.Context, id survey.WaveID, ready *readyWave, group string, replaced bool) survey.Receipt {
	help, err := w.helpOf(ctx, ready.lines[group]...)
	if err != nil {
		help = nil
	}
	return survey.Receipt{
		Wave: id, Teams: ready.teams[group], Headcount: ready.groups[group].Headcount, Contact: ready.contact, Help: help, Replaced: replaced,
	}
}
