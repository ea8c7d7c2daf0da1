package main

import (
	"context"
	"strings"
	"time"

	"attune/survey"
	"attune/survey/wave"
)

type waveCommand struct {
	Plan     wavePlan     `cmd:"" help:"Plan a wave; nothing is promised to anybody yet."`
	Announce waveAnnounce `cmd:"" help:"Freeze the roster and publish the wave's manifest."`
	List     waveList     `cmd:"" help:"List all waves."`
	Show     waveShow     `cmd:"" help:"Show a wave, its fingerprint and its groups."`
	Release  waveRelease  `cmd:"" help:"Try again to release a closed wave."`
	Void     waveVoid     `cmd:"" help:"End a wave for good: nothing is published, everything is destroyed."`
}

type wavePlan struct {
	Packs     []string `required:"" help:"Packs to ask, in this order." placeholder:"P,…"`
	Opens     string   `required:"" help:"When it opens: a date, \"2026-11-21 09:00\", RFC 3339, now or +2h." placeholder:"D"`
	Closes    string   `required:"" help:"When it closes." placeholder:"D"`
	Owner     string   `required:"" help:"The person who will act on the results." placeholder:"NAME"`
	ResultsOn string   `required:"" help:"The date by which results are shared and answered." placeholder:"D"`
	Contact   string   `help:"A local support contact, shown to every respondent; without it, the first imported contact for today of everybody asked." placeholder:"TEXT"`
	Unit      string   `help:"Ask only this part of the organisation." placeholder:"U"`
	Paper     []string `help:"A unit that answers on paper; may be given several times." sep:"none" placeholder:"U"`
	AllPaper  bool     `help:"Everybody answers on paper."`
	K         int      `help:"The smallest number of people a figure may be about." default:"5" placeholder:"N"`
	Programme string   `help:"The repeating plan that the wave belongs to." default:"main" placeholder:"ID"`
}

func (c wavePlan) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		request, err := c.request(ctx, in)
		if err != nil {
			return err
		}
		planned, err := in.waves.Plan(ctx, request)
		if err != nil {
			return err
		}
		if err := in.noted(ctx, survey.DidWavePlanned, string(planned.ID), nil); err != nil {
			return err
		}
		a.printf("Wave %s is planned: opens %s, closes %s.\nNext: attune wave announce %s\n",
			planned.ID, in.moment(planned.Opens), in.moment(planned.Closes), planned.ID)
		return nil
	})
}

func (c wavePlan) request(ctx context.Context, in *installation) (wave.Request, error) {
	r := wave.Request{Programme: c.Programme, Packs: c.Packs, Owner: c.Owner, Contact: c.Contact, K: c.K, AllPaper: c.AllPaper}
	var err error
	now := in.now()
	if r.Opens, err = parseWhen(c.Opens, now, in.zone); err != nil {
		return r, err
	}
	if r.Closes, err = parseWhen(c.Closes, now, in.zone); err != nil {
		return r, err
	}
	results, err := parseWhen(c.ResultsOn, now, in.zone)
	if err != nil {
		return r, err
	}
	r.ResultsOn = results.In(in.zone).Format(time.DateOnly)
	if r.Unit, err = in.unit(ctx, c.Unit); err != nil {
		return r, err
	}
	for _, path := range c.Paper {
		unit, err := in.unit(ctx, path)
		if err != nil {
			return r, err
		}
		r.Paper = append(r.Paper, unit)
	}
	return r, nil
}

func (in *installation) moment(t time.Time) string {
	return t.In(in.zone).Format("2006-01-02 15:04 MST")
}

func (in *installation) organisation(ctx context.Context) (survey.Organisation, error) {
	units, err := in.store.Units(ctx)
	if err != nil {
		return survey.Organisation{}, err
	}
	people, err := in.store.People(ctx)
	if err != nil {
		return survey.Organisation{}, err
	}
	return survey.Resolve(units, people)
}

