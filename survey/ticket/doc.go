// Package ticket holds the anonymous right to answer once for one group in one
// wave: paper codes, drawn from a bowl.
//
// The package knows no clock, no database and no person, and keeps no list of
// who has which ticket: whoever holds a code is whoever drew the slip.
package ticket
