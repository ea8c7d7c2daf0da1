package wave

import (
	"context"

	"attune/survey"
)

// Outlook is whom a wave would ask if it were announced now: how many people
// in which groups, and how news would reach them. It counts people and names
// nobody.
type Outlook struct {
	Tree      survey.Tree // with the teams of staff who belong directly to a unit
	Headcount map[survey.UnitID]int
	People    int
	Groups    []survey.Group
	// ByText and ByHand count people in groups that answer with personal
	// links: whom only a text message reaches, and who needs a printed link.
	ByText, ByHand int
}

// Outlook forms the groups of a request from the organisation as it is. It
// fails where the announcement would fail for want of people; its tree and
// headcounts are there all the same.
func (w *Waves) Outlook(ctx context.Context, r Request) (Outlook, error) {
	units, err := w.cfg.Store.Units(ctx)
	if err != nil {
		return Outlook{}, err
	}
	return w.OutlookWith(ctx, r, units)
}

// OutlookWith is Outlook for the same people in other units, to see what a
// change of the organisation would do before it is made. Everybody's unit has
// to be among them.
func (w *Waves) OutlookWith(ctx context.Context, r Request, units []survey.Unit) (Outlook, error) {
	people, err := w.cfg.Store.People(ctx)
	if err != nil {
		return Outlook{}, err
	}
	return w.outlook(units, people, r)
}

func (w *Waves) outlook(units []survey.Unit, people []survey.Person, r Request) (Outlook, error) {
	org, err := survey.Resolve(units, people)
	if err != nil {
		return Outlook{}, err
	}
	wave := survey.Wave{Scope: r.Unit, Paper: r.Paper, AllPaper: r.AllPaper, K: max(r.K, survey.MinK)}
	if wave.Scope == "" {
		wave.Scope = org.Tree.Root().ID
	}
	if _, ok := org.Tree.Unit(wave.Scope); !ok {
		return Outlook{}, survey.Fail(survey.NotFound, "error.unit.missing", survey.Args{"unit": wave.Scope})
	}
	o := Outlook{Tree: org.Tree, Headcount: org.Headcount, People: org.Headcount[wave.Scope]}
	if o.Groups, err = survey.FormGroups(org, wave.Scope, wave.K, func(team survey.UnitID) bool { return w.onPaper(org, wave, team) }); err != nil {
		return o, err
	}
	linked := make(map[survey.UnitID]bool)
	for _, g := range o.Groups {
		for _, team := range g.Units {
			linked[team] = g.Way == survey.Electronic
		}
	}
	for _, p := range people {
		if !linked[org.Team[p.ID]] {
			continue
		}
		switch p.Reach() {
		case survey.ByText:
			o.ByText++
		case survey.ByHand:
			o.ByHand++
		}
	}
	return o, nil
}

// CheckAnnounce says what Announce would refuse of a planned wave, as things
// are now, and changes nothing.
func (w *Waves) CheckAnnounce(ctx context.Context, id survey.WaveID) error {
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return err
	}
	if wave.State != survey.Planned {
		return survey.Fail(survey.Conflict, "error.wave.announced_before", survey.Args{"wave": id, "state": wave.State})
	}
	if err := w.mayAnnounce(ctx, wave); err != nil {
		return err
	}
	_, err = w.Outlook(ctx, Request{Unit: wave.Scope, K: wave.K})
	return err
}
