package wave

import (
	"context"
	"errors"
	"slices"
	"time"

	"attune/survey"
)

// CheckProgramme is everything that a programme would be refused for, all at
// once, before it is stored: its own rules, units that do not exist, and of its
// first wave what cannot be mended later, since k never falls, or would find no
// contact. fresh says that it is a new one, whose id nobody may have yet. The
// fields are those of survey.Programme.Faults, and unit and paper.
func (w *Waves) CheckProgramme(ctx context.Context, p survey.Programme, fresh bool) ([]survey.FieldFault, error) {
	on, err := w.ground(ctx)
	if err != nil {
		return nil, err
	}
	faults := p.Faults(w.cfg.Zone, w.cfg.Library)
	faulty := func(field string) bool {
		return slices.ContainsFunc(faults, func(f survey.FieldFault) bool { return f.Field == field })
	}
	if fresh && !faulty("id") {
		_, err := w.cfg.Store.Programme(ctx, p.ID)
		switch {
		case err == nil:
			faults = append(faults, survey.FieldFault{Field: "id", Error: survey.Fail(survey.Conflict, "error.programme.exists", survey.Args{"programme": p.ID})})
		case !survey.IsCode(err, survey.NotFound):
			return nil, err
		}
	}
	scope := p.Scope
	if scope == "" {
		scope = on.tree.Root().ID
	}
	faults = append(faults, missingUnits(on.tree, scope, p.Paper)...)
	request := OccurrenceRequest(p, survey.Occurrence{}, 0)
	if !faulty("repeat") && !faulty("starts") {
		next, err := p.Next(w.cfg.Zone, p.Since, 1)
		if err != nil {
			return nil, err
		}
		if len(next) == 0 { // its rule has an end that has passed
			faults = append(faults, survey.FieldFault{Field: "starts", Error: survey.Fail(survey.Invalid, "error.programme.never",
				survey.Args{"repeat": p.Repeat, "starts": p.Since.In(w.cfg.Zone).Format(time.DateOnly)})})
		} else {
			request = OccurrenceRequest(p, next[0], 0)
		}
	}
	first, err := w.CheckPlan(ctx, request)
	if err != nil {
		return nil, err
	}
	for _, f := range first {
		if (f.Error.Key == "error.wave.k_fell" || f.Error.Key == "error.wave.contact") && !faulty(f.Field) {
			faults = append(faults, f)
		}
	}
	return faults, nil
}

// Forecast is what a programme would do in a year, as things are now, whether
// it is stored or not.
type Forecast struct {
	Dates []Foreseen
	// Outlook is whom each wave would ask, and TooFew why it would ask nobody.
	Outlook Outlook
	TooFew  *survey.Error
	// Kept are the waves of the programme that are planned, announced or open:
	// they keep the dates, packs, k and people that they were made with.
	Kept []survey.Wave
}

// Foreseen is one date of a forecast.
type Foreseen struct {
	Date
	// Refused is what its announcement would be refused for.
	Refused []*survey.Error
	// Clashes are waves to come that nobody has been promised yet and that ask
	// the same people the same too soon: whichever is announced first is made,
	// and the other is skipped.
	Clashes []Clash
}

// Clash is a wave that another one stands too near to.
type Clash struct {
	Programme string
	Opens     time.Time
	Pack      string
	Days      int // that have to lie between the two openings
}

// mostDates is more dates of one programme than a year can have.
const mostDates = 366

// Foresee works out a year of a programme, beginning now, against the waves
// that there are and the dates of all other programmes.
func (w *Waves) Foresee(ctx context.Context, p survey.Programme) (Forecast, error) {
	on, err := w.ground(ctx)
	if err != nil {
		return Forecast{}, err
	}
	var f Forecast
	for _, wave := range on.waves {
		if wave.Programme == p.ID && (wave.State == survey.Planned || wave.State == survey.Announced || wave.State == survey.Open) {
			f.Kept = append(f.Kept, wave)
		}
	}
	f.Outlook, err = w.outlook(on.tree.Units(), on.people, Request{Unit: p.Scope, Paper: p.Paper, K: p.K})
	if err != nil && !errors.As(err, &f.TooFew) {
		return Forecast{}, err
	}
	end := w.cfg.Now().AddDate(1, 0, 0)
	others, err := w.expected(ctx, on, p.ID, end)
	if err != nil {
		return Forecast{}, err
	}
	dates, err := w.Dates(ctx, p, mostDates)
	if err != nil {
		return Forecast{}, err
	}
	for _, d := range dates {
		if d.Opens.After(end) {
			break
		}
		seen := Foreseen{Date: d}
		if !d.Decided && !d.Paused {
			draft, _ := w.draft(on, d.Request)
			for _, fault := range w.hindrances(on, draft) {
				seen.Refused = append(seen.Refused, fault.Error)
			}
			for _, other := range others {
				if pack, days := w.tooSoon(on.tree, draft, other); pack != "" {
					seen.Clashes = append(seen.Clashes, Clash{Programme: other.Programme, Opens: other.Opens, Pack: pack, Days: days})
				}
			}
		}
		f.Dates = append(f.Dates, seen)
	}
	return f, nil
}

// expected are drafts of the waves that have been planned, and of the dates
// that the other active programmes have until a day, with room for the longest
// time that a pack asks for.
func (w *Waves) expected(ctx context.Context, on ground, but string, end time.Time) ([]survey.Wave, error) {
	var waves []survey.Wave
	for _, wave := range on.waves {
		if wave.State == survey.Planned && wave.Programme != but {
			waves = append(waves, wave)
		}
	}
	programmes, err := w.cfg.Store.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	for _, q := range programmes {
		if !q.Active || q.ID == but {
			continue
		}
		dates, err := w.Dates(ctx, q, mostDates)
		if err != nil {
			return nil, err
		}
		for _, d := range dates {
			if d.Opens.After(end.Add(maxWave)) {
				break
			}
			if d.Decided || d.Paused {
				continue
			}
			draft, _ := w.draft(on, d.Request) // what of it does not exist stands on its own programme's page
			waves = append(waves, draft)
		}
	}
	return waves, nil
}
