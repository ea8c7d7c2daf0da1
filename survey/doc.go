// Package survey is the domain of Attune: instrument packs and their scoring,
// the organisation tree and the people in it, groups that share a ballot box,
// waves, manifests and the public log.
//
// It holds no storage and no HTTP, reads no clock and no environment, and
// imports nothing else of this module. Time and randomness come in as values.
package survey
