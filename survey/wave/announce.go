package wave

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"attune/survey"
	"attune/survey/ballot"
	"attune/survey/store"
)

// Announce freezes the roster, forms the groups, makes keys and boxes, and
// publishes the manifest. The manifest is the commit point: before it another
// call begins anew, after it only the wave's state is missing, which Tick or
// another call brings in. Dates, k and packs never change from here on.
func (w *Waves) Announce(ctx context.Context, id survey.WaveID) (survey.OpenWave, error) {
	unlock, _, err := w.lock(true)
	if err != nil {
		return survey.OpenWave{}, err
	}
	defer unlock()
	before, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return survey.OpenWave{}, err
	}
	// Waves whose announcement was killed after its commit point count below,
	// and this one may be among them.
	if err := w.resumePlanned(ctx); err != nil {
		return survey.OpenWave{}, err
	}
	wave, err := w.cfg.Store.Wave(ctx, id)
	if err != nil {
		return survey.OpenWave{}, err
	}
	if before.State == survey.Planned && wave.State == survey.Announced {
		return w.face(ctx, wave)
	}
	if wave.State != survey.Planned {
		return survey.OpenWave{}, survey.Fail(survey.Conflict, "error.wave.announced_before", survey.Args{"wave": id, "state": wave.State})
	}
	if err := w.mayAnnounce(ctx, wave); err != nil {
		return survey.OpenWave{}, err
	}
	if err := w.publish(ctx, wave); err != nil {
		return survey.OpenWave{}, err
	}
	if err := w.cfg.Store.SetWaveState(ctx, id, survey.Planned, survey.Announced); err != nil {
		return survey.OpenWave{}, err
	}
	wave.State = survey.Announced
	return w.face(ctx, wave)
}

// resumePlanned brings the waves that the log has left behind their stored
// state "planned" to where they are.
func (w *Waves) resumePlanned(ctx context.Context) error {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	for _, wave := range all {
		if wave.State != survey.Planned {
			continue
		}
		if _, err := w.resume(ctx, wave); err != nil {
			return err
		}
	}
	return nil
}

// mayAnnounce holds the gates that depend on the day and on other waves.
func (w *Waves) mayAnnounce(ctx context.Context, wave survey.Wave) error {
	if err := w.checkGates(wave); err != nil {
		return err
	}
	on := ground{}
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	units, err := w.cfg.Store.Units(ctx)
	if err != nil {
		return err
	}
	on.waves = all
	if on.tree, err = survey.NewTree(units); err != nil {
		return err
	}
	return survey.FirstFault(w.hindrances(on, wave))
}

// hindrances is what the day and other waves set against a wave's
// announcement, all of it, by the fields of CheckPlan.
func (w *Waves) hindrances(on ground, wave survey.Wave) []survey.FieldFault {
	var faults []survey.FieldFault
	if !w.cfg.Now().Before(wave.Closes) {
		faults = append(faults, survey.FieldFault{Field: "closes", Error: survey.Fail(survey.Conflict, "error.wave.close_passed", survey.Args{"wave": wave.ID, "closes": w.moment(wave.Closes)})})
	}
	for _, other := range on.waves {
		if other.ID == wave.ID || other.State == survey.Planned || other.State == survey.Void {
			continue
		}
		if other.Programme == wave.Programme && other.K > wave.K {
			faults = append(faults, survey.FieldFault{Field: "k", Error: survey.Fail(survey.Invalid, "error.wave.k_fell", survey.Args{"k": wave.K, "other": other.ID, "before": other.K})})
		}
		if pack, days := w.tooSoon(on.tree, wave, other); pack != "" {
			faults = append(faults, survey.FieldFault{Field: "opens", Error: survey.Fail(survey.Conflict, "error.wave.too_soon", survey.Args{
				"wave": wave.ID, "other": other.ID, "pack": pack,
				"opens": w.moment(wave.Opens), "before": w.moment(other.Opens), "days": days,
			})})
		}
	}
	return faults
}

