package survey

import (
	"sort"
	"time"
)

// WaveID names a wave after its opening month: "2026-11", then "2026-11-2".
type WaveID string

// State of a wave; it only ever moves forward.
type State string

// planned → announced → open → closed → released, or void.
const (
	Planned   State = "planned"
	Announced State = "announced"
	Open      State = "open"
	Closed    State = "closed"
	Released  State = "released"
	Void      State = "void"
)

// Final says whether nothing will happen to the wave any more.
func (s State) Final() bool { return s == Released || s == Void }

const (
	// MinK is the floor of k: no release setting goes below it.
	MinK = 5
	// MinGapDays lie between two openings of the same scale for the same people.
	MinGapDays = 21
	// ReleaseWithinDays after close everything is destroyed, released or not.
	ReleaseWithinDays = 14
)

// KC is the minimum of a block that combines hidden units: ⌈1.5·(k−1)⌉.
func KC(k int) int { return (3*(k-1) + 1) / 2 }

// CountsMin is the fewest answers in whatever is left over between published
// counts in bands and standard deviations: they say more about single people
// than means, for which k is enough.
const CountsMin = 10

// PackRef names one version of a pack.
type PackRef struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"` // of the pack file, hex
}

// Wave is one occurrence of a programme as it was planned.
type Wave struct {
	ID        WaveID
	Programme string
	State     State
	Scope     UnitID // everybody in or under this unit is asked
	Paper     []UnitID
	AllPaper  bool
	Packs     []PackRef
	Opens     time.Time
	Closes    time.Time
	ResultsOn string // YYYY-MM-DD: by then the owner shares and answers the results
	Owner     string // the named person who owns the follow-up
	Contact   string // a local support contact, shown to every respondent
	K         int
	Tag       string // three characters that begin every paper code of this wave
}

// ClosedWave is all that a release is made of. It exists in memory only,
// between the opening of the boxes and the commit of the release.
type ClosedWave struct {
	Manifest       Manifest
	ManifestSHA256 string
	Units          []Unit         // the tree as it was at announcement
	Headcount      map[UnitID]int // per unit, everybody in or under it, at announcement
	Groups         []Group
	Packs          []*Pack
	Ballots        map[string][][]byte // by group id: sheets as Sheet.Encode wrote them
	Zone           string              // the organisation's time zone, an IANA name, for dates
	// Previous is the document of the programme's previous release, nil when
	// there was none: what was shown then is shown again where that is possible.
	Previous []byte
	// Changed counts the people who joined or left this set of teams since
	// the programme's previous release; known is false when there was none.
	Changed func(teams []UnitID) (people int, known bool)
}

// ReleaseDocument is the stored truth of a release, or the reason why there
// is none. It is what a Releaser makes of a ClosedWave.
type ReleaseDocument struct {
	JSON []byte // canonical; empty for a void wave
	Void string // reason key: "too_few", "audit"; empty when JSON is set
}

// StoredRelease is a release as the store keeps it.
type StoredRelease struct {
	Wave   WaveID
	SHA256 string // of JSON, hex
	JSON   []byte
}

// Sheet fixes the order of a wave's items and with it the bytes of a ballot.
type Sheet struct {
	items []Item
	packs []*Pack
}

// NewSheet lays out the items of packs, in their order. It fails when two
// packs use one id for an item or a scale: fields of the answer form and
// measures of an export are named by it; when a pack's associations name a
// scale that the other pack does not have; and for a pack whose texts an
// organisation has to add first.
func NewSheet(packs []*Pack) (Sheet, error) {
	s := Sheet{packs: packs}
	seen := make(map[string]string)
	for _, p := range packs {
		if !p.Asked() {
			return Sheet{}, Fail(Invalid, "error.wave.pack_texts", Args{"pack": p.ID})
		}
		for _, item := range p.Items {
			if other, twice := seen[item.ID]; twice {
				return Sheet{}, Fail(Invalid, "error.wave.item_twice", Args{"item": item.ID, "pack": p.ID, "other": other})
			}
			seen[item.ID] = p.ID
			s.items = append(s.items, item)
		}
		for _, scale := range p.Scales {
			if other, twice := seen[scale.ID]; twice {
				return Sheet{}, Fail(Invalid, "error.wave.item_twice", Args{"item": scale.ID, "pack": p.ID, "other": other})
			}
			seen[scale.ID] = p.ID
		}
	}
	return s, checkAssociations(packs)
}

// Items lists the items in ballot order.
func (s Sheet) Items() []Item { return append([]Item(nil), s.items...) }

// Bytes is the length of an encoded sheet: one byte an item.
func (s Sheet) Bytes() int { return len(s.items) }

// Answers hold the chosen option's value by item id; a skipped item is absent.
type Answers map[string]int

// Encode writes one byte an item: 0 for skipped, else one more than the
// option's place. It fails on an unknown item or a value that is no option.
func (s Sheet) Encode(a Answers) ([]byte, error) {
	known := make(map[string]bool, len(s.items))
	sheet := make([]byte, len(s.items))
	for i, item := range s.items {
		known[item.ID] = true
		value, answered := a[item.ID]
		if !answered {
			continue
		}
		place := item.optionIndex(value)
		if place < 0 {
			return nil, Fail(Invalid, "error.answer.value", Args{"item": item.ID, "value": value})
		}
		sheet[i] = byte(place + 1)
	}
	unknown := make([]string, 0)
	for id := range a {
		if !known[id] {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		sort.Strings(unknown)
		return nil, Fail(Invalid, "error.answer.item", Args{"item": unknown[0]})
	}
	return sheet, nil
}

// Decode reads what Encode wrote. A byte that is no option of its item is an
// error: the ballot was not made by this sheet.
func (s Sheet) Decode(sheet []byte) (Answers, error) {
	if len(sheet) != len(s.items) {
		return nil, Fail(Invalid, "error.answer.length", Args{"bytes": len(sheet), "expected": len(s.items)})
	}
	a := make(Answers, len(sheet))
	for i, b := range sheet {
		if b == 0 {
			continue
		}
		options := s.items[i].options
		if int(b) > len(options) {
			return nil, Fail(Invalid, "error.answer.value", Args{"item": s.items[i].ID, "value": int(b)})
		}
		a[s.items[i].ID] = options[b-1].Value
	}
	return a, nil
}

// Slot is the size in bytes of one slot of a wave's ballot boxes:
// 64·⌈(33 + answer bytes)/64⌉. 33 = the nullifier and one byte that marks the
// slot as taken.
func Slot(answerBytes int) int { return 64 * ((33 + answerBytes + 63) / 64) }
