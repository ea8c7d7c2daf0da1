package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"attune/survey"
)

type programmeCommand struct {
	Add    programmeAdd    `cmd:"" help:"Add a repeating plan: the server makes its waves by itself."`
	List   programmeList   `cmd:"" help:"List all programmes."`
	Show   programmeShow   `cmd:"" help:"Show a programme and its next dates."`
	Pause  programmePause  `cmd:"" help:"Open no wave between two days."`
	Resume programmeResume `cmd:"" help:"Lift all pauses that have not ended; start a stopped programme again."`
	Stop   programmeStop   `cmd:"" help:"Plan no more waves. A wave that is announced goes on."`
}

type programmeAdd struct {
	ID          string   `arg:"" help:"Its name: lower-case letters, digits and hyphens."`
	Packs       []string `help:"Packs of every wave, in this order." placeholder:"P,…"`
	Modules     []string `help:"Packs of which each wave has one more, in turn." placeholder:"M,…"`
	Repeat      string   `required:"" help:"When it comes: a recurrence rule of RFC 5545, such as \"FREQ=MONTHLY;BYDAY=1TU\"." placeholder:"RULE"`
	Starts      string   `required:"" help:"The first day on which a wave may open." placeholder:"D"`
	OpensAt     string   `default:"08:00" help:"Hour at which a wave opens, on the organisation's clocks." placeholder:"HH:MM"`
	OpenDays    int      `default:"7" help:"It closes this many days after the day it opens." placeholder:"N"`
	ClosesAt    string   `default:"20:00" help:"Hour at which a wave closes." placeholder:"HH:MM"`
	LeadDays    int      `default:"14" help:"It is announced this many days before it opens, or right after the release of the wave before." placeholder:"N"`
	ResultsDays int      `default:"14" help:"Results are shared and answered this many days after the close." placeholder:"N"`
	Remind      []string `help:"Reminders, in days after the opening: 2d at 10:00, or 2d@14:30." placeholder:"2d,5d"`
	Owner       string   `required:"" help:"The person who will act on the results." placeholder:"NAME"`
	Contact     string   `help:"A local support contact, shown to every respondent; without it, the first imported contact for today of everybody asked." placeholder:"TEXT"`
	Unit        string   `help:"Ask only this part of the organisation." placeholder:"U"`
	Paper       []string `help:"A unit that answers on paper; may be given several times." sep:"none" placeholder:"U"`
	K           int      `help:"The smallest number of people a figure may be about." default:"5" placeholder:"N"`
}

func (c programmeAdd) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		p, err := c.programme(ctx, in)
		if err != nil {
			return err
		}
		faults, err := in.waves.CheckProgramme(ctx, p, true)
		if err != nil {
			return err
		}
		for i, f := range faults { // all of them; the last as the command's own
			if i == len(faults)-1 {
				return f.Error
			}
			_, _ = fmt.Fprintf(a.stderr, "attune: %s\n", a.explain(f.Error))
		}
		next, err := p.Next(in.zone, p.Since, 1)
		if err != nil {
			return err
		}
		if err := in.store.AddProgramme(noting(ctx, survey.DidProgrammeAdded, p.ID, nil), p); err != nil {
			return err
		}
		a.printf("Programme %s is added. Its first wave opens %s.\nThe server announces, opens, closes and releases its waves by itself, as long as it runs.\nNext: attune programme show %s\n",
			p.ID, in.moment(next[0].Opens), p.ID)
		return nil
	})
}

