//go:build !race

package analytics

// anyOrganisations is how many made-up organisations the property tests go
// through; the race detector makes each several times slower.
const anyOrganisations = 10_000
