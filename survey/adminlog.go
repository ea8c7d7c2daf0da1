package survey

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// DeedName names what somebody did, as KIND.WHAT.
type DeedName string

// The actions that the administrative log knows.
const (
	DidSignedIn       DeedName = "access.signed_in"     // wrong: refused tries at the server since the sign-in before
	DidOwnPassword    DeedName = "access.password"      // somebody replaced their own password
	DidUserAdded      DeedName = "user.added"           // subject: the new user; roles, unit
	DidUserChanged    DeedName = "user.changed"         // subject: the user; roles, unit
	DidUserRemoved    DeedName = "user.removed"         // subject: the user
	DidUserPassword   DeedName = "user.password"        // somebody gave another user a new one-time password
	DidUserSignedOut  DeedName = "user.signed_out"      // subject: the user; by somebody else, everywhere
	DidPeopleImported DeedName = "people.imported"      // nobody is named or counted
	DidPersonChanged  DeedName = "people.changed"       // one person; nobody is named
	DidPersonForgot   DeedName = "people.forgotten"     // nobody is named
	DidUnitAdded      DeedName = "unit.added"           // subject: its path
	DidUnitRenamed    DeedName = "unit.renamed"         // subject: its path before; to: the new name
	DidUnitMoved      DeedName = "unit.moved"           // subject: its path before; to: the path of the unit above
	DidUnitRemoved    DeedName = "unit.removed"         // subject: its path
	DidWavePlanned    DeedName = "wave.planned"         // subject: the wave
	DidWaveAnnounced  DeedName = "wave.announced"       // subject: the wave
	DidWaveReleased   DeedName = "wave.released"        // subject: the wave; tried again by hand
	DidWaveVoided     DeedName = "wave.voided"          // subject: the wave; the reason is in the public log
	DidProgrammeAdded DeedName = "programme.added"      // subject: the programme, here and below
	DidProgrammeMoved DeedName = "programme.changed"    //
	DidProgrammePause DeedName = "programme.paused"     //
	DidProgrammeGoOn  DeedName = "programme.resumed"    //
	DidProgrammeStop  DeedName = "programme.stopped"    //
	DidHelpOffered    DeedName = "incident.offered"     // subject: the unit that is asked; wave: its first wave
	DidHelpEnded      DeedName = "incident.ended"       // subject: the offer
	DidActionRemoved  DeedName = "plan.removed"         // subject: the path of the unit whose plan it was in
	DidNotePublished  DeedName = "plan.published"       // subject: the path of the unit whose staff read it; wave
	DidNoteWithdrawn  DeedName = "plan.withdrawn"       // the same
	DidPackAdded      DeedName = "pack.added"           // subject: the pack; version
	DidPackRemoved    DeedName = "pack.removed"         // subject: the pack; version
	DidPackTexts      DeedName = "pack.texts"           // subject: the pack; version
	DidContacts       DeedName = "contacts.imported"    // the list of support contacts was replaced
	DidTickets        DeedName = "paper.tickets"        // subject: the wave whose slips were printed
	DidLinks          DeedName = "paper.links"          // personal links were printed
	DidExported       DeedName = "export.downloaded"    // subject: the wave, or all; format
	DidExportWritten  DeedName = "export.written"       // subject: the wave, or all; format; written by the schedule
	DidEvidence       DeedName = "export.evidence"      // the evidence bundle
	DidActionsRead    DeedName = "export.actions"       // this log itself
	DidSetting        DeedName = "setting.changed"      // subject: the name of the setting, never its value
	DidAccent         DeedName = "branding.accent"      // the organisation's colour; never which
	DidLogo           DeedName = "branding.logo"        // its logo; never its content
	DidLanguages      DeedName = "branding.languages"   // which languages it offers
	DidBrandingUndone DeedName = "branding.undone"      // the last of these changes was taken back
	DidTokenAdded     DeedName = "integration.token"    // subject: the name of the integration; unit
	DidTokenRevoked   DeedName = "integration.revoked"  // subject: the name of the integration
	DidHookAdded      DeedName = "integration.hook"     // subject: the webhook's host
	DidHookRemoved    DeedName = "integration.unhooked" // subject: the webhook's host
	DidBackup         DeedName = "backup.made"          // subject: the name of the file
	DidRestore        DeedName = "backup.restored"      // subject: the name of the file; made: when the backup was, RFC 3339
)