func (c programmeAdd) programme(ctx context.Context, in *installation) (survey.Programme, error) {
	p := survey.Programme{
		ID: c.ID, Packs: c.Packs, Modules: c.Modules, Repeat: survey.CleanRepeat(c.Repeat),
		OpenDays: c.OpenDays, LeadDays: c.LeadDays, ResultsDays: c.ResultsDays,
		Owner: strings.TrimSpace(c.Owner), Contact: strings.TrimSpace(c.Contact), K: c.K,
		Active: true, Since: in.now().UTC().Truncate(time.Second),
	}
	var err error
	if p.Starts, err = in.day(c.Starts); err != nil {
		return p, err
	}
	if p.OpensAt, err = survey.ParseHourMinute(c.OpensAt); err != nil {
		return p, err
	}
	if p.ClosesAt, err = survey.ParseHourMinute(c.ClosesAt); err != nil {
		return p, err
	}
	for _, s := range c.Remind {
		r, err := survey.ParseReminder(s)
		if err != nil {
			return p, err
		}
		p.Reminders = append(p.Reminders, r)
	}
	if p.Scope, err = in.unit(ctx, c.Unit); err != nil {
		return p, err
	}
	for _, path := range c.Paper {
		unit, err := in.unit(ctx, path)
		if err != nil {
			return p, err
		}
		p.Paper = append(p.Paper, unit)
	}
	return p, nil
}

// day reads a date as every command takes it, in the organisation's zone.
func (in *installation) day(s string) (string, error) {
	t, err := parseWhen(s, in.now(), in.zone)
	return t.In(in.zone).Format(time.DateOnly), err
}

type programmeList struct{}

func (programmeList) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		all, err := in.store.Programmes(ctx)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			a.printf("No programme yet. Add one with attune programme add.\n")
			return nil
		}
		for _, p := range all {
			state := "stopped"
			if p.Active {
				state = "active"
			}
			a.printf("%-16s %-8s %s  %s\n", p.ID, state, p.Repeat, strings.Join(append(append([]string{}, p.Packs...), p.Modules...), ", "))
		}
		return nil
	})
}

type programmeShow struct {
	ID string `arg:"" help:"The programme."`
}

func (c programmeShow) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		p, err := in.store.Programme(ctx, c.ID)
		if err != nil {
			return err
		}
		a.showProgramme(p)
		decisions, err := in.store.Occurrences(ctx, p.ID)
		if err != nil {
			return err
		}
		waves, err := in.waves.Waves(ctx)
		if err != nil {
			return err
		}
		states := make(map[survey.WaveID]survey.State, len(waves))
		for _, w := range waves {
			states[w.ID] = w.State
		}
		a.showDecisions(decisions, states)
		if !p.Active {
			a.printf("\nIt is stopped: no more waves are planned. Next: attune programme resume %s\n", p.ID)
			return nil
		}
		return a.showNext(ctx, in, p)
	})
}

func (a *app) showProgramme(p survey.Programme) {
	a.printf("programme   %s\nrepeats     %s, from %s\nopens       %s, for %d days, closes %s\nasks        %s\n",
		p.ID, p.Repeat, p.Starts, p.OpensAt, p.OpenDays, p.ClosesAt, strings.Join(p.Packs, ", "))
	if len(p.Modules) > 0 {
		a.printf("in turn     %s\n", strings.Join(p.Modules, ", "))
	}
	contact := p.Contact
	if contact == "" {
		contact = "the first for today in attune contacts list"
	}
	a.printf("owner       %s\ncontact     %s\nk           %d\n", p.Owner, contact, p.K)
	for _, r := range p.Pauses {
		a.printf("pause       %s – %s\n", r.From, r.To)
	}
}

// shownDecisions is how many past dates are shown.
const shownDecisions = 10

func (a *app) showDecisions(decisions []survey.Decision, states map[survey.WaveID]survey.State) {
	if len(decisions) > shownDecisions {
		decisions = decisions[len(decisions)-shownDecisions:]
	}
	if len(decisions) > 0 {
		a.printf("\n")
	}
	for _, d := range decisions {
		if d.Skipped != nil && (d.Wave == "" || states[d.Wave] == survey.Planned) {
			a.printf("%s  skipped: %s\n", d.Date, a.explain(d.Skipped))
			continue
		}
		a.printf("%s  wave %s, %s\n", d.Date, d.Wave, states[d.Wave])
	}
}

// shownNext is how many dates to come are shown.
const shownNext = 5