// tooSoon is the pack that two waves would ask of the same people with too
// little time between their openings, and how many days it needs; empty where
// they do not stand in each other's way.
func (w *Waves) tooSoon(tree survey.Tree, a, b survey.Wave) (pack string, days int) {
	if !tree.Within(a.Scope, b.Scope) && !tree.Within(b.Scope, a.Scope) {
		return "", 0
	}
	gap := w.wall(a.Opens).Sub(w.wall(b.Opens)).Abs()
	if pack, days = w.sharedPack(a, b); pack == "" || gap >= time.Duration(days)*24*time.Hour {
		return "", 0
	}
	return pack, days
}

// wall is what a wall clock of the organisation shows, as if it were in UTC:
// three weeks are 21 days although the clocks change in between.
func (w *Waves) wall(t time.Time) time.Time {
	_, offset := t.In(w.cfg.Zone).Zone()
	return t.Add(time.Duration(offset) * time.Second).UTC()
}

// sharedPack is a pack that two waves ask, and how many days have to lie
// between their openings. Packs that repeat each other's items ask the same.
func (w *Waves) sharedPack(a, b survey.Wave) (id string, days int) {
	asks := func(p survey.PackRef) string {
		line, _, _ := strings.Cut(w.cfg.Library.Line(p.ID, p.Version), " ")
		return line
	}
	for _, p := range a.Packs {
		for _, q := range b.Packs {
			if asks(p) != asks(q) {
				continue
			}
			apart := survey.MinGapDays
			if pack, err := w.cfg.Library.Find(p); err == nil {
				apart = pack.Apart()
			}
			if apart > days {
				id, days = p.ID, apart
			}
		}
	}
	return id, days
}

// publish does everything up to and including the commit point.
func (w *Waves) publish(ctx context.Context, wave survey.Wave) error {
	org, units, err := w.organisation(ctx)
	if err != nil {
		return err
	}
	groups, err := survey.FormGroups(org, wave.Scope, wave.K, func(team survey.UnitID) bool { return w.onPaper(org, wave, team) })
	if err != nil {
		return err
	}
	packs, err := w.packs(wave)
	if err != nil {
		return err
	}
	sheet, err := survey.NewSheet(packs)
	if err != nil {
		return err
	}
	slot := survey.Slot(sheet.Bytes())
	if err := w.freezeRoster(ctx, wave, org, units); err != nil {
		return err
	}
	key, err := w.makeKeys(wave.ID)
	if err != nil {
		return err
	}
	sealed, err := w.sealEmpty(wave.ID, key, groups, slot)
	if err != nil {
		return err
	}
	if err := w.cfg.Store.CreateBoxes(ctx, wave.ID, sealed); err != nil {
		return err
	}
	issuance, err := w.sealNobodyDrew(wave.ID, key, groups)
	if err != nil {
		return err
	}
	if err := w.cfg.Store.CreateIssuance(ctx, wave.ID, issuance); err != nil {
		return err
	}
	publicKey, err := ticketPublicKey(key, groups)
	if err != nil {
		return err
	}
	client, err := w.promiseClient(ctx, groups)
	if err != nil {
		return err
	}
	leaves, people, err := w.leaves(org, groups)
	if err != nil {
		return err
	}
	root, err := survey.MerkleRoot(leaves)
	if err != nil {
		return err
	}
	_, err = w.cfg.Store.PublishManifest(ctx, func(prev string) (survey.Manifest, error) {
		return survey.Manifest{
			V: 1, Wave: wave.ID, Programme: wave.Programme, Opens: wave.Opens, Closes: wave.Closes,
			K: wave.K, KC: survey.KC(wave.K), Packs: wave.Packs, Slot: slot, ClientSHA256: client, TicketPublicKey: publicKey, GroupsRoot: root, People: people,
			RulesVersion: survey.RulesVersion, Owner: wave.Owner, ResultsOn: wave.ResultsOn, Prev: prev,
		}, nil
	}, leaves)
	return err
}

func (w *Waves) organisation(ctx context.Context) (survey.Organisation, []survey.Unit, error) {
	units, err := w.cfg.Store.Units(ctx)
	if err != nil {
		return survey.Organisation{}, nil, err
	}
	people, err := w.cfg.Store.People(ctx)
	if err != nil {
		return survey.Organisation{}, nil, err
	}
	org, err := survey.Resolve(units, people)
	return org, org.Tree.Units(), err
}

