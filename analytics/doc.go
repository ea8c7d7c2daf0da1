// Package analytics turns the opened ballots of a closed wave into a release:
// scores, disclosure control, stepped values, intervals. It reads releases
// back, and writes them as exports. It returns keys and figures, never
// sentences.
//
// The way of a wave through the package, each step in a file of its own:
//
//	Tally (tally.go)         sums of every group's scores; nothing leaves it but a release
//	field (field.go)         the tree of what may be published: units and merged groups
//	plan (plan.go)           what is published for one measure; optimum.go chooses it
//	values (values.go)       clamped, stepped values; interval.go: their intervals
//	finer                    counts.go and spread.go: counts in bands, standard deviations
//	cases (cases.go)         complete cases; products.go and family.go: associations, alpha, omega
//	draft (draft.go)         all of it as columns; the gate that lets a release through
//	document (document.go)   the canonical JSON that is stored; builder.go lays it out
//	audit (audit.go)         works the document's cells out again before it is stored
//	Release (release.go)     the document, decoded; what pages and exports accept
//
// Exact sums live in a Tally only and die with it.
package analytics
