package main

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"attune/survey"
)

type verifyCommand struct {
	URL    string `help:"Check a running server from outside, over the network; no data folder is needed." placeholder:"U"`
	Bundle string `help:"Check an evidence bundle, as auditors download it; no data folder is needed." placeholder:"FILE"`
}

func (c verifyCommand) Run(ctx context.Context, a *app) error {
	switch {
	case c.URL != "" && c.Bundle != "":
		return usageError{"--url and --bundle check two different things; give one of them"}
	case c.URL != "":
		return c.outside(ctx, a)
	case c.Bundle != "":
		return c.bundle(a)
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

func (c verifyCommand) bundle(a *app) error {
	file, err := os.Open(c.Bundle)
	if err != nil {
		return fmt.Errorf("read the bundle: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("read the bundle: %w", err)
	}
	found, err := survey.VerifyEvidence(file, info.Size())
	if err != nil {
		return fmt.Errorf("%s does not hold: %w", c.Bundle, err)
	}
	a.printf("%s holds: %d entries of the public log, %d manifests with their groups, %d releases, %d entries of the administrative log.\n", c.Bundle, found.Entries, found.Manifests, found.Releases, found.Deeds)
	orNone := func(hash string) string { return cmp.Or(hash, "none") }
	a.printf("Last entry of the public log: %s\nLast entry of the administrative log: %s\nCompare both with what you noted before: an earlier bundle's last entries must be in this one, and the words in fingerprints.txt on the posters.\n", orNone(found.LastEntry), orNone(found.LastDeed))
	return nil
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
