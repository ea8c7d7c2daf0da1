package respond

import (
	"slices"

	"attune/survey"
)

// help is whom somebody can turn to, by how soon: each contact in lines.
type help struct {
	Today, Week, Any []string
}

// imported says whether a wave's contact is one of the imported ones: it is
// then known in more languages and with more than one line.
func imported(contact string, known survey.Help) bool {
	return slices.ContainsFunc(known, func(c survey.NearContact) bool {
		return c.Tier == survey.TierToday && c.Line() == contact
	})
}

// contactOf is the one contact that pages name before anybody has answered:
// the wave's, or the first for today in the reader's language where the wave's
// was taken from the imported ones.
func contactOf(lang string, w survey.OpenWave) string {
	if first, ok := w.Help.Today(lang); ok && imported(w.Contact, w.Help) {
		return first.Line()
	}
	return w.Contact
}

// helpWith writes contacts for a page. own is the contacts that waves name,
// which come first, unless they are imported ones, or ownLast is set: behind
// those of the site of somebody whose site is known.
func (s *server) helpWith(lang string, own []string, ownLast bool, known survey.Help) help {
	var h help
	for _, c := range known.In(lang) {
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
	own = slices.DeleteFunc(own, func(contact string) bool { return contact == "" || imported(contact, known) })
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
	h := s.helpWith(lang, []string{receipt.Contact}, true, receipt.Help)
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
