//go:build race

package analytics

// anyOrganisations is how many made-up organisations the property tests go
// through under the race detector.
const anyOrganisations = 500
