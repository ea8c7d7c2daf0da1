package respond

import (
	"slices"

	"attune/survey"
)

// help is whom somebody can turn to, by how soon: each contact in lines.
type help struct {
	Today, Week, Any []string
}

// helpWith writes contacts for a page. own is the contact that a wave names,
// which comes first unless it is one of the contacts or ownLast is set: behind
// those of the site of somebody whose site is known.
func (s *server) helpWith(lang string, own []string, ownLast bool, contacts []survey.Contact) help {
	var h help
	listed := make(map[string]bool)
	for _, c := range contacts {
		listed[c.Line()] = true
		text := c.Name + "\n" + c.Reach
		if c.Hours != "" {
			text += "\n" + s.text(lang, "help.hours", map[string]any{"hours": c.Hours})
		}
		if c.WhenICall != "" {
			text += "\n" + s.text(lang, "help.call", map[string]any{"what": c.WhenICall})
		}
		switch c.Tier {
		case survey.TierToday:
			h.Today = append(h.Today, text)
		case survey.TierWeek:
			h.Week = append(h.Week, text)
		default:
			h.Any = append(h.Any, text)
		}
	}
	own = slices.DeleteFunc(own, func(contact string) bool { return contact == "" || listed[contact] })
	if ownLast {
		h.Today = append(h.Today, own...)
	} else {
		h.Today = append(own, h.Today...)
	}
	return h
}

// helpTier is one tier for a script.
type helpTier struct {
	Title    string   `json:"title"`
	Contacts []string `json:"contacts"`
}

// helpAfter is the contacts of a group's people, once they have answered.
func (s *server) helpAfter(lang string, receipt survey.Receipt) []helpTier {
	h := s.helpWith(lang, []string{receipt.Contact}, true, receipt.Help.In(lang))
	var tiers []helpTier
	for _, tier := range []struct {
		key      string
		contacts []string
	}{{"phone.help.today", h.Today}, {"phone.help.week", h.Week}, {"phone.help.any", h.Any}} {
		if len(tier.contacts) > 0 {
			tiers = append(tiers, helpTier{s.text(lang, tier.key, nil), tier.contacts})
		}
	}
	return tiers
}
