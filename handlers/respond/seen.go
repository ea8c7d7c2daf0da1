package respond

import "attune/survey"

// Seen is what a manager will see of a group's answers, told to the people who
// give them. It is worked out from the rules that the wave promised and from
// the group's leaf, so that the words cannot say other than what is done.
type Seen struct {
	K, KC, Counts int    // the fewest answers of a mean, of combined teams, and of counts and spread
	Teams         string // of the group; empty while it is not known
	People        int    // in the group
	Several       bool   // the group is several teams, which are always shown as one
	Small         bool   // the group has fewer people than counts need
	Unknown       string // the key of the sentence while the group is not known
}

// SeenOf works out what is seen of a group: the paths of its teams and the
// number of people in it, as its leaf has them; none where it is not known.
func SeenOf(m survey.Manifest, group []string, people int) Seen {
	s := Seen{K: m.K, KC: m.KC, Counts: survey.CountsMin, Unknown: "seen.group"}
	if len(group) > 0 {
		s.Teams, s.People, s.Several, s.Small = teams(group), people, len(group) > 1, people < s.Counts
	}
	return s
}

// seenTexts are the sentences that a script puts in once it knows the group.
func seenTexts() []string { return []string{"seen_group", "seen_several", "seen_small"} }