func (w *Waves) onPaper(org survey.Organisation, wave survey.Wave, team survey.UnitID) bool {
	if wave.AllPaper {
		return true
	}
	for _, unit := range wave.Paper {
		if org.Tree.Within(team, unit) {
			return true
		}
	}
	return false
}

// freezeRoster stores who belongs to which team for this wave, and forgets
// the rosters that no later release will count changes against.
func (w *Waves) freezeRoster(ctx context.Context, wave survey.Wave, org survey.Organisation, units []survey.Unit) error {
	all, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return err
	}
	var keep []survey.WaveID
	last := make(map[string]survey.WaveID) // released, by programme
	for _, other := range all {            // by opening date
		switch {
		case other.State == survey.Released:
			last[other.Programme] = other.ID
		case other.ID == wave.ID, other.State != survey.Planned && other.State != survey.Void:
			keep = append(keep, other.ID)
			if before, ok := last[other.Programme]; ok {
				keep = append(keep, before) // its release will count changes against it
			}
		}
	}
	for _, id := range last {
		keep = append(keep, id)
	}
	return w.cfg.Store.FreezeRoster(ctx, wave.ID, units, org.Team, keep)
}

func (w *Waves) leaves(org survey.Organisation, groups []survey.Group) ([]survey.Leaf, int, error) {
	leaves := make([]survey.Leaf, len(groups))
	people := 0
	for i, g := range groups {
		salt := make([]byte, 16)
		if _, err := io.ReadFull(w.cfg.Rand, salt); err != nil {
			return nil, 0, fmt.Errorf("salt: %w", err)
		}
		paths := make([]string, len(g.Units))
		for j, team := range g.Units {
			paths[j] = teamPath(org.Tree, team)
		}
		leaves[i] = survey.Leaf{Group: g.ID, Units: paths, Headcount: g.Headcount, Way: g.Way, Salt: hex.EncodeToString(salt)}
		people += g.Headcount
	}
	return leaves, people, nil
}

// teamPath is the path of a team; the direct team of a unit has the unit's.
func teamPath(tree survey.Tree, team survey.UnitID) string {
	u, _ := tree.Unit(team)
	if u.Direct {
		return tree.Path(u.Parent)
	}
	return tree.Path(team)
}

// sealEmpty makes the empty boxes of all groups.
func (w *Waves) sealEmpty(id survey.WaveID, key keys, groups []survey.Group, slot int) ([]store.SealedBox, error) {
	var sealed []store.SealedBox
	for _, g := range groups {
		boxes, capacity := ballot.Layout(g.Headcount)
		for i := range boxes {
			box, err := ballot.New(w.cfg.Rand, capacity, slot)
			if err != nil {
				return nil, fmt.Errorf("ballot box of group %s: %w", g.ID, err)
			}
			boxID := boxID(g.ID, i)
			raw, err := ballot.Seal(w.cfg.Rand, key.Box, string(id), boxID, box)
			if err != nil {
				return nil, fmt.Errorf("ballot box of group %s: %w", g.ID, err)
			}
			sealed = append(sealed, store.SealedBox{ID: boxID, Group: g.ID, Sealed: raw})
		}
	}
	return sealed, nil
}

func boxID(group string, i int) string { return group + "#" + strconv.Itoa(i) }

// groupsOf forms the groups of an announced wave again, from the tree and the
// roster that were frozen at its announcement.
func (w *Waves) groupsOf(ctx context.Context, wave survey.Wave) ([]survey.Group, survey.Organisation, error) {
	units, headcount, err := w.cfg.Store.FrozenTree(ctx, wave.ID)
	if err != nil {
		return nil, survey.Organisation{}, err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return nil, survey.Organisation{}, err
	}
	org := survey.Organisation{Tree: tree, Headcount: headcountUp(tree, headcount)}
	groups, err := survey.FormGroups(org, wave.Scope, wave.K, func(team survey.UnitID) bool { return w.onPaper(org, wave, team) })
	return groups, org, err
}

func headcountUp(tree survey.Tree, teams map[survey.UnitID]int) map[survey.UnitID]int {
	all := make(map[survey.UnitID]int, tree.Len())
	for team, n := range teams {
		all[team] += n
		for _, up := range tree.Ancestors(team) {
			all[up] += n
		}
	}
	return all
}