func (a *app) showNext(ctx context.Context, in *installation, p survey.Programme) error {
	next, err := in.waves.Dates(ctx, p, shownNext)
	if err != nil {
		return err
	}
	checked := false
	for _, o := range next {
		a.printf("\n")
		switch {
		case o.Decided:
			a.printf("%s  decided, see above\n", o.Date)
		case o.Paused:
			a.printf("%s  paused: nothing opens\n", o.Date)
			continue
		default:
			a.printf("%s  announced %s\n", o.Date, in.moment(o.Announced))
			a.printf("            asks      %s\n", strings.Join(o.Request.Packs, ", "))
			if err := in.waves.CheckOccurrence(ctx, o.Request); err != nil && !checked {
				a.printf("            refused, as things are now: %s\n", a.explain(err))
			}
			checked = true
		}
		a.printf("            opens     %s\n", in.moment(o.Opens))
		for _, at := range o.Reminders {
			a.printf("            reminder  %s\n", in.moment(at))
		}
		a.printf("            closes    %s\n            results   %s\n", in.moment(o.Closes), o.ResultsOn)
	}
	if len(next) == 0 {
		a.printf("\nIts rule names no day any more: no more waves are planned.\n")
	}
	return nil
}

type programmePause struct {
	ID   string `arg:"" help:"The programme."`
	From string `required:"" help:"The first day: a date, or a week such as 2027-W31." placeholder:"D"`
	To   string `required:"" help:"The last day, or a week with all its days." placeholder:"D"`
}

func (c programmePause) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		from, to := c.From, c.To
		for _, d := range []*string{&from, &to} {
			if _, _, week := survey.WeekDays(*d); week {
				continue
			}
			var err error
			if *d, err = in.day(*d); err != nil {
				return err
			}
		}
		pause, err := survey.NewPause(from, to)
		if err != nil {
			return err
		}
		err = in.store.ChangeProgramme(noting(ctx, survey.DidProgrammePause, c.ID, nil), c.ID, func(p *survey.Programme) error {
			p.Pauses = append(p.Pauses, pause)
			return nil
		})
		if err != nil {
			return err
		}
		a.printf("No wave of programme %s opens from %s to %s.\n", c.ID, pause.From, pause.To)
		return a.warnOfPromised(ctx, in, c.ID, pause)
	})
}

// warnOfPromised names the waves that a pause comes too late for: dates of
// announced waves do not move.
func (a *app) warnOfPromised(ctx context.Context, in *installation, id string, pause survey.Pause) error {
	waves, err := in.waves.Waves(ctx)
	if err != nil {
		return err
	}
	for _, w := range waves {
		day := w.Opens.In(in.zone).Format(time.DateOnly)
		if w.Programme == id && w.State == survey.Announced && pause.From <= day && day <= pause.To {
			_, _ = fmt.Fprintf(a.stderr, "attune: wave %s is announced already and opens %s all the same; to stop it, attune wave void %s --reason TEXT\n", w.ID, in.moment(w.Opens), w.ID)
		}
	}
	return nil
}

type programmeResume struct {
	ID string `arg:"" help:"The programme."`
}

func (c programmeResume) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		today := in.now().In(in.zone).Format(time.DateOnly)
		lifted, started := 0, false
		err := in.store.ChangeProgramme(noting(ctx, survey.DidProgrammeGoOn, c.ID, nil), c.ID, func(p *survey.Programme) error {
			lifted, started = p.Resume(today, in.now())
			return nil
		})
		if err != nil {
			return err
		}
		switch {
		case started:
			a.printf("Programme %s goes on from its next date.\n", c.ID)
		case lifted > 0:
			a.printf("Programme %s has no pause any more.\n", c.ID)
		default:
			a.printf("Programme %s had neither a pause nor was it stopped. Nothing was changed.\n", c.ID)
		}
		return nil
	})
}

type programmeStop struct {
	ID string `arg:"" help:"The programme."`
}

func (c programmeStop) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		err := in.store.ChangeProgramme(noting(ctx, survey.DidProgrammeStop, c.ID, nil), c.ID, func(p *survey.Programme) error {
			p.Active = false
			return nil
		})
		if err != nil {
			return err
		}
		a.printf("Programme %s plans no more waves. A wave that is announced or open goes on to its release.\n", c.ID)
		return nil
	})
}
