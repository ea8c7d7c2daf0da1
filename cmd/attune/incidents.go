package main

import (
	"context"
	"time"

	"attune/survey"
	"attune/survey/wave"
)

type incidentCommand struct {
	Offer incidentOffer `cmd:"" help:"Offer the short questions after a serious incident, in three rounds."`
	End   incidentEnd   `cmd:"" help:"End an offer for good: its rounds that are not released become void."`
	List  incidentList  `cmd:"" help:"List all offers."`
}

type incidentOffer struct {
	Unit      string `required:"" help:"The affected unit; one with fewer than k people is asked with the unit above." placeholder:"U"`
	With      string `help:"A unit above it that is asked together with it." placeholder:"U"`
	Day       string `help:"The day that the rounds are counted from; nothing else about it is kept." default:"now" placeholder:"D"`
	Owner     string `required:"" help:"The person who will act on the results." placeholder:"NAME"`
	ResultsOn string `required:"" help:"The date by which results of the first round are shared." placeholder:"D"`
	Contact   string `required:"" help:"Who people can turn to now; shown to everybody." placeholder:"TEXT"`
	DryRun    bool   `help:"Only say what would happen."`
}

func (c incidentOffer) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		request, err := c.request(ctx, in)
		if err != nil {
			return err
		}
		act := in.waves.Incidents().Make
		if c.DryRun {
			act = in.waves.Incidents().Plan
		}
		plan, err := act(ctx, request)
		if err != nil {
			return err
		}
		if len(plan.Waves) > 0 {
			details := map[string]string{"wave": string(plan.Waves[0])}
			if err := in.noted(ctx, survey.DidHelpOffered, plan.Tree.Path(plan.Asked), details); err != nil {
				return err
			}
		}
		a.tellIncident(in, plan)
		return nil
	})
}

func (c incidentOffer) request(ctx context.Context, in *installation) (wave.Incident, error) {
	r := wave.Incident{Owner: c.Owner, Contact: c.Contact}
	var err error
	if r.Unit, err = in.unit(ctx, c.Unit); err != nil {
		return r, err
	}
	if r.With, err = in.unit(ctx, c.With); err != nil {
		return r, err
	}
	for _, date := range []struct {
		text string
		into *string
	}{{c.Day, &r.Day}, {c.ResultsOn, &r.ResultsOn}} {
		at, err := parseWhen(date.text, in.now(), in.zone)
		if err != nil {
			return r, err
		}
		*date.into = at.In(in.zone).Format(time.DateOnly)
	}
	return r, nil
}

func (a *app) tellIncident(in *installation, plan wave.IncidentPlan) {
	a.printf("Asked: %s, %d people.\n", plan.Tree.Path(plan.Asked), plan.Headcount[plan.Asked])
	if plan.Asked != plan.Unit {
		a.printf("%s has %d people. It is asked together with the unit above.\n", plan.Tree.Path(plan.Unit), plan.Headcount[plan.Unit])
	}
	switch plan.Together {
	case plan.Asked:
		a.printf("Needs are shown from %d answers on; below that, with the unit above only.\n", plan.NeedsFrom)
	case "":
		a.printf("Needs are shown from %d answers on, and no unit has so many people: they will not be shown.\n", plan.NeedsFrom)
	default:
		a.printf("Needs are shown from %d answers on: alone, this unit's will not be. --with %q asks it together with %d people.\n",
			plan.NeedsFrom, plan.Tree.Path(plan.Together), plan.Headcount[plan.Together])
	}
	for i, round := range plan.Rounds {
		name := "would open"
		if i < len(plan.Waves) {
			name = "wave " + string(plan.Waves[i]) + " opens"
		}
		a.printf("Round %d: %s %s, closes %s, results by %s.\n", round.N, name, in.moment(round.Opens), in.moment(round.Closes), round.ResultsOn)
	}
	if len(plan.Waves) > 0 {
		a.printf("The letters go out with the next tick of the server. The sheet with contacts and checklist is on the console's page After an incident.\n")
	}
}

type incidentEnd struct {
	Offer  string `arg:"" help:"The offer, as attune incident list names it."`
	Reason string `required:"" help:"Why, without a word about what happened; everybody can read it in the public log." placeholder:"TEXT"`
}

func (c incidentEnd) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		if err := in.waves.Incidents().End(ctx, c.Offer, c.Reason); err != nil {
			return err
		}
		if err := in.noted(ctx, survey.DidHelpEnded, c.Offer, nil); err != nil {
			return err
		}
		a.printf("%s is ended. What was not released is destroyed and will not be published.\n", c.Offer)
		return nil
	})
}

type incidentList struct{}

func (incidentList) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		offers, err := in.waves.Incidents().Offers(ctx)
		if err != nil {
			return err
		}
		tree, _, err := in.waves.Incidents().Units(ctx)
		if err != nil {
			return err
		}
		if len(offers) == 0 {
			a.printf("No offer yet. Make one with attune incident offer.\n")
		}
		for _, o := range offers {
			a.printf("%s  %s\n", o.Programme, tree.Path(o.Asked))
			for _, w := range o.Waves {
				a.printf("  %-10s %-10s %s – %s\n", w.ID, w.State, in.moment(w.Opens), in.moment(w.Closes))
			}
		}
		return nil
	})
}
