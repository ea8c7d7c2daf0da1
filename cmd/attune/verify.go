package main

import (
	"context"
	"fmt"

	"attune/survey"
)

type verifyCommand struct {
	URL string `help:"Check a running server from outside, over the network; no data folder is needed." placeholder:"U"`
}

func (c verifyCommand) Run(ctx context.Context, a *app) error {
	if c.URL != "" {
		return c.outside(ctx, a)
	}
	return a.with(ctx, func(in *installation) error {
		entries, err := in.waves.Verify(ctx)
		if err != nil {
			return fmt.Errorf("what was published does not agree with the public log: %w", err)
		}
		a.printf("All %d entries of the public log agree with what is published.\n", entries)
		var deeds survey.AdminChain
		if err := in.store.EachDeed(ctx, survey.AdminFilter{}, deeds.Next); err != nil {
			return fmt.Errorf("the administrative log is not what was written: %w", err)
		}
		if deeds.Entries > 0 {
			a.printf("All %d entries of the administrative log stand in their chain. The last is %s: note it, next time the log must still contain it.\n", deeds.Entries, deeds.Last)
		}
		return nil
	})
}

func (c verifyCommand) outside(ctx context.Context, a *app) error {
	server, err := newOutside(c.URL)
	if err != nil {
		return err
	}
	found, err := server.verify(ctx)
	if err != nil {
		return fmt.Errorf("what %s gives out does not agree with its public log: %w", server.base, err)
	}
	a.printf("%s: all %d entries of the public log agree, and so do %d manifests and %d files that phones load.\n", server.base, found.entries, found.manifests, found.files)
	if found.last != "" {
		a.printf("The last entry is %s. Note it: next time the log must still contain it.\n", found.last)
	}
	return nil
}
