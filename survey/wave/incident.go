package wave

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"attune/survey"
)

// Incident is what somebody asks for who offers the pack after a serious
// incident. Nothing about the incident is in it but its day.
type Incident struct {
	Unit survey.UnitID // the affected unit
	// With is a unit above it that is asked together with it; empty: the unit
	// itself, or the nearest above with at least k people.
	With      survey.UnitID
	Day       string // YYYY-MM-DD; used to work out dates, and kept as an event without a word
	Owner     string
	ResultsOn string // of the first round, YYYY-MM-DD
	Contact   string
	By        string // the e-mail address of the user who offers it; empty on the command line
}

// IncidentPlan is what would happen, or what has been made.
type IncidentPlan struct {
	Unit      survey.UnitID
	Asked     survey.UnitID // the unit itself or one above it
	Tree      survey.Tree
	Headcount map[survey.UnitID]int // of every unit, as of now
	Pack      *survey.Pack
	K         int
	// NeedsFrom is the fewest answers from which on needs are shown.
	NeedsFrom int
	// Together is the nearest unit from Asked upwards with NeedsFrom people: Asked
	// itself where its own needs can be shown, empty when no unit has so many.
	Together survey.UnitID
	Rounds   []survey.IncidentRound
	Waves    []survey.WaveID // by round; empty before they are made
}

// Incidents offers the pack after a serious incident: it plans, announces and
// ends the waves of an offer together.
type Incidents struct {
	waves *Waves
}

// Incidents gives the part of w that console pages may use to offer the pack
// after a serious incident.
func (w *Waves) Incidents() Incidents { return Incidents{waves: w} }

// Units gives the organisation as of now: its tree and how many people there
// are in or under each unit. It names nobody.
func (in Incidents) Units(ctx context.Context) (survey.Tree, map[survey.UnitID]int, error) {
	org, err := in.organisation(ctx)
	return org.Tree, org.Headcount, err
}

// organisation is the tree of the units themselves, without the teams that
// Resolve adds for people who belong directly to a unit.
func (in Incidents) organisation(ctx context.Context) (survey.Organisation, error) {
	units, err := in.waves.cfg.Store.Units(ctx)
	if err != nil {
		return survey.Organisation{}, err
	}
	org, _, err := in.waves.organisation(ctx)
	if err != nil {
		return survey.Organisation{}, err
	}
	org.Tree, err = survey.NewTree(units)
	return org, err
}

// Plan works out what an offer would do, and refuses what Make would refuse.
// It stores nothing.
func (in Incidents) Plan(ctx context.Context, r Incident) (IncidentPlan, error) {
	plan, requests, err := in.plan(ctx, r)
	if err != nil {
		return IncidentPlan{}, err
	}
	for _, request := range requests {
		if err := in.waves.CheckOccurrence(ctx, request); err != nil {
			return IncidentPlan{}, err
		}
	}
	return plan, nil
}

// plan works everything out that does not need a draft of the waves.
func (in Incidents) plan(ctx context.Context, r Incident) (IncidentPlan, []Request, error) {
	cfg := in.waves.cfg
	org, err := in.organisation(ctx)
	if err != nil {
		return IncidentPlan{}, nil, err
	}
	all, err := cfg.Store.Waves(ctx)
	if err != nil {
		return IncidentPlan{}, nil, err
	}
	plan := IncidentPlan{Unit: r.Unit, Tree: org.Tree, Headcount: org.Headcount, K: strictest(all)}
	if plan.Pack, err = cfg.Library.Latest(survey.IncidentPack); err != nil {
		return IncidentPlan{}, nil, err
	}
	if plan.Asked, err = askedAfter(org, r, plan.K); err != nil {
		return IncidentPlan{}, nil, err
	}
	if err := survey.CheckIncident(all, org.Tree, plan.Asked, cfg.Zone); err != nil {
		return IncidentPlan{}, nil, err
	}
	plan.NeedsFrom = plan.K
	for _, rule := range plan.Pack.Reporting {
		plan.NeedsFrom = max(plan.NeedsFrom, rule.MinN)
	}
	plan.Together, _ = survey.NearestUnit(org, plan.Asked, plan.NeedsFrom)
	if plan.Rounds, err = survey.IncidentRounds(r.Day, r.ResultsOn, cfg.Now(), cfg.Zone); err != nil {
		return IncidentPlan{}, nil, err
	}
	paper, err := in.paper(ctx, org.Tree)
	if err != nil {
		return IncidentPlan{}, nil, err
	}
	requests := make([]Request, len(plan.Rounds))
	for i, round := range plan.Rounds {
		requests[i] = Request{
			Programme: nextIncident(all), Packs: []string{survey.IncidentPack}, Opens: round.Opens, Closes: round.Closes,
			Owner: r.Owner, ResultsOn: round.ResultsOn, Contact: r.Contact, Unit: plan.Asked, Paper: paper, K: plan.K,
		}
	}
	return plan, requests, nil
}

// askedAfter is the unit that an offer asks.
func askedAfter(org survey.Organisation, r Incident, k int) (survey.UnitID, error) {
	if _, ok := org.Tree.Unit(r.Unit); !ok {
		return "", survey.Fail(survey.NotFound, "error.unit.missing", survey.Args{"unit": r.Unit})
	}
	from := r.Unit
	if r.With != "" {
		if _, ok := org.Tree.Unit(r.With); !ok || !org.Tree.Within(r.Unit, r.With) {
			return "", survey.Fail(survey.Invalid, "error.incident.with", survey.Args{"unit": org.Tree.Path(r.Unit)})
		}
		from = r.With
	}
	asked, ok := survey.NearestUnit(org, from, k)
	if !ok {
		return "", survey.Fail(survey.Conflict, "error.incident.too_few", survey.Args{"k": k, "people": org.Headcount[org.Tree.Root().ID]})
	}
	return asked, nil
}

