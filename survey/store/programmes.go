package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"attune/survey"
)

type programmeRow struct {
	ID          string `gorm:"primaryKey"`
	Packs       string // JSON list of pack ids
	Modules     string // the same
	Repeat      string
	Starts      string
	OpensAt     int
	OpenDays    int
	ClosesAt    int
	LeadDays    int
	ResultsDays int
	Reminders   string // JSON list of survey.Reminder
	Pauses      string // JSON list of survey.Pause
	Owner       string
	Contact     string
	K           int
	Scope       *string
	Paper       string // JSON list of unit ids
	Active      bool
	Since       int64
}

func (programmeRow) TableName() string { return "programmes" }

func rowOfProgramme(p survey.Programme) (programmeRow, error) {
	r := programmeRow{
		ID: p.ID, Repeat: p.Repeat, Starts: p.Starts, OpensAt: int(p.OpensAt), OpenDays: p.OpenDays, ClosesAt: int(p.ClosesAt),
		LeadDays: p.LeadDays, ResultsDays: p.ResultsDays, Owner: p.Owner, Contact: p.Contact, K: p.K,
		Active: p.Active, Since: p.Since.Unix(),
	}
	if p.Scope != "" {
		scope := string(p.Scope)
		r.Scope = &scope
	}
	for _, list := range []struct {
		from any
		into *string
	}{
		{append([]string{}, p.Packs...), &r.Packs},
		{append([]string{}, p.Modules...), &r.Modules},
		{append([]survey.Reminder{}, p.Reminders...), &r.Reminders},
		{append([]survey.Pause{}, p.Pauses...), &r.Pauses},
		{append([]survey.UnitID{}, p.Paper...), &r.Paper},
	} {
		raw, err := json.Marshal(list.from)
		if err != nil {
			return r, fmt.Errorf("programme %s: %w", p.ID, err)
		}
		*list.into = string(raw)
	}
	return r, nil
}

func (r programmeRow) programme() (survey.Programme, error) {
	p := survey.Programme{
		ID: r.ID, Repeat: r.Repeat, Starts: r.Starts, OpensAt: survey.HourMinute(r.OpensAt), OpenDays: r.OpenDays,
		ClosesAt: survey.HourMinute(r.ClosesAt), LeadDays: r.LeadDays, ResultsDays: r.ResultsDays, Owner: r.Owner,
		Contact: r.Contact, K: r.K, Active: r.Active, Since: time.Unix(r.Since, 0).UTC(),
	}
	if r.Scope != nil {
		p.Scope = survey.UnitID(*r.Scope)
	}
	for _, list := range []struct {
		from string
		into any
	}{
		{r.Packs, &p.Packs}, {r.Modules, &p.Modules}, {r.Reminders, &p.Reminders}, {r.Pauses, &p.Pauses}, {r.Paper, &p.Paper},
	} {
		if err := json.Unmarshal([]byte(list.from), list.into); err != nil {
			return p, fmt.Errorf("programme %s: %w", r.ID, err)
		}
	}
	return p, nil
}

// AddProgramme stores a new programme; Since is kept in whole seconds. It
// fails when the id is taken or a unit is missing.
func (s *Store) AddProgramme(ctx context.Context, p survey.Programme) error {
	row, err := rowOfProgramme(p)
	if err != nil {
		return err
	}
	return s.people.update(ctx, "add a programme", func(tx *gorm.DB) error {
		for _, unit := range p.Units() {
			if _, err := takeUnit(tx, unit); err != nil {
				return err
			}
		}
		err := tx.Create(&row).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return survey.Fail(survey.Conflict, "error.programme.exists", survey.Args{"programme": p.ID})
		}
		return err
	})
}

// Programme finds a programme.
func (s *Store) Programme(ctx context.Context, id string) (survey.Programme, error) {
	var row programmeRow
	err := s.people.view(ctx, "find a programme", func(tx *gorm.DB) error { return takeProgramme(tx, id, &row) })
	if err != nil {
		return survey.Programme{}, err
	}
	return row.programme()
}

// Programmes lists all programmes by id, stopped ones too.
func (s *Store) Programmes(ctx context.Context) ([]survey.Programme, error) {
	var rows []programmeRow
	err := s.people.view(ctx, "list programmes", func(tx *gorm.DB) error { return tx.Order("id").Find(&rows).Error })
	if err != nil {
		return nil, err
	}
	programmes := make([]survey.Programme, len(rows))
	for i, r := range rows {
		if programmes[i], err = r.programme(); err != nil {
			return nil, err
		}
	}
	return programmes, nil
}

// ChangeProgramme lets change set everything of a programme but its id. Waves
// that it has made stay what they are. It fails when there is no such
// programme, when change fails, and when it comes to ask a unit that is not in
// use.
func (s *Store) ChangeProgramme(ctx context.Context, id string, change func(*survey.Programme) error) error {
	return s.people.update(ctx, "change a programme", func(tx *gorm.DB) error {
		var row programmeRow
		if err := takeProgramme(tx, id, &row); err != nil {
			return err
		}
		p, err := row.programme()
		if err != nil {
			return err
		}
		before := p.Units()
		if err := change(&p); err != nil {
			return err
		}
		for _, unit := range p.Units() {
			if slices.Contains(before, unit) {
				continue
			}
			if _, err := takeUnit(tx, unit); err != nil {
				return err
			}
		}
		if row, err = rowOfProgramme(p); err != nil {
			return err
		}
		row.ID = id
		return tx.Save(&row).Error
	})
}

