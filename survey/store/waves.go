package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"attune/survey"
)

type waveRow struct {
	ID        string `gorm:"primaryKey"`
	Programme string
	State     string
	Scope     string
	Paper     string // JSON list of unit ids
	AllPaper  bool
	Packs     string // JSON list of survey.PackRef
	Opens     int64
	Closes    int64
	ResultsOn string
	Owner     string
	Contact   string
	K         int
	Tag       string
}

func (waveRow) TableName() string { return "waves" }

func rowOfWave(w survey.Wave) (waveRow, error) {
	paper, err := json.Marshal(append([]survey.UnitID{}, w.Paper...))
	if err != nil {
		return waveRow{}, fmt.Errorf("paper units of wave %s: %w", w.ID, err)
	}
	packs, err := json.Marshal(append([]survey.PackRef{}, w.Packs...))
	if err != nil {
		return waveRow{}, fmt.Errorf("packs of wave %s: %w", w.ID, err)
	}
	return waveRow{
		ID: string(w.ID), Programme: w.Programme, State: string(w.State), Scope: string(w.Scope),
		Paper: string(paper), AllPaper: w.AllPaper, Packs: string(packs),
		Opens: w.Opens.Unix(), Closes: w.Closes.Unix(), ResultsOn: w.ResultsOn,
		Owner: w.Owner, Contact: w.Contact, K: w.K, Tag: w.Tag,
	}, nil
}

func (r waveRow) wave() (survey.Wave, error) {
	w := survey.Wave{
		ID: survey.WaveID(r.ID), Programme: r.Programme, State: survey.State(r.State), Scope: survey.UnitID(r.Scope),
		AllPaper: r.AllPaper, Opens: time.Unix(r.Opens, 0).UTC(), Closes: time.Unix(r.Closes, 0).UTC(),
		ResultsOn: r.ResultsOn, Owner: r.Owner, Contact: r.Contact, K: r.K, Tag: r.Tag,
	}
	if err := json.Unmarshal([]byte(r.Paper), &w.Paper); err != nil {
		return w, fmt.Errorf("paper units of wave %s: %w", r.ID, err)
	}
	if err := json.Unmarshal([]byte(r.Packs), &w.Packs); err != nil {
		return w, fmt.Errorf("packs of wave %s: %w", r.ID, err)
	}
	return w, nil
}

// CreateWave stores a new wave; its times are kept in whole seconds. It fails
// when the id or the tag is taken, or the unit that is to be asked is missing.
func (s *Store) CreateWave(ctx context.Context, w survey.Wave) error {
	row, err := rowOfWave(w)
	if err != nil {
		return err
	}
	return s.people.update(ctx, "create a wave", func(tx *gorm.DB) error { return createWave(tx, row, w) })
}

func createWave(tx *gorm.DB, row waveRow, w survey.Wave) error {
	if _, err := takeUnit(tx, w.Scope); err != nil {
		return err
	}
	var same int64
	if err := tx.Model(&waveRow{}).Where("id = ?", row.ID).Count(&same).Error; err != nil {
		return err
	}
	if same > 0 {
		return survey.Fail(survey.Conflict, "error.store.wave_exists", survey.Args{"wave": w.ID})
	}
	err := tx.Create(&row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return survey.Fail(survey.Conflict, "error.store.tag_taken", survey.Args{"wave": w.ID, "tag": w.Tag})
	}
	return err
}

// Wave finds a wave.
func (s *Store) Wave(ctx context.Context, id survey.WaveID) (survey.Wave, error) {
	var row waveRow
	err := s.people.view(ctx, "find a wave", func(tx *gorm.DB) error { return takeWave(tx, id, &row) })
	if err != nil {
		return survey.Wave{}, err
	}
	return row.wave()
}

// Waves lists all waves by opening, then id.
func (s *Store) Waves(ctx context.Context) ([]survey.Wave, error) {
	return s.listWaves(ctx, func(tx *gorm.DB) *gorm.DB { return tx })
}

// LiveWaves lists the waves that are announced or open, by opening, then id:
// what every page for respondents asks for, however many waves there were.
func (s *Store) LiveWaves(ctx context.Context) ([]survey.Wave, error) {
	return s.listWaves(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Where("state IN ?", []string{string(survey.Announced), string(survey.Open)})
	})
}

func (s *Store) listWaves(ctx context.Context, which func(tx *gorm.DB) *gorm.DB) ([]survey.Wave, error) {
	var rows []waveRow
	// One statement sees one state of the database without a transaction.
	err := s.people.explain("list waves", which(s.people.read.WithContext(ctx)).Order("opens, id").Find(&rows).Error)
	if err != nil {
		return nil, err
	}
	waves := make([]survey.Wave, len(rows))
	for i, r := range rows {
		if waves[i], err = r.wave(); err != nil {
			return nil, err
		}
	}
	return waves, nil
}

// SetWaveState moves a wave from one state to another. It fails with a
// conflict when the wave is not in from: somebody else was quicker.
func (s *Store) SetWaveState(ctx context.Context, id survey.WaveID, from, to survey.State) error {
	return s.people.update(ctx, "set a wave's state", func(tx *gorm.DB) error {
		var row waveRow
		if err := takeWave(tx, id, &row); err != nil {
			return err
		}
		if row.State != string(from) {
			return &survey.Error{
				Code: survey.Conflict, Key: "error.store.wave_state", Args: survey.Args{"wave": id},
				Err: fmt.Errorf("it is %s; going from %s to %s", row.State, from, to),
			}
		}
		return tx.Exec("UPDATE waves SET state = ? WHERE id = ?", string(to), row.ID).Error
	})
}

// WaveTags lists the tags of all waves, sorted; a new wave needs another one.
func (s *Store) WaveTags(ctx context.Context) ([]string, error) {
	tags := make([]string, 0)
	err := s.people.view(ctx, "list tags", func(tx *gorm.DB) error {
		return tx.Model(&waveRow{}).Where("tag <> ''").Order("tag").Pluck("tag", &tags).Error
	})
	return tags, err
}

func takeWave(tx *gorm.DB, id survey.WaveID, into *waveRow) error {
	err := tx.Where("id = ?", string(id)).Take(into).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return survey.Fail(survey.NotFound, "error.store.wave_missing", survey.Args{"wave": id})
	}
	return err
}