// deedDetails lists every action with the names of the details that it may
// carry. None of them is a figure or says anything about a respondent.
func deedDetails() map[DeedName][]string {
	return map[DeedName][]string{
		DidSignedIn: {"wrong"}, DidOwnPassword: nil,
		DidUserAdded: {"roles", "unit"}, DidUserChanged: {"roles", "unit"}, DidUserRemoved: nil, DidUserPassword: nil, DidUserSignedOut: nil,
		DidPeopleImported: nil, DidPersonChanged: nil, DidPersonForgot: nil,
		DidUnitAdded: nil, DidUnitRenamed: {"to"}, DidUnitMoved: {"to"}, DidUnitRemoved: nil,
		DidWavePlanned: nil, DidWaveAnnounced: nil, DidWaveReleased: nil, DidWaveVoided: nil,
		DidProgrammeAdded: nil, DidProgrammeMoved: nil, DidProgrammePause: nil, DidProgrammeGoOn: nil, DidProgrammeStop: nil,
		DidHelpOffered: {"wave"}, DidHelpEnded: nil,
		DidActionRemoved: nil, DidNotePublished: {"wave"}, DidNoteWithdrawn: {"wave"},
		DidPackAdded: {"version"}, DidPackRemoved: {"version"}, DidPackTexts: {"version"},
		DidContacts: nil, DidTickets: nil, DidLinks: nil,
		DidExported: {"format"}, DidExportWritten: {"format"}, DidEvidence: nil, DidActionsRead: nil,
		DidSetting: nil,
		DidAccent:  nil, DidLogo: nil, DidLanguages: nil, DidBrandingUndone: nil,
		DidTokenAdded: {"unit"}, DidTokenRevoked: nil, DidHookAdded: nil, DidHookRemoved: nil,
		DidBackup: nil, DidRestore: {"made"},
	}
}

// DeedNames lists all actions by name.
func DeedNames() []DeedName { return slices.Sorted(maps.Keys(deedDetails())) }

// DetailsOf lists the names of the details that an action may carry.
func DetailsOf(a DeedName) []string { return deedDetails()[a] }

// Kind is the part of an action's name that people filter by.
func (a DeedName) Kind() string {
	kind, _, _ := strings.Cut(string(a), ".")
	return kind
}

// DeedKinds lists the kinds of all actions, sorted.
func DeedKinds() []string {
	var kinds []string
	for _, a := range DeedNames() {
		if !slices.Contains(kinds, a.Kind()) {
			kinds = append(kinds, a.Kind())
		}
	}
	return kinds
}

// CommandRole stands in the place of a role for whoever works on the server's
// own command line.
const CommandRole = "command"

// Deed is what somebody who runs or reads an installation did: who, as what,
// which action, to which thing.
type Deed struct {
	Who     string   // a user's e-mail address; of a command, the operating system's user
	Roles   []string // the user's roles at that time, or CommandRole
	Action  DeedName
	Subject string            // what it was done to; may be empty
	Details map[string]string // by the names that DetailsOf lists; never a figure, never a respondent
}

// maxDeed bounds each text of a deed, in characters: a unit's path is the
// longest of them.
const maxDeed = 1000

// Check refuses a deed that the administrative log must not keep: an action
// that it does not know, a detail that the action does not have, or nobody.
func (d Deed) Check() error {
	allowed, known := deedDetails()[d.Action]
	if !known {
		return fmt.Errorf("administrative log: there is no action %q", d.Action)
	}
	if d.Who == "" || len(d.Roles) == 0 {
		return fmt.Errorf("administrative log: %s by nobody", d.Action)
	}
	for name := range d.Details {
		if !slices.Contains(allowed, name) {
			return fmt.Errorf("administrative log: %s may not carry %q", d.Action, name)
		}
	}
	return nil
}

