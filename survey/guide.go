package survey

import (
	"strconv"
	"strings"
)

// Change is a kind of change that a guide explains.
type Change string

// The kinds of change. The first three are verdicts on a trend.
const (
	ChangeBetter          Change = "better"
	ChangeWorse           Change = "worse"
	ChangeWatch           Change = "watch"
	ChangeResponseFalling Change = "response_falling"
	ChangeCannotSay       Change = "cannot_say"
)

// Guide helps a manager with one finding: what it may mean, what to ask the
// team, and what can be changed first, by the organisation before the manager
// and by both before anybody is asked to bear more. It claims no cause, ranks
// nobody and names nobody.
type Guide struct {
	ID    string     `json:"id"`
	About GuideAbout `json:"about"`
	Title Text       `json:"title"`
	// Meaning says what the finding may mean, never what it proves.
	Meaning      Text     `json:"meaning"`
	Ask          []Text   `json:"ask"`          // questions to the team
	Organisation []Text   `json:"organisation"` // what the organisation can change first
	Manager      []Text   `json:"manager"`      // what a manager can do
	Blocks       []string `json:"blocks"`       // blocks of the policy audit that it belongs to, the nearest first
	Sources      []string `json:"sources"`      // ids of the file's sources
	Further      []string `json:"further"`      // ids of guides to read on in, such as those to what the source documents say around a finding

	cited []string // the sources in full, resolved when the file is read
}

// The kinds of suggestions in a guide.
const (
	suggestOrganisation = "organisation"
	suggestManager      = "manager"
)

// Suggestions list the places of everything that a guide suggests to do, what
// the organisation can change first.
func (g *Guide) Suggestions() []string {
	var places []string
	for i := range g.Organisation {
		places = append(places, suggestOrganisation+"-"+strconv.Itoa(i+1))
	}
	for i := range g.Manager {
		places = append(places, suggestManager+"-"+strconv.Itoa(i+1))
	}
	return places
}

// Suggestion reads one of the places that Suggestions lists. ok is false for
// any other.
func (g *Guide) Suggestion(place string) (text Text, ok bool) {
	kind, number, _ := strings.Cut(place, "-")
	list := map[string][]Text{suggestOrganisation: g.Organisation, suggestManager: g.Manager}[kind]
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(list) || strconv.Itoa(n) != number {
		return nil, false
	}
	return list[n-1], true
}

// GuideAbout lists what a guide is for, by id: signs, scales and single items
// of staff packs, kinds of change, and topics of the source documents.
type GuideAbout struct {
	Signs   []string `json:"signs"`
	Scales  []string `json:"scales"`
	Items   []string `json:"items"`
	Changes []Change `json:"changes"`
	Topics  []string `json:"topics"`
}

// Cited lists the guide's sources in full.
func (g *Guide) Cited() []string { return append([]string(nil), g.cited...) }

// Guides are all built-in guides, read and checked once at start. They do not
// change and may be used by many goroutines at once.
type Guides struct {
	all    []*Guide
	byID   map[string]*Guide
	byWhat map[string]*Guide
}

// All lists the guides in the order of their files: changes, scales, signs.
// They are shared: nobody may change them.
func (g *Guides) All() []*Guide { return append([]*Guide(nil), g.all...) }

// Find is the guide with this id. It fails with NotFound when there is none.
func (g *Guides) Find(id string) (*Guide, error) {
	if guide, ok := g.byID[id]; ok {
		return guide, nil
	}
	return nil, Fail(NotFound, "error.guide.unknown", Args{"guide": excerpt(id)})
}

// Sign is the guide to a sign of survival mode; nil when there is none.
func (g *Guides) Sign(id string) *Guide { return g.byWhat["sign "+id] }

// Scale is the guide to a scale of a staff pack; nil when there is none.
func (g *Guides) Scale(id string) *Guide { return g.byWhat["scale "+id] }

// Item is the guide to an item that is published by itself; nil when there is
// none.
func (g *Guides) Item(id string) *Guide { return g.byWhat["item "+id] }

// Change is the guide to a kind of change; nil when there is none.
func (g *Guides) Change(c Change) *Guide { return g.byWhat["change "+string(c)] }

// Block lists the guides that belong to a block of the policy audit, those
// first to which it is nearest.
func (g *Guides) Block(id string) []*Guide {
	var first, further []*Guide
	for _, guide := range g.all {
		for i, block := range guide.Blocks {
			switch {
			case block != id:
			case i == 0:
				first = append(first, guide)
			default:
				further = append(further, guide)
			}
		}
	}
	return append(first, further...)
}

// subjects are the names under which a guide can be looked up.
func (a GuideAbout) subjects() []string {
	var names []string
	add := func(kind string, ids []string) {
		for _, id := range ids {
			names = append(names, kind+" "+id)
		}
	}
	add("sign", a.Signs)
	add("scale", a.Scales)
	add("item", a.Items)
	for _, c := range a.Changes {
		names = append(names, "change "+string(c))
	}
	add("topic", a.Topics)
	return names
}