// UnitsAsked lists the units that programmes, stopped ones too, and planned
// waves ask or name as units on paper, with what names them. They stay in use.
func (s *Store) UnitsAsked(ctx context.Context) (asked map[survey.UnitID][]string, err error) {
	err = s.people.view(ctx, "list the units that are asked", func(tx *gorm.DB) error {
		asked, err = askedOf(tx)
		return err
	})
	return asked, err
}

// askedOf says which programmes, and which waves that are planned and not
// announced, name each unit: stopped programmes too, since they can go on.
func askedOf(tx *gorm.DB) (map[survey.UnitID][]string, error) {
	asked := make(map[survey.UnitID][]string)
	var programmes []programmeRow
	if err := tx.Order("id").Find(&programmes).Error; err != nil {
		return nil, err
	}
	for _, row := range programmes {
		p, err := row.programme()
		if err != nil {
			return nil, err
		}
		for _, unit := range p.Units() {
			asked[unit] = append(asked[unit], p.ID)
		}
	}
	var waves []waveRow
	if err := tx.Where("state = ?", string(survey.Planned)).Order("id").Find(&waves).Error; err != nil {
		return nil, err
	}
	for _, row := range waves {
		w, err := row.wave()
		if err != nil {
			return nil, err
		}
		for _, unit := range append([]survey.UnitID{w.Scope}, w.Paper...) {
			if !slices.Contains(asked[unit], string(w.ID)) {
				asked[unit] = append(asked[unit], string(w.ID))
			}
		}
	}
	return asked, nil
}

func takeProgramme(tx *gorm.DB, id string, into *programmeRow) error {
	err := tx.Where("id = ?", id).Take(into).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return survey.Fail(survey.NotFound, "error.programme.missing", survey.Args{"programme": id})
	}
	return err
}

type occurrenceRow struct {
	Programme string `gorm:"primaryKey"`
	Date      string `gorm:"primaryKey"`
	Wave      *string
	Skipped   string // JSON of skipReason; empty when it was not
}

func (occurrenceRow) TableName() string { return "programme_occurrences" }

// skipReason is a survey.Error without its cause.
type skipReason struct {
	Key  string      `json:"key"`
	Args survey.Args `json:"args"`
}

// CreateOccurrence stores the wave of a programme's occurrence like
// CreateWave, and in the same transaction that this date of the programme has
// its wave. It fails with a conflict, error.programme.taken, when the date was
// decided already: another process was quicker.
func (s *Store) CreateOccurrence(ctx context.Context, w survey.Wave, date string) error {
	row, err := rowOfWave(w)
	if err != nil {
		return err
	}
	return s.people.update(ctx, "create a programme's wave", func(tx *gorm.DB) error {
		var same int64
		if err := tx.Model(&occurrenceRow{}).Where("programme = ? AND date = ?", w.Programme, date).Count(&same).Error; err != nil {
			return err
		}
		if same > 0 {
			return survey.Fail(survey.Conflict, "error.programme.taken", survey.Args{"programme": w.Programme, "date": date})
		}
		if err := createWave(tx, row, w); err != nil {
			return err
		}
		return tx.Create(&occurrenceRow{Programme: w.Programme, Date: date, Wave: &row.ID}).Error
	})
}

// SkipOccurrence records why an occurrence has no wave that people can answer.
// With an empty wave that is a date that was not decided yet, and nothing
// happens when it was; otherwise the wave was planned for the date and could
// not be announced, and nothing happens when it has moved on.
func (s *Store) SkipOccurrence(ctx context.Context, programme, date string, wave survey.WaveID, reason *survey.Error) error {
	raw, err := json.Marshal(skipReason{Key: reason.Key, Args: reason.Args})
	if err != nil {
		return fmt.Errorf("reason of programme %s: %w", programme, err)
	}
	return s.people.update(ctx, "skip an occurrence", func(tx *gorm.DB) error {
		if wave == "" {
			return tx.Clauses(clause.OnConflict{DoNothing: true}).
				Create(&occurrenceRow{Programme: programme, Date: date, Skipped: string(raw)}).Error
		}
		return tx.Exec(`UPDATE programme_occurrences SET skipped = ?
			WHERE programme = ? AND date = ? AND wave = ? AND skipped = ''
				AND wave IN (SELECT id FROM waves WHERE state = 'planned')`, string(raw), programme, date, string(wave)).Error
	})
}

// Occurrences lists what was decided about a programme's dates, by date.
func (s *Store) Occurrences(ctx context.Context, programme string) ([]survey.Decision, error) {
	var rows []occurrenceRow
	err := s.people.view(ctx, "list occurrences", func(tx *gorm.DB) error {
		return tx.Where("programme = ?", programme).Order("date").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	decisions := make([]survey.Decision, len(rows))
	for i, r := range rows {
		d := survey.Decision{Date: r.Date}
		if r.Wave != nil {
			d.Wave = survey.WaveID(*r.Wave)
		}
		if r.Skipped != "" {
			var reason skipReason
			if err := json.Unmarshal([]byte(r.Skipped), &reason); err != nil {
				return nil, fmt.Errorf("reason of programme %s on %s: %w", programme, r.Date, err)
			}
			d.Skipped = survey.Fail(survey.Conflict, reason.Key, reason.Args)
		}
		decisions[i] = d
	}
	return decisions, nil
}

// MailingsMade lists the mailings that were made, whatever became of them.
func (s *Store) MailingsMade(ctx context.Context) (map[Mailing]bool, error) {
	var rows []mailingRow
	err := s.people.view(ctx, "list mailings", func(tx *gorm.DB) error { return tx.Find(&rows).Error })
	if err != nil {
		return nil, err
	}
	made := make(map[Mailing]bool, len(rows))
	for _, r := range rows {
		made[Mailing{Wave: survey.WaveID(r.Wave), Kind: r.Kind, N: r.N}] = true
	}
	return made, nil
}
