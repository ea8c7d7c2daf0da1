package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"

	"gorm.io/gorm"

	"attune/survey"
)

type rosterRow struct {
	Wave string `gorm:"primaryKey"`
	Tree string // JSON list of survey.Unit
}

func (rosterRow) TableName() string { return "rosters" }

type rosterPersonRow struct {
	Wave   string `gorm:"primaryKey"`
	Person string `gorm:"primaryKey"`
	Team   string
}

func (rosterPersonRow) TableName() string { return "roster_people" }

// FreezeRoster stores the tree and who belongs to which team, as they are at
// the announcement of a wave, in place of what was stored for this wave. The
// rosters of all waves that are not in keep are deleted: they are needed only
// as long as a release may have to count changes against them.
func (s *Store) FreezeRoster(ctx context.Context, wave survey.WaveID, units []survey.Unit, team map[survey.PersonID]survey.UnitID, keep []survey.WaveID) error {
	tree, err := json.Marshal(append([]survey.Unit{}, units...))
	if err != nil {
		return fmt.Errorf("tree of wave %s: %w", wave, err)
	}
	people := make([]rosterPersonRow, 0, len(team))
	for person, unit := range team {
		people = append(people, rosterPersonRow{Wave: string(wave), Person: string(person), Team: string(unit)})
	}
	sort.Slice(people, func(i, j int) bool { return people[i].Person < people[j].Person })
	kept := make(map[string]bool, len(keep))
	for _, id := range keep {
		kept[string(id)] = id != wave // this wave's own is replaced
	}
	return s.people.update(ctx, "freeze a roster", func(tx *gorm.DB) error {
		var row waveRow
		if err := takeWave(tx, wave, &row); err != nil {
			return err
		}
		var there []string
		if err := tx.Model(&rosterRow{}).Pluck("wave", &there).Error; err != nil {
			return err
		}
		for _, id := range there {
			if kept[id] {
				continue
			}
			if err := dropRoster(tx, id); err != nil {
				return err
			}
		}
		if err := tx.Create(&rosterRow{Wave: string(wave), Tree: string(tree)}).Error; err != nil {
			return err
		}
		if len(people) == 0 {
			return nil
		}
		return tx.CreateInBatches(people, insertBatch).Error
	})
}

// DropRoster deletes the roster of a wave, if there is one.
func (s *Store) DropRoster(ctx context.Context, wave survey.WaveID) error {
	return s.people.update(ctx, "drop a roster", func(tx *gorm.DB) error { return dropRoster(tx, string(wave)) })
}

func dropRoster(tx *gorm.DB, wave string) error { // its people go with it
	return tx.Exec("DELETE FROM rosters WHERE wave = ?", wave).Error
}

// FrozenTree gives the units as they were at the announcement of a wave, in
// the order in which they were frozen, and the number of people per team.
func (s *Store) FrozenTree(ctx context.Context, wave survey.WaveID) ([]survey.Unit, map[survey.UnitID]int, error) {
	var units []survey.Unit
	headcount := make(map[survey.UnitID]int)
	err := s.people.view(ctx, "read a roster", func(tx *gorm.DB) error {
		roster, err := takeRoster(tx, wave)
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(roster.Tree), &units); err != nil {
			return fmt.Errorf("tree of wave %s: %w", wave, err)
		}
		var teams []struct {
			Team   string
			People int
		}
		if err := tx.Raw("SELECT team, count(*) AS people FROM roster_people WHERE wave = ? GROUP BY team", string(wave)).Scan(&teams).Error; err != nil {
			return err
		}
		for _, t := range teams {
			headcount[survey.UnitID(t.Team)] = t.People
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return units, headcount, nil
}

// RosterChanges compares two waves' rosters. The function that it returns
// counts the people who are in exactly one of two sets: the members of these
// teams at the older wave and at the newer one. A move between two of the
// teams does not count. It remembers numbers per pair of teams and nobody's
// name. known is false, and nothing is counted, when the older roster is gone
// or there was none; a missing newer roster is an error.
func (s *Store) RosterChanges(ctx context.Context, older, newer survey.WaveID) (func(teams []survey.UnitID) (people int, known bool), error) {
	var moves []struct {
		Before, After string // a team; empty: on no roster
		People        int
	}
	known := true
	err := s.people.view(ctx, "compare rosters", func(tx *gorm.DB) error {
		if _, err := takeRoster(tx, newer); err != nil {
			return err
		}
		_, err := takeRoster(tx, older)
		if survey.IsCode(err, survey.NotFound) {
			known = false
			return nil
		}
		if err != nil {
			return err
		}
		return tx.Raw(`
			SELECT o.team AS before, coalesce(n.team, '') AS after, count(*) AS people
			FROM roster_people o LEFT JOIN roster_people n ON n.wave = ? AND n.person = o.person
			WHERE o.wave = ? AND (n.team IS NULL OR n.team <> o.team)
			GROUP BY o.team, n.team
			UNION ALL
			SELECT '', n.team, count(*)
			FROM roster_people n
			WHERE n.wave = ? AND NOT EXISTS (SELECT 1 FROM roster_people o WHERE o.wave = ? AND o.person = n.person)
			GROUP BY n.team`,
			string(newer), string(older), string(newer), string(older)).Scan(&moves).Error
	})
	if err != nil {
		return nil, err
	}
	return func(teams []survey.UnitID) (int, bool) {
		if !known {
			return 0, false
		}
		among := make(map[string]bool, len(teams))
		for _, team := range teams {
			among[string(team)] = team != ""
		}
		people := 0
		for _, m := range moves {
			if among[m.Before] != among[m.After] {
				people += m.People
			}
		}
		return people, true
	}, nil
}

func takeRoster(tx *gorm.DB, wave survey.WaveID) (rosterRow, error) {
	var row rosterRow
	err := tx.Where("wave = ?", string(wave)).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, survey.Fail(survey.NotFound, "error.store.roster_missing", survey.Args{"wave": wave})
	}
	return row, err
}
