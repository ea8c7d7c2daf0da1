package survey

import (
	"time"
)

// RulesVersion names the disclosure rules that a manifest promises.
const RulesVersion = "1"

// Manifest is the published promise of a wave. It is published once, at
// announcement, as canonical JSON, and never changes. Times are UTC, RFC 3339.
type Manifest struct {
	V               int       `json:"v"`
	Wave            WaveID    `json:"wave"`
	Programme       string    `json:"programme"`
	Opens           time.Time `json:"opens"`
	Closes          time.Time `json:"closes"`
	K               int       `json:"k"`
	KC              int       `json:"kc"`
	Packs           []PackRef `json:"packs"`
	Slot            int       `json:"slot"`
	ClientSHA256    string    `json:"client_sha256"`
	TicketPublicKey string    `json:"ticket_public_key"`
	GroupsRoot      string    `json:"groups_root"` // Merkle root over Leaf, hex
	People          int       `json:"people"`
	RulesVersion    string    `json:"rules_version"`
	Owner           string    `json:"owner"`
	ResultsOn       string    `json:"results_on"`
	Prev            string    `json:"prev"` // SHA-256 of the log entry before, hex; empty for the first
}

// Leaf is what a manifest promises about one group. Salt keeps somebody who
// knows the root only from guessing leaves.
type Leaf struct {
	Group     string   `json:"group"`
	Units     []string `json:"units"` // the teams' paths, in tree order
	Headcount int      `json:"headcount"`
	Way       Way      `json:"way"`
	Salt      string   `json:"salt"` // 16 random bytes, hex
}