// AdminEntry is one line of the administrative log. Body is canonical JSON
// whose "prev" is the SHA-256 of the body before it, as in the public log:
// nothing can be changed or taken out without every later hash changing. What
// was taken off the end is seen by whoever noted the last hash.
type AdminEntry struct {
	Seq int // 1 for the first
	At  time.Time
	Deed
	Body   []byte
	SHA256 string // of Body, hex
}

// adminBody is what an entry's body holds.
type adminBody struct {
	V       int               `json:"v"`
	Seq     int               `json:"seq"`
	At      time.Time         `json:"at"` // whole seconds, UTC
	Who     string            `json:"who"`
	Roles   []string          `json:"roles"`
	Action  DeedName          `json:"action"`
	Subject string            `json:"subject,omitempty"`
	Details map[string]string `json:"details,omitempty"`
	Prev    string            `json:"prev"`
}

// NewAdminEntry writes a deed behind the entry with the number last and the
// hash prev: 0 and "" for the first. It fails when the deed does not pass its
// check. Overlong texts are cut.
func NewAdminEntry(d Deed, at time.Time, last int, prev string) (AdminEntry, error) {
	if err := d.Check(); err != nil {
		return AdminEntry{}, err
	}
	body := adminBody{
		V: 1, Seq: last + 1, At: at.UTC().Truncate(time.Second), Who: cutShort(d.Who), Roles: slices.Sorted(slices.Values(d.Roles)),
		Action: d.Action, Subject: cutShort(d.Subject), Prev: prev,
	}
	for name, value := range d.Details {
		if value == "" {
			continue
		}
		if body.Details == nil {
			body.Details = make(map[string]string)
		}
		body.Details[name] = cutShort(value)
	}
	raw, err := Canonical(body)
	if err != nil {
		return AdminEntry{}, fmt.Errorf("administrative log: %w", err)
	}
	return ReadAdminEntry(raw, SHA256Hex(raw))
}

// cutShort cuts a text to maxDeed characters and drops what is no text.
func cutShort(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if utf8.RuneCountInString(text) <= maxDeed {
		return text
	}
	return string([]rune(text)[:maxDeed-1]) + "…"
}

// ReadAdminEntry reads a stored body. It does not check the hash: AdminChain does.
func ReadAdminEntry(body []byte, sha256 string) (AdminEntry, error) {
	var b adminBody
	if err := json.Unmarshal(body, &b); err != nil {
		return AdminEntry{}, fmt.Errorf("administrative log: %w", err)
	}
	return AdminEntry{
		Seq: b.Seq, At: b.At, Deed: Deed{Who: b.Who, Roles: b.Roles, Action: b.Action, Subject: b.Subject, Details: b.Details},
		Body: body, SHA256: sha256,
	}, nil
}

// AdminChain checks the administrative log entry by entry, the first one
// first. Its zero value stands before the first entry.
type AdminChain struct {
	Entries int    // how many were checked
	Last    string // the hash of the last of them, empty before the first
}

// Next checks that an entry hashes to what is stored for it, stands in its
// place and names the entry before it. The error names the entry.
func (c *AdminChain) Next(e AdminEntry) error {
	if got := SHA256Hex(e.Body); got != e.SHA256 {
		return fmt.Errorf("administrative log, entry %d: its text hashes to %s, the log says %s", c.Entries+1, got, e.SHA256)
	}
	var b adminBody
	if err := json.Unmarshal(e.Body, &b); err != nil {
		return fmt.Errorf("administrative log, entry %d: %w", c.Entries+1, err)
	}
	if b.Seq != c.Entries+1 {
		return fmt.Errorf("administrative log: entry %d stands at place %d: an entry is missing or was added", b.Seq, c.Entries+1)
	}
	if b.Prev != c.Last {
		return fmt.Errorf("administrative log: entry %d names %q as the entry before it, which is %q", b.Seq, b.Prev, c.Last)
	}
	c.Entries, c.Last = b.Seq, e.SHA256
	return nil
}

// AdminFilter chooses entries of the administrative log; its zero value
// chooses all.
type AdminFilter struct {
	Kind     string    // of DeedKinds; empty: every kind
	From, To time.Time // from From until before To; zero: open
}
