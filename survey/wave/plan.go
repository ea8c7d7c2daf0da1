package wave

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"attune/survey"
	"attune/survey/ticket"
)

// DefaultProgramme is the programme of waves that are planned without one.
const DefaultProgramme = "main"

// Request is what somebody asks for when planning a wave.
type Request struct {
	Programme string // empty: DefaultProgramme
	Packs     []string
	Opens     time.Time
	Closes    time.Time
	Owner     string
	ResultsOn string          // YYYY-MM-DD
	Contact   string          // empty: the first contact for today of everybody asked
	Unit      survey.UnitID   // empty: the whole organisation
	Paper     []survey.UnitID // units whose groups are on paper
	AllPaper  bool            // everybody answers on paper
	K         int             // 0: survey.MinK
}

var programmeID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// limits of the texts that every respondent sees, in characters.
const (
	maxOwner   = 120
	maxContact = 500
	maxWave    = 62 * 24 * time.Hour
)

// Plan checks a request and stores it as a planned wave. Nothing is promised
// to anybody until Announce.
func (w *Waves) Plan(ctx context.Context, r Request) (survey.Wave, error) {
	wave, _, err := w.drafted(ctx, r)
	if err != nil {
		return survey.Wave{}, err
	}
	return wave, w.cfg.Store.CreateWave(ctx, wave)
}

// CheckPlan is everything that Plan, and Announce as things are now, would
// refuse of a request, all at once. It stores nothing. The fields are those of
// Request in small letters: packs, opens, closes, owner, results_on, contact,
// unit, paper, k, programme.
func (w *Waves) CheckPlan(ctx context.Context, r Request) ([]survey.FieldFault, error) {
	on, err := w.ground(ctx)
	if err != nil {
		return nil, err
	}
	wave, faults := w.draft(on, r)
	add := func(more []survey.FieldFault) {
		known := slices.Clone(faults)
		for _, f := range more {
			if !slices.ContainsFunc(known, func(g survey.FieldFault) bool { return g.Field == f.Field }) {
				faults = append(faults, f)
			}
		}
	}
	gates, err := w.gates(wave)
	if err != nil {
		return nil, err
	}
	add(gates)
	add(w.hindrances(on, wave))
	org, err := survey.Resolve(on.tree.Units(), on.people)
	if err != nil {
		return nil, err
	}
	var few *survey.Error
	if _, err := survey.FormGroups(org, wave.Scope, wave.K, func(survey.UnitID) bool { return false }); errors.As(err, &few) {
		add([]survey.FieldFault{{Field: "unit", Error: few}})
	}
	return faults, nil
}

// ground is what a wave is drafted on, read once.
type ground struct {
	tree     survey.Tree
	people   []survey.Person
	contacts []survey.Contact
	waves    []survey.Wave
}

func (w *Waves) ground(ctx context.Context) (on ground, err error) {
	units, err := w.cfg.Store.Units(ctx)
	if err != nil {
		return on, err
	}
	if on.tree, err = survey.NewTree(units); err != nil {
		return on, err
	}
	if on.people, err = w.cfg.Store.People(ctx); err != nil {
		return on, err
	}
	if on.contacts, err = w.cfg.Store.Contacts(ctx); err != nil {
		return on, err
	}
	on.waves, err = w.cfg.Store.Waves(ctx)
	return on, err
}

// drafted is a planned wave that may be stored, and what it was drafted on.
func (w *Waves) drafted(ctx context.Context, r Request) (survey.Wave, ground, error) {
	on, err := w.ground(ctx)
	if err != nil {
		return survey.Wave{}, on, err
	}
	wave, faults := w.draft(on, r)
	if err := survey.FirstFault(faults); err != nil {
		return survey.Wave{}, on, err
	}
	if err := w.checkGates(wave); err != nil {
		return survey.Wave{}, on, err
	}
	tags := make(map[string]bool)
	for _, other := range on.waves {
		tags[other.Tag] = true
	}
	if wave.Tag, err = ticket.NewTag(w.cfg.Rand, func(tag string) bool { return tags[tag] }); err != nil {
		return survey.Wave{}, on, fmt.Errorf("tag of wave %s: %w", wave.ID, err)
	}
	return wave, on, nil
}

// draft is the wave of a request, as far as it can be made, and what of it
// does not exist.
func (w *Waves) draft(on ground, r Request) (survey.Wave, []survey.FieldFault) {
	wave := survey.Wave{
		Programme: r.Programme, State: survey.Planned, Scope: r.Unit, Paper: r.Paper, AllPaper: r.AllPaper,
		Opens: r.Opens.UTC().Truncate(time.Second), Closes: r.Closes.UTC().Truncate(time.Second),
		ResultsOn: r.ResultsOn, Owner: strings.TrimSpace(r.Owner), Contact: strings.TrimSpace(r.Contact), K: r.K,
	}
	if wave.Programme == "" {
		wave.Programme = DefaultProgramme
	}
	if wave.K == 0 {
		wave.K = survey.MinK
	}
	wave.ID = nextID(on.waves, wave.Opens.In(w.cfg.Zone))
	var faults []survey.FieldFault
	packs, err := w.cfg.Library.Together(r.Packs)
	var unknown *survey.Error
	if errors.As(err, &unknown) {
		faults = append(faults, survey.FieldFault{Field: "packs", Error: unknown})
	}
	for _, pack := range packs {
		wave.Packs = append(wave.Packs, pack.Ref())
	}
	if wave.Scope == "" {
		wave.Scope = on.tree.Root().ID
	}
	faults = append(faults, missingUnits(on.tree, wave.Scope, wave.Paper)...)
	if wave.Contact == "" {
		help := survey.HelpFor(on.contacts, line(on.tree, wave.Scope))
		if local, ok := help.Today(""); ok { // one line for readers of all languages
			wave.Contact = local.Line()
		}
	}
	return wave, faults
}

