package survey

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// MaxLeaderNote is the most characters of a note.
	MaxLeaderNote = 2000
	// MaxLeaderOwner is the most characters of an owner's name.
	MaxLeaderOwner = 120
)

// LeaderAudit is one leader pack as it is answered for one unit at one time.
// The next time is another audit.
type LeaderAudit struct {
	ID        string
	Pack      string // the id and the version of the leader pack
	Version   string
	Unit      UnitID
	Started   time.Time // in whole seconds
	StartedBy string    // the e-mail address of a user
	Finished  time.Time // zero while it is being answered
}

// Open says whether the audit can still be answered.
func (a LeaderAudit) Open() bool { return a.Finished.IsZero() }

// LeaderAnswer is what leaders say about one entry. The zero answer says
// nothing.
type LeaderAnswer struct {
	State  string // the id of a state of the pack; empty: not answered, or answered in words
	Number string // as a decimal number with a point; empty: none
	Note   string // the evidence, or the answer in words
	Owner  string // who sees to it
	Due    string // until when, YYYY-MM-DD
}

// Said says whether the answer counts as one.
func (a LeaderAnswer) Said() bool { return a.State != "" || a.Note != "" }

// LeaderEdit is one answer as it was saved: the history of an entry is the
// list of its edits, and the last one stands.
type LeaderEdit struct {
	Entry string
	LeaderAnswer
	By string // the e-mail address of a user
	At time.Time
}

// CheckLeaderAnswer cleans an answer to an entry and checks it. It fails with
// NotFound for an entry that the pack does not have and with Invalid for what
// cannot be meant, naming the field in the text.
func CheckLeaderAnswer(p *LeaderPack, entry string, a LeaderAnswer) (LeaderAnswer, error) {
	e, _, ok := p.Entry(entry)
	if !ok {
		return LeaderAnswer{}, Fail(NotFound, "error.leader.entry", Args{"entry": excerpt(entry)})
	}
	a.Note, a.Owner, a.Due = strings.TrimSpace(a.Note), strings.Join(strings.Fields(a.Owner), " "), strings.TrimSpace(a.Due)
	a.Number = strings.Replace(strings.TrimSpace(a.Number), ",", ".", 1)
	if e.InWords() {
		a.State, a.Number = "", ""
	} else if _, known := p.State(a.State); !known && (a.State != "" || a.Note+a.Owner+a.Due+a.Number != "") {
		return LeaderAnswer{}, Fail(Invalid, "error.leader.state", nil)
	}
	switch {
	case a.Number != "" && e.Number == nil:
		a.Number = ""
	case a.Number != "" && !plainNumber.MatchString(a.Number):
		return LeaderAnswer{}, Fail(Invalid, "error.leader.number", Args{"value": excerpt(a.Number)})
	case a.Number != "" && (a.Value() < e.Number.Low || a.Value() > e.Number.High):
		return LeaderAnswer{}, Fail(Invalid, "error.leader.number_range", Args{"value": excerpt(a.Number), "low": e.Number.Low, "high": e.Number.High})
	}
	if n := utf8.RuneCountInString(a.Note); n > MaxLeaderNote {
		return LeaderAnswer{}, Fail(Invalid, "error.leader.note_long", Args{"length": n, "limit": MaxLeaderNote})
	}
	if n := utf8.RuneCountInString(a.Owner); n > MaxLeaderOwner {
		return LeaderAnswer{}, Fail(Invalid, "error.leader.owner_long", Args{"length": n, "limit": MaxLeaderOwner})
	}
	if _, err := time.Parse(time.DateOnly, a.Due); a.Due != "" && err != nil {
		return LeaderAnswer{}, Fail(Invalid, "error.leader.due", Args{"value": excerpt(a.Due)})
	}
	return a, nil
}

// Value is the number, 0 where there is none; CheckLeaderAnswer lets plain
// numbers through only.
func (a LeaderAnswer) Value() float64 {
	value, err := strconv.ParseFloat(a.Number, 64)
	if err != nil {
		return 0
	}
	return value
}

// LastAnswers are the answers that stand after these edits, which are in the
// order in which they were made.
func LastAnswers(edits []LeaderEdit) map[string]LeaderAnswer {
	last := make(map[string]LeaderAnswer)
	for _, e := range edits {
		last[e.Entry] = e.LeaderAnswer
	}
	return last
}

// Undone is the answer to an entry before its last edit, as far back as the
// edits go: the zero answer stands before the first. It fails with Conflict
// when there is nothing to take back. Taking back is an edit too, so doing it
// twice gives what was there.
func Undone(edits []LeaderEdit, entry string) (LeaderAnswer, error) {
	var before, last LeaderAnswer
	any := false
	for _, e := range edits {
		if e.Entry == entry {
			before, last, any = last, e.LeaderAnswer, true
		}
	}
	if !any {
		return LeaderAnswer{}, Fail(Conflict, "error.leader.nothing_to_undo", nil)
	}
	return before, nil
}

// LeaderProgress counts the entries of an audit, or of one block of it.
type LeaderProgress struct {
	Entries int // all
	Said    int // with an answer
	InPlace int // with an answer whose standing is in place
}

// Progress counts a pack's entries by block, in the order of the blocks, and
// in all. It adds up no score: no organisation has everything in place, and
// one policy is not worth another.
func Progress(p *LeaderPack, answers map[string]LeaderAnswer) (blocks []LeaderProgress, all LeaderProgress) {
	for _, b := range p.Blocks {
		var block LeaderProgress
		for _, e := range b.Entries {
			a := answers[e.ID]
			block.Entries++
			if a.Said() {
				block.Said++
			}
			if p.Standing(a) == InPlace {
				block.InPlace++
			}
		}
		blocks = append(blocks, block)
		all.Entries += block.Entries
		all.Said += block.Said
		all.InPlace += block.InPlace
	}
	return blocks, all
}

// Standing is what an answer amounts to; empty when it has no state.
func (p *LeaderPack) Standing(a LeaderAnswer) Standing {
	s, _ := p.State(a.State)
	return s.Standing
}

// Moved says how the state of an entry changed from one audit to the next, by
// the order of the pack's states.
type Moved string

// How a state changed.
const (
	MovedUp      Moved = "up"
	MovedDown    Moved = "down"
	MovedNot     Moved = "same"
	MovedUnknown Moved = "unknown" // one of the two has no state
)

// Compare says how an answer changed since the audit before.
func (p *LeaderPack) Compare(before, now LeaderAnswer) Moved {
	was, is := p.rank(before.State), p.rank(now.State)
	switch {
	case was < 0 || is < 0:
		return MovedUnknown
	case is > was:
		return MovedUp
	case is < was:
		return MovedDown
	}
	return MovedNot
}

func (p *LeaderPack) rank(state string) int {
	for i, s := range p.States {
		if s.ID == state {
			return i
		}
	}
	return -1
}

// PreviousAudit is the latest audit of the same pack and unit that was started
// before this one. Audits of another version of the pack count: entries keep
// their ids.
func PreviousAudit(all []LeaderAudit, a LeaderAudit) (LeaderAudit, bool) {
	var found LeaderAudit
	for _, other := range all {
		if other.ID != a.ID && other.Pack == a.Pack && other.Unit == a.Unit && other.Started.Before(a.Started) && !other.Started.Before(found.Started) {
			found = other
		}
	}
	return found, found.ID != ""
}
