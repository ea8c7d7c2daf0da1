// Package stats holds the statistical formulas of Attune as pure functions of
// numbers: no clock, no text, no rounding for display, nothing of ours
// imported.
//
// Every function that can have no answer (too few values, a constant where a
// spread is needed, a value that is not finite) says so with ok = false, and
// then gives zeros. None of them ever gives NaN or an infinity with ok = true.
//
// Sums go through sorted values, so that the order of the people makes no
// difference, not even in the last bit (Slopes and Omega: but for the last
// bits).
//
// What may be fed into them is another question: pages work with displayed
// values only (docs/methods.md).
package stats