func missingUnits(tree survey.Tree, scope survey.UnitID, paper []survey.UnitID) []survey.FieldFault {
	var faults []survey.FieldFault
	missing := func(field string, unit survey.UnitID) {
		if _, ok := tree.Unit(unit); !ok {
			faults = append(faults, survey.FieldFault{Field: field, Error: survey.Fail(survey.NotFound, "error.unit.missing", survey.Args{"unit": unit})})
		}
	}
	missing("unit", scope)
	for _, unit := range paper {
		missing("paper", unit)
	}
	return faults
}

// checkGates holds everything that a wave must have before it may be
// announced, whatever happens around it.
func (w *Waves) checkGates(wave survey.Wave) error {
	faults, err := w.gates(wave)
	if err != nil {
		return err
	}
	return survey.FirstFault(faults)
}

// gates is all that checkGates refuses, by the fields of CheckPlan. It fails
// when a pack cannot be found.
func (w *Waves) gates(wave survey.Wave) ([]survey.FieldFault, error) {
	var faults []survey.FieldFault
	hold := func(wrong bool, field, key string, args survey.Args) bool {
		if wrong {
			faults = append(faults, survey.FieldFault{Field: field, Error: survey.Fail(survey.Invalid, key, args)})
		}
		return !wrong
	}
	hold(!programmeID.MatchString(wave.Programme), "programme", "error.wave.programme", survey.Args{"programme": wave.Programme})
	hold(len(wave.Packs) == 0, "packs", "error.wave.no_pack", nil)
	hold(wave.K < survey.MinK, "k", "error.wave.k_floor", survey.Args{"k": wave.K, "floor": survey.MinK})
	hold(wave.Opens.IsZero(), "opens", "error.wave.no_moment", nil)
	hold(wave.Closes.IsZero(), "closes", "error.wave.no_moment", nil)
	dated := !wave.Opens.IsZero() && !wave.Closes.IsZero()
	if dated && hold(!wave.Closes.After(wave.Opens), "closes", "error.wave.closes_before_opens", survey.Args{"opens": w.moment(wave.Opens), "closes": w.moment(wave.Closes)}) {
		hold(wave.Closes.Sub(wave.Opens) > maxWave, "closes", "error.wave.too_long", survey.Args{"days": int(maxWave.Hours() / 24)})
	}
	hold(wave.Owner == "" || utf8.RuneCountInString(wave.Owner) > maxOwner, "owner", "error.wave.owner", survey.Args{"longest": maxOwner})
	hold(wave.Contact == "" || utf8.RuneCountInString(wave.Contact) > maxContact, "contact", "error.wave.contact", survey.Args{"longest": maxContact})
	results, err := time.ParseInLocation(time.DateOnly, wave.ResultsOn, w.cfg.Zone)
	if hold(err != nil, "results_on", "error.wave.results_on", survey.Args{"results_on": wave.ResultsOn}) && dated {
		hold(results.Format(time.DateOnly) < wave.Closes.In(w.cfg.Zone).Format(time.DateOnly), "results_on",
			"error.wave.results_before_close", survey.Args{"results_on": wave.ResultsOn, "closes": w.moment(wave.Closes)})
	}
	packs, err := w.packs(wave)
	if err != nil {
		return nil, err
	}
	for _, p := range packs {
		hold(p.Audience != survey.Staff, "packs", "error.wave.leader_pack", survey.Args{"pack": p.ID})
	}
	_, err = survey.NewSheet(packs)
	var mixed *survey.Error
	if errors.As(err, &mixed) {
		return append(faults, survey.FieldFault{Field: "packs", Error: mixed}), nil
	}
	return faults, err
}

// nextID names a wave after its opening month: "2026-11", then "2026-11-2".
func nextID(existing []survey.Wave, opens time.Time) survey.WaveID {
	taken := make(map[survey.WaveID]bool, len(existing))
	for _, other := range existing {
		taken[other.ID] = true
	}
	month := opens.Format("2006-01")
	id := survey.WaveID(month)
	for n := 2; taken[id]; n++ {
		id = survey.WaveID(fmt.Sprintf("%s-%d", month, n))
	}
	return id
}

// moment writes a time for a message, in the organisation's zone.
func (w *Waves) moment(t time.Time) string { return t.In(w.cfg.Zone).Format("2006-01-02 15:04 MST") }
