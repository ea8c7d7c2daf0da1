package survey

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Tier says how soon a support contact is there for somebody.
type Tier string

// The tiers, in the order in which people read them.
const (
	TierToday Tier = "today"
	TierWeek  Tier = "week"
	TierAny   Tier = "any" // at any time: what can wait, or can always be opened
)

// Tiers lists all tiers, the most urgent first.
func Tiers() []Tier { return []Tier{TierToday, TierWeek, TierAny} }

// Limits of a contact's texts, in characters. Name, Reach and Hours together
// fit into the contact of a wave.
const (
	MaxContactName  = 100
	MaxContactReach = 200
	MaxContactHours = 100
	MaxContactCall  = 300
)

// Contact is somebody whom respondents can turn to. Each text is one line.
type Contact struct {
	ID        string
	Site      UnitID // everybody in or under it; empty: everywhere
	Tier      Tier
	Language  string // of whoever answers; empty: every language
	Name      string
	Reach     string // telephone, room or address
	Hours     string // may be empty
	WhenICall string // what happens then, in one or two sentences; may be empty
	Order     int    // among contacts of the same tier, site and language, from 1
}

// Line is the contact as the one line that a wave, a poster and a mail carry.
func (c Contact) Line() string {
	line := c.Name + ", " + c.Reach
	if c.Hours != "" {
		line += ", " + c.Hours
	}
	return line
}

// Check says what is wrong with a contact first. Whether its site exists is
// for others to know.
func (c Contact) Check() error {
	var first error
	c.faults(func(_, key string, args Args) {
		if first == nil {
			first = Fail(Invalid, key, args)
		}
	})
	return first
}

// faults tells everything that is wrong, with the column that it stands in.
func (c Contact) faults(tell func(column, key string, args Args)) {
	if !slices.Contains(Tiers(), c.Tier) {
		tell(columnTier, "error.contact.tier", Args{"tier": excerpt(string(c.Tier)), "known": knownTiers()})
	}
	if c.Language != "" && !slices.Contains(PeopleLanguages(), c.Language) {
		tell(columnLanguage, "error.contact.language", Args{"language": excerpt(c.Language), "known": strings.Join(PeopleLanguages(), ", ")})
	}
	for _, text := range []struct {
		column, is string
		most       int
		needed     bool
	}{
		{columnName, c.Name, MaxContactName, true},
		{columnReach, c.Reach, MaxContactReach, true},
		{columnHours, c.Hours, MaxContactHours, false},
		{columnCall, c.WhenICall, MaxContactCall, false},
	} {
		switch {
		case text.needed && strings.TrimSpace(text.is) == "":
			tell(text.column, "error.contact.empty", Args{"column": text.column})
		case strings.ContainsFunc(text.is, unicode.IsControl):
			tell(text.column, "error.contact.line", Args{"column": text.column})
		case utf8.RuneCountInString(text.is) > text.most:
			tell(text.column, "error.contact.long", Args{"column": text.column, "text": excerpt(text.is), "most": text.most})
		}
	}
}

func knownTiers() string {
	var names []string
	for _, tier := range Tiers() {
		names = append(names, string(tier))
	}
	return strings.Join(names, ", ")
}

// NearContact is a contact with how far away its site is.
type NearContact struct {
	Contact
	Steps int // from the unit upward: 0 for the unit's own, everywhere's are the farthest
}

// Help is the contacts that some people have, whatever their language.
type Help []NearContact

// everywhere is farther than any site.
const everywhere = 1 << 20

// HelpFor gives the contacts of the people of some units: those whose site is
// one of the units or lies above one, and those for everywhere. Each line is a
// unit and what lies above it, nearest first; no line gives everywhere's only.
func HelpFor(all []Contact, lines ...[]UnitID) Help {
	var help Help
	for _, c := range all {
		steps := -1
		if c.Site == "" {
			steps = everywhere
		}
		for _, line := range lines {
			if at := slices.Index(line, c.Site); at >= 0 && (steps < 0 || at < steps) {
				steps = at
			}
		}
		if steps >= 0 {
			help = append(help, NearContact{c, steps})
		}
	}
	return help
}

// In gives the contacts for somebody who reads a language, by tier, in each
// the nearest site first, of one site those who speak the language before
// those for every language. Contacts for another language are left out as
// long as their tier has others: somebody to call in another language is
// better than nobody.
func (h Help) In(language string) []Contact {
	near := slices.Clone(h)
	foreign := func(c NearContact) bool { return c.Language != "" && c.Language != language }
	spoken := make(map[Tier]bool)
	for _, c := range near {
		spoken[c.Tier] = spoken[c.Tier] || !foreign(c)
	}
	near = slices.DeleteFunc(near, func(c NearContact) bool { return spoken[c.Tier] && foreign(c) })
	rank := func(c NearContact) int {
		if c.Language == language {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(near, func(a, b NearContact) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Tiers(), a.Tier), slices.Index(Tiers(), b.Tier)),
			cmp.Compare(a.Steps, b.Steps), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Order, b.Order),
		)
	})
	contacts := make([]Contact, len(near))
	for i, c := range near {
		contacts[i] = c.Contact
	}
	return contacts
}

// Today gives the first contact whom everybody of these people can reach
// today; false when there is none, and then no wave may be announced to them
// without a contact of its own. The lines of HelpFor must have been one.
func (h Help) Today(language string) (Contact, bool) {
	contacts := h.In(language)
	if len(contacts) == 0 || contacts[0].Tier != TierToday {
		return Contact{}, false
	}
	return contacts[0], true
}
