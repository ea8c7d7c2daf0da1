package survey

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Record is everything that the public log says about one wave.
type Record struct {
	Wave       WaveID
	Manifest   *Manifest // nil for a wave that was made void before it was announced
	Release    *ReleaseRecord
	Void       *VoidRecord
	Amendments []AmendmentRecord
	Entries    []Entry // as they stand in the log
}

// Entry finds the wave's first entry of a kind.
func (r Record) Entry(kind EntryKind) (Entry, bool) {
	for _, e := range r.Entries {
		if e.Kind == kind {
			return e, true
		}
	}
	return Entry{}, false
}

// Client is the hash of the program on the phone that holds for the wave: the
// promised one, or what the last amendment says. Empty when none was promised.
func (r Record) Client() string {
	client := ""
	if r.Manifest != nil {
		client = r.Manifest.ClientSHA256
	}
	for _, a := range r.Amendments {
		if a.What == ClientAmendment {
			client = a.To
		}
	}
	return client
}

// Clients lists the promised program and every one that an amendment put in
// its place, in their order.
func (r Record) Clients() []string {
	var clients []string
	if r.Manifest != nil && r.Manifest.ClientSHA256 != "" {
		clients = append(clients, r.Manifest.ClientSHA256)
	}
	for _, a := range r.Amendments {
		if a.What == ClientAmendment {
			clients = append(clients, a.To)
		}
	}
	return clients
}

// Records reads a log whose chain holds, wave by wave, in the order in which
// the waves first appear. It fails with the entry that makes no sense where it
// stands: a second manifest or ending of a wave, a release, ending or
// amendment without the manifest it needs, something after the ending, or an
// amendment that does not begin where the promise stood.
func Records(log []Entry) ([]Record, error) {
	place := make(map[WaveID]int)
	var records []Record
	for _, e := range log {
		i, ok := place[e.Wave]
		if !ok {
			i = len(records)
			place[e.Wave] = i
			records = append(records, Record{Wave: e.Wave})
		}
		if err := records[i].add(e); err != nil {
			return nil, fmt.Errorf("log entry %d (%s of wave %s): %w", e.Seq, e.Kind, e.Wave, err)
		}
	}
	return records, nil
}

func (r *Record) add(e Entry) error {
	var into any
	switch e.Kind {
	case ManifestEntry:
		if r.Manifest != nil {
			return errors.New("the wave has a manifest before it")
		}
		r.Manifest = new(Manifest)
		into = r.Manifest
	case ReleaseEntry:
		r.Release = new(ReleaseRecord)
		into = r.Release
	case VoidEntry:
		r.Void = new(VoidRecord)
		into = r.Void
	case AmendmentEntry:
		r.Amendments = append(r.Amendments, AmendmentRecord{})
		into = &r.Amendments[len(r.Amendments)-1]
	default:
		return errors.New("its kind is unknown")
	}
	if err := json.Unmarshal(e.Body, into); err != nil {
		return err
	}
	r.Entries = append(r.Entries, e)
	return r.fits(e.Kind)
}

// fits says whether an entry that was just added may stand where it does.
func (r *Record) fits(kind EntryKind) error {
	endings := 0
	for _, e := range r.Entries {
		if e.Kind == ReleaseEntry || e.Kind == VoidEntry {
			endings++
		}
	}
	ending := kind == ReleaseEntry || kind == VoidEntry
	switch {
	case endings > 1, endings == 1 && !ending:
		return errors.New("the wave had ended before it")
	case r.Manifest == nil && kind != VoidEntry:
		return errors.New("the wave has no manifest before it")
	}
	if kind != AmendmentEntry {
		return nil
	}
	last := r.Amendments[len(r.Amendments)-1]
	before := *r
	before.Amendments = r.Amendments[:len(r.Amendments)-1]
	if last.What == ClientAmendment && last.From != before.Client() {
		return fmt.Errorf("it amends the client %s, the promise stood at %s", last.From, before.Client())
	}
	return nil
}
