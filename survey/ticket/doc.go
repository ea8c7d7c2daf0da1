// Package ticket holds the anonymous right to answer once for one group in one
// wave: electronic tickets (poprf.go), which are stamped without being seen, and
// paper codes (paper.go), drawn from a bowl.
//
// The package knows no clock, no database and no person, and keeps no list of
// who has which ticket: whoever holds a code is whoever drew the slip.
package ticket
