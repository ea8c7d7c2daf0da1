package survey

import (
	"encoding/json"
	"fmt"
	"time"
)

// EntryKind says what an entry of the public log is.
type EntryKind string

// The kinds of entries.
const (
	ManifestEntry  EntryKind = "manifest"
	ReleaseEntry   EntryKind = "release"
	VoidEntry      EntryKind = "void"
	AmendmentEntry EntryKind = "amendment"
)

// Entry is one link of the public log. Body is canonical JSON whose "prev" is
// the SHA-256 of the body before it, so that nothing in the log can be changed
// or left out without every later hash changing.
type Entry struct {
	Seq    int // 1 for the first
	Kind   EntryKind
	Wave   WaveID
	Body   []byte
	SHA256 string // of Body, hex
}

// ReleaseRecord is the body of a release's entry.
type ReleaseRecord struct {
	V              int       `json:"v"`
	Kind           EntryKind `json:"kind"`
	Wave           WaveID    `json:"wave"`
	ManifestSHA256 string    `json:"manifest_sha256"`
	ReleaseSHA256  string    `json:"release_sha256"`
	Prev           string    `json:"prev"`
}

// VoidRecord is the body of a void wave's entry. It carries no counts.
type VoidRecord struct {
	V      int       `json:"v"`
	Kind   EntryKind `json:"kind"`
	Wave   WaveID    `json:"wave"`
	Reason string    `json:"reason"`
	On     time.Time `json:"on"` // midnight UTC of the day
	Prev   string    `json:"prev"`
}

// ClientAmendment is what an amendment is about when the program on the phone
// is another one than was promised.
const ClientAmendment = "client"

// AmendmentRecord is the body of an entry that says that something of an open
// wave's promise was changed, and how.
type AmendmentRecord struct {
	V    int       `json:"v"`
	Kind EntryKind `json:"kind"`
	Wave WaveID    `json:"wave"`
	What string    `json:"what"` // ClientAmendment
	From string    `json:"from"` // the hash before, hex
	To   string    `json:"to"`   // the hash from here on, hex
	Prev string    `json:"prev"`
}

// VerifyChain checks that every entry hashes to what is stored for it and
// names the entry before it. The error names the first entry that does not.
func VerifyChain(log []Entry) error {
	prev := ""
	for i, e := range log {
		if got := SHA256Hex(e.Body); got != e.SHA256 {
			return fmt.Errorf("log entry %d (%s of wave %s): its text hashes to %s, the log says %s", e.Seq, e.Kind, e.Wave, got, e.SHA256)
		}
		var head struct {
			Kind EntryKind `json:"kind"`
			Wave WaveID    `json:"wave"`
			Prev string    `json:"prev"`
		}
		head.Kind = ManifestEntry // a manifest does not name its kind
		if err := json.Unmarshal(e.Body, &head); err != nil {
			return fmt.Errorf("log entry %d (%s of wave %s): %w", e.Seq, e.Kind, e.Wave, err)
		}
		switch {
		case e.Seq != i+1:
			return fmt.Errorf("log entry %d stands at place %d: an entry is missing or was added", e.Seq, i+1)
		case head.Prev != prev:
			return fmt.Errorf("log entry %d (%s of wave %s) names %q as the entry before it, which is %q", e.Seq, e.Kind, e.Wave, head.Prev, prev)
		case head.Kind != e.Kind:
			return fmt.Errorf("log entry %d is a %s, the log says %s", e.Seq, head.Kind, e.Kind)
		case head.Wave != e.Wave:
			return fmt.Errorf("log entry %d is about wave %s, the log says %s", e.Seq, head.Wave, e.Wave)
		}
		prev = e.SHA256
	}
	return nil
}
