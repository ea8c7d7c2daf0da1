package main

import (
	"context"
	"crypto/rand"
	"time"

	"attune/handlers/api"
	"attune/survey"
)

type tokenCommand struct {
	Add    tokenAdd    `cmd:"" help:"Let a program read released figures."`
	List   tokenList   `cmd:"" help:"List the tokens."`
	Revoke tokenRevoke `cmd:"" help:"End a token at once."`
}

type tokenAdd struct {
	Name string `arg:"" help:"The program that it is for."`
	Unit string `help:"The part of the organisation that it reads, like its manager; all of it when left out." placeholder:"U"`
	Days int    `default:"365" help:"How many days it works, 730 at most." placeholder:"N"`
}

func (c tokenAdd) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		unit, err := in.unit(ctx, c.Unit)
		if err != nil {
			return err
		}
		if unit != "" { // the top of the tree is everything
			tree, err := in.tree(ctx)
			if err != nil {
				return err
			}
			if unit == tree.Root().ID {
				unit = ""
			}
		}
		plain, t, err := api.NewToken(rand.Reader, c.Name, unit, in.now().In(in.zone), c.Days)
		if err != nil {
			return err
		}
		ctx := noting(ctx, survey.DidTokenAdded, t.Name, map[string]string{"unit": c.Unit})
		if _, err := in.store.AddToken(ctx, t); err != nil {
			return err
		}
		a.printf("%s can read with this token until %s. It is stored nowhere and not shown again:\n%s\n", t.Name, t.Expires, plain)
		return nil
	})
}

type tokenList struct{}

func (tokenList) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		tokens, err := in.store.Tokens(ctx)
		if err != nil {
			return err
		}
		tree, err := in.tree(ctx)
		if err != nil {
			return err
		}
		if len(tokens) == 0 {
			a.printf("No token yet. HR makes one in the console, or: attune token add NAME\n")
			return nil
		}
		today := in.now().In(in.zone).Format(time.DateOnly)
		for _, t := range tokens {
			unit, used, end := "everything", "never used", "until "+t.Expires
			if t.Unit != "" {
				if unit = tree.Path(t.Unit); unit == "" {
					unit = "a unit that is no more"
				}
			}
			if t.Used != "" {
				used = "used " + t.Used
			}
			if t.Expires < today {
				end = "expired " + t.Expires
			}
			a.printf("%-30s %-40s made %s, %s, %s\n", t.Name, unit, t.Created, used, end)
		}
		return nil
	})
}

type tokenRevoke struct {
	Name string `arg:"" help:"The name of the token, as in the list."`
}

func (c tokenRevoke) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		tokens, err := in.store.Tokens(ctx)
		if err != nil {
			return err
		}
		for _, t := range tokens {
			if t.Name == c.Name {
				if _, err := in.store.RemoveToken(noting(ctx, survey.DidTokenRevoked, t.Name, nil), t.ID); err != nil {
					return err
				}
				a.printf("The token “%s” is revoked: programs that have it read nothing from now on.\n", t.Name)
				return nil
			}
		}
		return survey.Fail(survey.NotFound, "error.token.gone", nil)
	})
}