// strictest is the highest k of all waves that were made: people who were
// promised more elsewhere are not promised less now.
func strictest(all []survey.Wave) int {
	k := survey.MinK
	for _, w := range all {
		if w.State != survey.Void {
			k = max(k, w.K)
		}
	}
	return k
}

// paper are the units that answer on paper in the programmes that run.
func (in Incidents) paper(ctx context.Context, tree survey.Tree) ([]survey.UnitID, error) {
	programmes, err := in.waves.cfg.Store.Programmes(ctx)
	if err != nil {
		return nil, err
	}
	var paper []survey.UnitID
	for _, p := range programmes {
		for _, unit := range p.Paper {
			if _, ok := tree.Unit(unit); ok && p.Active && !slices.Contains(paper, unit) {
				paper = append(paper, unit)
			}
		}
	}
	return paper, nil
}

// nextIncident names the programme of the next offer.
func nextIncident(all []survey.Wave) string {
	last := 0
	for _, w := range all {
		if survey.IsIncident(w.Programme) {
			n, _ := strconv.Atoi(strings.TrimPrefix(w.Programme, survey.IncidentPrefix)) // digits
			last = max(last, n)
		}
	}
	return survey.IncidentPrefix + strconv.Itoa(last+1)
}

// Make makes an offer: it writes the day down as an event of the affected
// unit, and plans and announces the waves of all rounds. When one of them
// cannot be announced, those before it are made void, the event is removed,
// and the error says why: nothing is left half done. A program that is killed
// in the middle leaves what End ends.
func (in Incidents) Make(ctx context.Context, r Incident) (IncidentPlan, error) {
	in.waves.offering.Lock()
	defer in.waves.offering.Unlock()
	if _, err := in.Plan(ctx, r); err != nil {
		return IncidentPlan{}, err
	}
	plan, requests, err := in.plan(ctx, r)
	if err != nil {
		return IncidentPlan{}, err
	}
	event, err := in.mark(ctx, r)
	if err != nil {
		return IncidentPlan{}, err
	}
	for _, request := range requests {
		planned, err := in.waves.Plan(ctx, request)
		if err == nil {
			plan.Waves = append(plan.Waves, planned.ID)
			_, err = in.waves.Announce(ctx, planned.ID)
		}
		if err != nil {
			return IncidentPlan{}, errors.Join(err, in.undo(context.WithoutCancel(ctx), r.Unit, event, plan.Waves))
		}
	}
	return plan, nil
}

// halfDone is the reason in the public log of the waves of an offer of which
// another wave could not be announced.
const halfDone = "one of the rounds of this offer could not be announced"

func (in Incidents) undo(ctx context.Context, unit survey.UnitID, event string, made []survey.WaveID) error {
	var faults []error
	for _, id := range made {
		if err := in.waves.Void(ctx, id, halfDone); err != nil {
			faults = append(faults, fmt.Errorf("end wave %s: %w", id, err))
		}
	}
	if event != "" {
		_, err := in.waves.cfg.Store.RemoveEvent(ctx, unit, event)
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// mark writes the day down as an event, unless somebody has done so before.
// It gives the id of an event that it added.
func (in Incidents) mark(ctx context.Context, r Incident) (string, error) {
	there, err := in.waves.cfg.Store.Events(ctx, []survey.UnitID{r.Unit})
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(there, func(e survey.Event) bool { return e.Kind == survey.EventIncident && e.Day == r.Day }) {
		return "", nil
	}
	e := survey.Event{Unit: r.Unit, Kind: survey.EventIncident, Day: r.Day, By: r.By}
	if err := e.Check(in.waves.cfg.Now().In(in.waves.cfg.Zone).Format("2006-01-02")); err != nil {
		return "", err
	}
	return in.waves.cfg.Store.AddEvent(ctx, e)
}

// Offered is an offer that was made.
type Offered struct {
	Programme string
	Asked     survey.UnitID
	Waves     []survey.Wave // by opening date
}

// Over says whether nothing will happen any more.
func (o Offered) Over() bool {
	return !slices.ContainsFunc(o.Waves, func(w survey.Wave) bool { return !w.State.Final() })
}

// Offers lists all offers, the latest first.
func (in Incidents) Offers(ctx context.Context) ([]Offered, error) {
	all, err := in.waves.Waves(ctx)
	if err != nil {
		return nil, err
	}
	var offers []Offered
	for _, w := range all {
		if !survey.IsIncident(w.Programme) {
			continue
		}
		i := slices.IndexFunc(offers, func(o Offered) bool { return o.Programme == w.Programme })
		if i < 0 {
			offers, i = append(offers, Offered{Programme: w.Programme, Asked: w.Scope}), len(offers)
		}
		offers[i].Waves = append(offers[i].Waves, w)
	}
	slices.Reverse(offers)
	return offers, nil
}

// End ends an offer for good: the waves that have not been released become
// void, with this reason in the public log. It fails with survey.NotFound when
// there is no such offer, and with survey.Conflict when it is over.
func (in Incidents) End(ctx context.Context, programme, reason string) error {
	offers, err := in.Offers(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(offers, func(o Offered) bool { return o.Programme == programme })
	switch {
	case i < 0:
		return survey.Fail(survey.NotFound, "error.incident.missing", nil)
	case offers[i].Over():
		return survey.Fail(survey.Conflict, "error.incident.over", nil)
	}
	for _, w := range offers[i].Waves {
		if w.State.Final() {
			continue
		}
		if err := in.waves.Void(ctx, w.ID, reason); err != nil {
			return err
		}
	}
	return nil
}
