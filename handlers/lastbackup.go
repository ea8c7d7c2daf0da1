package handlers

import (
	"context"
	"time"

	"attune/survey"
)

// oldBackup is the age from which on the last backup is warned of: a week, as
// a nightly one that has stopped is noticed by then.
const oldBackup = 7 * 24 * time.Hour

// lastBackup is what the page about the program says of the last backup.
type lastBackup struct {
	When     string // and how long ago that was; empty: never
	Restored bool   // it is the one that this installation was restored from
	Old      bool
}

// lastBackup reads it from the administrative log. An entry of a backup is
// written once the file is there, and so does not stand in the file itself;
// after a restore the newest entry is that of the restore, which names the
// moment of the backup. So the age is true after a restore too.
func (con *console) lastBackup(ctx context.Context, s speech, now time.Time) (lastBackup, error) {
	entries, err := con.deeds.AdminLog(ctx, survey.AdminFilter{Kind: survey.DidBackup.Kind()}, 0, 1)
	if err != nil || len(entries) == 0 {
		return lastBackup{}, err
	}
	made, restored := entries[0].At, entries[0].Action == survey.DidRestore
	if restored {
		if made, err = time.Parse(time.RFC3339, entries[0].Details["made"]); err != nil {
			return lastBackup{}, err
		}
	}
	age := now.Sub(made)
	args := survey.Args{"at": s.moment(made), "n": max(2, int(age/time.Hour)+1)} // "less than 2 hours"
	key := "system.backup.hours"
	if age >= 48*time.Hour {
		key, args["n"] = "system.backup.days", int(age/(24*time.Hour))
	}
	return lastBackup{When: s.say(key, args), Restored: restored, Old: age > oldBackup}, nil
}