type waveAnnounce struct {
	Wave string `arg:"" help:"The wave's id."`
}

func (c waveAnnounce) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		face, err := in.waves.Announce(ctx, survey.WaveID(c.Wave))
		if err != nil {
			return err
		}
		if err := in.noted(ctx, survey.DidWaveAnnounced, c.Wave, nil); err != nil {
			return err
		}
		a.printf("Wave %s is announced to %d people; its dates, k and packs will not change any more.\nFingerprint: %s\nNext: attune tickets print --wave %s -o tickets.pdf\n",
			face.ID, face.Manifest.People, strings.Join(face.Fingerprint, " "), face.ID)
		texts, err := in.onlyByText(ctx, face.ID)
		if err != nil {
			return err
		}
		a.tellOfTexts(texts)
		return nil
	})
}

type waveList struct{}

func (waveList) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		all, err := in.waves.Waves(ctx)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			a.printf("No wave yet. Plan one with attune wave plan.\n")
			return nil
		}
		for _, w := range all {
			a.printf("%-10s %-10s %s – %s  %s\n", w.ID, w.State, in.moment(w.Opens), in.moment(w.Closes), packNames(w))
		}
		return nil
	})
}

func packNames(w survey.Wave) string {
	names := make([]string, len(w.Packs))
	for i, p := range w.Packs {
		names[i] = p.ID + " " + p.Version
	}
	return strings.Join(names, ", ")
}

type waveShow struct {
	Wave string `arg:"" help:"The wave's id."`
}

func (c waveShow) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		w, err := in.waves.Wave(ctx, survey.WaveID(c.Wave))
		if err != nil {
			return err
		}
		a.printf("wave        %s (%s), programme %s\nopens       %s\ncloses      %s\nresults on  %s, by %s\ncontact     %s\npacks       %s\nk           %d\n",
			w.ID, w.State, w.Programme, in.moment(w.Opens), in.moment(w.Closes), w.ResultsOn, w.Owner, w.Contact, packNames(w), w.K)
		if w.State == survey.Planned {
			return nil
		}
		return a.showPromise(ctx, in, w)
	})
}

func (a *app) showPromise(ctx context.Context, in *installation, w survey.Wave) error {
	manifest, entry, leaves, err := in.store.ManifestOf(ctx, w.ID)
	if survey.IsCode(err, survey.NotFound) { // made void before it was announced
		return nil
	}
	if err != nil {
		return err
	}
	words, err := survey.Fingerprint(entry.SHA256)
	if err != nil {
		return err
	}
	a.printf("fingerprint %s\npeople      %d in %d groups:\n", strings.Join(words, " "), manifest.People, len(leaves))
	for _, leaf := range leaves {
		a.printf("%5d  %-10s  %s\n", leaf.Headcount, leaf.Way, strings.Join(leaf.Units, " + "))
	}
	return nil
}

type waveRelease struct {
	Wave string `arg:"" help:"The wave's id."`
}

func (c waveRelease) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		state, err := in.waves.Release(ctx, survey.WaveID(c.Wave))
		if err != nil {
			return err
		}
		if err := in.noted(ctx, survey.DidWaveReleased, c.Wave, nil); err != nil {
			return err
		}
		a.printf("Wave %s is %s.\n", c.Wave, state)
		return nil
	})
}

type waveVoid struct {
	Wave   string `arg:"" help:"The wave's id."`
	Reason string `required:"" help:"Why; everybody can read it in the public log." placeholder:"TEXT"`
}

func (c waveVoid) Run(ctx context.Context, a *app) error {
	return a.with(ctx, func(in *installation) error {
		if err := in.waves.Void(ctx, survey.WaveID(c.Wave), c.Reason); err != nil {
			return err
		}
		if err := in.noted(ctx, survey.DidWaveVoided, c.Wave, nil); err != nil {
			return err
		}
		a.printf("Wave %s is void. Nothing of it is published and its ballots are destroyed.\n", c.Wave)
		return nil
	})
}
