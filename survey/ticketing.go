package survey

import "encoding/json"

// Offer is what a phone needs to draw its ticket for one wave: the manifest's
// exact bytes, and the leaf of the person's group with its Merkle path, so
// that the phone can check by itself what it is promised.
type Offer struct {
	Wave     WaveID          `json:"wave"`
	Manifest json.RawMessage `json:"manifest"`
	Leaf     json.RawMessage `json:"leaf"`  // canonical JSON of a Leaf
	Index    int             `json:"index"` // of the leaf, from 0
	Count    int             `json:"count"` // of all leaves
	Path     []string        `json:"path"`  // hashes from the leaf's sibling up, hex
}

// Drawn is the issuer's answer to a blinded element.
type Drawn struct {
	Evaluated []byte `json:"evaluated"` // 32 bytes
	Proof     []byte `json:"proof"`     // 64 bytes
}

// TicketBallot is a ballot with the ticket that lets it into a box. Nothing in
// it names a person.
type TicketBallot struct {
	Wave   WaveID `json:"wave"`
	Group  string `json:"group"`
	Input  []byte `json:"input"`  // 32 bytes, also the nullifier
	Output []byte `json:"output"` // 64 bytes
	// Sheet is the encoded sheet, padded with zeros to the wave's slot less
	// 33 bytes, so that every ballot of a wave has the same length. It is
	// empty when the ballot is withdrawn.
	Sheet []byte `json:"sheet"`
}
