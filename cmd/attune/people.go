package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"

	"attune/survey"
)

type peopleCommand struct {
	Import peopleImport `cmd:"" help:"Make the staff list what FILE says: add, update, move, deactivate."`
	Forget peopleForget `cmd:"" help:"Forget a person who left or asks for it, with invitations and mail."`
}

type peopleImport struct {
	File   string `arg:"" help:"CSV with the columns email,name,unit,language and, if numbers are listed, phone; unit as \"Children / North / Duty team\"."`
	DryRun bool   `help:"Only list what would change."`
}

// errImport ends a command whose faults were listed already.
var errImport = errors.New("nothing was imported")

func (c peopleImport) Run(ctx context.Context, a *app) error {
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read the staff list: %w", err)
	}
	defer func() { _ = file.Close() }()
	rows, faults, err := survey.ParsePeople(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", c.File, err)
	}
	if len(faults) > 0 {
		return a.listFaults(c.File, faults)
	}
	return a.within(ctx, func(in *installation) error {
		plan, tree, faults, err := in.planImport(ctx, rows)
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			return a.listFaults(c.File, faults)
		}
		a.listImport(tree, plan, c.DryRun)
		if c.DryRun {
			a.printf("Nothing was changed: this was a dry run.\n")
			return nil
		}
		if err := in.store.ApplyImport(noting(ctx, survey.DidPeopleImported, "", nil), plan); err != nil {
			return err
		}
		a.printf("Done.\n")
		return nil
	})
}

// planImport holds rows against what is stored. The tree it returns has the
// new units in it.
func (in *installation) planImport(ctx context.Context, rows []survey.PersonRow) (survey.ImportPlan, survey.Tree, []survey.Fault, error) {
	units, err := in.store.Units(ctx)
	if err != nil {
		return survey.ImportPlan{}, survey.Tree{}, nil, err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return survey.ImportPlan{}, survey.Tree{}, nil, err
	}
	people, err := in.store.People(ctx)
	if err != nil {
		return survey.ImportPlan{}, survey.Tree{}, nil, err
	}
	plan, faults := survey.PlanImport(tree, people, rows, func() string { return strings.ToLower(rand.Text()) })
	if len(faults) > 0 {
		return plan, tree, faults, nil
	}
	tree, err = survey.NewTree(append(units, plan.NewUnits...))
	return plan, tree, nil, err
}

func (a *app) listFaults(file string, faults []survey.Fault) error {
	for _, f := range faults {
		_, _ = fmt.Fprintf(a.stderr, "%s:%d:%d: %s\n", file, f.Line, f.Column, a.explain(f.Error))
	}
	return fmt.Errorf("%s in %s: %w", counted(len(faults), "fault"), file, errImport)
}

// listImport says what changes; the dry run names every person, the real run
// only counts.
func (a *app) listImport(tree survey.Tree, plan survey.ImportPlan, names bool) {
	for _, r := range plan.Renames {
		a.printf("Likely a %s: %d people (%.0f %%) go from “%s” to “%s”. If the team is the same, stop here and use attune unit %s, so that its trend goes on.\n",
			r.Kind, r.People, 100*r.Share, tree.Path(r.Old.ID), tree.Path(r.New.ID), r.Kind)
	}
	for _, u := range plan.NewUnits {
		a.printf("new unit        %s\n", tree.Path(u.ID))
	}
	for _, u := range plan.EmptiedUnits {
		a.printf("emptied unit    %s\n", tree.Path(u.ID))
	}
	moved := make(map[survey.PersonID]bool)
	for _, m := range plan.Moves {
		moved[m.Person.ID] = true
		if names {
			a.printf("moves           %s: %s → %s\n", who(m.Person), tree.Path(m.From), tree.Path(m.To))
		}
	}
	updated := 0
	for _, p := range plan.Update {
		if moved[p.ID] {
			continue
		}
		updated++
		if names {
			a.printf("updates         %s (%s)\n", who(p), tree.Path(p.Unit))
		}
	}
	if names {
		for _, p := range plan.Add {
			a.printf("adds            %s (%s)\n", who(p), tree.Path(p.Unit))
		}
		for _, p := range plan.Deactivate {
			a.printf("deactivates     %s (%s)\n", who(p), tree.Path(p.Unit))
		}
	}
	a.printf("%d people added, %d updated, %d moved, %d deactivated; %d units new, %d emptied.\n",
		len(plan.Add), updated, len(plan.Moves), len(plan.Deactivate), len(plan.NewUnits), len(plan.EmptiedUnits))
	if plan.NumbersSet+plan.NumbersRemoved > 0 {
		a.printf("Phone numbers: %d new or changed, %d removed.\n", plan.NumbersSet, plan.NumbersRemoved)
	}
	a.printf("Of this list %d people are reached by mail, %d by text message, %d by a printed link only.\n",
		plan.Reached[survey.ByMail], plan.Reached[survey.ByText], plan.Reached[survey.ByHand])
	a.tellOfTexts(plan.Reached[survey.ByText])
}

func who(p survey.Person) string {
	if p.Email == "" {
		return p.Name
	}
	return strings.TrimSpace(p.Name + " <" + p.Email + ">")
}
