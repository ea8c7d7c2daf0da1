// Package store keeps what outlives the process, in SQLite, and is the only
// home of GORM. Rows are unexported: what comes in and goes out are the
// domain's types.
//
// The identified side, the ballot boxes and what is published lie in three
// files that no query can join. What must not survive does not: deleted
// content is overwritten, the journal is cut after every transaction and the
// files are rewritten on closing (secure_delete, journal_mode=TRUNCATE,
// VACUUM), asserted whenever a file is opened.
//
// Faults that a person can mend are survey.Error; all others carry their
// cause. A missing thing is an error with the code survey.NotFound.
package store
