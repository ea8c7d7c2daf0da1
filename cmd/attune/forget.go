package main

import (
	"context"
	"strings"

	"attune/survey"
)

type peopleForget struct {
	Email string `arg:"" optional:"" help:"The person's e-mail address."`
	Name  string `help:"The name of somebody without e-mail; give --unit too." placeholder:"N"`
	Unit  string `help:"The unit of that person." placeholder:"U"`
}

func (c peopleForget) Run(ctx context.Context, a *app) error {
	if (c.Email == "") == (c.Name == "" || c.Unit == "") {
		return usageError{"name one person: by e-mail address, or with --name and --unit"}
	}
	return a.with(ctx, func(in *installation) error {
		person, err := c.find(ctx, in)
		if err != nil {
			return err
		}
		if err := in.store.ForgetPerson(noting(ctx, survey.DidPersonForgot, "", nil), person); err != nil {
			return err
		}
		a.printf(`Forgotten: name, e-mail address, phone number, language, unit, messages that waited, and whether mail was wanted. The personal link ends within a minute.

What remains: rosters of announced waves hold a random id, which means nobody now; they are deleted as later waves are announced. Headcounts stay, since they were promised, and so does the count of who joined or left since the last release: because of it small changes are shown in coarser steps.
Nothing about ballots has to change: no ballot holds or leads to a person, so none is this person's. A ticket collected before stays valid until its wave closes.

Take the person off the staff list too, or the next import brings them back as somebody new. Copies of people.db made before still hold what was forgotten here.
`)
		return nil
	})
}

func (c peopleForget) find(ctx context.Context, in *installation) (survey.PersonID, error) {
	unit, err := in.unit(ctx, c.Unit)
	if err != nil {
		return "", err
	}
	people, err := in.store.People(ctx)
	if err != nil {
		return "", err
	}
	who := c.Email
	if who == "" {
		who = c.Name
	}
	var found []survey.PersonID
	for _, p := range people {
		if byEmail := c.Email != "" && strings.EqualFold(p.Email, strings.TrimSpace(c.Email)); byEmail || (c.Email == "" && p.Name == c.Name && p.Unit == unit) {
			found = append(found, p.ID)
		}
	}
	switch len(found) {
	case 0:
		return "", survey.Fail(survey.NotFound, "error.person.forget_missing", survey.Args{"who": who})
	case 1:
		return found[0], nil
	}
	return "", survey.Fail(survey.Conflict, "error.person.forget_several", survey.Args{"who": who, "count": len(found)})
}
