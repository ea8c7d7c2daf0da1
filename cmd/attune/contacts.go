package main

import (
	"context"
	"fmt"
	"os"

	"attune/survey"
)

type contactsCommand struct {
	Import contactsImport `cmd:"" help:"Make the support contacts what FILE says."`
	List   contactsList   `cmd:"" help:"List the support contacts, by site."`
}

type contactsImport struct {
	File   string `arg:"" help:"CSV with the columns site,tier,language,name,reach,hours,what_happens; site as \"Children / North\", empty for everybody; tier today, week or any."`
	DryRun bool   `help:"Only list what people would see."`
}

func (c contactsImport) Run(ctx context.Context, a *app) error {
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("read the contacts: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	return a.within(ctx, func(in *installation) error {
		tree, err := in.tree(ctx)
		if err != nil {
			return err
		}
		contacts, faults, err := survey.ParseContacts(file, tree)
		if err != nil {
			return fmt.Errorf("read %s: %w", c.File, err)
		}
		if len(faults) > 0 {
			return a.listFaults(c.File, faults)
		}
		a.listContacts(tree, contacts)
		if c.DryRun {
			a.printf("Nothing was changed: this was a dry run.\n")
			return nil
		}
		if err := in.store.ReplaceContacts(noting(ctx, survey.DidContacts, "", nil), contacts); err != nil {
			return err
		}
		a.printf("Done: %s, in the place of those before.\n", counted(len(contacts), "contact"))
		return nil
	})
}

func (in *installation) tree(ctx context.Context) (survey.Tree, error) {
	units, err := in.store.Units(ctx)
	if err != nil {
		return survey.Tree{}, err
	}
	return survey.NewTree(units)
}

type contactsList struct{}

func (contactsList) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		tree, err := in.tree(ctx)
		if err != nil {
			return err
		}
		contacts, err := in.store.Contacts(ctx)
		if err != nil {
			return err
		}
		if len(contacts) == 0 {
			a.printf("No contact yet. Write them into a CSV and import it: attune contacts import FILE.csv\n")
			return nil
		}
		a.listContacts(tree, contacts)
		return nil
	})
}

// listContacts lists contacts in the order of their list.
func (a *app) listContacts(tree survey.Tree, contacts []survey.Contact) {
	for _, c := range contacts {
		site := "everybody"
		if c.Site != "" {
			if site = tree.Path(c.Site); site == "" {
				site = "a unit that is no more"
			}
		}
		language := c.Language
		if language == "" {
			language = "all"
		}
		a.printf("%-6s %-4s %-40s %s\n", c.Tier, language, site, c.Line())
	}
}
