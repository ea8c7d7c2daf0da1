package store

import "attune/survey"

// carried says which rows of a table a backup holds. Whoever adds a table
// declares it in carriedRows: a test fails until that was done.
type carried struct {
	table string
	// rows is the condition that a row has to meet to come along: everyRow,
	// noRow, or SQL over the columns of the table.
	rows string
	why  string // of what stays behind
}

const (
	everyRow = "true"
	noRow    = "false"
)

// releasedOnly is the condition on a column that names a wave. The copy's own
// waves are asked: the table stands before those that use it.
const releasedOnly = "wave IN (SELECT id FROM main.waves WHERE state = '" + string(survey.Released) + "')"

// carriedRows is the one place that says what a backup holds of the databases.
// ballots.db stays behind as a whole: there is nothing in it but boxes and
// whether they take ballots. docs/decisions/backup.md has the reasons.
func carriedRows(file string) []carried {
	switch file {
	case peopleFile:
		return []carried{
			{table: "units", rows: everyRow},
			{table: "people", rows: everyRow},
			{table: "users", rows: everyRow},
			{"sessions", noRow, "whoever has the row of a session is close to its cookie; everybody signs in again"},
			{table: "waves", rows: everyRow},
			{"rosters", releasedOnly, "a wave that is not released ends with a restore, and its list of who was asked with it"},
			{"roster_people", releasedOnly, "as rosters; of released waves the next release counts who joined or left"},
			{"issuance", noRow, "who has drawn a ticket, sealed by a key that no backup holds"},
			{table: "mailings", rows: everyRow}, // without them everybody would be written to again
			{"outbox", noRow, "letters that wait: whom they are for, and a restored copy must not send them"},
			{table: "reminders_off", rows: everyRow},
			{table: "programmes", rows: everyRow},
			{table: "programme_occurrences", rows: everyRow},
			{table: "events", rows: everyRow},
			{table: "leader_audits", rows: everyRow},
			{table: "leader_edits", rows: everyRow},
			{table: "contacts", rows: everyRow},
			{table: "actions", rows: everyRow},
			{table: "action_edits", rows: everyRow},
			{table: "action_comments", rows: everyRow},
			{table: "action_marks", rows: everyRow},
			{table: "shared_results", rows: everyRow},
			{table: "notes", rows: everyRow},
			{table: "note_actions", rows: everyRow},
			{table: "user_mail", rows: everyRow},
			{"notices", "state <> '" + noticeWaiting + "'", "reminders that wait: they are made again if there is still reason to"},
			{table: "admin_log", rows: everyRow},
			{table: "tokens", rows: everyRow}, // their hashes
			{table: "branding", rows: everyRow},
			{"webhooks", noRow, "the secret signs messages in this server's name"},
			{"wave_news", noRow, "for webhooks only"},
			{"deliveries", noRow, "for webhooks only"},
		}
	case releasesFile:
		return []carried{
			{table: "log_entries", rows: everyRow},
			{table: "manifest_leaves", rows: everyRow},
			{table: "releases", rows: everyRow},
			{"assets", noRow, "served to phones while a wave goes on; those waves end with a restore"},
		}
	}
	return nil
}

// backedUp are the databases that a backup holds, in the order in which they
// are copied. people.db goes first: where the two do not agree, because a
// process was killed, the public log must be the one that is ahead.
func backedUp() []string { return []string{peopleFile, releasesFile} }

// leftOut lists the tables that a backup never holds a row of, as file/table.
func leftOut() []string {
	all := []string{ballotsFile}
	for _, file := range backedUp() {
		for _, c := range carriedRows(file) {
			if c.rows == noRow {
				all = append(all, file+"/"+c.table)
			}
		}
	}
	return all
}
