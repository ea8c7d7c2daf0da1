package wave

import (
	"context"
	"fmt"
	"slices"

	"attune/survey"
	"attune/survey/ballot"
	"attune/survey/store"
)

// promise is what was published about a wave, with the groups and the tree that
// stand behind it.
type promise struct {
	manifest survey.Manifest
	sha256   string
	body     []byte        // the manifest as it was published
	leaves   []survey.Leaf // in its order
	groups   []survey.Group
	org      survey.Organisation
}

// promised reads the promise of a wave and holds against it what is stored
// elsewhere: the wave's own row and the frozen roster. Whoever changes k, a
// date or a team in the database changes no promise, but stops the wave.
func (w *Waves) promised(ctx context.Context, wave survey.Wave) (promise, error) {
	manifest, entry, leaves, err := w.cfg.Store.ManifestOf(ctx, wave.ID)
	if err != nil {
		return promise{}, err
	}
	groups, org, err := w.groupsOf(ctx, wave)
	if err != nil {
		return promise{}, err
	}
	root, err := survey.MerkleRoot(leaves)
	if err != nil {
		return promise{}, err
	}
	for _, held := range []struct {
		what string // the manifest's name for it
		ok   bool
	}{
		{"sha256", survey.SHA256Hex(entry.Body) == entry.SHA256},
		{"programme", manifest.Programme == wave.Programme},
		{"opens", manifest.Opens.Equal(wave.Opens)},
		{"closes", manifest.Closes.Equal(wave.Closes)},
		{"k", manifest.K == wave.K && manifest.KC == survey.KC(wave.K)},
		{"packs", slices.Equal(manifest.Packs, wave.Packs)},
		{"groups_root", manifest.GroupsRoot == root && slices.EqualFunc(leaves, groups, sameGroup)},
	} {
		if !held.ok {
			return promise{}, survey.Fail(survey.Conflict, "error.wave.promise", survey.Args{"wave": wave.ID, "what": held.what})
		}
	}
	return promise{manifest: manifest, sha256: entry.SHA256, body: entry.Body, leaves: leaves, groups: groups, org: org}, nil
}

func sameGroup(leaf survey.Leaf, group survey.Group) bool {
	return leaf.Group == group.ID && leaf.Headcount == group.Headcount && leaf.Way == group.Way
}

// allThere fails unless the boxes are exactly those of the promised groups: a
// row that was deleted or added must not pass as a team that did not answer.
func (p promise) allThere(sealed []store.SealedBox) error {
	missing := make(map[string]string)
	for _, g := range p.groups {
		boxes, _ := ballot.Layout(g.Headcount)
		for i := range boxes {
			missing[boxID(g.ID, i)] = g.ID
		}
	}
	for _, s := range sealed {
		if group, ok := missing[s.ID]; !ok || group != s.Group {
			return fmt.Errorf("ballot box %s of wave %s belongs to no group of its manifest", s.ID, p.manifest.Wave)
		}
		delete(missing, s.ID)
	}
	for id := range missing {
		return fmt.Errorf("ballot box %s of wave %s: %w", id, p.manifest.Wave, errNoBox)
	}
	return nil
}
