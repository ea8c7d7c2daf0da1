// Package analytics turns the opened ballots of a closed wave into a release:
// scores, disclosure control, stepped values, intervals. It reads releases
// back, and writes them as exports. It returns keys and figures, never
// sentences.
//
// The way of a wave through the package, each step in a file of its own:
//
//	Tally (tally.go)         scores of every ballot; nothing leaves it but a release
//	field (field.go)         the tree of what may be published: units and merged groups
//	plan (plan.go)           which of them are published for one measure
//	figure (values.go)       clamped, stepped values; interval.go: their intervals
//	document (document.go)   the canonical JSON that is stored
//	Release (release.go)     the same, decoded; what pages and exports accept
//
// Exact sums live in a Tally only and die with it.
package analytics
