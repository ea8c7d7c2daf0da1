package main

import (
	"context"
	"fmt"
	"io"
	"sort"
	"strings"

	"attune/handlers"
	"attune/survey"
)

type linksCommand struct {
	Print linksPrint `cmd:"" help:"Print personal links, for people without e-mail in groups that answer with them."`
}

type linksPrint struct {
	Unit         string `help:"Only this part of the organisation." placeholder:"U"`
	WithoutEmail bool   `help:"Only people who have no e-mail address."`
	Wave         string `help:"Only people whom this wave asks with a personal link." placeholder:"W"`
	Format       string `enum:"pdf,csv" default:"pdf" help:"pdf to cut apart, or csv."`
	Output       string `short:"o" required:"" help:"File to write, - for standard output." placeholder:"FILE"`
	URL          string `help:"Address of the server, when ATTUNE_PUBLIC_URL is not set." placeholder:"URL"`
}

func (c linksPrint) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		sheet, err := c.sheet(ctx, a, in)
		if err != nil {
			return err
		}
		if err := in.noted(ctx, survey.DidLinks, "", nil); err != nil {
			return err
		}
		err = a.writeOutput(c.Output, func(w io.Writer) error {
			if c.Format == "csv" {
				return writeLinkRows(w, sheet.Links)
			}
			return handlers.PrintLinks(w, sheet, a.textIn(a.spoken(in).Default))
		})
		if err == nil && c.Output != "-" {
			a.printf("%d personal links written to %s. Hand each to the person it names, and delete the file: whoever has a link can collect a ticket in that person's place.\n", len(sheet.Links), c.Output)
		}
		return err
	})
}

func (c linksPrint) sheet(ctx context.Context, a *app, in *installation) (handlers.LinkSheet, error) {
	org, err := in.organisation(ctx)
	if err != nil {
		return handlers.LinkSheet{}, err
	}
	within, err := in.unit(ctx, c.Unit)
	if err != nil {
		return handlers.LinkSheet{}, err
	}
	asked, err := c.asked(ctx, in)
	if err != nil {
		return handlers.LinkSheet{}, err
	}
	people, err := in.store.People(ctx)
	if err != nil {
		return handlers.LinkSheet{}, err
	}
	tokens, err := in.waves.Links(ctx)
	if err != nil {
		return handlers.LinkSheet{}, err
	}
	base := c.base(a)
	sheet := handlers.LinkSheet{Organisation: org.Tree.Root().Name}
	for _, p := range people {
		team, active := org.Team[p.ID]
		if !active || (within != "" && !org.Tree.Within(team, within)) || (c.WithoutEmail && p.Email != "") || (asked != nil && !asked[p.ID]) {
			continue
		}
		sheet.Links = append(sheet.Links, handlers.PrintedLink{Name: p.Name, Unit: org.Tree.Path(p.Unit), URL: base + "/a#" + tokens[p.ID]})
	}
	if len(sheet.Links) == 0 {
		return handlers.LinkSheet{}, survey.Fail(survey.NotFound, "error.links.none", nil)
	}
	sort.SliceStable(sheet.Links, func(i, j int) bool { return sheet.Links[i].Unit < sheet.Links[j].Unit })
	return sheet, nil
}

// asked lists whom the wave asks with a personal link; nil without --wave.
func (c linksPrint) asked(ctx context.Context, in *installation) (map[survey.PersonID]bool, error) {
	if c.Wave == "" {
		return nil, nil //nolint:nilnil // no wave is a choice and no fault
	}
	all, err := in.waves.Asked(ctx, survey.WaveID(c.Wave))
	if err != nil {
		return nil, err
	}
	asked := make(map[survey.PersonID]bool)
	for _, one := range all {
		asked[one.Person] = one.Way == survey.Electronic
	}
	return asked, nil
}

func (c linksPrint) base(a *app) string {
	if c.URL != "" {
		return strings.TrimRight(c.URL, "/")
	}
	if a.env.publicURL != "" {
		return a.env.publicURL
	}
	base := "http://" + defaultListen
	_, _ = fmt.Fprintf(a.stderr, "attune: the links point to %s, which opens on this machine only: set ATTUNE_PUBLIC_URL, or give the server's address with --url, and print again.\n", base)
	return base
}
