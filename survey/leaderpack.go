package survey

// Standing says what a leader's answer amounts to, whatever its words.
type Standing string

// The three standings: nothing there, on its way, kept.
const (
	Absent  Standing = "absent"
	Coming  Standing = "coming"
	InPlace Standing = "in_place"
)

// FeltNowhere stands in an entry's Supports when no scale asks staff about it.
const FeltNowhere = "none"

// LeaderPack is a versioned file of policies or statements that leaders
// answer by name: the policy audit, the reflection on trauma-informed work.
// It has no items, no scores and no way to a ballot; staff packs are another
// type (docs/decisions/leader-packs-of-their-own.md).
type LeaderPack struct {
	ID         string                `json:"id"`
	Version    string                `json:"version"`
	Kind       string                `json:"kind"` // "audit" or "reflection"
	Title      Text                  `json:"title"`
	Languages  []string              `json:"languages"`
	Provenance map[string]Provenance `json:"provenance"` // by language
	Licence    string                `json:"licence"`
	Credit     string                `json:"credit"`
	Citation   []string              `json:"citation"`
	Intro      Text                  `json:"intro"`
	Disclaimer Text                  `json:"disclaimer"`
	States     []LeaderState         `json:"states"`  // from nothing to kept and checked
	Reasons    map[string]Text       `json:"reasons"` // by id: why staff are not asked about an entry
	Blocks     []LeaderBlock         `json:"blocks"`

	SHA256 string `json:"-"` // of the file, hex
}

// LeaderState is one answer that an entry can get. Plain says in one sentence
// what has to be true for it.
type LeaderState struct {
	ID       string   `json:"id"`
	Standing Standing `json:"standing"`
	Label    Text     `json:"label"`
	Plain    Text     `json:"plain"`
}

// LeaderBlock is a group of entries; Source names the part of the document
// that it comes from.
type LeaderBlock struct {
	ID      string        `json:"id"`
	Title   Text          `json:"title"`
	Source  string        `json:"source"`
	Entries []LeaderEntry `json:"entries"`
}

// LeaderEntry is one policy, statement or question.
type LeaderEntry struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // "words" for a question; otherwise the entry gets a state
	Text Text   `json:"text"`
	// Number is what the source document puts a number to; nil otherwise.
	Number *LeaderNumber `json:"number"`
	// Supports is the scale of a staff pack in which the entry should be
	// felt, or FeltNowhere; then Reason names the text that says why.
	Supports  string `json:"supports"`
	Reason    string `json:"reason"`
	Rationale string `json:"rationale"` // which part of the source, and how it was read
}

// InWords says whether the entry is a question that is answered in words.
func (e LeaderEntry) InWords() bool { return e.Kind == "words" }

// LeaderNumber is a number that a leader writes beside an entry.
type LeaderNumber struct {
	Label Text   `json:"label"`
	Unit  Text   `json:"unit"`
	Want  string `json:"want"` // "at_most" or "at_least": on which side of Mark the source document wants it
	// Mark is the source document's number; Low and High are the least and
	// the most that can be meant. All three are in Unit.
	Mark float64 `json:"mark"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Meets says whether a value is on the side of the mark that the source
// document asks for; the mark itself is.
func (n LeaderNumber) Meets(value float64) bool {
	if n.Want == "at_least" {
		return value >= n.Mark
	}
	return value <= n.Mark
}

// State finds an answer.
func (p *LeaderPack) State(id string) (LeaderState, bool) {
	for _, s := range p.States {
		if s.ID == id {
			return s, true
		}
	}
	return LeaderState{}, false
}

// Entry finds an entry and the block that holds it.
func (p *LeaderPack) Entry(id string) (LeaderEntry, LeaderBlock, bool) {
	for _, b := range p.Blocks {
		for _, e := range b.Entries {
			if e.ID == id {
				return e, b, true
			}
		}
	}
	return LeaderEntry{}, LeaderBlock{}, false
}

// Block finds a block.
func (p *LeaderPack) Block(id string) (LeaderBlock, bool) {
	for _, b := range p.Blocks {
		if b.ID == id {
			return b, true
		}
	}
	return LeaderBlock{}, false
}

// Entries counts the entries of all blocks.
func (p *LeaderPack) Entries() int {
	n := 0
	for _, b := range p.Blocks {
		n += len(b.Entries)
	}
	return n
}
