package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"attune/handlers"
	"attune/survey"
	"attune/survey/store"
	"attune/survey/wave"
)

const (
	demoWaves    = 14 // released waves
	demoOpenDays = 7  // how long a wave stays open
	demoAhead    = 14 // days between announcement and opening
	demoPack     = "pulse"
)

// demoPaper is the department that answers on paper; the others get links.
const demoPaper = "Hospital and Crisis"

// demoWave is the request for the wave with this number that opens at opens.
func demoWave(ctx context.Context, in *installation, number int, opens time.Time) (wave.Request, error) {
	paper, err := in.unit(ctx, demoPaper)
	if err != nil {
		return wave.Request{}, err
	}
	closes := opens.AddDate(0, 0, demoOpenDays)
	return wave.Request{
		Packs: append([]string{demoPack}, demoModules(number)...), Opens: opens, Closes: closes, Paper: []survey.UnitID{paper},
		Owner:     "Alex Example, head of service (made up)",
		ResultsOn: closes.AddDate(0, 0, 14).Format(time.DateOnly),
	}, nil
}

// build fills an empty folder with the organisation, its sign-ins, fourteen
// released waves and one that is open, all through the real pipeline.
func (d *demo) build(ctx context.Context, now time.Time) error {
	at := &setClock{now: now}
	in, err := d.app.open(ctx, settings{dir: d.dir, organisation: demoOrganisation, now: at.Now, flush: 0})
	if err != nil {
		return err
	}
	err = d.fill(ctx, in, at, now)
	if closing := in.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("make the demo: %w", err)
	}
	return writeJSON(filepath.Join(d.dir, clockFile), clockState{})
}

func (d *demo) fill(ctx context.Context, in *installation, at *setClock, now time.Time) error {
	teams := demoTeams()
	if err := importDemo(ctx, in, teams); err != nil {
		return err
	}
	if err := importDemoContacts(ctx, in); err != nil {
		return err
	}
	if err := d.addUsers(ctx, in); err != nil {
		return err
	}
	if err := auditDemo(ctx, in, now); err != nil {
		return err
	}
	last := demoOpening(now.In(in.zone))
	opening := func(i int) time.Time { return last.AddDate(0, i-demoWaves, 0) }
	for i := range demoWaves + 1 {
		d.app.printf("\rMaking a year of made-up waves: %d of %d ", i, demoWaves)
		opens := opening(i)
		at.set(opens.AddDate(0, 0, -demoAhead))
		request, err := demoWave(ctx, in, i, opens)
		if err != nil {
			return err
		}
		planned, err := in.waves.Plan(ctx, request)
		if err != nil {
			return err
		}
		if _, err := in.waves.Announce(ctx, planned.ID); err != nil {
			return err
		}
		at.set(opens)
		if err := in.waves.Tick(ctx); err != nil {
			return err
		}
		if err := castDemo(ctx, in, planned.ID, i, teams, i == demoWaves); err != nil {
			return err
		}
		if i == demoWaves {
			break
		}
		at.set(planned.Closes)
		if err := in.waves.Tick(ctx); err != nil {
			return err
		}
	}
	d.app.printf("\r%60s\r", "")
	if err := writeDemoEvents(ctx, in, opening); err != nil {
		return err
	}
	return writeDemoActions(ctx, in, opening)
}

// demoOpening is a morning two to five days before now, on a day of the month
// that every month has, so that every wave opens on it.
func demoOpening(now time.Time) time.Time {
	day := now.AddDate(0, 0, -2)
	for day.Day() > 28 {
		day = day.AddDate(0, 0, -1)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 8, 0, 0, 0, now.Location())
}

func importDemo(ctx context.Context, in *installation, teams []demoTeam) error {
	list, err := demoPeople(teams)
	if err != nil {
		return err
	}
	rows, faults, err := survey.ParsePeople(bytes.NewReader(list))
	if err != nil || len(faults) > 0 {
		return errors.Join(fmt.Errorf("%d faults in the demo's staff list", len(faults)), err)
	}
	plan, _, faults, err := in.planImport(ctx, rows)
	if err != nil || len(faults) > 0 {
		return errors.Join(fmt.Errorf("%d faults in the demo's staff list", len(faults)), err)
	}
	return in.store.ApplyImport(ctx, plan)
}

// demoUser is one sign-in of the demo.
type demoUser struct {
	Role     string `json:"role"`
	Unit     string `json:"unit"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

func demoUsers() []demoUser {
	return []demoUser{
		{"manager", "Children and Families / Duty and Assessment", "duty@example.org", "demo-duty-team"},
		{"manager", "Hospital and Crisis", "hospital@example.org", "demo-hospital"},
		{"hr", "", "hr@example.org", "demo-hr-export"},
		{"admin", "", "admin@example.org", "demo-administrator"},
		{"auditor", "", "auditor@example.org", "demo-works-council"},
	}
}

// demoOperator is who made the demo, in its administrative log.
const demoOperator = "demo"

func (d *demo) addUsers(ctx context.Context, in *installation) error {
	for _, u := range demoUsers() {
		unit, err := in.unit(ctx, u.Unit)
		if err != nil {
			return err
		}
		hash, err := handlers.HashPassword(rand.Reader, u.Password)
		if err != nil {
			return err
		}
		noted := store.Noting(ctx, survey.Deed{
			Who: demoOperator, Roles: []string{survey.CommandRole}, Action: survey.DidUserAdded, Subject: u.Email,
			Details: map[string]string{"roles": u.Role, "unit": u.Unit},
		})
		err = in.store.AddUser(noted, store.User{Email: u.Email, PasswordHash: hash, Roles: []string{u.Role}, Unit: unit})
		if err != nil {
			return err
		}
	}
	return nil
}
