package wave

import (
	"context"
	"fmt"
	"regexp"
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
	wave, err := w.drafted(ctx, r)
	if err != nil {
		return survey.Wave{}, err
	}
	return wave, w.cfg.Store.CreateWave(ctx, wave)
}

// drafted is a planned wave that may be stored.
func (w *Waves) drafted(ctx context.Context, r Request) (survey.Wave, error) {
	wave, err := w.planned(ctx, r)
	if err != nil {
		return survey.Wave{}, err
	}
	if err := w.checkGates(wave); err != nil {
		return survey.Wave{}, err
	}
	existing, err := w.cfg.Store.Waves(ctx)
	if err != nil {
		return survey.Wave{}, err
	}
	wave.ID = nextID(existing, wave.Opens.In(w.cfg.Zone))
	tags := make(map[string]bool)
	for _, other := range existing {
		tags[other.Tag] = true
	}
	if wave.Tag, err = ticket.NewTag(w.cfg.Rand, func(tag string) bool { return tags[tag] }); err != nil {
		return survey.Wave{}, fmt.Errorf("tag of wave %s: %w", wave.ID, err)
	}
	return wave, nil
}

func (w *Waves) planned(ctx context.Context, r Request) (survey.Wave, error) {
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
	packs, err := w.cfg.Library.Together(r.Packs)
	if err != nil {
		return survey.Wave{}, err
	}
	for _, pack := range packs {
		wave.Packs = append(wave.Packs, pack.Ref())
	}
	units, err := w.cfg.Store.Units(ctx)
	if err != nil {
		return survey.Wave{}, err
	}
	tree, err := survey.NewTree(units)
	if err != nil {
		return survey.Wave{}, err
	}
	if wave.Scope == "" {
		wave.Scope = tree.Root().ID
	}
	for _, unit := range append([]survey.UnitID{wave.Scope}, wave.Paper...) {
		if _, ok := tree.Unit(unit); !ok {
			return survey.Wave{}, survey.Fail(survey.NotFound, "error.unit.missing", survey.Args{"unit": unit})
		}
	}
	if wave.Contact == "" {
		help, err := w.helpOf(ctx, line(tree, wave.Scope))
		if err != nil {
			return survey.Wave{}, err
		}
		if local, ok := help.Today(""); ok { // one line for readers of all languages
			wave.Contact = local.Line()
		}
	}
	return wave, nil
}

// checkGates holds everything that a wave must have before it may be
// announced, whatever happens around it.
func (w *Waves) checkGates(wave survey.Wave) error {
	fail := func(key string, args survey.Args) error { return survey.Fail(survey.Invalid, key, args) }
	switch {
	case !programmeID.MatchString(wave.Programme):
		return fail("error.wave.programme", survey.Args{"programme": wave.Programme})
	case len(wave.Packs) == 0:
		return fail("error.wave.no_pack", nil)
	case wave.K < survey.MinK:
		return fail("error.wave.k_floor", survey.Args{"k": wave.K, "floor": survey.MinK})
	case !wave.Closes.After(wave.Opens):
		return fail("error.wave.closes_before_opens", survey.Args{"opens": w.moment(wave.Opens), "closes": w.moment(wave.Closes)})
	case wave.Closes.Sub(wave.Opens) > maxWave:
		return fail("error.wave.too_long", survey.Args{"days": int(maxWave.Hours() / 24)})
	case wave.Owner == "" || utf8.RuneCountInString(wave.Owner) > maxOwner:
		return fail("error.wave.owner", survey.Args{"longest": maxOwner})
	case wave.Contact == "" || utf8.RuneCountInString(wave.Contact) > maxContact:
		return fail("error.wave.contact", survey.Args{"longest": maxContact})
	}
	results, err := time.ParseInLocation(time.DateOnly, wave.ResultsOn, w.cfg.Zone)
	if err != nil {
		return fail("error.wave.results_on", survey.Args{"results_on": wave.ResultsOn})
	}
	if results.Format(time.DateOnly) < wave.Closes.In(w.cfg.Zone).Format(time.DateOnly) {
		return fail("error.wave.results_before_close", survey.Args{"results_on": wave.ResultsOn, "closes": w.moment(wave.Closes)})
	}
	packs, err := w.packs(wave)
	if err != nil {
		return err
	}
	for _, p := range packs {
		if p.Audience != survey.Staff {
			return fail("error.wave.leader_pack", survey.Args{"pack": p.ID})
		}
	}
	_, err = survey.NewSheet(packs)
	return err
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
