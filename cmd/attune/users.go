package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"

	"attune/handlers"
	"attune/survey"
	"attune/survey/store"
)

type userCommand struct {
	Add userAdd `cmd:"" help:"Let somebody sign in."`
}

type userAdd struct {
	Email        string   `arg:"" help:"Their e-mail address."`
	Role         []string `required:"" enum:"admin,manager,hr,auditor" help:"admin, manager, hr or auditor; may be given several times."`
	Unit         string   `help:"The part of the organisation that a manager sees." placeholder:"U"`
	PasswordFile string   `help:"Read the password from a file instead of making a one-time password." placeholder:"FILE"`
}

func (c userAdd) Run(ctx context.Context, a *app) error {
	if slices.Contains(c.Role, "manager") && c.Unit == "" {
		return usageError{"a manager needs a part of the organisation to see; give it with --unit, or the organisation's name for all of it"}
	}
	password, oneTime := handlers.OneTimePassword(), true
	if c.PasswordFile != "" {
		raw, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
		password, oneTime = strings.TrimRight(string(raw), "\r\n"), false
		if len(password) < handlers.MinPasswordLength {
			return fmt.Errorf("the password in %s is too short: use at least %d characters", c.PasswordFile, handlers.MinPasswordLength)
		}
	}
	return a.within(ctx, func(in *installation) error {
		unit, err := in.unit(ctx, c.Unit)
		if err != nil {
			return err
		}
		hash, err := handlers.HashPassword(rand.Reader, password)
		if err != nil {
			return err
		}
		email := strings.ToLower(strings.TrimSpace(c.Email))
		noted := noting(ctx, survey.DidUserAdded, email, map[string]string{"roles": strings.Join(c.Role, ","), "unit": c.Unit})
		err = in.store.AddUser(noted, store.User{Email: email, PasswordHash: hash, Roles: c.Role, Unit: unit, MustChange: oneTime})
		if err != nil {
			return err
		}
		if oneTime {
			a.printf("%s can sign in once with this password and is then asked for a new one:\n%s\n", email, password)
			return nil
		}
		a.printf("%s can sign in.\n", email)
		return nil
	})
}

type unitCommand struct {
	List   unitList   `cmd:"" help:"List all units."`
	Rename unitRename `cmd:"" help:"Give a unit another name; its trend goes on."`
	Move   unitMove   `cmd:"" help:"Hang a unit under another one; its own trend goes on."`
}

type unitList struct{}

func (unitList) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		org, err := in.organisation(ctx)
		if err != nil {
			return err
		}
		for _, u := range org.Tree.Units() {
			path := org.Tree.Path(u.ID)
			if u.Direct {
				path = org.Tree.Path(u.Parent) + ", directly"
			}
			a.printf("%5d  %s\n", org.Headcount[u.ID], path)
		}
		return nil
	})
}

type unitRename struct {
	Unit string `arg:"" help:"Path of the unit."`
	Name string `arg:"" help:"Its new name."`
}

func (c unitRename) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		unit, err := in.unit(ctx, c.Unit)
		if err != nil {
			return err
		}
		if err := in.store.RenameUnit(noting(ctx, survey.DidUnitRenamed, c.Unit, map[string]string{"to": c.Name}), unit, c.Name); err != nil {
			return err
		}
		a.printf("“%s” is now called “%s”, from the next announcement on.\n", c.Unit, c.Name)
		return nil
	})
}

type unitMove struct {
	Unit   string `arg:"" help:"Path of the unit."`
	Parent string `arg:"" help:"Path of the unit that it is to lie under."`
}

func (c unitMove) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		unit, err := in.unit(ctx, c.Unit)
		if err != nil {
			return err
		}
		parent, err := in.unit(ctx, c.Parent)
		if err != nil {
			return err
		}
		if err := in.store.MoveUnit(noting(ctx, survey.DidUnitMoved, c.Unit, map[string]string{"to": c.Parent}), unit, parent); err != nil {
			return err
		}
		a.printf("“%s” lies under “%s”, from the next announcement on.\n", c.Unit, c.Parent)
		return nil
	})
}
